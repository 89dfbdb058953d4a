"""Which file an import means: found as Python would, from the script's folder or the project's root."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from xlint.engine import scan
from xlint.project import Project, roots_of
from xlint.settings import Settings
from xlint.sites import ScanResult

Make = Callable[..., None]
SETTINGS = Settings(no_cache=True, jobs=1)


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.chdir(tmp_path)

    def files(*names: str, text: str = "") -> None:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return files


def found(module: str, importer: str, level: int = 0) -> str | None:
    path = Project().locate(module, importer, level)
    return None if path is None else os.path.relpath(path).replace(os.sep, "/")


def test_a_neighbour(make: Make) -> None:
    make("train.py", "models.py")
    assert found("models", "train.py") == "models.py"


def test_a_package_is_its_init(make: Make) -> None:
    make("train.py", "models/__init__.py", "models/net.py")
    assert found("models", "train.py") == "models/__init__.py"
    assert found("models.net", "train.py") == "models/net.py"
    assert found("models.other", "train.py") is None


def test_a_folder_without_init_is_a_package_too(make: Make) -> None:
    make("train.py", "models/net.py")
    assert found("models", "train.py") == "models"
    assert found("models.net", "train.py") == "models/net.py"


def test_a_package_is_left_however_deep_it_is(make: Make) -> None:
    inside = "app/services/text/core/train/src"
    folders = ["/".join(inside.split("/")[:depth]) for depth in range(1, 7)]
    make(*(f"{folder}/__init__.py" for folder in folders), f"{inside}/run.py", "app/services/text/net.py")
    assert found("app.services.text.net", f"{inside}/run.py") == "app/services/text/net.py"
    make("loose/a/b/c/d/e/run.py", "loose/net.py")
    assert found("net", "loose/a/b/c/d/e/run.py") is None


def test_relative_imports(make: Make) -> None:
    make("pkg/__init__.py", "pkg/config.py")
    make("pkg/train/__init__.py", "pkg/train/loop.py", "pkg/train/losses.py")
    assert found("losses", "pkg/train/loop.py", 1) == "pkg/train/losses.py"
    assert found("config", "pkg/train/loop.py", 2) == "pkg/config.py"
    assert found("", "pkg/train/loop.py", 1) == "pkg/train/__init__.py"
    assert found("", "pkg/train/loop.py", 2) == "pkg/__init__.py"
    assert found("config", "pkg/train/loop.py", 1) is None


def test_a_relative_import_does_not_search_above(make: Make) -> None:
    make("losses.py", "pkg/train.py")
    assert found("losses", "pkg/train.py", 1) is None


def test_from_the_root_of_the_project(make: Make) -> None:
    make("pyproject.toml", "pkg/__init__.py", "pkg/models.py", "scripts/deep/train.py")
    assert found("pkg.models", "scripts/deep/train.py") == "pkg/models.py"


def test_below_src(make: Make) -> None:
    make("pyproject.toml", "src/pkg/__init__.py", "src/pkg/models.py", "scripts/train.py")
    assert found("pkg.models", "scripts/train.py") == "src/pkg/models.py"


def test_the_search_ends_at_the_root_of_the_project(make: Make) -> None:
    make("models.py", "project/setup.py", "project/scripts/train.py")
    assert found("models", "project/scripts/train.py") is None


def test_the_nearest_is_taken(make: Make) -> None:
    make("models.py", "pkg/models.py", "pkg/train.py")
    assert found("models", "pkg/train.py") == "pkg/models.py"


def test_the_checkout_is_the_package(make: Make) -> None:
    make("own-main/__init__.py", "own-main/train.py", "own-main/nn/__init__.py", "own-main/nn/net.py")
    assert found("own.nn.net", "own-main/train.py") == "own-main/nn/net.py"
    assert found("own.nn", "own-main/nn/net.py") == "own-main/nn/__init__.py"
    assert found("own.other", "own-main/train.py") is None
    assert found("own", "own-main/train.py") is None
    make("clone/.git", "clone/__init__.py", "clone/train.py", "clone/net.py")
    assert found("own.net", "clone/train.py") == "clone/net.py"


def test_a_package_with_a_name_of_its_own_is_no_other(make: Make) -> None:
    make("project/own/__init__.py", "project/own/train.py", "project/own/net.py", "project/net.py")
    assert found("own.net", "project/own/train.py") == "project/own/net.py"
    assert found("library.net", "project/own/train.py") is None
    make("own-main/train.py", "own-main/net.py")
    assert found("library.net", "own-main/train.py") is None


def test_names_that_lead_nowhere(make: Make) -> None:
    make("train.py")
    assert found("torch", "train.py") is None
    assert found("", "train.py") is None
    assert found("..", "train.py") is None


def test_paths_are_shown_as_the_scan_was_asked_for_them(make: Make, tmp_path: Path) -> None:
    make("pkg/a.py", "other/b.py")
    real = os.path.realpath(tmp_path)
    project = Project(roots_of(["./pkg"]))
    assert project.display(os.path.join(real, "pkg", "a.py")) == "pkg/a.py"
    assert project.display(os.path.join(real, "other", "b.py")) == os.path.join("other", "b.py")


NET = """\
from torch import nn


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.fc = nn.Linear(784, classes)

    def forward(self, x):
        return self.fc(x.flatten(1))
