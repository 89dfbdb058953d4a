"""What runs when an object is called, where a script has replaced or hooked it."""

from __future__ import annotations

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret import attributes, calls
from xlint.interpret.arguments import Arguments
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    NONE,
    Bound,
    Choice,
    Function,
    Instance,
    Partial,
    Sym,
    Tuple,
    Value,
)

HOOK = "forward hook"


def names(instance: Instance) -> tuple[str, ...]:
    """The attributes that calling an object runs: `forward` in PyTorch, `call` in Keras."""
    if isinstance(instance.cls, Row):
        return ("forward",) if instance.cls.framework == "torch" else ("call",)
    role = "" if isinstance(instance.cls, str) else attributes.role(instance.cls)
    return ("forward",) if role in ("torch_module", "lightning_module") else ("call",) if role else ()


def forward(machine: Machine, instance: Instance) -> Value | None:
    """What `network.forward = function` put in place of the network's own forward, or None."""
    for name in names(instance):
        written = machine.store.visible(machine.store.get(instance.id, name))
        if isinstance(written, Function | Bound | Partial | Choice | Sym):
            return written
    return None


def note(machine: Machine, instance: Instance, name: str, value: Value) -> Value:
    """What to keep of `instance.name = value`: a forward that one branch replaces is unknown behind it."""
    own = isinstance(instance.cls, Row) or attributes.find_method(machine, instance, name) is not None
    if name not in names(instance) or not own or not machine.store.path:
        return value
    return Sym(("perhaps replaced", instance.id, name))


def register_hook(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """`network.register_forward_hook(hook)`."""
    known = machine.store.get(target.id, HOOK) or Tuple(())
    machine.store.set(target.id, HOOK, Tuple((*known.items, *arguments.values()[:1])))
    return machine.unknown(node)


def hooked(
    machine: Machine, target: Instance, arguments: Arguments, result: Value, node: cst.CSTNode
) -> Value:
    """The output after the hooks of a network: one that gives something puts that in its place.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_forward_hook
    """
    known = machine.store.get(target.id, HOOK)
    for hook in known.items if isinstance(known, Tuple) else ():
        given = calls.call(machine, hook, (target, Tuple(arguments.positional), result), {}, node)
        if given != NONE:
            return machine.unknown(node)
    return result
