"""What flake8 prints: `path:line:column: CODE message`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from xlint.report.common import Style, location

if TYPE_CHECKING:
    from xlint.sites import Finding


def render(findings: Iterable[Finding], style: Style) -> Iterator[str]:
    """A line for each finding; with `style.evidence` the lines that it rests on, indented below it."""
    for finding in findings:
        code = style.paint(finding.code, "bold", finding.severity)
        yield f"{style.paint(location(finding.place), 'bold')}: {code} {finding.message}"
        if style.evidence:
            for note in finding.evidence:
                yield f"    {note.fact}: {note.text} ({location(note.place)})"
            if finding.fix is not None:
                yield f"    help: {finding.fix.title}"
