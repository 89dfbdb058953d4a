"""Demonstrations of an activation that does not fit the loss."""

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
    measure,
    share,
    two_outcomes,
)
from xlint.numerics import Floats


def double_softmax() -> Demonstration:
    """An activation applied twice: softmax over five classes, sigmoid on one unit."""
    scores, labels = exclusive()
    rows = numerics.one_hot(labels, CLASSES)
    unit_scores, unit_labels = two_outcomes()
    accuracy = share(scores.argmax(axis=1) == labels)
    return Demonstration(
        "200 samples; 5 exclusive classes, then 0/1 labels half and half",
        (
            measure(
                "softmax once",
                lambda x: numerics.softmax_cross_entropy_with_logits(rows, x),
                scores,
                rows,
                accuracy,
            ),
            measure(
                "softmax twice",
                lambda x: numerics.softmax_cross_entropy_with_logits(rows, numerics.softmax(x)),
                scores,
                rows,
                accuracy,
            ),
            measure(
                "sigmoid once",
                lambda x: numerics.sigmoid_cross_entropy_with_logits(unit_labels, x),
                unit_scores,
                2 * unit_labels - 1,
                share((unit_scores > 0) == unit_labels),
            ),
            measure(
                "sigmoid twice",
                lambda x: numerics.sigmoid_cross_entropy_with_logits(unit_labels, numerics.sigmoid(x)),
                unit_scores,
                2 * unit_labels - 1,
                share((numerics.sigmoid(numerics.sigmoid(unit_scores)) > 0.5) == unit_labels),
            ),
        ),
        "The floor is above 0, the gradient small. Argmax hides it; sigmoid of sigmoid is always above 0.5.",
    )


def missing_activation() -> Demonstration:
    """Scores where probabilities belong, clipped and divided as Keras does."""
    scores, labels = two_outcomes()
    many, index = exclusive()
    rows = numerics.one_hot(index, CLASSES)
    perfect = 2 * labels - 1

    def divided(x: Floats) -> Floats:
        return clipped(x / x.sum(axis=1, keepdims=True))

    return Demonstration(
        "200 samples; as Keras does, scores are divided by their sum (5 classes only) and clipped to 1e-7",
        (
            measure(
                "1 unit, from_logits=True",
                lambda x: numerics.sigmoid_cross_entropy_with_logits(labels, x),
                scores,
                perfect,
                share((scores > 0) == labels),
            ),
            measure(
                "1 unit, scores taken for probabilities",
                lambda x: numerics.binary_cross_entropy(labels, clipped(x)),
                scores,
                perfect,
                share((scores > 0.5) == labels),
            ),
            measure(
                "5 units, from_logits=True",
                lambda x: numerics.softmax_cross_entropy_with_logits(rows, x),
                many,
                rows,
                share(many.argmax(axis=1) == index),
            ),
            measure(
                "5 units, scores taken for probabilities",
                lambda x: numerics.categorical_cross_entropy(rows, divided(x)),
                many,
                rows,
                share(many.argmax(axis=1) == index),
            ),
        ),
        f"Of the single scores {share((scores <= 0) | (scores >= 1)):.0%} lie outside 0..1, where the "
        "clipped loss has no gradient: those samples teach nothing.",
    )


def wrong_activation() -> Demonstration:
    """relu and tanh before a sigmoid cross-entropy with logits."""
    scores, labels = two_outcomes()
    perfect = 2 * labels - 1
    ways: list[tuple[str, Callable[[Floats], Floats]]] = [
        ("raw scores", lambda x: x),
        ("relu first", lambda x: np.maximum(x, 0)),
        ("tanh first", np.tanh),
    ]
    measures = []
    for label, activation in ways:

        def loss(x: Floats, activation: Callable[[Floats], Floats] = activation) -> Floats:
            return numerics.sigmoid_cross_entropy_with_logits(labels, activation(x))

        one = measure(
            label,
            loss,
            scores,
            perfect,
            share((activation(scores) > 0) == labels),
        )
        chances = numerics.sigmoid(activation(100 * scores))
        one.values["p between"] = f"{chances.min():.2f} and {chances.max():.2f}"
        measures.append(one)
    return Demonstration(
        "200 samples, one unit, sigmoid cross-entropy with logits",
        tuple(measures),
        "After relu no probability is below 0.5; tanh keeps them near the middle, sure or not.",
    )


def sigmoid_categorical() -> Demonstration:
    """Sigmoid on exclusive classes."""
    scores, labels = exclusive()
    rows = numerics.one_hot(labels, CLASSES)
    accuracy = share(scores.argmax(axis=1) == labels)

    def divided(x: Floats) -> Floats:
        chances = numerics.sigmoid(x)
        shares: Floats = chances / chances.sum(axis=1, keepdims=True)
        return shares

    ways: list[tuple[str, LossOfScores, Floats]] = [
        (
            "softmax cross-entropy on scores",
            lambda x: numerics.softmax_cross_entropy_with_logits(rows, x),
            numerics.softmax(scores),
        ),
        (
            "softmax cross-entropy on sigmoids",
            lambda x: numerics.softmax_cross_entropy_with_logits(rows, numerics.sigmoid(x)),
            numerics.softmax(numerics.sigmoid(scores)),
        ),
        (
            "categorical CE on sigmoids over their sum",
            lambda x: numerics.categorical_cross_entropy(rows, divided(x)),
            divided(scores),
        ),
    ]
    measures = []
    for label, loss, chances in ways:
        one = measure(label, loss, scores, 2 * rows - 1, accuracy)
        one.values["p of the truth"] = float((chances * rows).sum(axis=1).mean())
        measures.append(one)
    return Demonstration(
        "200 samples, 5 exclusive classes",
        tuple(measures),
        "Argmax is the same; what the loss sees of the truth is far flatter, and so is its gradient.",
    )


