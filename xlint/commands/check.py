"""`xlint check`: report what does not fit."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from xlint.commands import common

if TYPE_CHECKING:
    from xlint.report import RuleText
    from xlint.sites import Finding, ScanResult

FORMATS = ("text", "full", "json", "json-lines", "sarif", "github", "gitlab", "junit", "pylint")
EXAMPLES = """
\b
Examples:
  xlint check                                     the current folder
  xlint check src/ train.ipynb -v                 with the lines that each report rests on
  xlint check --select XL1,XL201 --format full    some rules, with source lines
  xlint check --select ALL                        everything, advice too
  xlint check --format sarif --output-file x.sarif --exit-zero
  xlint check - --stdin-filename src/train.py < src/train.py

\b
Exit codes: 0 clean, 1 findings, 2 wrong use, a broken configuration or a path that does not exist.
"""


@click.command(epilog=EXAMPLES)
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATHS]...")
@click.option(
    "--format", "-f", "output_format", type=click.Choice(FORMATS), default="text", help="[default: text]"
)
@click.option("--output-file", "-o", metavar="FILE", help="Write the reports to this file.")
@click.option("--verbose", "-v", is_flag=True, help="Show the evidence under each report.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "advice"]),
    help="Exit with 1 only for findings as severe as this. [default: advice]",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--ignore-noqa", is_flag=True, help="Report what suppression comments hide.")
@click.option("--add-noqa", is_flag=True, help="Add a suppression comment for each finding.")
@common.scan_options
def check(paths: tuple[str, ...], **options: Any) -> None:
    """Report losses, final activations and label encodings that do not fit.

    PATHS are files, notebooks and folders; the current folder if there are none, and standard input for '-'.
    """
    named = list(paths) or ["."]
    settings = replace(common.configuration(named, options).settings, site_evidence=False)
    result, texts = common.run_scan(
        named, settings, stdin_filename=options["stdin_filename"], quiet=options["quiet"]
    )
    if options["add_noqa"]:
        _add_noqa(result, named)
    else:
        _print_findings(result, texts, options)
    missing = common.print_problems(result, named)
    if not options["quiet"] and not options["add_noqa"]:
        click.echo(summary(result), err=True)
    if missing:
        sys.exit(2)
    failed = any(settings.fails(finding.severity) for finding in result.findings)
    sys.exit(1 if failed and not options["exit_zero"] and not options["add_noqa"] else 0)


def summary(result: ScanResult) -> str:
    """One line: how many loss sites were seen, and how they stand against the decision table."""
    verdicts = Counter(site.verdict for site in result.sites)
    return (
        f"{_counted(len(result.findings), 'finding')} in {_counted(result.files, 'file')}; "
        f"{_counted(len(result.sites), 'loss site')}: {verdicts['fits']} fit, {verdicts['misfits']} do not, "
        f"{verdicts['unresolved']} could not be resolved"
    )


def statistics(findings: Iterable[Finding]) -> list[str]:
    """A line for each rule that found something: how often, code and name, the most frequent first."""
    counts = Counter((finding.code, finding.name) for finding in findings)
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [f"{count:>6}  {code}  {name}" for (code, name), count in ordered]


def _counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _print_findings(result: ScanResult, texts: dict[str, str], options: dict[str, Any]) -> None:
    """Write the reports to where they belong; the statistics beside them, or apart from machine formats."""
    from xlint.report import Style, render

    output_format, file = options["output_format"], options["output_file"]
    with common.output(file) as stream:
        color = common.wants_color(options["color"], stream)
        links = output_format == "full" and color and stream.isatty()
        style = Style(
            color=color,
            links=links,
            evidence=options["verbose"],
            texts=texts,
            rules=_rule_texts() if links or output_format == "sarif" else {},
        )
        for line in render(output_format, result.findings, style):
            stream.write(line + "\n")
        if options["statistics"] and output_format in ("text", "full"):
            stream.writelines(line + "\n" for line in statistics(result.findings))
    if options["statistics"] and output_format not in ("text", "full"):
        click.echo("\n".join(statistics(result.findings)), err=True)


def _rule_texts() -> dict[str, RuleText]:
    """All rules as reports may show them."""
    from xlint.report import RuleText
    from xlint.rule_names import known_rules, page_summary, page_text

    texts = {}
    for rule in known_rules().values():
        page = page_text(rule)
        texts[rule.code] = RuleText(
            rule.code, rule.name, rule.severity, page_summary(page), page, rule.page.as_uri()
        )
    return texts


def _add_noqa(result: ScanResult, paths: Sequence[str]) -> None:
    """Write the suppression comments into the files and say how many."""
    from xlint.noqa_writer import add_noqa

    if common.STDIN in paths:
        raise common.WrongUse("--add-noqa edits files; it cannot be used with '-'")
    added, problems = add_noqa(result.findings)
    for problem in problems:
        click.echo(common.printable(f"{problem.path}: {problem.message}"), err=True)
    click.echo(f"{_counted(added, 'suppression comment')} added", err=True)
