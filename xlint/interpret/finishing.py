"""What is known only at the end of a run: how labels are used elsewhere, and what a model was trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xlint.interpret.machine import Machine
from xlint.sites import Case, Fact, Site

COLUMN = ("binary", "focal-binary")
CLASSES = ("softmax", "sparse", "nll")
PREDICTIONS = ("threshold", "argmax", "metric")


def finish(machine: Machine) -> None:
    """Complete the sites of a run."""
    trained = trained_outputs(machine)
    machine.sites[:] = [_completed(machine, site, trained) for site in machine.sites]


def trained_outputs(machine: Machine) -> dict[tuple[str, int], tuple[Fact, Fact]]:
    """Loss family and wanted quantity by the layer that made the output; none where two losses disagree."""
    result: dict[tuple[str, int], tuple[Fact, Fact]] = {}
    for site in machine.sites:
        if site.kind != "loss":
            continue
        for case in site.cases:
            mark = case.anchors.get("output")
            if mark is None:
                continue
            found = (case.facts.get("family"), case.facts.get("wants"))
            known = result.setdefault(mark.key, found)
            if known != found:
                result[mark.key] = (None, None)
    return result


def _completed(machine: Machine, site: Site, trained: dict[tuple[str, int], tuple[Fact, Fact]]) -> Site:
    change: Callable[[Case], Case]
    if site.kind == "loss":
        change = lambda case: _with_usage(machine, case)  # noqa: E731
    elif site.kind in PREDICTIONS:
        change = lambda case: _with_training(case, trained)  # noqa: E731
    else:
        return site
    cases = tuple(change(case) for case in site.cases)
    return site if all(a is b for a, b in zip(cases, site.cases, strict=True)) else replace(site, cases=cases)


def _with_usage(machine: Machine, case: Case) -> Case:
    """An unknown label encoding from what the script does with the labels elsewhere."""
    if "encoding" in case.facts or case.labels is None or "swapped" in case.facts:
        return case
    used = machine.usage.get(case.labels)
    family = case.facts.get("family")
    fits = (
        (used == "index" and family in CLASSES)
        or (used == "binary" and family in COLUMN)
        or (used == "one-hot" and family in ("categorical", "softmax"))
    )
    return replace(case, facts={**case.facts, "encoding": used}) if used is not None and fits else case


def _with_training(case: Case, trained: dict[tuple[str, int], tuple[Fact, Fact]]) -> Case:
    """What loss the output of a prediction was trained on."""
    if "family" in case.facts:
        return case
    for evidence in case.evidence:
        if evidence.fact == "width" and evidence.mark.key in trained:
            family, wants = trained[evidence.mark.key]
            facts = {"family": family, "wants": wants}
            return replace(case, facts={**case.facts, **{k: v for k, v in facts.items() if v is not None}})
    return case
