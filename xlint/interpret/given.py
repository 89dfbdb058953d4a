"""The arguments of a library call, bound to the parameter names of its row."""

from __future__ import annotations

from dataclasses import dataclass

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret.arguments import Arguments, unknown_result
from xlint.interpret.values import Const, Sym, Value
from xlint.sites import Mark


@dataclass(slots=True)
class Given:
    """A call of a library: arguments by parameter name, in the row's own spelling."""

    row: Row
    values: dict[str, Value]
    open: bool
    node: cst.CSTNode
    nodes: dict[str, cst.CSTNode]
    mark: Mark
    rest: tuple[Value, ...] = ()
    positional: int = 0
    """Positional arguments beyond the known parameters."""

    def unknown_result(self) -> Value:
        """What the call gives where that is not known: equal for equal arguments."""
        return unknown_result(Sym(("api", self.row.name)), Arguments(tuple(self.values.values())))

    def get(self, name: str | None) -> Value | None:
        """The argument of that name, its default from the row, or a symbol where the call is open."""
        if not name:
            return None
        value = self.values.get(name)
        if value is not None:
            return value
        if self.open:
            return Sym(("argument", id(self.node), name), name)
        if name in self.row.defaults:
            return Const(self.row.defaults[name])
        return None

    def of(self, key: str) -> Value | None:
        """The argument of the parameter that the row names under `key` (as in `units = "out_features"`)."""
        name = self.row.get(key)
        return self.get(name) if isinstance(name, str) else None

    def first(self) -> Value | None:
        """The argument that holds the tensor or data."""
        name = self.row.input or (self.row.params[0] if self.row.params else "")
        value = self.get(name) if name else None
        if value is None and self.rest:
            return self.rest[0]
        return value

    def constant(self, name: str | None, default: object = None) -> object:
        """The Python value of a constant argument, or the default."""
        value = self.get(name)
        return value.value if isinstance(value, Const) else default


def bind(
    row: Row, arguments: Arguments, node: cst.CSTNode, mark: Mark, params: tuple[str, ...] | None = None
) -> Given:
    """Bind arguments to the parameters of a row (or the given ones)."""
    names = (_older(row, arguments) or row.params) if params is None else params
    values: dict[str, Value] = {}
    nodes: dict[str, cst.CSTNode] = {}
    for position, value in enumerate(arguments.positional[: len(names)]):
        values[names[position]] = value
        if position in arguments.nodes:
            nodes[names[position]] = arguments.nodes[position]
    for key, value in arguments.keywords.items():
        name = row.rename.get(key, key)
        values[name] = value
        if key in arguments.nodes:
            nodes[name] = arguments.nodes[key]
    return Given(
        row,
        values,
        arguments.open,
        node,
        nodes,
        mark,
        arguments.positional[len(names) :],
        len(arguments.positional),
    )


def _older(row: Row, arguments: Arguments) -> tuple[str, ...]:
    """The parameters of an earlier release, where a number, or an argument given by name too, shows them."""
    if "older_params" not in row.data or len(arguments.positional) < 2:
        return ()
    second = arguments.positional[1]
    number = isinstance(second, Const) and type(second.value) is int
    return tuple(row.get("older_params")) if number or row.params[1] in arguments.keywords else ()
