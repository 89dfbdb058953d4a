"""The report that README.md shows is the one that its script gets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from xlint.cli import main

README = Path(__file__).parent.parent / "README.md"


def test_the_report_in_the_readme_is_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = README.read_text(encoding="utf-8")
    shown = re.search(r"```python\n(.*?)```\n\n```console\n\$ xlint (.*?)\n(.*?)```", text, re.DOTALL)
    assert shown is not None
    script, arguments, report = shown.groups()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(script, encoding="utf-8")
    result = CliRunner().invoke(main, [*arguments.split(), "--isolated"])
    assert result.stdout.strip() == report.strip()


def test_its_set_up_commands_are_the_two_promised_ones() -> None:
    commands = re.findall(r"^python -m venv .*$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert commands == [
        "python -m venv .venv && .venv/bin/pip install . && .venv/bin/xlint check fixtures/",
        "python -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/pytest",
    ]
