"""The cache on disk: the result of a file, as long as nothing that it depends on has changed.

An entry belongs to a path and names what its result was made from: the program and its rules, the settings,
the bytes of the file and of every module read for it, and every look-up of a module with its answer, so that
a module that appears later counts as well. Entries are JSON, each written in one step: two processes may
share a cache, and an entry that is damaged is made again.

One file more holds what the gate found out about the bytes of each file: whether they are worth an analysis.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from xlint import __version__
from xlint.plain import from_plain, to_plain
from xlint.project import Project
from xlint.resources import rules_directory
from xlint.results import FileResult
from xlint.settings import Settings
from xlint.snapshot import write_atomically

FOLDER = ".xlint_cache"
MOST_GATED = 20_000
"""Contents of files that the gate's answers are kept for, the newest ones."""

_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This folder is a cache of xlint; `xlint clean` deletes it.\n"
)


def folder_of(settings: Settings) -> str:
    """The folder of the cache: the one that is set, or `.xlint_cache` in the project's root."""
    return settings.cache_dir or os.path.join(settings.root, FOLDER)


class Cache:
    """The entries of one folder under one set of settings."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; nothing is made before there is something to write."""
        self._folder = folder_of(settings)
        self._state = [program_state(), settings.fingerprint()]
        self._usable = True
        self._hashes: dict[str, str | None] = {}
        self._gate: dict[str, dict[str, Any]] | None = None
        """By the hash of a file's bytes and its suffix."""
        self._gate_text = ""

    def get(self, path: str, display: str, data: bytes, project: Project) -> FileResult | None:
        """The result of the file at a real path with these bytes, or None where it has to be made."""
        self._hashes[path] = _hash(data)
        try:
            with open(self._entry(path, display), encoding="utf-8") as file:
                entry = json.load(file)
            lookups = entry["lookups"]
            if entry["state"] != [*self._state, display]:
                return None
            if any(self._hash_of(read) != known for read, known in entry["reads"].items()):
                return None
            if any(project.look_up((name, dots, base)) != found for name, dots, base, found in lookups):
                return None
            result = from_plain(entry["result"])
        except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
            return None
        return result if isinstance(result, FileResult) else None

    def put(self, path: str, display: str, result: FileResult, project: Project) -> None:
        """Keep a result, with what `project` noted of the look-ups and reads for it. Never raises."""
        if not self._usable:
            return
        entry = {
            "state": [*self._state, display],
            "reads": {read: self._hash_of(read) for read in sorted({path, *project.reads})},
            "lookups": [[*lookup, found] for lookup, found in project.lookups.items()],
            "result": to_plain(result),
        }
        self._usable = self._prepare() and write_atomically(self._entry(path, display), json.dumps(entry))

    def known_to_gate(self, path: str) -> dict[str, Any]:
        """What the gate has found out about these bytes of a file; it adds to it, `keep_gate` writes it."""
        if self._gate is None:
            self._gate = self._read_gate()
        key = f"{self._hash_of(path)}{os.path.splitext(path)[1]}"
        return self._gate.setdefault(key, {})

    def keep_gate(self) -> None:
        """Write what the gate has found out since it was read. Never raises."""
        if not self._gate:
            return
        text = json.dumps([self._state, dict(list(self._gate.items())[-MOST_GATED:])])
        if text != self._gate_text and self._usable and self._prepare():
            write_atomically(self._gate_path(), f"{_hash(text.encode())}\n{text}")

    def _read_gate(self) -> dict[str, dict[str, Any]]:
        try:
            with open(self._gate_path(), encoding="utf-8") as file:
                digest, _, self._gate_text = file.read().partition("\n")
        except (OSError, ValueError):
            return {}
        if digest != _hash(self._gate_text.encode()):
            return {}
        state, known = json.loads(self._gate_text)
        return known if state == self._state else {}

    def _gate_path(self) -> str:
        return os.path.join(self._folder, "gate.json")

    def _entry(self, path: str, display: str) -> str:
        name = _hash(os.fsencode(path) + b"\0" + os.fsencode(display))
        return os.path.join(self._folder, name[:2], f"{name[2:]}.json")

    def _hash_of(self, path: str) -> str | None:
        """The hash of a file's bytes, None where it cannot be read; taken once a scan."""
        if path not in self._hashes:
            try:
                with open(path, "rb") as file:
                    self._hashes[path] = _hash(file.read())
            except OSError:
                self._hashes[path] = None
        return self._hashes[path]

    def _prepare(self) -> bool:
        """Make the folder such that git and backups leave it out."""
        ignore = os.path.join(self._folder, ".gitignore")
        if os.path.exists(ignore):
            return True
        return write_atomically(ignore, "*\n") and write_atomically(
            os.path.join(self._folder, "CACHEDIR.TAG"), _TAG
        )


@cache
def program_state() -> str:
    """A hash of the versions, and of size and time of every file of the program and its rules."""
    spec = find_spec("libcst")
    parts = [__version__, sys.version, spec.origin if spec else None]
    folders = [Path(__file__).resolve().parent, rules_directory()]
    files = [str(file) for folder in folders for file in sorted(_files(str(folder)))]
    files += [spec.origin] if spec and spec.origin else []
    stats = [(file, os.stat(file)) for file in files]
    return _hash(repr((parts, [(file, stat.st_size, stat.st_mtime_ns) for file, stat in stats])).encode())


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            elif entry.name.endswith((".py", ".md", ".toml")):
                yield entry.path


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
