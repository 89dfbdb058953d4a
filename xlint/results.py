"""What the analysis of one file gives, before the results of all files are joined."""

from __future__ import annotations

from dataclasses import dataclass, field

from xlint.sites import Finding, Place, Problem, SiteReport


@dataclass(frozen=True, slots=True)
class Comment:
    """A code in a suppression comment of a scanned file, for XL902."""

    place: Place
    program_line: int
    code: str
    reason: str


@dataclass(slots=True)
class FileResult:
    """What one file gives, as plain data: it may be cached and sent between processes."""

    path: str
    findings: list[Finding] = field(default_factory=list)
    hidden: list[Finding] = field(default_factory=list)
    """Findings that a comment suppresses."""
    sites: list[SiteReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    used: set[tuple[str, int, str]] = field(default_factory=set)
    """(path, program line, code) of the comments that suppressed something."""
    analysed: bool = False
