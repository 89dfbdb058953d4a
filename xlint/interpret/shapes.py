"""Operations that move, merge or remove axes, and what they do to the class axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xlint.interpret import fewer_axes, label_rows, tensors
from xlint.interpret.values import Dim, Tensor, key_of, number_of
from xlint.sites import Evidence

SINGLE = "single"
"""The key of an output without the last axis, its one unit; how many other axes it has is not known."""


def left_axis(value: Tensor, axis: int | None) -> int | None:
    """An axis counted from the left, where the rank allows it."""
    if axis is None or axis >= 0:
        return axis
    return None if value.shape is None else axis % max(len(value.shape), 1)


def without_width(value: Tensor) -> tuple[Evidence, ...]:
    """The evidence for what is cut out of a tensor, or repeats it: not what made the width of the whole."""
    return tuple(item for item in value.evidence if item.fact != "width")


def reshape(value: Tensor, dims: Sequence[Dim] | None) -> Tensor:
    """The same numbers in another shape; the class axis is the last one where it still has its width."""
    if dims is None:
        return replace(value, shape=None, fresh=False)
    shape = tuple(dims)
    if shape == value.shape:
        return value
    last = shape[-1] if shape else None
    if len(shape) == 1:
        width = 1 if value.width == 1 else None
        if value.encoding in ("one-hot", "multi-hot"):
            if value.rank == 1:
                return value
            shape = (label_rows.merged(value.shape),) if value.shape else shape
            value = replace(value, encoding="binary", classes=2, key=(label_rows.FLAT, key_of(value)))
        return replace(value, shape=shape, width=width, class_axis=None, fresh=False, key=value.key)
    if (
        value.encoding in ("index", "binary", "continuous", "soft", "one-hot", "multi-hot")
        and value.quantity is None
    ):
        return label_rows.reshaped(value, shape)
    if value.quantity is None and value.key is not None and label_rows.one_more_axis(value.shape, shape):
        value = replace(value, key=(GROUPS, value.key))
    if last is None:
        axis = left_axis(value, value.class_axis)
        if (
            axis is not None
            and len(shape) > 2
            and axis == 1
            and shape[1] is not None
            and shape[1] == value.width
        ):
            return replace(value, shape=shape, class_axis=1, fresh=False)
        return replace(value, shape=shape, width=None, class_axis=None, fresh=False)
    if value.width is not None and last != value.width and len(shape) > 1 and shape[1] == value.width:
        return replace(value, shape=shape, class_axis=1, fresh=False)
    if len(shape) > 2 and last != value.width and _before_others(value):
        return replace(value, shape=shape, width=None, class_axis=None, fresh=False)
    if len(shape) == 4 and last != value.width:
        axis = _channels_of_picture(shape)
        return replace(value, shape=shape, width=shape[axis] if axis else None, class_axis=axis, fresh=False)
    if len(shape) > 2 and last != value.width and isinstance(value.width, int) and value.rank == 2:
        # Units taken apart: whoever reads them knows which of the axes are the classes.
        return replace(value, shape=shape, width=None, class_axis=None, fresh=False)
    return replace(value, shape=shape, width=last, class_axis=-1, fresh=False)


def _channels_of_picture(shape: tuple[Dim, ...]) -> int | None:
    """The axis of the channels where numbers are put into a picture that is as wide as high, else None."""
    _, first, second, third = shape
    if first == third:
        return None
    return 1 if second == third else -1 if first == second else None


def _before_others(value: Tensor) -> bool:
    """Whether axes follow the class axis: those that a reshape puts last are theirs, not its own."""
    own = left_axis(value, value.class_axis)
    return own is not None and value.rank is not None and own < value.rank - 1


GROUPS = "groups"
"""Head of the key of rows whose numbers are taken apart into groups."""


def squeeze(value: Tensor, axis: int | None) -> Tensor:
    """Without axes of size one: the given one, or all."""
    if value.shape is None:
        if axis == 0 and fewer_axes.most_axes(value) and isinstance(fewer_axes.first_size(value), int):
            return tensors.row(value) if fewer_axes.first_size(value) == 1 else value
        value = fewer_axes.unmarked(value)
        removes = value.width == 1 and (axis is None or tensors.same_axis(value, axis) is not False)
        if removes:
            last = value.class_axis == -1 and value.key is None
            key = (SINGLE, number_of(value)) if last else value.key
            return replace(value, class_axis=None, fresh=False, key=key)
        if isinstance(value.key, tuple) and value.key[0] == "column" and axis in (None, 1, -1):
            return replace(value, fresh=False, key=value.key[1])
        return replace(value, fresh=False) if axis is not None or value.width is not None else value
    rank = len(value.shape)
    own = left_axis(value, value.class_axis)
    ones = [i for i, d in enumerate(value.shape) if d == 1 and (i > 0 or rank > 2)]
    axes = [axis % rank] if axis is not None and rank else ones
    if axis is None and not ones and None in value.shape[1:]:  # there it is that a size is one
        last = own is not None and own == rank - 1 and value.width is not None
        return replace(value, shape=None, class_axis=-1 if last else None, fresh=False)
    if axis is not None and rank and value.shape[axis % rank] not in (1, None):
        return value
    if axis is not None and rank and value.shape[axis % rank] is None:
        return replace(value, shape=None, fresh=False)
    shape = tuple(dim for i, dim in enumerate(value.shape) if i not in axes)
    new = None if own is None or own in axes else own - sum(i < own for i in axes)
    return replace(value, shape=shape, class_axis=new, fresh=False)


def unsqueeze(value: Tensor, axis: int | None) -> Tensor:
    """With a new axis of size one."""
    if value.shape is None or axis is None:
        own = value.class_axis
        if axis in (1, -1) and value.key is not None and own is None and value.width is None:
            return replace(value, fresh=False, key=("column", value.key))
        if own is not None and axis is not None and axis == own == -1:
            own = -2
        return replace(value, shape=None, class_axis=own, fresh=False)
    rank = len(value.shape) + 1
    place = axis % rank
    own = left_axis(value, value.class_axis)
    if own is not None and own >= place:
        own += 1
    shape = (*value.shape[:place], 1, *value.shape[place:])
    if value.width == 1 and own is None:
        own = place
    return replace(value, shape=shape, class_axis=own, fresh=False)


def reorder(value: Tensor, axes: Sequence[int] | None) -> Tensor:
    """Axes in another order; None reverses them."""
    if value.shape is None:
        if axes is None:
            column = value.encoding in ("index", "binary")
            kept = None if column else value.encoding  # a column has no other order of axes: it is a table
            return replace(value, class_axis=None, fresh=False, encoding=kept)
        if value.class_axis is None:
            return replace(value, fresh=False)
        rank = len(axes)
    else:
        rank = len(value.shape)
        if axes is None:
            axes = list(range(rank))[::-1]
    if len(axes) != rank or not rank:
        return replace(value, shape=None, class_axis=None, fresh=False)
    order = [axis % rank for axis in axes]
    shape = None if value.shape is None else tuple(value.shape[axis] for axis in order)
    if shape is None:
        shape = tuple(None for _ in order)
    own = value.class_axis
    new = order.index(own % rank) if own is not None and own % rank in order else None
    turned = replace(value, shape=shape, class_axis=new, fresh=False)
    if value.encoding in ("one-hot", "multi-hot") and len(shape) == 2 and shape[-1] == 1:
        return replace(turned, encoding="binary", classes=2)  # one row of 0 and 1, now a column
    return turned


TURNED = "the last axis is perhaps the second now"
"""Key of an output of unknown rank whose axes 1 and another were exchanged, with the number of that other."""


def axis_of_turned(value: Tensor, labels: Tensor | None) -> Tensor:
    """An output whose class axis a loss looks for in second place, where an exchange may have put it."""
    if not isinstance(value.key, tuple) or value.key[0] != TURNED:
        return value
    last = value.key[1]
    fits = labels is None or labels.rank in (None, last, last + 1)
    return replace(value, class_axis=1, shape=(None, value.width, *(None,) * (last - 1))) if fits else value


def swap(value: Tensor, first: int, second: int) -> Tensor:
    """Two axes exchanged."""
    if value.shape is None:
        own = value.class_axis
        if own == -1 and min(first, second) == 1 and value.quantity is not None:
            return replace(value, class_axis=None, fresh=False, key=(TURNED, max(first, second)))
        if own == first:
            own = second
        elif own == second:
            own = first
        elif own is not None and (own < 0) != (first < 0):
            own = None
        return replace(value, class_axis=own, fresh=False)
    order = list(range(len(value.shape)))
    try:
        order[first], order[second] = order[second], order[first]
    except IndexError:
        return replace(value, shape=None, class_axis=None, fresh=False)
    return reorder(value, order)


def flatten(value: Tensor, start: int, end: int = -1) -> Tensor:
    """Axes from `start` to `end` merged to one; a class axis outside of them stays."""
    rank = value.rank
    if rank is not None:
        start, end = (axis + rank if axis < 0 else axis for axis in (start, end))
    if start == 0 and end in (-1, (rank or 0) - 1):
        return reshape(value, (None,))
    own = left_axis(value, value.class_axis)
    if rank is None:
        if own is not None and (own < start if own >= 0 else start >= 0 and end >= 0 and own == -1):
            return replace(value, shape=None, fresh=False)
        if end != -1 or start < 0:
            return replace(value, shape=None, width=None, class_axis=None, fresh=False)
        if value.quantity is None and value.encoding in ("one-hot", "soft"):  # of one row each, or of several
            value = replace(value, encoding=None, classes=None)
        return replace(value, shape=(None,) * (start + 1), width=None, class_axis=None, fresh=False)
    shape = value.shape or ()
    if rank <= start or start >= end:
        return value if rank > start else replace(value, shape=None, fresh=False)
    if value.quantity is None and value.encoding in label_rows.ROWS and end == rank - 1:
        value = label_rows.groups_in_one(value, shape[start:end])
    merged = label_rows.merged(shape[start : end + 1])
    new_shape = (*shape[:start], merged, *shape[end + 1 :])
    if own is not None and not start <= own <= end:
        kept = own if own < start else own - (end - start)
        return replace(value, shape=new_shape, class_axis=kept, fresh=False)
    if own is None and value.width == 1:
        return replace(value, shape=new_shape, fresh=False)  # the axis of its one unit is gone
    axis = start if merged is not None else None
    return replace(value, shape=new_shape, width=merged, class_axis=axis, fresh=False)


def reduce_several(value: Tensor, axes: Sequence[int], keepdims: bool) -> Tensor:
    """Sum, mean and so on along several axes."""
    if value.shape is None:
        return Tensor(origin=value.origin)
    rank = max(len(value.shape), 1)
    for axis in sorted({axis % rank for axis in axes}, reverse=True):
        value = reduce(value, axis, keepdims, False)
    return value


def reduce(value: Tensor, axis: int | None, keepdims: bool, all_axes: bool) -> Tensor:
    """Sum, mean and so on along an axis; the quantity is no longer known unless the class axis survives."""
    if all_axes:
        return Tensor(shape=(), origin=value.origin, key=None)
    own = left_axis(value, value.class_axis)
    if value.shape is None or axis is None:
        if axis is not None and tensors.same_axis(value, axis) is False:
            survives = value.class_axis is not None and value.class_axis < 0
            return replace(
                value,
                class_axis=value.class_axis if survives else None,
                shape=None,
                fresh=False,
                width=value.width,
                encoding=None,
            )
        return Tensor(origin=value.origin)
    rank = len(value.shape)
    place = axis % rank if rank else 0
    if keepdims:
        shape = tuple(1 if i == place else dim for i, dim in enumerate(value.shape))
    else:
        shape = tuple(dim for i, dim in enumerate(value.shape) if i != place)
    if own is None or own == place:
        return Tensor(shape=shape, origin=value.origin)
    new = own if keepdims or own < place else own - 1
    return replace(value, shape=shape, class_axis=new, fresh=False, encoding=None)


def of_unknown_size(value: Tensor, axis: int) -> Tensor:
    """A tensor of which nobody knows how long one axis is: so many parts were joined along it."""
    if tensors.same_axis(value, axis) is not False:
        value = replace(value, width=None)
    if value.shape is None or not -len(value.shape) <= axis < len(value.shape):
        return value
    place = axis % len(value.shape)
    return replace(value, shape=tuple(None if i == place else dim for i, dim in enumerate(value.shape)))


def concat(parts: Sequence[Tensor], axis: int | None) -> Tensor:
    """Tensors joined along an axis: facts on which all agree, sizes added on that axis."""
    parts = [fewer_axes.with_all(part, axis) for part in parts]
    if len(parts) > 1 and _of_one_sigmoid(parts):
        parts = [replace(part, activation=None) for part in parts]
    first = parts[0]
    same_facts = all(
        (p.quantity, p.activation, p.encoding, p.dtype)
        == (first.quantity, first.activation, first.encoding, first.dtype)
        for p in parts
    )
    shape: tuple[Dim, ...] | None = first.shape
    known = [p.shape for p in parts if p.shape is not None]
    if shape is None and known:
        shape = tuple(None for _ in known[0])
    if shape is not None and axis is not None and -len(shape) <= axis < len(shape):
        place = axis % len(shape)
        sizes = [
            p.shape[place] if p.shape is not None and len(p.shape) == len(shape) else None for p in parts
        ]
        numbers = [size for size in sizes if isinstance(size, int)]
        joined: Dim = sum(numbers) if len(numbers) == len(parts) else None
        shape = (*shape[:place], joined, *shape[place + 1 :])
    width = first.width
    if axis is not None and tensors.same_axis(first, axis) is not False and first.class_axis is not None:
        width = (
            shape[first.class_axis]
            if shape is not None and axis != 0
            else (None if axis != 0 else first.width)
        )
    classes = first.classes if all(p.classes == first.classes for p in parts) else None
    if not same_facts:
        bits = {p.value for p in parts}
        if bits <= {0.0, 1.0} and all(p.encoding == "binary" for p in parts):
            return replace(first, shape=shape, value=None)
        return Tensor(
            shape=shape,
            width=width,
            class_axis=first.class_axis,
            origin="model" if any(p.origin == "model" for p in parts) else "",
        )
    value = first.value if all(p.value == first.value for p in parts) else None
    encoding = first.encoding
    if axis not in (0, None) and len(parts) > 1 and _no_longer(first, axis):
        return replace(first, shape=shape, width=width, encoding=None, classes=None, value=value, key=None)
    if encoding == "binary" and value is None:
        classes = 2
    return replace(first, shape=shape, width=width, classes=classes, value=value, fresh=False, key=None)


def _of_one_sigmoid(parts: Sequence[Tensor]) -> bool:
    """Whether several chances come from the same sigmoid, as in `[1 - p, p]`: they may add up to one."""
    marks = [item.mark for part in parts for item in part.evidence if item.fact == "activation"]
    changed = all(part.activation == "sigmoid" for part in parts) and not all(part.fresh for part in parts)
    return changed and len(set(marks)) < len(parts)


def _no_longer(part: Tensor, axis: int | None) -> bool:
    """Whether labels that stand beside each other are no longer what each of them was."""
    if part.encoding in ("one-hot", "soft"):  # several ones in a row
        return axis is not None and tensors.same_axis(part, axis) is not False
    return part.encoding in ("binary", "index")


def stack(parts: Sequence[Tensor], axis: int, count: Dim) -> Tensor:
    """Tensors joined along a new axis; `count` is how many they are, where `parts` only stand for them."""
    first = parts[0]
    joined = concat(parts, None)
    if first.shape is None:
        column = axis != 0 and first.encoding in ("index", "binary")
        return replace(
            joined,
            shape=None,
            encoding=None if column else joined.encoding,
            class_axis=first.class_axis if axis == 0 and (first.class_axis or 0) < 0 else None,
        )
    rank = len(first.shape) + 1
    place = axis % rank
    shape = (*first.shape[:place], count, *first.shape[place:])
    own = left_axis(first, first.class_axis)
    if own is not None and own >= place:
        own += 1
    if first.encoding in ("binary", "index") and place == rank - 1 and rank > 1:
        multi = "multi-hot" if first.encoding == "binary" else None
        return replace(joined, shape=shape, encoding=multi, class_axis=own)
    return replace(joined, shape=shape, class_axis=own)
