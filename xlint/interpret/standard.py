"""Functions of the standard library and of others that call what they are given or tell what labels are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from xlint import syntax as cst
from xlint.interpret import (
    builtins,
    calls,
    comparisons,
    configurations,
    containers,
    copies,
    loops,
    records,
    search_path,
    sequences,
    tensors,
)
from xlint.interpret.arguments import Arguments
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import NONE, Bound, Const, Function, Instance, Partial, Sym, Tuple, Value

SCORES = (
    "accuracy_score",
    "confusion_matrix",
    "classification_report",
    "f1_score",
    "precision_score",
    "recall_score",
    "balanced_accuracy_score",
    "cohen_kappa_score",
)


def _partial(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    if not arguments.positional:
        return machine.unknown(node)
    return Partial(arguments.positional[0], arguments.positional[1:], tuple(arguments.keywords.items()))


def _map(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    if len(arguments.positional) != 2:
        return machine.unknown(node)
    function, values = arguments.positional
    known = containers.items(machine, values)
    if known is not None and not sequences.has_grown(machine, values):
        return machine.new_list([calls.call(machine, function, (item,), {}, node) for item in known])
    made_of = []
    for item in (containers.element(machine, values, node),) if known is None else known:
        with loops.turn(machine, item):
            made_of.append(calls.call(machine, function, (item,), {}, node))
    if known is None:
        return machine.new_list(None, element=made_of[0])
    return sequences.relisted(machine, values, made_of)


def _process(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """Process(target=f, args=(...)) and Thread: runs the target."""
    target, given = arguments.keywords.get("target"), arguments.keywords.get("args")
    if target is not None:
        items = containers.items(machine, given) if given is not None else []
        named = arguments.keywords.get("kwargs")
        keywords: dict[str, Value] = {}
        if isinstance(named, Instance):
            for key in containers.dict_keys(machine, named):
                if isinstance(key, Const):
                    keywords[str(key.value)] = containers.dict_get(machine, named, key) or NONE
        calls.apply(machine, target, Arguments(tuple(items or ()), keywords, items is None), node)
    return machine.unknown(node)


def _spawn(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """torch.multiprocessing.spawn(f, args): f(rank, *args)."""
    values = dict(zip(("fn", "args"), arguments.positional, strict=False)) | arguments.keywords
    target, given = values.get("fn"), values.get("args")
    if target is not None:
        items = containers.items(machine, given) if given is not None else []
        rank = Sym(("rank", id(node)), "rank")
        calls.apply(machine, target, Arguments((rank, *(items or ())), {}, items is None), node)
    return NONE


def _field(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """dataclasses.field: its default, or what the default factory makes."""
    factory = arguments.keywords.get("default_factory")
    if factory is not None:
        return calls.call(machine, factory, (), {}, node)
    return arguments.keywords.get("default") or machine.unknown(node)


def _score(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """scikit-learn's accuracy_score(y_true, y_pred) and the like: tells what the labels are."""
    parts = [tensors.tensor_of(machine, item, node) for item in arguments.positional[:2]]
    if len(parts) == 2 and parts[0] is not None and parts[1] is not None:
        comparisons.note_usage(machine, parts[0], parts[1])
    return machine.unknown(node)


def _parser(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    parser = machine.instance("parser", node=node)
    parents = arguments.keywords.get("parents")
    for parent in (containers.items(machine, parents) or []) if parents is not None else []:
        if isinstance(parent, Instance) and parent.cls == "parser":
            for name, value in machine.store.slots(parent.id):
                machine.store.set(parser.id, name, value)
    return parser


def _random_number(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """random.randint(0, n) and randrange(n): one of as many classes."""
    values = [item.value if isinstance(item, Const) else None for item in arguments.positional]
    last = (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value == "randint"
    )
    if values and isinstance(values[-1], int) and values[:-1] in ([], [0]) and (last or len(values) <= 2):
        return replace(tensors.class_index(machine, values[-1] + last, node), key=("random", id(node)))
    return Sym(("random", id(node)), whole=True)


def _random_choice(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """random.choice(values): one of them; a class index where they are 0 to n - 1."""
    known = containers.items(machine, arguments.positional[0]) if arguments.positional else None
    numbers = [item.value for item in known or () if isinstance(item, Const) and type(item.value) is int]
    if known and numbers == list(range(len(known))) and len(known) > 1:
        return replace(tensors.class_index(machine, len(known), node), key=("random", id(node)))
    first = builtins.first_argument(arguments, machine, node)
    return containers.element(machine, first, node) if arguments.positional else machine.unknown(node)


def _conditional(machine: Machine, given: Given, value: Value | None) -> Value:
    """tf.cond(test, function, function): what one of the two functions gives."""
    test, *functions = (given.get(name) for name in given.row.params)
    if test is None or len(functions) != 2:
        return given.unknown_result()
    then, other = (partial(calls.call, machine, item or NONE, (), {}, given.node) for item in functions)
    truth, key = machine.truth(test)
    if truth is not None:
        return then() if truth else other()
    return machine.branch(key, then, other)


def _call(machine: Machine, given: Given, value: Value | None) -> Value:
    """data_parallel(module, inputs), checkpoint(function, *inputs): what the function gives for them."""
    if value is None or given.open:
        return machine.unknown(given.node)
    inputs = given.of("inputs")
    items = (inputs.items if isinstance(inputs, Tuple) else (inputs,)) if inputs is not None else given.rest
    return calls.call(machine, value, items, {}, given.node)


def _method_type(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """types.MethodType(function, object)."""
    parts = arguments.positional
    if len(parts) != 2 or not isinstance(parts[0], Function):
        return machine.unknown(node)
    return Bound(parts[1], parts[0])


AUTO = "enum.auto"
"""The first part of the key of what `enum.auto()` gives, until the class around it is whole."""


def _auto(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    return Sym((AUTO, machine.new_id()))


OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {
    "conditional": _conditional,
    "call": _call,
}

CALLS: dict[str, builtins.Native] = {
    "builtins.map": _map,
    **{f"sklearn.metrics.{name}": _score for name in SCORES},
    "random.choice": _random_choice,
    "random.randint": _random_number,
    "random.randrange": _random_number,
    "dataclasses.field": _field,
    "functools.partial": _partial,
    "multiprocessing.Process": _process,
    "torch.multiprocessing.Process": _process,
    "threading.Thread": _process,
    "torch.multiprocessing.spawn": _spawn,
    "argparse.ArgumentParser": _parser,
    "argparse.Namespace": records.namespace,
    "sys.path.append": search_path.add,
    "sys.path.insert": search_path.add,
    "types.SimpleNamespace": records.namespace,
    "types.MethodType": _method_type,
    AUTO: _auto,
    "collections.namedtuple": records.named_tuple,
    records.FIELDS: records.of_fields,
    **configurations.CALLS,
    **copies.CALLS,
}
