"""Which file a module name means: the neighbours of a script and the packages of its project."""

from __future__ import annotations

import os
from pathlib import Path

from xlint.source import Source, SourceError

LEVELS_UP = 4
PROJECT_ROOTS = (".git", "pyproject.toml", "setup.py", "setup.cfg")


class Project:
    """Finds and reads modules; each file is read and parsed once."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self.found: dict[tuple[str, str], str | None] = {}
        self.asked: dict[str, set[str]] = {}
        self.written: dict[str, dict[str, str]] = {}

    def add(self, source: Source, path: str) -> None:
        """Make a source known under its real path."""
        self.sources[os.path.realpath(path)] = source

    def source(self, path: str, display: str | None = None) -> Source:
        """The source at a path, read once. Raises SourceError."""
        real = os.path.realpath(path)
        found = self.sources.get(real)
        if found is None:
            found = Source.read(path, display=display or _display(path))
            self.sources[real] = found
        return found

    def module(self, path: str) -> Source | None:
        """The source of a module, or None where it cannot be read."""
        try:
            return self.source(path)
        except SourceError:
            return None

    def locate(self, name: str, importer: str, level: int) -> str | None:
        """The file of module `name` as imported from the file `importer`; `level` counts leading dots."""
        key = (f"{level}:{name}", os.path.dirname(importer))
        if key not in self.found:
            self.found[key] = self._locate(name, importer, level)
        return self.found[key]

    def _locate(self, name: str, importer: str, level: int) -> str | None:
        folder = Path(importer).parent
        parts = [part for part in name.split(".") if part]
        if level:
            for _ in range(level - 1):
                folder = folder.parent
            return self._file(folder, parts, importer)
        for _ in range(LEVELS_UP):
            for base in (folder, folder / "src"):
                path = self._file(base, parts, importer)
                if path is not None:
                    return path
            if any((folder / mark).exists() for mark in PROJECT_ROOTS) or folder.parent == folder:
                return None
            folder = folder.parent
        return None

    def _file(self, folder: Path, parts: list[str], importer: str) -> str | None:
        base = folder.joinpath(*parts)
        for candidate in (base.with_suffix(".py") if parts else None, base / "__init__.py"):
            if candidate is None:
                continue
            path = str(candidate)
            self.asked.setdefault(importer, set()).add(path)
            if candidate.is_file():
                return path
        if parts and base.is_dir():
            return str(base)
        return None


def _display(path: str) -> str:
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative
