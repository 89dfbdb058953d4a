"""Loops: which of them are run turn by turn, and what the others count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from xlint import nodes
from xlint import syntax as cst
from xlint.interpret import containers
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    NONE,
    ClassValue,
    Const,
    Function,
    Instance,
    Key,
    Sym,
    Tuple,
    Value,
    key_of,
)

MAX_UNROLLED_LOOP = 24
MAX_OBJECTS = 8
_PLAIN = (cst.Integer, cst.Name, cst.Attribute)
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


def returns(node: cst.CSTNode) -> bool:
    """Whether a return statement stands somewhere below."""
    return type(node) is cst.Return or any(returns(child) for child in nodes.children_of(node))


def breaks(node: cst.CSTNode) -> bool:
    """Whether a break of the loop with this body stands somewhere below; inner loops have their own."""
    if type(node) in (cst.For, cst.While, cst.FunctionDef, cst.ClassDef):
        return False
    return type(node) is cst.Break or any(breaks(child) for child in nodes.children_of(node))


def trains(node: cst.For) -> bool:
    """Whether the loop's body calls what training loops call; such a body is run once, not unrolled."""
    values = (
        small.value
        for small in _small_statements(node.body)
        if type(small) in (cst.Expr, cst.Assign, cst.AugAssign)
    )
    return any(map(_calls_training, values))


def _calls_training(node: Any) -> bool:
    """Whether a value is a call of a method of TRAINING_WORDS, or has one among its arguments."""
    if type(node) is not cst.Call:
        return False
    if type(node.func) is cst.Attribute and node.func.attr.value in TRAINING_WORDS:
        return True
    return any(_calls_training(argument.value) for argument in node.args)


def forget_counts(machine: Machine, node: cst.For | cst.While) -> None:
    """Before the one pass over a body that runs many times: what it counts up or doubles has no number.

    Lists and dicts that it fills are empty in the first turn only, where it asks for that of one.
    """
    empty = {name: made for name in _filled(node.body) if (made := _empty(machine, name))}
    if empty and not _measured(node.body).isdisjoint(empty):
        for made in empty.values():
            machine.store.set(made.id, "open" if made.cls == "dict" else "grown", Const(True))
    counted = _counted(node.body)
    for name, _ in counted:
        value = machine.lookup(name)
        if isinstance(value, Const) and type(value.value) is int:
            whole = all(by_whole for other, by_whole in counted if other == name)
            machine.bind(name, Sym(("counted", id(node), name), name, whole=whole))
    for name, written in _flags(node.body):
        value, later = machine.lookup(name), machine.evaluate(written)
        if isinstance(value, Const) and isinstance(later, Const) and value != later:
            machine.bind(name, Sym(("turned", id(node), name), name))


def _empty(machine: Machine, name: str) -> Instance | None:
    value = machine.lookup(name)
    if not isinstance(value, Instance) or value.cls not in ("list", "dict"):
        return None
    return value if containers.items(machine, value) == [] else None


def _filled(node: Any) -> list[str]:
    """Names of what a body fills: `rows.append(row)`, `rows += [row]`, `numbers[word] = n`."""
    names = []
    for small in _small_statements(node):
        called = small.value.func if type(small) is cst.Expr and type(small.value) is cst.Call else None
        if type(called) is cst.Attribute and called.attr.value in ("append", "extend"):
            names.append(nodes.dotted(called.value))
        elif type(small) is cst.AugAssign and small.operator == "AddAssign":
            names.append(nodes.dotted(small.target))
        elif type(small) is cst.Assign and type(small.targets[0].target) is cst.Subscript:
            names.append(nodes.dotted(small.targets[0].target.value))
    return [name for name in names if name.isidentifier()]


def _measured(node: Any) -> set[str]:
    """Names in the conditions of the branches below, and those whose length is asked for."""
    names = set(_names(node.test)) if type(node) is cst.If else set()
    if type(node) is cst.Call and nodes.dotted(node.func) == "len":
        names.update(*(_names(argument.value) for argument in node.args))
    return names.union(*map(_measured, nodes.children_of(node)))


def _names(node: Any) -> Iterator[str]:
    if type(node) is cst.Name:
        yield node.value
    for child in nodes.children_of(node):
        yield from _names(child)


def _flags(node: Any) -> list[tuple[str, cst.CSTNode]]:
    """Names to which a constant is assigned below, and these constants: `stop = True`."""
    flags: list[tuple[str, cst.CSTNode]] = []
    for small in _small_statements(node):
        if type(small) is cst.Assign and len(small.targets) == 1:
            target, value = small.targets[0].target, small.value
            constant = type(value) is cst.Integer or getattr(value, "value", None) in ("True", "False")
            if type(target) is cst.Name and constant:
                flags.append((target.value, value))
    return flags


