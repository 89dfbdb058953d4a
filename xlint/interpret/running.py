"""Modules: importing them, running their top level, and running what nobody calls."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from xlint import syntax as cst
from xlint.apis import VALUES
from xlint.gate import LOSS_STEPS
from xlint.interpret import (
    attributes,
    calls,
    finishing,
    own_losses,
    search_path,
    statements,
    steps,
    switched_off,
    training,
)
from xlint.interpret.machine import Machine
from xlint.interpret.scopes import Module, Scope
from xlint.interpret.values import (
    Api,
    Bound,
    ClassValue,
    Const,
    Function,
    Instance,
    ModuleValue,
    Sym,
    Value,
)
from xlint.source import Source, SourceError

RECURSION = 6_000
MAX_HEIRS = 3
"""Classes that an inherited method which nobody calls is run for."""
CLASS_SLOT = "this class"


def enter_class(machine: Machine, scope: Scope, cls: ClassValue) -> None:
    """Remember which class a class body belongs to, so that its methods know their owner."""
    machine.store.set(scope.id, CLASS_SLOT, cls)


def class_of_scope(machine: Machine, scope: Scope) -> ClassValue | None:
    """The class whose body the scope is, or None."""
    found = machine.store.get(scope.id, CLASS_SLOT) if scope.kind == "class" else None
    return found if isinstance(found, ClassValue) else None


def import_module(machine: Machine, name: str, level: int) -> Value:
    """`import name`: a library's name, a module of the project, or a symbol."""
    if level == 0 and machine.tables.knows_root(name):
        return machine.api(name)
    written = _written_module(machine, name)
    if written is not None:
        return ModuleValue(written)
    path = search_path.locate(machine, name, level)
    if path is not None and not os.path.isdir(path):
        module = module_at(machine, path, name)
        if module is not None:
            return ModuleValue(module)
    return Api(name) if level == 0 and not _named_as_value(name) else Sym(("module", level, name), name)


def import_member(machine: Machine, name: str, level: int, member: str) -> Value:
    """`from name import member`."""
    if level == 0 and machine.tables.knows_root(name):
        return machine.api(f"{name}.{member}")
    written = _written_module(machine, name)
    if written is not None:
        return find_member(machine, written, member) or Sym(("import", name, member), member)
    path = search_path.locate(machine, name, level)
    if path is not None:
        if not os.path.isdir(path):
            module = module_at(machine, path, name)
            value = find_member(machine, module, member) if module is not None else None
            if value is not None:
                return value
        inner = search_path.locate(machine, f"{name}.{member}" if name else member, level)
        if inner is not None and not os.path.isdir(inner):
            module = module_at(machine, inner, f"{name}.{member}")
            if module is not None:
                return ModuleValue(module)
        return Sym(("import", path, member), member)
    if level == 0 and not _named_as_value(name):
        return machine.api(f"{name}.{member}")
    return Sym(("import", name, level, member), member)


def _named_as_value(name: str) -> bool:
    """Whether a module bears a name under which the tables describe methods: it is not that module's."""
    return name.partition(".")[0] in VALUES


def _written_module(machine: Machine, name: str) -> Module | None:
    """A module that a cell of the notebook writes with %%writefile."""
    source = machine.scope.module.source
    file = f"{name.replace('.', '/')}.py"
    written = source.written_modules.get(file)
    return None if written is None else _run_written(machine, file, written)


def _run_written(machine: Machine, file: str, source: Source, main: bool = False) -> Module:
    """The module in a %%writefile cell, run at most once."""
    path = f"{source.path}#{file}"
    module = machine.modules.get(path)
    if module is None:
        module = Module(file.removesuffix(".py").replace("/", "."), source)
        machine.modules[path] = module
        run_module(machine, module, main)
    return module


def module_at(machine: Machine, path: str, name: str) -> Module | None:
    """The module in a file, run at most once per analysis."""
    real = os.path.realpath(path)
    module = machine.modules.get(real)
    if module is None:
        source = machine.project.module(path)
        if source is None:
            return None
        module = Module(name, source)
        machine.modules[real] = module
        run_module(machine, module)
    return module


def run_module(machine: Machine, module: Module, main: bool = False) -> None:
    """Run the top level of a module; `main` where it is the script itself."""
    module.scope = Scope(machine.new_id(), None, module, "module")
    module.state = "running"
    recording = machine.recording
    machine.recording = recording and main
    with machine.store.outside_branches():
        machine.store.set(module.scope.id, "__name__", Const("__main__" if main else module.name))
        machine.store.set(module.scope.id, "__file__", Sym(("file", module.source.path)))
        _run_top_level(machine, module, module.scope)
    machine.recording = recording
    module.state = "done"


def _run_top_level(machine: Machine, module: Module, scope: Scope) -> None:
    try:
        tree = module.source.syntax
    except SourceError:
        return
    with machine.unit(module.source.text.count("\n")), machine.inside(scope):
        run = _run_cells if module.source.is_notebook else statements.execute_block
        run(machine, tree)


def _run_cells(machine: Machine, tree: cst.Module) -> None:
    """Run the cells of a notebook; what ends one, as an exception, ends no other."""
    place = machine.scope.module.source.place
    rest = list(tree.body)
    while rest:
        statement = rest.pop(0)
        if statements.execute(machine, statement):
            cell = place(statement).cell
            behind = [other for other in rest if place(other).cell == cell]
            switched_off.look(machine, behind)
            del rest[: len(behind)]


