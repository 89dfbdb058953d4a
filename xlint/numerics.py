"""The one cross-entropy H(P, Q) = -sum_i P(X=i) log Q(X=i), under each of its names, in numpy.

A reference to compute with and to test against, not a framework: every helper returns one loss for each
sample (or each unit) in nats (natural logarithm) and reduces nothing over samples.

P, the targets, comes as class indices, as rows of probabilities (one-hot is the special case), or as the
probability of "true". Q, the model's output, comes as probabilities, as scores (logits, whose softmax or
sigmoid is Q), or as log-probabilities. Where Q comes as scores, nothing here takes the logarithm of an
activation: `log sum exp` is computed after subtracting the maximum, and
`sigmoid_cross_entropy_with_logits` uses max(x, 0) - x z + log(1 + exp(-|x|)), so that losses and gradients
stay finite for every finite score. Floating-point input keeps its precision (float32 stays float32); anything
else is computed in float64. Every function raises ValueError for shapes that do not fit.

Sources: the table of the project's design; TensorFlow's documentation of
`tf.nn.sigmoid_cross_entropy_with_logits` for the stable form; PyTorch's documentation of `NLLLoss`,
`KLDivLoss` and `MultiLabelSoftMarginLoss` for theirs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.integer[Any]]


# ---------------------------------------------------------------- activations


def sigmoid(logits: ArrayLike) -> Floats:
    """1 / (1 + exp(-x)) for scores of any shape, without overflow."""
    x = _floats(logits)
    small = np.exp(-np.abs(x))
    return _as(np.where(x >= 0, 1 / (1 + small), small / (1 + small)), x)


def log_sigmoid(logits: ArrayLike) -> Floats:
    """log(sigmoid(x)) for scores of any shape; finite for every finite score."""
    x = _floats(logits)
    return _as(np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))), x)


def softmax(logits: ArrayLike, axis: int = -1) -> Floats:
    """exp(x) / sum exp(x) along `axis`, same shape; each slice sums to 1."""
    x = _floats(logits)
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return _as(powers / powers.sum(axis=axis, keepdims=True), x)


def log_softmax(logits: ArrayLike, axis: int = -1) -> Floats:
    """log(softmax(x)) along `axis`, same shape; finite for every finite score."""
    x = _floats(logits)
    shifted = x - x.max(axis=axis, keepdims=True)
    return _as(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)), x)


def one_hot(labels: ArrayLike, classes: int) -> Floats:
    """Rows of float64 zeros with a one at each class index: (...) to (..., classes)."""
    index = _indices(labels, classes)
    return np.eye(classes)[index]


# ---------------------------------------------------------------- the six helpers


def binary_cross_entropy(targets: ArrayLike, probabilities: ArrayLike) -> Floats:
    """Two outcomes, Q as a probability: -[p log q + (1 - p) log(1 - q)].

    `targets` p: the probability of "true" in [0, 1], hard (0 or 1) or soft, any shape;
    `probabilities` q: the same shape, in [0, 1]. Returns that shape. Infinite where q is certain and wrong.
    Keras `binary_crossentropy`, PyTorch `BCELoss` (which both clip the infinity).
    """
    p, q = _same_shape(targets, probabilities)
    _check_probabilities(q)
    return _as(-(_times_log(p, q) + _times_log(1 - p, 1 - q)), q)


def categorical_cross_entropy(targets: ArrayLike, probabilities: ArrayLike) -> Floats:
    """More than two outcomes, Q as probabilities, P as rows: -sum_i p_i log q_i.

    `targets`: rows (..., K) that sum to 1, one-hot or soft; `probabilities`: the same shape.
    Returns (...). Keras `categorical_crossentropy`.
    """
    p, q = _same_shape(targets, probabilities)
    _check_probabilities(q)
    return _as(-_times_log(p, q).sum(axis=-1), q)


def sparse_categorical_cross_entropy(labels: ArrayLike, probabilities: ArrayLike) -> Floats:
    """More than two outcomes, Q as probabilities, P as class indices: -log q_label.

    `labels`: integers (...) in 0..K-1; `probabilities`: (..., K). Returns (...).
    Keras `sparse_categorical_crossentropy`.
    """
    q = _floats(probabilities)
    _check_probabilities(q)
    with np.errstate(divide="ignore"):
        return _as(-np.log(_at_label(q, labels)), q)


def sigmoid_cross_entropy_with_logits(targets: ArrayLike, logits: ArrayLike) -> Floats:
    """Two outcomes, Q as a score: the binary cross-entropy of sigmoid(x), from x itself.

    `targets` z: the probability of "true", hard or soft, any shape; `logits` x: the same shape. Returns that
    shape: max(x, 0) - x z + log(1 + exp(-|x|)). Targets outside [0, 1] are not refused, as no framework
    refuses them; the loss then has no lower bound.
    TensorFlow `sigmoid_cross_entropy_with_logits`, PyTorch `BCEWithLogitsLoss`, Keras
    `BinaryCrossentropy(from_logits=True)`.
    """
    z, x = _same_shape(targets, logits)
    return _as(np.maximum(x, 0) - x * z + np.log1p(np.exp(-np.abs(x))), x)


def softmax_cross_entropy_with_logits(targets: ArrayLike, logits: ArrayLike) -> Floats:
    """More than two outcomes, Q as scores, P as rows: -sum_i p_i log softmax(x)_i.

    `targets`: rows (..., K), one-hot or soft; `logits`: the same shape. Returns (...).
    TensorFlow `softmax_cross_entropy_with_logits`, PyTorch `CrossEntropyLoss` with float rows, Keras
    `CategoricalCrossentropy(from_logits=True)`.
    """
    p, x = _same_shape(targets, logits)
    return _as(-(p * log_softmax(x)).sum(axis=-1), x)


def sparse_softmax_cross_entropy_with_logits(labels: ArrayLike, logits: ArrayLike) -> Floats:
    """More than two outcomes, Q as scores, P as class indices: -log softmax(x)_label.

    `labels`: integers (...) in 0..K-1; `logits`: (..., K). Returns (...).
    TensorFlow `sparse_softmax_cross_entropy_with_logits`, PyTorch `CrossEntropyLoss` with indices, Keras
    `SparseCategoricalCrossentropy(from_logits=True)`.
    """
    x = _floats(logits)
    return _as(-_at_label(log_softmax(x), labels), x)


# ---------------------------------------------------------------- log-probabilities


def negative_log_likelihood(labels: ArrayLike, log_probabilities: ArrayLike) -> Floats:
    """Q as log-probabilities, P as class indices: minus the number that stands at the label.

    `labels`: integers (...) in 0..K-1; `log_probabilities`: (..., K). Returns (...). As PyTorch's `NLLLoss`
    it takes no logarithm and checks nothing: other numbers than log-probabilities give another loss.
    """
    q = _floats(log_probabilities)
    return _as(-_at_label(q, labels), q)


def kl_divergence(targets: ArrayLike, log_probabilities: ArrayLike) -> Floats:
    """Q as log-probabilities, P as rows: sum_i p_i (log p_i - log q_i), which is H(P, Q) - H(P).

    `targets`: rows (..., K) of probabilities; `log_probabilities`: the same shape. Returns (...).
    PyTorch `KLDivLoss(reduction="batchmean")` is its mean; Keras' `KLDivergence` takes probabilities on
    both sides.
    """
    p, q = _same_shape(targets, log_probabilities)
    return _as((_times_log(p, p) - p * q).sum(axis=-1), q)


def entropy(targets: ArrayLike) -> Floats:
    """H(P) = -sum_i p_i log p_i of rows (..., K), the floor of every cross-entropy with these targets."""
    p = _floats(targets)
    return _as(-_times_log(p, p).sum(axis=-1), p)


# ---------------------------------------------------------------- several labels true at once


def multilabel_cross_entropy(targets: ArrayLike, probabilities: ArrayLike) -> Floats:
    """One yes-or-no question a unit, Q as probabilities: the mean binary cross-entropy over the units.

    `targets`: multi-hot rows (..., K), which need not sum to 1; `probabilities`: the same shape.
    Returns (...). Keras `binary_crossentropy` on sigmoid units.
    """
    return _over_units(binary_cross_entropy(targets, probabilities))


def multilabel_cross_entropy_with_logits(targets: ArrayLike, logits: ArrayLike) -> Floats:
    """One yes-or-no question a unit, Q as scores: the mean over the units, from the scores themselves.

    `targets`: multi-hot rows (..., K); `logits`: the same shape. Returns (...).
    PyTorch `MultiLabelSoftMarginLoss`, and `BCEWithLogitsLoss` before its mean over the batch.
    """
    return _over_units(sigmoid_cross_entropy_with_logits(targets, logits))


# ---------------------------------------------------------------- inner parts


def _floats(values: ArrayLike) -> Floats:
    """The values as an array of their own floating-point type, or of float64."""
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.floating):
        array = array.astype(np.float64)
    return array


def _as(values: Any, like: Floats) -> Floats:
    """The result in the precision of the input."""
    return np.asarray(values, dtype=like.dtype)


def _same_shape(targets: ArrayLike, output: ArrayLike) -> tuple[Floats, Floats]:
    """Targets and output as floats of the output's precision; raises ValueError if the shapes differ."""
    q = _floats(output)
    p = _as(_floats(targets), q)
    if p.shape != q.shape:
        raise ValueError(f"targets have shape {p.shape}, the output has shape {q.shape}")
    return p, q


