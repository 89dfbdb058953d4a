"""`xlint facts`: what is known at every loss site, right or wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from xlint.commands import common

if TYPE_CHECKING:
    from xlint.sites import SiteReport


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATHS]...")
@click.option(
    "--format", "-f", "output_format", type=click.Choice(["text", "json"]), default="text",
    help="[default: text]",
)  # fmt: skip
@click.option("--output-file", "-o", metavar="FILE", help="Write to this file.")
@click.option("--verbose", "-v", is_flag=True, help="Show the evidence under each site.")
@common.scan_options
def facts(paths: tuple[str, ...], **options: Any) -> None:
    """Show every place where a loss meets a model: output, targets, and what is not known and why.

    \b
    Examples:
      xlint facts train.py
      xlint facts src/ --format json
    """
    from xlint.commands.check import summary

    named = list(paths) or ["."]
    settings = common.configuration(named, options).settings
    result, _ = common.run_scan(
        named, settings, stdin_filename=options["stdin_filename"], quiet=options["quiet"]
    )
    with common.output(options["output_file"]) as stream:
        if options["output_format"] == "json":
            import json

            json.dump([site.as_dict() for site in result.sites], stream, indent=2)
            stream.write("\n")
        else:
            for line in as_text(result.sites, evidence=options["verbose"]):
                stream.write(line + "\n")
    missing = common.print_problems(result, named)
    if not options["quiet"]:
        click.echo(summary(result), err=True)
    sys.exit(2 if missing else 0)


def as_text(sites: Iterable[SiteReport], *, evidence: bool = False) -> Iterator[str]:
    """A line for each site, its evidence below it where asked for."""
    from xlint.report.common import location

    for site in sites:
        known = f"{site.loss}{_options(site)}: {_output(site)}; {_targets(site)}"
        yield f"{location(site.place)}: {known}: {_verdict(site)}"
        if evidence:
            for note in (*site.output_evidence, *site.target_evidence):
                yield f"    {note.fact}: {note.text} ({location(note.place)})"


def _options(site: SiteReport) -> str:
    """`(from_logits=True)` where the loss has such an option."""
    return "" if site.from_logits is None else f"(from_logits={site.from_logits})"


def _output(site: SiteReport) -> str:
    """Width, quantity and activation of the model's output."""
    width = "width unknown" if site.width is None else f"width {site.width}"
    if site.quantity is None:
        return f"{width}, quantity unknown"
    made = "" if site.activation in (None, "none") else f" ({site.activation})"
    return f"{width}, {site.quantity}{made}"


def _targets(site: SiteReport) -> str:
    """Encoding of the targets and number of classes."""
    encoding = "targets unknown" if site.encoding is None else f"targets {site.encoding}"
    return encoding if site.classes is None else f"{encoding} of {site.classes} classes"


def _verdict(site: SiteReport) -> str:
    """How the site stands against the decision table, with the codes or the reason."""
    if site.verdict == "unresolved":
        return f"unresolved ({site.reason})" if site.reason else "unresolved"
    return f"{site.verdict} {', '.join(site.codes)}" if site.codes else site.verdict
