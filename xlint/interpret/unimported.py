"""Names that nothing in a file binds, as in a script that was pasted without its import lines.

As it stands such a script ends in a NameError: it is read as its author ran it, with the usual imports.
"""

from __future__ import annotations

from xlint.gate import only_used, without_text
from xlint.interpret import attributes
from xlint.interpret.machine import Machine
from xlint.interpret.values import Api, Value


def meant(machine: Machine, name: str) -> Value | None:
    """What the usual imports give a name of the present module that is bound nowhere in it; else None."""
    tables, module = machine.tables, machine.scope.module
    usual = tables.unimported.get(name)
    if module.stars:
        return None
    if name not in module.unimported:
        made = Api(usual, tables.row(usual)) if usual is not None else _member(machine, name)
        used = made is not None and only_used(without_text(module.source.text.encode()), name.encode())
        module.unimported[name] = made if used else None
    return module.unimported[name]


def _member(machine: Machine, name: str) -> Value | None:
    """A member of the modules from which scripts import single names."""
    for star in machine.tables.unimported_from:
        found = attributes.star_member(machine, Api(star, None), name)
        if found is not None:
            return found
    return None
