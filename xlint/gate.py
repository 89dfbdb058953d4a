"""Which files are worth parsing: by their bytes, before anything costly is imported.

A file passes where it reaches a framework and the words of a site: it, or a module of the project that it
imports. A loss, a metric or a softmax is a site by itself; an argmax or a threshold is one only of a model,
so that a layer has to be in reach too. The words are made from the API tables and cannot drift from them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from xlint import snapshot
from xlint.project import Project
from xlint.resources import rules_directory

SITE_OPS = ("loss", "metric")
"""Operations that are sites by themselves, as are the activations that give (log-)probabilities."""

DECISION_OPS = ("argmax", "max_pair")
"""Operations that are sites where they meet the output of a model, as are comparisons with a threshold."""

LAYER_OPS = ("units", "recurrent", "pretrained")
"""Operations that give a model's output its width."""

MAX_IMPORT_DEPTH = 4
PROBABILITIES = ("softmax", "sigmoid", "sparsemax")
LABELS_ONLY = ("numpy", "pandas", "sklearn")
"""Libraries whose tables describe labels only: a site needs another one."""

FRAMEWORK, SITE, DECISION, LAYER = 1, 2, 4, 8

VALUES = ("tensor", "dataset", "frame")
"""First parts of rows that describe methods of values, not libraries."""

_WORD = re.compile(rb"[A-Za-z_]\w+")
_CALLED = re.compile(rb"\b([A-Za-z_]\w++)\s*+\(")
_THRESHOLD = re.compile(rb"[<>]=?\s*0?\.\d")
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
    rb"^[^\S\n]*(?:from[^\S\n]+(\.*)[^\S\n]*([\w.]*)[^\S\n]+import[^\S\n]+(\([^)]*\)|[^\n]*)|import[^\S\n]+([^\n]+))",
    re.MULTILINE,
)


class Gate:
    """The words of one set of API tables."""

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        """Take what `words_of` gives."""
        self.roots = frozenset(words["roots"])
        roots = "|".join(sorted(map(re.escape, self.roots))).encode()
        self._imports_root = re.compile(rb"\b(?:from|import)[^\S\n][^\n#]*?\b(?:%s)\b" % roots)
        self._sites, self._decisions, self._layers = (
            frozenset(word.encode() for word in words[kind]) for kind in ("sites", "decisions", "layers")
        )
        self._all = self._sites | self._decisions | self._layers

    def names_framework(self, data: bytes) -> bool:
        """Whether a framework's name stands on a line that may import it."""
        return self._imports_root.search(data) is not None

    def traces(self, data: bytes) -> int:
        """What of FRAMEWORK, SITE, DECISION and LAYER the code names, comments and long strings left out."""
        found = FRAMEWORK if self.names_framework(data) else 0
        words = set(_WORD.findall(data))
        if words.isdisjoint(self._all) and _THRESHOLD.search(data) is None:
            return found
        code = without_text(data)
        called = set(_CALLED.findall(code))
        if not self._sites.isdisjoint(_WORD.findall(code)):
            found |= SITE
        if not called.isdisjoint(self._decisions) or _THRESHOLD.search(code) is not None:
            found |= DECISION
        return found if called.isdisjoint(self._layers) else found | LAYER


def enough(traces: int) -> bool:
    """Whether files with these traces, taken together, leave room for a site."""
    decided = traces & DECISION and traces & LAYER
    return bool(traces & FRAMEWORK and (traces & SITE or decided))


def without_text(data: bytes) -> bytes:
    """Python code without its comments and triple-quoted strings; other strings stay (`loss="mse"`)."""

    def kept(match: re.Match[bytes]) -> bytes:
        found = match.group()
        if match.group(1) is not None:
            formatted = _FORMATTED.search(data, max(0, match.start() - 2), match.start()) is not None
            return found if formatted else b" "
        return b"" if found.startswith(b"#") else found

    return _UNREAD.sub(kept, data)


class Reach:
    """Which files reach the words of a site through the modules of the project; each file is read once."""

    def __init__(self, gate: Gate, project: Project) -> None:
        """Take the words, and the project that finds modules."""
        self._gate = gate
        self._project = project
        self._modules: dict[str, tuple[str, ...]] = {}
        self._seen: dict[str, tuple[int, tuple[tuple[str, int], ...]]] = {}

    def may_train(self, path: str, data: bytes) -> bool:
        """Whether a file at the real path `path` with these bytes leaves room for a site."""
        self._seen[path] = self._look(path, data)
        traces = self._seen[path][0]
        reached, level = {path}, [path]
        for _ in range(MAX_IMPORT_DEPTH):
            if enough(traces):
                return True
            level = [module for file in level for module in self._imported(file) if module not in reached]
            reached.update(level)
            for module in level:
                traces |= self._of(module)[0]
        return enough(traces)

    def _imported(self, path: str) -> tuple[str, ...]:
        modules = self._modules.get(path)
        if modules is None:
            folder = os.path.dirname(path)
            found = [self._project.look_up((name, level, folder)) for name, level in self._of(path)[1]]
            modules = tuple(dict.fromkeys(module for module in found if module and module.endswith(".py")))
            self._modules[path] = modules
        return modules

    def _of(self, path: str) -> tuple[int, tuple[tuple[str, int], ...]]:
        known = self._seen.get(path)
        if known is None:
            try:
                with open(path, "rb") as file:
                    known = self._look(path, file.read())
            except OSError:
                known = (0, ())
            self._seen[path] = known
        return known

    def _look(self, path: str, data: bytes) -> tuple[int, tuple[tuple[str, int], ...]]:
        if path.endswith(".ipynb"):
            data = _NOTEBOOK_BREAKS.sub(b"\n", data)
        traces = self._gate.traces(data)
        return traces, () if enough(traces) else tuple(dict.fromkeys(imports_of(data, self._gate.roots)))


def imports_of(data: bytes, libraries: frozenset[str]) -> Iterator[tuple[str, int]]:
    """The modules that import statements name, with their leading dots; without the libraries'."""
    for dots, module, names, modules in _IMPORT.findall(data):
        if modules:
            found = [(_text(name), 0) for name in _DOTTED.findall(modules)]
        else:
            base = _text(module)
            found = [(base, len(dots))] if base else []
            prefix = f"{base}." if base else ""
            found += [(prefix + name, len(dots)) for name in map(_text, _NAME.findall(names))]
        for name, level in found:
            if level or name.partition(".")[0] not in libraries:
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

    `roots` are the first parts of the names of libraries that train, `sites`, `decisions` and `layers` the
    names that make a site by themselves, with a model, and what a model is made of.
    """
    roots: set[str] = set()
    names: dict[str, set[str]] = {"sites": set(), "decisions": set(), "layers": set()}
    aliases: dict[str, str] = {}
    for table in tables:
        aliases.update(table.get("aliases", {}))
        strings = table.get("strings", {})
        names["sites"].update(strings.get("loss", ()), strings.get("metric", ()))
        activations = strings.get("activation", {}).items()
        names["sites"].update(spelt for spelt, name in activations if _of_interest(name))
        rows = table.get("api", ())
        for row in rows:
            names.get(_kind(row), set()).update(map(_last, row["names"]))
        if table.get("framework") not in LABELS_ONLY:
            roots.update(name.partition(".")[0] for row in rows for name in row["names"])
            roots.update(alias.partition(".")[0] for alias in table.get("aliases", ()))
    for words in names.values():
        words.update([_last(alias) for alias, name in aliases.items() if _last(name) in words])
    return {kind: sorted(words) for kind, words in {**names, "roots": roots - set(VALUES)}.items()}


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
