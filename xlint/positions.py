"""Line and column of single nodes of a libcst tree, without libcst's metadata providers.

libcst nodes hold no positions; its PositionProvider generates the code of the whole module to find them,
which costs more than twice the parse. Here Python's own `ast` gives the line of each statement (the n-th
statement of the one tree is the n-th of the other), and only the code of the statement that holds the node is
generated, up to the node. Where `ast` refuses the file or counts other statements, the whole module is
generated once.

`_codegen`, `CodegenState` and `record_syntactic_position` are internal to libcst but unchanged from 1.5 to
1.9; the tests compare every position with the PositionProvider.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState

from xlint.parsing import python_tree
from xlint.regions import Range, characters

_BLOCKS = (cst.IndentedBlock, cst.SimpleStatementSuite)

Unit = cst.SimpleStatementLine | cst.SimpleStatementSuite | cst.BaseCompoundStatement


@dataclass(frozen=True, slots=True)
class _Statement:
    """A line of small statements or a compound statement, with what is needed to generate its code."""

    node: Unit
    first: int
    """The number, in source order, of its first (or only) statement, as `ast` counts them."""
    indents: tuple[str, ...]
    is_elif: bool


class Positions:
    """The positions of the nodes of one tree; everything is computed when first asked for."""

    def __init__(self, tree: cst.Module, text: str) -> None:
        """Take the tree and the text that it was parsed from (lines ending in \\n or \\r\\n)."""
        self._tree = tree
        self._text = text
        self._statements: list[_Statement] | None = None
        self._holder: dict[int, int] = {}
        self._starts: list[tuple[int, int]] | None = None
        self._everything: dict[int, Range] | None = None
        self._known: dict[int, Range] = {}

    def range(self, node: cst.CSTNode) -> Range:
        """The region of a node, as PositionProvider has it (without the white space around it).

        Raises KeyError for a node that is not of this tree.
        """
        key = id(node)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._compute(node)
        return found

    def statement_lines(self, node: cst.CSTNode) -> tuple[int, int]:
        """First and last line of the smallest statement that holds the node.

        Of a compound statement the header counts; a node outside it (a decorator, an `except` clause) gets
        its own lines.
        """
        own = self.range(node)
        statement = self._statement_of(node)
        if statement is None:
            return own.line, own.end_line
        unit = statement.node
        if isinstance(unit, cst.BaseCompoundStatement):
            # Its range would generate its whole body.
            first = self._starts[statement.first][0] if self._starts else self.range(unit).line
            last = max(first, self._colon_line(unit, statement))
        else:
            whole = self.range(unit)
            first, last = whole.line, whole.end_line
        if own.end_line < first or own.line > last:
            return own.line, own.end_line
        return first, last

    def _colon_line(self, unit: cst.BaseCompoundStatement, statement: _Statement) -> int:
        """The line on which the header of a compound statement ends."""
        # The white space behind the colon begins there.
        space: cst.CSTNode
        if isinstance(unit, cst.Match):
            space = unit.whitespace_after_colon
        elif isinstance(unit.body, cst.SimpleStatementSuite):
            space = unit.body.leading_whitespace
        else:
            assert isinstance(unit.body, cst.IndentedBlock)
            space = unit.body.header
        try:
            return (self._in_statement(space, statement) or self._all()[id(space)]).line
        except RecursionError:
            with _deep_recursion():
                return self._all()[id(space)].line

    def _compute(self, node: cst.CSTNode) -> Range:
        statement = self._statement_of(node)
        try:
            if statement is not None:
                found = self._in_statement(node, statement)
                if found is not None:
                    return found
            return self._all()[id(node)]
        except RecursionError:
            with _deep_recursion():
                return self._all()[id(node)]

    def _statement_of(self, node: cst.CSTNode) -> _Statement | None:
        if self._statements is None:
            self._statements = list(_statements(self._tree))
            for number, statement in enumerate(self._statements):
                _claim(statement.node, number, self._holder)
        number = self._holder.get(id(node), -1)
        return None if number < 0 else self._statements[number]

    def _in_statement(self, node: cst.CSTNode, statement: _Statement) -> Range | None:
        """Generate the statement up to the node; None where `ast` does not know the statement."""
        if self._starts is None:
            self._starts = self._statement_starts()
        if not self._starts:
            return None
        state = _Recorder(self._tree, wanted=id(node), anchor=id(statement.node))
        state.indent_tokens.extend(statement.indents)
        try:
            if statement.is_elif:
                statement.node._codegen(state, is_elif=True)
            else:
                statement.node._codegen(state)
        except _FoundError:
            pass
        found = state.ranges.get(id(node))
        if found is None or state.start is None:
            return None
        return _moved(found, state.start, self._starts[statement.first])

    def _statement_starts(self) -> list[tuple[int, int]]:
        """Line and column (in characters, from 0) of every statement; empty where they cannot be paired."""
        try:
            nodes = list(_ast_statements(python_tree(self._text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []
        assert self._statements is not None
        if len(nodes) != sum(_count(statement.node) for statement in self._statements):
            return []
        lines = self._text.split("\n")
        return [(node.lineno, characters(lines[node.lineno - 1], node.col_offset)) for node in nodes]

    def _all(self) -> dict[int, Range]:
        if self._everything is None:
            state = _Recorder(self._tree)
            self._tree._codegen(state)
            self._everything = state.ranges
        return self._everything


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """Let the code generator recurse through long chains; its calls are pure Python and use no C stack."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 1_000_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def _moved(found: Range, start: tuple[int, int], real: tuple[int, int]) -> Range:
    """Move a range by the distance of the statement's generated start from its real start.

    Columns differ on the statement's first line only, and there only behind something that the code
    generator does not see: `if a: b`, or a form feed.
    """
    down = real[0] - start[0]
    right = real[1] - start[1]
    return Range(
        found.line + down,
        found.column + (right if found.line == start[0] else 0),
        found.end_line + down,
        found.end_column + (right if found.end_line == start[0] else 0),
    )


