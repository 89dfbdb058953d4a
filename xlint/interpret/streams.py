"""What makes data sets from data sets: split, map, flat_map, zip; and one element of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xlint import syntax as cst
from xlint.interpret import calls, containers, datasets, tables, tensors
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import NONE, Const, Instance, Stream, Tensor, Tuple, Value


def _split(machine: Machine, given: Given, value: Value | None) -> Value:
    """random_split: as many parts as there are lengths; train_test_split: two parts of each array."""
    if given.row.get("parts"):
        lengths = given.of("parts")
        items = containers.items(machine, lengths) if lengths is not None else None
        return (
            machine.new_list([value or NONE] * len(items))
            if items is not None and value is not None
            else machine.new_list(None, element=value)
        )
    arrays = list(given.rest) if not given.row.params else [v for v in (value, *given.rest) if v is not None]
    result: list[Value] = []
    for place, item in enumerate(arrays):
        again = next((i for i, other in enumerate(arrays[:place]) if other is item), None)
        if again is not None:  # the same rows of the same array
            result.extend(result[2 * again : 2 * again + 2])
        elif tables.is_table(item):
            result.extend((tables.copied(machine, item), tables.copied(machine, item)))
        else:
            result.extend((_part(machine, item, given.node),) * 2)
    return machine.new_list(result)


def _part(machine: Machine, array: Value, node: cst.CSTNode) -> Value:
    """Some rows of an array."""
    if isinstance(array, Instance) and array.cls == "list":
        array = tensors.tensor_of(machine, array, node) or array
    if isinstance(array, Tensor) and array.shape:
        return replace(array, shape=(None, *array.shape[1:]))
    return array


def _map(machine: Machine, given: Given, value: Value | None) -> Value:
    function = given.of("function")
    if not isinstance(value, Stream) or function is None:
        return machine.unknown(given.node)
    element = value.element
    items = containers.items(machine, element) if not isinstance(element, Const) else None
    arguments = tuple(items) if items is not None and not datasets.is_dict(element) else (element,)
    made = calls.call(machine, function, arguments, {}, given.node)
    return replace(value, element=made, key=("map", value.key, id(given.node)))


def _flat_map(machine: Machine, given: Given, value: Value | None) -> Value:
    function = given.of("function")
    if not isinstance(value, Stream) or function is None:
        return machine.unknown(given.node)
    made = calls.call(machine, function, (value.element,), {}, given.node)
    return replace(made, key=("map", value.key, id(given.node))) if isinstance(made, Stream) else made


def _next(machine: Machine, given: Given, value: Value | None) -> Value:
    return machine.unknown(given.node) if value is None else containers.element(machine, value, given.node)


def _zip(machine: Machine, given: Given, value: Value | None) -> Value:
    items = containers.items(machine, value) if value is not None else None
    if items is None or given.rest:
        items = [item for item in (value, *given.rest) if item is not None]
    streams = [item for item in items if isinstance(item, Stream)]
    if len(streams) != len(items) or not streams:
        return machine.unknown(given.node)
    return Stream(Tuple(tuple(s.element for s in streams)), streams[0].batched, ("zip", id(given.node)))


OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {
    "split": _split,
    "map": _map,
    "flat_map": _flat_map,
    "next": _next,
    "zip": _zip,
}
