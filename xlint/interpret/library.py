"""Calls of a library: rows of the API tables to what they do with values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

from xlint import syntax as cst
from xlint.apis import Row
from xlint.gate import BACKWARD
from xlint.interpret import (
    activations,
    axes,
    class_labels,
    columns,
    comparisons,
    conditions,
    creation,
    datasets,
    encoders,
    estimators,
    expressions,
    fewer_axes,
    fields,
    graph_estimators,
    layers,
    loaders,
    losses,
    methods,
    metrics,
    models,
    named,
    networks,
    own_losses,
    patterns_of_axes,
    pieces,
    records,
    recurrent,
    repeats,
    saved,
    standard,
    steps,
    streams,
    tables,
    tensors,
    training,
    transforms,
    tuners,
    watched,
)
from xlint.interpret.arguments import Arguments, unknown_result
from xlint.interpret.given import Given, bind
from xlint.interpret.machine import Machine
from xlint.interpret.store import combinations, join
from xlint.interpret.values import (
    NONE,
    Api,
    Choice,
    Const,
    Guards,
    Stream,
    Sym,
    Tensor,
    Value,
    function_called,
    key_of,
)

Operation = Callable[[Machine, Given, Value | None], Value]


def call(machine: Machine, row: Row, arguments: Arguments, node: cst.CSTNode) -> Value:
    """Call a library's name: build an object, or apply the operation at once."""
    given = bind(row, arguments, node, machine.mark(node))
    if row.is_class:
        return models.build(machine, given, arguments)
    result = operate(machine, given, given.first())
    trained = arguments.keywords.get("requires_grad")
    if isinstance(result, Tensor) and isinstance(trained, Const) and trained.value is True:
        return replace(result, origin="parameter", encoding=None, classes=None, value=None)
    return result


def operate(machine: Machine, given: Given, value: Value | None) -> Value:
    """Apply the operation of a row to a value; arguments that depend on a branch are taken apart."""
    handler = operations().get(given.row.op)
    if handler is None:
        return machine.unknown(given.node)
    if given.row.op not in NO_MORE_AXES:
        handler = partial(_behind, handler)
    if given.row.op in WHOLE or not (
        type(value) is Choice or any(type(item) is Choice for item in given.values.values())
    ):
        return handler(machine, given, value)
    if conditions.too_many(machine.split):
        return machine.unknown(given.node)
    names = [name for name, item in given.values.items() if type(item) is Choice and item is not value]
    parts = [machine.store.visible(item) for item in (value or NONE, *(given.values[name] for name in names))]
    options: list[tuple[Guards, Callable[[], Value]]] = []
    for guards, (first, *rest) in combinations(parts):
        picked = None if value is None else first
        values = {name: first if item is value else item for name, item in given.values.items()}
        chosen = replace(given, values={**values, **dict(zip(names, rest, strict=True))})
        options.append((guards, partial(handler, machine, chosen, picked)))
    results = machine.apart(options, split=True)
    return join(results) if results else machine.unknown(given.node)


def _behind(handler: Operation, machine: Machine, given: Given, value: Value | None) -> Value:
    """An operation that may add axes, on what may have one fewer than it might."""
    return handler(machine, given, fewer_axes.unmarked(value) if type(value) is Tensor else value)


def method(machine: Machine, receiver: Value, name: str, arguments: Arguments, node: cst.CSTNode) -> Value:
    """A method of a tensor, data set, column or something unknown."""
    if isinstance(receiver, Sym) and receiver.default is not None:
        text = methods.method_of_default(receiver, name, arguments)
        if text is not None:
            return text
    own = tensors.METHODS.get(name)
    if own is not None and isinstance(receiver, Tensor):
        return own(machine, receiver, arguments, node)
    if tables.is_table(receiver):
        table = tables.method(machine, receiver, name, arguments, node)
        if table is not None:
            return table
        receiver = tables.plain(machine, receiver)
    if columns.changes_in_place(machine, receiver, arguments):
        keywords = {key: value for key, value in arguments.keywords.items() if key != "inplace"}
        changed = method(machine, receiver, name, replace(arguments, keywords=keywords), node)
        if type(node) is cst.Call and type(node.func) is cst.Attribute:
            expressions.assign(machine, node.func.value, changed)
        return NONE
    if name in columns.METHODS and not isinstance(receiver, Stream):
        done = columns.METHODS[name](machine, receiver, arguments, node)
        if done is not None:
            return done
    if name == "backward":
        own_losses.descend(machine, receiver)
        return NONE
    if isinstance(receiver, Sym):
        given_back = _of_unknown(machine, receiver, name, arguments, node)
        if given_back is not None:
            return given_back
    if name in ("fit", "validate", "test") and (arguments.positional or "model" in arguments.keywords):
        steps.lightning_fit(machine, arguments, node)
    for prefix in datasets.prefixes(receiver):
        row = machine.tables.row(f"{prefix}.{name}")
        if row is not None:
            given = bind(row, arguments, node, machine.mark(node))
            if name == "resize" or (name.endswith("_") and not name.endswith("__")):
                return _in_place(machine, given, receiver, node)
            return operate(machine, given, receiver)
    shown = f"{receiver.name}.{name}" if isinstance(receiver, Sym | Tensor) and receiver.name else ""
    result = unknown_result(Sym(("attr", key_of(receiver), name), shown), arguments)
    for value in arguments.positional if name in BACKWARD else ():
        own_losses.descend(machine, value)
    return own_losses.candidate(machine, node, arguments.positional, result)


