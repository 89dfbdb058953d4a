"""Steps that a trainer of a framework calls: those of Lightning modules, the loss of transformers."""

from __future__ import annotations

from xlint import syntax as cst
from xlint.interpret import alike, attributes, calls, containers, own_losses
from xlint.interpret.machine import Machine
from xlint.interpret.values import NONE, Bound, ClassValue, Const, Function, Instance, Sym, Value


def lightning_fit(machine: Machine, arguments: calls.Arguments, node: cst.CSTNode) -> None:
    """trainer.fit(module, loaders or a data module): runs the steps of the module on batches."""
    module = arguments.positional[0] if arguments.positional else arguments.keywords.get("model")
    if not isinstance(module, Instance) or not isinstance(module.cls, ClassValue):
        return
    if attributes.find_method(machine, module, "training_step") is None:
        return
    rest = list(arguments.positional[1:])
    train = arguments.keywords.get("train_dataloaders", arguments.keywords.get("train_dataloader"))
    train = train if train is not None else rest[0] if rest else arguments.keywords.get("datamodule")
    train = train if train is not None else arguments.keywords.get("dataloaders")
    validation = arguments.keywords.get("val_dataloaders", rest[1] if len(rest) > 1 else train)
    run_steps(machine, module, train, validation, node)


STEPS = {
    "training_step": "train_dataloader",
    "validation_step": "val_dataloader",
    "test_step": "test_dataloader",
}
ENDS = {step.removesuffix("_step") + end: step for step in STEPS for end in ("_epoch_end", "_end")}
"""Methods that get what a step has given for all batches."""


def run_steps(
    machine: Machine, module: Instance, train: Value | None, validation: Value | None, node: cst.CSTNode
) -> None:
    """training_step, validation_step and test_step on a batch of their loader."""
    for source in (train, module):
        if isinstance(source, Instance) and isinstance(source.cls, ClassValue):
            for name in ("prepare_data", "setup"):
                found = attributes.find_method(machine, source, name)
                if found is not None and machine.store.get(source.id, f"ran {name}") is None:
                    machine.store.set(source.id, f"ran {name}", Const(True))
                    unknown = calls.unknown_arguments(machine, found, True)
                    calls.apply(machine, Bound(source, found), unknown, node)
    for step, loader in STEPS.items():
        found = attributes.find_method(machine, module, step)
        if found is None:
            continue
        source = train if step == "training_step" else validation
        batch = _batch_from(machine, module, source, loader, node)
        values = calls.unknown_arguments(machine, found, True).positional
        result = calls.apply(machine, Bound(module, found), calls.Arguments((batch, *values[1:])), node)
        own_losses.descend(machine, result)
        _end_epoch(machine, module, step, result, node)


def _end_epoch(machine: Machine, module: Instance, step: str, result: Value, node: cst.CSTNode) -> None:
    """What a module does at the end of an epoch with all that its steps have given."""
    note_result(machine, module, step, result)
    for name, of in ENDS.items():
        found = attributes.find_method(machine, module, name) if of == step else None
        if found is not None:
            results = machine.new_list(None, element=result)
            calls.apply(machine, Bound(module, found), calls.Arguments((results,)), node)


def note_result(machine: Machine, module: Value | None, step: str, result: Value) -> None:
    """Remember what the step of a module has given."""
    if isinstance(module, Instance) and step in STEPS:
        machine.store.set(module.id, f"gave {step}", result)


def _results(machine: Machine, module: Instance, name: str) -> Value | None:
    """What a method gets at the end of an epoch; None for other methods."""
    result = machine.store.get(module.id, f"gave {ENDS.get(name)}")
    return None if result is None else machine.new_list(None, element=result)


def _batch_from(
    machine: Machine, module: Instance, source: Value | None, loader: str, node: cst.CSTNode
) -> Value:
    for owner in (source, module):
        if isinstance(owner, Instance) and isinstance(owner.cls, ClassValue):
            found = attributes.find_method(machine, owner, loader)
            if found is not None:
                # Where a path gives no loader, no step runs.
                source = alike.without_none(calls.call(machine, Bound(owner, found), (), {}, node))
                break
    if (
        source is None
        or source == NONE
        or (isinstance(source, Instance) and isinstance(source.cls, ClassValue))
    ):
        return Sym(("batch", module.id, loader), "batch")
    if isinstance(source, Instance) and source.cls == "list":
        items = containers.items(machine, source)
        source = items[0] if items else source
    return containers.element(machine, source, node)


def run_lightning(machine: Machine) -> None:
    """Modules whose steps nobody has run: with their own loaders."""
    for made in list(machine.instances.values()):
        module = made[-1]
        if isinstance(module.cls, ClassValue) and attributes.role(module.cls) == "lightning_module":
            found = attributes.find_method(machine, module, "training_step")
            if found is not None and id(found.node) not in machine.called:
                run_steps(machine, module, None, None, module.cls.node)


def refine_arguments(
    machine: Machine, function: Function, receiver: Value | None, arguments: calls.Arguments
) -> None:
    """What a method gets that nobody calls: a batch, or what its steps gave, or the model of a trainer."""
    if not isinstance(receiver, Instance):
        return
    given: Value | None = None
    if function.name in STEPS:
        given = _batch_from(machine, receiver, None, STEPS[function.name], function.node)
    elif function.name in ENDS:
        given = _results(machine, receiver, function.name)
    elif function.name == "compute_loss" and isinstance(receiver.cls, ClassValue):
        trains = attributes.role(receiver.cls) == "trainer"
        given = machine.store.get(receiver.id, "model") if trains else None
    if given is not None:
        arguments.positional = (given, *arguments.positional[1:])
