"""Which files are found, in which order, and what is said of paths that are not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from xlint.discovery import Found, discover
from xlint.sites import Problem


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(tree: Path, *names: str, **texts: str) -> None:
    for name in names:
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts.get(name, ""))


def found(*paths: str, **options: bool) -> list[str]:
    results = list(discover(paths or (".",), **options))  # type: ignore[arg-type]
    assert all(isinstance(result, Found) for result in results), results
    return [result.display for result in results if isinstance(result, Found)]


def test_files_in_stable_order_relative_to_the_current_folder(tree: Path) -> None:
    make(tree, "b.py", "a/z.py", "a/b/c.ipynb", "a.py", "a/readme.txt", "c.pyi", "Z.py")
    assert found() == ["Z.py", "a.py", "b.py", "a/z.py", "a/b/c.ipynb"]
    assert found("./a") == found(str(tree / "a")) == ["a/z.py", "a/b/c.ipynb"]


def test_paths_above_the_current_folder_stay_as_given(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tree, "a/x.py", "b/y.py")
    monkeypatch.chdir(tree / "a")
    assert found("../b") == ["../b/y.py"]


def test_usual_folders_are_left_out(tree: Path) -> None:
    for name in (
        ".venv",
        "node_modules",
        "build",
        ".git",
        "__pycache__",
        "x/site-packages",
        "x/.ipynb_checkpoints",
    ):
        make(tree, f"{name}/a.py")
    make(tree, "x/a.py")
    assert found() == ["x/a.py"]
    assert found("build") == ["build/a.py"]


IGNORE = """\
# comment
*.gen.py
!keep.gen.py
/top.py
only_folder/
docs/**/x.py
deep/*/y.py
**/anywhere
trailing.py\x20\x20
[ab]1.py
q?.py
\\!odd.py
inside/**
"""
NAMES = (
    *(
        "a.gen.py",
        "keep.gen.py",
        "s/a.gen.py",
        "top.py",
        "s/top.py",
        "only_folder/a.py",
        "s/only_folder/a.py",
    ),
    *(
        "t/only_folder.py",
        "docs/x.py",
        "docs/a/x.py",
        "docs/a/b/x.py",
        "docs/y.py",
        "s/docs/x.py",
        "deep/a/y.py",
    ),
    *("deep/a/b/y.py", "s/anywhere/a.py", "anywhere/b.py", "trailing.py", "a1.py", "b1.py", "c1.py", "qq.py"),
    *(
        "qqq.py",
        "!odd.py",
        "inside/a.py",
        "inside/b/c.py",
        "nested/top.py",
        "nested/local.py",
        "nested/n.gen.py",
    ),
    *("nested/deeper/local.py", "excluded_by_info.py"),
)


@pytest.mark.skipif(shutil.which("git") is None, reason="compares with git")
def test_ignore_files_mean_what_git_says(tree: Path) -> None:
    make(tree, *NAMES)
    (tree / ".gitignore").write_text(IGNORE)
    (tree / "nested" / ".gitignore").write_text("/local.py\n!n.gen.py\n")
    subprocess.run(["git", "init", "-q", "."], check=True)
    (tree / ".git" / "info").mkdir(exist_ok=True)
    (tree / ".git" / "info" / "exclude").write_text("excluded_by_info.py\n")
    command = ["git", "ls-files", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    expected = sorted(name for name in listed if name.endswith(".py"))
    assert 5 < len(expected) < len(NAMES)
    assert sorted(found()) == expected
    assert sorted(found("nested")) == [name for name in expected if name.startswith("nested/")]


def test_explicit_files_are_taken_unless_excludes_are_forced(tree: Path) -> None:
    make(tree, "venv/a.py", "script", "b.py", "ignored.py")
    (tree / ".gitignore").write_text("ignored.py\n")
    (tree / ".git").mkdir()
    paths = ["venv/a.py", "script", "ignored.py", "b.py"]
    assert found(*paths) == paths
    assert found(*paths, force_exclude=True) == ["script", "b.py"]
    assert [result.explicit for result in discover(["b.py", "."]) if isinstance(result, Found)] == [True]


def test_own_excludes(tree: Path) -> None:
    make(tree, "a.py", "tests/b.py", "src/tests/c.py", "src/d.py")
    results = discover(["."], exclude=["/tests", "d.py"])
    assert [result.display for result in results if isinstance(result, Found)] == ["a.py", "src/tests/c.py"]


def test_each_file_once_and_no_endless_loop(tree: Path) -> None:
    make(tree, "a/x.py")
    os.symlink(tree, tree / "a" / "loop")
    os.symlink(tree / "a", tree / "b")
    os.symlink(tree / "a" / "x.py", tree / "y.py")
    os.symlink(tree / "nowhere", tree / "dangling.py")
    # The link comes first in the order, and is the one that is kept.
    assert found() == ["y.py"]
    assert found("a/x.py", "a", "a/../a/x.py") == ["a/x.py"]


def test_paths_that_do_not_exist(tree: Path) -> None:
    make(tree, "a.py")
    os.symlink(tree / "nowhere", tree / "link.py")
    results = list(discover(["missing.py", "link.py", "a.py"]))
    assert results[:2] == [
        Problem("missing.py", "no such file or folder"),
        Problem("link.py", "is a link to nothing"),
    ]
    assert results[2] == Found("a.py", "a.py", True)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_listed_is_one_problem(tree: Path) -> None:
    make(tree, "a.py", "closed/b.py")
    (tree / "closed").chmod(0)
    try:
        results = list(discover(["."]))
    finally:
        (tree / "closed").chmod(0o755)
    assert [result.display for result in results if isinstance(result, Found)] == ["a.py"]
    assert [result for result in results if isinstance(result, Problem)] == [
        Problem("closed", "cannot be listed: Permission denied")
    ]


def test_discovery_imports_neither_libcst_nor_numpy() -> None:
    code = "import sys, xlint.discovery; print([m for m in ('libcst', 'numpy', 'click') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
