"""A libcst tree made from Python's own parse (`ast`), at a fifth of what libcst's parser costs.

Most of what libcst builds is white space, commas and brackets, which no analysis reads. The tree made here
has the same statements and expressions, node for node, and lacks those fields. Strings of more than one
literal are left to libcst, and so is a text with syntax that is rare (`match`, type parameters, `except*`) or
that this Python does not know. The tests compare these trees with libcst's own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from keyword import iskeyword
from typing import Any

import libcst as cst

from xlint.lean_expressions import (
    Expressions,
    RareSyntaxError,
    Region,
    asynchronous,
    code_of,
    new,
    new_name,
    region_of,
)
from xlint.nodes import syntax_fields
from xlint.parsing import python_tree
from xlint.positions import Range, characters

_CONTINUED = re.compile(r"[:;][^\S\n]*\\\r?\n")
"""A line broken before a statement, which then seems to stand on a line of its own."""
_BEFORE_BRACKET = re.compile(r"(\w+|[)\]])\s*\($")
"""What stands before the bracket of a call or a definition."""


class LeanTree:
    """The statements and expressions of a text."""

    def __init__(self, module: cst.Module, regions: dict[int, Region], lines: list[str]) -> None:
        """Take the tree, the regions of its nodes by their `id` (not every node has one), and the lines."""
        self.module = module
        self._regions = regions
        self._lines = lines

    def range(self, node: cst.CSTNode) -> Range | None:
        """The region of a node, or None where Python's parse does not tell it."""
        region = self._regions.get(id(node))
        if region is None or isinstance(node, cst.Tuple | cst.GeneratorExp):
            # Python counts their brackets in, where they have any.
            return None
        line, column, end_line, end_column = region
        first, last = self._lines[line - 1], self._lines[end_line - 1]
        return Range(line, characters(first, column), end_line, characters(last, end_column))

    def code(self, node: cst.CSTNode) -> str | None:
        """The code of an expression, or None where brackets or comments ask for a closer look."""
        found = self.range(node) if isinstance(node, cst.BaseExpression) else None
        if found is None or self._may_have_brackets(found):
            return None
        code = code_of(self._lines, self._regions[id(node)])
        return None if "#" in code else code

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

    def twins(self, tree: cst.Module) -> dict[int, cst.CSTNode]:
        """For the `id` of each node the same node in the tree that libcst made of the text."""
        found: dict[int, cst.CSTNode] = {}
        stack: list[tuple[Any, Any]] = [(self.module, tree)]
        while stack:
            lean, full = stack.pop()
            if isinstance(lean, list | tuple):
                stack.extend(zip(lean, full, strict=True))
            elif isinstance(lean, cst.CSTNode):
                found[id(lean)] = full
                names = syntax_fields(type(lean))
                stack.extend((getattr(lean, name, None), getattr(full, name)) for name in names)
        return found


