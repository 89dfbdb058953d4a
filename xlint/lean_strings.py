"""The literals of a string expression and the parts of an f-string, found in their text.

Python's parse joins literals that stand side by side, and does not say reliably where the parts of an
f-string stand (before 3.12).
"""

from __future__ import annotations

import re


class RareSyntaxError(Exception):
    """Syntax that is left to libcst."""


class Field:
    """`{expression:spec}` in an f-string; `spec` is None where there is no colon."""

    __slots__ = ("expression", "spec")

    def __init__(self, expression: str, spec: list[Piece] | None) -> None:
        self.expression = expression
        self.spec = spec


Piece = str | Field
"""Text of an f-string as it is written, or a field."""

_OPENING = re.compile(r"""([rRbBuUfF]{0,2})(\"{3}|'{3}|"|')""")
_BETWEEN = re.compile(r"(?:\s|\\\r?\n|#[^\n]*)*+")
_INSIDE = {
    '"': re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL),
    "'": re.compile(r"(?:[^'\\]|\\.)*+", re.DOTALL),
    '"""': re.compile(r'(?:[^"\\]|\\.|"(?!""))*+', re.DOTALL),
    "'''": re.compile(r"(?:[^'\\]|\\.|'(?!''))*+", re.DOTALL),
}
"""What may stand between the quotes of a plain string."""
_ESCAPES = r"\\[^{}]|\\(?=[{}])|\{\{|\}\}"
_FORMATTED = {
    '"': re.compile(rf'(?:[^"\\{{}}]|{_ESCAPES})*+', re.DOTALL),
    "'": re.compile(rf"(?:[^'\\{{}}]|{_ESCAPES})*+", re.DOTALL),
    '"""': re.compile(rf'(?:[^"\\{{}}]|"(?!"")|{_ESCAPES})*+', re.DOTALL),
    "'''": re.compile(rf"(?:[^'\\{{}}]|'(?!'')|{_ESCAPES})*+", re.DOTALL),
}
"""What may stand between the quotes of an f-string up to a field."""
_SPEC = re.compile(r"[^{}]*+")
_STEP = re.compile(r"""[^\[\](){}'"!=<>:#\\]++|[!=<>]=|.""", re.DOTALL)
"""A step through the expression of a field."""
_BEHIND = re.compile(r"=?\s*+(?:![rsa]\s*+)?+")
"""What may stand between the expression of a field and its colon or end."""


def literals(text: str) -> list[tuple[int, int, list[Piece] | None]]:
    """Start, end and, of an f-string, the pieces of each literal in a text that holds nothing else.

    Raises RareSyntaxError where the text is none that this module knows.
    """
    found = []
    position = 0
    while position < len(text):
        end, pieces = _literal(text, position)
        found.append((position, end, pieces))
        position = _end_of(_BETWEEN, text, end)
    return found


def _literal(text: str, start: int) -> tuple[int, list[Piece] | None]:
    """The end of the literal that starts there, and its pieces if it is an f-string."""
    opening = _OPENING.match(text, start)
    if opening is None:
        raise RareSyntaxError
    quote = opening[2]
    if "f" in opening[1].lower():
        if "\\N{" in text:
            raise RareSyntaxError
        pieces, end = _pieces(text, opening.end(), _FORMATTED[quote])
    else:
        pieces, end = None, _end_of(_INSIDE[quote], text, opening.end())
    if not text.startswith(quote, end):
        raise RareSyntaxError
    return end + len(quote), pieces


def _pieces(text: str, position: int, plain: re.Pattern[str]) -> tuple[list[Piece], int]:
    """Texts and fields up to what neither `plain` nor a field takes, and where that is."""
    pieces: list[Piece] = []
    while True:
        end = _end_of(plain, text, position)
        if end > position:
            pieces.append(text[position:end])
        if not text.startswith("{", end):
            return pieces, end
        field, position = _field(text, end + 1)
        pieces.append(field)


def _field(text: str, start: int) -> tuple[Field, int]:
    """The field whose brace opens before `start`, and where it ends."""
    end = _end_of_expression(text, start)
    expression = text[start:end]
    end = _end_of(_BEHIND, text, end)
    spec = None
    if text.startswith(":", end):
        spec, end = _pieces(text, end + 1, _SPEC)
    if not text.startswith("}", end):
        raise RareSyntaxError
    return Field(expression, spec), end + 1


def _end_of_expression(text: str, position: int) -> int:
    depth = 0
    while (found := _STEP.match(text, position)) is not None:
        step = found[0]
        if step in "'\"":
            # Letters before the quote have been passed: they matter where they make an f-string of it.
            position = _literal(text, _start_of_literal(text, position))[0]
            continue
        if step in "#\\":
            raise RareSyntaxError
        if depth == 0 and step in "}!:=":
            return position
        depth += (step in "([{") - (step in ")]}")
        position = found.end()
    raise RareSyntaxError


def _start_of_literal(text: str, quote: int) -> int:
    start = quote
    while text[start - 1] in "rRbBuUfF":
        start -= 1
    return start


def _end_of(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where the match of a pattern that always matches ends."""
    found = pattern.match(text, position)
    assert found is not None
    return found.end()
