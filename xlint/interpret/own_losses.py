"""Losses of the project's own, or unknown ones: sites because their result is what training descends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret import comparisons, containers, losses, order, tensors
from xlint.interpret.arguments import Arguments
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.store import alternatives
from xlint.interpret.values import Choice, Const, Instance, Key, Sym, Tensor, Tuple, Value
from xlint.sites import Case, Evidence, Fact, Mark, Site

MAX_KEY_DEPTH = 8


def site(
    machine: Machine,
    name: str,
    output: Value | None,
    labels: Value | None,
    mark: Mark,
    called: str,
    same_input: bool = False,
) -> None:
    """Record a loss that no table describes: its output and labels are facts, its contract is not known."""
    framework = "keras" if called == "compile" else "torch"
    row = Row(name=name, op="loss", framework=framework, is_class=False, params=(), data={"family": "other"})
    options = Given(row, {}, False, mark.node, {}, mark)
    losses.meet(machine, losses.Meeting(row, options, called, mark), output, labels, same_input=same_input)


@dataclass(slots=True)
class Candidate:
    """A call on an output and something else, and the losses of libraries that were met inside."""

    mark: Mark
    call: cst.Call
    output: Value
    labels: Value | None
    inside: tuple[Site, ...]
    scores: bool
    """Whether it takes scores, as `scoring` tells; also where nothing is known of the inside."""
    parts: Key
    """The key of what the call gave: other candidates may be parts of it."""

    @property
    def name(self) -> str:
        """The name of the function called."""
        return self.mark.source.snippet(self.call.func)


def watched(
    machine: Machine, node: cst.CSTNode, arguments: Arguments, run: Callable[[], Value], bound: bool = False
) -> Value:
    """Run a call of the project's own code, which may be that of a loss; a `bound` method has other uses."""
    before = len(machine.sites)
    result, scores = scoring(machine, run)
    if not machine.recording or (bound and isinstance(result, Tensor) and not _single(result)):
        return result
    inside = tuple(site for site in machine.sites[before:] if site.kind == "loss")
    if inside and isinstance(result, Tuple) and result.items:  # a loss and what it was made of
        first = candidate(machine, node, arguments.values(), result.items[0], inside, scores)
        return Tuple((first, *result.items[1:]))
    return candidate(machine, node, arguments.values(), result, inside, scores)


def scoring(machine: Machine, run: Callable[[], Value]) -> tuple[Value, bool]:
    """What a call gives, and whether it takes scores: it met a loss, applied an activation, or is unknown."""
    before, activated = len(machine.sites), machine.activated
    result = run()
    met = any(site.kind == "loss" for site in machine.sites[before:])
    return result, met or machine.activated > activated or isinstance(result, Sym)


def _single(result: Tensor) -> bool:
    return result.shape == () or is_loss(result)


def is_loss(result: Value) -> bool:
    """Whether a call gave the value of a loss, in one branch at least."""
    return any(isinstance(item, Tensor) and item.origin == "loss" for _, item in alternatives(result))


def candidate(
    machine: Machine,
    node: cst.CSTNode,
    values: Sequence[Value],
    result: Value,
    inside: tuple[Site, ...] = (),
    scores: bool = True,
) -> Value:
    """Remember a call on a model's output and something else: a loss if training goes back through it."""
    if len(values) < 2 or type(node) is not cst.Call:
        return result
    output: Value | None = next((value for value in values if _model_made(value)), None)
    if output is None and isinstance(result, Tensor) and result.shape == ():  # of embeddings, as a distance
        output = next((value for value in values if tensors.is_output(value) and value.rank != 0), None)
    if output is None and isinstance(result, Sym) and isinstance(values[0], Sym | Tensor | Choice):
        output = values[0]
    if output is None or (isinstance(result, Tensor) and result.quantity is not None):
        return result
    others = [v for v in values if v is not output and isinstance(v, Tensor | Sym | Choice)]
    # A loss of two embeddings gets one more output before its labels.
    labels = next((v for v in others if not tensors.is_output(v)), others[0] if others else None)
    if (labels is None and not inside) or not isinstance(result, Tensor | Sym):
        return result
    parts = result.key
    if isinstance(result, Tensor):
        result = Tensor(shape=result.shape, origin="loss", key=("own loss", id(node), machine.new_id()))
    machine.candidates[result.key] = Candidate(
        machine.mark(node), node, output, labels, inside, scores, parts
    )
    return result


def _model_made(value: Value) -> bool:
    """Whether a value is a model's output, in one branch at least."""
    return any(order.model_made(item) for _, item in alternatives(value))


