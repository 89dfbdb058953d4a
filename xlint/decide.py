"""Sites against rules: which rule holds at which site, and how a site stands against the decision table.

A rule is data (rules/XL*.md); nothing here knows a particular one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xlint.apis import REGRESSION
from xlint.catalogue import SEVERITIES, Rule, When, catalogue
from xlint.sites import Case, Fact, Mark, Site


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that holds at a site, with the case that shows it and the mark where the report stands."""

    rule: Rule
    when: When
    site: Site
    case: Case
    mark: Mark

    @property
    def message(self) -> str:
        """The message with the values seen."""
        return self.when.message.format_map(_Shown(self.case.facts))


class _Shown(dict[str, Fact]):
    """Facts as messages show them; a fact that is not known reads "an unknown number of"."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        super().__init__(facts)

    def __missing__(self, key: str) -> str:
        symbol = self.get(f"{key}_symbol")
        return str(symbol) if symbol not in (None, "?") else "unknown"


def decide(sites: Sequence[Site]) -> list[Hit]:
    """All reports for the sites of one analysis, each fault once."""
    hits: list[Hit] = []
    for site in together(sites):
        if all(case.facts.get("trained") is False for case in site.cases):
            continue
        for rule in _rules_for(site.kind):
            hit = _hold(rule, site)
            if hit is not None:
                hits.append(hit)
    return _without_covered(_distinct(hits))


def together(sites: Sequence[Site]) -> list[Site]:
    """Sites that one visit reached under different decisions as one site with all their cases."""
    visits: dict[tuple[object, ...], list[Site]] = {}
    for position, site in enumerate(sites):
        key = (position,) if site.visit is None else (site.kind, site.mark.key, site.visit)
        visits.setdefault(key, []).append(site)
    joined = []
    for group in visits.values():
        cases = tuple(case for site in group for case in site.cases)
        joined.append(group[0] if len(group) == 1 else replace(group[0], cases=cases))
    return joined


_BY_KIND: dict[str, list[Rule]] = {}


def _rules_for(kind: str) -> list[Rule]:
    if not _BY_KIND:
        for rule in catalogue():
            for name in rule.sites:
                _BY_KIND.setdefault(name, []).append(rule)
    return _BY_KIND.get(kind, [])


def _hold(rule: Rule, site: Site) -> Hit | None:
    """The rule against all cases of a site.

    It holds where every case that is known well enough to tell is at fault, or where the fault lies on the
    path that the script takes by default.
    """
    matches = [(case, matching(rule, case.facts)) for case in site.cases]
    faults = [(case, when) for case, when in matches if when is not None]
    if not faults:
        return None
    if len(faults) < len(matches):
        # What a script does for one number of classes need not be what it does with this data.
        faults = [(case, when) for case, when in faults if case.default_path or not case.one_number]
        if not faults:
            return None
    whens = [when for _, when in faults]
    sound = [
        case for case, when in matches if when is None and all(_told(other, case.facts) for other in whens)
    ]
    if sound:
        faults = _by_default(faults, sound)
        if not faults:
            return None
    case, when = faults[0]
    mark = site.mark if when.anchor == "site" else case.anchors.get(when.anchor, site.mark)
    return Hit(rule, when, site, case, mark)


def _by_default(faults: list[tuple[Case, When]], sound: list[Case]) -> list[tuple[Case, When]]:
    """The faults on the script's default path, or on all paths that its defaults leave open."""
    certain = [(case, when) for case, when in faults if case.default_path]
    if certain or any(case.default_path is not False for case in sound):
        return certain
    return [(case, when) for case, when in faults if case.default_path is None]


def matching(rule: Rule, facts: Mapping[str, Fact]) -> When | None:
    """The first `[[when]]` table of a rule that the facts fulfil."""
    for when in rule.whens:
        for name, wanted in when.conditions.items():
            if not holds(wanted, facts.get(name)):
                break
        else:
            return when
    return None


def _told(when: When, facts: Mapping[str, Fact]) -> bool:
    """Whether the facts say enough to tell that a table does not match."""
    return any(name in facts and not holds(wanted, facts[name]) for name, wanted in when.conditions.items())


def holds(wanted: Any, fact: Fact) -> bool:
    """One condition against one fact; an unknown fact (None) fulfils only `{known = false}`."""
    if type(wanted) is not dict:
        return fact is not None and _one_of(wanted, fact)
    if "known" in wanted:
        return (fact is not None) is bool(wanted["known"])
    if fact is None:
        return False
    if "not" in wanted:
        return not _one_of(wanted["not"], fact)
    number = isinstance(fact, int) and not isinstance(fact, bool)
    return number and bool(wanted.get("min", fact) <= fact <= wanted.get("max", fact))


def _one_of(wanted: Any, fact: Fact) -> bool:
    for option in wanted if type(wanted) is list else (wanted,):
        if option == fact if type(option) is type(fact) else str(option) == fact:
            return True
    return False


def _distinct(hits: Iterable[Hit]) -> list[Hit]:
    seen: dict[tuple[str, tuple[str, int]], Hit] = {}
    for hit in hits:
        seen.setdefault((hit.rule.code, hit.mark.key), hit)
    return list(seen.values())


def _without_covered(hits: list[Hit]) -> list[Hit]:
    """Drop what another report at the same site, or at the activation that the site saw, would cure."""
    by_place: dict[tuple[str, int], list[Hit]] = {}
    for hit in hits:
        for key in {hit.site.mark.key, hit.mark.key}:
            by_place.setdefault(key, []).append(hit)
    kept = []
    for hit in hits:
        places = [hit.site.mark.key, *(mark.key for mark in hit.case.anchors.values())]
        others = [other for place in places for other in by_place.get(place, ())]
        if not any(_covers(other, hit) for other in others):
            kept.append(hit)
    return kept


def _covers(other: Hit, hit: Hit) -> bool:
    """Whether curing `other` cures `hit`; a milder report never hides a graver one."""
    graver = SEVERITIES.index(other.when.severity) <= SEVERITIES.index(hit.when.severity)
    return other is not hit and graver and hit.rule.code in other.rule.covers


NEEDED = ("width", "quantity", "encoding")


def unresolved(facts: Mapping[str, Fact]) -> list[str]:
    """Which of width, quantity and encoding a case does not know."""
    if facts.get("family") in REGRESSION:
        return []
    missing = []
    for name in NEEDED if facts.get("encoding") != "index" else NEEDED[1:]:
        if name not in facts and f"{name}_symbol" not in facts:
            missing.append(name)
    return missing
