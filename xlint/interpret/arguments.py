"""The arguments of a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xlint import syntax as cst
from xlint.interpret.values import Choice, Sym, Value, key_of, name_of


@dataclass(slots=True)
class Arguments:
    """The arguments of one call; `open` where an unknown `*` or `**` may hold more of them."""

    positional: tuple[Value, ...] = ()
    keywords: dict[str, Value] = field(default_factory=dict)
    open: bool = False
    stars: list[Value] = field(default_factory=list)
    """What unknown stars were spread from, and those of whose items the number is unknown."""
    tail: list[Value] = field(default_factory=list)
    """Positional arguments behind an unknown star."""
    nodes: dict[int | str, cst.CSTNode] = field(default_factory=dict)
    spread: tuple[int, Choice] | None = None
    """Where a star stands whose items depend on branches, and the tuple that each branch makes."""
    named: Choice | None = None
    """The dicts behind two stars, where they depend on branches."""

    def with_spread(self, items: Sequence[Value]) -> Arguments:
        """The arguments in the branch that made these items."""
        assert self.spread is not None
        place = self.spread[0]
        positional = (*self.positional[:place], *items, *self.positional[place:])
        return Arguments(positional, self.keywords, self.open, self.stars, self.tail)

    def values(self) -> list[Value]:
        """All argument values."""
        return [*self.positional, *self.keywords.values()]

    def without_first(self) -> Arguments:
        """The arguments behind the first positional one."""
        nodes: dict[int | str, cst.CSTNode] = {}
        for key, node in self.nodes.items():
            if key != 0:
                nodes[key - 1 if isinstance(key, int) else key] = node
        return Arguments(self.positional[1:], self.keywords, self.open, nodes=nodes)


def unknown_result(callee: Value, arguments: Arguments) -> Value:
    """What an unknown callable gives: equal for equal arguments."""
    keys = tuple(key_of(value) for value in arguments.values())
    shown = name_of(callee)
    inside = ", ".join(name_of(value) for value in arguments.values())
    return Sym(("call", key_of(callee), keys), f"{shown}({inside})" if shown and len(inside) < 40 else "")
