"""Activations, and layers that make units: the quantity that a tensor holds."""

from __future__ import annotations

from dataclasses import replace

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret import calls, containers, fewer_axes, operators, products, recording, tensors
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    NONE,
    Api,
    Bound,
    ClassValue,
    Const,
    Dim,
    Function,
    Instance,
    Partial,
    Sym,
    Tensor,
    Tuple,
    Value,
    dim_of,
)
from xlint.sites import Fact, Mark

PROBABILITIES = ("softmax", "sigmoid")
LOG_PROBABILITIES = ("log_softmax", "logsigmoid", "log_sigmoid")
NO_ACTIVATION = ("linear", "none", "identity")
SOFTMAX_LIKE = ("softmax", "log_softmax")


def quantity_after(activation: str) -> str:
    """What a tensor holds behind an activation."""
    if activation in PROBABILITIES or activation == "hard_sigmoid":
        return "probabilities"
    return "log-probabilities" if activation in LOG_PROBABILITIES else "other"


def apply_name(
    machine: Machine,
    value: Tensor,
    name: str,
    axis: int | None,
    at: cst.CSTNode | Mark,
    framework: str,
    dim_missing: bool = False,
) -> Tensor:
    """An activation by name; `at` is where it was written."""
    if name in NO_ACTIVATION:
        return value
    if name == "softmax2d":
        name, axis = "softmax", 1
    machine.activated += 1
    used = axis
    if dim_missing:
        used = None if value.shape is None else (0 if len(value.shape) in (0, 1, 3) else 1)
    if name in SOFTMAX_LIKE and _only_long_axis(value, used):
        value = replace(value, class_axis=used, width=tensors.width_on_axis(value, used))
    on_class_axis = tensors.same_axis(value, used) if used is not None and name in SOFTMAX_LIKE else None
    width = tensors.width_on_axis(value, used) if name in SOFTMAX_LIKE else value.width
    if used is None and name in SOFTMAX_LIKE and value.class_axis is not None:
        width = value.width
    evidence = machine.evidence("activation", at)
    kept = tuple(item for item in value.evidence if item.fact != "activation")
    if name in SOFTMAX_LIKE:
        _record(machine, value, name, used, width, on_class_axis, evidence.mark, framework, dim_missing)
    class_axis = value.class_axis
    if class_axis is None and name in SOFTMAX_LIKE:
        class_axis = used if used is not None else None
    return replace(
        value,
        quantity=quantity_after(name),
        activation=name,
        activation_axis=axis,
        axis_is_class=on_class_axis,
        fresh=True,
        width=width if value.class_axis is None and name in SOFTMAX_LIKE else (value.width or width),
        class_axis=class_axis,
        evidence=(*kept, evidence),
        key=value.key if fewer_axes.most_axes(value) else None,
        encoding="soft" if name == "softmax" else None,
        origin=value.origin,
    )


def _only_long_axis(value: Tensor, axis: int | None) -> bool:
    """Whether what is softmaxed must lie on this axis, because what else could hold it is of size one.

    That is the axis of one unit (the scores of places: attention), or all other axes.
    """
    shape = value.shape
    if axis is None or not shape or not -len(shape) <= axis < len(shape):
        return False
    if value.width == 1 and axis % len(shape) > 0 and tensors.same_axis(value, axis) is False:
        return True
    others = [size for place, size in enumerate(shape) if place != axis % len(shape)]
    return len(shape) > 1 and all(size == 1 for size in others) and shape[axis] not in (1, None)


def _record(
    machine: Machine,
    value: Tensor,
    name: str,
    axis: int | None,
    width: Dim,
    on_class_axis: bool | None,
    mark: Mark,
    framework: str,
    dim_missing: bool,
) -> None:
    facts: dict[str, Fact] = {
        "activation": name,
        "framework": framework,
        "activation_axis": axis,
        "width": width if isinstance(width, int) else None,
        "units": recording.units(width),
        "class_axis": True if on_class_axis else None,
        "output_rank": value.rank,
        "dim_missing": True if dim_missing else None,
        "origin": value.origin or None,
    }
    recording.single(machine, "activation", mark, facts, value.evidence, {"activation": mark})


def apply_value(
    machine: Machine,
    value: Tensor,
    activation: Value | None,
    node: cst.CSTNode,
    framework: str,
    mark: Mark | None = None,
) -> Value:
    """An activation that is given as a value: None, a string, a function, a layer."""
    if activation is None or (isinstance(activation, Const) and activation.value is None):
        return value
    if isinstance(activation, Const) and isinstance(activation.value, str):
        name = machine.tables.strings["activation"].get(activation.value)
        if name is None:
            return replace(value, quantity=None, activation=None, fresh=False)
        at = activation.mark or mark or machine.mark(node)
        axis = None if name == "softmax2d" or framework == "torch" else -1
        return apply_name(machine, value, name, axis, at, framework)
    if isinstance(activation, Sym):
        kept = tuple(item for item in value.evidence if item.fact != "activation")
        return replace(value, quantity=None, activation=None, fresh=False, evidence=kept)
    if isinstance(activation, Api) and activation.row is not None and activation.row.is_class:
        built = calls.call(machine, activation, (), {}, node)
        return calls.call(machine, built, (value,), {}, node)
    if isinstance(activation, Api | Function | Instance | Partial | Bound | ClassValue):
        return calls.call(machine, activation, (value,), {}, node)
    return machine.each(activation, lambda item: apply_value(machine, value, item, node, framework, mark))


