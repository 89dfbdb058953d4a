"""Which loops over known items are run turn by turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst

from xlint.interpret.values import ClassValue, Function, Instance, Tuple, Value

MAX_UNROLLED_LOOP = 24
MAX_OBJECTS = 8
TRAINING_WORDS = frozenset(
    {
        "backward",
        "zero_grad",
        "step",
        "apply_gradients",
        "fit",
        "fit_generator",
        "train_on_batch",
        "run",
        "minimize",
    }
)


def unrolled(node: cst.For, known: Sequence[Value]) -> bool:
    """Whether each turn is run: a short loop that does not train, or one over a few models."""
    return len(known) <= MAX_UNROLLED_LOOP and (_objects(known) or not trains(node))


def _objects(known: Sequence[Value]) -> bool:
    """Whether a loop goes over a few models, functions or classes: each turn is then another script."""
    if len(known) > MAX_OBJECTS:
        return False
    parts = [part for item in known for part in (item.items if isinstance(item, Tuple) else (item,))]
    plain = [isinstance(part, Instance) and isinstance(part.cls, str) for part in parts]
    return any(
        isinstance(part, Function | ClassValue | Instance) and not is_plain
        for part, is_plain in zip(parts, plain, strict=True)
    )


def trains(node: cst.For) -> bool:
    """Whether the loop's body calls what training loops call; such a body is run once, not unrolled."""
    return _mentions(node.body)


def _mentions(node: Any) -> bool:
    """Whether a method of TRAINING_WORDS is called somewhere below."""
    kind = type(node)
    if kind is cst.Call:
        if type(node.func) is cst.Attribute and node.func.attr.value in TRAINING_WORDS:
            return True
        return any(_mentions(argument.value) for argument in node.args)
    if kind in (cst.Expr, cst.Assign, cst.AugAssign):
        return _mentions(node.value)
    if kind is cst.If:
        return _mentions(node.body) or (node.orelse is not None and _mentions(node.orelse))
    if kind in (cst.For, cst.While, cst.With, cst.Else):
        return _mentions(node.body)
    if kind in (cst.IndentedBlock, cst.SimpleStatementLine, cst.SimpleStatementSuite):
        return any(_mentions(item) for item in node.body)
    return False
