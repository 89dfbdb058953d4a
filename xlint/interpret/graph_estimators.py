"""Estimators of TensorFlow: a function that builds the graph gets what functions that read the data give."""

from __future__ import annotations

from collections.abc import Callable

from xlint import syntax as cst
from xlint.interpret import calls, containers, datasets, methods
from xlint.interpret.arguments import Arguments
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import NONE, Bound, Function, Instance, Stream, Sym, Tuple, Value

ESTIMATOR, INPUT = "graph estimator", "input function"


def _estimator(machine: Machine, given: Given, value: Value | None) -> Value:
    """Estimator(model_fn, params=…), also that for TPUs."""
    build = given.get("model_fn")
    if not isinstance(build, Function | Bound):
        return given.unknown_result()
    result = machine.instance(ESTIMATOR, node=given.node)
    machine.store.set(result.id, "model_fn", build)
    machine.store.set(result.id, "params", given.get("params") or machine.unknown(given.node))
    return result


def _input(machine: Machine, given: Given, value: Value | None) -> Value:
    """numpy_input_fn(x, y), and what holds an input function: TrainSpec(input_fn)."""
    result = machine.instance(INPUT, node=given.node)
    function = given.get("input_fn")
    pair = Tuple((given.get("x") or NONE, given.get("y") or NONE))
    machine.store.set(result.id, "gives", function if function is not None else pair)
    return result


def _together(machine: Machine, given: Given, value: Value | None) -> Value:
    """train_and_evaluate(estimator, train_spec, eval_spec)."""
    estimator = given.get("estimator")
    for spec in (given.get("train_spec"), given.get("eval_spec")):
        if isinstance(estimator, Instance) and estimator.cls == ESTIMATOR and spec is not None:
            _run(machine, estimator, spec, given.node)
    return given.unknown_result()


def _method(machine: Machine, estimator: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """estimator.train(input_fn), estimator.evaluate(input_fn)."""
    source = arguments.keywords.get("input_fn") or next(iter(arguments.positional), None)
    if source is not None:
        _run(machine, estimator, source, node)
    return Sym(("trained", estimator.id))


def _run(machine: Machine, estimator: Instance, source: Value, node: cst.CSTNode) -> None:
    """Build the graph from one batch; in which mode is left open, so that each is looked at."""
    params = machine.store.get(estimator.id, "params")
    batch = _batch(machine, source, params, node)
    if batch is None:
        return  # the function is looked at alone, with unknown arguments
    build: Value = machine.store.get(estimator.id, "model_fn")
    names = _parameters(build)
    # The first two go by their place, as in tf.contrib.learn: what a script calls them is its own affair.
    rest = {name: params if name == "params" else machine.unknown(node) for name in names[2:]}
    calls.call(machine, build, batch[: len(names)], rest, node)


def _batch(machine: Machine, source: Value, params: Value, node: cst.CSTNode) -> tuple[Value, Value] | None:
    """The features and labels that an input function gives; None where that cannot be followed."""
    while isinstance(source, Instance) and source.cls == INPUT:
        source = machine.store.visible(machine.store.get(source.id, "gives"))
    given: Value = source
    if not isinstance(source, Tuple):
        taken = {"params": params} if "params" in _parameters(source) else {}
        given = calls.call(machine, source, (), taken, node)
    if isinstance(given, Stream):
        given = given.element if given.batched else datasets.batch_of(machine, given.element)
    items = containers.items(machine, given)
    return (items[0], items[1]) if items is not None and len(items) == 2 else None


def _parameters(function: Value) -> list[str]:
    """The names of a function's parameters, without the object of a method."""
    called = function.method if isinstance(function, Bound) else function
    names = calls.names_taken(called) if isinstance(called, Function) else []
    return names[1:] if isinstance(function, Bound) else names


methods.METHODS_OF[ESTIMATOR] = dict.fromkeys(("train", "evaluate", "fit"), _method)

OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {
    "graph_estimator": _estimator,
    "input_function": _input,
    "train_and_evaluate": _together,
}
