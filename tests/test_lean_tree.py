"""The tree made from Python's own parse is libcst's, node for node, and knows the same places and code."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from xlint import syntax, whole_tree
from xlint.lean_tree import LeanTree, lean_tree
from xlint.nodes import children_of
from xlint.positions import syntax_fields
from xlint.source import Source, SourceError
from xlint.whole_tree import WholeTree, converted

ROOT = Path(__file__).parent.parent
NOT_READ = {
    *("colon", "first_colon", "second_colon", "start", "end", "posonly_ind", "conversion", "separator"),
    *("encoding", "default_indent", "default_newline", "has_trailing_newline"),
    *("asynchronous", "type_parameters", "type_parameter", "star"),
}
"""Fields of libcst's nodes that ours lack."""

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
    """Where our tree differs from libcst's."""
    if isinstance(lean, tuple):
        if not isinstance(full, list | tuple) or len(lean) != len(full):
            yield path
            return
        for position, (one, other) in enumerate(zip(lean, full, strict=True)):
            yield from differences(one, other, f"{path}[{position}]")
    elif isinstance(lean, syntax.CSTNode):
        if type(lean).__name__ != type(full).__name__:
            yield f"{path}: {type(lean).__name__}, {type(full).__name__}"
            return
        for name in type(lean).__slots__:
            inner = f"{path}.{type(full).__name__}.{name}"
            yield from differences(getattr(lean, name, "missing"), getattr(full, name), inner)
    elif path.endswith(".operator"):
        if lean != type(full).__name__:
            yield f"{path}: {lean}, {type(full).__name__}"
    elif path.endswith(".relative"):
        if lean != len(full):
            yield f"{path}: {lean}, {len(full)}"
    elif lean != full and not (lean is None and isinstance(full, cst.MaybeSentinel | cst.ParamStar)):
        yield f"{path}: {lean!r}, {full!r}"


def unread_fields(full: Any) -> Iterator[str]:
    """Fields of libcst's nodes that hold more than punctuation, and that ours lack."""
    for kind in {type(node) for node in nodes_of_libcst(full)}:
        ours = getattr(syntax, kind.__name__, None)
        if ours is None:
            continue
        for name in syntax_fields(kind):
            if name not in NOT_READ and name not in ours.__slots__:
                yield f"{kind.__name__}.{name}"


def nodes_of_libcst(tree: Any) -> Iterator[cst.CSTNode]:
    if isinstance(tree, list | tuple):
        for item in tree:
            yield from nodes_of_libcst(item)
    elif isinstance(tree, cst.CSTNode):
        yield tree
        for name in syntax_fields(type(tree)):
            yield from nodes_of_libcst(getattr(tree, name))


def nodes(node: syntax.CSTNode) -> Iterator[syntax.CSTNode]:
    yield node
    for child in children_of(node):
        yield from nodes(child)


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
def test_places_and_snippets_are_those_of_libcst(newline: str) -> None:
    text = SYNTAX.replace("\n", newline)
    source = Source.from_text("t.py", text)
    whole = WholeTree(text, source.tree, source.syntax)
    regions = MetadataWrapper(source.tree, unsafe_skip_copy=True).resolve(PositionProvider)
    twins = whole_tree._twins(source.syntax, source.tree)
    compared = 0
    for node in nodes(source.syntax):
        if not isinstance(node, syntax.BaseExpression | syntax.BaseStatement | syntax.BaseSmallStatement):
            continue
        region = regions[twins[id(node)]]
        place = source.place(node)
        wanted = (region.start.line, region.start.column + 1, region.end.line, region.end.column + 1)
        code = whole.code_without_comments(node)
        assert (place.line, place.column, place.end_line, place.end_column) == wanted, code
        short = " ".join(code.split())
        assert source.snippet(node) == (short if len(short) <= 70 else short[:69] + "…")
        compared += 1
    assert compared > 400


def test_a_converted_tree_of_libcst_is_the_same() -> None:
    source = Source.from_text("t.py", SYNTAX)
    assert list(differences(converted(source.tree), source.tree)) == []
    kinds = [type(node) for node in nodes(converted(source.tree))]
    assert kinds == [type(node) for node in nodes(source.syntax)]


def test_no_field_of_libcst_is_left_out_by_mistake() -> None:
    rare = "match a:\n    case 1 if b: pass\n    case x: pass\ntry: a\nexcept* B as c: c\n"
    assert set(unread_fields(cst.parse_module(SYNTAX + rare))) == set()


@pytest.mark.parametrize("text", LEFT_TO_LIBCST)
def test_what_is_rare_or_broken_is_left_to_libcst(text: str) -> None:
    assert lean_tree(text) is None


def test_rare_syntax_is_read_by_libcst() -> None:
    text = "match f(1):\n    case [1, *_] | {'a': b}: pass\n    case 2 if c: g(3)\n    case d: pass\n"
    source = Source.from_text("t.py", text)
    (match,) = source.syntax.body
    assert isinstance(match, syntax.Match)
    first, second, third = match.cases
    assert isinstance(first.pattern, syntax.Unread)
    assert isinstance(second.pattern, syntax.MatchValue)
    assert isinstance(third.pattern, syntax.MatchAs)
    assert source.place(match.subject).column == 7
    assert source.place(second).line == 3
    assert source.snippet(match.subject) == "f(1)"


@pytest.mark.parametrize(
    "text",
    [
        "f''",
        "F'a{b}c'",
        "f'{{a}} {b} }}{{'",
        r"rf'\{a}\n{{'",
        r"f'\t{a}\'{b}\\'",
        "f'''{a\n}\n{b:\n}'''",
        "f'{a:}'",
        "f'{ a }'",
        "f'{a=}'",
        "f'{a = !r:>3}'",
        "f'{a!s:^{b}.{c}f}x'",
        "f'{a==b}{a!=b}{a<=b}'",
        "f'{a[\"b\"]}'",
        "f'{(lambda x: x)(1)}'",
        "f'{a if b else {1: 2}[1]:d}'",
        "f'{x[(1, 2)]}{x[1, 2]}{(1, 2)}'",
        "f\"{'}'}{':'}{'a' f'{b}'}\"",
        "'a' f'{b}' r''",
        "f'{a,}{*b,}'",
        "f'{a.b.c}{None}{0x10:x}'",
        "f'{a:%H:%M}'",
        "(f'a' # {\n  'b'\\\n  f'{c}')",
        "f'{not a}{lambda_}{yield_}'",
        "f'''\"{a}\" ' '' '''",
        "b'a' rb'\\x' B\"'\"",
    ],
)
def test_strings_are_split_as_libcst_splits_them(text: str) -> None:
    assert list(differences(made(f"{text}\n").module, cst.parse_module(f"{text}\n"))) == []


def test_the_code_of_a_block_keeps_its_comments() -> None:
    source = Source.from_text("t.py", "def f():\n    # why\n    return g(1)  # so\n    # below\n# outside\n")
    function = source.syntax.body[0]
    assert isinstance(function, syntax.FunctionDef)
    assert source.code(function.body).split("\n") == ["", "    # why", "    return g(1)  # so", "    # below"]


def test_the_code_of_a_block_on_the_line_of_its_colon() -> None:
    source = Source.from_text("t.py", "def f(a=b[:1]): return g(a)\n")
    function = source.syntax.body[0]
    assert isinstance(function, syntax.FunctionDef)
    assert source.code(function.body) == " return g(a)"
