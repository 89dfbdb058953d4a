"""Reading files: encodings, bad input, snippets."""

import contextlib
import gc
from pathlib import Path

import pytest

from xlint import source as source_module
from xlint import syntax
from xlint import whole_tree as whole_tree_module
from xlint.source import Source, SourceError, SyntaxProblem


def write(tmp_path: Path, data: bytes, name: str = "t.py") -> str:
    path = tmp_path / name
    path.write_bytes(data)
    return str(path)


def problem(text: str) -> SourceError:
    source = Source.from_text("t.py", text)
    try:
        _ = source.tree
    except SourceError as raised:
        found: SourceError | None = raised
    else:
        found = source.syntax_problem
    assert found is not None
    assert "\n" not in found.message
    assert "t.py" not in found.message
    return found


@pytest.mark.parametrize(
    "data",
    [
        "x = 'ä'\n".encode(),
        b"\xef\xbb\xbf" + "x = 'ä'\n".encode(),
        "# -*- coding: latin-1 -*-\nx = 'ä'\n".encode("latin-1"),
        "#!/usr/bin/python\r\n# vim: set fileencoding=cp1252 :\r\nx = 'ä'\r\n".encode("cp1252"),
        "a = 1\rx = 'ä'\r".encode(),
    ],
    ids=["utf-8", "bom", "latin-1", "cp1252-crlf", "cr"],
)
def test_reads_every_declared_encoding_and_line_end(tmp_path: Path, data: bytes) -> None:
    source = Source.read(write(tmp_path, data), "shown.py")
    last = source.syntax.body[-1]
    assert source.snippet(last) == "x = 'ä'"
    place = source.place(last)
    assert (place.path, place.column, place.cell) == ("shown.py", 1, None)
    assert place.line == 1 + data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip().count(b"\n")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"x = '\xff'\n", "not utf-8 at byte 5"),
        (b"# coding: nonsense\n", "unknown encoding"),
        (b"# coding: base64\nx\n", "cannot be decoded"),
        (b"#" * (source_module.MAX_BYTES + 1), "larger than"),
    ],
)
def test_says_why_bytes_cannot_be_read(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        Source.read(write(tmp_path, data))


def test_says_why_a_path_cannot_be_read(tmp_path: Path) -> None:
    for path in (str(tmp_path), str(tmp_path / "missing.py"), "nul\0.py"):
        with pytest.raises(SourceError, match="cannot be read"):
            Source.read(path)


def test_an_empty_file_is_fine(tmp_path: Path) -> None:
    source = Source.read(write(tmp_path, b""))
    assert len(source.syntax.body) == 0
    assert source.place(source.syntax).line == 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = 1\nf(1\n", 2, "never closed"),
        ("a = 1\nprint 'loss', x\n", 2, "Python 2 syntax"),
        ("if a:\n    print x\n", 2, "Python 2 syntax"),
        ("a = 1\nexec 'code'\n", 2, "Python 2 syntax"),
        ("a\n  b\n", 2, "indent"),
        ("a\nx = 'abc\n", 2, "string"),
        ("a = 1\0\n", 1, "null"),
    ],
)
def test_a_syntax_problem_has_its_line_and_one_line_of_words(text: str, line: int, words: str) -> None:
    found = problem(text)
    assert isinstance(found, SyntaxProblem)
    assert (found.line, found.cell) == (line, None)
    assert words in found.message


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 2_000 + ")" * 2_000,
        "x = " + "[" * 100_000 + "]" * 100_000,
        "x = " + "f(" * 2_000 + "1" + ")" * 2_000,
        "x = " + "-" * 50_000 + "1",
        "x = " + "not " * 50_000 + "y",
        "x = " + "+".join(["a"] * 50_000),
        "if a:\n    b\n" + "elif a:\n    b\n" * 50_000,
    ],
    ids=["parentheses", "lists", "calls", "signs", "nots", "sum", "elifs"],
)
def test_absurd_depth_is_refused_and_does_not_end_the_process(text: str) -> None:
    assert "nested too deep" in problem(text).message


def test_indented_2000_levels_is_a_syntax_problem() -> None:
    text = "".join(" " * level + "if a:\n" for level in range(2_000)) + " " * 2_000 + "pass\n"
    assert isinstance(problem(text), SyntaxProblem)


def test_a_sum_of_a_thousand_terms_parses() -> None:
    assert len(Source.from_text("t.py", "x = " + "+".join(["a"] * 1_000) + "\ny = 1\n").tree.body) == 2


def test_brackets_in_strings_and_comments_are_no_depth() -> None:
    text = "x = [\n" + "':(',  # ((\n" * 300 + "':)',  # ))\n" * 300 + "]\n"
    assert len(Source.from_text("t.py", text).tree.body) == 1


def test_lone_surrogates_are_refused() -> None:
    assert "surrogates" in problem("x = '\ud800'\n").message


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("text", ["x = 1\n", "x = (\n"])
def test_the_garbage_collector_is_left_as_it_was(enabled: bool, text: str) -> None:
    before = gc.isenabled()
    try:
        gc.enable() if enabled else gc.disable()
        with contextlib.suppress(SyntaxProblem):
            _ = Source.from_text("t.py", text).tree
        assert gc.isenabled() == enabled
    finally:
        gc.enable() if before else gc.disable()


def test_nothing_is_parsed_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    parse = whole_tree_module.parse
    monkeypatch.setattr(whole_tree_module, "parse", lambda text: calls.append(text) or parse(text))  # type: ignore[func-returns-value]
    source = Source.from_text("t.py", "x = 1\n")
    assert source.suppressions.skip_file is False
    (line,) = source.syntax.body
    assert isinstance(line, syntax.SimpleStatementLine)
    assert source.place(line.body[0]).line == 1
    assert calls == []
    assert source.tree is source.tree
    assert len(calls) == 1


def test_snippets_are_one_short_line_without_comments() -> None:
    source = Source.from_text(
        "t.py", "# above\nmodel.add(  # why\n    Dense(\n  1),\n)\nx = f(a=1, b=2)\n" + "y" * 90 + "\n"
    )
    first, second, long = source.syntax.body
    assert source.snippet(first) == "model.add( Dense( 1), )"
    assert isinstance(second, syntax.SimpleStatementLine) and isinstance(second.body[0], syntax.Assign)
    value = second.body[0].value
    assert isinstance(value, syntax.Call)
    assert source.snippet(value.args[0]) == "a=1"
    assert source.snippet(long) == "y" * 69 + "…"
