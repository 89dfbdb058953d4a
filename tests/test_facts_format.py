"""The JSON of `xlint facts` and `xlint check`: keys, types and order are a contract with its readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from xlint.cli import main

ROOT = Path(__file__).parent.parent
NUMBER = (int,)
TEXT = (str,)
MAYBE_NUMBER = (int, type(None))
MAYBE_TEXT = (str, type(None))
EITHER = (int, str, type(None))

SITE = {
    "path": TEXT,
    "cell": MAYBE_NUMBER,
    "line": NUMBER,
    "column": NUMBER,
    "loss": TEXT,
    "from_logits": (bool, type(None)),
    "output": (dict,),
    "targets": (dict,),
    "codes": (list,),
}
OUTPUT = {"width": EITHER, "quantity": MAYBE_TEXT, "activation": MAYBE_TEXT, "evidence": (list,)}
TARGETS = {"encoding": MAYBE_TEXT, "classes": EITHER, "evidence": (list,)}
NOTE = {"path": TEXT, "cell": MAYBE_NUMBER, "line": NUMBER, "column": NUMBER, "fact": TEXT, "text": TEXT}
FINDING = {
    "path": TEXT,
    "cell": MAYBE_NUMBER,
    "line": NUMBER,
    "column": NUMBER,
    "end_line": NUMBER,
    "end_column": NUMBER,
    "code": TEXT,
    "name": TEXT,
    "severity": TEXT,
    "message": TEXT,
    "evidence": (list,),
    "fix": (dict, type(None)),
}
QUANTITIES = {"logits", "probabilities", "log-probabilities", "other", None}
ENCODINGS = {"index", "one-hot", "binary", "multi-hot", "soft", "continuous", None}


def run(*arguments: str) -> list[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        options = ("--format", "json", "--no-cache", "--isolated", "-j", "1")
        result = CliRunner().invoke(main, [*arguments, *options])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


@pytest.fixture(scope="module")
def sites() -> list[dict[str, Any]]:
    return run("facts", "fixtures")


@pytest.fixture(scope="module")
def findings() -> list[dict[str, Any]]:
    return run("check", "fixtures", "--select", "ALL")


def has(element: dict[str, Any], form: dict[str, tuple[type, ...]]) -> None:
    """The keys in their order, with values of exactly these types (True is no number)."""
    assert list(element) == list(form)
    for key, types in form.items():
        assert type(element[key]) in types, (key, element[key])


def test_a_site(sites: list[dict[str, Any]]) -> None:
    assert len(sites) > 150
    for site in sites:
        has(site, SITE)
        has(site["output"], OUTPUT)
        has(site["targets"], TARGETS)
        assert site["output"]["quantity"] in QUANTITIES
        assert site["targets"]["encoding"] in ENCODINGS
        assert site["loss"]
        assert all(code.startswith("XL") for code in site["codes"])


def test_a_finding(findings: list[dict[str, Any]]) -> None:
    assert len(findings) > 40
    for finding in findings:
        has(finding, FINDING)
        assert finding["severity"] in ("error", "warning", "advice")
        start = (finding["line"], finding["column"])
        assert (1, 1) <= start <= (finding["end_line"], finding["end_column"])


def test_evidence(sites: list[dict[str, Any]], findings: list[dict[str, Any]]) -> None:
    groups = [site[side]["evidence"] for site in sites for side in ("output", "targets")]
    groups += [finding["evidence"] for finding in findings]
    notes = [note for group in groups for note in group]
    assert len(notes) > 300
    for note in notes:
        has(note, NOTE)
        assert note["line"] >= 1 and note["column"] >= 1
        assert note["text"] and "\n" not in note["text"]
        # A module that a notebook writes is shown as notebook.ipynb#module.py.
        lines = (ROOT / note["path"].split("#")[0]).read_bytes().split(b"\n")
        assert note["line"] <= len(lines), note


def test_what_is_known_has_evidence(sites: list[dict[str, Any]]) -> None:
    outputs = [site["output"] for site in sites]
    known = [output for output in outputs if isinstance(output["width"], int) and output["quantity"]]
    assert len(known) > 100
    assert [output for output in known if not output["evidence"]] == []


def test_places_are_in_order(sites: list[dict[str, Any]], findings: list[dict[str, Any]]) -> None:
    for elements in (sites, findings):
        places = [(e["path"], e["cell"] or 0, e["line"], e["column"]) for e in elements]
        assert places == sorted(places)


def test_cells_are_those_of_notebooks_only(
    sites: list[dict[str, Any]], findings: list[dict[str, Any]]
) -> None:
    notes = [note for finding in findings for note in finding["evidence"]]
    for element in (*sites, *findings, *notes):
        assert (element["cell"] is not None) is element["path"].endswith(".ipynb")
    assert all(any(element["cell"] for element in group) for group in (sites, findings, notes))


def test_both_commands_agree(sites: list[dict[str, Any]], findings: list[dict[str, Any]]) -> None:
    """A code that `facts` shows at a site is reported by `check` in the same file."""
    reported = {(finding["path"], finding["code"]) for finding in findings}
    for site in sites:
        for code in site["codes"]:
            assert (site["path"], code) in reported


def test_nothing_to_show_is_an_empty_list(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("")
    assert run("facts", str(tmp_path)) == []
    assert run("check", str(tmp_path)) == []


def test_the_site_of_a_known_script(sites: list[dict[str, Any]]) -> None:
    [site] = [site for site in sites if site["path"] == "fixtures/notebooks/clothes_bad.ipynb"]
    assert (site["cell"], site["line"], site["column"]) == (6, 3, 20)
    assert site["loss"] == "keras.losses.sparse_categorical_crossentropy"
    assert site["from_logits"] is False
    output, targets = site["output"], site["targets"]
    assert (output["width"], output["quantity"], output["activation"]) == (10, "logits", "none")
    assert (targets["encoding"], targets["classes"]) == ("index", 10)
    assert site["codes"] == ["XL202"]
    assert {note["cell"] for note in output["evidence"]} == {5}
    assert {note["cell"] for note in targets["evidence"]} == {3}
