"""Subscripts of tensors: rows, columns, slices, new axes, fancy indices, and what is written through them."""

from __future__ import annotations

from dataclasses import replace

from xlint import syntax as cst
from xlint.interpret import class_labels, fewer_axes, operators, selection, shapes, tensors
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    WHOLE,
    WIDE,
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
)


def index(machine: Machine, value: Tensor, position: Value, node: cst.CSTNode) -> Value:
    """`tensor[position]`: rows, columns, slices, new axes, fancy indices."""
    if isinstance(position, Choice):
        position = Sym(key_of(position))
    if isinstance(position, Const) and isinstance(position.value, str):
        key = ("item", key_of(value), key_of(position))
        fewer = isinstance(value.key, tuple) and value.key[0] == class_labels.WITHOUT_FIRST
        if (value.encoding == "one-hot" or fewer) and value.rank == 2:
            rows = replace(value, encoding="one-hot", width=None)
            return replace(_column(rows, (value.shape or (None,))[:1]), key=key)  # pandas' dummies
        return Tensor(key=key, name=f"{value.name}[{position.value!r}]" if value.name else "")
    parts: list[Value] = list(position.items) if isinstance(position, Tuple) else [position]
    if (
        value.name == "eye"
        and value.encoding == "one-hot"
        and value.shape is not None
        and len(parts) == 1
        and not isinstance(parts[0], Slice)
    ):
        return _rows_of_eye(machine, value, parts[0], node)
    count = sum(not _is(part, None, ...) for part in parts)
    by_value = any(selection.perhaps_by_value(machine, part) for part in parts)
    parts = [_as_array(machine, part, node) for part in parts]
    if fewer_axes.most_axes(value) and len(parts) > 1 and count == len(parts):
        value = fewer_axes.with_all(value, count - 1)
        if value.shape is None:  # it may be the last axis that is cut
            return replace(value, width=None, class_axis=None, fresh=False, key=None)
    elif not parts or not _is_number(parts[0]):
        value = fewer_axes.unmarked(value)
    picked = _picked(value, parts) if any(map(_is_list_of_places, parts)) else None
    if picked is not None:
        return picked
    while len(parts) > 1 and parts[-1] == WHOLE and isinstance(parts[0], Tensor) and parts[0].dtype == "bool":
        parts = parts[:-1]  # a mask takes as many axes together as it has, whatever is written behind it
    only = parts[0] if len(parts) == 1 else None
    some = value.rank == 1 and isinstance(only, Sym) and tensors.is_truth(only)
    unsure = any(isinstance(part, Sym) and not part.whole for part in parts)
    if unsure and _perhaps_columns(value, parts):
        value = replace(value, width=None, evidence=shapes.without_width(value))
        value = replace(value, encoding=None, classes=None) if value.encoding in WIDE else value
    if unsure and value.shape is not None and not some:
        value = replace(
            value, shape=None, class_axis=-1 if _left_axis(value) == len(value.shape) - 1 else None
        )
    value = selection.of_some(value) if by_value else value
    if isinstance(only, Tensor) and only.shape != () and only.dtype not in ("int64", "int32"):
        return _masked(value, only)
    if any(_is(part, ...) for part in parts):
        if value.shape is None:
            return _index_from_right(value, parts)
        parts = _expand_ellipsis(parts, len(value.shape) - count)
    return _index_parts(value, parts)


def _as_array(machine: Machine, part: Value, node: cst.CSTNode) -> Value:
    """A list inside an index as the array it stands for, where all its items are numbers."""
    if not isinstance(part, Instance) or part.cls != "list":
        return part
    made = tensors.tensor_of(machine, part, node)
    return part if made is None or made.rank != 1 or made.dtype not in ("int64", "bool") else made


def _perhaps_columns(value: Tensor, parts: list[Value]) -> bool:
    """Whether something unknown may pick some columns of the class axis: `scores[:, places]`."""
    own, width = _left_axis(value), value.width is not None or value.encoding in WIDE
    if (
        not width
        or (value.shape is None and value.class_axis is None)
        or any(_is(part, None, ...) for part in parts)
    ):
        return False
    unsure = [axis for axis, part in enumerate(parts) if isinstance(part, Sym) and not part.whole]
    if own is None:
        return value.class_axis == -1 and unsure[-1:] == [len(parts) - 1] and len(parts) > 1
    return own in unsure


