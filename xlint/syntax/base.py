"""What all nodes are: the kinds of node, and where one stands."""

from __future__ import annotations

from collections.abc import Sequence

Region = tuple[int, int, int, int]
"""First line (from 1) and column, last line and column behind, as `ast` counts: in bytes of UTF-8."""


class CSTNode:
    """A node; the class's own `__slots__` name its fields, which hold nodes, tuples of nodes, or text."""

    __slots__ = ("region",)
    region: Region
    """Where it stands; nodes without a place of their own in Python's parse lack it."""


class BaseExpression(CSTNode):
    """What has a value."""

    __slots__ = ()


class BaseSmallStatement(CSTNode):
    """A statement that holds no others."""

    __slots__ = ()


class BaseStatement(CSTNode):
    """A line of small statements, or a compound statement."""

    __slots__ = ()


class BaseSuite(CSTNode):
    """The statements behind a colon."""

    __slots__ = ()
    body: Sequence[CSTNode]


class Unread(BaseExpression, BaseSmallStatement):
    """Syntax that no analysis knows, whatever it holds."""

    __slots__ = ()
