"""Demonstrations of a wrong width or a wrong label encoding."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xlint import numerics
from xlint.demonstrations.measuring import (
    CLASSES,
    Demonstration,
    LossOfScores,
    Measure,
    clipped,
    exclusive,
    gradient_size,
    many_labels,
    measure,
    refused,
    share,
    two_outcomes,
)
from xlint.numerics import Floats


def single_unit_softmax() -> Demonstration:
    """Softmax over one unit into a binary cross-entropy."""
    scores, labels = two_outcomes()
    perfect = 2 * labels - 1
    right = measure(
        "sigmoid, binary cross-entropy",
        lambda x: numerics.binary_cross_entropy(labels, clipped(numerics.sigmoid(x))),
        scores,
        perfect,
        share((scores > 0) == labels),
    )
    wrong = measure(
        "softmax over one unit, binary cross-entropy",
        lambda x: numerics.binary_cross_entropy(labels, clipped(numerics.softmax(x))),
        scores,
        perfect,
        share((numerics.softmax(scores) > 0.5) == labels),
    )
    return Demonstration(
        "200 samples, one unit, labels 0/1 half and half; probabilities clipped to 1e-7 as Keras does",
        (right, wrong),
        "Softmax over one unit is 1 for every score: the gradient is 0 and every answer is 'true'.",
    )


def single_unit_categorical() -> Demonstration:
    """A softmax cross-entropy over one unit."""
    scores, labels = two_outcomes()
    perfect = 2 * labels - 1
    right = measure(
        "sigmoid cross-entropy with logits",
        lambda x: numerics.sigmoid_cross_entropy_with_logits(labels, x),
        scores,
        perfect,
        share((scores > 0) == labels),
    )
    wrong = measure(
        "softmax cross-entropy over one unit",
        lambda x: numerics.softmax_cross_entropy_with_logits(labels, x),
        scores,
        perfect,
        share(scores.argmax(axis=1) == labels[:, 0]),
    )
    sparse = refused(
        "sparse softmax cross-entropy over one unit",
        lambda: numerics.sparse_softmax_cross_entropy_with_logits(labels[:, 0].astype(int), scores),
    )
    return Demonstration(
        "200 samples, one unit, labels 0/1 half and half",
        (right, wrong, sparse),
        "The loss is 0 before anything was learned, and argmax over one unit is always class 0.",
    )


def argmax_single_unit() -> Demonstration:
    """Reading one unit by argmax."""
    scores, labels = two_outcomes()
    return Demonstration(
        "200 samples, one unit, labels 0/1 half and half",
        (
            Measure("score > 0", {"accuracy": share((scores > 0) == labels)}),
            Measure("argmax over the unit", {"accuracy": share(scores.argmax(axis=1) == labels[:, 0])}),
        ),
        "The largest of one number is always number 0: accuracy is the share of class 0 in the data.",
    )


def width_classes() -> Demonstration:
    """Fewer units than classes, or class indices on one unit."""
    scores, labels = exclusive()
    index = labels.astype(np.float64)[:, None]
    one_unit = scores[:, :1]
    right = measure(
        "5 units, sparse softmax cross-entropy",
        lambda x: numerics.sparse_softmax_cross_entropy_with_logits(labels, x),
        scores,
        numerics.one_hot(labels, CLASSES),
        share(scores.argmax(axis=1) == labels),
    )
    ids = measure(
        "1 unit, sigmoid cross-entropy of indices 0..4",
        lambda x: numerics.sigmoid_cross_entropy_with_logits(index, x),
        one_unit,
        np.where(index > 0, 1.0, -1.0),
        share((one_unit > 0) == index),
    )
    few = refused(
        "4 units, sparse softmax cross-entropy",
        lambda: numerics.sparse_softmax_cross_entropy_with_logits(labels, scores[:, :4]),
    )
    return Demonstration(
        "200 samples, class indices 0..4",
        (right, few, ids),
        "An index without a unit is refused (on a CPU); on one sigmoid, indices above 1 leave no floor.",
    )


def binary_loss_exclusive() -> Demonstration:
    """Exclusive classes, each unit asked on its own."""
    scores, labels = exclusive()
    rows = numerics.one_hot(labels, CLASSES)
    accuracy = share(scores.argmax(axis=1) == labels)
    right = measure(
        "softmax cross-entropy",
        lambda x: numerics.softmax_cross_entropy_with_logits(rows, x),
        scores,
        2 * rows - 1,
        accuracy,
    )
    binary = measure(
        "sigmoid cross-entropy on every unit",
        lambda x: numerics.multilabel_cross_entropy_with_logits(rows, x),
        scores,
        2 * rows - 1,
        accuracy,
    )
    right.values["sum of p"] = float(numerics.softmax(scores).sum(axis=1).mean())
    binary.values["sum of p"] = float(numerics.sigmoid(scores).sum(axis=1).mean())
    guess = share((numerics.softmax(0 * scores) > 0.5) == rows)
    return Demonstration(
        "200 samples, 5 exclusive classes as one-hot rows",
        (right, binary),
        "Both find the class; the sigmoids' probabilities do not sum to 1, and the gradient is smaller. "
        f"Element-wise accuracy would call a uniform guess {guess:.2f}.",
    )


def softmax_binary_loss() -> Demonstration:
    """Softmax into a binary cross-entropy."""
    scores, labels = exclusive()
    rows = numerics.one_hot(labels, CLASSES)
    accuracy = share(scores.argmax(axis=1) == labels)
    ways: list[tuple[str, LossOfScores]] = [
        ("softmax cross-entropy", lambda x: numerics.softmax_cross_entropy_with_logits(rows, x)),
        (
            "softmax, binary cross-entropy",
            lambda x: numerics.multilabel_cross_entropy(rows, numerics.softmax(x)),
        ),
        (
            "softmax, sigmoid cross-entropy with logits",
            lambda x: numerics.multilabel_cross_entropy_with_logits(rows, numerics.softmax(x)),
        ),
    ]
    return Demonstration(
        "200 samples, 5 exclusive classes as one-hot rows",
        tuple(measure(label, loss, scores, 2 * rows - 1, accuracy) for label, loss in ways),
        "On probabilities it is another loss with smaller gradients; with logits it cannot reach 0.",
    )


def multilabel_softmax() -> Demonstration:
    """Several labels at once under softmax."""
    scores, labels = many_labels()
    right = measure(
        "sigmoid cross-entropy on every unit",
        lambda x: numerics.multilabel_cross_entropy_with_logits(labels, x),
        scores,
        2 * labels - 1,
        share((scores > 0) == labels),
    )
    wrong = measure(
        "softmax cross-entropy",
        lambda x: numerics.softmax_cross_entropy_with_logits(labels, x),
        scores,
        2 * labels - 1,
        share((numerics.softmax(scores) > 0.5) == labels),
    )
    return Demonstration(
        "200 samples, 5 labels of which any number is true; accuracy label by label",
        (right, wrong),
        "Softmax shares 1 among the true labels: right answers still cost, and few labels get past 0.5.",
    )


def two_unit_binary_labels() -> Demonstration:
    """Two units against one 0/1 column."""
    scores, labels = two_outcomes()
    pair = np.hstack([0 * scores, scores])
    index = labels[:, 0].astype(np.int64)
    perfect = 2 * labels - 1
    return Demonstration(
        "200 samples, labels 0/1",
        (
            measure(
                "1 unit, sigmoid cross-entropy",
                lambda x: numerics.sigmoid_cross_entropy_with_logits(labels, x),
                scores,
                perfect,
                share((scores > 0) == labels),
            ),
            measure(
                "2 units, sparse softmax cross-entropy",
                lambda x: numerics.sparse_softmax_cross_entropy_with_logits(index, x),
                pair,
                np.hstack([-perfect, perfect]),
                share(pair.argmax(axis=1) == index),
            ),
            refused(
                "2 units, sigmoid cross-entropy",
                lambda: numerics.sigmoid_cross_entropy_with_logits(labels, pair),
            ),
        ),
        "One unit with a binary loss, or two with a categorical one: the same number. Mixed, nothing fits.",
    )


def sparse_loss_onehot() -> Demonstration:
    """Index and one-hot rows are one thing to the right helper."""
    scores, labels = exclusive()
    rows = numerics.one_hot(labels, CLASSES)
    accuracy = share(scores.argmax(axis=1) == labels)
    return Demonstration(
        "200 samples, 5 exclusive classes",
        (
            measure(
                "softmax cross-entropy, one-hot rows",
                lambda x: numerics.softmax_cross_entropy_with_logits(rows, x),
                scores,
                rows,
                accuracy,
            ),
            measure(
                "sparse softmax cross-entropy, indices",
                lambda x: numerics.sparse_softmax_cross_entropy_with_logits(labels, x),
                scores,
                rows,
                accuracy,
            ),
            refused(
                "sparse softmax cross-entropy, one-hot rows",
                lambda: numerics.sparse_softmax_cross_entropy_with_logits(rows.astype(np.int64), scores),
            ),
        ),
        "The number is the same to the last digits; only the way of writing the labels must fit the name.",
    )


def onehot_loss_sparse() -> Demonstration:
    """Class indices broadcast against rows, as TensorFlow does with (N, 1)."""
    scores, labels = exclusive()
    rows = numerics.one_hot(labels, CLASSES)
    spread = np.broadcast_to(labels[:, None].astype(np.float64), scores.shape)
    return Demonstration(
        "200 samples, 5 exclusive classes",
        (
            measure(
                "softmax cross-entropy, one-hot rows",
                lambda x: numerics.softmax_cross_entropy_with_logits(rows, x),
                scores,
                rows,
                share(scores.argmax(axis=1) == labels),
            ),
            refused(
                "softmax cross-entropy, indices (N,)",
                lambda: numerics.softmax_cross_entropy_with_logits(labels, scores),
            ),
            measure(
                "the same, indices (N, 1) broadcast to (N, 5)",
                lambda x: numerics.softmax_cross_entropy_with_logits(spread, x),
                scores,
                rows,
            ),
        ),
        "Broadcast, the index becomes the weight of every class alike: the best answer is to prefer none.",
    )


def label_dtype() -> Demonstration:
    """Class indices as real numbers."""
    scores, labels = exclusive()
    fractions = labels + 0.7
    cut = fractions.astype(np.int64)
    return Demonstration(
        "200 samples, class indices 0..4",
        (
            Measure(
                "integers",
                {"loss": float(numerics.sparse_softmax_cross_entropy_with_logits(labels, scores).mean())},
            ),
            refused(
                "real numbers (label + 0.7)",
                lambda: numerics.sparse_softmax_cross_entropy_with_logits(fractions, scores),
            ),
            Measure(
                "the same, fraction cut off",
                {"loss": float(numerics.sparse_softmax_cross_entropy_with_logits(cut, scores).mean())},
            ),
        ),
        "Where a framework cuts the fraction off instead of refusing it, 1.7 silently counts as class 1.",
    )


def label_shape() -> Demonstration:
    """(N, 1) against (N,): every prediction with every label."""
    random = np.random.default_rng(0)
    targets = random.normal(size=200)
    good = targets[:, None] + 0.1 * random.normal(size=(200, 1))
    mean = np.full((200, 1), targets.mean())

    def values(compute: Callable[[Floats], Floats]) -> dict[str, float | str]:
        return {
            "loss": float(compute(good).mean()),
            "loss of the mean": float(compute(mean).mean()),
            "gradient": gradient_size(compute, good),
        }

    return Demonstration(
        "200 samples, squared error, an output (N, 1) that is right but for a little noise",
        (
            Measure("labels (N, 1)", values(lambda x: (x - targets[:, None]) ** 2)),
            Measure("labels (N,), broadcast to (N, N)", values(lambda x: (x - targets) ** 2)),
        ),
        "Broadcast, answering the mean everywhere is better than being right.",
    )
