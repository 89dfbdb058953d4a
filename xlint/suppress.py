"""Suppression comments: `# noqa`, `# noqa: XL101, XL201` and, for a whole file, `# xlint: skip-file`.

The directives are read as ruff reads them: the word in any case, with or without space after the hash and
around the colon, codes in capitals separated by commas or spaces, a list ending at the first word that is no
code; a colon without any code suppresses nothing.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass, field

_QUICK = re.compile(r"#\s*(?:noqa|xlint:)", re.IGNORECASE)
_NOQA = re.compile(r"#[^\S\n]*noqa", re.IGNORECASE)
_CODE = re.compile(r"[A-Z]+[0-9]+")
_SEPARATOR = re.compile(r"[\s,]*")
_SKIP_FILE = re.compile(r"#\s*xlint:\s*skip-file\s*(?:#.*)?$", re.IGNORECASE)


@dataclass(slots=True)
class Suppression:
    """One `noqa` comment: `codes` is None where it names none and so covers all; columns count from 1."""

    line: int
    column: int
    end_column: int
    codes: tuple[str, ...] | None
    used: set[str] = field(default_factory=set)
    """The codes that it suppressed in this run."""


@dataclass(frozen=True, slots=True)
class UnusedSuppression:
    """Codes in a comment that suppress nothing; `line` is a line of the program text."""

    line: int
    column: int
    end_column: int
    codes: tuple[str, ...]
    reason: str
    """"unused", "unknown" (no rule has this code) or "duplicate"."""


class Suppressions:
    """The suppression comments of one program text."""

    def __init__(self, text: str) -> None:
        """Read the comments of `text`; text that does not tokenize gives the comments before the fault."""
        self.skip_file = False
        self.comments: list[Suppression] = []
        if not _QUICK.search(text):
            return
        for line, column, comment, alone in _comments(text):
            if alone and _SKIP_FILE.match(comment):
                self.skip_file = True
            found = parse_noqa(comment)
            if found is not None:
                start, end, codes = found
                self.comments.append(Suppression(line, column + start + 1, column + end + 1, codes))
        self._by_line = {comment.line: comment for comment in self.comments}

    def covers(self, code: str, lines: Iterable[int]) -> bool:
        """Whether a comment on one of `lines` (of the program text) suppresses `code`; marks it as used."""
        if not self.comments:
            return False
        covered = False
        for line in set(lines):
            comment = self._by_line.get(line)
            if comment is not None and (comment.codes is None or code in comment.codes):
                comment.used.add(code)
                covered = True
        return covered

    def unused(self, known_codes: set[str]) -> list[UnusedSuppression]:
        """The XL codes in comments that suppressed nothing so far, one entry per comment and reason.

        Comments without codes and the codes of other tools are left alone. `known_codes` are the codes of
        the rules that ran or exist; other XL codes are given with the reason "unknown".
        """
        found: list[UnusedSuppression] = []
        for comment in self.comments:
            reasons: dict[str, list[str]] = {}
            seen: set[str] = set()
            for code in comment.codes or ():
                if not code.startswith("XL"):
                    continue
                reason = _why_unused(code, seen, known_codes, comment.used)
                if reason:
                    reasons.setdefault(reason, []).append(code)
                seen.add(code)
            found.extend(
                UnusedSuppression(comment.line, comment.column, comment.end_column, tuple(codes), reason)
                for reason, codes in reasons.items()
            )
        return found


def _why_unused(code: str, seen: set[str], known: set[str], used: set[str]) -> str:
    """The reason why this mention of `code` does nothing, or "" where it does something."""
    if code in seen:
        return "duplicate"
    if code in used:
        return ""
    return "unused" if code in known else "unknown"


def parse_noqa(comment: str) -> tuple[int, int, tuple[str, ...] | None] | None:
    """The noqa directive in a comment: start and end (from 0, end exclusive) and its codes.

    Codes are None for a blanket `# noqa`. None where the comment holds no valid directive.
    """
    match = _NOQA.search(comment)
    if match is None:
        return None
    rest = match.end() + len(comment[match.end() :]) - len(comment[match.end() :].lstrip())
    following = comment[rest : rest + 1]
    if following != ":":
        if following in ("", "#") or rest > match.end():
            return match.start(), match.end(), None
        return None
    codes: list[str] = []
    end = position = rest + 1
    while True:
        separator = _SEPARATOR.match(comment, position)
        position = separator.end() if separator else position
        code = _CODE.match(comment, position)
        if code is None:
            break
        position = end = code.end()
        codes.append(code.group())
    if comment[end : end + 1] not in ("", "#", ",") and not comment[end].isspace():
        return None
    return (match.start(), end, tuple(codes)) if codes else None


def _comments(text: str) -> list[tuple[int, int, str, bool]]:
    """Line, column (from 0), text, and whether nothing but space stands before it, of each comment."""
    found: list[tuple[int, int, str, bool]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                found.append((line, column, token.string, not token.line[:column].strip()))
    except (tokenize.TokenError, SyntaxError):
        pass
    return found
