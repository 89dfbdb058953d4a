"""JUnit's XML, which most build servers read: a suite a file, a failed case a finding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from xlint.report.common import Style, location

if TYPE_CHECKING:
    from xlint.sites import Finding

_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(findings: Iterable[Finding], style: Style) -> Iterator[str]:
    """The document. Without findings it holds one case that passed, since some servers refuse empty ones."""
    found = list(findings)
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield f'<testsuites name="xlint" tests="{len(found) or 1}" failures="{len(found)}" errors="0">'
    if not found:
        yield '  <testsuite name="xlint" tests="1" failures="0" errors="0">'
        yield '    <testcase name="no findings" classname="xlint" />'
        yield "  </testsuite>"
    for path, group in groupby(found, key=lambda finding: finding.place.path):
        yield from _suite(path, list(group))
    yield "</testsuites>"


def _suite(path: str, findings: list[Finding]) -> Iterator[str]:
    """The suite of one file."""
    count = len(findings)
    yield f'  <testsuite name={_attribute(path)} tests="{count}" failures="{count}" errors="0">'
    for finding in findings:
        where = location(finding.place)
        name = f"{finding.code} {finding.name} {where.removeprefix(path + ':')}"
        yield f"    <testcase name={_attribute(name)} classname={_attribute(path)}>"
        message = _attribute(finding.message)
        text = "\n".join(
            [f"{where}: {finding.code} {finding.message}"]
            + [f"{note.fact}: {note.text} ({location(note.place)})" for note in finding.evidence]
        )
        yield f'      <failure type="{finding.severity}" message={message}>{escape(_clean(text))}</failure>'
        yield "    </testcase>"
    yield "  </testsuite>"


def _attribute(text: str) -> str:
    """The text as a quoted attribute."""
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return _UNFIT.sub("?", text)
