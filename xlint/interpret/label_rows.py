"""Labels whose axes are merged or taken apart: several rows of classes, one behind the other, are one row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from xlint.interpret.values import Dim, Tensor

ROWS = ("one-hot", "soft", "multi-hot")
"""Encodings of labels whose last axis holds the classes."""

FLAT = "rows of labels, flat"
"""Head of the key of rows of labels laid behind each other in one axis."""


def of_each_sample(value: Tensor) -> Tensor:
    """What one sample has, in a batch: flat rows of labels are one row of several ones."""
    flat = value.encoding == "binary" and isinstance(value.key, tuple) and value.key[0] == FLAT
    if not flat or value.rank != 1:
        return value
    return replace(value, encoding="multi-hot", classes=value.shape[0] if value.shape else None, key=None)


def groups_in_one(value: Tensor, groups: tuple[Dim, ...]) -> Tensor:
    """Rows of labels laid behind each other, so many to one: several ones stand in it."""
    count, size = merged(groups), value.classes
    if count == 1:
        return value
    several = isinstance(count, int) and isinstance(size, int)
    known = value.encoding == "multi-hot" or (value.encoding == "one-hot" and isinstance(count, int))
    classes = count * size if several else None  # type: ignore[operator]
    return replace(value, encoding="multi-hot" if known else None, classes=classes, key=None)


def reshaped(value: Tensor, shape: tuple[Dim, ...]) -> Tensor:
    """Labels in another shape: rows of classes that are laid behind each other become one row of several."""
    encoding = value.encoding
    if encoding in ROWS:
        last = value.shape[-1] if value.shape else value.classes
        rows = value.shape
        if (
            shape[-1] is None
            and len(shape) == 2
            and rows
            and len(rows) > 2
            and shape[0] == rows[0] is not None
        ):
            made = groups_in_one(value, rows[1:-1])
            return replace(made, shape=(shape[0], made.classes))
        unsure = shape[-1] is None or (last is None and encoding != "multi-hot")
        if encoding == "one-hot" and one_more_axis(shape, value.shape):
            return replace(value, shape=shape, encoding="multi-hot", classes=shape[-1])
        if shape[-1] != last and not unsure:
            encoding = None
    return replace(value, shape=shape, encoding=encoding)


def one_more_axis(flat: tuple[Dim, ...] | None, apart: tuple[Dim, ...] | None) -> bool:
    """Whether rows of numbers are several groups, one after another: (N, 20) and (N, 4, 5)."""
    if flat is None or apart is None or len(flat) != 2 or len(apart) != 3:
        return False
    count, size = apart[1:]
    known = isinstance(count, int) and isinstance(size, int) and count > 1 < size
    return known and flat[1] == count * size  # type: ignore[operator]


def merged(sizes: Sequence[Dim]) -> Dim:
    """The size of several axes in one: the product, or the only size that is not one."""
    numbers = [size for size in sizes if isinstance(size, int)]
    if len(numbers) == len(sizes):
        return math.prod(numbers)
    others = [size for size in sizes if size != 1]
    return others[0] if len(others) == 1 else None
