"""The store keeps branches apart: what one side of a condition wrote never meets what the other wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlint.interpret.store import (
    MAX_ALTERNATIVES,
    Store,
    alternatives,
    bounds,
    combinations,
    consistent,
    either,
    join,
    known_bool,
)
from xlint.interpret.values import NO_GUARDS, Choice, Const, Key, Sym, key_of

A, B = Const("a"), Const("b")
FLAG = ("name", "flag")
OTHER = ("name", "other")


def when(*decisions: tuple[Key, bool]) -> frozenset[tuple[Key, bool]]:
    return frozenset(decisions)


def less(subject: Key, number: float) -> Key:
    return ("<", subject, key_of(Const(number)))


def more(subject: Key, number: float) -> Key:
    return ("<", key_of(Const(number)), subject)


def equal(subject: Key, value: object) -> Key:
    return ("eq", subject, key_of(Const(value)))


def test_undoing_a_branch_restores_what_was_there() -> None:
    store = Store()
    store.set(1, "kept", A)
    store.push()
    store.set(1, "kept", B)
    store.set(1, "made", B)
    diff = store.pop()
    assert store.get(1, "kept") == A
    assert store.get(1, "made") is None
    assert diff == {(1, "kept"): B, (1, "made"): B}


def test_undoing_goes_back_to_before_the_first_of_several_writes() -> None:
    store = Store()
    store.set(1, "x", A)
    store.push()
    store.set(1, "x", B)
    store.set(1, "x", Const("c"))
    store.pop()
    assert store.get(1, "x") == A


def test_an_inner_branch_that_is_kept_is_undone_with_the_outer_one() -> None:
    store = Store()
    store.set(1, "x", A)
    store.push()
    store.set(1, "x", Const("c"))
    store.push()
    store.set(1, "x", B)
    store.commit()
    assert store.get(1, "x") == B
    store.pop()
    assert store.get(1, "x") == A


def test_merged_branches_become_alternatives_under_their_decisions() -> None:
    store = Store()
    diffs = []
    for polarity, value in ((True, A), (False, B)):
        store.push()
        store.set(1, "loss", value)
        diffs.append((when((FLAG, polarity)), store.pop()))
    store.merge(diffs)
    merged = store.get(1, "loss")
    assert isinstance(merged, Choice)
    assert {value: guards for guards, value in merged.alternatives} == {
        A: when((FLAG, True)),
        B: when((FLAG, False)),
    }


def test_a_branch_that_does_not_write_keeps_the_value_from_before() -> None:
    store = Store()
    store.set(1, "loss", A)
    store.merge([(when((FLAG, True)), {(1, "loss"): B}), (when((FLAG, False)), {})])
    merged = store.get(1, "loss")
    assert isinstance(merged, Choice)
    assert (when((FLAG, False)), A) in merged.alternatives


def test_equal_values_of_both_sides_are_one_value() -> None:
    store = Store()
    store.merge([(when((FLAG, True)), {(1, "x"): A}), (when((FLAG, False)), {(1, "x"): Const("a")})])
    assert store.get(1, "x") == A


def test_the_path_hides_the_alternatives_that_it_excludes() -> None:
    store = Store()
    value = join([(when((FLAG, True)), A), (when((FLAG, False)), B)])
    assert store.visible(value) == value
    store.assume(FLAG, True)
    assert store.visible(value) == A
    other = Store()
    other.assume(FLAG, False)
    assert other.visible(value) == B


@pytest.mark.parametrize(
    ("assumed", "polarity", "asked", "answer"),
    [
        (FLAG, True, FLAG, True),
        (FLAG, False, FLAG, False),
        (FLAG, True, ("not", FLAG), False),
        (("not", FLAG), True, FLAG, False),
        (FLAG, True, OTHER, None),
        (("and", FLAG, OTHER), True, OTHER, True),
        (("and", FLAG, OTHER), False, OTHER, None),
        (("or", FLAG, OTHER), False, OTHER, False),
        (("or", FLAG, OTHER), True, OTHER, None),
        (equal("mode", "binary"), True, equal("mode", "multi"), False),
        (equal("mode", "binary"), False, equal("mode", "multi"), None),
        (equal("mode", "binary"), True, equal("loss", "multi"), None),
        (less("n", 3), True, equal("n", 3), False),
        (less("n", 3), True, equal("n", 2), None),
        (less("n", 3), True, more("n", 2), False),
        (more("n", 2), True, less("n", 3), False),
        (more("n", 2), False, less("n", 3), True),
        (equal("n", 1), True, more("n", 1), False),
        (equal("n", 1), True, less("n", 2), True),
        (more("n", 2), True, more("n", 1), True),
        (more("n", 1), True, more("n", 2), None),
    ],
)
def test_what_one_decision_says_about_another(
    assumed: Key, polarity: bool, asked: Key, answer: bool | None
) -> None:
    store = Store()
    store.assume(assumed, polarity)
    assert store.decided(asked) is answer


def test_bounds_of_comparisons_with_whole_numbers() -> None:
    infinity = float("inf")
    assert bounds(equal("n", 2), True) == (2, 2)
    assert bounds(equal("n", 2), False) is None
    assert bounds(less("n", 3), True) == (-infinity, 2)
    assert bounds(less("n", 3), False) == (3, infinity)
    assert bounds(more("n", 1), True) == (2, infinity)
    assert bounds(more("n", 1), False) == (-infinity, 1)
    assert bounds(less("n", 2.5), True) == (-infinity, 2)
    assert bounds(FLAG, True) is None


def _truth(key: Key, number: int) -> bool:
    """Whether a comparison of "n" holds for a number: the meaning that the intervals must keep to."""
    assert isinstance(key, tuple)
    kind, left, right = key
    if kind == "eq":
        return bool(number == right[2])
    return bool(number < right[2]) if left == "n" else bool(left[2] < number)


comparisons = st.builds(
    lambda make, number: make("n", number), st.sampled_from([less, more, equal]), st.integers(-4, 4)
)


@given(comparisons, st.booleans(), comparisons, st.booleans())
def test_decisions_contradict_each_other_only_where_no_number_fulfils_both(
    first: Key, polarity: bool, second: Key, opposite: bool
) -> None:
    both = any(
        _truth(first, number) is polarity and _truth(second, number) is opposite for number in range(-10, 11)
    )
    if both:
        assert consistent([(first, polarity), (second, opposite)])


@given(comparisons, comparisons)
def test_two_comparisons_that_no_number_fulfils_contradict_each_other(first: Key, second: Key) -> None:
    if not any(_truth(first, number) and _truth(second, number) for number in range(-10, 11)):
        assert not consistent([(first, True), (second, True)])


@given(comparisons, st.booleans(), comparisons)
def test_what_is_decided_is_true_of_every_number_left(assumed: Key, polarity: bool, asked: Key) -> None:
    store = Store()
    store.assume(assumed, polarity)
    answer = store.decided(asked)
    left = [number for number in range(-10, 11) if _truth(assumed, number) is polarity]
    if answer is not None:
        assert all(_truth(asked, number) is answer for number in left)


def test_join_drops_what_cannot_be() -> None:
    inner = join([(when((FLAG, True)), A), (when((FLAG, False)), B)])
    assert join([(when((FLAG, True)), inner)]) == A


def test_join_gives_up_on_very_many_alternatives() -> None:
    options = [(when((equal("n", number), True)), Const(number)) for number in range(MAX_ALTERNATIVES + 1)]
    assert isinstance(join(options), Sym)
    assert len(alternatives(join(options[:-1]))) == MAX_ALTERNATIVES


def test_two_joined_unknowns_are_not_equal() -> None:
    def many(first: int) -> object:
        numbers = range(first, first + MAX_ALTERNATIVES + 1)
        return join([(when((equal("n", number), True)), Const(number)) for number in numbers])

    one, two = many(0), many(100)
    assert one != two


def test_either_of_two_sets_of_decisions() -> None:
    assert either(when((FLAG, True)), when((FLAG, False))) == NO_GUARDS
    assert either(when((FLAG, True), (OTHER, True)), when((FLAG, True))) == when((FLAG, True))
    assert either(when((FLAG, True), (OTHER, True)), when((FLAG, True), (OTHER, False))) == when((FLAG, True))
    assert either(when((FLAG, True)), when((OTHER, False))) is None


def test_combinations_never_mix_the_sides_of_a_condition() -> None:
    units = join([(when((FLAG, True)), Const(1)), (when((FLAG, False)), Const(10))])
    activation = join([(when((FLAG, True)), Const("sigmoid")), (when((FLAG, False)), Const("softmax"))])
    found = {values for _, values in combinations([units, activation])}
    assert found == {(Const(1), Const("sigmoid")), (Const(10), Const("softmax"))}


def test_combinations_of_unrelated_conditions_are_all_there() -> None:
    units = join([(when((FLAG, True)), Const(1)), (when((FLAG, False)), Const(10))])
    loss = join([(when((OTHER, True)), A), (when((OTHER, False)), B)])
    assert len(combinations([units, A, loss])) == 4


def test_truth_is_known_of_constants_only() -> None:
    assert known_bool(Const(0)) is False
    assert known_bool(Const("x")) is True
    assert known_bool(Sym(FLAG)) is None