def descend(machine: Machine, value: Value) -> None:
    """loss.backward(), or the result of a training step: its candidates are losses."""
    for _, item in alternatives(machine.store.visible(value)):
        if isinstance(item, Instance) and item.cls == "dict":
            item = containers.dict_get(machine, item, Const("loss")) or item
        if isinstance(item, Sym | Tensor):
            _search(machine, item.key, MAX_KEY_DEPTH)


def finish(machine: Machine) -> None:
    """Calls of the same losses elsewhere, as in a validation loop."""
    for found in list(machine.candidates.values()):
        least = None if found is None else machine.own_losses.get(found.name)
        # With fewer arguments there are no labels: a model that gives its own loss gives its scores then.
        if least is not None and len(found.call.args) >= least:
            _record(machine, found)
    machine.candidates.clear()


def _search(machine: Machine, key: Key, depth: int) -> None:
    """Record the candidates among the parts of a key, the outermost first; what one is made of is no loss."""
    if key in machine.candidates:
        found = machine.candidates[key]
        if found is None:
            return  # the script descends on it at two places
        machine.candidates[key] = None
        _record(machine, found)
        count = len(found.call.args)
        machine.own_losses[found.name] = min(count, machine.own_losses.get(found.name, count))
        key = found.parts if found.inside else None
    if isinstance(key, tuple) and depth:
        for part in key:
            if isinstance(part, tuple):
                _search(machine, part, depth - 1)


def _record(machine: Machine, found: Candidate) -> None:
    if found.inside:
        machine.wrappers.append(found)
        return
    before = len(machine.sites)
    site(machine, found.name, found.output, found.labels, found.mark, "object")
    if not found.scores:
        machine.sites[before:] = map(of_any_formula, machine.sites[before:])


def told_inside(site: Site, inside: Sequence[Site], labels: Key) -> Site:
    """The site of an own loss, with the encoding for which all losses inside take its labels."""
    cases = [case for other in inside if other.kind == "loss" for case in other.cases]
    told = {case.facts.get("encoding") for case in cases if labels in comparisons.parts_of(case.labels)}
    encoding = next(iter(told)) if len(told) == 1 else None
    if encoding is None:
        return site
    return site.changed(lambda case: replace(case, facts={"encoding": encoding, **case.facts}))


def of_any_formula(site: Site) -> Site:
    """The site of an own loss that holds no loss and no activation: a bare output need not be a score."""
    return site.changed(lambda case: replace(case, facts=_unscored(case.facts)))


def _unscored(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    known = {name: fact for name, fact in facts.items() if (name, fact) != ("quantity", "logits")}
    real = str(facts.get("label_dtype")).startswith("float")
    if real and (facts.get("encoding"), facts.get("classes")) == ("index", 2):
        known["encoding"] = "binary"  # real 0 and 1 stand in a formula as they are
    return known


def of_both_orders(inside: Sequence[Site]) -> list[Site]:
    """The sites inside an own loss; what is turned round beside the same the right way is so on purpose."""
    cases = [case for site in inside for case in site.cases]
    if not any(case.facts.get("origin") == "model" and not case.facts.get("swapped") for case in cases):
        return list(inside)
    return [site for site in inside if not any(case.facts.get("swapped") for case in site.cases)]


SHARED = (
    *("width", "width_symbol", "width_passed_in", "quantity", "activation"),
    *("encoding", "classes", "classes_symbol", "classes_passed_in"),
)


def wrapper_site(found: Candidate, inside: Sequence[Site]) -> Site:
    """The call of a function around losses: the facts on which these agree, and no rule of its own.

    Scores that are activated inside, as by a loss that distils, are scores where they are handed over.
    """
    cases = [case for site in inside for case in site.cases]
    first = cases[0].facts
    agreed = {
        fact: first[fact]
        for fact in SHARED
        if fact in first and all(case.facts.get(fact) == first[fact] for case in cases)
    }
    output = found.output
    bare = isinstance(output, Tensor) and output.quantity == "logits" and output.activation == "none"
    if bare and agreed.get("quantity") in ("probabilities", "log-probabilities"):
        agreed.update(quantity="logits", activation="none")
    facts: dict[str, Fact] = {"loss": found.name, "family": "other", **agreed}
    notes = tuple(item for item in cases[0].evidence if item.fact != "loss")
    marks = tuple(Evidence("inside", site.mark) for site in inside)
    return Site("wrapper", found.mark, (Case(facts, (*notes, *marks)),))
