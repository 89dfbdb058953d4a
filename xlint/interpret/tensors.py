"""Tensors: making them from data, indexing, attributes, arithmetic and comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import libcst as cst

from xlint.interpret import containers, operators, recording, shapes
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    NONE,
    Bound,
    Choice,
    Const,
    Dim,
    Instance,
    Slice,
    Sym,
    Tensor,
    Tuple,
    Value,
    key_of,
    value_of_dim,
)

MAX_LITERAL = 512
TRUTHS = ("eq", "<", "in")
"""Keys of comparisons: an array of truth values where the operands are arrays."""
WIDE = ("one-hot", "multi-hot")


def tensor_of(machine: Machine, value: Value | None, node: cst.CSTNode | None = None) -> Tensor | None:
    """A value as a tensor: symbols become tensors without facts; None for what is no array."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, Sym):
        if isinstance(value.key, tuple) and value.key and value.key[0] in TRUTHS:
            return Tensor(key=value.key, dtype="bool", encoding="binary", classes=2, origin="labels")
        return Tensor(key=value.key, name=value.name)
    if isinstance(value, Const):
        number = value.value
        if isinstance(number, bool | int | float):
            return Tensor(shape=(), value=float(number), dtype=_python_dtype(number))
        return None
    if isinstance(value, Tuple):
        return from_items(machine, value.items, node)
    if isinstance(value, Instance) and value.cls in ("list", "set"):
        known = machine.store.visible(machine.store.get(value.id, "items"))
        if isinstance(known, Tuple):
            made = from_items(machine, known.items, node)
            grown = machine.store.get(value.id, "grown") is not None
            if made is not None and grown and made.shape:
                return replace(made, shape=(None, *made.shape[1:]))
            return made
        one = machine.store.visible(machine.store.get(value.id, "element"))
        rows = _plain_rows(machine, one)
        if rows:
            made = _literal(machine, rows, node)
            return replace(made, shape=(None, *made.shape[1:]) if made.shape else None)
        inner = tensor_of(machine, one, node) if one is not None else None
        if inner is None:
            return Tensor(key=("list", value.id))
        return replace(inner, shape=None if inner.shape is None else (None, *inner.shape), value=None)
    if isinstance(value, Choice):
        return None
    return None


def _plain_rows(machine: Machine, value: Value | None) -> list[Any]:
    """The literal rows that an element of a list may be: one, or one for each branch."""
    rows = []
    options = [item for _, item in value.alternatives] if isinstance(value, Choice) else [value]
    for item in options:
        inner = (
            machine.store.visible(machine.store.get(item.id, "items")) if isinstance(item, Instance) else item
        )
        plain = _plain(machine, inner.items) if isinstance(inner, Tuple) else None
        if not plain or isinstance(plain[0], list):
            return []
        rows.append(plain)
    return rows if len({len(row) for row in rows}) == 1 else []


def _python_dtype(number: object) -> str:
    return "bool" if isinstance(number, bool) else "int64" if isinstance(number, int) else "float"


def from_items(machine: Machine, items: Sequence[Value], node: cst.CSTNode | None) -> Tensor | None:
    """A tensor from the items of a list: literal numbers, or tensors of one kind stacked."""
    if not items:
        return Tensor(shape=(0,))
    plain = _plain(machine, items)
    if plain is not None:
        return _literal(machine, plain, node)
    parts = [tensor_of(machine, item, node) for item in items]
    first = parts[0]
    if first is None or any(part is None for part in parts):
        return None
    if first.rank and first.encoding in ("index", "binary"):
        parts = [None if p is None else replace(p, encoding=None, classes=None) for p in parts]
        first = parts[0] or first
    facts = {(p.encoding, p.classes, p.dtype, p.shape) for p in parts if p is not None}
    shape = None if first.shape is None else (len(items), *first.shape)
    if len(facts) > 1:
        return Tensor(shape=shape if len({p.shape for p in parts if p}) == 1 else None)
    return replace(first, shape=shape, key=None, value=None)


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


