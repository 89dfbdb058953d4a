"""The advisor: from three answers to a row of the decision table, from a script's loss sites to advice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlint.table import TITLES, Column, Row, decision_table, row_named

if TYPE_CHECKING:
    from xlint.sites import Fact, Finding, Note, Place, ScanResult, SiteReport

OUTPUT_CHOICES = ("logits", "probabilities", "log-probabilities", "undecided")
TARGET_CHOICES = ("index", "one-hot", "soft", "binary", "multi-hot")
SEVERAL = ("several", "multi-label", "multilabel")
TARGET_WORDS = {
    "index": "a class index for each sample",
    "one-hot": "one-hot rows",
    "soft": "soft rows (probabilities)",
    "binary": "one column of 0 and 1",
    "multi-hot": "multi-hot rows",
}


class AnswerError(ValueError):
    """An answer that means nothing; the message says what would."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A row of the table for three answers.

    `count` is the number of classes if it was given. `impossible` is the reason why the answers do not go
    together, in which case the row is the nearest possible one; `remark` says what was chosen for the asker.
    """

    row: Row
    count: int | None
    impossible: str = ""
    remark: str = ""


# ---------------------------------------------------------------- three answers


def parse_outcomes(text: str) -> tuple[str, int | None]:
    """`2` gives ("two", 2), `10` ("exclusive", 10), `several` ("several", None).

    Raises AnswerError for anything else.
    """
    word = text.strip().lower()
    if word in SEVERAL:
        return "several", None
    if word == "two":
        return "two", 2
    try:
        count = int(word)
    except ValueError:
        raise AnswerError(f"outcomes: {text!r} is neither a number nor 'several'") from None
    if count < 2:
        raise AnswerError(f"outcomes: {count} leaves nothing to tell apart; give 2 or more, or 'several'")
    return ("two", 2) if count == 2 else ("exclusive", count)


def advise(outcomes: str, output: str, targets: str) -> Advice:
    """The row for three answers, or the nearest possible one with the reason.

    `outcomes` as for `parse_outcomes`, `output` one of OUTPUT_CHOICES, `targets` one of TARGET_CHOICES.
    Raises AnswerError for an answer outside these.
    """
    kind, count = parse_outcomes(outcomes)
    if output not in OUTPUT_CHOICES:
        raise AnswerError(f"output: {output!r} is none of {', '.join(OUTPUT_CHOICES)}")
    if targets not in TARGET_CHOICES:
        raise AnswerError(f"targets: {targets!r} is none of {', '.join(TARGET_CHOICES)}")
    remark = ""
    if output == "undecided":
        output = "logits"
        remark = "Not decided: hand over raw scores (logits), the numerically stable form."
    kind, targets, impossible, more = _possible(kind, count, output, targets)
    if kind != "exclusive" and output == "log-probabilities":
        output = "logits"
        reason = "No framework has a loss on log-probabilities of yes-or-no units. Nearest: the raw scores."
        impossible = f"{impossible} {reason}".strip()
    row = _row(kind, output, targets)
    return Advice(row, count, impossible, " ".join(part for part in (remark, more) if part))


def _possible(kind: str, count: int | None, output: str, targets: str) -> tuple[str, str, str, str]:
    """Kind and targets that go together, why the given ones do not (or ""), and a remark (or "")."""
    if kind == "two" and targets == "one-hot":
        return "exclusive", targets, "", "Two one-hot columns are the case of two exclusive classes."
    if kind == "two" and targets == "multi-hot":
        reason = "Of two outcomes only one is true, so a multi-hot row cannot be. Nearest: one 0/1 column."
        return kind, "binary", reason, ""
    if kind == "two" and targets == "index":
        if output == "log-probabilities":
            return "exclusive", "index", "", "Log-probabilities of two outcomes take two units."
        return kind, targets, "", "An index of 0 or 1 is a 0/1 column: give it the output's shape and dtype."
    if kind == "exclusive" and targets == "binary":
        reason = f"One column of 0 and 1 tells two classes apart, not {count}. Nearest: class indices."
        return kind, "index", reason, ""
    if kind == "exclusive" and targets == "multi-hot":
        reason = (
            "Multi-hot rows have several true labels, but only one of the outcomes can be true. Nearest: "
            "one-hot rows; if several really can be true, ask again with --outcomes several."
        )
        return kind, "one-hot", reason, ""
    if kind == "several" and targets in ("index", "one-hot"):
        reason = (
            f"{TARGET_WORDS[targets].capitalize()} can name one label only, but several can be true at once. "
            "Nearest: multi-hot rows, a 0 or 1 for each label."
        )
        return kind, "multi-hot", reason, ""
    return kind, targets, "", ""


def _row(kind: str, output: str, targets: str) -> Row:
    """The one row with these answers."""
    for row in decision_table():
        if row.outcomes == kind and row.output == output and targets in row.targets:
            return row
    raise LookupError(f"the decision table has no row for {kind}, {output}, {targets}")


def advice_text(advice: Advice, frameworks: tuple[str, ...]) -> str:
    """The row as a person reads it, with a program to paste for each framework."""
    row = advice.row
    lines = [part for part in (advice.impossible, advice.remark) if part]
    lines += [""] if lines else []
    lines.append(f"{row.helper} (row {row.name!r} of the decision table)")
    lines.append(row.advice)
    if row.stable != row.name:
        output = row_named(row.stable).output
        lines.append(f"The stable form is the row {row.stable!r}: ask with --output {output}.")
    for framework in frameworks:
        lines += ["", *_column_lines(row.columns[framework], advice.count)]
    return "\n".join(lines) + "\n"


def _column_lines(column: Column, count: int | None) -> list[str]:
    """One framework: what to write, and the program."""
    pairs = [
        ("output layer", column.filled(column.layer, count)),
        ("activation", column.activation),
        ("loss", column.loss),
        ("or", column.also),
        ("in TensorFlow 1", column.loss_v1),
        ("labels", column.filled(column.labels, count)),
        ("metric", column.metric),
        ("prediction", column.prediction),
        ("note", column.note),
    ]
    title = TITLES[column.framework]
    lines = [title, "-" * len(title)]
    lines += [f"{name + ':':<17}{text}" for name, text in pairs if text]
    return [*lines, "", *(f"    {line}".rstrip() for line in column.program(count).rstrip().split("\n"))]


def advice_dict(advice: Advice, frameworks: tuple[str, ...]) -> dict[str, Any]:
    """The same for JSON."""
    row = advice.row
    return {
        "row": row.name,
        "helper": row.helper,
        "outcomes": row.outcomes,
        "classes": advice.count,
        "output": row.output,
        "targets": list(row.targets),
        "impossible": advice.impossible or None,
        "remark": advice.remark or None,
        "stable": row.stable,
        "advice": row.advice,
        "frameworks": {name: row.columns[name].as_dict(advice.count) for name in frameworks},
    }


# ---------------------------------------------------------------- a script's loss sites


@dataclass(frozen=True, slots=True)
class SiteAdvice:
    """What the advisor says of one loss site of a script.

    `answers` are the three answers as read from the script ("unknown" where they are not known), `row` the
    row on which the site stands (by loss), `findings` what is wrong there, `verdict` one of "right",
    "change" and "unknown", `advice` what to do.
    """

    site: SiteReport
    answers: dict[str, str]
    row: Row | None
    verdict: str
    advice: tuple[str, ...]
    findings: tuple[Finding, ...]


def advise_sites(result: ScanResult) -> list[SiteAdvice]:
    """Advice for every loss site of a scan, in the order of the scan."""
    return [_site_advice(site, result.findings) for site in result.sites]


def _site_advice(site: SiteReport, findings: tuple[Finding, ...]) -> SiteAdvice:
    """Advice for one site."""
    here = tuple(finding for finding in findings if _belongs(finding, site))
    answers = _answers(site)
    row = _site_row(site)
    if here:
        return SiteAdvice(site, answers, row, "change", tuple(finding.message for finding in here), here)
    relation = site.details.get("width_against_classes")
    if relation in ("fewer", "more"):
        words = f"Look again: the output seems to have {relation} units than the labels have classes."
        return SiteAdvice(site, answers, row, "unknown", (words,), ())
    if site.verdict == "fits":
        return SiteAdvice(site, answers, row, "right", (_praise(site, row),), ())
    unknown = [question for question, answer in answers.items() if answer == "unknown"]
    words = site.reason or (f"{' and '.join(unknown)} could not be read from the script" if unknown else "")
    advice = [f"Not decided: {words or 'the loss is in no row of the table'}."]
    if row is not None:
        advice.append(_expectation(site, row))
    return SiteAdvice(site, answers, row, "unknown", tuple(advice), ())


def _belongs(finding: Finding, site: SiteReport) -> bool:
    """Whether a finding speaks of this site.

    It does where it stands on the loss and the site names its code, on a line of the site's evidence (a
    softmax, say), or on the loss's own line as a metric of the same `compile`.
    """
    evidence = {_line(note.place) for note in (*site.output_evidence, *site.target_evidence)}
    if _line(finding.place) == _line(site.place):
        return finding.code in site.codes or finding.code.startswith("XL5")
    return _line(finding.place) in evidence


def _line(place: Place) -> tuple[str, int | None, int]:
    """The line on which a place begins."""
    return (place.path, place.cell, place.line)


def _answers(site: SiteReport) -> dict[str, str]:
    """The three answers, in words, as far as the script gives them."""
    encoding = site.encoding
    if encoding == "multi-hot":
        outcomes = "several"
    elif encoding == "continuous":
        outcomes = "none: the targets are real numbers"
    elif encoding == "binary" or site.classes == 2:
        outcomes = "2"
    elif site.classes is not None and site.classes != "?":
        outcomes = _short(site.classes)
    elif isinstance(site.width, int) and site.width > 1 and encoding in ("index", "one-hot", "soft"):
        outcomes = f"{site.width} (by the output's width)"
    else:
        outcomes = "unknown"
    return {"outcomes": outcomes, "output": site.quantity or "unknown", "targets": encoding or "unknown"}


def _short(number: object) -> str:
    """A number, or the symbol that stands for it, in a readable length."""
    text = str(number)
    return text if len(text) <= 40 else f"{text[:37]}…"


def _site_row(site: SiteReport) -> Row | None:
    """The row on which the site's loss stands, from what the loss itself wants; None if it is in no row."""
    facts = site.details
    name = _row_name(facts, site.encoding)
    return None if name is None else row_named(name)


