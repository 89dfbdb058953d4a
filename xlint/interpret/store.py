"""The store: every variable, attribute and container, with branches kept apart.

One dictionary holds the state. `push` opens a journal; `pop` undoes what was written since and returns it;
`commit` keeps it. After a branch, `merge` joins what each side wrote into `Choice` values under guards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from xlint.interpret.alike import Branches, few_of_many
from xlint.interpret.conditions import implied
from xlint.interpret.values import (
    NO_GUARDS,
    Choice,
    Const,
    Guards,
    Instance,
    Key,
    Tensor,
    Value,
)

Slot = tuple[int, str]
Diff = dict[Slot, Any]
MISSING: Any = object()
MAX_ALTERNATIVES = 10


class Store:
    """State of the abstract machine: slots (object or scope id, name) to values, and the path taken."""

    def __init__(self) -> None:
        _consistent.cache_clear()  # keys of another analysis may be equal without being the same objects
        self.data: dict[Slot, Any] = {}
        self.journals: list[Diff] = []
        self.path: list[tuple[Key, bool]] = []
        self.about: dict[Key, list[Decision]] = {}
        """The decisions of the path by their subject."""
        self.defaults: dict[Key, bool] = {}

    def get(self, owner: int, name: str) -> Any:
        """The value in a slot, or None where it is empty."""
        return self.data.get((owner, name))

    def set(self, owner: int, name: str, value: Any) -> None:
        """Write a slot, remembering the old value for the innermost journal."""
        slot = (owner, name)
        if self.journals:
            journal = self.journals[-1]
            if slot not in journal:
                journal[slot] = self.data.get(slot, MISSING)
        self.data[slot] = value

    def slots(self, owner: int) -> list[tuple[str, Any]]:
        """All slots of an object."""
        return [(name, value) for (held_by, name), value in self.data.items() if held_by == owner]

    def push(self) -> None:
        """Open a journal."""
        self.journals.append({})

    def pop(self) -> Diff:
        """Undo everything since the last push; gives what had been written."""
        journal = self.journals.pop()
        data = self.data
        diff = {slot: data.get(slot, MISSING) for slot in journal}
        for slot, old in journal.items():
            if old is MISSING:
                data.pop(slot, None)
            else:
                data[slot] = old
        return diff

    def forget(self, owner: int) -> None:
        """Drop the slots of a scope that nothing can see any more, all written since the last push."""
        journal, data = self.journals[-1], self.data
        for slot in [slot for slot in journal if slot[0] == owner]:
            del journal[slot]
            data.pop(slot, None)

    def commit(self) -> None:
        """Keep everything since the last push."""
        journal = self.journals.pop()
        if self.journals:
            outer = self.journals[-1]
            for slot, old in journal.items():
                outer.setdefault(slot, old)

    @contextmanager
    def outside_branches(self) -> Iterator[None]:
        """Run what hangs on no decision of the path, as a module: what it makes is kept by all sides."""
        path, about = self.path, self.about
        self.path, self.about = [], {}
        self.push()
        try:
            yield
        finally:
            self.path, self.about = path, about
            journal = self.journals.pop()
            if self.journals:
                changed = {slot: old for slot, old in journal.items() if old is not MISSING}
                self.journals[-1].update({**changed, **self.journals[-1]})

    def written_since(self, depth: int) -> Diff:
        """What the journals from `depth` upwards have changed, with the present values."""
        data = self.data
        return {slot: data.get(slot, MISSING) for journal in self.journals[depth:] for slot in journal}

    def apply(self, diff: Diff) -> None:
        """Write a diff that `pop` gave."""
        for (owner, name), value in diff.items():
            if value is not MISSING:
                self.set(owner, name, value)

    def merge(self, branches: Sequence[tuple[Guards, Diff]], since: int = 0) -> Branches:
        """Join the diffs of branches that exclude each other; gives what tells which values are alike.

        `since` is the number of the last object that was made before them.
        """
        made = Branches([diff for _, diff in branches], since)
        if len(branches) == 1:
            self.apply(branches[0][1])
            return made
        slots: dict[Slot, None] = {}
        for _, diff in branches:
            slots.update(dict.fromkeys(diff))
        for slot in slots:
            before = self.data.get(slot, MISSING)
            options = [(guards, diff.get(slot, before)) for guards, diff in branches]
            single = options[0][1]
            if single is not MISSING and all(value is single for _, value in options):
                self.set(slot[0], slot[1], single)
                continue
            bound = [(guards, value) for guards, value in made.unified(options) if value is not MISSING]
            if bound:
                self.set(slot[0], slot[1], join(bound))
        return made

    def assume(self, key: Key, polarity: bool) -> None:
        """Continue on the side of the condition `key` that `polarity` names; conjunctions are taken apart."""
        for part, side in implied(key, polarity):
            if self.decided(part) is not side:
                self.path.append((part, side))
                self.about.setdefault(subject(part), []).append((part, side, bounds(part, side)))

    def back_to(self, depth: int) -> None:
        """Forget the decisions made since the path had this length."""
        path = self.path
        while len(path) > depth:
            self.about[subject(path.pop()[0])].pop()

    def allows(self, guards: Iterable[tuple[Key, bool]]) -> bool:
        """Whether decisions agree with the path taken."""
        if self.path:
            for guard in guards:
                if any(self.decided(key) is (not polarity) for key, polarity in implied(*guard)):
                    return False
        return True

    def decided(self, key: Key) -> bool | None:
        """What the path taken says about a condition, or None."""
        if isinstance(key, tuple) and key and key[0] == "not":
            inner = self.decided(key[1])
            return None if inner is None else not inner
        about = subject(key)
        decisions = self.about.get(about)
        if not decisions:
            return None
        for known, polarity, _ in decisions:
            if known == key:
                return polarity
        if about is key:
            return None
        yes: Decision = (key, True, bounds(key, True))
        no: Decision = (key, False, bounds(key, False))
        for decision in decisions:
            if contradict(decision, yes):
                return False
            if contradict(decision, no):
                return True
        return None

    def visible(self, value: Any) -> Any:
        """A value as it is on the present path: alternatives that the path rules out are dropped."""
        if type(value) is not Choice or not self.path:
            return value
        kept = [(g, v) for g, v in value.alternatives if self.allows(g)]
        if not kept or len(kept) == len(value.alternatives):
            return value
        return kept[0][1] if len(kept) == 1 else join(kept)


Decision = tuple[Key, bool, tuple[float, float] | None]
"""A condition, the side taken, and the interval that it leaves to its subject."""
RELATIONS = frozenset({"eq", "<", "in"})


def subject(key: Key) -> Key:
    """What a condition is about: the unknown side of a comparison with a constant, else itself."""
    if isinstance(key, tuple) and len(key) == 3 and key[0] in RELATIONS:
        side: Key = key[2] if key[0] == "<" and _constant(key[1]) is not None else key[1]
        return side
    return key


def _constant(key: Key) -> Any:
    if isinstance(key, tuple) and len(key) == 3 and key[0] == "const" and isinstance(key[2], int | float):
        return key[2] if math.isfinite(key[2]) else None
    return None


def _equality(key: Key) -> bool:
    return isinstance(key, tuple) and len(key) == 3 and key[0] == "eq"


def bounds(key: Key, polarity: bool) -> tuple[float, float] | None:
    """The closed interval of whole numbers that a comparison leaves to its subject, or None."""
    if not isinstance(key, tuple) or len(key) != 3:
        return None
    if key[0] == "eq" and polarity and (number := _constant(key[2])) is not None:
        return number, number
    if key[0] == "<" and (number := _constant(key[2])) is not None:
        return (-math.inf, math.ceil(number) - 1) if polarity else (number, math.inf)
    if key[0] == "<" and (number := _constant(key[1])) is not None:
        return (math.floor(number) + 1, math.inf) if polarity else (-math.inf, number)
    return None


def equal_to(about: Key, decisions: Iterable[tuple[Key, bool]]) -> int | None:
    """The whole number that decisions make of an unknown one: below `n == 1`, 1."""
    for key, polarity in decisions:
        if polarity and _equality(key) and key[1] == about:  # type: ignore[index]
            number = _constant(key[2])  # type: ignore[index]
            if isinstance(number, int):
                return number
    return None


def largest(about: Key, decisions: Iterable[tuple[Key, bool]]) -> float:
    """The largest whole number that decisions leave to an unknown one: where `n > 1` does not hold, 1."""
    highest, excluded = math.inf, set()
    for key, polarity in decisions:
        if subject(key) != about:
            continue
        interval = bounds(key, polarity)
        if interval is not None:
            highest = min(highest, interval[1])
        elif not polarity and _equality(key):
            excluded.add(_constant(key[2]))  # type: ignore[index]
    while highest in excluded:
        highest -= 1
    return highest


def contradict(first: Decision, second: Decision) -> bool:
    """Whether two decisions about the same subject cannot both be."""
    (key, polarity, a), (other, opposite, b) = first, second
    if key == other:
        return polarity != opposite
    if polarity and opposite and _equality(key) and _equality(other) and key[1] == other[1]:  # type: ignore[index]
        sides: tuple[Key, Key] = (key[2], other[2])  # type: ignore[index]
        return sides[0] != sides[1] and all(isinstance(side, tuple) and side[0] == "const" for side in sides)
    return a is not None and b is not None and max(a[0], b[0]) > min(a[1], b[1])


def consistent(guards: Iterable[tuple[Key, bool]]) -> bool:
    """Whether no two of the decisions contradict each other."""
    known = guards if isinstance(guards, frozenset) else frozenset(guards)
    return len(known) < 2 or _consistent(known)


@lru_cache(maxsize=8192)
def _consistent(guards: Guards) -> bool:
    by_subject: dict[Key, list[Decision]] = {}
    for key, polarity in (part for guard in guards for part in implied(*guard)):
        others = by_subject.setdefault(subject(key), [])
        decision: Decision = (key, polarity, bounds(key, polarity))
        if any(contradict(decision, other) for other in others):
            return False
        others.append(decision)
    return True


def affirmed(guards: Guards) -> Guards:
    """Guards in which no condition is a negation: the other side of the condition itself instead."""
    for key, _ in guards:
        if isinstance(key, tuple) and key and key[0] == "not":
            break
    else:
        return guards
    plain = set()
    for key, polarity in guards:
        while isinstance(key, tuple) and key and key[0] == "not":
            key, polarity = key[1], not polarity
        plain.add((key, polarity))
    return frozenset(plain)


def join(options: Sequence[tuple[Guards, Value]]) -> Value:
    """Several values under guards as one value; equal ones fold into one."""
    first = options[0][1]
    if type(first) is not Choice and all(value is first for _, value in options):
        return first
    flat: list[tuple[Guards, Value]] = []
    for guards, value in options:
        guards = affirmed(guards)
        inner = value.alternatives if type(value) is Choice else ((NO_GUARDS, value),)
        for more, item in inner:
            union = guards | more if more else guards
            if not more or not guards or consistent(union):
                flat.append((union, item))
    folded: list[tuple[Guards, Value]] = []
    for guards, value in flat:
        for position, (other, kept) in enumerate(folded):
            if _zeros_of(value, kept) or _zeros_of(kept, value):
                folded[position] = (guards & other, value if _zeros_of(kept, value) else kept)
                break
            if type(kept) is not type(value) or kept != value:
                continue
            together = either(other, guards)
            if together is not None:
                folded[position] = (together, kept)
                break
        else:
            folded.append((guards, value))
    if len(folded) == 1:
        return folded[0][1]
    if len(folded) <= MAX_ALTERNATIVES:
        return Choice(tuple(folded))
    return few_of_many(folded)


def _zeros_of(value: Value, written: Value) -> bool:
    """Whether a row of zeros is the one into which ones were written on the other path: it has none."""
    key = written.key if type(written) is Tensor else None
    if not isinstance(key, tuple) or key[0] != "written":
        return False
    if type(value) is Instance:
        return bool(key[1][:2] == ("filled", value.id))
    return type(value) is Tensor and value.value == 0.0 and value.key == key[1]


def either(first: Guards, second: Guards) -> Guards | None:
    """Guards that hold exactly when one of two sets does, or None where no set says that."""
    common = first & second
    only_first, only_second = first - common, second - common
    if not only_first or not only_second:
        return common
    if len(only_first) == 1 and len(only_second) == 1:
        ((key, polarity),) = only_first
        ((other, opposite),) = only_second
        if key == other and polarity != opposite:
            return common
    return None


def alternatives(value: Value) -> Sequence[tuple[Guards, Value]]:
    """The alternatives of a value: itself, unguarded, where it is not a choice."""
    return value.alternatives if type(value) is Choice else ((NO_GUARDS, value),)


def combinations(values: Sequence[Value]) -> list[tuple[Guards, tuple[Value, ...]]]:
    """All consistent combinations of the alternatives of several values, at most MAX_ALTERNATIVES."""
    result: list[tuple[Guards, tuple[Value, ...]]] = [(NO_GUARDS, ())]
    for value in values:
        if type(value) is not Choice:
            result = [(guards, (*items, value)) for guards, items in result]
            continue
        grown = [
            (guards | more, (*items, item))
            for guards, items in result
            for more, item in value.alternatives
            if consistent(guards | more)
        ]
        result = grown[: MAX_ALTERNATIVES * 2]
    return result


def known_bool(value: Value) -> bool | None:
    """Truth of a value where it is certain."""
    if isinstance(value, Const):
        return bool(value.value)
    return None
