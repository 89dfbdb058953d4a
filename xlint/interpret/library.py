"""Library calls: rows of the API tables to operations on values. Data and models have rooms of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import libcst as cst

from xlint.apis import Row
from xlint.interpret import (
    activations,
    columns,
    containers,
    creation,
    datasets,
    encoders,
    expressions,
    losses,
    metrics,
    models,
    own_losses,
    recording,
    shapes,
    tensors,
    training,
)
from xlint.interpret.arguments import Arguments, unknown_result
from xlint.interpret.given import Given, bind
from xlint.interpret.machine import MAX_SPLITS, Machine
from xlint.interpret.store import combinations, join
from xlint.interpret.values import (
    NONE,
    Bound,
    Choice,
    Const,
    Dim,
    Guards,
    Instance,
    Stream,
    Sym,
    Tensor,
    Tuple,
    Value,
    dim_of,
    key_of,
)

Operation = Callable[[Machine, Given, "Value | None"], Value]


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
    handler = OPERATIONS.get(given.row.op)
    if handler is None:
        return machine.unknown(given.node)
    if given.row.op in WHOLE or not (
        type(value) is Choice or any(type(item) is Choice for item in given.values.values())
    ):
        return handler(machine, given, value)
    if len(machine.split) > MAX_SPLITS:
        return machine.unknown(given.node)
    names = [name for name, item in given.values.items() if type(item) is Choice and item is not value]
    parts = [machine.store.visible(item) for item in (value or NONE, *(given.values[name] for name in names))]
    options: list[tuple[Guards, Callable[[], Value]]] = []
    for guards, (first, *rest) in combinations(parts):
        chosen = replace(given, values={**given.values, **dict(zip(names, rest, strict=True))})
        picked = None if value is None else first
        options.append((guards, partial(handler, machine, chosen, picked)))
    results = machine.apart(options, split=True)
    return join(results) if results else machine.unknown(given.node)


def method(machine: Machine, receiver: Value, name: str, arguments: Arguments, node: cst.CSTNode) -> Value:
    """A method of a tensor, data set, column or something unknown."""
    own = tensors.METHODS.get(name)
    if own is not None and isinstance(receiver, Tensor):
        return own(machine, receiver, arguments, node)
    if name in columns.METHODS and not isinstance(receiver, Stream):
        done = columns.METHODS[name](machine, receiver, arguments, node)
        if done is not None:
            return done
    if isinstance(receiver, Sym) and name in training.METHODS:
        model = training.unknown_model(machine, receiver, name, arguments)
        if model is not None:
            return training.METHODS[name](machine, model, arguments, node)
    if name == "backward":
        own_losses.descend(machine, receiver)
        return NONE
    if name in ("train", "eval") and isinstance(receiver, Sym) and not arguments.keywords:
        models.note_mode(machine, name, arguments)
        return receiver
    made_by = (
        receiver.key[1]
        if isinstance(receiver, Sym)
        and isinstance(receiver.key, tuple)
        and len(receiver.key) > 1
        and receiver.key[0] == "call"
        else None
    )
    if isinstance(made_by, tuple) and made_by and made_by[0] == "api":
        row = machine.tables.row(machine.tables.canonical(f"{made_by[1]}.{name}"))
        if row is not None:
            return call(machine, row, arguments, node)
    if name in ("fit", "validate", "test") and arguments.positional:
        models.trainer_call(machine, arguments, node)
    for prefix in datasets.prefixes(receiver):
        row = machine.tables.row(f"{prefix}.{name}")
        if row is not None:
            given = bind(row, arguments, node, machine.mark(node))
            if name.endswith("_") and not name.endswith("__"):
                return _in_place(machine, given, receiver, node)
            return operate(machine, given, receiver)
    shown = f"{receiver.name}.{name}" if isinstance(receiver, Sym | Tensor) and receiver.name else ""
    result = unknown_result(Sym(("attr", key_of(receiver), name), shown), arguments)
    for value in arguments.positional if name in BACKWARD else ():
        own_losses.descend(machine, value)
    return own_losses.candidate(machine, node, arguments.positional, result)


def _in_place(machine: Machine, given: Given, receiver: Value, node: cst.CSTNode) -> Value:
    changed = operate(machine, given, receiver)
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        expressions.mutate(machine, node.func.value, changed)
    return changed


def axis_of(given: Given, key: str = "axis_param") -> int | None:
    """The axis argument of a row as an integer, or None."""
    name = given.row.get(key)
    value = given.get(name) if name else None
    if isinstance(value, Tuple) and len(value.items) == 1:
        value = value.items[0]
    if isinstance(value, Const) and isinstance(value.value, int) and not isinstance(value.value, bool):
        return value.value
    default = given.row.get("axis_default")
    return default if value is None and isinstance(default, int) else None


def dims_of(machine: Machine, value: Value | None) -> list[Dim] | None:
    """A shape argument as dimensions."""
    if value is None:
        return None
    known = containers.items(machine, value)
    if known is not None:
        return [dim_of(item) for item in known]
    if isinstance(value, Const):
        return [dim_of(value)]
    return None


def axes_of(machine: Machine, given: Given, value: Value | None) -> list[int] | None:
    """A list of axes, given as one argument or as several."""
    items = containers.items(machine, value) if value is not None else None
    if items is None and value is not None:
        items = [value, *given.rest]
    if not items or not all(isinstance(item, Const) and isinstance(item.value, int) for item in items):
        return None
    return [item.value for item in items if isinstance(item, Const)]


def _tensor(machine: Machine, given: Given, value: Value | None) -> Tensor:
    return tensors.tensor_of(machine, value, given.node) or Tensor()


def _keep(machine: Machine, given: Given, value: Value | None) -> Value:
    if isinstance(value, Tensor):
        normalizes = given.row.short_name.lower().find("norm") >= 0 or given.row.short_name.startswith(
            "masked"
        )
        if normalizes and value.quantity not in (None, "logits"):
            return replace(value, quantity=None, activation=None, fresh=False)
        return replace(value, fresh=False) if value.fresh else value
    if isinstance(value, Instance) and isinstance(value.cls, str):
        return _tensor(machine, given, value)
    return machine.unknown(given.node) if value is None else value


def _elementwise(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _tensor(machine, given, value)
    short = given.row.short_name
    if short in ("clamp", "clip", "clip_by_value", "clamp_", "clamp_min", "clamp_max", "nan_to_num"):
        return replace(tensor, fresh=False, key=None)
    if short == "exp" and tensor.quantity == "log-probabilities":
        return replace(tensor, quantity="probabilities", fresh=False)
    if tensor.quantity is not None:
        return replace(tensor, quantity=None, activation=None, fresh=False, encoding=None, key=None)
    real = tensor.encoding == "continuous" or short in REAL_VALUED
    return replace(tensor, encoding="continuous" if real else None, classes=None, key=None, value=None)


def _scale(machine: Machine, given: Given, value: Value | None) -> Value:
    return replace(_tensor(machine, given, value), fresh=False)


def _log(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _tensor(machine, given, value)
    recording.logarithm(machine, tensor, given.node)
    quantity = "log-probabilities" if tensor.quantity == "probabilities" else None
    return replace(
        tensor,
        quantity=quantity,
        activation=None if quantity is None else f"log({tensor.activation})",
        fresh=False,
        encoding=None,
        key=None,
    )


def _flatten(machine: Machine, given: Given, value: Value | None) -> Value:
    start_value = given.of("start")
    start = start_value.value if isinstance(start_value, Const) else 1
    return shapes.flatten(_tensor(machine, given, value), start if isinstance(start, int) else 1)


def _averaged(tensor: Tensor, given: Given) -> Tensor:
    """Means of rectified maps are scores like any others (Network in Network ends so)."""
    if tensor.quantity == "other" and "max" not in given.row.short_name.lower():
        return replace(tensor, quantity="logits", activation="none")
    return tensor


def _pool(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _averaged(_tensor(machine, given, value), given)
    if tensor.shape is None:
        return replace(tensor, fresh=False)
    own = shapes.left_axis(tensor, tensor.class_axis)
    sizes = dims_of(machine, given.of("shape"))
    shape = tuple(dim if i in (0, own) else None for i, dim in enumerate(tensor.shape))
    if sizes and len(shape) > 2:
        sizes = sizes * (len(shape) - 2) if len(sizes) == 1 else sizes
        shape = (*shape[:2], *sizes) if len(sizes) == len(shape) - 2 else shape
    return replace(tensor, shape=shape, fresh=False)


def _global_pool(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _averaged(_tensor(machine, given, value), given)
    keep = given.of("keepdims")
    if isinstance(keep, Const) and keep.value:
        return replace(tensor, shape=None, fresh=False)
    width = tensors.width_on_axis(tensor, int(given.row.get("axis", -1)))
    return replace(tensor, shape=(None, width), width=width, class_axis=-1, fresh=False)


def _reshape(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _tensor(machine, given, value)
    shape = given.of("shape")
    if isinstance(shape, Tensor):
        return shapes.reshape(tensor, shape.shape)
    if given.rest and given.row.get("variadic") and shape is not None:
        shape = Tuple((shape, *given.rest))
    if isinstance(shape, Const) and isinstance(shape.value, str):
        return replace(tensor, dtype=shape.value)
    dims = dims_of(machine, shape)
    if dims is not None and given.row.get("batch") is False:
        dims = [None, *dims]
    if dims is not None and _rest_follows_batch(machine, shape):
        return shapes.flatten(tensor, 1)
    if dims is None and shape is None and given.open:
        return replace(tensor, shape=None, fresh=False, width=None, class_axis=None)
    return shapes.reshape(tensor, dims)


def _resize(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _tensor(machine, given, value)
    return replace(
        tensor,
        shape=None,
        class_axis=tensor.class_axis if tensor.class_axis == -1 else None,
        fresh=False,
        certain=False,
        value=None,
    )


def _rest_follows_batch(machine: Machine, shape: Value | None) -> bool:
    """Whether a shape is (something, -1): all but the first axis in one."""
    items = containers.items(machine, shape) if shape is not None else None
    return items is not None and len(items) == 2 and items[1] == Const(-1) and not isinstance(items[0], Const)


def _squeeze(machine: Machine, given: Given, value: Value | None) -> Value:
    return shapes.squeeze(_tensor(machine, given, value), axis_of(given))


def _unsqueeze(machine: Machine, given: Given, value: Value | None) -> Value:
    return shapes.unsqueeze(_tensor(machine, given, value), axis_of(given))


def _permute(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _tensor(machine, given, value)
    argument = given.of("axes_param")
    axes = axes_of(machine, given, argument)
    if axes is None and argument is not None:
        return replace(tensor, shape=None, class_axis=None, fresh=False)
    if axes is not None and given.row.get("batch") is False:
        axes = [0, *axes]
    return shapes.reorder(tensor, axes)


def _transpose(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _tensor(machine, given, value)
    params = given.row.params[-2:]
    first, second = (given.constant(name) for name in params) if len(params) == 2 else (None, None)
    if isinstance(first, int) and isinstance(second, int) and not given.rest:
        return shapes.swap(tensor, first, second)
    if first is None and second is None and not given.rest:
        return shapes.reorder(tensor, None)
    numbers = [first, second, *(item.value for item in given.rest if isinstance(item, Const))]
    if all(isinstance(number, int) for number in numbers):
        return shapes.reorder(tensor, [number for number in numbers if isinstance(number, int)])
    return replace(tensor, shape=None, class_axis=None, fresh=False)


def _parts(machine: Machine, given: Given, value: Value | None) -> list[Tensor] | None:
    known = containers.items(machine, value) if value is not None else None
    if known is None:
        known = None if value is None else [containers.element(machine, value, given.node)]
    parts = [tensors.tensor_of(machine, item, given.node) for item in known or ()]
    return [part for part in parts if part is not None] if parts and None not in parts else None


def _concat(machine: Machine, given: Given, value: Value | None) -> Value:
    if given.row.get("tensors"):
        value = given.of("tensors") or value
    known = containers.items(machine, value) if value is not None else None
    if known and all(datasets.is_dataset(item) for item in known):
        return known[0]
    parts = _parts(machine, given, value)
    if not parts:
        return Tensor()
    axis = axis_of(given)
    if given.row.short_name == "hstack":
        axis = -1
    return shapes.concat(parts, axis if axis is not None else given.row.get("axis_default", 0))


def _stack(machine: Machine, given: Given, value: Value | None) -> Value:
    parts = _parts(machine, given, given.of("tensors") or value)
    if not parts:
        return Tensor()
    axis = axis_of(given)
    return shapes.stack(parts, axis if axis is not None else 0)


def _merge(machine: Machine, given: Given, value: Value | None) -> Value:
    parts = _parts(machine, given, value)
    if parts is None or len(parts) < 2:
        second = next(
            (tensors.tensor_of(machine, item) for name, item in given.values.items() if item is not value),
            None,
        ) or (tensors.tensor_of(machine, given.rest[0]) if given.rest else None)
        first = _tensor(machine, given, value)
        parts = [first] if second is None else [first, second]
    main = next((part for part in parts if part.origin == "model"), parts[0])
    if (
        given.row.short_name in ("add", "Add", "bias_add", "subtract", "Subtract", "sub")
        and main.quantity == "logits"
        and all(part.quantity in (None, "logits") for part in parts)
    ):
        return replace(main, fresh=False, key=None)
    alike = all((p.quantity, p.activation) == (main.quantity, main.activation) for p in parts)
    keeps = alike and given.row.short_name in ("average", "Average", "maximum", "Maximum", "minimum")
    return replace(
        main,
        quantity=main.quantity if keeps else None,
        activation=main.activation if keeps else None,
        fresh=False,
        encoding=None,
        value=None,
        key=None,
    )


def _reduce(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _tensor(machine, given, value)
    if isinstance(value, Sym) and given.row.name.startswith(("tensor.", "frame.")) and not given.values:
        return unknown_result(Sym(("attr", value.key, given.row.short_name), value.name), Arguments())
    axis_value = given.get(given.row.get("axis_param"))
    nothing = axis_value is None or (isinstance(axis_value, Const) and axis_value.value is None)
    axis = axis_of(given)
    if not nothing and axis is None:
        return Tensor(origin=tensor.origin)
    keep = given.of("keepdims")
    result = shapes.reduce(tensor, axis, isinstance(keep, Const) and bool(keep.value), nothing)
    if nothing and tensor.key is not None and given.row.get("how") in ("max", "min"):
        return Sym(("call", ("reduce", tensor.key, given.row.get("how"))))
    return result


def _argmax(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _tensor(machine, given, value)
    axis = axis_of(given)
    on_class = axis is not None and (tensors.same_axis(tensor, axis) is True)
    if given.row.get("how") == "argmax":
        recording.argmax(machine, tensor, axis, on_class, given.node)
    reduced = shapes.reduce(tensor, axis, False, axis is None)
    classes = tensors.width_on_axis(tensor, axis) if axis is not None else None
    if classes is None and tensor.encoding == "one-hot":
        classes = tensor.classes
    if (
        tensor.encoding is None
        and tensor.origin not in ("model", "input", "features")
        and tensor.key is not None
        and axis != 0
    ):
        machine.usage.setdefault(tensor.key, "one-hot")
    origin = "labels" if tensor.encoding == "one-hot" else tensor.origin if tensor.origin == "labels" else ""
    key = ("prediction", id(given.node)) if tensor.origin == "model" else None
    shape = reduced.shape
    if axis is None and tensor.shape is not None and len(tensor.shape) == 1:
        shape = ()
    return Tensor(
        shape=shape,
        encoding="index",
        classes=classes,
        dtype="int64",
        origin=origin,
        certain=tensor.certain,
        evidence=(machine.evidence("encoding", given.node),),
        key=key,
    )


def _max_pair(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _tensor(machine, given, value)
    axis_value = given.get(given.row.get("axis_param"))
    if axis_value is not None and not isinstance(axis_value, Const):
        return Tensor(shape=tensor.shape if isinstance(axis_value, Tensor) else None)
    if axis_value is None and given.row.get("axis_param") and given.row.get("how") in ("max", "min"):
        return Tensor(shape=(), origin=tensor.origin)
    axis = axis_of(given)
    if axis is None:
        axis = -1
    on_class = tensors.same_axis(tensor, axis) is True
    if given.row.get("how") in ("max", "topk", None):
        recording.argmax(machine, tensor, axis, on_class, given.node)
    values = shapes.reduce(tensor, axis, False, False)
    indices = Tensor(
        shape=values.shape,
        encoding="index",
        classes=tensors.width_on_axis(tensor, axis),
        dtype="int64",
        key=("prediction", id(given.node)),
    )
    return Tuple((values, indices))


def _matmul(machine: Machine, given: Given, value: Value | None) -> Value:
    others = [item for item in (*given.values.values(), *given.rest) if item is not value]
    if not others or value is None:
        return Tensor()
    return shapes.matmul(machine, value, others[0], given.node)


def _round(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _tensor(machine, given, value)
    metrics.rounded(machine, tensor, given)
    key = ("decision", id(given.node)) if tensor.origin == "model" else None
    return replace(tensor, quantity=None, activation=None, fresh=False, origin="", key=key)


def _compare(machine: Machine, given: Given, value: Value | None) -> Value:
    others = [item for item in (*given.values.values(), *given.rest) if item is not value]
    other: Value = others[0] if others else Sym(("compare", id(given.node)))
    left = _tensor(machine, given, value)
    names = {
        "greater": "GreaterThan",
        "gt": "GreaterThan",
        "ge": "GreaterThanEqual",
        "greater_equal": "GreaterThanEqual",
        "less": "LessThan",
        "lt": "LessThan",
        "le": "LessThanEqual",
        "less_equal": "LessThanEqual",
    }
    return tensors.comparison(machine, names.get(given.row.short_name, "Equal"), left, other, given.node)


def _opaque(machine: Machine, given: Given, value: Value | None) -> Value:
    kind = given.row.get("returns", "tensor")
    if kind == "unknown":
        arguments = Arguments(tuple(given.values.values()))
        return unknown_result(Sym(("api", given.row.name)), arguments)
    origin = "model" if isinstance(value, Tensor) and value.origin == "model" else ""
    made = Tensor(origin=origin, key=("opaque", id(given.node)))
    return Tuple((made, Sym(("second", id(given.node))))) if kind == "pair" else made


def _embedding(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _tensor(machine, given, value)
    units = dim_of(given.of("units"))
    shape = None if tensor.shape is None else (*tensor.shape, units)
    return Tensor(shape=shape, width=units, class_axis=-1, origin="model")


def _recurrent(machine: Machine, given: Given, value: Value | None) -> Value:
    units = dim_of(given.of("units"))
    both = given.of("bidirectional")
    if both is not None and not (isinstance(both, Const) and not both.value):
        doubled = isinstance(both, Const) and isinstance(units, int)
        units = units * 2 if doubled and isinstance(units, int) else None
    sequences = given.of("sequences")
    whole = isinstance(sequences, Const) and bool(sequences.value)
    pair = given.row.get("returns") == "pair"
    known = isinstance(sequences, Const) or pair
    shape = None if not known else (None, None, units) if whole or pair else (None, units)
    made = Tensor(
        shape=shape,
        width=units,
        class_axis=-1,
        quantity="other",
        activation="tanh",
        origin="model",
        evidence=(machine.evidence("width", given.mark), machine.evidence("activation", given.mark, "tanh")),
    )
    state = given.get(given.row.get("pair_param"))
    if pair or (isinstance(state, Const) and state.value):
        return Tuple((made, Sym(("state", id(given.node))))) if pair else Tuple((made, Tensor(), Tensor()))
    return made


REAL_VALUED = frozenset({"exp", "sqrt", "sin", "cos", "rsqrt", "log1p", "expm1"})
BACKWARD = frozenset({"backward", "manual_backward", "gradient", "minimize"})
"""Methods of an accelerator, a tape or an optimizer that descend on their argument."""
WHOLE = frozenset(
    {"loss", "metric", "wrapper", "batch", "dataset", "zip", "concat", "stack", "pretrained", "split"}
)
"""Operations that take arguments which depend on a branch as they are."""
OPERATIONS: dict[str, Operation] = {
    "keep": _keep,
    "units": activations.units_op,
    "activation": activations.activation_op,
    "embedding": _embedding,
    "recurrent": _recurrent,
    "elementwise": _elementwise,
    "scale": _scale,
    "log": _log,
    "flatten": _flatten,
    "pool": _pool,
    "upsample": _pool,
    "global_pool": _global_pool,
    "reshape": _reshape,
    "resize": _resize,
    "squeeze": _squeeze,
    "unsqueeze": _unsqueeze,
    "permute": _permute,
    "transpose": _transpose,
    "concat": _concat,
    "stack": _stack,
    "merge": _merge,
    "reduce": _reduce,
    "argmax": _argmax,
    "max_pair": _max_pair,
    "matmul": _matmul,
    "round": _round,
    "compare": _compare,
    "opaque": _opaque,
    **creation.OPERATIONS,
    **datasets.OPERATIONS,
    **encoders.OPERATIONS,
    **losses.OPERATIONS,
    **metrics.OPERATIONS,
    **models.OPERATIONS,
}

__all__ = ["Bound", "axis_of", "call", "dims_of", "method", "operate"]
