"""Data: loaders with their contracts, data sets, batches, columns of tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import libcst as cst

from xlint.interpret import attributes, calls, containers, frames, literals, tables, tensors
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.store import join
from xlint.interpret.values import (
    NONE,
    Bound,
    Choice,
    ClassValue,
    Const,
    Dim,
    Instance,
    Stream,
    Sym,
    Tensor,
    Tuple,
    Value,
    dim_of,
    key_of,
)

MODE_NAMES: dict[object, str] = {None: "none", True: "true", False: "false"}
"""How the tables call the modes of a loader that are no strings."""


def prefixes(receiver: Value) -> tuple[str, ...]:
    """Which method rows apply to a value."""
    texts = ("frame.str",) if frames.is_texts(receiver) else ()
    return ("dataset",) if isinstance(receiver, Stream) else (*texts, "tensor", "frame")


def is_dataset(value: Value) -> bool:
    """Whether a value is a stream of samples."""
    return isinstance(value, Stream)


def _described(
    machine: Machine,
    given: Given,
    facts: dict[str, Any],
    classes: Dim,
    certain: bool,
    key: object,
    origin: str,
) -> Tensor:
    """A tensor from the `x = {…}` or `y = {…}` of a loader's row."""
    shape: tuple[Dim, ...] | None = None
    count = facts.get("classes", classes)
    if "shape" in facts:
        shape = tuple(count if d == "K" else (d if isinstance(d, int) else None) for d in facts["shape"])
    encoding = facts.get("encoding")
    if encoding == "binary" and not isinstance(count, int):
        count, certain = 2, False
    wide = encoding in ("one-hot", "multi-hot")
    width = shape[-1] if wide and shape else None
    return Tensor(
        shape=shape,
        width=width,
        class_axis=-1 if width is not None else None,
        encoding=encoding,
        classes=count if encoding in ("index", "one-hot", "binary", "multi-hot") else None,
        certain="classes" in facts or certain,
        dtype=facts.get("dtype"),
        origin=origin if encoding is not None or origin == "features" else "",
        key=(origin, key),
        evidence=(machine.evidence("encoding", given.node),) if encoding is not None else (),
    )


def _labels_of(machine: Machine, given: Given) -> tuple[Tensor | None, Dim]:
    """The labels that a loader hands out under its arguments, and their number of classes."""
    row = given.row
    facts = dict(row.get("y", {}))
    mode = row.get("mode_param")
    if mode:
        value = given.get(mode)
        chosen: object = (
            row.get("mode_default") if value is None else value.value if isinstance(value, Const) else ...
        )
        if chosen is ... and not isinstance(value, Const):
            facts = facts if row.get("mode_default") is None else {}
        else:
            named = chosen if isinstance(chosen, str) else MODE_NAMES.get(chosen, str(chosen))
            facts = dict(row.get("modes", {}).get(named, facts))
            if named == "none":
                return None, None
    classes: Dim = None
    certain = False
    parameter = row.get("classes_param")
    if parameter:
        value = given.get(parameter)
        items = containers.items(machine, value) if value is not None else None
        if items is not None:
            classes, certain = len(items), True
        elif value is None or (isinstance(value, Const) and value.value is None):
            classes = row.get("classes_default")
            certain = classes is not None
        else:
            classes = dim_of(value)
            certain = isinstance(classes, int)
    if classes is None and row.get("multiple"):
        classes = Sym(("classes", key_of(given.first()), row.name), "class_names")
    label = _described(
        machine, given, facts, facts.get("classes", classes), certain, id(given.node), "labels"
    )
    transform = given.get(row.get("target_transform"))
    if transform is not None and not _is_none(given, "target_transform"):
        made = calls.call(machine, transform, (label,), {}, given.node)
        return tensors.tensor_of(machine, made, given.node) or Tensor(), None
    return label, facts.get("classes", classes)


def _is_none(given: Given, key: str) -> bool:
    value = given.get(given.row.get(key))
    return value is None or (isinstance(value, Const) and value.value is None)


