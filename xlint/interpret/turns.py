"""The turns of loops over `range(n)` where n is unknown: those before the last, and the last one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlint import nodes
from xlint import syntax as cst
from xlint.interpret import operators
from xlint.interpret.machine import Machine
from xlint.interpret.store import MISSING, alternatives
from xlint.interpret.values import Const, Instance, Stream, Sym, Tuple, Value, key_of

TURN = "turn"
"""The head of the key of a number of turns: (TURN, key of the last number, whether it is that one)."""


def of_range(ends: Sequence[Value]) -> tuple[tuple[str, Value], ...]:
    """How many numbers `range(n)` or `range(0, n)` gives, as an attribute of what it gives."""
    from_zero = len(ends) == 1 or (len(ends) == 2 and ends[0] == Const(0))
    return (("turns", ends[-1]),) if from_zero and isinstance(ends[-1], Sym) else ()


def count_of(iterable: Value) -> Value | None:
    """How many turns a loop over a range takes: a symbol; None for anything else."""
    known = dict(iterable.attributes) if isinstance(iterable, Stream) else {}
    return known.get("turns")


def numbers(machine: Machine, target: Any, iterable: Value, body: cst.CSTNode) -> Sequence[Value]:
    """What the target of a loop over `range(n)` counts: one number before the last, and then the last.

    Empty for other loops, and where the body does not ask which turn it is.
    """
    count = count_of(iterable)
    if count is None or type(target) is not cst.Name or not _asks(machine, body, target.value):
        return ()
    last = operators.binary(machine, "Subtract", count, Const(1), body)
    return tuple(Sym((TURN, key_of(last), is_last)) for is_last in (False, True))


def _asks(machine: Machine, body: cst.CSTNode, name: str) -> bool:
    """Whether a body compares a number that it counts with another than a written one."""
    known = machine.asked.get(id(body))
    if known is None:
        known = machine.asked[id(body)] = _compares(body, name)
    return known


def _compares(node: Any, name: str) -> bool:
    if type(node) is cst.Comparison:
        sides = [node.left, *(item.comparator for item in node.comparisons)]
        counted = [side for side in sides if getattr(getattr(side, "left", side), "value", None) == name]
        if counted and any(type(side) is not cst.Integer for side in sides if side not in counted):
            return True
    return any(_compares(child, name) for child in nodes.children_of(node))


def compared(name: str, left: Value, right: Value) -> bool | None:
    """What is known of `left < right` and the like, where one side counts turns or places of a list."""
    if isinstance(left, Const) and left.place is not None and isinstance(right, Sym):
        base, number = left.place
        other, offset = operators.split_sum(right)
        return _holds(name, left.value, number + offset) if other == base else None
    if not isinstance(left, Sym):
        return None
    key, moved = operators.split_sum(left)
    if not _is_turn(key):
        return None
    if isinstance(right, Const):
        return _holds(name, 1, right.value) if key[2] and right.value == 0 and not moved else None
    if not isinstance(right, Sym):
        return None
    gap = _beyond(key, right)
    if gap is None or (not key[2] and gap < moved):
        return None
    return _holds(name, moved if key[2] else 0, gap if key[2] else 1)


def _is_turn(key: Any) -> bool:
    return isinstance(key, tuple) and key[:1] == (TURN,)


def _beyond(turn: Any, number: Sym) -> int | None:
    """How far a number lies behind that of the last turn; None where that is not known."""
    base, last = operators.split_sum(Sym(turn[1]))
    other, offset = operators.split_sum(number)
    return offset - last if other == base else None


def _holds(name: str, left: Any, right: Any) -> bool:
    return bool(operators.COMPARISONS[name](left, right))


def picked(machine: Machine, base: Value, known: list[Value], index: Value) -> tuple[list[Value], Value]:
    """The items of a list that an index can pick, and the index: that of the last turn is the last place."""
    key = index.key if isinstance(index, Sym) else None
    length = machine.store.get(base.id, "count") if isinstance(base, Instance) else None
    if not _is_turn(key) or not isinstance(length, Sym) or _beyond(key, length) != 1:
        return known, index
    return (known, Const(-1)) if key[2] else (known[:-1] or known, index)  # type: ignore[index]


def note_counts(machine: Machine, journal: dict[tuple[int, str], Any], count: Value, passes: int) -> None:
    """Lists to which each turn has added one item are so much longer, whatever the number of turns."""
    store = machine.store
    for (owner, name), old in list(journal.items()):
        if name != "items" or not isinstance(old, Tuple):
            continue
        made = [part for _, part in alternatives(store.get(owner, name))]
        lengths = {len(part.items) if isinstance(part, Tuple) else -1 for part in made}
        before: Value | None = journal.get((owner, "count"), store.get(owner, "count"))
        if journal.get((owner, "grown")) is MISSING:
            before = Const(len(old.items))
        if lengths == {len(old.items) + passes} and isinstance(before, Const | Sym):
            store.set(owner, "count", operators.binary(machine, "Add", before, count, nodes.NOWHERE))
