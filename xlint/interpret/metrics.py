"""Metrics: of `compile`, called as objects or functions, and rounding in place of a threshold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xlint import syntax as cst
from xlint.apis import REGRESSION, Row
from xlint.interpret import (
    calls,
    comparisons,
    containers,
    loss_values,
    losses,
    recording,
    sequences,
    several,
    targets,
)
from xlint.interpret.given import Given, bind
from xlint.interpret.machine import Machine
from xlint.interpret.values import Api, Const, Instance, Sym, Tensor, Value, key_of
from xlint.sites import Case, Evidence, Fact, Mark


def describe(machine: Machine, row: Row, options: Given, called: str) -> dict[str, Fact]:
    """The facts of a metric itself: what it computes, on what, with which threshold."""
    data = dict(row.data)
    task = options.of("task_param")
    if isinstance(task, Const) and isinstance(task.value, str):
        data.update(row.get("tasks", {}).get(task.value, {}))
    threshold = options.of("threshold")
    flag = options.of("from_logits")
    facts: dict[str, Fact] = {
        "framework": row.framework,
        "called": called,
        "metric": data.get("metric"),
        "metric_name": row.short_name,
        "metric_wants": data.get("wants"),
        "metric_labels": data.get("labels"),
        "task": task.value if isinstance(task, Const) and isinstance(task.value, str) else None,
    }
    if options.constant(row.get("multilabel_param")) is True:
        facts["task"] = "multilabel"
    if isinstance(threshold, Const) and isinstance(threshold.value, int | float):
        facts["threshold"] = str(threshold.value)
        if threshold.value == 0:
            facts["metric_wants"] = "logits"
    if isinstance(flag, Const) and flag.value is True:
        facts["metric_wants"] = "logits"
    return facts


def record(
    machine: Machine,
    facts: dict[str, Fact],
    output: Value | None,
    labels: Value | None,
    mark: Mark,
    extra: dict[str, Fact] | None = None,
) -> None:
    """Hand on a metric site with output and label facts."""
    nothing = Const(None)
    cases = []
    for guards, (out, target) in recording.cases_of((output or nothing, labels or nothing), machine):
        all_facts = dict(facts)
        all_facts.update(extra or {})
        evidence: list[Evidence] = []
        if isinstance(out, Tensor):
            if isinstance(out.key, tuple) and out.key[0] == "decision":
                out = replace(out, width=None)  # answers, and no units that one is chosen of
            out = losses.as_framework_reads(out, all_facts.get("framework"))
            losses.output_facts(out, all_facts)
            evidence.extend(out.evidence)
        if isinstance(target, Tensor):
            family = "binary" if isinstance(out, Tensor) and out.width == 1 else "sparse"
            if all_facts.get("family") in REGRESSION and target.encoding is None:
                family = str(all_facts["family"])
            if targets.perhaps_several(target) and all_facts.get("activation") != "softmax":
                target = replace(target, encoding=None, classes=None)
            target = targets.as_labels(target, family, str(facts.get("framework")), False, None)
            targets.label_facts(target, all_facts)
            decisions = guards | frozenset((*machine.split, *machine.store.path))
            if isinstance(out, Tensor) and several.by_labels(out, target, decisions):
                all_facts["units"] = "many"
            evidence.extend(target.evidence)
        known = {name: fact for name, fact in all_facts.items() if fact is not None}
        cases.append(Case(known, tuple(evidence), recording.default_path(machine, guards), {"metric": mark}))
    recording.add(machine, "metric", mark, cases)


def of_compile(
    machine: Machine,
    metrics: Value | None,
    output: Value | None,
    labels: Value | None,
    mark: Mark,
    extra: dict[str, Fact],
) -> None:
    """The metrics argument of a compile."""
    if metrics is None:
        return
    items = containers.items(machine, metrics)
    if isinstance(metrics, Instance) and metrics.cls == "dict":
        return
    for item in items if items is not None and not isinstance(metrics, Const) else [metrics]:
        at = item.mark if isinstance(item, Const | Instance) and item.mark is not None else mark
        if isinstance(item, Const) and isinstance(item.value, str):
            name = machine.tables.strings["metric"].get(item.value)
            if name is not None:
                facts: dict[str, Fact] = {
                    "framework": "keras",
                    "called": "compile",
                    "metric": name,
                    "metric_name": item.value,
                }
                record(machine, resolved(machine, facts, name), output, labels, at, extra)
        elif isinstance(item, Instance) and isinstance(item.cls, Row) and item.cls.op == "metric":
            options = losses.options_of(item, at.node)
            described = describe(machine, item.cls, options, "compile")
            if described.get("task") == "multilabel":
                _note_labels(machine, described, labels)
            record(machine, described, output, labels, at, extra)
        elif isinstance(item, Api) and item.row is not None and item.row.op == "metric":
            options = Given(item.row, {}, False, at.node, {}, at)
            record(machine, describe(machine, item.row, options, "compile"), output, labels, at, extra)


def resolved(machine: Machine, facts: dict[str, Fact], name: str) -> dict[str, Fact]:
    """What a metric given as a string wants, from the row of its class."""
    row = machine.tables.keras_metric(name)
    if row is not None:
        facts["metric_wants"], facts["metric_labels"] = row.get("wants"), row.get("labels")
        if row.defaults.get("threshold") is not None:
            facts["threshold"] = str(row.defaults["threshold"])
    return facts


def call_object(
    machine: Machine, metric: Instance, row: Row, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    """A metric object called, or its update_state or update."""
    call = bind(row, arguments, node, machine.mark(node), row.call_params)
    facts = describe(machine, row, losses.options_of(metric, node), "object")
    _note_labels(machine, facts, call.of("labels_param"))
    record(machine, facts, call.of("output"), call.of("labels_param"), machine.mark(node))
    return Tensor(shape=(), origin="metric")


def metric_call(machine: Machine, given: Given, value: Value | None) -> Value:
    """A metric function called directly."""
    facts = describe(machine, given.row, given, "function")
    _note_labels(machine, facts, given.of("labels_param"))
    record(machine, facts, given.of("output"), given.of("labels_param"), given.mark)
    return Tensor(shape=(), origin="metric")


def _note_labels(machine: Machine, facts: dict[str, Fact], labels: Value | None) -> None:
    """Labels that a metric of PyTorch counts are classes; one of Keras may ask for one-hot rows."""
    counted = any(
        word in str(facts.get("metric")) for word in ("accuracy", "precision", "recall", "f1", "auc")
    )
    if not counted or not isinstance(labels, Sym | Tensor):
        return
    uses = {"index": "index", "binary": "binary", "any": "classes"}
    if facts.get("framework") != "torch":
        uses = {"one-hot": "one-hot"}
    use = "multi-hot" if facts.get("task") == "multilabel" else uses.get(str(facts.get("metric_labels")))
    if use is not None and getattr(labels, "encoding", None) is None:
        comparisons.note_labels(machine, key_of(labels), use)


def rounded(machine: Machine, output: Tensor, given: Given) -> None:
    """round(): a threshold at one half."""
    half = Tensor(value=0.5)
    recording.threshold(machine, "GreaterThan", output, half, given.node)


OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {"metric": metric_call}


CLASS_METRICS = ("acc", "auc", "precision", "recall", "f1")


def judged_by_classes(machine: Machine, given: Value | None) -> bool:
    """Whether the metrics of a compile count classes (accuracy, AUC, precision, recall)."""
    items = (
        containers.items(machine, given) if given is not None and not isinstance(given, Const) else [given]
    )
    for item in items or ():
        if isinstance(item, Const) and isinstance(item.value, str):
            name = item.value
        elif isinstance(item, Instance) and isinstance(item.cls, Row):
            name = item.cls.short_name
        else:
            name = str(getattr(item, "name", ""))
        if any(word in name.lower() for word in CLASS_METRICS):
            return True
    return False


def judged_outputs(machine: Machine, given: Value | None) -> dict[object, bool] | None:
    """The same for each output, by position or name, where the metrics are given for each; else None."""
    parts = loss_values.parts_of(machine, given)
    by_name = isinstance(given, Instance) and given.cls == "dict"
    if parts is None or not (by_name or any(sequences.is_sequence(part) for part in parts.values())):
        return None
    return {name: judged_by_classes(machine, part) for name, part in parts.items()}
