"""Definitions of functions and classes, and the decorators that enter them into a registry."""

from __future__ import annotations

from xlint import nodes
from xlint import syntax as cst
from xlint.interpret import attributes, calls, running, standard, statements
from xlint.interpret.arguments import Arguments
from xlint.interpret.branches import GOES_ON
from xlint.interpret.machine import Machine
from xlint.interpret.scopes import Scope
from xlint.interpret.values import Api, Bound, ClassValue, Const, Function, Partial, Sym, Value


def capture(scope: Scope) -> None:
    """A function or class made in a scope keeps all scopes around it alive."""
    outer: Scope | None = scope
    while outer is not None and not outer.captured:
        outer.captured = True
        outer = outer.parent


def define_function(machine: Machine, node: cst.FunctionDef) -> int:
    """A function definition: binds its name."""
    name, kind = node.name.value, ""
    for decorator in node.decorators:
        text = nodes.dotted(decorator.decorator)
        last = text.rpartition(".")[2]
        if last in ("property", "cached_property", "staticmethod", "classmethod"):
            kind = "property" if last.endswith("property") else last
        elif last == "setter":
            name = f"{name}.setter"
        elif last in ("overload", "deleter"):
            return GOES_ON
    owner = running.class_of_scope(machine, machine.scope)
    function = Function(name, node, machine.scope, calls.default_values(machine, node.params), kind, owner)
    machine.functions.append(function)
    capture(machine.scope)
    machine.bind(name, function)
    if owner is None:
        _hand_to_decorators(machine, function, node)
    return GOES_ON


def define_class(machine: Machine, node: cst.ClassDef) -> int:
    """A class definition: runs its body and binds its name."""
    bases = tuple(machine.evaluate(argument.value) for argument in node.bases if not argument.star)
    scope = Scope(machine.new_id(), machine.scope, machine.scope.module, "class")
    kind = ""
    for decorator in node.decorators:
        target = decorator.decorator.func if type(decorator.decorator) is cst.Call else decorator.decorator
        if nodes.dotted(target).rpartition(".")[2] in ("dataclass", "define", "s"):
            kind = "dataclass"
    cls = ClassValue(node.name.value, node, scope, bases, kind or _inherited_kind(bases))
    machine.classes.append(cls)
    capture(machine.scope)
    running.enter_class(machine, scope, cls)
    with machine.inside(scope):
        statements.execute(machine, node.body)
    if any(isinstance(base, Api) and base.name.startswith("enum.") for base in bases):
        _number_members(machine, cls)
    machine.bind(node.name.value, cls)
    _tell_base(machine, cls)
    _hand_to_decorators(machine, cls, node)
    return GOES_ON


def _number_members(machine: Machine, cls: ClassValue) -> None:
    """What `auto()` makes of the members of an Enum: 1, 2, …; powers of two in a Flag, names in a StrEnum."""
    bases = {base.name.rpartition(".")[2] for base in cls.bases if isinstance(base, Api)}
    last = 0
    for name, value in machine.store.slots(cls.scope.id):
        if isinstance(value, Sym) and isinstance(value.key, tuple) and value.key[:1] == (standard.AUTO,):
            number = 1 if not last else last * 2 if bases & {"Flag", "IntFlag"} else last + 1
            value = Const(name.lower() if bases & {"StrEnum", "str"} else number)
            machine.store.set(cls.scope.id, name, value)
        if isinstance(value, Const) and type(value.value) is int:
            last = value.value


def _tell_base(machine: Machine, cls: ClassValue) -> None:
    """Hand a class, with its keywords, to the `__init_subclass__` that a base of the project has."""
    bases = [base for base in cls.bases if isinstance(base, ClassValue)]
    found = next((f for base in bases if (f := attributes.find(machine, base, "__init_subclass__"))), None)
    if isinstance(found, Function):
        given = [(item.keyword, machine.evaluate(item.value)) for item in cls.node.keywords]
        keywords = {word.value: value for word, value in given if word is not None}
        arguments = Arguments((), keywords, len(keywords) < len(given))
        calls.call_function(machine, found, arguments, cls.node, cls)


def _inherited_kind(bases: tuple[Value, ...]) -> str:
    for base in bases:
        if isinstance(base, ClassValue) and base.kind:
            return base.kind
        if isinstance(base, Api) and base.name in ("typing.NamedTuple", "pydantic.BaseModel"):
            return "dataclass"
    return ""


def _hand_to_decorators(
    machine: Machine, made: Function | ClassValue, node: cst.FunctionDef | cst.ClassDef
) -> None:
    """Let decorators of the project see what they decorate: a function around it takes its place.

    What one does that gives anything else is undone: the function or class stays what was written.
    """
    for decorator in reversed(node.decorators):
        recording, functions, called = machine.recording, len(machine.functions), set(machine.called)
        instances = {key: list(known) for key, known in machine.instances.items()}
        machine.store.push()
        machine.recording = False
        try:
            callee = machine.evaluate(decorator.decorator)
            method = callee.method if isinstance(callee, Bound) else callee
            own = isinstance(method, Function | Partial)
            given = calls.call(machine, callee, (made,), {}, decorator) if own else None
        finally:
            machine.recording = recording
        around = isinstance(given, Function) and isinstance(made, Function)
        if given is made or around:
            machine.store.commit()
            if isinstance(given, Function) and given is not made:
                machine.bind(node.name.value, given)
                made = given
            continue
        machine.store.pop()
        machine.called, machine.instances = called, instances
        del machine.functions[functions:]
        if own:
            return