def _literal(machine: Machine, data: list[Any], node: cst.CSTNode | None) -> Tensor:
    shape: list[int] = []
    level: Any = data
    while isinstance(level, list):
        shape.append(len(level))
        level = level[0] if level else None
    flat = _flat(data)
    whole = all(isinstance(number, int) for number in flat)
    dtype = "bool" if all(isinstance(n, bool) for n in flat) else "int64" if whole else "float"
    encoding, classes = _literal_encoding(data, flat, shape)
    evidence = () if node is None or encoding is None else (machine.evidence("encoding", node),)
    return Tensor(
        shape=tuple(shape),
        dtype=dtype,
        encoding=encoding,
        classes=classes,
        evidence=evidence,
        origin="labels" if encoding else "",
    )


def _flat(data: Any) -> list[Any]:
    if not isinstance(data, list):
        return [data]
    return [number for item in data for number in _flat(item)]


def _literal_encoding(data: list[Any], flat: list[Any], shape: list[int]) -> tuple[str | None, int | None]:
    values = set(flat)
    bits = values <= {0, 1}
    if len(shape) == 2 and shape[1] > 1 and bits:
        sums = {sum(row) for row in data if isinstance(row, list)}
        return ("one-hot", shape[1]) if sums == {1} else ("multi-hot", shape[1])
    if len(shape) == 1 or (len(shape) == 2 and shape[1] == 1):
        if bits and len(values) == 2:
            return "index", 2
        if all(isinstance(n, int) and n >= 0 for n in values):
            return "index", len(values) if max(values) + 1 == len(values) > 1 else None
        return "continuous", None
    return None, None


def row(value: Tensor) -> Tensor:
    """One element along the first axis."""
    shape = None if value.shape is None else value.shape[1:]
    axis = value.class_axis
    if axis is not None and axis > 0:
        axis -= 1
    key = None if value.key is None else ("element", value.key)
    return replace(value, shape=shape, class_axis=axis, key=key, value=value.value)


def unpack(value: Tensor, count: int) -> list[Value]:
    """A tensor spread over targets: its rows."""
    one = row(value)
    if value.encoding is None and value.quantity is None and value.key is not None:
        return [replace(one, key=("item", value.key, ("const", "int", i))) for i in range(count)]
    return [one] * count


def width_on_axis(value: Tensor, axis: int | None) -> Dim:
    """The size of an axis, where it is known."""
    if axis is None:
        return None
    if value.shape is not None and -len(value.shape) <= axis < len(value.shape):
        size = value.shape[axis]
        if size is not None:
            return size
    return value.width if same_axis(value, axis) else None


def same_axis(value: Tensor, axis: int) -> bool | None:
    """Whether an axis is the class axis; None where that cannot be told."""
    own = value.class_axis
    if own is None:
        return None
    if value.shape is not None:
        rank = len(value.shape)
        return axis % rank == own % rank if rank else None
    if (own < 0) == (axis < 0):
        return own == axis
    return None


def attribute(machine: Machine, value: Tensor, name: str, node: cst.CSTNode) -> Value:
    """`tensor.name`."""
    if name == "shape":
        return shape_value(machine, value)
    if name in VIEWS or name in ("ix", "real", "array"):
        return value
    if name == "ndim" and value.shape is not None:
        return Const(len(value.shape))
    if name == "T":
        return shapes.reorder(value, None)
    if name == "dtype":
        return Const(value.dtype) if value.dtype is not None else Sym(("attr", key_of(value), "dtype"))
    if name in ("device", "grad", "index", "columns", "is_cuda", "requires_grad", "name", "op", "graph"):
        return Sym(("attr", key_of(value), name), f"{value.name}.{name}" if value.name else "")
    if name in ("cat", "str", "dt"):
        return Sym(("attr", key_of(value), name), value.name)
    return Bound(value, name)


