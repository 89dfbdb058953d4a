"""Positions agree with libcst's PositionProvider on every node, by either way of computing them."""

import random
from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from xlint.positions import Positions
from xlint.regions import Range
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


def positions_of(text: str) -> tuple[cst.Module, Positions]:
    tree = cst.parse_module(text)
    return tree, Positions(tree, text)


def assert_same_positions(text: str, sample: int | None = None) -> Positions:
    tree, positions = positions_of(text)
    expected = MetadataWrapper(tree, unsafe_skip_copy=True).resolve(PositionProvider)
    nodes = list(expected.items())
    if sample is not None and len(nodes) > sample:
        nodes = random.Random(7).sample(nodes, sample)
    for node, region in nodes:
        wanted = (region.start.line, region.start.column, region.end.line, region.end.column)
        assert positions.range(node) == Range(*wanted), cst.Module([]).code_for_node(node)
    return positions


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_node_of_a_file_with_every_statement(newline: str) -> None:
    positions = assert_same_positions(EVERYTHING.replace("\n", newline))
    assert positions._starts, "the statements were not paired with ast"


def test_every_node_where_ast_refuses_the_file() -> None:
    # libcst takes the newest grammar, which an older Python's ast does not.
    assert_same_positions(EVERYTHING + "try:\n    a\nexcept X, Y:\n    f(1)\nt'{a}'\n")


def test_files_of_libcst_itself() -> None:
    files = sorted((Path(cst.__file__).parent / "codemod").glob("*.py"))
    assert files
    for file in files:
        assert_same_positions(Source.read(str(file)).text, sample=150)


def call(tree: cst.Module, name: str) -> cst.Call:
    """The first call of a function of this name."""
    found: list[cst.Call] = []

    class Finder(cst.CSTVisitor):
        def visit_Call(self, node: cst.Call) -> None:  # noqa: N802
            if isinstance(node.func, cst.Name) and node.func.value == name:
                found.append(node)

    tree.visit(Finder())
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
    tree, positions = positions_of(STATEMENTS)
    assert positions.statement_lines(call(tree, name)) == lines


def test_column_counts_characters_after_a_form_feed_and_wide_letters() -> None:
    tree, positions = positions_of("a = 1\n\x0cb = 1\n\u00e4 = 'äöü'; f(1)\n")
    assert positions.range(call(tree, "f")) == Range(3, 11, 3, 15)


def test_places_around_and_in_a_very_long_chain() -> None:
    tree, positions = positions_of("a = 1\nx = " + "+".join(["a"] * 1_000) + " + g(1)\nf(1)\n")
    chain, last = tree.body[1:]
    assert (positions.range(chain).line, positions.range(last).line) == (2, 3)
    assert isinstance(chain, cst.SimpleStatementLine) and isinstance(chain.body[0], cst.Assign)
    value = chain.body[0].value
    assert isinstance(value, cst.BinaryOperation)
    assert positions.range(value.right).column == len("x = ") + 2 * 1_000 - 1 + len(" + ")
    assert positions.statement_lines(value.right) == (2, 2)
