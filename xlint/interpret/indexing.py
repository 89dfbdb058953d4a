"""Subscripts of tensors: rows, columns, slices, new axes, fancy indices, and what is written through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import libcst as cst

from xlint.interpret import class_labels, operators, sequences, tensors
from xlint.interpret.machine import Machine
from xlint.interpret.values import Choice, Const, Dim, Instance, Key, Slice, Sym, Tensor, Tuple, Value, key_of

WIDE = ("one-hot", "multi-hot")


def index(machine: Machine, value: Tensor, position: Value, node: cst.CSTNode) -> Value:
    """`tensor[position]`: rows, columns, slices, new axes, fancy indices."""
    if isinstance(position, Choice):
        position = Sym(("choice", id(position)))
    if isinstance(position, Const) and isinstance(position.value, str):
        key = ("item", key_of(value), key_of(position))
        if value.encoding == "one-hot" and value.rank == 2:
            return replace(_column(value, (value.shape or (None,))[:1]), key=key)  # pandas' dummies
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
    picked = _picked(value, parts) if any(map(_is_list_of_places, parts)) else None
    if picked is not None:
        return picked
    if any(isinstance(part, Sym) for part in parts) and value.shape is not None:
        value = replace(
            value, shape=None, class_axis=-1 if _left_axis(value) == len(value.shape) - 1 else None
        )
    if any(
        (isinstance(part, Tensor) and part.dtype != "int64") or isinstance(part, Instance) for part in parts
    ):
        value = replace(value, certain=False, classes=value.classes if value.encoding in WIDE else None)
    only = parts[0] if len(parts) == 1 else None
    if isinstance(only, Tensor) and only.shape != () and only.dtype not in ("int64", "int32"):
        return _masked(value, only)
    if any(_is(part, ...) for part in parts):
        if value.shape is None:
            return _index_from_right(value, parts)
        parts = _expand_ellipsis(parts, len(value.shape) - count)
    return _index_parts(value, parts)


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
        size if axis >= len(parts) or parts[axis] == Slice(None, None, None) else None
        for axis, size in enumerate(value.shape)
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
    whole = all(_is(part, None) or part == Slice(None, None, None) for part in parts)
    key = value.key if whole or (axis <= 1 and rank == len(new_shape)) else None
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
    if start == 0 and isinstance(part.stop, Sym) and part.step is None:
        return part.stop
    return _between(part.start, part.stop if part.stop is not None else size) if part.step is None else None


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
        return replace(value, fresh=False, shape=None)
    last = parts[-1]
    if any(isinstance(part, Slice) and part != Slice(None, None, None) for part in parts[1:]):
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


def _encoding_of_ones(machine: Machine, base: Tensor, last: Value) -> str | None:
    """What ones make of zeros: as many in a row as the loops since the zeros, or a list of indices, write."""
    made_in = base.key[2] if isinstance(base.key, tuple) and base.key[0] == "filled" else machine.loops
    turns, rank = machine.loops - int(made_in), len(base.shape or ())
    batch = isinstance(last, Tensor) and last.shape != ()
    several = isinstance(last, Instance) or (batch and rank == 1)
    if batch and isinstance(last, Tensor) and last.dtype == "bool":
        return None  # a mask names no places: where it is true may be anywhere
    if rank != 1:
        return None if (several and turns) or turns >= rank else "one-hot"
    if not several and not turns:
        return "one-hot"
    searched = turns and _searched(last, machine.store.path[machine.loop_starts.get(int(made_in) + 1, 0) :])
    return None if batch or searched else "multi-hot"


def _searched(position: Value, path: Sequence[tuple[Key, bool]]) -> bool:
    """Whether branches inside a loop choose what is written, as in a search for the one name that is equal.

    That the place of an item is asked for only where the item has one, chooses nothing.
    """
    if isinstance(position, Tensor) and position.encoding == "index":
        return not all(isinstance(key, tuple) and key and key[0] == "in" for key, _ in path)
    place = position.key if isinstance(position, Sym) else None
    if not isinstance(place, tuple) or place[0] != "item":
        return bool(path)
    tests = [("in", place[2], holder, True) for holder in (place[1], ("instance", place[1]))]
    return not all(polarity and key in tests for key, polarity in path)


def _filled_with_outputs(base: Tensor, position: Value, value: Tensor) -> Tensor:
    """Outputs of a model written into an empty tensor, step by step, with their classes on its last axis."""
    parts = position.items if isinstance(position, Tuple) else (position,)
    while len(parts) > 1 and parts[-1] == Slice(None, None, None):
        parts = parts[:-1]
    rank = len(base.shape) if base.shape is not None else None
    new = base.value == 0.0 or (isinstance(base.key, tuple) and base.key[0] == "empty")
    last = value.class_axis == -1 or (value.shape is not None and value.class_axis == len(value.shape) - 1)
    if base.quantity is not None and base.quantity != value.quantity:
        return Tensor(shape=base.shape, origin="model")
    if rank is None or not last or len(parts) >= rank or not (new or base.quantity):
        return replace(base, value=None, encoding=None, classes=None, origin="model", key=None, evidence=())
    return replace(value, shape=(*(base.shape or ())[:-1], value.width), class_axis=-1, fresh=False, key=None)


def _whole_row(base: Tensor, position: Value) -> bool:
    """Whether all is written, or a whole row of an array of zeros and ones."""
    last = position.items[-1] if isinstance(position, Tuple) else position
    single = not isinstance(position, Tuple)
    return last == Slice(None, None, None) and (single or sequences.array_of_zeros(base) is not None)


def _another_row(position: Value, number: object) -> bool:
    """Whether a one is written into a row of its own, named by numbers: the others keep theirs."""
    rows = position.items[:-1] if isinstance(position, Tuple) else ()
    return number in (1, 1.0) and bool(rows) and all(isinstance(row, Const) for row in rows)


OPPOSITES = {"GreaterThan": "LessThanEqual", "LessThan": "GreaterThanEqual"}


def _few_numbers(base: Tensor, position: Value, number: object) -> Tensor | None:
    """Numbers written over parts of a filled column, or over what is above a threshold and what is not."""
    key = base.key if isinstance(base.key, tuple) else ()
    if not isinstance(number, int | float):
        return None
    if isinstance(position, Slice) and position != Slice(None, None, None) and base.rank == 1:
        before = {base.value} if base.value is not None else set(key[1]) if key[:1] == ("chosen",) else None
        if before is None:
            return None
        numbers = {int(item) if item == int(item) else item for item in (*before, number) if item is not None}
        return replace(class_labels.of_numbers(numbers, base.shape, key, base.evidence), dtype=base.dtype)
    mask = position.key if isinstance(position, Tensor) else None
    if not isinstance(mask, tuple) or mask[0] != "compare" or base.value is not None or base.quantity:
        return None
    if mask[2] != key_of(base):
        return None
    if key[:1] == ("thresholded",):
        (_, name, _, bound), numbers = key[1], {key[2], number}
        if bound == mask[3] and (OPPOSITES.get(name) == mask[1] or OPPOSITES.get(mask[1]) == name):
            return class_labels.of_numbers(numbers, base.shape, mask, base.evidence)
    return replace(base, encoding=None, classes=None, origin="", key=("thresholded", mask, number))


VIEWS = ("flat", "iloc", "loc", "at", "iat", "data", "values")
"""Attributes through which items of an array are written."""


def assign_item(machine: Machine, base: Tensor, position: Value, value: Value) -> Value:
    """What `base[position] = value` makes of a tensor: ones into zeros make one-hot rows."""
    number = value.value if isinstance(value, Const) else None
    if isinstance(value, Tensor) and value.origin == "model" and value.quantity is not None:
        return _filled_with_outputs(base, position, value)
    few = _few_numbers(base, position, number)
    if few is not None:
        return few
    if base.dtype == "bool" and base.encoding == "binary" and (base.shape or (None,))[-1] == 1:
        return replace(base, value=None, key=None)  # what is written becomes a truth value
    if isinstance(position, Tensor) and position.dtype in ("bool", None) and base.value is None:
        return replace(base, encoding=None, classes=None, origin="", key=None)
    if base.value == 0.0 and number in (1, 1.0) and base.shape:
        width = base.shape[-1]
        last = position.items[-1] if isinstance(position, Tuple) else position
        if width != 1 and not isinstance(last, Slice):
            encoding = _encoding_of_ones(machine, base, last)
            key = ("ones" if encoding == "one-hot" else "written", base.key)
            classes = width if encoding else None
            return replace(base, value=None, encoding=encoding, classes=classes, origin="labels", key=key)
        return replace(base, value=None, encoding=None if width != 1 else "binary")
    if number in (0, 0.0) and _whole_row(base, position):
        array = sequences.array_of_zeros(base) or machine.new_id()
        return replace(base, value=0.0, encoding="binary", classes=2, key=("filled", array, machine.loops))
    made = base.key if isinstance(base.key, tuple) and base.key[0] == "ones" else None
    if made is not None and not _another_row(position, number):
        return replace(base, encoding=None, classes=None, key=("written", made[1]))
    if base.value is not None and number != base.value:
        inner = value if isinstance(value, Tensor) else None
        encoding = inner.encoding if inner is not None else None
        return replace(base, value=None, encoding=encoding, classes=inner.classes if inner else None)
    return base
