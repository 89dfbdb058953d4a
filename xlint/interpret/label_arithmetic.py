"""Arithmetic with labels: what they encode behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from xlint.interpret import drawn, operators
from xlint.interpret.values import Const, Dim, Sym, Tensor, Value


def of_labels(main: Tensor, other: Tensor, name: str, shape: Any, swapped: bool) -> Tensor:
    """What labels (`main`) are behind an operation with something else; `swapped` where they stand second."""
    number = other.value
    changed = replace(main, shape=shape, value=None, key=None, certain=False)
    if main.encoding == "continuous" and other.encoding == "binary" and name in ("Add", "Subtract"):
        if drawn.is_small_noise(main.key) and (name == "Add" or swapped):
            return replace(other, shape=shape, dtype="float32", value=None, key=None, certain=False)
        return replace(changed, encoding=None)  # noisy 0/1 labels, or real numbers moved by one
    if main.encoding == "continuous":
        if name == "Multiply" and number is not None:
            return replace(changed, key=drawn.changed(main.key, name, number, swapped))
        return replace(changed, encoding=None) if name == "Divide" and number is None else changed
    if main.encoding in ("one-hot", "soft", "multi-hot"):
        turned = name == "Subtract" and swapped  # ones where there were none
        both = name == "Add" and main.encoding == other.encoding == "one-hot"  # two ones in a row
        soft = "soft" if main.encoding != "multi-hot" and not turned and not both else None
        same = other.encoding in ("one-hot", "soft", None) and (other.shape in ((), None) or other.encoding)
        if name in ("Add", "Multiply", "Subtract", "Divide") and same and number not in (255.0, 255):
            return replace(changed, encoding=soft, dtype="float32")
        return replace(changed, encoding=None)
    if number == 1 and name in ("Multiply", "Divide") and not (swapped and name == "Divide"):
        return replace(main, shape=shape)
    two = main.encoding == "index" and main.classes == 2 and name == "Multiply"
    if (two or main.encoding == "binary") and _stays_binary(other, name, swapped):
        return replace(changed, encoding="binary", dtype="float32")
    if main.encoding == "index" and name in ("Add", "Subtract") and isinstance(number, float) and not swapped:
        step = int(number) if name == "Add" else -int(number)
        classes = main.classes + step if isinstance(main.classes, int) else _shift(main.classes, step)
        return replace(changed, classes=classes, certain=main.certain)
    if main.encoding == "index" and name == "Divide" and not swapped and number is not None and number > 1:
        real = isinstance(main.classes, int) and main.classes > 2  # 1 / number is a fraction
        return replace(changed, encoding="continuous" if real else None, classes=None)
    value = _filled(main.value, number, name, swapped)
    if value in (0.0, 1.0):
        return replace(changed, encoding="binary", classes=2, value=value)
    return replace(changed, encoding=None, classes=None, value=value)


def _filled(value: float | None, number: float | None, name: str, swapped: bool) -> float | None:
    """What an array that holds one number everywhere holds behind an operation with another."""
    if value is None or number is None:
        return None
    if name == "Multiply":
        return value * number
    if name == "Add":
        return value + number
    return (number - value if swapped else value - number) if name == "Subtract" else None


def of_one_place(value: Value) -> Value:
    """What stands at a place that something was added to: a count, or a part of a mix, no label of 0 or 1."""
    if not isinstance(value, Tensor) or value.encoding != "binary":
        return value
    return replace(value, encoding=None, classes=None, value=None)


def remainder(value: Tensor, divisor: Tensor, shape: Any) -> Tensor | None:
    """Whole numbers modulo n: one of n classes; None where the numbers need not be whole."""
    count = divisor.value
    place = isinstance(value.key, tuple) and value.key[:1] == ("index",)
    whole = value.encoding == "index" or str(value.dtype).startswith(("int", "uint")) or place
    if not whole or count is None or count != int(count) or count < 2 or value.quantity is not None:
        return None
    return Tensor(
        shape=shape,
        encoding="index",
        classes=int(count),
        dtype="int64",
        origin="labels",
        evidence=value.evidence,
    )


def _stays_binary(other: Tensor, name: str, swapped: bool) -> bool:
    """Whether a 0/1 column stays one: turned around, or smoothed by a factor, a small step or noise."""
    number = other.value
    if name == "Subtract" and swapped:
        return number == 1
    if name == "Multiply":
        return number is not None and 0 < number <= 1
    noise = (other.origin == "features" and other.encoding is None) or drawn.is_small_noise(other.key)
    return name in ("Add", "Subtract") and (noise or (number is not None and abs(number) < 1))


def _shift(classes: Dim, step: int) -> Dim:
    if not isinstance(classes, Sym):
        return None
    result = operators.symbolic("Add", classes, Const(step))
    return result if isinstance(result, Sym) else None
