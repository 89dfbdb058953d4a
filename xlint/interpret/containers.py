"""Lists, tuples, sets, dicts and streams: items, elements, subscripts, unpacking."""

from __future__ import annotations

from collections.abc import Sequence

from xlint import nodes
from xlint import syntax as cst
from xlint.interpret import (
    attributes,
    calls,
    indexing,
    inherited,
    item_writes,
    literals,
    models,
    named,
    networks,
    records,
    sequences,
    tables,
    tensors,
    turns,
)
from xlint.interpret.machine import Machine
from xlint.interpret.store import combinations, join
from xlint.interpret.values import (
    NONE,
    Api,
    Bound,
    Choice,
    ClassValue,
    Const,
    Instance,
    ModuleValue,
    Slice,
    Stream,
    Sym,
    Tensor,
    Tuple,
    Value,
    key_of,
    name_of,
)

MAX_ITEMS = 512
MAX_PICKED = 8
FACTORY = "default_factory"
"""The slot of what a dict makes of a key that it is asked for and has not; the key is in it from then on."""


def items(machine: Machine, value: Value) -> list[Value] | None:
    """The items of a finite iterable, one by one, or None where they are not all known."""
    value = machine.store.visible(value)
    if isinstance(value, Tuple):
        return list(value.items)
    if isinstance(value, Const) and isinstance(value.value, str | bytes):
        return [Const(item) for item in value.value] if len(value.value) <= MAX_ITEMS else None
    if not isinstance(value, Instance):
        return None
    if value.cls == "dict":
        return None if is_open(machine, value) else list(dict_keys(machine, value))
    known = machine.store.visible(machine.store.get(value.id, "items"))
    if not isinstance(known, Tuple) or sequences.only_end_known(known.items):
        return None
    return list(known.items)


def element(machine: Machine, value: Value, node: cst.CSTNode) -> Value:
    """One element of an iterable, standing for all of them."""
    value = machine.store.visible(value)
    if isinstance(value, Choice):
        return join([(guards, element(machine, item, node)) for guards, item in value.alternatives])
    if isinstance(value, Stream):
        return value.element
    if isinstance(value, Tensor):
        return tensors.row(value)
    known = items(machine, value) or possible_items(machine, value)
    if known:
        return known[0] if len(known) == 1 else summary(machine, known, node)
    if isinstance(value, Instance):
        return _element_of_object(machine, value, node)
    return Sym(("element", key_of(value)))


def possible_items(machine: Machine, value: Value) -> list[Value]:
    """All that a list may hold whose items depend on branches, as after `if wanted: rows.append(row)`."""
    stored = machine.store.get(value.id, "items") if isinstance(value, Instance) else None
    stored = machine.store.visible(stored)
    if not isinstance(stored, Choice) or not all(isinstance(item, Tuple) for _, item in stored.alternatives):
        return []
    held = [item for _, part in stored.alternatives if isinstance(part, Tuple) for item in part.items]
    return [item for place, item in enumerate(held) if not any(item is other for other in held[:place])]


def summary(machine: Machine, known: Sequence[Value], node: cst.CSTNode) -> Value:
    """What several items have in common: the item itself where they are equal, else unknown."""
    first = known[0]
    if all(type(item) is type(first) and item == first for item in known[1:]):
        return first
    if isinstance(first, Tuple) and all(
        isinstance(i, Tuple) and len(i.items) == len(first.items) for i in known
    ):
        columns = zip(*(item.items for item in known if isinstance(item, Tuple)), strict=True)
        return Tuple(tuple(summary(machine, column, node) for column in columns))
    alike = sequences.of_one_kind(machine, known)
    if alike is not None:
        return alike
    literal = literals.from_items(machine, known, node)
    return tensors.row(literal) if literal is not None else machine.unknown(node)


