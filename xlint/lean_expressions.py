"""Expressions made from those of Python's own parse; see `lean_tree`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from keyword import iskeyword
from typing import Any

from xlint import syntax
from xlint.lean_strings import Piece, RareSyntaxError, literals
from xlint.parsing import python_tree
from xlint.syntax import Region


class Expressions:
    """Makes the expressions of one text."""

    def __init__(self, text: str, placed: bool = True) -> None:
        """Take the text that was parsed, and whether its places are those of the nodes."""
        self.text_lines = text.split("\n")
        self._placed = placed

    def expression(self, node: ast.expr) -> Any:
        """The node for an expression. Raises RareSyntaxError."""
        handler = _EXPRESSIONS.get(type(node))
        if handler is None:
            raise RareSyntaxError
        made = handler(self, node)
        if self._placed:
            made.region = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        return made

    def optional(self, node: ast.expr | None) -> Any:
        """The node for an expression that may be missing."""
        return None if node is None else self.expression(node)

    def annotation(self, node: ast.expr | None) -> syntax.Annotation | None:
        """The annotation of a parameter, a result or a variable."""
        return None if node is None else syntax.Annotation(self.expression(node))

    def argument(self, node: ast.expr) -> syntax.Arg:
        """An argument without a keyword."""
        if type(node) is ast.Starred:
            return syntax.Arg(self.expression(node.value), None, "*")
        return syntax.Arg(self.expression(node), None, "")

    def keyword(self, node: ast.keyword) -> syntax.Arg:
        """An argument with a keyword, or `**arguments`."""
        value = self.expression(node.value)
        if node.arg is None:
            return syntax.Arg(value, None, "**")
        return syntax.Arg(value, syntax.Name(node.arg), "")

    def elements(self, nodes: Sequence[ast.expr]) -> tuple[syntax.Element | syntax.StarredElement, ...]:
        """The elements of a tuple, list or set."""
        return tuple(
            [
                syntax.StarredElement(self.expression(node.value))
                if type(node) is ast.Starred
                else syntax.Element(self.expression(node))
                for node in nodes
            ]
        )

    def parameters(self, node: ast.arguments) -> syntax.Parameters:
        """The parameters of a function."""
        by_position = [*node.posonlyargs, *node.args]
        without = [None] * (len(by_position) - len(node.defaults))
        made = tuple(map(self._parameter, by_position, [*without, *node.defaults]))
        count = len(node.posonlyargs)
        return syntax.Parameters(
            posonly_params=made[:count],
            params=made[count:],
            star_arg=None if node.vararg is None else self._parameter(node.vararg, None),
            kwonly_params=tuple(map(self._parameter, node.kwonlyargs, node.kw_defaults)),
            star_kwarg=None if node.kwarg is None else self._parameter(node.kwarg, None),
        )

    def _parameter(self, node: ast.arg, default: ast.expr | None) -> syntax.Param:
        name, annotation = syntax.Name(node.arg), self.annotation(node.annotation)
        return syntax.Param(name, annotation, self.optional(default))

    def _constant(self, node: ast.Constant) -> Any:
        kind = type(node.value)
        if kind is str or kind is bytes:
            return self._string(node)
        if kind in _NUMBERS:
            return _NUMBERS[kind](self._text_of(node))
        return syntax.Ellipsis() if node.value is ... else syntax.Name(repr(node.value))

    def _string(self, node: ast.Constant | ast.JoinedStr) -> Any:
        """One literal, or several side by side, which libcst keeps in pairs from the right."""
        text = self._text_of(node)
        if type(node) is ast.Constant and _is_one_literal(text):
            return syntax.SimpleString(text)
        made = []
        for start, end, pieces in literals(text):
            literal = syntax.SimpleString(text[start:end]) if pieces is None else self._formatted(pieces)
            if self._placed:
                literal.region = _region_within(text, start, end, node)
            made.append(literal)
        joined = made.pop()
        while made:
            joined = syntax.ConcatenatedString(made.pop(), joined)
        return joined

    def _formatted(self, pieces: list[Piece]) -> Any:
        return syntax.FormattedString(self._parts(pieces))

    def _parts(self, pieces: list[Piece]) -> tuple[Any, ...]:
        """The parts of an f-string."""
        made: list[Any] = []
        for piece in pieces:
            if isinstance(piece, str):
                made.append(syntax.FormattedStringText(piece))
                continue
            value = _value_in_string(piece.expression.strip())
            spec = None if piece.spec is None else self._parts(piece.spec)
            made.append(syntax.FormattedStringExpression(value, spec))
        return tuple(made)

    def _text_of(self, node: ast.expr) -> str:
        return code_of(self.text_lines, region_of(node))

    def _call(self, node: ast.Call) -> syntax.Call:
        func = self.expression(node.func)
        args = [*map(self.argument, node.args), *map(self.keyword, node.keywords)]
        if node.keywords and any(type(argument) is ast.Starred for argument in node.args):
            given: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
            where = [(argument.lineno, argument.col_offset) for argument in given]
            args = [args[position] for position in sorted(range(len(args)), key=where.__getitem__)]
        return syntax.Call(func, tuple(args))

    def _dict(self, node: ast.Dict) -> syntax.Dict:
        elements = [
            syntax.StarredDictElement(self.expression(value))
            if key is None
            else syntax.DictElement(self.expression(key), self.expression(value))
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        return syntax.Dict(tuple(elements))

    def _binary(self, node: ast.BinOp) -> syntax.BinaryOperation:
        left, right = self.expression(node.left), self.expression(node.right)
        return syntax.BinaryOperation(left, OPERATORS[type(node.op)], right)

    def _boolean(self, node: ast.BoolOp) -> Any:
        """`a and b and c`, which libcst keeps in pairs from the left."""
        left, operator = self.expression(node.values[0]), OPERATORS[type(node.op)]
        for value in node.values[1:]:
            left = syntax.BooleanOperation(left, operator, self.expression(value))
        return left

    def _comparison(self, node: ast.Compare) -> syntax.Comparison:
        left = self.expression(node.left)
        targets = [
            syntax.ComparisonTarget(OPERATORS[type(op)], self.expression(value))
            for op, value in zip(node.ops, node.comparators, strict=True)
        ]
        return syntax.Comparison(left, tuple(targets))

    def _subscript(self, node: ast.Subscript) -> syntax.Subscript:
        value, index = self.expression(node.value), node.slice
        parts = index.elts if type(index) is ast.Tuple and not self._has_brackets(index) else [index]
        return syntax.Subscript(value, tuple([syntax.SubscriptElement(self._index(part)) for part in parts]))

    def _index(self, node: ast.expr) -> syntax.Index | syntax.Slice:
        if type(node) is not ast.Slice:
            return syntax.Index(self.expression(node))
        return syntax.Slice(self.optional(node.lower), self.optional(node.upper), self.optional(node.step))

    def _has_brackets(self, node: ast.Tuple) -> bool:
        """Whether a tuple has brackets of its own, which `(a), (b)` has not."""
        text = self._text_of(node).encode("utf-8", "replace")
        if not node.elts or not text.startswith(b"("):
            return not node.elts
        first = node.elts[0]
        if first.end_lineno != node.lineno or first.end_col_offset is None:
            raise RareSyntaxError
        opened = text[: first.col_offset - node.col_offset].count(b"(")
        closed = text[first.end_col_offset - node.col_offset :].partition(b",")[0].count(b")")
        return opened > closed

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Any:
        return _COMPREHENSIONS[type(node)](self.expression(node.elt), self._for_in(node.generators))

    def _dict_comprehension(self, node: ast.DictComp) -> Any:
        key, value = self.expression(node.key), self.expression(node.value)
        return syntax.DictComp(key, value, self._for_in(node.generators))

    def _for_in(self, generators: Sequence[ast.comprehension]) -> Any:
        first, rest = generators[0], generators[1:]
        return syntax.CompFor(
            target=self.expression(first.target),
            iter=self.expression(first.iter),
            ifs=tuple([syntax.CompIf(self.expression(test)) for test in first.ifs]),
            inner_for_in=self._for_in(rest) if rest else None,
        )


def _value_in_string(code: str) -> Any:
    """The expression of a field of an f-string; it has no place of its own."""
    first, *rest = code.split(".")
    if all(part.isidentifier() and part.isascii() and not iskeyword(part) for part in (first, *rest)):
        made: Any = syntax.Name(first)
        for part in rest:
            made = syntax.Attribute(made, syntax.Name(part))
        return made
    text = f"({code})"
    (statement,) = python_tree(text).body
    if not isinstance(statement, ast.Expr):
        raise RareSyntaxError
    return Expressions(text, placed=False).expression(statement.value)


def _region_within(text: str, start: int, end: int, node: ast.expr) -> Region:
    """Where a part of a node's text stands."""
    return (*_place_within(text, start, node), *_place_within(text, end, node))


