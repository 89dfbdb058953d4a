"""Values that branches make alike: `Network().cuda() if wanted else Network()` is one network.

And what is kept where there are more alternatives than can be followed.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from xlint.interpret.values import (
    NONE,
    PICKED,
    Api,
    Bound,
    Choice,
    ClassValue,
    Dim,
    Function,
    Guards,
    Instance,
    Partial,
    Sym,
    Tensor,
    Tuple,
    Value,
    compose,
    key_of,
)

Slot = tuple[int, str]
Compared = set[tuple[int, int]]
MAX_COMPARED = 400
"""Objects inside two objects that are compared before they count as different."""
MAX_OBJECTS = 6
"""How many of more alternatives are kept where they are objects: `get_model(name)` with a branch for each."""
MAX_KINDS = 4
"""How many kinds of outputs are kept apart, of networks of which an unknown name picks one."""


class Branches:
    """What each of several branches wrote into the objects that they made, those numbered above `since`."""

    def __init__(self, diffs: Sequence[Mapping[Slot, Any]], since: int) -> None:
        """Take the writes of each branch and the number that the first object made in them exceeds."""
        self._diffs = diffs
        self._since = since
        self._slots: dict[int, dict[int, dict[str, Any]]] = {}

    def unified(self, options: Sequence[tuple[Guards, Any]]) -> list[tuple[Guards, Any]]:
        """The values that the branches give, the same object for all that are alike."""
        firsts: list[tuple[int, Any]] = []
        result: list[tuple[Guards, Any]] = []
        for branch, (guards, value) in enumerate(options):
            if isinstance(value, Instance | Tuple | Bound | Partial):
                for other, first in firsts:
                    if self._alike(other, first, branch, value, set()):
                        value = first
                        break
                else:
                    firsts.append((branch, value))
            result.append((guards, value))
        return result

    def _held(self, branch: int, owner: int) -> dict[str, Any]:
        """The slots of an object that a branch wrote."""
        by_owner = self._slots.get(branch)
        if by_owner is None:
            by_owner = self._slots[branch] = {}
            for (number, name), value in self._diffs[branch].items():
                by_owner.setdefault(number, {})[name] = value
        return by_owner.get(owner, {})

    def _alike(self, i: int, first: Any, j: int, second: Any, compared: Compared) -> bool:
        if first is second:
            return True
        if type(first) is not type(second):
            return False
        if isinstance(first, Instance):
            return self._objects(i, first, j, second, compared)
        parts = _parts(first), _parts(second)
        if parts[0] is None or parts[1] is None:
            return bool(first == second)
        fixed, inner = parts[0]
        others, outer = parts[1]
        return fixed == others and self._all(i, inner, j, outer, compared)

    def _all(self, i: int, inner: Sequence[Any], j: int, outer: Sequence[Any], compared: Compared) -> bool:
        if len(inner) != len(outer):
            return False
        return all(self._alike(i, a, j, b, compared) for a, b in zip(inner, outer, strict=True))

    def _objects(self, i: int, first: Instance, j: int, second: Instance, compared: Compared) -> bool:
        if first == second or (first.id, second.id) in compared:
            return True
        if first.cls != second.cls or min(first.id, second.id) <= self._since or len(compared) > MAX_COMPARED:
            return False
        compared.add((first.id, second.id))
        mine, other = self._held(i, first.id), self._held(j, second.id)
        if mine.keys() != other.keys() or dict(first.args).keys() != dict(second.args).keys():
            return False
        held = self._all(i, list(mine.values()), j, [other[name] for name in mine], compared)
        given = [value for _, value in first.args], [value for _, value in second.args]
        return held and self._all(i, given[0], j, given[1], compared)


def _parts(value: Value) -> tuple[Any, Sequence[Any]] | None:
    """What in a value must be equal, and what must be alike; None where all must be equal."""
    if isinstance(value, Tuple):
        return None, value.items
    if isinstance(value, Bound):
        return value.method, (value.receiver,)
    if isinstance(value, Partial):
        names = tuple(name for name, _ in value.keywords)
        return names, (value.function, *value.args, *(item for _, item in value.keywords))
    if isinstance(value, Choice):
        return [guards for guards, _ in value.alternatives], [item for _, item in value.alternatives]
    return None


def few_of_many(options: Sequence[tuple[Guards, Value]]) -> Value:
    """What is kept of too many alternatives: what all tensors have in common, or some of the objects."""
    values = [value for _, value in options]
    tensors = [value for value in values if type(value) is Tensor]
    if len(tensors) == len(values):
        return _kinds(options, None)
    objects = [option for option in options if is_object(option[1])][:MAX_OBJECTS]
    known = [value for value in values if is_object(value) or type(value) is Tensor]
    others = [value for value in values if value not in known and value != NONE]
    whole = not known or bool(objects and tensors) or not all(isinstance(value, Sym) for value in others)
    rest = [option for option in options if whole or option not in objects]
    unknown = Sym(compose(("many", *(key_of(value) for _, value in rest))))
    if whole:
        return unknown
    if tensors:
        return _kinds([option for option in options if type(option[1]) is Tensor], unknown)
    common = frozenset.intersection(*(guards for guards, _ in rest))
    return Choice((*objects, (common, unknown)))


def _kinds(options: Sequence[tuple[Guards, Value]], rest: Sym | None) -> Value:
    """Tensors, and what else there is: those of one width and quantity are one, where there are few such."""
    kinds: dict[Hashable, list[tuple[Guards, Tensor]]] = {}
    for guards, value in options:
        if isinstance(value, Tensor):
            kind = (value.width, value.quantity, value.activation, value.encoding)
            kinds.setdefault(kind, []).append((guards, value))
    every = [tensor for group in kinds.values() for _, tensor in group]
    common = _in_common(every)
    told = common.width is not None and common.quantity is not None
    if told or len(kinds) > MAX_KINDS or any(tensor.origin != "model" for tensor in every):
        kinds = {None: [(guards, tensor) for group in kinds.values() for guards, tensor in group]}
    if len(kinds) == 1 and rest is None:
        return common
    picked: list[tuple[Guards, Value]] = []
    others: Guards = frozenset()
    for place, group in enumerate(kinds.values()):
        one = (PICKED, (common.key if rest is None else rest.key, place))
        same = frozenset.intersection(*(guards for guards, _ in group))
        picked.append((same | others | {(one, True)}, _in_common([tensor for _, tensor in group])))
        others |= {(one, False)}
    if rest is not None:
        return Choice((*picked, (others, rest)))
    return Choice((*picked[:-1], (picked[-1][0] - {(one, True)}, picked[-1][1])))


def without_none(value: Value) -> Value:
    """What can be called, or have attributes, of several values: on the paths that lead on it is not None."""
    known = value.alternatives if isinstance(value, Choice) else ()
    options = tuple(option for option in known if option[1] != NONE)
    if not options or len(options) == len(known):
        return value
    return Choice(options) if len(options) > 1 else options[0][1]


def is_object(value: Value) -> bool:
    """Whether a value is a model or the like, or what makes one."""
    if type(value) is Instance:
        return type(value.cls) is not str
    return type(value) in (Api, ClassValue, Function, Partial)


def _in_common(tensors: Sequence[Tensor]) -> Tensor:
    """A tensor of which is known what is true of all."""
    first = tensors[0]
    changes: dict[str, Any] = {"key": ("many", *map(key_of, tensors)), "shape": _common_shape(tensors)}
    for field in fields(Tensor):
        alike = all(getattr(other, field.name) == getattr(first, field.name) for other in tensors)
        if not alike and field.name not in (*changes, "evidence"):
            changes[field.name] = field.default
    changes["evidence"] = tuple(item for item in first.evidence if item.fact not in changes)
    return replace(first, **changes)


def _common_shape(tensors: Sequence[Tensor]) -> tuple[Dim, ...] | None:
    """The sizes that all have, where all have as many axes."""
    shapes = [tensor.shape for tensor in tensors if tensor.shape is not None]
    if len(shapes) < len(tensors) or len({len(shape) for shape in shapes}) > 1:
        return None
    return tuple(sizes[0] if len(set(sizes)) == 1 else None for sizes in zip(*shapes, strict=True))