def _is_number(part: Value) -> bool:
    return isinstance(part, Const) and type(part.value) is int


def _is_list_of_places(part: Value) -> bool:
    """Whether a part of an index is an array of integers or a list: with others it names single places."""
    if isinstance(part, Instance):
        return part.cls == "list"
    return isinstance(part, Tensor) and part.shape != () and part.dtype != "bool"


def _masked(value: Tensor, mask: Tensor) -> Value:
    """`tensor[mask]`: a mask of truths takes as many axes together as it has; integers would leave them."""
    own = _left_axis(value)
    value = replace(value, fresh=False, key=value.key if mask.rank == 1 else None)
    if mask.rank is None or mask.dtype != "bool" or value.shape is None:
        last = own is not None and (value.shape is None or own == len(value.shape) - 1)
        return value if value.rank == 1 else replace(value, shape=None, class_axis=-1 if last else None)
    shape = (None, *value.shape[mask.rank :])
    if own is None or own < mask.rank:
        lost = own is not None
        return replace(value, shape=shape, class_axis=None, width=None if lost else value.width)
    return replace(value, shape=shape, class_axis=own - mask.rank + 1)


def numbers_where(value: Tensor, mask: Value | None) -> Tensor:
    """The numbers of an array where a mask of all its axes is true: one axis remains."""
    key = None if value.key is None else ("taken", value.key, key_of(mask))
    return replace(_column(value, (None,)), key=key)


def _picked(value: Tensor, parts: list[Value]) -> Value | None:
    """`scores[rows, classes]`: one number for each pair of places; None where that is not what it is."""
    places = [axis for axis, part in enumerate(parts) if not isinstance(part, Slice)]
    if len(places) < 2 or places != list(range(places[0], places[-1] + 1)):
        return None
    if any(_is(part, None, ...) for part in parts):
        return None
    if value.encoding in WIDE:
        value = replace(value, encoding=None, classes=None)
    own = _left_axis(value)
    if value.shape is None:
        # Of how many axes these are the first is not known.
        lost = own is None or own in places or own < 0
        return replace(value, width=None if lost else value.width, class_axis=None, fresh=False, key=None)
    if len(parts) > len(value.shape):
        return None
    kept: list[Dim] = [
        size if axis >= len(parts) or parts[axis] == WHOLE else None for axis, size in enumerate(value.shape)
    ]
    shape = (*kept[: places[0]], None, *kept[places[-1] + 1 :])
    if own in places:
        return replace(_column(value, shape), key=None)
    if own is not None and own > places[-1]:
        own -= len(places) - 1
    return replace(value, shape=shape, class_axis=own, fresh=False, key=None)


def is_place(part: Value) -> bool:
    """Whether an index is the place of one row: no condition, list or slice."""
    if isinstance(part, Const):
        return type(part.value) is int
    return (isinstance(part, Sym) and not tensors.is_truth(part)) or (
        isinstance(part, Tensor) and part.shape == ()
    )


def _is(part: Value, *constants: object) -> bool:
    return isinstance(part, Const) and any(part.value is constant for constant in constants)


def _expand_ellipsis(parts: list[Value], missing: int) -> list[Value]:
    full: list[Value] = []
    for part in parts:
        full.extend([WHOLE] * missing if _is(part, ...) else [part])
    return full


def _index_from_right(value: Tensor, parts: list[Value]) -> Value:
    last = parts[-1]
    if _is(last, None):
        return replace(value, shape=None, width=1 if value.width is None else value.width, class_axis=None)
    if isinstance(last, Const) and isinstance(last.value, int) and value.class_axis == -1:
        return _column(value, None)
    if isinstance(last, Slice) and value.class_axis == -1 and last != WHOLE:
        return replace(
            value, fresh=False, width=_slice_size(last, value.width), evidence=shapes.without_width(value)
        )
    return replace(value, fresh=False)


