"""Every script and notebook in fixtures/ is reported, and understood, as the comments in it say.

A comment stands on the line that it speaks of:
  `# expect: XL201, XL304`          these reports, and no others at warning or above
  `# expect-advice: XL206`          this advice
  `# facts: width=10 encoding=index or width=1`   the cases that `xlint facts` shows there, all of them
A fact may be `unknown`, or `symbol` for a number that has a name only; what is not named is not looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from xlint.engine import scan
from xlint.settings import Settings
from xlint.sites import Finding, ScanResult, SiteReport
from xlint.source import SourceError, decode

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "fixtures"
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in FOLDER.rglob("*")
    if path.suffix in (".py", ".ipynb") and not any(part.startswith(".") for part in path.parts[-3:])
)
UNREADABLE = {
    "fixtures/input/not_utf8.py": "decoded",
    "fixtures/input/not_a_notebook.ipynb": "notebook",
}
"""Files that cannot be read, with a word of the line that says so."""

KNOWN_BUGS: dict[str, str] = {}
"""Fixtures that do not hold yet, and why."""

_CODES = re.compile(r"# (expect|expect-advice): (XL\d+(?:, XL\d+)*)")
_FACTS = re.compile(r"# facts: ([^#]+)")
Line = tuple[int | None, int]


@dataclass
class Expected:
    """What the comments of one file say: by cell and line."""

    reports: set[tuple[Line, str]] = field(default_factory=set)
    advice: set[tuple[Line, str]] = field(default_factory=set)
    facts: dict[Line, list[dict[str, str]]] = field(default_factory=dict)


def lines_of(path: Path) -> Iterator[tuple[Line, str]]:
    """The lines of a file with their numbers; of a notebook, with the cell's number too."""
    text = decode(path.read_bytes())
    if path.suffix == ".ipynb":
        for number, cell in enumerate(json.loads(text)["cells"], 1):
            for line, content in enumerate("".join(cell["source"]).split("\n"), 1):
                yield (number, line), content
    else:
        for line, content in enumerate(text.split("\n"), 1):
            yield (None, line), content


def expected_of(path: Path) -> Expected:
    """The expectations that the comments of a file state."""
    expected = Expected()
    for place, content in lines_of(path):
        for kind, codes in _CODES.findall(content):
            wanted = expected.reports if kind == "expect" else expected.advice
            wanted |= {(place, code) for code in codes.split(", ")}
        for facts in _FACTS.findall(content):
            expected.facts[place] = [
                dict(pair.split("=") for pair in case.split()) for case in facts.strip().split(" or ")
            ]
    return expected


@pytest.fixture(scope="module")
def everything() -> ScanResult:
    """One scan of all fixtures, with advice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return scan(["fixtures"], Settings(severity="advice", no_cache=True, jobs=1))


def at(finding: Finding) -> tuple[Line, str]:
    """The cell, line and code of a finding."""
    return ((finding.place.cell, finding.place.line), finding.code)


def fulfils(site: SiteReport, wanted: dict[str, str]) -> bool:
    """Whether the facts of a site are those of a comment."""
    return all(_is(getattr(site, name), value) for name, value in wanted.items())


def _is(fact: object, wanted: str) -> bool:
    if wanted == "unknown":
        return fact is None
    if wanted == "symbol":
        return isinstance(fact, str)
    return str(fact) == wanted


def shown(site: SiteReport) -> str:
    """The facts of a site as a comment would have them."""
    names = ("width", "quantity", "activation", "encoding", "classes")
    return " ".join(f"{name}={getattr(site, name)}" for name in names)


def files(*, folder: str = "") -> list[object]:
    """The fixtures as parameters; those that do not hold yet are marked."""
    return [
        pytest.param(path, marks=pytest.mark.xfail(strict=True, reason=KNOWN_BUGS[path]))
        if path in KNOWN_BUGS
        else path
        for path in FILES
        if path.startswith(f"fixtures/{folder}") and path not in UNREADABLE
    ]


@pytest.mark.parametrize("path", files())
def test_fixture(path: str, everything: ScanResult) -> None:
    expected = expected_of(ROOT / path)
    findings = [finding for finding in everything.findings if finding.place.path == path]
    reported = {at(finding) for finding in findings if finding.severity != "advice"}
    advised = {at(finding) for finding in findings if finding.severity == "advice"}
    assert reported == expected.reports
    assert advised == expected.advice
    sites = [site for site in everything.sites if site.place.path == path]
    for place, cases in expected.facts.items():
        here = [site for site in sites if (site.place.cell, site.place.line) == place]
        seen = [shown(site) for site in here]
        assert here, f"no loss site at line {place}"
        for site in here:
            assert any(fulfils(site, case) for case in cases), f"line {place}: {seen}, not {cases}"
        for case in cases:
            assert any(fulfils(site, case) for site in here), f"line {place}: {case} is not among {seen}"


@pytest.mark.parametrize("path", sorted(UNREADABLE))
def test_unreadable_fixture_is_one_problem_and_the_rest_is_scanned(path: str, everything: ScanResult) -> None:
    problems = [problem for problem in everything.problems if problem.path == path]
    assert len(problems) == 1
    assert UNREADABLE[path] in problems[0].message
    assert "\n" not in problems[0].message
    assert len(everything.problems) == len(UNREADABLE)


def test_every_file_is_scanned(everything: ScanResult) -> None:
    assert everything.files == len(FILES)


def test_there_are_expectations_to_meet() -> None:
    """A change of the comments' form must not make all tests pass by expecting nothing."""
    all_expected = [expected_of(ROOT / path) for path in FILES if path not in UNREADABLE]
    assert sum(len(expected.reports) for expected in all_expected) > 30
    assert sum(len(expected.facts) for expected in all_expected) > 100
    bad = [path for path in FILES if "_bad." in path]
    for path in bad:
        expected = expected_of(ROOT / path)
        assert expected.reports | expected.advice, path


def test_good_twins_expect_nothing() -> None:
    for path in FILES:
        if "_good." in path:
            assert expected_of(ROOT / path).reports == set(), path


def test_comments_are_well_formed() -> None:
    """No comment is misspelt into silence."""
    for path in FILES:
        try:
            lines = list(lines_of(ROOT / path))
        except (SourceError, ValueError):
            assert path in UNREADABLE
            continue
        for place, content in lines:
            words = re.findall(r"#\s*(?:expect|facts)\b", content)
            matched = len(_CODES.findall(content)) + len(_FACTS.findall(content))
            assert len(words) == matched, f"{path}:{place}: {content}"
