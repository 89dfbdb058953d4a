"""`--add-noqa`: write suppression comments into files, and change nothing else in them."""

from __future__ import annotations

import bisect
import io
import json
import os
import re
import tempfile
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xlint.sites import Finding, Problem

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_NOQA = re.compile(r"#\s*(?i:noqa)(?P<codes>\s*:(?:[\s,]*[A-Z]+[0-9]+\b)*)?")
_CODE = re.compile(r"[A-Z]+[0-9]+")

Codes = dict[int, set[str]]
"""The codes to suppress, by line from 1."""


@dataclass
class _Layout:
    """Of a Python text: the line that takes the comment for a line that cannot, and where comments begin."""

    moved: Mapping[int, int]
    comments: Mapping[int, int]


def add_noqa(findings: Iterable[Finding]) -> tuple[int, list[Problem]]:
    """Suppress the findings where they stand.

    Gives the number of lines that got a new or a longer comment, and the files that could not be changed.
    Encoding and line ends stay; each file is replaced in one step. A comment goes to the reported line, or
    to the end of the statement where that line ends inside a string or with a backslash.
    """
    by_path: dict[str, dict[int | None, Codes]] = {}
    for finding in findings:
        cells = by_path.setdefault(finding.place.path, {})
        cells.setdefault(finding.place.cell, {}).setdefault(finding.place.line, set()).add(finding.code)
    added, problems = 0, []
    for path, cells in by_path.items():
        try:
            added += _edit_file(path, cells)
        except (OSError, SyntaxError, ValueError, LookupError, TypeError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            problems.append(Problem(path, f"cannot be changed: {reason}"))
    return added, problems


def suppressed(text: str, wanted: Codes) -> tuple[str, int]:
    """The text with the comments added, and how many lines changed; lines outside of it are passed over."""
    lines = _LINE.findall(text)
    layout = _layout(text)
    by_line: Codes = {}
    for number, codes in wanted.items():
        by_line.setdefault(layout.moved.get(number, number), set()).update(codes)
    changed = 0
    for number, codes in by_line.items():
        if not 0 < number <= len(lines):
            continue
        body = lines[number - 1].rstrip("\r\n")
        end = lines[number - 1][len(body) :]
        new = _with_codes(body, codes, layout.comments.get(number))
        changed += new != body
        lines[number - 1] = new + end
    return "".join(lines), changed


def _with_codes(line: str, codes: set[str], comment: int | None) -> str:
    """The line with a suppression of these codes, merged into the one that its comment may hold."""
    present = _NOQA.search(line, comment) if comment is not None else None
    if present is None:
        return f"{line.rstrip()}  # noqa: {', '.join(sorted(codes))}"
    if present["codes"] is None:  # without codes it suppresses everything
        return line
    known = _CODE.findall(present["codes"])
    more = ", ".join(sorted(codes.difference(known)))
    separator = (", " if known else " ") if more else ""
    return line[: present.end()] + separator + more + line[present.end() :]


def _layout(text: str) -> _Layout:
    """Where comments may stand and do stand, as far as the text can be tokenized."""
    comments: dict[int, int] = {}
    inside: set[int] = set()  # lines that end inside of a string
    statements: list[int] = []  # the last line of each statement
    fstrings: list[int] = []  # first lines of the open f-strings, several tokens each from Python 3.12 on
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            kind, line = tokenize.tok_name[token.type], token.start[0]
            if kind == "COMMENT":
                comments[line] = token.start[1]
            elif kind == "STRING":
                inside.update(range(line, token.end[0]))
            elif kind == "FSTRING_START":
                fstrings.append(line)
            elif kind == "FSTRING_END":
                inside.update(range(fstrings.pop(), token.end[0]))
            elif kind == "NEWLINE":
                statements.append(line)
    except (tokenize.TokenError, SyntaxError):
        pass
    for number, line_text in enumerate(_LINE.findall(text), start=1):
        if line_text.rstrip("\r\n").endswith("\\") and number not in comments:
            inside.add(number)
    moved = {}
    for number in inside:
        index = bisect.bisect_left(statements, number)
        if index < len(statements):
            moved[number] = statements[index]
    return _Layout(moved, comments)


def _edit_file(path: str, cells: Mapping[int | None, Codes]) -> int:
    """Write the comments into one file, a notebook's into the source of its cells."""
    with open(path, "rb") as stream:
        data = stream.read()
    if None in cells:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text, changed = suppressed(data.decode(encoding), cells[None])
        new = text.encode(encoding)
    else:
        new, changed = _edit_notebook(data, cells)
    if changed:
        _replace(path, new)
    return changed


def _edit_notebook(data: bytes, cells: Mapping[int | None, Codes]) -> tuple[bytes, int]:
    """The notebook with the comments in its cells; indentation and last line end as they were."""
    text = data.decode("utf-8")
    notebook = json.loads(text)
    total = 0
    for number, codes in cells.items():
        if number is None:
            continue
        cell = notebook["cells"][number - 1]
        source = cell["source"]
        new, changed = suppressed(source if isinstance(source, str) else "".join(source), codes)
        cell["source"] = new if isinstance(source, str) else _LINE.findall(new)
        total += changed
    indent = re.match(r"\{\s*?\n([ \t]+)", text)
    written = json.dumps(notebook, indent=indent[1] if indent else None, ensure_ascii=text.isascii())
    ending = text[len(text.rstrip()) :]
    return (written + ending).encode("utf-8"), total


def _replace(path: str, data: bytes) -> None:
    """Put `data` in the place of the file in one step; its permissions and links stay."""
    target = os.path.realpath(path)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".xlint-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, os.stat(target).st_mode & 0o7777)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
