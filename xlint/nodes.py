"""What hangs below a node, and names with their dots."""

from __future__ import annotations

from collections.abc import Iterator

from xlint import syntax


def children_of(node: syntax.CSTNode) -> Iterator[syntax.CSTNode]:
    """The nodes right below a node."""
    for name in type(node).__slots__:
        value = getattr(node, name, None)
        for child in value if type(value) is tuple else (value,):
            if isinstance(child, syntax.CSTNode):
                yield child


def dotted(node: syntax.BaseExpression) -> str:
    """A name or a chain of attributes as it is written (`self.args.n`); empty for anything else in it."""
    if type(node) is syntax.Attribute:
        return f"{dotted(node.value)}.{node.attr.value}"
    return node.value if type(node) is syntax.Name else ""


NOWHERE = syntax.Name("")
"""A node for what has none of its own: evidence that names it has no place and is left out."""
