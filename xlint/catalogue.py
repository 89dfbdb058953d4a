"""The catalogue of rules: the pages rules/XL*.md, read, checked, listed and rendered as rules/README.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from xlint import snapshot
from xlint.resources import rules_directory

SEVERITIES = ("error", "warning", "advice")
SITE_KINDS = (
    "loss",
    "activation",
    "metric",
    "threshold",
    "argmax",
    "logarithm",
    "constructor",
    "positional",
    "file",
)
ANCHORS = ("site", "activation", "output", "targets", "metric")
OVERRIDES = ("severity", "message", "anchor")
"""Keys of a `[[when]]` table that are no condition."""

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


class PageError(Exception):
    """A rule page that cannot be used; the message names the file."""


@dataclass(frozen=True, slots=True)
class When:
    """One `[[when]]` table: its conditions by fact, and what the case says in place of the page."""

    conditions: Mapping[str, Any]
    severity: str
    message: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: the front matter of its page, and the Markdown below it.

    `sites` are the kinds of site that it looks at, `covers` the codes that are not reported where it is,
    `demonstration` the name of a demonstration in xlint.explain or "".
    """

    code: str
    name: str
    severity: str
    sites: tuple[str, ...]
    anchor: str
    message: str
    covers: tuple[str, ...]
    demonstration: str
    whens: tuple[When, ...]
    text: str
    path: Path

    @property
    def summary(self) -> str:
        """The first paragraph of *What it reports*, on one line."""
        return " ".join(self.section("What it reports").split("\n\n")[0].split())

    @property
    def examples(self) -> tuple[str, ...]:
        """The Python blocks of the page: the first must be reported, the second must be clean."""
        return tuple(match.group(1) for match in _PYTHON.finditer(self.text))

    def section(self, title: str) -> str:
        """The Markdown of one section, without its heading; empty if the page has no such section."""
        parts = _SECTION.split(self.text)
        sections = dict(zip(parts[1::2], parts[2::2], strict=True))
        return sections.get(title, "").strip()

    def as_dict(self) -> dict[str, Any]:
        """The element that `xlint rules --format json` prints."""
        return {
            "code": self.code,
            "name": self.name,
            "severity": self.severity,
            "severities": self.severities,
            "default": self.severity != "advice",
            "summary": self.summary.replace("`", ""),
            "covers": list(self.covers),
            "page": self.path.name,
        }

    @property
    def severities(self) -> list[str]:
        """All severities that the rule can report, the gravest first."""
        used = {self.severity} | {when.severity for when in self.whens}
        return [severity for severity in SEVERITIES if severity in used]


@cache
def catalogue() -> tuple[Rule, ...]:
    """All rules in the order of their codes. Raises PageError for a page that is broken."""
    paths = sorted(rules_directory().glob("XL*.md"))
    pages = snapshot.load("pages", paths, lambda: [_split(path) for path in paths])
    return tuple(_page(fields, text, path) for (fields, text), path in zip(pages, paths, strict=True))


def find_rule(wanted: str) -> Rule | None:
    """The rule with that code or name, in any case; None if there is none."""
    key = wanted.strip().lower()
    for rule in catalogue():
        if key in (rule.code.lower(), rule.name):
            return rule
    return None


def read_page(path: Path) -> Rule:
    """One page. Raises PageError, naming the file, where a field is missing, unknown or of another kind."""
    return _page(*_split(path), path)


def _split(path: Path) -> tuple[dict[str, Any], str]:
    """The parsed front matter of a page and the Markdown below it."""
    import tomllib

    try:
        _, front, text = path.read_text(encoding="utf-8").split("+++", 2)
        return tomllib.loads(front), text.strip() + "\n"
    except (OSError, ValueError) as error:
        raise PageError(f"{path}: no TOML front matter between +++ lines: {error}") from error


def _page(fields: dict[str, Any], text: str, path: Path) -> Rule:
    """A rule from the two parts of its page; takes what it knows out of `fields`."""
    try:
        rule = _rule(fields, text, path)
    except KeyError as error:
        raise PageError(f"{path}: the front matter lacks {error}") from error
    if fields:
        raise PageError(f"{path}: unknown field {next(iter(fields))!r}")
    _check(rule)
    return rule


def render_readme(rules: Iterable[Rule]) -> str:
    """The text of rules/README.md: a table of all rules with links to their pages."""
    lines = [
        "# Rules",
        "",
        "<!-- Generated by `python -m xlint.catalogue` from the pages: edit those, then run it again. -->",
        "",
        "*error*: raises, learns nothing, or answers wrongly. *warning*: learns worse, or a number shown to",
        "you is wrong. *advice*: works, and there is a better way (off unless selected). A rule with several",
        "severities decides by the case; the first one named is its usual one.",
        "",
        "| code | name | severity | what it reports |",
        "| --- | --- | --- | --- |",
    ]
    lines += [_table_line(rule) for rule in rules]
    lines += [
        "",
        "`xlint explain XL101` shows a page with numbers computed on the spot. Which loss belongs where",
        "stands in [decision_table.toml](decision_table.toml) (`xlint explain --table`); what xlint knows of",
        "each framework stands in [apis/](apis/README.md).",
    ]
    return "\n".join(lines) + "\n"


def _table_line(rule: Rule) -> str:
    """The line of one rule in the table."""
    others = [severity for severity in rule.severities if severity != rule.severity]
    severity = ", ".join([rule.severity, *others])
    return f"| [{rule.code}]({rule.path.name}) | {rule.name} | {severity} | {rule.summary} |"


def _rule(fields: dict[str, Any], text: str, path: Path) -> Rule:
    """The rule from its front matter, whose known fields are taken out."""
    severity, message = fields.pop("severity"), fields.pop("message")
    anchor = fields.pop("anchor", "site")
    site = fields.pop("site")
    whens = tuple(_when(table, severity, message, anchor) for table in fields.pop("when", []))
    return Rule(
        code=fields.pop("code"),
        name=fields.pop("name"),
        severity=severity,
        sites=(site,) if isinstance(site, str) else tuple(site),
        anchor=anchor,
        message=message,
        covers=tuple(fields.pop("covers", [])),
        demonstration=fields.pop("demonstration", ""),
        whens=whens,
        text=text,
        path=path,
    )


def _when(table: Mapping[str, Any], severity: str, message: str, anchor: str) -> When:
    """One `[[when]]` table, completed from the page."""
    return When(
        conditions={key: value for key, value in table.items() if key not in OVERRIDES},
        severity=table.get("severity", severity),
        message=table.get("message", message),
        anchor=table.get("anchor", anchor),
    )


def _check(rule: Rule) -> None:
    """Raises PageError where a field holds a word that means nothing."""
    if not rule.path.name.startswith(f"{rule.code}-{rule.name}."):
        raise PageError(f"{rule.path}: the file should be called {rule.code}-{rule.name}.md")
    for severity in rule.severities + [when.severity for when in rule.whens] + [rule.severity]:
        if severity not in SEVERITIES:
            raise PageError(f"{rule.path}: unknown severity {severity!r}")
    for site in rule.sites:
        if site not in SITE_KINDS:
            raise PageError(f"{rule.path}: unknown site {site!r}")
    for anchor in (rule.anchor, *(when.anchor for when in rule.whens)):
        if anchor not in ANCHORS:
            raise PageError(f"{rule.path}: unknown anchor {anchor!r}")


if __name__ == "__main__":
    (rules_directory() / "README.md").write_text(render_readme(catalogue()), encoding="utf-8")
