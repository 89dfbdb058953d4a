"""Which files are worth parsing: by their bytes, before anything costly is imported.

A file passes where it reaches a framework and the words of a site: it, or a module of the project that it
imports. A loss, a metric, a softmax or a step down a loss is a site by itself; an argmax or a threshold is
one only of a model, so that a layer has to be in reach too. The words are made from the API tables and
cannot drift from them.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from xlint import snapshot
from xlint.apis import VALUES
from xlint.project import Project
from xlint.resources import rules_directory

SITE_OPS = ("loss", "metric")
"""Operations that are sites by themselves, as are the activations that give (log-)probabilities."""

DECISION_OPS = ("argmax", "max_pair")
"""Operations that are sites where they meet the output of a model, as are comparisons with a threshold."""

LAYER_OPS = ("units", "recurrent", "pretrained")
"""Operations that give a model's output its width."""

MAX_REACHED = 50
"""Modules of the project that are asked for a file that does not pass by itself, the nearest first."""

BACKWARD = ("backward", "manual_backward", "gradient", "minimize")
"""Methods that descend on a loss, their object or an argument: its call is a site of any name."""
LOSS_STEPS = ("training_step", "validation_step", "shared_step")
"""Methods that give a loss to a library that descends on it."""
DESCENTS = frozenset(name.encode() for name in (*BACKWARD, *LOSS_STEPS, "compute_loss", "train_step"))

PROBABILITIES = ("softmax", "sigmoid", "sparsemax")
LABELS_ONLY = ("numpy", "pandas", "sklearn", "python")
"""Libraries whose tables describe labels only: a site needs another one."""

SITE, DECISION, LAYER = 1, 2, 4

_Found = TypeVar("_Found")
_WORDS_ONLY = bytes(byte if re.match(rb"\w", bytes([byte])) else 32 for byte in range(256))
"""What stands for each byte where only words count."""
_CALLED = re.compile(rb"\b([A-Za-z_]\w++)\s*+\(")
_THRESHOLD = re.compile(rb"[<>]=?\s*0?\.\d")
_COMPILED = re.compile(rb"\.compile\s*\(.{0,200}?\bloss\s*=", re.DOTALL)
"""A model given a loss, of whatever name."""
_RUNS_STRINGS = re.compile(
    rb"\b(?:exec|globals|locals)\s*\(|^from\b.*\bimport\s*\*|^\s*%(?:run|pylab)\b", re.MULTILINE
)
"""What may bind names that do not stand in the file."""
_NOTEBOOK_BREAKS = re.compile(rb'\\+[nrt]|"|[A-Za-z0-9+/=]{1000,}+')
"""Line ends and quotes in the JSON of a notebook, and its images."""
_UNREAD = re.compile(
    rb'("""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\')'
    rb'|#[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'',
    re.DOTALL,
)
_NAME = re.compile(rb"[A-Za-z_]\w*")
_DOTTED = re.compile(rb"[A-Za-z_][\w.]*")
_FORMATTED = re.compile(rb"[fF][rR]?$|[rR][fF]$")
_IMPORT = re.compile(
    rb"^[^\S\n]*(?:from[^\S\n]+(\.*)[^\S\n]*([\w.]*)[^\S\n]+import[^\S\n]+(\([^)]*\)|[^\n]*)"
    rb"|import[^\S\n]+([^\n]+))",
    re.MULTILINE,
)


class Gate:
    """The words of one set of API tables."""

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        """Take what `words_of` gives."""
        self.roots = frozenset(words["roots"])
        self.libraries = frozenset(words["libraries"])
        shortest = [root for root in self.roots if not any(o in root for o in self.roots if o != root)]
        self._root_bytes = [root.encode() for root in shortest]
        roots = "|".join(sorted(map(re.escape, self.roots))).encode()
        self._imports_root = re.compile(rb"\b(?:from|import)[^\S\n][^\n#]*?\b(?:%s)\b" % roots)
        unimported = "|".join(sorted(map(re.escape, words["unimported"]))).encode()
        self._uses_unimported = re.compile(rb"(?<![\w.])(%s)[.(]" % unimported)
        self._sites, self._decisions, self._layers = (
            frozenset(word.encode() for word in words[kind]) for kind in ("sites", "decisions", "layers")
        )
        self._sites |= DESCENTS
        self._all = self._sites | self._decisions | self._layers | {b"compile"}

    def names_framework(self, data: bytes) -> bool:
        """Whether a framework's name stands on a line that may import it."""
        if not any(root in data for root in self._root_bytes):
            return False
        return self._imports_root.search(data) is not None

    def without_imports(self, data: bytes) -> bool:
        """Whether the code uses a framework as if the line that imports it had been cut off."""
        if self._uses_unimported.search(data) is None:
            return False
        code = without_text(data)
        return any(only_used(code, name) for name in set(self._uses_unimported.findall(code)))

    def words(self, data: bytes) -> int:
        """SITE, or which of DECISION and LAYER the code names; comments and long strings do not count."""
        if self._all.isdisjoint(words_in(data)) and _THRESHOLD.search(data) is None:
            return 0
        return self.words_of_code(without_text(data))

    def words_of_code(self, code: bytes) -> int:
        """The same for code in which no comments and long strings are left."""
        if not self._sites.isdisjoint(words_in(code)) or _COMPILED.search(code) is not None:
            return SITE
        called = set(_CALLED.findall(code))
        decides = not called.isdisjoint(self._decisions) or _THRESHOLD.search(code) is not None
        return DECISION * decides | LAYER * (not called.isdisjoint(self._layers))

    def passes(self, data: bytes) -> bool:
        """Whether a file alone leaves room for a site."""
        return (self.names_framework(data) or self.without_imports(data)) and enough(self.words(data))


