"""Operations on axes: the arguments that name axes and sizes, and what reshapes, joins and pools."""

from __future__ import annotations

from dataclasses import replace

from xlint.interpret import containers, creation, datasets, indicators, library, sequences, shapes, tensors
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.store import equal_to
from xlint.interpret.values import Choice, Const, Dim, Sym, Tensor, Tuple, Value, dim_of, key_of, name_of


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
        return [_dim(machine, item) for item in known]
    if isinstance(value, Const):
        return [dim_of(value)]
    return None


def _dim(machine: Machine, value: Value) -> Dim:
    """A size; where it depends on a branch, a symbol that equals itself."""
    value = machine.store.visible(value)
    if not isinstance(value, Choice):
        return dim_of(value)
    options = tuple((guards, key_of(item)) for guards, item in value.alternatives)
    names = [name_of(item) for _, item in value.alternatives if isinstance(item, Sym)]
    return Sym(("choice", options), next(filter(None, names), ""))


def axes_of(machine: Machine, given: Given, value: Value | None) -> list[int] | None:
    """A list of axes, given as one argument or as several."""
    items = containers.items(machine, value) if value is not None else None
    if items is None and value is not None:
        items = [value, *given.rest]
    if not items or not all(isinstance(item, Const) and isinstance(item.value, int) for item in items):
        return None
    return [item.value for item in items if isinstance(item, Const)]


def operand(machine: Machine, given: Given, value: Value | None) -> Tensor:
    """The value that an operation works on, as a tensor."""
    return tensors.tensor_of(machine, value, given.node) or Tensor()


def _flatten(machine: Machine, given: Given, value: Value | None) -> Value:
    start_value = given.of("start")
    start = start_value.value if isinstance(start_value, Const) else 1
    end = given.constant("end_dim", -1)
    return shapes.flatten(
        operand(machine, given, value),
        start if isinstance(start, int) else 1,
        end if isinstance(end, int) else -1,
    )


def _averaged(tensor: Tensor, given: Given) -> Tensor:
    """Means of rectified maps are scores like any others (Network in Network ends so)."""
    if tensor.quantity == "other" and "max" not in given.row.short_name.lower():
        return replace(tensor, quantity="logits", activation="none")
    return tensor


