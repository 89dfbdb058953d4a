"""Masks: 0 and 1 by division, and scores of padding, which are set far below zero."""

from __future__ import annotations

from dataclasses import replace

from xlint import syntax as cst
from xlint.interpret import order, tensors
from xlint.interpret.values import Const, Key, Tensor, Value

HUGE = 1e3
"""What scores of padding are set to, or changed by, is at least so far below zero."""


def made_by(name: str, first: Tensor, second: Tensor, node: cst.CSTNode) -> Key:
    """The key of a quotient without a rest, or of a mask times a huge negative number; None for all else."""
    if name == "FloorDivide":
        return ("//", first.key, second.value) if first.key is not None and second.value else None
    numbers = [part.value for part in (first, second) if part.value is not None]
    bare = name == "Multiply" and "model" not in (first.origin, second.origin)
    return ("penalty", id(node)) if bare and min(numbers, default=0) <= -HUGE else None


def masked(condition: Value | None, first: Value | None, second: Value | None) -> Tensor | None:
    """Outputs of a model where a condition holds, or where not, and else a number; None for anything else."""
    for scores, other in ((first, second), (second, first)):
        if order.model_made(scores) and _is_filling(other):
            shape = scores.shape
            if isinstance(other, Tensor) and other.shape:
                shape = tensors.broadcast(scores, other)
            kept = scores.quantity == "logits" and not _is_decision(condition)
            quantity, activation = ("logits", "none") if kept else (None, None)
            made_of = replace(scores, quantity=quantity, activation=activation)
            return replace(made_of, shape=shape, fresh=False, key=None)
    return None


def _is_filling(value: Value | None) -> bool:
    """Whether a value has no scores of its own: a number, an array full of one, or a penalty."""
    if isinstance(value, Const):
        return isinstance(value.value, int | float)
    if not isinstance(value, Tensor) or value.origin == "model":
        return False
    return value.value is not None or (isinstance(value.key, tuple) and value.key[:1] == ("penalty",))


def _is_decision(condition: Value | None) -> bool:
    """Whether a condition looks at outputs: scores where they are positive are rectified."""
    key = condition.key if isinstance(condition, Tensor) else None
    return isinstance(key, tuple) and key[:1] == ("decision",)
