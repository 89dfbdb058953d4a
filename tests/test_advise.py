"""`xlint advise`: three answers give a row that runs; a script's sites give advice with evidence."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from click.testing import CliRunner

from xlint import numerics
from xlint.advise import AnswerError, advise, advise_sites, parse_outcomes, sites_text
from xlint.catalogue import find_rule
from xlint.commands import common
from xlint.commands.advise import OUTPUTS, TARGETS
from xlint.commands.advise import advise as command
from xlint.sites import Finding, Note, Place, ScanResult, SiteReport
from xlint.table import FRAMEWORKS, Row, TableError, decision_table, load_table, row_named

PLACE = Place("train.py", 12, 5, 12, 30)
LAYER = Note(Place("train.py", 7, 1, 7, 20), "activation", "nn.Softmax(dim=1)")


def run(*arguments: str, answers: str | None = None) -> Any:
    return CliRunner().invoke(command, list(arguments), input=answers)


# ---------------------------------------------------------------- the table


@pytest.mark.parametrize("row", decision_table(), ids=lambda row: row.name)
def test_every_row_has_a_reference_and_a_program_for_each_framework(row: Row) -> None:
    assert callable(getattr(numerics, row.numerics))
    for framework in FRAMEWORKS:
        ast.parse(row.columns[framework].snippet)
    assert row_named(row.stable).output != "probabilities"


def test_the_six_helpers_of_the_design_are_rows() -> None:
    wanted = {
        ("two", "probabilities"): {"binary", "index", "soft"},
        ("exclusive", "probabilities"): {"index", "one-hot", "soft"},
        ("two", "logits"): {"binary", "index", "soft"},
        ("exclusive", "logits"): {"index", "one-hot", "soft"},
    }
    for (outcomes, output), targets in wanted.items():
        rows = [row for row in decision_table() if (row.outcomes, row.output) == (outcomes, output)]
        assert {target for row in rows for target in row.targets} == targets


def test_program_takes_the_number_of_classes() -> None:
    column = row_named("sparse-softmax-logits").columns["torch"]
    assert "CLASSES = 37\n" in column.program(37)
    assert column.program() == column.snippet


def test_broken_table_names_file_and_row(tmp_path: Any) -> None:
    path = tmp_path / "table.toml"
    path.write_text('[[row]]\nname = "binary"\n', encoding="utf-8")
    with pytest.raises(TableError, match=r"table\.toml: row 'binary'"):
        load_table(path)


# ---------------------------------------------------------------- three answers


@pytest.mark.parametrize(
    ("outcomes", "output", "targets", "row"),
    [
        ("10", "undecided", "index", "sparse-softmax-logits"),
        ("10", "logits", "one-hot", "softmax-logits"),
        ("10", "probabilities", "index", "sparse-categorical"),
        ("10", "probabilities", "soft", "categorical"),
        ("10", "log-probabilities", "index", "nll"),
        ("10", "log-probabilities", "soft", "kl"),
        ("2", "logits", "binary", "sigmoid-logits"),
        ("2", "probabilities", "index", "binary"),
        ("2", "logits", "one-hot", "softmax-logits"),
        ("2", "log-probabilities", "index", "nll"),
        ("several", "logits", "multi-hot", "multi-label-logits"),
        ("multi-label", "probabilities", "binary", "multi-label"),
    ],
)
def test_possible_answers_find_their_row(outcomes: str, output: str, targets: str, row: str) -> None:
    advice = advise(outcomes, output, targets)
    assert (advice.row.name, advice.impossible) == (row, "")


@pytest.mark.parametrize(
    ("outcomes", "output", "targets", "nearest", "reason"),
    [
        ("10", "logits", "binary", "sparse-softmax-logits", "two classes apart"),
        ("10", "logits", "multi-hot", "softmax-logits", "--outcomes several"),
        ("several", "logits", "index", "multi-label-logits", "several can be true"),
        ("several", "probabilities", "one-hot", "multi-label", "several can be true"),
        ("several", "log-probabilities", "multi-hot", "multi-label-logits", "log-probabilities"),
        ("2", "log-probabilities", "binary", "sigmoid-logits", "log-probabilities"),
        ("2", "logits", "multi-hot", "sigmoid-logits", "only one is true"),
    ],
)
def test_impossible_answers_get_reason_and_nearest(
    outcomes: str, output: str, targets: str, nearest: str, reason: str
) -> None:
    advice = advise(outcomes, output, targets)
    assert advice.row.name == nearest
    assert reason in advice.impossible
    assert reason in run("--outcomes", outcomes, "--output", output, "--targets", targets).output


@pytest.mark.parametrize("outcomes", ["2", "3", "several"])
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("targets", TARGETS)
def test_every_combination_has_an_answer(outcomes: str, output: str, targets: str) -> None:
    advice = advise(outcomes, output, targets)
    assert bool(advice.impossible) or targets in advice.row.targets


@pytest.mark.parametrize("outcomes", ["1", "0", "-3", "ten", "", "2.5"])
def test_senseless_outcomes_are_refused_in_one_line(outcomes: str) -> None:
    with pytest.raises(AnswerError):
        parse_outcomes(outcomes)
    result = run("--outcomes", outcomes, "--targets", "index")
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1


def test_command_prints_a_program_that_parses() -> None:
    output = run("--outcomes", "7", "--targets", "index", "--framework", "torch").output
    assert "nn.CrossEntropyLoss()" in output
    assert "nn.Linear(…, 7)" in output
    assert "0..6" in output
    assert "keras" not in output
    program = [line[4:] for line in output.splitlines() if line.startswith("    ") or not line.strip()]
    assert "CLASSES = 7" in program
    ast.parse("\n".join(program))


def test_command_asks_three_questions() -> None:
    result = run("--framework", "keras", answers="maybe\n3\n\nindex\n")
    assert result.exit_code == 0
    assert "neither a number nor 'several'" in result.output
    assert "SparseCategoricalCrossentropy(from_logits=True)" in result.output


def test_json_holds_the_row_for_all_frameworks() -> None:
    data = json.loads(run("--outcomes", "several", "--targets", "index", "--format", "json").stdout)
    assert data["row"] == "multi-label-logits"
    assert "several can be true" in data["impossible"]
    assert set(data["frameworks"]) == set(FRAMEWORKS)
    assert "BCEWithLogitsLoss" in data["frameworks"]["torch"]["snippet"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--targets", "index"], "--outcomes is missing"),
        (["--outcomes", "3"], "--targets is missing"),
        (["train.py", "--outcomes", "3"], "not both"),
    ],
)
def test_half_an_answer_is_refused(arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.output


# ---------------------------------------------------------------- scripts


def site(**changes: Any) -> SiteReport:
    facts: dict[str, Any] = {
        "place": PLACE,
        "loss": "torch.nn.CrossEntropyLoss",
        "from_logits": None,
        "width": 10,
        "quantity": "logits",
        "activation": "none",
        "encoding": "index",
        "classes": 10,
        "output_evidence": (LAYER,),
        "verdict": "fits",
        "details": {
            "framework": "torch",
            "family": "softmax",
            "wants": "logits",
            "units": "many",
            "width_against_classes": "equal",
        },
    }
    return SiteReport(**{**facts, **changes})


def finding(code: str = "XL201") -> Finding:
    return Finding(PLACE, code, "double-activation", "error", "Softmax twice. Drop one.", (LAYER,))


def test_a_right_site_is_called_right_with_its_row_and_evidence() -> None:
    advice = advise_sites(ScanResult((), (site(),), ()))
    assert (advice[0].verdict, advice[0].row) == ("right", row_named("sparse-softmax-logits"))
    text = sites_text(advice)
    assert "train.py:12:5: torch.nn.CrossEntropyLoss" in text
    assert "This is right." in text
    assert "train.py:7: nn.Softmax(dim=1)" in text


def test_a_wrong_site_says_what_to_change() -> None:
    wrong = site(quantity="probabilities", activation="softmax", codes=("XL201",), verdict="misfits")
    advice = advise_sites(ScanResult((finding(),), (wrong,), ()))
    assert advice[0].verdict == "change"
    text = sites_text(advice)
    assert "XL201 Softmax twice. Drop one." in text
    assert "This is right" not in text


def test_a_finding_of_another_site_is_left_there() -> None:
    elsewhere = site(place=Place("train.py", 90, 1, 90, 9), output_evidence=())
    wrong = site(codes=("XL201",), verdict="misfits")
    advice = advise_sites(ScanResult((finding(),), (wrong, elsewhere), ()))
    assert [one.verdict for one in advice] == ["change", "right"]


def test_an_unknown_site_says_what_is_unknown_and_what_the_loss_expects() -> None:
    nothing = dict.fromkeys(("quantity", "activation", "width", "encoding", "classes"))
    unknown = site(**nothing, verdict="unresolved")
    advice = advise_sites(ScanResult((), (unknown,), ()))[0]
    assert advice.verdict == "unknown"
    assert advice.answers == {"outcomes": "unknown", "output": "unknown", "targets": "unknown"}
    assert "could not be read" in advice.advice[0]
    assert "int64" in advice.advice[1]


def test_a_site_is_right_only_as_far_as_its_classes_are_counted() -> None:
    facts = {"framework": "torch", "family": "softmax", "wants": "logits", "units": "many"}
    uncounted = advise_sites(ScanResult((), (site(details=facts),), ()))[0]
    assert uncounted.advice[0].startswith("This is right, as long as there is one unit for each class.")
    fewer = site(details={**facts, "width_against_classes": "fewer"}, width="n", classes="n+1")
    advice = advise_sites(ScanResult((), (fewer,), ()))[0]
    assert advice.verdict == "unknown"
    assert "fewer units" in advice.advice[0]


@pytest.mark.parametrize(
    ("details", "encoding", "row"),
    [
        ({"family": "binary", "wants": "logits", "units": "one"}, "binary", "sigmoid-logits"),
        ({"family": "binary", "wants": "probabilities", "units": "one"}, "binary", "binary"),
        ({"family": "binary", "wants": "logits", "units": "many"}, "multi-hot", "multi-label-logits"),
        ({"family": "categorical", "wants": "probabilities"}, "one-hot", "categorical"),
        ({"family": "sparse", "wants": "logits"}, "index", "sparse-softmax-logits"),
        ({"family": "softmax", "wants": "logits"}, "soft", "softmax-logits"),
        ({"family": "nll", "wants": "log-probabilities"}, "index", "nll"),
        ({"family": "kl", "wants": "log-probabilities"}, "soft", "kl"),
        ({"family": "mse", "wants": "any"}, "continuous", None),
        ({"family": "sparse"}, "index", None),
    ],
)
def test_sites_stand_on_the_row_of_their_loss(details: Any, encoding: str, row: str | None) -> None:
    advice = advise_sites(ScanResult((), (site(details=details, encoding=encoding),), ()))[0]
    assert (advice.row.name if advice.row else None) == row


def test_command_advises_on_a_script(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    wrong = site(codes=("XL201",), verdict="misfits")
    result = ScanResult((finding(),), (wrong,), ())
    monkeypatch.setattr(common, "run_scan", lambda paths, settings, **options: (result, {}))
    script = tmp_path / "train.py"
    script.write_text("", encoding="utf-8")
    assert "XL201" in run(str(script)).output
    data = json.loads(run(str(script), "--format", "json").stdout)
    assert (data[0]["verdict"], data[0]["row"]) == ("change", "sparse-softmax-logits")
    assert data[0]["findings"][0]["code"] == "XL201"
    assert run(str(script), "--framework", "keras").output.startswith("No place")


def test_command_reads_the_answers_from_a_script(tmp_path: Any) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        "import torch\n"
        "from torch import nn\n"
        "x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))\n"
        "net = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))\n"
        "loss = nn.CrossEntropyLoss()(net(x), y)\n"
        "score = nn.CrossEntropyLoss()(nn.Linear(4, 3)(x), y)\n",
        encoding="utf-8",
    )
    wrong, right = json.loads(run(str(script), "--format", "json").stdout)
    assert (wrong["line"], wrong["verdict"]) == (5, "change")
    assert [one["code"] for one in wrong["findings"]] == ["XL201"]
    assert (right["line"], right["verdict"], right["row"]) == (6, "right", "sparse-softmax-logits")
    assert right["answers"] == {"outcomes": "3", "output": "logits", "targets": "index"}


def test_command_does_not_call_a_single_unit_softmax_right(tmp_path: Any) -> None:
    script = tmp_path / "train.py"
    rule = find_rule("XL101")
    assert rule is not None
    script.write_text(rule.examples[0], encoding="utf-8")
    output = run(str(script)).output
    assert "XL101" in output
    assert "This is right" not in output


def test_command_names_a_missing_script(tmp_path: Any) -> None:
    result = run(str(tmp_path / "missing.py"))
    assert result.exit_code == 2
    assert "missing.py" in result.output
