"""What the interpreter hands on: sites, which are facts with their evidence and hold no syntax to read.

A `Mark` points into a source without costing anything; `Source.place(node)` turns it into line and
column only where something is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlint.source import Source
    from xlint.syntax import CSTNode

Fact = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Place:
    """A region of a file; lines and columns from 1, `cell` from 1 over all cells of a notebook."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    cell: int | None = None


@dataclass(slots=True, eq=False)
class Mark:
    """A node of a source; its `Place` is computed on demand."""

    source: Source
    node: CSTNode

    @property
    def key(self) -> tuple[str, int]:
        """Identity of the marked node within one run."""
        return (self.source.path, id(self.node))

    def place(self) -> Place:
        """The marked region, with positions computed now."""
        return self.source.place(self.node)

    def text(self) -> str:
        """The marked code on one line, cut to a readable length."""
        return self.source.snippet(self.node)


@dataclass(slots=True, unsafe_hash=True)
class Evidence:
    """Where a fact comes from: `fact` is its name (width, activation, encoding, loss), `mark` the code."""

    fact: str
    mark: Mark
    text: str = ""

    def words(self) -> str:
        """The few words to show: the given text, or else the code itself."""
        return self.text or self.mark.text()


@dataclass(frozen=True, slots=True)
class Case:
    """The facts of a site under one set of branch decisions.

    `facts` is flat: see docs/facts.md for the names that rules may test. A fact that is not known is
    absent. `default_path` is true where every decision is the one that the script takes by default,
    None where the script settles some of them only, and these are so.
    """

    facts: Mapping[str, Fact]
    evidence: tuple[Evidence, ...] = ()
    default_path: bool | None = True
    anchors: Mapping[str, Mark] = field(default_factory=dict)
    labels: Hashable = None
    """Identity of the labels, while their encoding may still become known."""
    decisions: frozenset[tuple[Hashable, bool]] = frozenset()
    """The branch decisions that lead there."""
    one_number: bool = False
    """Whether one of the decisions is that an unknown number is a certain one, as in `if classes == 1`."""

    def with_facts(self, **facts: Fact) -> Case:
        """The case with these facts, too."""
        return replace(self, facts={**self.facts, **facts})


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a loss, a metric, an argmax, a threshold or a logarithm meets tensors.

    `cases` holds one entry for each combination of branch decisions that reaches the site in one
    visit; facts from two sides of the same condition are never in one case.
    """

    kind: str
    mark: Mark
    cases: tuple[Case, ...]
    visit: int | None = None
    """Sites of one visit are the same place under decisions that exclude each other."""

    def changed(self, change: Callable[[Case], Case]) -> Site:
        """The site with each of its cases changed."""
        return replace(self, cases=tuple(map(change, self.cases)))


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the region `place` by `text`."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A proposed change; `applicability` is "safe" or "unsafe"."""

    applicability: str
    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Evidence with its place resolved, as reports show it."""

    place: Place
    fact: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One report: what is wrong at `place`, in words for the person whose model will not learn."""

    place: Place
    code: str
    name: str
    severity: str
    message: str
    evidence: tuple[Note, ...] = ()
    fix: Fix | None = None

    def as_dict(self) -> dict[str, Any]:
        """The element that `--format json` prints."""
        return {
            "path": self.place.path,
            "cell": self.place.cell,
            "line": self.place.line,
            "column": self.place.column,
            "end_line": self.place.end_line,
            "end_column": self.place.end_column,
            "code": self.code,
            "name": self.name,
            "severity": self.severity,
            "message": self.message,
            "evidence": [note_as_dict(note) for note in self.evidence],
            "fix": None if self.fix is None else fix_as_dict(self.fix),
        }


def note_as_dict(note: Note) -> dict[str, Any]:
    """The JSON form of one piece of evidence."""
    return {
        "path": note.place.path,
        "cell": note.place.cell,
        "line": note.place.line,
        "column": note.place.column,
        "fact": note.fact,
        "text": note.text,
    }


def fix_as_dict(fix: Fix) -> dict[str, Any]:
    """The JSON form of a fix; each edit names its region and the new text."""
    return {
        "applicability": fix.applicability,
        "title": fix.title,
        "edits": [
            {
                "path": edit.place.path,
                "cell": edit.place.cell,
                "line": edit.place.line,
                "column": edit.place.column,
                "end_line": edit.place.end_line,
                "end_column": edit.place.end_column,
                "text": edit.text,
            }
            for edit in fix.edits
        ],
    }


@dataclass(frozen=True, slots=True)
class SiteReport:
    """One element of `xlint facts`: plain data, so that it can be cached and sent between processes."""

    place: Place
    loss: str
    from_logits: bool | None
    width: int | str | None
    quantity: str | None
    activation: str | None
    encoding: str | None
    classes: int | str | None
    output_evidence: tuple[Note, ...] = ()
    target_evidence: tuple[Note, ...] = ()
    codes: tuple[str, ...] = ()
    verdict: str = "unresolved"
    """"fits", "misfits" or "unresolved" against the decision table."""
    reason: str = ""
    """Why a site is unresolved, in a few words."""
    details: Mapping[str, Fact] = field(default_factory=dict)
    """The flat facts behind the report, for `xlint advise train.py`."""

    def as_dict(self) -> dict[str, Any]:
        """The element that `xlint facts --format json` prints."""
        return {
            "path": self.place.path,
            "cell": self.place.cell,
            "line": self.place.line,
            "column": self.place.column,
            "loss": self.loss,
            "from_logits": self.from_logits,
            "output": {
                "width": self.width,
                "quantity": self.quantity,
                "activation": self.activation,
                "evidence": [note_as_dict(note) for note in self.output_evidence],
            },
            "targets": {
                "encoding": self.encoding,
                "classes": self.classes,
                "evidence": [note_as_dict(note) for note in self.target_evidence],
            },
            "codes": list(self.codes),
        }


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be read or analysed: one clear line."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class ScanResult:
    """All that a scan found, sorted by path, cell, line, column and code."""

    findings: tuple[Finding, ...]
    sites: tuple[SiteReport, ...]
    problems: tuple[Problem, ...]
    files: int = 0
    analysed: int = 0
