"""The machine: state, budgets, branches and calls into the project's own functions and classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from xlint import syntax as cst
from xlint.apis import Row, Tables
from xlint.interpret import conditions
from xlint.interpret.scopes import Frame, Module, Scope
from xlint.interpret.store import Diff, Store, join
from xlint.interpret.values import (
    NO_GUARDS,
    NONE,
    Api,
    Choice,
    ClassValue,
    Const,
    Function,
    Guards,
    Instance,
    Key,
    Sym,
    Tensor,
    Tuple,
    Value,
    compose,
    forget_keys,
    key_of,
)
from xlint.leads import Leads
from xlint.project import Project
from xlint.sites import Evidence, Mark, Site

MAX_DEPTH = 28
MAX_SAME_FUNCTION = 2
ALL_STEPS = 160_000
STEPS_A_LINE = 20
LENT_SHARE, SMALLEST_LOAN = 0.7, 300
UNIT_STEPS = 80_000
"""Expressions and statements evaluated in one unit: a module's top level, or one function nobody calls."""

Option = tuple[Guards, Callable[[], Value]]
EXPRESSIONS: dict[type, Callable[[Machine, Any], Value]] = {}
"""How to evaluate each type of expression; expressions.py fills it."""


class BudgetSpentError(Exception):
    """The unit under interpretation costs too much; what is known so far stays."""


@dataclass(frozen=True, slots=True)
class Loan:
    """What a caller gets back after a call: its limit, and the state to return to."""

    limit: int
    journals: int
    splits: int
    loops: int
    left: int


def _again(result: Value, frame: Frame) -> bool:
    """Whether a call gives what one more call of the same function, too deep to be followed, would give."""
    key = result.key if isinstance(result, Sym) else None
    return isinstance(key, tuple) and key[:2] == ("again", id(frame.node))


