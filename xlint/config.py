"""Finding and reading the configuration: `[tool.xlint]` in a pyproject.toml, or an xlint.toml.

One configuration holds for a whole run: the nearest one upwards from the folder that the scanned paths have
in common. What the command line says is laid over it by `load`, which remembers where each value is from.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xlint.rule_names import SEVERITIES, resolve_selector
from xlint.settings import Selection, Settings

KERAS_BACKENDS = ("tensorflow", "torch", "jax")
_API_KEYS = ("framework", "aliases", "api", "strings")


class ConfigurationError(Exception):
    """A configuration that cannot be used; the message is one line that names the file and what to do."""


@dataclass(frozen=True)
class Configuration:
    """The settings in force, the file they come from (if any), and the origin of each value by its key."""

    settings: Settings
    file: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)


def load(
    paths: Sequence[str] = (),
    *,
    isolated: bool = False,
    config: str | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Configuration:
    """The configuration for scanning `paths`.

    `config` names the file to read; otherwise the nearest one is taken, and none at all if `isolated`.
    `overrides` holds what the command line said, by the keys of the file (`extend-select`, …, and
    `ignore-noqa`, `no-cache`, `jobs`); its values are strings, lists of strings, numbers or booleans.
    Raises ConfigurationError where a file or a value cannot be used.
    """
    file = None if isolated else config or find(paths)
    root = os.path.dirname(os.path.abspath(file)) if file else os.getcwd()
    settings = replace(Settings(), root=root, isolated=isolated)
    origins: dict[str, str] = {}
    if file:
        for key, value in _read(file).items():
            settings = replace(settings, **_checked(key, value, file))
            origins[key] = file
        if settings.cache_dir:
            settings = replace(settings, cache_dir=os.path.join(root, settings.cache_dir))
    for key, value in (overrides or {}).items():
        settings = _override(settings, key, value)
        origins[key] = f"--{key}"
    return Configuration(settings, file, origins)


def find(paths: Sequence[str]) -> str | None:
    """The nearest xlint.toml, or pyproject.toml with a `[tool.xlint]`, upwards from what `paths` share."""
    folder = _common_folder(paths)
    for candidate in (folder, *folder.parents):
        own = candidate / "xlint.toml"
        if own.is_file():
            return str(own)
        shared = candidate / "pyproject.toml"
        if shared.is_file() and _mentions_xlint(shared):
            return str(shared)
    return None


def known_keys() -> tuple[str, ...]:
    """The keys that a configuration file may hold."""
    return tuple(_READERS)


def _common_folder(paths: Sequence[str]) -> Path:
    """The deepest folder that holds all the paths; the current one if there are none."""
    absolute = [os.path.abspath(path) for path in paths] or [os.getcwd()]
    try:
        common = os.path.commonpath(absolute)
    except ValueError:  # several drives
        common = os.getcwd()
    folder = Path(common)
    return folder if folder.is_dir() else folder.parent


def _mentions_xlint(pyproject: Path) -> bool:
    """Whether the file has a `tool.xlint` table; other people's broken files are not our business."""
    try:
        if b"xlint" not in pyproject.read_bytes():
            return False
    except OSError:
        return False
    tool = _parse(str(pyproject)).get("tool", {})
    return isinstance(tool, dict) and "xlint" in tool


def _parse(file: str) -> dict[str, Any]:
    """The parsed TOML file; ConfigurationError where it cannot be read or parsed."""
    import tomllib

    try:
        with open(file, "rb") as stream:
            return tomllib.load(stream)
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: is not valid TOML: {error}") from None


def _read(file: str) -> dict[str, Any]:
    """The keys of our table: `[tool.xlint]` of a pyproject.toml, the top level of any other file."""
    content = _parse(file)
    if os.path.basename(file) == "pyproject.toml":
        content = content.get("tool", {}).get("xlint", {})
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file}: tool.xlint must be a table")
    return content


def _checked(key: str, value: Any, file: str) -> dict[str, Any]:
    """A key of the file as a field of Settings; ConfigurationError for unknown keys and unfit values."""
    reader = _READERS.get(key)
    if reader is None:
        raise ConfigurationError(f"{file}: unknown key {key!r}{_did_you_mean(key, _READERS)}")
    try:
        return {key.replace("-", "_"): reader(value)}
    except ValueError as error:
        raise ConfigurationError(f"{file}: {key}: {error}") from None


