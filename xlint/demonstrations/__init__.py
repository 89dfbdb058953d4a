"""What a fault does to the numbers: the same scores and labels through the right and the wrong helper.

One function for each kind of fault, named by `demonstration` in the front matter of the rule pages. Nothing
is stored: every number is computed through xlint.numerics when asked for.
"""

from __future__ import annotations

from collections.abc import Callable

from xlint.demonstrations import activations, metrics, widths
from xlint.demonstrations.measuring import Demonstration, Measure

__all__ = ["DEMONSTRATIONS", "Demonstration", "Measure", "demonstrate"]

DEMONSTRATIONS: dict[str, Callable[[], Demonstration]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        widths.single_unit_softmax,
        widths.single_unit_categorical,
        widths.argmax_single_unit,
        widths.width_classes,
        widths.binary_loss_exclusive,
        widths.softmax_binary_loss,
        widths.multilabel_softmax,
        widths.two_unit_binary_labels,
        widths.sparse_loss_onehot,
        widths.onehot_loss_sparse,
        widths.label_dtype,
        widths.label_shape,
        activations.double_softmax,
        activations.missing_activation,
        activations.wrong_activation,
        activations.sigmoid_categorical,
        activations.nll_not_log,
        activations.redundant_log_softmax,
        activations.unstable_log,
        activations.softmax_axis,
        activations.swapped_args,
        metrics.metric_labels,
        metrics.metric_logits,
        metrics.regression_loss,
        metrics.accuracy_regression,
    )
}
"""All demonstrations by the name that a rule page gives."""


def demonstrate(name: str) -> Demonstration:
    """The demonstration of that name, computed now; raises KeyError if there is none."""
    return DEMONSTRATIONS[name]()
