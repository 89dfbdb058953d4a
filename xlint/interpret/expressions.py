"""Evaluation of expressions, by dispatch on the node's type."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from xlint import syntax as cst
from xlint.interpret import (
    attributes,
    calls,
    comprehensions,
    containers,
    datasets,
    definitions,
    indexing,
    operators,
    sequences,
    tensors,
    transforms,
    unimported,
)
from xlint.interpret.machine import EXPRESSIONS, Machine
from xlint.interpret.store import join
from xlint.interpret.values import (
    NONE,
    Const,
    Function,
    Key,
    Slice,
    Stream,
    Sym,
    Tensor,
    Tuple,
    Value,
    key_of,
)


def _name(machine: Machine, node: cst.Name) -> Value:
    name = node.value
    value = machine.lookup(name)
    if value is not None:
        return value
    constant = CONSTANTS.get(name)
    if constant is not None:
        return constant
    for star in reversed(machine.scope.module.stars):
        value = attributes.star_member(machine, star, name)
        if value is not None:
            return value
    builtin = calls.builtin(name)
    if builtin is not None:
        return builtin
    return unimported.meant(machine, name) or Sym(("name", machine.scope.module.name, name), name)


def _attribute(machine: Machine, node: cst.Attribute) -> Value:
    base = machine.evaluate(node.value)
    if node.attr.value == "size" and isinstance(base, Tensor):  # NumPy's: calls don't come this way
        return _count(machine, base, node)
    return attributes.get(machine, base, node.attr.value, node)


def _count(machine: Machine, array: Tensor, node: cst.Attribute) -> Value:
    """How many elements an array has: the product of its shape."""
    sizes = containers.items(machine, tensors.shape_value(machine, array))
    if sizes is None:
        return Sym(("size", key_of(array)), f"{array.name}.size" if array.name else "")
    return operators.product(machine, sizes, node)


def _integer(machine: Machine, node: cst.Integer) -> Value:
    try:
        return Const(int(node.value.replace("_", ""), 0), machine.mark(node))
    except ValueError:
        return machine.unknown(node)


def _float(machine: Machine, node: cst.Float) -> Value:
    try:
        return Const(float(node.value.replace("_", "")), machine.mark(node))
    except ValueError:
        return machine.unknown(node)


def _string(machine: Machine, node: cst.SimpleString) -> Value:
    text = node.value
    if text[0] in "'\"" and "\\" not in text:
        quote = 3 if text[:3] in ('"""', "'''") else 1
        return Const(text[quote:-quote], machine.mark(node))
    try:
        return Const(literal_eval(text), machine.mark(node))
    except (ValueError, SyntaxError):
        return machine.unknown(node)


def _concatenated(machine: Machine, node: cst.ConcatenatedString) -> Value:
    left, right = machine.evaluate(node.left), machine.evaluate(node.right)
    if isinstance(left, Const) and isinstance(right, Const) and type(left.value) is type(right.value) is str:
        return Const(left.value + right.value, left.mark)
    return machine.unknown(node)


def _formatted(machine: Machine, node: cst.FormattedString) -> Value:
    """A text with values in it; where one of them has a default, the text has one."""
    texts: list[str] | None = []
    keys: list[Key] = []
    for part in node.parts:
        value: Value | None = None
        if type(part) is cst.FormattedStringText:
            value = Const(part.value)
        elif type(part) is cst.FormattedStringExpression:
            value = machine.evaluate(part.expression)
            keys.append(key_of(value))
            value = (
                None if part.format_spec is not None else value.default if isinstance(value, Sym) else value
            )
        texts = [*texts, str(value.value)] if texts is not None and isinstance(value, Const) else None
    if texts is None:
        return machine.unknown(node)
    text = Const("".join(texts), machine.mark(node))
    known = all(isinstance(key, tuple) and key and key[0] == "const" for key in keys)
    return text if known else Sym(("text", id(node), *keys), default=text)


def items_of(machine: Machine, elements: Any) -> tuple[list[Value] | None, Value]:
    """The values of list or tuple elements, with known stars spread out; None where a star is unknown.

    Also gives a star whose number of items is not known, or None.
    """
    items: list[Value] = []
    known = True
    grown: Value = NONE
    for element in elements:
        value = machine.evaluate(element.value)
        if type(element) is cst.StarredElement:
            spread = containers.items(machine, value)
            grown = value if sequences.has_grown(machine, value) else grown
            if spread is None:
                known = False
            else:
                items.extend(spread)
        else:
            items.append(value)
    return items if known else None, grown


