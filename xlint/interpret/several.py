"""Outputs whose number of units is a symbol: whether there are several, or can be."""

from __future__ import annotations

from collections.abc import Collection

from xlint.interpret.store import equal_to, largest
from xlint.interpret.targets import COMPARED
from xlint.interpret.values import Const, Dim, Guards, Sym, Tensor

ROWS = ("one-hot", "multi-hot")
ONE = Const(1)


def by_labels(out: Tensor, target: Tensor, decisions: Guards) -> bool:
    """Whether labels are rows that an encoder makes, which have several columns: an output has as many units.

    Truth values of a table may have one column, as any table may. Ones that the script writes by itself may
    be one in each row after all.
    """
    compared = isinstance(target.key, tuple) and target.key[:1] != () and target.key[0] in COMPARED
    written = target.encoding == "multi-hot" and not target.certain
    if not isinstance(out.width, Sym) or target.encoding not in ROWS or compared or written:
        return False
    last = target.shape[-1] if target.shape is not None and target.rank == 2 else None
    return not any(is_one(size, decisions) for size in (out.width, target.width, target.classes, last))


def columns(target: Tensor, decisions: Guards) -> bool:
    """Whether labels are one-hot rows of classes that a loader or encoder counts: several columns.

    A number of classes that the script is given may be 1, and rows that it writes by itself may be anything.
    """
    size = target.classes
    counted = isinstance(size, Sym) and isinstance(size.key, tuple) and size.key[:1] == ("classes",)
    return counted and target.encoding == "one-hot" and not is_one(size, decisions)


def is_one(size: Dim, decisions: Collection[tuple[object, bool]]) -> bool:
    """Whether a size is 1, by a default or by the decisions, as far as they tell."""
    if not isinstance(size, Sym):
        return size is not None and size < 2
    return size.default == ONE or equal_to(size.key, decisions) == 1 or largest(size.key, decisions) <= 1