def _place_within(text: str, offset: int, node: ast.expr) -> tuple[int, int]:
    before = text[:offset].encode()
    lines = before.count(b"\n")
    column = len(before) - before.rfind(b"\n") - 1
    return node.lineno + lines, column if lines else node.col_offset + column


def region_of(node: Any) -> Region:
    """Where `ast` says that a node stands."""
    return (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def code_of(lines: Sequence[str], region: Region) -> str:
    """The code in a region of a text; its lines end in newlines only."""
    line, column, end_line, end_column = region
    if line == end_line:
        return _cut(lines[line - 1], column, end_column)
    first, last = _cut(lines[line - 1], column, None), _cut(lines[end_line - 1], 0, end_column)
    return "\n".join([first, *lines[line : end_line - 1], last])


def _cut(line: str, first: int, behind: int | None) -> str:
    """A part of a line by `ast`'s columns."""
    return line[first:behind] if line.isascii() else line.encode()[first:behind].decode()


def _is_one_literal(text: str) -> bool:
    """Whether a string is certainly a single literal: its quotes are found at its ends only."""
    body = text.lstrip("rRbBuU")
    quote = body[:3] if body[:3] == body[0] * 3 else body[0]
    return body.find(quote, len(quote)) == len(body) - len(quote) > 0


def _yield(made: Expressions, node: ast.Yield | ast.YieldFrom) -> syntax.Yield:
    value = made.optional(node.value)
    return syntax.Yield(syntax.From(value) if type(node) is ast.YieldFrom else value)


_NUMBERS: dict[type, Callable[[str], Any]] = {
    int: syntax.Integer,
    float: syntax.Float,
    complex: syntax.Imaginary,
}
_COMPREHENSIONS: dict[type, Callable[[Any, syntax.CompFor], Any]] = {
    ast.ListComp: syntax.ListComp,
    ast.SetComp: syntax.SetComp,
    ast.GeneratorExp: syntax.GeneratorExp,
}
OPERATORS: dict[type, str] = {
    ast.Add: "Add", ast.Sub: "Subtract", ast.Mult: "Multiply", ast.Div: "Divide", ast.Mod: "Modulo",
    ast.FloorDiv: "FloorDivide", ast.Pow: "Power", ast.MatMult: "MatrixMultiply",
    ast.LShift: "LeftShift", ast.RShift: "RightShift",
    ast.BitOr: "BitOr", ast.BitAnd: "BitAnd", ast.BitXor: "BitXor",
    ast.And: "And", ast.Or: "Or", ast.Not: "Not",
    ast.USub: "Minus", ast.UAdd: "Plus", ast.Invert: "BitInvert",
    ast.Eq: "Equal", ast.NotEq: "NotEqual", ast.Lt: "LessThan", ast.LtE: "LessThanEqual",
    ast.Gt: "GreaterThan", ast.GtE: "GreaterThanEqual", ast.Is: "Is", ast.IsNot: "IsNot",
    ast.In: "In", ast.NotIn: "NotIn",
}  # fmt: skip
"""libcst's names of Python's operators."""
_EXPRESSIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Name: lambda made, node: syntax.Name(node.id),
    ast.Attribute: lambda made, node: syntax.Attribute(made.expression(node.value), syntax.Name(node.attr)),
    ast.Constant: Expressions._constant,
    ast.JoinedStr: Expressions._string,
    ast.Call: Expressions._call,
    ast.Subscript: Expressions._subscript,
    ast.Tuple: lambda made, node: syntax.Tuple(made.elements(node.elts)),
    ast.List: lambda made, node: syntax.List(made.elements(node.elts)),
    ast.Set: lambda made, node: syntax.Set(made.elements(node.elts)),
    ast.Dict: Expressions._dict,
    ast.BinOp: Expressions._binary,
    ast.BoolOp: Expressions._boolean,
    ast.Compare: Expressions._comparison,
    ast.UnaryOp: lambda made, node: syntax.UnaryOperation(
        OPERATORS[type(node.op)], made.expression(node.operand)
    ),
    ast.IfExp: lambda made, node: syntax.IfExp(
        made.expression(node.test), made.expression(node.body), made.expression(node.orelse)
    ),
    ast.Lambda: lambda made, node: syntax.Lambda(made.parameters(node.args), made.expression(node.body)),
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.DictComp: Expressions._dict_comprehension,
    ast.NamedExpr: lambda made, node: syntax.NamedExpr(
        made.expression(node.target), made.expression(node.value)
    ),
    ast.Await: lambda made, node: syntax.Await(made.expression(node.value)),
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
}
