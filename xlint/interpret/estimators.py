"""Keras models inside estimators of scikit-learn: KerasClassifier, searches and cross-validation."""

from __future__ import annotations

from collections.abc import Callable

from xlint import syntax as cst
from xlint.interpret import calls, methods, training
from xlint.interpret.arguments import Arguments
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import NONE, Const, Function, Instance, Stream, Tensor, Tuple, Value

ESTIMATOR = "estimator"


def _estimator(machine: Machine, given: Given, value: Value | None) -> Value:
    """KerasClassifier(build_fn, …): the builder is called with those of the arguments that it takes."""
    if not isinstance(value, Function):
        return given.unknown_result()
    params = value.node.params
    taken = {param.name.value for param in (*params.params, *params.kwonly_params)}
    keywords = {name: item for name, item in given.values.items() if name in taken}
    model = calls.call(machine, value, (), keywords, given.node)
    result = machine.instance(ESTIMATOR, node=given.node)
    machine.store.set(result.id, "model", model)
    return result


def _search(machine: Machine, given: Given, value: Value | None) -> Value:
    """GridSearchCV(estimator, …): fitting the search fits the estimator."""
    if isinstance(value, Instance) and value.cls == ESTIMATOR:
        return value
    return given.unknown_result()


def _cross_validation(machine: Machine, given: Given, value: Value | None) -> Value:
    """cross_val_score(estimator, X, y, …)."""
    if isinstance(value, Instance) and value.cls == ESTIMATOR:
        _fit(machine, value, given.get("X"), given.get("y"), given.node)
    return machine.unknown(given.node)


def _folds(machine: Machine, given: Given, value: Value | None) -> Value:
    """KFold().split(…): pairs of places, those to train on and those to test on."""
    places = (
        Tensor(shape=(None,), dtype="int64", key=("places", id(given.node), name))
        for name in ("train", "test")
    )
    return Stream(Tuple(tuple(places)), False, ("folds", id(given.node)))


def _fit(
    machine: Machine, target: Instance, data: Value | None, labels: Value | None, node: cst.CSTNode
) -> None:
    """Fit the model; class indices are left out, for the wrapper encodes them as the loss wants them."""
    model = machine.store.visible(machine.store.get(target.id, "model"))
    if isinstance(labels, Tensor) and labels.encoding == "binary" and _encodes(machine, model):
        return
    if isinstance(labels, Tensor) and labels.encoding not in ("index", None):
        given = Arguments((), {"x": data or NONE, "y": labels})
        machine.each(model, lambda item: _fit_model(machine, item, given, node))


def _encodes(machine: Machine, model: Value | None) -> bool:
    """Whether the wrapper of Keras 2 turns 0/1 into one-hot rows: it does for categorical_crossentropy."""
    record = machine.store.get(model.id, "compiled") if isinstance(model, Instance) else None
    loss = record.loss if isinstance(record, training.Compiled) else None
    return not isinstance(loss, Const) or loss.value == "categorical_crossentropy"


def _fit_model(machine: Machine, model: Value, given: Arguments, node: cst.CSTNode) -> Value:
    return training.fit(machine, model, given, node) if isinstance(model, Instance) else NONE


def _fit_method(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    values = dict(zip(("X", "y"), arguments.positional, strict=False))
    values.update(arguments.keywords)
    _fit(machine, target, values.get("X"), values.get("y"), node)
    return target


methods.METHODS_OF[ESTIMATOR] = {"fit": _fit_method}

OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {
    "estimator": _estimator,
    "folds": _folds,
    "search": _search,
    "cross_validation": _cross_validation,
}