def _row_name(facts: Mapping[str, Fact], encoding: str | None) -> str | None:
    """The row of a loss by its family and by what it wants."""
    family, logits = facts.get("family"), facts.get("wants") == "logits"
    if facts.get("wants") is None:
        return None
    if family in ("binary", "multilabel-soft-margin"):
        if encoding == "multi-hot" or facts.get("units") == "many":
            return "multi-label-logits" if logits else "multi-label"
        return "sigmoid-logits" if logits else "binary"
    if family == "categorical":
        return "softmax-logits" if logits else "categorical"
    if family == "sparse":
        return "sparse-softmax-logits" if logits else "sparse-categorical"
    if family == "softmax":
        return "softmax-logits" if encoding in ("one-hot", "soft", "multi-hot") else "sparse-softmax-logits"
    if family == "nll":
        return "nll"
    if family == "kl" and facts.get("wants") == "log-probabilities":
        return "kl"
    return None


def _praise(site: SiteReport, row: Row | None) -> str:
    """What to say where everything fits; with the condition, where the classes could not be counted."""
    column = _column(site, row)
    reading = f" Read the prediction as {column.prediction}." if column else ""
    counted = row is None or row.outcomes != "exclusive" or "width_against_classes" in site.details
    condition = "" if counted else ", as long as there is one unit for each class"
    return f"This is right{condition}.{reading}"


