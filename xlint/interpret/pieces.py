"""Operations that take tensors apart: pieces along an axis, numbers picked by an index, pixel shuffles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xlint.interpret import (
    activations,
    axes,
    containers,
    indexing,
    library,
    literals,
    recording,
    selection,
    shapes,
    tensors,
    transforms,
)
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import WHOLE, Const, Dim, Key, Sym, Tensor, Tuple, Value, dim_of, key_of

MOST = 64


def _pieces(machine: Machine, given: Given, value: Value | None) -> Value:
    """chunk and split: a tuple of tensors, where it is known how many."""
    tensor, axis = axes.operand(machine, given, value), axes.axis_of(given)
    if axis is None:
        return machine.unknown(given.node)
    sizes = _sizes(machine, given, tensors.width_on_axis(tensor, axis))
    if sizes is None:
        return Sym(("pieces", key_of(tensor), id(given.node)))
    return Tuple(tuple(_piece(tensor, axis, size, place) for place, size in enumerate(sizes)))


def _sizes(machine: Machine, given: Given, whole: Dim) -> Sequence[Dim] | None:
    """The sizes of all pieces along the axis, or None."""
    count = given.of("count")
    if isinstance(count, Const) and isinstance(count.value, int) and 0 < count.value <= MOST:
        even = isinstance(whole, int) and whole % count.value == 0
        return [whole // count.value if even and isinstance(whole, int) else None] * count.value
    wanted = given.of("sizes")
    listed = containers.items(machine, wanted) if wanted is not None else None
    if listed is not None:
        return [dim_of(item) for item in listed]
    each = dim_of(wanted)
    if not isinstance(each, int) or not isinstance(whole, int) or not 0 < whole <= MOST * each:
        return None
    full, rest = divmod(whole, each)
    return [each] * full + [rest] * (rest > 0)


def _piece(value: Tensor, axis: int, size: Dim, place: int) -> Tensor:
    """One piece; along the class axis it has classes of its own, along another one it is as before."""
    on_class = tensors.same_axis(value, axis)
    key = None if value.key is None else ("piece", value.key, axis, place)
    shape = value.shape
    if shape is not None and -len(shape) <= axis < len(shape):
        at = axis % len(shape)
        shape = (*shape[:at], size, *shape[at + 1 :])
    if on_class is False or (axis == 0 and value.class_axis is None):
        return replace(value, shape=shape, fresh=False, value=None, key=key)
    known = size if on_class else None
    axis_kept = value.class_axis if on_class else None
    columns = replace(value, encoding=None, classes=None, value=None, fresh=False, key=key)
    return replace(columns, shape=shape, width=known, class_axis=axis_kept)


def _narrow(machine: Machine, given: Given, value: Value | None) -> Value:
    """narrow(axis, start, length): one piece of an axis."""
    tensor, axis = axes.operand(machine, given, value), axes.axis_of(given)
    if axis is None:
        return transforms.opaque(machine, given, value)
    made = _piece(tensor, axis, dim_of(given.of("length")), id(given.node))
    return made if made.width == tensor.width else replace(made, evidence=shapes.without_width(made))


def _unstacked(machine: Machine, given: Given, value: Value | None) -> Value:
    """unstack and unbind: what stands at each place of an axis, which goes; a list where it has no length."""
    tensor, axis = axes.operand(machine, given, value), axes.axis_of(given)
    if axis is None or (axis < 0 and tensor.rank is None):
        return machine.unknown(given.node)
    before = axis if axis >= 0 else axis + (tensor.rank or 0)
    place: Value = Sym(("index", id(given.node)), whole=True)
    one = indexing.index(machine, tensor, Tuple((*(WHOLE,) * before, place)), given.node)
    count = tensor.shape[before] if tensor.shape is not None and before < len(tensor.shape) else None
    if isinstance(count, int) and count <= MOST:
        places = (Tuple((*(WHOLE,) * before, Const(number))) for number in range(count))
        return Tuple(tuple(indexing.index(machine, tensor, at, given.node) for at in places))
    return machine.new_list(None, element=one)


def _gather(machine: Machine, given: Given, value: Value | None) -> Value:
    """gather(axis, index): numbers picked along an axis; the result has the shape of the index."""
    tensor = axes.operand(machine, given, value)
    recording.read_along(machine, tensor, axes.axis_of(given))
    if tensor.quantity not in ("logits", "other"):
        return transforms.opaque(machine, given, value)
    index = tensors.tensor_of(machine, given.get("index"), given.node)
    axis = axes.axis_of(given)
    shape = None if index is None else index.shape
    column = shape is None and index is not None and axis in (1, -1) and _is_column(index)
    if column and tensor.rank == 2:
        shape = (None, 1)
    picked = replace(tensor, shape=shape, width=None, class_axis=None, fresh=False, key=None)
    if column and tensor.rank is None and tensor.class_axis in (1, -1):
        return replace(picked, width=1, class_axis=axis)
    if shape is None or axis is None or not -len(shape) <= axis < len(shape):
        return picked
    own = shapes.left_axis(tensor, tensor.class_axis)
    if own is None and tensor.class_axis == -1:
        own = len(shape) - 1  # the index has as many axes as the tensor
    if own is None or own != axis % len(shape):
        return picked
    return replace(picked, width=shape[own], class_axis=own)


def _is_column(index: Tensor) -> bool:
    """Whether `unsqueeze` made an index: one place for each sample."""
    return isinstance(index.key, tuple) and index.key[0] == "column"


def _take(machine: Machine, given: Given, value: Value | None) -> Value:
    """Rows, or slices along another axis, at some places or where a mask is true: the other axes stay."""
    tensor, axis = axes.operand(machine, given, value), axes.axis_of(given)
    if selection.perhaps_by_value(machine, given.of("index")):
        tensor = selection.of_some(tensor)
    index = tensors.tensor_of(machine, given.of("index"), given.node) or Tensor()
    key = None if tensor.key is None else ("taken", tensor.key, key_of(index))
    last = tensor.class_axis == -1
    if tensor.origin == "parameter" or axis is None:
        return transforms.opaque(machine, given, value)
    if tensors.same_axis(tensor, axis) and not given.row.get("mask"):
        return _columns(tensor, axis, index, key)
    if axis != 0 and tensor.rank is None:
        return transforms.opaque(machine, given, value)
    if tensor.shape is None or index.rank is None:
        kept = last and (tensor.rank is None or axis % tensor.rank != tensor.rank - 1)
        whole = replace(tensor, shape=None, fresh=False, key=key)
        return whole if kept else replace(whole, width=None, class_axis=None)
    places = (None,) if given.row.get("mask") else index.shape
    first, behind = axis % (tensor.rank or 1), index.rank if given.row.get("mask") else 1
    shape = (*tensor.shape[:first], *(places or ()), *tensor.shape[first + behind :])
    own = shapes.left_axis(tensor, tensor.class_axis)
    if own is None or first <= own < first + behind:
        return replace(tensor, shape=shape, width=None, class_axis=None, fresh=False, key=key)
    moved = own if own < first else own + len(shape) - len(tensor.shape)
    return replace(tensor, shape=shape, class_axis=moved, fresh=False, key=key)


def _columns(value: Tensor, axis: int, index: Tensor, key: Key) -> Tensor:
    """Some columns of the class axis: as many as an index names."""
    count = index.shape[0] if index.shape is not None and len(index.shape) == 1 else None
    made = _piece(value, axis, count, 0)
    return replace(made, evidence=shapes.without_width(value), key=key)


def _masked_select(machine: Machine, given: Given, value: Value | None) -> Value:
    return indexing.numbers_where(axes.operand(machine, given, value), given.of("mask"))


def _pixel_shuffle(machine: Machine, given: Given, value: Value | None) -> Value:
    """Channels moved into height and width."""
    tensor, factor = axes.operand(machine, given, value), dim_of(given.of("factor"))
    first = str(given.constant("data_format")).startswith(activations.CHANNELS_FIRST)
    axis = 1 if first else int(given.row.get("axis", 1))
    shape = tensor.shape if tensor.rank == 4 else None
    channels = shape[axis] if shape is not None else None
    left = None
    if isinstance(factor, int) and factor and isinstance(channels, int) and channels % factor**2 == 0:
        left = channels // factor**2
    kept: list[Dim] = [shape[0] if shape else None, None, None, None]
    kept[axis] = left
    return replace(tensor, shape=tuple(kept), width=left, class_axis=axis, fresh=False, key=None)


def _tile(machine: Machine, given: Given, value: Value | None) -> Value:
    """An array laid out again and again: along the first axis, or one row below the other."""
    tensor, repeats = axes.operand(machine, given, value), axes.dims_of(machine, given.of("repeats"))
    if tensor.shape is None or not repeats or any(times != 1 for times in repeats[1:]):
        return Tensor()
    if len(repeats) == tensor.rank:
        return replace(tensor, shape=(None, *tensor.shape[1:]), key=None)
    numbers = literals.written(tensor)
    if tensor.rank != 1 or len(repeats) != 2 or not numbers:
        return Tensor()
    rows = literals.literal(machine, [numbers], given.node)
    return replace(rows, shape=(repeats[0], len(numbers)))


OPERATIONS: dict[str, library.Operation] = {
    "pieces": _pieces,
    "narrow": _narrow,
    "unstack": _unstacked,
    "gather": _gather,
    "take": _take,
    "masked_select": _masked_select,
    "tile": _tile,
    "pixel_shuffle": _pixel_shuffle,
}