def _tuple(machine: Machine, node: cst.Tuple) -> Value:
    items, _ = items_of(machine, node.elements)
    return machine.unknown(node) if items is None else Tuple(tuple(items))


def _list(machine: Machine, node: cst.List | cst.Set) -> Value:
    items, grown = items_of(machine, node.elements)
    kind = "list" if type(node) is cst.List else "set"
    if items is None:
        return machine.new_list(None, kind=kind)
    return sequences.relisted(machine, grown, items, kind)


def _dict(machine: Machine, node: cst.Dict) -> Value:
    result = machine.instance("dict", node=node)
    for element in node.elements:
        value = machine.evaluate(element.value)
        if type(element) is cst.DictElement:
            containers.set_item(machine, result, machine.evaluate(element.key), value)
        else:
            containers.update(machine, result, value)
    return result


def _subscript(machine: Machine, node: cst.Subscript) -> Value:
    base = machine.evaluate(node.value)
    return containers.get_item(machine, base, index_of(machine, node), node)


def index_of(machine: Machine, node: cst.Subscript) -> Value:
    """The index of a subscript: one value, or a tuple of values and slices."""
    parts: list[Value] = []
    for element in node.slice:
        part = element.slice
        if type(part) is cst.Index:
            parts.append(machine.evaluate(part.value))
        elif type(part) is cst.Slice:
            ends = (part.lower, part.upper, part.step)
            parts.append(Slice(*(None if end is None else machine.evaluate(end) for end in ends)))
    return parts[0] if len(parts) == 1 else Tuple(tuple(parts))


def _binary(machine: Machine, node: cst.BinaryOperation) -> Value:
    left, right = machine.evaluate(node.left), machine.evaluate(node.right)
    return operators.binary(machine, node.operator, left, right, node)


def _unary(machine: Machine, node: cst.UnaryOperation) -> Value:
    value = machine.evaluate(node.expression)
    return operators.unary(machine, node.operator, value, node)


def _boolean(machine: Machine, node: cst.BooleanOperation) -> Value:
    left = machine.evaluate(node.left)
    truth, key = machine.truth(left)
    conjunction = node.operator == "And"
    if truth is not None:
        return machine.evaluate(node.right) if truth is conjunction else left
    right = machine.evaluate(node.right)
    other, other_key = machine.truth(right)
    if isinstance(left, Sym) and isinstance(left.key, tuple) and left.key and left.key[0] in TESTS:
        if other is not None:
            return left if other is conjunction else Const(not conjunction)
        default = operators.both_defaults(left, right, conjunction)
        return Sym(("and" if conjunction else "or", key, other_key), default=default)
    return join([(frozenset({(key, conjunction)}), right), (frozenset({(key, not conjunction)}), left)])


TESTS = ("eq", "not", "and", "or", "is", "in", "<", "<=", "truth", "isinstance")


def _comparison(machine: Machine, node: cst.Comparison) -> Value:
    left = machine.evaluate(node.left)
    if len(node.comparisons) != 1:
        for part in node.comparisons:
            machine.evaluate(part.comparator)
        return Sym(("comparison", id(node), key_of(left)))
    part = node.comparisons[0]
    right = machine.evaluate(part.comparator)
    return operators.compare(machine, part.operator, left, right, node)


def _conditional(machine: Machine, node: cst.IfExp) -> Value:
    truth, key = machine.truth(machine.evaluate(node.test))
    if truth is not None:
        return machine.evaluate(node.body if truth else node.orelse)
    return machine.branch(key, lambda: machine.evaluate(node.body), lambda: machine.evaluate(node.orelse))


def _lambda(machine: Machine, node: cst.Lambda) -> Value:
    function = Function("<lambda>", node, machine.scope, calls.default_values(machine, node.params))
    machine.functions.append(function)
    definitions.capture(machine.scope)
    return function


def _call(machine: Machine, node: cst.Call) -> Value:
    return calls.call_node(machine, node)


def _named(machine: Machine, node: cst.NamedExpr) -> Value:
    value = machine.evaluate(node.value)
    assign(machine, node.target, value)
    return value


def _await(machine: Machine, node: cst.Await) -> Value:
    return machine.evaluate(node.expression)


def _yield(machine: Machine, node: cst.Yield) -> Value:
    if type(node.value) is cst.From:
        value = containers.element(machine, machine.evaluate(node.value.item), node)
    else:
        value = NONE if node.value is None else machine.evaluate(node.value)
    if machine.stack:
        machine.stack[-1].yields.append(value)
    return machine.unknown(node)


