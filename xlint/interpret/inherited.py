"""Objects of the project's classes that inherit from a library's: what they get from it."""

from __future__ import annotations

from dataclasses import replace

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret import attributes, calls, layers, models, networks, selection, sequences
from xlint.interpret.given import bind
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    NONE,
    Api,
    ClassValue,
    Const,
    Function,
    Instance,
    Stream,
    Sym,
    Value,
)

FORWARD = {
    "torch_module": ("forward", "_forward_impl"),  # the latter is called by that of torchvision's networks
    "lightning_module": ("forward",),
    "keras_model": ("call",),
    "keras_layer": ("call",),
}


def base_row(cls: ClassValue) -> Row | None:
    """The row of the first library class that a class inherits from."""
    for base in attributes.order(cls):
        if isinstance(base, Api) and base.row is not None:
            return base.row
    return None


def base_init(
    machine: Machine, target: Instance, cls: ClassValue, arguments: calls.Arguments, node: cst.CSTNode
) -> None:
    """The constructor that a class inherits from a library."""
    row = base_row(cls)
    if row is None:
        return
    given = bind(row, arguments, node, machine.mark(node))
    if row.op in models.LIST_LIKE:
        models.fill_list(machine, target, given)
    elif row.op == "functional" and given.of("outputs") is not None:
        machine.store.set(target.id, "outputs", sequences.only_one(machine, given.of("outputs") or NONE))
    elif row.get("attributes"):
        for name, value in given.values.items():
            machine.store.set(target.id, name, value)
    elif row.op == "loader":
        for name in ("transform", "target_transform"):
            machine.store.set(target.id, name, given.get(name) or NONE)
        machine.store.set(target.id, "inherited", calls.apply(machine, Api(row.name, row), arguments, node))
    elif row.op not in ("base_class", "functional"):
        more = (("**", NONE),) if given.open else ()
        built = Instance(row, machine.new_id(), (*given.values.items(), *more), given.mark)
        machine.store.set(target.id, "inherited", built)


def super_method(
    machine: Machine, target: Instance, name: str, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    """super().name(...) where the method is a library's."""
    if name == "__init__" and isinstance(target.cls, ClassValue):
        base_init(machine, target, target.cls, arguments, node)
        return NONE
    if name in ("forward", "call", "__call__"):
        return _inherited_call(machine, target, arguments, node)
    samples = samples_of(machine, target) if name in ("__getitem__", "__iter__") else None
    if samples is not None:
        return samples.element if name == "__getitem__" else samples
    return models.method(machine, target, name, arguments, node)


def explicit_base_call(
    machine: Machine, callee: Api, name: str, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    """Base.__init__(self, ...)."""
    target = arguments.positional[0]
    if isinstance(target, Instance) and isinstance(target.cls, ClassValue):
        return super_method(machine, target, name, arguments.without_first(), node)
    return machine.unknown(node)


def samples_of(machine: Machine, target: Instance) -> Stream | None:
    """The samples that a class of the project gets from a library's data set; it may choose some of them."""
    built = machine.store.visible(machine.store.get(target.id, "inherited"))
    if not isinstance(built, Stream):
        return None
    return replace(built, element=selection.samples_of_some(built.element))


def _inherited_call(
    machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    value: Value = arguments.positional[0] if arguments.positional else Sym(("input", id(node)))
    built = machine.store.visible(machine.store.get(target.id, "inherited"))
    if isinstance(built, Instance) and isinstance(built.cls, Row):
        for name in built.cls.get("heads", ()):
            own = machine.store.get(target.id, name)
            if own is not None:
                networks.attribute_set(machine, built, name, own)
    if built is not None:
        return calls.apply(machine, built, arguments, node)
    outputs = machine.store.visible(machine.store.get(target.id, "outputs"))
    if outputs is not None:
        return outputs  # type: ignore[no-any-return]
    if machine.store.get(target.id, "items") is not None:
        return layers.run_layers(machine, target, value, node)
    return machine.unknown(node)


def call_object(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """Call an object of a class of the project: its forward or call, after build where Keras does that."""
    found = forward_of(machine, target)
    if found is None:
        return _inherited_call(machine, target, arguments, node)
    if found.name == "call":
        _build_once(machine, target, node)
    return calls.call_function(machine, found, arguments, node, target)


def forward_of(machine: Machine, target: Instance) -> Function | None:
    """The method of the project that calling an object of its class runs, if any."""
    assert isinstance(target.cls, ClassValue)
    names = FORWARD.get(attributes.role(target.cls), ("forward", "call"))
    methods = (attributes.find_method(machine, target, name) for name in names)
    return next((method for method in methods if method is not None), None)


def _build_once(machine: Machine, target: Instance, node: cst.CSTNode) -> None:
    builder = attributes.find_method(machine, target, "build")
    if builder is not None and machine.store.get(target.id, "was built") is None:
        machine.store.set(target.id, "was built", Const(True))
        calls.call_function(
            machine, builder, calls.Arguments((Sym(("input shape", target.id)),)), node, target
        )


def object_attribute(
    machine: Machine, target: Instance, cls: ClassValue, name: str, node: cst.CSTNode
) -> Value | None:
    """Attributes that a class of the project inherits from a library."""
    if name == "training":
        return machine.store.visible(machine.store.get(0, "training")) or Sym(("training",))
    if name in ("output", "outputs"):
        return machine.store.get(target.id, "outputs")  # type: ignore[no-any-return]
    built = machine.store.visible(machine.store.get(target.id, "inherited"))
    if isinstance(built, Instance) and isinstance(built.cls, Row) and built.cls.op == "pretrained":
        part = networks.attribute(machine, built, built.cls, name)
        if part is not None:
            return part
    if isinstance(built, Stream):
        found = next((value for key, value in built.attributes if key == name), None)
        return None if found is None else selection.samples_of_some(found)
    if name in models.WRAPPED and "forward" in FORWARD.get(attributes.role(cls), ()):
        return target
    return None


REACHES_LOSS = ("compiled_loss", "compute_loss", "self.loss", "super(")


def ignores_compiled_loss(machine: Machine, model: Instance) -> bool:
    """Whether a train_step or compute_loss of the model's own never comes to the loss of compile."""
    for name in ("train_step", "compute_loss"):
        own = attributes.find_method(machine, model, name)
        if own is not None:
            code = own.scope.module.source.code(own.node.body)
            if not any(word in code for word in REACHES_LOSS):
                return True
    return False
