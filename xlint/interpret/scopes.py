"""Modules, scopes and frames: where names live and where a call returns to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from xlint.interpret.values import Guards, Value
from xlint.source import Source


@dataclass(slots=True, eq=False)
class Scope:
    """A namespace; its names are slots of the store under `id`. `kind`: module, function or class."""

    id: int
    parent: Scope | None
    module: Module
    kind: str = "function"
    outside: set[str] = field(default_factory=set)
    """Names declared global or nonlocal here."""
    captured: bool = False
    """Whether a function or class was made here that outlives the call."""

    def chain(self) -> Iterator[Scope]:
        """The scopes in which a name is looked up, innermost first; class bodies only from inside."""
        yield self
        outer = self.parent
        while outer is not None:
            if outer.kind != "class":
                yield outer
            outer = outer.parent


@dataclass(slots=True, eq=False)
class Module:
    """A module of the project. `state`: "new", "running" or "done"."""

    name: str
    source: Source
    scope: Scope | None = None
    state: str = "new"
    stars: list[Value] = field(default_factory=list)
    """What was star-imported, in order."""
    unimported: dict[str, Value | None] = field(default_factory=dict)
    """What names mean that are bound nowhere, or None for those that are."""


@dataclass(slots=True, eq=False)
class Frame:
    """One call: what it returns and yields, and how deep store and path were when it began."""

    name: str
    path_depth: int
    journal_depth: int
    exits: list[tuple[Guards, dict[Any, Any] | None, Value]] = field(default_factory=list)
    raised: list[tuple[Guards, dict[Any, Any] | None, Value]] = field(default_factory=list)
    """Ways out of the handlers of exceptions, which count where there is no other."""
    only_raised: bool = False
    """Whether what follows is reached behind an exception only."""
    yields: list[Value] = field(default_factory=list)
    node: Any = None
    owner: Any = None
    instance: Value | None = None
    scope: Scope | None = None
