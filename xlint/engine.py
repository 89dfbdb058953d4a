"""The engine: from paths to findings and sites. Every mode of xlint goes through here."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from xlint.discovery import Found, discover
from xlint.settings import Settings
from xlint.sites import Finding, Place, Problem, ScanResult, SiteReport

Progress = Callable[[int, int], None]
FRAMEWORK = re.compile(rb"keras|tensorflow|torch|lightning|tflearn")
TRAINING = re.compile(
    rb"entropy|softmax|sigmoid|[Bb][Cc][Ee]|NLL|nll_loss|compile\(|[Ll]oss|argmax|topk|predict", re.IGNORECASE
)
NAMES_OUR_CODES = re.compile(rb"#\s*noqa.*XL", re.IGNORECASE)


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


def may_train(data: bytes) -> bool:
    """Whether a file's bytes leave room for a site: it names a framework and something of a loss."""
    return FRAMEWORK.search(data) is not None and TRAINING.search(data) is not None


def scan(paths: Sequence[str], settings: Settings | None = None, *, progress: Progress | None = None) -> ScanResult:
    """Scan files and folders. Problems of single files do not stop the rest."""
    settings = settings or Settings()
    found: list[Found] = []
    problems: list[Problem] = []
    exclude = (*settings.exclude, *settings.extend_exclude)
    for item in discover(paths, exclude=exclude, force_exclude=settings.force_exclude):
        problems.append(item) if isinstance(item, Problem) else found.append(item)
    results = []
    for number, item in enumerate(found):
        results.append(scan_file(item.path, item.display, settings))
        if progress is not None:
            progress(number + 1, len(found))
    merged = merge(results, {item.display for item in found}, settings)
    return replace(merged, problems=(*problems, *merged.problems), files=len(found))


def scan_file(path: str, display: str, settings: Settings) -> FileResult:
    """Analyse one file, if its bytes say that there may be something to see."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        return FileResult(display, problems=[Problem(display, f"cannot be read: {error.strerror or error}")])
    if not may_train(data) and NAMES_OUR_CODES.search(data) is None:
        return FileResult(display)
    from xlint import analysis

    return analysis.analyse_path(path, display, settings)


def scan_text(filename: str, text: str, settings: Settings | None = None) -> ScanResult:
    """Scan text as if it stood in `filename`; neighbouring modules are found from there."""
    settings = settings or Settings()
    from xlint import analysis

    result = analysis.analyse_text(filename, text, settings)
    return replace(merge([result], {filename}, settings), files=1)


def merge(results: Iterable[FileResult], wanted: set[str], settings: Settings) -> ScanResult:
    """Join the results of all files: each finding and site once, the best informed one, in stable order."""
    findings: dict[tuple[Place, str], Finding] = {}
    sites: list[SiteReport] = []
    problems: list[Problem] = []
    used: set[tuple[str, int, str]] = set()
    comments: list[Comment] = []
    analysed = 0
    for result in results:
        shown = result.findings + (result.hidden if settings.ignore_noqa else [])
        for finding in shown:
            if finding.place.path in wanted and settings.enabled(finding.code, finding.severity, finding.place.path):
                findings.setdefault((finding.place, finding.code), finding)
        sites.extend(site for site in result.sites if site.place.path in wanted)
        problems.extend(result.problems)
        comments.extend(result.comments)
        used |= result.used
        analysed += result.analysed
    for finding in _unused(comments, used, settings):
        findings.setdefault((finding.place, finding.code), finding)
    return ScanResult(
        tuple(sorted(findings.values(), key=lambda f: (_order(f.place), f.code))),
        tuple(sorted(best_informed(sites), key=lambda s: (_order(s.place), s.loss, str(s.width), str(s.encoding)))),
        tuple(problems),
        analysed=analysed,
    )


def _unused(comments: list[Comment], used: set[tuple[str, int, str]], settings: Settings) -> list[Finding]:
    found = []
    for comment in comments:
        if comment.reason == "unused" and (comment.place.path, comment.program_line, comment.code) in used:
            continue
        if settings.ignore_noqa or not settings.enabled("XL902", "warning", comment.place.path):
            continue
        message = {
            "unknown": f"`noqa` names {comment.code}, which no rule has: correct or remove it.",
            "duplicate": f"`noqa` names {comment.code} twice: remove one.",
        }.get(comment.reason, f"`noqa: {comment.code}` suppresses nothing: remove it.")
        found.append(Finding(comment.place, "XL902", "unused-suppression", "warning", message))
    return found


def _order(place: Place) -> tuple[str, int, int, int]:
    return (place.path, place.cell or 0, place.line, place.column)


def best_informed(sites: Sequence[SiteReport]) -> list[SiteReport]:
    """Each loss site once for each set of facts; what another record says better is dropped."""
    by_place: dict[tuple[Place, str], list[SiteReport]] = {}
    for site in sites:
        by_place.setdefault((site.place, site.loss), []).append(site)
    kept: list[SiteReport] = []
    for group in by_place.values():
        distinct: dict[tuple[object, ...], SiteReport] = {}
        for site in group:
            distinct.setdefault(_facts(site), site)
        several = list(distinct.values())
        kept.extend(s for s in several if not any(o is not s and _says_more(o, s) for o in several))
    return kept


def _facts(site: SiteReport) -> tuple[object, ...]:
    return (site.from_logits, site.width, site.quantity, site.activation, site.encoding, site.classes)


def _says_more(other: SiteReport, site: SiteReport) -> bool:
    """Whether `other` agrees with all that `site` knows, and knows more."""
    pairs = list(zip(_facts(other), _facts(site), strict=True))
    agrees = all(mine is None or theirs == mine or _symbol_for(mine, theirs) for theirs, mine in pairs)
    richer = sum(theirs is not None for theirs, _ in pairs) - sum(mine is not None for _, mine in pairs)
    numbers = sum(isinstance(theirs, int) and isinstance(mine, str) for theirs, mine in pairs)
    return agrees and (richer > 0 or (richer == 0 and numbers > 0))


def _symbol_for(mine: object, theirs: object) -> bool:
    """Whether `mine` is only a symbol (of a run with unknown arguments) for the number `theirs`."""
    return isinstance(mine, str) and isinstance(theirs, int) and not isinstance(theirs, bool)


def written_path(path: str) -> str:
    """A path as reports show it: relative to the current folder where it lies below."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative
