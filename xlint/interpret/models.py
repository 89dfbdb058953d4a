"""Objects of libraries: layers, models, containers of layers, and objects of classes that inherit them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import libcst as cst

from xlint.apis import Row
from xlint.interpret import (
    activations,
    attributes,
    axes,
    calls,
    containers,
    encoders,
    library,
    losses,
    metrics,
    training,
)
from xlint.interpret.arguments import unknown_result
from xlint.interpret.given import Given, bind
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    NONE,
    Api,
    Bound,
    Choice,
    ClassValue,
    Const,
    Dim,
    Function,
    Instance,
    Sym,
    Tensor,
    Tuple,
    Value,
    dim_of,
    key_of,
)

FORWARD = {
    "torch_module": "forward",
    "lightning_module": "forward",
    "keras_model": "call",
    "keras_layer": "call",
}
SAME_OBJECT = frozenset(
    {
        "to",
        "cuda",
        "cpu",
        "train",
        "eval",
        "float",
        "double",
        "half",
        "requires_grad_",
        "apply",
        "share_memory",
        "to_empty",
        "type",
        "prepare",
    }
)
MODELS = ("sequential", "functional", "pretrained", "base_class")
USUAL_HEADS = ("fc", "classifier", "head", "heads", "last_linear", "_fc", "output_layer")
LIST_LIKE = ("sequential", "module_list")


def build(machine: Machine, given: Given, arguments: calls.Arguments) -> Value:
    """Make an object of a library class."""
    row = given.row
    args = tuple(given.values.items()) + ((("**", NONE),) if given.open else ())
    result = Instance(row, machine.new_id(), args, given.mark)
    if row.op == "loss":
        losses.constructed(machine, given, arguments)
    if row.op in LIST_LIKE:
        _fill_list(machine, result, given, arguments.tail)
    elif row.op == "module_dict":
        first = given.first()
        return first if isinstance(first, Instance) and first.cls == "dict" else machine.instance("dict")
    elif row.op == "functional":
        outputs = given.of("outputs")
        if outputs is not None:
            machine.store.set(result.id, "outputs", outputs)
            machine.store.set(result.id, "inputs", given.of("inputs") or NONE)
    elif row.op == "random":
        return library.operate(machine, given, given.first())
    return result


def _fill_list(machine: Machine, result: Instance, given: Given, tail: Sequence[Value] = ()) -> None:
    row = given.row
    items: list[Value] | None
    if row.get("variadic"):
        items = [item for name, item in given.values.items() if name in row.params] + list(given.rest)
        if len(items) == 1 and isinstance(items[0], Instance) and items[0].cls in ("dict", "list"):
            only = items[0]
            items = (
                containers.dict_values(machine, only)
                if only.cls == "dict"
                else containers.items(machine, only)
            )
    else:
        first = given.first()
        if isinstance(first, Choice):
            machine.store.set(result.id, "items", machine.each(first, lambda v: _tuple(machine, v)))
            return
        items = [] if first is None or first == NONE else containers.items(machine, first)
        if isinstance(first, Sym):
            items = None
        if items is None and first is not None:
            one = containers.element(machine, first, given.node)
            machine.store.set(result.id, "element", one)
    if given.open and tail and row.get("variadic"):
        machine.store.set(result.id, "items", Tuple((Sym(("layers", result.id)), *tail)))
    elif items is not None and not given.open:
        machine.store.set(result.id, "items", Tuple(tuple(items)))


def _tuple(machine: Machine, value: Value) -> Value:
    items = containers.items(machine, value)
    return NONE if items is None else Tuple(tuple(items))


# -- applying objects


def apply_object(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """Call a library object: a layer, a model, a loss, a metric."""
    row = target.cls
    assert isinstance(row, Row)
    if row.op == "loss":
        return losses.call_object(machine, target, row, arguments, node)
    if row.op == "metric":
        return metrics.call_object(machine, target, row, arguments, node)
    value: Value = (
        arguments.positional[0]
        if arguments.positional
        else next(iter(arguments.keywords.values()), Sym(("input", id(node))))
    )
    result = machine.each(value, lambda item: _apply(machine, target, row, item, node))
    name = target.argument("name")
    if isinstance(result, Tensor) and isinstance(name, Const) and isinstance(name.value, str):
        return replace(result, name=name.value)
    return result


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
    if row.op == "pretrained":
        return pretrained_output(machine, target, row, node)
    if row.op == "input":
        return value
    given = options(target, node)
    changed = machine.store.visible(machine.store.get(target.id, str(row.get("units"))))
    if changed is not None and row.op == "units":
        given.values[str(row.get("units"))] = changed
    activation = row.get("activation")
    later = machine.store.get(target.id, str(activation)) if row.op == "units" and activation else None
    if later is not None:
        given.values[str(activation)] = later
    return library.operate(machine, given, value)


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
    merge = target.argument("merge_mode")
    if isinstance(result.width, int) and (merge is None or merge == Const("concat")):
        shape = (*result.shape[:-1], result.width * 2) if result.shape else None
        return replace(result, width=result.width * 2, shape=shape)
    return replace(result, width=None, shape=None)


def pretrained(machine: Machine, given: Given, value: Value | None) -> Value:
    """A network from a model zoo."""
    args = tuple(given.values.items()) + ((("**", NONE),) if given.open else ())
    result = Instance(given.row, machine.new_id(), args, given.mark)
    return result


def pretrained_output(machine: Machine, target: Instance, row: Row, node: cst.CSTNode) -> Value:
    """The output of a pretrained network: of its replaced head, its own classes, or features."""
    head = machine.store.visible(machine.store.get(target.id, "head"))
    if head is not None:
        return machine.each(
            head,
            lambda item: calls.call(machine, item, (Tensor(shape=(None, None), origin="model"),), {}, node),
        )
    given = options(target, node)
    top = given.of("top_param")
    if isinstance(top, Const) and not top.value:
        pooling = given.of("pooling_param")
        pooled = isinstance(pooling, Const) and isinstance(pooling.value, str)
        return Tensor(
            shape=(None, None) if pooled else (None, None, None, None),
            origin="model",
            quantity="other",
            activation="relu",
        )
    if top is not None and not isinstance(top, Const):
        return Tensor(origin="model")
    classes = given.of("classes")
    missing = classes is None or (isinstance(classes, Const) and classes.value is None)
    units = row.get("classes_default") if missing else dim_of(classes)
    if units == 0 or row.get("axis") is not None:
        return Tensor(origin="model")
    made = Tensor(
        shape=(None, units),
        width=units,
        class_axis=-1,
        quantity="logits",
        activation="none",
        origin="model",
        evidence=(machine.evidence("width", given.mark), machine.evidence("activation", given.mark)),
    )
    parameter = row.get("activation_param")
    activation: Value | None = given.get(parameter) if parameter else None
    if activation is None and row.get("activation"):
        activation = Const(row.get("activation"))
    return activations.apply_value(machine, made, activation, node, row.framework, given.mark)


def attribute_set(machine: Machine, target: Instance, name: str, value: Value) -> None:
    """An attribute written to a library object: a new head of a pretrained network."""
    if not isinstance(target.cls, Row) or target.cls.op != "pretrained":
        return
    known = name in target.cls.get("heads", ()) or name in USUAL_HEADS
    layer = isinstance(value, Instance | Choice)
    if known:
        machine.store.set(target.id, "head", value)
    elif layer:
        machine.store.set(target.id, "head", Sym(("changed", target.id, name)))


# -- attributes and methods of library objects


def attribute(machine: Machine, target: Instance, row: Row, name: str, node: cst.CSTNode) -> Value:
    """`object.name` for an object of a library."""
    if row.op == "encoder" and name in ("classes_", "categories_"):
        return encoders.classes_attribute(machine, target)
    if row.op == "functional" and name in ("output", "outputs"):
        return machine.store.get(target.id, "outputs") or machine.unknown(node)
    if row.op in ("sequential", "pretrained") and name == "output":
        return apply_object(machine, target, calls.Arguments((Sym(("input", target.id)),)), node)
    if name == "input" and row.op in ("sequential", "functional", "pretrained"):
        return Sym(("input", target.id))
    if name == "layers" and row.op == "sequential":
        items = containers.items(machine, target)
        return machine.new_list(items) if items is not None else machine.unknown(node)
    given = target.argument(name)
    if given is not None:
        return given
    if row.op == "pretrained" and (name in row.get("heads", ()) or name in ("fc", "classifier", "head")):
        return _own_head(machine, target, row, name)
    if name in (
        "in_features",
        "out_features",
        "weight",
        "bias",
        "in_channels",
        "out_channels",
        "kernel",
        "units",
    ):
        if name in ("out_features", "out_channels", "units") and row.op == "units":
            return options(target, node).of("units") or machine.unknown(node)
        return Sym(("attr", target.id, name), name)
    return Bound(target, name)


def _own_head(machine: Machine, target: Instance, row: Row, name: str) -> Value:
    """The head that a pretrained network comes with: items of it can be replaced."""
    known = machine.store.get(target.id, f"own {name}")
    if known is None:
        known = machine.instance("head", node=None)
        machine.store.set(known.id, "network", target)
        machine.store.set(target.id, f"own {name}", known)
    return known  # type: ignore[no-any-return]


def method(
    machine: Machine, target: Instance, name: str, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    """A method of a library object, or one that a class of the project inherits from a library."""
    if name.startswith("super."):
        return super_method(machine, target, name.removeprefix("super."), arguments, node)
    if name in ("train", "eval"):
        note_mode(machine, name, arguments)
    if name in SAME_OBJECT:
        return target
    row = target.cls if isinstance(target.cls, Row) else None
    trained = training.METHODS.get(name)
    if trained is not None and (row is None or row.op in MODELS):
        return trained(machine, target, arguments, node)
    if name in LAYER_METHODS:
        return LAYER_METHODS[name](machine, target, arguments, node)
    if name in ("forward", "call", "__call__"):
        return calls.apply(machine, target, arguments, node)
    if row is None:
        return unknown_result(Sym(("attr", target.id, name), name), arguments)
    specific = machine.tables.row(machine.tables.canonical(f"{row.name}.{name}"))
    if specific is not None:
        return library.call(machine, specific, arguments, node)
    if row.op == "encoder":
        first = (
            arguments.positional[0] if arguments.positional else next(iter(arguments.keywords.values()), None)
        )
        return encoders.method(machine, target, options(target, node), name, first, node)
    if row.op == "metric" and name in ("update_state", "update", "forward"):
        return metrics.call_object(machine, target, row, arguments, node)
    return unknown_result(Sym(("attr", target.id, name), name), arguments)


def note_mode(machine: Machine, name: str, arguments: calls.Arguments) -> None:
    """model.train() and model.eval(): what `self.training` is from here on."""
    mode = arguments.positional[0] if arguments.positional else Const(True)
    machine.store.set(0, "training", mode if name == "train" else Const(False))


def _add(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    values = arguments.values()
    if values:
        containers.append(machine, target, [values[-1]])
    return NONE


def _extend(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    if arguments.positional:
        containers.append(machine, target, containers.items(machine, arguments.positional[0]))
    return target


def _add_module(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    values = arguments.values()
    if len(values) < 2:
        return NONE
    if isinstance(target.cls, Row) and target.cls.op in LIST_LIKE:
        containers.append(machine, target, [values[1]])
    elif isinstance(values[0], Const):
        if machine.store.visible(machine.store.get(target.id, "items")) is not None:
            containers.append(machine, target, [values[1]])
        machine.store.set(target.id, str(values[0].value), values[1])
    return NONE


def _pop(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    items = containers.items(machine, target)
    if not items:
        return machine.unknown(node)
    machine.store.set(target.id, "items", Tuple(tuple(items[:-1])))
    return items[-1]


def _register(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    if len(arguments.positional) >= 2 and isinstance(arguments.positional[0], Const):
        machine.store.set(target.id, str(arguments.positional[0].value), arguments.positional[1])
    return NONE


def _modules(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    items = containers.items(machine, target)
    return machine.new_list(items) if items is not None else machine.unknown(node)


def _add_weight(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    shape = arguments.keywords.get("shape")
    if shape is None and arguments.positional:
        shape = next((v for v in arguments.positional if containers.is_sequence(v)), None)
    dims = axes.dims_of(machine, shape)
    return Tensor(shape=None if dims is None else tuple(dims), origin="parameter")


LAYER_METHODS: dict[str, Callable[[Machine, Instance, calls.Arguments, cst.CSTNode], Value]] = {
    "add": _add,
    "append": _add,
    "extend": _extend,
    "add_module": _add_module,
    "register_module": _add_module,
    "pop": _pop,
    "register_buffer": _register,
    "register_parameter": _register,
    "children": _modules,
    "modules": _modules,
    "add_weight": _add_weight,
    "add_variable": _add_weight,
}


# -- objects of the project's classes that inherit from a library


def base_row(cls: ClassValue) -> Row | None:
    """The row of the first library class that a class inherits from."""
    for base in attributes.order(cls):
        if isinstance(base, Api) and base.row is not None:
            return base.row
    return None


def base_init(
    machine: Machine, target: Instance, cls: ClassValue, arguments: calls.Arguments, node: cst.CSTNode
) -> None:
    """The constructor that a class inherits from a library."""
    row = base_row(cls)
    if row is None:
        return
    given = bind(row, arguments, node, machine.mark(node))
    if row.op in LIST_LIKE:
        _fill_list(machine, target, given)
    elif row.op == "functional" and given.of("outputs") is not None:
        machine.store.set(target.id, "outputs", given.of("outputs"))
    elif row.op not in ("base_class", "functional"):
        built = Instance(row, machine.new_id(), tuple(given.values.items()), given.mark)
        machine.store.set(target.id, "inherited", built)


def super_method(
    machine: Machine, target: Instance, name: str, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    """super().name(...) where the method is a library's."""
    if name == "__init__" and isinstance(target.cls, ClassValue):
        base_init(machine, target, target.cls, arguments, node)
        return NONE
    if name in ("forward", "call", "__call__"):
        return _inherited_call(machine, target, arguments, node)
    return method(machine, target, name, arguments, node)


