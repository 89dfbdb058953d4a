"""Numbers drawn at random: the range they come from, and what arithmetic makes of it.

Their keys are ("uniform", identity, lowest, highest) and ("normal", identity, mean, deviation).
"""

from __future__ import annotations

from dataclasses import replace

from xlint.interpret.values import Key, Tensor

LITTLE_NOISE = 0.3
"""Normal noise of at most this deviation leaves labels of 0 and 1 on their sides."""


def _ends(key: Key, kind: str) -> tuple[float, float] | None:
    """The two numbers that describe draws of a kind, where both are known."""
    if not isinstance(key, tuple) or len(key) != 4 or key[0] != kind or None in key[2:]:
        return None
    return key[2], key[3]


def is_small_noise(key: Key) -> bool:
    """Whether draws are from a narrow normal distribution around 0."""
    known = _ends(key, "normal")
    return known is not None and abs(known[0]) <= LITTLE_NOISE and abs(known[1]) <= LITTLE_NOISE


def is_narrow(key: Key) -> bool:
    """Whether draws are from a range around 0 or around 1, as smoothed labels are: `uniform(0.8, 1.2)`."""
    known = _ends(key, "uniform")
    return known is not None and (-0.5 <= known[0] <= known[1] <= 0.5 or 0.5 <= known[0] <= known[1] <= 1.5)


def changed(key: Key, name: str, number: float, swapped: bool) -> Key:
    """What draws become by arithmetic with a number, which stands first where `swapped`."""
    computed = _COMPUTED.get(name)
    for kind in ("uniform", "normal"):
        ends = _ends(key, kind)
        if ends is None or computed is None or not isinstance(key, tuple):
            continue
        first, second = ((computed(number, end) if swapped else computed(end, number)) for end in ends)
        if kind == "normal":
            second = ends[1] * (number if name == "Multiply" else 1)
        low, high = (first, second) if kind == "normal" else sorted((first, second))
        return (kind, (key[1], name, number, swapped), low, high)
    return None


_COMPUTED = {
    "Add": lambda first, second: first + second,
    "Subtract": lambda first, second: first - second,
    "Multiply": lambda first, second: first * second,
}


def moved(name: str, first: Tensor, second: Tensor) -> Tensor | None:
    """Uniform draws that a number moves or stretches, as in `1 - 0.1 * rand(n)`; None for anything else."""
    for draws, other in ((first, second), (second, first)):
        alone = other.value is not None and other.shape == ()
        if draws.encoding is None and alone and _ends(draws.key, "uniform") is not None:
            key = changed(draws.key, name, other.value or 0.0, swapped=other is first)
            return None if key is None else replace(draws, key=key)
    return None
