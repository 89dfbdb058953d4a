"""Tensors: values as tensors, their axes and attributes, arithmetic and comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeGuard

from xlint import nodes
from xlint import syntax as cst
from xlint.interpret import (
    containers,
    drawn,
    fewer_axes,
    frames,
    indexing,
    label_arithmetic,
    literals,
    masking,
    products,
    shapes,
)
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    NONE,
    Bound,
    Choice,
    Const,
    Dim,
    Instance,
    Key,
    Sym,
    Tensor,
    Tuple,
    Value,
    key_of,
    value_of_dim,
)

TRUTHS = ("eq", "<", "in")
"""Keys of comparisons: an array of truth values where the operands are arrays."""


def is_output(value: Value | None) -> TypeGuard[Tensor]:
    """Whether a value is what a network, or a part of one, gave."""
    return isinstance(value, Tensor) and value.origin == "model"


def is_truth(value: Sym) -> bool:
    """Whether a symbol is what a comparison gives."""
    return isinstance(value.key, tuple) and bool(value.key) and value.key[0] in (*TRUTHS, "not")


def truths(value: Sym) -> Tensor:
    """What a comparison gives, as labels."""
    return Tensor(key=value.key, dtype="bool", encoding="binary", classes=2, origin="labels")


def tensor_of(machine: Machine, value: Value | None, node: cst.CSTNode | None = None) -> Tensor | None:
    """A value as a tensor: symbols become tensors without facts; None for what is no array."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, Sym):
        if isinstance(value.key, tuple) and value.key and value.key[0] in TRUTHS:
            return truths(value)
        if value.whole:
            return Tensor(shape=(), key=value.key, name=value.name, dtype="int64")
        if (rank := frames.axes(machine, value.key)) is not None:
            return Tensor(shape=(None,) * rank, key=value.key, name=value.name)
        return Tensor(key=value.key, name=value.name)
    if isinstance(value, Const):
        number = value.value
        if isinstance(number, bool | int | float):
            return Tensor(shape=(), value=float(number), dtype=_python_dtype(number))
        return None
    if isinstance(value, Tuple):
        return literals.from_items(machine, value.items, node)
    if isinstance(value, Instance) and value.cls in ("list", "set"):
        known = machine.store.visible(machine.store.get(value.id, "items"))
        if isinstance(known, Tuple):
            grown = machine.store.get(value.id, "grown") is not None
            if grown and not known.items:
                return Tensor(key=("list", value.id))  # what later turns add is not known
            made = literals.from_items(machine, known.items, node)
            if made is not None and grown and made.shape:
                return replace(made, shape=(None, *made.shape[1:]))
            return made
        one = machine.store.visible(machine.store.get(value.id, "element"))
        if one is None and (perhaps := containers.possible_items(machine, value)):
            one = containers.summary(machine, perhaps, node or nodes.NOWHERE)
        rows = literals.plain_rows(machine, one)
        if rows:
            made = literals.literal(machine, rows, node)
            return replace(made, shape=(None, *made.shape[1:]) if made.shape else None)
        inner = literals.one_of(machine, one, node) or tensor_of(machine, one, node)
        if inner is None:
            return Tensor(key=("list", value.id))
        inner = literals.without_encoding(inner)
        return replace(inner, shape=None if inner.shape is None else (None, *inner.shape), value=None)
    if isinstance(value, Choice):
        return None
    return None


def _python_dtype(number: object) -> str:
    return "bool" if isinstance(number, bool) else "int64" if isinstance(number, int) else "float"


def class_index(machine: Machine, classes: Dim, node: cst.CSTNode) -> Tensor:
    """One class index below `classes`."""
    return Tensor(
        shape=(),
        encoding="index",
        classes=classes,
        dtype="int64",
        origin="labels",
        evidence=(machine.evidence("encoding", node),),
    )


def row(value: Tensor) -> Tensor:
    """One element along the first axis."""
    shape = None if value.shape is None else value.shape[1:]
    axis = value.class_axis
    if axis is not None and axis > 0:
        axis -= 1
    key = fewer_axes.row_key(value.key)
    ran = value.activation_axis
    if ran is not None and ran >= 0:
        ran = ran - 1 if ran else None
    return replace(value, shape=shape, class_axis=axis, activation_axis=ran, key=key, value=value.value)


