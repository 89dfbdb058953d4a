"""Python itself: builtin functions, methods of strings and containers, argparse, functools and the like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import libcst as cst

from xlint.interpret import attributes, calls, containers, tensors
from xlint.interpret.arguments import Arguments, unknown_result
from xlint.interpret.machine import Machine
from xlint.interpret.store import join
from xlint.interpret.values import (
    NONE,
    Api,
    ClassValue,
    Const,
    Dim,
    Instance,
    Partial,
    Slice,
    Stream,
    Sym,
    Tensor,
    Tuple,
    Value,
    dim_of,
    key_of,
    name_of,
    value_of_dim,
)

Native = Callable[[Machine, Arguments, cst.CSTNode], Value]
Method = Callable[[Machine, Instance, Arguments, cst.CSTNode], Value]
MAX_RANGE = 64
SCORES = (
    "accuracy_score",
    "confusion_matrix",
    "classification_report",
    "f1_score",
    "precision_score",
    "recall_score",
    "balanced_accuracy_score",
    "cohen_kappa_score",
)
SAFE_STRING_METHODS = frozenset(
    {
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "replace",
        "startswith",
        "endswith",
        "split",
        "join",
        "format",
        "title",
        "capitalize",
        "removeprefix",
        "removesuffix",
        "partition",
        "rpartition",
        "rsplit",
        "splitlines",
    }
)


def _first(arguments: Arguments, machine: Machine, node: cst.CSTNode) -> Value:
    return arguments.positional[0] if arguments.positional else machine.unknown(node)


def length(machine: Machine, value: Value, node: cst.CSTNode) -> Value:
    """len(value)."""
    grown = isinstance(value, Instance) and containers.has_grown(machine, value)
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
    counted = machine.store.get(value.id, "count") if isinstance(value, Instance) else None
    if counted is not None:
        return counted  # type: ignore[no-any-return]
    shown = name_of(value)
    key = key_of(value)
    if isinstance(key, tuple) and key and key[0] == "unique":
        return Sym(("classes", key[1]), f"len({shown})" if shown else "")
    return Sym(("length", key), f"len({shown})" if shown else "")


def _len(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    value = machine.store.visible(_first(arguments, machine, node))
    return machine.each(value, lambda item: length(machine, item, node))


def _range(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    values = [item.value for item in arguments.positional if isinstance(item, Const)]
    if len(values) == len(arguments.positional) and values and all(isinstance(v, int) for v in values):
        numbers = range(*values) if not (len(values) == 3 and values[2] == 0) else range(0)
        if len(numbers) <= MAX_RANGE:
            return machine.new_list([Const(number) for number in numbers])
    return Stream(
        Sym(("range", id(node), tuple(map(key_of, arguments.positional)))), True, ("range", id(node))
    )


def _enumerate(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    value = _first(arguments, machine, node)
    known = containers.items(machine, value)
    start = (
        arguments.positional[1]
        if len(arguments.positional) > 1
        else arguments.keywords.get("start", Const(0))
    )
    first = start.value if isinstance(start, Const) and isinstance(start.value, int) else 0
    if known is not None:
        return machine.new_list([Tuple((Const(i + first), item)) for i, item in enumerate(known)])
    count = length(machine, value, node)
    classes: Dim = count.value if isinstance(count, Const) else count if isinstance(count, Sym) else None
    index = Tensor(
        shape=(),
        encoding="index",
        classes=classes if first == 0 else None,
        dtype="int64",
        origin="labels",
        certain=first == 0,
        key=("enumerate", id(node)),
    )
    return Stream(Tuple((index, containers.element(machine, value, node))), True, ("enumerate", id(node)))


def _zip(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    if arguments.stars and not arguments.positional:
        rows = containers.items(machine, containers.element(machine, arguments.stars[0], node))
        if rows is not None:
            return Tuple(tuple(machine.new_list(None, element=item) for item in rows))
    columns = [containers.items(machine, item) for item in arguments.positional]
    if columns and all(column is not None for column in columns):
        together = zip(*(column for column in columns if column is not None), strict=False)
        return machine.new_list([Tuple(row) for row in together])
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
            return Tuple(tuple(known)) if kind == "tuple" else machine.new_list(known, kind=kind)
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
            symbol = Sym(("classes", key_of(value)), shown)
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
    return Sym(("length", value.key), f"len({value.name})" if value.name else "")


def _sorted(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    value = _first(arguments, machine, node)
    known = containers.items(machine, value)
    if known is not None and all(isinstance(item, Const) for item in known):
        constants = [item for item in known if isinstance(item, Const)]
        try:
            constants = sorted(constants, key=lambda item: item.value)
        except TypeError:
            return machine.new_list(known)
        return machine.new_list(constants)
    if isinstance(value, Tensor):
        return value
    return _listlike("list")(machine, arguments, node)


def _dict(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    result = machine.instance("dict", node=node)
    if arguments.positional:
        first = arguments.positional[0]
        pairs = containers.items(machine, first)
        if isinstance(first, Instance) and first.cls == "dict":
            containers.update(machine, result, first)
        elif pairs is not None and all(isinstance(pair, Tuple) and len(pair.items) == 2 for pair in pairs):
            for pair in pairs:
                if isinstance(pair, Tuple):
                    containers.set_item(machine, result, pair.items[0], pair.items[1])
        else:
            machine.store.set(result.id, "open", Const(True))
    for name, value in arguments.keywords.items():
        containers.set_item(machine, result, Const(name), value)
    if arguments.open:
        machine.store.set(result.id, "open", Const(True))
    return result


def _number(convert: Callable[[Any], object]) -> Native:
    def run(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
        value = _first(arguments, machine, node)
        if isinstance(value, Const):
            try:
                return Const(convert(value.value), value.mark)
            except (TypeError, ValueError, OverflowError):
                return machine.unknown(node)
        made = tensors.tensor_of(machine, value, node) if isinstance(value, Sym) else None
        if made is not None and made.encoding == "binary" and convert in (int, float):
            return replace(made, shape=(), dtype="int64" if convert is int else "float", key=None)
        if isinstance(value, Tensor) and value.encoding in ("index", "binary"):
            return replace(value, dtype="int64" if convert is int else "float32")
        return value

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
    known = containers.items(machine, _first(arguments, machine, node))
    if known and all(isinstance(item, Const) and isinstance(item.value, int | float) for item in known):
        return Const(sum(item.value for item in known if isinstance(item, Const)))
    return unknown_result(Sym(("sum",)), arguments)


def _isinstance(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    if len(arguments.positional) != 2:
        return machine.unknown(node)
    value, cls = arguments.positional
    wanted = containers.items(machine, cls) or [cls]
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
    return Sym(("isinstance", key_of(value), tuple(map(key_of, wanted))))


def _getattr(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    if len(arguments.positional) >= 2 and isinstance(arguments.positional[1], Const):
        name = arguments.positional[1].value
        base = arguments.positional[0]
        if isinstance(name, str) and name.isidentifier() and len(arguments.positional) == 2:
            return attributes.get(machine, base, name, node)
    return unknown_result(Sym(("getattr",)), arguments)


def _setattr(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    if len(arguments.positional) == 3 and isinstance(arguments.positional[1], Const):
        attributes.set_attribute(
            machine, arguments.positional[0], str(arguments.positional[1].value), arguments.positional[2]
        )
    return NONE


def _map(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    if len(arguments.positional) != 2:
        return machine.unknown(node)
    function, values = arguments.positional
    known = containers.items(machine, values)
    if known is not None:
        return machine.new_list([calls.call(machine, function, (item,), {}, node) for item in known])
    made = calls.call(machine, function, (containers.element(machine, values, node),), {}, node)
    return machine.new_list(None, element=made)


def _next(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    return containers.element(machine, _first(arguments, machine, node), node)


def _same(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    return _first(arguments, machine, node)


def _partial(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    if not arguments.positional:
        return machine.unknown(node)
    return Partial(arguments.positional[0], arguments.positional[1:], tuple(arguments.keywords.items()))


def _process(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """Process(target=f, args=(...)) and Thread: runs the target."""
    target, given = arguments.keywords.get("target"), arguments.keywords.get("args")
    if target is not None:
        items = containers.items(machine, given) if given is not None else []
        named = arguments.keywords.get("kwargs")
        keywords: dict[str, Value] = {}
        if isinstance(named, Instance):
            for key in containers.dict_keys(machine, named):
                if isinstance(key, Const):
                    keywords[str(key.value)] = containers.dict_get(machine, named, key) or NONE
        calls.apply(machine, target, Arguments(tuple(items or ()), keywords, items is None), node)
    return machine.unknown(node)


def _spawn(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """torch.multiprocessing.spawn(f, args): f(rank, *args)."""
    values = dict(zip(("fn", "args"), arguments.positional, strict=False)) | arguments.keywords
    target, given = values.get("fn"), values.get("args")
    if target is not None:
        items = containers.items(machine, given) if given is not None else []
        rank = Sym(("rank", id(node)), "rank")
        calls.apply(machine, target, Arguments((rank, *(items or ())), {}, items is None), node)
    return NONE


def _field(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """dataclasses.field: its default, or what the default factory makes."""
    factory = arguments.keywords.get("default_factory")
    if factory is not None:
        return calls.call(machine, factory, (), {}, node)
    return arguments.keywords.get("default") or machine.unknown(node)


def _score(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """scikit-learn's accuracy_score(y_true, y_pred) and the like: tells what the labels are."""
    parts = [tensors.tensor_of(machine, item, node) for item in arguments.positional[:2]]
    if len(parts) == 2 and parts[0] is not None and parts[1] is not None:
        tensors.note_usage(machine, parts[0], parts[1])
    return machine.unknown(node)


