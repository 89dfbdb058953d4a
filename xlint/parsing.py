"""Parsing with libcst: quick, safe from absurd nesting, with words for what does not parse."""

from __future__ import annotations

import ast
import gc
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import libcst as cst

MAX_DEPTH = 200
"""Brackets nested deeper are refused, as CPython does; libcst's parser would overflow its stack."""

PARSE_STACK = 256 * 1024 * 1024
"""Stack of the thread that parses long chains: libcst's native parser recurses, and the usual 8 MB overflow
(which ends the process) on a sum of 10,000 terms. Only what is used takes memory."""

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
_Node = TypeVar("_Node", bound=cst.CSTNode)
_stack_size_lock = threading.Lock()


def parse(text: str) -> cst.Module:
    """Parse with libcst, without its checks of each node and with the garbage collector off: a third quicker.

    What the parser builds is valid by construction; the checks are for nodes that people build.

    Text with so many operators that a chain of them could overflow the stack is parsed in a thread with a
    large one (the thread costs time, so not always). Raises what libcst raises.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _parse(cst.parse_module, text)
    finally:
        if collecting:
            gc.enable()


def python_tree(text: str) -> ast.Module:
    """Python's own parse, without its warnings about the text. Raises what `ast.parse` raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def parse_expression(text: str) -> cst.BaseExpression:
    """Parse one expression, which may go over several lines. Raises what libcst raises."""
    return _parse(cst.parse_expression, f"({text})")


def _parse(parser: Callable[[str], _Node], text: str) -> _Node:
    with _without_checks():
        return _parse_on_large_stack(parser, text) if _has_long_chains(text) else parser(text)


@contextmanager
def _without_checks() -> Iterator[None]:
    cst.CSTNode.__post_init__ = _unchecked  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        cst.CSTNode.__post_init__ = _CHECKED  # type: ignore[method-assign]


_CHECKED = cst.CSTNode.__post_init__


def _unchecked(_node: cst.CSTNode) -> None:
    """In the place of the checks."""


def _parse_on_large_stack(parser: Callable[[str], _Node], text: str) -> _Node:
    result: list[_Node | BaseException] = []

    def run() -> None:
        try:
            result.append(parser(text))
        except BaseException as error:
            result.append(error)

    if not _run_on_large_stack(run):
        run()
    outcome = result.pop()
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _run_on_large_stack(run: Callable[[], None]) -> bool:
    """Run in a thread with a large stack; False where the system does not give one."""
    with _stack_size_lock:
        try:
            before = threading.stack_size(PARSE_STACK)
        except (ValueError, RuntimeError):
            return False
        try:
            thread = threading.Thread(target=run, daemon=True)
            thread.start()
        except RuntimeError:
            return False
        finally:
            threading.stack_size(before)
    thread.join()
    return True


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
    return (_has_long_chains(text) or _has_long_prefix(text)) and _refused_as_too_deep(text)


def _has_long_prefix(text: str) -> bool:
    """Whether hundreds of signs, of `not` or of `lambda:` stand before one operand."""
    if _LONG_SIGNS.search(text) is not None:
        return True
    return text.count("not not ") + text.count("lambda") >= 150 and _LONG_WORDS.search(text) is not None


def _has_long_chains(text: str) -> bool:
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


def explain(text: str, error: cst.ParserSyntaxError) -> tuple[int, int, str]:
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
