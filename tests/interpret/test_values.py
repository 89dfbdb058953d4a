"""Abstract values: equality means the same number, and keys stay cheap however they are shared."""

from __future__ import annotations

import pytest

from xlint.apis import shipped_tables
from xlint.interpret.values import (
    Const,
    Instance,
    Sym,
    Tensor,
    Tuple,
    compose,
    dim_of,
    forget_keys,
    key_of,
    name_of,
    value_of_dim,
)


def test_symbols_are_equal_by_key_not_by_name() -> None:
    assert Sym(("len", "names"), "n_classes") == Sym(("len", "names"), "n_labels")
    assert Sym(("len", "names"), "n") != Sym(("len", "others"), "n")


def test_keys_tell_numbers_from_booleans_and_strings() -> None:
    keys = {key_of(Const(1)), key_of(Const(True)), key_of(Const("1")), key_of(Const(1.0))}
    assert len(keys) == 4


def test_equal_keys_mean_equal_values() -> None:
    assert key_of(Const(3)) == key_of(Const(3))
    assert key_of(Tuple((Const(1), Sym("n")))) == key_of(Tuple((Const(1), Sym("n"))))
    assert key_of(Tuple((Const(1),))) != key_of(Tuple((Const(2),)))
    assert key_of(Sym(("shape", "x", 1))) == key_of(Sym(("shape", "x", 1), "width"))


def test_tensors_without_a_key_are_each_their_own() -> None:
    one, two = Tensor(width=10), Tensor(width=10)
    assert key_of(one) != key_of(two)
    assert key_of(Tensor(key="labels")) == key_of(Tensor(key="labels"))


def test_objects_of_a_library_are_equal_with_equal_arguments_but_have_keys_of_their_own() -> None:
    layer = shipped_tables().row("torch.nn.Linear")
    assert layer is not None
    one = Instance(layer, 1, (("units", Const(10)),))
    two = Instance(layer, 2, (("units", Const(10)),))
    other = Instance(layer, 3, (("units", Const(11)),))
    assert one == two and hash(one) == hash(two)
    assert one != other
    assert key_of(one) != key_of(two)
    assert one.argument("units") == Const(10)
    assert one.argument("activation") is None


def test_what_holds_other_values_is_equal_to_itself_only() -> None:
    model = shipped_tables().row("torch.nn.Sequential")
    assert model is not None
    assert Instance("list", 1) == Instance("list", 1) != Instance("list", 2)
    assert Instance(model, 1) == Instance(model, 1) != Instance(model, 2)
    assert Instance("list", 1) != Instance("dict", 1)


def test_composed_keys_are_one_object() -> None:
    forget_keys()
    assert compose(("+", "a", "b")) is compose(("+", "a", "b"))
    assert compose(("+", "a", "b")) == ("+", "a", "b")
    assert compose("a") == "a"


def test_keys_that_share_their_parts_stay_cheap() -> None:
    """x = x + x, 400 times: as a tree that key has 2**400 leaves, and would never be hashed or compared."""
    forget_keys()
    one: object = "x"
    two: object = "x"
    for _ in range(400):
        one = Sym(("+", one, one)).key
        two = Sym(("+", two, two)).key
    assert one == two
    assert hash(one) == hash(two)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (Const(10), 10),
        (Const(10.0), 10),
        (Const(0), 0),
        (Const(-1), None),
        (Const(2.5), None),
        (Const(True), None),
        (Const("10"), None),
        (Const(None), None),
        (Const(float("nan")), None),
        (Const(float("inf")), None),
        (None, None),
    ],
)
def test_what_counts_as_a_size(value: Const | None, size: int | None) -> None:
    assert dim_of(value) == size


def test_sizes_and_values_turn_into_each_other() -> None:
    assert value_of_dim(7, "key", "n") == Const(7)
    symbol = Sym("classes", "num_classes")
    assert value_of_dim(dim_of(symbol), "key", "n") is symbol
    assert value_of_dim(None, "key", "n") == Sym("key")


def test_names_to_show() -> None:
    assert name_of(Const(10)) == "10"
    assert name_of(Sym("k", "num_classes")) == "num_classes"
    assert name_of(12) == "12"
    assert name_of(None) == ""
    assert name_of(Sym("k", "x" * 1000)) == ""


def test_the_rank_is_that_of_the_shape() -> None:
    assert Tensor(shape=(None, 10)).rank == 2
    assert Tensor(shape=()).rank == 0
    assert Tensor().rank is None
