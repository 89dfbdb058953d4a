"""Statements that do not parse: the rest of the script is read, and nothing is known of what they said."""

import ast
from pathlib import Path

import pytest

from xlint.broken_lines import UNKNOWN, without
from xlint.engine import scan
from xlint.settings import Settings

HEAD = "from keras.layers import Dense\nfrom keras.models import Sequential\nmodel = Sequential()\n"
LAYER = "model.add(Dense(1, activation='softmax'))\n"
FIT = "model.compile('sgd', 'binary_crossentropy')\n"


def reported(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    """Lines and codes of the reports on a script."""
    path = tmp_path / "train.py"
    path.write_text(text)
    return [(finding.place.line, finding.code) for finding in scan([str(path)], Settings()).findings]


@pytest.mark.parametrize(
    ("broken", "read"),
    [
        ("x = 1\nthis was a comment\ny = 2", f"x = 1\nthis = {UNKNOWN}\ny = 2"),
        ("x = 0.99.\ny = 2", f"x = {UNKNOWN}\ny = 2"),
        ("a.b, c = f(1 2)", f"a.b, c = {UNKNOWN}"),
        ("def f():\n    return g(1 2)", f"def f():\n    return {UNKNOWN}"),
        ("model.add(Dense(3\n  4))\ny = 2", f"model = {UNKNOWN}\n\ny = 2"),
        ("for x in y\n    z = 1", f"if {UNKNOWN}:\n    z = 1"),
        ("from torch import nn\nnn.Linear(3 4)", "from torch import nn\npass"),
        ("import a  # for b\nfor x in y\n    z = 1", f"import a  # for b\nif {UNKNOWN}:\n    z = 1"),
        ("if x:  # maybe\ny = 2", "if x: pass # maybe\ny = 2"),
        ("def f():\n    g(1\n      , 2\n    h()", f"def f():\n    g = {UNKNOWN}\n\n    h()"),
    ],
)
def test_sets_the_statement_at_fault_aside(broken: str, read: str) -> None:
    assert without(broken) == read
    ast.parse(read)


@pytest.mark.parametrize(
    "text",
    [
        "def f(x\n    return x\n",
        "\n".join("no code here" for _ in range(6)),
        "<<<<<<< ours\nx = 1\n=======\nx = 2\n>>>>>>> theirs\n",
    ],
)
def test_gives_up_where_little_would_be_left(text: str) -> None:
    assert without(text) is None


def test_the_rest_of_a_broken_script_is_checked(tmp_path: Path) -> None:
    assert reported(tmp_path, f"{HEAD}print('layers' model)\n{LAYER}{FIT}") == [(4, "XL901"), (5, "XL101")]


@pytest.mark.parametrize("broken", ["model = load('x' 'y' z)\n", "model.add(Dense(4) Dense(5))\n"])
def test_what_a_broken_statement_touches_is_unknown(tmp_path: Path, broken: str) -> None:
    built = f"{HEAD}model.add(Dense(1))\n"
    fit = "model.compile('sgd', 'categorical_crossentropy')\nmodel.fit(x, y)\n"
    assert reported(tmp_path, f"{built}{fit}") == [(5, "XL102")]
    assert reported(tmp_path, f"{built}{broken}{fit}") == [(5, "XL901")]
