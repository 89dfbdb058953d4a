"""One file: its text, its tree (made late), notebook cells, suppressions and positions.

Reading a file costs no more than reading and decoding it; each of the rest is computed when first asked for.
"""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from functools import cached_property
from typing import TYPE_CHECKING

from xlint.lean_tree import LeanTree, lean_tree
from xlint.parsing import explain, nested_too_deep, python_tree
from xlint.regions import Range
from xlint.sites import Place
from xlint.suppress import Suppressions
from xlint.syntax import Arg, CSTNode, DictElement, Element, ImportAlias, Module, Param

if TYPE_CHECKING:
    import libcst as cst

    from xlint.notebook import Cell, Notebook
    from xlint.whole_tree import WholeTree

MAX_BYTES = 512 * 1024
"""Larger programs are refused: the parse takes about 0.85 kB of memory for each byte."""

MAX_NOTEBOOK_BYTES = 64 * 1024 * 1024
"""Larger notebooks are refused; their outputs may hold many images, their program is held to MAX_BYTES."""

SNIPPET_LENGTH = 70
_WITH_COMMA = (Arg, Element, DictElement, Param, ImportAlias)
"""Nodes whose code ends in a comma where one follows."""


class SourceError(Exception):
    """A file that cannot be read or analysed; `message` is one clear line without the path."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SyntaxProblem(SourceError):  # noqa: N818 (it is also a finding, XL901)
    """A file that does not parse; line and column count from 1, `cell` is None outside notebooks."""

    def __init__(self, line: int, column: int, message: str, cell: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.cell = cell


class Source:
    """One Python file or notebook."""

    def __init__(self, path: str, text: str, notebook: Notebook | None = None) -> None:
        """Use `read` or `from_text`; `text` is the program, with a notebook's cells joined."""
        self.path = path
        self.text = text
        self.is_notebook = notebook is not None
        self.skipped_cells: tuple[int, ...] = ()
        """Numbers of the code cells that do not parse; known once a tree has been asked for."""
        self.syntax_problem: SyntaxProblem | None = None
        """Why the file is no Python 3 though it could be read; known once a tree has been asked for."""
        self._notebook = notebook
        self._lean: LeanTree | None = None

    @classmethod
    def read(cls, path: str, display: str | None = None) -> Source:
        """Read a file; `display` is the path to show in reports. Raises SourceError."""
        try:
            with open(path, "rb") as file:
                data = file.read(limit_of(path) + 1)
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror or error}") from None
        except ValueError as error:
            raise SourceError(f"cannot be read: {error}") from None
        return cls.from_bytes(path if display is None else display, data)

    @classmethod
    def from_bytes(cls, path: str, data: bytes) -> Source:
        """Take the bytes of a file; `path` is the one to show. Raises SourceError."""
        limit = limit_of(path)
        if len(data) > limit:
            raise SourceError(f"skipped: larger than {limit // 1024} kB")
        source = cls.from_text(path, decode(data))
        if len(source.text) > MAX_BYTES:
            raise SourceError(f"skipped: its program is larger than {MAX_BYTES // 1024} kB")
        return source

    @classmethod
    def from_text(cls, path: str, text: str) -> Source:
        """Take the text of a file, of a notebook if the path ends in `.ipynb`. Raises SourceError."""
        if path.endswith(".ipynb"):
            from xlint.notebook import NotebookError, read_notebook

            try:
                notebook = read_notebook(text)
            except NotebookError as error:
                raise SourceError(str(error)) from None
            return cls(path, notebook.text, notebook)
        if "\r" in text:
            # A lone carriage return ends a line; as a newline it has the same length.
            text = re.sub(r"\r(?!\n)", "\n", text)
        return cls(path, text.removeprefix("\ufeff"))

    @cached_property
    def written_modules(self) -> dict[str, Source]:
        """The modules that `%%writefile` cells of the notebook write, by file name."""
        written = {} if self._notebook is None else self._notebook.written_modules
        return {name: Source(self.path, module.text, module) for name, module in written.items()}

    @cached_property
    def syntax(self) -> Module:
        """The tree to read, made of Python's own parse (`lean_tree`) where that will do, else of `tree`.

        Raises what `tree` raises.
        """
        self._lean = lean_tree(self.text)
        if self._lean is not None:
            return self._lean.module
        from xlint.whole_tree import converted

        return converted(self.tree)

    @cached_property
    def tree(self) -> cst.Module:
        """The libcst tree, parsed once. Raises SyntaxProblem, or SourceError for absurdly deep nesting.

        Where the whole does not parse, what is Python 2 is read as Python 3 (`syntax_problem` then tells of
        it), and notebook cells that still do not parse alone are blanked, all of it in `text` too.
        """
        try:
            return self._parse()
        except SyntaxProblem as problem:
            if not self._repair():
                raise
            tree = self._parse()
            problem.__traceback__ = problem.__context__ = None  # they hold this source, and it holds them
            self.syntax_problem = problem if self._notebook is None else None
            return tree

    @cached_property
    def suppressions(self) -> Suppressions:
        """The suppression comments; their lines are lines of the program text."""
        return Suppressions(self.text)

    @cached_property
    def _whole(self) -> WholeTree:
        from xlint.whole_tree import WholeTree

        module = self.syntax
        return WholeTree(self.text, self.tree, module)

    def program_range(self, node: CSTNode) -> Range:
        """The region of a node in the program text: lines from 1, columns from 0, end exclusive."""
        known = None if self._lean is None else self._lean.range(node)
        return self._whole.range(node) if known is None else known

    def place(self, node: CSTNode) -> Place:
        """Where a node of the tree stands, in the file or the notebook cell; the end column is exclusive."""
        return self.place_of(self.program_range(node))

    def place_of(self, region: Range) -> Place:
        """Turn a region of the program text into a place of the file or the notebook cell."""
        cell, line, column = self._locate(region.line, region.column)
        _, end_line, end_column = self._locate(region.end_line, region.end_column)
        return Place(self.path, line, column + 1, end_line, end_column + 1, cell)

    def statement_lines(self, node: CSTNode) -> tuple[int, int]:
        """First and last line, in the program text, of the smallest statement that holds the node.

        Of a compound statement only the header counts.
        """
        return self._whole.statement_lines(node)

    def is_suppressed(self, code: str, node: CSTNode) -> bool:
        """Whether a comment on the node's line, or its statement's first or last line, covers the code."""
        suppressions = self.suppressions
        if not suppressions.comments:
            return False
        lines = (self.program_range(node).line, *self.statement_lines(node))
        return suppressions.covers(code, lines)

    def snippet(self, node: CSTNode) -> str:
        """The code of a node on one line without comments, at most 70 characters, cut with "…"."""
        known = None if self._lean is None else self._lean.code(node)
        if known is None:
            try:
                known = self._whole.code_without_comments(node)
            except RecursionError:
                return "…"
        code = " ".join(known.split())
        if isinstance(node, _WITH_COMMA):
            code = code.removesuffix(",").rstrip()
        return code if len(code) <= SNIPPET_LENGTH else code[: SNIPPET_LENGTH - 1] + "…"

    def code(self, node: CSTNode) -> str:
        """The code of a node as it is written, with its comments; of a block all its lines."""
        known = None if self._lean is None else self._lean.block(node)
        return self._whole.code(node) if known is None else known

    def _locate(self, line: int, column: int) -> tuple[int | None, int, int]:
        if self._notebook is None:
            return None, line, column
        return self._notebook.locate(line, column)

    def _parse(self) -> cst.Module:
        from libcst import ParserSyntaxError

        from xlint.whole_tree import parse

        if nested_too_deep(self.text):
            raise SourceError("skipped: nested too deep")
        try:
            return parse(self.text)
        except ParserSyntaxError as error:
            line, column, message = explain(self.text, error)
            cell, line, column = self._locate(line, column)
            raise SyntaxProblem(line, column + 1, message, cell) from None
        except RecursionError:
            raise SourceError("skipped: nested too deep") from None
        except UnicodeError:
            raise SourceError("cannot be decoded: it holds lone surrogates") from None
        except Exception as error:
            raise SourceError(f"cannot be parsed: {type(error).__name__}") from None

    def _repair(self) -> bool:
        """Read what is Python 2, set broken statements or cells aside; False where nothing of that helps."""
        if self._notebook is not None:
            return self._repair_cells(self._notebook)
        from xlint import broken_lines, old_python

        read = old_python.rewritten(self.text)
        return self._reads(read) or self._reads(broken_lines.without(read or self.text))

    def _reads(self, text: str | None) -> bool:
        """Take this text for the program's, if there is one and it parses."""
        before, self.text = self.text, text or self.text
        try:
            if text is not None:
                self._parse()
        except SourceError:
            self.text = before
            return False
        return text is not None

    def _repair_cells(self, notebook: Notebook) -> bool:
        filled = [cell for cell in notebook.cells if any(line.strip() for line in cell.lines)]
        broken = [cell for cell in filled if not _parses(cell.lines) and not _rewrites(cell)]
        if len(broken) == len(filled):
            return False
        for cell in broken:
            cell.lines = _without_faults(cell.lines, self.text)
        before, self.text = self.text, notebook.text
        if self.text == before:
            return False
        self.skipped_cells = tuple(cell.number for cell in broken)
        return True