def activation_op(machine: Machine, given: Given, value: Value | None) -> Value:
    """A row with op "activation" applied to a value."""
    row = given.row
    tensor = None if isinstance(value, Tuple) else tensors.tensor_of(machine, value, given.node)
    if tensor is None:
        return machine.unknown(given.node)
    parameter = row.get("activation_param")
    if parameter:
        return apply_value(machine, tensor, given.get(parameter), given.node, row.framework, given.mark)
    axis_value = given.get(row.get("axis_param")) if row.get("axis_param") else None
    if axis_value is None or (isinstance(axis_value, Const) and axis_value.value is None):
        axis = row.get("axis_default")
        missing = axis is None and row.framework == "torch" and row.get("activation") in SOFTMAX_LIKE
    else:
        axis = (
            axis_value.value if isinstance(axis_value, Const) and isinstance(axis_value.value, int) else None
        )
        missing = False
    name = str(row.get("activation"))
    if name in SOFTMAX_LIKE and isinstance(axis_value, Sym):
        tensor = replace(tensor, activation_axis=None)
    if any(given.get(option) not in (None, NONE) for option in row.get("bent_by", ())):
        return replace(tensor, quantity=None, activation=None, fresh=False, key=None)
    return apply_name(machine, tensor, name, axis, given.mark, row.framework, missing)


def units_op(machine: Machine, given: Given, value: Value | None) -> Value:
    """A dense layer or convolution: the class axis gets the layer's units, holding scores."""
    row = given.row
    tensor = tensors.tensor_of(machine, value, given.node) or Tensor()
    weights = given.of("weights")
    if row.get("weights") and not (isinstance(weights, Tensor) and weights.origin == "parameter"):
        return Tensor(key=("opaque", id(given.node)), source=products.source_of(tensor))
    units = _units(machine, given, weights)
    pair = row.get("returns") == "pair"
    if pair and given.of("units") in (None, NONE):
        return given.unknown_result()  # a network without its last layer
    first = str(given.constant("data_format")).startswith(CHANNELS_FIRST)
    axis = 1 if first else int(row.get("axis", -1))
    shape = (None, units) if row.get("flattens") else output_shape(given, tensor, units, axis)
    made = Tensor(
        shape=shape,
        width=units,
        class_axis=axis,
        quantity="logits",
        activation="none",
        origin="model",
        key=tensor.key if shape is None and fewer_axes.most_axes(tensor) else None,
        source=products.source_of(tensor),
        evidence=(
            machine.evidence("width", given.mark),
            machine.evidence("activation", given.mark, "no activation"),
        ),
    )
    scores = apply_value(machine, made, given.of("activation"), given.node, row.framework, given.mark)
    return Tuple((scores, machine.unknown(given.node))) if pair else scores


CHANNELS_FIRST = ("channels_first", "NC")
"""How the data formats begin whose channels follow the batch: Keras and TensorFlow ("NCHW", "NCW")."""


def _units(machine: Machine, given: Given, weights: Value | None) -> Dim:
    """The number of units: an argument (of a list, the last), that times another one (heads side by side),
    or an axis of the weights where a function gets those."""
    if not isinstance(weights, Tensor):
        units = given.of("units")
        listed = containers.items(machine, units) if isinstance(units, Tuple | Instance) else None
        units = listed[-1] if listed else units
        if isinstance(units, Const) and isinstance(units.value, str) and units.value.isdecimal():
            units = Const(int(units.value))  # Keras 2 reads texts as numbers
        times, beside = given.of("times"), given.constant(given.row.get("times_if"), None)
        if units is None or times is None or beside is False:
            return dim_of(units)
        return dim_of(operators.binary(machine, "Multiply", units, times, given.node)) if beside else None
    axis = int(given.row.get("units_axis", -1))
    return weights.shape[axis] if weights.shape is not None and len(weights.shape) >= 2 else None


def output_shape(given: Given, value: Tensor, units: Dim, axis: int) -> tuple[Dim, ...] | None:
    """The shape behind a dense layer (`spatial` None) or a convolution."""
    spatial = given.row.get("spatial")
    if spatial:
        sizes: tuple[Dim, ...] = (None,) * (spatial + 1)
        if value.shape is not None and len(value.shape) == spatial + 2 and _of_single_places(given):
            sizes = tuple(size for place, size in enumerate(value.shape) if place != axis % (spatial + 2))
        return (sizes[0], units, *sizes[1:]) if axis == 1 else (*sizes, units)
    if value.shape is None:
        return None
    return (*value.shape[:-1], units) if value.shape else (units,)


SINGLE = {"kernel_size": (1,), "stride": (1,), "strides": (1,), "padding": (0, "valid", "same")}
"""The options of a convolution that looks at each place alone; all but the first may be left out."""


def _of_single_places(given: Given) -> bool:
    """Whether a convolution looks at each place alone: a kernel of size one, no step, no padding."""
    if given.get("kernel_size") is None:
        return False
    return all(given.get(name) is None or given.constant(name) in kept for name, kept in SINGLE.items())


def row_of(value: Value) -> Row | None:
    """The row behind a library object or name."""
    if isinstance(value, Api):
        return value.row
    return value.cls if isinstance(value, Instance) and isinstance(value.cls, Row) else None
