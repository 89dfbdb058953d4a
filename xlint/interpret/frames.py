"""Tables that were read from a file: their values are unknown, but how many axes their parts have is not."""

from __future__ import annotations

from typing import Any

from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import Const, Key, Sym, Tensor, Tuple, Value, key_of

READERS = ("read_csv", "read_table", "read_fwf")
"""Functions that give one table of plain cells whatever the file holds."""
OTHER_RESULTS = ("squeeze", "chunksize", "iterator", "converters")
"""Arguments under which they give something else."""

ARRAYS = ("values", "array")
VIEWS = ("values", "iloc", "loc", "at", "iat", "array")
PROPERTIES = ("columns", "index", "shape", "dtypes", "size", "ndim", "T", "str", "dt", "cat", "empty", "axes")
"""Attributes of a table that are not its columns."""
KEEPING = (
    *("copy", "reset_index", "sample", "fillna", "dropna", "head", "tail", "tolist", "to_numpy"),
    *("drop", "drop_duplicates", "sort_values", "sort_index", "ffill", "bfill"),
)
"""Methods that keep the axes."""
PLACES = ("index", "range", "enumerate")
"""What the keys of a place in a sequence begin with."""
MASKS = ("eq", "not", "in", "<", "compare", "slice")
"""What the keys of indices that keep all axes begin with."""
MAX_STEPS = 12


def key_of_table(given: Given) -> Key:
    """The key of a table that was read; the name of its reader where it certainly is one table."""
    first = key_of(given.first())
    header = given.values.get("header")
    plain = all(name not in given.values for name in OTHER_RESULTS)
    plain = plain and (header is None or isinstance(header, Const)) and not given.open
    reader = given.row.short_name
    if plain and reader in READERS:
        return ("frame", id(given.node), first, reader)
    return ("frame", id(given.node), first)


def note_column(machine: Machine, position: Value, value: Value) -> None:
    """Remember a column that is written into a table, unless it certainly holds plain values."""
    plain = isinstance(value, Const) or (isinstance(value, Tensor) and value.rank == 1)
    if isinstance(value, Sym):
        plain = axes(machine, value.key) == 1 or value.whole
    last = position.items[-1] if isinstance(position, Tuple) and position.items else position
    if not plain:
        machine.object_columns.add(last.value if isinstance(last, Const) else None)


def is_texts(value: Value) -> bool:
    """Whether a value is the `str` of a column."""
    key = value.key if isinstance(value, Sym) else None
    return isinstance(key, tuple) and len(key) == 3 and key[0] == "attr" and key[2] == "str"


def axes(machine: Machine, key: Key, steps: int = MAX_STEPS) -> int | None:
    """How many axes a part of a table has, by the key of what was done to it; None for anything else.

    A cell has none, a row or column one, the table itself two. Cells that the script wrote may be lists.
    """
    if not isinstance(key, tuple) or len(key) < 2 or not steps:
        return None
    if key[0] == "frame":
        return 2 if len(key) == 4 else None
    if key[0] == "version":
        return axes(machine, key[1], steps - 1)
    if key[0] == "joined" and len(key) == 2:
        inner = axes(machine, key[1], steps - 1)
        return None if inner is None else inner + 1
    if key[0] == "element" and len(key) == 2:
        return _row(machine, key[1], steps)
    if key[0] == "attr" and len(key) == 3:
        return _attribute(machine, key[1], key[2], steps)
    if key[0] == "item" and len(key) == 3:
        return _item(machine, key[1], key[2], steps)
    if key[0] == "call" and isinstance(key[1], tuple) and len(key[1]) == 3 and key[1][0] == "attr":
        return axes(machine, key[1][1], steps - 1) if key[1][2] in KEEPING else None
    return None


def is_made(key: Key) -> bool:
    """Whether a part of a table is one of a table that the script made of other values."""
    while isinstance(key, tuple) and len(key) > 1 and key[0] != "frame":
        key = key[1]
    return isinstance(key, tuple) and key[-1] == "DataFrame"


