"""Expressions of libcst made from those of Python's own parse; see `lean_tree`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from xlint.parsing import parse_expression

Region = tuple[int, int, int, int]
"""First line (from 1) and column, last line and column behind, as `ast` counts: in bytes of UTF-8."""


class RareSyntaxError(Exception):
    """Syntax that is left to libcst."""


_put = object.__setattr__


def new(kind: type, **given: Any) -> Any:
    """A node of libcst that has only the given fields: no white space, no brackets, no checks."""
    node: Any = object.__new__(kind)
    for name, value in given.items():
        _put(node, name, value)
    return node


def new_name(value: str) -> Any:
    """The node of a name, the most frequent one."""
    node = object.__new__(cst.Name)
    _put(node, "value", value)
    return node


def asynchronous(is_async: object) -> Any:
    """What libcst keeps of the word `async`."""
    return _ASYNCHRONOUS if is_async else None


class Expressions:
    """Makes the expressions of one text."""

    def __init__(self, text: str) -> None:
        """Take the text that was parsed."""
        self.text_lines = text.split("\n")
        self.regions: dict[int, Region] = {}
        """By the `id` of the nodes made."""

    def expression(self, node: ast.expr) -> Any:
        """The node for an expression. Raises RareSyntaxError."""
        handler = _EXPRESSIONS.get(type(node))
        if handler is None:
            raise RareSyntaxError
        made = handler(self, node)
        self.regions[id(made)] = region_of(node)
        return made

    def optional(self, node: ast.expr | None) -> Any:
        """The node for an expression that may be missing."""
        return None if node is None else self.expression(node)

    def annotation(self, node: ast.expr | None) -> Any:
        """The annotation of a parameter, a result or a variable."""
        return None if node is None else new(cst.Annotation, annotation=self.expression(node))

    def argument(self, node: ast.expr) -> Any:
        """An argument without a keyword."""
        if type(node) is ast.Starred:
            return new(cst.Arg, value=self.expression(node.value), keyword=None, star="*")
        return new(cst.Arg, value=self.expression(node), keyword=None, star="")

    def keyword(self, node: ast.keyword) -> Any:
        """An argument with a keyword, or `**arguments`."""
        value = self.expression(node.value)
        if node.arg is None:
            return new(cst.Arg, value=value, keyword=None, star="**")
        return new(cst.Arg, value=value, keyword=new_name(node.arg), star="")

    def elements(self, nodes: Sequence[ast.expr]) -> tuple[Any, ...]:
        """The elements of a tuple, list or set."""
        return tuple(
            new(cst.StarredElement, value=self.expression(node.value))
            if type(node) is ast.Starred
            else new(cst.Element, value=self.expression(node))
            for node in nodes
        )

    def parameters(self, node: ast.arguments) -> Any:
        """The parameters of a function."""
        by_position = [*node.posonlyargs, *node.args]
        without = [None] * (len(by_position) - len(node.defaults))
        made = tuple(map(self._parameter, by_position, [*without, *node.defaults]))
        count = len(node.posonlyargs)
        star: Any = _STAR if node.kwonlyargs else cst.MaybeSentinel.DEFAULT
        return new(
            cst.Parameters,
            posonly_params=made[:count],
            posonly_ind=_SLASH if count else cst.MaybeSentinel.DEFAULT,
            params=made[count:],
            star_arg=star if node.vararg is None else self._parameter(node.vararg, None, "*"),
            kwonly_params=tuple(map(self._parameter, node.kwonlyargs, node.kw_defaults)),
            star_kwarg=None if node.kwarg is None else self._parameter(node.kwarg, None, "**"),
        )

    def _parameter(self, node: ast.arg, default: ast.expr | None, star: str = "") -> Any:
        name, annotation = new_name(node.arg), self.annotation(node.annotation)
        return new(cst.Param, name=name, annotation=annotation, default=self.optional(default), star=star)

    def _constant(self, node: ast.Constant) -> Any:
        kind = type(node.value)
        if kind is str or kind is bytes:
            text = self._text_of(node)
            return new(cst.SimpleString, value=text) if _is_one_literal(text) else parse_expression(text)
        if kind in _NUMBERS:
            return new(_NUMBERS[kind], value=self._text_of(node))
        return new(cst.Ellipsis) if node.value is ... else new_name(repr(node.value))

    def _text_of(self, node: ast.expr) -> str:
        return code_of(self.text_lines, region_of(node))

    def _call(self, node: ast.Call) -> Any:
        func = self.expression(node.func)
        args = [*map(self.argument, node.args), *map(self.keyword, node.keywords)]
        if node.keywords and any(type(argument) is ast.Starred for argument in node.args):
            given: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
            where = [(argument.lineno, argument.col_offset) for argument in given]
            args = [args[position] for position in sorted(range(len(args)), key=where.__getitem__)]
        return new(cst.Call, func=func, args=tuple(args))

    def _dict(self, node: ast.Dict) -> Any:
        elements = [
            new(cst.StarredDictElement, value=self.expression(value))
            if key is None
            else new(cst.DictElement, key=self.expression(key), value=self.expression(value))
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        return new(cst.Dict, elements=tuple(elements))

    def _binary(self, node: ast.BinOp) -> Any:
        left, right = self.expression(node.left), self.expression(node.right)
        return new(cst.BinaryOperation, left=left, operator=_OPERATORS[type(node.op)], right=right)

    def _boolean(self, node: ast.BoolOp) -> Any:
        """`a and b and c`, which libcst keeps in pairs from the left."""
        left, operator = self.expression(node.values[0]), _OPERATORS[type(node.op)]
        for value in node.values[1:]:
            left = new(cst.BooleanOperation, left=left, operator=operator, right=self.expression(value))
        return left

    def _comparison(self, node: ast.Compare) -> Any:
        left = self.expression(node.left)
        targets = [
            new(cst.ComparisonTarget, operator=_OPERATORS[type(op)], comparator=self.expression(value))
            for op, value in zip(node.ops, node.comparators, strict=True)
        ]
        return new(cst.Comparison, left=left, comparisons=tuple(targets))

    def _subscript(self, node: ast.Subscript) -> Any:
        value, index = self.expression(node.value), node.slice
        parts = index.elts if type(index) is ast.Tuple and not self._has_brackets(index) else [index]
        return new(
            cst.Subscript,
            value=value,
            slice=tuple(new(cst.SubscriptElement, slice=self._index(part)) for part in parts),
        )

    def _index(self, node: ast.expr) -> Any:
        if type(node) is not ast.Slice:
            return new(cst.Index, value=self.expression(node), star=None)
        lower, upper, step = map(self.optional, (node.lower, node.upper, node.step))
        return new(cst.Slice, lower=lower, upper=upper, step=step)

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
        elt = self.expression(node.elt)
        return new(_COMPREHENSIONS[type(node)], elt=elt, for_in=self._for_in(node.generators))

    def _dict_comprehension(self, node: ast.DictComp) -> Any:
        key, value = self.expression(node.key), self.expression(node.value)
        return new(cst.DictComp, key=key, value=value, for_in=self._for_in(node.generators))

    def _for_in(self, generators: Sequence[ast.comprehension]) -> Any:
        first, rest = generators[0], generators[1:]
        return new(
            cst.CompFor,
            target=self.expression(first.target),
            iter=self.expression(first.iter),
            ifs=tuple(new(cst.CompIf, test=self.expression(test)) for test in first.ifs),
            inner_for_in=self._for_in(rest) if rest else None,
            asynchronous=asynchronous(first.is_async),
        )


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


def _yield(made: Expressions, node: ast.Yield | ast.YieldFrom) -> Any:
    value = made.optional(node.value)
    return new(cst.Yield, value=new(cst.From, item=value) if type(node) is ast.YieldFrom else value)


_ASYNCHRONOUS, _STAR, _SLASH = cst.Asynchronous(), cst.ParamStar(), cst.ParamSlash()
_NUMBERS: dict[type, type] = {int: cst.Integer, float: cst.Float, complex: cst.Imaginary}
_COMPREHENSIONS: dict[type, type] = {
    ast.ListComp: cst.ListComp,
    ast.SetComp: cst.SetComp,
    ast.GeneratorExp: cst.GeneratorExp,
}
_OPERATORS: dict[type, cst.CSTNode] = {
    ast.Add: cst.Add(), ast.Sub: cst.Subtract(), ast.Mult: cst.Multiply(), ast.Div: cst.Divide(),
    ast.FloorDiv: cst.FloorDivide(), ast.Mod: cst.Modulo(), ast.Pow: cst.Power(),
    ast.MatMult: cst.MatrixMultiply(), ast.LShift: cst.LeftShift(), ast.RShift: cst.RightShift(),
    ast.BitOr: cst.BitOr(), ast.BitAnd: cst.BitAnd(), ast.BitXor: cst.BitXor(),
    ast.And: cst.And(), ast.Or: cst.Or(), ast.Not: cst.Not(),
    ast.USub: cst.Minus(), ast.UAdd: cst.Plus(), ast.Invert: cst.BitInvert(),
    ast.Eq: cst.Equal(), ast.NotEq: cst.NotEqual(), ast.Lt: cst.LessThan(), ast.LtE: cst.LessThanEqual(),
    ast.Gt: cst.GreaterThan(), ast.GtE: cst.GreaterThanEqual(), ast.Is: cst.Is(), ast.IsNot: cst.IsNot(),
    ast.In: cst.In(), ast.NotIn: cst.NotIn(),
}  # fmt: skip
_EXPRESSIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Name: lambda made, node: new_name(node.id),
    ast.Attribute: lambda made, node: new(
        cst.Attribute, value=made.expression(node.value), attr=new_name(node.attr)
    ),
    ast.Constant: Expressions._constant,
    ast.JoinedStr: lambda made, node: parse_expression(made._text_of(node)),
    ast.Call: Expressions._call,
    ast.Subscript: Expressions._subscript,
    ast.Tuple: lambda made, node: new(cst.Tuple, elements=made.elements(node.elts)),
    ast.List: lambda made, node: new(cst.List, elements=made.elements(node.elts)),
    ast.Set: lambda made, node: new(cst.Set, elements=made.elements(node.elts)),
    ast.Dict: Expressions._dict,
    ast.BinOp: Expressions._binary,
    ast.BoolOp: Expressions._boolean,
    ast.Compare: Expressions._comparison,
    ast.UnaryOp: lambda made, node: new(
        cst.UnaryOperation, operator=_OPERATORS[type(node.op)], expression=made.expression(node.operand)
    ),
    ast.IfExp: lambda made, node: new(
        cst.IfExp,
        test=made.expression(node.test),
        body=made.expression(node.body),
        orelse=made.expression(node.orelse),
    ),
    ast.Lambda: lambda made, node: new(
        cst.Lambda, params=made.parameters(node.args), body=made.expression(node.body)
    ),
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.DictComp: Expressions._dict_comprehension,
    ast.NamedExpr: lambda made, node: new(
        cst.NamedExpr, target=made.expression(node.target), value=made.expression(node.value)
    ),
    ast.Await: lambda made, node: new(cst.Await, expression=made.expression(node.value)),
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
}
