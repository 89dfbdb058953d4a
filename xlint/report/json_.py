"""One JSON list of findings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from xlint.report.common import Style

if TYPE_CHECKING:
    from xlint.sites import Finding


def render(findings: Iterable[Finding], style: Style) -> Iterator[str]:
    """The list, indented; `[]` if there is nothing."""
    yield json.dumps([finding.as_dict() for finding in findings], indent=2)
