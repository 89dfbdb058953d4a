"""For people: the source line with the span underlined, the evidence with its own lines, what to do."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from xlint.report.common import SourceLines, Style, location

if TYPE_CHECKING:
    from xlint.sites import Finding, Place

TAB = 4


def render(findings: Iterable[Finding], style: Style) -> Iterator[str]:
    """A paragraph for each finding, an empty line after it."""
    lines = SourceLines(style.texts)
    for finding in findings:
        yield from _finding(finding, lines, style)
        yield ""


def _finding(finding: Finding, lines: SourceLines, style: Style) -> Iterator[str]:
    """Heading, underlined source, notes and help of one finding."""
    places = [finding.place, *(note.place for note in finding.evidence)]
    gutter = max(len(str(place.line)) for place in places)
    rule = style.rules.get(finding.code)
    code = style.link(style.paint(finding.code, "bold", finding.severity), rule.address if rule else "")
    severity = style.paint(finding.severity, finding.severity)
    where = style.paint(location(finding.place), "bold")
    yield f"{where}: {code} {finding.message} ({finding.name}, {severity})"
    yield from _quoted(finding.place, lines.line(finding.place), gutter, style, "^")
    quoted = {finding.place}
    for note in finding.evidence:
        words = "" if note.text in lines.line(note.place) else f": {note.text}"  # the quoted line says it
        yield f"{' ' * gutter} = {style.paint(note.fact, 'bold')}{words} ({location(note.place)})"
        if note.place not in quoted:
            quoted.add(note.place)
            yield from _quoted(note.place, lines.line(note.place), gutter, style, "-")
    advice = finding.fix.title if finding.fix else f"see `xlint explain {finding.code}`"
    yield f"{' ' * gutter} = {style.paint('help', 'bold')}: {advice}"


def _quoted(place: Place, line: str, gutter: int, style: Style, mark: str) -> Iterator[str]:
    """The line of a place with `mark` under its span; nothing if the line cannot be had."""
    if not line.strip():
        return
    start = place.column - 1
    end = place.end_column - 1 if place.end_line == place.line else len(line.rstrip())
    before = _columns(line[:start])
    width = max(1, _columns(line[: max(end, start)]) - before)
    underline = mark * width + ("..." if place.end_line > place.line else "")
    yield f"{place.line:>{gutter}} | {_expanded(line).rstrip()}"
    yield f"{' ' * gutter} | {' ' * before}{style.paint(underline, 'bold' if mark == '^' else 'faint')}"


def _expanded(line: str) -> str:
    """The line as a terminal may show it: tabs as blanks, other control characters replaced."""
    return "".join(" " * TAB if char == "\t" else char if char.isprintable() else "?" for char in line)


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes: wide characters take two, combining ones none."""
    columns = 0
    for char in text:
        if char == "\t":
            columns += TAB
        elif unicodedata.east_asian_width(char) in "WF":
            columns += 2
        elif not unicodedata.combining(char):
            columns += 1
    return columns
