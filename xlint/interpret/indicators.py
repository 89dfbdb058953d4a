"""Where one array equals one number after another: such truth values, stacked, are one-hot rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xlint.interpret import loops
from xlint.interpret.values import Dim, Key, Sym, Tensor


def stacked(parts: Sequence[Tensor], made: Tensor, axis: int, counted: bool) -> Tensor:
    """What `made` is, where it stacks such truth values along `axis`; anything else as it is.

    `counted` tells whether the parts are all of them; else one part stands for an unknown number.
    Numbers that leave some out make rows without a one, which is another encoding.
    """
    sides = [_sides(part.key) for part in parts]
    first = sides[0]
    if made.encoding == "multi-hot" and None in sides and _of_one_array(parts):
        return replace(made, encoding=None, classes=None)  # one may be true just where the other is not
    if first is None or any(side is None or side[0] != first[0] for side in sides):
        return made
    others = [side[1] for side in sides if side is not None]
    if len(others) == 1 and _number(others[0]) is not None:
        return made  # the same number for all of them: what differs is the array
    classes = _counted_up(others) if counted else _all_of_range(others)
    if classes is None:
        return replace(made, encoding=None, classes=None)
    shape = made.shape
    if shape is not None and -len(shape) <= axis < len(shape):
        place = axis % len(shape)
        shape = (*shape[:place], classes, *shape[place + 1 :])
    made = replace(made, encoding="one-hot", classes=classes, certain=True, width=classes, class_axis=axis)
    return replace(made, shape=shape, origin="labels", key=None, evidence=parts[0].evidence)


def _of_one_array(parts: Sequence[Tensor]) -> bool:
    """Whether two of several truth values ask something of the same array."""
    keys = [part.key for part in parts]
    asked = [key[-2:] if isinstance(key, tuple) and key[:1] == ("compare",) else () for key in keys]
    arrays = [{side for side in pair if _number(side) is None} for pair in asked]
    return any(
        loops.holds(key, array) for place, key in enumerate(keys) for array in set().union(*arrays[:place])
    )


def _sides(key: Key) -> tuple[Key, Key] | None:
    """What is compared in `x == n`, the array first; None for anything else."""
    equal = isinstance(key, tuple) and (key[:2] == ("compare", "Equal") or key[:1] == ("eq",))
    if not isinstance(key, tuple) or not equal:
        return None
    left, right = key[-2:]
    return (right, left) if _number(left) is not None else (left, right)


def _number(key: Key) -> float | None:
    """The number that a key stands for, or None."""
    if isinstance(key, tuple) and key[:1] == ("const",) and isinstance(key[2], int | float):
        return float(key[2])
    return None


def _counted_up(keys: Sequence[Key]) -> int | None:
    """How many numbers there are, where they count up from 0."""
    numbers = [_number(key) for key in keys]
    return len(numbers) if len(numbers) > 1 and numbers == list(range(len(numbers))) else None


def _all_of_range(keys: Sequence[Key]) -> Dim:
    """The end of `range(n)`, where one of its numbers stands for all; None for anything else."""
    (key,) = keys if len(keys) == 1 else (None,)
    if not isinstance(key, tuple) or key[:1] != ("range",) or len(key) != 3 or len(key[2]) != 1:
        return None
    end = key[2][0]
    number = _number(end)
    return int(number) if number is not None else Sym(end)
