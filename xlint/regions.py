"""Regions of a program's text."""

from __future__ import annotations

from typing import NamedTuple


class Range(NamedTuple):
    """A region of the program text: lines from 1, columns from 0, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


def characters(line: str, offset: int) -> int:
    """Turn ast's column in UTF-8 bytes into characters."""
    if line.isascii():
        return offset
    return len(line.encode("utf-8", "replace")[:offset].decode("utf-8", "ignore"))
