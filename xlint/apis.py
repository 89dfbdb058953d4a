"""The API tables: rules/apis/*.toml as rows by canonical qualified name.

Nothing else in xlint knows a framework's names; see rules/apis/README.md for the format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from xlint import snapshot
from xlint.resources import rules_directory

COMMON_KEYS = {"names", "op", "class", "params", "rename", "input", "defaults", "call_params"}


class TableError(Exception):
    """An API table that cannot be used; the message names the file and the row."""


VALUES = ("tensor", "dataset", "frame")
"""First parts of rows that describe methods of values; a module of the project may be called so."""

REGRESSION = ("mse", "mae", "regression")
"""Families of losses that ask neither for a class axis nor for an encoding."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """What calling one name does. `data` holds the keys of its op."""

    name: str
    op: str
    framework: str
    is_class: bool
    params: tuple[str, ...]
    call_params: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    input: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    def get(self, key: str, default: Any = None) -> Any:
        """A key of the op, or the default."""
        return self.data.get(key, default)

    @property
    def short_name(self) -> str:
        """The last part of the name, as people call it."""
        return self.name.rpartition(".")[2]


def _inner(name: str) -> Iterator[str]:
    """The shorter names that a dotted name begins with, the longest first."""
    while name := name.rpartition(".")[0]:
        yield name


class Tables:
    """All rows, aliases and string spellings."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._rows: dict[str, Row] = {}
        self.aliases: dict[str, str] = {}
        self._walked: dict[str, str] = {}
        self.strings: dict[str, dict[str, str]] = {"activation": {}, "loss": {}, "metric": {}}
        self.unimported: dict[str, str] = {}
        """Names that scripts give modules by custom."""
        self.unimported_from: list[str] = []
        """Modules from which scripts import single names."""
        self.roots: set[str] = set()
        self._canonical: dict[str, str] = {}

    def add(self, table: Mapping[str, Any], origin: str) -> None:
        """Take in one parsed TOML table; raises TableError when a row lacks its names or op."""
        framework = table.get("framework", "")
        self.aliases.update(table.get("aliases", {}))
        pasted = table.get("unimported", {})
        self.unimported.update(pasted.get("names", {}))
        self.unimported_from.extend(pasted.get("members_of", ()))
        for kind, spellings in table.get("strings", {}).items():
            self.strings.setdefault(kind, {}).update(spellings)
        for entry in table.get("api", ()):
            if "op" not in entry or not entry.get("names"):
                raise TableError(f"{origin}: an [[api]] table needs `names` and `op`")
            for name in entry["names"]:
                self._entries[name] = (framework, entry)
                self._rows.pop(name, None)
                self.roots.add(name.partition(".")[0])
        self.roots.difference_update(VALUES)
        self.roots.update(alias.partition(".")[0] for alias in self.aliases)
        self._canonical.clear()
        self._walked.clear()

    def canonical(self, name: str) -> str:
        """The canonical spelling of a qualified name."""
        known = self._canonical.get(name)
        if known is None:
            known = self._rewrite(name)
            self._canonical[name] = known
        return known

    def _rewrite(self, name: str) -> str:
        for _ in range(6):
            if name in self._entries:
                return name
            changed = self._replace_prefix(name)
            if changed is None or changed == name:
                return name
            name = changed
        return name

    def _replace_prefix(self, name: str) -> str | None:
        self._walked = self._walked or self._walk()
        for prefix in (name, *_inner(name)):
            target = self._walked.get(prefix)
            if target is not None:
                return target + name[len(prefix) :]
        return None

    def _walk(self) -> dict[str, str]:
        """The aliases, also as a script comes to them part by part, when a shorter one has been replaced."""
        walked = dict(self.aliases)
        real = {*self._entries, *(name.rpartition(".")[0] for name in self._entries)}
        for alias, target in self.aliases.items():
            for prefix in _inner(alias):
                spelling = self.aliases.get(prefix, prefix) + alias[len(prefix) :]
                if spelling != target and spelling not in real:
                    walked.setdefault(spelling, target)
        return walked

    @property
    def rows(self) -> Mapping[str, Row]:
        """All rows by name; making them all costs more than looking up the few that a script uses."""
        return {name: self._made(name) for name in self._entries}

    def loss_named(self, spelling: str) -> Row | None:
        """The row of the loss that a string in `compile` means, or None."""
        name = self.strings["loss"].get(spelling)
        return None if name is None else self.row(self.canonical(name))

    def keras_metric(self, metric: str) -> Row | None:
        """The row of the Keras class that computes a metric, as strings in `compile` mean it."""
        for name, (_, entry) in self._entries.items():
            if entry.get("metric") == metric and entry.get("class") and name.startswith("keras.metrics."):
                return self.row(name)
        return None

    def row(self, name: str) -> Row | None:
        """The row of a canonical name, or None."""
        return self._made(name) if name in self._entries else None

    def _made(self, name: str) -> Row:
        row = self._rows.get(name)
        if row is None:
            row = self._rows[name] = _row(name, *self._entries[name])
        return row

    def knows_root(self, name: str) -> bool:
        """Whether the first part of a dotted name belongs to a library of the tables."""
        return name.partition(".")[0] in self.roots


def _row(name: str, framework: str, entry: Mapping[str, Any]) -> Row:
    return Row(
        name=name,
        op=entry["op"],
        framework=framework,
        is_class=entry.get("class", False),
        params=tuple(entry.get("params", ())),
        call_params=tuple(entry.get("call_params", ())),
        rename=entry.get("rename", {}),
        input=entry.get("input", ""),
        defaults=entry.get("defaults", {}),
        data={key: value for key, value in entry.items() if key not in COMMON_KEYS},
    )


def read_tables(extra: Iterable[Mapping[str, Any]] = ()) -> Tables:
    """The shipped tables, and those of a project's configuration on top."""
    tables = Tables()
    for name, table in shipped_toml().items():
        tables.add(table, name)
    for table in extra:
        tables.add(table, "[tool.xlint.apis]")
    return tables


@cache
def shipped_tables() -> Tables:
    """The shipped tables, read once per process."""
    return read_tables()


@cache
def shipped_toml() -> Mapping[str, Mapping[str, Any]]:
    """The shipped files as parsed TOML by name, from a snapshot where there is one. Raises TableError."""
    files = sorted((rules_directory() / "apis").glob("*.toml"))
    parsed: Mapping[str, Mapping[str, Any]] = snapshot.load(
        "apis", files, lambda: {path.name: _parse(path) for path in files}
    )
    return parsed


def _parse(path: Path) -> Mapping[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise TableError(f"{path.name}: {error}") from error
