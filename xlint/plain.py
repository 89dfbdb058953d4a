"""Results as plain data and back: what the cache writes is JSON, and holds no code."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from xlint.results import Comment, FileResult
from xlint.sites import Edit, Finding, Fix, Note, Place, Problem, SiteReport

_TYPES: tuple[type[Any], ...] = (Comment, Edit, FileResult, Finding, Fix, Note, Place, Problem, SiteReport)
_KINDS = {kind.__name__: kind for kind in _TYPES}
_NAMES = {kind: [field.name for field in fields(kind)] for kind in _KINDS.values()}


def to_plain(value: Any) -> Any:
    """A result, or a part of one, as JSON data.

    A dataclass becomes ["#Name", field, …], a tuple ["#()", …], a set ["#{}", …] in sorted order; lists,
    dicts, strings, numbers, booleans and None stay. Raises TypeError for anything else.
    """
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple):
        return ["#()", *map(to_plain, value)]
    if isinstance(value, list):
        return ["#[]", *map(to_plain, value)]
    if isinstance(value, set | frozenset):
        return ["#{}", *map(to_plain, sorted(value))]
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    names = _NAMES.get(type(value))
    if names is not None:
        return [f"#{type(value).__name__}", *(to_plain(getattr(value, name)) for name in names)]
    raise TypeError(f"{type(value).__name__} is not plain data")


def from_plain(data: Any) -> Any:
    """The value behind `to_plain`. Raises TypeError, KeyError, IndexError or ValueError for other data."""
    if isinstance(data, dict):
        return {key: from_plain(item) for key, item in data.items()}
    if not isinstance(data, list):
        return data
    tag, values = data[0], [from_plain(item) if isinstance(item, list | dict) else item for item in data[1:]]
    if tag == "#()":
        return tuple(values)
    if tag == "#[]":
        return values
    if tag == "#{}":
        return set(values)
    return _KINDS[tag[1:]](*values)
