"""Products of tensors: linear layers where one side is trained, scores where both are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xlint import syntax as cst
from xlint.interpret import tensors
from xlint.interpret.machine import Machine
from xlint.interpret.values import Dim, Key, Tensor, Value


def matmul(machine: Machine, left: Value, right: Value, node: cst.CSTNode) -> Value:
    """`left @ right`: a linear layer where one side is a trainable parameter or a layer's output."""
    a, b = tensors.tensor_of(machine, left, node), tensors.tensor_of(machine, right, node)
    a, b = a or Tensor(), b or Tensor()
    shape = _shape_of_product(a.shape, b.shape)
    if not _trained(a, b):
        real = Tensor(shape=shape, encoding="continuous" if _real(a) and _real(b) else None)
        return _dot(machine, a, b, shape, node) or _mixed(a, b, shape) or real
    if a.origin == "parameter" and b.origin != "parameter" and a.rank == 2:
        # Weights before the samples: the units are the first axis, of a single sample the only one.
        made = _linear(machine, a, b, shape, (a.shape or (None,))[0], node)
        return replace(made, class_axis=-1 if b.rank == 1 else -2 if b.rank == 2 else None)
    if b.rank == 1:
        return replace(_linear(machine, a, b, shape, 1, node), class_axis=None)
    return _linear(machine, a, b, shape, b.shape[-1] if b.shape else None, node)


def _real(value: Tensor) -> bool:
    """Whether a tensor certainly holds real numbers: drawn ones, or such as were written."""
    drawn = isinstance(value.key, tuple) and value.key[0] == "uniform"
    return value.quantity is None and (value.encoding == "continuous" or (value.encoding is None and drawn))


def _shape_of_product(
    first: tuple[Dim, ...] | None, second: tuple[Dim, ...] | None
) -> tuple[Dim, ...] | None:
    """The shape of `first @ second`; an axis is summed over, the only one of a vector."""
    if not first:
        return None
    width = second[-1:] if second is not None and len(second) > 1 else ()
    return first[:-1] + (width if second is not None else (None,))


def _mixed(a: Tensor, b: Tensor, shape: tuple[Dim, ...] | None) -> Tensor | None:
    """The rows of an output added up with weights, as of neighbours in a graph or by attention.

    They stay as wide, and scores stay scores where the weights are given or add up to one.
    """
    last = b.class_axis == -1 or (b.rank is not None and b.class_axis == b.rank - 1)
    if b.origin != "model" or b.quantity is None or not last:
        return None
    weights = a.origin in ("", "sample", "input", "features") or a.quantity == "probabilities"
    mixed = replace(b, shape=shape, class_axis=-1, fresh=False, encoding=None, key=None)
    if b.quantity == "logits" and weights:
        return mixed
    return replace(mixed, quantity=None, activation=None, activation_axis=None, axis_is_class=None)


def _dot(
    machine: Machine, a: Tensor, b: Tensor, shape: tuple[Dim, ...] | None, node: cst.CSTNode
) -> Tensor | None:
    """The product of two rows of scores for each sample, (N, 1, D) by (N, D, 1): one score.

    Of rows that are made from the same input it is how much each step attends to each, and there may be one.
    """
    scores = all(side.origin == "model" and side.quantity == "logits" for side in (a, b))
    if a.source == b.source:
        return None
    if not scores or shape is None or len(shape) != 3 or shape[-2:] != (1, 1):
        return None  # with one more axis it is attention, and a step may be the only one
    return _linear(machine, a, b, shape, 1, node)


def einsum(machine: Machine, equation: str, a: Tensor, b: Tensor, node: cst.CSTNode) -> Tensor:
    """A sum of products of two tensors, by the letters of their axes."""
    left, arrow, result = equation.partition("->")
    letters = left.split(",")
    if not arrow or len(letters) != 2 or not result.isalpha():
        return Tensor()
    sizes: dict[str, Dim] = {}
    for names, part in zip(letters, (a, b), strict=True):
        if part.shape is not None and len(part.shape) == len(names):
            sizes.update(
                {name: size for name, size in zip(names, part.shape, strict=True) if size is not None}
            )
    shape = tuple(sizes.get(name) for name in result)
    return _linear(machine, a, b, shape, shape[-1], node) if _trained(a, b) else Tensor(shape=shape)


def _trained(a: Tensor, b: Tensor) -> bool:
    """Whether a side of a product is a trainable parameter."""
    return any(side.origin == "parameter" and side.quantity is None for side in (a, b))


def _linear(
    machine: Machine, a: Tensor, b: Tensor, shape: tuple[Dim, ...] | None, width: Dim, node: cst.CSTNode
) -> Tensor:
    """What a linear layer gives: scores."""
    return Tensor(
        shape=shape,
        width=width,
        class_axis=-1,
        quantity="logits",
        activation="none",
        origin="model",
        source=source_of(b if a.origin == "parameter" else a),
        evidence=(machine.evidence("width", node), machine.evidence("activation", node, "no activation")),
    )


INPUTS = ("placeholder", "input", "features")


def source_of(value: Tensor) -> Key:
    """The key of the input from which a value is made, or of the value itself where no model made it."""
    if value.source is not None or value.origin in ("model", "parameter"):
        return value.source
    return value.key


def of_input_and_parameter(machine: Machine, parts: Sequence[Tensor], node: cst.CSTNode) -> Tensor | None:
    """The sum or product of an input and a trainable parameter: the scores of the smallest model."""
    if len(parts) != 2 or {part.origin in INPUTS for part in parts} != {True, False}:
        return None
    given, trained = parts if parts[0].origin in INPUTS else (parts[1], parts[0])
    if trained.origin != "parameter" or any(part.quantity or part.encoding for part in parts):
        return None
    shape = tensors.broadcast(given, trained)
    made = _linear(machine, given, trained, shape, shape[-1] if shape else None, node)
    return made if shape else replace(made, class_axis=None)
