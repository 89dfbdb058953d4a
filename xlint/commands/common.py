"""What the commands share: options, terminal colours, the progress bar, reading standard input."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

if TYPE_CHECKING:
    from xlint.config import Configuration
    from xlint.settings import Settings
    from xlint.sites import ScanResult

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
STDIN = "-"


class WrongUse(click.ClickException):
    """Wrong use, or a broken configuration: one line on stderr and exit code 2."""

    exit_code = 2


def entries(values: Sequence[str]) -> list[str]:
    """The entries of a repeatable option whose values are lists with commas, in order."""
    return [entry for value in values for part in value.split(",") if (entry := part.strip())]


def list_option(name: str, metavar: str, help: str) -> Callable[[Decorated], Decorated]:
    """A repeatable option whose value is a list with commas; the command gets one flat list."""
    return click.option(
        name,
        multiple=True,
        metavar=metavar,
        help=help,
        callback=lambda _ctx, _param, values: entries(values),
    )


_SHARED = (
    list_option("--select", "RULES", "Report these only: codes, prefixes (XL1), names, or ALL."),
    list_option("--extend-select", "RULES", "Report these too (this also turns on advice)."),
    list_option("--ignore", "RULES", "Do not report these."),
    click.option(
        "--severity",
        type=click.Choice(["error", "warning", "advice"]),
        help="Report nothing milder than this. [default: warning]",
    ),
    list_option("--exclude", "PATTERNS", "Leave these files and folders out (replaces the default list)."),
    list_option("--extend-exclude", "PATTERNS", "Leave these files and folders out too."),
    click.option("--force-exclude", is_flag=True, help="Leave out excluded files even if they are named."),
    click.option("--config", metavar="FILE", help="Read this configuration file."),
    click.option("--isolated", is_flag=True, help="Read no configuration file."),
    click.option("--stdin-filename", metavar="PATH", help="The path of the code that '-' reads from stdin."),
    click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
    click.option("--cache-dir", metavar="FOLDER", help="Keep the cache here. [default: .xlint_cache]"),
    click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N", help="Use N processes."),
    click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="Colour the output. NO_COLOR and FORCE_COLOR are obeyed.",
    ),
    click.option("--quiet", "-q", is_flag=True, help="No summary and no progress bar."),
)
_OVERRIDES = (
    "select", "extend-select", "ignore", "severity", "exclude", "extend-exclude", "force-exclude",
    "no-cache", "cache-dir", "jobs", "fail-on", "ignore-noqa",
)  # fmt: skip


def scan_options(command: Decorated) -> Decorated:
    """Give a command the options that choose rules, files and configuration."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def configuration(paths: Sequence[str], options: Mapping[str, Any]) -> Configuration:
    """The configuration for these paths with what the options say laid over it.

    Ends the program with exit code 2 and one line where it cannot be used.
    """
    from xlint.config import ConfigurationError, load

    overrides = {}
    for key in _OVERRIDES:
        value = options.get(key.replace("-", "_"))
        if value not in (None, [], False):
            overrides[key] = value
    places = [options.get("stdin_filename") or "." if path == STDIN else path for path in paths]
    try:
        return load(
            places, isolated=bool(options.get("isolated")), config=options.get("config"), overrides=overrides
        )
    except ConfigurationError as error:
        raise WrongUse(str(error)) from None


def run_scan(
    paths: Sequence[str], settings: Settings, *, stdin_filename: str | None, quiet: bool
) -> tuple[ScanResult, dict[str, str]]:
    """Scan the paths, or standard input where the only path is `-`.

    Gives the result and the texts that are not on the disk, by path.
    """
    if STDIN in paths:
        if len(paths) > 1:
            raise WrongUse("'-' (standard input) cannot be mixed with other paths")
        return _scan_stdin(settings, stdin_filename or "stdin.py")
    from xlint.engine import scan

    with Progress(sys.stderr, hidden=quiet or not sys.stderr.isatty()) as progress:
        return scan(paths, settings, progress=progress.update), {}


def _scan_stdin(settings: Settings, path: str) -> tuple[ScanResult, dict[str, str]]:
    """Scan the text on standard input as if it stood in `path`."""
    from xlint.sites import Problem, ScanResult
    from xlint.source import SourceError, decode

    data = sys.stdin.buffer.read()
    if settings.force_exclude and settings.excluded(path):
        return ScanResult((), (), ()), {}
    try:
        text = decode(data)
    except SourceError as error:
        return ScanResult((), (), (Problem(path, str(error)),)), {}
    from xlint.engine import scan_text

    return scan_text(path, text, settings), {path: text}


def print_problems(result: ScanResult, paths: Sequence[str]) -> bool:
    """Print what could not be read, a line each; true if a path that was asked for does not exist."""
    for problem in result.problems:
        click.echo(printable(f"{problem.path}: {problem.message}"), err=True)
    return any(path != STDIN and not os.path.exists(path) for path in paths)


def wants_color(choice: str, stream: TextIO) -> bool:
    """Whether to colour: the option first, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def printable(text: str) -> str:
    """The text with what cannot be written as UTF-8 (bytes of odd file names) escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@contextmanager
def output(file: str | None) -> Iterator[TextIO]:
    """Standard output, or the file to write to; a file that cannot be written ends with exit code 2."""
    if file is None:
        stream = sys.stdout
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
        yield stream
        return
    try:
        opened = open(file, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    except OSError as error:
        raise WrongUse(f"{file}: cannot be written: {error.strerror or error}") from None
    with opened:
        yield opened


class Progress:
    """A progress bar that appears once a scan has taken a second."""

    def __init__(self, stream: TextIO, *, hidden: bool) -> None:
        self._stream = stream
        self._hidden = hidden
        self._start = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, error, trace)
            self._stream.write("\x1b[1A\x1b[2K")

    def update(self, done: int, total: int) -> None:
        """Show that `done` of `total` files are finished."""
        if self._hidden or (self._bar is None and time.monotonic() - self._start < 1.0):
            return
        if self._bar is None:
            self._bar = click.progressbar(length=total, label="Scanning", file=self._stream, show_pos=True)
            self._bar.__enter__()
        self._bar.length = total
        self._bar.update(done - self._bar.pos)
