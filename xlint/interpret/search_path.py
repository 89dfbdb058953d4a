"""Folders that a script adds to sys.path: where its imports look besides its own and those above it."""

from __future__ import annotations

import os

from xlint import syntax as cst
from xlint.interpret import attributes
from xlint.interpret.arguments import Arguments
from xlint.interpret.machine import Machine
from xlint.interpret.store import alternatives
from xlint.interpret.values import NONE, Api, Const, Key, Tuple, Value, key_of

PATH = Api("sys.path")
SAME = frozenset({"os.path.abspath", "os.path.realpath", "os.path.normpath", "pathlib.Path"})
"""Functions that give the folder that they get."""
RUN_FROM = 3
"""Folders from which a script may be run: its own, and those above it."""


def add(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """sys.path.append(folder), sys.path.insert(0, folder)."""
    folder = _folder(key_of(arguments.positional[-1])) if arguments.positional else None
    if folder is not None and not os.path.isabs(folder):
        importer = os.path.dirname(machine.scope.module.source.path)
        known = _added(machine)
        machine.store.set(
            attributes.symbol_slot(PATH), "added", Tuple((*known, Tuple((Const(importer), Const(folder)))))
        )
    return NONE


def locate(machine: Machine, name: str, level: int) -> str | None:
    """The file of a module that an import means, by its neighbours or in an added folder."""
    importer = machine.scope.module.source.path
    found = machine.project.locate(name, importer, level)
    if found is not None or level:
        return found
    for item in reversed(_added(machine)):
        start, folder = (str(part.value) for part in item.items if isinstance(part, Const))
        for above in range(RUN_FROM):
            place = os.path.normpath(os.path.join(start, *[os.pardir] * above, folder, name))
            found = machine.project.locate(name, place, 1)  # there, and not above
            if found is not None:
                return found
    return None


def _added(machine: Machine) -> list[Tuple]:
    """The folders added on the present path, each with that of the script that added it."""
    stored = machine.store.get(attributes.symbol_slot(PATH), "added")
    sets = [held.items for _, held in alternatives(machine.store.visible(stored)) if isinstance(held, Tuple)]
    return [item for held in sets for item in held if isinstance(item, Tuple)]


def _folder(key: Key) -> str | None:
    """The folder that an expression stands for, relative to where the script is run."""
    if not isinstance(key, tuple) or not key:
        return None
    if key[0] == "const":
        return str(key[2]) if key[1] == "str" else None
    if key[0] == "file":
        return os.path.basename(str(key[1]))
    if key[0] == "attr" and key[2] == "parent":
        return _above(_folder(key[1]))
    if key[0] == "/" and len(key) == 3:
        return _joined(key[1:])
    if key[0] == "call":
        return _called(key[1], key[2])
    return None


def _called(function: Key, given: tuple[Key, ...]) -> str | None:
    """What a function of os.path gives, or the method that resolves a path."""
    if not isinstance(function, tuple):
        return None
    if function[0] == "attr" and function[2] in ("resolve", "absolute") and not given:
        return _folder(function[1])
    name = function[1] if function[0] == "api" else None
    if name == "os.getcwd" and not given:
        return ""
    if name == "os.path.join":
        return _joined(given)
    if len(given) != 1 or not (name in SAME or name == "os.path.dirname"):
        return None
    folder = _folder(given[0])
    return _above(folder) if name == "os.path.dirname" else folder


def _joined(parts: tuple[Key, ...]) -> str | None:
    folders = [folder for part in parts if (folder := _folder(part)) is not None]
    return os.path.join(*folders) if folders and len(folders) == len(parts) else None


def _above(folder: str | None) -> str | None:
    return None if folder is None else os.path.normpath(os.path.join(folder, os.pardir))
