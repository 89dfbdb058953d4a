"""Chains of Keras layers between the input and the output of a functional model."""

from __future__ import annotations

from dataclasses import replace

from xlint.apis import Row
from xlint.interpret import saved
from xlint.interpret.arguments import Arguments
from xlint.interpret.machine import Machine
from xlint.interpret.values import Instance, Tensor, Tuple, Value

SLOT = "made by"
MAX_LAYERS = 400


def noted(machine: Machine, layer: Instance, result: Value, arguments: Arguments) -> Value:
    """What a layer of Keras gave, remembering the layer and what went into it."""
    keras = isinstance(layer.cls, Row) and layer.cls.framework == "keras"
    if keras and isinstance(result, Tensor) and arguments.positional:
        if result is arguments.positional[0] or machine.store.get(-id(result), SLOT) is not None:
            result = replace(result)  # a tensor of its own, as of a Dropout
        # The slot holds the tensor itself too, so that its identity stays its own.
        machine.store.set(-id(result), SLOT, Tuple((layer, arguments.positional[0], result)))
    return result


def layers_of(machine: Machine, model: Instance) -> list[Value]:
    """The layers of a functional model in order, each with its input and output; none where it branches."""
    value: Value | None = machine.store.visible(machine.store.get(model.id, "outputs"))
    chain: list[Value] = []
    while isinstance(value, Tensor) and len(chain) < MAX_LAYERS:
        made = machine.store.get(-id(value), SLOT)
        if made is None:
            break
        layer, before, _ = made.items
        chain.append(_between(machine, saved.copied(machine, layer), before, value))
        value = before
    if not chain or not isinstance(value, Tensor) or value.origin != "input":
        return []
    chain.append(_between(machine, machine.instance("input layer"), value, value))
    return chain[::-1]


def _between(machine: Machine, layer: Value, before: Value, after: Value) -> Value:
    assert isinstance(layer, Instance)
    machine.store.set(layer.id, "input", before)
    machine.store.set(layer.id, "output", after)
    return layer
