"""Which file a module name means: the neighbours of a script and the packages of its project."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xlint.discovery import shown_path

if TYPE_CHECKING:
    from xlint.source import Source

LEVELS_UP = 4
"""How many folders are searched for what a script imports; those of packages do not count."""
PROJECT_ROOTS = (".git", "pyproject.toml", "setup.py", "setup.cfg")

KEPT_CHARACTERS = 1_000_000
"""Text whose trees are kept for the next file that imports it; a tree takes about 60 bytes a character."""

Lookup = tuple[str, int, str]
"""Module name, leading dots and folder of the importer."""


class Project:
    """Finds and reads modules. A module is parsed when it is asked for, and kept as long as there is room."""

    def __init__(self, roots: Sequence[tuple[str, str]] = (), folder: str | None = None) -> None:
        """Take the roots of the scan (see `roots_of`) and the folder that relative paths start from."""
        self.sources: dict[str, Source] = {}
        self.lookups: dict[Lookup, str | None] = {}
        """The module look-ups since `forget_uses`, with the file found, or None."""
        self.reads: set[str] = set()
        """The real paths of the files read since `forget_uses`."""
        self._roots = tuple(roots)
        self._folder = folder or os.getcwd()
        self._real: dict[str, str] = {}
        self._found: dict[Lookup, str | None] = {}
        self._kinds: dict[str, int] = {}
        self._names: dict[str, frozenset[str]] = {}

    def forget_uses(self) -> None:
        """Start a new list of what is looked up and read."""
        self.lookups, self.reads = {}, set()

    def add(self, source: Source, path: str) -> None:
        """Make a source known under its real path."""
        real = self._realpath(path)
        self._real[source.path] = real
        self._keep(real, source)

    def source(self, path: str, display: str | None = None, data: bytes | None = None) -> Source:
        """The source at a path; `data` are its bytes where they have been read. Raises SourceError."""
        real = self._realpath(path)
        self.reads.add(real)
        found = self.sources.get(real)
        if found is None:
            from xlint.source import Source

            shown = display or self.display(real)
            found = Source.read(real, shown) if data is None else Source.from_bytes(shown, data)
            self._real[found.path] = real
        self._keep(real, found)
        return found

    def module(self, path: str) -> Source | None:
        """The source of a module, or None where it cannot be read."""
        from xlint.source import SourceError

        try:
            return self.source(path)
        except SourceError:
            return None

    def display(self, real: str) -> str:
        """A real path as the reports of this scan show it."""
        for root, shown in self._roots:
            if real == root:
                return shown
            if real.startswith(root.rstrip(os.sep) + os.sep):
                inner = real[len(root) + 1 :].replace(os.sep, "/")
                return inner if shown == "." else f"{shown.rstrip('/')}/{inner}"
        relative = os.path.relpath(real, self._folder)
        return real if relative.startswith("..") else relative

    def locate(self, name: str, importer: str, level: int) -> str | None:
        """The file of module `name` as imported from the file `importer`; `level` counts leading dots."""
        real = self._real.get(importer) or self._realpath(importer)
        lookup = (name, level, os.path.dirname(real))
        found = self.lookups[lookup] = self.look_up(lookup)
        return found

    def look_up(self, lookup: Lookup) -> str | None:
        """The file that a look-up finds; each is done once."""
        if lookup not in self._found:
            self._found[lookup] = self._look_up(*lookup)
        return self._found[lookup]

    def _look_up(self, name: str, level: int, folder: str) -> str | None:
        parts = [part for part in name.split(".") if part]
        if level:
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            return self._file(folder, parts)
        roots, levels = [], LEVELS_UP
        while levels:
            names = self._listing(folder)
            levels -= "__init__.py" not in names
            if self._is_package(folder, parts):
                roots.append(folder)
            if not parts or parts[0] in names or f"{parts[0]}.py" in names:
                path = self._file(folder, parts)
                if path is not None:
                    return path
            if "src" in names:
                path = self._file(os.path.join(folder, "src"), parts)
                if path is not None:
                    return path
            parent = os.path.dirname(folder)
            if parent == folder or not names.isdisjoint(PROJECT_ROOTS):
                break
            folder = parent
        inside = (self._file(root, parts[1:]) for root in roots)
        return next((path for path in inside if path is not None and path.endswith(".py")), None)

    def _is_package(self, folder: str, parts: list[str]) -> bool:
        """Whether a folder may be the package that a module name begins with, though it is checked out
        under another name: a package that lies in none and has no name of its own to be imported by.
        """
        names, own = self._listing(folder), os.path.basename(folder)
        if len(parts) < 2 or "__init__.py" not in names:
            return False
        if "__init__.py" in self._listing(os.path.dirname(folder)):
            return False
        return own == parts[0] or not own.isidentifier() or not names.isdisjoint(PROJECT_ROOTS)

    def _file(self, folder: str, parts: list[str]) -> str | None:
        base = os.path.join(folder, *parts)
        if parts and self._kind(base + ".py") == FILE:
            return base + ".py"
        if self._kind(base) != FOLDER:
            return None
        inner = os.path.join(base, "__init__.py")
        if self._kind(inner) == FILE:
            return inner
        return base if parts else None

    def _kind(self, path: str) -> int:
        """FILE, FOLDER or 0. Folders are listed once, since most look-ups are for what is not there."""
        kind = self._kinds.get(path)
        if kind is None:
            folder, name = os.path.split(path)
            there = not name or name in self._listing(folder)
            kind = 0 if not there else FOLDER if os.path.isdir(path) else FILE
            self._kinds[path] = kind
        return kind

    def _listing(self, folder: str) -> frozenset[str]:
        names = self._names.get(folder)
        if names is None:
            try:
                names = frozenset(os.listdir(folder))
            except OSError:
                names = frozenset()
            self._names[folder] = names
        return names

    def _realpath(self, path: str) -> str:
        return os.path.realpath(os.path.join(self._folder, path))

    def _keep(self, real: str, source: Source) -> None:
        """Note the use of a source, and drop those unused for the longest time if there are too many."""
        self.sources.pop(real, None)
        self.sources[real] = source
        if len(self.sources) % 8 == 0:
            kept = sum(len(known.text) for known in self.sources.values())
            for old in list(self.sources):
                if kept <= KEPT_CHARACTERS or old == real:
                    break
                kept -= len(self.sources.pop(old).text)


FILE, FOLDER = 1, 2


def roots_of(paths: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The real path of each path to scan with the form in which reports show it."""
    return tuple((os.path.realpath(path), shown_path(path)) for path in paths)
