"""What trains a model: compile and fit of Keras, Lightning's trainer, sessions of TensorFlow 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret import (
    attributes,
    calls,
    containers,
    datasets,
    inherited,
    layers,
    loss_values,
    losses,
    metrics,
    networks,
    order,
    own_losses,
    recording,
    saved,
    sequences,
    shapes,
    tensors,
)
from xlint.interpret.machine import Machine
from xlint.interpret.scopes import Scope
from xlint.interpret.store import alternatives, join
from xlint.interpret.values import (
    NONE,
    Bound,
    Choice,
    ClassValue,
    Const,
    Guards,
    Instance,
    Stream,
    Sym,
    Tensor,
    Tuple,
    Value,
)
from xlint.sites import Fact, Mark


@dataclass(slots=True, eq=False)
class Compiled:
    """One `compile` of a model: its loss, its output as it was then, where reports stand."""

    model: Instance
    loss: Value
    metrics: Value | None
    output: Value
    mark: Mark
    node: cst.CSTNode
    guards: Guards
    scope: Scope
    used: bool = False
    replaced: bool = False


def compile_model(machine: Machine, model: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """model.compile(optimizer, loss, metrics, …)."""
    names = ("optimizer", "loss", "metrics")
    values = dict(zip(names, arguments.positional, strict=False))
    values.update(arguments.keywords)
    loss = values.get("loss")
    own = attributes.find_method(machine, model, "compile")
    if loss is None or (own is not None and not _keras_like(model)):
        return NONE
    at = arguments.nodes.get("loss") or arguments.nodes.get(1)
    written = loss.mark if at is None and isinstance(loss, Const | Instance) else None
    mark = written if written is not None else machine.mark(at or node)
    output = networks.compiled_output(machine, model, layers.output_of(machine, model, node))
    before = machine.store.get(model.id, "compiled")
    if isinstance(before, Compiled):
        before.replaced = True
    record = Compiled(model, loss, values.get("metrics"), output, mark, node, machine.guards(), machine.scope)
    machine.store.set(model.id, "compiled", record)
    machine.compiled.append(record)
    return NONE


def unknown_model(machine: Machine, receiver: Sym, name: str, arguments: calls.Arguments) -> Instance | None:
    """The stand-in for a model that xlint could not follow, once the script compiles it with a loss."""
    known = machine.store.get(attributes.symbol_slot(receiver), "unknown model")
    if known is None and name == "compile" and _gives_loss(machine, arguments):
        known = machine.instance("unknown model")
        machine.store.set(attributes.symbol_slot(receiver), "unknown model", known)
    return known  # type: ignore[no-any-return]


def _gives_loss(machine: Machine, arguments: calls.Arguments) -> bool:
    """Whether a `compile` of something unknown is a model's: it has a loss by keyword, or a known one."""
    second = arguments.positional[1:2]
    return "loss" in arguments.keywords or any(loss_values.row_of(machine, loss) for loss in second)


def _keras_like(model: Instance) -> bool:
    return isinstance(model.cls, Row | str) or attributes.role(model.cls) in ("keras_model", "")