def explicit_base_call(
    machine: Machine, callee: Api, name: str, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    """Base.__init__(self, ...)."""
    target = arguments.positional[0]
    if isinstance(target, Instance) and isinstance(target.cls, ClassValue):
        return super_method(machine, target, name, arguments.without_first(), node)
    return machine.unknown(node)


def _inherited_call(
    machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    value: Value = arguments.positional[0] if arguments.positional else Sym(("input", id(node)))
    built = machine.store.get(target.id, "inherited")
    if built is not None:
        return calls.apply(machine, built, arguments, node)
    outputs = machine.store.visible(machine.store.get(target.id, "outputs"))
    if outputs is not None:
        return outputs  # type: ignore[no-any-return]
    if machine.store.get(target.id, "items") is not None:
        return run_layers(machine, target, value, node)
    return machine.unknown(node)


def call_object(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """Call an object of a class of the project: its forward or call, after build where Keras does that."""
    cls = target.cls
    assert isinstance(cls, ClassValue)
    role = attributes.role(cls)
    names = [FORWARD[role]] if role in FORWARD else ["forward", "call"]
    for name in names:
        found = attributes.find_method(machine, target, name)
        if found is not None:
            if name == "call":
                _build_once(machine, target, node)
            return calls.call_function(machine, found, arguments, node, target)
    return _inherited_call(machine, target, arguments, node)


def _build_once(machine: Machine, target: Instance, node: cst.CSTNode) -> None:
    builder = attributes.find_method(machine, target, "build")
    if builder is not None and machine.store.get(target.id, "was built") is None:
        machine.store.set(target.id, "was built", Const(True))
        calls.call_function(
            machine, builder, calls.Arguments((Sym(("input shape", target.id)),)), node, target
        )


def object_attribute(
    machine: Machine, target: Instance, cls: ClassValue, name: str, node: cst.CSTNode
) -> Value | None:
    """Attributes that a class of the project inherits from a library."""
    if name == "training":
        return machine.store.visible(machine.store.get(0, "training")) or Sym(("training",))
    if name in ("hparams", "params"):
        return target if name == "hparams" else None
    if name in ("output", "outputs"):
        return machine.store.get(target.id, "outputs")  # type: ignore[no-any-return]
    return None


def output_of(machine: Machine, model: Value, node: cst.CSTNode) -> Value:
    """What a model gives for an unknown input."""
    return calls.call(machine, model, (Sym(("input", key_of(model)), "inputs"),), {}, node)


def _sequence_wrapper(machine: Machine, given: Given, value: Value | None) -> Value:
    if given.row.get("returns") == "all":
        items = [*given.values.values(), *given.rest]
        return items[0] if len(items) == 1 else Tuple(tuple(items))
    return value if value is not None else machine.unknown(given.node)


def _input(machine: Machine, given: Given, value: Value | None) -> Value:
    dims = axes.dims_of(machine, given.of("shape"))
    return Tensor(
        shape=None if dims is None else (None, *dims), origin="input", key=("input", id(given.node))
    )


def trainer_call(machine: Machine, arguments: calls.Arguments, node: cst.CSTNode) -> None:
    """trainer.fit(module, loaders)."""
    training.lightning_fit(machine, arguments, node)


def run_trainers(machine: Machine) -> None:
    """What frameworks would call on their own."""
    training.run_lightning(machine)


def refine_arguments(
    machine: Machine, function: Function, receiver: Value | None, arguments: calls.Arguments
) -> None:
    """Known arguments of methods that a framework calls."""
    training.refine_arguments(machine, function, receiver, arguments)


def finish_compiled(machine: Machine) -> None:
    """Sites of compiled models that the script never fits, and of placeholders."""
    training.finish(machine)


OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {
    "wrapper": _sequence_wrapper,
    "pretrained": pretrained,
    "input": _input,
}
