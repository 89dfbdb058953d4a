"""Analysis of one file: interpret it, hold its sites against the rules, give plain results."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xlint.apis import TableError, Tables, read_tables, shipped_tables
from xlint.catalogue import catalogue
from xlint.decide import Hit, decide, unresolved
from xlint.gate import gate_for
from xlint.interpret import running
from xlint.interpret.machine import Machine
from xlint.leads import Leads
from xlint.project import Project
from xlint.results import Comment, FileResult
from xlint.settings import Settings
from xlint.sites import Case, Evidence, Finding, Mark, Note, Place, Problem, Site, SiteReport
from xlint.source import Source, SourceError, SyntaxProblem

BACKEND = re.compile(r"""KERAS_BACKEND["']\s*(?:\]\s*=|,)\s*["'](\w+)["']""")
OUTPUT_FACTS = ("width", "activation")
SHOWN_FACTS = (
    *("loss", "from_logits", "width", "width_symbol", "quantity", "activation"),
    *("encoding", "classes", "classes_symbol"),
)

_own_tables: dict[str, Tables] = {}


def analyse_path(
    path: str, display: str, settings: Settings, project: Project, leads: Leads, data: bytes | None = None
) -> FileResult:
    """Read (or take the bytes of) a file and analyse it.

    What goes wrong becomes a problem or an XL901 finding of the result.
    """
    try:
        source = project.source(path, display, data)
    except SourceError as error:
        return FileResult(display, problems=[Problem(display, str(error))])
    return analyse(source, path, settings, project, leads)


def analyse_text(filename: str, text: str, settings: Settings) -> FileResult:
    """Analyse text as if it stood in `filename`."""
    try:
        source = Source.from_text(filename, text)
    except SourceError as error:
        return FileResult(filename, problems=[Problem(filename, str(error))])
    project = Project()
    project.add(source, filename)
    return analyse(source, filename, settings, project, Leads(gate_for(settings.apis), project))


def tables_of(settings: Settings) -> Tables:
    """The API tables of a scan: the shipped ones, and the project's own on top."""
    if not settings.apis:
        return shipped_tables()
    key = repr(settings.apis)
    if key not in _own_tables:
        _own_tables[key] = read_tables(settings.apis)
    return _own_tables[key]


def analyse(source: Source, path: str, settings: Settings, project: Project, leads: Leads) -> FileResult:
    """Analyse a source; never raises for anything in the source."""
    result = FileResult(source.path, analysed=True)
    try:
        if source.suppressions.skip_file:
            return result
        _ = source.syntax
        if source.syntax_problem is not None:
            _syntax_error(source, source.syntax_problem, result)
    except SyntaxProblem as error:
        _syntax_error(source, error, result)
        return result
    except SourceError as error:
        result.problems.append(Problem(source.path, str(error)))
        return result
    try:
        machine = Machine(project, tables_of(settings), leads)
    except TableError as error:
        result.problems.append(Problem("[tool.xlint.apis]", str(error)))
        return result
    backend = BACKEND.search(source.text)
    machine.backend = backend.group(1) if backend else settings.keras_backend
    project.add(source, path)
    try:
        running.analyse(machine, source, path)
        _fill(result, machine.sites, source, settings.site_evidence)
    except Exception as error:
        result.problems.append(Problem(source.path, _bug(error)))
    return result