def _expectation(site: SiteReport, row: Row) -> str:
    """What the loss expects, where the script does not show what it gets."""
    column = _column(site, row)
    if column is None:
        return f"The loss expects {row.output} and {' or '.join(row.targets)} targets."
    return f"The loss expects {row.output} (a layer such as {column.layer}) and labels as {column.labels}."


def _column(site: SiteReport, row: Row | None) -> Column | None:
    """The column of the site's framework."""
    framework = site.details.get("framework")
    if row is None or not isinstance(framework, str):
        return None
    return row.columns.get(framework)


def sites_text(advice: list[SiteAdvice]) -> str:
    """Advice for all sites as a person reads it."""
    if not advice:
        return "No place where a loss meets a model was found.\n"
    return "\n".join("\n".join(_site_lines(one)) + "\n" for one in advice)


def _site_lines(one: SiteAdvice) -> list[str]:
    """One site: where, what it is, on which row, what to do, and the evidence."""
    site, place = one.site, one.site.place
    cell = f"cell {place.cell}:" if place.cell is not None else ""
    loss = site.loss + ("" if site.from_logits is None else f"(from_logits={site.from_logits})")
    lines = [f"{place.path}:{cell}{place.line}:{place.column}: {loss}"]
    width = f", {_short(site.width)} units" if site.width not in (None, "?") else ""
    activation = f", activation {site.activation}" if site.activation is not None else ""
    lines.append(f"  outcomes:  {one.answers['outcomes']}")
    lines.append(f"  output:    {one.answers['output']}{width}{activation}")
    lines.append(f"  targets:   {one.answers['targets']}")
    row = f"{one.row.name} ({one.row.helper})" if one.row else "in no row of the table"
    lines.append(f"  row:       {row}")
    for finding in one.findings:
        lines.append(f"  {finding.severity}:".ljust(13) + f"{finding.code} {finding.message}")
        if finding.fix is not None:
            lines.append(f"  fix:       {finding.fix.title}")
    if not one.findings:
        lines += [f"  advice:    {text}" for text in one.advice]
    return lines + [f"  evidence:  {_note_words(note)}" for note in _evidence(one)]


def _evidence(one: SiteAdvice) -> list[Note]:
    """The notes behind the answers and the findings, each place once."""
    notes = [*one.site.output_evidence, *one.site.target_evidence]
    notes += [note for finding in one.findings for note in finding.evidence]
    return list({(note.place, note.fact): note for note in notes}.values())


def _note_words(note: Note) -> str:
    """One piece of evidence: what it shows, where, and the code."""
    cell = f"cell {note.place.cell}:" if note.place.cell is not None else ""
    return f"{note.fact}: {note.place.path}:{cell}{note.place.line}: {note.text}"


def site_dict(one: SiteAdvice) -> dict[str, Any]:
    """The same for JSON: the site as `xlint facts` prints it, and the advice."""
    return {
        **one.site.as_dict(),
        "answers": one.answers,
        "row": one.row.name if one.row else None,
        "verdict": one.verdict,
        "advice": list(one.advice),
        "findings": [finding.as_dict() for finding in one.findings],
    }
