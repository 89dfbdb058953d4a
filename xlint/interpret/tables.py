"""Columns that a script writes into tables: what each of them holds until it is written again.

A table is a symbol: one that was read or made ("frame"), or one made from another's rows ("version", the key
under which its unwritten parts are known, an identity of its own). Written columns are slots of that symbol.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeGuard

from xlint import nodes
from xlint import syntax as cst
from xlint.interpret import (
    attributes,
    class_labels,
    columns,
    containers,
    creation,
    frames,
    indexing,
    sequences,
    tensors,
)
from xlint.interpret.arguments import Arguments, unknown_result
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.store import alternatives, join
from xlint.interpret.values import (
    NONE,
    WHOLE,
    WIDE,
    Const,
    Instance,
    Key,
    Slice,
    Sym,
    Tensor,
    Tuple,
    Value,
    key_of,
)

ROWS_KEPT = ("fillna", "dropna", "reset_index", "sort_values", "sort_index", "drop", "drop_duplicates")
"""Methods that change a table in place, but none of the columns that are left."""
VIEWS = ("iloc", "loc", "at", "iat")


def plain(machine: Machine, table: Sym) -> Sym:
    """A table without written columns as what it was made of, so that equal parts of it are equal."""
    written = machine.columns.get(attributes.symbol_slot(table))
    return table if written else Sym(_known_as(table), table.name)


def is_table(value: Value | None) -> TypeGuard[Sym]:
    """Whether a value is a table."""
    key = value.key if isinstance(value, Sym) else None
    return isinstance(key, tuple) and bool(key) and key[0] in ("frame", "version")


def made(machine: Machine, written: dict[object, Value], node: cst.CSTNode) -> Sym:
    """A new table of these columns."""
    table = Sym(("frame", id(node), machine.new_id(), "DataFrame"))
    for name, value in written.items():
        _set(machine, table, name, _as_column(machine, table, name, value, node))
    return table


def rows(machine: Machine, table: Sym, known_as: Key, change: Callable[[Tensor], Value] | None = None) -> Sym:
    """A table of rows of another, with the columns that are written there; `change` picks their cells."""
    result = Sym(("version", known_as, machine.new_id()), table.name)
    owner = attributes.symbol_slot(table)
    for name in machine.columns.get(owner, ()):
        value = machine.store.get(owner, _slot(name))
        options = [
            (guards, change(item) if change is not None and isinstance(item, Tensor) else item)
            for guards, item in alternatives(value)
        ]
        _set(machine, result, name, join(options))
    return result


def copied(machine: Machine, table: Sym) -> Sym:
    """A table of its own with the same columns."""
    return rows(machine, table, _known_as(table))


def column(machine: Machine, table: Sym, name: object) -> Value | None:
    """A column that the script has written, or None."""
    return machine.store.visible(machine.store.get(attributes.symbol_slot(table), _slot(name)))  # type: ignore[no-any-return]


def _slot(name: object) -> str:
    return f"column {name!r}"


def _known_as(table: Sym) -> Key:
    key: Key = table.key[1] if table.key[0] == "version" else table.key
    return key


def _unwritten(table: Sym, name: object) -> Sym:
    shown = f"{table.name}[{name!r}]" if table.name else ""
    return Sym(("item", _known_as(table), key_of(Const(name))), shown)


def _set(machine: Machine, table: Sym, name: object, value: Value) -> None:
    """Write the slot of a column; on paths that do not write it, it holds what the table has there."""
    owner = attributes.symbol_slot(table)
    machine.columns.setdefault(owner, {})[name] = None
    machine.store.data.setdefault((owner, _slot(name)), _unwritten(table, name))
    machine.store.set(owner, _slot(name), value)


def forget(machine: Machine, table: Sym) -> None:
    """All written columns may have changed."""
    for name in machine.columns.get(attributes.symbol_slot(table), ()):
        _set(machine, table, name, _unwritten(table, name))


def _as_column(machine: Machine, table: Sym, name: object, value: Value, node: cst.CSTNode) -> Value:
    """What a column holds after a value was written to all of it."""
    value = machine.store.visible(value)
    if isinstance(value, Const) and isinstance(value.value, bool | int | float):
        return class_labels.of_numbers({value.value}, (None,), ("written", id(node)), ())
    if isinstance(value, Sym) and frames.axes(machine, value.key) == 1:
        return value
    if isinstance(value, Sym) and tensors.is_truth(value):
        return replace(tensors.truths(value), shape=(None,))
    tensor = tensors.tensor_of(machine, value, node) if not isinstance(value, Sym | Const) else None
    options = alternatives(value)
    if len(options) > 1:
        return join([(guards, _as_column(machine, table, name, item, node)) for guards, item in options])
    if tensor is None or tensor.encoding in WIDE or tensor.origin == "model":
        return _unwritten(table, name)
    one = tensor.shape is None or len(tensor.shape) <= 1 or (len(tensor.shape) == 2 and tensor.shape[1] == 1)
    return replace(tensor, shape=(None,)) if one else _unwritten(table, name)


def write(machine: Machine, table: Sym, position: Value, value: Value) -> None:
    """`table[position] = value`, or the same of its loc, iloc, at …; an unknown place may be any column."""
    frames.note_column(machine, position, value)
    node = nodes.NOWHERE
    if not is_table(table):
        return
    if isinstance(position, Const) and isinstance(position.value, str):
        _set(machine, table, position.value, _as_column(machine, table, position.value, value, node))
        return
    parts = position.items if isinstance(position, Tuple) else ()
    names = containers.items(machine, position) if isinstance(position, Instance) else None
    if names is not None and all(isinstance(name, Const) and isinstance(name.value, str) for name in names):
        for name in names:
            if isinstance(name, Const):
                _set(machine, table, name.value, _unwritten(table, name.value))
    elif len(parts) == 2 and isinstance(parts[1], Const) and isinstance(parts[1].value, str):
        cell = parts[1].value
        if parts[0] == WHOLE:
            _set(machine, table, cell, _as_column(machine, table, cell, value, node))
        else:
            _set(machine, table, cell, _masked(machine, table, parts[0], cell, value))
    else:
        forget(machine, table)


def _masked(machine: Machine, table: Sym, condition: Value, name: object, value: Value) -> Value:
    """A column after a number was written where a condition holds: one of a few numbers, or unknown."""
    before = column(machine, table, name)
    number = value.value if isinstance(value, Const) else None
    if not isinstance(number, bool | int | float) or not isinstance(condition, Sym | Tensor):
        return _unwritten(table, name)
    mask = key_of(condition)
    key = before.key if isinstance(before, Tensor) else None
    if isinstance(key, tuple) and key[0] == "chosen":
        return class_labels.of_numbers({*key[1], number}, (None,), key[2], ())
    if isinstance(key, tuple) and key[0] == "masked":
        numbers, masks = {*key[1], number}, (*key[2], mask)
        if _cover(masks):
            return class_labels.of_numbers(numbers, (None,), masks, ())
    elif before is not None and not isinstance(before, Sym):
        return _unwritten(table, name)
    else:
        numbers, masks = {number}, (mask,)
    return Tensor(shape=(None,), key=("masked", tuple(sorted(numbers)), masks))


def _cover(masks: Sequence[Key]) -> bool:
    """Whether conditions take all rows between them: a condition and its opposite, or names of one column."""
    compared = [mask for mask in masks if isinstance(mask, tuple) and len(mask) == 3 and mask[0] == "eq"]
    if len(compared) == len(masks):
        texts = all(isinstance(mask[2], tuple) and mask[2][:2] == ("const", "str") for mask in compared)
        return texts and len({mask[1] for mask in compared}) == 1 and len(set(compared)) > 1
    return len(masks) == 2 and (masks[1] == ("not", masks[0]) or masks[0] == ("not", masks[1]))


def set_attribute(machine: Machine, table: Sym, name: str, value: Value) -> None:
    """`table.name = value`: a column; new names of all columns make them unknown."""
    if name == "columns":
        forget(machine, table)
    elif name not in frames.PROPERTIES:
        write(machine, table, Const(name), value)


def item(machine: Machine, base: Sym, index: Value) -> Value | None:
    """`base[index]` of a table, of its loc or iloc, or of one of its rows; None for anything else."""
    key = base.key
    if not isinstance(key, tuple) or not key:
        return None
    named = isinstance(index, Const) and isinstance(index.value, str)
    if is_table(base):
        known = ("item", _known_as(base), sequences.index_key(machine, index))
        if named and isinstance(index, Const):
            return column(machine, base, index.value) or _unwritten(base, index.value)
        if _is_rows(index):
            return rows(machine, base, known, lambda part: _cells(machine, part, index))
        return None
    table = _viewed(key)
    if table is not None:
        return _of_view(machine, table, base, index)
    holder = _of_row(key)
    if named and isinstance(index, Const) and holder is not None:
        return _cell(column(machine, holder, index.value))
    return None


def attribute(machine: Machine, base: Sym, name: str) -> Value | None:
    """`base.name` of a table or a row: a column that was written, or a cell of it; None for anything else."""
    if is_table(base):
        return column(machine, base, name) or attributes.unknown_attribute(plain(machine, base), name)
    holder = _of_row(base.key)
    return _cell(column(machine, holder, name)) if holder is not None else None


def _is_rows(index: Value) -> bool:
    """Whether an index picks rows or several columns: a slice, a condition or a list."""
    if isinstance(index, Tensor) and index.shape == ():
        return False
    truth = isinstance(index, Sym) and (tensors.is_truth(index) or index.key[0] in ("and", "or", "BitInvert"))
    return isinstance(index, Slice | Instance | Tensor) or truth


def _cells(machine: Machine, part: Tensor, index: Value) -> Value:
    """Some cells of a column; a list of names takes them all."""
    names = containers.items(machine, index) if isinstance(index, Instance) else None
    if names and all(isinstance(name, Const) and isinstance(name.value, str) for name in names):
        return part
    if isinstance(index, Sym):
        index = Tensor(shape=(None,), dtype="bool")
    picked = indexing.index(machine, part, index, nodes.NOWHERE)
    return replace(picked, shape=(None,)) if isinstance(picked, Tensor) else picked


def _viewed(key: Key) -> Sym | None:
    """The table whose loc or iloc this is the key of."""
    if not isinstance(key, tuple) or len(key) != 3 or key[0] != "attr" or key[2] not in VIEWS:
        return None
    table = Sym(key[1])
    return table if is_table(table) else None


def _of_view(machine: Machine, table: Sym, view: Sym, index: Value) -> Value | None:
    parts = index.items if isinstance(index, Tuple) else (index,)
    name = parts[1] if len(parts) == 2 else None
    if isinstance(name, Const) and isinstance(name.value, str):
        found = column(machine, table, name.value)
        if found is None or parts[0] == WHOLE or not isinstance(found, Tensor):
            return found
        return _cells(machine, found, parts[0]) if _is_rows(parts[0]) else _cell(found)
    if not _is_rows(parts[0]) or isinstance(name, Const):
        return None
    known = ("item", ("attr", _known_as(table), view.key[2]), sequences.index_key(machine, index))
    return rows(machine, table, known, lambda part: _cells(machine, part, parts[0]))


def _of_row(key: Key) -> Sym | None:
    """The table of which this is the key of one row, or of several."""
    if not isinstance(key, tuple) or len(key) < 2:
        return None
    if key[0] == "item" and isinstance(key[1], tuple) and key[1][0] == "attr":
        return _viewed(key[1])
    if key[0] == "item" and key[-1] == ("const", "int", 1):
        key, method = key[1], "iterrows"
    else:
        method = "itertuples"
    if isinstance(key, tuple) and key[0] == "element" and frames.rows_by(key[1], method):
        table = Sym(key[1][1][1])
        return table if is_table(table) else None
    return None


def _cell(found: Value | None) -> Value | None:
    return tensors.row(found) if isinstance(found, Tensor) else None


def method(machine: Machine, table: Sym, name: str, arguments: Arguments, node: cst.CSTNode) -> Value | None:
    """A method of a table that changes its columns, or gives another table; None for all others."""
    in_place = arguments.keywords.get("inplace", Const(False)) != Const(False)
    first = arguments.positional[0] if arguments.positional else None
    if name == "insert" and len(arguments.positional) > 2:
        write(machine, table, arguments.positional[1], arguments.positional[2])
        return NONE
    if name == "pop" and isinstance(first, Const):
        return item(machine, table, first)
    target = table if in_place else copied(machine, table)
    if name == "replace" and _by_column(machine, target, first, node):
        return NONE if in_place else target
    if in_place and name not in ROWS_KEPT:
        forget(machine, table)
    if in_place:
        return NONE
    if name == "drop":
        plain = unknown_result(Sym(("attr", table.key, name)), arguments)
        return rows(machine, table, key_of(plain))
    if name == "assign":
        for key, value in arguments.keywords.items():
            write(machine, target, Const(key), value)
        return target
    if name in ("replace", "rename", "map", "applymap"):
        forget(machine, target)
        return target
    return None


def _by_column(machine: Machine, table: Sym, mapping: Value | None, node: cst.CSTNode) -> bool:
    """`table.replace({column: {old: new}})`; False where the mapping is of another form."""
    if not isinstance(mapping, Instance) or mapping.cls != "dict" or containers.is_open(machine, mapping):
        return False
    names, inner = containers.dict_keys(machine, mapping), containers.dict_values(machine, mapping)
    if not all(isinstance(value, Instance) and value.cls == "dict" for value in inner):
        return False
    for name, value in zip(names, inner, strict=True):
        before = item(machine, table, name) or NONE
        after = columns.recode(machine, before, Arguments((value,)), node)
        write(machine, table, name, after if after is not None else NONE)
    return True


def _concat(machine: Machine, given: Given, value: Value | None) -> Value:
    """pandas.concat of tables, one below the other: columns that are written in all of them."""
    parts = containers.items(machine, value) if value is not None else None
    tables = [part for part in parts or () if is_table(part)]
    beside = given.get("axis") not in (None, Const(0), Const("index"), Const("rows"))
    if not tables or len(tables) != len(parts or ()) or beside:
        return given.unknown_result()
    result = made(machine, {}, given.node)
    for name in machine.columns.get(attributes.symbol_slot(tables[0]), ()):
        together = _below([column(machine, table, name) for table in tables])
        if together is not None:
            _set(machine, result, name, together)
    return result


def _cast(machine: Machine, given: Given, value: Value | None) -> Value:
    """table.astype: with a dictionary, the table with some of its columns cast."""
    dtypes = given.of("dtype_param")
    if not is_table(value) or not isinstance(dtypes, Instance) or dtypes.cls != "dict":
        return creation.OPERATIONS["cast"](machine, given, value)
    result = copied(machine, value)
    for name in containers.dict_keys(machine, dtypes):
        written = column(machine, result, name.value) if isinstance(name, Const) else None
        if isinstance(name, Const) and isinstance(written, Tensor):
            dtype = creation.dtype_of(containers.dict_get(machine, dtypes, name))
            _set(machine, result, name.value, creation.cast(written, dtype))
    return result


def _below(parts: Sequence[Value | None]) -> Tensor | None:
    """Columns of one kind, one below the other; None where one is unknown or they differ."""
    known = [part for part in parts if isinstance(part, Tensor)]
    if not known or len(known) < len(parts):
        return None
    keys = [part.key for part in known if isinstance(part.key, tuple) and part.key[0] == "chosen"]
    if len(keys) == len(known):
        numbers = {number for key in keys for number in key[1]}
        return class_labels.of_numbers(numbers, (None,), tuple(keys), known[0].evidence)
    alike = len({(part.encoding, part.classes, part.dtype) for part in known}) == 1
    return replace(known[0], key=None, value=None) if alike else None


OPERATIONS: dict[str, Callable[[Machine, Given, Value | None], Value]] = {
    "concat_tables": _concat,
    "astype": _cast,
}