def limit_of(path: str) -> int:
    """The size in bytes up to which a file is read."""
    return MAX_NOTEBOOK_BYTES if path.endswith(".ipynb") else MAX_BYTES


def decode(data: bytes) -> str:
    """Decode a file: UTF-8, a byte order mark, or the encoding that its first lines declare.

    Raises SourceError where the bytes or the declaration are wrong.
    """
    encoding = "utf-8-sig"
    if b"coding" in data[:1000] and not data.startswith(codecs.BOM_UTF8):
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        except SyntaxError as error:
            raise SourceError(f"cannot be decoded: {error.msg}") from None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceError(f"cannot be decoded: not {error.encoding} at byte {error.start}") from None
    except (LookupError, ValueError):
        raise SourceError(f"cannot be decoded: encoding {encoding} is unknown") from None


def _without_faults(lines: list[str], program: str) -> list[str]:
    """The lines of a broken cell with the statements at fault set aside, or all of them blank."""
    from xlint import broken_lines

    text = broken_lines.without("\n".join(lines), program)
    return [""] * len(lines) if text is None else text.split("\n")


def _rewrites(cell: Cell) -> bool:
    """Read a cell of Python 2 as Python 3; False where that does not help."""
    from xlint.old_python import rewritten

    text = rewritten("\n".join(cell.lines))
    lines = [] if text is None else text.split("\n")
    if not lines or not _parses(lines):
        return False
    cell.lines = lines
    return True


def _parses(lines: list[str]) -> bool:
    text = "\n".join(lines) + "\n"
    try:
        python_tree(text)
        return True
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    from xlint.whole_tree import parse

    try:
        parse(text)
    except Exception:
        return False
    return True
