"""Axes re-ordered, merged, split, reduced and repeated by a pattern, as einops does: "b c h w -> b (h w) c".

The class axis is followed where it keeps a place of its own; else only the shape of the result is known.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from xlint.interpret import axes, library, products, tensors
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import Dim, Tensor, Value, dim_of

Group = tuple[str, ...]
"""The names that share one axis; none for an axis of size one."""

REST, MERGED_REST = "...", "(...)"
_PART = re.compile(r"\(([^()]*)\)|(\.\.\.|[^\s().]+)")
ELEMENTS = ("index", "binary", "continuous")
"""Encodings that each element has by itself."""


def groups(side: str) -> list[Group]:
    """One side of a pattern as its axes."""
    parts = _PART.findall(side)
    named = ([name] if name else inner.replace(REST, MERGED_REST).split() for inner, name in parts)
    return [tuple(name for name in names if name != "1") for names in named]


def _spread(side: list[Group], rest: Group) -> list[Group]:
    """A side with names in place of the ellipsis: each an axis, or inside of parentheses all one."""
    result: list[Group] = []
    for group in side:
        if group == (REST,):
            result.extend((name,) for name in rest)
        else:
            result.append(tuple(n for name in group for n in (rest if name == MERGED_REST else (name,))))
    return result


def _sizes(left: Sequence[Group], value: Tensor, given: Given) -> dict[str, Dim]:
    """The sizes of the named axes: those given, and what the shape leaves for the others."""
    names = {name for group in left for name in group}
    sizes: dict[str, Dim] = {name: dim_of(item) for name, item in given.values.items() if name in names}
    sizes.update((name, int(name)) for name in names if name.isdecimal())
    for group, size in zip(left, value.shape or (), strict=False):
        unknown = [name for name in group if name not in sizes]
        known = [sizes[name] for name in group if name in sizes]
        if len(unknown) == 1 and not known:
            sizes[unknown[0]] = size
        elif len(unknown) == 1 and isinstance(size, int) and all(isinstance(n, int) and n for n in known):
            sizes[unknown[0]] = size // math.prod(n for n in known if isinstance(n, int))
    return sizes


def _size(group: Group, sizes: dict[str, Dim]) -> Dim:
    dims = [sizes.get(name) for name in group]
    if len(dims) == 1:
        return dims[0]
    whole = [dim for dim in dims if isinstance(dim, int)]
    return math.prod(whole) if len(whole) == len(dims) else None


def _place(axis: int | None, side: list[Group]) -> int | None:
    """An axis as a position in a side, where an ellipsis of unknown length does not stand before it."""
    if axis is None or not -len(side) <= axis < len(side):
        return None
    place = axis % len(side)
    rest = side.index((REST,)) if (REST,) in side else None
    return place if rest is None or (place < rest if axis >= 0 else place > rest) else None


def _pattern(machine: Machine, given: Given, value: Value | None) -> Value:
    """rearrange, reduce and repeat of einops, as functions and as layers."""
    tensor = axes.operand(machine, given, value)
    left_text, arrow, right_text = str(given.constant("pattern", "")).partition("->")
    if not arrow:
        return _unknown(tensor, given, None)
    left, right = groups(left_text), groups(right_text)
    if (REST,) in left and tensor.rank is not None and tensor.rank >= len(left) - 1:
        rest = tuple(f"{REST}{i}" for i in range(tensor.rank - len(left) + 1))
        left, right = _spread(left, rest), _spread(right, rest)
    if (REST,) not in left and tensor.rank not in (None, len(left)):
        return _unknown(tensor, given, None)
    sizes = _sizes(left, tensor if (REST,) not in left else replace(tensor, shape=None), given)
    new = {name: dim_of(item) for name, item in given.values.items() if name not in given.row.params}
    new.update((name, int(name)) for group in right for name in group if name.isdecimal())
    shape = None if (REST,) in right else tuple(_size(group, {**new, **sizes}) for group in right)
    if tensor.class_axis is None and tensor.quantity is None:
        divided = any(len(group) > 1 for group in left)
        return _labels(tensor, given, shape, not divided and _last(left) == _last(right))
    return _followed(tensor, given, left, right, shape)


def _followed(
    tensor: Tensor, given: Given, left: list[Group], right: list[Group], shape: tuple[Dim, ...] | None
) -> Tensor:
    """A tensor with a class axis: it keeps its facts where that axis is alone on both sides."""
    place = _place(tensor.class_axis, left)
    own = left[place] if place is not None else None
    if own is None or len(own) > 1 or own == (REST,) or "".join(own).isdecimal():
        return _unknown(tensor, given, shape)
    kept = replace(tensor, fresh=False, encoding=None if given.row.get("reduces") else tensor.encoding)
    if own == () and () not in right and tensor.width == 1:
        return replace(kept, shape=shape, class_axis=None)
    if right.count(own) != 1:
        return _unknown(tensor, given, shape)
    position = right.index(own)
    behind = (REST,) in right and right.index((REST,)) < position
    width = tensor.width if tensor.width is not None else tensors.width_on_axis(tensor, tensor.class_axis)
    return replace(kept, shape=shape, width=width, class_axis=position - len(right) if behind else position)


def _labels(tensor: Tensor, given: Given, shape: tuple[Dim, ...] | None, same_last: bool) -> Tensor:
    """A tensor without a class axis: labels element by element, or rows whose last axis stays."""
    if given.row.get("reduces"):
        return _unknown(tensor, given, shape)
    stays = tensor.encoding in ELEMENTS or same_last
    key = None if tensor.key is None else ("pattern", tensor.key, given.constant("pattern"))
    return replace(
        tensor,
        shape=shape,
        key=key,
        fresh=False,
        encoding=tensor.encoding if stays else None,
        classes=tensor.classes if stays else None,
    )


def _last(side: list[Group]) -> Group | None:
    return side[-1] if side else None


def _unknown(tensor: Tensor, given: Given, shape: tuple[Dim, ...] | None) -> Tensor:
    origin = "model" if tensor.origin == "model" else ""
    source = products.source_of(tensor)
    return Tensor(shape=shape, origin=origin, key=("opaque", id(given.node)), source=source)


OPERATIONS: dict[str, library.Operation] = {"pattern": _pattern}
