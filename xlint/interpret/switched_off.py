"""Branches that a known condition switches off: where a loss stands in one, and nothing more of it.

Facts of the branch that is not taken would mix its side of a setting with what the other side has made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from xlint import syntax as cst
from xlint.interpret import loss_values, statements
from xlint.interpret.machine import BudgetSpentError, Machine
from xlint.sites import Case, Evidence, Fact, Mark, Site

MAX_STEPS = 3_000
"""Steps for one block, which do not count against those of its unit."""
LASTING = ("visit", "steps", "_ids", "switched_off")
"""What a block changes for good of the machine: what the whole run counts, and what is noted here."""


def look(machine: Machine, block: Sequence[cst.CSTNode]) -> None:
    """Note the losses in statements that a known condition switches off, once for each such block."""
    if not block or not machine.recording or id(block[0]) in machine.switched_off:
        return
    found = machine.switched_off[id(block[0])] = []
    before, compiled, deferred = len(machine.sites), len(machine.compiled), len(machine.deferred)
    with _without_trace(machine):
        with suppress(BudgetSpentError, RecursionError):
            any(statements.execute(machine, statement) for statement in block)
        machine.limit += MAX_STEPS
        with suppress(BudgetSpentError, RecursionError):
            for record in machine.compiled[compiled:]:
                machine.scope = record.scope
                loss_values.use(machine, record.loss, None, None, record.mark, record.node)
        sites = [site for site in machine.sites[before:] if site.kind == "loss"]
        found.extend(_bare(site.mark, site.cases[0].facts) for site in sites)
        for meeting, *_ in machine.deferred[deferred:]:
            found.append(_bare(meeting.mark, {"loss": meeting.row.name, "loss_name": meeting.row.short_name}))


def finish(machine: Machine) -> None:
    """Add the sites of branches that are switched off wherever they are reached."""
    known = {site.mark.key for site in machine.sites}
    for found in machine.switched_off.values():
        machine.sites.extend(site for site in found if site.mark.key not in known)
        known.update(site.mark.key for site in found)


def _bare(mark: Mark, facts: Mapping[str, Fact]) -> Site:
    """A site of which only the loss is known, and which nothing trains."""
    known = {name: facts[name] for name in ("loss", "loss_name") if name in facts}
    case = Case({**known, "family": "other", "trained": False}, (Evidence("loss", mark),))
    return Site("loss", mark, (case,))


@contextmanager
def _without_trace(machine: Machine) -> Iterator[None]:
    """Run something of which nothing stays: no name, no object, no way out of the present call."""
    store, scope, steps = machine.store, machine.scope, machine.steps
    journals, path = len(store.journals), len(store.path)
    outside, starred = set(scope.outside), len(scope.module.stars)
    records = [(record, record.used, record.replaced, record.output) for record in machine.compiled]
    kept = {name: value for name, value in vars(machine).items() if name not in LASTING}
    vars(machine).update({name: _copied(value) for name, value in kept.items()})
    if machine.stack:
        call = machine.stack[-1]
        machine.stack[-1] = replace(call, exits=[*call.exits], raised=[*call.raised], yields=[*call.yields])
    store.push()
    machine.limit = machine.steps + MAX_STEPS
    try:
        yield
    finally:
        while len(store.journals) > journals:
            store.pop()
        store.back_to(path)
        vars(machine).update(kept)
        for record, used, replaced, output in records:
            record.used, record.replaced, record.output = used, replaced, output
        scope.outside = outside
        del scope.module.stars[starred:]
        machine.limit += machine.steps - steps
        machine.allowed += machine.steps - steps


def _copied(value: Any) -> Any:
    """A collection that can be changed alone, with those that a dictionary holds; anything else as it is."""
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return value.copy() if isinstance(value, list | set) else value
