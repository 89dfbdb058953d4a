"""Applying objects of libraries: layers, wrappers, sequences of layers, pretrained networks, their heads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret import (
    axes,
    calls,
    comparisons,
    containers,
    library,
    losses,
    metrics,
    networks,
    records,
    recurrent,
)
from xlint.interpret.arguments import unknown_result
from xlint.interpret.given import Given, bind
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    NONE,
    Api,
    Choice,
    Const,
    Dim,
    Instance,
    Sym,
    Tensor,
    Tuple,
    Value,
    dim_of,
    key_of,
    value_of_dim,
)


def apply_object(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """Call a library object: a layer, a model, a loss, a metric."""
    row = target.cls
    assert isinstance(row, Row)
    if row.op == "loss":
        return losses.call_object(machine, target, row, arguments, node)
    if row.op == "metric":
        return metrics.call_object(machine, target, row, arguments, node)
    if row.op == "pretrained":
        return networks.call_object(machine, target, row, arguments, node)
    call = bind(row, arguments, node, machine.mark(node), row.call_params) if row.call_params else None
    value = _input_of(machine, row, arguments, call, node)
    if isinstance(value, Tensor) and value.origin in ("input", "model"):
        machine.store.set(target.id, "part of another", Const(True))
    result = machine.each(value, lambda item: _apply(machine, target, row, item, node))
    pair = call.get(row.get("pair_with")) if call is not None else None
    if pair not in (None, NONE, Const(False)):
        more = Sym(("more", id(node)))
        return Tuple((result, more)) if pair == Const(True) else more
    name = target.argument("name")
    if isinstance(result, Tensor) and isinstance(name, Const) and isinstance(name.value, str):
        return replace(result, name=name.value)
    return result


def _input_of(
    machine: Machine, row: Row, arguments: calls.Arguments, call: Given | None, node: cst.CSTNode
) -> Value:
    """What goes into a layer: the first argument, the one that its row names, or the first of a list."""
    value = arguments.positional[0] if arguments.positional else next(iter(arguments.keywords.values()), None)
    if call is not None:
        value = call.get(row.input or row.call_params[0])
    listed = containers.items(machine, value) if row.get("first_of_list") and value is not None else None
    return listed[0] if listed else value or Sym(("input", id(node)))


def _apply(machine: Machine, target: Instance, row: Row, value: Value, node: cst.CSTNode) -> Value:
    if row.op == "sequential":
        return run_layers(machine, target, value, node)
    if row.op == "functional":
        return machine.store.visible(machine.store.get(target.id, "outputs")) or machine.unknown(node)
    if row.op == "layer_wrapper":
        return _wrapped(machine, target, row, value, node)
    if row.op == "lambda_layer":
        function = target.argument(row.get("function"))
        return (
            calls.call(machine, function, (value,), {}, node)
            if function is not None
            else machine.unknown(node)
        )
    if row.op == "composed":
        return _composed(machine, target, row, value, node)
    if row.op == "input":
        return value
    given = options(target, node)
    units = str(row.get("units"))
    changed = machine.store.visible(machine.store.get(target.id, units))
    if changed is not None and row.op == "units" and row.framework != "torch":  # there it changes nothing
        given.values[units] = changed
    weight = machine.store.visible(machine.store.get(target.id, "weight"))
    if row.op == "units" and isinstance(weight, Tensor) and weight.shape:
        given.values[units] = value_of_dim(weight.shape[0], None, "")  # (units, features) in PyTorch
    activation = row.get("activation")
    later = machine.store.get(target.id, str(activation)) if row.op == "units" and activation else None
    if later is not None:
        given.values[str(activation)] = later
    return library.operate(machine, given, value)


def _composed(machine: Machine, target: Instance, row: Row, value: Value, node: cst.CSTNode) -> Value:
    """What comes of a sample after all steps; libraries' own steps alone tell nothing."""
    steps = containers.items(machine, target.argument(row.params[0]) or NONE)
    if steps is None or all(isinstance(step, Sym | Api) for step in steps):
        return unknown_result(target, calls.Arguments((value,)))
    for step in steps:
        value = calls.call(machine, step, (value,), {}, node)
    return value


def options(target: Instance, node: cst.CSTNode) -> Given:
    """The constructor arguments of a library object, as arguments of its operation."""
    assert isinstance(target.cls, Row) and target.mark is not None
    values = {name: value for name, value in target.args if name != "**"}
    return Given(target.cls, values, any(name == "**" for name, _ in target.args), node, {}, target.mark)


