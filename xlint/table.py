"""The decision table: rules/decision_table.toml as frozen dataclasses."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from xlint.resources import rules_directory

FRAMEWORKS = ("keras", "tensorflow", "torch")
OUTCOMES = ("two", "exclusive", "several")
OUTPUTS = ("probabilities", "logits", "log-probabilities")
TARGETS = ("binary", "index", "one-hot", "soft", "multi-hot")
TITLES = {"keras": "Keras", "tensorflow": "TensorFlow", "torch": "PyTorch"}


class TableError(Exception):
    """The decision table cannot be used; the message names the file and the row."""


@dataclass(frozen=True, slots=True)
class Column:
    """How one framework writes a row; every field is text to show, `snippet` a complete program."""

    framework: str
    loss: str
    layer: str
    activation: str
    labels: str
    metric: str
    prediction: str
    snippet: str
    also: str = ""
    loss_v1: str = ""
    note: str = ""

    def program(self, count: int | None = None) -> str:
        """The snippet, with `count` classes (or labels) in the place of the table's example number."""
        if count is None:
            return self.snippet
        lines = self.snippet.split("\n")
        for number, line in enumerate(lines):
            name, equals, _ = line.partition(" = ")
            if equals and name in ("CLASSES", "LABELS"):
                lines[number] = f"{name} = {count}"
        return "\n".join(lines)

    def filled(self, text: str, count: int | None) -> str:
        """A field's text with the number of classes in the place of K."""
        if count is None:
            return text
        return re.sub(r"\bK\b", str(count), re.sub(r"\bK-1\b", str(count - 1), text))

    def as_dict(self, count: int | None = None) -> dict[str, Any]:
        """The fields for JSON."""
        return {
            "loss": self.loss,
            "also": self.also or None,
            "loss_v1": self.loss_v1 or None,
            "layer": self.filled(self.layer, count),
            "activation": self.activation,
            "labels": self.filled(self.labels, count),
            "metric": self.metric,
            "prediction": self.prediction,
            "note": self.note or None,
            "snippet": self.program(count),
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the answers to the three questions, and what each framework calls the loss.

    `outcomes` is one of OUTCOMES, `output` one of OUTPUTS, `targets` some of TARGETS, `numerics` the name of
    the reference function in xlint.numerics, `stable` the row that is the numerically stable form.
    """

    name: str
    helper: str
    numerics: str
    outcomes: str
    output: str
    targets: tuple[str, ...]
    stable: str
    advice: str
    columns: Mapping[str, Column]


@cache
def decision_table() -> tuple[Row, ...]:
    """All rows, in the order of the file. Raises TableError where the file is broken."""
    return load_table(rules_directory() / "decision_table.toml")


def load_table(path: Path) -> tuple[Row, ...]:
    """The rows of one file. Raises TableError, naming the file and the row, where it is broken."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TableError(f"{path}: {error}") from error
    rows = tuple(_row(entry, path) for entry in data.get("row", []))
    names = {row.name for row in rows}
    for row in rows:
        if row.stable not in names:
            raise TableError(f"{path}: row {row.name!r}: there is no row {row.stable!r}")
    return rows


def row_named(name: str) -> Row:
    """The row of that name; raises KeyError if there is none."""
    for row in decision_table():
        if row.name == name:
            return row
    raise KeyError(name)


def _row(entry: Mapping[str, Any], path: Path) -> Row:
    """One row, checked against the words that the table may use."""
    fields = dict(entry)
    name = fields.get("name", "?")
    try:
        columns = {framework: Column(framework, **fields.pop(framework)) for framework in FRAMEWORKS}
        row = Row(columns=columns, targets=tuple(fields.pop("targets")), **fields)
    except (KeyError, TypeError) as error:
        raise TableError(f"{path}: row {name!r}: {error}") from error
    known = row.outcomes in OUTCOMES and row.output in OUTPUTS and set(row.targets) <= set(TARGETS)
    if not known:
        raise TableError(f"{path}: row {name!r}: unknown word in outcomes, output or targets")
    return row
