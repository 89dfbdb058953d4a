"""Labels of one network under one loss: what loaders hand out at one place is written as at the others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from xlint.interpret import order
from xlint.interpret.store import consistent
from xlint.interpret.values import Guards, Key
from xlint.sites import Case, Fact, Site

ENCODINGS = ("index", "binary")
"""What a loss of classes or of one unit leaves no other for, once one loader is known to hand it out."""
Seen = dict[Key, set[tuple[Fact, Guards]]]


def of_loops(sites: Sequence[Site]) -> list[Site]:
    """The sites, where labels of a loader whose encoding is open have that of the network's other loaders.

    A script that counts hits does so where it evaluates; the loader that it trains with hands out the same.
    """
    seen: Seen = {}
    for site in sites:
        for case in site.cases:
            place = _place(site, case)
            if place is not None and "encoding" in case.facts:
                seen.setdefault(place, set()).add((case.facts["encoding"], case.decisions))
    return [site.changed(partial(_agreed, site, seen)) for site in sites] if seen else list(sites)


def _place(site: Site, case: Case) -> Key:
    """The layer and the loss that meet labels from a loop over a loader; None for other labels."""
    layer = case.anchors.get("output")
    if site.kind != "loss" or layer is None or not order.looped(case.labels) or "swapped" in case.facts:
        return None
    return (layer.key, case.facts.get("loss"), case.facts.get("width", case.facts.get("width_symbol")))


def _agreed(site: Site, seen: Seen, case: Case) -> Case:
    """A case of a site with the encoding that all others under the same decisions have."""
    known = () if "encoding" in case.facts else seen.get(_place(site, case), ())
    found = {encoding for encoding, decisions in known if consistent(decisions | case.decisions)}
    one = found.pop() if len(found) == 1 else None
    return case.with_facts(encoding=one) if one in ENCODINGS else case
