"""copy.copy and copy.deepcopy: objects of their own, so that what is written to one leaves the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from xlint import nodes
from xlint import syntax as cst
from xlint.interpret import attributes, builtins, containers
from xlint.interpret.arguments import Arguments
from xlint.interpret.machine import Machine
from xlint.interpret.values import Bound, Choice, ClassValue, Instance, Tuple, Value

Slots = dict[int, list[tuple[str, Any]]]


def deep(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """copy.deepcopy(value)."""
    slots: Slots = {}
    for (owner, name), held in machine.store.data.items():
        slots.setdefault(owner, []).append((name, held))
    result: Value = _deep(machine, builtins.first_argument(arguments, machine, node), slots, {})
    return result


def _deep(machine: Machine, value: Any, slots: Slots, made: dict[int, Instance]) -> Any:
    """A copy of a value and all that it holds; `made` has the objects that are copied already."""
    if isinstance(value, Tuple):
        return Tuple(tuple(_deep(machine, item, slots, made) for item in value.items))
    if isinstance(value, Choice):
        return Choice(
            tuple((guards, _deep(machine, item, slots, made)) for guards, item in value.alternatives)
        )
    if isinstance(value, Bound):
        return replace(value, receiver=_deep(machine, value.receiver, slots, made))
    if not isinstance(value, Instance) or value.cls == "parser":
        return value
    if value.id not in made:
        args = tuple((name, _deep(machine, item, slots, made)) for name, item in value.args)
        made[value.id] = _twin(machine, value, args)
        for name, held in slots.get(value.id, ()):
            machine.store.set(made[value.id].id, name, _deep(machine, held, slots, made))
    return made[value.id]


def _twin(machine: Machine, value: Instance, args: tuple[tuple[str, Value], ...]) -> Instance:
    """A new object of the same kind; a list of unknown items has as many of them."""
    result = Instance(value.cls, machine.new_id(), args, value.mark)
    if machine.loops and value.cls == "list":
        machine.made_in[result.id] = machine.loops
    if value.cls == "list" and containers.items(machine, value) is None:
        machine.store.set(result.id, "count", builtins.length(machine, value, nodes.NOWHERE))
    return result


def shallow(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """copy.copy(value); of a network it shares the layers, and so stands for the network itself."""
    value = machine.store.visible(builtins.first_argument(arguments, machine, node))
    if not isinstance(value, Instance):
        return value  # type: ignore[no-any-return]
    own = isinstance(value.cls, ClassValue) and not attributes.role(value.cls)
    if not own and value.cls not in ("list", "dict", "set"):
        return value
    result = _twin(machine, value, value.args)
    for name, held in machine.store.slots(value.id):
        machine.store.set(result.id, name, held)
    return result


CALLS: dict[str, builtins.Native] = {"copy.deepcopy": deep, "copy.copy": shallow}
