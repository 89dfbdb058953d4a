"""Labels made from classes: one-hot rows, and numbers chosen by conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xlint.interpret import axes, creation, frames, masking, selection, tensors
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import NONE, Const, Dim, Key, Sym, Tensor, Value, dim_of, key_of, name_of
from xlint.sites import Evidence


def _one_hot(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = tensors.tensor_of(machine, value, given.node) or Tensor()
    classes = dim_of(given.of("classes"))
    certain = classes is not None
    missing = given.of("classes")
    if missing is None or (isinstance(missing, Const) and missing.value in (None, -1)):
        classes = (
            tensor.classes
            if tensor.classes is not None
            else Sym(("classes", key_of(tensor)), name_of(tensor) or "classes")
        )
        certain = tensor.certain and isinstance(classes, int)
    shape: tuple[Dim, ...] | None = None
    axis = axes.axis_of(given)
    if tensor.shape is not None:
        base = tensor.shape
        if given.row.short_name == "to_categorical" and len(base) > 1 and base[-1] == 1:
            base = base[:-1]
        shape = (*base, classes)
    elif given.row.short_name == "to_categorical" or tensor.encoding in ("index", "binary"):
        shape = None
    dtype = (
        creation.dtype_of(given.get(given.row.get("dtype_param")))
        or creation.dtype_of(given.get("dtype"))
        or given.row.get("dtype")
    )
    if axis is not None and axis not in (-1,):
        return Tensor(
            encoding=_hot_encoding(given),
            classes=classes,
            certain=certain,
            dtype=dtype,
            origin="labels",
            evidence=(machine.evidence("encoding", given.node),),
        )
    if tensor.encoding in ("one-hot", "multi-hot"):
        return Tensor(dtype=dtype)
    return Tensor(
        shape=shape,
        width=classes,
        class_axis=-1,
        encoding=_hot_encoding(given),
        classes=classes,
        certain=certain,
        dtype=dtype,
        origin="labels",
        key=("one-hot", key_of(tensor), key_of(given.of("classes"))),
        evidence=(machine.evidence("encoding", given.node),),
    )


def _dummies(machine: Machine, given: Given, value: Value | None) -> Value:
    """pandas.get_dummies: one-hot rows of one column; of several, such rows side by side."""
    tensor = tensors.tensor_of(machine, value, given.node) or Tensor()
    if given.get("columns") not in (None, NONE):
        return given.unknown_result()  # the other columns stay beside the new ones
    count = frames.columns(tensor.key)
    if tensor.rank != 2 or count == 1:
        one = value if tensor.rank != 2 else replace(tensor, shape=(None,))
        made = _one_hot(machine, given, one)
        whole = given.get("drop_first") in (None, Const(False), Const(0))
        return made if whole or not isinstance(made, Tensor) else _without_first(made)
    dummies = Tensor(shape=(None, None), dtype=given.row.get("dtype"), key=("dummies", tensor.key))
    if count is None:
        return dummies
    evidence = (machine.evidence("encoding", given.node),)
    return replace(dummies, encoding="multi-hot", origin="labels", evidence=evidence)


WITHOUT_FIRST = "without first"
"""What the keys of one-hot rows begin with that lack the column of the first class: its rows hold no one."""


def _without_first(rows: Tensor) -> Tensor:
    """One-hot rows without their first column: of two classes one column, of more no one-hot rows."""
    key = (WITHOUT_FIRST, rows.key)
    if rows.classes == 2 and rows.certain:
        return replace(rows, shape=(None, 1), width=1, encoding="binary", key=key)
    return replace(rows, shape=(None, None), width=None, encoding=None, classes=None, certain=False, key=key)


def _hot_encoding(given: Given) -> str | None:
    """What rows with these values for the class and for the others encode."""
    values = (given.of("on_param"), given.of("off_param"))
    numbers = [
        default if value in (None, NONE) else value.value if isinstance(value, Const) else None
        for value, default in zip(values, (1, 0), strict=True)
    ]
    if numbers == [1, 0]:
        return "one-hot"
    known = [number for number in numbers if number is not None]
    return "soft" if all(isinstance(number, int | float) and 0 <= number <= 1 for number in known) else None


def put_together(rows: Tensor, result: Tensor, axis: int | None, how: str) -> Tensor:
    """One-hot rows of one sample reduced: their largest are multi-hot; their sums count."""
    if rows.encoding not in ("one-hot", "multi-hot") or axis is None or result.class_axis is None:
        return result
    if tensors.width_on_axis(replace(rows, class_axis=None), axis) == 1:
        return replace(result, encoding=rows.encoding)
    made = {"max": "multi-hot", "any": "multi-hot", "sum": "counts"}.get(how)
    return replace(result, encoding=made, certain=False, key=None)


def _eye(machine: Machine, given: Given, value: Value | None) -> Value:
    """Ones on the diagonal; with fewer columns than rows, the last rows hold no one."""
    rows = dim_of(given.of("classes"))
    square = given.of("columns") in (None, NONE)
    columns = rows if square else dim_of(given.of("columns"))
    dtype = creation.dtype_of(given.of("dtype_param"), given.row.framework) or given.row.get("dtype")
    made = Tensor(shape=(rows, columns), width=columns, class_axis=-1, dtype=dtype, name="eye")
    wide = isinstance(rows, int) and isinstance(columns, int) and rows <= columns
    if not square and not wide and (rows is None or rows != columns):
        return made
    evidence = (machine.evidence("encoding", given.node),)
    return replace(made, encoding="one-hot", classes=columns, certain=True, evidence=evidence)


def _scatter(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = tensors.tensor_of(machine, value, given.node) or Tensor()
    argument, axis = given.of("value_param"), axes.axis_of(given)
    number = argument.value if isinstance(argument, Const) else None
    inside = axis is not None and tensor.rank is not None and -tensor.rank <= axis < tensor.rank
    width = tensor.shape[axis] if tensor.shape and axis is not None and inside else None
    if tensor.value == 0.0 and number in (1, 1.0):
        encoding = _written_by(machine, given, axis)
    else:
        encoding = "soft" if tensor.value is not None and isinstance(argument, Const | Sym) else None
    if encoding is None:
        return replace(tensor, value=None, encoding=None, classes=None)
    written = replace(tensor, value=None, encoding=encoding, classes=width)
    if encoding == "soft":
        return written
    return replace(written, origin="labels", evidence=(machine.evidence("encoding", given.node),))


def _written_by(machine: Machine, given: Given, axis: int | None) -> str | None:
    """What ones written by an index make of rows of zeros: by how many places it names in each row."""
    index = tensors.tensor_of(machine, given.get("index"), given.node)
    if index is None or axis is None:
        return None
    if index.shape is None:
        return "one-hot" if axis != 0 and tensors.is_column(index.key) else None
    rank = len(index.shape)
    size = index.shape[axis] if -rank <= axis < rank else 1 if not rank else None
    return "one-hot" if size == 1 else "multi-hot" if isinstance(size, int) else None


def _select(machine: Machine, given: Given, value: Value | None) -> Value:
    """where(condition, a, b): numbers chosen by conditions are classes where they count up from 0."""
    first, second = given.get("x"), given.get("y")
    outputs = _one_of_two(first, second) or masking.masked(value, first, second)
    if outputs is not None:
        return outputs
    kept = _labels_or_number(tensors.tensor_of(machine, value, given.node), first, second)
    if kept is not None:
        return kept
    chosen = _numbers(first) | _numbers(second)
    if None in chosen or not chosen or second is None:
        return given.unknown_result()
    condition = tensors.tensor_of(machine, value, given.node) or Tensor()
    numbers = {number for number in chosen if number is not None}
    evidence = (machine.evidence("encoding", given.node),)
    made = of_numbers(numbers, condition.shape, id(given.node), evidence)
    single = given.row.framework == "torch" and made.dtype == "float64"
    return replace(made, dtype="float32") if single else made


INTEGERS = ("int64", "int32", "uint8", "int8")


def _clip(machine: Machine, given: Given, value: Value | None) -> Value:
    """Numbers kept between two bounds: whole ones between 0 and 1 are 0 or 1."""
    tensor = tensors.tensor_of(machine, value, given.node) or Tensor()
    whole = tensor.encoding is None and tensor.rank is not None and tensor.dtype in INTEGERS
    bounds = (given.constant(given.row.get("low")), given.constant(given.row.get("high")))
    if (whole or tensor.encoding == "index") and bounds == (0, 1):
        return of_numbers({0, 1}, tensor.shape, id(given.node), (machine.evidence("encoding", given.node),))
    if bounds[1] is not None:
        tensor = selection.of_some(tensor)
    encoding = "multi-hot" if tensor.encoding == "counts" else tensor.encoding
    if tensor.quantity in ("logits", "other") and bounds[0] is not None and float(str(bounds[0])) >= 0:
        tensor = replace(tensor, quantity=None, activation=None)  # neither raw scores nor what was activated
    return replace(tensor, encoding=encoding, fresh=False, key=None)


def _labels_or_number(condition: Tensor | None, first: Value | None, second: Value | None) -> Tensor | None:
    """Labels where a condition holds, and one number, which a loss is to ignore, where it does not."""
    for labels, other in ((first, second), (second, first)):
        alone = isinstance(other, Const) or (isinstance(other, Tensor) and other.shape == ())
        if not isinstance(labels, Tensor) or not labels.rank or not alone:
            continue
        if labels.encoding == "index":
            return replace(labels, certain=False, value=None, key=None)
        bare = labels.encoding is None and labels.quantity is None and labels.origin != "model"
        if bare and labels.value is None and condition is not None and condition.rank is not None:
            return Tensor(shape=tensors.broadcast(labels, condition))
    return None


def of_numbers(
    numbers: set[float], shape: tuple[Dim, ...] | None, key: Key, evidence: tuple[Evidence, ...]
) -> Tensor:
    """An array of which each item is one of a few numbers: classes where they count up from 0."""
    flat = shape is None or len(shape) <= 1 or shape[-1] == 1
    bits = numbers <= {0, 1}
    counts = flat and len(numbers) > 1 and numbers == set(range(len(numbers)))
    known = "binary" if counts and bits else "index" if counts else None
    return Tensor(
        shape=shape,
        encoding=known,
        classes=len(numbers) if counts else None,
        dtype="int64" if all(isinstance(number, int) for number in numbers) else "float64",
        origin="labels" if counts else "",
        key=("chosen", tuple(sorted(numbers)), key),
        evidence=evidence if counts else (),
    )


def _one_of_two(first: Value | None, second: Value | None) -> Tensor | None:
    """Outputs of a model, chosen one by one from two that are alike."""
    if not isinstance(first, Tensor) or not isinstance(second, Tensor) or first.quantity is None:
        return None
    alike = ("quantity", "width", "class_axis", "shape", "origin")
    if first.origin != "model" or any(getattr(first, name) != getattr(second, name) for name in alike):
        return None
    activation = first.activation if first.activation == second.activation else None
    return replace(first, activation=activation, fresh=False, key=None)


def _numbers(value: Value | None) -> set[float | None]:
    """The numbers that a choice may give: a constant, or those of an inner choice; {None} for all else."""
    if isinstance(value, Const) and isinstance(value.value, bool | int | float):
        return {value.value}
    if isinstance(value, Tensor) and isinstance(value.key, tuple) and value.key and value.key[0] == "chosen":
        return set(value.key[1])
    if isinstance(value, Tensor) and value.value is not None:
        return {value.value}
    return {None}


OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {
    "one_hot": _one_hot,
    "dummies": _dummies,
    "eye": _eye,
    "scatter": _scatter,
    "select": _select,
    "clip": _clip,
}
