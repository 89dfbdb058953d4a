"""Methods of lists, dicts, sets and strings, and of the parser of argparse: its defaults are what may be."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from xlint import syntax as cst
from xlint.interpret import attributes, builtins, containers, selection, sequences, tensors
from xlint.interpret.arguments import Arguments
from xlint.interpret.machine import Machine
from xlint.interpret.store import join
from xlint.interpret.values import NONE, Api, Const, Instance, Sym, Tuple, Value, dim_of, key_of

Method = Callable[[Machine, Instance, Arguments, cst.CSTNode], Value]
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
    """The namespace; a literal list of options replaces the defaults that it names."""
    given = containers.items(machine, arguments.positional[0]) if arguments.positional else None
    words = [item.value if isinstance(item, Const) else None for item in given or ()]
    for word, value in itertools.pairwise(words):
        if isinstance(word, str) and word.startswith("--") and isinstance(value, str):
            name = word.lstrip("-").replace("-", "_")
            machine.store.set(parser.id, name, Const(value))
    return parser


def _parse_known(machine: Machine, parser: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    return Tuple((parser, machine.new_list(None)))


def _parser_group(machine: Machine, parser: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    return parser


def _set_defaults(machine: Machine, parser: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    for name, value in arguments.keywords.items():
        machine.store.set(parser.id, name, Sym(("argument", parser.id, name), f"args.{name}", value))
    return NONE


def _append(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    if arguments.positional:
        value = selection.in_turn(machine, arguments.positional[-1])
        known = containers.items(machine, target)
        if known is not None and len(arguments.positional) > 1 and isinstance(arguments.positional[0], Const):
            position = arguments.positional[0].value
            if isinstance(position, int):
                known.insert(position, value)
                machine.store.set(target.id, "items", Tuple(tuple(known)))
                return NONE
        sequences.append(machine, target, value)
    return NONE


def _shrink(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """remove, discard, clear: how many items are left is not followed."""
    machine.store.set(target.id, "grown", Const(True))
    return NONE


def _extend(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    value = builtins.first_argument(arguments, machine, node)
    sequences.extend(machine, target, value, containers.element(machine, value, node))
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


def index_of(machine: Machine, target: Instance | Tuple, arguments: Arguments, node: cst.CSTNode) -> Value:
    """names.index(name): a class index below the number of names."""
    known = containers.items(machine, target)
    wanted = arguments.positional[0] if arguments.positional else NONE
    if known is not None and isinstance(wanted, Const) and wanted in known:
        return Const(known.index(wanted))
    return tensors.class_index(machine, dim_of(builtins.length(machine, target, node)), node)


def _reverse(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    known = containers.items(machine, target)
    if known is not None:
        machine.store.set(target.id, "items", Tuple(tuple(reversed(known))))
    return NONE


def _second(arguments: Arguments) -> Value:
    """What `get` and `setdefault` give for a key that is not there."""
    return arguments.positional[1] if len(arguments.positional) > 1 else NONE


def _get(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    if not arguments.positional:
        return machine.unknown(node)
    found = containers.dict_get(machine, target, arguments.positional[0])
    if found is not None:
        return found
    default = _second(arguments)
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


def _set_default(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """`d.setdefault(key, value)`: what stands there, or else the value, which stands there from then on."""
    if not arguments.positional:
        return machine.unknown(node)
    known = containers.dict_get(machine, target, arguments.positional[0])
    if known is not None:
        return known
    value = _second(arguments)
    containers.set_item(machine, target, arguments.positional[0], value)
    return value


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
    return sequences.relisted(machine, target, known) if known is not None else target


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


def method_of_default(receiver: Sym, name: str, arguments: Arguments) -> Sym | None:
    """A method of an unknown text that has a default: the result has one, too."""
    default = receiver.default
    values = [item.value for item in arguments.positional if isinstance(item, Const)]
    if not isinstance(default, Const) or not isinstance(default.value, str) or arguments.keywords:
        return None
    if name not in SAFE_STRING_METHODS or len(values) != len(arguments.positional) or arguments.open:
        return None
    try:
        result = getattr(default.value, name)(*values)
    except Exception:  # the script would raise here, too
        return None
    if not isinstance(result, str):
        return None
    return Sym(("text", receiver.key, name, *values), receiver.name, Const(result, default.mark))


LIST_METHODS: dict[str, Method] = {
    "append": _append,
    "extend": _extend,
    "pop": _pop,
    "copy": _copy,
    "insert": _append,
    "reverse": _reverse,
    "index": index_of,
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
    "setdefault": _set_default,
}


def _write_attributes(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """`object.__dict__.update(…)`: the object gets the attributes."""
    given = machine.instance("dict")
    _update(machine, given, arguments, node)
    for key in containers.dict_keys(machine, given):
        value = containers.dict_get(machine, given, key)
        if isinstance(key, Const) and isinstance(key.value, str) and value is not None:
            attributes.set_attribute(machine, attributes.seen_through(machine, target), key.value, value)
    return NONE


METHODS_OF: dict[str, dict[str, Method]] = {
    "list": {**LIST_METHODS, "as_list": lambda machine, target, arguments, node: target},
    "set": LIST_METHODS,
    "dict": DICT_METHODS,
    "attributes": {"update": _write_attributes},
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