def _element_of_object(machine: Machine, value: Instance, node: cst.CSTNode) -> Value:
    known = machine.store.get(value.id, "element")
    if known is not None:
        return known  # type: ignore[no-any-return]
    if isinstance(value.cls, ClassValue):
        for name in ("__iter__", "__getitem__", "__next__"):
            method = attributes.find_method(machine, value, name)
            if method is None:
                continue
            arguments = (Sym(("index", value.id)),) if name == "__getitem__" else ()
            result = calls.call(machine, Bound(value, method), arguments, {}, node)
            if name != "__iter__" or result != value:
                return element(machine, result, node) if name == "__iter__" else result
        if (samples := inherited.samples_of(machine, value)) is not None:
            return samples.element
    return Sym(("element", value.id))


def unpack(machine: Machine, value: Value, count: int) -> list[Value]:
    """A value spread over `count` targets."""
    value = machine.store.visible(value)
    if isinstance(value, Choice):
        columns = [(g, unpack(machine, item, count)) for g, item in sequences.taken_apart(value, count)]
        return [join([(guards, column[i]) for guards, column in columns]) for i in range(count)]
    known = records.in_order(machine, value) or items(machine, value)
    if known is not None and len(known) == count:
        return known
    if isinstance(value, Tensor):
        return tensors.unpack(value, count)
    if isinstance(value, Instance) and machine.store.get(value.id, "sizes") is not None:
        return [_size(machine, value, i, count) for i in range(count)]
    if isinstance(value, Stream | Instance) and known is None:
        one = machine.store.get(value.id, "element") if isinstance(value, Instance) else value.element
        if one is not None:
            return [one] * count
    return [Sym(("item", key_of(value), ("const", "int", i)), _shown(value, i)) for i in range(count)]


def _size(machine: Machine, sizes: Instance, position: int, count: int | None = None) -> Value:
    """One of the sizes of a tensor of which only that of the class axis is known."""
    for name in (position, position - count if count is not None else position):
        known = machine.store.get(sizes.id, f"[{name!r}]")
        if known is not None:
            return known  # type: ignore[no-any-return]
    return Sym(("item", machine.store.get(sizes.id, "sizes").key, ("const", "int", position)))


def _shown(value: Value, index: object) -> str:
    return f"{name_of(value)}[{index!r}]" if name_of(value) else ""


def get_item(machine: Machine, base: Value, index: Value, node: cst.CSTNode) -> Value:
    """`base[index]`."""
    base, index = machine.store.visible(base), machine.store.visible(index)
    if isinstance(base, Choice):
        return machine.each(base, lambda item: get_item(machine, item, index, node))
    if isinstance(index, Choice) and not isinstance(base, Tensor):
        return machine.each(index, lambda item: get_item(machine, base, item, node))
    if isinstance(base, Tensor):
        return indexing.index(machine, base, index, node)
    if isinstance(base, Instance) and base.cls == "dict":
        return _dict_item(machine, base, index, node)
    if isinstance(base, Api | ModuleValue):
        return named.member(machine, base, index, node)
    known = items(machine, base)
    if known is not None:
        picked = _pick(machine, base, known, index, node)
        return models.part(machine, base, picked) if isinstance(index, Slice) else picked
    if isinstance(base, Stream):
        several = isinstance(index, Slice) or (isinstance(index, Tensor) and index.shape != ())
        return base if several else base.element
    if isinstance(base, Instance):
        return _object_item(machine, base, index, node)
    written = tables.item(machine, base, index) if isinstance(base, Sym) else None
    shown = _shown(base, index.value) if isinstance(index, Const) else ""
    return written or Sym(("item", key_of(base), sequences.index_key(machine, index)), shown)


