"""Conditions that hang on others: the truth of a value that branches chose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from xlint.interpret.values import Guards, Key, compose

MAX_SPLITS = 6
"""Things that decisions are about under which single values are taken apart at the same time."""

Truth = tuple[Guards, bool | None, Key]
"""Decisions, what is true under them, and the key of what is asked where that is not known."""


def implied(key: Key, polarity: bool) -> list[tuple[Key, bool]]:
    """A decision, behind those that follow from it: below `a and b`, each of the two."""
    head = key[0] if isinstance(key, tuple) and key else None
    if head == "not":
        return implied(key[1], not polarity)  # type: ignore[index]
    whole = head == ("and" if polarity else "or")
    parts = [part for side in key[1:] for part in implied(side, polarity)] if whole else []  # type: ignore[index]
    return [*parts, (key, polarity)]


def of_alternatives(truths: Sequence[Truth]) -> tuple[bool | None, Key]:
    """Whether a choice is true; else the key of the decision that says so, or None where none does."""
    common = frozenset.intersection(*(guards for guards, _, _ in truths))  # holds wherever the choice is seen
    truths = [(guards - common, truth, key) for guards, truth, key in truths]
    known = {truth for _, truth, _ in truths}
    if None not in known:
        return (known.pop(), None) if len(known) == 1 else (None, _decision(truths))
    if len(truths) == 2:
        for (guards, truth, _), (_, other, key) in (truths, truths[::-1]):
            if truth is not None and other is None and len(guards) == 1:
                return None, _or_else(guards, truth, key)
    return None, None


def too_many(decisions: Iterable[tuple[Any, bool]]) -> bool:
    """Whether decisions are about too many things: what a name is, and all that it is not, are one."""
    return len({key[1] if _is_a_constant(key) else key for key, _ in decisions}) > MAX_SPLITS


def _is_a_constant(key: Any) -> bool:
    """Whether what is asked is if something equals a constant."""
    asked = isinstance(key, tuple) and len(key) == 3 and key[0] == "eq" and isinstance(key[2], tuple)
    return asked and key[2][:1] == ("const",)


def _decision(truths: Sequence[Truth]) -> Key:
    """The one decision under which a choice is true, or under which alone it is false."""
    for wanted in (True, False):
        single = [guards for guards, truth, _ in truths if truth is wanted]
        if len(single) == 1 and len(single[0]) == 1:
            ((key, polarity),) = single[0]
            return key if polarity is wanted else ("not", key)
    return None


def _or_else(guards: Guards, truth: bool, asked: Key) -> Key:
    """What is true, or false, under a decision, and hangs on what is asked where it was not taken."""
    ((key, polarity),) = guards
    if polarity is truth:
        return compose(("or" if truth else "and", key, asked))
    return compose(("or" if truth else "and", ("not", key), asked))
