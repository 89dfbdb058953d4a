"""Attributes: of the project's classes and modules, of library objects, of tensors."""

from __future__ import annotations

from collections.abc import Iterator

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret import (
    alike,
    calls,
    children,
    configurations,
    containers,
    datasets,
    inherited,
    methods,
    models,
    named,
    networks,
    records,
    replaced,
    running,
    tables,
    tensors,
)
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    NONE,
    Api,
    Bound,
    Choice,
    ClassValue,
    Const,
    Function,
    Instance,
    ModuleValue,
    Stream,
    Super,
    Sym,
    Tensor,
    Tuple,
    Value,
    key_of,
    name_of,
)

PAIR = ("values", "indices", "data", "batch_sizes")
"""Names of the items of a pair: a maximum and its place, packed sequences and the sizes of their steps."""


def get(machine: Machine, base: Value, name: str, node: cst.CSTNode) -> Value:
    """`base.name`."""
    if isinstance(base, Choice):
        return machine.each(alike.without_none(base), lambda item: get(machine, item, name, node))
    if name == "__dict__" and isinstance(base, Instance) and base.cls == "parser":
        return named.dict_of(machine, base)
    if name == "__dict__" and isinstance(base, Api | ModuleValue):
        return base
    if isinstance(base, Api):
        written = machine.store.get(symbol_slot(base), name)
        if written is None and base.row is not None and base.row.op == "flags":
            return named.flag(name)
        return machine.api(f"{base.name}.{name}") if written is None else machine.store.visible(written)
    if isinstance(base, Instance):
        return _of_instance(machine, base, name, node)
    if isinstance(base, Tensor):
        return tensors.attribute(machine, base, name, node)
    if isinstance(base, ModuleValue):
        return running.find_member(machine, base.module, name) or Sym(
            ("member", base.module.name, name), name
        )
    if isinstance(base, ClassValue):
        return _of_class(machine, base, name)
    if isinstance(base, Super):
        return _of_super(machine, base, name, node)
    if isinstance(base, Tuple) and name in ("ndims", "rank"):
        return Const(len(base.items))
    if name == "value" and isinstance(base, Const) and type(base.value) is int:
        return base  # a Dimension of TensorFlow 1
    if isinstance(base, Tuple) and len(base.items) == 2 and name in PAIR:
        return base.items[name in ("indices", "batch_sizes")]
    if isinstance(base, Stream):
        return datasets.stream_attribute(machine, base, name, node)
    if isinstance(base, Sym):
        stored = machine.store.get(symbol_slot(base), name)
        if stored is not None:
            return machine.store.visible(stored)  # type: ignore[no-any-return]
        return tables.attribute(machine, base, name) or unknown_attribute(base, name)
    return Bound(base, name)


def unknown_attribute(base: Sym, name: str) -> Value:
    """An attribute of something unknown: a symbol that is the same each time it is asked for."""
    if name == "values" and isinstance(base.key, tuple) and base.key and base.key[0] in tensors.TRUTHS:
        return base
    shown = f"{base.name}.{name}" if base.name else name
    return Sym(("attr", base.key, name), shown)


def was_set(machine: Machine, base: Sym, name: str) -> bool:
    """Whether the script has written this attribute of something unknown."""
    return machine.store.get(symbol_slot(base), name) is not None


def symbol_slot(base: Sym | Api) -> int:
    """The owner of slots that belong to something unknown, or to a library's module."""
    return -1 - (hash(base.key if isinstance(base, Sym) else base.name) & 0xFFFFFFFFFFFF)


def set_named(machine: Machine, base: Value, name: Value, value: Value) -> None:
    """`setattr(base, name, value)`; under an unknown name it may be the last layer of a network."""
    if isinstance(name, Const):
        set_attribute(machine, base, str(name.value), value)
    elif isinstance(base := machine.store.visible(base), Instance):
        networks.change_head(machine, base, None)


def set_attribute(machine: Machine, base: Value, name: str, value: Value) -> None:
    """`base.name = value`."""
    base = machine.store.visible(base)
    if isinstance(base, Instance):
        if isinstance(base.cls, ClassValue):
            setter = find_method(machine, base, f"{name}.setter")
            if setter is not None:
                calls.call(machine, Bound(base, setter), (value,), {}, setter.node)
                return
        if records.is_record(machine, base):
            containers.set_item(machine, base, Const(name), value)
            return
        machine.store.set(base.id, name, replaced.note(machine, base, name, value))
        if base.cls == "head" and not isinstance(value, Const):
            machine.store.set(machine.store.get(base.id, "network").id, "head", value)
        networks.attribute_set(machine, base, name, value)
        children.written(machine, base, name, value)
    elif isinstance(base, ClassValue):
        machine.store.set(base.scope.id, name, value)
    elif tables.is_table(base):
        tables.set_attribute(machine, base, name, value)
    elif isinstance(base, Sym | Api):
        machine.store.set(symbol_slot(base), name, value)
    elif isinstance(base, Choice):

        def write(item: Value) -> Value:
            set_attribute(machine, item, name, value)
            return NONE

        machine.each(base, write)


def order(cls: ClassValue) -> Iterator[ClassValue | Api]:
    """The class and its bases, depth first, each once."""
    seen: set[int] = set()
    pending: list[Value] = [cls]
    while pending:
        current = pending.pop(0)
        if isinstance(current, Api):
            yield current
        if not isinstance(current, ClassValue) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        pending = [*current.bases, *pending]


