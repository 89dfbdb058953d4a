"""Networks from a model zoo: their outputs, alone or under names, and the heads that scripts replace."""

from __future__ import annotations

from dataclasses import replace

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret import activations, calls, layers, library, methods, records
from xlint.interpret.arguments import Arguments
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import (
    NONE,
    Choice,
    Const,
    Dim,
    Instance,
    Sym,
    Tensor,
    Tuple,
    Value,
    dim_of,
    value_of_dim,
)

USUAL_HEADS = ("fc", "classifier", "head", "heads", "last_linear", "_fc", "output_layer")
YES = Const(True)


def pretrained(machine: Machine, given: Given, value: Value | None) -> Value:
    """A network from a model zoo."""
    several = given.row.get("several_with")
    if several and given.get(several) not in (None, NONE):
        return machine.unknown(given.node)
    args = tuple(given.values.items()) + ((("**", NONE),) if given.open or given.rest else ())
    return Instance(given.row, machine.new_id(), args, given.mark)


def hub(machine: Machine, given: Given, value: Value | None) -> Value:
    """torch.hub.load(repository, name): the network of that name, where the tables know the repository."""
    repository, name = given.constant(given.row.params[0]), given.constant(given.row.params[1])
    modules = given.row.get("repositories", {}).get(str(repository).partition(":")[0], ())
    keywords = {key: item for key, item in given.values.items() if key not in given.row.params}
    for module in modules:
        row = machine.tables.row(machine.tables.canonical(f"{module}.{name}"))
        if row is not None:
            return library.call(machine, row, calls.Arguments((), keywords, given.open), given.node)
    return given.unknown_result()


