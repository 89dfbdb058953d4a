"""Names, literals, collections and their parts, as libcst names them."""

from __future__ import annotations

from collections.abc import Sequence

from xlint.syntax.base import BaseExpression, CSTNode


class Name(BaseExpression):
    """A name, also `True`, `False` and `None`."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value


class Attribute(BaseExpression):
    """`value.attr`."""

    __slots__ = ("attr", "value")

    def __init__(self, value: BaseExpression, attr: Name) -> None:
        self.value = value
        self.attr = attr


class Integer(BaseExpression):
    """A whole number as it is written."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value


class Float(BaseExpression):
    """A real number as it is written."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value


class Imaginary(BaseExpression):
    """An imaginary number as it is written."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value


class SimpleString(BaseExpression):
    """One literal of text or bytes as it is written, with prefix and quotes."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value


class ConcatenatedString(BaseExpression):
    """Literals side by side."""

    __slots__ = ("left", "right")

    def __init__(self, left: BaseExpression, right: BaseExpression) -> None:
        self.left = left
        self.right = right


class FormattedStringText(CSTNode):
    """Text of an f-string as it is written."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value


class FormattedStringExpression(CSTNode):
    """`{expression:format_spec}` in an f-string."""

    __slots__ = ("expression", "format_spec")

    def __init__(self, expression: BaseExpression, format_spec: Sequence[CSTNode] | None) -> None:
        self.expression = expression
        self.format_spec = format_spec


class FormattedString(BaseExpression):
    """An f-string."""

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[CSTNode]) -> None:
        self.parts = parts


class Ellipsis(BaseExpression):
    """`...`."""

    __slots__ = ()


class StarredElement(BaseExpression):
    """`*value` in a tuple, list or set."""

    __slots__ = ("value",)

    def __init__(self, value: BaseExpression) -> None:
        self.value = value


class Element(CSTNode):
    """An item of a tuple, list or set."""

    __slots__ = ("value",)

    def __init__(self, value: BaseExpression) -> None:
        self.value = value


class Tuple(BaseExpression):
    """A tuple, with or without brackets."""

    __slots__ = ("elements",)

    def __init__(self, elements: Sequence[Element | StarredElement]) -> None:
        self.elements = elements


class List(BaseExpression):
    """`[elements]`."""

    __slots__ = ("elements",)

    def __init__(self, elements: Sequence[Element | StarredElement]) -> None:
        self.elements = elements


class Set(BaseExpression):
    """`{elements}`."""

    __slots__ = ("elements",)

    def __init__(self, elements: Sequence[Element | StarredElement]) -> None:
        self.elements = elements


class DictElement(CSTNode):
    """`key: value`."""

    __slots__ = ("key", "value")

    def __init__(self, key: BaseExpression, value: BaseExpression) -> None:
        self.key = key
        self.value = value


class StarredDictElement(CSTNode):
    """`**value` in a dictionary."""

    __slots__ = ("value",)

    def __init__(self, value: BaseExpression) -> None:
        self.value = value


class Dict(BaseExpression):
    """`{elements}`."""

    __slots__ = ("elements",)

    def __init__(self, elements: Sequence[DictElement | StarredDictElement]) -> None:
        self.elements = elements


class Index(CSTNode):
    """A plain index."""

    __slots__ = ("value",)

    def __init__(self, value: BaseExpression) -> None:
        self.value = value


class Slice(CSTNode):
    """`lower:upper:step`."""

    __slots__ = ("lower", "step", "upper")

    def __init__(
        self, lower: BaseExpression | None, upper: BaseExpression | None, step: BaseExpression | None
    ) -> None:
        self.lower = lower
        self.upper = upper
        self.step = step


class SubscriptElement(CSTNode):
    """One of the indices between commas."""

    __slots__ = ("slice",)

    def __init__(self, slice: Index | Slice) -> None:
        self.slice = slice


class Subscript(BaseExpression):
    """`value[slice]`."""

    __slots__ = ("slice", "value")

    def __init__(self, value: BaseExpression, slice: Sequence[SubscriptElement]) -> None:
        self.value = value
        self.slice = slice