def _override(settings: Settings, key: str, value: Any) -> Settings:
    """The settings with one option of the command line laid over them."""
    try:
        if key in ("select", "extend-select", "ignore", "severity"):
            read = _READERS[key](value)
            selection: Selection = replace(settings.command_line, **{key.replace("-", "_"): read})
            return replace(settings, command_line=selection)
        if key == "extend-exclude":
            value = [*settings.extend_exclude, *value]
        reader = _READERS.get(key)
        return replace(settings, **{key.replace("-", "_"): reader(value) if reader else value})
    except ValueError as error:
        raise ConfigurationError(f"--{key}: {error}") from None


def _selectors(value: Any) -> tuple[str, ...]:
    """A list of rules, each resolved to a code, a prefix or `ALL`."""
    return tuple(resolve_selector(entry) for entry in _strings(value))


def _strings(value: Any) -> tuple[str, ...]:
    """A list of strings."""
    if not isinstance(value, list | tuple) or not all(isinstance(entry, str) for entry in value):
        raise ValueError("must be a list of strings")
    return tuple(value)


def _per_file(value: Any) -> dict[str, tuple[str, ...]]:
    """A table from path patterns to lists of rules."""
    if not isinstance(value, dict):
        raise ValueError('must be a table such as {"tests/*" = ["XL101"]}')
    return {pattern: _selectors(entries) for pattern, entries in value.items()}


def _one_of(choices: Sequence[str]) -> Callable[[Any], str]:
    """A reader of a string that must be one of `choices`."""

    def read(value: Any) -> str:
        if value not in choices:
            listed = f" is not one of {', '.join(choices)}" if len(choices) < 10 else " is unknown"
            raise ValueError(f"{value!r}{listed}{_did_you_mean(value, choices)}")
        return str(value)

    return read


def _boolean(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _folder(value: Any) -> str:
    """A path, as a string."""
    if not isinstance(value, str) or not value:
        raise ValueError("must be a path")
    return value


def _api_tables(value: Any) -> tuple[dict[str, Any], ...]:
    """The project's API tables: one table or a list of them; a bare row counts as a table with one row."""
    tables = value if isinstance(value, list) else [value]
    if not all(isinstance(table, dict) for table in tables):
        raise ValueError("must be a table, or a list of tables, as in rules/apis")
    return tuple(_api_table(table) for table in tables)


def _api_table(table: dict[str, Any]) -> dict[str, Any]:
    """One API table in the shape of rules/apis/*.toml, its keys and rows checked."""
    if "names" in table:
        table = {"api": [table]}
    for key in table:
        if key not in _API_KEYS:
            raise ValueError(f"unknown key {key!r}{_did_you_mean(key, _API_KEYS)}")
    rows = table.get("api", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("api must be a list of tables: [[tool.xlint.apis.api]]")
    for row in rows:
        if "names" not in row or not isinstance(row.get("op"), str):
            raise ValueError("each api needs names = [...] and op = ...")
        _strings(row["names"])
        _one_of(_known_ops())(row["op"])
    return table


def _known_ops() -> list[str]:
    """The ops that the shipped tables use; read only where a project has tables of its own."""
    from xlint.apis import shipped_tables

    return sorted({row.op for row in shipped_tables().rows.values()})


def _did_you_mean(wanted: Any, known: Iterable[str]) -> str:
    """The end of a message that names the nearest known word, or nothing."""
    import difflib

    close = difflib.get_close_matches(str(wanted), list(known), n=1, cutoff=0.4)
    return f"; did you mean {close[0]!r}?" if close else ""


_READERS: dict[str, Callable[[Any], Any]] = {
    "select": _selectors,
    "extend-select": _selectors,
    "ignore": _selectors,
    "per-file-ignores": _per_file,
    "exclude": _strings,
    "extend-exclude": _strings,
    "force-exclude": _boolean,
    "severity": _one_of(SEVERITIES),
    "fail-on": _one_of(SEVERITIES),
    "keras-backend": _one_of(KERAS_BACKENDS),
    "cache-dir": _folder,
    "apis": _api_tables,
}
