"""What the shipped TOML says, as JSON in the user's cache folder: parsing it costs more than a small scan.

A snapshot is only ever a copy: it is taken where version, path, size and time of every file are those that it
was made from, and made again from the files in any other case.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from xlint import __version__


def load(name: str, files: Sequence[Path], build: Callable[[], Any]) -> Any:
    """What `build` makes of the files (JSON data), from the snapshot `name` where that is up to date.

    A snapshot that is missing, damaged, of other files or cannot be written costs time, nothing else. What
    `build` raises is passed on.
    """
    import json

    state = _state(files)
    path = _path(name, files)
    try:
        with open(path, encoding="utf-8") as file:
            stored = json.load(file)
        if stored["state"] == state:
            return stored["data"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    data = build()
    if state is not None:
        write_atomically(path, json.dumps({"state": state, "data": data}, ensure_ascii=False))
    return data


def user_cache_folder() -> str:
    """The folder of the user's caches for this program, by the custom of the system."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "xlint")


def write_atomically(path: str, text: str) -> bool:
    """Replace a file in one step, making its folder; False where the system does not let us."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        draft = f"{path}.{os.getpid()}-{os.urandom(4).hex()}"
        with open(draft, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
    except OSError:
        return False
    try:
        os.replace(draft, path)
    except OSError:
        os.unlink(draft)
        return False
    return True


def _state(files: Sequence[Path]) -> list[Any] | None:
    """Version and files with size and time; None where one cannot be read, so that no snapshot fits."""
    try:
        stats = [(str(path), os.stat(path)) for path in files]
    except OSError:
        return None
    return [__version__, [[path, stat.st_size, stat.st_mtime_ns] for path, stat in stats]]


def _path(name: str, files: Sequence[Path]) -> str:
    """One snapshot for each place where the files lie: two installations do not overwrite each other."""
    import zlib

    folder = str(files[0].parent) if files else ""
    return os.path.join(user_cache_folder(), f"{name}-{zlib.crc32(os.fsencode(folder)):08x}.json")
