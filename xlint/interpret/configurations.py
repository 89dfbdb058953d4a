"""Configurations: records of settings that libraries make; a file that is read makes them defaults."""

from __future__ import annotations

from collections.abc import Callable

from xlint import syntax as cst
from xlint.interpret import containers, records
from xlint.interpret.arguments import Arguments
from xlint.interpret.machine import Machine
from xlint.interpret.store import join
from xlint.interpret.values import NONE, Choice, Const, Instance, Sym, Value

SETTING = "setting"
"""What the keys of settings begin with that a file or the command line may have changed."""
MAX_NESTED = 8


def make(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """EasyDict({"units": 3}), Munch(units=3), CfgNode(): dicts inside become records too."""
    result = records.new(machine, (), is_open=arguments.open)
    for value in arguments.positional[:1]:
        _fill(machine, result, value, MAX_NESTED)
    for name, value in arguments.keywords.items():
        containers.set_item(machine, result, Const(name), _nested(machine, value, MAX_NESTED))
    return result


def make_from_dict(machine: Machine, arguments: Arguments, node: cst.CSTNode) -> Value:
    """The same where keywords are options of the library: yacs' CfgNode(values, new_allowed=True)."""
    return make(machine, Arguments(arguments.positional[:1]), node)


def _fill(machine: Machine, record: Instance, value: Value, depth: int) -> None:
    value = machine.store.visible(value)
    if not isinstance(value, Instance) or value.cls != "dict":
        if value != NONE:
            machine.store.set(record.id, "open", Const(True))
        return
    for key in containers.dict_keys(machine, value):
        found = containers.dict_get(machine, value, key)
        if found is not None:
            containers.set_item(machine, record, key, _nested(machine, found, depth))
    if containers.is_open(machine, value):
        machine.store.set(record.id, "open", Const(True))


def _nested(machine: Machine, value: Value, depth: int) -> Value:
    if not isinstance(value, Instance) or value.cls != "dict" or not depth:
        return value
    result = records.new(machine, ())
    _fill(machine, result, value, depth - 1)
    return result


def _merge(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """cfg.merge_from_file(path), cfg.merge_from_list(words): any setting may have become another."""
    _may_differ(machine, target, MAX_NESTED)
    return NONE


def _may_differ(machine: Machine, record: Instance, depth: int) -> None:
    """Make the values of a record defaults."""
    machine.store.set(record.id, "open", Const(True))
    for key in containers.dict_keys(machine, record):
        value = machine.store.visible(containers.dict_get(machine, record, key))
        if isinstance(value, Instance) and records.is_record(machine, value):
            if depth:
                _may_differ(machine, value, depth - 1)
        elif isinstance(key, Const) and value is not None and not isinstance(value, Sym):
            name, default = str(key.value), value if isinstance(value, Const) else None
            containers.set_item(machine, record, key, Sym((SETTING, record.id, name), name, default))


def _clone(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    """cfg.clone(): a record of its own, and of its own all inside it."""
    return _cloned(machine, target, MAX_NESTED)


def _cloned(machine: Machine, value: Value, depth: int) -> Value:
    value = machine.store.visible(value)
    if isinstance(value, Choice):
        return join([(guards, _cloned(machine, item, depth)) for guards, item in value.alternatives])
    if not depth or not records.is_record(machine, value) or not isinstance(value, Instance):
        return value
    result = records.new(machine, (), is_open=containers.is_open(machine, value))
    for key in containers.dict_keys(machine, value):
        inner = containers.dict_get(machine, value, key)
        if inner is not None:
            containers.set_item(machine, result, key, _cloned(machine, inner, depth - 1))
    return result


def _nothing(machine: Machine, target: Instance, arguments: Arguments, node: cst.CSTNode) -> Value:
    return NONE


CALLS: dict[str, Callable[[Machine, Arguments, cst.CSTNode], Value]] = {
    "yacs.config.CfgNode": make_from_dict,
    "detectron2.config.CfgNode": make_from_dict,
    "fvcore.common.config.CfgNode": make_from_dict,
    "omegaconf.OmegaConf.create": make_from_dict,
    "ml_collections.ConfigDict": make_from_dict,
    "ml_collections.config_dict.ConfigDict": make_from_dict,
    "easydict.EasyDict": make,
    "attrdict.AttrDict": make,
    "addict.Dict": make,
    "munch.Munch": make,
    "munch.munchify": make_from_dict,
    "box.Box": make,
    "dotmap.DotMap": make,
}
"""What makes a configuration."""

METHODS: dict[str, Callable[[Machine, Instance, Arguments, cst.CSTNode], Value]] = {
    "clone": _clone,
    "freeze": _nothing,
    "defrost": _nothing,
    "merge_from_file": _merge,
    "merge_from_list": _merge,
    "merge_from_other_cfg": _merge,
    "update_from_flattened_dict": _merge,
}
"""Methods that a dict does not have."""
