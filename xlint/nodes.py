"""What hangs below a node of libcst, be it of a whole tree or of a lean one (`lean_tree`).

libcst's own `children` and `visit` ask for fields that a lean tree lacks, and cost as much as the parse.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

_NOT_SYNTAX = {
    "leading_lines", "lines_after_decorators", "trailing_whitespace", "header", "footer", "empty_lines",
    "comma", "semicolon", "equal", "dot", "lpar", "rpar", "lbracket", "rbracket", "lbrace", "rbrace",
    "indent", "newline", "comment", "whitespace", "first_line", "last_line", "leading_whitespace",
}  # fmt: skip

_fields: dict[type, tuple[str, ...]] = {}


def syntax_fields(kind: type) -> tuple[str, ...]:
    """The names of a node type's fields that can hold more than white space and punctuation."""
    found = _fields.get(kind)
    if found is None:
        names = getattr(kind, "__dataclass_fields__", {})
        wanted = (n for n in names if not n.startswith(("whitespace", "__")) and n not in _NOT_SYNTAX)
        found = _fields[kind] = tuple(wanted)
    return found


def children_of(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes right below a node that are more than white space and punctuation, of either kind of tree."""
    for name in syntax_fields(type(node)):
        value = getattr(node, name, None)
        for child in value if isinstance(value, list | tuple) else (value,):
            if isinstance(child, cst.CSTNode):
                yield child


def dotted(node: cst.BaseExpression) -> str:
    """A name or a chain of attributes as it is written (`self.args.n`); empty for anything else in it."""
    if type(node) is cst.Attribute:
        return f"{dotted(node.value)}.{node.attr.value}"
    return node.value if type(node) is cst.Name else ""
