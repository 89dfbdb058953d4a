"""The order of a loss's arguments: output and labels in each other's place."""

from __future__ import annotations

import re
from typing import TypeGuard

from xlint.interpret import recording, tensors
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import Const, Key, Sym, Tensor, Value, function_called
from xlint.sites import Fact

TF1 = re.compile(
    r"\btf\.(?:placeholder|(?:Interactive)?Session|get_variable|variable_scope|train\.\w+Optimizer|to_(?:float|int32|int64)"
    r"|contrib|layers|app|flags|get_collection|\w+_summary|merge_all_summaries|initialize_all_variables"
    r"|global_variables_initializer)\b"
)
"""Names that TensorFlow 1 has and TensorFlow 2 has no more."""
IN_2 = re.compile(r"compat\.v1|disable_v2")
"""TensorFlow 1 as TensorFlow 2 keeps it, with its order of arguments."""


def of_early_release(machine: Machine, given: Given, output: Value | None, labels: Value | None) -> bool:
    """Whether positional arguments whose order has changed stand in the order of an early release."""
    if given.row.framework == "keras":
        return _early_keras(machine, output)
    return _positional(machine, given, output, labels)


def _positional(machine: Machine, given: Given, output: Value | None, labels: Value | None) -> bool:
    """TF1 functions whose order of positional arguments changed: a site where the script is a TF1 script.

    Gives whether the script means the old order, logits first: as the arguments show, or where they do not
    and the script runs under TensorFlow 1 alone, whose later releases refuse positional arguments.
    """
    text = machine.scope.module.source.text
    nothing = Const(None)
    pairs = [pair for _, pair in recording.cases_of((output or nothing, labels or nothing), machine)]
    made = any(model_made(out) for out, _ in pairs)
    wrong = any(_logits_first(*pair) for pair in pairs) and not made
    kept = IN_2.search(text) is not None
    old = kept or TF1.search(text) is not None
    if not wrong and not old:
        return False
    facts: dict[str, Fact] = {
        "loss_name": given.row.short_name,
        "framework": given.row.framework,
        "swapped": True if wrong else None,
    }
    recording.single(machine, "positional", given.mark, facts, ())
    return wrong or (not kept and not made and not any(_given_in(first) for _, first in pairs))


def _given_in(value: Value) -> bool:
    """Whether a value is data: labels, or what a script feeds."""
    return isinstance(value, Tensor) and value.origin in ("labels", "placeholder", "input")


def _logits_first(output: Value, labels: Value) -> bool:
    """Whether a model's output stands for the labels, and what is no output stands for the logits."""
    return _given_in(output) and model_made(labels)


def model_made(value: Value | None) -> TypeGuard[Tensor]:
    """Whether a value is what a network's layers gave."""
    return tensors.is_output(value) and value.quantity is not None


FED = "fed"
"""The origin of what a script feeds for labels, where nothing else is known of it."""

KERAS1 = re.compile(
    r"\b(?:nb_epoch|nb_filter|nb_row|border_mode|samples_per_epoch|output_dim|[Wb]_regularizer)\s*="
    r"|\b(?:Convolution|Deconvolution)[123]D\b|\bkeras\.objectives\b|\bimport merge\b"
    r"|\bModel\(input\s*=|\bimage_dim_ordering\b|\bMaxoutDense\b"
)
"""Names of Keras 1, which its first releases after that still take."""


def _early_keras(machine: Machine, output: Value | None) -> bool:
    """Whether a loss of Keras' backend is called in the order that it had before Keras 2.1, output first."""
    return not model_made(output) and KERAS1.search(machine.scope.module.source.text) is not None


SYMMETRIC = ("mse", "mae")
"""Families of losses that are the same with output and targets exchanged."""


def other_way_round(output: Value, labels: Value) -> bool:
    """Whether the second argument of a loss is the model's output, and the first certainly is not."""
    if not isinstance(labels, Tensor) or not model_made(labels):
        return False
    if isinstance(output, Sym):
        return output.key == labels.source or handed_out(output.key)
    if not isinstance(output, Tensor) or output.quantity is not None or output.origin == "model":
        return False
    known = output.encoding is not None or output.origin in ("features", "labels", "sample")
    return known or (output.key is not None and output.key == labels.source) or handed_out(output.key)


def handed_out(key: Key) -> bool:
    """Whether a value is what a loop over an unknown loader gets or a library's function, or a part of it."""
    return looped(key) or function_called(whole_of(key)) is not None


def looped(key: Key) -> bool:
    """Whether a value is what a loop over an unknown loader gets, or a step of a trainer, or a part of it."""
    whole = whole_of(key)
    return isinstance(whole, tuple) and len(whole) > 1 and whole[0] in ("element", "batch")


def whole_of(key: Key) -> Key:
    """What something is an item or an attribute of."""
    while isinstance(key, tuple) and len(key) > 1 and key[0] in ("item", "attr"):
        key = key[1]
    return key


def swapped(output: Tensor | None, labels: Tensor | None, family: object) -> bool:
    """Whether the model's output certainly stands in the labels' place, and labels in the output's.

    A network's output among the labels of what a script feeds leaves that nothing else to be, but for a
    divergence, which people turn round on purpose.
    """
    if output is None or output.quantity is not None:
        return False
    if output.origin == FED:
        return labels is not None and labels.origin == "model" and family != "kl"
    if not model_made(labels):
        return False
    encoded = output.origin == "labels" and output.encoding in ("index", "one-hot", "binary", "multi-hot")
    return encoded or output.origin == "placeholder"
