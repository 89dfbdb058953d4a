"""Small statements and their parts, as libcst names them."""

from __future__ import annotations

from collections.abc import Sequence

from xlint.syntax.base import BaseExpression, BaseSmallStatement, CSTNode
from xlint.syntax.operations import Annotation, From
from xlint.syntax.values import Attribute, Name


class Expr(BaseSmallStatement):
    """An expression alone."""

    __slots__ = ("value",)

    def __init__(self, value: BaseExpression) -> None:
        self.value = value


class AssignTarget(CSTNode):
    """`target =`."""

    __slots__ = ("target",)

    def __init__(self, target: BaseExpression) -> None:
        self.target = target


class Assign(BaseSmallStatement):
    """`target = ... = value`."""

    __slots__ = ("targets", "value")

    def __init__(self, targets: Sequence[AssignTarget], value: BaseExpression) -> None:
        self.targets = targets
        self.value = value


class AnnAssign(BaseSmallStatement):
    """`target: annotation = value`."""

    __slots__ = ("annotation", "target", "value")

    def __init__(self, target: BaseExpression, annotation: Annotation, value: BaseExpression | None) -> None:
        self.target = target
        self.annotation = annotation
        self.value = value


class AugAssign(BaseSmallStatement):
    """`target += value`; `operator` is "AddAssign" for this."""

    __slots__ = ("operator", "target", "value")

    def __init__(self, target: BaseExpression, operator: str, value: BaseExpression) -> None:
        self.target = target
        self.operator = operator
        self.value = value


class Return(BaseSmallStatement):
    """`return value`."""

    __slots__ = ("value",)

    def __init__(self, value: BaseExpression | None) -> None:
        self.value = value


class AsName(CSTNode):
    """`as name`."""

    __slots__ = ("name",)

    def __init__(self, name: BaseExpression) -> None:
        self.name = name


class ImportAlias(CSTNode):
    """`name as asname` in an import."""

    __slots__ = ("asname", "name")

    def __init__(self, name: Attribute | Name, asname: AsName | None) -> None:
        self.name = name
        self.asname = asname


class ImportStar(CSTNode):
    """`*` in an import."""

    __slots__ = ()


class Import(BaseSmallStatement):
    """`import names`."""

    __slots__ = ("names",)

    def __init__(self, names: Sequence[ImportAlias]) -> None:
        self.names = names


class ImportFrom(BaseSmallStatement):
    """`from module import names`; `relative` is how many dots stand before the module."""

    __slots__ = ("module", "names", "relative")

    def __init__(
        self,
        module: Attribute | Name | None,
        names: Sequence[ImportAlias] | ImportStar,
        relative: int,
    ) -> None:
        self.module = module
        self.names = names
        self.relative = relative


class Del(BaseSmallStatement):
    """`del target`."""

    __slots__ = ("target",)

    def __init__(self, target: BaseExpression) -> None:
        self.target = target


class NameItem(CSTNode):
    """A name behind `global` or `nonlocal`."""

    __slots__ = ("name",)

    def __init__(self, name: Name) -> None:
        self.name = name


class Global(BaseSmallStatement):
    """`global names`."""

    __slots__ = ("names",)

    def __init__(self, names: Sequence[NameItem]) -> None:
        self.names = names


class Nonlocal(BaseSmallStatement):
    """`nonlocal names`."""

    __slots__ = ("names",)

    def __init__(self, names: Sequence[NameItem]) -> None:
        self.names = names


class Assert(BaseSmallStatement):
    """`assert test, msg`."""

    __slots__ = ("msg", "test")

    def __init__(self, test: BaseExpression, msg: BaseExpression | None) -> None:
        self.test = test
        self.msg = msg


class Raise(BaseSmallStatement):
    """`raise exc from cause`."""

    __slots__ = ("cause", "exc")

    def __init__(self, exc: BaseExpression | None, cause: From | None) -> None:
        self.exc = exc
        self.cause = cause


class Pass(BaseSmallStatement):
    """`pass`."""

    __slots__ = ()


class Break(BaseSmallStatement):
    """`break`."""

    __slots__ = ()


class Continue(BaseSmallStatement):
    """`continue`."""

    __slots__ = ()
