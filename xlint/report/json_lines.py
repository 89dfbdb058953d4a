"""A JSON object a line, for streams."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from xlint.report.common import Style

if TYPE_CHECKING:
    from xlint.sites import Finding


def render(findings: Iterable[Finding], style: Style) -> Iterator[str]:
    """One object for each finding, as in the list of `--format json`."""
    for finding in findings:
        yield json.dumps(finding.as_dict())
