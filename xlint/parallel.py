"""Scanning in several processes: chunks of files out, results back, in the order of the files.

A chunk is plain data and `scan_chunk` a module's function, so that any `concurrent.futures.Executor` serves.
"""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xlint.results import FileResult
from xlint.settings import Settings

if TYPE_CHECKING:
    from xlint.engine import Scanner


@dataclass(frozen=True, slots=True)
class Chunk:
    """Files (real path and the form for reports) with all that a worker needs to know about the scan."""

    files: tuple[tuple[str, str], ...]
    settings: Settings
    roots: tuple[tuple[str, str], ...]
    folder: str
    sifted: bool
    """Whether only files are left that the cache does not know and that leave room for a site."""
    size: int = 0
    """Bytes in the files."""


_kept: list[Scanner] = []
"""The scanner of a process of our own pool, which lives for one scan: its modules serve all chunks."""


def scan_chunk(chunk: Chunk) -> list[FileResult]:
    """The results of a chunk's files; runs in the worker."""
    from xlint.engine import Scanner, no_collector

    with no_collector():
        scanner = _kept[0] if _kept else Scanner(chunk.settings, chunk.roots, chunk.folder)
        scan_one = scanner.analysed if chunk.sifted else scanner.scan
        return [scan_one(path, display) for path, display in chunk.files]


def chunks_of(
    files: Sequence[tuple[str, str]],
    sizes: Sequence[int],
    size: int,
    settings: Settings,
    roots: tuple[tuple[str, str], ...],
    folder: str,
    sifted: bool = False,
) -> list[Chunk]:
    """The files in order, cut into chunks of about `size` bytes."""
    groups: list[list[tuple[str, str]]] = []
    filled: list[int] = []
    for file, bytes_of_file in zip(files, sizes, strict=True):
        if not groups or filled[-1] + bytes_of_file > size:
            groups.append([])
            filled.append(0)
        groups[-1].append(file)
        filled[-1] += bytes_of_file
    return [
        Chunk(tuple(group), settings, roots, folder, sifted, bytes_of_group)
        for group, bytes_of_group in zip(groups, filled, strict=True)
    ]


def run(executor: Executor, chunks: Sequence[Chunk], done: Callable[[int], None]) -> Iterator[FileResult]:
    """Run the chunks and give their results in order; `done` hears how many files have come back.

    The largest begin first, so that no processor ends long after the others.
    """
    by_size = sorted(range(len(chunks)), key=lambda number: -chunks[number].size)
    running = {number: executor.submit(scan_chunk, chunks[number]) for number in by_size}
    try:
        for number, chunk in enumerate(chunks):
            results = running.pop(number).result()
            done(len(chunk.files))
            yield from results
    finally:
        for future in running.values():
            future.cancel()


def _keep_scanner(settings: Settings, roots: tuple[tuple[str, str], ...], folder: str) -> None:
    from xlint.engine import Scanner

    _kept.append(Scanner(settings, roots, folder))


def processes(
    jobs: int, settings: Settings, roots: tuple[tuple[str, str], ...], folder: str
) -> ProcessPoolExecutor:
    """A pool of processes for one scan; forked where that is safe, which spares each the start of Python."""
    forks = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if forks else "spawn")
    if forks:
        import xlint.analysis  # noqa: F401 (imported once, not in each process)
    return ProcessPoolExecutor(
        jobs, mp_context=context, initializer=_keep_scanner, initargs=(settings, roots, folder)
    )
