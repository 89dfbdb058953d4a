"""`xlint advise`: the right loss for three answers, or advice on the losses of a script."""

from __future__ import annotations

import json
import sys

import click

from xlint.commands import common
from xlint.commands.common import WrongUse

OUTPUTS = ("logits", "probabilities", "log-probabilities", "undecided")
TARGETS = ("index", "one-hot", "soft", "binary", "multi-hot")
FRAMEWORKS = ("keras", "tensorflow", "torch")
EXAMPLES = """
\b
Examples:
  xlint advise                                          asks three questions
  xlint advise --outcomes 10 --targets index --framework torch
  xlint advise --outcomes several --output logits --targets multi-hot
  xlint advise train.py                                 reads the answers from the script
"""


@click.command(epilog=EXAMPLES)
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATHS]...")
@click.option("--outcomes", metavar="N", help="2, a larger number of classes, or 'several' (true at once).")
@click.option("--output", type=click.Choice(OUTPUTS), help="What the model hands to the loss.")
@click.option("--targets", type=click.Choice(TARGETS), help="How the labels are written.")
@click.option("--framework", type=click.Choice(FRAMEWORKS), help="Only this framework. [default: all]")
@click.option("--format", "-f", "output_format", type=click.Choice(["text", "json"]), default="text")
def advise(
    paths: tuple[str, ...],
    outcomes: str | None,
    output: str | None,
    targets: str | None,
    framework: str | None,
    output_format: str,
) -> None:
    """Find the right output layer, loss and label encoding, as a program to paste.

    Asks three questions, or takes the answers as options. With PATHS, says for every loss of the scripts what
    it is, on which row of the decision table it stands, and what to change.
    """
    if paths:
        if outcomes or output or targets:
            raise WrongUse("give either scripts or answers, not both")
        _advise_scripts(list(paths), framework, output_format)
        return
    from xlint.advise import AnswerError, advice_dict, advice_text
    from xlint.advise import advise as find_row

    answered = any((outcomes, output, targets))
    try:
        if not answered:
            outcomes, output, targets = _ask()
        elif outcomes is None or targets is None:
            missing = "--outcomes" if outcomes is None else "--targets"
            raise WrongUse(f"{missing} is missing; `xlint advise` without options asks for all answers")
        assert outcomes is not None and targets is not None
        advice = find_row(outcomes, output or "undecided", targets)
    except AnswerError as error:
        raise WrongUse(str(error)) from error
    frameworks = (framework,) if framework else FRAMEWORKS
    if output_format == "json":
        click.echo(json.dumps(advice_dict(advice, frameworks), indent=2, ensure_ascii=False))
    else:
        click.echo(advice_text(advice, frameworks), nl=False)


def _ask() -> tuple[str, str, str]:
    """The three answers, asked on the terminal (on stderr, so that stdout stays clean)."""
    from xlint.advise import AnswerError, parse_outcomes

    def check(text: str) -> str:
        try:
            parse_outcomes(text)
        except AnswerError as error:
            raise click.UsageError(str(error)) from error
        return text

    outcomes = click.prompt(
        "How many outcomes are there (2, a larger number, or 'several' if many can be true at once)",
        value_proc=check,
        err=True,
    )
    output = click.prompt(
        "What does the model hand to the loss",
        type=click.Choice(OUTPUTS),
        default="undecided",
        err=True,
    )
    targets = click.prompt("How are the labels written", type=click.Choice(TARGETS), err=True)
    return outcomes, output, targets


def _advise_scripts(paths: list[str], framework: str | None, output_format: str) -> None:
    """Advice on every loss site of the scripts; exit code 2 if one of the paths does not exist."""
    from xlint.advise import advise_sites, site_dict, sites_text

    settings = common.configuration(paths, {"select": ["ALL"]}).settings
    result, _ = common.run_scan(paths, settings, stdin_filename=None, quiet=False)
    advice = advise_sites(result)
    if framework:
        advice = [one for one in advice if one.site.details.get("framework") == framework]
    if output_format == "json":
        click.echo(json.dumps([site_dict(one) for one in advice], indent=2, ensure_ascii=False))
    else:
        click.echo(sites_text(advice), nl=False)
    if common.print_problems(result, paths):
        sys.exit(2)
