"""Notebooks as programs: the code cells in order, with IPython's own lines passed over.

Lines are replaced, never removed, so that each line of the program is a line of a cell. What IPython
accepts beyond Python is taken from the documentation of its input transformer: magics, shell escapes and
help only count at the beginning of a logical line, and continue behind a backslash.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

_FOREIGN = frozenset(
    [
        *("!", "bash", "sh", "shell", "script", "cmd", "sx", "system", "perl", "ruby", "julia", "R"),
        *(
            "cython",
            "pypy",
            "python",
            "python2",
            "python3",
            "html",
            "HTML",
            "javascript",
            "js",
            "latex",
            "markdown",
        ),
        *("svg", "SVG", "mermaid", "sql", "bigquery", "writefile", "file", "writetemplate"),
    ]
)
_TIMERS = re.compile(r"(\s*)%(?:time|timeit|prun|memit|mprun)\s+((?:-\w+(?:\s+\d+)?\s+)*)(?=[^\s-])")
_CELL_MAGIC = re.compile(r"\s*%%(!|[A-Za-z_]\w*)(.*)")
_SPECIAL = re.compile(r"[%!?]|^\s*[,;/]")
_ESCAPED = re.compile(r"\s*[%!?,;/]")
_ASSIGNED = re.compile(r"(\s*[A-Za-z_][\w.\[\]'\", ]*=\s*)(?:!|%[A-Za-z_])")
_HELP = re.compile(r"[^'\"#]*[\w.*)\]]\s*\?\??\s*;?\s*$")
_PIECE = re.compile(r"#.*|\"\"\"|'''|\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?|[()\[\]{}]")


class NotebookError(Exception):
    """The file is no notebook; the message is one line."""


@dataclass(slots=True)
class Cell:
    """A code cell: `number` counts from 1 over all cells, `first` is its first line in the program."""

    number: int
    first: int
    lines: list[str]
    shifts: dict[int, int] = field(default_factory=dict)
    """Characters taken from the beginning of a line (counted from 0 in the cell)."""


@dataclass(slots=True)
class Notebook:
    """The code cells of a notebook, or those that write one module, and all modules that are written so."""

    cells: list[Cell] = field(default_factory=list)
    written_modules: dict[str, Notebook] = field(default_factory=dict)
    """By file name, as `%%writefile` says it; the modules share this table with their notebook."""

    @property
    def text(self) -> str:
        """The program: all code cells, each followed by the next on a new line."""
        lines = [line for cell in self.cells for line in cell.lines]
        return "\n".join(lines) + "\n" if lines else ""

    def locate(self, line: int, column: int) -> tuple[int, int, int]:
        """Turn a line (from 1) and column (from 0) of the program into cell number, line and column there."""
        if not self.cells:
            return 1, line, column
        index = max(0, bisect_right(self.cells, line, key=lambda cell: cell.first) - 1)
        cell = self.cells[index]
        inner = line - cell.first
        if inner >= len(cell.lines):
            # The end of a region may stand on the line behind the last one.
            inner, column = len(cell.lines) - 1, len(cell.lines[-1])
        return cell.number, inner + 1, column + cell.shifts.get(inner, 0)


def read_notebook(text: str) -> Notebook:
    """Read the JSON of a notebook (nbformat 3 and 4); a notebook in another language has no code cells.

    Raises NotebookError where the text is no JSON or has no cells.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        what = "nested too deep"
        if isinstance(error, json.JSONDecodeError):
            what = f"line {error.lineno}: {error.msg}"
        raise NotebookError(f"not a notebook: its JSON does not parse ({what})") from None
    cells = _raw_cells(data)
    notebook = Notebook()
    if not _is_python(data):
        return notebook
    first = 1
    for number, raw in enumerate(cells, start=1):
        if not isinstance(raw, dict) or raw.get("cell_type") != "code":
            continue
        cell = Cell(number, first, _source_lines(raw))
        _pass_over_ipython(cell, notebook)
        notebook.cells.append(cell)
        first += len(cell.lines)
    return notebook


def _raw_cells(data: Any) -> list[Any]:
    """The cells of a notebook of any format, in order."""
    if isinstance(data, dict):
        if isinstance(data.get("cells"), list):
            return list(data["cells"])
        sheets = data.get("worksheets")
        if isinstance(sheets, list):
            lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
            return [cell for cells in lists if isinstance(cells, list) for cell in cells]
    raise NotebookError("not a notebook: it has no list of cells")


