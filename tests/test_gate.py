"""Which files are parsed: none with a site is lost; without training code nothing costly is imported."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from xlint.apis import shipped_tables
from xlint.catalogue import Rule, catalogue
from xlint.engine import scan
from xlint.gate import Reach, gate_for, imports_of, without_text
from xlint.project import Project
from xlint.settings import Settings

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
HEAVY = ("libcst", "numpy", "tomllib")


def may_train(path: Path) -> bool:
    """The gate's answer for a file where it lies."""
    return Reach(gate_for(), Project()).may_train(str(path.resolve()), path.read_bytes())


RULES = [rule for rule in catalogue() if rule.sites != ("file",)]


@pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])
def test_the_reported_example_of_each_page_passes(rule: Rule, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(rule.examples[0])
    assert may_train(script)


def test_no_fixture_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(Settings(), no_cache=True, jobs=1, select=("ALL",), root=str(FIXTURES))
    gated = scan([str(FIXTURES)], settings)
    monkeypatch.setattr(Reach, "may_train", lambda *_: True)
    ungated = scan([str(FIXTURES)], settings)
    assert gated.sites == ungated.sites
    assert set(ungated.findings) - set(gated.findings) <= {f for f in ungated.findings if f.code == "XL901"}
    assert gated.analysed < ungated.analysed


def test_no_loss_and_no_metric_of_the_tables_is_lost() -> None:
    gate = gate_for()
    lost = []
    for row in shipped_tables().rows.values():
        if row.op in ("loss", "metric"):
            root = "torch" if row.name.partition(".")[0] not in gate.roots else row.name.partition(".")[0]
            code = f"import {root}\nx = module.{row.short_name}(y)\n".encode()
            if not gate.passes(code):
                lost.append(row.name)
    assert lost == []


def test_no_string_that_names_a_loss_or_a_metric_is_lost() -> None:
    gate = gate_for()
    strings = shipped_tables().strings
    lost = [
        spelling
        for spelling in (*strings["loss"], *strings["metric"])
        if not gate.passes(f"import keras\nmodel.compile('sgd', '{spelling}')\n".encode())
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("code", "passes"),
    [
        ("import torch\nloss = torch.nn.functional.cross_entropy(x, y)", True),
        ("import torch as t\nbest = model(x).argmax(1)\nmodel = t.nn.Linear(3, 1)", True),
        ("from torch import nn\nmodel = nn.Linear(3, 1)\nyes = model(x) > 0.5", True),
        ("import torch\nbest = x.argmax(1)", False),
        ("import torch\n# cross_entropy", False),
        ('import torch\n"""Uses cross_entropy and softmax."""', False),
        ("import torch\nname = f'''{softmax(x)}'''", True),
        ("import torch\nloss = 'it''s' + cross_entropy(x) # '''", True),
        ("from scipy.special import softmax\nsoftmax(x)", False),
        ("message = 'import torch later'\nsoftmax(x)", True),
        ("import torch\nmine(model(x), y).backward()", True),
        ("import keras\nmodel.compile(optimizer=best(), loss=given)", True),
        ("import torch\npattern = re.compile('loss')", False),
    ],
)
def test_what_passes(code: str, passes: bool) -> None:
    assert gate_for().passes(code.encode()) is passes


def test_a_script_passes_by_what_it_imports(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text("from torch.nn.functional import cross_entropy\n")
    main = tmp_path / "main.py"
    main.write_text("from engine import fit\nfit(10)\n")
    assert may_train(main)
    (tmp_path / "engine.py").write_text("from time import sleep\n")
    assert not may_train(main)


def test_a_notebook_passes_by_its_cells(tmp_path: Path) -> None:
    notebook = tmp_path / "n.ipynb"
    notebook.write_text('{"cells": [{"source": ["import torch\\n", "loss = x\\\\nsoftmax(x)"]}]}')
    assert may_train(notebook)


def test_the_words_of_a_projects_own_tables_count() -> None:
    own = {"framework": "torch", "api": [{"names": ["ourlib.odd_loss"], "op": "loss"}]}
    code = b"import ourlib\nourlib.odd_loss(x, y)\n"
    assert gate_for([own]).passes(code)
    assert not gate_for().passes(code)


def test_imports_are_read_with_their_dots_and_members() -> None:
    code = b"import a.b as c, d\nfrom ..e import (f,\n  g)\nfrom . import h\nfrom torch import nn\n"
    assert set(imports_of(code, frozenset({"torch"}))) == {
        ("a.b", 0), ("as", 0), ("c", 0), ("d", 0), ("e", 2), ("e.f", 2), ("e.g", 2), ("h", 1),
    }  # fmt: skip


def test_strings_and_comments_are_told_apart() -> None:
    assert without_text(b'a = \'# no\' # yes\nb = """c""" + \'d\'') == b"a = '# no' \nb =   + 'd'"


def test_a_tree_without_training_code_imports_nothing_costly(tmp_path: Path) -> None:
    (tmp_path / "tool.py").write_text("import re\nPATTERN = re.compile('x')\nprint(max(1, 2), 'accuracy')\n")
    script = (
        "import sys; from click.testing import CliRunner; from xlint.cli import main\n"
        "result = CliRunner().invoke(main, ['check', sys.argv[1], '--isolated', '--no-cache'])\n"
        f"print(result.exit_code, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)  # takes the snapshot
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert shown.split() == ["0", "[]"]
