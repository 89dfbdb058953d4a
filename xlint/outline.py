"""The outline of a module, from its bytes: its top-level statements, what each binds and what it names.

Nothing is parsed: that a statement is taken to name or bind more than it does costs time, not sites.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from xlint.gate import without_text, words_in

_NAME = re.compile(rb"[A-Za-z_]\w*")
_NAMED = re.compile(rb"([A-Za-z_]\w*)(?:[ \t]*\.[ \t]*([A-Za-z_]\w*))?")
_DEFINED = re.compile(rb"^(?:async[ \t]+def|def|(class))[ \t]+(\w+)", re.MULTILINE)
_GLOBAL = re.compile(rb"^[ \t]+global[ \t]+([\w, \t]+)", re.MULTILINE)
_CHANGED = re.compile(
    rb"\b([A-Za-z_]\w*+)(?:[ \t]*+(?:\.[ \t]*+\w++|\[[^\]\n]*+\]))++[ \t]*+=(?!=)"
    rb"|\b([A-Za-z_]\w*+)\.(?:add|append|extend|insert|register\w*|setdefault|update)\("
)
_DECORATED = re.compile(rb"^@[ \t]*([A-Za-z_]\w*)", re.MULTILINE)
_FROM = re.compile(rb"^[ \t]*from[ \t]+(\.*)[ \t]*([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)", re.MULTILINE)
_IMPORT = re.compile(rb"^[ \t]*import[ \t]+([^\n]+)", re.MULTILINE)
_AS = re.compile(rb"([\w.]+|\*)(?:[ \t]+as[ \t]+(\w+))?")
_BUILTINS = frozenset(name.encode() for name in dir(builtins))

Named = tuple[bytes, bytes]
"""A name and what is taken from it: `a.b` is (a, b), a plain `a` is (a, nothing)."""


@dataclass(frozen=True, slots=True)
class Import:
    """What a name is imported from: `member` is empty where the name stands for the module itself.

    `root` tells that it stands for the package in which the module lies: `import a.b` binds `a`.
    """

    module: str
    dots: int
    member: str = ""
    root: bool = False


class Statement:
    """One top-level statement: a definition, imports, or other code."""

    def __init__(self, code: bytes) -> None:
        """Take the code of the statement, without comments and long strings."""
        self.code = code
        found = _DEFINED.search(code)
        self.name = found.group(2) if found else b""
        """What it defines; empty where it is no function and no class."""
        self.is_class = bool(found and found.group(1))
        self.imports = list(_imports(code)) if b"import" in code else []

    @cached_property
    def named(self) -> frozenset[Named]:
        """All that the code names, words of its strings among it."""
        return frozenset(_NAMED.findall(self.code))

    def binds(self) -> Iterable[bytes]:
        """The module's names that the statement may bind."""
        if not self.name:
            return set(_NAME.findall(self.code)) - _BUILTINS
        declared = _GLOBAL.findall(self.code) if b"global" in self.code else ()
        return {self.name, *(name for names in declared for name in _NAME.findall(names))}

    def changes(self, variables: set[bytes]) -> Iterable[bytes]:
        """What the statement may write into, of the module's variables, and what it is handed to."""
        result = set(_DECORATED.findall(self.code)) if self.name and b"@" in self.code else set()
        if not variables.isdisjoint(words_in(self.code)):
            result.update(name for names in _CHANGED.findall(self.code) for name in names)
        return result


class Outline:
    """The statements of a module, the numbers of those that bind or change a name, and what it imports."""

    def __init__(self, data: bytes) -> None:
        """Take the text of a module."""
        self.statements = [Statement(code) for code in _cut(without_text(data))]
        imported = [pair for statement in self.statements if not statement.name for pair in statement.imports]
        self.imports = dict(imported)
        self.stars = [target for name, target in imported if name == b"*"]
        self.bound: dict[bytes, list[int]] = {}
        for number, statement in enumerate(self.statements):
            for name in statement.binds():
                if statement.name or name not in self.imports:
                    self.bound.setdefault(name, []).append(number)
        plain = {number for number, statement in enumerate(self.statements) if not statement.name}
        variables = {name for name, numbers in self.bound.items() if not plain.isdisjoint(numbers)}
        for number, statement in enumerate(self.statements):
            for name in statement.changes(variables):
                if name in self.bound:
                    self.bound[name].append(number)

    def about(self, name: bytes) -> list[int]:
        """The statements on which the value of a name may rest: of a class, all that name it or its heirs."""
        result = list(self.bound.get(name, ()))
        classes = [name] if any(self.statements[number].is_class for number in result) else []
        for cls in classes:
            mentions = re.compile(rb"\b%s\b" % cls)
            for number, statement in enumerate(self.statements):
                if cls in statement.code and mentions.search(statement.code):
                    result.append(number)
                    if statement.is_class and statement.name not in classes:
                        classes.append(statement.name)
        return result


def _cut(code: bytes) -> Iterator[bytes]:
    """The top-level statements of code, decorators with what they decorate."""
    lines: list[bytes] = []
    decorated = False
    for line in code.split(b"\n"):
        first = line[:1]
        starts = first.isalpha() or first in (b"@", b"_")
        if starts and not decorated and lines:
            yield b"\n".join(lines)
            lines = []
        lines.append(line)
        if starts:
            decorated = first == b"@"
    yield b"\n".join(lines)


def _imports(code: bytes) -> Iterator[tuple[bytes, Import]]:
    for dots, module, names in _FROM.findall(code):
        for name, alias in _AS.findall(names):
            yield alias or name, Import(_text(module), len(dots), _text(name))
    for modules in _IMPORT.findall(code):
        for name, alias in _AS.findall(modules):
            yield alias or name.partition(b".")[0], Import(_text(name), 0, root=not alias and b"." in name)


def _text(name: bytes) -> str:
    return name.decode("ascii", "replace")
