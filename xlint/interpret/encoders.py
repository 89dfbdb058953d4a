"""Encoders of labels, in the way of scikit-learn: objects that fit and transform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xlint import syntax as cst
from xlint.interpret import containers, frames, sequences, tensors
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    Const,
    Dim,
    Instance,
    Stream,
    Sym,
    Tensor,
    Tuple,
    Value,
    key_of,
    name_of,
)


def encode(
    machine: Machine,
    kind: str,
    dtype: str | None,
    source: Tensor,
    node: cst.CSTNode,
    classes: Dim,
    key: object,
) -> Tensor:
    """What an encoder of this kind gives for the labels `source`; two classes binarize to one column."""
    count: Dim = classes
    certain = source.certain and isinstance(count, int)
    evidence = (machine.evidence("encoding", node),)
    common = Tensor(dtype=dtype, origin="labels", evidence=evidence, certain=certain, key=("encoded", key))
    if kind == "index":
        shape = (None,) if dtype == "int64" else None
        return replace(common, shape=shape, encoding="index", classes=count)
    if kind == "multi-hot":
        return replace(
            common,
            certain=certain or isinstance(count, Sym),
            shape=(None, count),
            width=count,
            class_axis=-1,
            encoding="multi-hot",
            classes=count,
        )
    if kind == "binarize":
        if count == 2:
            return replace(common, shape=(None, 1), encoding="binary", classes=2)
        if not isinstance(count, int):
            width = Sym(("columns", key), "")
            return replace(common, shape=(None, width), width=width, class_axis=-1, classes=count)
    if kind in ("one-hot", "binarize"):
        return replace(
            common, shape=(None, count), width=count, class_axis=-1, encoding="one-hot", classes=count
        )
    return source


def method(
    machine: Machine, encoder: Instance, given: Given, name: str, value: Value | None, node: cst.CSTNode
) -> Value:
    """fit, transform, fit_transform, inverse_transform of an encoder object."""
    kind = str(given.row.get("encodes"))
    source = tensors.tensor_of(machine, value, node) or Tensor()
    if kind in ("scale", "standardize"):
        return encoder if name == "fit" else _scaled(machine, kind, given, name, source, node)
    if source.encoding == "multi-hot":  # its columns are no classes of what is encoded: one holds 0 and 1
        source = replace(source, classes=None, certain=False)
    if name in ("fit", "fit_transform"):
        count: Dim = source.classes
        if not (isinstance(count, int) and source.certain):
            shown = f"classes of {name_of(source)}" if name_of(source) else "classes"
            count = source.classes or Sym(("classes", key_of(source)), shown)
        machine.store.set(encoder.id, "fitted classes", Tensor(shape=(count,), certain=source.certain))
    if name == "fit":
        return encoder
    fitted = machine.store.visible(machine.store.get(encoder.id, "fitted classes"))
    if name == "inverse_transform":
        return Tensor()
    classes: Dim = Sym(("classes", encoder.id))
    if isinstance(fitted, Tensor) and fitted.shape:
        classes = fitted.shape[0]
        source = replace(source, certain=fitted.certain)
    if name not in ("transform", "fit_transform"):
        return machine.unknown(node)
    if kind == "multi-hot" and _one_each(machine, value, source, node):
        kind = "one-hot"
    if kind == "one-hot" and given.constant("drop") is not None:
        return Tensor()
    if (
        kind == "one-hot"
        and source.shape is not None
        and len(source.shape) == 2
        and source.shape[1] not in (1, None)
    ):
        return Tensor()
    return encode(machine, kind, given.row.get("dtype"), source, node, classes, encoder.id)


def _one_each(machine: Machine, value: Value | None, source: Tensor, node: cst.CSTNode) -> bool:
    """Whether each sample has a list of its own that holds one label: `[[label] for label in labels]`."""
    if source.rank == 2 and source.shape is not None and source.shape[1] == 1:
        return True
    key = key_of(value) if value is not None else None
    if tensors.is_column(key) or frames.columns(key) == 1:
        return True
    if not isinstance(value, Instance | Stream | Tuple):
        return False
    samples = containers.items(machine, value) or [containers.element(machine, value, node)]
    held = [containers.items(machine, sample) for sample in samples if isinstance(sample, Instance | Tuple)]
    grown = any(sequences.has_grown(machine, sample) for sample in samples)
    return len(held) == len(samples) and not grown and all(one is not None and len(one) == 1 for one in held)


def _scaled(
    machine: Machine, kind: str, given: Given, name: str, source: Tensor, node: cst.CSTNode
) -> Tensor:
    """A table on another scale; one with a mean of 0 and a deviation of 1 holds real numbers."""
    whole = given.constant("with_mean") is not False and given.constant("with_std") is not False
    if kind == "standardize" and name in ("transform", "fit_transform") and whole:
        evidence = (machine.evidence("encoding", node),)
        return replace(source, encoding="continuous", classes=None, dtype="float64", evidence=evidence)
    if kind == "scale" and source.encoding == "continuous":
        return source
    return replace(source, encoding=None, classes=None, dtype="float64")


def classes_attribute(machine: Machine, encoder: Instance) -> Value:
    """encoder.classes_: an array as long as there are classes."""
    fitted = machine.store.visible(machine.store.get(encoder.id, "fitted classes"))
    if isinstance(fitted, Tensor):
        return fitted
    return Tensor(shape=(Sym(("classes", encoder.id)),))


def _encode_call(machine: Machine, given: Given, value: Value | None) -> Value:
    source = tensors.tensor_of(machine, value, given.node) or Tensor()
    kind = str(given.row.get("encodes"))
    count: Dim = source.classes or Sym(("classes", key_of(source)))
    listed = given.of("classes")
    if listed is not None:
        known = tensors.tensor_of(machine, listed, given.node)
        if known is not None and known.shape:
            count = known.shape[0]
            source = replace(source, certain=True)
        elif isinstance(listed, Const):
            count = None
    return encode(machine, kind, given.row.get("dtype"), source, given.node, count, key_of(source))


OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {"encoder": _encode_call}
