"""GitLab's code quality report: a JSON list, paths relative to the project."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from xlint.report.common import SourceLines, Style, fingerprints, in_cell, relative_to

if TYPE_CHECKING:
    from xlint.sites import Finding

_SEVERITIES = {"error": "major", "warning": "minor", "advice": "info"}


def render(findings: Iterable[Finding], style: Style) -> Iterator[str]:
    """The list; a finding in a notebook points at the file, and says the cell in its description."""
    base = os.environ.get("CI_PROJECT_DIR") or os.getcwd()
    issues = []
    for finding, fingerprint in fingerprints(findings, SourceLines(style.texts)):
        place = finding.place
        lines = {"begin": place.line, "end": place.end_line} if place.cell is None else {"begin": 1}
        issues.append(
            {
                "description": f"{finding.code}: {in_cell(place)}{finding.message}",
                "check_name": finding.code,
                "fingerprint": fingerprint,
                "severity": _SEVERITIES[finding.severity],
                "location": {"path": relative_to(place.path, base) or place.path, "lines": lines},
            }
        )
    yield json.dumps(issues, indent=2)