def run_layers(machine: Machine, target: Instance, value: Value, node: cst.CSTNode) -> Value:
    """Send a value through the layers of a sequential model."""
    items = machine.store.visible(machine.store.get(target.id, "items"))
    if isinstance(items, Choice):
        return machine.each(items, lambda item: _through(machine, item, value, node))
    return _through(machine, items, value, node)


def _through(machine: Machine, items: object, value: Value, node: cst.CSTNode) -> Value:
    if not isinstance(items, Tuple):
        return Tensor(origin="model")
    for position, layer in enumerate(items.items):
        if isinstance(layer, Tensor):
            value = layer
            continue
        if position == 0 and isinstance(layer, Instance):
            value = declared_input(machine, layer) or value
        value = calls.call(machine, layer, (value,), {}, node)
    return value


def declared_input(machine: Machine, layer: Instance) -> Tensor | None:
    """The input that a first Keras layer declares with input_shape, input_dim or batch_input_shape."""
    dims: list[Dim] | None = None
    shape, batch = layer.argument("input_shape"), layer.argument("batch_input_shape")
    if isinstance(layer.cls, Row) and layer.cls.op == "input":
        shape = layer.argument("shape")
    if shape is not None:
        known = axes.dims_of(machine, shape)
        dims = None if known is None else [None, *known]
    elif batch is not None:
        dims = axes.dims_of(machine, batch)
    elif layer.argument("input_dim") is not None and isinstance(layer.cls, Row) and layer.cls.op == "units":
        dims = [None, dim_of(layer.argument("input_dim"))]
    return None if dims is None else Tensor(shape=tuple(dims), origin="input", key=("input", layer.id))


def _wrapped(machine: Machine, target: Instance, row: Row, value: Value, node: cst.CSTNode) -> Value:
    layer = target.argument(row.get("layer"))
    if layer is None:
        return machine.unknown(node)
    inner = value
    times = row.short_name == "TimeDistributed"
    if times and isinstance(value, Tensor) and value.shape is not None and len(value.shape) > 2:
        inner = replace(value, shape=(value.shape[0], *value.shape[2:]))
    result = calls.call(machine, layer, (inner,), {}, node)
    if not isinstance(result, Tensor):
        return result
    if times:
        steps = (
            value.shape[1]
            if isinstance(value, Tensor) and value.shape is not None and len(value.shape) > 1
            else None
        )
        shape = (None, steps, *result.shape[1:]) if result.shape is not None else None
        axis = result.class_axis
        return replace(result, shape=shape, class_axis=axis + 1 if axis is not None and axis > 0 else axis)
    return recurrent.both_directions(machine, target, result, node)


def output_of(machine: Machine, model: Value, node: cst.CSTNode) -> Value:
    """What a model gives for an unknown input."""
    return calls.call(machine, model, (Sym(("input", key_of(model)), "inputs"),), {}, node)


def _sequence_wrapper(machine: Machine, given: Given, value: Value | None) -> Value:
    if given.row.get("returns") == "all":
        named = [item for name, item in given.values.items() if name in given.row.params]
        items = [*named, *given.rest]
        return items[0] if len(items) == 1 else Tuple(tuple(items))
    return value if value is not None else machine.unknown(given.node)


def _input(machine: Machine, given: Given, value: Value | None) -> Value:
    dims = axes.dims_of(machine, given.of("shape"))
    return Tensor(
        shape=None if dims is None else (None, *dims), origin="input", key=("input", id(given.node))
    )


def _embedding(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = axes.operand(machine, given, value)
    comparisons.note_ids(machine, tensor)
    units = dim_of(given.of("units"))
    shape = None if tensor.shape is None else (*tensor.shape, units)
    return Tensor(
        shape=shape,
        width=units,
        class_axis=-1,
        quantity="logits",  # a linear layer without activation, on one-hot rows
        activation="none",
        origin="model",
        evidence=(machine.evidence("width", given.mark), machine.evidence("activation", given.mark)),
    )


def _decoded(machine: Machine, given: Given, value: Value | None) -> Value:
    """dynamic_decode(decoder): what its last layer makes of each step, and the states and lengths."""
    if not isinstance(value, Instance) or not records.is_record(machine, value):
        return given.unknown_result()
    layer = records.field(machine, value, str(given.row.get("layer")))
    if layer == NONE:
        return given.unknown_result()
    steps = Tensor(shape=(None, None, None), origin="model")
    scores = calls.call(machine, layer, (steps,), {}, given.node)
    made = records.new(machine, [(str(given.row.get("scores")), scores)], is_open=True)
    return Tuple((made, machine.unknown(given.node), machine.unknown(given.node)))


OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {
    "decoded": _decoded,
    "wrapper": _sequence_wrapper,
    "input": _input,
    "embedding": _embedding,
}
