"""Objects of libraries: making them, their attributes and their methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret import (
    axes,
    builtins,
    calls,
    chains,
    children,
    containers,
    encoders,
    fields,
    inherited,
    layers,
    library,
    losses,
    metrics,
    networks,
    own_losses,
    records,
    replaced,
    saved,
    sequences,
    training,
)
from xlint.interpret.arguments import unknown_result
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import NONE, Bound, Choice, Const, Instance, Sym, Tensor, Tuple, Value, dim_of

SAME_OBJECT = frozenset(
    {
        "to",
        "cuda",
        "cpu",
        "train",
        "eval",
        "float",
        "double",
        "half",
        "requires_grad_",
        "apply",
        "share_memory",
        "to_empty",
        "type",
        "prepare",
    }
)
MODELS = ("sequential", "functional", "pretrained", "base_class")
LIST_LIKE = ("sequential", "module_list")
WRAPPED = ("module", "_orig_mod")
"""Where what DataParallel and torch.compile make keeps the network, for which it is taken here."""


def build(machine: Machine, given: Given, arguments: calls.Arguments) -> Value:
    """Make an object of a library class."""
    row = given.row
    args = tuple(given.values.items()) + ((("**", NONE),) if given.open else ())
    result = Instance(row, machine.new_id(), args, given.mark)
    if row.op == "loss":
        losses.constructed(machine, given, arguments)
    if row.op in LIST_LIKE:
        fill_list(machine, result, given, arguments.tail)
    elif row.op == "module_dict":
        first = given.first()
        modules = records.new(machine, ())
        containers.update(machine, modules, first) if first is not None else None
        return modules
    elif row.op == "functional":
        outputs = given.of("outputs")
        if outputs is not None:
            machine.store.set(result.id, "outputs", sequences.only_one(machine, outputs))
            machine.store.set(result.id, "inputs", given.of("inputs") or NONE)
    elif row.op == "random":
        return library.operate(machine, given, given.first())
    return result


def fill_list(machine: Machine, result: Instance, given: Given, tail: Sequence[Value] = ()) -> None:
    """The layers that a constructor gives to a list of layers; `tail` are those behind an unknown star."""
    if given.row.get("variadic"):
        known = _listed(machine, result, given, tail)
    else:
        known = None if given.open else _first_listed(machine, result, given)
    if known is not None:
        machine.store.set(result.id, "items", known)


def _listed(machine: Machine, result: Instance, given: Given, tail: Sequence[Value]) -> Value | None:
    """The layers in `nn.Sequential(a, b)`, or in the one list or dict that it gets."""
    if given.open:
        return Tuple((sequences.SEVERAL, *tail)) if tail else None
    items = [item for name, item in given.values.items() if name in given.row.params] + list(given.rest)
    only = items[0] if len(items) == 1 else None
    if isinstance(only, Instance) and only.cls == "dict":
        children.note(machine, result, containers.dict_keys(machine, only))
        return Tuple(tuple(containers.dict_values(machine, only)))
    if isinstance(only, Instance) and only.cls == "list":
        return sequences.held(machine, only)
    return Tuple(tuple(items))


def _first_listed(machine: Machine, result: Instance, given: Given) -> Value | None:
    """The layers in `keras.Sequential([a, b])` and `nn.ModuleList([a, b])`."""
    first = given.first()
    if first is None or first == NONE:
        return Tuple(())
    if isinstance(first, Choice):
        return machine.each(first, lambda value: sequences.held(machine, value) or NONE)
    if isinstance(first, Instance) and isinstance(first.cls, Row):
        return Tuple((first,))  # keras.Sequential(layer)
    held = None if isinstance(first, Sym) else sequences.held(machine, first)
    if held is None:
        machine.store.set(result.id, "element", containers.element(machine, first, given.node))
    elif isinstance(first, Instance) and sequences.has_grown(machine, first):
        machine.store.set(result.id, "count", builtins.length(machine, first, given.node))
    return held


def attribute(machine: Machine, target: Instance, row: Row, name: str, node: cst.CSTNode) -> Value:
    """`object.name` for an object of a library."""
    if row.op == "encoder" and name in ("classes_", "categories_"):
        return encoders.classes_attribute(machine, target)
    if row.op == "functional" and name in ("output", "outputs"):
        return machine.store.get(target.id, "outputs") or machine.unknown(node)
    if row.op in ("sequential", "pretrained") and name == "output":
        return layers.apply_object(machine, target, calls.Arguments((Sym(("input", target.id)),)), node)
    if name == "input" and row.op in ("sequential", "functional", "pretrained"):
        return Sym(("input", target.id))
    if name == "layers" and row.op == "sequential":
        items = containers.items(machine, target)
        return machine.new_list(items) if items is not None else machine.unknown(node)
    if name == "layers" and row.op == "functional" and (chain := chains.layers_of(machine, target)):
        return machine.new_list(chain)
    if row.op == "sequential" and (child := children.get(machine, target, name)) is not None:
        return child
    given = target.argument(name)
    if given is not None or name in row.defaults:
        return given or Const(row.defaults[name])
    if name in WRAPPED and row.framework == "torch":
        return target
    if row.op == "field" and name == "vocab":
        return fields.vocabulary(target)
    if row.op == "embedding" and name in ("embeddings", "weight"):
        rows, units = target.argument(row.params[0]), layers.options(target, node).of("units")
        return Tensor(shape=(dim_of(rows), dim_of(units)), origin="parameter")
    if row.op == "pretrained" and name == "config":
        return networks.configuration(machine, target, node)
    if row.op == "pretrained" and (part := networks.attribute(machine, target, row, name)) is not None:
        return part
    if name in (
        "in_features",
        "out_features",
        "weight",
        "bias",
        "in_channels",
        "out_channels",
        "kernel",
        "units",
    ):
        if name in ("out_features", "out_channels", "units") and row.op == "units":
            return layers.options(target, node).of("units") or machine.unknown(node)
        return Sym(("attr", target.id, name), name)
    return Bound(target, name)


def method(
    machine: Machine, target: Instance, name: str, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    """A method of a library object, or one that a class of the project inherits from a library."""
    if name.startswith("super."):
        return inherited.super_method(machine, target, name.removeprefix("super."), arguments, node)
    if name in ("train", "eval"):
        note_mode(machine, name, arguments)
    if name in SAME_OBJECT:
        return target
    row = target.cls if isinstance(target.cls, Row) else None
    trained = training.METHODS.get(name)
    if trained is not None and (row is None or row.op in MODELS):
        return trained(machine, target, arguments, node)
    if name in LAYER_METHODS:
        return LAYER_METHODS[name](machine, target, arguments, node)
    if name in ("forward", "call", "__call__"):
        return calls.call_instance(machine, target, arguments, node)
    if row is None:
        result = unknown_result(Sym(("attr", target.id, name), name), arguments)
        return own_losses.candidate(machine, node, arguments.positional, result)
    specific = machine.tables.row(machine.tables.canonical(f"{row.name}.{name}"))
    if specific is not None:
        return library.call(machine, specific, arguments, node)
    if row.op == "encoder":
        first = (
            arguments.positional[0] if arguments.positional else next(iter(arguments.keywords.values()), None)
        )
        return encoders.method(machine, target, layers.options(target, node), name, first, node)
    if row.op == "metric" and name in ("update_state", "update", "forward"):
        return metrics.call_object(machine, target, row, arguments, node)
    return unknown_result(Sym(("attr", target.id, name), name), arguments)


def is_list(value: Instance) -> bool:
    """Whether a value is a list, or a list of layers."""
    return value.cls == "list" or (isinstance(value.cls, Row) and value.cls.op in LIST_LIKE)


def part(machine: Machine, base: Value, picked: Value) -> Value:
    """`sequence[:-1]` of layers is a sequence of layers."""
    known = containers.items(machine, picked)
    if not isinstance(base, Instance) or base.cls == "list" or not is_list(base) or known is None:
        return picked
    result = Instance(base.cls, machine.new_id(), mark=base.mark)
    children.forget(machine, result)
    machine.store.set(result.id, "items", Tuple(tuple(known)))
    return result


def delete_item(machine: Machine, base: Value, index: Value) -> None:
    """`del base[index]`: of a list, or of a sequence of layers."""
    base = machine.store.visible(base)
    if not isinstance(base, Instance) or base.cls == "dict":
        return
    networks.change_head(machine, base, None)
    children.forget(machine, base)
    known = containers.items(machine, base)
    if known is None:
        return
    place = index.value if isinstance(index, Const) and not sequences.has_grown(machine, base) else None
    if isinstance(place, int) and -len(known) <= place < len(known):
        del known[place]
        machine.store.set(base.id, "items", Tuple(tuple(known)))
    else:
        machine.store.set(base.id, "items", Tuple((sequences.SEVERAL,)))


def note_mode(machine: Machine, name: str, arguments: calls.Arguments) -> None:
    """model.train() and model.eval(): what `self.training` is from here on."""
    mode = arguments.positional[0] if arguments.positional else Const(True)
    machine.store.set(0, "training", mode if name == "train" else Const(False))


def _add(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    values = arguments.values()
    if values:
        sequences.append(machine, target, values[-1])
    return NONE


def _extend(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    if arguments.positional:
        sequences.extend(machine, target, arguments.positional[0], None)
    return target


def _add_module(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    values = arguments.values()
    if len(values) < 2:
        return NONE
    if isinstance(target.cls, Row) and target.cls.op in LIST_LIKE:
        children.note_added(machine, target, values[0])
        sequences.append(machine, target, values[1])
    elif isinstance(values[0], Const):
        if machine.store.visible(machine.store.get(target.id, "items")) is not None:
            children.note_added(machine, target, values[0])
            sequences.append(machine, target, values[1])
        machine.store.set(target.id, str(values[0].value), values[1])
    return NONE


def _pop(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    items = containers.items(machine, target)
    if not items:
        return machine.unknown(node)
    machine.store.set(target.id, "items", Tuple(tuple(items[:-1])))
    return items[-1]


def _get_layer(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """model.get_layer(name) of a chain of layers."""
    asked = next(iter(arguments.values()), None)
    for layer in chains.layers_of(machine, target):
        if isinstance(asked, Const) and isinstance(layer, Instance) and layer.argument("name") == asked:
            return layer
    return unknown_result(Sym(("attr", target.id, "get_layer"), "get_layer"), arguments)


def _register(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    if len(arguments.positional) >= 2 and isinstance(arguments.positional[0], Const):
        machine.store.set(target.id, str(arguments.positional[0].value), arguments.positional[1])
    return NONE


def _stateless(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    """model.stateless_call(variables, other variables, inputs): the output and the other variables."""
    values = arguments.positional[2:3]
    return Tuple((calls.call(machine, target, values, {}, node), Sym(("state", id(node)))))


def _first(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    return arguments.positional[0] if arguments.positional else machine.unknown(node)


def _modules(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    items = containers.items(machine, target)
    return machine.new_list(items) if items is not None else machine.unknown(node)


def _add_weight(machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode) -> Value:
    shape = arguments.keywords.get("shape")
    if shape is None and arguments.positional:
        shape = next((v for v in arguments.positional if sequences.is_sequence(v)), None)
    dims = axes.dims_of(machine, shape)
    return Tensor(shape=None if dims is None else tuple(dims), origin="parameter")


def _save_hyperparameters(
    machine: Machine, target: Instance, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    return records.save_hyperparameters(machine, target, arguments, node)


LAYER_METHODS: dict[str, Callable[[Machine, Instance, calls.Arguments, cst.CSTNode], Value]] = {
    "add": _add,
    "append": _add,
    "extend": _extend,
    "add_module": _add_module,
    "register_module": _add_module,
    "pop": _pop,
    "get_layer": _get_layer,
    "register_buffer": _register,
    "register_forward_hook": replaced.register_hook,
    "register_parameter": _register,
    "track_layer": _first,
    "stateless_call": _stateless,
    "children": _modules,
    "modules": _modules,
    "add_weight": _add_weight,
    "add_variable": _add_weight,
    "save": saved.save_method,
    "to_json": saved.described,
    "to_yaml": saved.described,
    "save_hyperparameters": _save_hyperparameters,
}
