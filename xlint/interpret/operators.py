"""Operators: on constants as Python computes them, on symbols as keys, on tensors by what is known."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from xlint import syntax as cst
from xlint.interpret import comparisons, containers, creation, sequences, tensors, turns
from xlint.interpret.machine import Machine
from xlint.interpret.store import combinations, join
from xlint.interpret.values import (
    Api,
    Choice,
    ClassValue,
    Const,
    Function,
    Instance,
    Key,
    Sym,
    Tensor,
    Tuple,
    Value,
    key_of,
    name_of,
)

MAX_LENGTH = 4_000
MAX_NUMBER = 1 << 64

ARITHMETIC: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "Add": ("+", operator.add),
    "Subtract": ("-", operator.sub),
    "Multiply": ("*", operator.mul),
    "Divide": ("/", operator.truediv),
    "FloorDivide": ("//", operator.floordiv),
    "Modulo": ("%", operator.mod),
    "Power": ("**", operator.pow),
    "MatrixMultiply": ("@", operator.matmul),
    "BitAnd": ("&", operator.and_),
    "BitOr": ("|", operator.or_),
    "BitXor": ("^", operator.xor),
    "LeftShift": ("<<", operator.lshift),
    "RightShift": (">>", operator.rshift),
}
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "Equal": operator.eq,
    "NotEqual": operator.ne,
    "LessThan": operator.lt,
    "LessThanEqual": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEqual": operator.ge,
}


def product(machine: Machine, sizes: Sequence[Value], node: cst.CSTNode) -> Value:
    """The product of sizes; 1 where there are none."""
    return reduce(lambda a, b: binary(machine, "Multiply", a, b, node), sizes) if sizes else Const(1)


def binary(machine: Machine, name: str, left: Value, right: Value, node: cst.CSTNode) -> Value:
    """`left name right`; name is libcst's operator class ("Add", with "Assign" behind it for +=)."""
    name = name.removesuffix("Assign")
    if isinstance(left, Choice) or isinstance(right, Choice):
        results = [
            (guards, binary(machine, name, a, b, node)) for guards, (a, b) in combinations((left, right))
        ]
        return join(results) if results else machine.unknown(node)
    if isinstance(left, Const) and isinstance(right, Const):
        return _constants(machine, name, left, right, node)
    if name == "BitOr" and isinstance(left, Instance) and left.cls == "dict":
        return containers.union(machine, left, right, node)
    sequence = sequences.join_sequences(machine, name, left, right, node)
    if sequence is not None:
        return sequence
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return tensors.arithmetic(machine, name, left, right, node)
    if isinstance(left, Sym) or isinstance(right, Sym):
        return symbolic(name, left, right)
    return machine.unknown(node)


def _constants(machine: Machine, name: str, left: Const, right: Const, node: cst.CSTNode) -> Value:
    a, b = left.value, right.value
    if isinstance(a, str | bytes) and name == "Modulo":
        return _computed(machine, lambda: a % b, node)
    if isinstance(a, int) and isinstance(b, int) and abs(a) + abs(b) > MAX_NUMBER:
        return machine.unknown(node)
    if isinstance(a, str | bytes) and isinstance(b, str | bytes) and len(a) + len(b) > MAX_LENGTH:
        return machine.unknown(node)
    for text, count in ((a, b), (b, a)):
        if isinstance(text, str | bytes) and isinstance(count, int) and len(text) * abs(count) > MAX_LENGTH:
            return machine.unknown(node)
    if name in ("Power", "LeftShift") and not (
        isinstance(b, int | float) and abs(b) < 64 and isinstance(a, int | float) and abs(a) < MAX_NUMBER
    ):
        return machine.unknown(node)
    if name not in ARITHMETIC:
        return machine.unknown(node)
    return _computed(machine, lambda: ARITHMETIC[name][1](a, b), node)


def _computed(machine: Machine, compute: Callable[[], Any], node: cst.CSTNode) -> Value:
    try:
        return Const(compute(), machine.mark(node))
    except Exception:  # whatever Python raises for these operands, the script would raise there too
        return machine.unknown(node)


def symbolic(name: str, left: Value, right: Value) -> Value:
    """Arithmetic with an unknown operand; sums with integers are kept in one normal form."""
    sign = ARITHMETIC.get(name, ("?", operator.add))[0]
    shown = f"{name_of(left)}{sign}{name_of(right)}" if name_of(left) and name_of(right) else ""
    default = _default(name, left, right)
    whole = sign in WHOLE_RESULTS and _is_whole(left) and _is_whole(right)
    if sign in "+-" and isinstance(left, Sym) and isinstance(right, Const) and isinstance(right.value, int):
        base, offset = split_sum(left)
        offset += right.value if sign == "+" else -right.value
        return Sym(("+", base, offset) if offset else base, shown, default, whole)
    if sign == "+" and isinstance(right, Sym) and isinstance(left, Const) and isinstance(left.value, int):
        return symbolic(name, right, left)
    if isinstance(right, Const) and right.value == 1 and sign in ("*", "/", "//", "**"):
        return left
    return Sym((sign, key_of(left), key_of(right)), shown, default, whole)