def loader(machine: Machine, given: Given, value: Value | None) -> Value:
    """A row with op "loader"."""
    row, node = given.row, given.node
    labels, classes = _labels_of(machine, given)
    data = _described(machine, given, dict(row.get("x", {})), None, False, (id(node), "x"), "features")
    target: Value = labels if labels is not None else machine.unknown(node)
    if labels is None:
        data = replace(data, origin="")  # may be the masks of other images
    gives = row.get("gives")
    if gives == "((x, y), (x, y))":
        return Tuple((Tuple((data, target)), Tuple((data, target))))
    if gives == "(x, y)":
        return Tuple((data, target))
    if gives == "bunch":
        if given.constant(row.get("tuple_param")) is True:
            return Tuple((data, target))
        return _bunch(machine, data, target, classes)
    if gives == "tf1":
        return _tf1(machine, data, target, node)
    element: Value = Tuple((data, target)) if labels is not None else data
    names = Tensor(shape=(classes,), key=("names", id(node)))
    extra = (
        ("class_names", names),
        ("classes", names),
        ("class_indices", names),
        ("targets", target),
        ("num_classes", Const(classes) if isinstance(classes, int) else classes or machine.unknown(node)),
    )
    if gives == "samples":
        inner = Tuple((tensors.row(data), tensors.row(labels))) if labels is not None else tensors.row(data)
        stream = Stream(inner, False, ("samples", row.name, key_of(given.first())), extra)
    else:
        stream = Stream(element, True, ("dataset", id(node)), extra)
    return _with_options(machine, given, stream)


def _with_options(machine: Machine, given: Given, stream: Stream) -> Value:
    """tfds.load: as_supervised, with_info and split change what comes back."""
    if "with_info" not in given.row.params and "with_info" not in given.row.defaults:
        return stream
    result: Value = stream
    if given.constant("as_supervised") is not True:
        result = replace(stream, element=Sym(("features", id(given.node))))
    split = given.get("split")
    items_of_split = (
        containers.items(machine, split) if split is not None and not isinstance(split, Const) else None
    )
    if items_of_split is not None:
        result = machine.new_list([result] * len(items_of_split))
    elif split is None or (isinstance(split, Const) and split.value is None):
        mapping = machine.instance("dict")
        for name in ("train", "test", "validation"):
            containers.set_item(machine, mapping, Const(name), result)
        result = mapping
    if given.constant("with_info") is True:
        return Tuple((result, Sym(("info", id(given.node)), "info")))
    return result


def _bunch(machine: Machine, data: Tensor, target: Value, classes: Dim) -> Value:
    result = machine.instance("dict")
    names = Tensor(shape=(classes,), key=("names", result.id))
    for name, value in (("data", data), ("target", target), ("target_names", names)):
        machine.store.set(result.id, name, value)
        containers.set_item(machine, result, Const(name), value)
    return result


def _tf1(machine: Machine, data: Tensor, target: Value, node: cst.CSTNode) -> Value:
    result = machine.instance("dict")
    for part in ("train", "test", "validation"):
        inner = machine.instance("tf1 split", node=node)
        machine.store.set(inner.id, "images", data)
        machine.store.set(inner.id, "labels", target)
        machine.store.set(result.id, part, inner)
    return result


def stream_attribute(machine: Machine, stream: Stream, name: str, node: cst.CSTNode) -> Value:
    """An attribute of a data set: its class names, its data set, else a method."""
    for key, value in stream.attributes:
        if key == name:
            return value
    if name in ("dataset", "data"):
        return stream
    return Bound(stream, name)


def _split(machine: Machine, given: Given, value: Value | None) -> Value:
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
    for item in arrays:
        part: Value = item
        if tables.is_table(item):
            result.extend((tables.copied(machine, item), tables.copied(machine, item)))
            continue
        if isinstance(item, Tensor):
            part = replace(item, shape=None if item.shape is None else (None, *item.shape[1:]))
        elif isinstance(item, Instance) and item.cls == "list":
            part = tensors.tensor_of(machine, item, given.node) or item
            if isinstance(part, Tensor) and part.shape:
                part = replace(part, shape=(None, *part.shape[1:]))
        result.extend((part, part))
    return machine.new_list(result)


def _dataset(machine: Machine, given: Given, value: Value | None) -> Value:
    parts: Value
    structure = given.row.get("structure")
    if structure in ("unknown", "generator"):
        element: Value = Sym(("element", ("dataset", id(given.node))))
        if structure == "generator" and value is not None:
            element = containers.element(machine, calls.call(machine, value, (), {}, given.node), given.node)
        return Stream(element, False, ("dataset", id(given.node)))
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
        return tensors.row(made) if made is not None else machine.unknown(cst.Name("x"))
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
    "loader": loader,
    "split": _split,
    "dataset": _dataset,
    "batch": _batch,
    "collate": _collate,
    "read_frame": _read_frame,
    "frame": _frame,
}
