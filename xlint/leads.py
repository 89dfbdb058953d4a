"""Which definitions of a module lead to a site: through what they name, here and in the project's modules.

A function that nobody calls is interpreted with unknown arguments. Where neither its code nor anything that
it reaches bears the words of a site, that cannot show one, and most functions of a library are of this kind.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from xlint.gate import SITE, Gate, enough
from xlint.outline import Import, Outline
from xlint.project import Lookup, Project

MAX_STATEMENTS = 400
"""Statements that are followed from one definition; what reaches more is taken to lead to a site."""
KEPT_OUTLINES = 200
"""Modules whose outlines are kept for the next definitions."""
MAX_HOPS = 6
"""Modules through which one name is handed on."""

Spot = tuple[str, int]
"""A module's real path and the number of one of its statements."""


@dataclass(slots=True)
class Found:
    """What a statement names, or a search came to, and the look-ups of modules on which that rests."""

    words: int = 0
    spots: set[Spot] = field(default_factory=set)
    lookups: dict[Lookup, str | None] = field(default_factory=dict)


class Leads:
    """The outlines of the modules of a scan, each made once, and what has been found out with them."""

    def __init__(self, gate: Gate, project: Project) -> None:
        """Take the words of a site and the project that finds modules."""
        self._gate = gate
        self._project = project
        self._outlines: dict[str, Outline] = {}
        self._named: dict[Spot, Found] = {}
        self._searched: dict[str, Found] = {}
        """By the name of the definition, in the module asked for last."""
        self._asked = self._module = ""

    def to_site(self, path: str, text: str, name: str) -> bool:
        """Whether a top-level function or class of the module with this path and text may lead to a site.

        What a "no" rests on is noted in the project, as if the modules had been read for the analysis.
        """
        if path != self._asked:
            self._begin(path, text)
        found = self._searched.get(name)
        if found is None:
            numbers = self.outline(self._module).about(name.encode())
            found = self._searched[name] = self._search({(self._module, number) for number in numbers})
        if enough(found.words):
            return True
        self._project.lookups.update(found.lookups)
        self._project.reads.update(module for module in found.lookups.values() if module is not None)
        return False

    def _begin(self, path: str, text: str) -> None:
        """Go on with another module, the text of which may not stand in its file."""
        self._searched.clear()
        if len(self._outlines) > KEPT_OUTLINES:
            self._outlines.clear()
            self._named.clear()
        self._asked, self._module = path, os.path.realpath(path)
        if self._module not in self._outlines:
            self._outlines[self._module] = Outline(text.encode("utf-8", "replace"))

    def _search(self, start: set[Spot]) -> Found:
        """Follow what statements name until the words suffice, or nothing new is named."""
        result = Found(spots=start)
        waiting = list(start)
        while waiting and not enough(result.words):
            if len(result.spots) > MAX_STATEMENTS:
                return Found(words=SITE)
            spot = waiting.pop()
            named = self._named.get(spot)
            if named is None:
                named = self._named[spot] = _Names(self, spot[0]).of(spot[1])
            result.words |= named.words
            result.lookups.update(named.lookups)
            waiting.extend(named.spots - result.spots)
            result.spots |= named.spots
        return result

    def outline(self, path: str) -> Outline:
        """The outline of a module."""
        found = self._outlines.get(path)
        if found is None:
            found = self._outlines[path] = Outline(_read(path))
        return found

    def words(self, code: bytes) -> int:
        """The words of a site in code without comments and long strings."""
        return self._gate.words_of_code(code)

    def is_library(self, name: str) -> bool:
        """Whether a module's name is one of a library that the tables know."""
        return name.partition(".")[0] in self._gate.libraries

    def look_up(self, lookup: Lookup) -> str | None:
        """The file of a module of the project."""
        return self._project.look_up(lookup)


class _Names:
    """Finds what the names of a module's statements stand for."""

    def __init__(self, leads: Leads, path: str) -> None:
        self._leads = leads
        self._path = path
        self._lookups: dict[Lookup, str | None] = {}

    def of(self, number: int) -> Found:
        """The words of a statement and the statements that it names."""
        statement = self._leads.outline(self._path).statements[number]
        imports = dict(statement.imports)
        spots: set[Spot] = set()
        for name, member in statement.named:
            if name in imports:
                spots.update(self._imported(self._path, imports[name], member, MAX_HOPS))
            spots.update(self._bound(self._path, name, member, MAX_HOPS))
        return Found(self._leads.words(statement.code), spots, self._lookups)

    def _bound(self, path: str, name: bytes, member: bytes, hops: int) -> Iterator[Spot]:
        """The statements of a module that bind a name, also where it came in by an import."""
        outline = self._leads.outline(path)
        found = outline.bound.get(name)
        if found is not None:
            yield from ((path, number) for number in found)
        elif name in outline.imports:
            yield from self._imported(path, outline.imports[name], member, hops)
        else:
            for star in outline.stars if hops else ():
                module = self._module(path, star.module, star.dots)
                if module is not None:
                    yield from self._bound(module, name, member, hops - 1)

    def _imported(self, path: str, target: Import, member: bytes, hops: int) -> Iterator[Spot]:
        """The statements that bind what was imported, or `member` of it."""
        if not hops:
            return
        inner = f"{target.module}.{target.member}" if target.module else target.member
        module = self._module(path, inner if target.member else target.module, target.dots)
        if module is not None:
            yield from self._member(module, b"" if target.root else member, hops - 1)
        elif target.member:
            module = self._module(path, target.module, target.dots)
            if module is not None:
                yield from self._bound(module, target.member.encode(), member, hops - 1)

    def _member(self, module: str, member: bytes, hops: int) -> Iterator[Spot]:
        """The statements that bind a member of a module, all where it is not known which member."""
        outline = self._leads.outline(module)
        if not member:
            yield from ((module, number) for number in range(len(outline.statements)))
        elif member in outline.bound or member in outline.imports or outline.stars:
            yield from self._bound(module, member, b"", hops)
        elif os.path.basename(module) == "__init__.py":
            inner = self._module(module, member.decode("ascii", "replace"), 1)
            if inner is not None:
                yield from self._member(inner, b"", hops)

    def _module(self, path: str, name: str, dots: int) -> str | None:
        if not dots and self._leads.is_library(name):
            return None
        lookup = (name, dots, os.path.dirname(path))
        found = self._lookups[lookup] = self._leads.look_up(lookup)
        return found if found is not None and found != path and found.endswith(".py") else None


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
