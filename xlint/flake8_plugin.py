"""The flake8 plugin: our reports beside flake8's own, in its format, and in every editor that runs it.

The rules that are on, and the files that are left out, are those of our configuration; what flake8 is told to
select, ignore or silence by comment then holds for the rest. Selecting one of our codes in flake8 also turns
it on here, so that `--extend-select XL206` shows advice.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, ClassVar

from xlint import __version__
from xlint.settings import Settings

Report = tuple[int, int, str, type[Any]]


class Plugin:
    """What flake8 builds for each file; `run` yields line, column from 0, text and the class itself."""

    name = "xlint"
    version = __version__
    _selected: ClassVar[tuple[str, ...]] = ()
    _ignore_noqa: ClassVar[bool] = False

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        self._filename = filename
        self._text = "".join(lines)

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Take over what flake8 was told about our codes, and whether comments count."""
        chosen = [*(getattr(options, "select", None) or ()), *(getattr(options, "extend_select", None) or ())]
        cls._selected = tuple(code for code in chosen if code.startswith("XL") and code != "XL")
        cls._ignore_noqa = bool(getattr(options, "disable_noqa", False))

    def run(self) -> Iterator[Report]:
        """The findings of this file; flake8 itself reports files that do not parse."""
        from xlint.engine import scan_text

        settings = replace(_settings(self._selected), ignore_noqa=self._ignore_noqa)
        if settings.excluded(self._filename):
            return
        for finding in scan_text(self._filename, self._text, settings).findings:
            if finding.code != "XL901":
                place = finding.place
                yield place.line, place.column - 1, f"{finding.code} {finding.message}", type(self)


@cache
def _settings(selected: tuple[str, ...]) -> Settings:
    """The settings of our configuration file, read once a process; a broken one is told and left aside."""
    from xlint.config import ConfigurationError, load

    overrides = {"extend-select": list(selected)} if selected else {}
    try:
        return load(overrides=overrides).settings
    except ConfigurationError as error:
        print(f"xlint: {error}", file=sys.stderr)
        return load(isolated=True).settings