"""
TRAIN = """\
{imports}
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST

model = {make}
for x, y in DataLoader(MNIST("data"), batch_size=8):
    nn.CrossEntropyLoss()(model(x), y).backward()
"""


def widths(result: ScanResult) -> list[object]:
    return [site.width for site in result.sites]


@pytest.mark.parametrize(
    ("imports", "expression"),
    [
        ("from pkg.models.net import Net", "Net(7)"),
        ("from pkg.models import Net", "Net(7)"),
        ("from pkg import models", "models.Net(7)"),
        ("from pkg.models import net", "net.Net(7)"),
        ("import pkg.models.net", "pkg.models.net.Net(7)"),
        ("import pkg.models.net as m", "m.Net(7)"),
        ("import pkg", "pkg.models.Net(7)"),
        ("from pkg import *", "Net(7)"),
        ("from pkg.models import *", "Net(7)"),
        ("from pkg import Net as N", "N(7)"),
        ("from pkg.factory import build", "build(7)"),
        ("try:\n    from pkg import Net\nexcept ImportError:\n    Net = None", "Net(7)"),
    ],
)
def test_every_way_to_import_a_model(make: Make, imports: str, expression: str) -> None:
    make("pkg/__init__.py", text="from . import models\nfrom .models import *\n")
    make("pkg/models/__init__.py", text="from .net import Net\n__all__ = ['Net']\n")
    make("pkg/models/net.py", text=NET)
    make("pkg/factory.py", text="def build(n):\n    from .models import net\n    return net.Net(n)\n")
    make("train.py", text=TRAIN.format(imports=imports, make=expression))
    assert widths(scan(["train.py"], SETTINGS)) == [7]


def test_inside_a_package(make: Make) -> None:
    make("pkg/__init__.py", "pkg/sub/__init__.py")
    make("pkg/net.py", text=NET)
    imports = "from ..net import Net\nfrom .. import net"
    make("pkg/sub/train.py", text=TRAIN.format(imports=imports, make="Net(7)"))
    assert widths(scan(["."], SETTINGS)) == [7]


def test_a_module_that_does_not_parse_is_unknown(make: Make) -> None:
    make("net.py", text=NET + "class Softmax(:\n")
    make("train.py", text=TRAIN.format(imports="from net import Net", make="Net(7)"))
    result = scan(["."], SETTINGS)
    assert widths(result) == [None]
    assert [(finding.place.path, finding.code) for finding in result.findings] == [("net.py", "XL901")]


def test_a_local_module_named_like_a_library_does_not_replace_it(make: Make) -> None:
    make("torch.py", text="raise SystemExit\n")
    make("train.py", text=TRAIN.format(imports="", make="nn.Sequential(nn.Flatten(), nn.Linear(784, 7))"))
    assert widths(scan(["train.py"], SETTINGS)) == [7]
