"""The states of recurrent layers behind the last step."""

from __future__ import annotations

from dataclasses import replace

from xlint.interpret import fewer_axes
from xlint.interpret.given import Given
from xlint.interpret.values import Const, Dim, Sym, Tensor, Tuple, Value, dim_of


def directions(given: Given) -> int | None:
    """2 for a layer that reads both ways, 1 for one that does not; None where that is not known."""
    both = given.of("bidirectional")
    if both is None:
        return 1
    return (2 if both.value else 1) if isinstance(both, Const) else None


def number(value: Value | None) -> Dim:
    """A written number, or None."""
    size = dim_of(value)
    return size if isinstance(size, int) else None


def times(size: Dim, count: int | None) -> Dim:
    """A size so many times; a symbol stays itself once."""
    if count == 1:
        return size
    return size * count if isinstance(size, int) and count is not None else None


def states(given: Given, value: Value | None, steps: Tensor, units: Dim, hidden: Dim) -> Value:
    """The last state of each layer and direction, (layers, N, hidden) or (layers, hidden); and cells."""
    if given.row.get("states") is None:
        return Sym(("state", id(given.node)))
    layers = given.get("num_layers")
    count = 1 if layers is None and not given.open else dim_of(layers)
    first = times(count, directions(given))
    state = _state(given, value, steps, units, first, "state")
    if given.row.get("states") == 1:
        return state
    cells = replace(_state(given, value, steps, hidden, first, "cells"), quantity=None, activation=None)
    return Tuple((state, cells))


def _state(given: Given, value: Value | None, steps: Tensor, units: Dim, first: Dim, name: str) -> Tensor:
    made = replace(steps, width=units, class_axis=-1)
    if isinstance(value, Tuple):  # packed sequences are always several
        return replace(made, shape=(first, None, units))
    shape = value.shape if isinstance(value, Tensor) else None
    if shape is None or len(shape) not in (2, 3):
        return fewer_axes.perhaps_fewer(made, 3, first, (name, id(given.node)))
    if len(shape) == 2:
        return replace(made, shape=(first, units))
    before = given.get("batch_first")
    if before is not None and not isinstance(before, Const):
        return replace(made, shape=(first, None, units))
    ahead = before is not None and bool(before.value)
    return replace(made, shape=(first, shape[0 if ahead else 1], units))
