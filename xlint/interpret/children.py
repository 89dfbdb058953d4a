"""The children of nn.Sequential under their names: numbers, unless a dict or add_module names them.

A layer set as an attribute takes the place of the child of that name, or comes behind the others
(`torch.nn.Module.__setattr__` and `Sequential.forward`, torch 2.13).
"""

from __future__ import annotations

from collections.abc import Sequence

from xlint.apis import Row
from xlint.interpret import attributes, containers, inherited, sequences
from xlint.interpret.machine import Machine
from xlint.interpret.store import alternatives
from xlint.interpret.values import NONE, Const, Instance, Tuple, Value

SLOT = "names of children"


def note(machine: Machine, target: Instance, names: Sequence[Value]) -> None:
    """Name the first children; the others have their places as names."""
    machine.store.set(target.id, SLOT, Tuple(tuple(names)))


def forget(machine: Machine, target: Instance) -> None:
    """After some were taken away it is unknown which name is whose."""
    machine.store.set(target.id, SLOT, NONE)


def note_added(machine: Machine, target: Instance, name: Value) -> None:
    """`add_module(name, layer)`, before the layer comes behind the others."""
    known = _names(machine, target, len(containers.items(machine, target) or ()))
    note(machine, target, [*known, name]) if known is not None else None


def _names(machine: Machine, target: Instance, count: int) -> list[Value] | None:
    """The names of `count` children, or None where they are not known."""
    named = machine.store.visible(machine.store.get(target.id, SLOT))
    if named is not None and not isinstance(named, Tuple):
        return None
    first = list(named.items) if named is not None else []
    return [*first, *(Const(str(place)) for place in range(len(first), count))]


def get(machine: Machine, target: Instance, name: str) -> Value | None:
    """The child of that name, or None."""
    items = containers.items(machine, target)
    names = None if items is None else _names(machine, target, len(items))
    if items is None or names is None or Const(name) not in names[: len(items)]:
        return None
    return items[names.index(Const(name))]


def written(machine: Machine, target: Instance, name: str, value: Value) -> None:
    """`sequential.name = layer`."""
    if not _is_sequential(machine, target) or not all(map(_is_layer, [v for _, v in alternatives(value)])):
        return
    items = containers.items(machine, target)
    names = None if items is None else _names(machine, target, len(items))
    if items is None or names is None or sequences.SEVERAL in items:
        machine.store.set(target.id, "items", Tuple((sequences.SEVERAL,)))
        return
    if Const(name) in names:
        items[names.index(Const(name))] = value
    else:
        note(machine, target, [*names, Const(name)])
        items.append(value)
    machine.store.set(target.id, "items", Tuple(tuple(items)))


def _is_sequential(machine: Machine, target: Instance) -> bool:
    if machine.store.get(target.id, "items") is None or isinstance(target.cls, str):
        return False
    row = target.cls if isinstance(target.cls, Row) else inherited.base_row(target.cls)
    return row is not None and row.op == "sequential" and row.framework == "torch"


def _is_layer(value: Value) -> bool:
    """Whether a value is a module of PyTorch for sure."""
    if not isinstance(value, Instance) or isinstance(value.cls, str):
        return False
    if isinstance(value.cls, Row):
        return value.cls.framework == "torch"
    return attributes.role(value.cls) in ("torch_module", "lightning_module")
