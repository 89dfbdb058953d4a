"""What writing items makes of tensors: ones into zeros make one-hot rows, numbers over parts make labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xlint import nodes
from xlint.interpret import class_labels, containers, frames, indexing, literals, loops, sequences
from xlint.interpret.machine import Machine
from xlint.interpret.store import Diff, subject
from xlint.interpret.values import (
    WHOLE,
    Choice,
    Const,
    Instance,
    Key,
    Slice,
    Sym,
    Tensor,
    Tuple,
    Value,
    key_of,
)
from xlint.sites import Evidence


def _encoding_of_ones(machine: Machine, base: Tensor, position: Value) -> str | None:
    """What ones make of zeros: as many in a row as the loops since the zeros, or a list of indices, write."""
    *rows, last = position.items if isinstance(position, Tuple) and position.items else (position,)
    made_in = base.key[2] if isinstance(base.key, tuple) and base.key[0] == "filled" else machine.loops
    turns, rank = machine.loops - int(made_in), len(base.shape or ())
    batch = isinstance(last, Tensor) and last.shape != ()
    several = isinstance(last, Instance) or (batch and rank == 1)
    if batch and isinstance(last, Tensor) and last.dtype == "bool":
        return None  # a mask names no places: where it is true may be anywhere
    if _in_each_row(rows, last):
        return "multi-hot"
    path = machine.store.path[loops.started(machine, int(made_in) + 1) :]
    if rank == turns == 2 and len(rows) == 1 and not several and not _searched(last, path):
        return "multi-hot"  # the inner loop writes into one row
    one_row = rank == 1 or (rank == 2 and turns > 0 and _is_row(rows) and not isinstance(last, Const))
    if not one_row:
        if several and rows and isinstance(rows[-1], Const):
            return None  # one row gets a one at each of several places
        once = rank == 2 or _each_row_once(rows, last, turns, rank)
        return "one-hot" if once and turns < rank and not (several and turns) else None
    if not several and not turns:
        return "one-hot"
    searched = turns and _searched(last, path)
    return None if batch or searched else "multi-hot"


def _is_row(rows: Sequence[Value]) -> bool:
    """Whether a loop writes into one row all the time: `zeros[0][place] = 1`."""
    return len(rows) == 1 and isinstance(rows[0], Const)


PERHAPS_SEVERAL = "perhaps several"
"""Evidence that the place of a one is unknown, and may be a list of places."""


def doubt(machine: Machine) -> Evidence:
    """What tells of one-hot rows that some of them may have several ones, or none."""
    return Evidence(PERHAPS_SEVERAL, machine.mark(nodes.NOWHERE))


def _some_left_out(machine: Machine, place: Value) -> bool:
    """Whether a loop asks about the place of a one before it writes it, and so leaves rows of zeros."""
    path = machine.store.path[loops.started(machine, machine.loops) :]
    return any(loops.holds(key, key_of(place)) for key, _ in path)


def _may_be_list(place: Value) -> bool:
    return (isinstance(place, Sym) and not place.whole) or (isinstance(place, Tensor) and place.shape is None)


COUNTS = ("range", "enumerate", "permutation")


def _named_once(machine: Machine, row: Value | None) -> bool:
    """Whether an index names each row once, as what counts them does; one that is read may come again."""
    if isinstance(row, Choice):
        return all(_named_once(machine, item) for _, item in row.alternatives)
    if isinstance(row, Instance):
        known = containers.items(machine, row)
        if known is None:
            return _named_once(machine, machine.store.get(row.id, "element"))
        return all(isinstance(item, Const) for item in known) and len(set(known)) == len(known)
    return isinstance(row, Const | Slice) or (row is not None and _counted(key_of(row)))


def _counted(key: Key) -> bool:
    """Whether a number counts something, from wherever it starts."""
    if isinstance(key, tuple) and len(key) == 3 and key[0] in ("+", "-"):
        return any(map(_counted, key[1:]))
    return isinstance(key, tuple) and key != () and key[0] in COUNTS


def _in_each_row(rows: Sequence[Value], last: Value) -> bool:
    """Whether all rows get a one at each of several places: `zeros[:, places] = 1`."""
    column = isinstance(last, Tensor) and len(last.shape or ()) == 1 and last.shape != (1,)
    return column and bool(rows) and rows[-1] == WHOLE


def _each_row_once(rows: Sequence[Value], last: Value, turns: int, rank: int) -> bool:
    """Whether loops name the rows one by one where there are several axes of them: else a place is a cell."""
    counted = sum(isinstance(row, Const) for row in rows)  # by loops that were run item by item
    return not isinstance(last, Const) and turns + counted >= rank - 1


def _searched(position: Value, path: Sequence[tuple[Key, bool]]) -> bool:
    """Whether branches inside a loop choose what is written, as in a search for the one name that is equal.

    That the place of an item is asked for only where the item has one, chooses nothing.
    """
    if isinstance(position, Tensor) and position.encoding == "index":
        return not all(isinstance(key, tuple) and key and key[0] == "in" for key, _ in path)
    place = position.key if isinstance(position, Sym) else None
    path = [(key, polarity) for key, polarity in path if not _bounds(key, place)]
    if not isinstance(place, tuple) or place[0] != "item":
        return bool(path)
    tests = [("in", place[2], holder, True) for holder in (place[1], ("instance", place[1]))]
    return not all(polarity and key in tests for key, polarity in path)


def _bounds(key: Key, place: Key) -> bool:
    """Whether a decision is only that a place, or what it is counted from, is beyond a number."""
    ordered = isinstance(key, tuple) and len(key) == 3 and key[0] == "<"
    about = subject(key) if ordered else None
    moved = isinstance(place, tuple) and len(place) == 3 and place[0] in ("+", "-")
    return about is not None and about in (place, place[1] if moved and isinstance(place, tuple) else None)


def _filled_with_outputs(base: Tensor, position: Value, value: Tensor) -> Tensor:
    """Outputs of a model written into an empty tensor, step by step, with their classes on its last axis."""
    parts = position.items if isinstance(position, Tuple) else (position,)
    while len(parts) > 1 and parts[-1] == WHOLE:
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
    return last == WHOLE and (single or sequences.array_of_zeros(base) is not None)


def _one_column(base: Tensor, position: Value) -> bool:
    """Whether one of several columns is written, `table[:, 1] = flags`: all hold something else."""
    *rows, last = position.items if isinstance(position, Tuple) and position.items else (position,)
    single = base.shape is not None and base.shape[-1] == 1
    return any(isinstance(row, Slice) for row in rows) and not isinstance(last, Slice) and not single


def _row_written(position: Value, number: object) -> Key:
    """The row that gets a one, where numbers name it, as the key of these; else None."""
    rows = position.items[:-1] if isinstance(position, Tuple) else ()
    named = number in (1, 1.0) and bool(rows) and all(isinstance(row, Const) for row in rows)
    return tuple(map(key_of, rows)) if named else None


def _second_place(first: Key, position: Value) -> bool:
    """Whether each row that a range counts, and that got a one, gets another at a place of its own."""
    if not isinstance(position, Tuple) or len(position.items) != 2:
        return False
    rows, places = map(key_of, position.items)
    if not isinstance(first, tuple) or len(first) != 3 or first[:2] != ("tuple", rows):
        return False
    return isinstance(rows, tuple) and rows[:1] == ("range",) and places != first[2]


OPPOSITES = {
    "GreaterThan": "LessThanEqual",
    "LessThan": "GreaterThanEqual",
    "LessThanEqual": "GreaterThan",
    "GreaterThanEqual": "LessThan",
    "NotEqual": "Equal",  # not the other way round: what was written over is unequal, too
}
"""What is left where a comparison does not hold, and so what is to be written over next."""


def _few_numbers(base: Tensor, position: Value, number: object) -> Tensor | None:
    """Numbers written over parts of a filled column, or over what is above a threshold and what is not."""
    key = base.key if isinstance(base.key, tuple) else ()
    if not isinstance(number, int | float):
        return None
    if _rows_of_a_column(base, position):
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
        if bound == mask[3] and OPPOSITES.get(name) == mask[1]:
            made = class_labels.of_numbers(numbers, base.shape, mask, base.evidence)
            return replace(made, dtype=base.dtype)
    return replace(base, encoding=None, classes=None, origin="", key=("thresholded", mask, number))


def _rows_of_a_column(base: Tensor, position: Value) -> bool:
    """Whether some rows of one column are written: of (N,), or of (N, 1)."""
    rows, *rest = position.items if isinstance(position, Tuple) and position.items else (position,)
    column = base.rank == 1 or (base.rank == 2 and base.shape is not None and base.shape[1] == 1)
    return column and isinstance(rows, Slice) and rows != WHOLE and all(item == WHOLE for item in rest)


def _rows_of_table(machine: Machine, base: Tensor, position: Value, value: Value) -> Tensor | None:
    """What a table holds, written row by row into an array that was filled with a number."""
    row = key_of(value)
    filled = base.value is not None and base.rank == 2 and indexing.is_place(position)
    if not filled or frames.axes(machine, row) != 1:
        return None
    return replace(base, value=None, encoding=None, classes=None, origin="", key=("joined", row))


def assign_item(machine: Machine, base: Tensor, position: Value, value: Value) -> Value:
    """What `base[position] = value` makes of a tensor: ones into zeros make one-hot rows."""
    number = value.value if isinstance(value, Const) else None
    if isinstance(value, Tensor) and value.origin == "model" and value.quantity is not None:
        return _filled_with_outputs(base, position, value)
    known = _few_numbers(base, position, number) or _rows_of_table(machine, base, position, value)
    if known is not None:
        return known
    if base.dtype == "bool" and base.encoding == "binary" and (base.shape or (None,))[-1] == 1:
        return replace(base, value=None, key=None)  # what is written becomes a truth value
    if isinstance(position, Tensor) and position.dtype in ("bool", None) and base.value is None:
        return replace(base, encoding=None, classes=None, origin="", key=None)
    if base.value == 0.0 and number in (1, 1.0) and base.shape:
        width = base.shape[-1]
        last = position.items[-1] if isinstance(position, Tuple) else position
        if width != 1 and not isinstance(last, Slice):
            encoding = _encoding_of_ones(machine, base, position)
            rows = (_row_written(position, number),)
            once = encoding == "one-hot"
            key = ("ones", base.key, rows, key_of(position)) if once else ("written", base.key)
            classes = width if encoding else None
            others = position.items[:-1] if isinstance(position, Tuple) else ()
            unsure = _may_be_list(last) or not all(_named_once(machine, row) for row in others)
            unsure = once and (unsure or _some_left_out(machine, last))
            made = replace(base, value=None, encoding=encoding, classes=classes, origin="labels", key=key)
            return replace(made, evidence=(*made.evidence, doubt(machine))) if unsure else made
        return replace(base, value=None, encoding=None if width != 1 else "binary")
    if number in (0, 0.0) and _whole_row(base, position):
        array = sequences.array_of_zeros(base) or machine.new_id()
        return replace(base, value=0.0, encoding="binary", classes=2, key=("filled", array, machine.loops))
    bit = number in (0, 1)
    ones = base.key if isinstance(base.key, tuple) and base.key[0] == "ones" else None
    if ones is not None:
        if number in (1, 1.0) and _second_place(ones[3], position):
            return replace(base, encoding="multi-hot", key=("written", ones[1]))
        row = _row_written(position, number)
        if row is None or row in ones[2]:
            return replace(base, encoding=None, classes=None, key=("written", ones[1]) if bit else None)
        return replace(base, key=("ones", ones[1], (*ones[2], row), None))
    if base.encoding is None and not bit and isinstance(base.key, tuple) and base.key[0] == "written":
        return replace(base, key=None)  # no longer zeros and ones
    empty = isinstance(base.key, tuple) and base.key[0] == "empty"
    inner = value if isinstance(value, Tensor) else None
    if empty and inner is not None and inner.encoding == "continuous":
        return replace(base, encoding="continuous", key=None)
    if base.encoding == "continuous" and (inner is None or inner.encoding != "continuous"):
        return replace(base, encoding=None, value=None, key=None)
    if base.value == 1.0 and number in (0, 0.0) and base.shape and base.shape[1:] in ((), (1,)):
        return replace(base, value=None, encoding="binary", classes=2)
    if base.value is not None and number != base.value:
        if inner is None or (inner.encoding != "continuous" and _one_column(base, position)):
            return replace(base, value=None, encoding=None, classes=None)
        return replace(base, value=None, encoding=inner.encoding, classes=inner.classes)
    if literals.numbers_in(base.key):  # they are no longer those that were written down
        return replace(base, encoding=None, classes=None, certain=False, key=("written", base.key))
    return base


def keep_written(machine: Machine, decision: Key, then: Diff, other: Diff) -> None:
    """What one side of a decision writes into an array stays, where each turn of a loop decides anew."""
    for slot in {**then, **other} if machine.loops else ():
        before = machine.store.get(*slot)
        first, second = then.get(slot, before), other.get(slot, before)
        if not isinstance(first, Tensor) or not isinstance(second, Tensor) or first is second:
            continue
        made = sequences.key_of_zeros(first)
        if made is None or sequences.key_of_zeros(second) != made:
            continue
        if not loops.varies(machine, decision, int(made[2])):
            continue
        if first.value is not None or second.value is not None:
            then[slot] = other[slot] = first if first.value is None else second
        elif first.encoding != second.encoding:
            mixed = replace(first, encoding=None, classes=None, value=None, key=("written", made))
            then[slot] = other[slot] = mixed
