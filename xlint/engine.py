"""The engine: from paths to findings and sites. Every mode of xlint goes through here."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from xlint.discovery import Found, discover
from xlint.gate import Reach, gate_for
from xlint.leads import Leads
from xlint.project import Project, roots_of
from xlint.results import Comment, FileResult
from xlint.settings import Settings
from xlint.sites import Finding, Place, Problem, ScanResult, SiteReport

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from xlint.cache import Cache

Progress = Callable[[int, int], None]
NAMES_OUR_CODES = re.compile(rb"#\s*noqa.*XL", re.IGNORECASE)

WORTH_A_PROCESS = 150_000
"""Bytes to parse from which more than one process pays: about a quarter of a second's work."""

CHUNK = 250_000
"""Bytes in a chunk for an executor of unknown size: about half a second's work."""

SMALLEST_CHUNK = 30_000
"""Bytes in a chunk at least, so that handing it over costs little beside the work."""

LARGEST = 512 * 1024
"""Bytes at which a file's size stops to count; of a notebook most are outputs."""


def scan(
    paths: Sequence[str],
    settings: Settings | None = None,
    *,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> ScanResult:
    """Scan files and folders. Problems of single files do not stop the rest.

    `progress` hears how many files of how many are done. With an `executor` all files are read and analysed
    where it runs its calls (threads, processes, other machines that see the same files under the same paths);
    without one, `settings.jobs` processes share the work where there is enough of it.
    """
    with no_collector():
        return _scan(paths, settings or Settings(), progress, executor)


@contextmanager
def no_collector() -> Iterator[None]:
    """Leave the garbage collector out: an analysis leaves no cycles, and searching trees for them is slow."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _scan(
    paths: Sequence[str], settings: Settings, progress: Progress | None, executor: Executor | None
) -> ScanResult:
    found: list[Found] = []
    problems: list[Problem] = []
    exclude = (*settings.exclude, *settings.extend_exclude)
    for item in discover(paths, exclude=exclude, force_exclude=settings.force_exclude):
        problems.append(item) if isinstance(item, Problem) else found.append(item)
    files = [(os.path.abspath(item.path), item.display) for item in found]
    run = _Run(settings, roots_of(paths), files, progress)
    results = list(run.alone_or_shared() if executor is None else run.on(executor))
    for position, item in enumerate(found):
        if item.explicit and not results[position].analysed and not parses(item.path):
            results[position] = Scanner(settings, roots_of(paths)).analysed(*files[position])
    merged = merge(results, {item.display for item in found}, settings)
    return replace(merged, problems=(*problems, *merged.problems), files=len(found))


def parses(path: str) -> bool:
    """Whether a file that the user names is Python at all; one without training code is not read further."""
    import ast

    if path.endswith(".ipynb"):
        return True
    try:
        with open(path, "rb") as file:
            ast.parse(file.read())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    except OSError:
        return True
    return True


class _Run:
    """One scan: which files, and who works on them."""

    def __init__(
        self,
        settings: Settings,
        roots: tuple[tuple[str, str], ...],
        files: list[tuple[str, str]],
        progress: Progress | None,
    ) -> None:
        self._settings = settings
        self._roots = roots
        self._files = files
        self._progress = progress
        self._done = 0

    def alone_or_shared(self) -> list[FileResult]:
        """Read, sort out what needs no analysis, and analyse the rest here or in several processes."""
        scanner = Scanner(self._settings, self._roots)
        results: dict[tuple[str, str], FileResult] = {}
        waiting: list[tuple[str, str]] = []
        sizes: list[int] = []
        for file in self._files:
            outcome = scanner.without_analysis(*file)
            if isinstance(outcome, FileResult):
                results[file] = outcome
                self._tell(1)
            else:
                waiting.append(file)
                sizes.append(min(len(outcome), LARGEST))
        scanner.keep_gate()
        if self._jobs(sum(sizes)) == 1:
            for file in waiting:
                results[file] = scanner.analysed(*file)
                self._tell(1)
        else:
            results.update(zip(waiting, self._in_processes(waiting, sizes), strict=True))
        return [results[file] for file in self._files]

    def on(self, executor: Executor) -> Iterator[FileResult]:
        """All on an executor, in chunks of about the same size."""
        sizes = [_size(path) for path, _ in self._files]
        return self._chunks(executor, self._files, sizes, CHUNK, sifted=False)

    def _jobs(self, size: int) -> int:
        if size == 0 or self._settings.jobs == 1:
            return 1
        enough = size > WORTH_A_PROCESS
        wanted = self._settings.jobs or (_available_processes() if enough else 1)
        return min(wanted, 1 + size // SMALLEST_CHUNK)

    def _in_processes(self, files: list[tuple[str, str]], sizes: list[int]) -> list[FileResult]:
        from xlint import parallel

        jobs = self._jobs(sum(sizes))
        size = min(max(sum(sizes) // (jobs * 8), SMALLEST_CHUNK), CHUNK)
        with parallel.processes(jobs, self._settings, self._roots, os.getcwd()) as pool:
            return list(self._chunks(pool, files, sizes, size, sifted=True))

    def _chunks(
        self, executor: Executor, files: list[tuple[str, str]], sizes: list[int], size: int, sifted: bool
    ) -> Iterator[FileResult]:
        from xlint import parallel

        settings, roots = self._settings, self._roots
        chunks = parallel.chunks_of(files, sizes, size, settings, roots, os.getcwd(), sifted)
        return parallel.run(executor, chunks, self._tell)

    def _tell(self, files: int) -> None:
        self._done += files
        if self._progress is not None:
            self._progress(self._done, len(self._files))


class Scanner:
    """Scans files one after the other; modules, look-ups and the cache are shared between them."""

    def __init__(
        self, settings: Settings, roots: tuple[tuple[str, str], ...], folder: str | None = None
    ) -> None:
        """Take the settings, the roots of the scan (`project.roots_of`) and the folder of relative paths."""
        self._settings = settings
        self._project = Project(roots, folder)
        self._cache = cache = _cache_of(settings)
        gate = gate_for(settings.apis)
        self._leads = Leads(gate, self._project)
        self._reach = (
            Reach(gate, self._project) if cache is None else Reach(gate, self._project, cache.known_to_gate)
        )

    def scan(self, path: str, display: str) -> FileResult:
        """The result of the file at an absolute path."""
        outcome = self.without_analysis(path, display)
        return outcome if isinstance(outcome, FileResult) else self.analysed(path, display, outcome)

    def without_analysis(self, path: str, display: str) -> FileResult | bytes:
        """The result where it is known or there is nothing to see; else the bytes to analyse."""
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            problem = Problem(display, f"cannot be read: {error.strerror or error}")
            return FileResult(display, problems=[problem])
        real = os.path.realpath(path)
        if self._cache is not None:
            known = self._cache.get(real, display, data, self._project)
            if known is not None:
                return known
        if not self._reach.may_train(real, data) and NAMES_OUR_CODES.search(data) is None:
            return FileResult(display)
        return data

    def keep_gate(self) -> None:
        """Put what the gate found out into the cache, once all files are sorted out."""
        if self._cache is not None:
            self._cache.keep_gate()

    def analysed(self, path: str, display: str, data: bytes | None = None) -> FileResult:
        """The result of an analysis, which is put into the cache."""
        from xlint import analysis

        self._project.forget_uses()
        result = analysis.analyse_path(path, display, self._settings, self._project, self._leads, data)
        if self._cache is not None:
            self._cache.put(os.path.realpath(path), display, result, self._project)
        return result


def _cache_of(settings: Settings) -> Cache | None:
    if settings.no_cache:
        return None
    from xlint.cache import Cache

    return Cache(settings)


def _available_processes() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _size(path: str) -> int:
    try:
        return min(os.path.getsize(path), LARGEST)
    except OSError:
        return 0


def scan_text(filename: str, text: str, settings: Settings | None = None) -> ScanResult:
    """Scan text as if it stood in `filename`; neighbouring modules are found from there."""
    settings = settings or Settings()
    if _nothing_to_see(filename, text, settings):
        return ScanResult((), (), (), files=1)
    from xlint import analysis

    result = analysis.analyse_text(filename, text, settings)
    return replace(merge([result], {filename}, settings), files=1)


def _nothing_to_see(filename: str, text: str, settings: Settings) -> bool:
    """Whether a text parses and leaves no room for a site."""
    data = text.encode("utf-8", "surrogatepass")
    if filename.endswith(".ipynb") or NAMES_OUR_CODES.search(data) is not None:
        return False
    if Reach(gate_for(settings.apis), Project()).may_train(os.path.realpath(filename), data):
        return False
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


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
            path = finding.place.path
            if path in wanted and settings.enabled(finding.code, finding.severity, path):
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
        tuple(sorted(best_informed(sites), key=_order_of_site)),
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


def _order_of_site(site: SiteReport) -> tuple[object, ...]:
    return (_order(site.place), site.loss, str(site.width), str(site.encoding))


def best_informed(sites: Sequence[SiteReport]) -> list[SiteReport]:
    """Each loss site once for each set of facts; what another record says better is dropped."""
    by_place: dict[Place, list[SiteReport]] = {}
    for site in sites:
        by_place.setdefault(site.place, []).append(site)
    kept: list[SiteReport] = []
    for group in by_place.values():
        distinct: dict[tuple[object, ...], SiteReport] = {}
        for site in group:
            distinct.setdefault(_facts(site), site)
        several = list(distinct.values())
        kept.extend(s for s in several if not any(o is not s and _says_more(o, s) for o in several))
    return kept


def _facts(site: SiteReport) -> tuple[object, ...]:
    loss = None if site.details.get("family") == "other" else site.loss
    return (loss, site.from_logits, site.width, site.quantity, site.activation, site.encoding, site.classes)


def _says_more(other: SiteReport, site: SiteReport) -> bool:
    """Whether `other` agrees with all that `site` knows, and knows more."""
    richer = closer = 0
    for theirs, mine, of_caller, asked in zip(
        _facts(other), _facts(site), _passed_in(other), _passed_in(site), strict=True
    ):
        stands = _symbol_for(mine, theirs) or (asked and theirs is not None)
        if mine is not None and theirs != mine and not stands:
            return False
        richer += (theirs is not None) - (mine is not None)
        closer += stands and not of_caller
    return richer > 0 or (richer == 0 and closer > 0)


def _passed_in(site: SiteReport) -> tuple[bool, ...]:
    """For each of `_facts`, whether it is a symbol for what an unknown caller gives."""
    width, classes = (bool(site.details.get(f"{name}_passed_in")) for name in ("width", "classes"))
    return (False, False, width, False, False, False, classes)


def _symbol_for(mine: object, theirs: object) -> bool:
    """Whether `mine` is only a symbol (of a run with unknown arguments) for the number `theirs`."""
    return isinstance(mine, str) and isinstance(theirs, int) and not isinstance(theirs, bool)
