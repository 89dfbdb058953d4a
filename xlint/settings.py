"""What a scan is asked to do: which rules, how severe, which files, with what knowledge of the project."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from xlint import patterns
from xlint.discovery import DEFAULT_EXCLUDES
from xlint.rule_names import SEVERITIES, resolve_selector

DEFAULT_FLOOR = "warning"
"""Milder findings are silent, unless their rule is selected or the floor is lowered."""
_CODE_LIKE = re.compile(r"ALL|XL[0-9]*")


@dataclass(frozen=True, slots=True)
class Selection:
    """The choice of rules made in one place (the command line, or the configuration file).

    Each entry is a code, a prefix of codes, a rule's name, or `ALL`. `select` is None where the place does
    not choose at all; `severity` is the floor it sets, if any.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: str | None = None


@dataclass(frozen=True)
class Settings:
    """All that a scan may be told. The defaults are those of `xlint check` without options or files.

    `select`, `extend_select`, `ignore` and `severity` are the configuration file's choice;
    `command_line` holds what was said later and wins. `root` is the folder from which patterns are read.
    `apis` holds the project's own API tables, as parsed from TOML (format: rules/apis/README.md).
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: str | None = None
    command_line: Selection = Selection()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = DEFAULT_EXCLUDES
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    fail_on: str = "advice"
    keras_backend: str | None = None
    apis: tuple[Mapping[str, Any], ...] = ()
    ignore_noqa: bool = False
    isolated: bool = False
    jobs: int | None = None
    cache_dir: str | None = None
    no_cache: bool = False
    site_evidence: bool = True
    """Whether the sites of a result tell from which lines their facts are known (`facts` shows it)."""
    root: str = field(default_factory=os.getcwd)

    def enabled(self, code: str, severity: str, path: str) -> bool:
        """Whether a finding of `code` with `severity` in `path` is to be reported.

        The command line is asked first, then the file, then the default (everything but advice). Within
        one place the longest selector wins, and `ignore` wins a draw. `per-file-ignores` hold in any case.
        """
        if self.per_file_ignores and self._ignored_in(code, path):
            return False
        file = Selection(self.select, self.extend_select, self.ignore, self.severity)
        for place in (self.command_line, file):
            choice = _choice(place, code)
            if choice is False:
                return False
            if choice is True:
                floor = self.command_line.severity or place.severity
                return floor is None or _rank(severity) >= _rank(floor)
        return _rank(severity) >= _rank(self.command_line.severity or file.severity or DEFAULT_FLOOR)

    def excluded(self, path: str) -> bool:
        """Whether `exclude` or `extend-exclude` names this file or folder, or a folder above it."""
        return any(patterns.matches(glob, path, self.root) for glob in (*self.exclude, *self.extend_exclude))

    def fails(self, severity: str) -> bool:
        """Whether a finding of this severity makes the exit code 1."""
        return _rank(severity) >= _rank(self.fail_on)

    def fingerprint(self) -> str:
        """A hash of everything here on which the findings of a file depend (for caches)."""
        import hashlib
        import json

        parts = [
            self.select, self.extend_select, self.ignore, self.severity, self.command_line.select,
            self.command_line.extend_select, self.command_line.ignore, self.command_line.severity,
            dict(self.per_file_ignores), self.keras_backend, self.apis, self.ignore_noqa, self.root,
            self.site_evidence,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()

    def _ignored_in(self, code: str, path: str) -> bool:
        """Whether `per-file-ignores` silence the rule in this file."""
        return any(
            _longest(selectors, code) is not None
            for glob, selectors in self.per_file_ignores.items()
            if patterns.matches(glob, path, self.root)
        )


def _choice(place: Selection, code: str) -> bool | None:
    """What one place says about a rule: report it, do not, or nothing (None)."""
    chosen = _longest((*(place.select or ()), *place.extend_select), code)
    ignored = _longest(place.ignore, code)
    if ignored is not None and (chosen is None or ignored >= chosen):
        return False
    if chosen is not None:
        return True
    return None if place.select is None else False


def _longest(selectors: tuple[str, ...], code: str) -> int | None:
    """The length of the longest selector that means this rule (`ALL` counts 0), or None."""
    lengths = []
    for selector in selectors:
        prefix = _resolved(selector)
        if prefix == "ALL":
            lengths.append(0)
        elif code.startswith(prefix):
            lengths.append(len(prefix))
    return max(lengths, default=None)


@cache
def _resolved(selector: str) -> str:
    """The code or prefix behind a selector; one that no rule knows stays as it is and matches nothing."""
    if _CODE_LIKE.fullmatch(selector):
        return selector
    try:
        return resolve_selector(selector)
    except ValueError:
        return selector.upper()


def _rank(severity: str) -> int:
    """The place of a severity, the mildest being 0."""
    return SEVERITIES.index(severity)
