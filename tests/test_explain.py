"""`xlint explain`: the page, and numbers that say what the page says."""

from __future__ import annotations

import math
from typing import Any

import pytest
from click.testing import CliRunner

from xlint.catalogue import catalogue
from xlint.commands.explain import explain
from xlint.demonstrations import DEMONSTRATIONS, Demonstration, demonstrate
from xlint.table import decision_table


def number(shown: Demonstration, label: str, heading: str) -> float:
    """A number of the measure whose label begins so."""
    values = [one.values[heading] for one in shown.measures if one.label.startswith(label)]
    assert isinstance(values[0], float)
    return values[0]


def run(*arguments: str) -> Any:
    return CliRunner().invoke(explain, list(arguments))


@pytest.mark.parametrize("wanted", ["XL101", "xl101", "single-unit-softmax"])
def test_page_and_numbers_by_code_or_name(wanted: str) -> None:
    result = run(wanted)
    assert result.exit_code == 0
    assert "# XL101 single-unit-softmax" in result.output
    assert "## In numbers" in result.output
    assert "8.0590" in result.output


@pytest.mark.parametrize("name", sorted(DEMONSTRATIONS))
def test_every_demonstration_belongs_to_a_rule(name: str) -> None:
    assert name in {rule.demonstration for rule in catalogue()}


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.code)
def test_every_rule_can_be_explained(rule: Any) -> None:
    result = run(rule.code)
    assert result.exit_code == 0
    assert ("## In numbers" in result.output) == bool(rule.demonstration)


def test_single_unit_softmax_learns_nothing() -> None:
    shown = demonstrate("single-unit-softmax")
    assert number(shown, "softmax", "gradient") == 0
    assert number(shown, "softmax", "accuracy") == 0.5
    assert number(shown, "sigmoid", "gradient") > 0.01


def test_single_unit_categorical_is_zero_from_the_start() -> None:
    shown = demonstrate("single-unit-categorical")
    assert number(shown, "softmax", "loss") == 0
    assert number(shown, "softmax", "gradient") == 0


def test_double_activation_has_the_floors_of_the_page() -> None:
    shown = demonstrate("double-softmax")
    assert number(shown, "softmax twice", "floor") == pytest.approx(math.log(1 + 4 / math.e), abs=1e-6)
    assert number(shown, "sigmoid twice", "floor") == pytest.approx(0.503, abs=1e-3)
    assert number(shown, "softmax once", "floor") == pytest.approx(0, abs=1e-9)
    assert number(shown, "softmax twice", "accuracy") == number(shown, "softmax once", "accuracy")


def test_softmax_into_a_sigmoid_loss_has_the_floor_of_the_page() -> None:
    shown = demonstrate("softmax-binary-loss")
    assert number(shown, "softmax, sigmoid", "floor") == pytest.approx(0.617, abs=1e-3)


def test_nll_of_no_logarithm_runs_below_zero() -> None:
    shown = demonstrate("nll-not-log")
    assert number(shown, "probabilities", "floor") == pytest.approx(-1)
    assert number(shown, "raw scores", "floor") == -math.inf


def test_redundant_log_softmax_changes_no_number() -> None:
    first, *others = demonstrate("redundant-log-softmax").measures
    for other in others:
        assert other.values == pytest.approx(first.values)


def test_broadcast_squared_error_prefers_the_mean() -> None:
    shown = demonstrate("label-shape")
    assert number(shown, "labels (N, 1)", "loss") < number(shown, "labels (N, 1)", "loss of the mean")
    assert number(shown, "labels (N,)", "loss") > number(shown, "labels (N,)", "loss of the mean")


def test_unstable_log_breaks_where_the_fused_form_does_not() -> None:
    shown = demonstrate("unstable-log")
    assert number(shown, "score 1000", "log(softmax)") == -math.inf
    assert number(shown, "score 1000", "log_softmax") == -1000


def test_metric_demonstrations_show_the_wrong_number() -> None:
    labels = demonstrate("metric-labels")
    assert number(labels, "label by label", "accuracy") == 1
    assert number(labels, "argmax", "accuracy") < 0.6
    logits = demonstrate("metric-logits")
    assert number(logits, "scores times 0.1, above 0.5", "accuracy") < 0.6
    assert number(logits, "scores times 0.1, above 0", "accuracy") > 0.9


def test_table_shows_every_row_with_every_framework() -> None:
    output = run("--table").output
    for row in decision_table():
        assert f"{row.name}: {row.helper}" in output
        for column in row.columns.values():
            assert column.loss in output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["XL999"], "there is no rule 'XL999'"),
        (["double-activaton"], "did you mean double-activation?"),
        ([], "--table"),
        (["XL101", "--table"], "--table"),
    ],
)
def test_wrong_use_is_one_line(arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.output
    assert len(result.output.splitlines()) == 1
