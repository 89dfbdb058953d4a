"""Python's own parse, what is nested too deep for any, and words for what does not parse."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from libcst import ParserSyntaxError

MAX_DEPTH = 200
"""Brackets nested deeper are refused, as CPython does; libcst's parser would overflow its stack."""

MAX_CHAIN = 1500
"""Text with more operators than this, in sum, is checked for long chains and parsed on the large stack."""

_DELETE_BUT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"()[]{}")
_CHAINING = (
    "+",
    "-",
    "*",
    "/",
    "%",
    "|",
    "&",
    " and ",
    " or ",
    "not ",
    "elif ",
    "lambda",
    " if ",
    ").",
    "][",
    ")(",
)
_LONG_SIGNS = re.compile(r"[-+~]{300}")
_LONG_WORDS = re.compile(r"(?:not ){300}|(?:lambda ?: ?){300}")
_PYTHON_2 = (
    ("print statement", re.compile(r"\s*(?:.*[:;]\s*)?print\s+[^\s(=.,)\]:]|\s*print\s*>>")),
    ("exec statement", re.compile(r"\s*exec\s+[\"'\w]")),
    ("except clause", re.compile(r"\s*except\s+[\w.]+\s*,\s*\w+\s*:|\s*except\s*\([^)]*\)\s*,\s*\w+\s*:")),
    ("raise statement", re.compile(r"\s*raise\s+[\w.]+\s*,")),
    ("comparison <>", re.compile(r"[^'\"#]*\w\s*<>\s*\w")),
    ("octal or long number", re.compile(r"[^'\"#]*\b(?:0\d+|\d+L)\b")),
)


def python_tree(text: str) -> ast.Module:
    """Python's own parse, without its warnings about the text. Raises what `ast.parse` raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def nested_too_deep(text: str) -> bool:
    """Whether the text is nested so deep, or chained so long, that CPython refuses it as well.

    libcst's parser would overflow its stack on the one and take minutes for the other.
    """
    brackets = text.encode("utf-8", "replace").translate(None, _DELETE_BUT_BRACKETS)
    for _ in range(MAX_DEPTH // 2):
        inner = brackets.replace(b"()", b"").replace(b"[]", b"").replace(b"{}", b"")
        if len(inner) == len(brackets):
            break
        brackets = inner
    else:
        return _refused_as_too_deep(text)
    return (has_long_chains(text) or _has_long_prefix(text)) and _refused_as_too_deep(text)


def _has_long_prefix(text: str) -> bool:
    """Whether hundreds of signs, of `not` or of `lambda:` stand before one operand."""
    if _LONG_SIGNS.search(text) is not None:
        return True
    return text.count("not not ") + text.count("lambda") >= 150 and _LONG_WORDS.search(text) is not None


def has_long_chains(text: str) -> bool:
    """Whether there are so many operators that one expression could hold a very long chain of them."""
    return sum(map(text.replace("--", "").count, _CHAINING)) > MAX_CHAIN


def _refused_as_too_deep(text: str) -> bool:
    try:
        python_tree(text)
    except SyntaxError as error:
        return "too many nested" in error.msg
    except (MemoryError, RecursionError):
        return True
    except ValueError:
        return False
    return False


def explain(text: str, error: ParserSyntaxError) -> tuple[int, int, str]:
    """Line (from 1), column (from 0) and message; CPython's words where it refuses the text too."""
    line, column, words = error.raw_line, error.raw_column, ""
    try:
        python_tree(text)
    except SyntaxError as problem:
        line, column, words = problem.lineno or line, (problem.offset or 1) - 1, problem.msg
    except (ValueError, RecursionError, MemoryError) as problem:
        words = str(problem)
    lines = text.split("\n")
    line = min(max(line, 1), len(lines))
    column = max(column, 0)
    for name, pattern in _PYTHON_2:
        if pattern.match(lines[line - 1]):
            return line, column, f"Python 2 syntax ({name}); xlint reads Python 3"
    if not words:
        found = re.search(r"(?:parser|tokenizer) error: (?:error at [\d:]+: )?(.*)", error.message)
        words = found[1] if found else "invalid syntax"
    return line, column, f"does not parse: {' '.join(words.split())}"
