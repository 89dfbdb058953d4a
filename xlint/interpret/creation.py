"""Arrays and tensors made from data, shapes or random numbers, and changes of dtype."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xlint.interpret import axes, tensors
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    Api,
    Const,
    Dim,
    Instance,
    Key,
    Stream,
    Sym,
    Tensor,
    Tuple,
    Value,
    dim_of,
    key_of,
)

DTYPES = {
    "int": "int64",
    "long": "int64",
    "int64": "int64",
    "int32": "int32",
    "int16": "int16",
    "int8": "int8",
    "uint8": "uint8",
    "float": "float32",
    "float32": "float32",
    "float64": "float64",
    "double": "float64",
    "half": "float16",
    "float16": "float16",
    "bool": "bool",
    "bool_": "bool",
    "byte": "uint8",
    "short": "int16",
    "category": "category",
    "str": "str",
    "object": "object",
    "bfloat16": "bfloat16",
    "LongTensor": "int64",
    "IntTensor": "int32",
    "ByteTensor": "uint8",
    "BoolTensor": "bool",
    "FloatTensor": "float32",
    "DoubleTensor": "float64",
    "HalfTensor": "float16",
}


def dtype_of(value: Value | None, framework: str = "") -> str | None:
    """A dtype argument as a name: np.int64, torch.long, "float32", int."""
    if value is None:
        return None
    if isinstance(value, Const) and isinstance(value.value, str):
        return DTYPES.get(value.value.removeprefix("<").removeprefix("torch."))
    if isinstance(value, Api):
        last = value.name.rpartition(".")[2]
        if value.name in ("builtins.int", "builtins.float"):
            return "int64" if last == "int" else "float64"
        if last == "float" and framework == "numpy":
            return "float64"
        return DTYPES.get(last)
    return None


def cast(tensor: Tensor, dtype: str | None) -> Tensor:
    """The same numbers with another dtype; None where the new dtype is not known."""
    if dtype == "category":
        return replace(tensor, dtype=None)
    if dtype == "bool" and tensor.encoding is None and tensor.quantity is None and tensor.origin != "model":
        return replace(tensor, dtype=dtype, encoding="binary", classes=2, origin="labels")
    if tensor.encoding == "continuous" and str(dtype).startswith(("int", "uint")):
        return replace(tensor, dtype=dtype, encoding=None, origin="", key=None)  # cut to whole numbers
    return replace(tensor, dtype=dtype, fresh=False)


def _cast(machine: Machine, given: Given, value: Value | None) -> Value:
    if isinstance(value, Instance) and not isinstance(value.cls, str):
        return value
    tensor = tensors.tensor_of(machine, value, given.node) or Tensor()
    dtype = given.row.get("dtype")
    if dtype is None:
        candidates = [given.of("dtype_param"), *given.values.values(), *given.rest]
        names = [dtype_of(item, given.row.framework) for item in candidates]
        dtype = next((name for name in names if name is not None), None)
        unknown = given.get("dtype") is not None  # by keyword; by position it is taken for a device
        if dtype is None and (unknown or any(map(of_another, candidates))):
            return cast(tensor, None)
        if dtype is None and given.row.short_name == "to":
            return value if value is not None else tensor
    if isinstance(value, Sym):
        if tensors.is_truth(value):
            evidence = (machine.evidence("encoding", given.node),)
            return replace(tensors.truths(value), dtype=dtype, evidence=evidence)
        return cast(tensor, dtype)
    return cast(tensor, dtype)


def _sized(given: Given, value: Value | None) -> Tensor | None:
    """torch.FloatTensor(3, 4): an old constructor takes sizes, or one array; None where it took an array."""
    if given.row.framework != "torch" or not given.row.short_name.endswith("Tensor"):
        return None
    whole = isinstance(value, Sym) and is_whole(value)
    if given.rest or whole or (isinstance(value, Const) and type(value.value) is int):
        dtype = given.row.get("dtype") or given.row.get("dtype_of_numbers")
        return Tensor(shape=tuple(map(dim_of, (value, *given.rest))), dtype=dtype)
    return None


def is_whole(value: Sym) -> bool:
    """Whether an unknown size is one integer, and no shape."""
    return value.whole or dim_of(value.default) is not None


def of_another(value: Value | None) -> bool:
    """Whether a value is another tensor, or its dtype, which is not known."""
    key = value.key if isinstance(value, Sym) else None
    return isinstance(value, Tensor) or (isinstance(key, tuple) and key[0] == "attr" and key[-1] == "dtype")


def _tensor(machine: Machine, given: Given, value: Value | None) -> Value:
    sized = _sized(given, value)
    if sized is not None:
        return sized
    if isinstance(value, Stream) and _of_unlike_parts(value):
        return value
    tensor = tensors.tensor_of(machine, value, given.node)
    if tensor is None:
        if isinstance(value, Instance) and value.cls == "dict":
            return machine.unknown(given.node)
        return machine.unknown(given.node) if value is None else Tensor(key=("tensor", key_of(value)))
    dtype = dtype_of(given.of("dtype_param"), given.row.framework) or given.row.get("dtype")
    if given.row.get("dtype_of_numbers"):
        dtype = None if isinstance(value, Tensor | Sym) else given.row.get("dtype_of_numbers")
        tensor = replace(tensor, dtype=None) if dtype is None and tensor.dtype != "float32" else tensor
    if dtype is None and tensor.dtype == "float":
        dtype = "float32" if given.row.framework in ("torch", "tensorflow", "keras") else "float64"
    if given.of("shape") is not None:
        tensor = replace(tensor, shape=_shape(machine, given))
    return tensor if dtype is None else replace(tensor, dtype=str(dtype))


def _of_unlike_parts(value: Stream) -> bool:
    """Whether the items are pairs or the like whose parts differ in shape: an array keeps them as objects."""
    parts = value.element.items if isinstance(value.element, Tuple) else ()
    return len({part.shape for part in parts if isinstance(part, Tensor)}) > 1


def _shape(machine: Machine, given: Given) -> tuple[Dim, ...] | None:
    value = given.of("shape")
    if given.rest and given.row.get("variadic") and value is not None:
        value = Tuple((value, *given.rest))
    if isinstance(value, Sym) and isinstance(value.key, tuple) and value.key[0] == "shape":
        return None
    dims = axes.dims_of(machine, value)
    if isinstance(value, Sym) and is_whole(value):
        return (value,)
    return None if dims is None else tuple(dims)


def _fill(machine: Machine, given: Given, value: Value | None) -> Value:
    shape = _shape(machine, given)
    like: Tensor | None = None
    if given.row.get("like"):
        like = tensors.tensor_of(machine, value, given.node)
        if like is not None and like.origin == "parameter":
            return like  # weights that start with this number
        shape = like.shape if like is not None else None
    kind = given.row.get("value")
    number: float | None = {"zeros": 0.0, "ones": 1.0}.get(kind)
    encoding: str | None = "binary" if number is not None else None
    if number is None and given.row.get("value_param"):
        argument = given.of("value_param")
        filled = argument.value if isinstance(argument, Const) else None
        if isinstance(filled, int | float):
            number = float(filled)
            encoding = "binary" if 0 <= filled <= 1 else None
        elif isinstance(argument, Tensor) and argument.value is not None:
            number, encoding = argument.value, "binary" if 0 <= argument.value <= 1 else None
    dtype = dtype_of(given.get(given.row.get("dtype_param")), given.row.framework) or given.row.get("dtype")
    if dtype is None and like is not None:
        dtype = like.dtype
    argument = given.of("value_param")
    if dtype is None and isinstance(argument, Const) and given.of("dtype_param") is None:
        dtype = given.row.get("dtype_of_value", {}).get(type(argument.value).__name__)
    evidence = (machine.evidence("encoding", given.node),) if encoding else ()
    same_width = like is not None and like.class_axis is not None
    key: Key = ("filled", id(given.node), machine.loops) if number == 0.0 else None
    if kind == "parameter" and not given.row.get("value_param"):
        key = ("empty", machine.new_id())
    return Tensor(
        shape=shape,
        encoding=encoding,
        dtype=dtype,
        value=number,
        key=key,
        origin="labels" if encoding else "",
        classes=2 if encoding else None,
        evidence=evidence,
        class_axis=like.class_axis if same_width and like is not None else None,
        width=like.width if same_width and like is not None else None,
    )


def fill_in_place(machine: Machine, tensor: Tensor, number: object, node: object) -> Tensor:
    """tensor.fill_(number) and array.fill(number): zeros are new ones, whatever was written before."""
    if not isinstance(number, int | float):
        return replace(tensor, value=None, key=None)
    bits = 0 <= number <= 1
    key: Key = ("filled", id(node), machine.loops) if number == 0 else None
    encoding, classes = ("binary", 2) if bits else (None, None)
    return replace(tensor, value=float(number), encoding=encoding, classes=classes, key=key)


def _copy(machine: Machine, given: Given, value: Value | None) -> Value:
    """tensor.copy_(source): the source in the dtype of the tensor."""
    source = tensors.tensor_of(machine, given.of("source"), given.node)
    dtype = value.dtype if isinstance(value, Tensor) else None
    return machine.unknown(given.node) if source is None else replace(source, dtype=dtype or source.dtype)


def _random(machine: Machine, given: Given, value: Value | None) -> Value:
    how = given.row.get("how")
    like = given.row.get("like")
    shape = axes.operand(machine, given, value).shape if like else _shape(machine, given)
    dtype = dtype_of(given.get(given.row.get("dtype_param"))) or given.row.get("dtype")
    if given.row.get("like"):
        like = tensors.tensor_of(machine, value, given.node) or Tensor()
        if like.origin == "parameter":
            return like  # weights that start with other numbers
        shape, dtype = like.shape, dtype or like.dtype
    if how == "choice":
        source = tensors.tensor_of(machine, value, given.node)
        if isinstance(value, Const) and isinstance(value.value, int):
            return Tensor(
                shape=shape,
                encoding="index",
                classes=value.value,
                dtype="int64",
                origin="labels",
                key=("random", id(given.node)),
                evidence=(machine.evidence("encoding", given.node),),
            )
        return Tensor(shape=shape) if source is None else replace(source, shape=shape, key=None, value=None)
    if how == "permutation":
        return Tensor(dtype="int64", key=("permutation", id(given.node)))
    if how == "int" or (how == "uniform" and str(dtype).startswith(("int", "uint"))):
        return _random_integers(machine, given, shape, dtype)
    if how == "bernoulli":
        column = shape is not None and (len(shape) == 1 or shape[-1] == 1)
        bits = Tensor(shape=shape, dtype=dtype)
        return replace(bits, encoding="binary", classes=2, origin="labels") if column else bits
    if how == "uniform":
        # Draws from 0 to 1 may be soft labels; that they are real numbers is known of a regression's alone.
        ends = (_end(given.of("low"), 0.0), _end(given.of("high"), 1.0))
        if given.row.framework == "numpy" and given.of("shape") is None:
            shape, dtype = (), "float"
        return Tensor(shape=shape, dtype=dtype, origin="features", key=("uniform", id(given.node), *ends))
    around = (_end(given.of("mean"), 0.0), _end(given.of("deviation"), 1.0))
    return Tensor(
        shape=shape,
        encoding="continuous" if shape is not None or like else None,
        dtype=dtype,
        key=("normal", machine.new_id(), *around),
        evidence=(machine.evidence("encoding", given.node),),
    )


def _end(value: Value | None, default: float) -> float | None:
    """An end of the range of a draw; None where it is not known."""
    number = value.value if isinstance(value, Const) else default if value is None else None
    return float(number) if isinstance(number, int | float) else None


def _random_integers(
    machine: Machine, given: Given, shape: tuple[Dim, ...] | None, dtype: str | None
) -> Value:
    low, high = given.of("low"), given.of("high")
    if isinstance(high, Tuple) and shape is None:
        shape = tuple(axes.dims_of(machine, high) or ())
        high = None
    if high is None or (isinstance(high, Const) and high.value is None):
        low, high = Const(0), low
    start = low.value if isinstance(low, Const) else 0 if low is None else None
    classes = dim_of(high)
    encoding: str | None = "index"
    if start != 0 or classes is None:
        classes = classes if start == 0 else None
    if shape is not None and len(shape) >= 2 and shape[-1] != 1 and classes == 2:
        encoding = None
    like = bool(given.row.get("like"))
    return Tensor(
        shape=shape if shape is not None or like else (),
        encoding=encoding,
        classes=classes,
        dtype=dtype if dtype is not None or like else "int64",
        origin="labels",
        key=("random", id(given.node)),
        certain=isinstance(classes, int),
        evidence=(machine.evidence("encoding", given.node),),
    )


def _arange(machine: Machine, given: Given, value: Value | None) -> Value:
    bounds = [item for name, item in given.values.items() if name in given.row.params[:3]]
    real = any(isinstance(item, Const) and type(item.value) is float for item in bounds)
    asked = dtype_of(given.get(given.row.get("dtype_param")) or given.get("dtype"), given.row.framework)
    return Tensor(
        shape=(dim_of(value) if len(bounds) == 1 else None,),
        dtype=asked or ("float" if real else given.row.get("dtype")),
        encoding="continuous" if real else None,
        key=("range", key_of(value)),
    )


def _unique(machine: Machine, given: Given, value: Value | None) -> Value:
    tensor = tensors.tensor_of(machine, value, given.node) or Tensor()
    count: Dim = tensor.classes
    if not isinstance(count, int) or not tensor.certain:
        count = tensor.classes or Sym(
            ("classes", key_of(tensor)), f"len(unique({tensor.name}))" if tensor.name else ""
        )
    values = Tensor(shape=(count,), key=("unique", key_of(tensor)))
    if given.row.get("returns") == "codes_and_values":
        codes = Tensor(
            shape=tensor.shape or (None,),
            encoding="index",
            classes=count,
            dtype="int64",
            origin="labels",
            evidence=(machine.evidence("encoding", given.node),),
        )
        return Tuple((codes, values))
    extras = sum(bool(given.constant(name)) for name in ("return_index", "return_inverse", "return_counts"))
    if extras:
        codes = Tensor(shape=(None,), encoding="index", classes=count, dtype="int64", origin="labels")
        return Tuple((values, *(codes,) * extras))
    return values


def _variable(machine: Machine, given: Given, value: Value | None) -> Value:
    initial = given.of("initial")
    if (isinstance(initial, Const) and isinstance(initial.value, str)) or given.of("shape") is not None:
        initial = None
    if isinstance(initial, Tensor):
        return replace(
            initial,
            origin="parameter",
            encoding=None,
            classes=None,
            quantity=None,
            value=None,
            key=None,
            evidence=(machine.evidence("width", given.node),),
        )
    if initial is not None:
        made = tensors.tensor_of(machine, initial, given.node) or Tensor()
        return replace(made, origin="parameter", encoding=None, classes=None, value=None)
    shape = _shape(machine, given)
    return Tensor(shape=shape, origin="parameter", evidence=(machine.evidence("width", given.node),))


def _initializer(machine: Machine, given: Given, value: Value | None) -> Value:
    dims = axes.dims_of(machine, value)
    return Tensor(shape=None if dims is None else tuple(dims))


def _placeholder(machine: Machine, given: Given, value: Value | None) -> Value:
    dtype = dtype_of(given.of("dtype_param"))
    return Tensor(
        shape=_shape(machine, given), dtype=dtype, origin="placeholder", key=("placeholder", id(given.node))
    )


OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {
    "cast": _cast,
    "tensor": _tensor,
    "fill": _fill,
    "copy": _copy,
    "random": _random,
    "arange": _arange,
    "unique": _unique,
    "variable": _variable,
    "initializer": _initializer,
    "placeholder": _placeholder,
}
