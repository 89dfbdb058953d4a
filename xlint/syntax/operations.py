"""Operations, calls, functions' parameters and comprehensions, as libcst names them.

An operator is the name of libcst's class for it: "Add", "NotIn", "BitInvert".
"""

from __future__ import annotations

from collections.abc import Sequence

from xlint.syntax.base import BaseExpression, CSTNode
from xlint.syntax.values import Name


class UnaryOperation(BaseExpression):
    """`operator expression`."""

    __slots__ = ("expression", "operator")

    def __init__(self, operator: str, expression: BaseExpression) -> None:
        self.operator = operator
        self.expression = expression


class BinaryOperation(BaseExpression):
    """`left operator right` with a number's operator."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, left: BaseExpression, operator: str, right: BaseExpression) -> None:
        self.left = left
        self.operator = operator
        self.right = right


class BooleanOperation(BaseExpression):
    """`left and right`, `left or right`."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, left: BaseExpression, operator: str, right: BaseExpression) -> None:
        self.left = left
        self.operator = operator
        self.right = right


class ComparisonTarget(CSTNode):
    """`operator comparator`."""

    __slots__ = ("comparator", "operator")

    def __init__(self, operator: str, comparator: BaseExpression) -> None:
        self.operator = operator
        self.comparator = comparator


class Comparison(BaseExpression):
    """`left < right`, and so on in a chain."""

    __slots__ = ("comparisons", "left")

    def __init__(self, left: BaseExpression, comparisons: Sequence[ComparisonTarget]) -> None:
        self.left = left
        self.comparisons = comparisons


class IfExp(BaseExpression):
    """`body if test else orelse`."""

    __slots__ = ("body", "orelse", "test")

    def __init__(self, test: BaseExpression, body: BaseExpression, orelse: BaseExpression) -> None:
        self.test = test
        self.body = body
        self.orelse = orelse


class Annotation(CSTNode):
    """`: annotation` or `-> annotation`."""

    __slots__ = ("annotation",)

    def __init__(self, annotation: BaseExpression) -> None:
        self.annotation = annotation


class Param(CSTNode):
    """A parameter."""

    __slots__ = ("annotation", "default", "name")

    def __init__(self, name: Name, annotation: Annotation | None, default: BaseExpression | None) -> None:
        self.name = name
        self.annotation = annotation
        self.default = default


class Parameters(CSTNode):
    """The parameters of a function."""

    __slots__ = ("kwonly_params", "params", "posonly_params", "star_arg", "star_kwarg")

    def __init__(
        self,
        posonly_params: Sequence[Param],
        params: Sequence[Param],
        star_arg: Param | None,
        kwonly_params: Sequence[Param],
        star_kwarg: Param | None,
    ) -> None:
        self.posonly_params = posonly_params
        self.params = params
        self.star_arg = star_arg
        self.kwonly_params = kwonly_params
        self.star_kwarg = star_kwarg


class Lambda(BaseExpression):
    """`lambda params: body`."""

    __slots__ = ("body", "params")

    def __init__(self, params: Parameters, body: BaseExpression) -> None:
        self.params = params
        self.body = body


class Arg(CSTNode):
    """An argument of a call; `star` is "", "*" or "**"."""

    __slots__ = ("keyword", "star", "value")

    def __init__(self, value: BaseExpression, keyword: Name | None, star: str) -> None:
        self.value = value
        self.keyword = keyword
        self.star = star


class Call(BaseExpression):
    """`func(args)`."""

    __slots__ = ("args", "func")

    def __init__(self, func: BaseExpression, args: Sequence[Arg]) -> None:
        self.func = func
        self.args = args


class NamedExpr(BaseExpression):
    """`target := value`."""

    __slots__ = ("target", "value")

    def __init__(self, target: BaseExpression, value: BaseExpression) -> None:
        self.target = target
        self.value = value


class Await(BaseExpression):
    """`await expression`."""

    __slots__ = ("expression",)

    def __init__(self, expression: BaseExpression) -> None:
        self.expression = expression


class From(CSTNode):
    """`from item` behind `yield` and `raise`."""

    __slots__ = ("item",)

    def __init__(self, item: BaseExpression) -> None:
        self.item = item


class Yield(BaseExpression):
    """`yield value`."""

    __slots__ = ("value",)

    def __init__(self, value: BaseExpression | From | None) -> None:
        self.value = value


class CompIf(CSTNode):
    """`if test` in a comprehension."""

    __slots__ = ("test",)

    def __init__(self, test: BaseExpression) -> None:
        self.test = test


class CompFor(CSTNode):
    """`for target in iter ifs inner_for_in` in a comprehension."""

    __slots__ = ("ifs", "inner_for_in", "iter", "target")

    def __init__(
        self,
        target: BaseExpression,
        iter: BaseExpression,
        ifs: Sequence[CompIf],
        inner_for_in: CompFor | None,
    ) -> None:
        self.target = target
        self.iter = iter
        self.ifs = ifs
        self.inner_for_in = inner_for_in


class ListComp(BaseExpression):
    """`[elt for_in]`."""

    __slots__ = ("elt", "for_in")

    def __init__(self, elt: BaseExpression, for_in: CompFor) -> None:
        self.elt = elt
        self.for_in = for_in


class SetComp(BaseExpression):
    """`{elt for_in}`."""

    __slots__ = ("elt", "for_in")

    def __init__(self, elt: BaseExpression, for_in: CompFor) -> None:
        self.elt = elt
        self.for_in = for_in


class GeneratorExp(BaseExpression):
    """`(elt for_in)`."""

    __slots__ = ("elt", "for_in")

    def __init__(self, elt: BaseExpression, for_in: CompFor) -> None:
        self.elt = elt
        self.for_in = for_in


class DictComp(BaseExpression):
    """`{key: value for_in}`."""

    __slots__ = ("for_in", "key", "value")

    def __init__(self, key: BaseExpression, value: BaseExpression, for_in: CompFor) -> None:
        self.key = key
        self.value = value
        self.for_in = for_in
