"""Targets in the words of a loss: which encoding its family sees in them, and their facts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from xlint.apis import REGRESSION
from xlint.interpret import drawn, item_writes, literals
from xlint.interpret.values import Dim, Key, Sym, Tensor, name_of
from xlint.sites import Fact

BINARY_FAMILIES = ("binary", "focal-binary")
COLUMN_FAMILIES = (
    *BINARY_FAMILIES,
    "mse",
    "mae",
    "regression",
    "hinge",
    "soft-margin",
    "multilabel-soft-margin",
)
CLASS_FAMILIES = ("sparse", "softmax", "nll", "categorical", "focal-categorical", "categorical-hinge")

ROW_FAMILIES = ("softmax", "categorical", "focal-categorical")
"""Families that compare a number for each class; in PyTorch they take class indices too."""
COMPARED = ("compare", "chosen", "eq", "<", "in", "not")
"""Keys of truth values that a comparison gives."""


def _may_be_table(target: Tensor, out: Tensor | None) -> bool:
    """Whether truth values of unknown rank stand against several units: a table of them, or one column."""
    compared = isinstance(target.key, tuple) and target.key[0] in COMPARED
    several = out is not None and out.width not in (None, 1)
    return target.encoding == "binary" and target.shape is None and compared and several


def _both_known_and_differ(width: Dim, classes: Dim) -> bool:
    return isinstance(width, int) and isinstance(classes, int) and width != classes


def _is_map(target: Tensor, out: Tensor | None) -> bool:
    """Whether truth values are one for each place of an output of several units, not one for each unit."""
    compared = isinstance(target.key, tuple) and target.key[0] in COMPARED
    if not compared or target.shape is None or len(target.shape) < 3:
        return False
    places = target.shape[:-1] if target.shape[-1] == 1 else target.shape
    return out is not None and out.shape is not None and places[1:] == out.shape[1:-1]


def of_places(target: Tensor, axes: int | None) -> Tensor:
    """Zeros and ones written out as labels of a sparse loss, whose class indices have that many axes.

    No axis is left for the classes then. What a function has made one-hot is so, and wrong there.
    """
    written = target.class_axis is None and target.key is None and not target.certain
    if axes is None or target.rank != axes or not written or target.encoding not in ("one-hot", "multi-hot"):
        return target
    return replace(target, encoding="index", classes=None)


def as_labels(target: Tensor, family: str, framework: str, same_input: bool, out: Tensor | None) -> Tensor:
    """Labels in the words of the loss: 0/1 columns are `binary` for a binary loss, `index` for the others."""
    if _may_be_table(target, out):
        return replace(target, encoding=None, classes=None)
    width = out.width if out is not None else None
    if 0 < (target.value or 0) < 1 and width != 1 and family not in COLUMN_FAMILIES:
        return replace(target, encoding=None, classes=None)  # a share of each class
    if target.encoding == "counts":  # a binary loss takes those that are 0 or 1 only
        bits = family == "binary" and width != 1
        return replace(
            target, encoding="multi-hot" if bits else None, classes=target.classes if bits else None
        )
    if target.encoding == "multi-hot" and target.rank == 1:
        target = _of_one_axis(target, family, out)
    if target.encoding == "multi-hot" and _is_map(target, out):
        target = replace(target, encoding="binary", classes=2)
    if family in ROW_FAMILIES and framework != "torch" and target.rank == 1 and out and out.rank == 1:
        return _as_row(target)
    if target.encoding == "one-hot" and not target.certain and _both_known_and_differ(width, target.classes):
        # Ones written by hand into an array that need not have an axis of classes.
        return replace(target, encoding=None, classes=None)
    if perhaps_several(target) and family in BINARY_FAMILIES and width != 1:
        return replace(target, encoding=None, classes=None)  # of rows with several ones each is an answer too
    last = out.shape[-1] if width is None and out is not None and out.shape else width
    if target.rank == 1 and target.shape is not None and last == target.shape[0] not in (None, 1):
        # One row of a sample without a batch axis, or a batch that is as long as the output is wide.
        alone = out is not None and out.shape is not None and out.shape[0] == 1
        target = replace(target, shape=None, encoding=None if alone else target.encoding)
    real = target.encoding is None and target.origin == "features" and _takes_real(family, out)
    value_made = (
        target.encoding is None and target.origin == "model" and target.quantity in (None, "logits", "other")
    )
    amounts = target.encoding == "index" and target.origin == "written"
    ones = target.value is not None and (out is None or out.origin != "model")
    if family in REGRESSION and (amounts or ones):  # numbers as well as classes
        target = replace(target, encoding=None, classes=None)
    if family in REGRESSION and width == 1 and _whole_numbers(target):
        return replace(target, encoding="continuous")
    if same_input or real or (value_made and family in REGRESSION and framework == "torch"):
        return replace(target, encoding="continuous", classes=None)
    column = width == 1 or (target.shape is not None and len(target.shape) > 1 and target.shape[-1] == 1)
    if family in COLUMN_FAMILIES or (family == "other" and column):
        return _as_columns(target, family, out)
    return _as_classes(target, family, framework, out) if family in CLASS_FAMILIES else target


def _whole_numbers(target: Tensor) -> bool:
    """Whether labels are whole numbers that were written out and do not count up from 0, as classes do."""
    return target.encoding == "index" and target.classes is None and bool(literals.numbers_in(target.key))


def _of_one_axis(target: Tensor, family: str, out: Tensor | None) -> Tensor:
    """Ones in a row of zeros: of several classes, or for some samples, where each row of outputs has one."""
    rank, width = (None, None) if out is None else (out.rank, out.width)
    if (family in COLUMN_FAMILIES and width == 1) or (family in CLASS_FAMILIES and (rank or 0) > 1):
        return replace(target, encoding="binary", classes=2, certain=False)
    unknown = family in CLASS_FAMILIES and rank is None
    return replace(target, encoding=None, classes=None) if unknown else target


def perhaps_several(target: Tensor) -> bool:
    """Whether one-hot rows may have several ones, as a place that was written may be a list of places."""
    doubt = any(item.fact == item_writes.PERHAPS_SEVERAL for item in target.evidence)
    return doubt and target.encoding == "one-hot"


def _as_row(target: Tensor) -> Tensor:
    """Labels beside an output of one axis: they are one row with a number for each class."""
    numbers = target.key[1] if isinstance(target.key, tuple) and target.key[0] == "literal" else ()
    hot = sorted(numbers) == [0] * (len(numbers) - 1) + [1]
    encoding, classes = ("one-hot", len(numbers)) if hot else (None, None)
    return replace(target, encoding=encoding, classes=classes, certain=hot)


def _as_columns(target: Tensor, family: str, out: Tensor | None) -> Tensor:
    """Labels of a loss that compares each unit with a column of its own."""
    width = out.width if out is not None else None
    last = target.shape[-1] if target.shape and len(target.shape) >= 2 else None
    counted = isinstance(target.classes, int)
    if target.encoding == "index" and last in (None, 1):
        one_unit = width == 1 and not counted and family not in REGRESSION  # those take whole numbers, too
        if target.classes == 2 or one_unit:
            return replace(target, encoding="binary", classes=2, certain=target.certain and counted)
        if family == "binary" and width is None and not counted:
            return replace(target, encoding=None)  # 0/1 as well as more
    if target.encoding == "continuous" and family in BINARY_FAMILIES:
        return _as_chances(target)
    one_map = out is not None and width == 1 and out.rank is not None and out.rank == target.rank
    if target.encoding == "multi-hot" and one_map:
        return replace(target, encoding="binary", classes=2)
    if target.encoding is None and family == "binary" and width == 1 and _are_bits(target.key):
        return replace(target, encoding="binary", classes=2)
    bits = target.classes == 2 and isinstance(target.key, tuple) and target.key[0] == "random"
    if target.encoding is None and bits and family not in REGRESSION and one_map:
        return replace(target, encoding="binary")
    if target.encoding is None and bits and family not in REGRESSION and last == width != 1:
        return replace(target, encoding="multi-hot", classes=width)
    return target


def _as_chances(target: Tensor) -> Tensor:
    """Real numbers as a binary loss takes them: written ones from 0 to 1 are chances, one or two of them 0/1
    labels that were smoothed.
    """
    numbers = literals.numbers_in(target.key)
    if not numbers or not all(0 <= number <= 1 for number in numbers):
        return target
    smoothed = len(numbers) == 1 or _about_two(numbers)
    return replace(target, encoding="binary" if smoothed else None, classes=2 if smoothed else None)


def _about_two(numbers: Collection[float]) -> bool:
    """Whether two numbers are a 0 and a 1 that may have been smoothed."""
    return len(numbers) == 2 and 0 <= min(numbers) < 0.5 < max(numbers) <= 1


def _are_bits(key: Key) -> bool:
    """Whether labels can be only 0 and 1, perhaps smoothed, as a binary loss takes them."""
    if not isinstance(key, tuple):
        return False
    if key[0] == "chosen":  # numbers written over parts of a column
        return _about_two(key[1])
    if key[0] == "written":  # ones written into zeros, nobody knows how many a row
        return isinstance(key[1], tuple) and key[1][:1] == ("filled",)
    return key[0] == "//" or drawn.is_narrow(key)  # whole numbers, as `mask // 255`, or random ones


def _as_classes(target: Tensor, family: str, framework: str, out: Tensor | None) -> Tensor:
    """Labels of a loss over exclusive classes."""
    last = target.shape[-1] if target.shape and len(target.shape) >= 2 else None
    if target.encoding == "binary":
        table = isinstance(last, Sym) and family in ROW_FAMILIES and framework != "torch"
        many = table or (isinstance(last, int) and last > 1)
        whole = framework == "torch" and family in ("softmax", "nll") and target.dtype == "int64"
        filled = target.value is not None and target.shape is None and not whole
        index = not many and not filled
        both = index and target.value is None  # one number alone does not tell how many there are
        return replace(target, encoding="index" if index else None, classes=2 if both else None)
    if target.encoding is None and framework == "torch" and family in ("softmax", "nll"):
        indices = target.dtype in ("int64", "uint8") or _one_axis_less(target, out)
        other = target.origin == "model" or (target.dtype == "float" and target.origin in ("", "sample"))
        return replace(target, encoding="index") if indices and not other else target
    integers = target.dtype in ("int64", "int32", "uint8", "int8")
    flat = target.rank is None or target.rank <= 1
    if target.encoding is None and family == "sparse" and framework == "tensorflow" and integers and flat:
        return replace(target, encoding="index")
    return target


def _one_axis_less(target: Tensor, out: Tensor | None) -> bool:
    """Whether labels have no axis of classes where the output has one."""
    if target.rank is None or out is None or out.class_axis is None:
        return False
    return target.rank == 1 or (out.rank is not None and target.rank == out.rank - 1)


def _takes_real(family: str, out: Tensor | None) -> bool:
    """Whether a loss compares real numbers, as a binary cross-entropy does the pixels of images."""
    many = out is not None and (out.width not in (None, 1) or (out.rank is not None and out.rank > 2))
    return family in REGRESSION or (family == "binary" and many)


def label_facts(target: Tensor, facts: dict[str, Fact]) -> None:
    """Add what is known of labels to the facts."""
    facts["encoding"] = target.encoding
    if isinstance(target.classes, int) and target.classes > 0:
        facts["classes"] = target.classes
        facts["classes_certain"] = target.certain or None
    elif isinstance(target.classes, Sym):
        facts["classes_symbol"] = target.classes.name or "?"
        facts["classes_certain"] = target.certain or None
    if target.encoding == "one-hot" or (target.encoding == "index" and target.origin == "labels"):
        facts["exclusive"] = True
    elif target.encoding == "multi-hot":
        facts["exclusive"] = False
    facts["label_dtype"] = target.dtype
    facts["label_rank"] = target.rank
    if target.shape is not None:
        facts["label_shape"] = shape_text(target.shape)
        if target.shape and isinstance(target.shape[-1], int) and len(target.shape) > 1:
            facts["label_last"] = target.shape[-1]


def shape_text(shape: tuple[Dim, ...]) -> str:
    """A shape in words: (N, 10)."""
    parts = [
        str(d) if isinstance(d, int) else (name_of(d) or ("N" if i == 0 else "?"))
        for i, d in enumerate(shape)
    ]
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
