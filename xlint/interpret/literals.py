"""Tensors from Python lists: literal numbers, and rows of one kind stacked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from xlint import syntax as cst
from xlint.interpret import sequences, tensors
from xlint.interpret.machine import Machine
from xlint.interpret.values import Choice, Const, Instance, Key, Tensor, Tuple, Value

MAX_LITERAL = 512
FEW, SPREAD = 3, 5
"""Numbers, and how far they lie apart for each of them, from which they are no classes."""
MAX_KEPT = 64
"""Numbers of a written row that are kept."""


def plain_rows(machine: Machine, value: Value | None) -> list[Any]:
    """The literal rows that an element of a list may be: one, or one for each branch."""
    rows = []
    options = [item for _, item in value.alternatives] if isinstance(value, Choice) else [value]
    for item in options:
        inner = (
            machine.store.visible(machine.store.get(item.id, "items")) if isinstance(item, Instance) else item
        )
        plain = _plain(machine, inner.items) if isinstance(inner, Tuple) else written(inner)
        if not plain or isinstance(plain[0], list):
            return []
        rows.append(plain)
    return rows if len({len(row) for row in rows}) == 1 else []


def one_of(machine: Machine, value: Value | None, node: cst.CSTNode | None) -> Tensor | None:
    """One number of a few, chosen by branches (`1 if name == "yes" else 0`): the label of one sample."""
    options = [item for _, item in value.alternatives] if isinstance(value, Choice) else []
    scalars = [item for item in options if isinstance(item, Tensor) and item.shape == () and not item.origin]
    numbers = [item.value for item in options if isinstance(item, Const) and type(item.value) in NUMBERS]
    numbers += [item.value for item in scalars if item.value is not None]
    if not options or len(numbers) < len(options):
        return None
    made = replace(literal(machine, numbers, node), shape=(), key=None)
    return replace(made, dtype=scalars[0].dtype) if scalars else made


NUMBERS = (bool, int, float)


def written(value: Value | None) -> list[Any] | None:
    """The numbers of an array that was written out."""
    key = value.key if isinstance(value, Tensor) else None
    return list(key[1]) if isinstance(key, tuple) and key[0] == "literal" else None


def without_encoding(part: Tensor) -> Tensor:
    """A part of several that are stacked: class indices in a row of a table are no labels of the table."""
    several = part.rank and part.encoding in ("index", "binary")
    return replace(part, encoding=None, classes=None) if several else part


def from_items(machine: Machine, items: Sequence[Value], node: cst.CSTNode | None) -> Tensor | None:
    """A tensor from the items of a list: literal numbers, or tensors of one kind stacked."""
    if not items:
        return Tensor(shape=(0,))
    plain = _plain(machine, items)
    if plain is not None:
        return literal(machine, plain, node)
    chosen = any(isinstance(item, Choice) for item in items)
    options = [plain_rows(machine, item) for item in items] if chosen else []
    rows = [row for rows in options for row in rows]
    if options and all(options) and len({len(row) for row in rows}) == 1:
        made = literal(machine, rows, node)
        return replace(made, shape=(len(items), *(made.shape or ())[1:]))
    parts = [one_of(machine, item, node) or _one_kind(machine, item, node) for item in items]
    first = parts[0]
    if first is None or any(part is None for part in parts):
        return None
    parts = [None if part is None else without_encoding(part) for part in parts]
    first = parts[0] or first
    facts = {(p.encoding, p.classes, p.dtype, p.shape) for p in parts if p is not None}
    shape = None if first.shape is None else (len(items), *first.shape)
    if len(facts) > 1:
        return Tensor(shape=shape if len({p.shape for p in parts if p}) == 1 else None)
    return replace(first, shape=shape, key=_common_key(parts), value=None)


def _one_kind(machine: Machine, item: Value, node: cst.CSTNode | None) -> Tensor | None:
    """An item as a tensor; of several that branches choose from, what they are all."""
    if isinstance(item, Choice):
        return sequences.of_one_kind(machine, [item])
    return tensors.tensor_of(machine, item, node)


def _common_key(parts: Sequence[Tensor | None]) -> Key:
    """The key of what is drawn item by item from one range, or of one part; None for unlike parts."""
    keys = [part.key for part in parts if part is not None]
    if len(keys) == 1 and keys[0] is not None:
        return ("joined", keys[0])
    ranges = {key[2:] if isinstance(key, tuple) and key[0] == "uniform" else None for key in keys}
    return keys[0] if len(ranges) == 1 and None not in ranges else None


def _plain(machine: Machine, items: Sequence[Value]) -> list[Any] | None:
    """Nested Python numbers, or None where an item is no literal."""
    result: list[Any] = []
    for item in items[:MAX_LITERAL]:
        if isinstance(item, Const) and isinstance(item.value, bool | int | float):
            result.append(item.value)
            continue
        inner: Value | None = item
        if isinstance(item, Instance) and item.cls == "list":
            inner = machine.store.visible(machine.store.get(item.id, "items"))
        if not isinstance(inner, Tuple):
            return None
        nested = _plain(machine, inner.items)
        if nested is None:
            return None
        result.append(nested)
    return result


def literal(machine: Machine, data: list[Any], node: cst.CSTNode | None) -> Tensor:
    """A tensor from nested Python numbers: its shape, dtype and what it encodes as labels."""
    shape = _shape(data)
    if shape is None:
        return Tensor()
    flat = _flat(data)
    whole = all(isinstance(number, int) for number in flat)
    dtype = "bool" if all(isinstance(n, bool) for n in flat) else "int64" if whole else "float"
    encoding, classes = _literal_encoding(data, flat, shape, dtype)
    evidence = () if node is None or encoding is None else (machine.evidence("encoding", node),)
    amounts = encoding == "index" and not whole and classes != 2
    zeros = len(shape) == 1 and len(flat) > 1 and not any(flat)  # ones may be written into them
    return Tensor(
        shape=tuple(shape),
        dtype=dtype,
        encoding=encoding,
        classes=classes,
        evidence=evidence,
        origin="written" if amounts else "labels" if encoding else "",
        key=("filled", id(node), machine.loops) if zeros else _literal_key(flat, dtype, shape, id(node)),
        value=0.0 if zeros else None,
    )


def _shape(data: Any) -> list[int] | None:
    """The lengths of nested lists along each axis; None where lists of one axis differ in theirs."""
    if not isinstance(data, list):
        return []
    inner = [_shape(item) for item in data] or [[]]
    alike = inner[0] is not None and all(shape == inner[0] for shape in inner)
    return [len(data), *inner[0]] if alike and inner[0] is not None else None


def _literal_key(flat: list[Any], dtype: str, shape: list[int], place: int) -> Key:
    """The numbers of a written row or column; of many, which ones there are, where these are few."""
    if not flat or len(shape) > 2 or (len(shape) == 2 and shape[1] != 1):
        return None
    if len(flat) > MAX_KEPT:
        few = tuple(sorted(set(flat)))
        return ("chosen", few, place) if len(few) <= FEW else None
    return ("literal" if len(shape) == 1 else "literal column", tuple(flat), dtype) if shape else None


def holds_classes(value: Tensor) -> bool:
    """Whether all the classes that a tensor is said to have stand in it, written out; there may be more."""
    key = value.key
    written = isinstance(key, tuple) and key[0] in ("literal", "literal column")
    return written and value.encoding == "index" and isinstance(value.classes, int)


def numbers_in(key: Key) -> set[float]:
    """The numbers of which a written array is known to be made, by its key; none where they are unknown."""
    known = isinstance(key, tuple) and key[0] in ("literal", "literal column", "chosen")
    return set(key[1]) if known and isinstance(key, tuple) else set()


def _flat(data: Any) -> list[Any]:
    if not isinstance(data, list):
        return [data]
    return [number for item in data for number in _flat(item)]


def _rows(data: list[Any]) -> list[list[Any]]:
    """The innermost lists."""
    if not any(isinstance(item, list) for item in data):
        return [data]
    return [row for item in data if isinstance(item, list) for row in _rows(item)]


def _literal_encoding(
    data: list[Any], flat: list[Any], shape: list[int], dtype: str
) -> tuple[str | None, int | None]:
    values = set(flat)
    bits = values <= {0, 1}
    if len(shape) >= 2 and shape[-1] > 1 and bits:
        sums = {sum(row) for row in _rows(data)}
        if sums == {1}:
            return "one-hot", shape[-1]
        return ("multi-hot", shape[1]) if len(shape) == 2 and sums - {0} else (None, None)
    if len(shape) == 1 or (len(shape) == 2 and shape[1] == 1):
        if bits and len(values) == 2:
            return "index", 2
        if bits and any(isinstance(n, float) for n in values):
            return "binary", 2
        counted = max(values, default=0) + 1 == len(values) > 1
        if any(n != n // 1 for n in values):
            return "continuous", None
        below = [n for n in values if n < 0]
        if below:  # one mark of what is left out, or classes that something is added to; several are amounts
            return ("continuous" if len(below) > 1 and dtype == "float" else None), None
        if all(isinstance(n, int) for n in values):
            return "index", len(values) if counted else None
        # Whole numbers written as floats: classes where they count up from 0, amounts where they lie far
        # apart, else one or the other.
        apart = len(values) >= FEW and max(values) - min(values) > SPREAD * len(values)
        return ("index", len(values)) if counted else ("continuous" if apart else None, None)
    return None, None
