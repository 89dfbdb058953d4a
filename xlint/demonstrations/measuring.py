"""The data of the demonstrations, and what is measured on them: loss, gradient, floor, accuracy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xlint import numerics
from xlint.numerics import Floats, Indices

CLASSES = 5
CLIP = 1e-7
"""Keras clips probabilities to [CLIP, 1 - CLIP] before it takes the logarithm."""

LossOfScores = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to compute: its name, and the numbers by heading (loss, gradient, floor, accuracy, …)."""

    label: str
    values: dict[str, float | str]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What was computed on which data, the measures (the right way first), and what to see in them."""

    setting: str
    measures: tuple[Measure, ...]
    remark: str


def exclusive() -> tuple[Floats, Indices]:
    """Scores (200, 5) of a model that is right most of the time, and class indices (200,)."""
    random = np.random.default_rng(0)
    labels = np.arange(200) % CLASSES
    return 2 * numerics.one_hot(labels, CLASSES) + random.normal(size=(200, CLASSES)), labels


def two_outcomes() -> tuple[Floats, Floats]:
    """Scores (200, 1) of a model that is right most of the time, and 0/1 labels (200, 1), half of them 1."""
    random = np.random.default_rng(0)
    labels = (np.arange(200) % 2).astype(np.float64)[:, None]
    return 2 * (2 * labels - 1) + 1.5 * random.normal(size=(200, 1)), labels


def many_labels() -> tuple[Floats, Floats]:
    """Scores (200, 5) and multi-hot labels (200, 5), every pattern of labels about equally often."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, size=(200, CLASSES)).astype(np.float64)
    return 2 * (2 * labels - 1) + 1.5 * random.normal(size=(200, CLASSES)), labels


def gradient_size(loss: LossOfScores, scores: Floats) -> float:
    """Euclidean norm of the gradient of the mean loss by the scores, by central differences."""
    step = 1e-5
    slopes = np.zeros(scores.shape)
    for place in np.ndindex(scores.shape):
        moved = np.zeros(scores.shape)
        moved[place] = step
        slopes[place] = (np.mean(loss(scores + moved)) - np.mean(loss(scores - moved))) / (2 * step)
    return float(np.sqrt((slopes**2).sum()))


def floor(loss: LossOfScores, perfect: Floats) -> float:
    """The lowest mean loss along `perfect`, the direction of the right answers, followed far both ways.

    Minus infinity where the loss keeps falling.
    """
    near = min(float(np.mean(loss(size * perfect))) for size in (-50.0, 1e-9, 50.0))
    far = min(float(np.mean(loss(size * perfect))) for size in (-500.0, 500.0))
    return -np.inf if far < near - 1 else min(near, far)


def measure(
    label: str, loss: LossOfScores, scores: Floats, perfect: Floats, accuracy: float | None = None
) -> Measure:
    """Loss, gradient and floor of one way to compute, and the accuracy of its answers if given."""
    values: dict[str, float | str] = {
        "loss": float(np.mean(loss(scores))),
        "gradient": gradient_size(loss, scores),
        "floor": floor(loss, perfect),
    }
    if accuracy is not None:
        values["accuracy"] = accuracy
    return Measure(label, values)


def refused(label: str, compute: Callable[[], Floats]) -> Measure:
    """A measure for what must raise: the words of the error."""
    try:
        compute()
    except ValueError as error:
        return Measure(label, {"loss": f"refused: {error}"})
    raise AssertionError(f"{label} was expected to raise")


def share(right: Floats | np.ndarray) -> float:
    """The share of true entries."""
    return float(np.mean(right))


def clipped(probabilities: Floats) -> Floats:
    """Probabilities as Keras clips them before the logarithm."""
    return np.clip(probabilities, CLIP, 1 - CLIP)
