"""Losses of the project's own, or unknown ones: sites because their result is what training descends on."""

from __future__ import annotations

import libcst as cst

from xlint.apis import Row
from xlint.interpret import containers, losses
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import Const, Instance, Key, Sym, Tensor, Value
from xlint.sites import Mark

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


def candidate(machine: Machine, node: cst.CSTNode, values: tuple[Value, ...], result: Value) -> Value:
    """Remember a call on a model's output and something else: a loss if training goes back through it."""
    if len(values) < 2 or type(node) is not cst.Call:
        return result
    output: Value | None = next(
        (v for v in values if isinstance(v, Tensor) and v.origin == "model" and v.quantity), None
    )
    if output is None and isinstance(result, Sym) and isinstance(values[0], Sym | Tensor):
        output = values[0]
    if output is None or (isinstance(result, Tensor) and result.quantity is not None):
        return result
    labels = next((v for v in values if v is not output and isinstance(v, Tensor | Sym)), None)
    if isinstance(result, Tensor):
        result = Tensor(shape=result.shape, origin="loss", key=("own loss", id(node), machine.new_id()))
    if labels is not None and isinstance(result, Tensor | Sym):
        machine.candidates[result.key] = (machine.mark(node), output, labels)
    return result


def descend(machine: Machine, value: Value) -> None:
    """loss.backward(), or the result of a training step: its candidates are losses."""
    value = machine.store.visible(value)
    if isinstance(value, Instance) and value.cls == "dict":
        found = containers.dict_get(machine, value, Const("loss"))
        value = found if found is not None else value
    if not isinstance(value, Sym | Tensor):
        return
    _search(machine, value.key, MAX_KEY_DEPTH)


def finish(machine: Machine) -> None:
    """Calls of the same losses elsewhere, as in a validation loop."""
    for mark, output, labels in list(machine.candidates.values()):
        call = mark.node
        name = mark.source.snippet(call.func) if type(call) is cst.Call else ""
        if name in machine.own_losses:
            site(machine, name, output, labels, mark, "object")
    machine.candidates.clear()


def _search(machine: Machine, key: Key, depth: int) -> None:
    """Record the outermost candidates among the parts of a key."""
    known = machine.candidates.pop(key, None)
    if known is not None:
        mark, output, labels = known
        call = mark.node
        name = mark.source.snippet(call.func) if type(call) is cst.Call else mark.text()
        site(machine, name, output, labels, mark, "object")
        machine.own_losses.add(name)
    elif isinstance(key, tuple) and depth:
        for part in key:
            if isinstance(part, tuple):
                _search(machine, part, depth - 1)
