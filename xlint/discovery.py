"""Finds the files to read: explicit files, and `.py` and `.ipynb` files in folders that git does not ignore.

The patterns follow git's documentation of gitignore: the last match decides, `!` takes back, a slash inside
anchors, a slash at the end means folders only, `**` spans folders, and what is in an ignored folder stays so.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from xlint.sites import Problem

SUFFIXES = (".py", ".ipynb")

DEFAULT_EXCLUDES = (
    *(".bzr", ".eggs", ".git", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pytest_cache"),
    *(".ruff_cache", ".svn", ".tox", ".venv", ".vscode", ".xlint_cache", "__pycache__", "__pypackages__"),
    *("_build", "build", "dist", "node_modules", "site-packages", "venv"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read: `path` opens it, `display` is for reports, `explicit` if the user named the file."""

    path: str
    display: str
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    """One pattern; `anchored` ones match the path below the folder of their file, others any name."""

    regex: re.Pattern[str]
    negated: bool
    folders_only: bool
    anchored: bool


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The rules of one file; paths below `base` (which ends in a slash) are matched relative to it."""

    base: str
    rules: tuple[_Rule, ...]


def discover(
    paths: Sequence[str], *, exclude: Sequence[str] = DEFAULT_EXCLUDES, force_exclude: bool = False
) -> Iterator[Found | Problem]:
    """Yield the files of `paths` in stable order, and a Problem for each path that cannot be found or listed.

    Folders are searched for `.py` and `.ipynb` files in sorted order, without those that `exclude` (gitignore
    patterns against the path from the current folder) or the `.gitignore` files and `.git/info/exclude` of
    their repository name. Files named explicitly are always taken, whatever their suffix, unless
    `force_exclude` applies the same patterns to them. A file reached twice is yielded once, and a folder that
    links lead back to is searched once.
    """
    search = _Search(exclude, force_exclude)
    for path in paths:
        yield from search.start(path)


class _Search:
    """The state of one call of `discover`."""

    def __init__(self, exclude: Sequence[str], force_exclude: bool) -> None:
        here = _slashed(os.getcwd())
        self._excludes = _Patterns(here, _compile("\n".join(exclude)))
        self._force_exclude = force_exclude
        # Real paths, so that links lead to each folder and file once.
        self._folders: set[str] = set()
        self._files: set[str] = set()

    def start(self, path: str) -> Iterator[Found | Problem]:
        """One path that the user named."""
        display = shown_path(path)
        if not os.path.exists(path):
            dangling = os.path.lexists(path)
            yield Problem(display, "is a link to nothing" if dangling else "no such file or folder")
            return
        full = os.path.realpath(path)
        is_folder = os.path.isdir(full)
        if self._force_exclude and self._is_excluded(full, is_folder):
            return
        if is_folder:
            shown = "" if display == "." else display.rstrip("/") + "/"
            yield from self._folder(full, shown, _patterns_above(full))
        elif full not in self._files:
            self._files.add(full)
            yield Found(path, display, True)

    def _folder(self, top: str, display: str, above: tuple[_Patterns, ...]) -> Iterator[Found | Problem]:
        # The next folder last; a folder's own files come before those of its subfolders.
        stack = [(_slashed(top), display, above)]
        while stack:
            folder, shown, patterns = stack.pop()
            if folder in self._folders:
                continue
            self._folders.add(folder)
            try:
                with os.scandir(folder) as scan:
                    entries = sorted(scan, key=lambda entry: entry.name)
            except OSError as error:
                yield Problem(shown.rstrip("/") or ".", f"cannot be listed: {error.strerror or error}")
                continue
            names = {entry.name for entry in entries}
            if ".git" in names:
                # A repository of its own: the ignore files outside do not reach into it.
                patterns = _read_patterns(folder + ".git/info/exclude", folder)
            if ".gitignore" in names:
                patterns += _read_patterns(folder + ".gitignore", folder)
            inner: list[tuple[str, str, tuple[_Patterns, ...]]] = []
            for entry in entries:
                name = entry.name
                is_folder = _is_folder(entry)
                if not is_folder and not (name.endswith(SUFFIXES) and _is_file(entry)):
                    continue
                full = folder + name
                if _ignored(full, name, is_folder, (*patterns, self._excludes)):
                    continue
                if entry.is_symlink():
                    full = os.path.realpath(full)
                if is_folder:
                    inner.append((_slashed(full), shown + name + "/", patterns))
                elif full not in self._files:
                    self._files.add(full)
                    yield Found(shown + name, shown + name)
            stack.extend(reversed(inner))

    def _is_excluded(self, full: str, is_folder: bool) -> bool:
        """Whether the path or a folder above it, below the repository or current folder, is excluded."""
        patterns = (*_patterns_above(full), self._excludes)
        bases = [group.base for group in patterns if full.startswith(group.base)]
        top = min(bases, key=len, default=_slashed(os.path.dirname(full)))
        current = top
        parts = full[len(top) :].split("/")
        for number, part in enumerate(parts):
            current += part
            if _ignored(current, part, is_folder or number < len(parts) - 1, patterns):
                return True
            current += "/"
        return False


def _patterns_above(full: str) -> tuple[_Patterns, ...]:
    """The rules of the ignore files from the repository's root down to the path's parent folder."""
    root = full
    while not os.path.exists(os.path.join(root, ".git")):
        parent = os.path.dirname(root)
        if parent == root:
            return ()
        root = parent
    if root == full:
        return ()
    patterns = _read_patterns(_slashed(root) + ".git/info/exclude", _slashed(root))
    folder = root
    for part in os.path.relpath(full, root).split(os.sep):
        patterns += _read_patterns(_slashed(folder) + ".gitignore", _slashed(folder))
        folder = os.path.join(folder, part)
    return patterns


def _slashed(path: str) -> str:
    """The path with forward slashes and one at its end."""
    return path.replace(os.sep, "/").rstrip("/") + "/"


def shown_path(path: str) -> str:
    """A path as reports show it: relative to the current folder where it is below it."""
    full = os.path.abspath(path)
    here = os.getcwd()
    if full == here:
        return "."
    if full.startswith(here.rstrip(os.sep) + os.sep):
        return os.path.relpath(full, here).replace(os.sep, "/")
    return path.replace(os.sep, "/")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _ignored(full: str, name: str, is_folder: bool, groups: Sequence[_Patterns]) -> bool:
    """Whether the innermost pattern that matches ignores the path (the last group is asked first)."""
    for group in reversed(groups):
        below = full.startswith(group.base)
        for rule in reversed(group.rules):
            if rule.folders_only and not is_folder:
                continue
            if rule.anchored and not below:
                continue
            if rule.regex.fullmatch(full[len(group.base) :] if rule.anchored else name):
                if rule.negated:
                    break
                return True
        else:
            continue
        if group is not groups[-1]:
            return False
    return False


def _read_patterns(path: str, base: str) -> tuple[_Patterns, ...]:
    """The rules of an ignore file, or nothing where there is none or it cannot be read."""
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            rules = _compile(file.read())
    except OSError:
        return ()
    return (_Patterns(base, rules),) if rules else ()


@lru_cache(maxsize=256)
def _compile(text: str) -> tuple[_Rule, ...]:
    """The rules of an ignore file's text, in order; lines that are no pattern are passed over."""
    rules = []
    for line in text.splitlines():
        rule = _rule(line)
        if rule is not None:
            rules.append(rule)
    return tuple(rules)