def _rows_of_eye(machine: Machine, value: Tensor, part: Value, node: cst.CSTNode) -> Value:
    picked = tensors.tensor_of(machine, part, node)
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
    axis, column, sliced_axis, counted, own = 0, False, False, False, _left_axis(value)
    new_class_axis: int | None = None
    for part in parts:
        if _is(part, None):
            dims.append(1)
            continue
        size = shape[axis] if shape is not None and axis < len(shape) else None
        counted = isinstance(part, Sym) and part.whole
        dropped = (
            counted
            or (isinstance(part, Const) and isinstance(part.value, int))
            or (isinstance(part, Tensor) and part.shape == ())
        )
        if axis == own:
            column = column or dropped
            new_class_axis = None if dropped else len(dims)
            if isinstance(part, Slice) and part != WHOLE:
                sliced_axis = True
                size = _slice_size(part, size)
            elif not dropped and not isinstance(part, Slice):
                sliced_axis, size = True, _places(part)
        elif isinstance(part, Slice) and part != WHOLE:
            size = _sure_size(part, size) if axis else None
        if not dropped:
            dims.append(size if isinstance(part, Slice) or axis == own else None)
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
        if width != value.width or width is None:
            value = replace(_some_columns(value, width), evidence=shapes.without_width(value))
    whole = all(_is(part, None) or part == WHOLE for part in parts)
    key = value.key if whole or (axis <= 1 and (counted or rank == len(new_shape))) else None
    return replace(value, shape=new_shape, class_axis=new_class_axis, width=width, fresh=False, key=key)


def _places(part: Value) -> Dim:
    """How many places an array of integers names; None for a mask."""
    listed = isinstance(part, Tensor) and part.rank == 1 and part.dtype in ("int64", "int32")
    return part.shape[0] if listed and isinstance(part, Tensor) and part.shape else None


def _some_columns(value: Tensor, count: Dim) -> Tensor:
    """Labels with fewer columns: rows may have no one any more."""
    if value.encoding in ("one-hot", "soft"):
        return replace(value, encoding=None, classes=None, certain=False)
    return replace(value, classes=count) if value.encoding == "multi-hot" else value


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
    if start == 0 and isinstance(part.stop, Sym) and part.step is None:
        return part.stop
    return _between(part.start, part.stop if part.stop is not None else size) if part.step is None else None


def _sure_size(part: Slice, size: Dim) -> Dim:
    """How many places a slice has for sure: as many as it names where the axis is that long, or one."""
    count = _slice_size(part, size)
    fits = isinstance(count, int) and isinstance(size, int) and count <= size
    return count if fits or count == 1 else None


def _between(start: Value | None, stop: Value | Dim) -> Dim:
    """How many places lie between two that differ by a known number, as in `x[:, n : n + 1]`."""
    if not isinstance(start, Sym) or not isinstance(stop, Sym):
        return None
    (base, low), (other, high) = operators.split_sum(start), operators.split_sum(stop)
    return high - low if base == other and high >= low else None


def _index_unknown_rank(value: Tensor, parts: list[Value], axes: int, column: bool) -> Value:
    if not parts:  # `array[()]`, all of it
        return value
    if axes <= 1 and not any(_is(part, None) for part in parts):
        return replace(value, fresh=False) if not isinstance(parts[0], Const) else tensors.row(value)
    if any(_is(part, None) for part in parts):
        whole = all(part == WHOLE for part in parts[:-1])
        return shapes.unsqueeze(value, axes) if whole else replace(value, fresh=False, shape=None)
    last = parts[-1]
    if value.class_axis == -1 and last == WHOLE and all(isinstance(part, Slice) for part in parts):
        key = value.key if all(part == WHOLE for part in parts) else None
        return replace(value, fresh=False, key=key)  # the last axis is this one, or one behind it
    if any(isinstance(part, Slice) and part != WHOLE for part in parts[1:]):
        at_end = len(parts) == 2 and parts[0] == Const(...) and value.class_axis == -1
        width = _slice_size(last, value.width) if at_end and isinstance(last, Slice) else None
        encoding = value.encoding if value.encoding not in ("one-hot", "multi-hot", "soft") else None
        key = None if value.key is None else ("item", value.key, tuple(map(key_of, parts)))
        return replace(value, fresh=False, width=width, encoding=encoding, key=key)
    if isinstance(last, Const) and (value.encoding in ("one-hot", "multi-hot") or value.width is not None):
        return _column(value, None) if axes == 2 else replace(value, fresh=False, width=None, class_axis=None)
    key = None if value.key is None else ("item", value.key, tuple(map(key_of, parts)))
    if any(isinstance(part, Const) for part in parts) or value.width is None:
        return replace(value, fresh=False, key=key)
    return replace(value, fresh=False)


VIEWS = ("flat", "iloc", "loc", "at", "iat", "data", "values")
"""Attributes through which items of an array are written."""
