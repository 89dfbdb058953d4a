"""The helpers against each other, against the definition, and against the frameworks where installed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xlint import numerics

SCORES = st.floats(-6, 6, width=64)
ANY_SCORES = st.floats(-1e6, 1e6, width=64)


def close(left: Any, right: Any) -> None:
    np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-12)


@st.composite
def problems(draw: st.DrawFn, elements: st.SearchStrategy[float] = SCORES) -> tuple[Any, Any, Any]:
    """Scores (N, K), class indices (N,) and soft rows (N, K)."""
    samples, classes = draw(st.integers(1, 5)), draw(st.integers(2, 6))
    logits = draw(arrays(np.float64, (samples, classes), elements=elements))
    labels = draw(arrays(np.int64, samples, elements=st.integers(0, classes - 1)))
    weights = draw(arrays(np.float64, (samples, classes), elements=st.floats(0.01, 1)))
    return logits, labels, weights / weights.sum(axis=1, keepdims=True)


@given(problems())
def test_one_cross_entropy_for_class_indices(problem: tuple[Any, Any, Any]) -> None:
    logits, labels, _ = problem
    rows = numerics.one_hot(labels, logits.shape[1])
    losses = numerics.sparse_softmax_cross_entropy_with_logits(labels, logits)
    close(numerics.softmax_cross_entropy_with_logits(rows, logits), losses)
    close(numerics.sparse_categorical_cross_entropy(labels, numerics.softmax(logits)), losses)
    close(numerics.categorical_cross_entropy(rows, numerics.softmax(logits)), losses)
    close(numerics.negative_log_likelihood(labels, numerics.log_softmax(logits)), losses)
    close(numerics.kl_divergence(rows, numerics.log_softmax(logits)), losses)


@given(problems())
def test_one_cross_entropy_for_soft_rows(problem: tuple[Any, Any, Any]) -> None:
    logits, _, rows = problem
    losses = numerics.softmax_cross_entropy_with_logits(rows, logits)
    close(numerics.categorical_cross_entropy(rows, numerics.softmax(logits)), losses)
    close(numerics.kl_divergence(rows, numerics.log_softmax(logits)) + numerics.entropy(rows), losses)


@given(arrays(np.float64, 5, elements=SCORES), arrays(np.float64, 5, elements=st.floats(0, 1)))
def test_two_outcomes_are_the_categorical_case_with_two_columns(logits: Any, targets: Any) -> None:
    losses = numerics.sigmoid_cross_entropy_with_logits(targets, logits)
    rows = np.stack([1 - targets, targets], axis=1)
    scores = np.stack([np.zeros_like(logits), logits], axis=1)
    close(numerics.binary_cross_entropy(targets, numerics.sigmoid(logits)), losses)
    close(numerics.softmax_cross_entropy_with_logits(rows, scores), losses)
    close(numerics.categorical_cross_entropy(rows, numerics.softmax(scores)), losses)


@given(problems())
def test_multilabel_is_the_mean_of_binary_questions(problem: tuple[Any, Any, Any]) -> None:
    logits, _, targets = problem
    losses = numerics.multilabel_cross_entropy_with_logits(targets, logits)
    close(numerics.multilabel_cross_entropy(targets, numerics.sigmoid(logits)), losses)
    columns = [
        numerics.sigmoid_cross_entropy_with_logits(targets[:, unit], logits[:, unit])
        for unit in range(logits.shape[1])
    ]
    close(np.mean(columns, axis=0), losses)


@given(problems(ANY_SCORES))
def test_losses_on_scores_stay_finite_and_never_negative(problem: tuple[Any, Any, Any]) -> None:
    logits, labels, rows = problem
    for losses in (
        numerics.sparse_softmax_cross_entropy_with_logits(labels, logits),
        numerics.softmax_cross_entropy_with_logits(rows, logits),
        numerics.sigmoid_cross_entropy_with_logits(rows, logits),
        numerics.multilabel_cross_entropy_with_logits(rows, logits),
    ):
        assert np.isfinite(losses).all()
        assert (losses >= 0).all()


@given(problems(ANY_SCORES))
def test_cross_entropy_is_never_below_the_entropy_of_the_targets(problem: tuple[Any, Any, Any]) -> None:
    logits, _, rows = problem
    losses = numerics.softmax_cross_entropy_with_logits(rows, logits)
    assert (losses >= numerics.entropy(rows) - 1e-9).all()


@given(problems(), st.floats(-1e3, 1e3))
def test_softmax_losses_see_differences_of_scores_only(problem: tuple[Any, Any, Any], shift: float) -> None:
    logits, labels, _ = problem
    moved = numerics.sparse_softmax_cross_entropy_with_logits(labels, logits + shift)
    np.testing.assert_allclose(
        moved, numerics.sparse_softmax_cross_entropy_with_logits(labels, logits), atol=1e-10
    )


@given(problems())
def test_log_softmax_before_the_softmax_loss_changes_nothing(problem: tuple[Any, Any, Any]) -> None:
    logits, labels, _ = problem
    close(
        numerics.sparse_softmax_cross_entropy_with_logits(labels, numerics.log_softmax(logits)),
        numerics.sparse_softmax_cross_entropy_with_logits(labels, logits),
    )


@pytest.mark.parametrize(("target", "score"), [(0.0, 1000.0), (1.0, -1000.0)])
def test_confident_and_wrong_is_as_far_off_as_its_score(target: float, score: float) -> None:
    assert numerics.sigmoid_cross_entropy_with_logits(target, score) == 1000.0
    with np.errstate(over="ignore"):
        assert math.isinf(float(numerics.binary_cross_entropy(target, numerics.sigmoid(score))))


def test_one_unit_of_softmax_is_certain_and_its_loss_is_zero() -> None:
    logits = np.array([[-3.0], [0.5], [7.0]])
    assert (numerics.softmax(logits) == 1).all()
    assert (numerics.sparse_softmax_cross_entropy_with_logits([0, 0, 0], logits) == 0).all()


def test_float32_stays_float32() -> None:
    logits = np.array([[1.0, 2.0]], dtype=np.float32)
    assert numerics.sparse_softmax_cross_entropy_with_logits([1], logits).dtype == np.float32
    assert numerics.binary_cross_entropy([[0.0, 1.0]], numerics.sigmoid(logits)).dtype == np.float32


@pytest.mark.parametrize(
    ("helper", "targets", "output", "words"),
    [
        (numerics.binary_cross_entropy, [0.0, 1.0], [[0.1], [0.9]], "shape"),
        (numerics.binary_cross_entropy, [1.0], [2.5], "0..1"),
        (numerics.categorical_cross_entropy, [[0.0, 1.0]], [[-1.0, 2.0]], "logits"),
        (numerics.sparse_categorical_cross_entropy, [2], [[0.5, 0.5]], "0..1"),
        (numerics.sparse_softmax_cross_entropy_with_logits, [[0], [1]], [[1.0, 2.0], [3.0, 4.0]], "shape"),
        (numerics.sparse_softmax_cross_entropy_with_logits, [0.0], [[1.0, 2.0]], "integers"),
        (numerics.negative_log_likelihood, [-1], [[-0.5, -0.9]], "0..1"),
    ],
)
def test_misuse_is_refused(helper: Any, targets: Any, output: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        helper(targets, output)


@settings(deadline=None)  # the first call imports torch
@given(problems())
def test_against_torch(problem: tuple[Any, Any, Any]) -> None:
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    logits, labels, rows = problem
    x, y, p = torch.from_numpy(logits), torch.from_numpy(labels), torch.from_numpy(rows)
    close(
        numerics.sparse_softmax_cross_entropy_with_logits(labels, logits),
        functional.cross_entropy(x, y, reduction="none").numpy(),
    )
    close(
        numerics.softmax_cross_entropy_with_logits(rows, logits),
        functional.cross_entropy(x, p, reduction="none").numpy(),
    )
    close(
        numerics.sigmoid_cross_entropy_with_logits(rows, logits),
        functional.binary_cross_entropy_with_logits(x, p, reduction="none").numpy(),
    )
    close(
        numerics.binary_cross_entropy(rows, numerics.sigmoid(logits)),
        functional.binary_cross_entropy(torch.sigmoid(x), p, reduction="none").numpy(),
    )
    close(
        numerics.negative_log_likelihood(labels, numerics.log_softmax(logits)),
        functional.nll_loss(x.log_softmax(1), y, reduction="none").numpy(),
    )
    close(
        numerics.kl_divergence(rows, numerics.log_softmax(logits)),
        functional.kl_div(x.log_softmax(1), p, reduction="none").sum(1).numpy(),
    )
    close(
        numerics.multilabel_cross_entropy_with_logits(rows, logits),
        functional.multilabel_soft_margin_loss(x, p, reduction="none").numpy(),
    )


@pytest.fixture(scope="module")
def keras_problem() -> tuple[Any, Any, Any]:
    random = np.random.default_rng(0)
    logits = random.normal(scale=3, size=(50, 4)).astype(np.float32)
    return logits, random.integers(0, 4, size=50), random.dirichlet(np.ones(4), size=50).astype(np.float32)


def test_against_keras(keras_problem: tuple[Any, Any, Any]) -> None:
    losses = pytest.importorskip("keras").losses
    convert = pytest.importorskip("keras").ops.convert_to_numpy
    logits, labels, rows = keras_problem
    softmax, sigmoid = numerics.softmax(logits), numerics.sigmoid(logits)
    pairs = [
        (losses.binary_crossentropy(rows, sigmoid), numerics.multilabel_cross_entropy(rows, sigmoid)),
        (
            losses.binary_crossentropy(rows, logits, from_logits=True),
            numerics.multilabel_cross_entropy_with_logits(rows, logits),
        ),
        (losses.categorical_crossentropy(rows, softmax), numerics.categorical_cross_entropy(rows, softmax)),
        (
            losses.categorical_crossentropy(rows, logits, from_logits=True),
            numerics.softmax_cross_entropy_with_logits(rows, logits),
        ),
        (
            losses.sparse_categorical_crossentropy(labels, softmax),
            numerics.sparse_categorical_cross_entropy(labels, softmax),
        ),
        (
            losses.sparse_categorical_crossentropy(labels, logits, from_logits=True),
            numerics.sparse_softmax_cross_entropy_with_logits(labels, logits),
        ),
        (losses.kl_divergence(rows, softmax), numerics.kl_divergence(rows, numerics.log_softmax(logits))),
    ]
    for theirs, ours in pairs:
        np.testing.assert_allclose(convert(theirs), ours, rtol=2e-4, atol=2e-5)
