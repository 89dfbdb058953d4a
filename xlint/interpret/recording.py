"""Recording sites: facts of what meets at a place, one case for each combination of branch decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xlint import nodes
from xlint import syntax as cst
from xlint.interpret.machine import Machine
from xlint.interpret.store import combinations
from xlint.interpret.values import PICKED, Guards, Key, Tensor, Value
from xlint.sites import Case, Evidence, Fact, Mark, Site


def default_path(machine: Machine, guards: Guards) -> bool | None:
    """Whether every decision is the one that default arguments make; None where they leave some open."""
    known = [(_by_default(machine, key), polarity) for key, polarity in guards]
    if any(default is (not polarity) for default, polarity in known):
        return False
    return None if any(default is None for default, _ in known) else True


def one_number(guards: Guards) -> bool:
    """Whether a decision is that an unknown number equals a certain one, or an unknown name one of many."""
    return any(is_picked(key) for key, _ in guards) or any(
        polarity and isinstance(key, tuple) and key[0] == "eq" and key[-1][:2] == ("const", "int")
        for key, polarity in guards
        if isinstance(key, tuple) and isinstance(key[-1], tuple)
    )


def is_picked(key: Key) -> bool:
    """Whether a decision is which of many objects an unknown name means."""
    return isinstance(key, tuple) and key[0] == PICKED


def under_pick(machine: Machine) -> bool:
    """Whether what is run is run for one of many objects that an unknown name may mean."""
    return any(is_picked(key) for key, _ in machine.store.path)


def _by_default(machine: Machine, key: object) -> bool | None:
    known = machine.store.defaults.get(key)
    if known is not None:
        return bool(known)
    if isinstance(key, tuple) and len(key) == 2 and key[0] == "not":
        inner = _by_default(machine, key[1])
        return None if inner is None else not inner
    if isinstance(key, tuple) and key and key[0] in ("and", "or"):
        parts = {_by_default(machine, part) for part in key[1:]}
        settles = key[0] == "or"
        return settles if settles in parts else None if None in parts else not settles
    return None


def add(machine: Machine, kind: str, mark: Mark, cases: Sequence[Case]) -> None:
    """Hand on a site, unless this part of the run is not recorded."""
    if machine.recording and cases:
        placed = tuple(map(_placed, cases))
        machine.sites.append(Site(kind, mark, placed, machine.visit if machine.split else None))


def _placed(case: Case) -> Case:
    """A case without the evidence that has no place in the code."""
    evidence = tuple(item for item in case.evidence if item.mark.node is not nodes.NOWHERE)
    if len(evidence) == len(case.evidence):
        return case
    anchors = {fact: mark for fact, mark in case.anchors.items() if mark.node is not nodes.NOWHERE}
    return replace(case, evidence=evidence, anchors=anchors)


def single(
    machine: Machine,
    kind: str,
    at: cst.CSTNode | Mark,
    facts: dict[str, Fact],
    evidence: tuple[Evidence, ...],
    anchors: dict[str, Mark] | None = None,
) -> None:
    """Hand on a site with one case; facts that are None are left out. None for one of many objects."""
    if under_pick(machine):
        return
    known = {name: fact for name, fact in facts.items() if fact is not None}
    mark = at if isinstance(at, Mark) else machine.mark(at)
    default = kind not in PREDICTIONS or not _off_default(machine)
    add(machine, kind, mark, [Case(known, evidence, default, anchors or {})])


PREDICTIONS = ("threshold", "argmax")
"""Sites that read an output; of several that it may be, the script's defaults choose one."""


def _off_default(machine: Machine) -> bool:
    """Whether this is an alternative that the script's own defaults rule out."""
    return any(_by_default(machine, key) is (not polarity) for key, polarity in machine.split)


def cases_of(values: Sequence[Value], machine: Machine) -> list[tuple[Guards, tuple[Value, ...]]]:
    """The consistent combinations of several values on the present path."""
    return combinations([machine.store.visible(value) for value in values])


def units(width: object) -> str | None:
    """ "one" or "many" for a known number of units."""
    if not isinstance(width, int):
        return None
    return "one" if width == 1 else "many"


def threshold(machine: Machine, name: str, left: Tensor, right: Tensor, node: cst.CSTNode) -> None:
    """A comparison of a model's output with a number."""
    output, number = (left, right.value) if right.value is not None else (right, left.value)
    if output.origin != "model" or output.quantity is None or number is None or name in ("Equal", "NotEqual"):
        return
    facts: dict[str, Fact] = {
        "quantity": output.quantity,
        "activation": output.activation,
        "threshold": str(number),
        "width": output.width if isinstance(output.width, int) else None,
        "units": units(output.width),
    }
    single(machine, "threshold", node, facts, output.evidence)


def argmax(
    machine: Machine, output: Tensor, axis: int | None, on_class_axis: bool, node: cst.CSTNode
) -> None:
    """An argmax over the class axis of a model's output, where it shows what made the width.

    What is cut out of an output need not show it: a detector for one class takes its argmax, too.
    """
    shown = any(item.fact == "width" for item in output.evidence)
    if output.origin != "model" or not on_class_axis or not shown:
        return
    facts: dict[str, Fact] = {
        "width": output.width if isinstance(output.width, int) else None,
        "units": units(output.width),
        "quantity": output.quantity,
        "axis": axis,
    }
    single(machine, "argmax", node, facts, output.evidence)


def read_along(machine: Machine, output: Tensor, axis: int | None) -> None:
    """The classes of a model's output read along an axis: a softmax that certainly runs along another one."""
    ran, own = output.activation_axis, output.class_axis
    mark = next((item.mark for item in output.evidence if item.fact == "activation"), None)
    if output.origin != "model" or output.activation not in ("softmax", "log_softmax") or mark is None:
        return
    if axis is None or ran is None or own is None or units(output.width) == "one" or not output.fresh:
        return
    axes = (axis, ran, own)
    least = output.rank or max(*(place + 1 for place in axes), *(-place for place in axes))
    exact = output.rank is not None
    if _apart(axis, own, least, exact) or not all(_apart(ran, other, least, exact) for other in (axis, own)):
        return
    facts: dict[str, Fact] = {
        "activation": output.activation,
        "activation_axis": ran,
        "class_axis": False,
        "origin": output.origin,
    }
    single(machine, "activation", mark, facts, output.evidence, {"activation": mark})


def _apart(first: int, second: int, least: int, exact: bool) -> bool:
    """Whether two numbers of axes certainly mean different ones, of `least` axes or (unless `exact`) more."""
    if (first < 0) == (second < 0):
        return first != second
    ahead, behind = max(first, second), min(first, second)
    return ahead != least + behind if exact else ahead < least + behind


def logarithm(machine: Machine, value: Tensor, node: cst.CSTNode) -> None:
    """A logarithm taken of a softmax or sigmoid by hand."""
    if value.quantity != "probabilities" or not value.fresh or value.activation not in ("softmax", "sigmoid"):
        return
    facts: dict[str, Fact] = {
        "activation": value.activation,
        "quantity": value.quantity,
        "origin": value.origin,
    }
    single(machine, "logarithm", node, facts, value.evidence)
