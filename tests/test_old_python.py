"""Python 2 and IPython lines in scripts: what is read of them, and that no line moves."""

import ast
from pathlib import Path

import pytest

from xlint.engine import scan
from xlint.old_python import rewritten
from xlint.settings import Settings


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('print "loss", x', 'print("loss", x)'),
        ('print"loss"', 'print("loss")'),
        ("print (a), b", "print((a), b)"),
        ("print -1", "print(-1)"),
        ("print >>log, x,", "print(  log, x,)"),
        ('if a: print "x"; b = 1', 'if a: print("x"); b = 1'),
        ('print "%s" % (a,\n  b)', 'print("%s" % (a,\n  b))'),
        ("exec code in names", "exec(code in names)"),
        ("try:\n    x\nexcept (A, B), e:\n    y", "try:\n    x\nexcept (A, B) as e:\n    y"),
        ('raise ValueError, "bad"', "raise ValueError"),
        ("x = a <> b", "x = a != b"),
        ("mkdir(p, 0755, 10L)", "mkdir(p, 0o755, 10)"),
        ("x = x.cuda(async=True)", "x = x.cuda(async_=True)"),
        ("!pip install torch\nx = 1", "pass\nx = 1"),
        ("if a:\n\tx = 1\n        y = 2", "if a:\n        x = 1\n        y = 2"),
    ],
)
def test_says_in_python_3_what_python_2_said(old: str, new: str) -> None:
    assert rewritten(old) == new
    ast.parse(new)


@pytest.mark.parametrize(
    "text", ["print(x)", "print", "x = print", 'raise ValueError("a, b")', "print(a, file=log)", "x = 1 <2"]
)
def test_leaves_python_3_alone(text: str) -> None:
    assert rewritten(text) is None


def test_reports_in_a_python_2_file_stand_on_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(
        "from keras.layers import Dense\n"
        "from keras.models import Sequential\n"
        "def main():\n"
        '\tprint "start"\n'
        "        model = Sequential([Dense(1, activation='softmax')])\n"
        "\tmodel.compile('sgd', 'binary_crossentropy')\n"
        "main()\n"
    )
    found = [(finding.place.line, finding.code) for finding in scan([str(path)], Settings()).findings]
    assert found == [(4, "XL901"), (5, "XL101")]


def test_what_is_no_python_at_all_is_one_report(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text("import keras\nprint 'x'\nmodel.compile(loss='mse'\n")
    assert [finding.code for finding in scan([str(path)], Settings()).findings] == ["XL901"]