def fit(machine: Machine, model: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """model.fit(x, y), fit(dataset), train_on_batch(x, y), evaluate(x, y)."""
    values = dict(zip(("x", "y"), arguments.positional, strict=False))
    values.update(arguments.keywords)
    data = values.get("x") or values.get("generator")
    labels = values.get("y")
    record = machine.store.visible(machine.store.get(model.id, "compiled"))
    saved.checkpoints(machine, model, values.get("callbacks"))
    _run_train_step(machine, model, data, labels, node)
    _feed_inputs(machine, model, data)
    if isinstance(record, Compiled) and inherited.ignores_compiled_loss(machine, model):
        record.used = True
        return Sym(("history", model.id))
    if record is None:
        return Sym(("history", model.id))
    same_input = labels is not None and data is not None and _same(data, labels)
    if labels is None and data is not None:
        labels, same_input = labels_in(machine, data, node)
    shaped = _first_of(machine, data)
    options = record.alternatives if isinstance(record, Choice) else ((frozenset(), record),)
    for guards, item in options:
        if isinstance(item, Compiled):
            _with_input(machine, item, shaped, node)
            meet(machine, item, loss_values.narrowed(labels, guards), guards, same_input)
    return Sym(("history", model.id))


def fit_generator(machine: Machine, model: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """fit_generator(generator, steps) and evaluate_generator: the second argument counts batches."""
    return fit(machine, model, replace(arguments, positional=arguments.positional[:1]), node)


def fit_each(machine: Machine, models: Value, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """Fit what may be one of several models; anything else is left alone."""
    return machine.each(
        models, lambda model: fit(machine, model, arguments, node) if isinstance(model, Instance) else NONE
    )


def _feed_inputs(machine: Machine, model: Instance, data: Value | None) -> None:
    """Remember what a fit gives to the inputs of a functional model: one of them may be a target."""
    inputs = machine.store.get(model.id, "inputs")
    if inputs is None or data is None:
        return
    names = containers.items(machine, inputs) or [inputs]
    given = (containers.items(machine, data) or []) if sequences.is_sequence(data) else [data]
    for name, value in zip(names, given, strict=True) if len(names) == len(given) else ():
        if isinstance(name, Tensor):
            machine.fed.setdefault(name.key, []).append(value)


def _run_train_step(
    machine: Machine, model: Instance, data: Value | None, labels: Value | None, node: cst.CSTNode
) -> None:
    """A Keras model with a train_step of its own gets the data of fit in batches."""
    step = attributes.find_method(machine, model, "train_step")
    if step is None or data is None:
        return
    batch: Value = data
    if labels is not None:
        batch = Tuple((data, labels))
    elif not isinstance(data, Tensor):
        batch = datasets.sample_of(machine, data, node)
    calls.apply(machine, Bound(model, step), calls.Arguments((batch,)), node)


def compiled_loss(machine: Machine, model: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """self.compiled_loss(y, y_pred) and self.compute_loss(x, y, y_pred) inside a train_step."""
    record = machine.store.visible(machine.store.get(model.id, "compiled"))
    names = ("y", "y_pred") if len(arguments.positional) <= 2 else ("x", "y", "y_pred")
    values = {**dict(zip(names, arguments.positional, strict=False)), **arguments.keywords}
    if isinstance(record, Compiled):
        record.used = True
        loss_values.use(machine, record.loss, values.get("y_pred"), values.get("y"), record.mark, record.node)
    return losses.SCALAR


def _first_of(machine: Machine, data: Value | None) -> Tensor | None:
    """The inputs of a fit, where they are one tensor of known shape."""
    value = data
    if isinstance(data, Stream):
        items = containers.items(machine, data.element)
        value = items[0] if items else data.element
    return value if isinstance(value, Tensor) and value.shape is not None else None


def _with_input(machine: Machine, record: Compiled, data: Tensor | None, node: cst.CSTNode) -> None:
    """Work out the output again from inputs of known shape, where it was worked out without."""
    output = record.output
    if data is None or not isinstance(output, Tensor) or output.shape is not None:
        return
    again = calls.call(
        machine, record.model, (replace(data, shape=(None, *(data.shape or ())[1:])),), {}, node
    )
    if isinstance(again, Tensor) and again.shape is not None:
        record.output = again


def _same(first: Value, second: Value) -> bool:
    if isinstance(first, Tensor) and isinstance(second, Tensor):
        return (
            (first is second or (first.key is not None and first.key == second.key))
            and first.encoding == second.encoding
            and second.encoding not in ("index", "one-hot", "binary", "multi-hot")
        )
    return isinstance(first, Sym) and isinstance(second, Sym) and first == second


def labels_in(machine: Machine, data: Value, node: cst.CSTNode) -> tuple[Value | None, bool]:
    """The labels that a data set, generator or user's sequence hands out beside its inputs."""
    if isinstance(data, Instance) and isinstance(data.cls, ClassValue):
        element = datasets.sample_of(machine, data, node)
    elif isinstance(data, Stream):
        element = data.element
    elif isinstance(data, Choice):
        return machine.each(data, lambda item: labels_in(machine, item, node)[0] or NONE), False
    else:
        return None, False
    if isinstance(data, Stream) and not data.batched:
        element = datasets.batch_of(machine, element)
    items = containers.items(machine, element)
    if items is not None and len(items) >= 2:
        return items[1], _same(items[0], items[1])
    return None, False


def meet(machine: Machine, record: Compiled, labels: Value | None, guards: Guards, same_input: bool) -> None:
    """The compiled loss meets the labels of a fit, under the decisions of both."""
    if not machine.store.allows(guards):
        return
    record.used = True
    base = record.guards | guards
    several = isinstance(record.output, Tuple | Instance)
    if isinstance(labels, Instance) and labels.cls == "dict" and not several:
        named = list((loss_values.parts_of(machine, labels) or {}).values())
        labels = named[0] if len(named) == 1 else labels
    if isinstance(labels, Instance) and labels.cls == "list" and not several:
        one = sequences.only_one(machine, labels)
        whole = isinstance(one, Tensor) and bool(one.rank)
        made = one if whole else tensors.tensor_of(machine, labels, record.node)
        labels = made if made is not None else labels
    machine.judged = metrics.judged_by_classes(machine, record.metrics) and not same_input
    machine.judged_outputs = metrics.judged_outputs(machine, record.metrics)
    with machine.inside(record.scope):  # a fit may stand in another module
        loss_values.use(
            machine, record.loss, record.output, labels, record.mark, record.node, base, same_input
        )
        machine.judged = False
        if not machine.untrained:
            facts = _loss_facts(machine, record)
            metrics.of_compile(machine, record.metrics, record.output, labels, record.mark, facts)


def _loss_facts(machine: Machine, record: Compiled) -> dict[str, Fact]:
    """The family of the compiled loss, for the rules about metrics."""
    row = loss_values.row_of(machine, record.loss)
    if row is None:
        return {}
    return {"family": row.get("family"), "loss_name": row.short_name, "wants": _wanted(record.loss, row)}


def _wanted(loss: Value, row: Row) -> str | None:
    flag = loss.argument(str(row.get("from_logits"))) if isinstance(loss, Instance) else None
    if flag is None:
        return str(row.get("wants"))
    return None if not isinstance(flag, Const) else "logits" if flag.value else str(row.get("wants"))


def finish(machine: Machine) -> None:
    """Compiled models that are never fitted, and losses on placeholders, with what is known in the end."""
    trained = [record for record in machine.compiled if record.used]
    for record in list(machine.compiled):
        if not record.used:
            machine.scope = record.scope
            part = machine.store.get(record.model.id, "part of another") is not None
            machine.untrained = record.replaced or part or any(other.used for other in trained)
            meet(machine, record, None, frozenset(), False)
            machine.untrained = False
    own_losses.finish(machine)
    for meeting, output, labels, base in machine.deferred:
        fed = _fed(machine, labels)
        rebuilt = isinstance(output, Tensor) and output.source is not None and output.source == labels.key
        same_input = rebuilt and all(
            isinstance(item, Tensor) and item.encoding in (None, "continuous")
            for _, item in alternatives(fed)
        )
        losses.meet(machine, meeting, output, fed, base, same_input)
    machine.deferred.clear()


def _fed(machine: Machine, placeholder: Tensor) -> Value:
    """What stands in a placeholder when the graph runs: the first array fed of which something is known.

    Zeros alone are no labels where others are fed as well: a graph that only predicts gets them, too.
    """
    seen = machine.fed.get(placeholder.key, [])
    known = [_known(machine, value) for value in seen]
    told = [cases for cases in known if cases and not any(_filled(fed) for _, fed in cases)]
    cases = next(iter(told), known[0] if known else [])
    stand = [(guards, _stands(placeholder, fed)) for guards, fed in cases]
    if not stand:
        return replace(placeholder, origin="labels" if placeholder.encoding else order.FED)
    alike = {(fed.encoding, fed.classes, fed.origin) for _, fed in stand}
    return stand[0][1] if len(alike) == 1 else join(stand)


def _known(machine: Machine, value: Value) -> list[tuple[Guards, Tensor]]:
    """What is fed under each condition; nothing where any of it is unknown as labels and as features."""
    result = []
    for guards, (item,) in recording.cases_of((value,), machine):
        fed = tensors.tensor_of(machine, item) if isinstance(item, Instance) else item
        if not isinstance(fed, Tensor) or (fed.encoding is None and fed.origin != "features"):
            return []
        result.append((guards, fed))
    return result


def _filled(fed: Tensor) -> bool:
    return isinstance(fed.key, tuple) and fed.key[:1] == ("filled",)


def _stands(placeholder: Tensor, fed: Tensor) -> Tensor:
    """An array in the shape and type of the placeholder that it is fed to."""
    origin = "labels" if fed.encoding is not None else fed.origin
    if placeholder.shape is not None and fed.rank != placeholder.rank:
        moved = shapes.reshape(fed, placeholder.shape)  # the graph has reshaped it
        fed = replace(moved, encoding=fed.encoding, classes=fed.classes)
    shape, dtype = placeholder.shape or fed.shape, placeholder.dtype or fed.dtype
    return replace(fed, shape=shape, dtype=dtype, origin=origin)


def _predict(machine: Machine, model: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    record = machine.store.visible(machine.store.get(model.id, "compiled"))
    output = record.output if isinstance(record, Compiled) else layers.output_of(machine, model, node)
    if not isinstance(output, Tensor | Choice | Tuple):
        return machine.unknown(node)
    return calls.from_input(output, arguments)


def _predict_classes(
    machine: Machine, model: Instance, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    return machine.unknown(node)


METHODS: dict[str, Callable[[Machine, Instance, calls.Arguments, cst.CSTNode], Value]] = {
    "compiled_loss": compiled_loss,
    "compute_loss": compiled_loss,
    "compile": compile_model,
    "fit": fit,
    "fit_generator": fit_generator,
    "train_on_batch": fit,
    "test_on_batch": fit,
    "evaluate": fit,
    "evaluate_generator": fit_generator,
    "predict": _predict,
    "predict_on_batch": _predict,
    "predict_proba": _predict,
    "predict_generator": _predict,
    "predict_classes": _predict_classes,
}
