"""Losses as values of a Keras `loss` argument: strings, names, objects, functions, several by output."""

from __future__ import annotations

from dataclasses import replace

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret import calls, containers, losses, order, own_losses, shapes
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.store import consistent, join
from xlint.interpret.values import (
    NO_GUARDS,
    Api,
    Bound,
    Choice,
    ClassValue,
    Const,
    Function,
    Guards,
    Instance,
    Partial,
    Sym,
    Tensor,
    Tuple,
    Value,
    key_of,
)
from xlint.sites import Mark


def use(
    machine: Machine,
    loss: Value,
    output: Value | None,
    labels: Value | None,
    mark: Mark,
    node: cst.CSTNode,
    base: Guards = NO_GUARDS,
    same_input: bool = False,
) -> None:
    """A Keras `loss` argument meets the output and the labels of a fit."""
    loss = machine.store.visible(loss)
    if isinstance(loss, Choice):
        for guards, item in loss.alternatives:
            use(
                machine,
                item,
                narrowed(output, guards),
                narrowed(labels, guards),
                mark,
                node,
                base | guards,
                same_input,
            )
        return
    several, row = parts_of(machine, loss), row_of(machine, loss)
    if several is not None:
        _use_several(machine, several, output, labels, mark, node, base, same_input)
        return
    if row is None:
        _use_own(machine, loss, output, labels, mark, node, same_input)
        return
    outputs = parts_of(machine, output) if output != Tuple(()) else None
    options = Given(row, {}, False, node, {}, mark)
    if isinstance(loss, Instance):  # it is not taken apart by outputs
        options, outputs = losses.options_of(loss, node), None
    meeting = losses.Meeting(row, options, "compile", mark)
    if outputs is None:
        losses.meet(machine, meeting, output, labels, base, same_input)
        return
    for name, part in outputs.items():
        losses.meet(machine, meeting, part, _part(machine, labels, name), base)


def row_of(machine: Machine, loss: Value) -> Row | None:
    """The row of a loss that is named by a string, or is a library's function or object; None for others."""
    row: object = None
    if isinstance(loss, Const) and isinstance(loss.value, str):
        row = machine.tables.loss_named(loss.value)
    elif isinstance(loss, Api | Instance):
        row = loss.row if isinstance(loss, Api) else loss.cls
    return row if isinstance(row, Row) and row.op == "loss" else None


def _use_own(
    machine: Machine,
    loss: Value,
    output: Value | None,
    labels: Value | None,
    mark: Mark,
    node: cst.CSTNode,
    same_input: bool,
) -> None:
    """A loss that no table describes is a site; one of the script's own runs, and may tell of its labels."""
    before, same = len(machine.sites), same_input and _real(labels)
    own_losses.site(machine, loss_text(loss, mark), output, labels, mark, "compile", same)
    made = isinstance(loss, Instance) and isinstance(loss.cls, ClassValue)
    if isinstance(loss, Const | Sym):  # a name that is registered somewhere, or one that is handed in
        machine.sites[before:] = map(own_losses.of_any_formula, machine.sites[before:])
    if not made and not isinstance(loss, Function | Bound | Partial | ClassValue):
        return
    target = labels or machine.unknown(node)
    if same_input and isinstance(output, Tensor) and isinstance(target, Tensor):
        target = replace(target, key=key_of(target))
        output = replace(output, source=target.key)
    predicted = output or machine.unknown(node)
    handed = (_as_handed(target, predicted), predicted)
    _, scores = own_losses.scoring(machine, lambda: calls.call(machine, loss, handed, {}, node))
    site, *inside = machine.sites[before:] or (None,)
    if site is not None and site.mark is mark:
        told = own_losses.told_inside(site, inside, key_of(target))
        told = told if scores else own_losses.of_any_formula(told)
        machine.sites[before:] = [told, *own_losses.of_both_orders(inside)]


def _as_handed(target: Value, output: Value) -> Value:
    """Labels as a user's loss gets them: what is known of them, or that they are labels, and their rank."""
    if isinstance(target, Sym):
        return Tensor(key=target.key, name=target.name, origin=order.FED)
    return _of_same_rank(target, output)


def _of_same_rank(target: Value, output: Value) -> Value:
    """Labels as Keras hands them to a user's loss: beside an output of (N, 1), labels of (N,) become (N, 1).

    Seen on Keras 3.15.1 with TensorFlow 2.21; Keras 2 does it in fit.
    """
    if isinstance(target, Choice):
        return join([(guards, _of_same_rank(item, output)) for guards, item in target.alternatives])
    if isinstance(output, Choice):
        return _of_same_rank(target, output.alternatives[0][1])
    if not isinstance(target, Tensor) or not isinstance(output, Tensor) or target.rank is None:
        return target
    column = output.shape is not None and output.shape[-1:] == (1,) and len(output.shape) == target.rank + 1
    return shapes.unsqueeze(target, -1) if column else target


def loss_text(loss: Value, mark: Mark) -> str:
    """A loss that no table describes, as written."""
    if isinstance(loss, Const) and isinstance(loss.value, str):
        return loss.value
    return loss.name if isinstance(loss, Function) else mark.text()


def _real(labels: Value | None) -> bool:
    """Whether a target holds real numbers: the input of an autoencoder may be a sequence of words."""
    if not isinstance(labels, Tensor):
        return False
    return labels.origin == "features" or (labels.dtype or "").startswith("float")


def narrowed(value: Value | None, guards: Guards) -> Value | None:
    """The alternatives of a value that agree with the guards."""
    if not isinstance(value, Choice):
        return value
    kept = [(more, item) for more, item in value.alternatives if consistent(more | guards)]
    return join([(more - guards, item) for more, item in kept]) if kept else value


def parts_of(machine: Machine, value: Value | None) -> dict[object, Value] | None:
    """A list or dict by position or name; None for anything else."""
    if isinstance(value, Tuple):
        return dict(enumerate(value.items))
    if isinstance(value, Instance) and value.cls == "list":
        known = containers.items(machine, value)
        return None if known is None else dict(enumerate(known))
    if isinstance(value, Instance) and value.cls == "dict":
        result: dict[object, Value] = {}
        for key in containers.dict_keys(machine, value):
            found = containers.dict_get(machine, value, key)
            if isinstance(key, Const) and found is not None:
                result[key.value] = found
        return result
    return None


def _part(machine: Machine, value: Value | None, name: object) -> Value | None:
    parts = parts_of(machine, value)
    if parts is None:
        return None
    if name in parts:
        return parts[name]
    return None


def _use_several(
    machine: Machine,
    several: dict[object, Value],
    output: Value | None,
    labels: Value | None,
    mark: Mark,
    node: cst.CSTNode,
    base: Guards,
    same_input: bool,
) -> None:
    outputs = parts_of(machine, output)
    for position, (name, item) in enumerate(several.items()):
        at = item.mark if isinstance(item, Const | Instance) and item.mark is not None else mark
        out = _part(machine, output, name)
        if outputs is None and len(several) == 1:
            out = output
        elif out is None and isinstance(name, str) and outputs is not None:
            out = next((v for v in outputs.values() if isinstance(v, Tensor) and v.name == name), None)
        target = _part(machine, labels, name) or (
            labels
            if len(several) == 1 and parts_of(machine, labels) is None
            else _part(machine, labels, position)
            if out is not None
            else None
        )
        if machine.judged_outputs is not None:
            names = (name, position, out.name if isinstance(out, Tensor) else "")
            machine.judged = any(machine.judged_outputs.get(known, False) for known in names)
        use(machine, item, out, target, at, node, base, same_input)
