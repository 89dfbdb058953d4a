"""Abstract values: what the interpreter knows in place of numbers.

Values are never changed once made (`frozen` would say so, but triples what making one costs, and an analysis
makes hundreds of thousands). What can change (attributes, list items, layers of a model) lives in the `Store`
under the identity of an `Instance`, so that the branches of a condition can be kept apart.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from xlint import syntax as cst
from xlint.sites import Evidence, Mark

if TYPE_CHECKING:
    from xlint.apis import Row
    from xlint.interpret.scopes import Module, Scope

Key: TypeAlias = Hashable
Guards: TypeAlias = frozenset[tuple[Key, bool]]
NO_GUARDS: Guards = frozenset()
PICKED = "picked"
"""What the keys of decisions begin with that take one of many objects by an unknown name."""
MAX_NAME = 60
WIDE = ("one-hot", "multi-hot", "counts")
"""Encodings of labels that have an axis of classes."""


@dataclass(slots=True, unsafe_hash=True)
class Const:
    """A Python constant: number, string, boolean, None or Ellipsis; `mark` is where it was written.

    place: for a place in a list of unknown length, the key of that length, and the number of known items.
    """

    value: Any
    mark: Mark | None = field(default=None, compare=False, repr=False)
    place: tuple[Any, int] | None = field(default=None, compare=False, repr=False)


class Composed(tuple[Any, ...]):
    """A key made of other keys. Its hash is kept: keys share parts, and hashing anew would be exponential."""

    kept_hash: int

    def __hash__(self) -> int:
        return self.kept_hash


_composed: dict[tuple[Any, ...], Composed] = {}


def compose(key: Key) -> Key:
    """The one object that stands for a key, so that comparing two keys compares identities."""
    if type(key) is not tuple:
        return key
    found = _composed.get(key)
    if found is None:
        found = _composed[key] = Composed(key)
        found.kept_hash = hash(key)
    return found


def forget_keys() -> None:
    """Drop all keys; called when an analysis begins."""
    _composed.clear()
    _numbered.clear()


_numbered: dict[int, tuple[object, int]] = {}


def number_of(thing: object) -> int:
    """A number for an object without a key. The object is kept: its address must not become another's."""
    kept = _numbered.get(id(thing))
    if kept is None:
        kept = _numbered[id(thing)] = (thing, len(_numbered))
    return kept[1]


@dataclass(slots=True, unsafe_hash=True)
class Sym:
    """An unknown value. Equal keys are equal values; `default` is what a default argument would make it.

    `whole` tells that it is a Python integer.
    """

    key: Any
    name: str = field(default="", compare=False)
    default: Value | None = field(default=None, compare=False)
    whole: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if type(self.key) is tuple:
            self.key = compose(self.key)
        if len(self.name) > MAX_NAME:
            self.name = ""


@dataclass(slots=True, unsafe_hash=True)
class Tuple:
    """A tuple of known length."""

    items: tuple[Value, ...]


@dataclass(slots=True, unsafe_hash=True)
class Slice:
    """`start:stop:step` inside a subscript."""

    start: Value | None
    stop: Value | None
    step: Value | None


@dataclass(slots=True, unsafe_hash=True)
class Api:
    """A name of a library, by canonical qualified name; `row` is its row in the API tables if it has one."""

    name: str
    row: Row | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True, unsafe_hash=True)
class ModuleValue:
    """A module of the scanned project."""

    module: Module


@dataclass(slots=True, eq=False)
class Function:
    """A function or lambda of the project; `scope` is the one that it closes over."""

    name: str
    node: cst.FunctionDef | cst.Lambda
    scope: Scope
    defaults: Mapping[str, Value] = field(default_factory=dict)
    kind: str = ""
    """"property", "staticmethod" or "classmethod"; else empty."""
    owner: ClassValue | None = None


@dataclass(slots=True, eq=False)
class ClassValue:
    """A class of the project; its attributes live in the store under `scope.id`."""

    name: str
    node: cst.ClassDef
    scope: Scope
    bases: tuple[Value, ...]
    kind: str = ""
    """"dataclass" where __init__ is made from the annotated fields."""


HOLDERS = ("sequential", "functional", "module_list", "module_dict", "pretrained")
"""Operations whose objects hold other layers, which the script may add or exchange."""


@dataclass(slots=True, eq=False)
class Instance:
    """An object: of a class of the project, of a library, or a list, dict or set (`cls` is then a str).

    Layers, losses and the like of a library with equal arguments are equal: weights are of no interest here.
    What can hold different things in the store is equal to itself only.
    """

    cls: ClassValue | Row | str
    id: int
    args: tuple[tuple[str, Value], ...] = ()
    mark: Mark | None = field(default=None, repr=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Instance) or self.cls != other.cls:
            return False
        return self.id == other.id or (self._is_plain() and self.args == other.args)

    def __hash__(self) -> int:
        return hash((self.cls, self.args)) if self._is_plain() else hash((self.cls, self.id))

    def _is_plain(self) -> bool:
        return not isinstance(self.cls, ClassValue | str) and self.cls.op not in HOLDERS

    def argument(self, name: str) -> Value | None:
        """The constructor argument of that name, or None."""
        for key, value in self.args:
            if key == name:
                return value
        return None


@dataclass(slots=True, unsafe_hash=True)
class Bound:
    """A method taken from an object: a `Function` with its self, or the name of a library's method."""

    receiver: Value
    method: Function | str


@dataclass(slots=True, unsafe_hash=True)
class Partial:
    """functools.partial: a callable with some arguments given."""

    function: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]


