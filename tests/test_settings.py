"""Which findings are reported: places, prefixes, severities, files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xlint.patterns import matches
from xlint.settings import Selection, Settings


def test_everything_but_advice_is_on_by_default() -> None:
    settings = Settings()
    assert settings.enabled("XL101", "error", "a.py")
    assert settings.enabled("XL201", "warning", "a.py")
    assert not settings.enabled("XL206", "advice", "a.py")


@pytest.mark.parametrize("selector", ["ALL", "XL", "XL2", "XL206", "redundant-log-softmax"])
def test_selecting_a_rule_in_any_way_turns_on_its_advice(selector: str) -> None:
    assert Settings(select=(selector,)).enabled("XL206", "advice", "a.py")
    assert Settings(extend_select=(selector,)).enabled("XL206", "advice", "a.py")


def test_lowering_the_floor_turns_on_all_advice() -> None:
    assert Settings(severity="advice").enabled("XL206", "advice", "a.py")


def test_a_floor_set_beside_the_selection_holds_for_what_is_selected() -> None:
    settings = Settings(select=("ALL",), severity="error")
    assert settings.enabled("XL101", "error", "a.py")
    assert not settings.enabled("XL101", "warning", "a.py")


def test_select_leaves_the_rest_off_and_extend_select_does_not() -> None:
    assert not Settings(select=("XL2",)).enabled("XL101", "error", "a.py")
    assert Settings(extend_select=("XL2",)).enabled("XL101", "error", "a.py")


def test_the_longest_prefix_wins_within_a_place() -> None:
    settings = Settings(select=("XL1", "XL201"), ignore=("XL101", "XL2"))
    reported = [
        code for code in ("XL101", "XL102", "XL201", "XL202") if settings.enabled(code, "error", "a.py")
    ]
    assert reported == ["XL102", "XL201"]


def test_ignore_wins_a_draw_and_a_name_is_as_long_as_its_code() -> None:
    assert not Settings(select=("XL101",), ignore=("XL101",)).enabled("XL101", "error", "a.py")
    assert not Settings(select=("XL101",), ignore=("single-unit-softmax",)).enabled("XL101", "error", "a.py")
    assert Settings(select=("single-unit-softmax",), ignore=("XL1",)).enabled("XL101", "error", "a.py")


def test_the_command_line_wins_over_longer_prefixes_of_the_file() -> None:
    file = {"select": ("XL101", "XL206"), "ignore": ("XL201",)}
    assert not Settings(**file, command_line=Selection(ignore=("XL1",))).enabled("XL101", "error", "a.py")
    assert Settings(**file, command_line=Selection(select=("XL2",))).enabled("XL201", "error", "a.py")
    assert not Settings(**file, command_line=Selection(select=("XL2",))).enabled("XL101", "error", "a.py")


def test_the_file_decides_what_the_command_line_leaves_open() -> None:
    settings = Settings(select=("XL2",), command_line=Selection(extend_select=("XL101",)))
    reported = [code for code in ("XL101", "XL102", "XL201") if settings.enabled(code, "error", "a.py")]
    assert reported == ["XL101", "XL201"]


def test_a_selection_on_the_command_line_is_not_held_back_by_the_floor_of_the_file() -> None:
    settings = Settings(severity="error", command_line=Selection(extend_select=("XL206",)))
    assert settings.enabled("XL206", "advice", "a.py")
    assert not settings.enabled("XL201", "warning", "a.py")


def test_per_file_ignores_hold_below_their_folder_only(tmp_path: Path) -> None:
    settings = Settings(per_file_ignores={"legacy/*": ("XL1",)}, root=str(tmp_path))
    assert not settings.enabled("XL101", "error", str(tmp_path / "legacy" / "a.py"))
    assert settings.enabled("XL201", "error", str(tmp_path / "legacy" / "a.py"))
    assert settings.enabled("XL101", "error", str(tmp_path / "a.py"))


def test_fail_on_sets_what_counts_as_a_failure() -> None:
    settings = Settings(fail_on="warning")
    assert [settings.fails(severity) for severity in ("error", "warning", "advice")] == [True, True, False]


def test_common_folders_are_excluded_and_extend_exclude_adds(tmp_path: Path) -> None:
    settings = Settings(extend_exclude=("old/*.py",), root=str(tmp_path))
    excluded = [
        path
        for path in (".venv/lib/a.py", "src/node_modules/b.py", "old/a.py", "old/new/a.py", "src/a.py")
        if settings.excluded(str(tmp_path / path))
    ]
    assert excluded == [".venv/lib/a.py", "src/node_modules/b.py", "old/a.py"]


def test_the_fingerprint_changes_with_what_changes_the_findings() -> None:
    assert Settings().fingerprint() == Settings(jobs=3).fingerprint()
    assert Settings().fingerprint() != Settings(keras_backend="torch").fingerprint()
    assert Settings().fingerprint() != Settings(apis=({"framework": "mine"},)).fingerprint()


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.py", "a/b/c.py", True),
        ("tests", "a/tests/b.py", True),
        ("tests", "a/my_tests/b.py", False),
        ("a/*.py", "a/b.py", True),
        ("a/*.py", "a/b/c.py", False),
        ("a/*.py", "x/a/b.py", False),
        ("a/**/c.py", "a/c.py", True),
        ("a/**/c.py", "a/b/b/c.py", True),
        ("a/**", "a/b/c.py", True),
        ("./a", "a/b.py", True),
        ("a/", "a/b.py", True),
        ("te[sx]t_?.py", "test_1.py", True),
        ("te[!s]t_?.py", "test_1.py", False),
        ("a.py", "aXpy", False),
        ("build", "../build/a.py", False),
        ("*.py", "../build/a.py", True),
    ],
)
def test_path_patterns(pattern: str, path: str, expected: bool, tmp_path: Path) -> None:
    assert matches(pattern, os.path.join(tmp_path, path), str(tmp_path)) is expected
