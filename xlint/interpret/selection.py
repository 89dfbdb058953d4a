"""Labels of which some are chosen by what they are: fewer classes may be left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xlint.interpret import containers, loops
from xlint.interpret.machine import Machine
from xlint.interpret.values import WIDE, Const, Instance, Key, Sym, Tensor, Tuple, Value, key_of


def of_some(labels: Tensor) -> Tensor:
    """What is left of labels where some may have been left out."""
    return replace(labels, classes=labels.classes if labels.encoding in WIDE else None, certain=False)


def samples_of_some(value: Value) -> Value:
    """Samples of a data set where some may have been left out."""
    if isinstance(value, Tuple):
        return Tuple(tuple(map(samples_of_some, value.items)))
    return of_some(value) if isinstance(value, Tensor) else value


def asked_for(value: Value, conditions: Sequence[Key]) -> Value:
    """Nested labels that are kept under conditions: of those that a condition asks for, only some are."""
    if isinstance(value, Tuple):
        return Tuple(tuple(asked_for(item, conditions) for item in value.items))
    if not isinstance(value, Tensor) or value.classes is None:
        return value
    own = key_of(value)
    return of_some(value) if any(loops.holds(condition, own) for condition in conditions) else value


def in_turn(machine: Machine, value: Value) -> Value:
    """What a turn of a loop keeps, under the decisions that were made since the loop began."""
    if not machine.loops:
        return value
    return asked_for(value, [key for key, _ in machine.store.path[loops.started(machine, 1) :]])


def perhaps_by_value(machine: Machine, places: Value | None) -> bool:
    """Whether places, a mask or a list of numbers may have been chosen by what the labels there are."""
    if isinstance(places, Sym):
        return not places.whole and not _is_split(places.key)
    if isinstance(places, Instance):
        known = containers.items(machine, places)
        return known is None or not all(isinstance(item, Const) for item in known)
    return isinstance(places, Tensor) and places.dtype != "int64"


def _is_split(key: Key) -> bool:
    """Whether a key is that of a mask that a library's graph brings along: `data.train_mask`."""
    return isinstance(key, tuple) and key[0] == "attr" and isinstance(key[1], tuple) and key[1][0] == "graph"
