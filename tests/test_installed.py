"""The wheel holds all that xlint needs: the rules lie inside, and are found from there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NO_BUILD_TOOLS = re.compile(r"No matching distribution found|ConnectionError|Max retries|No module named pip")
FAULT = """\
from keras import Sequential
from keras.layers import Dense

model = Sequential([Dense(1, activation="softmax")])
model.compile("adam", "binary_crossentropy")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout; skips where the build's own tools cannot be had."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--retries", "0"]
    command = [*pip, "-w", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    output = built.stdout + built.stderr
    if built.returncode != 0 and NO_BUILD_TOOLS.search(output):
        pytest.skip("hatchling is not to be had here")
    assert built.returncode == 0, output
    [path] = folder.glob("xlint-*.whl")
    return path


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def xlint(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed xlint, far from the checkout."""
    code = f"import sys; sys.path.insert(0, {str(site)!r}); from xlint.cli import main; main()"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def files_below(folder: Path, pattern: str) -> set[str]:
    """The files below a folder that fit a pattern, relative to it."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob(pattern)}


def test_every_rule_and_table_is_inside(site: Path) -> None:
    wanted = files_below(ROOT / "rules", "*.md") | files_below(ROOT / "rules", "*.toml")
    inside = files_below(site / "xlint" / "_rules", "*.*")
    assert len(wanted) > 30
    assert wanted <= inside


def test_every_module_is_inside(site: Path) -> None:
    assert files_below(ROOT / "xlint", "*.py") <= files_below(site / "xlint", "*.py")


def test_only_the_package_is_installed(site: Path) -> None:
    assert [path.name for path in site.iterdir() if not path.name.endswith(".dist-info")] == ["xlint"]


def test_a_fault_is_found_with_the_rules_inside(site: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(FAULT)
    result = xlint(site, tmp_path, "check", "--no-cache", "train.py")
    assert result.stdout.startswith("train.py:4:"), result.stderr
    assert "XL101" in result.stdout
    assert result.returncode == 1


def test_a_page_is_found(site: Path, tmp_path: Path) -> None:
    result = xlint(site, tmp_path, "explain", "XL101")
    assert "single-unit-softmax" in result.stdout, result.stderr


def test_what_installers_read(site: Path) -> None:
    [folder] = site.glob("xlint-*.dist-info")
    points = (folder / "entry_points.txt").read_text()
    assert re.search(r"^xlint = xlint\.cli:main$", points, re.MULTILINE)
    assert re.search(r"\[flake8\.extension\]\s+XL = xlint\.flake8_plugin:Plugin", points)
    required = re.findall(r"^Requires-Dist: ([\w-]+)(.*)$", (folder / "METADATA").read_text(), re.MULTILINE)
    always = {name for name, condition in required if "extra" not in condition}
    assert always == {"libcst", "click", "numpy"}
