"""Workflow commands of GitHub Actions: each finding becomes an annotation of the changed lines."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from xlint.report.common import Style, location, relative_to

if TYPE_CHECKING:
    from xlint.sites import Finding

_COMMANDS = {"error": "error", "warning": "warning", "advice": "notice"}


def render(findings: Iterable[Finding], style: Style) -> Iterator[str]:
    """A `::error` or the like for each finding; the text that a log shows stands in its message."""
    for finding in findings:
        place = finding.place
        title = f"xlint {finding.code} ({finding.name})"
        path = relative_to(place.path, os.environ.get("GITHUB_WORKSPACE") or os.getcwd()) or place.path
        properties = {"title": title, "file": path}
        if place.cell is None:
            properties |= {"line": str(place.line), "col": str(place.column), "endLine": str(place.end_line)}
            if place.end_line == place.line:  # the runner takes columns for one line only
                properties["endColumn"] = str(place.end_column)
        fields = ",".join(f"{name}={_escaped(value, ',:')}" for name, value in properties.items())
        text = f"{location(place)}: {finding.code} {finding.message}"
        yield f"::{_COMMANDS[finding.severity]} {fields}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    """The text with the characters that would end a command or a property written as %XX."""
    for char in "%\r\n" + more:
        text = text.replace(char, f"%{ord(char):02X}")
    return text