def _is_python(data: dict[str, Any]) -> bool:
    metadata = data.get("metadata")
    if not isinstance(metadata, dict):
        return True
    for group, name in (("language_info", "name"), ("kernelspec", "language")):
        entry = metadata.get(group)
        if isinstance(entry, dict) and isinstance(entry.get(name), str):
            return "python" in entry[name].lower()
    return True


def _source_lines(raw: dict[str, Any]) -> list[str]:
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        source = ""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _pass_over_ipython(cell: Cell, notebook: Notebook) -> None:
    """Replace in place what is not Python in the cell's lines; keep what `%%writefile` cells write."""
    lines = cell.lines
    start = next((i for i, line in enumerate(lines) if line.strip() and line.lstrip()[0] != "#"), None)
    if start is None:
        return
    magic = _CELL_MAGIC.match(lines[start])
    if magic:
        if magic[1] in ("writefile", "file"):
            body = [""] * (start + 1) + lines[start + 1 :]
            _write_module(magic[2], Cell(cell.number, 1, body), notebook.written_modules)
        if magic[1] in _FOREIGN:
            cell.lines = [""] * len(lines)
            return
        lines[start] = ""
        start = next((i for i, line in enumerate(lines) if line.strip()), start)
    _remove_indent(cell, start)
    _replace_lines(cell)


def _write_module(arguments: str, cell: Cell, written: dict[str, Notebook]) -> None:
    words = arguments.split()
    names = [word.strip("'\"").removeprefix("./") for word in words if not word.startswith("-")]
    if not names:
        return
    appended = {"-a", "--append"} & set(words) and names[-1] in written
    before = written[names[-1]].cells if appended else []
    cell.first += sum(len(other.lines) for other in before)
    written[names[-1]] = Notebook([*before, cell], written)


def _remove_indent(cell: Cell, start: int) -> None:
    """Undo the indent of a cell that is indented as a whole, as IPython does."""
    first = cell.lines[start]
    indent = first[: len(first) - len(first.lstrip())]
    if not indent:
        return
    for number, line in enumerate(cell.lines):
        if line.startswith(indent):
            cell.lines[number] = line[len(indent) :]
            cell.shifts[number] = len(indent)


def _replace_lines(cell: Cell) -> None:
    lines = cell.lines
    if not any(_SPECIAL.search(line) for line in lines):
        return
    depth, quote, continued = 0, "", False
    number = 0
    while number < len(lines):
        if not (depth or quote or continued) and _replace_line(cell, number):
            while lines[number].endswith("\\") and number + 1 < len(lines):
                lines[number] = lines[number][:-1]
                number += 1
                lines[number] = "\\" if lines[number].endswith("\\") else ""
            lines[number] = lines[number].removesuffix("\\")
            number += 1
            continue
        depth, quote = _scan(lines[number], depth, quote)
        continued = lines[number].endswith("\\") and not quote
        number += 1


def _replace_line(cell: Cell, number: int) -> bool:
    """Replace the line if it is IPython's and say so; a backslash at its end is kept for the caller."""
    line = cell.lines[number]
    tail = "\\" if line.endswith("\\") else ""
    timed = _TIMERS.match(line)
    if timed:
        # `%time model.fit(x)` runs the rest of the line as code.
        cell.lines[number] = timed[1] + line[timed.end() :]
        cell.shifts[number] = cell.shifts.get(number, 0) + timed.end() - len(timed[1])
        return False
    assigned = _ASSIGNED.match(line)
    if assigned:
        # A call of something unknown, as IPython itself writes it.
        cell.lines[number] = assigned[1] + "get_ipython()" + tail
        return True
    if _ESCAPED.match(line) or _HELP.match(line):
        cell.lines[number] = line[: len(line) - len(line.lstrip())] + "pass" + tail
        return True
    return False


def _scan(line: str, depth: int, quote: str) -> tuple[int, str]:
    """Bracket depth and open triple quote (or "") behind a line, given those before it."""
    position = 0
    while position < len(line):
        if quote:
            end = _closing(line, position, quote)
            if end < 0:
                return depth, quote
            position, quote = end, ""
            continue
        match = _PIECE.search(line, position)
        if match is None:
            break
        piece = match.group()
        position = match.end()
        if piece in ('"""', "'''"):
            quote = piece
        elif piece in "([{":
            depth += 1
        elif piece in ")]}":
            depth = max(0, depth - 1)
    return depth, quote


def _closing(line: str, position: int, quote: str) -> int:
    """The position behind the closing triple quote, or -1."""
    while position < len(line):
        if line[position] == "\\":
            position += 2
        elif line.startswith(quote, position):
            return position + 3
        else:
            position += 1
    return -1