def _of_unknown(
    machine: Machine, receiver: Sym, name: str, arguments: Arguments, node: cst.CSTNode
) -> Value | None:
    """A method of something unknown: of a model, a text, a value that moves, what a library made; or None."""
    if name in training.METHODS:
        model = training.unknown_model(machine, receiver, name, arguments)
        if model is not None:
            return training.METHODS[name](machine, model, arguments, node)
    if name in MOVED and "dtype" not in arguments.keywords and all(map(_is_place, arguments.values())):
        return receiver
    if (name == "resize" and _sizes_picture(arguments)) or (name == "split" and _splits_text(arguments)):
        return unknown_result(Sym(("attr", key_of(receiver), name)), arguments)
    if name in ("write", "read") and (held := saved.text_file(machine, receiver, name, arguments)):
        return held
    if name in ("startswith", "endswith"):
        return Sym(("in", key_of(receiver), name, *(key_of(item) for item in arguments.positional)))
    if name in ("train", "eval") and not arguments.keywords:
        models.note_mode(machine, name, arguments)
        return receiver
    function = function_called(receiver.key)
    if function is None:
        return None
    row = machine.tables.row(machine.tables.canonical(f"{function}.{name}"))
    return None if row is None else call(machine, row, arguments, node)


def _in_place(machine: Machine, given: Given, receiver: Value, node: cst.CSTNode) -> Value:
    changed = operate(machine, given, receiver)
    if type(node) is cst.Call and type(node.func) is cst.Attribute:
        expressions.mutate(machine, node.func.value, changed)
    return changed


MOVED = frozenset({"to", "cuda", "cpu", "detach", "contiguous", "clone", "pin_memory", "share_memory"})
"""Methods of tensors and modules that give the same values, on another device or apart from the graph."""


def _sizes_picture(arguments: Arguments) -> bool:
    """Whether the arguments of `.resize(…)` may be those of a picture: its size is one argument, a pair."""
    sizes = arguments.positional
    return len(sizes) < 2 or not all(isinstance(size, Const) and type(size.value) is int for size in sizes)


def _splits_text(arguments: Arguments) -> bool:
    """Whether the arguments of `.split(…)` are those of a text: none, or a separator."""
    first = next(iter(arguments.values()), None)
    return first is None or (isinstance(first, Const) and not isinstance(first.value, int))


def _is_place(value: Value) -> bool:
    """Whether an argument of `.to(…)` is taken for a device or a flag: no dtype and no other tensor."""
    return not isinstance(value, Api) and not creation.of_another(value)


NO_MORE_AXES = frozenset({"units", "activation", "keep", "argmax", "squeeze"})
"""Operations behind which a tensor has as many axes as before, or fewer."""
WHOLE = frozenset(
    {
        *("loss", "metric", "wrapper", "batch", "dataset", "zip", "concat", "stack", "pretrained", "split"),
        *("fielded", "fielded_batches"),
    }
)
"""Operations that take arguments which depend on a branch as they are."""


@cache
def operations() -> dict[str, Operation]:
    """What each operation of the tables does; put together at first use, when all modules are loaded."""
    return {
        "units": activations.units_op,
        "activation": activations.activation_op,
        "activation_by_name": activations.activation_op,
        **axes.OPERATIONS,
        **transforms.OPERATIONS,
        **class_labels.OPERATIONS,
        **comparisons.OPERATIONS,
        **creation.OPERATIONS,
        **datasets.OPERATIONS,
        **loaders.OPERATIONS,
        **fields.OPERATIONS,
        **standard.OPERATIONS,
        **streams.OPERATIONS,
        **tables.OPERATIONS,
        **encoders.OPERATIONS,
        **estimators.OPERATIONS,
        **graph_estimators.OPERATIONS,
        **losses.OPERATIONS,
        **metrics.OPERATIONS,
        **layers.OPERATIONS,
        **recurrent.OPERATIONS,
        **networks.OPERATIONS,
        **records.OPERATIONS,
        **saved.OPERATIONS,
        **named.OPERATIONS,
        **pieces.OPERATIONS,
        **repeats.OPERATIONS,
        **patterns_of_axes.OPERATIONS,
        **tuners.OPERATIONS,
        **watched.OPERATIONS,
    }
