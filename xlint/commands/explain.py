"""`xlint explain`: a rule's page with its numbers, or the decision table."""

from __future__ import annotations

import difflib

import click

from xlint.commands.common import WrongUse

EXAMPLES = """
\b
Examples:
  xlint explain XL101
  xlint explain double-activation
  xlint explain --table           the decision table
"""


@click.command(epilog=EXAMPLES)
@click.argument("rule", required=False)
@click.option("--table", is_flag=True, help="Show the decision table: which loss belongs where.")
def explain(rule: str | None, table: bool) -> None:
    """Show the page of RULE, a code or a name, and what the fault does to the numbers.

    The numbers are computed on the spot: the same scores and labels through the right and the wrong loss.
    """
    if table == bool(rule):
        raise WrongUse("name a rule (such as XL101), or ask for --table")
    if rule is None:
        from xlint.explain import decision_table_text
        from xlint.table import decision_table

        click.echo(decision_table_text(decision_table()), nl=False)
        return
    from xlint.catalogue import find_rule
    from xlint.explain import explanation

    found = find_rule(rule)
    if found is None:
        raise WrongUse(_unknown(rule))
    click.echo(explanation(found), nl=False)


def _unknown(wanted: str) -> str:
    """One line that names the nearest rule, or the command that lists them."""
    from xlint.catalogue import catalogue

    names = [name for rule in catalogue() for name in (rule.code, rule.name)]
    key = wanted.upper() if wanted.upper().startswith("XL") else wanted.lower()
    near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else "`xlint rules` lists them all."
    return f"there is no rule {wanted!r}; {hint}"
