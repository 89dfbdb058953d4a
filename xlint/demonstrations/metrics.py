"""Demonstrations of metrics that show a wrong number, and of regression losses on classes."""

from __future__ import annotations

import numpy as np

from xlint import numerics
from xlint.demonstrations.measuring import (
    Demonstration,
    Measure,
    gradient_size,
    many_labels,
    share,
    two_outcomes,
)


def metric_labels() -> Demonstration:
    """Argmax accuracy of a perfect multi-label model."""
    _, labels = many_labels()
    perfect = np.random.default_rng(1).uniform(0.6, 1.0, labels.shape)
    perfect = np.where(labels > 0, perfect, 1 - perfect)
    argmax = share(perfect.argmax(axis=1) == labels.argmax(axis=1))
    return Demonstration(
        "200 samples, 5 labels of which any number is true, and a model that is right about every one",
        (
            Measure("label by label, p > 0.5", {"accuracy": share((perfect > 0.5) == labels)}),
            Measure("argmax of both rows ('accuracy' in Keras)", {"accuracy": argmax}),
        ),
        "Argmax asks which of several true labels is the largest, which nobody wants to know.",
    )


def metric_logits() -> Demonstration:
    """A threshold of 0.5 on raw scores, large and small."""
    scores, labels = two_outcomes()
    measures = []
    for size in (1.0, 0.1):
        some = size * scores
        positive = labels == 1
        for border in (0.0, 0.5):
            measures.append(
                Measure(
                    f"scores times {size:g}, above {border:g}",
                    {
                        "accuracy": share((some > border) == labels),
                        "recall": share(some[positive] > border),
                    },
                )
            )
    chance = float(numerics.sigmoid(0.5))
    return Demonstration(
        "200 samples, one unit of raw scores, labels 0/1 half and half",
        tuple(measures),
        f"Score 0.5 is probability {chance:.2f}: small scores never get there, and every answer is 'no'.",
    )


def regression_loss() -> Demonstration:
    """The gradient of a confident mistake under squared error and under cross-entropy."""
    labels = np.array([[1.0]])
    measures = []
    for score in (0.0, -2.0, -5.0, -10.0):
        scores = np.array([[score]])
        measures.append(
            Measure(
                f"score {score:g}, p = {float(numerics.sigmoid(score)):.5f}",
                {
                    "cross-entropy": float(numerics.sigmoid_cross_entropy_with_logits(labels, scores).mean()),
                    "its gradient": gradient_size(
                        lambda x: numerics.sigmoid_cross_entropy_with_logits(labels, x), scores
                    ),
                    "squared error": float((numerics.sigmoid(score) - 1) ** 2),
                    "its gradient ": gradient_size(lambda x: (numerics.sigmoid(x) - labels) ** 2, scores),
                },
            )
        )
    return Demonstration(
        "one sample whose label is 1",
        tuple(measures),
        "The more wrong the answer, the less the squared error teaches; the cross-entropy always teaches.",
    )


def accuracy_regression() -> Demonstration:
    """'accuracy' of a good regression."""
    random = np.random.default_rng(0)
    targets = random.normal(loc=3, size=(200, 1))
    predictions = targets + 0.05 * random.normal(size=targets.shape)
    return Demonstration(
        "200 samples with real targets, and predictions that are off by 0.05 on average",
        (
            Measure("mean absolute error", {"value": float(np.abs(predictions - targets).mean())}),
            Measure("'accuracy': (p > 0.5) == target", {"value": share((predictions > 0.5) == targets)}),
            Measure("Accuracy(): p == target", {"value": share(predictions == targets)}),
        ),
        "No real number equals a class: accuracy reads 0 for a model that is nearly perfect.",
    )
