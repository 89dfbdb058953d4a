"""Where a loss meets an output and targets: the facts of a loss site."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from xlint import syntax as cst
from xlint.apis import REGRESSION, Row
from xlint.interpret import (
    calls,
    contracts,
    literals,
    operators,
    order,
    recording,
    selection,
    several,
    shapes,
    targets,
    tensors,
)
from xlint.interpret.given import Given, bind
from xlint.interpret.machine import Machine
from xlint.interpret.store import equal_to, largest
from xlint.interpret.values import (
    NO_GUARDS,
    Api,
    Const,
    Dim,
    Guards,
    Instance,
    Sym,
    Tensor,
    Value,
    passed_in,
)
from xlint.sites import Case, Evidence, Fact, Mark

SCALAR = Tensor(shape=(), origin="loss")


@dataclass(slots=True)
class Meeting:
    """One loss at one place: what it is, which options it has, how it is called, where reports stand."""

    row: Row
    options: Given
    called: str
    mark: Mark


def loss_call(machine: Machine, given: Given, value: Value | None) -> Value:
    """A loss function called directly."""
    row = given.row
    output, labels = given.of("output"), given.of("labels")
    if (
        given.positional >= 2
        and row.get("positional_trap")
        and order.of_early_release(machine, given, output, labels)
    ):
        output, labels = labels, output
    meet(machine, Meeting(row, given, "function", given.mark), output, labels)
    return SCALAR


def loss_by_name(machine: Machine, given: Given, value: Value | None) -> Value:
    """A loss that an argument names meets the output, which is handed on; the labels come later."""
    loss = given.of("loss")
    name = loss.value if isinstance(loss, Const) else None
    row = loss.row if isinstance(loss, Api) else machine.tables.row(f"{given.row.get('among')}.{name}")
    if row is not None and row.op == "loss":
        meet(machine, Meeting(row, given, "function", given.mark), value, None)
    return value if value is not None else machine.unknown(given.node)


def constructed(machine: Machine, given: Given, arguments: calls.Arguments) -> None:
    """A loss class called with tensors builds an object from them: a site of its own."""
    positional = arguments.positional
    made = [v for v in positional if order.model_made(v) or (isinstance(v, Tensor) and v.origin == "labels")]
    if not made and given.row.framework == "torch":
        # No loss takes an array as its second option, whatever it holds.
        made = [v for v in positional[1:2] if isinstance(v, Tensor) and v.rank]
    if not made or (len(positional) < 2 and not order.model_made(made[0])):
        return
    facts: dict[str, Fact] = {
        "loss_name": given.row.short_name,
        "framework": given.row.framework,
        "argument_count": len(positional),
    }
    recording.single(machine, "constructor", given.mark, facts, made[0].evidence)


def call_object(
    machine: Machine, loss: Instance, row: Row, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    """A loss object called on output and targets."""
    call = bind(row, arguments, node, machine.mark(node), row.call_params)
    output, labels = call.of("output"), call.of("labels")
    meet(machine, Meeting(row, options_of(loss, node), "object", machine.mark(node)), output, labels)
    return SCALAR


def options_of(loss: Instance, node: cst.CSTNode) -> Given:
    """The constructor arguments of a loss object."""
    assert isinstance(loss.cls, Row) and loss.mark is not None
    return Given(
        loss.cls,
        {k: v for k, v in loss.args if k != "**"},
        any(k == "**" for k, _ in loss.args),
        node,
        {},
        loss.mark,
    )


def meet(
    machine: Machine,
    meeting: Meeting,
    output: Value | None,
    labels: Value | None,
    base: Guards = NO_GUARDS,
    same_input: bool = False,
) -> None:
    """Record the site: one case for each consistent combination of output and labels."""
    if isinstance(labels, Tensor) and labels.origin in ("placeholder", "input"):
        machine.deferred.append((meeting, output, labels, base))
        return
    nothing = Const(None)
    logits = meeting.options.of("from_logits")
    values = (output or nothing, labels or nothing, logits or nothing)
    cases = []
    met = recording.cases_of(values, machine)
    for guards, (out, target, flag) in [item for item in met if not _without_samples(item[1])] or met:
        every = guards | base | frozenset(machine.split)
        decisions = every | frozenset(machine.store.path)
        if _without_units(out, decisions):
            continue
        out, target = decided(machine, out, guards), decided(machine, target, guards)
        target = selection.asked_for(target, [key for key, _ in decisions])
        asked = flag if logits is not None else None
        case = case_of(machine, meeting, out, target, asked, same_input, decisions)
        default = recording.default_path(machine, every)
        one = recording.one_number(decisions)
        cases.append(replace(case, default_path=default, decisions=decisions, one_number=one))
    recording.add(machine, "loss", meeting.mark, cases)


def _without_units(output: Value, decisions: Guards) -> bool:
    """Whether decisions leave an output no unit: neither `n > 1` nor `n == 1`. No layer is like that."""
    width = output.width if isinstance(output, Tensor) else None
    return isinstance(width, Sym) and largest(width.key, decisions) < 1


def _without_samples(values: Sequence[Value]) -> bool:
    """Whether a size is 0, as of what a script makes where there is nothing to train on."""
    return any(isinstance(value, Tensor) and 0 in (value.shape or ()) for value in values)


def decided(machine: Machine, value: Value, guards: Guards) -> Value:
    """A value with the sizes that the decisions fix: under `n == 1`, a width of n is 1."""
    if not isinstance(value, Tensor) or not isinstance(value.width, Sym):
        return value
    number = equal_to(value.width.key, (*machine.store.path, *guards))
    return value if number is None else replace(value, width=number)


def case_of(
    machine: Machine,
    meeting: Meeting,
    output: Value,
    labels: Value,
    flag: Value | None,
    same_input: bool = False,
    decisions: Guards = NO_GUARDS,
) -> Case:
    """All facts of one combination."""
    row, family = meeting.row, meeting.row.get("family")
    if family in order.SYMMETRIC and order.other_way_round(output, labels):
        output, labels = labels, output
    facts: dict[str, Fact] = {
        "framework": row.framework,
        "backend": machine.backend if row.framework == "keras" else None,
        "called": meeting.called,
        "loss": row.name,
        "loss_name": row.short_name,
        "family": family,
        "trained": False if machine.untrained or recording.under_pick(machine) else None,
    }
    _quantity_wanted(row, flag, facts)
    for name in ("ignore_index", "label_smoothing"):
        option = meeting.options.values.get(name)
        if isinstance(option, Const) and isinstance(option.value, int | float):
            facts[name] = str(option.value)
        elif isinstance(option, Sym):
            facts[name] = option.name or "?"
    out = tensors.tensor_of(machine, output, meeting.mark.node) if not isinstance(output, Const) else None
    target = tensors.tensor_of(machine, labels, meeting.mark.node) if not isinstance(labels, Const) else None
    evidence: list[Evidence] = [Evidence("loss", meeting.options.mark)]
    anchors: dict[str, Mark] = {}
    if family not in REGRESSION and order.swapped(out, target, family):
        assert out is not None and target is not None
        output_facts(target, facts)
        facts.update(swapped=True, encoding=out.encoding)
        evidence.extend((*target.evidence, *out.evidence))
        known = {name: fact for name, fact in facts.items() if fact is not None}
        return Case(known, tuple(evidence))
    if out is not None:
        if row.framework == "torch" and family in ("softmax", "nll"):
            out = shapes.axis_of_turned(out, target)
        out = as_framework_reads(out, row.framework)
        if family in targets.CLASS_FAMILIES:
            out = _as_read(out, target)
        output_facts(out, facts)
        if isinstance(out.width, Sym):
            facts["width_open"] = not several.is_one(out.width, decisions) or None
        evidence.extend(out.evidence)
    same_input = _is_rebuilt(family, out, target, same_input)
    if target is not None:
        if family == "sparse":
            rank = out.rank if out is not None else None
            target = targets.of_places(target, row.get("labels_rank") or (None if rank is None else rank - 1))
        target = targets.as_labels(target, str(family), row.framework, same_input, out)
        targets.label_facts(target, facts)
        evidence.extend(item for item in target.evidence if item.fact == "encoding")
        if out is not None and several.by_labels(out, target, decisions):
            facts["units"] = "many"
    contracts.apply(machine, row, out, target, facts)
    if same_input:
        facts["output_is_input"] = True
    if out is not None and target is not None:
        _relations(out, target, facts, decisions)
    for name, tensor in (("width", out), ("classes", target)):
        size = getattr(tensor, name, None)
        if isinstance(size, Sym) and passed_in(size.key):
            facts[f"{name}_passed_in"] = True
    for item in evidence:
        anchors.setdefault({"width": "output", "encoding": "targets"}.get(item.fact, item.fact), item.mark)
    known = {name: fact for name, fact in facts.items() if fact is not None}
    return Case(known, tuple(evidence), True, anchors, target.key if target is not None else None)


def _is_rebuilt(family: object, out: Tensor | None, target: Tensor | None, same_input: bool) -> bool:
    """Whether an output is held against what it was made from; such of a data set may be zeros and ones."""
    sampled = target is not None and target.origin == "sample"
    if family in targets.CLASS_FAMILIES or (family in targets.COLUMN_FAMILIES and sampled):
        return False
    if same_input or out is None or target is None or target.encoding not in (None, "continuous"):
        return same_input
    return out.source is not None and out.source == target.key


def _as_read(out: Tensor, target: Tensor | None) -> Tensor:
    """An output as a loss on classes reads it.

    Where the axis of its units is gone, or the first of two, a score for each of several things makes
    classes. A vector of such scores is one sample where its label is, or may be, a single number.
    """
    if out.rank == 1 and out.class_axis is None:
        batch = out.width != 1 or target is None or target.rank not in (0, None)
        return out if batch else replace(out, width=out.shape[0] if out.shape else None)
    if out.class_axis is not None and (out.rank != 2 or shapes.left_axis(out, out.class_axis) != 0):
        return out
    width = out.shape[1] if out.rank == 2 and out.shape is not None and out.quantity is not None else None
    made = replace(out, width=width, class_axis=None if width is None else 1)
    return made if width == out.width else replace(made, evidence=shapes.without_width(out))


def _quantity_wanted(row: Row, flag: Value | None, facts: dict[str, Fact]) -> None:
    wants = row.get("wants")
    if flag is not None:
        value = flag.value if isinstance(flag, Const) else None
        if isinstance(value, bool):
            facts["from_logits"] = value
            wants = "logits" if value else wants
        else:
            wants = None
    facts["wants"] = wants
    if wants == "logits":
        facts["applies"] = row.get("applies")
    elif wants is not None:
        facts["applies"] = "none"


def as_framework_reads(out: Tensor, framework: object) -> Tensor:
    """An output of unknown class axis: Keras and TensorFlow read the last ("axis: defaults to -1")."""
    if framework == "torch" or out.class_axis is not None or out.shape is None or len(out.shape) < 3:
        return out
    return replace(out, width=out.shape[-1], class_axis=-1)


def output_facts(out: Tensor, facts: dict[str, Fact]) -> None:
    """Add what is known of an output to the facts."""
    if isinstance(out.width, int) and out.width > 0:  # a list that is still empty here is filled elsewhere
        facts["width"] = out.width
        facts["units"] = recording.units(out.width)
    elif isinstance(out.width, Sym):
        facts["width_symbol"] = out.width.name or "?"
    facts["quantity"] = out.quantity
    if out.quantity == "logits" and facts.get("family") in REGRESSION:
        facts["quantity"] = "other"
    facts["activation"] = out.activation
    facts["origin"] = out.origin or None
    if out.quantity in ("probabilities", "log-probabilities"):
        facts["activation_fresh"] = out.fresh
    facts["activation_axis"] = out.activation_axis
    facts["class_axis"] = out.axis_is_class
    facts["output_rank"] = out.rank
    if out.shape is not None:
        facts["output_shape"] = targets.shape_text(out.shape)


def _relations(out: Tensor, target: Tensor, facts: dict[str, Fact], decisions: Guards) -> None:
    if target.encoding in ("index", "one-hot", "multi-hot", "soft"):
        facts["width_against_classes"] = against(out.width, target.classes)
        if facts["width_against_classes"] == "fewer" and literals.holds_classes(target):
            facts["classes_certain"] = True
        if out.width == 1 and several.columns(target, decisions):
            facts.update(width_against_classes="fewer", classes_certain=True)
    if out.shape is not None and target.shape is not None:
        facts["shapes"] = relation(out, target)
    elif out.shape is not None and len(out.shape) == 1:
        facts["shapes"] = "vector-output"
    elif target.width is not None and target.width == out.width:
        facts["shapes"] = "same"


def against(width: Dim, classes: Dim) -> str | None:
    """The width against the number of classes: "equal", "fewer" or "more"; None where that is not certain."""
    if isinstance(width, int) and isinstance(classes, int):
        return "equal" if width == classes else "fewer" if width < classes else "more"
    if isinstance(width, Sym) and isinstance(classes, Sym):
        (base, offset), (other, shift) = operators.split_sum(width), operators.split_sum(classes)
        if base == other:
            return "equal" if offset == shift else "fewer" if offset < shift else "more"
    return None


def relation(out: Tensor, target: Tensor) -> str | None:
    """How the shapes of output and labels stand to each other."""
    assert out.shape is not None and target.shape is not None
    a, b = out.shape, target.shape
    if len(a) == 2 and a[1] == 1 and len(b) == 1:
        return "column-output-vector-labels"
    if len(a) == 1 and len(b) == 2 and b[1] == 1:
        return "vector-output-column-labels"
    if len(a) == 1 and len(b) == 1:
        return "vector-output"
    if len(a) == len(b) and all(x == y or x is None or y is None for x, y in zip(a, b, strict=True)):
        return "same"
    return None


# -- losses as values: strings, names, objects, functions of the project


OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {
    "loss": loss_call,
    "loss_by_name": loss_by_name,
}
