"""What several formats need: how a place is written, source lines, paths as others want them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlint.sites import Finding, Place

_LINE_END = re.compile(r"\r\n|\r|\n")
COLORS = {"error": "31", "warning": "33", "advice": "36", "bold": "1", "faint": "2"}
"""The terminal codes of severities and of the rest."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a report can tell about a rule: its page in Markdown, the page's first words, and its address."""

    code: str
    name: str
    severity: str
    summary: str
    page: str
    address: str


@dataclass(frozen=True)
class Style:
    """How a report is to look.

    `texts` holds the sources that are not on the disk, by path; `rules` the rules that may be described or
    linked to, by code.
    """

    color: bool = False
    links: bool = False
    evidence: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, RuleText] = field(default_factory=dict)

    def paint(self, text: str, *names: str) -> str:
        """The text in a colour of COLORS, where colours are wanted."""
        if not self.color or not names:
            return text
        return f"\x1b[{';'.join(COLORS[name] for name in names)}m{text}\x1b[0m"

    def link(self, text: str, address: str) -> str:
        """The text as a link, on terminals that are asked for links."""
        return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\" if self.links and address else text


class SourceLines:
    """The lines of the files that a report quotes, each file read once; what cannot be read is empty."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._lines: dict[tuple[str, int | None], list[str]] = {}

    def line(self, place: Place) -> str:
        """The first line of a place."""
        lines = self._of(place.path, place.cell)
        return lines[place.line - 1] if 0 < place.line <= len(lines) else ""

    def _of(self, path: str, cell: int | None) -> list[str]:
        """All lines of a file, or of one cell of a notebook."""
        key = (path, cell)
        if key not in self._lines:
            self._lines[key] = _LINE_END.split(self._text(path, cell))
        return self._lines[key]

    def _text(self, path: str, cell: int | None) -> str:
        """The text of a file or cell, decoded as well as possible."""
        text = self._texts.get(path)
        if text is None:
            text = read_text(path)
        if cell is None:
            return text
        import json

        try:
            source = json.loads(text)["cells"][cell - 1]["source"]
        except (ValueError, LookupError, TypeError):
            return ""
        return source if isinstance(source, str) else "".join(source)


def read_text(path: str) -> str:
    """The text of a file by its declared encoding; bytes that do not fit are replaced."""
    import tokenize

    try:
        with open(path, "rb") as stream:
            encoding, _ = tokenize.detect_encoding(stream.readline)
            stream.seek(0)
            return stream.read().decode(encoding, "replace")
    except SyntaxError:
        with open(path, "rb") as stream:
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""


def location(place: Place) -> str:
    """`path:line:column`, and `path:cell N:line:column` in a notebook."""
    cell = "" if place.cell is None else f"cell {place.cell}:"
    return f"{place.path}:{cell}{place.line}:{place.column}"


def in_cell(place: Place) -> str:
    """Where a place is inside its notebook, to put before a message of a format that knows no cells."""
    return "" if place.cell is None else f"cell {place.cell}, line {place.line}, column {place.column}: "


def relative_to(path: str, base: str) -> str | None:
    """The path from `base` with forward slashes, or None where it lies outside."""
    try:
        relative = os.path.relpath(os.path.abspath(path), base)
    except ValueError:  # another drive
        return None
    return None if relative.startswith(os.pardir) else relative.replace(os.sep, "/")


def uri(path: str) -> str:
    """The path as a relative URI reference."""
    from urllib.parse import quote

    return quote(path, safe="/", errors="surrogateescape")


def fingerprints(findings: Iterable[Finding], lines: SourceLines) -> Iterator[tuple[Finding, str]]:
    """Each finding with a hash that stays when lines move.

    It is made of the path, the code, the source line without its blanks, and how many times that
    combination came before.
    """
    import hashlib

    seen: dict[tuple[str, str, str], int] = {}
    for finding in findings:
        path = relative_to(finding.place.path, os.getcwd()) or finding.place.path
        key = (path, finding.code, "".join(lines.line(finding.place).split()))
        seen[key] = seen.get(key, -1) + 1
        text = "\0".join((*key, str(seen[key])))
        yield finding, hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
