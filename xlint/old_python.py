"""Python 2 and IPython lines in a script: rewritten line for line, so that the rest of the file can be read.

Only what has one meaning is rewritten: `print x` and `exec x` (put in brackets), `except E, e` (`as`),
`raise E, x` (cut), `<>`, `10L`, `0755`, `async=` (an ordinary name before Python 3.7), leading tabs among
spaces (eight columns, as Python 2 counts them) and the `%magic` and `!command` lines of a saved notebook.
"""

from __future__ import annotations

import io
import itertools
import re
import tokenize
from collections.abc import Iterator

_SHELL = re.compile(r"(\s*)(?:![\w./]|%[a-z]).*")
_ENDS = (tokenize.NEWLINE, tokenize.ENDMARKER)
_BETWEEN = (tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.COMMENT)
_EXPRESSION = (tokenize.STRING, tokenize.NUMBER, tokenize.NAME)
_NO_OPERAND = ("in", "is", "and", "or", "if", "else")

Edit = tuple[int, int, int, str]
"""Line (from 1), first column, column behind, and what to put there."""


def rewritten(text: str) -> str | None:
    """The text as Python 3 with every line where it was, or None where nothing is known to help."""
    lines = [_without_shell(line) for line in text.split("\n")]
    indents = {char for line in lines for char in line[: len(line) - len(line.lstrip())]}
    if {" ", "\t"} <= indents:
        lines = [_expanded(line) for line in lines]
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline))
    except (tokenize.TokenError, SyntaxError):
        return None
    edits = [edit for statement in _statements(tokens) for edit in _edits(statement)]
    for line, first, behind, new in sorted(set(edits), reverse=True):
        old = lines[line - 1]
        lines[line - 1] = old[:first] + new + old[behind:]
    result = "\n".join(lines)
    return result if result != text else None


def _expanded(line: str) -> str:
    body = line.lstrip(" \t")
    return line[: len(line) - len(body)].expandtabs(8) + body


def _without_shell(line: str) -> str:
    found = _SHELL.fullmatch(line)
    return f"{found[1]}pass" if found else line


def _statements(tokens: list[tokenize.TokenInfo]) -> Iterator[list[tokenize.TokenInfo]]:
    """The simple statements and headers, one list of tokens each; their last token is what ends them."""
    current: list[tokenize.TokenInfo] = []
    depth = 0
    for token in tokens:
        if token.type in _BETWEEN:
            continue
        depth += _opened(token)
        current.append(token)
        header = token.string == ":" and not depth and current[0].string != "lambda"
        if token.type in _ENDS or (not depth and token.string == ";") or header:
            yield current
            current = []
    yield current


def _opened(token: tokenize.TokenInfo) -> int:
    """How many brackets a token opens: 1, 0, or -1 where it closes one."""
    return (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}"))


def _edits(statement: list[tokenize.TokenInfo]) -> Iterator[Edit]:
    if len(statement) < 2:
        return
    first, second = statement[:2]
    if first.string in ("print", "exec") and _is_operand(first, second):
        yield from _bracketed(first, second, statement[-2])
    elif first.string == "except":
        yield from (_replaced(token, " as") for token in _commas(statement)[:1])
    elif first.string == "raise":
        for comma in _commas(statement)[:1]:
            if comma.start[0] == statement[-2].end[0]:
                yield comma.start[0], comma.start[1], statement[-2].end[1], ""
    for token, after in itertools.pairwise(statement):
        yield from _spelling(token, after)


def _is_operand(word: tokenize.TokenInfo, token: tokenize.TokenInfo) -> bool:
    if token.type in _EXPRESSION or token.type == getattr(tokenize, "FSTRING_START", -1):
        return token.string not in _NO_OPERAND
    spaced = token.start > word.end
    return token.string in (">>", "{", "-") or (token.string in ("(", "[") and spaced)


def _bracketed(
    word: tokenize.TokenInfo, operand: tokenize.TokenInfo, last: tokenize.TokenInfo
) -> Iterator[Edit]:
    line, behind = word.end
    yield line, behind, min(behind + 1, operand.start[1]), "("
    if operand.string == ">>":
        yield _replaced(operand, "  ")
    yield last.end[0], last.end[1], last.end[1], ")"


def _commas(statement: list[tokenize.TokenInfo]) -> list[tokenize.TokenInfo]:
    """The commas outside brackets."""
    depth, found = 0, []
    for token in statement:
        depth += _opened(token)
        if token.string == "," and not depth:
            found.append(token)
    return found


def _spelling(token: tokenize.TokenInfo, after: tokenize.TokenInfo) -> Iterator[Edit]:
    adjacent = token.end == after.start
    if adjacent and token.string == "<" and after.string == ">":
        yield _replaced(token, "!")
        yield _replaced(after, "=")
    elif token.string == "async" and after.string == "=":
        yield _replaced(token, "async_")
    elif adjacent and token.type == tokenize.NUMBER and after.string in ("L", "l"):
        yield _replaced(after, "")
    elif adjacent and token.string.strip("0") == "" and token.type == after.type == tokenize.NUMBER:
        yield _replaced(token, "0o" if token.string == "0" else token.string)


def _replaced(token: tokenize.TokenInfo, new: str) -> Edit:
    return token.start[0], token.start[1], token.end[1], new