WHOLE_RESULTS = ("+", "-", "*", "//", "%")
"""Arithmetic that gives a whole number for two of them."""


def _is_whole(value: Value) -> bool:
    return value.whole if isinstance(value, Sym) else isinstance(value, Const) and type(value.value) is int


def split_sum(value: Sym) -> tuple[Any, int]:
    """A symbol as base key and integer offset."""
    key = value.key
    if isinstance(key, tuple) and len(key) == 3 and key[0] == "+" and isinstance(key[2], int):
        return key[1], key[2]
    return key, 0


def _default(name: str, left: Value, right: Value) -> Value | None:
    a = left.default if isinstance(left, Sym) else left
    b = right.default if isinstance(right, Sym) else right
    if isinstance(a, Const) and isinstance(b, Const) and name in ARITHMETIC:
        try:
            return Const(ARITHMETIC[name][1](a.value, b.value))
        except Exception:  # no default then
            return None
    return None


def unary(machine: Machine, name: str, value: Value, node: cst.CSTNode) -> Value:
    """`not x`, `-x`, `+x`, `~x`."""
    if name == "Not":
        return negate(machine, value)
    if isinstance(value, Choice):
        return join([(guards, unary(machine, name, item, node)) for guards, item in value.alternatives])
    if isinstance(value, Const):
        if name == "Minus" and isinstance(value.value, int | float):
            return Const(-value.value, machine.mark(node))
        return value if name == "Plus" else machine.unknown(node)
    if isinstance(value, Tensor):
        if name == "BitInvert":
            rows = value.encoding in ("one-hot", "soft")  # ones where there were none
            return replace(value, encoding=None, classes=None, key=None) if rows else value
        changed = None if value.quantity in ("probabilities", "log-probabilities") else value.quantity
        return replace(value, quantity=changed, fresh=False, encoding=None, classes=None)
    return Sym((name, key_of(value)))


def negate(machine: Machine, value: Value) -> Value:
    """`not x`, keeping the condition's key so that it is known again."""
    truth, key = machine.truth(value)
    if truth is not None:
        return Const(not truth)
    inner = value.default if isinstance(value, Sym) else None
    default = Const(not inner.value) if isinstance(inner, Const) else None
    if isinstance(key, tuple) and key and key[0] == "not":
        return Sym(key[1], default=default)
    return Sym(("not", key), default=default)


def both_defaults(left: Value, right: Value, conjunction: bool) -> Value | None:
    """The default of `left and right` (or `or`), where both have one."""
    a = left.default if isinstance(left, Sym) else left
    b = right.default if isinstance(right, Sym) else right
    if isinstance(a, Const) and isinstance(b, Const):
        return Const(bool(a.value and b.value) if conjunction else bool(a.value or b.value))
    return None


def compare(machine: Machine, name: str, left: Value, right: Value, node: cst.CSTNode) -> Value:
    """A single comparison."""
    if isinstance(left, Choice) and any(tensors.is_output(item) for _, item in left.alternatives):
        return machine.each(left, lambda item: compare(machine, name, item, right, node))
    if isinstance(left, Choice) or isinstance(right, Choice):
        results = [
            (guards, compare(machine, name, a, b, node)) for guards, (a, b) in combinations((left, right))
        ]
        return join(results) if results else machine.unknown(node)
    if name in ("Is", "IsNot"):
        return _identity(machine, name == "Is", left, right)
    if name in ("In", "NotIn"):
        return _membership(machine, name == "In", left, right)
    left, right = _of_dtype(left), _of_dtype(right)
    if isinstance(left, Const) and isinstance(right, Const):
        return _computed(machine, lambda: bool(COMPARISONS[name](left.value, right.value)), node)
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return comparisons.comparison(machine, name, left, right, node)
    if isinstance(left, Tuple) and isinstance(right, Tuple) and name in ("Equal", "NotEqual"):
        return _tuples(name, left, right)
    if _is_object(left) or _is_object(right):
        if name in ("Equal", "NotEqual") and not isinstance(left, Sym) and not isinstance(right, Sym):
            same = key_of(left) == key_of(right)
            perhaps = not same and _may_be_equal(left, right)
            return machine.unknown(node) if perhaps else Const(same is (name == "Equal"))
        return machine.unknown(node)
    return _symbols(name, left, right)


def _may_be_equal(left: Value, right: Value) -> bool:
    """Whether two objects may have equal contents."""
    if not isinstance(left, Instance) or not isinstance(right, Instance):
        return left == right
    return left.cls == right.cls and left.args == right.args


