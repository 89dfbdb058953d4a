"""The tree of a program made from Python's own parse (`ast`), at a tenth of what libcst's parser costs.

Most of what libcst builds is white space, commas and brackets, which no analysis reads. The tree made here
has the statements and expressions of libcst's, node for node. A text with syntax that is rare (`match`, type
parameters, `except*`) or that this Python does not know is left to libcst (`whole_tree`). The tests compare
these trees with libcst's own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from keyword import iskeyword
from typing import Any

from xlint import syntax
from xlint.lean_expressions import OPERATORS, Expressions, code_of, region_of
from xlint.lean_strings import RareSyntaxError
from xlint.parsing import python_tree
from xlint.regions import Range, characters

_CONTINUED = re.compile(r"[:;][^\S\n]*\\\r?\n")
"""A line broken before a statement, which then seems to stand on a line of its own."""
_OTHER_REGION = (syntax.Tuple, syntax.GeneratorExp, syntax.BaseSuite)
"""Nodes whose region is not libcst's: Python counts in the brackets around the first two."""
_BEFORE_BRACKET = re.compile(r"(\w+|[)\]])\s*\($")
"""What stands before the bracket of a call or a definition."""


class LeanTree:
    """The statements and expressions of a text."""

    def __init__(self, module: syntax.Module, lines: list[str]) -> None:
        """Take the tree, in which not every node has a region, and the lines."""
        self.module = module
        self._lines = lines

    def range(self, node: syntax.CSTNode) -> Range | None:
        """The region of a node, or None where Python's parse does not tell it."""
        region: syntax.Region | None = getattr(node, "region", None)
        if region is None or isinstance(node, _OTHER_REGION):
            return None
        line, column, end_line, end_column = region
        first, last = self._lines[line - 1], self._lines[end_line - 1]
        return Range(line, characters(first, column), end_line, characters(last, end_column))

    def code(self, node: syntax.CSTNode) -> str | None:
        """The code of an expression, or None where brackets or comments ask for a closer look."""
        found = self.range(node) if isinstance(node, syntax.BaseExpression) else None
        if found is None or self._may_have_brackets(found):
            return None
        code = code_of(self._lines, node.region)
        return None if "#" in code else code

    def block(self, node: syntax.CSTNode) -> str | None:
        """The lines of a block with the comments above, between and below; None for any other node."""
        if not isinstance(node, syntax.BaseSuite):
            return None
        region = node.region
        first, last = region[0], region[2]
        if isinstance(node, syntax.SimpleStatementSuite):
            first += 1
        while first > 1 and _is_no_code(self._lines[first - 2]):
            first -= 1
        indent = self._lines[region[0] - 1][: region[1]]
        while last < len(self._lines) and self._lines[last].startswith(f"{indent}#"):
            last += 1
        header = self._lines[first - 2]
        return "\n".join([header[header.rfind(":") + 1 :], *self._lines[first - 1 : last]])

    def _may_have_brackets(self, region: Range) -> bool:
        """Whether an expression may have brackets of its own: not those of a call, `f(expression)`."""
        behind = self._lines[region.end_line - 1][region.end_column :].lstrip()
        if behind and behind[0] not in ")#\\":
            return False
        above = (line for line in reversed(self._lines[: region.line - 1]) if line.strip())
        before = self._lines[region.line - 1][: region.column].rstrip() or next(above, "").rstrip()
        if "#" in before or before.endswith("\\"):
            return True
        word = _BEFORE_BRACKET.search(before)
        return before.endswith("(") and (word is None or iskeyword(word[1]))


