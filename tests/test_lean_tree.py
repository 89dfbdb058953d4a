"""The tree made from Python's own parse is libcst's, node for node, and knows the same places and code."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from xlint.lean_tree import LeanTree, lean_tree
from xlint.nodes import syntax_fields
from xlint.source import Source, SourceError

ROOT = Path(__file__).parent.parent
NOT_READ = {"colon", "first_colon", "second_colon", "start", "end"}
OF_MODULE = {"encoding", "default_indent", "default_newline", "has_trailing_newline"}

SYNTAX = r'''"""Docstring
over lines."""
import a.b as c, d  # comment
from e import (f, g as h,)
from . import i; from ..j.k import *
@decorate(1,
          name="x")
# between
@other.one
class Model(Base, *bases, metaclass=Meta, **more):
    """Ä doc"""
    ü = "ä"; x: int = f(ü, 2); y = {"ключ": Dense(1, activation="softmax"), **rest}
    z: "str"

    @property
    async def call(self, a, /, b: int = 1, *args, c=(1,
            2), d, **kw) -> None:
        if a: return f(a); pass
        elif (b
              and c or d and e):
            z = [
                1,
                # inside
                f(x)[0],
            ]
        # before the elif
        elif c: pass
        else:
            if d:
                try:
                    with open(a) as g, h(): yield (yield 1)
                except (A, B) as error:
                    raise X(error) from error
                except C: raise
                except:
                    ...
                else:
                    del a; del b, c.d[0]
                finally:
                    lambda q, *, r=1: q
        for i in range(3):
            while not i: continue
            else:
                break
        else: pass
        async for j, *k in k:
            async with l as (m, n):
                await n; yield from m
        global o, p
    def only(*, a): nonlocal q; return
    def neither(): x = lambda: (0)

if True:
    t = f"{a!r:>{width}} {b['x']}" \
        "more"
    assert t, (
    "x")
global_ = a if b else c; value = not -x ** 2
x[1:2, ::3, a], x[(1, 2)], x[(1), (2)], x[(a)(b), (1)], x[()], x[b, ], x[:, (1, 2)] = y = z
f(a, *b, c=1, *d, **e)(x for x in y)
sum((x for x in y), (1, 2), ((a)), (b).c, *[d], *{e, *f})
[x async for x in y if a if b for z in x], {x: 1 for x in y}, {x for x, in y}
a < b <= c is not d not in e != f is g in h == i > j >= k
+a - b * c / d // e % f @ g << h >> i & j | k ^ ~l
a += 1; a -= 1; a *= 1; a /= 1; a //= 1; a %= 1; a **= 1; a @= 1; a <<= 1; a >>= 1; a |= 1; a &= 1; a ^= 1
1, 0x1F, 1_000, 1.5, 1e-3, .5, 2j, None, True, ..., b"x", r"\d", "\"", '', """a"b""", "a" 'b', rb"\x" b'"'
(y := f(  # why
    x, "# no comment")
)
print (a), (a), ((a)), not(a), (
    a), (  # why

    a)
"ä", f(ö)
'''

LEFT_TO_LIBCST = [
    "match a:\n    case 1: pass\n",
    "try: a\nexcept* B: c\n",
    "if a: \\\n    b\n",
    "x = 1; \\\n  y = 2\n",
    "x = " + "+".join(["a"] * 5_000) + "\n",
    "x = (\n",
    "x = '\ud800'\n",
]


def differences(lean: Any, full: Any, path: str = "") -> Iterator[str]:
    """Where two trees differ in what is no white space or punctuation."""
    if isinstance(full, list | tuple):
        if not isinstance(lean, list | tuple) or len(lean) != len(full):
            yield path
            return
        for position, (one, other) in enumerate(zip(lean, full, strict=True)):
            yield from differences(one, other, f"{path}[{position}]")
    elif type(lean) is not type(full) or not isinstance(full, cst.CSTNode | str | None):
        if lean is not full:
            yield f"{path}: {type(lean).__name__}, {type(full).__name__}"
    elif isinstance(full, cst.CSTNode):
        for name in syntax_fields(type(full)):
            if name not in NOT_READ and not (name in OF_MODULE and isinstance(full, cst.Module)):
                inner = f"{path}.{type(full).__name__}.{name}"
                yield from differences(getattr(lean, name, "missing"), getattr(full, name), inner)
    elif lean != full:
        yield f"{path}: {lean!r}, {full!r}"


def nodes(tree: Any) -> Iterator[cst.CSTNode]:
    if isinstance(tree, list | tuple):
        for item in tree:
            yield from nodes(item)
    elif isinstance(tree, cst.CSTNode):
        yield tree
        for name in syntax_fields(type(tree)):
            if name not in NOT_READ:
                yield from nodes(getattr(tree, name))


def sources() -> Iterator[Source]:
    """Files of many hands that libcst parses."""
    folders = (ROOT / "fixtures", ROOT / "xlint", Path(cst.__file__).parent / "codemod")
    paths = sorted(path for folder in folders for path in folder.rglob("*.py"))
    for path in paths[::3]:
        with contextlib.suppress(SourceError):
            source = Source.read(str(path))
            _ = source.tree
            yield source


def made(text: str) -> LeanTree:
    lean = lean_tree(text)
    assert lean is not None
    return lean


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_all_syntax_gives_the_tree_of_libcst(newline: str) -> None:
    text = SYNTAX.replace("\n", newline)
    assert list(differences(made(text).module, cst.parse_module(text))) == []


def test_files_give_the_tree_of_libcst() -> None:
    lean = whole = 0
    for source in sources():
        whole += 1
        found = lean_tree(source.text)
        if found is not None:
            lean += 1
            assert list(differences(found.module, source.tree)) == [], source.path
    assert lean > 0.95 * whole > 100


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_places_and_snippets_are_those_of_the_whole_tree(newline: str) -> None:
    text = SYNTAX.replace("\n", newline)
    lean, whole = Source.from_text("t.py", text), Source.from_text("t.py", text)
    regions = MetadataWrapper(whole.tree, unsafe_skip_copy=True).resolve(PositionProvider)
    compared = 0
    for node, twin in zip(nodes(lean.syntax.body), nodes(whole.tree.body), strict=True):
        assert type(node) is type(twin)
        if not isinstance(node, cst.BaseExpression | cst.BaseStatement | cst.BaseSmallStatement):
            continue
        region = regions[twin]
        place = lean.place(node)
        wanted = (region.start.line, region.start.column + 1, region.end.line, region.end.column + 1)
        code = whole.snippet(twin)
        assert (place.line, place.column, place.end_line, place.end_column) == wanted, code
        assert lean.snippet(node) == code
        assert lean.statement_lines(node) == whole.statement_lines(twin), code
        compared += 1
    assert compared > 400


@pytest.mark.parametrize("text", LEFT_TO_LIBCST)
def test_what_is_rare_or_broken_is_left_to_libcst(text: str) -> None:
    assert lean_tree(text) is None


def test_a_source_without_a_lean_tree_has_the_whole_one() -> None:
    source = Source.from_text("t.py", LEFT_TO_LIBCST[0])
    assert source.syntax is source.tree
    assert source.place(source.syntax.body[0]).line == 1


def test_the_code_of_a_node_keeps_its_comments() -> None:
    source = Source.from_text("t.py", "def f():\n    # why\n    return g(1)  # so\n")
    function = source.syntax.body[0]
    assert isinstance(function, cst.FunctionDef)
    assert source.code(function.body).split("\n")[1:] == ["    # why", "    return g(1)  # so", ""]