def _of_dtype(value: Value) -> Value:
    """The name of a dtype where a library's name is one, as the dtypes of tensors are written: torch.long."""
    name = creation.dtype_of(value) if isinstance(value, Api) and value.row is None else None
    return value if name is None else Const(name)


def _tuples(name: str, left: Tuple, right: Tuple) -> Value:
    same = all(isinstance(item, Const) for item in (*left.items, *right.items))
    if same:
        return Const((left == right) is (name == "Equal"))
    return Sym(("eq", key_of(left), key_of(right)))


def _is_object(value: Value) -> bool:
    """Whether a value is itself and no other; a library's name may stand for any value (`__version__`)."""
    return isinstance(value, Instance | Function | ClassValue) or (
        isinstance(value, Api) and value.row is not None
    )


MIRRORED = {
    "LessThan": "GreaterThan",
    "GreaterThan": "LessThan",
    "LessThanEqual": "GreaterThanEqual",
    "GreaterThanEqual": "LessThanEqual",
}


def _symbols(name: str, left: Value, right: Value) -> Value:
    mirrored = MIRRORED.get(name, name)
    turn = turns.compared(name, left, right)
    turn = turns.compared(mirrored, right, left) if turn is None else turn
    if turn is not None:
        return Const(turn)
    default = None
    a = left.default if isinstance(left, Sym) else left
    b = right.default if isinstance(right, Sym) else right
    if isinstance(a, Const) and isinstance(b, Const):
        try:
            default = Const(bool(COMPARISONS[name](a.value, b.value)))
        except TypeError:
            default = None
    if isinstance(left, Const):
        left, right = right, left
        name = mirrored
    first, second = key_of(left), key_of(right)
    if isinstance(right, Const) and name in ("Equal", "NotEqual"):
        first = _as_written(first, (right.value,))
    if first == second and name in ("Equal", "LessThanEqual", "GreaterThanEqual"):
        return Const(True)
    equal = ("eq", first, second)
    if name == "Equal":
        return Sym(equal, default=default)
    if name == "NotEqual":
        return Sym(("not", equal), default=default)
    if name == "LessThan":
        return Sym(("<", first, second), default=default)
    if name == "GreaterThanEqual":
        return Sym(("not", ("<", first, second)), default=default)
    if name == "LessThanEqual":
        return Sym(("not", ("<", second, first)), default=default)
    return Sym(("<", second, first), default=default)


SPELLINGS = ("lower", "upper", "casefold", "strip")
"""Methods of a text that give the same text in one spelling."""


def _as_written(text: Key, constants: Sequence[object]) -> Key:
    """The text whose spelling is compared with texts in that spelling: `x.lower() == "sgd"` asks of x."""
    while isinstance(text, tuple) and text[:1] == ("call",) and text[2:] == ((),):
        owner = text[1]
        if not isinstance(owner, tuple) or owner[:1] != ("attr",) or owner[2] not in SPELLINGS:
            return text
        if not all(isinstance(item, str) and getattr(item, owner[2])() == item for item in constants):
            return text
        text = owner[1]
    return text


def _identity(machine: Machine, positive: bool, left: Value, right: Value) -> Value:
    if _is_object(left) and _is_object(right):
        return Const((left is right or key_of(left) == key_of(right)) is positive)
    if isinstance(left, Const) and isinstance(right, Const):
        same = type(left.value) is type(right.value) and left.value == right.value
        return Const(same is positive)
    if isinstance(right, Const) and isinstance(left, Sym):
        default = None
        if isinstance(left.default, Const):
            default = Const((left.default.value is right.value) is positive)
        key = ("eq", left.key, key_of(right))
        return Sym(key if positive else ("not", key), default=default)
    if isinstance(right, Const) and not isinstance(left, Sym):
        return Const(not positive)
    return Sym(("is", key_of(left), key_of(right), positive))


def _membership(machine: Machine, positive: bool, left: Value, right: Value) -> Value:
    if isinstance(right, Instance) and right.cls == "dict":
        found = containers.dict_get(machine, right, left)
        if isinstance(left, Const) and not containers.is_open(machine, right):
            return Const((found is not None) is positive)
    if isinstance(left, Const) and isinstance(right, Const) and isinstance(right.value, str):
        return Const((str(left.value) in right.value) is positive)
    items = containers.items(machine, right)
    if items is not None and all(isinstance(item, Const) for item in items):
        constants = [item.value for item in items if isinstance(item, Const)]
        if isinstance(left, Const):
            return Const((left.value in constants) is positive)
        key = ("in", _as_written(key_of(left), constants), tuple(map(repr, constants)))
        default = None
        if isinstance(left, Sym) and isinstance(left.default, Const):
            default = Const((left.default.value in constants) is positive)
        return Sym(key if positive else ("not", key), default=default)
    if items and _is_object(left) and all(_is_object(item) for item in items):
        return Const((key_of(left) in map(key_of, items)) is positive)
    return Sym(("in", key_of(left), key_of(right), positive))
