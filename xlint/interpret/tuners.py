"""Keras Tuner: a search builds a model with numbers that are still to be found, and fits it."""

from __future__ import annotations

from collections.abc import Callable

from xlint import syntax as cst
from xlint.interpret import attributes, calls, methods, saved, training
from xlint.interpret.arguments import Arguments
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import Bound, ClassValue, Function, Instance, Sym, Value

TUNER, BUILDER = "tuner", "model builder"
HYPERPARAMETERS = Sym(("hyperparameters",), "hp")


def _tuner(machine: Machine, given: Given, value: Value | None) -> Value:
    """RandomSearch(hypermodel, …): of a function that builds a model, or of an object with such a method."""
    build: Value | None = value
    if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
        method = attributes.find_method(machine, value, "build")
        build = None if method is None else Bound(value, method)
    if not isinstance(build, Function | Bound):
        return given.unknown_result()
    result, builder = machine.instance(TUNER, node=given.node), machine.instance(BUILDER, node=given.node)
    model = calls.call(machine, build, (HYPERPARAMETERS,), {}, given.node)
    machine.store.set(builder.id, "model", model)
    machine.store.set(result.id, "hypermodel", builder)
    return result


def _model(machine: Machine, owner: Instance, node: cst.CSTNode) -> Value:
    """The model that a tuner, or its builder, has built."""
    builder = machine.store.get(owner.id, "hypermodel") if owner.cls == TUNER else owner
    held = machine.store.get(builder.id, "model") if isinstance(builder, Instance) else None
    return held if held is not None else machine.unknown(node)


def _build(machine: Machine, builder: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """tuner.hypermodel.build(hyperparameters): the numbers make no other kind of model."""
    return machine.each(_model(machine, builder, node), lambda item: saved.copied(machine, item))


def _best(machine: Machine, tuner: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """tuner.get_best_models(…)."""
    return machine.new_list(None, element=_build(machine, tuner, arguments, node))


def _search(machine: Machine, tuner: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """tuner.search(x, y, …): takes what fit takes."""
    return training.fit_each(machine, _model(machine, tuner, node), arguments, node)


methods.METHODS_OF[TUNER] = {"search": _search, "get_best_models": _best}
methods.METHODS_OF[BUILDER] = {"build": _build}

OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {"tuner": _tuner}