def _count(node: Unit) -> int:
    return len(node.body) if isinstance(node, cst.SimpleStatementLine | cst.SimpleStatementSuite) else 1


def _statements(tree: cst.Module) -> Iterator[_Statement]:
    """All statements in source order, numbered as `ast` counts them."""
    first = 0
    # The stack holds what is still to come, the next one last.
    stack: list[tuple[cst.CSTNode, tuple[str, ...], bool]]
    stack = [(node, (), False) for node in reversed(tree.body)]
    while stack:
        node, indents, is_elif = stack.pop()
        if isinstance(node, cst.SimpleStatementLine | cst.SimpleStatementSuite | cst.BaseCompoundStatement):
            yield _Statement(node, first, indents, is_elif)
            first += _count(node)
        if isinstance(node, cst.IndentedBlock):
            inner = (*indents, tree.default_indent if node.indent is None else node.indent)
            stack.extend((child, inner, False) for child in reversed(node.body))
        elif isinstance(node, cst.Match):
            inner = (*indents, tree.default_indent if node.indent is None else node.indent)
            stack.extend((case, inner, False) for case in reversed(node.cases))
        elif not isinstance(node, cst.SimpleStatementLine | cst.SimpleStatementSuite):
            for part in reversed(_parts(node)):
                stack.append((part, indents, isinstance(node, cst.If) and isinstance(part, cst.If)))


