"""The arguments of a call expression: evaluated, stars spread, in each branch with what it has there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xlint import syntax as cst
from xlint.interpret import containers, sequences
from xlint.interpret.arguments import Arguments
from xlint.interpret.machine import Machine
from xlint.interpret.values import Bound, Choice, Const, Instance, Tuple, Value


def in_branches(machine: Machine, node: cst.Call, run: Callable[[Arguments], Value]) -> Value:
    """Evaluate the arguments and call, in each branch with the items that a star has there."""
    arguments = _arguments_of(machine, node)
    if arguments.named is not None:
        return machine.each(arguments.named, lambda given: run(_with_named(machine, arguments, given)))
    if arguments.spread is None:
        return run(arguments)

    def in_branch(items: Value) -> Value:
        return run(arguments.with_spread(items.items if isinstance(items, Tuple) else ()))

    return machine.each(arguments.spread[1], in_branch)


def _arguments_of(machine: Machine, node: cst.Call) -> Arguments:
    """Evaluate the arguments of a call, spreading known stars."""
    positional: list[Value] = []
    result = Arguments()
    for argument in node.args:
        value = machine.evaluate(argument.value)
        _note_handed(machine, value)
        if argument.star == "*":
            spread = sequences.held(machine, value)
            if isinstance(spread, Tuple) and sequences.only_end_known(spread.items):
                result.open = True
                result.stars.append(value)
                result.tail.extend(spread.items[1:])
            elif isinstance(spread, Tuple):
                positional.extend(spread.items)
                result.stars.extend((value,) if sequences.has_grown(machine, value) else ())
            elif spread is not None and result.spread is None and not result.open:
                result.spread = (len(positional), spread)
            else:
                result.open = True
                result.stars.append(value)
        elif argument.star == "**":
            _spread_keywords(machine, value, result)
        elif argument.keyword is not None:
            result.keywords[argument.keyword.value] = value
            result.nodes[argument.keyword.value] = argument.value
        elif not result.open:
            result.nodes[len(positional)] = argument.value
            positional.append(value)
        else:
            result.tail.append(value)
    result.positional = tuple(positional)
    return result


CHANGING = ("append", "extend", "insert", "add", "update", "remove", "discard", "clear", "pop", "setdefault")
"""Methods of lists, sets and dicts that change how many items there are."""


def _note_handed(machine: Machine, value: Value) -> None:
    """Where a method is handed on that changes a list, set or dict, nobody knows how often it is called."""
    holder = value.receiver if isinstance(value, Bound) and value.method in CHANGING else None
    if isinstance(holder, Instance) and holder.cls in ("list", "set", "dict"):
        machine.store.set(holder.id, "open" if holder.cls == "dict" else "grown", Const(True))


def _with_named(machine: Machine, arguments: Arguments, given: Value) -> Arguments:
    """The arguments in the branch that made the dict behind `**`."""
    result = replace(arguments, keywords=dict(arguments.keywords), named=None)
    _spread_keywords(machine, given, result)
    return result


def _spread_keywords(machine: Machine, value: Value, result: Arguments) -> None:
    value = machine.store.visible(value)
    if isinstance(value, Choice) and result.named is None and result.spread is None:
        result.named = value
    elif isinstance(value, Instance) and value.cls == "dict":
        for key in containers.dict_keys(machine, value):
            found = containers.dict_get(machine, value, key)
            if isinstance(key, Const) and isinstance(key.value, str) and found is not None:
                result.keywords[key.value] = found
        result.open = result.open or containers.is_open(machine, value)
    else:
        result.open = True
