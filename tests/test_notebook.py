"""Notebooks as programs: every cell counts, every line keeps its place."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from xlint import syntax
from xlint.engine import scan_text
from xlint.nodes import children_of
from xlint.source import Source, SourceError, SyntaxProblem


def text_of(*cells: str | tuple[str, str], metadata: dict[str, Any] | None = None) -> str:
    raw = [
        {"cell_type": "code", "source": cell.splitlines(keepends=True), "outputs": []}
        if isinstance(cell, str)
        else {"cell_type": cell[0], "source": cell[1]}
        for cell in cells
    ]
    return json.dumps({"cells": raw, "metadata": metadata or {}, "nbformat": 4})


def notebook(*cells: str | tuple[str, str], metadata: dict[str, Any] | None = None) -> Source:
    return Source.from_text("n.ipynb", text_of(*cells, metadata=metadata))


def nodes(node: syntax.CSTNode) -> Iterator[syntax.CSTNode]:
    yield node
    for child in children_of(node):
        yield from nodes(child)


def calls(source: Source) -> dict[str, tuple[int | None, int, int]]:
    """Cell, line and column of every call, by the name of the function."""
    found: dict[str, tuple[int | None, int, int]] = {}

    for node in nodes(source.syntax):
        if isinstance(node, syntax.Call) and isinstance(node.func, syntax.Name):
            place = source.place(node)
            found[node.func.value] = (place.cell, place.line, place.column)
    found.pop("get_ipython", None)
    return found


def test_cells_are_counted_over_all_cells_and_lines_within_them() -> None:
    source = notebook(("markdown", "# Title\n"), "import x\n\nf(1)", ("raw", "f("), "", "\n  \ng(2)\n")
    assert calls(source) == {"f": (2, 3, 1), "g": (5, 3, 1)}
    assert source.is_notebook


def test_source_as_string_and_nbformat_3() -> None:
    assert calls(notebook(("code", "a = 1\nf(1)"))) == {"f": (1, 2, 1)}
    sheets = [
        {"cells": [{"cell_type": "heading", "source": "x"}, {"cell_type": "code", "input": ["a\n", "f()"]}]}
    ]
    text = json.dumps({"worksheets": sheets, "nbformat": 3})
    assert calls(Source.from_text("n.ipynb", text)) == {"f": (2, 2, 1)}


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\nf(1)",
        "!pip install x\nf(1)",
        "?f\nf(1)",
        "f?\nf(1)",
        "np.array??\nf(1)",
        "%%time\nf(1)",
        "%%capture out\nf(1)",
        "# a title\nf(1)",
        "files = !ls *.csv\nf(1)",
        "n = %env WORKERS\nf(1)",
        "a, b = !ls\nf(1)",
    ],
)
def test_ipython_lines_are_passed_over(cell: str) -> None:
    assert calls(notebook(cell, "g(1)")) == {"f": (1, 2, 1), "g": (2, 1, 1)}


def test_continued_shell_lines() -> None:
    assert calls(notebook("!pip install \\\n   a \\\n   b(\nf(1)\nx = !ls \\\n  -l\ng(1)")) == {
        "f": (1, 4, 1),
        "g": (1, 7, 1),
    }


def test_shell_line_alone_in_a_block() -> None:
    assert calls(notebook("if colab:\n    !pip install x\nf(1)")) == {"f": (1, 3, 1)}


def test_timed_statement_is_code_in_its_own_columns() -> None:
    assert calls(notebook("%time history = f(\n    1)\n%timeit -n 10 g(1)")) == {
        "f": (1, 1, 17),
        "g": (1, 3, 15),
    }


def test_lines_that_only_look_like_magics_stay() -> None:
    cell = """\
x = ("%s %s"
     % (f(1), 2))
y = a \\
    % g(1)
z = \'\'\'
%magic
!shell
\'\'\'
assert x != h(1)  # why?
"""
    source = notebook(cell)
    assert set(calls(source)) == {"f", "g", "h"}
    assert "%magic\n!shell" in source.text


def test_a_cell_indented_as_a_whole() -> None:
    assert calls(notebook("    x = 1\n    if x:\n        f(x)\n")) == {"f": (1, 3, 9)}


@pytest.mark.parametrize("magic", ["bash", "html", "javascript", "writefile m.py", "sql", "sh"])
def test_cells_in_other_languages_are_blank(magic: str) -> None:
    assert calls(notebook("f(1)", f"%%{magic}\ng(1)\n", "h(1)")) == {"f": (1, 1, 1), "h": (3, 1, 1)}


def test_written_modules() -> None:
    source = notebook("%%writefile pkg/model.py\nx = 1\n", "%%writefile -a pkg/model.py\ny = 2\n", "f(1)")
    (written,) = source.written_modules.items()
    assert (written[0], written[1].text.split()) == ("pkg/model.py", ["x", "=", "1", "y", "=", "2"])


def test_written_modules_that_nothing_imports_are_scripts() -> None:
    model = """%%writefile ./parts/heads.py
from torch import nn

head = nn.Sequential(nn.Linear(4, 1), nn.Softmax())
"""
    script = """%%writefile train.py
import torch
import torch.nn.functional as F
from parts.heads import head


def step(x):
    return F.binary_cross_entropy(head(x), torch.ones(3, 1))


if __name__ == "__main__":
    step(torch.rand(3, 4))
"""
    result = scan_text("n.ipynb", text_of("import torch", model, script, "!python train.py"))
    found = [(finding.code, finding.place.cell, finding.place.line) for finding in result.findings]
    assert found == [("XL101", 2, 4)]
    assert [(s.width, s.place.cell) for s in result.sites] == [(1, 3)]


def test_a_cell_that_does_not_parse_does_not_hide_the_others() -> None:
    source = notebook("f(1)", "this is no Python\nx = (", "g(1)")
    assert calls(source) == {"f": (1, 1, 1), "g": (3, 1, 1)}
    assert source.skipped_cells == (2,)


def test_a_notebook_of_which_nothing_parses_is_a_syntax_problem_in_its_cell() -> None:
    with pytest.raises(SyntaxProblem) as raised:
        _ = notebook(("markdown", "x"), "x = 1 +\n").tree
    assert (raised.value.cell, raised.value.line) == (2, 1)


def test_other_languages_have_no_code() -> None:
    assert notebook("x <- f(1)", metadata={"kernelspec": {"language": "R"}}).text == ""


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 1}', "[" * 100_000])
def test_what_is_no_notebook_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(SourceError, match="not a notebook") as raised:
        Source.from_text("n.ipynb", text)
    assert "\n" not in raised.value.message


def test_odd_cells_do_no_harm() -> None:
    raw = [None, 3, {"cell_type": "code"}, {"cell_type": "code", "source": [1, "f(1)"]}, {"source": "x"}]
    assert calls(Source.from_text("n.ipynb", json.dumps({"cells": raw, "metadata": []}))) == {"f": (4, 1, 1)}


def test_suppressions_in_cells() -> None:
    source = notebook("x = 1", "f(\n  1)  # noqa: XL101\n")
    line = source.syntax.body[-1]
    assert source.is_suppressed("XL101", line)
    assert not source.is_suppressed("XL102", line)