def call_object(
    machine: Machine, target: Instance, row: Row, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    """What a network gives: a tensor, fields of a record, or a pair while it trains."""
    result = _output(machine, target, row, node)
    if row.get("fields"):
        return _under_names(machine, target, row, result, arguments, node)
    second = row.get("auxiliary")
    if second and machine.store.get(target.id, "head of another") is None:
        return _while_training(machine, target, row, result, node)
    if row.get("returns") == "pair":
        return Tuple((result, Sym(("second", id(node)))))
    name = target.argument("name")
    if isinstance(result, Tensor) and isinstance(name, Const) and isinstance(name.value, str):
        return replace(result, name=name.value)
    return result


def _under_names(
    machine: Machine, target: Instance, row: Row, result: Value, arguments: calls.Arguments, node: cst.CSTNode
) -> Value:
    """The output as a field of a record; another field is there where the call has its argument."""
    if any((part.get("return_dict") or YES) != YES for part in (arguments.keywords, dict(target.args))):
        return machine.unknown(node)
    ordered, fields = not arguments.open, []
    for name, made_from in row.get("fields").items():
        given = arguments.keywords.get(made_from, YES if arguments.open else NONE)
        perhaps = isinstance(given, Choice) or (isinstance(given, Sym) and given.default == NONE)
        ordered = ordered and not perhaps
        other = NONE if given == NONE else Sym((name, id(node)), name)
        fields.append((name, result if made_from == "output" else other))
    if ordered and row.get("ordered"):
        return records.outputs(machine, fields)
    return records.new(machine, fields, is_open=True)


def compiled_output(machine: Machine, model: Value, result: Value) -> Value:
    """What a compiled loss meets of an output under names: the one that the network is made for."""
    row = model.cls if isinstance(model, Instance) and isinstance(model.cls, Row) else None
    fields = row.get("fields") if row is not None else None
    if not fields or not isinstance(result, Instance):
        return result
    return records.field(machine, result, next(name for name, made in fields.items() if made == "output"))


def _while_training(machine: Machine, target: Instance, row: Row, result: Value, node: cst.CSTNode) -> Value:
    """The output and that of an auxiliary head while the network trains, the output alone afterwards."""
    pair = Tuple((result, _output(machine, auxiliary(machine, target, row), row, node)))
    mode = machine.store.get(0, "training") or Sym(("training",))
    truth, key = machine.truth(mode)
    if truth is None:
        return machine.branch(key, lambda: pair, lambda: result)
    return pair if truth else result


def auxiliary(machine: Machine, target: Instance, row: Row) -> Instance:
    """The part of a network that ends in its auxiliary head, as a network of its own."""
    known = machine.store.get(target.id, "auxiliary")
    if known is None:
        known = Instance(row, machine.new_id(), target.args, target.mark)
        machine.store.set(known.id, "head of another", target)
        machine.store.set(target.id, "auxiliary", known)
    return known  # type: ignore[no-any-return]


def own_head(machine: Machine, target: Instance, name: str) -> Value:
    """The head that a pretrained network comes with: items of it can be replaced."""
    known = machine.store.get(target.id, f"own {name}")
    if known is None:
        known = machine.instance("head", node=None)
        machine.store.set(known.id, "network", target)
        machine.store.set(target.id, f"own {name}", known)
    return known  # type: ignore[no-any-return]


def change_head(machine: Machine, target: Instance, value: Value | None) -> None:
    """A layer behind or in place of the last one of a network's head; None where it is not known which."""
    network = machine.store.get(target.id, "network") if target.cls == "head" else target
    if target.cls == "head" or (isinstance(target.cls, Row) and target.cls.op == "pretrained"):
        machine.store.set(network.id, "head", value or Sym(("changed", network.id, machine.new_id())))


def _add_to_head(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """`head.append(layer)`, `head.add_module(name, layer)`."""
    values = arguments.values()
    change_head(machine, target, values[-1] if values else None)
    return NONE


methods.METHODS_OF["head"] = dict.fromkeys(("append", "add_module", "register_module"), _add_to_head)


def attribute(machine: Machine, target: Instance, row: Row, name: str) -> Value | None:
    """`network.name` where that is a head, or the part with the auxiliary one; else None."""
    if name in row.get("heads", ()) or name in ("fc", "classifier", "head"):
        return own_head(machine, target, name)
    if name == row.get("auxiliary"):
        return auxiliary(machine, target, row)
    return None


def attribute_set(machine: Machine, target: Instance, name: str, value: Value) -> None:
    """An attribute written to a library object: a new head of a pretrained network.

    Another part may be the last one too, unless the network is known to end in one head.
    """
    if not isinstance(target.cls, Row) or target.cls.op != "pretrained":
        return
    heads = target.cls.get("heads", ())
    if name in heads or name in USUAL_HEADS:
        machine.store.set(target.id, "head", value)
    elif name == target.cls.get("auxiliary"):
        machine.store.set(auxiliary(machine, target, target.cls).id, "head", value)
    elif isinstance(value, Instance | Choice) and len(heads) != 1:
        machine.store.set(target.id, "head", Sym(("changed", target.id, name)))


def _output(machine: Machine, target: Instance, row: Row, node: cst.CSTNode) -> Value:
    """The output of a pretrained network: of its replaced head, its own classes, or features."""
    head = machine.store.visible(machine.store.get(target.id, "head"))
    given = layers.options(target, node)
    if head is not None:
        features = Tensor(shape=_shape(given, None), origin="model")
        return machine.each(head, lambda item: calls.call(machine, item, (features,), {}, node))
    top = given.of("top_param")
    if isinstance(top, Const) and not top.value:
        pooling = given.of("pooling_param")
        pooled = isinstance(pooling, Const) and isinstance(pooling.value, str)
        return Tensor(
            shape=(None, None) if pooled else (None, None, None, None),
            origin="model",
            quantity="other",
            activation="relu",
        )
    if top is not None and not isinstance(top, Const):
        return Tensor(origin="model")
    units = _classes(machine, given)
    if units == 0:
        return Tensor(origin="model")
    made = Tensor(
        shape=_shape(given, units),
        width=units,
        class_axis=int(row.get("axis", -1)),
        quantity="logits",
        activation="none",
        origin="model",
        evidence=(machine.evidence("width", given.mark), machine.evidence("activation", given.mark)),
    )
    parameter = row.get("activation_param")
    activation: Value | None = given.get(parameter) if parameter else None
    meanings = row.get("activations", {})
    if isinstance(activation, Const) and activation.value in meanings:
        activation = Const(meanings[activation.value])
    if activation is None and row.get("activation"):
        activation = Const(row.get("activation"))
    return activations.apply_value(machine, made, activation, node, row.framework, given.mark)


def _classes(machine: Machine, given: Given) -> Dim:
    """The number of classes: an argument, a field of the configuration given, or what the row says."""
    classes = given.of("classes")
    if classes is not None and classes != NONE:
        return dim_of(classes)
    config = given.of("config")
    if isinstance(config, Instance) and records.is_record(machine, config):
        return dim_of(records.field(machine, config, str(given.row.get("classes"))))
    headless = given.row.get("headless")
    if config is not None or (headless and given.constant(given.row.params[0]) not in headless):
        return None
    return given.row.get("classes_default")  # type: ignore[no-any-return]


def configuration(machine: Machine, target: Instance, node: cst.CSTNode) -> Value:
    """`network.config`: a record that knows the number of classes, and else what it was given."""
    given = layers.options(target, node)
    config = given.of("config")
    if config is not None and config != NONE:
        return config
    units, name = _classes(machine, given), given.row.get("classes")
    known = [] if not name or units is None else [(str(name), value_of_dim(units, None, ""))]
    return records.new(machine, known, is_open=True)


def _shape(given: Given, units: Dim) -> tuple[Dim, ...] | None:
    """(N, units), with `spatial` other axes behind the units or before them: so many, or a parameter."""
    spatial = given.row.get("spatial", 0)
    count = given.constant(spatial) if isinstance(spatial, str) else spatial
    if not isinstance(count, int):
        return None
    others = (None,) * count
    return (None, units, *others) if given.row.get("axis") == 1 else (None, *others, units)


OPERATIONS: dict[str, library.Operation] = {"pretrained": pretrained, "hub": hub}