def lean_tree(text: str) -> LeanTree | None:
    """The tree of a text, or None where only libcst can read it, if anything can."""
    if _CONTINUED.search(text) is not None:
        return None
    try:
        parsed = python_tree(text)
        made = _Statements(text)
        module: cst.Module = new(cst.Module, body=made.statements(parsed.body))
    except (SyntaxError, ValueError, RecursionError, MemoryError, RareSyntaxError, cst.ParserSyntaxError):
        return None
    return LeanTree(module, made.regions, made.text_lines)


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
                made.append(new(cst.SimpleStatementLine, body=tuple(smalls)))
                smalls = []
            if compound is not None:
                made.append(compound(self, statement))
                self.regions[id(made[-1])] = region_of(statement)
            else:
                smalls.append(self._small(statement))
                end = statement.end_lineno
        if smalls:
            made.append(new(cst.SimpleStatementLine, body=tuple(smalls)))
        return tuple(made)

    def _small(self, statement: ast.stmt) -> Any:
        """A statement that holds no others."""
        handler = _SMALL.get(type(statement))
        if handler is None:
            raise RareSyntaxError
        made = handler(self, statement)
        self.regions[id(made)] = region_of(statement)
        return made

    def _block(self, body: Sequence[ast.stmt]) -> Any:
        """The statements behind a colon: on lines of their own, or on its line."""
        first = body[0]
        line = self.text_lines[first.lineno - 1]
        if len(line) - len(line.lstrip()) >= first.col_offset:
            return new(cst.IndentedBlock, body=self.statements(body))
        return new(cst.SimpleStatementSuite, body=tuple(map(self._small, body)))

    def _orelse(self, body: Sequence[ast.stmt]) -> Any:
        return new(cst.Else, body=self._block(body)) if body else None

    def _if(self, node: ast.If) -> Any:
        test, body = self.expression(node.test), self._block(node.body)
        first = node.orelse[0] if node.orelse else None
        if type(first) is ast.If and self.text_lines[first.lineno - 1].startswith("elif", first.col_offset):
            orelse = self._if(first)
            self.regions[id(orelse)] = region_of(first)
        else:
            orelse = self._orelse(node.orelse)
        return new(cst.If, test=test, body=body, orelse=orelse)

    def _for(self, node: ast.For | ast.AsyncFor) -> Any:
        return new(
            cst.For,
            target=self.expression(node.target),
            iter=self.expression(node.iter),
            body=self._block(node.body),
            orelse=self._orelse(node.orelse),
            asynchronous=asynchronous(type(node) is ast.AsyncFor),
        )

    def _while(self, node: ast.While) -> Any:
        test, body = self.expression(node.test), self._block(node.body)
        return new(cst.While, test=test, body=body, orelse=self._orelse(node.orelse))

    def _with(self, node: ast.With | ast.AsyncWith) -> Any:
        items = tuple(
            new(cst.WithItem, item=self.expression(item.context_expr), asname=self._as(item.optional_vars))
            for item in node.items
        )
        is_async = asynchronous(type(node) is ast.AsyncWith)
        return new(cst.With, items=items, body=self._block(node.body), asynchronous=is_async)

    def _as(self, node: ast.expr | None) -> Any:
        return None if node is None else new(cst.AsName, name=self.expression(node))

    def _try(self, node: ast.Try) -> Any:
        body = self._block(node.body)
        handlers = tuple(
            new(
                cst.ExceptHandler,
                type=self.optional(handler.type),
                name=_as_name(handler.name),
                body=self._block(handler.body),
            )
            for handler in node.handlers
        )
        orelse = self._orelse(node.orelse)
        final = new(cst.Finally, body=self._block(node.finalbody)) if node.finalbody else None
        return new(cst.Try, body=body, handlers=handlers, orelse=orelse, finalbody=final)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Any:
        return new(
            cst.FunctionDef,
            name=new_name(node.name),
            params=self.parameters(node.args),
            body=self._block(node.body),
            decorators=self._decorators(node),
            returns=self.annotation(node.returns),
            asynchronous=asynchronous(type(node) is ast.AsyncFunctionDef),
            type_parameters=None,
        )

    def _class(self, node: ast.ClassDef) -> Any:
        return new(
            cst.ClassDef,
            name=new_name(node.name),
            bases=tuple(map(self.argument, node.bases)),
            keywords=tuple(map(self.keyword, node.keywords)),
            body=self._block(node.body),
            decorators=self._decorators(node),
            type_parameters=None,
        )

    def _decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> tuple[Any, ...]:
        if getattr(node, "type_params", None):
            raise RareSyntaxError
        return tuple(new(cst.Decorator, decorator=self.expression(each)) for each in node.decorator_list)

    def _assign(self, node: ast.Assign) -> Any:
        targets = tuple(new(cst.AssignTarget, target=self.expression(target)) for target in node.targets)
        return new(cst.Assign, targets=targets, value=self.expression(node.value))

    def _annotated(self, node: ast.AnnAssign) -> Any:
        target, annotation = self.expression(node.target), self.annotation(node.annotation)
        return new(cst.AnnAssign, target=target, annotation=annotation, value=self.optional(node.value))

    def _augmented(self, node: ast.AugAssign) -> Any:
        target, value = self.expression(node.target), self.expression(node.value)
        return new(cst.AugAssign, target=target, operator=_ASSIGNING[type(node.op)], value=value)

    def _import_from(self, node: ast.ImportFrom) -> Any:
        star = node.names[0].name == "*"
        return new(
            cst.ImportFrom,
            module=None if node.module is None else _dotted(node.module),
            names=new(cst.ImportStar) if star else tuple(map(_alias, node.names)),
            relative=(_DOT,) * node.level,
        )

    def _delete(self, node: ast.Delete) -> Any:
        if len(node.targets) == 1:
            return new(cst.Del, target=self.expression(node.targets[0]))
        return new(cst.Del, target=new(cst.Tuple, elements=self.elements(node.targets)))

    def _raise(self, node: ast.Raise) -> Any:
        cause = None if node.cause is None else new(cst.From, item=self.expression(node.cause))
        return new(cst.Raise, exc=self.optional(node.exc), cause=cause)


def _as_name(name: str | None) -> Any:
    return None if name is None else new(cst.AsName, name=new_name(name))


def _alias(node: ast.alias) -> Any:
    return new(cst.ImportAlias, name=_dotted(node.name), asname=_as_name(node.asname))


def _dotted(name: str) -> Any:
    first, *rest = name.split(".")
    made = new_name(first)
    for part in rest:
        made = new(cst.Attribute, value=made, attr=new_name(part))
    return made


def _name_items(node: ast.Global | ast.Nonlocal) -> tuple[Any, ...]:
    return tuple(new(cst.NameItem, name=new_name(name)) for name in node.names)


_DOT = cst.Dot()
_ASSIGNING: dict[type, cst.CSTNode] = {
    ast.Add: cst.AddAssign(), ast.Sub: cst.SubtractAssign(), ast.Mult: cst.MultiplyAssign(),
    ast.Div: cst.DivideAssign(), ast.FloorDiv: cst.FloorDivideAssign(), ast.Mod: cst.ModuloAssign(),
    ast.Pow: cst.PowerAssign(), ast.MatMult: cst.MatrixMultiplyAssign(),
    ast.LShift: cst.LeftShiftAssign(), ast.RShift: cst.RightShiftAssign(), ast.BitOr: cst.BitOrAssign(),
    ast.BitAnd: cst.BitAndAssign(), ast.BitXor: cst.BitXorAssign(),
}  # fmt: skip
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
    ast.Expr: lambda made, node: new(cst.Expr, value=made.expression(node.value)),
    ast.Assign: _Statements._assign,
    ast.AnnAssign: _Statements._annotated,
    ast.AugAssign: _Statements._augmented,
    ast.Return: lambda made, node: new(cst.Return, value=made.optional(node.value)),
    ast.Import: lambda made, node: new(cst.Import, names=tuple(map(_alias, node.names))),
    ast.ImportFrom: _Statements._import_from,
    ast.Delete: _Statements._delete,
    ast.Raise: _Statements._raise,
    ast.Assert: lambda made, node: new(
        cst.Assert, test=made.expression(node.test), msg=made.optional(node.msg)
    ),
    ast.Global: lambda made, node: new(cst.Global, names=_name_items(node)),
    ast.Nonlocal: lambda made, node: new(cst.Nonlocal, names=_name_items(node)),
    ast.Pass: lambda made, node: new(cst.Pass),
    ast.Break: lambda made, node: new(cst.Break),
    ast.Continue: lambda made, node: new(cst.Continue),
}
