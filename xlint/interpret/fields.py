"""Fields of torchtext: how the columns of a data set become numbers, under names that its batches have."""

from __future__ import annotations

from collections.abc import Iterable

from xlint.apis import Row
from xlint.interpret import containers, creation, layers, library, records, sequences
from xlint.interpret.given import Given
from xlint.interpret.machine import Machine
from xlint.interpret.values import Const, Instance, Stream, Sym, Tensor, Tuple, Value


def vocabulary(target: Instance) -> Sym:
    """`field.vocab`: nobody knows it before the texts are read, but it equals itself."""
    return Sym(("attr", target.id, "vocab"))


def _fielded(machine: Machine, given: Given, value: Value | None) -> Value:
    """A data set, or several, whose samples have the parts that fields describe."""
    element = given.row.get("element")
    if element is not None:
        parts = [(name, given.get(parameter)) for name, parameter in element.items()]
    else:
        parts = _named(machine, given.of("fields"))
    known = [(name, _numbers(machine, field)) for name, field in parts if _is_field(field)]
    stream = Stream(records.new(machine, known, is_open=True), True, ("fielded", id(given.node)))
    return _one_or_several(machine, given, stream)


def _named(machine: Machine, listed: Value | None) -> list[tuple[str, Value | None]]:
    """The names and fields in `[("label", LABEL)]`, or in `{"column": ("label", LABEL)}`."""
    if isinstance(listed, Instance) and listed.cls == "dict":
        found: Iterable[Value] = containers.dict_values(machine, listed)
    else:
        found = containers.items(machine, listed) or () if listed is not None else ()
    pairs = [sequences.held(machine, item) for item in found]
    return [
        (str(pair.items[0].value), pair.items[1])
        for pair in pairs
        if isinstance(pair, Tuple) and len(pair.items) == 2 and isinstance(pair.items[0], Const)
    ]


def _is_field(value: Value | None) -> bool:
    return isinstance(value, Instance) and isinstance(value.cls, Row) and value.cls.op == "field"


def _numbers(machine: Machine, field: Value | None) -> Value:
    """A batch of what a field makes: the ids of words, or one class id for each sample."""
    assert isinstance(field, Instance) and isinstance(field.cls, Row) and field.mark is not None
    options = layers.options(field, field.mark.node)
    if options.constant("sequential") is not False:
        words = Tensor(dtype="int64", origin="features", key=("words", field.id))
        return Tuple((words, Tensor())) if options.constant("include_lengths") is True else words
    count = Sym(("length", vocabulary(field).key), "len(vocab)", whole=True)
    from_words = options.constant("use_vocab") is not False
    return Tensor(
        shape=(None,),
        encoding="index" if from_words else None,
        classes=count if from_words else None,
        dtype=creation.dtype_of(options.of("dtype_param"), "torch") or "int64",
        origin="labels",
        key=("labels", field.id),
        evidence=(machine.evidence("encoding", field.mark),),
    )


def _batches(machine: Machine, given: Given, value: Value | None) -> Value:
    """Iterators over data sets: each hands out what its own does."""
    if not given.row.get("several") or not isinstance(value, Instance | Tuple):
        stream = value if isinstance(value, Stream) else None
        return given.unknown_result() if stream is None else _one_or_several(machine, given, stream)
    parts = containers.items(machine, value)
    if parts is None or not all(isinstance(part, Stream) for part in parts):
        return given.unknown_result()
    return machine.new_list(parts)


def _one_or_several(machine: Machine, given: Given, stream: Stream) -> Value:
    return machine.new_list(None, element=stream) if given.row.get("several") else stream


OPERATIONS: dict[str, library.Operation] = {"fielded": _fielded, "fielded_batches": _batches}
