"""Operations on the elements of tensors: arithmetic, reductions, comparisons, layers without a head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xlint.interpret import (
    axes,
    class_labels,
    comparisons,
    containers,
    library,
    metrics,
    operators,
    products,
    recording,
    shapes,
    tables,
    tensors,
)
from xlint.interpret.arguments import Arguments, unknown_result
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import Const, Instance, Sym, Tensor, Tuple, Value, key_of
from xlint.sites import Evidence


def _keep(machine: Machine, given: Given, value: Value | None) -> Value:
    if tables.is_table(value):
        return tables.copied(machine, value)
    if isinstance(value, Tensor):
        normalizes = given.row.short_name.lower().find("norm") >= 0 or given.row.short_name.startswith(
            "masked"
        )
        if normalizes and value.quantity not in (None, "logits"):
            return replace(value, quantity=None, activation=None, fresh=False)
        if given.row.get("new") and isinstance(value.key, tuple) and value.key[:1] == ("filled",):
            return replace(value, key=("filled", id(given.node), machine.loops))
        if given.row.get("single") and not tensors.is_output(value):
            return replace(value, shape=(), fresh=False)
        return replace(value, fresh=False) if value.fresh else value
    if isinstance(value, Instance) and isinstance(value.cls, str):
        return axes.operand(machine, given, value)
    return machine.unknown(given.node) if value is None else value


def trainable(tensor: Tensor) -> Tensor:
    """A tensor from which on gradients are kept: weights, whatever it was filled with."""
    if tensor.origin in ("model", "labels"):
        return tensor
    return replace(tensor, origin="parameter", encoding=None, classes=None, value=None, fresh=False)


def _trainable(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = axes.operand(machine, given, value)
    return trainable(tensor) if given.of("flag") == Const(True) else tensor


def _elementwise(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = axes.operand(machine, given, value)
    short = given.row.short_name
    if short == "exp" and tensor.quantity == "log-probabilities":
        made_by = UNDONE.get(str(tensor.activation))
        return replace(tensor, quantity="probabilities", activation=made_by, fresh=False)
    if tensor.quantity is not None:
        return replace(tensor, quantity=None, activation=None, fresh=False, encoding=None, key=None)
    real = tensor.encoding == "continuous" or short in REAL_VALUED
    return replace(tensor, encoding="continuous" if real else None, classes=None, key=None, value=None)


UNDONE = {
    "log_softmax": "softmax",
    "log(softmax)": "softmax",
    "logsigmoid": "sigmoid",
    "log(sigmoid)": "sigmoid",
}
"""The activation that is left where the logarithm of one is undone."""


def _scale(machine: Machine, given: Given, value: Value | None) -> Value:
    return replace(axes.operand(machine, given, value), fresh=False)


def _log(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = axes.operand(machine, given, value)
    if given.row.framework != "numpy":  # which takes no gradient
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


def _arithmetic(machine: Machine, given: Given, value: Value | None) -> Value:
    """A function or method that does what an operator does."""
    values = [given.get(name) for name in given.row.params[:2]]
    left, right = (value, values[0]) if len(values) == 1 else values
    if left is None or right is None:
        return Tensor()
    return operators.binary(machine, str(given.row.get("operator")), left, right, given.node)


def _merge(machine: Machine, given: Given, value: Value | None) -> Value:
    parts = axes.operands(machine, given, value)
    if parts is None or len(parts) < 2:
        second = next(
            (tensors.tensor_of(machine, item) for name, item in given.values.items() if item is not value),
            None,
        ) or (tensors.tensor_of(machine, given.rest[0]) if given.rest else None)
        first = axes.operand(machine, given, value)
        parts = [first] if second is None else [first, second]
    main = _of_one_shape(parts) if given.row.get("alike") else _broadcast(parts)
    if (
        given.row.short_name in ("Add", "bias_add", "Subtract")
        and main.quantity == "logits"
        and all(part.quantity in (None, "logits") for part in parts)
    ):
        return replace(main, fresh=False, key=None)
    alike = all((p.quantity, p.activation) == (main.quantity, main.activation) for p in parts)
    keeps = alike and given.row.short_name in ("average", "Average", "maximum", "Maximum", "minimum")
    keeps = keeps or (given.row.short_name in ("Multiply", "multiply") and tensors.are_chances(parts))
    return replace(
        main,
        quantity=main.quantity if keeps else None,
        activation=main.activation if keeps else None,
        fresh=False,
        encoding=None,
        value=None,
        key=None,
    )


def _of_one_shape(parts: Sequence[Tensor]) -> Tensor:
    """What a model made among tensors of one shape: one whose width is known tells it for all."""
    made = [part for part in parts if part.origin == "model"] or parts[:1]
    return next((part for part in made if part.width is not None), made[0])


def _broadcast(parts: Sequence[Tensor]) -> Tensor:
    """What a model made among tensors that are merged, in the size of the result: one unit is stretched."""
    made = [part for part in parts if part.origin == "model"] or parts[:1]
    main = next((part for part in made if part.width != 1), made[0])
    shape = main.shape
    for part in parts:
        if part is not main:
            alike = part.rank in (None, 0) or shape in (None, ()) or part.rank == len(shape or ())
            shape = tensors.broadcast(replace(main, shape=shape), part) if alike else None
    axis, width = main.class_axis, main.width
    if shape is None and axis is not None and 2 <= axis + 1 == main.rank:
        axis = -1
    known = shape and axis is not None and all(part.shape is not None for part in parts)
    if width in (1, None) and known and shape and axis is not None and -len(shape) <= axis < len(shape):
        width = shape[axis]
    elif width == 1 and any(part.width != 1 and part.shape != () for part in parts):
        shape, width = None, None
    return replace(main, shape=shape, class_axis=axis, width=width)


def _reduce(machine: Machine, given: Given, value: Value | None) -> Value:
    result = _reduced(machine, given, value)
    if isinstance(result, Tensor) and isinstance(value, Tensor | Instance):
        rows, axis = axes.operand(machine, given, value), axes.axis_of(given)
        result = class_labels.put_together(rows, result, axis, str(given.row.get("how")))
    if isinstance(result, Tensor) and given.row.get("how") in ("any", "all"):
        return replace(result, dtype="bool")
    return result


def _reduced(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = axes.operand(machine, given, value)
    if isinstance(value, Sym) and given.row.name.startswith(("tensor.", "frame.")) and not given.values:
        return unknown_result(Sym(("attr", value.key, given.row.short_name), value.name), Arguments())
    axis_value = given.get(given.row.get("axis_param"))
    nothing = axis_value is None or (isinstance(axis_value, Const) and axis_value.value is None)
    sizes = containers.items(machine, value) if nothing and value is not None else None
    if sizes and given.row.get("how") == "prod" and all(isinstance(size, Const | Sym) for size in sizes):
        return operators.product(machine, sizes, given.node)
    axis = axes.axis_of(given)
    keep = given.of("keepdims")
    keeps = isinstance(keep, Const) and bool(keep.value)
    if not nothing and axis is None:
        several = axes.axes_of(machine, given, axis_value)
        if not several:
            return Tensor(origin=tensor.origin)
        result = shapes.reduce_several(tensor, several, keeps)
    else:
        several = [] if axis is None else [axis]
        result = shapes.reduce(tensor, axis, keeps, nothing)
    summed = given.row.get("how") in ("sum", "mean")
    if summed and (_of_each_sample(tensor, several) or _of_each_place(tensor, several)):
        result = _one_score(tensor, result, machine.evidence("width", given.node))
    if nothing and tensor.key is not None and given.row.get("how") in ("max", "min"):
        return Sym(("call", ("reduce", tensor.key, given.row.get("how"))))
    return result


def _of_each_sample(tensor: Tensor, several: Sequence[int]) -> bool:
    """Whether all axes but the first go."""
    rank = tensor.rank
    return bool(rank and rank > 1 and sorted({axis % rank for axis in several}) == list(range(1, rank)))


def _of_each_place(tensor: Tensor, several: Sequence[int]) -> bool:
    """Whether products of two rows of scores are added up, at each step of a sequence: dot products."""
    product = isinstance(tensor.key, tuple) and tensor.key[:1] == ("product",)
    return product and len(several) == 1 and tensors.same_axis(tensor, several[0]) is True


def _one_score(scores: Tensor, total: Tensor, width: Evidence) -> Tensor:
    """The sum or mean of the scores of each sample: one score, as the product of two embeddings is."""
    if scores.origin != "model":
        return total
    quantity, activation = ("logits", "none") if scores.quantity == "logits" else (None, None)
    column = -1 if total.rank is not None and total.rank == scores.rank else None
    evidence = (width, *(item for item in scores.evidence if item.fact != "width"))
    made = replace(total, width=1, class_axis=column, quantity=quantity, activation=activation)
    return replace(made, evidence=evidence, source=scores.source)


def _argmax(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = axes.operand(machine, given, value)
    axis = axes.axis_of(given)
    on_class = axis is not None and (tensors.same_axis(tensor, axis) is True)
    if given.row.get("how") == "argmax":
        recording.argmax(machine, tensor, axis, on_class, given.node)
        recording.read_along(machine, tensor, axis)
    reduced = shapes.reduce(tensor, axis, False, axis is None)
    classes = tensors.width_on_axis(tensor, axis) if axis is not None else None
    if classes is None and tensor.encoding == "one-hot":
        classes = tensor.classes
    if _is_open(tensor) and axis != 0:
        grouped = isinstance(tensor.key, tuple) and tensor.key[0] == shapes.GROUPS
        known, use = (tensor.key[1], "multi-hot") if grouped else (tensor.key, "one-hot")  # type: ignore[index]
        comparisons.note_labels(machine, known, use)
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


def _is_open(tensor: Tensor) -> bool:
    """Whether a tensor may be labels of which nothing is known: rows, if one asks for their largest place."""
    outside = tensor.origin not in ("model", "input", "features")
    return outside and tensor.encoding is None and tensor.key is not None


def _larger(first: Tensor, second: Value) -> Tensor:
    """max(a, b), element by element: as both are."""
    if not isinstance(second, Tensor):
        return Tensor()
    shape = tensors.broadcast(first, second)
    if first.quantity is None or first.quantity != second.quantity or first.width != second.width:
        return Tensor(shape=shape)
    return replace(first, shape=shape, fresh=False, encoding=None, value=None, key=None)


def _max_pair(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = axes.operand(machine, given, value)
    axis_value = given.get(given.row.get("axis_param"))
    if axis_value is not None and not isinstance(axis_value, Const):
        return _larger(tensor, axis_value)
    if axis_value is None and given.row.get("axis_param") and given.row.get("how") in ("max", "min"):
        return _end_of_all(tensor, str(given.row.get("how")))
    axis = axes.axis_of(given)
    if axis is None:
        axis = -1
    keepdims = str(given.row.get("keepdims"))
    on_class = tensors.same_axis(tensor, axis) is True
    if given.row.get("how") in ("max", "topk", None):
        recording.argmax(machine, tensor, axis, on_class, given.node)
        recording.read_along(machine, tensor, axis)
    values = shapes.reduce(tensor, axis, "k" in given.row.params or given.constant(keepdims) is True, False)
    if "k" in given.row.params and given.get("k") != Const(1):
        values = shapes.of_unknown_size(values, axis)
    rows = _is_open(tensor) and axis != 0
    key = (comparisons.LARGEST, tensor.key) if rows else ("prediction", id(given.node))
    indices = Tensor(
        shape=values.shape,
        encoding="index",
        classes=tensors.width_on_axis(tensor, axis),
        dtype="int64",
        key=key,
    )
    return Tuple((values, indices))


def _end_of_all(tensor: Tensor, how: str) -> Value:
    """The largest or smallest number of a tensor; of integers, one by which classes may be counted."""
    if tensor.encoding != "index" and (tensor.key is None or not str(tensor.dtype).startswith("int")):
        return Tensor(shape=(), origin=tensor.origin)
    shown = f"{tensor.name}.{how}()" if tensor.name else ""
    return Sym(("call", ("reduce", key_of(tensor), how)), shown, whole=True)


def _matmul(machine: Machine, given: Given, value: Value | None) -> Value:
    others = [item for item in (*given.values.values(), *given.rest) if item is not value]
    if not others or value is None:
        return Tensor()
    if given.row.short_name == "tensordot" and not _last_by_first(machine, given):
        return Tensor()
    if given.constant("transpose_a") is True:
        return Tensor(shape=None)
    second = tensors.tensor_of(machine, others[0], given.node)
    if given.constant("transpose_b") is True and second is not None:
        shape = second.shape
        turned = None if shape is None else (*shape[:-2], *reversed(shape[-2:]))
        others[0] = replace(second, shape=turned, width=None, class_axis=None)
    return products.matmul(machine, _of_rank(machine, given, value), others[0], given.node)


def _of_rank(machine: Machine, given: Given, value: Value) -> Value:
    """A factor of which the product itself says how many axes it has: torch.mm takes two, torch.bmm three."""
    tensor, rank = tensors.tensor_of(machine, value, given.node), given.row.get("rank")
    known = tensor is None or rank is None or tensor.shape is not None
    return value if known or tensor is None else replace(tensor, shape=(None,) * int(rank))


def _last_by_first(machine: Machine, given: Given) -> bool:
    """Whether a tensordot sums over the first axis of a matrix, as a linear layer does."""
    axes_value, second = given.get("axes"), given.get("b")
    if not isinstance(second, Tensor) or second.rank != 2:
        return False
    pair = containers.items(machine, axes_value) if axes_value is not None else None
    if pair is None or len(pair) != 2:
        return axes_value == Const(1)
    inner = containers.items(machine, pair[1])
    return pair[1] == Const(0) or inner == [Const(0)]


def _einsum(machine: Machine, given: Given, value: Value | None) -> Value:
    parts = [tensors.tensor_of(machine, item, given.node) or Tensor() for item in given.rest]
    equation = value.value if isinstance(value, Const) else None
    if len(parts) != 2 or not isinstance(equation, str):
        return Tensor()
    return products.einsum(machine, equation.replace(" ", ""), parts[0], parts[1], given.node)


def _round(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = axes.operand(machine, given, value)
    metrics.rounded(machine, tensor, given)
    drawn = isinstance(tensor.key, tuple) and tensor.key[0] == "uniform" and tensor.key[2:] == (0.0, 1.0)
    if drawn and tensor.rank == 1:
        return replace(tensor, encoding="binary", classes=2, origin="labels", key=None)
    key = ("decision", id(given.node)) if tensor.origin == "model" else None
    return replace(tensor, quantity=None, activation=None, fresh=False, origin="", key=key)


def opaque(machine: Machine, given: Given, value: Value | None) -> Value:
    """A tensor of which little is known, alone or before another value."""
    kind = given.row.get("returns", "tensor")
    if kind == "unknown":
        others = (*given.values.values(), *given.rest)
        apart = value is not None and not any(value is item for item in others)
        arguments = Arguments((value, *others) if apart and value is not None else others)
        return unknown_result(Sym(("api", given.row.name)), arguments)
    origin = "model" if tensors.is_output(value) else ""
    source = products.source_of(value) if isinstance(value, Tensor) else None
    shape = value.shape if given.row.get("like") and isinstance(value, Tensor) else None
    made = Tensor(shape=shape, origin=origin, key=("opaque", id(given.node)), source=source)
    return Tuple((made, Sym(("second", id(given.node))))) if kind == "pair" else made


REAL_VALUED = frozenset({"exp", "sqrt", "sin", "cos", "rsqrt", "log1p", "expm1"})
OPERATIONS: dict[str, library.Operation] = {
    "keep": _keep,
    "elementwise": _elementwise,
    "trainable": _trainable,
    "scale": _scale,
    "log": _log,
    "arithmetic": _arithmetic,
    "merge": _merge,
    "reduce": _reduce,
    "argmax": _argmax,
    "max_pair": _max_pair,
    "matmul": _matmul,
    "einsum": _einsum,
    "round": _round,
    "opaque": opaque,
}