def shape_value(machine: Machine, value: Tensor) -> Value:
    """The shape as a tuple, or as a symbol whose class axis is known where that is all we know."""
    key = key_of(value)
    if value.shape is None:
        symbol = Sym(("shape", key), f"{value.name}.shape" if value.name else "")
        if value.width is not None and value.class_axis is not None:
            return _with_class_axis(machine, symbol, value)
        return symbol
    shown = f"{value.name}.shape" if value.name else "shape"
    return Tuple(
        tuple(
            value_of_dim(dim, ("item", ("shape", key), i), f"{shown}[{i}]")
            for i, dim in enumerate(value.shape)
        )
    )


def _with_class_axis(machine: Machine, symbol: Sym, value: Tensor) -> Value:
    known = machine.new_list(None, element=Sym(("dim", symbol.key)), kind="list")
    machine.store.set(known.id, f"[{value.class_axis!r}]", value_of_dim(value.width, symbol.key, ""))
    return known


def index(machine: Machine, value: Tensor, position: Value, node: cst.CSTNode) -> Value:
    """`tensor[position]`: rows, columns, slices, new axes, fancy indices."""
    if isinstance(position, Choice):
        position = Sym(("choice", id(position)))
    if isinstance(position, Const) and isinstance(position.value, str):
        key = ("item", key_of(value), key_of(position))
        return Tensor(key=key, name=f"{value.name}[{position.value!r}]" if value.name else "")
    parts: list[Value] = list(position.items) if isinstance(position, Tuple) else [position]
    if (
        value.name == "eye"
        and value.shape is not None
        and len(parts) == 1
        and not isinstance(parts[0], Slice)
    ):
        return _rows_of_eye(machine, value, parts[0], node)
    count = sum(not _is(part, None, ...) for part in parts)
    if any(isinstance(part, Sym) for part in parts) and value.shape is not None:
        value = replace(
            value, shape=None, class_axis=-1 if _left_axis(value) == len(value.shape) - 1 else None
        )
    if any(
        (isinstance(part, Tensor) and part.dtype != "int64") or isinstance(part, Instance) for part in parts
    ):
        value = replace(value, certain=False, classes=value.classes if value.encoding in WIDE else None)
    if any(_is(part, ...) for part in parts):
        if value.shape is None:
            return _index_from_right(value, parts)
        parts = _expand_ellipsis(parts, len(value.shape) - count)
    return _index_parts(value, parts)


def _is(part: Value, *constants: object) -> bool:
    return isinstance(part, Const) and any(part.value is constant for constant in constants)


def _expand_ellipsis(parts: list[Value], missing: int) -> list[Value]:
    full: list[Value] = []
    for part in parts:
        full.extend([Slice(None, None, None)] * missing if _is(part, ...) else [part])
    return full


def _index_from_right(value: Tensor, parts: list[Value]) -> Value:
    last = parts[-1]
    if _is(last, None):
        return replace(value, shape=None, width=1 if value.width is None else value.width, class_axis=None)
    if isinstance(last, Const) and isinstance(last.value, int) and value.class_axis == -1:
        return _column(value, None)
    if isinstance(last, Slice) and value.class_axis == -1 and last != Slice(None, None, None):
        return replace(value, fresh=False, width=_slice_size(last, value.width))
    return replace(value, fresh=False)


def _rows_of_eye(machine: Machine, value: Tensor, part: Value, node: cst.CSTNode) -> Value:
    picked = tensor_of(machine, part, node)
    size = value.shape[-1] if value.shape else None
    shape = None if picked is None or picked.shape is None else (*picked.shape, size)
    return replace(
        value,
        shape=shape or (None, size),
        name="",
        width=size,
        class_axis=-1,
        encoding="one-hot",
        classes=size,
        certain=True,
        origin="labels",
        evidence=(machine.evidence("encoding", node),),
    )


def _column(value: Tensor, shape: tuple[Dim, ...] | None) -> Tensor:
    """One column of the class axis."""
    if value.width == 1:
        return replace(value, shape=shape, class_axis=None, fresh=False)
    encoding = "binary" if value.encoding in ("one-hot", "multi-hot") else value.encoding
    classes = 2 if encoding == "binary" else value.classes
    return replace(
        value,
        shape=shape,
        width=1 if value.width is not None else None,
        class_axis=None,
        fresh=False,
        activation=None if value.activation == "softmax" else value.activation,
        encoding=encoding,
        classes=classes,
        key=None,
    )