def words_in(data: bytes) -> list[bytes]:
    """The names, keywords and numbers in some code."""
    return data.translate(_WORDS_ONLY).split()


def enough(words: int) -> bool:
    """Whether these words, taken together, leave room for a site."""
    return bool(words & SITE or (words & DECISION and words & LAYER))


def without_text(data: bytes) -> bytes:
    """Python code without its comments and triple-quoted strings; other strings stay (`loss="mse"`)."""

    def kept(match: re.Match[bytes]) -> bytes:
        found = match.group()
        if match.group(1) is not None:
            formatted = _FORMATTED.search(data, max(0, match.start() - 2), match.start()) is not None
            return found if formatted else b" "
        return b"" if found.startswith(b"#") else found

    return _UNREAD.sub(kept, data)


def only_used(code: bytes, name: bytes) -> bool:
    """Whether a name is only called, or an attribute of it taken, in code without comments and long strings.

    Nothing in the file binds it then, unless by a string of code that is run.
    """
    if _RUNS_STRINGS.search(code) is not None:
        return False
    bound = rb"\b(?:def|class)\s+%s\b|(?<![\w.'\"])%s\b(?!\s*[.(])" % (name, name)
    return re.search(bound, code) is None


class _File:
    """What is known of one file: the bytes are read when they are asked for and not kept."""

    def __init__(self, gate: Gate, path: str, known: dict[str, Any]) -> None:
        self._gate = gate
        self._path = path
        self._known = known
        self.data: bytes | None = None
        self.modules: tuple[str, ...] | None = None

    @property
    def framework(self) -> bool:
        return self._once("framework", self._gate.names_framework)

    @property
    def without_imports(self) -> bool:
        return self._once("without imports", self._gate.without_imports)

    @property
    def words(self) -> int:
        return self._once("words", self._gate.words)

    @property
    def imports(self) -> list[tuple[str, int]]:
        return self._once("imports", lambda data: list(dict.fromkeys(imports_of(data, self._gate.libraries))))

    def _once(self, name: str, find: Callable[[bytes], _Found]) -> _Found:
        if name not in self._known:
            self._known[name] = find(self._read())
        found: _Found = self._known[name]
        return found

    def _read(self) -> bytes:
        data = self.data
        if data is None:
            try:
                with open(self._path, "rb") as file:
                    data = file.read()
            except OSError:
                data = b""
        return _NOTEBOOK_BREAKS.sub(b"\n", data) if self._path.endswith(".ipynb") else data