def _rule(line: str) -> _Rule | None:
    pattern = re.sub(r"(?<!\\)\s+$", "", line)
    if not pattern or pattern.startswith("#"):
        return None
    negated = pattern.startswith("!")
    pattern = pattern[1:] if negated else pattern
    folders_only = pattern.endswith("/")
    pattern = pattern.rstrip("/")
    anchored = "/" in pattern
    pattern = pattern.removeprefix("/")
    if not pattern:
        return None
    if pattern.startswith("**/") and "/" not in pattern[3:]:
        pattern, anchored = pattern[3:], False
    try:
        return _Rule(re.compile(_translate(pattern), re.DOTALL), negated, folders_only, anchored)
    except re.error:
        return None


def _translate(pattern: str) -> str:
    """A gitignore pattern as a regular expression for the whole path."""
    result = []
    position = 0
    while position < len(pattern):
        rest = pattern[position:]
        if rest.startswith("**/") and (position == 0 or pattern[position - 1] == "/"):
            result.append("(?:[^/]+/)*")
            position += 3
        elif rest == "**" and pattern[position - 1 : position] == "/":
            result.append(".+")
            position += 2
        elif rest[0] == "*":
            result.append("[^/]*")
            position += len(rest) - len(rest.lstrip("*"))
        elif rest[0] == "?":
            result.append("[^/]")
            position += 1
        elif rest[0] == "[" and (found := re.match(r"\[([!^]?)(\]?[^\]]*)\]", rest)):
            inside = found[2].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
            result.append(f"(?!/)[{'^' if found[1] else ''}{inside}]")
            position += found.end()
        elif rest[0] == "\\" and len(rest) > 1:
            result.append(re.escape(rest[1]))
            position += 2
        else:
            result.append(re.escape(rest[0]))
            position += 1
    return "".join(result)
