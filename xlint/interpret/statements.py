"""Execution of statements. Each gives how it ends: see `branches`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xlint import nodes
from xlint import syntax as cst
from xlint.interpret import (
    attributes,
    calls,
    containers,
    definitions,
    expressions,
    label_arithmetic,
    loops,
    models,
    named,
    operators,
    running,
    sequences,
    switched_off,
    turns,
)
from xlint.interpret.branches import BREAKS, CONTINUES, GOES_ON, RETURNS, fork, gather
from xlint.interpret.machine import Machine
from xlint.interpret.store import join
from xlint.interpret.values import (
    NONE,
    Api,
    Choice,
    ClassValue,
    Const,
    Function,
    Instance,
    Sym,
    Tuple,
    Value,
)


def execute_block(machine: Machine, body: Any) -> int:
    """Run the statements of a block until one leaves it; gives how the block ends."""
    statements: Sequence[Any] = body.body
    for position, statement in enumerate(statements, 1):
        handler = STATEMENTS.get(type(statement))
        end = handler(machine, statement) if handler is not None else GOES_ON
        if end:
            if type(statement) is cst.If:
                switched_off.look(machine, statements[position:])
            return end
    return GOES_ON


def execute(machine: Machine, node: cst.CSTNode) -> int:
    """Run one statement; gives how it ends."""
    handler = STATEMENTS.get(type(node))
    return handler(machine, node) if handler is not None else GOES_ON


def _line(machine: Machine, node: cst.SimpleStatementLine | cst.SimpleStatementSuite) -> int:
    for small in node.body:
        handler = SMALL.get(type(small))
        end = handler(machine, small) if handler is not None else GOES_ON
        if end:
            return end
    return GOES_ON


# -- small statements


def _expression(machine: Machine, node: cst.Expr) -> int:
    machine.evaluate(node.value)
    return GOES_ON


def _assign(machine: Machine, node: cst.Assign) -> int:
    value = machine.evaluate(node.value)
    for target in node.targets:
        expressions.assign(machine, target.target, named.after(value, target.target))
    return GOES_ON


def _annotated(machine: Machine, node: cst.AnnAssign) -> int:
    if type(node.target) is cst.Name and machine.scope.kind == "class":
        known = machine.store.get(machine.scope.id, "dataclass fields") or Tuple(())
        fields = Tuple((*known.items, Const(node.target.value)))
        machine.store.set(machine.scope.id, "dataclass fields", fields)
    if node.value is not None:
        expressions.assign(machine, node.target, machine.evaluate(node.value))
    return GOES_ON


def _augmented(machine: Machine, node: cst.AugAssign) -> int:
    left = machine.evaluate(node.target)
    right = machine.evaluate(node.value)
    name = node.operator
    if isinstance(left, Instance) and models.is_list(left) and name == "AddAssign":
        sequences.extend(machine, left, right, containers.element(machine, right, node))
        return GOES_ON
    if isinstance(left, Instance) and left.cls == "dict" and name == "BitOrAssign":
        containers.update(machine, left, right)
        return GOES_ON
    value = operators.binary(machine, name, left, right, node)
    if type(node.target) is cst.Subscript:
        value = machine.each(value, label_arithmetic.of_one_place)
    expressions.assign(machine, node.target, value)
    loops.note_count(machine, node, value)
    return GOES_ON


def _return(machine: Machine, node: cst.Return) -> int:
    value = NONE if node.value is None else machine.evaluate(node.value)
    if machine.stack:
        machine.leave(machine.stack[-1], value)
    return RETURNS


def _delete(machine: Machine, node: cst.Del) -> int:
    several = node.target.elements if type(node.target) is cst.Tuple else None
    for target in [node.target] if several is None else [item.value for item in several]:
        if type(target) is cst.Subscript:
            index = expressions.index_of(machine, target)
            models.delete_item(machine, machine.evaluate(target.value), index)
    return GOES_ON


def _outside(machine: Machine, node: cst.Global | cst.Nonlocal) -> int:
    machine.scope.outside.update(item.name.value for item in node.names)
    return GOES_ON


def _import(machine: Machine, node: cst.Import) -> int:
    for alias in node.names:
        name = nodes.dotted(alias.name)
        if alias.asname is not None and type(alias.asname.name) is cst.Name:
            machine.bind(alias.asname.name.value, running.import_module(machine, name, 0))
        else:
            running.import_module(machine, name, 0)
            root = name.partition(".")[0]
            machine.bind(root, running.import_module(machine, root, 0))
    return GOES_ON


def _import_from(machine: Machine, node: cst.ImportFrom) -> int:
    level = node.relative
    name = "" if node.module is None else nodes.dotted(node.module)
    if isinstance(node.names, cst.ImportStar):
        machine.scope.module.stars.append(running.import_module(machine, name, level))
        return GOES_ON
    for alias in node.names:
        member = alias.name.value if type(alias.name) is cst.Name else nodes.dotted(alias.name)
        bound = alias.asname.name.value if alias.asname and type(alias.asname.name) is cst.Name else member
        machine.bind(bound, running.import_member(machine, name, level, member))
    return GOES_ON


def _assert(machine: Machine, node: cst.Assert) -> int:
    machine.evaluate(node.test)
    return GOES_ON


# -- branches


def _if(machine: Machine, node: cst.If) -> int:
    test = machine.evaluate(node.test)
    truth, key = machine.truth(test)
    if truth is not None:
        taken, other = (node.body, node.orelse) if truth else (node.orelse, node.body)
        if other is not None and not isinstance(test, Sym | Choice):  # else another path takes it
            switched_off.look(machine, (other,))
        return GOES_ON if taken is None else execute(machine, taken)
    return fork(
        machine,
        key,
        lambda: execute(machine, node.body),
        lambda: GOES_ON if node.orelse is None else execute(machine, node.orelse),
    )


def _else(machine: Machine, node: cst.Else) -> int:
    return execute(machine, node.body)


def _match(machine: Machine, node: cst.Match) -> int:
    subject = machine.evaluate(node.subject)

    def run(position: int) -> int:
        if position == len(node.cases):
            return GOES_ON
        case = node.cases[position]
        test: Value = Sym(("case", id(case)))
        if type(case.pattern) is cst.MatchValue:
            test = operators.compare(machine, "Equal", subject, machine.evaluate(case.pattern.value), case)
        elif type(case.pattern) is cst.MatchAs and case.pattern.pattern is None:
            return execute(machine, case.body)
        truth, key = machine.truth(test)
        if truth is not None:
            return execute(machine, case.body) if truth else run(position + 1)
        return fork(machine, key, lambda: execute(machine, case.body), lambda: run(position + 1))

    return run(0)


def _try(machine: Machine, node: Any) -> int:
    """What handlers do counts where nothing else does it: names that the body does not bind, results."""
    frame = machine.stack[-1] if machine.stack else None
    before = len(frame.exits) if frame is not None else 0
    ended = execute(machine, node.body)
    returned = ended == RETURNS and frame is not None and len(frame.exits) > before
    leaving = True
    for handler in node.handlers:
        machine.store.push()
        depth = len(machine.store.path)
        exits = len(frame.exits) if frame is not None else 0
        leaving = execute(machine, handler.body) == RETURNS and leaving
        if frame is not None and (returned or ended != RETURNS):
            frame.raised.extend(frame.exits[exits:])
            del frame.exits[exits:]
        machine.store.back_to(depth)
        for (owner, name), value in machine.store.pop().items():
            if machine.store.get(owner, name) is None and isinstance(
                value, ClassValue | Function | Const | Api
            ):
                machine.store.set(owner, name, value)
    if node.orelse is not None and not ended:
        ended = execute(machine, node.orelse)
    if node.finalbody is not None:
        ended = execute(machine, node.finalbody.body) or ended
    if not node.handlers or (ended == RETURNS and leaving):
        return ended
    if returned and frame is not None:
        frame.only_raised = True
    return GOES_ON


# -- loops


def _for(machine: Machine, node: cst.For) -> int:
    iterable = machine.evaluate(node.iter)
    known = containers.items(machine, iterable)
    held = sequences.held(machine, iterable) if known is None else None
    more = sequences.has_grown(machine, iterable)
    if isinstance(held, Choice) and _unrolled_apart(machine, node, held, more):
        end = GOES_ON
    elif known is not None and loops.unrolled(node, known):
        end = _turn_by_turn(machine, node, known, more)
    else:
        end = _run_turns(machine, node, iterable)
    if node.orelse is None or end in (BREAKS, RETURNS):
        return RETURNS if end == RETURNS else GOES_ON
    otherwise = node.orelse
    if not loops.breaks(node.body):
        return execute(machine, otherwise)
    return fork(machine, ("not broken", id(node)), lambda: execute(machine, otherwise), lambda: GOES_ON)


def _run_turns(machine: Machine, node: cst.For, iterable: Value) -> int:
    """Run the body once for all turns; where it asks which, for those before the last and for the last."""
    depth, left, end = len(machine.store.path), len(machine.left), GOES_ON
    which: Sequence[Value] = ()
    count = turns.count_of(iterable)
    if count is not None:
        machine.store.push()
        if not loops.trains(node):
            which = turns.numbers(machine, node.target, iterable, node.body)
    for number in which or (containers.element(machine, iterable, node),):
        expressions.assign(machine, node.target, number)
        loops.forget_counts(machine, node)
        loops.enter(machine, number)
        end = execute(machine, node.body)
        machine.store.back_to(depth)
        gather(machine, left)
        loops.leave(machine)
    if count is not None:
        turns.note_counts(machine, machine.store.journals[-1], count, len(which) or 1)
        machine.store.commit()
    return end


def _turn_by_turn(machine: Machine, node: cst.For, known: Sequence[Value], more: bool) -> int:
    """Run each turn; `more` where there are others that are not known."""
    depth, left, end = len(machine.store.path), len(machine.left), GOES_ON
    if more:
        loops.forget_counts(machine, node)
        loops.enter(machine, Tuple(tuple(known)))
    for item in known:
        expressions.assign(machine, node.target, item)
        end = execute(machine, node.body)
        machine.store.back_to(depth)
        if end in (BREAKS, RETURNS):
            break
    gather(machine, left)
    if more:
        loops.leave(machine)
    return end


def _unrolled_apart(machine: Machine, node: cst.For, held: Choice, more: bool) -> bool:
    """Run a loop for each branch that made the list; not where a turn may return or trains."""
    branches = sequences.tuples(held)
    if more:  # what grows in a loop is not empty, as a loop is taken to have a turn
        branches = [branch for branch in branches if branch[1].items] or branches
    parts = [part.items for _, part in branches]
    if loops.returns(node.body) or not all(loops.unrolled(node, items) for items in parts):
        return False
    if any(map(sequences.only_end_known, parts)):
        return False

    def run(part: Value) -> Value:
        _turn_by_turn(machine, node, part.items if isinstance(part, Tuple) else (), more)
        return NONE

    machine.each(join(branches), run)
    return True


def _while(machine: Machine, node: cst.While) -> int:
    truth, _ = machine.truth(machine.evaluate(node.test))
    if truth is False:
        return GOES_ON
    depth, left = len(machine.store.path), len(machine.left)
    loops.forget_counts(machine, node)
    loops.enter(machine)
    end = execute(machine, node.body)
    machine.store.back_to(depth)
    gather(machine, left)
    loops.leave(machine)
    return RETURNS if end == RETURNS else GOES_ON


def _with(machine: Machine, node: cst.With) -> int:
    for item in node.items:
        value = machine.evaluate(item.item)
        if item.asname is not None:
            if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
                enter = attributes.find_method(machine, value, "__enter__")
                if enter is not None:
                    value = calls.call_function(machine, enter, calls.Arguments(), item, value)
            expressions.assign(machine, item.asname.name, value)
    return execute(machine, node.body)


STATEMENTS: dict[type, Callable[[Machine, Any], int]] = {
    cst.SimpleStatementLine: _line,
    cst.SimpleStatementSuite: _line,
    cst.IndentedBlock: execute_block,
    cst.If: _if,
    cst.Else: _else,
    cst.For: _for,
    cst.While: _while,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.With: _with,
    cst.Match: _match,
    cst.FunctionDef: lambda machine, node: definitions.define_function(machine, node),
    cst.ClassDef: lambda machine, node: definitions.define_class(machine, node),
}
SMALL: dict[type, Callable[[Machine, Any], int]] = {
    cst.Expr: _expression,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.Return: _return,
    cst.Import: _import,
    cst.ImportFrom: _import_from,
    cst.Del: _delete,
    cst.Global: _outside,
    cst.Nonlocal: _outside,
    cst.Assert: _assert,
    cst.Raise: lambda machine, node: RETURNS,
    cst.Break: lambda machine, node: BREAKS,
    cst.Continue: lambda machine, node: CONTINUES,
}
