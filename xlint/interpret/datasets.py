"""Data: data sets, batches, columns of tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xlint import nodes
from xlint import syntax as cst
from xlint.interpret import (
    attributes,
    calls,
    containers,
    frames,
    label_rows,
    literals,
    selection,
    tables,
    tensors,
)
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.store import join
from xlint.interpret.values import (
    NONE,
    Bound,
    Choice,
    ClassValue,
    Const,
    Instance,
    Stream,
    Sym,
    Tensor,
    Tuple,
    Value,
    key_of,
)


def prefixes(receiver: Value) -> tuple[str, ...]:
    """Which method rows apply to a value."""
    texts = ("frame.str",) if frames.is_texts(receiver) else ()
    return ("dataset",) if isinstance(receiver, Stream) else (*texts, "tensor", "frame")


def is_dataset(value: Value) -> bool:
    """Whether a value is a stream of samples."""
    return isinstance(value, Stream)


def stream_attribute(machine: Machine, stream: Stream, name: str, node: cst.CSTNode) -> Value:
    """An attribute of a data set: its class names, its data set, what it says of itself, else a method."""
    for key, value in stream.attributes:
        if key == name:
            return value
    if name in ("dataset", "data", "output_types"):
        return stream
    return Bound(stream, name)


def with_attribute(machine: Machine, stream: Stream, name: str, value: Value) -> Stream:
    """A data set after `stream.name = value`: labels that its samples get are those of the new value."""
    before = dict(stream.attributes).get(name)
    element = stream.element
    if name == "dataset" and isinstance(value, Stream):
        element = batch_of(machine, value.element) if stream.batched else value.element
    elif before is not None and isinstance(element, Tuple):
        old, new = row_of(machine, before), row_of(machine, value)
        element = Tuple(tuple(new if item == old else item for item in element.items))
    others = tuple((key, item) for key, item in stream.attributes if key != name)
    return replace(stream, element=element, attributes=((name, value), *others))


def _dataset(machine: Machine, given: Given, value: Value | None) -> Value:
    parts: Value
    structure = given.row.get("structure")
    if structure in ("unknown", "generator"):
        element: Value = Sym(("element", ("dataset", id(given.node))))
        if structure == "generator" and value is not None:
            element = containers.element(machine, calls.call(machine, value, (), {}, given.node), given.node)
        return Stream(element, False, ("dataset", id(given.node)))
    if structure == "some" and value is not None:
        return _some_of(machine, given, value)
    if structure == "arguments":
        items = [item for name, item in given.values.items() if name in given.row.params] + list(given.rest)
        parts = Tuple(tuple(items)) if not given.open or items else machine.unknown(given.node)
    else:
        parts = value if value is not None else machine.unknown(given.node)
    if given.row.get("returns_batches"):
        return Stream(parts, True, ("dataset", id(given.node)))
    return Stream(row_of(machine, parts), False, ("dataset", id(given.node)), (("tensors", parts),))


def row_of(machine: Machine, value: Value) -> Value:
    """One sample of nested arrays."""
    if isinstance(value, Tensor):
        return tensors.row(value)
    if isinstance(value, Tuple):
        return Tuple(tuple(row_of(machine, item) for item in value.items))
    if isinstance(value, Instance) and value.cls in ("list",):
        made = tensors.tensor_of(machine, value)
        return tensors.row(made) if made is not None else machine.unknown(nodes.NOWHERE)
    if isinstance(value, Instance) and value.cls == "dict":
        return _map_dict(machine, value, lambda item: row_of(machine, item))
    if isinstance(value, Choice):
        return join([(guards, row_of(machine, item)) for guards, item in value.alternatives])
    if isinstance(value, Sym):
        return Sym(("element", value.key), value.name)
    return value


def batch_of(machine: Machine, value: Value) -> Value:
    """Nested samples with a batch axis in front, as default collation makes it."""
    if isinstance(value, Tensor):
        shape = None if value.shape is None else (None, *value.shape)
        axis = value.class_axis
        moved = axis + 1 if axis is not None and axis >= 0 else axis
        plain = value.origin == "" and value.encoding is None and value.value is None
        origin = "sample" if plain else value.origin
        value = label_rows.of_each_sample(value)
        return replace(value, shape=shape, class_axis=moved, value=None, origin=origin)
    if isinstance(value, Const) and isinstance(value.value, bool | int | float):
        kind = "float64" if isinstance(value.value, float) else "int64"
        return Tensor(shape=(None,), dtype=kind)
    if isinstance(value, Sym) and value.whole:
        return Tensor(shape=(None,), dtype="int64", key=value.key, name=value.name)
    if isinstance(value, Sym) and (rank := frames.axes(machine, value.key)) is not None:
        return Tensor(shape=(None,) * (rank + 1), key=value.key, name=value.name)
    if isinstance(value, Tuple):
        return Tuple(tuple(batch_of(machine, item) for item in value.items))
    if isinstance(value, Instance) and value.cls == "list":
        items = containers.items(machine, value)
        return value if items is None else machine.new_list([batch_of(machine, item) for item in items])
    if isinstance(value, Instance) and value.cls == "dict":
        return _map_dict(machine, value, lambda item: batch_of(machine, item))
    chosen = literals.one_of(machine, value, None)
    if chosen is not None:
        return replace(chosen, shape=(None,))
    if isinstance(value, Choice):
        return join([(guards, batch_of(machine, item)) for guards, item in value.alternatives])
    return value


def _map_dict(machine: Machine, value: Instance, change: Callable[[Value], Value]) -> Value:
    result = machine.instance("dict")
    for key in containers.dict_keys(machine, value):
        containers.set_item(machine, result, key, change(containers.dict_get(machine, value, key) or NONE))
    return result


def _batch(machine: Machine, given: Given, value: Value | None) -> Value:
    if value is None:
        return machine.unknown(given.node)
    return machine.each(value, lambda item: _batched(machine, given, item))


def _batched(machine: Machine, given: Given, value: Value) -> Value:
    key = ("batches", key_of(value))
    collate = given.of("collate_param")
    if isinstance(value, Stream) and value.batched and given.row.name.startswith("dataset."):
        return replace(value, key=key)
    element = sample_of(machine, value, given.node)
    if collate is not None and not _none(collate):
        samples = machine.new_list(None, element=element)
        return Stream(
            calls.call(machine, collate, (samples,), {}, given.node), True, key, (("dataset", value),)
        )
    size = given.get("batch_size")
    unbatched = isinstance(size, Const) and size.value is None and "batch_size" in given.values
    made = element if unbatched else batch_of(machine, element)
    return Stream(made, True, key, (("dataset", value),))


def _collate(machine: Machine, given: Given, value: Value | None) -> Value:
    """A list of samples as a batch."""
    if value is None:
        return machine.unknown(given.node)
    return batch_of(machine, containers.element(machine, value, given.node))


def is_dict(value: Value) -> bool:
    """Whether a value is a dict."""
    return isinstance(value, Instance) and value.cls == "dict"


def _none(value: Value) -> bool:
    return isinstance(value, Const) and value.value is None


def sample_of(machine: Machine, value: Value, node: cst.CSTNode) -> Value:
    """One sample of a data set object."""
    if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
        for name in ("__getitem__", "__iter__"):
            method = attributes.find_method(machine, value, name)
            if method is not None:
                arguments = (Tensor(shape=(), key=("index", value.id)),) if name == "__getitem__" else ()
                result = calls.call(machine, Bound(value, method), arguments, {}, node)
                return containers.element(machine, result, node) if name == "__iter__" else result
    return containers.element(machine, value, node)


def _some_of(machine: Machine, given: Given, value: Value) -> Value:
    """A data set of which the samples in some places are taken, or those that a predicate lets pass."""
    by_places = given.row.get("places_param") is not None
    if by_places and not selection.perhaps_by_value(machine, given.of("places_param")):
        return value
    if not isinstance(value, Stream):
        return value
    return replace(value, element=selection.samples_of_some(value.element))


def _read_frame(machine: Machine, given: Given, value: Value | None) -> Value:
    table = Sym(frames.key_of_table(given), "")
    again = machine.store.get(attributes.symbol_slot(table), "read") is not None
    machine.store.set(attributes.symbol_slot(table), "read", NONE)
    return tables.copied(machine, table) if again else table


def _frame(machine: Machine, given: Given, value: Value | None) -> Value:
    if isinstance(value, Instance) and value.cls == "dict":
        plain = given.row.short_name == "DataFrame" and "orient" not in given.values
        known = plain and not containers.is_open(machine, value)
        pairs = zip(containers.dict_keys(machine, value), containers.dict_values(machine, value), strict=True)
        written = {key.value: item for key, item in pairs if isinstance(key, Const)}
        return tables.made(machine, written if known else {}, given.node)
    if tables.is_table(value):
        return tables.copied(machine, value)
    return tensors.tensor_of(machine, value, given.node) or machine.unknown(given.node)


OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {
    "dataset": _dataset,
    "batch": _batch,
    "collate": _collate,
    "read_frame": _read_frame,
    "frame": _frame,
}
