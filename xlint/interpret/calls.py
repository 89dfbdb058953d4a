"""Calls: the project's functions and classes, and the way to library calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xlint import syntax as cst
from xlint.apis import Row
from xlint.interpret import (
    alike,
    attributes,
    builtins,
    chains,
    configurations,
    containers,
    declared,
    inherited,
    layers,
    library,
    members,
    methods,
    models,
    own_losses,
    recording,
    replaced,
    standard,
    statements,
    tensors,
)
from xlint.interpret.arguments import Arguments, unknown_result
from xlint.interpret.call_arguments import in_branches
from xlint.interpret.machine import BudgetSpentError, Machine
from xlint.interpret.scopes import Frame, Scope
from xlint.interpret.store import alternatives
from xlint.interpret.values import (
    NONE,
    Api,
    Bound,
    Choice,
    ClassValue,
    Const,
    Function,
    Instance,
    Partial,
    Stream,
    Super,
    Sym,
    Tensor,
    Tuple,
    Value,
)


def call_node(machine: Machine, node: cst.Call) -> Value:
    """The value of a call expression."""
    if type(node.func) is cst.Name and node.func.value == "super":
        return _super(machine, node)
    if type(node.func) is cst.Attribute:
        base = machine.store.visible(machine.evaluate(node.func.value))
        name = node.func.attr.value
        if any(isinstance(item, Sym) for _, item in alternatives(base)):
            return in_branches(machine, node, lambda given: _method(machine, base, name, given, node))
        callee = attributes.get(machine, base, name, node.func)
    else:
        callee = machine.evaluate(node.func)
    return in_branches(machine, node, lambda given: apply(machine, callee, given, node))


def _method(machine: Machine, base: Value, name: str, arguments: Arguments, node: cst.Call) -> Value:
    """A method of something unknown, or of what is unknown in one branch."""
    if isinstance(base, Choice):
        return machine.each(base, lambda item: _method(machine, item, name, arguments, node))
    if isinstance(base, Sym) and not attributes.was_set(machine, base, name):
        return library.method(machine, base, name, arguments, node)
    return apply(machine, attributes.get(machine, base, name, node.func), arguments, node)


def call(
    machine: Machine,
    callee: Value,
    positional: Sequence[Value],
    keywords: Mapping[str, Value],
    node: cst.CSTNode,
) -> Value:
    """Call with given values, as the interpreter itself does."""
    return apply(machine, callee, Arguments(tuple(positional), dict(keywords)), node)


def apply(machine: Machine, callee: Value, arguments: Arguments, node: cst.CSTNode) -> Value:
    """Call anything."""
    callee = machine.store.visible(callee)
    if isinstance(callee, Choice):
        return machine.each(alike.without_none(callee), lambda item: apply(machine, item, arguments, node))
    if isinstance(callee, Function):
        function = callee
        return own_losses.watched(
            machine, node, arguments, lambda: call_function(machine, function, arguments, node)
        )
    if isinstance(callee, Bound):
        return _call_bound(machine, callee, arguments, node)
    if isinstance(callee, Api):
        return _call_api(machine, callee, arguments, node)
    if isinstance(callee, ClassValue):
        return instantiate(machine, callee, arguments, node)
    if isinstance(callee, Instance):
        written = replaced.forward(machine, callee)
        if written is not None:
            return apply(machine, written, arguments, node)
        return call_instance(machine, callee, arguments, node)
    if isinstance(callee, Partial):
        merged = Arguments(
            (*callee.args, *arguments.positional),
            {**dict(callee.keywords), **arguments.keywords},
            arguments.open,
        )
        return apply(machine, callee.function, merged, node)
    if isinstance(callee, Sym):
        perhaps = members.fitting(machine, callee, arguments)
        made = perhaps and machine.each(perhaps, lambda item: apply(machine, item, arguments, node))
        if made is not None and not own_losses.is_loss(made):
            return made
        return own_losses.candidate(machine, node, arguments.positional, unknown_result(callee, arguments))
    return machine.unknown(node)


METHOD_HOLDERS = ("torch.Tensor", "numpy.ndarray", "pandas.DataFrame", "pandas.Series")
"""Classes whose methods may be taken from the class: `torch.Tensor.cpu(labels)`."""


def _call_api(machine: Machine, callee: Api, arguments: Arguments, node: cst.CSTNode) -> Value:
    native = builtins.CALLS.get(callee.name) or standard.CALLS.get(callee.name)
    if native is not None:
        return native(machine, arguments, node)
    if callee.row is not None:
        return library.call(machine, callee.row, arguments, node)
    holder, _, method = callee.name.rpartition(".")
    if holder in METHOD_HOLDERS and arguments.positional and not method.startswith("from_"):
        rest = replace(arguments, positional=arguments.positional[1:])
        return machine.each(
            arguments.positional[0], lambda item: apply(machine, Bound(item, method), rest, node)
        )
    if method in ("__init__", "__call__", "forward") and arguments.positional:
        return inherited.explicit_base_call(machine, callee, method, arguments, node)
    return unknown_result(callee, arguments)


def _call_bound(machine: Machine, callee: Bound, arguments: Arguments, node: cst.CSTNode) -> Value:
    if isinstance(callee.method, Function):
        function = callee.method
        return own_losses.watched(
            machine,
            node,
            arguments,
            lambda: call_function(machine, function, arguments, node, callee.receiver),
            bound=True,
        )
    receiver, method = callee.receiver, callee.method
    if isinstance(receiver, Instance):
        if isinstance(receiver.cls, str):
            handler = methods.METHODS_OF.get(receiver.cls, {}).get(method)
            if handler is None and receiver.cls == "dict":
                handler = configurations.METHODS.get(method)
            if handler is not None:
                return handler(machine, receiver, arguments, node)
            return machine.unknown(node)
        return models.method(machine, receiver, method, arguments, node)
    if isinstance(receiver, Const):
        return methods.string_method(machine, receiver, method, arguments, node)
    if isinstance(receiver, Tensor | Sym | Stream):
        return library.method(machine, receiver, method, arguments, node)
    if isinstance(receiver, Tuple) and method == "as_list":
        return receiver
    if isinstance(receiver, Tuple) and method == "index":
        return methods.index_of(machine, receiver, arguments, node)
    return machine.unknown(node)


def from_input(result: Value, arguments: Arguments) -> Value:
    """Remember from which input a model made its output: an autoencoder's target is that very input."""
    first = arguments.positional[0] if arguments.positional else None
    if tensors.is_output(result) and isinstance(first, Sym | Tensor):
        source = first.source if tensors.is_output(first) else first.key
        return replace(result, source=source) if source is not None else result
    return result


