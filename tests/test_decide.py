"""Sites against rules: conditions on facts, which report stands for several, what defaults decide."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from xlint import syntax
from xlint.catalogue import catalogue
from xlint.decide import Hit, decide, holds, matching, unresolved
from xlint.sites import Case, Fact, Mark, Site
from xlint.source import Source

RULES = {rule.code: rule for rule in catalogue()}


@pytest.mark.parametrize(
    ("wanted", "fact", "answer"),
    [
        ("softmax", "softmax", True),
        ("softmax", "sigmoid", False),
        ("softmax", None, False),
        (["softmax", "sigmoid"], "sigmoid", True),
        (["softmax", "sigmoid"], "tanh", False),
        (["softmax", "sigmoid"], None, False),
        (1, 1, True),
        (1, 2, False),
        (1, True, False),
        (True, 1, False),
        (True, True, True),
        (False, None, False),
        (False, False, True),
        ({"min": 2}, 2, True),
        ({"min": 2}, 1, False),
        ({"min": 2}, None, False),
        ({"min": 2}, "n", False),
        ({"min": 1}, True, False),
        ({"max": 1}, 1, True),
        ({"max": 1}, 2, False),
        ({"max": 1}, None, False),
        ({"min": 2, "max": 3}, 3, True),
        ({"min": 2, "max": 3}, 4, False),
        ({"not": "softmax"}, "sigmoid", True),
        ({"not": "softmax"}, "softmax", False),
        ({"not": "softmax"}, None, False),
        ({"not": ["softmax", "sigmoid"]}, "sigmoid", False),
        ({"not": ["softmax", "sigmoid"]}, "tanh", True),
        ({"known": False}, None, True),
        ({"known": False}, "softmax", False),
        ({"known": True}, None, False),
        ({"known": True}, False, True),
    ],
)
def test_a_condition_against_a_fact(wanted: Any, fact: Fact, answer: bool) -> None:
    assert holds(wanted, fact) is answer


def test_no_rule_speaks_of_a_loss_of_which_nothing_is_known() -> None:
    for rule in catalogue():
        if "loss" in rule.sites:
            assert matching(rule, {}) is None, rule.code


def test_the_first_table_that_matches_counts() -> None:
    rule: Any = SimpleNamespace(
        whens=(
            SimpleNamespace(name="narrow", conditions={"width": 1, "activation": "softmax"}),
            SimpleNamespace(name="wide", conditions={"activation": "softmax"}),
        )
    )
    assert matching(rule, {"activation": "softmax", "width": 1}).name == "narrow"  # type: ignore[union-attr]
    assert matching(rule, {"activation": "softmax"}).name == "wide"  # type: ignore[union-attr]
    assert matching(rule, {"width": 1}) is None


@pytest.fixture
def marks() -> list[Mark]:
    source = Source.from_text("train.py", "first\nsecond\nthird\n")
    lines = [line for line in source.syntax.body if isinstance(line, syntax.SimpleStatementLine)]
    return [Mark(source, line.body[0]) for line in lines]


DOUBLED: dict[str, Fact] = {
    "framework": "torch",
    "called": "object",
    "loss": "torch.nn.CrossEntropyLoss",
    "loss_name": "CrossEntropyLoss",
    "family": "softmax",
    "wants": "logits",
    "applies": "softmax",
    "width": 10,
    "units": "many",
    "quantity": "probabilities",
    "activation": "softmax",
    "encoding": "index",
    "classes": 10,
}
"""A softmax below CrossEntropyLoss: XL201."""
SOUND = DOUBLED | {"quantity": "logits", "activation": "none"}
UNKNOWN = {key: DOUBLED[key] for key in ("framework", "called", "loss", "loss_name", "family", "wants")}


def loss_site(mark: Mark, *cases: Case, visit: int | None = None) -> Site:
    return Site("loss", mark, cases, visit)


def codes(hits: list[Hit]) -> list[str]:
    return [hit.rule.code for hit in hits]


def test_a_fault_is_reported_at_the_site(marks: list[Mark]) -> None:
    hits = decide([loss_site(marks[1], Case(DOUBLED))])
    assert codes(hits) == ["XL201"]
    assert hits[0].mark is marks[1]
    assert "CrossEntropyLoss" in hits[0].message
    assert "{" not in hits[0].message


def test_a_sound_site_is_silent(marks: list[Mark]) -> None:
    assert decide([loss_site(marks[0], Case(SOUND))]) == []


def test_a_fault_on_the_path_not_taken_by_default_is_silent(marks: list[Mark]) -> None:
    sound, fault = Case(SOUND, default_path=True), Case(DOUBLED, default_path=False)
    assert decide([loss_site(marks[0], sound, fault)]) == []


def test_a_fault_on_the_default_path_is_reported(marks: list[Mark]) -> None:
    sound, fault = Case(SOUND, default_path=False), Case(DOUBLED, default_path=True)
    hits = decide([loss_site(marks[0], sound, fault)])
    assert codes(hits) == ["XL201"]
    assert hits[0].case is fault


def test_a_fault_on_all_paths_that_are_known_is_reported(marks: list[Mark]) -> None:
    fault, unknown = Case(DOUBLED, default_path=False), Case(UNKNOWN, default_path=False)
    assert codes(decide([loss_site(marks[0], unknown, fault)])) == ["XL201"]


def test_the_paths_of_one_visit_are_judged_together(marks: list[Mark]) -> None:
    sound = loss_site(marks[0], Case(SOUND, default_path=False), visit=7)
    fault = loss_site(marks[0], Case(DOUBLED, default_path=False), visit=7)
    assert decide([sound, fault]) == []


def test_another_visit_of_the_same_place_is_judged_alone(marks: list[Mark]) -> None:
    sound = loss_site(marks[0], Case(SOUND), visit=7)
    fault = loss_site(marks[0], Case(DOUBLED), visit=8)
    assert codes(decide([sound, fault])) == ["XL201"]


def test_a_fault_seen_in_several_visits_is_one_report(marks: list[Mark]) -> None:
    assert codes(decide([loss_site(marks[0], Case(DOUBLED)) for _ in range(5)])) == ["XL201"]


def test_the_same_fault_at_two_places_is_two_reports(marks: list[Mark]) -> None:
    hits = decide([loss_site(marks[0], Case(DOUBLED)), loss_site(marks[1], Case(DOUBLED))])
    assert [hit.mark for hit in hits] == marks[:2]


SINGLE_UNIT: dict[str, Fact] = {
    "framework": "keras",
    "activation": "softmax",
    "width": 1,
    "units": "one",
    "class_axis": True,
}


def test_the_cause_stands_for_what_its_cure_cures(marks: list[Mark]) -> None:
    """A softmax over one unit below a categorical loss: XL101 at the softmax covers XL102 at the loss."""
    assert "XL102" in RULES["XL101"].covers
    activation = Site("activation", marks[0], (Case(SINGLE_UNIT),))
    categorical = SINGLE_UNIT | {
        "called": "compile",
        "loss": "keras.losses.categorical_crossentropy",
        "loss_name": "categorical_crossentropy",
        "family": "categorical",
        "wants": "probabilities",
        "applies": "none",
        "from_logits": False,
        "quantity": "probabilities",
        "encoding": "binary",
        "classes": 2,
    }
    loss = loss_site(marks[1], Case(categorical, anchors={"activation": marks[0]}))
    elsewhere = loss_site(marks[1], Case(categorical, anchors={"activation": marks[2]}))
    assert "XL102" in codes(decide([loss]))
    assert codes(decide([activation, loss])) == ["XL101"]
    assert sorted(codes(decide([activation, elsewhere]))) == ["XL101", "XL102"]


def test_a_rule_covers_only_rules_that_exist() -> None:
    for rule in catalogue():
        assert set(rule.covers) <= set(RULES) - {rule.code}, rule.code


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ({}, ["width", "quantity", "encoding"]),
        ({"width": 10, "quantity": "logits", "encoding": "index"}, []),
        ({"width_symbol": "n", "quantity": "logits", "encoding": "index"}, []),
        ({"width": 10, "quantity": "logits"}, ["encoding"]),
    ],
)
def test_what_a_site_does_not_know(facts: dict[str, Fact], missing: list[str]) -> None:
    assert unresolved(facts) == missing
