"""Comprehensions: run item by item where the items are known, else once for all of them."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from xlint import syntax as cst
from xlint.interpret import containers, expressions, loops, selection, sequences, turns
from xlint.interpret.alike import is_object
from xlint.interpret.machine import Machine
from xlint.interpret.scopes import Scope
from xlint.interpret.values import Choice, Const, Instance, Key, Value

MAX_UNROLLED = 64
MAX_APART = 4
"""Branches that made what is iterated over are taken apart where they are not more than these."""


@dataclass(slots=True)
class Made:
    """What a comprehension has made so far: items, or a dict; `grown` where there may be more of them.

    conditions: the keys of what its `if`s ask.
    """

    items: list[Value]
    mapping: Instance | None
    grown: bool = False
    conditions: list[Key] = field(default_factory=list)


def evaluate(machine: Machine, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp) -> Value:
    """The list, set or dict that a comprehension makes; of a generator, the list of what it yields."""
    iterable = machine.store.visible(machine.evaluate(node.for_in.iter))
    if isinstance(iterable, Choice) and len(iterable.alternatives) <= MAX_APART:
        return machine.each(iterable, lambda item: _made_of(machine, node, item))
    return _made_of(machine, node, iterable)


def _made_of(machine: Machine, node: Any, iterable: Value) -> Value:
    scope = Scope(machine.new_id(), machine.scope, machine.scope.module)
    made = Made([], machine.instance("dict", node=node) if type(node) is cst.DictComp else None)
    with machine.inside(scope):
        exact = _loop(machine, node, node.for_in, iterable, made)
    if made.mapping is not None:
        if not exact or made.grown:
            machine.store.set(made.mapping.id, "open", Const(True))
        return made.mapping
    kind = "set" if type(node) is cst.SetComp else "list"
    single = len(made.items) == 1 or (_is_listing(node) and turns.count_of(iterable) is not None)
    if exact or (kind == "list" and single and made.items and all(map(is_object, made.items))):
        result = machine.new_list(made.items, kind=kind)
        if made.grown or not exact:
            machine.store.set(result.id, "grown", Const(True))
        count = turns.count_of(iterable)
        if count is not None and _is_listing(node):
            machine.store.set(result.id, "count", count)
        return result
    return machine.new_list(None, element=made.items[0] if made.items else machine.unknown(node), kind=kind)


def _loop(machine: Machine, node: Any, loop: cst.CompFor, iterable: Value, made: Made) -> bool:
    """Run one `for` of a comprehension; gives whether every item is known one by one."""
    known = containers.items(machine, iterable)
    exact = known is not None and len(known) <= MAX_UNROLLED
    if not exact:
        known = list(turns.numbers(machine, loop.target, iterable, node.elt)) if _is_listing(node) else []
        known = known or [containers.element(machine, iterable, loop)]
    more = sequences.has_grown(machine, iterable)
    made.grown = made.grown or more
    counted = exact and not more
    for item in known or ():
        expressions.assign(machine, loop.target, item)
        with nullcontext() if counted else loops.turn(machine, item):
            exact = _body(machine, node, loop, made) and exact
    return exact


def _is_listing(node: Any) -> bool:
    """Whether a comprehension makes one item in each turn of its only loop."""
    return type(node) is cst.ListComp and node.for_in.inner_for_in is None and not node.for_in.ifs


def _body(machine: Machine, node: Any, loop: cst.CompFor, made: Made) -> bool:
    exact = True
    for test in loop.ifs:
        decision, condition = machine.truth(machine.evaluate(test.test))
        made.conditions.append(condition)
        if decision is False:
            return True
        exact = exact and decision is True
    if exact:
        return _result(machine, node, loop, made)
    with loops.turn(machine):  # perhaps none
        _result(machine, node, loop, made)
    return False


def _result(machine: Machine, node: Any, loop: cst.CompFor, made: Made) -> bool:
    """Run what stands behind a `for` and its conditions."""
    if loop.inner_for_in is not None:
        inner = loop.inner_for_in
        return _loop(machine, node, inner, machine.evaluate(inner.iter), made)
    if made.mapping is not None:
        containers.set_item(machine, made.mapping, machine.evaluate(node.key), machine.evaluate(node.value))
    else:
        made.items.append(selection.asked_for(machine.evaluate(node.elt), made.conditions))
    return True