def unpack(value: Tensor, count: int) -> list[Value]:
    """A tensor spread over targets: its rows; what a network gives is a batch, not `count` of anything."""
    one = row(value)
    key = key_of(value)
    if value.origin == "model" and value.quantity is not None and (value.shape or (None,))[:1] != (count,):
        return [Sym(("item", key, ("const", "int", i))) for i in range(count)]
    if value.encoding is None and value.quantity is None and value.key is not None:
        return [replace(one, key=("item", key, ("const", "int", i))) for i in range(count)]
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
    value = fewer_axes.with_all(value, axis)
    own = value.class_axis
    if own is None:
        return None
    if value.shape is not None:
        rank = len(value.shape)
        return axis % rank == own % rank if rank else None
    if (own < 0) == (axis < 0):
        return own == axis
    return None


def is_column(key: Key) -> bool:
    """Whether a key is that of an unknown value whose last axis has one place: `x[:, None]`."""
    if isinstance(key, tuple) and key[:1] == ("column",):
        return True
    position = key[2] if isinstance(key, tuple) and len(key) == 3 and key[0] == "item" else None
    return isinstance(position, tuple) and position[:1] == ("tuple",) and position[-1] == key_of(NONE)


def attribute(machine: Machine, value: Tensor, name: str, node: cst.CSTNode) -> Value:
    """`tensor.name`."""
    if name == "shape":
        return shape_value(machine, value)
    if name in indexing.VIEWS or name in ("ix", "real", "array"):
        return value
    if name == "ndim":
        return rank_value(value)
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
    machine.store.set(known.id, "sizes", symbol)
    machine.store.set(known.id, f"[{value.class_axis!r}]", value_of_dim(value.width, symbol.key, ""))
    return known


SMALL = 1e-3
"""What is added to probabilities so that their logarithm exists is less than this."""
KEEPS_SCORES = ("Add", "Subtract", "Multiply", "Divide")


def arithmetic(machine: Machine, name: str, left: Value, right: Value, node: cst.CSTNode) -> Value:
    """Element-wise arithmetic where at least one side is a tensor."""
    if name == "MatrixMultiply":
        return products.matmul(machine, left, right, node)
    a, b = tensor_of(machine, left, node), tensor_of(machine, right, node)
    if a is None or b is None:
        return Tensor()
    trained = products.of_input_and_parameter(machine, (a, b), node) if name in KEEPS_SCORES else None
    if trained is not None:
        return trained
    main, other = (a, b) if _rich(a) >= _rich(b) else (b, a)
    if name == "Add" and main.quantity == "other" and other.quantity == "logits":
        main, other = other, main
    shape, swapped = broadcast(main, other), main is b
    if shape is None and main.rank is not None and 2 <= main.rank - 1 == main.class_axis:
        main = replace(main, class_axis=-1)  # the last axes meet each other, however many there are
    if name == "Modulo" and main is a and (rest := label_arithmetic.remainder(a, other, shape)) is not None:
        return rest
    if main.dtype in WHOLE_TYPES:
        main = replace(main, dtype=_dtype(name, main.dtype, other))
    if main.encoding is not None and main.quantity is None:
        return label_arithmetic.of_labels(main, other, name, shape, swapped)
    if main.quantity == "probabilities" and name == "Subtract" and swapped and other.value == 1.0:
        return replace(main, fresh=False, shape=shape)
    if name == "Multiply" and are_chances((main, other)):
        return replace(main, fresh=False, shape=shape)  # the chance that both hold
    if main.quantity == "probabilities" and name == "Add" and 0 <= (other.value or 1.0) <= SMALL:
        return replace(main, fresh=False, shape=shape)
    if main.quantity in ("logits", "other") and name in KEEPS_SCORES:
        keeps = main.activation if main.quantity == "other" and other.value is not None else "none"
        bare = ("logits", "other") if name == "Add" and main.quantity == "logits" else ("logits",)
        quantity = main.quantity if other.quantity in (None, *bare) else None
        if name == "Subtract" and other.value is None and not _two_scores(main, other):
            quantity = None
        moved = name in ("Add", "Subtract") or main.activation == "tanh"
        if main.quantity == "other" and moved:
            quantity, keeps = None, "none"
        width = main.width
        if width == 1 and shape and main.class_axis is not None:
            from_right = main.class_axis - (main.rank or 0) if main.class_axis >= 0 else main.class_axis
            width = shape[from_right] if -len(shape) <= from_right < 0 else None
        made = ("product", id(node)) if name == "Multiply" and _two_scores(main, other) else None
        return replace(
            main, quantity=quantity, activation=keeps, fresh=False, shape=shape, width=width, key=made
        )
    if main.quantity == "log-probabilities" and name in ("Divide", "Multiply") and other.quantity is None:
        return replace(main, quantity=None, activation=None, fresh=False, shape=shape)
    draws = drawn.moved(name, a, b)
    if draws is not None:
        return replace(draws, shape=shape)
    key = (name, a.key, b.key) if "loss" in (a.origin, b.origin) else masking.made_by(name, a, b, node)
    stretched = main.width == 1 and other.width != 1 and other.shape != ()
    return Tensor(
        shape=shape,
        width=shape[-1] if stretched and shape else None if stretched else main.width,
        class_axis=main.class_axis,
        origin="loss" if key is not None else main.origin,
        dtype=main.dtype,
        evidence=main.evidence,
        key=key,
        source=main.source,
    )


