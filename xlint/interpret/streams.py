"""What makes data sets from data sets: map, flat_map, zip; and one element of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xlint.interpret import calls, containers, datasets
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import Const, Stream, Tuple, Value


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
    "map": _map,
    "flat_map": _flat_map,
    "next": _next,
    "zip": _zip,
}
