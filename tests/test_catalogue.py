"""The rule pages: complete, in one vocabulary, and in step with rules/README.md and `xlint rules`."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from xlint.catalogue import PageError, Rule, catalogue, find_rule, read_page, render_readme
from xlint.commands.rules import rules as rules_command
from xlint.engine import scan_text
from xlint.resources import rules_directory
from xlint.settings import Settings

RULES = catalogue()
SECTIONS = ("What it reports", "Why it matters", "Example", "Use instead")
FACTS = {
    "framework", "backend", "called", "loss", "loss_name", "family", "wants", "from_logits", "applies",
    "reduction", "ignore_index", "label_smoothing", "width", "width_symbol", "units", "quantity",
    "activation", "activation_fresh", "activation_axis", "class_axis", "output_rank", "output_shape",
    "encoding", "exclusive", "classes", "classes_symbol", "classes_certain", "width_against_classes",
    "label_dtype", "label_rank", "label_shape", "label_last", "shapes", "swapped", "output_is_input",
    "dim_missing", "metric", "metric_wants", "metric_labels", "threshold", "axis", "argument_count",
    "width_open",
}  # fmt: skip
ALWAYS = {"loss_name", "metric", "reason", "codes"}
"""Facts that every site of the rules that show them has."""


def ids(rule: Rule) -> str:
    return rule.code


def conditions_known(rule: Rule) -> list[tuple[str, set[str]]]:
    """Each message of a rule, with the facts that are certainly known where it is shown."""
    return [
        (
            when.message,
            {key for key, value in when.conditions.items() if value != {"known": False}},
        )
        for when in rule.whens
    ]


def test_every_code_of_the_design_has_a_page() -> None:
    expected = [
        *(f"XL10{n}" for n in range(1, 8)),
        *(f"XL20{n}" for n in range(1, 9)),
        *(f"XL30{n}" for n in range(1, 5)),
        *(f"XL40{n}" for n in range(1, 4)),
        *(f"XL50{n}" for n in range(1, 6)),
        "XL901",
        "XL902",
    ]
    assert [rule.code for rule in RULES] == expected


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_page_has_its_sections_and_two_examples(rule: Rule) -> None:
    assert [title for title in SECTIONS if not rule.section(title)] == []
    assert len(rule.examples) == 2
    assert rule.section("Example").count("```python") == 1
    assert rule.section("Use instead").count("```python") == 1


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_examples_parse_except_where_that_is_the_fault(rule: Rule) -> None:
    bad, good = rule.examples
    ast.parse(good)
    if rule.code == "XL901":
        with pytest.raises(SyntaxError):
            ast.parse(bad)
    else:
        ast.parse(bad)
    assert bad != good


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_first_example_is_reported_and_second_is_clean(rule: Rule) -> None:
    everything = Settings(select=("ALL",))
    bad, good = (scan_text("train.py", text, everything).findings for text in rule.examples)
    assert [finding.code for finding in bad] == [rule.code]
    assert [finding.code for finding in good] == []


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_conditions_use_the_facts_of_the_contract(rule: Rule) -> None:
    used = {key for when in rule.whens for key in when.conditions}
    assert used <= FACTS
    assert bool(rule.whens) == (not rule.code.startswith("XL9"))


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_messages_show_only_facts_that_are_known(rule: Rule) -> None:
    for message, known in conditions_known(rule):
        holes = set(re.findall(r"{(\w+)}", message))
        assert holes <= known | ALWAYS, message
        assert message[0].isupper() or message[0] in "'{" or message.startswith(("log", "argmax"))
        assert message.endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_errors_do_not_rest_on_unknown_facts_alone(rule: Rule) -> None:
    for when in rule.whens:
        if when.severity == "error" and when.conditions:
            assert any(value != {"known": False} for value in when.conditions.values())


def test_rules_cover_rules_that_exist_and_never_each_other() -> None:
    codes = {rule.code: rule for rule in RULES}
    for rule in RULES:
        assert set(rule.covers) <= set(codes) - {rule.code}
        for code in rule.covers:
            assert rule.code not in codes[code].covers, f"{rule.code} and {code} cover each other"


def test_readme_is_in_step_with_the_pages() -> None:
    readme = (rules_directory() / "README.md").read_text(encoding="utf-8")
    assert readme == render_readme(RULES), "run python -m xlint.catalogue"
    for link in re.findall(r"\]\(([^)#]+)\)", readme):
        assert (rules_directory() / link).exists(), link


def test_find_rule_takes_codes_and_names() -> None:
    by_code, by_name = find_rule("xl201"), find_rule("double-activation")
    assert by_code is not None
    assert by_code is by_name
    assert find_rule("XL999") is None


def test_rules_command_lists_all_in_both_formats() -> None:
    text = CliRunner().invoke(rules_command).output
    listed = json.loads(CliRunner().invoke(rules_command, ["--format", "json"]).output)
    assert [line.split()[0] for line in text.splitlines()] == [entry["code"] for entry in listed]
    off = {entry["code"] for entry in listed if not entry["default"]}
    assert {"XL206", "XL207"} <= off
    assert "XL101" not in off


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("no front matter", "front matter"),
        ('+++\ncode = "XL999"\n+++\ntext', "lacks"),
        ('+++\ncode = "XL999"\nname = "a"\nseverity = "fatal"\nsite = "loss"\nmessage = "m"\n+++\n', "fatal"),
        ('+++\ncode = "XL999"\nname = "a"\nseverity = "error"\nsite = "moon"\nmessage = "m"\n+++\n', "moon"),
        ('+++\ncode = "XL9"\nname = "a"\nseverity = "error"\nsite = "loss"\nmessage = ""\nx = 1\n+++', "'x'"),
    ],
)
def test_broken_page_is_named_with_its_fault(tmp_path: Path, page: str, words: str) -> None:
    path = tmp_path / "XL999-a.md"
    path.write_text(page, encoding="utf-8")
    with pytest.raises(PageError, match=words) as caught:
        read_page(path)
    assert str(path) in str(caught.value)
