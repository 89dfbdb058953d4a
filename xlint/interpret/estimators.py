"""Networks inside estimators of scikit-learn: KerasClassifier, skorch, searches and cross-validation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret import calls, layers, methods, training
from xlint.interpret.arguments import Arguments
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    NO_GUARDS,
    NONE,
    Api,
    ClassValue,
    Const,
    Function,
    Instance,
    Stream,
    Tensor,
    Tuple,
    Value,
)

ESTIMATOR = "estimator"


def _estimator(machine: Machine, given: Given, value: Value | None) -> Value:
    """KerasClassifier(build_fn, …): the builder is called with those of the arguments that it takes."""
    if not isinstance(value, Function):
        return given.unknown_result()
    taken = calls.names_taken(value)
    keywords = {name: item for name, item in given.values.items() if name in taken}
    model = calls.call(machine, value, (), keywords, given.node)
    result = machine.instance(ESTIMATOR, node=given.node)
    machine.store.set(result.id, "model", model)
    return result


def _trained_module(machine: Machine, given: Given, value: Value | None) -> Value:
    """NeuralNetClassifier(module, criterion=…): a module and its loss, compiled as Keras does it.

    Both are objects, or what builds them from the arguments that bear their name: `module__units=8`.
    """
    loss = given.of("loss") or machine.api(str(given.row.get("loss_default", "")))
    module = _built(machine, given, str(given.row.get("module")), given.of("module"))
    criterion = _built(machine, given, str(given.row.get("loss")), loss)
    if not isinstance(module, Instance) or not isinstance(criterion, Instance):
        return given.unknown_result()
    result = machine.instance(ESTIMATOR, node=given.node)
    machine.store.set(result.id, "module", module)
    machine.store.set(result.id, "made by", given)
    at = given.nodes.get(str(given.row.get("loss")))
    mark = machine.mark(at) if at is not None else given.mark
    output = _handed_on(machine, given.row, criterion, layers.output_of(machine, module, given.node))
    record = training.Compiled(result, loss, None, output, mark, given.node, machine.guards(), machine.scope)
    machine.store.set(result.id, "compiled", record)  # no loss until it is fitted: it may only predict
    return result


def _built(machine: Machine, given: Given, name: str, value: Value | None) -> Value | None:
    """An object, or the one that a class gives for the arguments that begin with its name."""
    if not isinstance(value, ClassValue | Function) and not (
        isinstance(value, Api) and value.row is not None
    ):
        return value
    start = f"{name}__"
    options = {key.removeprefix(start): v for key, v in given.values.items() if key.startswith(start)}
    return calls.call(machine, value, (), options, given.node)


def _handed_on(machine: Machine, row: Row, loss: Instance, output: Value) -> Value:
    """What a module gives as its loss gets it: the first of several, flat or its logarithm where so said."""

    def one(value: Value) -> Value:
        if isinstance(value, Tuple) and value.items:
            value = value.items[0]
        if not isinstance(value, Tensor):
            return value
        if row.get("flat"):
            value = replace(value, shape=(None,), class_axis=None)
        if not isinstance(loss.cls, Row) or loss.cls.name != row.get("logarithm_for"):
            return value
        if value.quantity == "log-probabilities":
            return replace(value, quantity=None, activation=None)
        taken = value.quantity == "probabilities"
        return replace(value, quantity="log-probabilities", fresh=False) if taken else value

    return machine.each(output, one)


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
    module = machine.store.get(target.id, "module")
    if isinstance(module, Instance):
        _fit_module(machine, target, module, data, labels)
        return
    model = machine.store.visible(machine.store.get(target.id, "model"))
    if isinstance(labels, Tensor) and labels.encoding == "binary" and _encodes(machine, model):
        return
    if isinstance(labels, Tensor) and labels.encoding not in ("index", None):
        given = Arguments((), {"x": data or NONE, "y": labels})
        training.fit_each(machine, model, given, node)


def _fit_module(
    machine: Machine, target: Instance, module: Instance, data: Value | None, labels: Value | None
) -> None:
    """Fit a module to arrays; a data set that holds the labels, too, is left alone."""
    record = machine.store.get(target.id, "compiled")
    given = machine.store.get(target.id, "made by")
    if not isinstance(record, training.Compiled) or not isinstance(given, Given):
        return
    if isinstance(data, Tensor) and data.shape is not None and isinstance(record.loss, Instance):
        batch = replace(data, shape=(None, *data.shape[1:]))
        output = calls.call(machine, module, (batch,), {}, record.node)
        record.output = _handed_on(machine, given.row, record.loss, output)
    training.meet(machine, record, None if labels == NONE else labels, NO_GUARDS, False)


def _encodes(machine: Machine, model: Value | None) -> bool:
    """Whether the wrapper of Keras 2 turns 0/1 into one-hot rows: it does for categorical_crossentropy."""
    record = machine.store.get(model.id, "compiled") if isinstance(model, Instance) else None
    loss = record.loss if isinstance(record, training.Compiled) else None
    return not isinstance(loss, Const) or loss.value == "categorical_crossentropy"


def _fit_method(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    values = dict(zip(("X", "y"), arguments.positional, strict=False))
    values.update(arguments.keywords)
    _fit(machine, target, values.get("X"), values.get("y"), node)
    return target


methods.METHODS_OF[ESTIMATOR] = {"fit": _fit_method}

OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {
    "estimator": _estimator,
    "folds": _folds,
    "trained_module": _trained_module,
    "search": _search,
    "cross_validation": _cross_validation,
}