def _slice(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    parts = arguments.positional
    if len(parts) == 1:
        return Slice(None, parts[0], None)
    return Slice(parts[0], parts[1], parts[2] if len(parts) > 2 else None) if parts else machine.unknown(node)


def _print(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    return NONE


# -- argparse and flags: a default is only what may be


def _parser(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    return machine.instance("parser", node=node)


def _add_argument(machine: Machine, parser: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    names = [
        item.value for item in arguments.positional if isinstance(item, Const) and isinstance(item.value, str)
    ]
    if not names:
        return NONE
    chosen = arguments.keywords.get("dest")
    long = [name for name in names if name.startswith("--")] or names
    name = str(chosen.value) if isinstance(chosen, Const) else long[0].lstrip("-").replace("-", "_")
    action = arguments.keywords.get("action")
    default = arguments.keywords.get("default")
    if isinstance(action, Const) and action.value in ("store_true", "store_false") and default is None:
        default = Const(action.value == "store_false")
    kind = arguments.keywords.get("type")
    if isinstance(default, Const) and isinstance(kind, Api) and isinstance(default.value, str):
        default = _converted(kind.name, default)
    machine.store.set(parser.id, name, Sym(("argument", parser.id, name), f"args.{name}", default))
    return NONE


def _converted(kind: str, default: Const) -> Const:
    converters: dict[str, Callable[[str], object]] = {"builtins.int": int, "builtins.float": float}
    try:
        return Const(converters[kind](default.value)) if kind in converters else default
    except ValueError:
        return default


def _parse_args(machine: Machine, parser: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    return parser


def _parse_known(machine: Machine, parser: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    return Tuple((parser, machine.new_list(None)))


def _parser_group(machine: Machine, parser: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    return parser


def _set_defaults(machine: Machine, parser: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    for name, value in arguments.keywords.items():
        machine.store.set(parser.id, name, Sym(("argument", parser.id, name), f"args.{name}", value))
    return NONE


# -- methods of lists, dicts, sets and strings


def _append(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    if arguments.positional:
        value = arguments.positional[-1]
        known = containers.items(machine, target)
        if (
            known is not None
            and arguments.positional[0] is not value
            and isinstance(arguments.positional[0], Const)
        ):
            position = arguments.positional[0].value
            if isinstance(position, int):
                known.insert(position, value)
                machine.store.set(target.id, "items", Tuple(tuple(known)))
                return NONE
        containers.append(machine, target, [value])
    return NONE


def _shrink(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """remove, discard, clear: how many items are left is not followed."""
    machine.store.set(target.id, "grown", Const(True))
    return NONE


def _extend(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    value = _first(arguments, machine, node)
    containers.append(
        machine, target, containers.items(machine, value), containers.element(machine, value, node)
    )
    return NONE


def _pop(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    known = containers.items(machine, target)
    if target.cls == "dict":
        return _get(machine, target, arguments, node)
    if not known:
        return machine.unknown(node)
    position = (
        arguments.positional[0].value
        if arguments.positional and isinstance(arguments.positional[0], Const)
        else -1
    )
    if not isinstance(position, int) or not -len(known) <= position < len(known):
        return machine.unknown(node)
    value = known.pop(position)
    machine.store.set(target.id, "items", Tuple(tuple(known)))
    return value


def _index(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """names.index(name): a class index below the number of names."""
    known = containers.items(machine, target)
    wanted = arguments.positional[0] if arguments.positional else NONE
    if known is not None and isinstance(wanted, Const) and wanted in known:
        return Const(known.index(wanted))
    count = length(machine, target, node)
    return Tensor(
        shape=(),
        encoding="index",
        classes=dim_of(count),
        dtype="int64",
        origin="labels",
        evidence=(machine.evidence("encoding", node),),
    )


def _reverse(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    known = containers.items(machine, target)
    if known is not None:
        machine.store.set(target.id, "items", Tuple(tuple(reversed(known))))
    return NONE


def _get(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    if not arguments.positional:
        return machine.unknown(node)
    found = containers.dict_get(machine, target, arguments.positional[0])
    if found is not None:
        return found
    default = arguments.positional[1] if len(arguments.positional) > 1 else NONE
    keys = containers.dict_keys(machine, target)
    if not containers.is_open(machine, target):
        if isinstance(arguments.positional[0], Const):
            return default
        if len(keys) <= containers.MAX_PICKED:
            wanted = key_of(arguments.positional[0])
            tests = [("eq", wanted, key_of(key)) for key in keys]
            options = [
                (frozenset({(test, True)}), value)
                for test, value in zip(tests, containers.dict_values(machine, target), strict=True)
            ]
            return join([*options, (frozenset((test, False) for test in tests), default)])
    return containers.get_item(machine, target, arguments.positional[0], node)


def _dict_view(kind: str) -> Method:
    def run(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
        keys, values = containers.dict_keys(machine, target), containers.dict_values(machine, target)
        rows: dict[str, list[Value]] = {
            "keys": list(keys),
            "values": values,
            "items": [Tuple((key, value)) for key, value in zip(keys, values, strict=True)],
        }
        if not containers.is_open(machine, target):
            return machine.new_list(rows[kind])
        value = machine.store.get(target.id, "any") or (values[0] if values else Sym(("value", target.id)))
        key = Sym(("key", target.id))
        element = {"keys": key, "values": value, "items": Tuple((key, value))}[kind]
        return machine.new_list(None, element=element)

    return run


def _update(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    for value in arguments.positional:
        containers.update(machine, target, value)
    for name, value in arguments.keywords.items():
        containers.set_item(machine, target, Const(name), value)
    return NONE


def _copy(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    if target.cls == "dict":
        result = machine.instance("dict", node=node)
        containers.update(machine, result, target)
        return result
    known = containers.items(machine, target)
    return machine.new_list(known) if known is not None else target


def _next_batch(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    return Tuple((machine.store.get(target.id, "images"), machine.store.get(target.id, "labels")))


def string_method(machine: Machine, text: Const, name: str, arguments: Arguments, node: cst.CSTNode) -> Value:
    """A method of a constant string, computed; of other constants, unknown."""
    values = [item.value for item in arguments.positional if isinstance(item, Const)]
    if name == "join" and arguments.positional:
        known = containers.items(machine, arguments.positional[0])
        values = [[item.value for item in known if isinstance(item, Const)]] if known is not None else []
        if known is None or len(values[0]) != len(known):
            return machine.unknown(node)
    elif len(values) != len(arguments.positional) or arguments.open:
        return machine.unknown(node)
    if not isinstance(text.value, str) or name not in SAFE_STRING_METHODS or len(text.value) > 4000:
        return machine.unknown(node)
    keywords = {key: item.value for key, item in arguments.keywords.items() if isinstance(item, Const)}
    try:
        result = getattr(text.value, name)(*values, **keywords)
    except Exception:  # the script would raise here, too
        return machine.unknown(node)
    if isinstance(result, list):
        return machine.new_list([Const(item) for item in result])
    if isinstance(result, tuple):
        return Tuple(tuple(Const(item) for item in result))
    return Const(result, text.mark)


LIST_METHODS: dict[str, Method] = {
    "append": _append,
    "extend": _extend,
    "pop": _pop,
    "copy": _copy,
    "insert": _append,
    "reverse": _reverse,
    "index": _index,
    "add": _append,
    "update": _extend,
    "remove": _shrink,
    "discard": _shrink,
    "clear": _shrink,
}
DICT_METHODS: dict[str, Method] = {
    "get": _get,
    "keys": _dict_view("keys"),
    "values": _dict_view("values"),
    "items": _dict_view("items"),
    "update": _update,
    "copy": _copy,
    "pop": _pop,
    "setdefault": _get,
}
METHODS_OF: dict[str, dict[str, Method]] = {
    "list": LIST_METHODS,
    "set": LIST_METHODS,
    "dict": DICT_METHODS,
    "head": {},
    "tf1 split": {"next_batch": _next_batch},
    "parser": {
        "add_argument": _add_argument,
        "parse_args": _parse_args,
        "parse_known_args": _parse_known,
        "add_argument_group": _parser_group,
        "add_mutually_exclusive_group": _parser_group,
        "set_defaults": _set_defaults,
        "get_default": _get,
    },
}

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
    "builtins.getattr": _getattr,
    "builtins.setattr": _setattr,
    "builtins.map": _map,
    "builtins.next": _next,
    "builtins.iter": _same,
    "builtins.slice": _slice,
    "builtins.print": _print,
    **{f"sklearn.metrics.{name}": _score for name in SCORES},
    "dataclasses.field": _field,
    "keras.backend.image_data_format": lambda machine, arguments, node: Const("channels_last"),
    "keras.config.image_data_format": lambda machine, arguments, node: Const("channels_last"),
    "functools.partial": _partial,
    "multiprocessing.Process": _process,
    "torch.multiprocessing.Process": _process,
    "threading.Thread": _process,
    "torch.multiprocessing.spawn": _spawn,
    "collections.OrderedDict": _dict,
    "collections.defaultdict": lambda machine, arguments, node: machine.instance("dict", node=node),
    "argparse.ArgumentParser": _parser,
    "argparse.Namespace": _dict,
    "copy.deepcopy": _same,
    "copy.copy": _same,
    "tqdm.tqdm": _same,
    "tqdm.auto.tqdm": _same,
    "tqdm.notebook.tqdm": _same,
    "tqdm.tqdm_notebook": _same,
    "tqdm": _same,
    "itertools.chain": _same,
    "itertools.cycle": _same,
    "itertools.islice": _same,
}