def _parts(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The blocks and clauses of a compound statement or clause, in source order."""
    body = getattr(node, "body", None)
    parts: list[cst.CSTNode] = [body] if isinstance(body, _BLOCKS) else []
    parts.extend(getattr(node, "handlers", ()))
    parts.extend(part for name in ("orelse", "finalbody") if (part := getattr(node, name, None)) is not None)
    return parts


def _ast_statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """All statements of an `ast` tree in source order."""
    stack: list[Any] = list(reversed(tree.body))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt):
            yield node
        for name in ("finalbody", "orelse", "handlers", "cases", "body"):
            children = getattr(node, name, None)
            if isinstance(children, list):
                stack.extend(reversed(children))


_NOT_SYNTAX = {
    "leading_lines", "lines_after_decorators", "trailing_whitespace", "header", "footer", "empty_lines",
    "comma", "semicolon", "equal", "dot", "lpar", "rpar", "lbracket", "rbracket", "lbrace", "rbrace",
    "indent", "newline", "comment", "whitespace", "first_line", "last_line", "leading_whitespace",
}  # fmt: skip

_fields: dict[type, tuple[str, ...]] = {}


def syntax_fields(kind: type) -> tuple[str, ...]:
    """The names of a node type's fields that can hold more than white space and punctuation."""
    found = _fields.get(kind)
    if found is None:
        names = getattr(kind, "__dataclass_fields__", {})
        wanted = (n for n in names if not n.startswith(("whitespace", "__")) and n not in _NOT_SYNTAX)
        found = _fields[kind] = tuple(wanted)
    return found


_kinds: dict[type, str] = {}
"""What each type is to a statement; `isinstance` with libcst's abstract classes is slow for every node."""


def _kind(kind: type) -> str:
    """ "none" for what is no node, "whole" for blocks and compound statements, "part" for other nodes."""
    if not issubclass(kind, cst.CSTNode):
        found = "none"
    else:
        found = "whole" if issubclass(kind, (*_BLOCKS, cst.BaseCompoundStatement)) else "part"
    _kinds[kind] = found
    return found


def _claim(unit: cst.CSTNode, number: int, holder: dict[int, int]) -> None:
    """Note the statement's number for all nodes in it; inner statements come later and take theirs over."""
    holder[id(unit)] = number
    stack: list[Any] = [unit]
    while stack:
        node = stack.pop()
        for name in syntax_fields(type(node)):
            value = getattr(node, name)
            for child in value if type(value) in (list, tuple) else (value,):
                kind = _kinds.get(type(child)) or _kind(type(child))
                if kind == "none":
                    continue
                holder[id(child)] = number
                # The statements within a block are claimed on their own account.
                if kind == "part":
                    stack.append(child)


class _FoundError(Exception):
    """The wanted node has been generated; ends the generation."""


class _Recorder(CodegenState):
    """Counts lines and columns instead of only collecting code, and keeps the range of each node."""

    def __init__(self, tree: cst.Module, wanted: int | None = None, anchor: int | None = None) -> None:
        super().__init__(tree.default_indent, tree.default_newline)
        self.line = 1
        self.column = 0
        self.ranges: dict[int, Range] = {}
        self.start: tuple[int, int] | None = None
        self._stack: list[tuple[int, int]] = []
        self._wanted = wanted
        self._anchor = anchor

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self._count(value)

    def add_indent_tokens(self) -> None:
        self.tokens.extend(self.indent_tokens)
        for token in self.indent_tokens:
            self._count(token)

    def _count(self, value: str) -> None:
        newlines = value.count("\n")
        if newlines:
            self.line += newlines
            self.column = len(value) - value.rfind("\n") - 1
        else:
            self.column += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._stack.append((self.line, self.column))

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self._stack.pop()
        self.ranges.setdefault(id(node), Range(*start, self.line, self.column))
        if id(node) == self._wanted and self.start is not None:
            raise _FoundError

    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> AbstractContextManager[None]:
        if id(node) == self._anchor:
            self.start = (self.line, self.column)
            if self._wanted in self.ranges:
                # It stands in a decorator, before the statement's own start.
                raise _FoundError
        return _Record(self, node, start_node, end_node)


class _Record:
    """The region between entering and leaving, or that of the given first and last child."""

    __slots__ = ("end", "node", "place", "start", "state")

    def __init__(
        self, state: _Recorder, node: cst.CSTNode, start: cst.CSTNode | None, end: cst.CSTNode | None
    ) -> None:
        self.state = state
        self.node = node
        self.start = start
        self.end = end

    def __enter__(self) -> None:
        self.place = (self.state.line, self.state.column)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            return
        state = self.state
        line, column = self.place
        end_line, end_column = state.line, state.column
        if self.start is not None:
            first = state.ranges[id(self.start)]
            line, column = first.line, first.column
        if self.end is not None:
            last = state.ranges[id(self.end)]
            end_line, end_column = last.end_line, last.end_column
        state.ranges[id(self.node)] = Range(line, column, end_line, end_column)