def _is_no_code(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def lean_tree(text: str) -> LeanTree | None:
    """The tree of a text, or None where only libcst can read it, if anything can."""
    if _CONTINUED.search(text) is not None:
        return None
    try:
        parsed = python_tree(text)
        made = _Statements(text)
        module = syntax.Module(made.statements(parsed.body))
    except (SyntaxError, ValueError, RecursionError, MemoryError, RareSyntaxError):
        return None
    return LeanTree(module, made.text_lines)


class _Statements(Expressions):
    """Makes the statements of one text."""

    def statements(self, body: Iterable[ast.stmt]) -> tuple[Any, ...]:
        """Statements, the small ones of one line together."""
        made: list[Any] = []
        smalls: list[Any] = []
        end: int | None = 0
        """The line on which the last small statement ends."""
        for statement in body:
            compound = _COMPOUND.get(type(statement))
            if smalls and (compound is not None or statement.lineno != end):
                made.append(syntax.SimpleStatementLine(tuple(smalls)))
                smalls = []
            if compound is not None:
                made.append(compound(self, statement))
                made[-1].region = region_of(statement)
            else:
                smalls.append(self._small(statement))
                end = statement.end_lineno
        if smalls:
            made.append(syntax.SimpleStatementLine(tuple(smalls)))
        return tuple(made)

    def _small(self, statement: ast.stmt) -> Any:
        """A statement that holds no others."""
        handler = _SMALL.get(type(statement))
        if handler is None:
            raise RareSyntaxError
        made = handler(self, statement)
        made.region = region_of(statement)
        return made

    def _block(self, body: Sequence[ast.stmt]) -> syntax.BaseSuite:
        """The statements behind a colon: on lines of their own, or on its line."""
        first, last = body[0], body[-1]
        line = self.text_lines[first.lineno - 1]
        made: syntax.IndentedBlock | syntax.SimpleStatementSuite
        if len(line) - len(line.lstrip()) >= first.col_offset:
            made = syntax.IndentedBlock(self.statements(body))
        else:
            made = syntax.SimpleStatementSuite(tuple(map(self._small, body)))
        made.region = (*region_of(first)[:2], *region_of(last)[2:])
        return made

    def _orelse(self, body: Sequence[ast.stmt]) -> syntax.Else | None:
        return syntax.Else(self._block(body)) if body else None

    def _if(self, node: ast.If) -> syntax.If:
        test, body = self.expression(node.test), self._block(node.body)
        orelse: syntax.If | syntax.Else | None
        first = node.orelse[0] if node.orelse else None
        if type(first) is ast.If and self.text_lines[first.lineno - 1].startswith("elif", first.col_offset):
            orelse = self._if(first)
            orelse.region = region_of(first)
        else:
            orelse = self._orelse(node.orelse)
        return syntax.If(test, body, orelse)

    def _for(self, node: ast.For | ast.AsyncFor) -> syntax.For:
        target, iterable = self.expression(node.target), self.expression(node.iter)
        return syntax.For(target, iterable, self._block(node.body), self._orelse(node.orelse))

    def _while(self, node: ast.While) -> syntax.While:
        return syntax.While(self.expression(node.test), self._block(node.body), self._orelse(node.orelse))

    def _with(self, node: ast.With | ast.AsyncWith) -> syntax.With:
        items = [
            syntax.WithItem(self.expression(item.context_expr), self._as(item.optional_vars))
            for item in node.items
        ]
        return syntax.With(tuple(items), self._block(node.body))

    def _as(self, node: ast.expr | None) -> syntax.AsName | None:
        return None if node is None else syntax.AsName(self.expression(node))

    def _try(self, node: ast.Try) -> syntax.Try:
        return syntax.Try(
            body=self._block(node.body),
            handlers=tuple(map(self._handler, node.handlers)),
            orelse=self._orelse(node.orelse),
            finalbody=syntax.Finally(self._block(node.finalbody)) if node.finalbody else None,
        )

    def _handler(self, node: ast.ExceptHandler) -> syntax.ExceptHandler:
        return syntax.ExceptHandler(self.optional(node.type), _as_name(node.name), self._block(node.body))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> syntax.FunctionDef:
        return syntax.FunctionDef(
            name=syntax.Name(node.name),
            params=self.parameters(node.args),
            body=self._block(node.body),
            decorators=self._decorators(node),
            returns=self.annotation(node.returns),
        )

    def _class(self, node: ast.ClassDef) -> syntax.ClassDef:
        return syntax.ClassDef(
            name=syntax.Name(node.name),
            bases=tuple(map(self.argument, node.bases)),
            keywords=tuple(map(self.keyword, node.keywords)),
            body=self._block(node.body),
            decorators=self._decorators(node),
        )

    def _decorators(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> tuple[syntax.Decorator, ...]:
        if getattr(node, "type_params", None):
            raise RareSyntaxError
        return tuple([syntax.Decorator(self.expression(each)) for each in node.decorator_list])

    def _assign(self, node: ast.Assign) -> syntax.Assign:
        targets = tuple([syntax.AssignTarget(self.expression(target)) for target in node.targets])
        return syntax.Assign(targets, self.expression(node.value))

    def _annotated(self, node: ast.AnnAssign) -> syntax.AnnAssign:
        annotation = syntax.Annotation(self.expression(node.annotation))
        return syntax.AnnAssign(self.expression(node.target), annotation, self.optional(node.value))

    def _augmented(self, node: ast.AugAssign) -> syntax.AugAssign:
        operator = f"{OPERATORS[type(node.op)]}Assign"
        return syntax.AugAssign(self.expression(node.target), operator, self.expression(node.value))

    def _delete(self, node: ast.Delete) -> syntax.Del:
        if len(node.targets) == 1:
            return syntax.Del(self.expression(node.targets[0]))
        return syntax.Del(syntax.Tuple(self.elements(node.targets)))

    def _raise(self, node: ast.Raise) -> syntax.Raise:
        cause = None if node.cause is None else syntax.From(self.expression(node.cause))
        return syntax.Raise(self.optional(node.exc), cause)


def _as_name(name: str | None) -> syntax.AsName | None:
    return None if name is None else syntax.AsName(syntax.Name(name))


def _import_from(_made: _Statements, node: ast.ImportFrom) -> syntax.ImportFrom:
    star = node.names[0].name == "*"
    return syntax.ImportFrom(
        module=None if node.module is None else _dotted(node.module),
        names=syntax.ImportStar() if star else tuple(map(_alias, node.names)),
        relative=node.level,
    )


def _alias(node: ast.alias) -> syntax.ImportAlias:
    return syntax.ImportAlias(_dotted(node.name), _as_name(node.asname))


def _dotted(name: str) -> syntax.Name | syntax.Attribute:
    first, *rest = name.split(".")
    made: syntax.Name | syntax.Attribute = syntax.Name(first)
    for part in rest:
        made = syntax.Attribute(made, syntax.Name(part))
    return made


def _name_items(node: ast.Global | ast.Nonlocal) -> tuple[syntax.NameItem, ...]:
    return tuple([syntax.NameItem(syntax.Name(name)) for name in node.names])


_COMPOUND: dict[type, Callable[[Any, Any], Any]] = {
    ast.If: _Statements._if,
    ast.For: _Statements._for,
    ast.AsyncFor: _Statements._for,
    ast.While: _Statements._while,
    ast.With: _Statements._with,
    ast.AsyncWith: _Statements._with,
    ast.Try: _Statements._try,
    ast.FunctionDef: _Statements._function,
    ast.AsyncFunctionDef: _Statements._function,
    ast.ClassDef: _Statements._class,
}
_SMALL: dict[type, Callable[[Any, Any], Any]] = {
    ast.Expr: lambda made, node: syntax.Expr(made.expression(node.value)),
    ast.Assign: _Statements._assign,
    ast.AnnAssign: _Statements._annotated,
    ast.AugAssign: _Statements._augmented,
    ast.Return: lambda made, node: syntax.Return(made.optional(node.value)),
    ast.Import: lambda made, node: syntax.Import(tuple(map(_alias, node.names))),
    ast.ImportFrom: _import_from,
    ast.Delete: _Statements._delete,
    ast.Raise: _Statements._raise,
    ast.Assert: lambda made, node: syntax.Assert(made.expression(node.test), made.optional(node.msg)),
    ast.Global: lambda made, node: syntax.Global(_name_items(node)),
    ast.Nonlocal: lambda made, node: syntax.Nonlocal(_name_items(node)),
    ast.Pass: lambda made, node: syntax.Pass(),
    ast.Break: lambda made, node: syntax.Break(),
    ast.Continue: lambda made, node: syntax.Continue(),
}
