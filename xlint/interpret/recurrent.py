"""Recurrent layers: what their activation makes of the output, and both directions put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xlint import syntax as cst
from xlint.interpret import activations, last_states
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import NONE, Api, Const, Dim, Instance, Sym, Tensor, Tuple, Value, dim_of

GATED = ("tanh", "relu", "sigmoid")
"""Activations that keep their name behind a gate: numbers in -1..1, above 0 and in 0..1 are so when they are
multiplied by numbers in 0..1 or averaged. What others give there is no score, and no distribution."""


def recurrent(machine: Machine, given: Given, value: Value | None) -> Value:
    """A recurrent layer: its last step, or all steps, and its state where that is asked for."""
    hidden, projected = dim_of(given.of("units")), given.of("projected")
    straight = projected in (None, NONE, Const(0))
    units = hidden if straight else last_states.number(projected)
    steps = _steps(machine, given, value, units)
    made = _activated(machine, given, steps) if straight else _unknown_quantity(steps)
    if given.row.get("returns") == "pair":
        if not isinstance(made, Tensor):
            return Tuple((made, Sym(("state", id(given.node)))))
        states = last_states.states(given, value, made, units, hidden)
        if isinstance(value, Tuple) and len(value.items) == 2:
            return Tuple((Tuple((replace(made, shape=(None, made.width)), value.items[1])), states))
        return Tuple((made, states))
    state = given.get(given.row.get("pair_param"))
    if isinstance(state, Const) and state.value:
        return Tuple((made, Tensor(), Tensor()))
    return made


def _steps(machine: Machine, given: Given, value: Value | None, units: Dim) -> Tensor:
    """The layer's output before its activation."""
    width = last_states.times(units, last_states.directions(given))
    sequences = given.of("sequences")
    whole = isinstance(sequences, Const) and bool(sequences.value)
    pair = given.row.get("returns") == "pair"
    one = (None, width) if isinstance(sequences, Const) else None
    return Tensor(
        shape=(*_axes_before(value, pair), width) if whole or pair else one,
        width=width,
        class_axis=-1,
        quantity="logits",
        activation="none",
        origin="model",
        evidence=(
            machine.evidence("width", given.mark),
            machine.evidence("activation", given.mark, "no activation"),
        ),
    )


def _axes_before(value: Value | None, pair: bool) -> tuple[Dim, ...]:
    """The axes in front of the units where each step is given back: (N, L), and (L) without a batch."""
    shape = value.shape if isinstance(value, Tensor) else None
    if shape is not None and (len(shape) == 3 or (pair and len(shape) == 2)):
        return shape[:-1]
    return (None, None)


def _activated(machine: Machine, given: Given, made: Tensor) -> Value:
    """Behind the activation: its result is the output, or goes through a gate (`gated`) to get there."""
    activation = given.of("activation") if given.row.get("activation") else Const("tanh")
    name = _name(machine, activation)
    if name == "tanh" or (given.row.get("gated") and name in GATED):
        evidence = (*made.evidence[:1], machine.evidence("activation", given.mark, name))
        quantity = activations.quantity_after(name)
        return replace(made, quantity=quantity, activation=name, evidence=evidence)
    if given.row.get("gated"):
        return _unknown_quantity(made)
    return activations.apply_value(machine, made, activation, given.node, given.row.framework, given.mark)


def _name(machine: Machine, activation: Value | None) -> str:
    """The name of an activation that is given by name or as a library's function; else empty."""
    if isinstance(activation, Const) and isinstance(activation.value, str):
        return machine.tables.strings["activation"].get(activation.value, "")
    row = activation.row if isinstance(activation, Api) else None
    return str(row.get("activation")) if row is not None and row.op == "activation" else ""


def _unknown_quantity(value: Tensor) -> Tensor:
    kept = tuple(item for item in value.evidence if item.fact != "activation")
    return replace(value, quantity=None, activation=None, fresh=False, encoding=None, evidence=kept)


KEPT_BY = {
    "concat": ("none", "tanh", "relu", "sigmoid"),
    "ave": ("none", "tanh", "relu", "sigmoid", "softmax"),
    "sum": ("none", "relu"),
    "mul": ("tanh", "relu", "sigmoid"),
}
"""The activations behind which two outputs, put together so, are still of their kind: two sigmoids multiplied
lie in 0..1, added they do not; and only the mean of two distributions is one."""


def both_directions(machine: Machine, layer: Instance, result: Tensor, node: cst.CSTNode) -> Value:
    """What Bidirectional makes of its layer's output forwards and backwards."""
    merge = layer.argument("merge_mode") or Const("concat")
    if merge == NONE:
        return Tuple((result, result))
    mode = merge.value if isinstance(merge, Const) else None
    if mode not in KEPT_BY:
        return _unknown_quantity(replace(result, width=None, shape=None))
    if result.activation not in KEPT_BY[mode]:
        result = _unknown_quantity(result)
    if mode != "concat":
        return replace(result, fresh=False)
    if not isinstance(result.width, int):
        return replace(result, width=None, shape=None)
    shape = (*result.shape[:-1], result.width * 2) if result.shape else None
    return replace(result, width=result.width * 2, shape=shape)


OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {"recurrent": recurrent}