def _pool(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = _averaged(operand(machine, given, value), given)
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
    tensor = _averaged(operand(machine, given, value), given)
    keep = given.of("keepdims")
    if isinstance(keep, Const) and keep.value:
        return replace(tensor, shape=None, fresh=False)
    width = tensors.width_on_axis(tensor, int(given.row.get("axis", -1)))
    return replace(tensor, shape=(None, width), width=width, class_axis=-1, fresh=False)


def _unflatten(machine: Machine, given: Given, value: Value | None) -> Value:
    """One axis taken apart into several: the other way round than flatten."""
    tensor, axis, sizes = operand(machine, given, value), axis_of(given), dims_of(machine, given.of("sizes"))
    if (
        tensor.shape is None
        or axis is None
        or sizes is None
        or not -len(tensor.shape) <= axis < len(tensor.shape)
    ):
        return replace(tensor, shape=None, width=None, class_axis=None, fresh=False, key=None)
    place = axis % len(tensor.shape)
    return shapes.reshape(tensor, (*tensor.shape[:place], *sizes, *tensor.shape[place + 1 :]))


def _reshape(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = operand(machine, given, value)
    shape = given.of("shape")
    if isinstance(shape, Tensor):
        return shapes.reshape(tensor, shape.shape)
    if given.rest and given.row.get("variadic") and shape is not None:
        shape = Tuple((shape, *given.rest))
    if isinstance(shape, Const) and isinstance(shape.value, str):
        return replace(tensor, dtype=shape.value)
    dims = dims_of(machine, shape)
    if dims is None and isinstance(shape, Sym) and given.row.get("variadic") and _is_product(shape):
        dims = [shape]
    if dims is not None and given.row.get("batch") is False:
        dims = [None, *dims]
    if dims is not None and _rest_follows_batch(machine, shape):
        return shapes.flatten(tensor, 1)
    if dims is not None and given.row.framework != "torch" and _each_on_its_own(tensor, dims):
        return replace(tensor, shape=tuple(dims), width=1, class_axis=-1, fresh=False)
    if dims is None and shape is None and given.open:
        return replace(tensor, shape=None, fresh=False, width=None, class_axis=None)
    if dims is not None and tensor.shape is not None and _apart_again(tensor.shape, dims):
        dims[-1] = tensor.shape[-1]
    return shapes.reshape(tensor, dims)


def _apart_again(shape: tuple[Dim, ...], dims: list[Dim]) -> bool:
    """Whether the first axis, two that were laid together, is taken apart: `view(time, batch, -1)`."""
    if len(shape) != 2 or len(dims) != 3 or dims[2] is not None or not isinstance(shape[0], Sym):
        return False
    keys = tuple(key_of(Const(dim) if isinstance(dim, int) else dim) for dim in dims[:2] if dim is not None)
    return shape[0].key in (("*", *keys), ("*", *reversed(keys)))


def _each_on_its_own(tensor: Tensor, dims: list[Dim]) -> bool:
    """Whether a row becomes a sequence of single numbers: Keras takes the last axis for the units."""
    rows = tensor.rank == 2 and tensor.width is not None and tensor.activation != "softmax"
    return rows and len(dims) == 3 and dims[1] == tensor.width and dims[2] == 1


def _is_product(value: Sym) -> bool:
    """Whether an unknown shape is a product, and so one number: `view(batch * time)`."""
    return isinstance(value.key, tuple) and len(value.key) == 3 and value.key[0] == "*"


def _rest_follows_batch(machine: Machine, shape: Value | None) -> bool:
    """Whether a shape is (something, -1): all but the first axis in one."""
    items = containers.items(machine, shape) if shape is not None else None
    return items is not None and len(items) == 2 and items[1] == Const(-1) and not isinstance(items[0], Const)


def _squeeze(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = operand(machine, given, value)
    sizes = tuple(_settled(machine, size) for size in tensor.shape) if tensor.shape is not None else None
    return shapes.squeeze(replace(tensor, shape=sizes), axis_of(given))


def _settled(machine: Machine, size: Dim) -> Dim:
    """A size as the branches taken leave it: below `n == 1`, an n is 1."""
    number = equal_to(size.key, machine.store.path) if isinstance(size, Sym) else None
    return size if number is None else number


def _unsqueeze(machine: Machine, given: Given, value: Value | None) -> Value:
    return shapes.unsqueeze(operand(machine, given, value), axis_of(given))


def _permute(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = operand(machine, given, value)
    argument = given.of("axes_param")
    axes = axes_of(machine, given, argument)
    if axes is None and argument is not None:
        return replace(tensor, shape=None, class_axis=None, fresh=False)
    if axes is not None and given.row.get("batch") is False:
        axes = [0, *axes]
    return shapes.reorder(tensor, axes)


def _transpose(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = operand(machine, given, value)
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


def _move_axis(machine: Machine, given: Given, value: Value | None) -> Value:
    """moveaxis(x, source, destination): one axis elsewhere, the others in their order."""
    tensor = operand(machine, given, value)
    source, destination = (given.constant(name) for name in ("source", "destination"))
    rank = tensor.rank
    if rank is None or not isinstance(source, int) or not isinstance(destination, int):
        return replace(tensor, shape=None, class_axis=None, fresh=False)
    if not (-rank <= source < rank and -rank <= destination < rank):
        return given.unknown_result()
    order = list(range(rank))
    order.insert(destination % rank, order.pop(source % rank))
    return shapes.reorder(tensor, order)


def operands(machine: Machine, given: Given, value: Value | None) -> list[Tensor] | None:
    """The tensors that an operation joins; None where one of them is no array."""
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
    parts = operands(machine, given, value)
    if not parts:
        return Tensor()
    axis = axis_of(given)
    if given.row.short_name in ("hstack", "vstack"):
        axis = int(given.row.short_name == "hstack")
        made = _stacked(parts, axis == 1)
    else:
        axis = axis if axis is not None else given.row.get("axis_default", 0)
        made = shapes.concat(parts, axis)
    counted = axis is None or _counted(machine, value)
    return _joined(parts, made if counted else shapes.of_unknown_size(made, axis or 0))


def _counted(machine: Machine, listed: Value | None) -> bool:
    """Whether it is known how many items a list has."""
    if listed is None or containers.items(machine, listed) is None:
        return False
    return not sequences.has_grown(machine, listed)


def _joined(parts: list[Tensor], result: Tensor) -> Tensor:
    """What is collected batch by batch, behind an empty array or not, is known by its batches."""
    filled = [part for part in parts if part.shape != (0,)]
    if len(filled) != 1 or filled[0].key is None or result.key is not None:
        return result
    return replace(result, key=("joined", filled[0].key))


def _append(machine: Machine, given: Given, value: Value | None) -> Value:
    """numpy.append: without an axis it flattens both, which leaves vectors as they are."""
    before = tensors.tensor_of(machine, value, given.node)
    more = tensors.tensor_of(machine, given.get("values"), given.node)
    if before is None or more is None:
        return Tensor(key=("append", id(given.node)))
    parts, axis = [before, more], given.constant("axis")
    if before.shape == (0,):
        return _joined(parts, replace(more, shape=(None,) if more.rank == 1 else None, key=None))
    if isinstance(axis, int) or before.rank == more.rank == 1:
        return _joined(parts, shapes.concat(parts, axis if isinstance(axis, int) else 0))
    return Tensor(key=("append", id(given.node)))


def _stacked(parts: list[Tensor], beside: bool) -> Tensor:
    """hstack and vstack, which join vectors and matrices in different ways; columns may mean anything."""
    ranks = {part.rank for part in parts}
    if beside:
        if ranks == {1}:
            return shapes.concat(parts, 0)
        parts, axis = [replace(part, encoding=None, classes=None) for part in parts], -1
    elif None in ranks or 1 in ranks:
        return Tensor(origin=parts[0].origin if len({part.origin for part in parts}) == 1 else "")
    else:
        axis = 0
    return shapes.concat(parts, axis)


def _stack(machine: Machine, given: Given, value: Value | None) -> Value:
    listed = given.of("tensors") or value
    parts = operands(machine, given, listed)
    if not parts:
        return Tensor()
    counted, axis = _counted(machine, listed), axis_of(given) or 0
    made = shapes.stack(parts, axis, len(parts) if counted else None)
    return _joined(parts, indicators.stacked(parts, made, axis, counted))


def _shape_of(machine: Machine, given: Given, value: Value | None) -> Value:
    """tf.shape(x), keras.ops.shape(x), K.int_shape(x)."""
    tensor = tensors.tensor_of(machine, value, given.node)
    return machine.unknown(given.node) if tensor is None else tensors.shape_value(machine, tensor)


def _rank(machine: Machine, given: Given, value: Value | None) -> Value:
    """K.ndim(x), tf.rank(x), np.ndim(x): the number of axes."""
    tensor = tensors.tensor_of(machine, value, given.node)
    return machine.unknown(given.node) if tensor is None else tensors.rank_value(tensor)


def _pad_sequences(machine: Machine, given: Given, value: Value | None) -> Value:
    """Sequences (L, …) to one tensor (N, L, …) or (L, N, …); the padding may be one more class."""
    item = None if value is None else containers.element(machine, value, given.node)
    one = tensors.tensor_of(machine, item, given.node)
    if one is None:
        return Tensor()
    padding = given.of("padding")
    plain = padding is None or (isinstance(padding, Const) and padding.value in (0, 1))
    shape = None if one.shape is None else (None, None, *one.shape[1:])
    axis = one.class_axis
    return replace(
        one,
        shape=shape,
        class_axis=axis + 1 if axis is not None and axis > 0 else axis,
        encoding=one.encoding if plain or one.encoding == "index" else None,
        classes=one.classes if plain else None,
        dtype=creation.dtype_of(given.of("dtype_param")) or given.row.get("dtype") or one.dtype,
        value=None,
        key=("padded", key_of(value)),
    )


def _pack_sequences(machine: Machine, given: Given, value: Value | None) -> Value:
    """(N, L, …) to the pair of (steps of all sequences, …) and the sizes of the steps."""
    tensor = operand(machine, given, value)
    axis = tensor.class_axis
    if tensor.rank is not None and axis is not None and axis > 0:
        axis = axis - tensor.rank
    shape = None if tensor.shape is None else (None, *tensor.shape[2:])
    packed = replace(
        tensor,
        shape=shape,
        class_axis=axis if axis is not None and axis < 0 else None,
        fresh=False,
        key=("packed", key_of(tensor)),
    )
    return Tuple((packed, Sym(("sizes", id(given.node)))))


def _unpack_sequences(machine: Machine, given: Given, value: Value | None) -> Value:
    """The pair that packing gave to (N, L, …) again, and the lengths."""
    packed = value.items[0] if isinstance(value, Tuple) and value.items else None
    if not isinstance(packed, Tensor):
        return Tuple((Tensor(), Sym(("lengths", id(given.node)))))
    shape = None if packed.shape is None else (None, None, *packed.shape[1:])
    return Tuple((replace(packed, shape=shape, fresh=False, key=None), Sym(("lengths", id(given.node)))))


OPERATIONS: dict[str, library.Operation] = {
    "shape": _shape_of,
    "flatten": _flatten,
    "pool": _pool,
    "upsample": _pool,
    "global_pool": _global_pool,
    "reshape": _reshape,
    "unflatten": _unflatten,
    "squeeze": _squeeze,
    "unsqueeze": _unsqueeze,
    "permute": _permute,
    "transpose": _transpose,
    "move_axis": _move_axis,
    "concat": _concat,
    "rank": _rank,
    "stack": _stack,
    "append": _append,
    "pad_sequences": _pad_sequences,
    "pack_sequences": _pack_sequences,
    "unpack_sequences": _unpack_sequences,
}
