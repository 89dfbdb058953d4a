"""What is known only at the end of a run: how labels are used elsewhere, and what a model was trained on."""

from __future__ import annotations

from dataclasses import dataclass

from xlint.apis import REGRESSION
from xlint.interpret import (
    agreement,
    comparisons,
    contracts,
    members,
    order,
    own_losses,
    switched_off,
    targets,
)
from xlint.interpret.machine import Machine
from xlint.interpret.store import consistent
from xlint.interpret.values import Key, passed_in
from xlint.sites import Case, Fact, Site

CLASSES = ("softmax", "sparse", "nll")
ROWS = ("categorical", "softmax")
SEVERAL = (*targets.BINARY_FAMILIES, "multilabel-soft-margin", "other")
PREDICTIONS = ("threshold", "argmax", "metric")


@dataclass(slots=True)
class _Met:
    """The losses that meet classes, and the outputs that a model's fit holds against real numbers."""

    classes: set[tuple[str, int]]
    numbers: set[tuple[str, int]]


def finish(machine: Machine) -> None:
    """Complete the sites of a run."""
    trained = trained_outputs(machine)
    met = _Met(_losses_of_classes(machine), _fitted_to_numbers(machine))
    used = [_completed(machine, site, trained, met) for site in machine.sites]
    completed = {id(site): done for site, done in zip(machine.sites, agreement.of_loops(used), strict=True)}
    machine.sites[:] = members.agreed(list(completed.values()))
    for found in machine.wrappers:
        inside = [completed[id(site)] for site in found.inside if id(site) in completed]
        if inside:
            machine.sites.append(own_losses.wrapper_site(found, inside))
    switched_off.finish(machine)


def _losses_of_classes(machine: Machine) -> set[tuple[str, int]]:
    """The losses, by where they are made, that meet labels known to be classes."""
    return {
        evidence.mark.key
        for site in machine.sites
        for case in site.cases
        if case.facts.get("encoding", "continuous") != "continuous"
        for evidence in case.evidence
        if evidence.fact == "loss"
    }


def _fitted_to_numbers(machine: Machine) -> set[tuple[str, int]]:
    """The outputs, by where they are made, that are fitted to real numbers, and never to classes."""
    numbers: set[tuple[str, int]] = set()
    classes: set[tuple[str, int]] = set()
    for site in machine.sites:
        for case in site.cases if site.kind == "loss" else ():
            made, encoding = case.anchors.get("output"), case.facts.get("encoding")
            if made is None or encoding is None:
                continue
            if encoding != "continuous":
                classes.add(made.key)
            elif case.facts.get("called") == "compile" and case.facts.get("trained") is not False:
                numbers.add(made.key)
    return numbers - classes


def trained_outputs(machine: Machine) -> dict[tuple[str, int], tuple[Fact, Fact]]:
    """Loss family and wanted quantity by the layer that made the output; none where two losses disagree."""
    result: dict[tuple[str, int], tuple[Fact, Fact]] = {}
    for site in machine.sites:
        if site.kind != "loss":
            continue
        for case in site.cases:
            mark = case.anchors.get("output")
            if mark is None or case.facts.get("family") == "other":
                continue  # a loss of the script's own asks for nothing that is known
            found = (case.facts.get("family"), case.facts.get("wants"))
            known = result.setdefault(mark.key, found)
            if known != found:
                result[mark.key] = (None, None)
    return result


def _completed(
    machine: Machine,
    site: Site,
    trained: dict[tuple[str, int], tuple[Fact, Fact]],
    met: _Met,
) -> Site:
    if site.kind == "loss":
        return site.changed(lambda case: _with_usage(machine, case, met))
    if site.kind in PREDICTIONS:
        return site.changed(lambda case: _with_training(case, trained))
    return site


def _with_usage(machine: Machine, case: Case, met: _Met) -> Case:
    """An unknown label encoding from what the script does with the labels elsewhere."""
    if "encoding" in case.facts or case.labels is None or "swapped" in case.facts:
        return case
    uses = comparisons.uses(machine, case.labels)
    used = next((use for use, decisions in uses if consistent(decisions | case.decisions)), None)
    if uses and used is None:
        return case
    if used is None and _regresses(case):
        losses = {item.mark.key for item in case.evidence if item.fact == "loss"}
        return case if losses & met.classes else case.with_facts(encoding="continuous")
    if used is None and _fitted(case, met.numbers):
        return case.with_facts(encoding="continuous")
    if used is None and contracts.column_for_each_unit(machine, case.labels, case.facts):
        used = "multi-hot"
    family = case.facts.get("family")
    column = case.facts.get("width", 1) == 1 and "width_symbol" not in case.facts
    encoding = None
    if used in ("index", "classes") and family in CLASSES:
        encoding = "index"
    elif used in ("binary", "classes") and family in targets.BINARY_FAMILIES and column:
        encoding = "binary"
    elif used == "one-hot" and (family in ROWS or (family in targets.BINARY_FAMILIES and not column)):
        encoding = "one-hot"
    elif used == "multi-hot" and family in SEVERAL and not column:
        encoding = "multi-hot"
    return case if encoding is None else case.with_facts(encoding=encoding)


def _regresses(case: Case) -> bool:
    """Whether a loop holds outputs against numbers that nothing shows to be classes.

    In PyTorch bare outputs; elsewhere, and behind a tanh, only against what comes from outside. What an
    unknown caller gives may be classes.
    """
    facts = case.facts
    bare = facts.get("framework") == "torch" and facts.get("activation") == "none"
    return (
        facts.get("family") in REGRESSION
        and facts.get("origin") == "model"
        and str(facts.get("label_dtype", "float")).startswith("float")
        and (bare or (facts.get("quantity") == "other" and _from_outside(case.labels)))
        and not passed_in(case.labels)
    )


def _fitted(case: Case, numbers: set[tuple[str, int]]) -> bool:
    """Whether a measure of distance is taken of what a model gives that is fitted to real numbers."""
    made = case.anchors.get("output")
    own = case.facts.get("origin") == "model" and "quantity" in case.facts
    return own and case.facts.get("family") in REGRESSION and made is not None and made.key in numbers


def _from_outside(key: Key) -> bool:
    """Whether labels come from a loader, a table or a library's object, or are made of such by calls."""
    key = order.whole_of(key)
    while isinstance(key, tuple) and len(key) > 1 and key[0] == "call" and not order.handed_out(key):
        key = order.whole_of(key[1])  # what has the method that was called, or what gave the function
    return order.handed_out(key) or (isinstance(key, tuple) and key[:1] in (("instance",), ("frame",)))


def _with_training(case: Case, trained: dict[tuple[str, int], tuple[Fact, Fact]]) -> Case:
    """What loss the output of a prediction was trained on."""
    if "family" in case.facts:
        return case
    for evidence in case.evidence:
        if evidence.fact == "width" and evidence.mark.key in trained:
            family, wants = trained[evidence.mark.key]
            facts = {"family": family, "wants": wants}
            return case.with_facts(**{name: fact for name, fact in facts.items() if fact is not None})
    return case
