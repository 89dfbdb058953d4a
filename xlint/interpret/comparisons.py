"""Comparisons of tensors: truth values, and what they tell of the labels that are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from xlint import syntax as cst
from xlint.interpret import axes, recording, tensors
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import NONE, Const, Guards, Key, Sym, Tensor, Value, key_of

MAX_USES = 16
LARGEST = "largest"
"""The head of the key of the place of the largest number in each row of something unknown."""
USES = {"prediction": "index", LARGEST: "index", "decision": "binary"}


def note_usage(machine: Machine, first: Tensor, second: Tensor) -> None:
    """Labels that are compared with predicted classes are class indices; with decisions, 0 or 1.

    Rows whose largest place is compared with predicted classes have their one there.
    """
    for made, other in ((first, second), (second, first)):
        inner, against = parts_of(made.key)[-1], parts_of(other.key)[-1]
        kind = inner[0] if isinstance(inner, tuple) and inner else None
        if kind in USES and other.encoding is None and other.key is not None and other.origin != "model":
            note_labels(machine, other.key, USES[kind])
        elif kind == "prediction" and isinstance(against, tuple) and against[:1] == (LARGEST,):
            note_labels(machine, against[1], "one-hot")


def note_labels(machine: Machine, key: Key, use: str) -> None:
    """Remember how labels are used, and so the ones that they are collected from."""
    for part in parts_of(key):
        noted = machine.usage.setdefault(part, [])
        if len(noted) < MAX_USES:
            noted.append((use, frozenset(machine.store.path)))


def parts_of(key: Key) -> list[Key]:
    """A key, and what it is an element, a collection, some or the bare data of."""
    found = [key]
    while isinstance(key, tuple) and (
        (len(key) == 2 and key[0] in ("element", "joined", "column"))
        or (len(key) == 3 and (key[0] == "taken" or (key[0] == "attr" and key[2] == "data")))
    ):
        key = key[1]
        found.append(key)
    return found


def note_ids(machine: Machine, looked_up: Tensor) -> None:
    """What an embedding looks up are ids, and so is the rest of a sequence of which that is a slice."""
    for whole, sliced in _wholes(looked_up.key):
        if not sliced:
            break
        note_labels(machine, ("ids", whole), "index")


def uses(machine: Machine, labels: Key) -> list[tuple[str, Guards]]:
    """How a script uses labels, or the sequence of ids of which they are a part."""
    known = machine.usage.get(labels)
    parts = () if known else _wholes(labels)
    return known or next(filter(None, (machine.usage.get(("ids", whole)) for whole, _ in parts)), [])


def _wholes(key: Key) -> Iterator[tuple[Key, bool]]:
    """The sequences of which something is a part that numbers or slices name, and whether a slice does."""
    for part in parts_of(key):
        item_of = isinstance(part, tuple) and len(part) == 3 and part[0] == "item"
        whole, place = part[1:] if item_of and isinstance(part, tuple) else (None, ())
        if isinstance(place, tuple) and place:
            places: tuple[Key, ...] = place if isinstance(place[0], tuple) else (place,)
            places = place[1:] if place[0] == "tuple" else places
            if all(map(_is_number, places)):
                yield whole, any(isinstance(item, tuple) and item[0] == "slice" for item in places)
                yield from _wholes(whole)
            return


NUMBERS = ("slice", "range", "+", "turn", "counted", "index")
"""Heads of the keys of slices and of whole numbers."""


def _is_number(place: Key) -> bool:
    return isinstance(place, tuple) and (place[0] in NUMBERS or place[:2] == ("const", "int"))


def comparison(machine: Machine, name: str, left: Value, right: Value, node: cst.CSTNode) -> Value:
    """A comparison with a tensor: a column of truth values."""
    a, b = tensors.tensor_of(machine, left, node), tensors.tensor_of(machine, right, node)
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
        other = b if main is a else a
        rows = _rows_of_range(name, main, other) or _rows_of_range(name, other, main)
        if rows is not None:
            return replace(rows, evidence=(machine.evidence("encoding", node),))
        one_number = other.shape in ((), None)
        shape = main.shape if one_number else tensors.broadcast(main, other)
        encoding: str | None = "binary"
        if _is_range(main) and other.shape is None:
            # Numbers in a row are compared with what is laid across them.
            shape, encoding = None, None
        if name == "Equal" and _part_against_names(left, b):
            encoding = "one-hot"
        elif not one_number and (shape is None or (len(shape) >= 2 and shape[-1] != 1)):
            encoding = None
        elif shape is not None and len(shape) >= 2 and shape[-1] != 1:
            encoding = "multi-hot" if isinstance(shape[-1], int | Sym) else None
        elif shape is None and main.width is not None and main.width != 1:
            encoding = None
        return Tensor(
            shape=shape,
            dtype="bool",
            encoding=encoding,
            classes=2 if encoding == "binary" else None,
            origin="labels",
            key=("compare", name, _side(left), _side(right)),
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
        key=("compare", name, _side(left), _side(right)),
        evidence=(machine.evidence("encoding", node),),
    )


def _side(value: Value) -> Key:
    """The key of what is compared; an array of one number is that number."""
    number = value.value if isinstance(value, Tensor) and value.shape == () else None
    return key_of(value) if number is None else ("const", "float", number)


def _part_against_names(left: Value, right: Tensor) -> bool:
    """`parts[-2] == names`: a part of a path against the names of all folders gives a row with one truth."""
    key = left.key if isinstance(left, Sym) and isinstance(left.key, tuple) else ()
    last = key[2] if len(key) == 3 and key[0] == "item" else None
    part = isinstance(last, tuple) and last[:2] == ("const", "int") and int(last[2]) < 0
    return part and right.rank in (None, 1) and right.encoding is None and right.origin in ("", "sample")


def _is_range(numbers: Tensor) -> bool:
    return isinstance(numbers.key, tuple) and numbers.key[:1] == ("range",)


def _rows_of_range(name: str, labels: Tensor, numbers: Tensor) -> Tensor | None:
    """`labels == arange(n)`: a column of class indices against a row of numbers gives one-hot rows."""
    if name != "Equal" or not _is_range(numbers) or not numbers.shape:
        return None
    if labels.quantity is not None or (labels.shape is not None and labels.shape[-1:] != (1,)):
        return None
    known = labels.shape is not None or labels.encoding in ("index", "binary")
    if not known and not tensors.is_column(labels.key):
        return None
    classes = numbers.shape[-1]
    return Tensor(
        shape=None if labels.shape is None else tensors.broadcast(labels, numbers),
        width=classes,
        class_axis=-1,
        encoding="one-hot",
        classes=classes,
        certain=classes is not None,
        dtype="bool",
        origin="labels",
        key=("one-hot", key_of(labels), classes),
    )


def _compare(machine: Machine, given: Given, value: Value | None) -> Value:
    others = [item for item in (*given.values.values(), *given.rest) if item is not value]
    other: Value = others[0] if others else Sym(("compare", id(given.node)))
    left = axes.operand(machine, given, value)
    name = COMPARISONS.get(given.row.short_name, "Equal")
    return comparison(machine, name, left, other, given.node)


COMPARISONS = {
    "greater": "GreaterThan",
    "gt": "GreaterThan",
    "ge": "GreaterThanEqual",
    "greater_equal": "GreaterThanEqual",
    "less": "LessThan",
    "lt": "LessThan",
    "le": "LessThanEqual",
    "less_equal": "LessThanEqual",
    "ne": "NotEqual",
    "not_equal": "NotEqual",
}
"""The operators that functions stand for; the others find where two are equal."""


OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {"compare": _compare}