def _small_statements(node: Any) -> Iterator[Any]:
    """The statements below that hold no others, those of branches and inner loops too."""
    kind = type(node)
    if kind in (cst.IndentedBlock, cst.SimpleStatementLine, cst.SimpleStatementSuite):
        for item in node.body:
            yield from _small_statements(item)
    elif kind in (cst.If, cst.For, cst.While, cst.With, cst.Else):
        yield from _small_statements(node.body)
        if kind is cst.If and node.orelse is not None:
            yield from _small_statements(node.orelse)
    else:
        yield node


def note_count(machine: Machine, node: cst.AugAssign, value: Value) -> None:
    """Remember an attribute that is counted up in a loop, around it or its callers, in a branch or not."""
    number = isinstance(value, Const) and type(value.value) is int
    if not number or not machine.loops or type(node.target) is not cst.Attribute:
        return
    owner = machine.evaluate(node.target.value)
    if isinstance(owner, Instance):
        name = node.target.attr.value
        whole = _keeps_whole(node.operator, node.value)
        machine.counts.append((owner.id, name, Sym(("counted", id(node)), name, whole=whole)))


def enter(machine: Machine, counted: Value = NONE) -> None:
    """Into a loop whose body stands for an unknown number of turns, each with another value of `counted`."""
    machine.loops += 1
    machine.loop_starts[machine.loops] = (len(machine.store.path), tuple(_keys(counted)), None)


@contextmanager
def turn(machine: Machine, counted: Value = NONE) -> Iterator[None]:
    """Run an expression that stands for an unknown number of turns, each with objects of its own."""
    enter(machine, counted)
    depth, keys, _ = machine.loop_starts[machine.loops]
    machine.loop_starts[machine.loops] = (depth, keys, machine.new_id())
    yield
    leave(machine)


def lasts(machine: Machine, made: Instance) -> bool:
    """Whether an object may outlast a turn of these loops."""
    since = [machine.loop_starts[loop][2] for loop in range(1, machine.loops + 1)]
    return any(number is None or made.id < number for number in since)


def _keys(counted: Value) -> Iterator[Key]:
    if isinstance(counted, Tuple):
        for item in counted.items:
            yield from _keys(item)
    elif not isinstance(counted, Const):
        yield key_of(counted)


def started(machine: Machine, depth: int) -> int:
    """How many decisions had been made when the loop of this depth began; 0 where there is none."""
    return machine.loop_starts.get(depth, (0, (), None))[0]


def varies(machine: Machine, decision: Key, depth: int) -> bool:
    """Whether a decision differs between the turns of a loop that stands inside `depth` others."""
    inner = range(depth + 1, machine.loops + 1)
    return any(holds(decision, key) for loop in inner for key in machine.loop_starts[loop][1])


def holds(whole: Key, part: Key) -> bool:
    """Whether a key is another one, or is made of it."""
    return _holds(whole, part, set())


def _holds(whole: Key, part: Key, seen: set[int]) -> bool:
    if whole == part:
        return True
    if not isinstance(whole, tuple) or id(whole) in seen:
        return False
    seen.add(id(whole))
    return any(_holds(item, part, seen) for item in whole)


def leave(machine: Machine) -> None:
    """Behind a loop: what was counted in it has no number."""
    machine.loops -= 1
    for owner, name, count in machine.counts:
        machine.store.set(owner, name, count)
    if not machine.loops:
        machine.counts.clear()


def _counted(node: Any) -> list[tuple[str, bool]]:
    """Names to which a plain number or name is added below: `n += 1`, `width = width * 2`.

    With each, whether what is added, taken away or multiplied is a written integer.
    """
    names = []
    for small in _small_statements(node):
        if type(small) is cst.AugAssign and type(small.target) is cst.Name and type(small.value) in _PLAIN:
            names.append((small.target.value, _keeps_whole(small.operator, small.value)))
        elif type(small) is cst.Assign and len(small.targets) == 1:
            target, value = small.targets[0].target, small.value
            if type(target) is not cst.Name or type(value) is not cst.BinaryOperation:
                continue
            if type(value.right) in _PLAIN and nodes.dotted(value.left) == target.value:
                names.append((target.value, _keeps_whole(value.operator, value.right)))
    return names


def _keeps_whole(operator: str, number: cst.CSTNode) -> bool:
    """Whether a whole number stays one: `n += 1`, not `n /= 2`."""
    return type(number) is cst.Integer and operator.removesuffix("Assign") in ("Add", "Subtract", "Multiply")
