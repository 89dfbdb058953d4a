"""`--add-noqa` adds comments where they count, and changes nothing else."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from xlint.noqa_writer import add_noqa, suppressed
from xlint.sites import Finding, Place


def finding(path: Path, line: int, code: str = "XL101", cell: int | None = None) -> Finding:
    return Finding(Place(str(path), line, 1, line, 2, cell), code, "name", "error", "message")


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        ("a = 1\n", 1, "a = 1  # noqa: XL101\n"),
        ("a = 1", 1, "a = 1  # noqa: XL101"),
        ("a = 1   \r\nb\r\n", 1, "a = 1  # noqa: XL101\r\nb\r\n"),
        ("a = 1  # why\n", 1, "a = 1  # why  # noqa: XL101\n"),
        ("a = 1  # noqa: E501\n", 1, "a = 1  # noqa: E501, XL101\n"),
        ("a = 1  # noqa: E501 XL102 since\n", 1, "a = 1  # noqa: E501 XL102, XL101 since\n"),
        ("a = 1  # why # NoQA:E501\n", 1, "a = 1  # why # NoQA:E501, XL101\n"),
        ("a = 1  # noqa: since\n", 1, "a = 1  # noqa: XL101 since\n"),
        ("a = 1  # noqa: XL101\n", 1, "a = 1  # noqa: XL101\n"),
        ("a = 1  # noqa\n", 1, "a = 1  # noqa\n"),
        ("a = '# noqa: E501'\n", 1, "a = '# noqa: E501'  # noqa: XL101\n"),
        ("a = 1 + \\\n    2\nb\n", 1, "a = 1 + \\\n    2  # noqa: XL101\nb\n"),
        ("f('''x\ny''',\n  1)\nb\n", 1, "f('''x\ny''',\n  1)  # noqa: XL101\nb\n"),
        ("f(f'''{x}\ny''',\n  1)\nb\n", 1, "f(f'''{x}\ny''',\n  1)  # noqa: XL101\nb\n"),
        ("f('''x\ny''',\n  1)\n", 2, "f('''x\ny''',  # noqa: XL101\n  1)\n"),
        ("f(\n  a,\n)\n", 2, "f(\n  a,  # noqa: XL101\n)\n"),
        ("# ends with \\\na = 1\n", 2, "# ends with \\\na = 1  # noqa: XL101\n"),
        ("%matplotlib inline\nx = (\n", 1, "%matplotlib inline  # noqa: XL101\nx = (\n"),
    ],
)
def test_where_the_comment_goes(before: str, line: int, after: str) -> None:
    assert suppressed(before, {line: {"XL101"}}) == (after, int(before != after))


def test_several_codes_of_a_line_share_one_comment() -> None:
    assert suppressed("a\n", {1: {"XL201", "XL101"}}) == ("a  # noqa: XL101, XL201\n", 1)


def test_encoding_line_ends_and_permissions_stay(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_bytes("# coding: latin-1\r\nx = 'é'\r\ny\n".encode("latin-1"))
    path.chmod(0o750)
    assert add_noqa([finding(path, 2)]) == (1, [])
    assert path.read_bytes() == "# coding: latin-1\r\nx = 'é'  # noqa: XL101\r\ny\n".encode("latin-1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert os.listdir(tmp_path) == ["train.py"]


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_bytes(b"\xef\xbb\xbfx = 1\n")
    add_noqa([finding(path, 1)])
    assert path.read_bytes() == b"\xef\xbb\xbfx = 1  # noqa: XL101\n"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "real.py", tmp_path / "link.py"
    target.write_text("x\n")
    link.symlink_to(target)
    add_noqa([finding(link, 1)])
    assert link.is_symlink()
    assert target.read_text() == "x  # noqa: XL101\n"


@pytest.mark.parametrize("indent", [1, 2, None])
def test_notebooks_keep_their_form(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "train.ipynb"
    cells = [{"cell_type": "markdown", "source": "é"}, {"cell_type": "code", "source": ["a = 1\n", "b = 2"]}]
    notebook = {"cells": cells, "nbformat": 4}
    path.write_text(json.dumps(notebook, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")
    before = path.read_text(encoding="utf-8")
    assert add_noqa([finding(path, 2, cell=2)]) == (1, [])
    assert path.read_text(encoding="utf-8") == before.replace("b = 2", "b = 2  # noqa: XL101")


def test_a_file_that_cannot_be_read_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text("x\n")
    added, problems = add_noqa([finding(tmp_path / "gone.py", 1), finding(path, 1)])
    assert added == 1
    assert [problem.path for problem in problems] == [str(tmp_path / "gone.py")]
