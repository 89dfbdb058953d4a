"""SARIF 2.1.0, the format of code scanning (OASIS, Static Analysis Results Interchange Format)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlint import __version__
from xlint.report.common import RuleText, SourceLines, Style, fingerprints, in_cell, relative_to, uri

if TYPE_CHECKING:
    from xlint.sites import Edit, Finding, Fix, Place

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "advice": "note"}


def render(findings: Iterable[Finding], style: Style) -> Iterator[str]:
    """One run; its rules are those of `style.rules`, or at least those that found something."""
    found = list(findings)
    rules = {finding.code: _bare_rule(finding) for finding in found}
    rules |= {code: _rule(text) for code, text in style.rules.items()}
    codes = sorted(rules)
    results = [
        _result(finding, codes.index(finding.code), fingerprint)
        for finding, fingerprint in fingerprints(found, SourceLines(style.texts))
    ]
    driver = {
        "name": "xlint",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [rules[code] for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    yield json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _bare_rule(finding: Finding) -> dict[str, Any]:
    """A rule of which only the finding is known."""
    return {"id": finding.code, "name": finding.name}


def _rule(text: RuleText) -> dict[str, Any]:
    """A rule with its page."""
    return {
        "id": text.code,
        "name": text.name,
        "shortDescription": {"text": text.name.replace("-", " ").capitalize() + "."},
        "fullDescription": {"text": text.summary or text.name},
        "help": {"text": text.page, "markdown": text.page},
        "defaultConfiguration": {"level": _LEVELS[text.severity]},
        "properties": {"tags": ["machine-learning", "correctness"]},
    }


def _result(finding: Finding, rule_index: int, fingerprint: str) -> dict[str, Any]:
    """A finding, with its evidence as related locations and as the steps that lead to it."""
    message = in_cell(finding.place) + finding.message
    own = {"location": _location(finding.place, finding.message)}
    steps = [{"location": _location(note.place, f"{note.fact}: {note.text}")} for note in finding.evidence]
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [_location(finding.place)],
        "partialFingerprints": {"xlint/v1": fingerprint},
    }
    if steps:
        result["relatedLocations"] = [
            {"id": number, **step["location"]} for number, step in enumerate(steps, start=1)
        ]
        result["codeFlows"] = [{"threadFlows": [{"locations": [*steps, own]}]}]
    if finding.fix is not None and finding.place.cell is None:
        result["fixes"] = [_fix(finding.fix)]
    return result


def _location(place: Place, message: str = "") -> dict[str, Any]:
    """A place; the regions of a notebook's cells mean nothing in its file, so the cell is named instead."""
    physical: dict[str, Any] = {"artifactLocation": _artifact(place.path)}
    location: dict[str, Any] = {"physicalLocation": physical}
    if place.cell is None:
        physical["region"] = _region(place)
    else:
        location["logicalLocations"] = [{"name": f"cell {place.cell}", "kind": "member"}]
    if message:
        location["message"] = {"text": in_cell(place) + message}
    return location


def _artifact(path: str) -> dict[str, Any]:
    """A file, from the current folder where it lies below it."""
    relative = relative_to(path, os.getcwd())
    if relative is None:
        return {"uri": Path(os.path.abspath(path)).as_uri()}
    return {"uri": uri(relative), "uriBaseId": "%SRCROOT%"}


def _region(place: Place) -> dict[str, int]:
    """Lines and columns from 1, the end column being the one after the last character."""
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    """A proposed change, file by file."""
    files: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        files.setdefault(edit.place.path, []).append(edit)
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": _replacements(edits)}
            for path, edits in files.items()
        ],
    }


def _replacements(edits: Sequence[Edit]) -> list[dict[str, Any]]:
    """The edits of one file."""
    return [{"deletedRegion": _region(edit.place), "insertedContent": {"text": edit.text}} for edit in edits]
