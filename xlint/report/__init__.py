"""The reports: findings as text, for people, code hosts and editors. They know neither rules nor syntax."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from xlint.report.common import RuleText, Style

if TYPE_CHECKING:
    from xlint.sites import Finding

__all__ = ["FORMATS", "RuleText", "Style", "render"]

FORMATS = {
    "text": "xlint.report.text",
    "full": "xlint.report.full",
    "json": "xlint.report.json_",
    "json-lines": "xlint.report.json_lines",
    "sarif": "xlint.report.sarif",
    "github": "xlint.report.github",
    "gitlab": "xlint.report.gitlab",
    "junit": "xlint.report.junit",
    "pylint": "xlint.report.pylint",
}
"""The module of each format; each has `render(findings, style)`."""


def render(format: str, findings: Iterable[Finding], style: Style | None = None) -> Iterator[str]:
    """The lines of a report in one of `FORMATS`, without their line ends.

    Raises KeyError for a format that does not exist.
    """
    module = importlib.import_module(FORMATS[format])
    lines: Iterator[str] = module.render(findings, style or Style())
    return lines
