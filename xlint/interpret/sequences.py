"""Lists and tuples put together, repeated, or filled with zeros."""

from __future__ import annotations

import libcst as cst

from xlint.interpret import containers
from xlint.interpret.machine import Machine
from xlint.interpret.values import Const, Instance, Tensor, Tuple, Value


def join_sequences(machine: Machine, name: str, left: Value, right: Value, node: cst.CSTNode) -> Value | None:
    """`list + list`, `tuple + tuple`, `list * n`; None where the operands are no sequences."""
    if name == "Multiply":
        if isinstance(left, Const):
            left, right = right, left
        known = containers.items(machine, left) if is_sequence(left) else None
        if known is None:
            return None
        if (
            isinstance(right, Const)
            and isinstance(right.value, int)
            and len(known) * right.value <= containers.MAX_ITEMS
        ):
            return _sequence(machine, left, known * right.value)
        return machine.new_list(None, element=known[0] if known else None)
    if name != "Add" or not is_sequence(left) or not is_sequence(right):
        return None
    first, second = containers.items(machine, left), containers.items(machine, right)
    if first is not None and second is not None and len(first) + len(second) <= containers.MAX_ITEMS:
        return _sequence(machine, left, first + second)
    example = containers.element(machine, left if first is None else right, node)
    return machine.new_list(None, element=example)


def is_sequence(value: Value) -> bool:
    """Whether a value is a tuple or a list."""
    return isinstance(value, Tuple) or (isinstance(value, Instance) and value.cls == "list")


def _sequence(machine: Machine, like: Value, known: list[Value]) -> Value:
    return Tuple(tuple(known)) if isinstance(like, Tuple) else machine.new_list(known)


def zeros(machine: Machine, base: Instance) -> Tensor | None:
    """A list of zeros as the tensor that np.array makes of it, or None for another list."""
    known = containers.items(machine, base)
    parts = known if known is not None else [machine.store.get(base.id, "element")]
    if base.cls != "list" or not parts:
        return None
    numbers = [part.value for part in parts if isinstance(part, Const) and type(part.value) in (int, float)]
    if len(numbers) < len(parts) or any(numbers):
        return None
    return Tensor(
        shape=(len(parts) if known is not None else None,),
        value=0.0,
        key=("filled", base.id, machine.made_in.get(base.id, 0)),
    )
