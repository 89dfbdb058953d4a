"""Codes and names of the rules, read quickly: selecting rules must not cost the parsing of their pages.

The pages themselves are read by `xlint.catalogue`; here the front matter is skimmed line by line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SEVERITIES = ("advice", "warning", "error")
"""From the mildest to the gravest."""

_FIELD = re.compile(r"""^(code|name|severity)\s*=\s*["']([^"']*)["']""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RuleName:
    """What selecting and listing need of a rule; `page` is the file that defines it."""

    code: str
    name: str
    severity: str
    page: Path


def rules_folder() -> Path:
    """The folder of the rule pages, in a checkout and in an installed wheel alike."""
    from xlint.resources import rules_directory

    return Path(rules_directory())


@cache
def known_rules() -> Mapping[str, RuleName]:
    """All rules by code, in the order of their codes."""
    rules = {}
    for page in sorted(rules_folder().glob("XL*.md")):
        front_matter = page.read_text(encoding="utf-8").split("+++", 2)[1]
        top = front_matter.split("\n[", 1)[0]
        fields = dict(_FIELD.findall(top))
        code = fields["code"]
        rules[code] = RuleName(code, fields["name"], fields.get("severity", "warning"), page)
    return rules


def page_text(rule: RuleName) -> str:
    """The Markdown of a rule's page, without its front matter."""
    return rule.page.read_text(encoding="utf-8").split("+++", 2)[2].strip() + "\n"


def page_summary(page: str) -> str:
    """The first paragraph of a page's Markdown on one line, without code marks."""
    for paragraph in page.split("\n\n"):
        lines = [line for line in paragraph.strip().splitlines() if not line.startswith("#")]
        if lines:
            return " ".join(" ".join(lines).replace("`", "").split())
    return ""


def resolve_selector(selector: str) -> str:
    """The code or prefix that a selector stands for: `xl1` gives `XL1`, a rule's name its code, `all` `ALL`.

    Raises ValueError, naming the nearest known selector, where no rule matches.
    """
    wanted = selector.strip()
    upper = wanted.upper()
    if upper in ("ALL", "XL"):
        return upper
    rules = known_rules()
    if any(code.startswith(upper) for code in rules) and len(upper) > 1:
        return upper
    for rule in rules.values():
        if rule.name == wanted.lower():
            return rule.code
    near = nearest_selector(wanted)
    hint = f"; did you mean {near}?" if near else ""
    raise ValueError(f"unknown rule {wanted!r}{hint}")


def nearest_selector(wanted: str) -> str | None:
    """The known code, prefix or name that looks most like `wanted`, or None."""
    import difflib

    rules = known_rules()
    names = [rule.name for rule in rules.values()]
    prefixes = sorted({code[:length] for code in rules for length in (3, 4)})
    codes = [*rules, *prefixes, "ALL"]
    if wanted.upper().startswith("XL") or len(wanted) < 4:
        close = difflib.get_close_matches(wanted.upper(), codes, n=1, cutoff=0.5)
    else:
        close = difflib.get_close_matches(wanted.lower(), names, n=1, cutoff=0.4)
    return close[0] if close else None
