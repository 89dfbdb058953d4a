"""What pylint's parseable output looks like: `path:line: [CODE] message`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from xlint.report.common import Style

if TYPE_CHECKING:
    from xlint.sites import Finding


def render(findings: Iterable[Finding], style: Style) -> Iterator[str]:
    """A line for each finding; a notebook's path is followed by its cell."""
    for finding in findings:
        place = finding.place
        cell = "" if place.cell is None else f"cell {place.cell}:"
        yield f"{place.path}:{cell}{place.line}: [{finding.code}({finding.name})] {finding.message}"
