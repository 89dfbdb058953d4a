"""One engine behind every door: the same file gives the same reports, suppressions and exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from click.testing import CliRunner

from xlint.cli import main

ROOT = Path(__file__).parent.parent
MODELS = """\
from torch import nn


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.head = nn.Linear(784, classes)

    def forward(self, x):
        return self.head(x.flatten(1)).softmax(dim=1)
"""
TRAIN = """\
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST

from models import Net

model = Net(10)
criterion = nn.CrossEntropyLoss()
for x, y in DataLoader(MNIST("data"), batch_size=64):
    loss = criterion(model(x), y){comment}
    loss.backward()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.py").write_text(MODELS)
    (tmp_path / "train.py").write_text(TRAIN.format(comment=""))
    return tmp_path


def xlint(*arguments: str, input: str | None = None) -> tuple[str, int]:
    """Standard output and exit code of the command line."""
    result = CliRunner().invoke(main, arguments, input=input)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.stdout, result.exit_code


def flake8(*arguments: str, input: str | None = None) -> tuple[str, int]:
    """Our codes as flake8 prints them; the plugin is registered here where it is not installed."""
    installed = any(point.name == "XL" for point in entry_points(group="flake8.extension"))
    plugin = "" if installed else "[flake8:local-plugins]\nextension =\n    XL = xlint.flake8_plugin:Plugin\n"
    Path("flake8.cfg").write_text("[flake8]\n" + plugin)
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--config", "flake8.cfg", "--select", "XL", *arguments],
        input=input,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.stderr == ""
    return done.stdout, done.returncode


def test_files_folders_standard_input_and_flake8_agree(project: Path) -> None:
    expected, code = xlint("check", "train.py")
    assert code == 1
    assert expected.startswith("train.py:10:12: XL201 ")
    source = (project / "train.py").read_text()
    assert xlint("check") == (expected, 1)
    assert xlint("check", "-", "--stdin-filename", "train.py", input=source) == (expected, 1)
    assert flake8("train.py") == (expected, 1)
    assert flake8("--stdin-display-name", "train.py", "-", input=source) == (expected, 1)


def test_every_format_tells_of_the_same_finding(project: Path) -> None:
    (element,) = json.loads(xlint("check", "--format", "json")[0])
    where = (element["path"], element["line"], element["column"], element["code"])
    assert where == ("train.py", 10, 12, "XL201")
    for format in ("text", "full", "json-lines", "sarif", "github", "gitlab", "junit", "pylint"):
        output, code = xlint("check", "--format", format)
        assert code == 1
        assert output.count(json.dumps(element["message"])[1:-1]) >= 1
        assert "XL201" in output


def test_suppression_is_the_same_in_flake8(project: Path) -> None:
    (project / "train.py").write_text(TRAIN.format(comment="  # noqa: XL201"))
    assert xlint("check") == ("", 0)
    assert flake8("train.py") == ("", 0)
    assert "XL201" in xlint("check", "--ignore-noqa")[0]
    assert "XL201" in flake8("--disable-noqa", "train.py")[0]


def test_added_comments_silence_what_was_reported(project: Path) -> None:
    assert xlint("check", "--add-noqa")[1] == 0
    assert (project / "train.py").read_text() == TRAIN.format(comment="  # noqa: XL201")
    assert flake8("train.py") == ("", 0)


def test_the_configuration_holds_in_every_mode(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.xlint]\nignore = ["double-activation"]\n')
    assert xlint("check") == ("", 0)
    assert flake8("train.py") == ("", 0)
    assert xlint("check", "--select", "XL2")[1] == 1


def test_excluded_files_are_checked_when_named_unless_exclusion_is_forced(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.xlint]\nextend-exclude = ["train.py"]\n')
    assert xlint("check")[1] == 0
    assert xlint("check", "train.py")[1] == 1
    assert xlint("check", "--force-exclude", "train.py")[1] == 0


def test_the_documented_tables_of_a_project_are_taken_at_their_word(project: Path) -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    Path("pyproject.toml").write_text("\n".join(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)))
    (project / "train.py").write_text(
        "from torch import nn\n"
        "from mylib.data import load_digits\n"
        "from mylib.losses import FocalLoss\n"
        "x, y = load_digits()\n"
        "model = nn.Sequential(nn.Linear(64, 10), nn.Softmax(dim=1))\n"
        "loss = FocalLoss(gamma=2)(model(x), y)\n"
        "loss.backward()\n"
    )
    (site,) = json.loads(xlint("facts", "--format", "json")[0])
    assert site["targets"]["encoding"] == "index"
    assert site["targets"]["classes"] == 10
    assert site["codes"] == ["XL201"]