def call_instance(machine: Machine, callee: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """Call an object as its class says, whatever has been put in place of its `forward`."""
    result = from_input(_call_instance(machine, callee, arguments, node), arguments)
    result = replaced.hooked(machine, callee, arguments, result, node)
    return chains.noted(machine, callee, result, arguments)


def _call_instance(machine: Machine, callee: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    if isinstance(callee.cls, Row):
        return layers.apply_object(machine, callee, arguments, node)
    if isinstance(callee.cls, str):
        return machine.unknown(node)
    own = attributes.find_method(machine, callee, "__call__")
    if own is not None:
        return call_function(machine, own, arguments, node, callee)
    itself = machine.stack and machine.stack[-1].instance is callee
    if itself and inherited.forward_of(machine, callee) is None:  # a model's own output, not its loss
        return inherited.call_object(machine, callee, arguments, node)
    return own_losses.watched(
        machine, node, arguments, lambda: inherited.call_object(machine, callee, arguments, node)
    )


def _super(machine: Machine, node: cst.Call) -> Value:
    for frame in reversed(machine.stack):
        if frame.owner is not None:
            owner, instance = frame.owner, frame.instance
            if len(node.args) == 2:
                named = machine.evaluate(node.args[0].value)
                owner = named if isinstance(named, ClassValue) else owner
            return Super(owner, instance if instance is not None else NONE)
    return machine.unknown(node)


# -- the project's own functions


def default_values(machine: Machine, params: cst.Parameters) -> dict[str, Value]:
    """Default values of parameters, evaluated where the function is defined."""
    defaults: dict[str, Value] = {}
    for param in (*params.posonly_params, *params.params, *params.kwonly_params):
        if param.default is not None:
            defaults[param.name.value] = machine.evaluate(param.default)
    return defaults


def call_function(
    machine: Machine,
    function: Function,
    arguments: Arguments,
    node: cst.CSTNode,
    receiver: Value | None = None,
) -> Value:
    """Run a function of the project on abstract arguments."""
    if not recording.under_pick(machine):  # else perhaps never called
        machine.called.add(id(function.node))
    if machine.too_deep(function.node):
        return Sym(("again", id(function.node), machine.new_id()))
    scope = Scope(machine.new_id(), function.scope, function.scope.module)
    bind_parameters(machine, function, arguments, scope, receiver)
    if type(function.node) is cst.Lambda:
        with machine.inside(scope):
            return machine.evaluate(function.node.body)
    frame = Frame(
        function.name, 0, 0, node=function.node, owner=function.owner, instance=receiver, scope=scope
    )
    mark = machine.lend()
    try:
        with machine.frame(frame, scope):
            if not statements.execute(machine, function.node.body) and not frame.only_raised:
                machine.leave(frame, NONE)
            result = machine.finish(frame)
    except BudgetSpentError:
        if not machine.recover(mark):
            raise
        result = machine.unknown(node)
    machine.limit = mark.limit
    if frame.yields:
        return Stream(containers.summary(machine, frame.yields, node), True, ("generator", id(function.node)))
    return result


def bind_parameters(
    machine: Machine, function: Function, arguments: Arguments, scope: Scope, receiver: Value | None
) -> None:
    """Write the parameters of a call into its scope; what an open call may give stays unknown."""
    params = function.node.params
    store = machine.store
    plain = (*params.posonly_params, *params.params)
    positional = list(arguments.positional)
    if receiver is not None and function.kind != "staticmethod":
        positional.insert(0, receiver)
    keywords = dict(arguments.keywords)
    for position, param in enumerate(plain):
        if position < len(positional):
            value: Value = positional[position]
        else:
            value = _parameter(machine, function, param, keywords, arguments.open)
        store.set(scope.id, param.name.value, value)
    for param in params.kwonly_params:
        store.set(scope.id, param.name.value, _parameter(machine, function, param, keywords, arguments.open))
    if type(params.star_arg) is cst.Param:
        rest: Value = Tuple(tuple(positional[len(plain) :]))
        if arguments.open:
            rest = Sym(("star", id(function.node)))
        store.set(scope.id, params.star_arg.name.value, rest)
    if params.star_kwarg is not None:
        extra = machine.instance("dict")
        for name, value in keywords.items():
            containers.set_item(machine, extra, Const(name), value)
        if arguments.open:
            store.set(extra.id, "open", Const(True))
        store.set(scope.id, params.star_kwarg.name.value, extra)


def _parameter(
    machine: Machine, function: Function, param: cst.Param, keywords: dict[str, Value], is_open: bool
) -> Value:
    name = param.name.value
    if name in keywords:
        return keywords.pop(name)
    default = function.defaults.get(name)
    return _unknown_parameter(machine, function, param) if is_open or default is None else default


def _unknown_parameter(machine: Machine, function: Function, param: cst.Param) -> Value:
    name = param.name.value
    default = function.defaults.get(name)
    said = None if default is not None else declared.object_of(machine, function.scope, param.annotation)
    return said if said is not None else Sym(("parameter", id(function.node), name), name, default)


def unknown_arguments(machine: Machine, function: Function, skip_first: bool) -> Arguments:
    """Arguments for a function that nobody calls: every parameter is unknown, or what its annotation says."""
    params = (*function.node.params.posonly_params, *function.node.params.params)
    values = [_unknown_parameter(machine, function, param) for param in params[1 if skip_first else 0 :]]
    return Arguments(tuple(values), {}, True)


def names_taken(function: Function) -> list[str]:
    """The names under which a function takes arguments, in order."""
    params = function.node.params
    return [param.name.value for param in (*params.params, *params.kwonly_params)]


# -- the project's own classes


def instantiate(machine: Machine, cls: ClassValue, arguments: Arguments, node: cst.CSTNode) -> Value:
    """Build an object of a class of the project."""
    result = Instance(cls, machine.new_id(), (), machine.mark(node))
    machine.instances.setdefault(id(cls), []).append(result)
    init = attributes.find_method(machine, result, "__init__")
    if init is not None:
        call_function(machine, init, arguments, node, result)
    elif cls.kind == "dataclass":
        _fill_dataclass(machine, result, cls, arguments)
    else:
        inherited.base_init(machine, result, cls, arguments, node)
    return result


def _fill_dataclass(machine: Machine, result: Instance, cls: ClassValue, arguments: Arguments) -> None:
    fields: list[str] = []
    for item in reversed([c for c in attributes.order(cls) if isinstance(c, ClassValue)]):
        known = machine.store.get(item.scope.id, "dataclass fields")
        fields.extend(str(name.value) for name in known.items if name.value not in fields) if known else None
    for name, value in zip(fields, arguments.positional, strict=False):
        machine.store.set(result.id, name, value)
    for name, value in arguments.keywords.items():
        machine.store.set(result.id, name, value)
    for name in fields:
        if machine.store.get(result.id, name) is None and arguments.open:
            said = declared.object_of(machine, cls.scope, _annotation(cls.node, name))
            unknown = Sym(("field", result.id, name), name)
            machine.store.set(result.id, name, said if said is not None else unknown)
    post = attributes.find_method(machine, result, "__post_init__")
    if post is not None:
        call_function(machine, post, Arguments(), cls.node, result)


def _annotation(node: cst.ClassDef, name: str) -> cst.Annotation | None:
    """The annotation of a field in the body of a dataclass."""
    for line in node.body.body:
        for small in line.body if type(line) is cst.SimpleStatementLine else ():
            if type(small) is cst.AnnAssign and type(small.target) is cst.Name and small.target.value == name:
                return small.annotation
    return None


def builtin(name: str) -> Value | None:
    """A builtin of Python, or None."""
    known = f"builtins.{name}" in builtins.CALLS or f"builtins.{name}" in standard.CALLS
    return Api(f"builtins.{name}") if known else None


__all__ = ["Arguments", "apply", "call", "call_function", "instantiate"]
