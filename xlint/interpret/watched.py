"""Tensors that a tape watches: those drawn at random are the parameters of a network written by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from xlint import syntax as cst
from xlint.interpret import expressions, library
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import NONE, Tensor, Value

DRAWN = ("normal", "uniform")
"""What the keys of tensors begin with that are drawn at random."""


def _watch(machine: Machine, given: Given, value: Value | None) -> Value:
    """tape.watch(weights), tape.watch([weights, bias]): by name, for tensors never change."""
    asked: Any = given.nodes.get("tensor")
    listed = [item.value for item in asked.elements] if type(asked) in (cst.List, cst.Tuple) else [asked]
    for node in listed:
        tensor = machine.evaluate(node) if type(node) is cst.Name else None
        if isinstance(tensor, Tensor) and isinstance(tensor.key, tuple) and tensor.key[0] in DRAWN:
            made = replace(tensor, origin="parameter", encoding=None, classes=None, value=None, key=None)
            expressions.assign(machine, node, made)
    return NONE


OPERATIONS: dict[str, library.Operation] = {"watch": _watch}
