"""Records: objects whose items are attributes too: namespaces, saved hyperparameters, outputs of networks.

A record is a dict of the store with a mark; `record.x` and `record["x"]` are the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from xlint import syntax as cst
from xlint.interpret import calls, containers, library, named
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.scopes import Frame
from xlint.interpret.values import NONE, Api, Choice, Const, Instance, Partial, Sym, Tuple, Value

BY_ATTRIBUTE, BY_POSITION = "keys are attributes", "items have an order"


def new(machine: Machine, fields: Iterable[tuple[str, Value]], is_open: bool = False) -> Instance:
    """A record of named values; `is_open` where it may hold more."""
    result = machine.instance("dict")
    for name, value in fields:
        containers.set_item(machine, result, Const(name), value)
    if is_open:
        machine.store.set(result.id, "open", Const(True))
    machine.store.set(result.id, BY_ATTRIBUTE, Const(True))
    return result


def is_record(machine: Machine, value: Value) -> bool:
    """Whether the items of an object are its attributes."""
    return (
        isinstance(value, Instance)
        and value.cls == "dict"
        and machine.store.get(value.id, BY_ATTRIBUTE) is not None
    )


def field(machine: Machine, record: Instance, name: str) -> Value:
    """`record.name`."""
    found = containers.dict_get(machine, record, Const(name))
    return found if found is not None else Sym(("item", record.id, ("const", "str", name)), name)


def namespace(machine: Machine, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """types.SimpleNamespace(x=1), argparse.Namespace(**values)."""
    return new(machine, arguments.keywords.items(), arguments.open or bool(arguments.positional))


def named_tuple(machine: Machine, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """collections.namedtuple("Pair", ["first", "second"]): what makes records of these fields."""
    values = dict(zip(("typename", "field_names"), arguments.positional, strict=False)) | arguments.keywords
    named_as = values.get("field_names")
    if isinstance(named_as, Const) and isinstance(named_as.value, str):
        names: list[Value] | None = [Const(name) for name in named_as.value.replace(",", " ").split()]
    else:
        names = containers.items(machine, named_as) if named_as is not None else None
    if not names or not all(isinstance(name, Const) for name in names):
        return machine.unknown(node)
    return Partial(Api(FIELDS), (Tuple(tuple(names)),), ())


FIELDS = "collections.namedtuple.fields"
"""What stands for a class that namedtuple made; its first argument are the names of the fields."""


def of_fields(machine: Machine, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """A call of such a class."""
    names, *given = arguments.positional
    assert isinstance(names, Tuple)
    known = dict(zip((name.value for name in names.items if isinstance(name, Const)), given, strict=False))
    fields = {**known, **arguments.keywords}
    if arguments.open or len(fields) != len(names.items):
        return new(machine, fields.items(), is_open=True)
    return outputs(machine, fields.items())


def outputs(machine: Machine, fields: Iterable[tuple[str, Value]]) -> Instance:
    """What a network gives under names; those that are not None have an order too."""
    result = new(machine, fields)
    machine.store.set(result.id, BY_POSITION, Const(True))
    return result


def in_order(machine: Machine, value: Value) -> list[Value] | None:
    """The outputs of a network that are not None, in their order; None for anything else."""
    if not isinstance(value, Instance) or machine.store.get(value.id, BY_POSITION) is None:
        return None
    values = [machine.store.visible(item) for item in containers.dict_values(machine, value)]
    return None if any(isinstance(item, Choice) for item in values) else [v for v in values if v != NONE]


def _record(machine: Machine, given: Given, value: Value | None) -> Value:
    """A library's record: its parameters in order, those not given None; or all that is given, and more."""
    if given.row.get("more"):
        named_values = {name: item for name, item in given.values.items() if name not in given.row.params}
        return new(machine, named_values.items(), is_open=True)
    if given.open:
        return new(machine, given.values.items(), is_open=True)
    return outputs(machine, [(name, given.values.get(name, NONE)) for name in given.row.params])


def save_hyperparameters(
    machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    """Lightning's save_hyperparameters: the arguments of the constructors that run, or what is named."""
    names = [value.value for value in arguments.positional if isinstance(value, Const)]
    others = [value for value in arguments.positional if not isinstance(value, Const)]
    if len(others) == 1:
        machine.store.set(target.id, "hparams", _as_record(machine, others[0]))
        return NONE
    ignored = arguments.keywords.get("ignore", NONE)
    left_out = [ignored] if isinstance(ignored, Const) else containers.items(machine, ignored)
    is_open = arguments.open or left_out is None or len(others) > 1
    frames = [frame for frame in machine.stack if frame.name == "__init__" and frame.instance is target]
    fields: dict[str, Value] = {}
    for frame in reversed(frames):  # the constructor of the class itself has the last word
        is_open = _add_arguments(machine, frame, fields) or is_open
    for name in left_out or ():
        fields.pop(str(name.value) if isinstance(name, Const) else "", None)
    kept = [(name, value) for name, value in fields.items() if not names or name in names]
    machine.store.set(target.id, "hparams", new(machine, kept, is_open))
    return NONE


def _add_arguments(machine: Machine, frame: Frame, fields: dict[str, Value]) -> bool:
    """Add the present arguments of a running constructor; gives whether it may have more."""
    params = frame.node.params
    scope = frame.scope
    if scope is None:
        return True
    for param in (*params.posonly_params, *params.params, *params.kwonly_params)[1:]:
        value = machine.store.visible(machine.store.get(scope.id, param.name.value))
        fields[param.name.value] = value if value is not None else machine.unknown(param)
    if params.star_kwarg is None:
        return False
    more = machine.store.visible(machine.store.get(scope.id, params.star_kwarg.name.value))
    if not isinstance(more, Instance) or more.cls != "dict":
        return True
    for key in containers.dict_keys(machine, more):
        if isinstance(key, Const):
            fields[str(key.value)] = containers.dict_get(machine, more, key) or NONE
    return containers.is_open(machine, more)


def _as_record(machine: Machine, value: Value) -> Value:
    """A dict or the arguments of a parser as a record; anything else as it is."""
    if isinstance(value, Instance) and value.cls == "parser":
        value = named.dict_of(machine, value)
    if not isinstance(value, Instance) or value.cls != "dict":
        return value
    result = new(machine, ())
    containers.update(machine, result, value)
    return result


OPERATIONS: dict[str, library.Operation] = {"record": _record}