def _object_item(machine: Machine, base: Instance, index: Value, node: cst.CSTNode) -> Value:
    if isinstance(base.cls, ClassValue):
        method = attributes.find_method(machine, base, "__getitem__")
        if method is not None:
            return calls.call(machine, Bound(base, method), (index,), {}, node)
    if machine.store.get(base.id, "sizes") is not None and isinstance(index, Const):
        return _size(machine, base, index.value)
    if base.cls == "attributes" and isinstance(index, Const):
        return attributes.get(machine, attributes.seen_through(machine, base), str(index.value), node)
    if (at_place := sequences.item_at(machine, base, index)) is not None:
        return at_place
    one = machine.store.get(base.id, "element")
    if one is None and (perhaps := possible_items(machine, base)):
        one = summary(machine, perhaps, node)
    if one is not None:
        return base if isinstance(index, Slice) else one
    if isinstance(index, Const):
        stored = machine.store.get(base.id, f"[{index.value!r}]")
        if stored is not None:
            return stored  # type: ignore[no-any-return]
    shown = _shown(base, index.value) if isinstance(index, Const) else ""
    return Sym(("item", base.id, key_of(index)), shown)


def _pick(machine: Machine, base: Value, known: list[Value], index: Value, node: cst.CSTNode) -> Value:
    known, index = turns.picked(machine, base, known, index)
    if isinstance(index, Const) and isinstance(index.value, int):
        if -len(known) <= index.value < len(known):
            return known[index.value]
        return machine.unknown(node)
    if isinstance(index, Slice):
        ends = (index.start, index.stop, index.step)
        if all(end is None or isinstance(end, Const) for end in ends):
            try:
                part = known[slice(*(end.value if isinstance(end, Const) else None for end in ends))]
            except (TypeError, ValueError):
                return machine.unknown(node)
            if isinstance(base, Const):
                return Const("".join(str(item.value) for item in part if isinstance(item, Const)), base.mark)
            if isinstance(base, Tuple):
                return Tuple(tuple(part))
            grown = sequences.has_grown(machine, base)
            made = machine.new_list(part or known[:1] if grown else part)
            if grown:
                machine.store.set(made.id, "grown", Const(True))
            return made
        if known and isinstance(base, Instance) and base.cls == "list":
            return machine.new_list(None, element=summary(machine, known, node))
        return machine.unknown(node)
    if known and len(known) <= MAX_PICKED and isinstance(index, Sym):
        options = [
            (frozenset({(("eq", index.key, ("const", "int", i)), True)}), item)
            for i, item in enumerate(known)
        ]
        return join(options)
    return element(machine, base, node) if known else machine.unknown(node)


# -- dicts: each known key is a slot of its own, so that branches merge key by key


def _slot(key: Value) -> str | None:
    return f"key {key.value!r}" if isinstance(key, Const) else None


def dict_keys(machine: Machine, value: Instance) -> tuple[Value, ...]:
    """The known keys in order."""
    known = machine.store.visible(machine.store.get(value.id, "keys"))
    return known.items if isinstance(known, Tuple) else ()


def is_open(machine: Machine, value: Instance) -> bool:
    """Whether the dict may hold keys that are not known."""
    return machine.store.get(value.id, "open") is not None


def dict_get(machine: Machine, value: Instance, key: Value) -> Value | None:
    """The value under a key, or None where the dict is not known to have it.

    Under each of the keys that are not known one by one lies an unknown value of its own.
    """
    slot = _slot(key)
    found = machine.store.get(value.id, slot) if slot is not None else None
    if found is None:
        found = machine.store.get(value.id, "any")
        if isinstance(found, Sym) or found == Tensor():
            return Sym(("item", value.id, key_of(key)), whole=isinstance(found, Sym) and found.whole)
    return machine.store.visible(found)  # type: ignore[no-any-return]


def _dict_item(machine: Machine, base: Instance, index: Value, node: cst.CSTNode) -> Value:
    found = dict_get(machine, base, index)
    if found is not None:
        return found
    if machine.store.get(base.id, FACTORY) not in (None, NONE):
        machine.store.set(base.id, "open", Const(True))
    ordered = records.in_order(machine, base)
    if ordered and isinstance(index, Const | Slice):
        return get_item(machine, Tuple(tuple(ordered)), index, node)
    if not isinstance(index, Const) and dict_keys(machine, base) and not is_open(machine, base):
        codes = _class_codes(machine, base, isinstance(index, Tensor), node)
        return codes if codes is not None else named.item(machine, base, index, node)
    return Sym(
        ("item", base.id, key_of(index)), _shown(base, index.value) if isinstance(index, Const) else ""
    )


