"""Loaders of libraries: the data and labels that they promise, under the options that they were given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from xlint import syntax as cst
from xlint.interpret import attributes, calls, containers, frames, item_writes, library, tensors
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.store import alternatives
from xlint.interpret.values import (
    Const,
    Dim,
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
    if "columns" in facts:
        return _columns(machine, given, str(facts["columns"])), None
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
        shown = "num_classes" if row.get("gives") == "graphs" else "class_names"
        classes = Sym(("classes", key_of(given.first()), row.name), shown)
    label = _described(
        machine, given, facts, facts.get("classes", classes), certain, id(given.node), "labels"
    )
    if "cells" in facts and not _single_cells(machine, given, str(facts["cells"])):
        label = replace(label, evidence=(*label.evidence, item_writes.doubt(machine)))
    transform = given.get(row.get("target_transform"))
    if transform is not None and not _is_none(given, "target_transform"):
        made = calls.call(machine, transform, (label,), {}, given.node)
        return tensors.tensor_of(machine, made, given.node) or Tensor(), None
    return label, facts.get("classes", classes)


def _columns(machine: Machine, given: Given, parameter: str) -> Tensor:
    """The columns of a table that an argument names, as they are."""
    table, names = given.first(), given.get(parameter)
    if table is None or names is None:
        return Tensor()
    return tensors.tensor_of(machine, containers.get_item(machine, table, names, given.node)) or Tensor()


def _single_cells(machine: Machine, given: Given, parameter: str) -> bool:
    """Whether a column of a table, named by an argument, certainly holds no lists."""
    table, name = given.first(), given.get(parameter)
    if table is None or name is None:
        return False
    column = containers.get_item(machine, table, name, given.node)
    options = [item for _, item in alternatives(column)]
    return all(_plain(machine, item) for item in options)


def _plain(machine: Machine, column: Value) -> bool:
    """Whether a column was written with numbers or texts, or is one that a file of plain cells holds."""
    if isinstance(column, Tensor):
        return column.rank == 1 and (column.dtype or column.encoding) is not None
    read = isinstance(column, Sym) and not frames.is_made(column.key)
    return read and frames.axes(machine, key_of(column)) == 1


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
    extra: tuple[tuple[str, Value], ...] = (
        ("class_names", names),
        ("classes", names),
        ("class_indices", names),
        *((name, target) for name in ("targets", *row.get("label_attributes", ()))),
        ("num_classes", Const(classes) if isinstance(classes, int) else classes or machine.unknown(node)),
    )
    if gives == "graphs":
        graph = Sym(("graph", row.name, id(node)), "data")
        attributes.set_attribute(machine, graph, "y", target)
        return Stream(graph, False, ("graphs", id(node)), (*extra, ("data", graph), ("y", target)))
    if gives == "samples":
        inner = Tuple((tensors.row(data), tensors.row(labels))) if labels is not None else tensors.row(data)
        if row.get("multiple") and isinstance(inner, Tuple):
            files = machine.new_list(None, element=Tuple((Sym(("path", id(node)), "path"), inner.items[1])))
            extra = (*extra, ("samples", files), ("imgs", files))
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
        result = replace(stream, element=_by_names(machine, stream.element))
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


def _by_names(machine: Machine, pair: Value) -> Value:
    """A sample of pictures or texts and a label as a dict, in which more may stand."""
    sample = machine.instance("dict")
    if isinstance(pair, Tuple) and len(pair.items) == 2:
        for name, value in zip(("image", "text", "label"), (pair.items[0], *pair.items), strict=True):
            containers.set_item(machine, sample, Const(name), value)
    machine.store.set(sample.id, "open", Const(True))
    return sample


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


OPERATIONS: dict[str, library.Operation] = {"loader": loader}