def assign(machine: Machine, target: cst.CSTNode, value: Value) -> None:
    """Assign to a name, attribute, subscript, tuple or list of targets."""
    if type(target) is cst.Name:
        machine.bind(target.value, value)
    elif type(target) is cst.Attribute:
        base, name = machine.evaluate(target.value), target.attr.value
        attributes.set_attribute(machine, base, name, value)
        if isinstance(base, Stream) and isinstance(target.value, cst.Name | cst.Attribute):
            assign(machine, target.value, datasets.with_attribute(machine, base, name, value))
        if name == "requires_grad" and isinstance(base, Tensor) and value == Const(True):
            mutate(machine, target.value, transforms.trainable(base))
    elif type(target) is cst.Subscript:
        _assign_item(machine, target, value)
    elif isinstance(target, cst.Tuple | cst.List):
        _unpack(machine, target.elements, value)
    elif type(target) is cst.StarredElement:
        assign(machine, target.value, value)


def _assign_item(machine: Machine, target: cst.Subscript, value: Value) -> None:
    """`holder[index] = value`; what became of a tensor is written back to its name."""
    holder = target.value
    if type(holder) is cst.Attribute and holder.attr.value in indexing.VIEWS:
        holder = holder.value
    elif (
        type(holder) is cst.Call
        and type(holder.func) is cst.Attribute
        and holder.func.attr.value in ("ravel", "reshape", "view", "flatten")
    ):
        holder = holder.func.value
    base, index = machine.evaluate(holder), index_of(machine, target)
    if type(holder) is cst.Subscript and isinstance(whole := machine.evaluate(holder.value), Tensor):
        row = index_of(machine, holder)
        if indexing.is_place(row):
            rest = index.items if isinstance(index, Tuple) else (index,)
            base, holder, index = whole, holder.value, Tuple((row, *rest))
        elif not isinstance(row, Slice | Tuple):  # rows that a condition or a list picks are a copy
            unknown = replace(whole, encoding=None, classes=None, value=None, key=None)
            assign(machine, holder.value, unknown)
            return
    changed = containers.set_item(machine, base, index, value)
    if changed is not None and isinstance(holder, cst.Name | cst.Attribute | cst.Subscript):
        assign(machine, holder, changed)


def _unpack(machine: Machine, elements: Any, value: Value) -> None:
    count = len(elements)
    star = next((i for i, element in enumerate(elements) if type(element) is cst.StarredElement), None)
    if star is None:
        for position, item in enumerate(containers.unpack(machine, value, count)):
            assign(machine, elements[position].value, item)
        return
    items = containers.items(machine, value)
    after = count - star - 1
    for position, element in enumerate(elements):
        if items is None or len(items) < count - 1:
            part: Value = Sym(("item", key_of(value), position))
        elif position < star:
            part = items[position]
        elif position == star:
            part = machine.new_list(items[star : len(items) - after])
        else:
            part = items[len(items) - (count - position)]
        assign(machine, element.value, part)


def _in_place(method: cst.Attribute) -> bool:
    name = method.attr.value
    return name.endswith("_") and not name.endswith("__")


def mutate(machine: Machine, node: cst.CSTNode, value: Value) -> None:
    """Write back what an in-place operation made of a named value, as in `x.data.resize_(n)`."""
    while True:
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and _in_place(node.func):
            node = node.func.value
        elif isinstance(node, cst.Attribute) and node.attr.value == "data":
            node = node.value
        else:
            break
    if isinstance(node, cst.Name | cst.Attribute):
        assign(machine, node, value)


CONSTANTS: dict[str, Value] = {
    "True": Const(True),
    "False": Const(False),
    "None": NONE,
    "Ellipsis": Const(...),
    "__name__": Const("__main__"),
}

_HANDLERS: dict[type, Callable[[Machine, Any], Value]] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.Integer: _integer,
    cst.Float: _float,
    cst.SimpleString: _string,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted,
    cst.Tuple: _tuple,
    cst.List: _list,
    cst.Set: _list,
    cst.Dict: _dict,
    cst.ListComp: comprehensions.evaluate,
    cst.SetComp: comprehensions.evaluate,
    cst.GeneratorExp: comprehensions.evaluate,
    cst.DictComp: comprehensions.evaluate,
    cst.Subscript: _subscript,
    cst.BinaryOperation: _binary,
    cst.UnaryOperation: _unary,
    cst.BooleanOperation: _boolean,
    cst.Comparison: _comparison,
    cst.IfExp: _conditional,
    cst.Lambda: _lambda,
    cst.Call: _call,
    cst.NamedExpr: _named,
    cst.Await: _await,
    cst.Yield: _yield,
    cst.Ellipsis: lambda machine, node: Const(...),
}

EXPRESSIONS.update(_HANDLERS)
