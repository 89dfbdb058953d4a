"""Which functions that nobody calls are interpreted: all from which a site can be reached."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from xlint.engine import scan
from xlint.gate import gate_for
from xlint.leads import Leads
from xlint.project import Project
from xlint.settings import Settings

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
LOSS = "return torch.nn.functional.cross_entropy(x, y)"


def leads(folder: Path, code: str, name: str = "run") -> bool:
    """Whether a definition of a script with this code leads to a site."""
    script = folder / "script.py"
    script.write_text(f"import torch\n{code}\n")
    return Leads(gate_for(), Project()).to_site(str(script), script.read_text(), name)


def package_of(folder: Path) -> None:
    """Write a package in which one function computes a loss and one does not."""
    package = folder / "package"
    package.mkdir()
    (package / "__init__.py").write_text("from .parts import step, idle\n")
    (package / "every.py").write_text("from .parts import *\n")
    (package / "parts.py").write_text(f"def step(x, y):\n    {LOSS}\ndef idle(x):\n    pass\n")


def test_no_fixture_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(Settings(), no_cache=True, jobs=1, select=("ALL",), root=str(FIXTURES))
    asked = []
    to_site = Leads.to_site

    def note(self: Leads, path: str, text: str, name: str) -> bool:
        asked.append(to_site(self, path, text, name))
        return asked[-1]

    monkeypatch.setattr(Leads, "to_site", note)
    sparing = scan([str(FIXTURES)], settings)
    monkeypatch.setattr(Leads, "to_site", lambda *_: True)
    whole = scan([str(FIXTURES)], settings)
    assert sparing.sites == whole.sites
    assert sparing.findings == whole.findings
    assert False in asked


@pytest.mark.parametrize(
    "code",
    [
        f"def run(x, y):\n    {LOSS}",
        f"def run(x, y):\n    return step(x, y)\ndef step(x, y):\n    {LOSS}",
        "criterion = torch.nn.MSELoss()\ndef run(x, y):\n    return criterion(x, y)",
        "def run(x, y, loss=torch.nn.MSELoss()):\n    return loss(x, y)",
        "criterion = None\ndef setup():\n    global criterion\n    criterion = torch.nn.MSELoss()\n"
        "def run(x, y):\n    return criterion(x, y)",
        "table = {}\ndef setup():\n    table['a'] = torch.nn.MSELoss()\n"
        "def run(x, y):\n    return table['a'](x, y)",
        "options = Options()\ndef setup():\n    options.loss = torch.nn.MSELoss()\n"
        "def run(x, y):\n    return options.loss(x, y)",
        "table = {}\ndef known(f):\n    table[f.__name__] = f\n    return f\n"
        f"@known\ndef step(x, y):\n    {LOSS}\n"
        "def run(x, y):\n    return table['step'](x, y)",
        "if wanted:\n    def run(x, y):\n        return torch.softmax(x, -1)",
        "def run(x):\n    return net(x).argmax(1)\nnet = torch.nn.Linear(3, 1)",
        "def run(loss, x, y):\n    loss(x, y).backward()",
        "@decorated(\n    1,\n)\ndef run(x):\n    return torch.softmax(x, 1)",
    ],
)
def test_what_leads_to_a_site(code: str, tmp_path: Path) -> None:
    assert leads(tmp_path, code)


@pytest.mark.parametrize(
    "code",
    [
        "def run(x):\n    return x + 1",
        "def run(x):\n    # cross_entropy\n    '''The softmax of x.'''\n    return x + 1",
        f"def other(x, y):\n    {LOSS}\ndef run(x):\n    return x + 1",
        "def run(x):\n    return x.argmax(1)\nnet = torch.nn.Linear(3, 1)",
        "import numpy as np\ndef run(x):\n    return np.zeros(3) + x",
    ],
)
def test_what_does_not(code: str, tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("from torch.nn.functional import cross_entropy\n")
    assert not leads(tmp_path, code)


def test_a_class_may_get_its_loss_where_it_is_made(tmp_path: Path) -> None:
    code = "class Trainer:\n    def __init__(self, loss):\n        self.loss = loss\n"
    made = f"def main():\n    Own(torch.nn.MSELoss())\nclass Own(Trainer):\n    pass\n{code}"
    assert not leads(tmp_path, code, "Trainer")
    assert leads(tmp_path, made, "Trainer")


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("from package.parts import step", "step"),
        ("from package import parts", "parts.step"),
        ("import package.parts", "package.parts.step"),
        ("import package.parts as p", "p.step"),
        ("from package import step as go", "go"),
        ("import package", "package.parts.step"),
        ("from package.every import *", "step"),
        ("from package import parts as given", "partial(given)"),
    ],
)
def test_modules_of_the_project_are_followed(imports: str, call: str, tmp_path: Path) -> None:
    package_of(tmp_path)
    assert leads(tmp_path, f"{imports}\ndef run(x, y):\n    return {call}(x, y)")
    if "*" not in imports:
        assert leads(tmp_path, f"def run(x, y):\n    {imports}\n    return {call}(x, y)")


@pytest.mark.parametrize(
    "code",
    [
        "from package.parts import idle\ndef run(x):\n    return idle(x)",
        "from package import idle as go\ndef run(x):\n    return go(x)",
        "import package.parts as p\ndef run(x):\n    return p.idle(x)",
        "from package.every import *\ndef run(x):\n    return idle(x)",
        "from package import missing\ndef run(x):\n    return missing(x)",
    ],
)
def test_only_what_is_named_of_a_module_counts(code: str, tmp_path: Path) -> None:
    package_of(tmp_path)
    assert not leads(tmp_path, code)


def test_a_no_rests_on_what_was_read_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    part = tmp_path / "part.py"
    part.write_text("def step(x):\n    return x\n")
    (tmp_path / "script.py").write_text(
        "import torch\ntorch.nn.functional.relu(torch.softmax(torch.rand(3, 4), 1))\n"
        "def run():\n    from part import step\n    return step(torch.nn.Linear(3, 1)(torch.rand(2, 3)))\n"
    )
    assert scan(["."], Settings()).findings == ()
    part.write_text("import torch\ndef step(x):\n    return torch.softmax(x, 1)\n")
    assert {finding.place.path for finding in scan(["."], Settings()).findings} == {"part.py"}
