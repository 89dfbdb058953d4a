"""What a script asks for by a string: attributes, modules, members of a module; a default is a default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xlint import syntax as cst
from xlint.interpret import attributes, containers, library, members, records, running
from xlint.interpret.alike import MAX_OBJECTS, is_object
from xlint.interpret.arguments import Arguments, unknown_result
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.store import join
from xlint.interpret.values import (
    PICKED,
    Api,
    Const,
    Guards,
    Instance,
    ModuleValue,
    Sym,
    Value,
    key_of,
)


def by_name(machine: Machine, name: Value, find: Callable[[str], Value], otherwise: Value) -> Value:
    """What `find` gives for a known name; for one with a default, that under the decision for the default."""
    if isinstance(name, Const) and isinstance(name.value, str):
        return find(name.value)
    default = name.default if isinstance(name, Sym) else None
    if not isinstance(name, Sym) or not isinstance(default, Const) or not isinstance(default.value, str):
        return otherwise
    text = default.value
    key = ("eq", name.key, key_of(default))
    machine.store.defaults.setdefault(key, True)
    return machine.branch(key, lambda: find(text), lambda: otherwise)


def get_attribute(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """getattr(object, name)."""
    unknown = unknown_result(Sym(("getattr",)), arguments)
    if len(arguments.positional) != 2:
        return unknown
    base, name = arguments.positional
    if isinstance(base, ModuleValue):
        return member(machine, base, name, node)
    return by_name(machine, name, lambda text: _attribute(machine, base, text, node) or unknown, unknown)


def _attribute(machine: Machine, base: Value, name: str, node: cst.CSTNode) -> Value | None:
    return attributes.get(machine, base, name, node) if name.isidentifier() else None


def import_by_name(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """importlib.import_module(name)."""
    unknown = unknown_result(Sym(("import_module",)), arguments)
    if len(arguments.positional) != 1 or arguments.keywords:
        return unknown
    return by_name(
        machine, arguments.positional[0], lambda text: running.import_module(machine, text, 0), unknown
    )


def names_here(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """globals(): the module itself, which `member` looks into."""
    return ModuleValue(machine.scope.module) if not arguments.positional else machine.unknown(node)


def names_of(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """vars(module): the module itself; vars(args): a dict of the arguments."""
    value = arguments.positional[0] if arguments.positional else None
    if isinstance(value, Instance) and value.cls == "parser":
        return dict_of(machine, value)
    if isinstance(value, Instance) and value.cls == "dict":
        return value
    return value if isinstance(value, ModuleValue | Api) else machine.unknown(node)


def dict_of(machine: Machine, parser: Instance) -> Instance:
    """The arguments of a parser as a dict."""
    result = machine.instance("dict")
    for name, value in machine.store.slots(parser.id):
        containers.set_item(machine, result, Const(name), value)
    machine.store.set(result.id, "open", Const(True))
    return result


def member(machine: Machine, module: ModuleValue | Api, name: Value, node: cst.CSTNode) -> Value:
    """`module.__dict__[name]`."""
    unknown = Sym(("item", key_of(module), key_of(name)))
    if isinstance(module, ModuleValue):
        unknown = members.unknown(module, name)
    return by_name(machine, name, lambda text: _attribute(machine, module, text, node) or unknown, unknown)


def item(machine: Machine, base: Instance, index: Value, node: cst.CSTNode) -> Value:
    """The value of a dict under an unknown key: one of a few, or some of many, where they are objects."""
    options: list[tuple[Guards, Value]] = []
    for key in containers.dict_keys(machine, base):
        value = containers.dict_get(machine, base, key)
        if value is not None:
            asked = ("eq", key_of(index), key_of(key))
            if isinstance(index, Sym) and isinstance(index.default, Const):
                machine.store.defaults.setdefault(asked, index.default == key)
            options.append((frozenset({(asked, True)}), value))
    if len(options) <= containers.MAX_PICKED:
        return join(options)
    rest: Value = machine.unknown(node)
    if all(is_object(value) for _, value in options):
        kept = [(guards | {((PICKED, base.id), True)}, value) for guards, value in options[:MAX_OBJECTS]]
        others = frozenset((asked, False) for guards, _ in options[:MAX_OBJECTS] for asked, _ in guards)
        rest = join([*kept, (others, rest)])
    return by_name(machine, index, lambda text: containers.dict_get(machine, base, Const(text)) or rest, rest)


def after(value: Value, target: cst.CSTNode) -> Value:
    """Something unknown that has no name yet gets that of the variable which it is assigned to."""
    if not isinstance(value, Sym) or value.name or not isinstance(target, cst.Name):
        return value
    return replace(value, name=target.value)


def flag(name: str, default: Value | None = None) -> Sym:
    """A flag of the command line: the same wherever it is asked for."""
    return Sym(("flag", name), f"FLAGS.{name}", default)


def _define_flag(machine: Machine, given: Given, value: Value | None) -> Value:
    """DEFINE_integer(name, default, help): what the flags' attribute of that name is; gives its holder."""
    name = value.value if isinstance(value, Const) else None
    if not isinstance(name, str):
        return machine.unknown(given.node)
    defined = flag(name, given.get("default"))
    flags = machine.api(str(given.row.get("flags")))
    attributes.set_attribute(machine, flags, name, defined)
    return records.new(machine, [("value", defined)], is_open=True)


OPERATIONS: dict[str, library.Operation] = {"define_flag": _define_flag}
