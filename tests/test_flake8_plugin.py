"""The plugin as flake8 itself runs it."""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from xlint import flake8_plugin
from xlint.flake8_plugin import Plugin
from xlint.settings import Settings
from xlint.sites import Finding, Place, ScanResult


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Settings]]:
    """An engine that finds one error, one advice and a syntax error in any text."""
    asked: list[Settings] = []

    def scan_text(filename: str, text: str, settings: Settings) -> ScanResult:
        asked.append(settings)
        found = [("XL101", "error"), ("XL206", "advice"), ("XL901", "error")]
        findings = [
            Finding(Place(filename, 2, 5, 2, 9), code, "name", severity, f"wrong in {text!r}")
            for code, severity in found
            if settings.enabled(code, severity, filename)
        ]
        return ScanResult(tuple(findings), (), ())

    fake = ModuleType("xlint.engine")
    fake.scan_text = scan_text  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "xlint.engine", fake)
    monkeypatch.chdir(tmp_path)
    flake8_plugin._settings.cache_clear()
    yield asked
    flake8_plugin._settings.cache_clear()
    Plugin.parse_options(argparse.Namespace())


def reports() -> list[tuple[int, int, str]]:
    return [report[:3] for report in Plugin(ast.parse(""), "train.py", ["a\n", "b"]).run()]


def test_columns_count_from_0_and_syntax_errors_are_left_to_flake8() -> None:
    assert reports() == [(2, 4, "XL101 wrong in 'a\\nb'")]


def test_codes_that_flake8_selects_are_turned_on_here() -> None:
    Plugin.parse_options(argparse.Namespace(select=None, extend_select=["XL206", "E5"]))
    assert [text.split()[0] for _, _, text in reports()] == ["XL101", "XL206"]


def test_our_configuration_file_holds(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.xlint]\nignore = ["XL101"]\n')
    assert reports() == []


def test_what_our_configuration_excludes_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.xlint]\nextend-exclude = ["train.py"]\n')
    assert reports() == []


def test_a_broken_configuration_is_told_and_flake8_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "xlint.toml").write_text("selct = []\n")
    assert len(reports()) == 1
    assert "unknown key 'selct'" in capsys.readouterr().err


def test_disable_noqa_holds_for_our_comments_too(engine: list[Settings]) -> None:
    reports()
    Plugin.parse_options(argparse.Namespace(disable_noqa=True))
    reports()
    assert [settings.ignore_noqa for settings in engine] == [False, True]