def nll_not_log() -> Demonstration:
    """The negative log-likelihood of what is no log-probability."""
    scores, labels = exclusive()
    rows = numerics.one_hot(labels, CLASSES)
    accuracy = share(scores.argmax(axis=1) == labels)
    ways: list[tuple[str, LossOfScores]] = [
        (
            "log-probabilities",
            lambda x: numerics.negative_log_likelihood(labels, numerics.log_softmax(x)),
        ),
        ("probabilities", lambda x: numerics.negative_log_likelihood(labels, numerics.softmax(x))),
        ("raw scores", lambda x: numerics.negative_log_likelihood(labels, x)),
    ]
    return Demonstration(
        "200 samples, 5 exclusive classes, negative log-likelihood of",
        tuple(measure(label, loss, scores, rows, accuracy) for label, loss in ways),
        "A loss below 0 is the sign: on probabilities it ends at -1, on scores it never ends.",
    )


def redundant_log_softmax() -> Demonstration:
    """Log-softmax is idempotent."""
    scores, labels = exclusive()
    rows = numerics.one_hot(labels, CLASSES)
    accuracy = share(scores.argmax(axis=1) == labels)
    ways: list[tuple[str, LossOfScores]] = [
        ("softmax cross-entropy", lambda x: numerics.sparse_softmax_cross_entropy_with_logits(labels, x)),
        (
            "log-softmax, then softmax cross-entropy",
            lambda x: numerics.sparse_softmax_cross_entropy_with_logits(labels, numerics.log_softmax(x)),
        ),
        (
            "log-softmax, then negative log-likelihood",
            lambda x: numerics.negative_log_likelihood(labels, numerics.log_softmax(x)),
        ),
    ]
    return Demonstration(
        "200 samples, 5 exclusive classes",
        tuple(measure(label, loss, scores, rows, accuracy) for label, loss in ways),
        "Nothing changes: the second log-softmax finds a distribution and leaves it alone.",
    )


def unstable_log() -> Demonstration:
    """Where log(softmax(x)) and log(1 - sigmoid(x)) break, in float32."""
    measures = []
    for gap in (10, 20, 90, 110, 1000):
        pair = np.array([0, gap], dtype=np.float32)
        score = np.float32(gap)
        with np.errstate(divide="ignore"):
            by_hand = float(np.log(numerics.softmax(pair))[0])
            false_by_hand = float(np.log(1 - numerics.sigmoid(score)))
        measures.append(
            Measure(
                f"score {gap}",
                {
                    "log(softmax)": by_hand,
                    "log_softmax": float(numerics.log_softmax(pair)[0]),
                    "log(1-sigmoid)": false_by_hand,
                    "log_sigmoid(-x)": float(numerics.log_sigmoid(-score)),
                },
            )
        )
    return Demonstration(
        "float32; the logarithm of the probability of the less likely answer",
        tuple(measures),
        "By hand it becomes minus infinity, and the gradient NaN; fused it is as exact as the score.",
    )


def softmax_axis() -> Demonstration:
    """Softmax over the batch instead of the classes."""
    scores, labels = exclusive()
    measures = []
    for label, axis in (("over the classes", 1), ("over the batch", 0)):
        chances = numerics.softmax(scores, axis=axis)
        loss = -numerics.log_softmax(scores, axis=axis)[np.arange(len(labels)), labels]
        alone = numerics.softmax(scores[:1], axis=axis)[0, labels[0]]
        measures.append(
            Measure(
                label,
                {
                    "loss": float(loss.mean()),
                    "sum of a row": float(chances.sum(axis=1).mean()),
                    "accuracy": share(chances.argmax(axis=1) == labels),
                    "p, in the batch": float(chances[0, labels[0]]),
                    "p, alone": float(alone),
                },
            )
        )
    return Demonstration(
        "200 samples, 5 exclusive classes; p is the probability of the truth of the first sample",
        tuple(measures),
        "Over the batch, an answer depends on the neighbours; a sample alone gets 1 for every class. "
        "Accuracy on a balanced batch need not show it.",
    )


def swapped_args() -> Demonstration:
    """H(Q, P) instead of H(P, Q)."""
    scores, labels = two_outcomes()
    many, index = exclusive()
    rows = numerics.one_hot(index, CLASSES)
    perfect = 2 * labels - 1
    return Demonstration(
        "200 samples; 0/1 labels on one unit, then 5 classes as one-hot rows",
        (
            measure(
                "sigmoid cross-entropy (labels, scores)",
                lambda x: numerics.sigmoid_cross_entropy_with_logits(labels, x),
                scores,
                perfect,
            ),
            measure(
                "the same, swapped",
                lambda x: numerics.sigmoid_cross_entropy_with_logits(x, labels),
                scores,
                perfect,
            ),
            measure(
                "softmax cross-entropy (labels, scores)",
                lambda x: numerics.softmax_cross_entropy_with_logits(rows, x),
                many,
                rows,
            ),
            measure(
                "the same, swapped",
                lambda x: numerics.softmax_cross_entropy_with_logits(x, rows),
                many,
                rows,
            ),
        ),
        "Cross-entropy is not symmetric: swapped it has another value, another gradient and no proper floor.",
    )