def _index_parts(value: Tensor, parts: list[Value]) -> Value:
    shape, rank = value.shape, value.rank
    dims: list[Dim] = []
    axis, column, sliced_axis, own = 0, False, False, _left_axis(value)
    new_class_axis: int | None = None
    for part in parts:
        if _is(part, None):
            dims.append(1)
            continue
        size = shape[axis] if shape is not None and axis < len(shape) else None
        dropped = (isinstance(part, Const) and isinstance(part.value, int)) or (
            isinstance(part, Tensor) and part.shape == ()
        )
        if axis == own:
            column = column or dropped
            new_class_axis = None if dropped else len(dims)
            if isinstance(part, Slice) and part != Slice(None, None, None):
                sliced_axis = True
                size = _slice_size(part, size)
        elif isinstance(part, Slice) and part != Slice(None, None, None):
            size = None
        if not dropped:
            dims.append(size if isinstance(part, Slice) else None)
        axis += 1
    if shape is None:
        return _index_unknown_rank(value, parts, axis, column)
    rest = shape[axis:]
    if own is not None and own >= axis:
        new_class_axis = len(dims) + (own - axis)
    new_shape = (*dims, *rest)
    if column:
        return _column(value, new_shape)
    width = value.width
    if sliced_axis and new_class_axis is not None:
        width = new_shape[new_class_axis]
    key = value.key if axis <= 1 and rank == len(new_shape) else None
    return replace(value, shape=new_shape, class_axis=new_class_axis, width=width, fresh=False, key=key)


def _left_axis(value: Tensor) -> int | None:
    if value.class_axis is None or value.class_axis >= 0:
        return value.class_axis
    return None if value.shape is None else value.class_axis % max(len(value.shape), 1)


def _slice_size(part: Slice, size: Dim) -> Dim:
    start = part.start.value if isinstance(part.start, Const) else 0 if part.start is None else None
    stop = part.stop.value if isinstance(part.stop, Const) else None
    if isinstance(start, int) and isinstance(stop, int) and 0 <= start <= stop and part.step is None:
        return stop - start
    if isinstance(start, int) and part.stop is None and isinstance(size, int) and part.step is None:
        return max(size - start, 0) if start >= 0 else min(-start, size)
    if start == 0 and isinstance(stop, int) and stop < 0 and isinstance(size, int):
        return max(size + stop, 0)
    return None


def _index_unknown_rank(value: Tensor, parts: list[Value], axes: int, column: bool) -> Value:
    if axes <= 1 and not any(_is(part, None) for part in parts):
        return replace(value, fresh=False) if not isinstance(parts[0], Const) else row(value)
    if any(_is(part, None) for part in parts):
        return replace(value, fresh=False, shape=None)
    last = parts[-1]
    if isinstance(last, Const) and (value.encoding in ("one-hot", "multi-hot") or value.width is not None):
        return _column(value, None) if axes == 2 else replace(value, fresh=False, width=None, class_axis=None)
    key = None if value.key is None else ("item", value.key, tuple(map(key_of, parts)))
    if any(isinstance(part, Const) for part in parts) or value.width is None:
        return replace(value, fresh=False, key=key)
    return replace(value, fresh=False)


VIEWS = ("flat", "iloc", "loc", "at", "iat", "data", "values")
"""Attributes through which items of an array are written."""


