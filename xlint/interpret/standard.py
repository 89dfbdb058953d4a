"""Functions of the standard library and of scikit-learn that call others or tell what labels are."""

from __future__ import annotations

import libcst as cst

from xlint.interpret import builtins, calls, containers, tensors
from xlint.interpret.arguments import Arguments
from xlint.interpret.machine import Machine
from xlint.interpret.values import NONE, Const, Instance, Partial, Sym, Value

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
        tensors.note_usage(machine, parts[0], parts[1])
    return machine.unknown(node)


def _parser(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    parser = machine.instance("parser", node=node)
    parents = arguments.keywords.get("parents")
    for parent in (containers.items(machine, parents) or []) if parents is not None else []:
        if isinstance(parent, Instance) and parent.cls == "parser":
            for name, value in machine.store.slots(parent.id):
                machine.store.set(parser.id, name, value)
    return parser


CALLS: dict[str, builtins.Native] = {
    **{f"sklearn.metrics.{name}": _score for name in SCORES},
    "dataclasses.field": _field,
    "functools.partial": _partial,
    "multiprocessing.Process": _process,
    "torch.multiprocessing.Process": _process,
    "threading.Thread": _process,
    "torch.multiprocessing.spawn": _spawn,
    "argparse.ArgumentParser": _parser,
}
