"""Columns of tables: map, replace, apply and counting of distinct values."""

from __future__ import annotations

from dataclasses import replace

from xlint import syntax as cst
from xlint.interpret import calls, containers, creation, expressions, frames, tensors
from xlint.interpret.machine import Machine
from xlint.interpret.store import alternatives
from xlint.interpret.values import (
    Const,
    Function,
    Instance,
    Sym,
    Tensor,
    Value,
    key_of,
    name_of,
)


def recode(machine: Machine, receiver: Value, arguments: calls.Arguments, node: cst.CSTNode) -> Value | None:
    """column.map(dict or function), replace, apply: class codes where the results are small integers."""
    if not arguments.positional:
        return None
    first = arguments.positional[0]
    results: list[Value] = []
    if isinstance(first, Instance) and first.cls == "dict":
        places = codes(machine, first)
        if places is not None:
            column = _column(machine, None, True, receiver, node)
            return replace(column, classes=places.classes, certain=False)
        if containers.is_open(machine, first):
            return Tensor(key=("map", key_of(receiver), first.id))
        results = containers.dict_values(machine, first)
    elif isinstance(first, Function):
        made = calls.call(machine, first, (Sym(("element", key_of(receiver))),), {}, node)
        results = [item for _, item in alternatives(made)]
    elif len(arguments.positional) == 2:
        results = containers.items(machine, arguments.positional[1]) or []
    return _codes(machine, results, receiver, node)


def codes(machine: Machine, value: Instance) -> Tensor | None:
    """What a dict of unknown names holds, where that is the place of each name in a sequence."""
    held = machine.store.get(value.id, "any") if value.cls == "dict" else None
    places = isinstance(held, Tensor) and isinstance(held.key, tuple) and held.key[0] == "enumerate"
    return held if places and not containers.dict_keys(machine, value) else None


def _codes(machine: Machine, results: list[Value], receiver: Value, node: cst.CSTNode) -> Value | None:
    numbers = [item.value for item in results if isinstance(item, Const)]
    if not numbers or len(numbers) != len(results):
        if len(results) == 1 and isinstance(results[0], Sym) and tensors.is_truth(results[0]):
            return _column(machine, 2, True, receiver, node)
        return None
    if not all(isinstance(number, bool | int | float) and number == int(number) for number in numbers):
        return None
    values = {int(number) for number in numbers}
    whole = values == set(range(len(values)))
    return _column(machine, len(values) if whole else None, whole and len(values) > 1, receiver, node)


def _column(machine: Machine, classes: int | None, known: bool, receiver: Value, node: cst.CSTNode) -> Tensor:
    return Tensor(
        shape=(None,),
        encoding="index" if known else None,
        classes=classes,
        dtype="int64",
        origin="labels",
        key=("map", key_of(receiver), id(node)),
        certain=known,
        evidence=(machine.evidence("encoding", node),) if known else (),
    )


def distinct(
    machine: Machine, receiver: Value, arguments: calls.Arguments, node: cst.CSTNode
) -> Value | None:
    """column.nunique(): the number of classes."""
    tensor = tensors.tensor_of(machine, receiver, node)
    if tensor is None:
        return None
    if isinstance(tensor.classes, int):
        return Const(tensor.classes)
    return tensor.classes or Sym(("classes", key_of(receiver)), f"{name_of(receiver)}.nunique()")


def changes_in_place(machine: Machine, receiver: Value, arguments: calls.Arguments) -> bool:
    """Whether a method changes the column that it is called on."""
    column = isinstance(receiver, Tensor) or frames.axes(machine, key_of(receiver)) == 1
    return column and arguments.keywords.get("inplace") == Const(True)


def pop(machine: Machine, receiver: Value, arguments: calls.Arguments, node: cst.CSTNode) -> Value | None:
    """frame.pop(column)."""
    if len(arguments.positional) == 1 and isinstance(arguments.positional[0], Const):
        return containers.get_item(machine, receiver, arguments.positional[0], node)
    return None


def fill(machine: Machine, receiver: Value, arguments: calls.Arguments, node: cst.CSTNode) -> Value | None:
    """tensor.fill_(number) and array.fill(number), written back to the name."""
    if not isinstance(receiver, Tensor) or type(node) is not cst.Call or type(node.func) is not cst.Attribute:
        return None
    number = arguments.positional[0] if arguments.positional else Const(None)
    changed = creation.fill_in_place(
        machine, receiver, number.value if isinstance(number, Const) else None, node
    )
    expressions.mutate(machine, node.func.value, changed)
    return changed


METHODS = {
    "map": recode,
    "replace": recode,
    "apply": recode,
    "applymap": recode,
    "nunique": distinct,
    "pop": pop,
    "fill_": fill,
    "fill": fill,
}