def assign_item(base: Tensor, position: Value, value: Value) -> Value:
    """What `base[position] = value` makes of a tensor: ones into zeros make one-hot rows."""
    number = value.value if isinstance(value, Const) else None
    if isinstance(position, Tensor) and position.dtype in ("bool", None) and base.value is None:
        return replace(base, encoding=None, classes=None, origin="", key=None)
    if base.value == 0.0 and number in (1, 1.0) and base.shape:
        width = base.shape[-1]
        last = position.items[-1] if isinstance(position, Tuple) else position
        if width != 1 and not isinstance(last, Slice):
            return replace(base, value=None, encoding="one-hot", classes=width, origin="labels")
        return replace(base, value=None, encoding=None if width != 1 else "binary")
    if base.value is not None and number != base.value:
        inner = value if isinstance(value, Tensor) else None
        encoding = inner.encoding if inner is not None else None
        return replace(base, value=None, encoding=encoding, classes=inner.classes if inner else None)
    return base


KEEPS_SCORES = ("Add", "Subtract", "Multiply", "Divide")


def arithmetic(machine: Machine, name: str, left: Value, right: Value, node: cst.CSTNode) -> Value:
    """Element-wise arithmetic where at least one side is a tensor."""
    if name == "MatrixMultiply":
        return shapes.matmul(machine, left, right, node)
    a, b = tensor_of(machine, left, node), tensor_of(machine, right, node)
    if a is None or b is None:
        return Tensor()
    main, other = (a, b) if _rich(a) >= _rich(b) else (b, a)
    shape = broadcast(main, other)
    if main.encoding is not None and main.quantity is None:
        return _label_arithmetic(main, other, name, shape, swapped=main is b)
    if main.quantity == "probabilities" and name == "Subtract" and main is b and other.value == 1.0:
        return replace(main, fresh=False, shape=shape)
    if main.quantity in ("logits", "other") and name in KEEPS_SCORES:
        keeps = main.activation if main.quantity == "other" and other.value is not None else "none"
        quantity = main.quantity if other.quantity in (None, "logits") else None
        if name == "Subtract" and other.value is None:
            quantity = None
        if main.quantity == "other" and name in ("Add", "Subtract") and other.value is None:
            quantity, keeps = None, "none"
        return replace(main, quantity=quantity, activation=keeps, fresh=False, shape=shape, key=None)
    if main.quantity == "log-probabilities" and name in ("Divide", "Multiply") and other.quantity is None:
        return replace(main, quantity=None, activation=None, fresh=False, shape=shape)
    key = (name, a.key, b.key) if "loss" in (a.origin, b.origin) else None
    return Tensor(
        shape=shape,
        width=main.width,
        class_axis=main.class_axis,
        origin="loss" if key is not None else main.origin,
        dtype=main.dtype,
        evidence=main.evidence,
        key=key,
    )


def broadcast(first: Tensor, second: Tensor) -> tuple[Dim, ...] | None:
    """The shape of an element-wise operation; None where a shape is missing that could change it."""
    if first.shape == () or second.shape == ():
        return second.shape if first.shape == () else first.shape
    if first.shape is None or second.shape is None:
        known = second if first.shape is None else first
        unknown = first if first.shape is None else second
        small = unknown.origin in ("parameter", "") and unknown.quantity is None and unknown.encoding is None
        return known.shape if small and known.origin == "model" else None
    if len(first.shape) != len(second.shape):
        return first.shape if len(first.shape) > len(second.shape) else second.shape
    return tuple(b if a == 1 else a for a, b in zip(first.shape, second.shape, strict=True))


def _rich(value: Tensor) -> int:
    return (value.quantity is not None) * 4 + (value.encoding is not None) * 2 + (value.origin == "model")


def _label_arithmetic(main: Tensor, other: Tensor, name: str, shape: Any, swapped: bool) -> Tensor:
    number = other.value
    changed = replace(main, shape=shape, value=None, key=None, certain=False)
    if main.encoding == "continuous":
        return replace(changed, encoding=None) if name == "Divide" and number is None else changed
    if main.encoding in ("one-hot", "soft", "multi-hot"):
        soft = "soft" if main.encoding != "multi-hot" else None
        same = other.encoding in ("one-hot", "soft", None) and (other.shape in ((), None) or other.encoding)
        if name in ("Add", "Multiply", "Subtract", "Divide") and same and number not in (255.0, 255):
            return replace(changed, encoding=soft, dtype="float32")
        return replace(changed, encoding=None)
    if main.encoding == "binary" and name == "Multiply":
        return replace(changed, encoding=None if number is None else "soft", classes=main.classes)
    if main.encoding == "binary" and name == "Subtract" and swapped and number == 1:
        return changed
    if main.encoding == "index" and name in ("Add", "Subtract") and isinstance(number, float) and not swapped:
        step = int(number) if name == "Add" else -int(number)
        classes = main.classes + step if isinstance(main.classes, int) else _shift(main.classes, step)
        return replace(changed, classes=classes, certain=main.certain)
    return replace(changed, encoding=None, classes=None)


