"""Lists and tuples put together, added to, repeated, listed again, or filled with zeros."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from xlint import nodes
from xlint import syntax as cst
from xlint.interpret import builtins, containers, item_writes, loops, operators
from xlint.interpret.machine import Machine
from xlint.interpret.store import alternatives, join
from xlint.interpret.values import (
    NONE,
    Choice,
    Const,
    Guards,
    Instance,
    Key,
    Slice,
    Sym,
    Tensor,
    Tuple,
    Value,
    compose,
    key_of,
)


def join_sequences(machine: Machine, name: str, left: Value, right: Value, node: cst.CSTNode) -> Value | None:
    """`list + list`, `tuple + tuple`, `list * n`; None where the operands are no sequences."""
    if name == "Multiply":
        if isinstance(left, Const):
            left, right = right, left
        return _repeated(machine, left, right) if is_sequence(left) else None
    if name != "Add" or not is_sequence(left) or not is_sequence(right):
        return None
    first, second = held(machine, left), held(machine, right)
    whole = followed(first, second) if first is not None and second is not None else None
    if isinstance(whole, Tuple) and isinstance(left, Tuple):
        return whole
    if whole is None:
        sides = [side for side, items in ((left, first), (right, second)) if items != Tuple(())]
        one = [containers.element(machine, side, node) for side in sides]
        if all(isinstance(item, Tuple | Const) for item in one):
            return machine.new_list(None, element=containers.summary(machine, one, node))
        return machine.new_list(None, element=containers.element(machine, right if first else left, node))
    result = machine.new_list([])
    machine.store.set(result.id, "items", whole)
    if any(has_grown(machine, side) for side in (left, right)):
        machine.store.set(result.id, "grown", Const(True))
        first_count, more = (builtins.length(machine, side, node) for side in (left, right))
        count = operators.binary(machine, "Add", first_count, more, node)
        machine.store.set(result.id, "count", count)
    return result


def _repeated(machine: Machine, sequence: Value, count: Value) -> Value | None:
    """`list * n`: where n is unknown, a list whose items are known and whose length is not."""
    known = containers.items(machine, sequence)
    if known is None:
        return None
    number = count.value if isinstance(count, Const) else None
    grown = has_grown(machine, sequence)
    if isinstance(number, int) and len(known) * number <= containers.MAX_ITEMS and not grown:
        repeated = known * number
        return Tuple(tuple(repeated)) if isinstance(sequence, Tuple) else machine.new_list(repeated)
    result = machine.new_list(known)
    machine.store.set(result.id, "grown", Const(True))
    if len(known) == 1 and isinstance(count, Sym):
        machine.store.set(result.id, "count", count)
    return result


SEVERAL = Sym(("several",), "")
"""The first item of a list of which only the last items are known."""


def only_end_known(items: Sequence[Value]) -> bool:
    """Whether unknown items stand before these."""
    return bool(items) and items[0] is SEVERAL


def held(machine: Machine, value: Value | None) -> Tuple | Choice | None:
    """What a list or tuple holds: a tuple, or one for each branch that made it; None where it is unknown.

    A tuple that begins with SEVERAL stands for unknown items before the known ones.
    """
    value = machine.store.visible(value)
    plain = containers.items(machine, value) if value is not None else None
    if plain is not None:
        return Tuple(tuple(plain))
    if isinstance(value, Instance):
        value = machine.store.visible(machine.store.get(value.id, "items"))
        if isinstance(value, Sym):
            return Tuple((SEVERAL,))  # more branches than are kept apart
    if not isinstance(value, Choice):
        return value if isinstance(value, Tuple) else None
    parts = [(guards, held(machine, item)) for guards, item in value.alternatives]
    known: list[tuple[Guards, Value]] = [(guards, part) for guards, part in parts if part is not None]
    return as_tuples(join(known)) if len(known) == len(parts) else None


def item_at(machine: Machine, base: Instance, index: Value) -> Value | None:
    """The item at a place of a list that branches have made, where each has one there; else None."""
    place = index.value if isinstance(index, Const) else None
    parts = held(machine, base) if type(place) is int else None
    options: list[tuple[Guards, Value]] = []
    for guards, part in tuples(parts) if parts is not None else ():
        whole = part.items[1:] if only_end_known(part.items) else part.items
        if type(place) is not int or not -len(whole) <= place < (len(whole) if whole == part.items else 0):
            return None
        options.append((guards, whole[place]))
    return join(options) if options else None


def followed(first: Tuple | Choice, second: Tuple | Choice) -> Tuple | Choice | None:
    """The items of one sequence and then those of another, for each pair of branches that can be together."""
    pairs: list[tuple[Guards, Value]] = []
    for guards, a in tuples(first):
        ends = join([(more, Tuple((*a.items, *b.items))) for more, b in tuples(second)])
        pairs.extend((guards | more, end) for more, end in alternatives(ends))
    result = as_tuples(join(pairs)) or _tail([end.items for _, end in pairs if isinstance(end, Tuple)])
    longest = max(len(part.items) for _, part in tuples(result))
    return result if longest <= containers.MAX_ITEMS else None


def _tail(sequences: Sequence[tuple[Value, ...]]) -> Tuple:
    """What the ends of several sequences have in common."""
    shared: list[Value] = []
    for items in zip(*(reversed(items) for items in sequences), strict=False):
        if items[0] is SEVERAL or any(item is not items[0] for item in items):
            break
        shared.insert(0, items[0])
    return Tuple((SEVERAL, *shared))


def tuples(value: Tuple | Choice) -> list[tuple[Guards, Tuple]]:
    """The tuples that a sequence may hold, each with the branch decisions that lead to it."""
    return [(guards, item) for guards, item in alternatives(value) if isinstance(item, Tuple)]


def as_tuples(value: Value) -> Tuple | Choice | None:
    """A value where it is a tuple or a choice of tuples."""
    whole = isinstance(value, Choice) and len(tuples(value)) == len(value.alternatives)
    return value if isinstance(value, Tuple) or (isinstance(value, Choice) and whole) else None


def only_one(machine: Machine, value: Value) -> Value:
    """The only item of a list or tuple; anything else as it is. Keras takes `[x]` for x."""
    known = containers.items(machine, value) if is_sequence(value) and not has_grown(machine, value) else None
    return known[0] if known is not None and len(known) == 1 else value


def is_sequence(value: Value) -> bool:
    """Whether a value is a tuple or a list."""
    return isinstance(value, Tuple) or (isinstance(value, Instance) and value.cls == "list")


def zeros(machine: Machine, base: Instance) -> Tensor | None:
    """A list of zeros as the tensor that np.array makes of it, or None for another list."""
    known = None if has_grown(machine, base) else containers.items(machine, base)
    parts = known or containers.items(machine, base) or [machine.store.get(base.id, "element")]
    if base.cls != "list" or not parts:
        return None
    numbers = [part.value for part in parts if isinstance(part, Const) and type(part.value) in (int, float)]
    if len(numbers) < len(parts) or any(numbers):
        return None
    return Tensor(
        shape=(len(parts) if known is not None else None,),
        value=0.0,
        key=("filled", base.id, machine.made_in.get(base.id, 0)),
    )


def taken_apart(value: Choice, count: int) -> list[tuple[Guards, Value]]:
    """The alternatives that unpacking `count` values can mean: tuples of so many, where there are any.

    A network that gives a pair while it trains gives one tensor otherwise, which is not what is unpacked.
    """
    parts = list(value.alternatives)
    if any(isinstance(item, Tuple) and len(item.items) == count for _, item in parts):
        parts = [part for part in parts if not isinstance(part[1], Tensor)]
    return parts


def note_growth(machine: Machine, target: Instance) -> None:
    """What is added inside a loop of unknown length makes the length unknown; the order still holds."""
    if loops.lasts(machine, target):
        machine.store.set(target.id, "grown", Const(True))


def _recount(machine: Machine, target: Instance, added: Tuple | Choice | None) -> None:
    """The length of a list to which something was added, where a symbol stands for it."""
    count = machine.store.get(target.id, "count")
    if count is None:
        return
    more = len(added.items) if isinstance(added, Tuple) and not only_end_known(added.items) else None
    if loops.lasts(machine, target) or more is None or not isinstance(count, Sym | Const):
        machine.store.set(target.id, "count", Sym(("length", key_of(target), machine.new_id()), whole=True))
    else:
        machine.store.set(target.id, "count", operators.symbolic("Add", count, Const(more)))


def has_grown(machine: Machine, target: Value) -> bool:
    """Whether the number of items is unknown although items are known."""
    return isinstance(target, Instance) and machine.store.get(target.id, "grown") is not None


def relisted(machine: Machine, source: Value, known: Sequence[Value], kind: str = "list") -> Instance:
    """A new list or set of items made from those of another; their number is unknown where it was."""
    result = machine.new_list(known, kind=kind)
    if isinstance(source, Instance) and has_grown(machine, source):
        machine.store.set(result.id, "grown", Const(True))
        same = len(known) == len(containers.items(machine, source) or ())
        if kind == "list" and same:
            machine.store.set(result.id, "count", builtins.length(machine, source, nodes.NOWHERE))
    return result


def turned(machine: Machine, source: Value, known: Sequence[Value], node: cst.CSTNode) -> Value:
    """zip(*rows) of an unknown number of rows, of which some may be known: a list for each column."""
    given = known or (containers.element(machine, source, node),)
    rows = [row for value in given if (row := containers.items(machine, value)) is not None]
    if len(rows) < len(given):
        return Sym(("turned", key_of(source)))
    if not known:
        return Tuple(tuple(machine.new_list(None, element=item) for item in rows[0]))
    return Tuple(tuple(relisted(machine, source, column) for column in zip(*rows, strict=False)))


def append(machine: Machine, target: Instance, item: Value) -> None:
    """Add an item to a list."""
    extend(machine, target, Tuple((item,)), item)


def extend(machine: Machine, target: Instance, more: Value | None, example: Value | None) -> None:
    """Add what a sequence holds to a list; where that is unknown, the list has an element like `example`."""
    note_growth(machine, target)
    known = containers.items(machine, target)
    before, added = held(machine, target), held(machine, more)
    whole = followed(before, added) if before is not None and added is not None else None
    machine.store.set(target.id, "items", whole or NONE)
    _recount(machine, target, added)
    several = whole is None or (isinstance(whole, Tuple) and only_end_known(whole.items))
    if several and example is not None and machine.store.get(target.id, "element") is None:
        first = known[0] if known else example
        tells_nothing = isinstance(first, Const) and not isinstance(example, Const)
        machine.store.set(target.id, "element", example if tells_nothing else first)


def pairs(machine: Machine, value: Value) -> list[tuple[Value, Value]] | None:
    """The keys and values of a sequence of pairs, or None for anything else."""
    listed = containers.items(machine, value)
    if listed is None:
        return None
    parts = [held(machine, item) for item in listed]
    known = [pair.items for pair in parts if isinstance(pair, Tuple) and len(pair.items) == 2]
    return [(key, item) for key, item in known] if len(known) == len(parts) else None


def write(machine: Machine, target: Instance, place: Value, value: Value) -> Value | None:
    """`target[place] = value` for a list; gives the array where it stands for one of zeros, else None."""
    known = containers.items(machine, target)
    row = zeros(machine, target) if not isinstance(place, Const) else None
    if _counts_all(machine, target, place):
        if known is None:
            machine.store.set(target.id, "element", value)
        else:
            machine.store.set(target.id, "items", Tuple((value,) * len(known)))
    elif known and place == Const(-1):
        machine.store.set(target.id, "items", Tuple((*known[:-1], value)))
    elif known is not None and has_grown(machine, target) and row is None:
        machine.store.set(target.id, "items", Tuple((*known, value)))
    elif known is not None and isinstance(place, Const) and isinstance(place.value, int):
        if -len(known) <= place.value < len(known):
            known[place.value] = value
            machine.store.set(target.id, "items", Tuple(tuple(known)))
    elif isinstance(place, Const):
        machine.store.set(target.id, f"[{place.value!r}]", value)
    elif row is not None:
        return item_writes.assign_item(machine, row, place, value)
    elif known and not isinstance(place, Slice):
        machine.store.set(target.id, "items", written_somewhere(known, value))
    elif known is None and not isinstance(place, Slice):
        one = machine.store.get(target.id, "element")
        if one is not None:
            machine.store.set(target.id, "element", containers.summary(machine, [one, value], nodes.NOWHERE))
    return None


def _counts_all(machine: Machine, target: Instance, place: Value) -> bool:
    """Whether a loop counts the places of a list, so that all of its items are written."""
    key = place.key if isinstance(place, Sym | Tensor) else None
    if not isinstance(key, tuple) or zeros(machine, target) is not None:
        return False
    if machine.store.path[loops.started(machine, 1) :]:
        return False  # where a branch of the loop writes, others leave the item
    if key[:1] == ("enumerate",):
        return bool(key[2:] == (key_of(target),))
    length = key_of(builtins.length(machine, target, nodes.NOWHERE))
    return bool(key[:1] == ("range",) and key[2] in ((length,), (key_of(Const(0)), length)))


def written_somewhere(known: Sequence[Value], value: Value) -> Tuple:
    """The items of a list after one of them, nobody knows which, became `value`.

    What is written into one of several arrays of zeros is written into each in its turn.
    """
    array = array_of_zeros(value)
    items: list[Value] = []
    for place, item in enumerate(known):
        into = array is not None and array_of_zeros(item) == array
        other = Sym(("rewritten", key_of(item), key_of(value), place))
        items.append(value if into or item == value else other)
    return Tuple(tuple(items))


def array_of_zeros(value: Value) -> Key:
    """What identifies the array of zeros that a value is, or into which it was written; None for others."""
    key = key_of_zeros(value)
    return key[1] if key is not None else None


def key_of_zeros(value: Value) -> tuple[Any, ...] | None:
    """The key of that array of zeros: its number comes second, and third how many loops it was made in."""
    key = value.key if isinstance(value, Tensor) else None
    if isinstance(key, tuple) and key[0] in ("ones", "written"):
        key = key[1]
    return key if isinstance(key, tuple) and key[0] == "filled" else None


def index_key(machine: Machine, index: Value) -> Key:
    """What identifies an index: a list of names, wherever it is written, picks the same columns."""
    if isinstance(index, Tuple):
        return compose(("tuple", *(index_key(machine, part) for part in index.items)))
    names = containers.items(machine, index) if isinstance(index, Instance) and index.cls == "list" else None
    if not names or not all(isinstance(name, Const) for name in names):
        return key_of(index)
    return compose(("names", *map(key_of, names)))


def of_one_kind(machine: Machine, known: Sequence[Value]) -> Tensor | None:
    """Labels that differ in their sizes only, as those of a last batch do; empty arrays tell nothing."""
    options = [item for value in known for _, item in alternatives(machine.store.visible(value))]
    parts = [item for item in options if isinstance(item, Tensor) and item.shape != (0,)]
    if not parts or any(not isinstance(item, Tensor) for item in options) or parts[0].encoding is None:
        return None
    first = parts[0]
    facts = {(p.encoding, p.classes, p.width, p.class_axis, p.dtype, p.origin, p.rank) for p in parts}
    if len(facts) > 1 or any(p.value != first.value for p in parts):
        return None
    sizes = zip(*(p.shape for p in parts if p.shape is not None), strict=False)
    shape = tuple(size[0] if len(set(size)) == 1 else None for size in sizes)
    key = first.key if len({p.key for p in parts}) == 1 else None
    return replace(first, shape=None if first.shape is None else shape, key=key)
