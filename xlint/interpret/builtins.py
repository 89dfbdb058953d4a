"""Builtin functions of Python, and functions of libraries that hand on what they take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from xlint import nodes
from xlint import syntax as cst
from xlint.interpret import (
    attributes,
    calls,
    columns,
    containers,
    named,
    operators,
    sequences,
    tensors,
    turns,
)
from xlint.interpret.arguments import Arguments, unknown_result
from xlint.interpret.machine import Machine
from xlint.interpret.store import alternatives, join
from xlint.interpret.values import (
    NONE,
    Api,
    Choice,
    ClassValue,
    Const,
    Dim,
    Instance,
    Slice,
    Stream,
    Sym,
    Tensor,
    Tuple,
    Value,
    key_of,
    name_of,
    value_of_dim,
)

Native = Callable[[Machine, Arguments, cst.CSTNode], Value]
MAX_RANGE = 64


def first_argument(arguments: Arguments, machine: Machine, node: cst.CSTNode) -> Value:
    """The first positional argument, or something unknown."""
    return arguments.positional[0] if arguments.positional else machine.unknown(node)


def length(machine: Machine, value: Value, node: cst.CSTNode) -> Value:
    """len(value)."""
    grown = sequences.has_grown(machine, value)
    known = None if grown else containers.items(machine, value)
    if known is not None:
        return Const(len(known), machine.mark(node))
    if isinstance(value, Const) and isinstance(value.value, str):
        return Const(len(value.value))
    if isinstance(value, Tensor) and value.shape:
        return value_of_dim(
            value.shape[0], ("length", key_of(value)), f"len({value.name})" if value.name else ""
        )
    if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
        method = attributes.find_method(machine, value, "__len__")
        if method is not None:
            return calls.call_function(machine, method, Arguments(), node, value)
    codes = columns.codes(machine, value) if isinstance(value, Instance) else None
    if codes is not None and isinstance(codes.classes, Sym):
        return codes.classes
    counted = machine.store.get(value.id, "count") if isinstance(value, Instance) else None
    if counted is not None:
        return counted  # type: ignore[no-any-return]
    shown, key = name_of(value), key_of(value)
    if isinstance(key, tuple) and key and key[0] == "unique":
        return Sym(("classes", key[1]), f"len({shown})" if shown else "", whole=True)
    return Sym(("length", key), f"len({shown})" if shown else "", whole=True)


def _len(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    value = machine.store.visible(first_argument(arguments, machine, node))
    counted = machine.each(value, lambda item: length(machine, item, node))
    asked = nodes.dotted(node.args[0].value) if type(node) is cst.Call and node.args else ""
    if isinstance(counted, Sym) and asked and not counted.name:
        return replace(counted, name=f"len({asked})")
    return counted


def _range(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    values = [item.value for item in arguments.positional if isinstance(item, Const)]
    if len(values) == len(arguments.positional) and values and all(isinstance(v, int) for v in values):
        numbers = range(*values) if not (len(values) == 3 and values[2] == 0) else range(0)
        if len(numbers) <= MAX_RANGE:
            return machine.new_list([Const(number) for number in numbers])
    number = Sym(("range", id(node), tuple(map(key_of, arguments.positional))), whole=True)
    return Stream(number, True, ("range", id(node)), turns.of_range(arguments.positional))


def _enumerate(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    value = first_argument(arguments, machine, node)
    start = (
        arguments.positional[1]
        if len(arguments.positional) > 1
        else arguments.keywords.get("start", Const(0))
    )
    first = start.value if isinstance(start, Const) and isinstance(start.value, int) else 0
    held = sequences.held(machine, value)
    kept = held and _numbered(machine, value, held, first, node)
    if kept is not None:
        return kept
    count = length(machine, value, node)
    classes: Dim = count.value if isinstance(count, Const) else count if isinstance(count, Sym) else None
    index = Tensor(
        shape=(),
        encoding="index",
        classes=classes if first == 0 else None,
        dtype="int64",
        origin="labels",
        certain=first == 0,
        key=("enumerate", id(node), key_of(value)),
    )
    return Stream(Tuple((index, containers.element(machine, value, node))), True, ("enumerate", id(node)))


def _numbered(
    machine: Machine, value: Value, held: Tuple | Choice, first: int, node: cst.CSTNode
) -> Value | None:
    """The items of a list with their places, from `first` on, for each branch; None where unknown."""
    listed = [part.items for _, part in sequences.tuples(held)]
    grown = sequences.has_grown(machine, value)
    if any(sequences.only_end_known(items) or (len(items) == 1 and grown) for items in listed):
        return None
    count = length(machine, value, node)
    base, more = operators.split_sum(count) if isinstance(count, Sym) else (None, 0)

    def pairs(items: tuple[Value, ...]) -> Tuple:
        place = None if base is None else (base, len(items) - more)
        return Tuple(tuple(Tuple((Const(i + first, place=place), item)) for i, item in enumerate(items)))

    result = sequences.relisted(machine, value, pairs(listed[0]).items)
    if isinstance(held, Choice):
        branches = [(guards, pairs(part.items)) for guards, part in sequences.tuples(held)]
        machine.store.set(result.id, "items", join(branches))
    return result


def _zip(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    if arguments.stars and isinstance(node, cst.Call) and len(node.args) == 1:
        return sequences.turned(machine, arguments.stars[0], arguments.positional, node)
    columns = [containers.items(machine, item) for item in arguments.positional]
    if columns and all(column is not None for column in columns):
        together = zip(*(column for column in columns if column is not None), strict=False)
        rows = [Tuple(row) for row in together]
        grown = [item for item in arguments.positional if sequences.has_grown(machine, item)]
        return sequences.relisted(machine, grown[0] if grown else NONE, rows)
    return Stream(
        Tuple(tuple(containers.element(machine, item, node) for item in arguments.positional)),
        True,
        ("zip", id(node)),
    )


def _listlike(kind: str) -> Native:
    def convert(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
        if not arguments.positional:
            return machine.new_list((), kind=kind)
        value = machine.store.visible(arguments.positional[0])
        known = containers.items(machine, value)
        if known is not None:
            if kind == "set":
                unique: list[Value] = []
                for item in known:
                    if item not in unique:
                        unique.append(item)
                known = unique
            if kind == "tuple" and not sequences.has_grown(machine, value):
                return Tuple(tuple(known))
            return sequences.relisted(machine, value, known, "set" if kind == "set" else "list")
        if isinstance(value, Tensor) and kind in ("list", "tuple"):
            return value
        if isinstance(value, Stream) and kind == "list":
            return value
        made = "set" if kind == "set" else "list"
        if kind == "list" and isinstance(value, Sym):
            # An unknown number of items; what is appended behind them stays known.
            listed = machine.new_list([containers.element(machine, value, node)])
            machine.store.set(listed.id, "grown", Const(True))
            machine.store.set(listed.id, "count", _count(value))
            return listed
        result = machine.new_list(None, element=containers.element(machine, value, node), kind=made)
        if kind in ("set",):
            tensor = tensors.tensor_of(machine, value, node)
            count = (
                tensor.classes
                if tensor is not None and isinstance(tensor.classes, int) and tensor.certain
                else None
            )
            shown = f"len(set({name_of(value)}))" if name_of(value) else ""
            symbol = Sym(("classes", key_of(value)), shown, whole=True)
            machine.store.set(result.id, "count", Const(count) if count is not None else symbol)
        elif isinstance(value, Instance):
            machine.store.set(result.id, "count", length(machine, value, node))
        elif isinstance(value, Sym):
            machine.store.set(
                result.id, "count", Sym(("length", value.key), f"len({value.name})" if value.name else "")
            )
        return result

    return convert


def _count(value: Sym) -> Sym:
    return Sym(("length", value.key), f"len({value.name})" if value.name else "", whole=True)


def _sorted(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    value = first_argument(arguments, machine, node)
    known = containers.items(machine, value)
    if known is not None and all(isinstance(item, Const) for item in known):
        constants = [item for item in known if isinstance(item, Const)]
        try:
            constants = sorted(constants, key=lambda item: item.value)
        except TypeError:
            return sequences.relisted(machine, value, known)
        return sequences.relisted(machine, value, constants)
    if isinstance(value, Tensor):
        return value
    return _listlike("list")(machine, arguments, node)


def _dict(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    result = machine.instance("dict", node=node)
    if arguments.positional:
        first = arguments.positional[0]
        containers.update(machine, result, first)
        if not containers.dict_keys(machine, result) and isinstance(first, Instance | Stream):
            pair = containers.element(machine, first, node)
            if isinstance(pair, Tuple) and len(pair.items) == 2:
                containers.set_item(machine, result, *pair.items)
    for name, value in arguments.keywords.items():
        containers.set_item(machine, result, Const(name), value)
    if arguments.open:
        machine.store.set(result.id, "open", Const(True))
    return result


def _default_dict(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    result = _dict(machine, replace(arguments, positional=arguments.positional[1:]), node)
    if arguments.positional and isinstance(result, Instance):
        machine.store.set(result.id, containers.FACTORY, arguments.positional[0])
    return result


def _number(convert: Callable[[Any], object]) -> Native:
    def run(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
        value = first_argument(arguments, machine, node)
        if isinstance(value, Const):
            try:
                return Const(convert(value.value), value.mark)
            except (TypeError, ValueError, OverflowError):
                return machine.unknown(node)
        made = tensors.tensor_of(machine, value, node) if isinstance(value, Sym) else None
        if made is not None and made.encoding == "binary" and convert in (int, float):
            return replace(made, shape=(), dtype="int64" if convert is int else "float", key=None)
        if made is not None and made.shape == () and made.dtype in (None, "int64") and convert is float:
            return replace(made, dtype="float")
        if isinstance(value, Tensor) and value.encoding in ("index", "binary"):
            return replace(value, dtype="int64" if convert is int else "float32")
        if isinstance(value, Tensor) and value.origin == "" and convert is int:
            return replace(value, shape=(), dtype="int64")
        return replace(value, whole=True) if convert is int and isinstance(value, Sym) else value

    return run


def _extreme(largest: bool) -> Native:
    def run(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
        values = list(arguments.positional)
        if len(values) == 1:
            values = containers.items(machine, values[0]) or []
        numbers = [item.value for item in values if isinstance(item, Const)]
        if numbers and len(numbers) == len(values):
            try:
                return Const(max(numbers) if largest else min(numbers))
            except TypeError:
                return machine.unknown(node)
        return unknown_result(Sym(("max" if largest else "min",)), arguments)

    return run


def _sum(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    known = containers.items(machine, first_argument(arguments, machine, node))
    if known and all(isinstance(item, Const) and isinstance(item.value, int | float) for item in known):
        return Const(sum(item.value for item in known if isinstance(item, Const)))
    if known and len(arguments.values()) == 1 and all(isinstance(item, Tensor) for item in known):
        total = known[0]
        for item in known[1:]:
            total = operators.binary(machine, "Add", total, item, node)
        return total
    return unknown_result(Sym(("sum",)), arguments)


def _isinstance(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    if len(arguments.positional) != 2:
        return machine.unknown(node)
    value, cls = arguments.positional
    wanted = containers.items(machine, cls) or [cls]
    answers = [(guards, _is_instance(item, wanted)) for guards, item in alternatives(value)]
    known = [(guards, answer) for guards, answer in answers if answer is not None]
    if len(known) == len(answers):
        return join(known)
    return Sym(("isinstance", key_of(value), tuple(map(key_of, wanted))))


BUILT_IN = tuple(Api(f"builtins.{name}") for name in ("list", "dict", "tuple", "str", "int", "float"))


def _is_instance(value: Value, wanted: Sequence[Value]) -> Const | None:
    """Whether one value is of one of the classes; None where that is not known."""
    names = {item.name.removeprefix("builtins.") for item in wanted if isinstance(item, Api)}
    if isinstance(value, Const) and names:
        return Const(type(value.value).__name__ in names)
    if isinstance(value, Tuple) and names & {"tuple", "list"}:
        return Const("tuple" in names)
    if isinstance(value, Instance) and isinstance(value.cls, str) and names & {"list", "dict", "tuple"}:
        return Const(value.cls in names)
    if isinstance(value, Tensor) and names and names <= {"list", "dict", "tuple", "str", "int", "float"}:
        return Const(False)
    if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
        bases = list(attributes.order(value.cls))
        if any(item in bases for item in wanted if isinstance(item, ClassValue)):
            return Const(True)
        others = all(isinstance(item, ClassValue) or item in BUILT_IN for item in wanted)
        if others and not attributes.open_class(value.cls) and not any(base in BUILT_IN for base in bases):
            return Const(False)
    return None


def _setattr(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    if len(arguments.positional) == 3:
        base, name, value = arguments.positional
        attributes.set_named(machine, base, name, value)
    return NONE


def _next(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    return containers.element(machine, first_argument(arguments, machine, node), node)


def _same(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    return first_argument(arguments, machine, node)


def _slice(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    parts = arguments.positional
    if len(parts) == 1:
        return Slice(None, parts[0], None)
    return Slice(parts[0], parts[1], parts[2] if len(parts) > 2 else None) if parts else machine.unknown(node)


def _print(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    return NONE


CALLS: dict[str, Native] = {
    "builtins.len": _len,
    "builtins.range": _range,
    "builtins.xrange": _range,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.list": _listlike("list"),
    "builtins.tuple": _listlike("tuple"),
    "builtins.set": _listlike("set"),
    "builtins.frozenset": _listlike("set"),
    "builtins.sorted": _sorted,
    "builtins.reversed": _listlike("list"),
    "builtins.dict": _dict,
    "builtins.int": _number(int),
    "builtins.float": _number(float),
    "builtins.str": _number(str),
    "builtins.bool": _number(bool),
    "builtins.round": _number(round),
    "builtins.abs": _number(abs),
    "builtins.max": _extreme(True),
    "builtins.min": _extreme(False),
    "builtins.sum": _sum,
    "builtins.isinstance": _isinstance,
    "builtins.getattr": named.get_attribute,
    "builtins.globals": named.names_here,
    "builtins.vars": named.names_of,
    "importlib.import_module": named.import_by_name,
    "builtins.setattr": _setattr,
    "builtins.next": _next,
    "builtins.iter": _same,
    "builtins.slice": _slice,
    "builtins.print": _print,
    "keras.backend.image_data_format": lambda machine, arguments, node: Const("channels_last"),
    "keras.config.image_data_format": lambda machine, arguments, node: Const("channels_last"),
    "collections.OrderedDict": _dict,
    "collections.defaultdict": _default_dict,
    **dict.fromkeys(("itertools.chain", "itertools.cycle", "itertools.islice"), _same),
}
