"""Operations that lay an axis out again and again, or stretch an axis of one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xlint.interpret import axes, label_rows, library, shapes, tensors
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import Const, Dim, Tensor, Tuple, Value


def _resize(machine: Machine, given: Given, value: Value | None) -> Tensor:
    """The same values in other sizes, of which nothing is known."""
    tensor = axes.operand(machine, given, value)
    if isinstance(value, Const) and value.value in (0, 1):
        return replace(tensor, shape=(None,), encoding="binary", classes=2, origin="labels")
    if tensor.rank == 0 and tensor.value in (0, 1) and tensor.encoding is None:
        evidence = (machine.evidence("encoding", given.node),)
        return replace(tensor, shape=None, encoding="binary", classes=2, origin="labels", evidence=evidence)
    return replace(
        tensor,
        shape=None,
        class_axis=tensor.class_axis if tensor.class_axis == -1 else None,
        fresh=False,
        certain=False,
        value=None,
    )


def _sizes(machine: Machine, given: Given, key: str) -> list[Dim] | None:
    """One number for each axis, given as one argument or as several."""
    first = given.of(key)
    several = Tuple((first, *given.rest)) if given.rest and first is not None else first
    return axes.dims_of(machine, several)


def _times(size: Dim, count: Dim) -> Dim:
    """How long an axis is that is laid out so often."""
    if count == 1:
        return size
    if isinstance(size, int) and isinstance(count, int):
        return size * count
    return count if size == 1 else None


def _repeat(machine: Machine, given: Given, value: Value | None) -> Value:
    """`x.repeat(2, 1)`, `x.tile(2)`: how often along each axis, counted from the last."""
    tensor, made = axes.operand(machine, given, value), _resize(machine, given, value)
    if tensor.rank == 0:
        return made
    counts = _sizes(machine, given, "repeats")
    if counts is None or tensor.shape is None:
        return _of_width(tensor, made, None if counts is None else counts[-1])
    before = (1,) * (len(counts) - len(tensor.shape))
    old: tuple[Dim, ...] = (*before, *tensor.shape)
    every = [1] * (len(old) - len(counts)) + counts
    sizes = tuple(_times(size, count) for size, count in zip(old, every, strict=True))
    return _laid_out(tensor, made, sizes, every[-1])


def _of_width(tensor: Tensor, made: Tensor, count: Dim) -> Tensor:
    """A tensor of unknown rank whose last axis is laid out `count` times."""
    if count != 1 and tensor.encoding in label_rows.ROWS:
        made = replace(made, encoding=None, classes=None)
    if tensor.width is None:
        return made
    return replace(made, width=_times(tensor.width, count) if tensor.class_axis == -1 else None)


def _laid_out(tensor: Tensor, made: Tensor, sizes: tuple[Dim, ...], last: Dim) -> Tensor:
    """A tensor with other sizes, perhaps with more axes in front; its last axis is there `last` times."""
    own = shapes.left_axis(tensor, tensor.class_axis)
    if own is not None:
        own += len(sizes) - (tensor.rank or 0)
    if last != 1 and tensor.encoding in label_rows.ROWS:
        made = replace(made, encoding=None, classes=None)
    width = tensor.width if own is None else sizes[own]
    kept = made.evidence if width == tensor.width else shapes.without_width(made)
    return replace(made, shape=sizes, width=width, class_axis=own, evidence=kept)


def _expand(machine: Machine, given: Given, value: Value | None) -> Value:
    """`x.expand(-1, 4)`, `x.expand_as(other)`: axes of one place get another size, the others stay."""
    tensor, made = axes.operand(machine, given, value), _resize(machine, given, value)
    if tensor.rank == 0:
        return made
    like = given.get("other")
    other = None if like is None else tensors.tensor_of(machine, like, given.node)
    wanted: Sequence[Dim] | None = other.shape if other is not None else _sizes(machine, given, "shape")
    if wanted is None or tensor.shape is None or len(wanted) < len(tensor.shape):
        stretched = tensor.width == 1
        return replace(made, width=None, evidence=shapes.without_width(made)) if stretched else made
    old: tuple[Dim, ...] = (*(None,) * (len(wanted) - len(tensor.shape)), *tensor.shape)
    sizes = tuple(
        new if size in (1, None) and new is not None else size for size, new in zip(old, wanted, strict=True)
    )
    return _laid_out(tensor, made, sizes, 1)


def _interleave(machine: Machine, given: Given, value: Value | None) -> Value:
    """`x.repeat_interleave(2, dim=1)`: each place of an axis so often; without an axis, of all numbers."""
    tensor, made = axes.operand(machine, given, value), _resize(machine, given, value)
    axis, count = axes.axis_of(given), axes.dims_of(machine, given.of("repeats"))
    if tensor.rank == 0 or (
        axis is None and tensor.rank in (None, 1) and tensor.encoding not in label_rows.ROWS
    ):
        return made if tensor.width is None else replace(made, width=None)
    if axis is None:
        return replace(made, shape=(None,), width=None, class_axis=None, encoding=None, classes=None)
    on_class = tensors.same_axis(tensor, axis)
    times = count[0] if count is not None and len(count) == 1 else None
    if tensor.shape is None or not -len(tensor.shape) <= axis < len(tensor.shape):
        along = tensor.width is not None and on_class is not False
        width = _times(tensor.width, times) if on_class else None if along else tensor.width
        unsure = axis != 0 and tensor.encoding in label_rows.ROWS
        return replace(made, width=width, encoding=None if unsure else tensor.encoding)
    place = axis % len(tensor.shape)
    sizes = tuple(_times(size, times) if at == place else size for at, size in enumerate(tensor.shape))
    return _laid_out(tensor, made, sizes, times if place == len(sizes) - 1 else 1)


OPERATIONS: dict[str, library.Operation] = {
    "resize": _resize,
    "repeat": _repeat,
    "expand": _expand,
    "interleave": _interleave,
}