def _shift(classes: Dim, step: int) -> Dim:
    if not isinstance(classes, Sym):
        return None
    result = operators.symbolic("Add", classes, Const(step))
    return result if isinstance(result, Sym) else None


USES = {"prediction": "index", "decision": "binary"}


def note_usage(machine: Machine, first: Tensor, second: Tensor) -> None:
    """Labels that are compared with predicted classes are class indices; with decisions, 0 or 1."""
    for made, other in ((first, second), (second, first)):
        kind = made.key[0] if isinstance(made.key, tuple) and made.key else None
        if kind in USES and other.encoding is None and other.key is not None and other.origin != "model":
            machine.usage.setdefault(other.key, USES[kind])


def comparison(machine: Machine, name: str, left: Value, right: Value, node: cst.CSTNode) -> Value:
    """A comparison with a tensor: a column of truth values."""
    a, b = tensor_of(machine, left, node), tensor_of(machine, right, node)
    tensor = left if isinstance(left, Tensor) else right
    if name in ("Equal", "NotEqual") and a is not None and b is not None:
        note_usage(machine, a, b)
    if a is not None and b is not None and isinstance(tensor, Tensor):
        recording.threshold(machine, name, a, b, node)
        main = a if isinstance(left, Tensor) else b
        if main.origin == "model" and name not in ("Equal", "NotEqual"):
            return Tensor(
                shape=main.shape,
                dtype="bool",
                key=("decision", id(node)),
                width=main.width,
                class_axis=main.class_axis,
            )
        shape = main.shape
        encoding: str | None = "binary"
        if shape is not None and len(shape) >= 2 and shape[-1] != 1:
            encoding = "multi-hot" if isinstance(shape[-1], int | Sym) else None
        elif shape is None and main.width is not None and main.width != 1:
            encoding = None
        return Tensor(
            shape=shape,
            dtype="bool",
            encoding=encoding,
            classes=2 if encoding == "binary" else None,
            origin="labels",
            key=("compare", name, key_of(left), key_of(right)),
            evidence=(machine.evidence("encoding", node),),
        )
    if isinstance(tensor, Tensor) and (left == NONE or right == NONE):
        return Const(name == "NotEqual")
    return Tensor(
        shape=tensor.shape if isinstance(tensor, Tensor) else None,
        dtype="bool",
        encoding="binary",
        classes=2,
        origin="labels",
        key=("compare", name, key_of(left), key_of(right)),
        evidence=(machine.evidence("encoding", node),),
    )


def _size(machine: Machine, value: Tensor, arguments: Any, node: cst.CSTNode) -> Value:
    shape = shape_value(machine, value)
    if not arguments.positional and not arguments.keywords:
        return shape
    position = arguments.positional[0] if arguments.positional else arguments.keywords.get("dim", NONE)
    return containers.get_item(machine, shape, position, node)


def _dim(machine: Machine, value: Tensor, arguments: Any, node: cst.CSTNode) -> Value:
    return Const(len(value.shape)) if value.shape is not None else Sym(("ndim", key_of(value)))


def _itself(machine: Machine, value: Tensor, arguments: Any, node: cst.CSTNode) -> Value:
    return value


METHODS = {
    "size": _size,
    "dim": _dim,
    "ndimension": _dim,
    "get_shape": lambda m, v, a, n: shape_value(m, v),
    "to_dense": _itself,
    "cuda": _itself,
    "cpu": _itself,
}