class Reach:
    """Which files reach the words of a site through the modules of the project; each is looked at once."""

    def __init__(
        self, gate: Gate, project: Project, known_of: Callable[[str], dict[str, Any]] = lambda path: {}
    ) -> None:
        """Take the words, the project that finds modules, and what gives what is known of a file's bytes."""
        self._gate = gate
        self._project = project
        self._known_of = known_of
        self._files: dict[str, _File] = {}

    def may_train(self, path: str, data: bytes) -> bool:
        """Whether a file at the real path `path` with these bytes leaves room for a site."""
        own = self._file(path)
        own.data = data
        try:
            if (own.framework or own.without_imports) and enough(own.words):
                return True
            files = self._reached(path)
            if not any(file.framework for file in files):
                return False
            words = 0
            for file in files:
                words |= file.words
                if enough(words):
                    return True
            return False
        finally:
            own.data = None

    def _file(self, path: str) -> _File:
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = _File(self._gate, path, self._known_of(path))
        return file

    def _reached(self, path: str) -> list[_File]:
        """The file and the modules that it imports, the nearest first, up to MAX_REACHED."""
        reached = {path: self._file(path)}
        level = [path]
        while level and len(reached) < MAX_REACHED:
            modules = [module for file in level for module in self._modules(file)]
            level = list(dict.fromkeys(module for module in modules if module not in reached))
            level = level[: MAX_REACHED - len(reached)]
            reached.update((module, self._file(module)) for module in level)
        return list(reached.values())

    def _modules(self, path: str) -> tuple[str, ...]:
        file = self._file(path)
        if file.modules is None:
            folder = os.path.dirname(path)
            found = [self._project.look_up((name, dots, folder)) for name, dots in file.imports]
            modules = (module for module in found if module and module.endswith(".py"))
            file.modules = tuple(dict.fromkeys(modules))
        return file.modules


def imports_of(data: bytes, libraries: frozenset[str]) -> Iterator[tuple[str, int]]:
    """The modules that import statements name, with their leading dots; not `libraries`, not Python's own."""
    for dots, module, names, modules in _IMPORT.findall(data):
        if modules:
            found = [(_text(name), 0) for name in _DOTTED.findall(modules)]
        else:
            base = _text(module)
            found = [(base, len(dots))] if base else []
            prefix = f"{base}." if base else ""
            found += [(prefix + name, len(dots)) for name in map(_text, _NAME.findall(names))]
        for name, level in found:
            root = name.partition(".")[0]
            if level or (root not in libraries and root not in sys.stdlib_module_names):
                yield name, level


def _text(name: bytes) -> str:
    return name.decode("ascii", "replace")


def gate_for(apis: Iterable[Mapping[str, Any]] = ()) -> Gate:
    """The gate of the shipped tables, and of a project's own on top."""
    extra = tuple(apis)
    if not extra:
        return _shipped()
    from xlint.apis import shipped_toml

    return Gate(words_of([*shipped_toml().values(), *extra]))


@cache
def _shipped() -> Gate:
    def build() -> dict[str, list[str]]:
        from xlint.apis import shipped_toml

        return words_of(shipped_toml().values())

    files = sorted((rules_directory() / "apis").glob("*.toml"))
    return Gate(snapshot.load("gate", [*files, Path(__file__)], build))


def words_of(tables: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The words of parsed API tables.

    `libraries` are the first parts of the names of libraries, `roots` of those that train, `sites`,
    `decisions` and `layers` the names that make a site by themselves, with a model, and what a model is
    made of, `unimported` what scripts call those that train by custom.
    """
    roots: set[str] = set()
    libraries: set[str] = set()
    names: dict[str, set[str]] = {"sites": set(), "decisions": set(), "layers": set()}
    aliases: dict[str, str] = {}
    unimported: dict[str, str] = {}
    for table in tables:
        unimported.update(table.get("unimported", {}).get("names", {}))
        aliases.update(table.get("aliases", {}))
        strings = table.get("strings", {})
        names["sites"].update(strings.get("loss", ()), strings.get("metric", ()))
        activations = strings.get("activation", {}).items()
        names["sites"].update(spelt for spelt, name in activations if _of_interest(name))
        rows = table.get("api", ())
        for row in rows:
            names.get(_kind(row), set()).update(map(_last, row["names"]))
        own = {name.partition(".")[0] for row in rows for name in row["names"]}
        own.update(alias.partition(".")[0] for alias in table.get("aliases", ()))
        libraries |= own - set(VALUES)
        if table.get("framework") not in LABELS_ONLY:
            roots |= own - set(VALUES)
    for words in names.values():
        words.update([_last(alias) for alias, name in aliases.items() if _last(name) in words])
    customary = {name for name, target in unimported.items() if target.partition(".")[0] in roots}
    found = {**names, "roots": roots, "libraries": libraries, "unimported": customary}
    return {kind: sorted(words) for kind, words in found.items()}


def _kind(row: Mapping[str, Any]) -> str:
    """Under which of the words the names of a row go, or ""."""
    op = row["op"]
    if op in SITE_OPS or (op == "activation" and _of_interest(row.get("activation", "softmax"))):
        return "sites"
    if op in DECISION_OPS and row.get("how") not in ("min", "argmin"):
        return "decisions"
    return "layers" if op in LAYER_OPS else ""


def _of_interest(activation: str) -> bool:
    return any(word in activation for word in PROBABILITIES)


def _last(name: str) -> str:
    return name.rpartition(".")[2]
