"""What annotations say of values that nobody gives: a model of the project, or a loss of PyTorch."""

from __future__ import annotations

from xlint import syntax as cst
from xlint.interpret import attributes, calls
from xlint.interpret.machine import Machine
from xlint.interpret.scopes import Scope
from xlint.interpret.values import Api, ClassValue, Sym, Value

MODELS = ("torch_module", "lightning_module", "keras_model")


def object_of(machine: Machine, scope: Scope, annotation: cst.Annotation | None) -> Value | None:
    """An object of the class that an annotation names, made with unknown arguments; None where it says less.

    Losses of Keras are left unknown: their `from_logits` is not in the annotation.
    """
    if annotation is None or type(annotation.annotation) not in (cst.Name, cst.Attribute):
        return None
    with machine.inside(scope):
        named = machine.evaluate(annotation.annotation)
    if isinstance(named, ClassValue) and attributes.role(named) in MODELS:
        return _only_instance(machine, named)
    row = named.row if isinstance(named, Api) else None
    if row is not None and row.op == "loss" and row.is_class and row.framework == "torch":
        return calls.call(machine, named, (), {}, annotation.annotation)
    return None


def _only_instance(machine: Machine, cls: ClassValue) -> Value | None:
    """The one object of the class, or one made of unknown arguments; None where several could be meant."""
    if any(other is not cls and cls in attributes.order(other) for other in machine.classes):
        return None
    made = [
        one for one in machine.instances.get(id(cls), []) if one.mark is None or one.mark.node is not cls.node
    ]
    if made:
        return made[0] if len(made) == 1 else None
    init = attributes.find_method(machine, machine.instance(cls), "__init__")
    params = () if init is None else (*init.node.params.posonly_params, *init.node.params.params)[1:]
    names = [param.name.value for param in params]
    unknown = tuple(Sym(("declared", id(cls.node), name), name) for name in names)
    return calls.instantiate(machine, cls, calls.Arguments(unknown, {}, True), cls.node)
