"""`xlint rules`: the catalogue."""

from __future__ import annotations

import json

import click

EXAMPLES = """
\b
Examples:
  xlint rules
  xlint rules --format json
"""


@click.command(epilog=EXAMPLES)
@click.option("--format", "-f", "output_format", type=click.Choice(["text", "json"]), default="text")
def rules(output_format: str) -> None:
    """List the rules: code, name, severity, and what each reports.

    A rule with several severities decides by the case; the first one shown is its usual one. Rules whose
    usual severity is advice are off unless selected.
    """
    from xlint.catalogue import catalogue

    if output_format == "json":
        click.echo(json.dumps([rule.as_dict() for rule in catalogue()], indent=2, ensure_ascii=False))
        return
    width = max(len(rule.name) for rule in catalogue())
    for rule in catalogue():
        others = [severity for severity in rule.severities if severity != rule.severity]
        severity = "/".join([rule.severity, *others])
        click.echo(f"{rule.code}  {rule.name:<{width}}  {severity:<20}  {_first_sentence(rule.summary)}")


def _first_sentence(summary: str) -> str:
    """The summary up to its first full stop, without code marks."""
    return summary.replace("`", "").split(". ")[0].rstrip(".")
