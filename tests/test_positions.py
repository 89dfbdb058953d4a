"""Positions agree with libcst's PositionProvider on every node, by either way of computing them."""

import random
from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from xlint.source import Source

EVERYTHING = '''"""Docstring
over lines."""
import a.b as c, d  # comment
from e import (
    f,
    g as h,
)

@decorate(1,
          name="x")
# between
@other
class Model(Base, metaclass=Meta):
    """Ä doc"""
    ü = "ä"; x: int = f(ü, 2); y = {"ключ": Dense(1, activation="softmax")}

    @property
    async def call(self, a, *args, b=(1,
            2), **kw) -> None:
        if a: return f(a); pass
        elif (b
              and c):
            z = [
                1,
                # inside
                f(x)[0],
            ]
        # before the elif
        elif c: pass
        else:
            try:
                with open(a) as g, h(): yield (yield 1)
            except (A, B) as error:
                raise X(error) from error
            else:
                del a
            finally:
                lambda q, r=1: q
        for i in range(3):
            while not i: continue
            else:
                break
        async for j in k:
            async with l as m:
                await n

match command:
    case [1, {"a": b}] if c:
        f(b)
    case Point(x=0): g(x)

if True:
\tt = f"{a!r:>{width}} {b['x']}" \\
\t    "more"
\tassert t, (
\t"x")
global_ = a if b else c; value = not -x ** 2
'''


def assert_same_positions(source: Source, sample: int | None = None) -> None:
    expected = MetadataWrapper(source.tree, unsafe_skip_copy=True).resolve(PositionProvider)
    nodes = list(expected.items())
    if sample is not None and len(nodes) > sample:
        nodes = random.Random(7).sample(nodes, sample)
    for node, region in nodes:
        found = source.place(node)
        wanted = (region.start.line, region.start.column + 1, region.end.line, region.end.column + 1)
        assert (found.line, found.column, found.end_line, found.end_column) == wanted, cst.Module(
            []
        ).code_for_node(node)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_node_of_a_file_with_every_statement(newline: str) -> None:
    source = Source.from_text("t.py", EVERYTHING.replace("\n", newline))
    assert_same_positions(source)
    assert source._positions._starts, "the statements were not paired with ast"


def test_every_node_where_ast_refuses_the_file() -> None:
    # libcst takes the newest grammar, which an older Python's ast does not.
    source = Source.from_text("t.py", EVERYTHING + "try:\n    a\nexcept X, Y:\n    f(1)\nt'{a}'\n")
    assert_same_positions(source)


def test_files_of_libcst_itself() -> None:
    files = sorted((Path(cst.__file__).parent / "codemod").glob("*.py"))
    assert files
    for file in files:
        assert_same_positions(Source.read(str(file)), sample=150)


def call(source: Source, name: str) -> cst.Call:
    """The first call of a function of this name."""
    found: list[cst.Call] = []

    class Finder(cst.CSTVisitor):
        def visit_Call(self, node: cst.Call) -> None:  # noqa: N802
            if isinstance(node.func, cst.Name) and node.func.value == name:
                found.append(node)

    source.tree.visit(Finder())
    return found[0]


STATEMENTS = """\
x = compile(
    a,
    loss(1),
)
@wrap(
    deco(),
)
def f(
    a=default(),
):
    # comment

    inner()
if test(): suite(); y = (
    1)
elif (
    second()
): pass
try:
    pass
except kind(
): pass
match subject(
):
    # comment
    case 1: pass
"""


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("loss", (1, 4)),
        ("deco", (6, 6)),
        ("default", (8, 10)),
        ("inner", (13, 13)),
        ("test", (14, 14)),
        ("suite", (14, 15)),
        ("second", (16, 18)),
        ("kind", (21, 22)),
        ("subject", (23, 24)),
    ],
)
def test_lines_of_the_statement_that_holds_a_node(name: str, lines: tuple[int, int]) -> None:
    source = Source.from_text("t.py", STATEMENTS)
    assert source.statement_lines(call(source, name)) == lines


def test_column_counts_characters_after_a_form_feed_and_wide_letters() -> None:
    source = Source.from_text("t.py", "a = 1\n\x0cb = 1\n\u00e4 = 'äöü'; f(1)\n")
    place = source.place(call(source, "f"))
    assert (place.line, place.column, place.end_column) == (3, 12, 16)


def test_places_around_and_in_a_very_long_chain() -> None:
    source = Source.from_text("t.py", "a = 1\nx = " + "+".join(["a"] * 1_000) + " + g(1)\nf(1)\n")
    chain, last = source.tree.body[1:]
    assert (source.place(chain).line, source.place(last).line) == (2, 3)
    assert isinstance(chain, cst.SimpleStatementLine) and isinstance(chain.body[0], cst.Assign)
    value = chain.body[0].value
    assert isinstance(value, cst.BinaryOperation)
    assert source.place(value.right).column == len("x = ") + 2 * 1_000 - 1 + len(" + ") + 1
    assert source.statement_lines(value.right) == (2, 2)