def _bug(error: Exception) -> str:
    """The line for a fault of our own, which must not stop the scan of the other files."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_globals.get('__name__')}:{place.tb_lineno}" if place else "?"
    return f"internal error, please report it: {type(error).__name__}: {error} ({where})"


def _syntax_error(source: Source, error: SyntaxProblem, result: FileResult) -> None:
    place = Place(source.path, error.line, error.column, error.line, error.column, error.cell)
    finding = Finding(place, "XL901", "syntax-error", "error", str(error))
    comments = [comment for comment in source.suppressions.comments if comment.line == error.line]
    blanket = [comment for comment in comments if not comment.codes or "XL901" in comment.codes]
    (result.hidden if blanket and not source.is_notebook else result.findings).append(finding)


def _fill(result: FileResult, sites: Sequence[Site], source: Source, evidence: bool) -> None:
    hits = decide(sites)
    for hit in hits:
        finding = finding_of(hit)
        origin = hit.mark.source
        if origin.suppressions.skip_file:
            continue
        suppressed = origin.is_suppressed(hit.rule.code, hit.mark.node)
        (result.hidden if suppressed else result.findings).append(finding)
        if suppressed:
            for comment in origin.suppressions.comments:
                if hit.rule.code in comment.used:
                    result.used.add((origin.path, comment.line, hit.rule.code))
    result.sites.extend(reports_of(sites, hits, evidence))
    known = {rule.code for rule in catalogue()}
    for unused in source.suppressions.unused(known):
        place = Place(source.path, unused.line, unused.column, unused.line, unused.end_column)
        for code in unused.codes:
            result.comments.append(Comment(place, unused.line, code, unused.reason))
    for hit in hits:
        # The next file that imports this one must find its comments as if it were the first.
        for comment in hit.mark.source.suppressions.comments:
            comment.used.clear()


def finding_of(hit: Hit) -> Finding:
    """A hit with its places resolved."""
    place = hit.mark.place()
    evidence = tuple(note for note in map(note_of, hit.case.evidence) if note.place != place)
    return Finding(place, hit.rule.code, hit.rule.name, hit.when.severity, hit.message, _distinct(evidence))


def note_of(evidence: Evidence) -> Note:
    """Evidence with its place resolved."""
    return Note(evidence.mark.place(), evidence.fact, evidence.words())


def _distinct(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    return tuple(dict.fromkeys(notes))


def reports_of(sites: Sequence[Site], hits: Sequence[Hit], evidence: bool) -> Iterator[SiteReport]:
    """The loss sites as plain data, each set of facts once; places of evidence only where they are wanted."""
    codes: dict[tuple[str, int], set[str]] = {}
    faulty: set[tuple[str, int]] = set()
    for hit in hits:
        codes.setdefault(hit.site.mark.key, set()).add(hit.rule.code)
        if hit.when.severity != "advice":
            faulty.add(hit.site.mark.key)
    seen: set[tuple[object, ...]] = set()
    for site in sites:
        key = site.mark.key
        for case in site.cases if site.kind in ("loss", "wrapper") else ():
            identity = (key, *(case.facts.get(name) for name in SHOWN_FACTS))
            if identity in seen:
                continue
            seen.add(identity)
            inside = [note.mark.key for note in case.evidence if note.fact == "inside"]
            own = sorted(codes.get(key, ()))
            yield _report(case, site.mark, tuple(own), not faulty.isdisjoint((key, *inside)), evidence)


def _report(case: Case, mark: Mark, codes: tuple[str, ...], faulty: bool, evidence: bool) -> SiteReport:
    facts = case.facts
    missing = unresolved(facts)
    verdict = "misfits" if faulty else "unresolved" if missing else "fits"
    notes = _distinct(tuple(map(note_of, case.evidence))) if evidence else ()
    return SiteReport(
        place=mark.place(),
        loss=str(facts.get("loss", "")),
        from_logits=_flag(facts.get("from_logits")),
        width=_number(facts.get("width", facts.get("width_symbol"))),
        quantity=_text(facts.get("quantity")),
        activation=_text(facts.get("activation")),
        encoding=_text(facts.get("encoding")),
        classes=_number(facts.get("classes", facts.get("classes_symbol"))),
        output_evidence=tuple(note for note in notes if note.fact in OUTPUT_FACTS),
        target_evidence=tuple(note for note in notes if note.fact == "encoding"),
        codes=codes,
        verdict=verdict,
        reason=f"{' and '.join(missing)} unknown" if missing else "",
        details=dict(facts),
    )


def _flag(fact: object) -> bool | None:
    return fact if isinstance(fact, bool) else None


def _number(fact: object) -> int | str | None:
    return fact if isinstance(fact, int | str) else None


def _text(fact: object) -> str | None:
    return fact if isinstance(fact, str) else None
