"""Suppression comments are read as ruff reads them."""

import subprocess
import sys
from pathlib import Path

import pytest

from xlint.suppress import Suppressions, UnusedSuppression

COMMENTS = (
    """
# noqa|#noqa|# NOQA|# NoQA|#   noqa|# noqa:F401|# noqa: F401|# noqa:  F401|# noqa : F401|# noqa: f401
# noqa: F401,E501|# noqa: E501, F401|# noqa: E501 F401|# noqa: E501,,F401|# noqa: E501 , F401|# noqa:E501F401
# noqa: F401 because|# noqa: because F401|# noqa:|# noqa: because|# noqa F401|# noqa - reason|# noqas
# noqa, F401|# x # noqa: F401|# x noqa|# noqa: F4|# noqa: F4011|# noqa:F401: why|# noqa: F401-why|# noqa.
#: noqa|# noqa: E501;F401|# noqa: E501 because F401|# noqa: E501 # noqa: F401|# noqa:F401# x|# noqa: F401.
# noqa: E501, because, F401|# no qa|## noqa|# noqa -- F401|#\tnoqa:\tF401|# noqa#x|# noqa: F401(x)
""".strip()
    .replace("\n", "|")
    .split("|")
)


def test_each_directive_is_read_as_ruff_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "t.py"
    text = "".join(f"import m{number}  {comment}\n" for number, comment in enumerate(COMMENTS))
    file.write_text(text)
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "F401"]
    run = subprocess.run(
        [*ruff, "--output-format", "concise", str(file)], capture_output=True, text=True, check=False
    )
    reported = {int(line.split(":")[1]) for line in run.stdout.splitlines() if " F401 " in line}
    assert reported, run.stderr
    suppressions = Suppressions(text)
    for number, comment in enumerate(COMMENTS, start=1):
        assert suppressions.covers("F401", [number]) == (number not in reported), comment


def test_only_real_comments_count() -> None:
    suppressions = Suppressions('x = "# noqa"\ny = """\n# noqa\n# xlint: skip-file\n"""\nz = 1  # noqa\n')
    assert [comment.line for comment in suppressions.comments] == [6]
    assert not suppressions.skip_file


@pytest.mark.parametrize(
    ("text", "skipped"),
    [
        ("# xlint: skip-file\nx = 1\n", True),
        ("x = 1\n  #xlint:skip-file\n", True),
        ("x = 1  # xlint: skip-file\n", False),
        ("# do not write xlint: skip-file\n", False),
        ("# xlint: skip-files\n", False),
    ],
)
def test_skip_file_stands_on_a_line_of_its_own(text: str, skipped: bool) -> None:
    assert Suppressions(text).skip_file is skipped


def test_codes_are_exact_and_any_of_the_lines_counts() -> None:
    suppressions = Suppressions("f(\n    1,\n)  # noqa: XL101, XL201\n")
    assert suppressions.covers("XL101", [1, 3])
    assert not suppressions.covers("XL10", [1, 3])
    assert not suppressions.covers("XL101", [1, 2])


def test_unused_codes_are_named_with_their_place() -> None:
    suppressions = Suppressions(
        "a  # noqa: XL101, XL102, XL102, E501, XL999\nb  # noqa\nc  # noqa: E501\nd  # noqa: XL101\n"
    )
    assert suppressions.covers("XL101", [1])
    assert suppressions.unused({"XL101", "XL102"}) == [
        UnusedSuppression(1, 4, 44, ("XL102",), "unused"),
        UnusedSuppression(1, 4, 44, ("XL102",), "duplicate"),
        UnusedSuppression(1, 4, 44, ("XL999",), "unknown"),
        UnusedSuppression(4, 4, 17, ("XL101",), "unused"),
    ]


def test_text_that_does_not_tokenize_keeps_the_comments_before_the_fault() -> None:
    assert [c.line for c in Suppressions("x  # noqa\ny = '''\n").comments] == [1]
