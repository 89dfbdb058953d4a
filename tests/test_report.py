"""Every format of the reports, read back as its readers do."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from xlint.report import FORMATS, RuleText, Style, render
from xlint.sites import Edit, Finding, Fix, Note, Place

SOURCE = 'model.add(Dense(1,\tactivation="softmax"))\n"数字"; model.compile(\n    loss="mse")\n'
RULE = RuleText("XL101", "single-unit-softmax", "error", "A softmax.", "# XL101\n", "file:///rules/XL101.md")


@pytest.fixture(autouse=True)
def in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("CI_PROJECT_DIR", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "a b.py").write_text(SOURCE, encoding="utf-8")


def sample(path: str = "a b.py", severity: str = "error", cell: int | None = None) -> Finding:
    place = Place(path, 1, 31, 1, 40, cell)
    note = Note(Place(path, 2, 7, 3, 16, cell), "loss", "mean squared error")
    fix = Fix("unsafe", "write sigmoid", (Edit(place, '"sigmoid"'),))
    return Finding(place, "XL101", "single-unit-softmax", severity, "softmax <1>, 100%: wrong", (note,), fix)


def written(format: str, findings: Iterable[Finding], **style: Any) -> str:
    return "".join(line + "\n" for line in render(format, findings, Style(**style)))


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_can_say_that_there_is_nothing(format: str) -> None:
    text = written(format, [])
    if format in ("json", "gitlab"):
        assert json.loads(text) == []
    elif format == "sarif":
        assert json.loads(text)["runs"][0]["results"] == []
    elif format == "junit":
        assert ElementTree.fromstring(text.encode()).find(".//failure") is None
    else:
        assert text == ""


def test_text_is_what_flake8_prints() -> None:
    assert written("text", [sample()]) == "a b.py:1:31: XL101 softmax <1>, 100%: wrong\n"
    assert written("text", [sample(cell=4)]).startswith("a b.py:cell 4:1:31: XL101 ")


def test_full_underlines_the_span_and_quotes_the_evidence() -> None:
    lines = written("full", [sample()]).splitlines()
    assert lines[0] == "a b.py:1:31: XL101 softmax <1>, 100%: wrong (single-unit-softmax, error)"
    assert lines[1] == '1 | model.add(Dense(1,    activation="softmax"))'
    assert lines[2].index("^") == lines[1].index('"softmax"')
    assert lines[2].count("^") == len('"softmax"')
    assert lines[3] == "  = loss: mean squared error (a b.py:2:7)"
    assert lines[4] == '2 | "数字"; model.compile('
    assert (
        lines[5] == "  |         " + "-" * len("model.compile(") + "..."
    )  # wide characters take two columns
    assert lines[6] == "  = help: write sigmoid"


def test_full_says_only_once_what_a_quoted_line_shows() -> None:
    place = Place("a b.py", 1, 11, 1, 16)
    notes = (Note(place, "width", "Dense(1,"), Note(place, "quantity", "probabilities"))
    lines = written("full", [Finding(place, "XL101", "n", "error", "m", notes)]).splitlines()
    assert lines[3:5] == ["  = width (a b.py:1:11)", "  = quantity: probabilities (a b.py:1:11)"]
    assert lines[5].startswith("  = help: ")


def test_full_links_the_code_to_its_page_where_terminals_can() -> None:
    text = written("full", [sample()], links=True, color=True, rules={"XL101": RULE})
    assert "\x1b]8;;file:///rules/XL101.md\x1b\\" in text
    assert "\x1b]8;;" not in written("full", [sample()], rules={"XL101": RULE})


def test_full_quotes_the_cells_of_notebooks() -> None:
    cells = [{"source": "x"}, {"source": SOURCE.splitlines(keepends=True)}]
    Path("a.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert '\n1 | model.add(Dense(1,    activation="softmax"))\n' in written(
        "full", [sample("a.ipynb", cell=2)]
    )


def test_full_goes_without_source_lines_that_cannot_be_had() -> None:
    assert written("full", [sample("gone.py")]).splitlines()[1].startswith("  = loss: ")


def test_json_holds_the_documented_keys_and_json_lines_the_same_objects() -> None:
    (element,) = json.loads(written("json", [sample()]))
    assert list(element) == [
        "path", "cell", "line", "column", "end_line", "end_column", "code", "name", "severity", "message",
        "evidence", "fix",
    ]  # fmt: skip
    assert [json.loads(line) for line in written("json-lines", [sample()]).splitlines()] == [element]


def test_github_escapes_what_would_end_a_command() -> None:
    assert written("github", [sample()]) == (
        "::error title=xlint XL101 (single-unit-softmax),file=a b.py,line=1,col=31,endLine=1,endColumn=40"
        "::a b.py:1:31: XL101 softmax <1>, 100%25: wrong\n"
    )
    assert written("github", [sample("a,b.py", "advice")]).startswith("::notice title=xlint XL101")
    assert "file=a%2Cb.py," in written("github", [sample("a,b.py")])
    assert "line=" not in written("github", [sample(cell=4)])


def test_gitlab_paths_are_those_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (element,) = json.loads(written("gitlab", [sample(str(tmp_path / "a b.py"))]))
    assert element["location"] == {"path": "a b.py", "lines": {"begin": 1, "end": 1}}
    assert (element["check_name"], element["severity"]) == ("XL101", "major")
    monkeypatch.setenv("CI_PROJECT_DIR", str(tmp_path.parent))
    (element,) = json.loads(written("gitlab", [sample()]))
    assert element["location"]["path"] == f"{tmp_path.name}/a b.py"


def test_junit_has_a_failed_case_for_each_finding_by_file() -> None:
    tree = ElementTree.fromstring(written("junit", [sample(), sample(), sample("\x07.py")]).encode())
    assert (tree.get("tests"), tree.get("failures")) == ("3", "3")
    assert [(suite.get("name"), suite.get("tests")) for suite in tree] == [("a b.py", "2"), ("?.py", "1")]
    failure = tree.find(".//failure")
    assert failure is not None
    assert failure.get("message") == "softmax <1>, 100%: wrong"


def test_pylint_lines_can_be_parsed_by_its_readers() -> None:
    pattern = re.compile(r"(?P<path>.+):(?P<line>\d+): \[(?P<code>\w+)\((?P<name>[\w-]+)\)\] (?P<message>.+)")
    match = pattern.fullmatch(written("pylint", [sample()]).strip())
    assert match is not None
    assert (match["path"], match["line"], match["code"]) == ("a b.py", "1", "XL101")


def run_of(findings: Iterable[Finding], **style: Any) -> dict[str, Any]:
    log = json.loads(written("sarif", findings, **style))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return dict(run)


def test_sarif_results_refer_to_their_rule_and_place() -> None:
    run = run_of([sample()], rules={"XL100": RULE, "XL101": RULE})
    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "XL101"
    assert rule["help"]["markdown"] == "# XL101\n"
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "a%20b.py", "uriBaseId": "%SRCROOT%"}
    assert physical["region"] == {"startLine": 1, "startColumn": 31, "endLine": 1, "endColumn": 40}
    assert result["level"] == "error"
    assert (
        result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"] == '"sigmoid"'
    )


def test_sarif_shows_the_evidence_as_related_locations_and_as_a_code_flow_that_ends_at_the_finding() -> None:
    (result,) = run_of([sample()])["results"]
    assert [related["message"]["text"] for related in result["relatedLocations"]] == [
        "loss: mean squared error"
    ]
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    regions = [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps]
    assert regions == [2, 1]


def test_sarif_names_the_cell_of_a_notebook_instead_of_a_line_of_its_file() -> None:
    (result,) = run_of([sample(cell=4)])["results"]
    assert "region" not in result["locations"][0]["physicalLocation"]
    assert result["locations"][0]["logicalLocations"][0]["name"] == "cell 4"
    assert result["message"]["text"].startswith("cell 4, line 1")


def test_sarif_paths_outside_of_the_folder_are_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    (result,) = run_of([sample(str(tmp_path / "a b.py"))])["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": (tmp_path / "a b.py").as_uri()}


def test_fingerprints_survive_moved_lines_and_tell_twins_apart() -> None:
    def prints(source: str, *lines: int) -> list[str]:
        found = [Finding(Place("t.py", line, 1, line, 2), "XL101", "n", "error", "m") for line in lines]
        results = run_of(found, texts={"t.py": source})["results"]
        return [result["partialFingerprints"]["xlint/v1"] for result in results]

    first, second = prints("a = 1\na = 1\n", 1, 2)
    assert first != second
    assert prints("\n\n  a =  1\n\na = 1\n", 3, 5) == [first, second]
    assert prints("b = 1\n", 1) != [first]


def test_sarif_is_valid_by_the_schema_where_it_is_at_hand(request: pytest.FixtureRequest) -> None:
    """The official schema is not ours to ship: put sarif-schema-2.1.0.json beside this file to use it."""
    schema = request.path.with_name("sarif-schema-2.1.0.json")
    if not schema.exists():
        pytest.skip("the schema is not at hand")
    jsonschema = pytest.importorskip("jsonschema")
    log = json.loads(written("sarif", [sample(), sample(cell=3), sample("/x.py")], rules={"XL101": RULE}))
    jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(log)
