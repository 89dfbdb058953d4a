"""Members of a module that a script picks by an unknown name: what all agree on that can be meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xlint import syntax as cst
from xlint.interpret import attributes, recording
from xlint.interpret.arguments import Arguments
from xlint.interpret.machine import Machine
from xlint.interpret.scopes import Module
from xlint.interpret.store import MAX_ALTERNATIVES, alternatives
from xlint.interpret.values import (
    PICKED,
    Api,
    Choice,
    ClassValue,
    Function,
    Guards,
    Key,
    ModuleValue,
    Sym,
    Value,
    key_of,
)
from xlint.sites import Case, Fact, Site

MEMBER = "member of"
NETWORKS = ("torch_module", "lightning_module", "keras_model")
CALLABLE = ("pretrained", "loss")
"""Operations of library functions that a script may pick among its own."""


def unknown(module: ModuleValue, name: Value) -> Sym:
    """What the module holds under an unknown name."""
    return Sym((MEMBER, module.module.source.path, key_of(name)))


def fitting(machine: Machine, callee: Sym, arguments: Arguments) -> Value | None:
    """The functions and classes of the module that take such arguments; None where not all are known."""
    if not isinstance(callee.key, tuple) or callee.key[0] != MEMBER:
        return None
    _, path, name = callee.key
    module = next((module for module in machine.modules.values() if module.source.path == path), None)
    options: list[tuple[Guards, Value]] = []
    for text, value in _members(machine, module) if module is not None else ():
        if isinstance(value, Sym):
            return None
        if _takes(machine, value, arguments):
            asked = ("eq", name, ("const", "str", text))
            options.append((frozenset({(asked, True), ((PICKED, callee.key), True)}), value))
    meant = [value for _, value in options]
    if not 0 < len(options) <= MAX_ALTERNATIVES or not _networks(meant, arguments):
        return None
    return Choice(tuple(options))


def _networks(meant: Sequence[Value], arguments: Arguments) -> bool:
    """Whether classes of networks can be meant alone, or functions that take these keywords."""
    classes = [value for value in meant if isinstance(value, ClassValue)]
    if not classes:
        return bool(arguments.keywords)
    return all(attributes.role(cls) in NETWORKS for cls in classes)


def _members(machine: Machine, module: Module, depth: int = 3) -> Iterator[tuple[str, Value]]:
    """What can be called of a module, by name; a symbol stands for what is not known."""
    if module.scope is None or (module.state != "done" and module is not machine.scope.module):
        yield "", Sym((MEMBER,))
        return
    for name, value in machine.store.slots(module.scope.id):
        value = machine.store.visible(value)
        if any(isinstance(item, Function | ClassValue | Api) for _, item in alternatives(value)):
            yield name, Sym((MEMBER,)) if isinstance(value, Choice) else value
        elif isinstance(value, Sym) and isinstance(value.key, tuple) and value.key[:1] == ("import",):
            yield name, value
    for star in module.stars:
        if isinstance(star, ModuleValue) and depth:
            yield from _members(machine, star.module, depth - 1)
        else:
            yield "*", Sym((MEMBER,))


def _takes(machine: Machine, value: Value, arguments: Arguments) -> bool:
    """Whether a call with these arguments can succeed."""
    if isinstance(value, Api):
        row = value.row
        if row is None or not (row.is_class or row.op in CALLABLE):
            return False
        return row.op == "pretrained" or set(arguments.keywords) <= set(row.params)
    made = attributes.find(machine, value, "__init__") if isinstance(value, ClassValue) else value
    if not isinstance(made, Function):
        return True
    params = made.node.params
    plain = (*params.posonly_params, *params.params)[made is not value :]
    free = plain[len(arguments.positional) :]
    if len(arguments.positional) > len(plain) and type(params.star_arg) is not cst.Param:
        return False
    named = {param.name.value for param in (*free, *params.kwonly_params)}
    if params.star_kwarg is None and not set(arguments.keywords) <= named:
        return False
    wanted = {param.name.value for param in (*free, *params.kwonly_params) if param.default is None}
    return arguments.open or wanted <= set(arguments.keywords)


def agreed(sites: Sequence[Site]) -> list[Site]:
    """The sites, where cases of members picked by an unknown name have the facts that these share alone."""
    groups: dict[Key, list[Case]] = {}
    for site in sites:
        for case in site.cases:
            if (picked := _picked(case)) is not None:
                groups.setdefault((site.mark.key, picked), []).append(case)
    if not groups:
        return list(sites)
    common = {key: _common(cases) for key, cases in groups.items()}
    return [_shared(site, common) for site in sites]


def _picked(case: Case) -> Key:
    """The unknown member on which a case rests."""
    for key, _ in case.decisions:
        of = key[1] if recording.is_picked(key) and isinstance(key, tuple) else None
        if isinstance(of, tuple) and of[0] == MEMBER:
            return of
    return None


def _common(cases: Sequence[Case]) -> dict[str, Fact]:
    first = cases[0].facts
    return {name: fact for name, fact in first.items() if all(case.facts.get(name) == fact for case in cases)}


def _shared(site: Site, common: dict[Key, dict[str, Fact]]) -> Site:
    return site.changed(
        lambda case: replace(case, facts=common.get((site.mark.key, _picked(case)), case.facts))
    )