class Machine:
    """Everything that one analysis knows. Evaluation lives in expressions.py, statements.py and calls.py."""

    def __init__(self, project: Project, tables: Tables, leads: Leads | None = None) -> None:
        """Take where modules are found, the tables, and what spares functions that show nothing."""
        forget_keys()
        self.project = project
        self.tables = tables
        self.leads = leads
        self.store = Store()
        self.modules: dict[str, Module] = {}
        self.sites: list[Site] = []
        self.compiled: list[Any] = []
        self.stack: list[Frame] = []
        self.called: set[int] = set()
        self.instances: dict[int, list[Instance]] = {}
        self.functions: list[Function] = []
        self.classes: list[ClassValue] = []
        self.recording = True
        self.deferred: list[Any] = []
        self.fed: dict[Key, list[Value]] = {}
        self.own_losses: dict[str, int] = {}
        """Functions whose result a script descends on, with the number of arguments that they take then."""
        self.candidates: dict[Key, Any] = {}
        """Calls whose results are losses if training descends on them; None where it has been seen to."""
        self.wrappers: list[Any] = []
        """Those of them around losses of libraries."""
        self.usage: dict[Key, list[tuple[str, Guards]]] = {}
        """Encodings of labels, by what the script does with them, and the decisions under which it does."""
        self.object_columns: set[object] = set()
        """Names of columns that the script wrote into tables, and whose cells may be lists; None for any."""
        self.columns: dict[int, dict[object, None]] = {}
        """Names of the columns that the script wrote into each table, on any path."""
        self.loops = 0
        """Loops around the present statement, run once for an unknown number of turns."""
        self.loop_starts: dict[int, tuple[int, tuple[Key, ...], int | None]] = {}
        """For each, 1 the outermost: how many decisions were made, what it counts, the first object in it."""
        self.left: list[tuple[tuple[tuple[Key, bool], ...], Diff]] = []
        """What turns of loops wrote before they were left early, with the decisions that led there."""
        self.asked: dict[int, bool] = {}
        """Bodies of loops by id, and whether they ask which turn it is."""
        self.made_in: dict[int, int] = {}
        """How many such loops stood around the place where a list was made, if any."""
        self.counts: list[tuple[int, str, Sym]] = []
        """Attributes counted up in these loops: the object, the name, and what stands for the number."""
        self.untrained = False
        """Whether the site at hand is a compile that another replaces before any fit."""
        self.judged = False
        """Whether the model being fitted is judged by an accuracy or the like."""
        self.judged_outputs: dict[object, bool] | None = None
        """The same for each output, where the metrics are given for each."""
        self.activated = 0
        """How many activations the run has applied."""
        self.backend: str | None = None
        self.switched_off: dict[int, list[Site]] = {}
        self.split: list[tuple[Key, bool]] = []
        """Decisions under which one value of several is being used: they belong to the facts of a site."""
        self.visit = 0
        self.steps = 0
        self.allowed = ALL_STEPS
        self.limit = UNIT_STEPS
        self._ids = 0
        self.scope: Scope = None  # type: ignore[assignment]

    # -- identity and evidence

    def new_id(self) -> int:
        """A fresh identity for a scope or an object."""
        self._ids += 1
        return self._ids

    def mark(self, node: cst.CSTNode) -> Mark:
        """A mark for a node of the module being executed."""
        return Mark(self.scope.module.source, node)

    def evidence(self, fact: str, node: cst.CSTNode | Mark, text: str = "") -> Evidence:
        """Evidence for a fact at a node of the module being executed."""
        return Evidence(fact, node if isinstance(node, Mark) else self.mark(node), text)

    def unknown(self, node: cst.CSTNode, name: str = "") -> Sym:
        """An unknown value that stands for what this node gives."""
        return Sym(("node", id(node), self._ids), name)

    def instance(
        self,
        cls: ClassValue | Row | str,
        args: tuple[tuple[str, Value], ...] = (),
        node: cst.CSTNode | None = None,
    ) -> Instance:
        """A fresh object."""
        return Instance(cls, self.new_id(), args, None if node is None else self.mark(node))

    def new_list(
        self, items: Sequence[Value] | None, element: Value | None = None, kind: str = "list"
    ) -> Instance:
        """A fresh list or set; `element` summarizes the items where they are not known one by one."""
        result = self.instance(kind)
        if self.loops:
            self.made_in[result.id] = self.loops
        if items is not None:
            self.store.set(result.id, "items", Tuple(tuple(items)))
        elif element is not None:
            self.store.set(result.id, "element", element)
        return result

    # -- budgets

    def evaluate(self, node: cst.CSTNode) -> Value:
        """The abstract value of an expression."""
        self.steps += 1
        if self.steps > self.limit:
            raise BudgetSpentError
        handler = EXPRESSIONS.get(type(node))
        return self.unknown(node) if handler is None else handler(self, node)

    @contextmanager
    def unit(self, lines: int = 0) -> Iterator[None]:
        """Run a unit of work on a budget of its own; spent budgets and absurd depth end only this unit.

        `lines` is the length of a top level: each of its lines adds to the budget.
        """
        store, stack, scope = self.store, len(self.stack), self.scope
        journals, path, left = len(store.journals), len(store.path), len(self.left)
        before, loops = self.limit, self.loops
        self.allowed += min(lines * STEPS_A_LINE, UNIT_STEPS)
        self.limit = min(self.steps + UNIT_STEPS + lines * STEPS_A_LINE, self.allowed)
        try:
            yield
        except (BudgetSpentError, RecursionError):
            while len(store.journals) > journals:
                store.commit()
        finally:
            store.back_to(path)
            del self.stack[stack:], self.left[left:]
            self.scope = scope
            self.loops = loops
            self.limit = max(before, self.steps + 1)

    def lend(self) -> Loan:
        """Lend a call most of the steps that are left, so that a costly call does not end its caller."""
        loan = Loan(self.limit, len(self.store.journals), len(self.split), self.loops, len(self.left))
        left = self.limit - self.steps
        self.limit = self.steps + max(int(left * LENT_SHARE), min(left, SMALLEST_LOAN))
        return loan

    def recover(self, loan: Loan) -> bool:
        """Go on in the caller after a call has used up its loan; False where the caller has nothing left."""
        if self.steps >= loan.limit:
            return False
        while len(self.store.journals) > loan.journals:
            self.store.commit()
        del self.split[loan.splits :], self.left[loan.left :]
        self.loops = loan.loops
        return True

    # -- names

    def lookup(self, name: str) -> Value | None:
        """The value of a name, or None where it is unbound."""
        data = self.store.data
        scope: Scope | None = self.scope
        first = True
        while scope is not None:
            if first or scope.kind != "class":
                value = data.get((scope.id, name))
                if value is not None:
                    return self.store.visible(value) if type(value) is Choice else value  # type: ignore[no-any-return]
            first = False
            scope = scope.parent
        return None

    def bind(self, name: str, value: Value) -> None:
        """Assign a name in the present scope, or where `global` and `nonlocal` say."""
        scope = self.scope
        if name in scope.outside:
            for outer in scope.chain():
                if outer is not scope and (
                    self.store.get(outer.id, name) is not None or outer.kind == "module"
                ):
                    scope = outer
                    break
        self.store.set(scope.id, name, value)

    @contextmanager
    def inside(self, scope: Scope) -> Iterator[None]:
        """Evaluate in another scope."""
        before = self.scope
        self.scope = scope
        try:
            yield
        finally:
            self.scope = before

    # -- branches

    def truth(self, value: Value) -> tuple[bool | None, Key]:
        """Whether a value is true; where that is unknown, the key of the condition."""
        value = self.store.visible(value)
        if isinstance(value, Const | Tuple):
            return bool(value.value if isinstance(value, Const) else value.items), None
        if isinstance(value, Instance):
            items = self.store.visible(self.store.get(value.id, "items"))
            sure = isinstance(items, Tuple) and (items.items or self.store.get(value.id, "grown") is None)
            if sure and value.cls in ("list", "set"):
                return bool(items.items), None
            return (None, ("truth", value.id)) if isinstance(value.cls, str) else (True, None)
        if isinstance(value, Sym):
            return self._truth_of_symbol(value)
        if isinstance(value, Choice):
            return self._truth_of_choice(value)
        return (None, ("truth", key_of(value))) if isinstance(value, Tensor) else (True, None)

    def _truth_of_symbol(self, value: Sym) -> tuple[bool | None, Key]:
        decided = self.store.decided(value.key)
        if decided is not None:
            return decided, None
        if isinstance(value.default, Const):
            self.store.defaults.setdefault(value.key, bool(value.default.value))
        return None, value.key

    def _truth_of_choice(self, value: Choice) -> tuple[bool | None, Key]:
        truths = [(guards, *self.truth(item)) for guards, item in value.alternatives]
        truth, key = conditions.of_alternatives(truths)
        return truth, key or (None if truth is not None else compose(("choice", *truths)))

    def branch(self, key: Key, then: Callable[[], Value], other: Callable[[], Value]) -> Value:
        """Run both sides of a condition apart and join what they did and gave."""
        results = self.apart([(frozenset({(key, True)}), then), (frozenset({(key, False)}), other)])
        return join(results) if results else NONE

    def apart(self, options: Sequence[Option], split: bool = False) -> list[tuple[Guards, Value]]:
        """Run alternatives that exclude each other from the same state, and merge their effects."""
        store = self.store
        diffs: list[tuple[Guards, Any]] = []
        results: list[tuple[Guards, Value]] = []
        depth, since = len(store.path), self.new_id()
        for guards, run in options:
            if not store.allows(guards):
                continue
            store.push()
            for key, polarity in guards:
                store.assume(key, polarity)
            before = len(self.split)
            if split:
                self.split.extend(guards)
            try:
                results.append((guards, run()))
            finally:
                del self.split[before:]
                store.back_to(depth)
                diffs.append((guards, store.pop()))
        return store.merge(diffs, since).unified(results)

    def each(self, value: Value, run: Callable[[Value], Value]) -> Value:
        """Apply something with effects to each alternative of a value."""
        value = self.store.visible(value)
        if type(value) is not Choice:
            return run(value)
        if conditions.too_many(self.split):
            return Sym(("taken apart too often", key_of(value)))
        options: list[Option] = [(guards, partial(run, item)) for guards, item in value.alternatives]
        if not self.split:
            self.visit += 1
        results = self.apart(options, split=True)
        return join(results) if results else NONE

    # -- calls

    def too_deep(self, node: cst.CSTNode) -> bool:
        """Whether one more call of this function would exceed the bounds on depth and recursion."""
        if len(self.stack) >= MAX_DEPTH:
            return True
        return sum(frame.node is node for frame in self.stack) >= MAX_SAME_FUNCTION

    @contextmanager
    def frame(self, frame: Frame, scope: Scope) -> Iterator[None]:
        """Enter a call: a journal of its own, so that every way out of it can be merged."""
        before, depth = self.scope, len(self.store.path)
        self.stack.append(frame)
        self.scope = scope
        self.store.push()
        frame.journal_depth = len(self.store.journals) - 1
        frame.path_depth = depth
        try:
            yield
        finally:
            self.scope = before
            self.stack.pop()
            self.store.back_to(depth)

    def leave(self, frame: Frame, result: Value) -> None:
        """Note one way out of the present call, with what it returns."""
        guards = frozenset(self.store.path[frame.path_depth :])
        straight = len(self.store.journals) == frame.journal_depth + 1
        diff = None if straight and not frame.exits else self.store.written_since(frame.journal_depth)
        frame.exits.append((guards, diff, result))

    def finish(self, frame: Frame) -> Value:
        """Merge all ways out of a call; called inside `frame`."""
        store, local = self.store, None if self.scope.captured else self.scope.id
        # What a function gets by calling itself is what it gives on another way out.
        frame.exits = [way for way in frame.exits if not _again(way[2], frame)] or frame.exits or frame.raised
        if len(frame.exits) == 1:
            _, diff, result = frame.exits[0]
            if diff is not None:
                store.apply({slot: value for slot, value in diff.items() if slot[0] != local})
            if local is not None:
                store.forget(local)
            store.commit()
            return result
        present = store.pop()
        branches = []
        for guards, diff, _ in frame.exits:
            kept = present if diff is None else diff
            branches.append((guards, {slot: value for slot, value in kept.items() if slot[0] != local}))
        made = store.merge(branches, self.scope.id)
        results = made.unified([(guards, value) for guards, _, value in frame.exits])
        return join(results) if results else NONE

    def guards(self) -> Guards:
        """The decisions on the present path."""
        return frozenset(self.store.path) if self.store.path else NO_GUARDS

    def api(self, name: str) -> Value:
        """A library's name as a value."""
        canonical = self.tables.canonical(name)
        row = self.tables.row(canonical)
        return Const(row.get("value")) if row is not None and row.op == "constant" else Api(canonical, row)
