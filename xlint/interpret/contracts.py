"""What a loss tells of its labels: the encoding that leaves no choice where nothing else is known of them."""

from __future__ import annotations

from collections.abc import Mapping

from xlint.apis import REGRESSION, Row
from xlint.interpret import frames, shapes
from xlint.interpret.machine import Machine
from xlint.interpret.values import Key, Tensor
from xlint.sites import Fact

DISTRIBUTIONS = ("softmax", "log_softmax")
"""What makes a distribution over classes: a divergence holds it against another."""


def apply(
    machine: Machine, row: Row, out: Tensor | None, target: Tensor | None, facts: dict[str, Fact]
) -> None:
    """Add an encoding that follows from the loss: a script that runs can have no other."""
    if facts.get("encoding") is not None or "classes" in facts:
        return
    family = facts.get("family")
    if row.get("targets") == "index" or family == "ctc" or (family == "softmax" and "ignore_index" in facts):
        facts["encoding"] = "index"
    elif family == "kl" and out is not None and out.width != 1 and out.activation in DISTRIBUTIONS:
        facts["encoding"] = "soft"
    elif family == "binary" and out is not None and out.width == 1:
        if (machine.judged and out.rank in (None, 2)) or _one_answer(out, target):
            facts["encoding"] = "binary"
    elif family in REGRESSION and not machine.judged and _given(out, target, facts):
        if out is not None and (out.activation == "none" or out.quantity == "other"):
            facts["encoding"] = "continuous"
    elif machine.judged and family == "categorical" and out is not None and out.width != 1:
        facts["encoding"] = "one-hot"


def column_for_each_unit(machine: Machine, labels: Key, facts: Mapping[str, Fact]) -> bool:
    """Whether several columns of a table meet several units that each stand for a question of their own."""
    if facts.get("width", 0) == 1 or not ("width" in facts or "width_symbol" in facts):
        return False
    if facts.get("family") != "binary" or facts.get("output_rank") not in (None, 2):
        return False
    rank = frames.axes(machine, labels)
    columns = rank == 2 or (rank == 1 and facts.get("label_rank") == 2)
    return columns and facts.get("activation") in ("none", "sigmoid")


def _given(out: Tensor | None, target: Tensor | None, facts: dict[str, Fact]) -> bool:
    """Whether labels come with the data: a data set's samples, what a model is fitted to, fed numbers."""
    if facts.get("called") == "compile":
        return True
    if target is None or target.origin != "fed":
        return target is not None and target.origin == "sample"
    return out is not None and out.width == 1 and str(target.dtype).startswith("float")


def _one_answer(out: Tensor, target: Tensor | None) -> bool:
    """Whether a binary loss gets one score or probability a sample, and labels that came from outside."""
    scored = out.quantity in ("logits", "probabilities") and out.activation in ("none", "sigmoid")
    if target is None:
        return False
    outside = target.origin in ("", "fed", "sample") and target.quantity is None and target.value is None
    column = target.shape in ((None,), (None, 1))
    single = column or target.rank in (None, out.rank)
    without = isinstance(out.key, tuple) and out.key[0] == shapes.SINGLE
    last = out.class_axis == -1 or without  # the channels of a map have an axis of their own
    flat = out.rank in (1, 2) or (out.rank is None and (column or last))
    return scored and flat and outside and single