def _indices(labels: ArrayLike, classes: int) -> Indices:
    """Class indices as integers; raises ValueError for fractions and for indices out of range."""
    index = np.asarray(labels)
    if not np.issubdtype(index.dtype, np.integer):
        raise ValueError(f"class indices must be integers, not {index.dtype}")
    if index.size and (index.min() < 0 or index.max() >= classes):
        raise ValueError(f"class indices must lie in 0..{classes - 1}")
    return index


def _at_label(rows: Floats, labels: ArrayLike) -> Floats:
    """The entry of each row (..., K) at its label (...)."""
    index = _indices(labels, rows.shape[-1])
    if index.shape != rows.shape[:-1]:
        raise ValueError(f"labels have shape {index.shape}, the output has shape {rows.shape}")
    return np.take_along_axis(rows, index[..., None], axis=-1)[..., 0]


def _times_log(p: Floats, q: Floats) -> Floats:
    """p log q, with 0 log 0 = 0 as the entropy defines it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p == 0, 0.0, p * np.log(q))


def _check_probabilities(q: Floats) -> None:
    """Raises ValueError where a number is no probability; scores belong into the *_with_logits helpers."""
    if q.size and not (q.min() >= 0 and q.max() <= 1):
        raise ValueError("probabilities must lie in 0..1; for scores use the helper with logits")


def _over_units(losses: Floats) -> Floats:
    """The mean over the last axis."""
    if losses.ndim == 0:
        raise ValueError("multi-label targets need an axis of units")
    return _as(losses.mean(axis=-1), losses)