def columns(key: Any) -> int | None:
    """How many columns a part of a table has that was picked by a list of names; None for anything else."""
    if not isinstance(key, tuple) or len(key) < 2:
        return None
    if key[0] == "version" or (key[0] == "attr" and key[-1] in ARRAYS):
        return columns(key[1])
    if key[0] == "call" and isinstance(key[1], tuple) and key[1][0] == "attr" and key[1][-1] in KEEPING:
        return columns(key[1][1])
    index = key[-1] if key[0] == "item" else None
    last = index[-1] if isinstance(index, tuple) and index[:1] == ("tuple",) else index
    return len(last) - 1 if isinstance(last, tuple) and last[:1] == ("names",) else None


def _row(machine: Machine, base: Any, steps: int) -> int | None:
    """What a loop over a column or an array of a table gives; over a table itself it gives names."""
    if rows_by(base, "itertuples"):
        return 1 if axes(machine, base[1][1], steps - 1) == 2 else None
    inner = axes(machine, base, steps - 1)
    if inner is None or (inner == 2 and not _is_array(base)):
        return None
    return inner - 1 if inner else None


def rows_by(key: Any, method: str) -> bool:
    """Whether a key is that of `table.method()`."""
    called = isinstance(key, tuple) and len(key) == 3 and key[0] == "call" and isinstance(key[1], tuple)
    return called and len(key[1]) == 3 and key[1][0] == "attr" and key[1][2] == method


def _is_array(key: Any) -> bool:
    if not isinstance(key, tuple) or len(key) != 3:
        return False
    return (key[0] == "attr" and key[2] in ARRAYS) or (key[0] == "item" and _is_array(key[1]))


def _attribute(machine: Machine, base: Any, name: str, steps: int) -> int | None:
    inner = axes(machine, base, steps - 1)
    if inner is None or name in PROPERTIES:
        return None
    if name in VIEWS:
        return inner
    return inner - 1 if inner and not _is_array(base) and not _may_hold_lists(machine, name) else None


def _item(machine: Machine, base: Any, index: Any, steps: int) -> int | None:
    if isinstance(base, tuple) and base[0] == "element" and rows_by(base[1], "iterrows"):
        known = axes(machine, base[1][1][1], steps - 1) == 2 and index == ("const", "int", 1)
        return 1 if known else None
    inner = axes(machine, base, steps - 1)
    if inner is None:
        return None
    view = isinstance(base, tuple) and len(base) == 3 and base[0] == "attr" and base[2] in VIEWS
    parts = index[1:] if isinstance(index, tuple) and index and index[0] == "tuple" else (index,)
    if len(parts) > 1 and not view and not _is_array(base):
        return None
    for part in parts:
        dropped = _dropped(part)
        if dropped is None or inner < dropped:
            return None
        inner -= dropped
    names = [part[2] if part[1] == "str" else None for part in parts if _is_constant(part)]
    return None if any(_may_hold_lists(machine, name) for name in names) else inner


def _is_constant(part: Any) -> bool:
    return bool(isinstance(part, tuple) and len(part) == 3 and part[0] == "const")


def _may_hold_lists(machine: Machine, name: object) -> bool:
    """Whether the column of that name may be one that the script wrote, lists in its cells."""
    written = machine.object_columns
    return bool(written) and (name is None or name in written or None in written)


def _dropped(index: Any) -> int | None:
    """How many axes an index takes away: a place or a name one, a slice, a mask or a list none."""
    if not isinstance(index, tuple) or not index:
        return None
    if index[0] == "const":
        return 1 if index[1] in ("int", "str") else None
    if index[0] in PLACES:
        return 1
    if index[0] == "item" and _names_columns(index[1]):
        return _dropped(index[2])
    return 0 if index[0] in (*MASKS, "places", "names", "instance") or _names_columns(index) else None


def _names_columns(key: Any) -> bool:
    """Whether a key is that of `table.columns`, as an array or list or not."""
    called = isinstance(key, tuple) and len(key) == 3 and key[0] == "call" and isinstance(key[1], tuple)
    if called and key[1][0] == "attr" and key[1][2] in ("tolist", "to_list"):
        return _names_columns(key[1][1])
    if not isinstance(key, tuple) or len(key) != 3 or key[0] != "attr":
        return False
    return key[2] == "columns" or (key[2] in ARRAYS and _names_columns(key[1]))