def find_member(machine: Machine, module: Module, name: str) -> Value | None:
    """A name of a module, also one that came in through its star imports or is a module of its package."""
    if module.scope is None:
        return None
    value = machine.store.get(module.scope.id, name)
    if value is not None:
        return machine.store.visible(value)  # type: ignore[no-any-return]
    for star in reversed(module.stars):
        value = attributes.star_member(machine, star, name)
        if value is not None:
            return value
    if os.path.basename(module.source.path) == "__init__.py":
        path = machine.project.locate(name, module.source.path, 1)
        if path is not None and not os.path.isdir(path):
            inner = module_at(machine, path, f"{module.name}.{name}")
            return ModuleValue(inner) if inner is not None else None
    return None


def analyse(machine: Machine, source: Source, path: str) -> None:
    """Run a script: its top level, then what nobody has called, with unknown arguments."""
    try:
        with deep_recursion():
            _analyse(machine, source, path)
    finally:
        # Modules and scopes hold each other, and trees and all values with them: freed here, at no cost.
        for module in machine.modules.values():
            module.scope = None


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Room for nested calls of the script: the interpreter spends some ten frames of Python on each."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _analyse(machine: Machine, source: Source, path: str) -> None:
    module = Module(os.path.splitext(os.path.basename(path))[0], source)
    machine.modules[os.path.realpath(path)] = module
    run_module(machine, module, main=True)
    assert module.scope is not None
    machine.scope = module.scope
    # A notebook's own modules have no file: those that no cell imports are scripts that it starts.
    written = [
        _run_written(machine, file, text, main=True)
        for file, text in source.written_modules.items()
        if file.endswith(".py")
    ]
    with machine.unit():
        steps.run_lightning(machine)
    own = [module, *written]
    for function in machine.functions:  # also those that come while these are run
        if function.scope.module in own:
            _run_uncalled(machine, function)
    _run_inherited_steps(machine, own)
    machine.scope = module.scope
    with machine.unit():
        training.finish(machine)
    finishing.finish(machine)


def _run_uncalled(machine: Machine, function: Function) -> None:
    if id(function.node) in machine.called or not _may_show(machine, function):
        return
    owner = None if function.kind == "staticmethod" else function.owner
    _run_alone(machine, function, owner)
    for heir in () if owner is None else _heirs(machine, function, owner):
        _run_alone(machine, function, heir, again=True)


def _run_inherited_steps(machine: Machine, own: list[Module]) -> None:
    """The training steps that Lightning modules take from a class of another module, and nobody calls."""
    called = set(machine.called)
    for cls in machine.classes:
        if cls.scope.module not in own or attributes.role(cls) != "lightning_module":
            continue
        step = attributes.find(machine, cls, "training_step")
        elsewhere = isinstance(step, Function) and step.scope.module not in own
        if isinstance(step, Function) and elsewhere and id(step.node) not in called:
            _run_alone(machine, step, cls, again=True)


def _may_show(machine: Machine, function: Function) -> bool:
    """Whether a site can be reached from the top-level function, or the class, of which this is a part."""
    scope, name = function.scope, function.name
    if scope.kind == "class" and scope.parent is not None and function.owner is not None:
        scope, name = scope.parent, function.owner.name
    source = scope.module.source
    if machine.leads is None or scope.kind != "module" or source.is_notebook:
        return True  # of a notebook and the modules that it writes there is one path, and several texts
    return machine.leads.to_site(source.path, source.text, name)


def _heirs(machine: Machine, function: Function, owner: ClassValue) -> list[ClassValue]:
    """The classes that inherit a method, and may give it the methods that it calls."""
    heirs = [cls for cls in machine.classes if cls is not owner and owner in attributes.order(cls)]
    return [cls for cls in heirs if attributes.find(machine, cls, function.name) is function][:MAX_HEIRS]


def _run_alone(machine: Machine, function: Function, owner: ClassValue | None, again: bool = False) -> None:
    """Run a function with unknown arguments, a method on some object of a class."""
    with machine.unit(), machine.inside(function.scope):
        receiver: Value | None = None
        if owner is not None:
            receiver = owner if function.kind == "classmethod" else some_instance(machine, owner)
        if not again and id(function.node) in machine.called:
            return
        arguments = calls.unknown_arguments(machine, function, receiver is not None)
        steps.refine_arguments(machine, function, receiver, arguments)
        callee: Value = function if receiver is None else Bound(receiver, function)
        result = calls.apply(machine, callee, arguments, function.node)
        steps.note_result(machine, receiver, function.name, result)
        if function.name in LOSS_STEPS:
            own_losses.descend(machine, result)


def some_instance(machine: Machine, cls: ClassValue) -> Value:
    """An object of the class: the one that the script made, or one made with unknown arguments."""
    made: list[Instance] = machine.instances.get(id(cls), [])
    for other in machine.classes:
        if not made and other is not cls and cls in list(attributes.order(other)):
            made = machine.instances.get(id(other), [])
    if made:
        return made[-1]
    return calls.instantiate(machine, cls, calls.Arguments((), {}, True), cls.node)
