"""The two sides of a condition that is not known, and what the side that leaves a loop has written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xlint.interpret import item_writes
from xlint.interpret.machine import Machine
from xlint.interpret.store import MISSING, Diff, join
from xlint.interpret.values import Guards, Value

GOES_ON, CONTINUES, BREAKS, RETURNS = range(4)
"""How a statement ends."""
LEAVES_TURN = (CONTINUES, BREAKS)


def fork(machine: Machine, key: Any, then: Callable[[], int], other: Callable[[], int]) -> int:
    """Run both sides of a condition; where one side leaves the block, go on as the other."""
    ended: dict[bool, int] = {}
    store = machine.store
    depth, since = len(store.path), machine.new_id()
    diffs: dict[bool, Diff] = {}
    for polarity, run in ((True, then), (False, other)):
        store.push()
        store.assume(key, polarity)
        decisions: tuple[tuple[Any, bool], ...] = ()
        try:
            ended[polarity] = run()
            decisions = tuple(store.path)
        finally:
            store.back_to(depth)
            diffs[polarity] = store.pop()
        if ended[polarity] in LEAVES_TURN and diffs[polarity]:
            machine.left.append((decisions, diffs[polarity]))
    if ended[True] and ended[False]:
        return min(ended[True], ended[False])
    if ended[True] or ended[False]:
        staying = ended[True] == GOES_ON
        store.apply(diffs[staying])
        store.assume(key, staying)
        return GOES_ON
    item_writes.keep_written(machine, key, diffs[True], diffs[False])
    store.merge([(frozenset({(key, True)}), diffs[True]), (frozenset({(key, False)}), diffs[False])], since)
    return GOES_ON


def gather(machine: Machine, since: int) -> None:
    """Behind a loop: what turns that were left early have written is there, too, under their decisions."""
    left = machine.left[since:]
    del machine.left[since:]
    depth = len(machine.store.path)
    for decisions, diff in left:
        for slot, value in diff.items():
            if value is not MISSING:
                machine.store.set(*slot, _either(decisions[depth:], value, machine.store.get(*slot)))


def _either(decisions: tuple[tuple[Any, bool], ...], value: Value, other: Value | None) -> Value:
    """One value under some decisions, another where one of them was made the other way."""
    if other is None or other == value:
        return value
    options: list[tuple[Guards, Value]] = [(frozenset(decisions), value)]
    for position, (key, polarity) in enumerate(decisions):
        options.append((frozenset((*decisions[:position], (key, not polarity))), other))
    return join(options)
