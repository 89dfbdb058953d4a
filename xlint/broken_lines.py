"""A script that does not parse, with the statements that break it set aside, so that the rest can be read.

What a broken statement assigns to, returns or begins with, where that is no import, is unknown afterwards
(`model` in `model.add(3 4)`); a broken `if`, `for`, `while` or `with` line keeps its body, and a bracket that
is never closed ends where the indentation does. Where that is not enough (a broken `def`, too many faults),
and where a merge left two versions of the same code, nothing is read.
"""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from xlint.parsing import python_tree

MAX_FAULTS = 5
MERGE_MARKER = "<<<<<<< "
UNKNOWN = "__does_not_parse__"
_NO_BODY = re.compile(r"expected an indented block after .* on line (\d+)")
_TARGETS = re.compile(r"([\w.]+(?:\s*,\s*[\w.]+)*)\s*[-+*/]?=(?!=)")
_IMPORTS = re.compile(r"^\s*(?:import|from)\b.*", re.MULTILINE)
_WITH_BODY = ("if", "for", "while", "with")
_HELD_BY_OTHERS = ("def", "class", "async", "elif", "else", "except", "finally", "try", "@")


@dataclass(frozen=True, slots=True)
class _Statement:
    """A simple statement, or the line that heads a block: its lines from 1 and its first word."""

    first: int
    last: int
    word: str


def without(text: str, program: str = "") -> str | None:
    """The text, every line where it was, with what breaks it set aside; None where that does not help.

    `program` is the whole of which the text is a part, as a cell is of a notebook.
    """
    lines = text.split("\n")
    imported = frozenset(re.findall(r"\w+", " ".join(_IMPORTS.findall(program or text))))
    if any(line.startswith(MERGE_MARKER) for line in lines):
        return None
    for _ in range(MAX_FAULTS):
        try:
            python_tree("\n".join(lines))
            return "\n".join(lines)
        except SyntaxError as problem:
            if not _set_aside(lines, problem, imported):
                return None
        except (ValueError, RecursionError, MemoryError):
            return None
    return None


def _set_aside(lines: list[str], problem: SyntaxError, imported: frozenset[str]) -> bool:
    """Change the lines of the statement at fault; False where it cannot be told or spared."""
    bare = _NO_BODY.search(problem.msg)
    number = int(bare[1]) if bare is not None else problem.lineno or 0
    found = next((item for item in _statements(lines) if item.first <= number <= item.last), None)
    if found is None:
        return False
    if bare is not None:
        lines[found.last - 1] = _with_body(lines[found.last - 1])
        return True
    if found.word in _HELD_BY_OTHERS:
        return False
    head = lines[found.first - 1]
    indent = head[: len(head) - len(head.lstrip())]
    lines[found.first - 1 : found.last] = [""] * (found.last - found.first + 1)
    lines[found.first - 1] = indent + _instead(head.strip(), found.word, imported)
    return True


def _instead(statement: str, word: str, imported: frozenset[str]) -> str:
    """What stands for a broken statement that begins with a word."""
    if word in _WITH_BODY:
        return f"if {UNKNOWN}:"
    if word == "return":
        return f"return {UNKNOWN}"
    targets = _TARGETS.match(statement)
    if targets is not None:
        return f"{targets[1]} = {UNKNOWN}"
    if keyword.iskeyword(word) or word in imported or not word.isidentifier():
        return "pass"
    return f"{word} = {UNKNOWN}"


def _with_body(header: str) -> str:
    """A header that has no block, with an empty one."""
    code, mark, comment = header.partition("#")
    return f"{code.rstrip()} pass {mark}{comment}" if mark else f"{code.rstrip()} pass"


def _statements(lines: list[str]) -> Iterator[_Statement]:
    """The statements, as far as the brackets and the indentation let them be told."""
    start: tokenize.TokenInfo | None = None
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
            if token.type in (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT):
                continue
            start = start or token
            if token.type == tokenize.NEWLINE:
                yield _Statement(start.start[0], token.start[0], start.string)
                start = None
    except (tokenize.TokenError, SyntaxError):
        if start is not None:
            first, column = start.start
            yield _Statement(first, _end_of(lines, first, column), start.string)


def _end_of(lines: list[str], first: int, column: int) -> int:
    """The last line of a statement that never ends: the one before the next as far to the left."""
    for number in range(first, len(lines)):
        code = lines[number].lstrip()
        if code and not code.startswith("#") and len(lines[number]) - len(code) <= column:
            return number
    return len(lines)