@dataclass(slots=True, unsafe_hash=True)
class Super:
    """super(): attribute look-up after `cls` in the class order of `instance`."""

    cls: ClassValue
    instance: Value


@dataclass(slots=True, unsafe_hash=True)
class Stream:
    """Something that is iterated over: a data set, a loader, a generator; `element` is one element.

    `batched` tells whether tensors in `element` have a batch axis. `key` identifies the stream.
    """

    element: Value
    batched: bool = True
    key: Key = None
    attributes: tuple[tuple[str, Value], ...] = ()


@dataclass(slots=True, unsafe_hash=True)
class Choice:
    """One of several values, each under the branch decisions (`guards`) that lead to it."""

    alternatives: tuple[tuple[Guards, Value], ...]


Dim: TypeAlias = int | Sym | None


@dataclass(slots=True, unsafe_hash=True)
class Tensor:
    """An array, tensor, column or batch: what is known of it as an output and as labels.

    shape: sizes, None for an unknown one; None for an unknown rank.
    width: units on the class axis; `class_axis` counts from the left (>= 0) or the right (< 0).
    fresh: the activation is the very last operation.
    encoding: as in the facts, or "counts" of one-hot rows that are added up.
    origin: "model" (made by trainable layers), "labels" (encoded or loaded as labels), "input",
        "sample" (of the project's own data set), "written" (whole numbers as floats), or "".
    value: the constant that fills it, if any.
    source: key of the input from which a model made it.
    """

    shape: tuple[Dim, ...] | None = None
    width: Dim = None
    class_axis: int | None = None
    quantity: str | None = None
    activation: str | None = None
    activation_axis: int | None = None
    axis_is_class: bool | None = None
    fresh: bool = False
    encoding: str | None = None
    classes: Dim = None
    certain: bool = False
    dtype: str | None = None
    origin: str = ""
    value: float | None = None
    key: Key = None
    source: Key = field(default=None, compare=False)
    name: str = field(default="", compare=False)
    evidence: tuple[Evidence, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if type(self.key) is tuple:
            self.key = compose(self.key)

    @property
    def rank(self) -> int | None:
        """Number of axes, or None."""
        return None if self.shape is None else len(self.shape)


Value: TypeAlias = (
    Const
    | Sym
    | Tuple
    | Slice
    | Api
    | ModuleValue
    | Function
    | ClassValue
    | Instance
    | Bound
    | Partial
    | Super
    | Stream
    | Choice
    | Tensor
)

NONE = Const(None)
WHOLE = Slice(None, None, None)
"""`:` inside a subscript."""


def key_of(value: Value | None) -> Key:
    """A hashable identity of a value: equal keys mean equal values."""
    if isinstance(value, Const):
        return ("const", type(value.value).__name__, value.value)
    if isinstance(value, Sym):
        key: Key = value.key
        return key
    if isinstance(value, Tensor):
        return value.key if value.key is not None else ("tensor", number_of(value))
    if isinstance(value, Instance):
        return ("instance", value.id)
    if isinstance(value, Tuple):
        return compose(("tuple", *(key_of(item) for item in value.items)))
    if isinstance(value, Stream):
        return value.key if value.key is not None else ("stream", number_of(value))
    if isinstance(value, Api):
        return ("api", value.name)
    if isinstance(value, Bound):
        method = value.method if isinstance(value.method, str) else number_of(value.method)
        return compose(("bound", key_of(value.receiver), method))
    if isinstance(value, Partial):
        given = (*value.args, *(item for _, item in value.keywords))
        return compose(("partial", key_of(value.function), *map(key_of, given)))
    if isinstance(value, Slice):
        return compose(("slice", key_of(value.start), key_of(value.stop), key_of(value.step)))
    if isinstance(value, Choice):
        return compose(("choice", *((guards, key_of(item)) for guards, item in value.alternatives)))
    return ("object", number_of(value))


def passed_in(key: Key) -> bool:
    """Whether a value rests on an argument that an unknown caller gives."""
    seen: set[int] = set()
    waiting = [key]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, tuple) or id(part) in seen:
            continue
        if part[:1] == ("parameter",):
            return True
        seen.add(id(part))
        waiting.extend(part)
    return False


def function_called(key: Key) -> str | None:
    """The library's function whose unknown result has this key, by name; else None."""
    made_by = key[1] if isinstance(key, tuple) and key[:1] == ("call",) and len(key) > 1 else None
    return made_by[1] if isinstance(made_by, tuple) and made_by[:1] == ("api",) else None


def name_of(value: Value | Dim) -> str:
    """How to show a value to a person: the name as written where there is one."""
    if isinstance(value, Const):
        return str(value.value)
    if isinstance(value, Sym | Tensor):
        return value.name
    if isinstance(value, int):
        return str(value)
    return ""


def dim_of(value: Value | None) -> Dim:
    """A size as a dimension: an int, a symbol, or None (also for -1); a number that is fed is a symbol."""
    if isinstance(value, Const):
        number = value.value
        if isinstance(number, bool) or not isinstance(number, int | float) or number != number:
            return None
        return int(number) if 0 <= number < 1e9 and number == int(number) else None
    if isinstance(value, Sym):
        return value
    if isinstance(value, Tensor) and value.origin == "placeholder" and value.shape in (None, ()):
        return Sym(value.key, value.name, whole=True) if str(value.dtype).startswith("int") else None
    return None


def value_of_dim(dim: Dim, key: Key, name: str) -> Value:
    """A dimension as a value; an unknown one becomes a symbol with the given key."""
    if isinstance(dim, int):
        return Const(dim)
    return dim if dim is not None else Sym(key, name)
