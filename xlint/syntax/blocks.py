"""Lines, blocks and compound statements, as libcst names them."""

from __future__ import annotations

from collections.abc import Sequence

from xlint.syntax.base import BaseExpression, BaseSmallStatement, BaseStatement, BaseSuite, CSTNode
from xlint.syntax.operations import Annotation, Arg, Parameters
from xlint.syntax.statements import AsName
from xlint.syntax.values import Name


class SimpleStatementLine(BaseStatement):
    """Small statements on one line."""

    __slots__ = ("body",)

    def __init__(self, body: Sequence[BaseSmallStatement]) -> None:
        self.body = body


class SimpleStatementSuite(BaseSuite):
    """Small statements on the line of the colon."""

    __slots__ = ("body",)

    def __init__(self, body: Sequence[BaseSmallStatement]) -> None:
        self.body = body


class IndentedBlock(BaseSuite):
    """Statements on lines of their own behind a colon."""

    __slots__ = ("body",)

    def __init__(self, body: Sequence[BaseStatement]) -> None:
        self.body = body


class Else(CSTNode):
    """`else: body`."""

    __slots__ = ("body",)

    def __init__(self, body: BaseSuite) -> None:
        self.body = body


class If(BaseStatement):
    """`if test: body`; an `elif` is the `If` in `orelse`."""

    __slots__ = ("body", "orelse", "test")

    def __init__(self, test: BaseExpression, body: BaseSuite, orelse: If | Else | None) -> None:
        self.test = test
        self.body = body
        self.orelse = orelse


class For(BaseStatement):
    """`for target in iter: body`."""

    __slots__ = ("body", "iter", "orelse", "target")

    def __init__(
        self, target: BaseExpression, iter: BaseExpression, body: BaseSuite, orelse: Else | None
    ) -> None:
        self.target = target
        self.iter = iter
        self.body = body
        self.orelse = orelse


class While(BaseStatement):
    """`while test: body`."""

    __slots__ = ("body", "orelse", "test")

    def __init__(self, test: BaseExpression, body: BaseSuite, orelse: Else | None) -> None:
        self.test = test
        self.body = body
        self.orelse = orelse


class ExceptHandler(CSTNode):
    """`except type as name: body`."""

    __slots__ = ("body", "name", "type")

    def __init__(self, type: BaseExpression | None, name: AsName | None, body: BaseSuite) -> None:
        self.type = type
        self.name = name
        self.body = body


class ExceptStarHandler(CSTNode):
    """`except* type as name: body`."""

    __slots__ = ("body", "name", "type")

    def __init__(self, type: BaseExpression, name: AsName | None, body: BaseSuite) -> None:
        self.type = type
        self.name = name
        self.body = body


class Finally(CSTNode):
    """`finally: body`."""

    __slots__ = ("body",)

    def __init__(self, body: BaseSuite) -> None:
        self.body = body


class Try(BaseStatement):
    """`try: body` and its clauses."""

    __slots__ = ("body", "finalbody", "handlers", "orelse")

    def __init__(
        self,
        body: BaseSuite,
        handlers: Sequence[ExceptHandler],
        orelse: Else | None,
        finalbody: Finally | None,
    ) -> None:
        self.body = body
        self.handlers = handlers
        self.orelse = orelse
        self.finalbody = finalbody


class TryStar(BaseStatement):
    """`try: body` with `except*`."""

    __slots__ = ("body", "finalbody", "handlers", "orelse")

    def __init__(
        self,
        body: BaseSuite,
        handlers: Sequence[ExceptStarHandler],
        orelse: Else | None,
        finalbody: Finally | None,
    ) -> None:
        self.body = body
        self.handlers = handlers
        self.orelse = orelse
        self.finalbody = finalbody


class WithItem(CSTNode):
    """`item as asname`."""

    __slots__ = ("asname", "item")

    def __init__(self, item: BaseExpression, asname: AsName | None) -> None:
        self.item = item
        self.asname = asname


class With(BaseStatement):
    """`with items: body`."""

    __slots__ = ("body", "items")

    def __init__(self, items: Sequence[WithItem], body: BaseSuite) -> None:
        self.items = items
        self.body = body


class MatchValue(CSTNode):
    """A value as a pattern."""

    __slots__ = ("value",)

    def __init__(self, value: BaseExpression) -> None:
        self.value = value


class MatchAs(CSTNode):
    """`pattern as name`, `name` or `_` as a pattern."""

    __slots__ = ("name", "pattern")

    def __init__(self, pattern: CSTNode | None, name: Name | None) -> None:
        self.pattern = pattern
        self.name = name


class MatchCase(CSTNode):
    """`case pattern if guard: body`."""

    __slots__ = ("body", "guard", "pattern")

    def __init__(self, pattern: CSTNode, guard: BaseExpression | None, body: BaseSuite) -> None:
        self.pattern = pattern
        self.guard = guard
        self.body = body


class Match(BaseStatement):
    """`match subject: cases`."""

    __slots__ = ("cases", "subject")

    def __init__(self, subject: BaseExpression, cases: Sequence[MatchCase]) -> None:
        self.subject = subject
        self.cases = cases


class Decorator(CSTNode):
    """`@decorator`."""

    __slots__ = ("decorator",)

    def __init__(self, decorator: BaseExpression) -> None:
        self.decorator = decorator


class FunctionDef(BaseStatement):
    """`def name(params) -> returns: body`."""

    __slots__ = ("body", "decorators", "name", "params", "returns")

    def __init__(
        self,
        name: Name,
        params: Parameters,
        body: BaseSuite,
        decorators: Sequence[Decorator],
        returns: Annotation | None,
    ) -> None:
        self.name = name
        self.params = params
        self.body = body
        self.decorators = decorators
        self.returns = returns


class ClassDef(BaseStatement):
    """`class name(bases, keywords): body`."""

    __slots__ = ("bases", "body", "decorators", "keywords", "name")

    def __init__(
        self,
        name: Name,
        bases: Sequence[Arg],
        keywords: Sequence[Arg],
        body: BaseSuite,
        decorators: Sequence[Decorator],
    ) -> None:
        self.name = name
        self.bases = bases
        self.keywords = keywords
        self.body = body
        self.decorators = decorators


class Module(CSTNode):
    """A whole program."""

    __slots__ = ("body",)

    def __init__(self, body: Sequence[BaseStatement]) -> None:
        self.body = body