WHOLE_TYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "int")


def _dtype(name: str, dtype: str, other: Tensor) -> str | None:
    """The dtype of whole numbers behind an operation with something else."""
    if name == "Divide":
        return "float"
    if other.dtype is None or (dtype == "bool" and other.dtype != "bool"):
        return other.dtype
    return dtype if other.dtype in WHOLE_TYPES else other.dtype


def are_chances(parts: Sequence[Tensor]) -> bool:
    """Whether all are probabilities of as many independent answers: so is then their product."""
    known = all(part.quantity == "probabilities" and part.activation == "sigmoid" for part in parts)
    return known and len({part.width for part in parts}) == 1


def _two_scores(first: Tensor, second: Tensor) -> bool:
    """Whether both are scores of a model: their difference is one too, as of two classes."""
    return first.quantity == second.quantity == "logits" and first.origin == second.origin == "model"


def broadcast(first: Tensor, second: Tensor) -> tuple[Dim, ...] | None:
    """The shape of an element-wise operation; None where a shape is missing that could change it."""
    if first.shape == () or second.shape == ():
        return second.shape if first.shape == () else first.shape
    if first.shape is None or second.shape is None:
        known = second if first.shape is None else first
        unknown = first if first.shape is None else second
        small = unknown.origin in ("parameter", "") and unknown.quantity is None
        drawn = known.origin == "" and known.encoding == "continuous" and len(known.shape or ()) > 1
        if small and drawn and unknown.encoding in (None, "continuous"):
            return known.shape  # random numbers times a factor
        return known.shape if small and unknown.encoding is None and known.origin == "model" else None
    rank = max(len(first.shape), len(second.shape))
    left = (1,) * (rank - len(first.shape)) + first.shape
    right = (1,) * (rank - len(second.shape)) + second.shape
    return tuple(_stretched(a, b) for a, b in zip(left, right, strict=True))


def _stretched(first: Dim, second: Dim) -> Dim:
    grows = first == 1 or (first is None and isinstance(second, int) and second > 1)
    return second if grows else first


def _rich(value: Tensor) -> int:
    made = {"model": 2, "features": 1}.get(value.origin, 0)
    return (value.quantity is not None) * 8 + (value.encoding is not None) * 4 + made


def _size(machine: Machine, value: Tensor, arguments: Any, node: cst.CSTNode) -> Value:
    shape = shape_value(machine, value)
    if not arguments.positional and not arguments.keywords:
        return shape
    position = arguments.positional[0] if arguments.positional else arguments.keywords.get("dim", NONE)
    return containers.get_item(machine, shape, position, node)


def rank_value(value: Tensor) -> Value:
    """The number of axes, as a value."""
    return Const(len(value.shape)) if value.shape is not None else Sym(("ndim", key_of(value)))


def _dim(machine: Machine, value: Tensor, arguments: Any, node: cst.CSTNode) -> Value:
    return rank_value(value)


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
