"""The text of `xlint explain`: a rule's page with its numbers, and the decision table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlint.catalogue import Rule
from xlint.table import FRAMEWORKS, TITLES, Row

if TYPE_CHECKING:
    from xlint.demonstrations import Demonstration, Measure

OUTCOME_WORDS = {"two": "two", "exclusive": "more than two, one is true", "several": "several true at once"}


def explanation(rule: Rule) -> str:
    """The rule's page, followed by its demonstration, computed now, where it has one."""
    parts = [rule.text.strip()]
    if rule.demonstration:
        from xlint.demonstrations import demonstrate

        parts.append("## In numbers\n" + render_demonstration(demonstrate(rule.demonstration)))
    return "\n\n".join(parts) + "\n"


def render_demonstration(shown: Demonstration) -> str:
    """The measures as an aligned table under their setting, and what to see in them."""
    headings = list(dict.fromkeys(heading for one in shown.measures for heading in one.values))
    width = max(len(one.label) for one in shown.measures)
    lines = [f"{shown.setting}:", ""]
    lines.append("    " + " " * width + "".join(f"  {heading:>{_space(heading)}}" for heading in headings))
    lines += ["    " + _measure_line(one, headings, width).rstrip() for one in shown.measures]
    return "\n".join([*lines, "", shown.remark])


def decision_table_text(rows: tuple[Row, ...]) -> str:
    """The decision table: for each row the three answers, and below them what each framework calls it."""
    lines = ["Which loss? Three questions: how many outcomes, what the model hands over, how the targets are"]
    lines += ["written. K is the number of classes or labels.", ""]
    for row in rows:
        lines.append(f"{row.name}: {row.helper}")
        lines.append(f"  outcomes    {OUTCOME_WORDS[row.outcomes]}")
        lines.append(f"  output      {row.output}")
        lines.append(f"  targets     {', '.join(row.targets)}")
        for framework in FRAMEWORKS:
            column = row.columns[framework]
            lines.append(f"  {TITLES[framework]:<11} {column.loss}")
            lines.append(f"              after {column.layer}")
            if column.note:
                lines.append(f"              {column.note}")
        lines.append("")
    lines.append("`xlint advise` chooses a row and prints it with a program to paste.")
    return "\n".join(lines) + "\n"


def _measure_line(one: Measure, headings: list[str], width: int) -> str:
    """One line of the table; words (a refusal) stand in place of the numbers."""
    cells = []
    for heading in headings:
        value = one.values.get(heading, "")
        if isinstance(value, str) and value:
            cells.append(f"  {value}")
            break
        cells.append(f"  {_number(value):>{_space(heading)}}")
    return f"{one.label:<{width}}" + "".join(cells)


def _space(heading: str) -> int:
    """The width of a column of numbers."""
    return max(9, len(heading))


def _number(value: float | str) -> str:
    """A number short enough to compare, with its sign and its magnitude."""
    if isinstance(value, str):
        return value
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if abs(value) < 1e-12:
        return "0"
    if abs(value) < 1e-3 or abs(value) >= 1e5:
        return f"{value:.1e}"
    return f"{value:.4f}"