def _class_codes(machine: Machine, base: Instance, labels: bool, node: cst.CSTNode) -> Value | None:
    """A dict from names to 0 … n-1, asked for an unknown name: a class index; for labels, a coarser one."""
    values = [value.value if isinstance(value, Const) else None for value in dict_values(machine, base)]
    numbers = set(values)
    if len(numbers) < 2 or any(type(value) is not int for value in values):
        return None
    if numbers != set(range(len(numbers))) or not (labels or len(numbers) == len(values)):
        return None
    return tensors.class_index(machine, len(numbers), node)


def set_item(machine: Machine, base: Value, index: Value, value: Value) -> Value | None:
    """`base[index] = value`; gives the changed value where `base` is a tensor, else None."""
    base = machine.store.visible(base)
    if isinstance(base, Tensor):
        single = items(machine, index) if isinstance(index, Instance) and index.cls == "list" else None
        index = single[0] if single is not None and len(single) == 1 else index
        writes = combinations([index, machine.store.visible(value)])
        return join([(guards, item_writes.assign_item(machine, base, *write)) for guards, write in writes])
    if isinstance(base, Choice) and all(isinstance(item, Tensor) for _, item in base.alternatives):
        return join(
            [(guards, set_item(machine, item, index, value) or item) for guards, item in base.alternatives]
        )
    if isinstance(base, Choice):
        for _, item in base.alternatives:
            set_item(machine, item, index, machine.unknown(nodes.NOWHERE))
        return None
    if isinstance(base, Sym):
        tables.write(machine, base, index, value)
    if not isinstance(base, Instance):
        return None
    if base.cls == "dict":
        _set_key(machine, base, index, value)
        return None
    if base.cls == "head":
        networks.change_head(machine, base, value)
        return None
    if base.cls == "attributes":
        attributes.set_named(machine, attributes.seen_through(machine, base), index, value)
        return None
    return sequences.write(machine, base, index, value)


def _set_key(machine: Machine, base: Instance, key: Value, value: Value) -> None:
    sequences.note_growth(machine, base)
    slot = _slot(key)
    if isinstance(key, Tensor) and key.origin == "placeholder":
        machine.fed.setdefault(key.key, []).append(value)
    if slot is None:
        machine.store.set(base.id, "any", value)
        machine.store.set(base.id, "any key", key)
        machine.store.set(base.id, "open", Const(True))
        return
    keys = dict_keys(machine, base)
    if machine.store.get(base.id, slot) is None:
        if len(keys) >= MAX_ITEMS:
            machine.store.set(base.id, "open", Const(True))
            return
        machine.store.set(base.id, "keys", Tuple((*keys, key)))
    machine.store.set(base.id, slot, value)


def update(machine: Machine, base: Instance, other: Value) -> None:
    """dict.update and `**other` in a dict display; `other` may be a sequence of pairs."""
    other = machine.store.visible(other)
    if isinstance(other, Instance) and other.cls == "dict":
        for key in dict_keys(machine, other):
            value = dict_get(machine, other, key)
            if value is not None:
                _set_key(machine, base, key, value)
        if not is_open(machine, other):
            return
    elif (pairs := sequences.pairs(machine, other)) is not None:
        for key, value in pairs:
            _set_key(machine, base, key, value)
        if not sequences.has_grown(machine, other):
            return
    machine.store.set(base.id, "open", Const(True))


def union(machine: Machine, left: Instance, right: Value, node: cst.CSTNode) -> Instance:
    """`left | right` of dicts."""
    result = machine.instance("dict", node=node)
    update(machine, result, left)
    update(machine, result, right)
    return result


def dict_values(machine: Machine, value: Instance) -> list[Value]:
    """The known values in key order."""
    return [dict_get(machine, value, key) or NONE for key in dict_keys(machine, value)]
