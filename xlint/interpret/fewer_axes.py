"""Tensors that have as many axes as a batch gives them, or one fewer where there is no batch axis.

A recurrent layer of torch takes (N, L, features) and (L, features), and its states follow: where nothing is
known of the input, its last state is (layers, N, hidden) or (layers, hidden). Only what holds for both may be
said. So the shape of such a tensor is not known; its key tells the most axes it may have and the size of the
first.
"""

from __future__ import annotations

from dataclasses import replace

from xlint.interpret.values import Dim, Key, Tensor, compose

MOST_AXES = "this many axes, or one fewer"


def perhaps_fewer(value: Tensor, most: int, first: Dim, made_by: Key) -> Tensor:
    """A tensor of `most` axes or one fewer; the first has the size `first`, the last is the class axis."""
    return replace(value, shape=None, class_axis=-1, key=(MOST_AXES, most, first, made_by))


def most_axes(value: Tensor) -> int | None:
    """The most axes that a tensor of unknown shape may have, where it is one of these; else None."""
    key = value.key
    if value.shape is not None or not isinstance(key, tuple) or key[:1] != (MOST_AXES,):
        return None
    most: int = key[1]
    return most


def first_size(value: Tensor) -> Dim:
    """The size of the first axis, where that is not the batch."""
    size: Dim = value.key[2] if isinstance(value.key, tuple) and most_axes(value) else None
    return size


def row_key(key: Key) -> Key:
    """The key of one row along the first axis, which is not the last one."""
    if isinstance(key, tuple) and key[:1] == (MOST_AXES,) and key[1] > 1:
        return compose((MOST_AXES, key[1] - 1, None, ("element", key[3])))
    return None if key is None else ("element", key)


def with_all(value: Tensor, axis: int | None) -> Tensor:
    """The tensor with its axes where `axis` is the last one that it may have: else the script would raise."""
    most = most_axes(value)
    if most is None or axis is None or axis < 0 or axis != most - 1:
        return value
    last = value.width if value.class_axis == -1 else None
    return replace(value, shape=(*(None,) * axis, last), key=None)


def unmarked(value: Tensor) -> Tensor:
    """The tensor without that knowledge: behind an operation that may add axes."""
    return value if most_axes(value) is None else replace(value, key=None)
