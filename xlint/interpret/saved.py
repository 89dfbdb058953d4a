"""Models that a script saves and loads again: under the same path lies what was saved last."""

from __future__ import annotations

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret import attributes, calls, containers, library
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import NONE, ClassValue, Const, Instance, Sym, Value, key_of

SLOT = "saved"


def _owner(path: Value) -> int:
    return attributes.symbol_slot(Sym((SLOT, key_of(path))))


def _keep(machine: Machine, path: Value | None, value: Value | None) -> None:
    if path is not None and value is not None and not isinstance(value, Sym):
        machine.store.set(_owner(path), SLOT, value)


def save_method(machine: Machine, model: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """model.save(path)."""
    _keep(machine, next(iter(arguments.values()), None), model)
    return NONE


def checkpoints(machine: Machine, model: Instance, callbacks: Value | None) -> None:
    """What a fit saves by its callbacks: whole models, unless only weights are asked for."""
    known = containers.items(machine, callbacks) if callbacks is not None else None
    for callback in known or ():
        row = callback.cls if isinstance(callback, Instance) else None
        if not isinstance(callback, Instance) or not isinstance(row, Row) or row.op != "checkpoint":
            continue
        if callback.argument(str(row.get("weights"))) in (None, Const(False)):
            _keep(machine, callback.argument(row.params[0]), model)


def _save(machine: Machine, given: Given, value: Value | None) -> Value:
    _keep(machine, given.of("path"), value)
    return NONE


def _load(machine: Machine, given: Given, value: Value | None) -> Value:
    """The object saved under the path, a model as an object of its own; else unknown."""
    found = None if value is None else machine.store.visible(machine.store.get(_owner(value), SLOT))
    if found is None:
        return given.unknown_result()
    return machine.each(found, lambda item: copied(machine, item))


def described(machine: Machine, model: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """model.to_json(): the description of a model stands for the model."""
    return model


def text_file(machine: Machine, file: Sym, name: str, arguments: calls.Arguments) -> Value | None:
    """`file.write(…)` of a described model, and what `file.read()` then gives; None for anything else."""
    key = file.key
    if not isinstance(key, tuple) or len(key) != 3 or key[0] != "call" or not key[2]:
        return None
    if not isinstance(key[1], tuple) or key[1][:1] != ("name",) or key[1][-1] != "open":
        return None
    owner = attributes.symbol_slot(Sym((SLOT, key[2][0])))
    if name == "read":
        held: Value | None = machine.store.visible(machine.store.get(owner, SLOT))
        return held
    text = next(iter(arguments.positional), None)
    if not isinstance(text, Instance) or isinstance(text.cls, str):
        return None
    machine.store.set(owner, SLOT, text)
    return NONE


def _described(machine: Machine, given: Given, value: Value | None) -> Value:
    """model_from_json(text): a model as the one described, without its weights."""
    if not isinstance(value, Instance) or isinstance(value.cls, str):
        return given.unknown_result()
    return copied(machine, value)


def copied(machine: Machine, value: Value) -> Value:
    """A model or layer as an object of its own; anything else as it is."""
    if not isinstance(value, Instance) or not isinstance(value.cls, Row | ClassValue):
        return value
    copy = Instance(value.cls, machine.new_id(), value.args, value.mark)
    for name, held in machine.store.slots(value.id):
        machine.store.set(copy.id, name, held)
    return copy


OPERATIONS: dict[str, library.Operation] = {
    "save": _save,
    "load_saved": _load,
    "described": _described,
}