def role(cls: ClassValue) -> str:
    """What the class inherits from a framework: "torch_module", "keras_model", … or an empty string."""
    for base in order(cls):
        row = base.row if isinstance(base, Api) else None
        if row is None:
            continue
        if row.op == "base_class":
            return str(row.get("framework_role", ""))
        if row.op in ("sequential", "functional", "pretrained"):
            return "torch_module" if row.framework == "torch" else "keras_model"
        if row.is_class and row.op in ("loss", "units"):
            return "torch_module" if row.framework == "torch" else "keras_layer"
    return ""


def open_class(cls: ClassValue) -> bool:
    """Whether a base of the class is unknown, so that it may have any attribute."""
    return any(
        not isinstance(base, ClassValue | Api)
        for item in order(cls)
        if isinstance(item, ClassValue)
        for base in item.bases
    )


def find(machine: Machine, cls: ClassValue, name: str) -> Value | None:
    """A class attribute by the order of classes."""
    for item in order(cls):
        if isinstance(item, ClassValue):
            value = machine.store.get(item.scope.id, name)
            if value is not None:
                return value  # type: ignore[no-any-return]
    return None


def find_method(machine: Machine, instance: Instance, name: str) -> Function | None:
    """A method that the project defines for the class of an object."""
    if not isinstance(instance.cls, ClassValue):
        return None
    value = find(machine, instance.cls, name)
    return value if isinstance(value, Function) else None


def _of_instance(machine: Machine, base: Instance, name: str, node: cst.CSTNode) -> Value:
    if records.is_record(machine, base):
        known = containers.dict_get(machine, base, Const(name))
        if known is not None:
            return known
        own = name in methods.METHODS_OF["dict"] or name in configurations.METHODS
        return Bound(base, name) if own else records.field(machine, base, name)
    stored = machine.store.get(base.id, name)
    if stored is not None and not (
        isinstance(base.cls, str) and name in methods.METHODS_OF.get(base.cls, {})
    ):
        return machine.store.visible(stored)  # type: ignore[no-any-return]
    if isinstance(base.cls, ClassValue):
        return _of_object(machine, base, base.cls, name, node)
    if name == "_modules" and (isinstance(base.cls, Row) or base.cls == "head"):
        return _by_name(machine, base)
    if isinstance(base.cls, Row):
        return models.attribute(machine, base, base.cls, name, node)
    return Bound(base, name)


def _by_name(machine: Machine, base: Instance) -> Instance:
    """`object.__dict__`, `module._modules`: the object, its attributes under their names."""
    known = machine.instance("attributes")
    machine.store.set(known.id, "of", base)
    return known


def seen_through(machine: Machine, attributes: Instance) -> Value:
    """The object of which this is the `__dict__`."""
    return machine.store.get(attributes.id, "of")  # type: ignore[no-any-return]


def _of_object(machine: Machine, base: Instance, cls: ClassValue, name: str, node: cst.CSTNode) -> Value:
    value = find(machine, cls, name)
    if value is not None:
        return bind(machine, base, value, node)
    if name == "__class__":
        return cls
    if name in ("__dict__", "_modules"):
        return _by_name(machine, base)
    special = inherited.object_attribute(machine, base, cls, name, node)
    if special is not None:
        return special
    getter = find(machine, cls, "__getattr__")
    if isinstance(getter, Function):
        handed = calls.call(machine, Bound(base, getter), (Const(name),), {}, node)
        unknown = isinstance(handed, Sym) or handed == NONE
        return Sym(("attr", base.id, name), name) if unknown else handed
    if any(isinstance(item, Api) for item in order(cls)):
        return Bound(base, name)
    return Sym(("attr", base.id, name), name)


def bind(machine: Machine, base: Instance, value: Value, node: cst.CSTNode) -> Value:
    """A class attribute as seen through an object: methods get their self, properties are run."""
    if not isinstance(value, Function) or value.owner is None or value.kind == "staticmethod":
        return value
    if value.kind == "property":
        return calls.call(machine, Bound(base, value), (), {}, node)
    if value.kind == "classmethod" and isinstance(base.cls, ClassValue):
        return Bound(base.cls, value)
    return Bound(base, value)


def _of_class(machine: Machine, base: ClassValue, name: str) -> Value:
    value = find(machine, base, name)
    if isinstance(value, Function) and value.kind == "classmethod":
        return Bound(base, value)
    if value is not None:
        return value
    if name == "__name__":
        return Const(base.name)
    return Sym(("attr", ("class", id(base)), name), f"{base.name}.{name}")


def _of_super(machine: Machine, base: Super, name: str, node: cst.CSTNode) -> Value:
    instance = base.instance
    start = (
        instance.cls if isinstance(instance, Instance) and isinstance(instance.cls, ClassValue) else base.cls
    )
    reached = False
    for item in order(start):
        if isinstance(item, ClassValue) and reached:
            value = machine.store.get(item.scope.id, name)
            if isinstance(value, Function) and isinstance(instance, Instance):
                return bind(machine, instance, value, node)
            if value is not None:
                return value  # type: ignore[no-any-return]
        if item is base.cls:
            reached = True
    return Bound(instance, f"super.{name}")


def star_member(machine: Machine, star: Value, name: str) -> Value | None:
    """A name that came in through `from module import *`, or None."""
    if isinstance(star, ModuleValue):
        return running.find_member(machine, star.module, name)
    if isinstance(star, Api):
        canonical = machine.tables.canonical(f"{star.name}.{name}")
        row = machine.tables.row(canonical)
        return Api(canonical, row) if row is not None else None
    return None


__all__ = [
    "bind",
    "find",
    "find_method",
    "get",
    "key_of",
    "name_of",
    "open_class",
    "order",
    "role",
    "set_attribute",
    "star_member",
    "unknown_attribute",
]
