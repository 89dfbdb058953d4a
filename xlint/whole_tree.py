"""libcst's own tree of a text: for syntax that `lean_tree` leaves, and for a closer look at single nodes.

Importing libcst costs more than the analysis of a dozen files, so that this module is imported when needed.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState

from xlint import syntax
from xlint.parsing import has_long_chains
from xlint.positions import Positions
from xlint.regions import Range

PARSE_STACK = 256 * 1024 * 1024
"""Stack of the thread that parses long chains: libcst's native parser recurses, and the usual 8 MB overflow
(which ends the process) on a sum of 10,000 terms. Only what is used takes memory."""

_stack_size_lock = threading.Lock()


class WholeTree:
    """The same program in libcst's nodes: what they say of ours."""

    def __init__(self, text: str, tree: cst.Module, module: syntax.Module) -> None:
        """Take the text, libcst's tree of it, and ours."""
        self._tree = tree
        self._twins = _twins(module, tree)
        self._positions = Positions(tree, text)

    def range(self, node: syntax.CSTNode) -> Range:
        """The region of a node."""
        return self._positions.range(self._twins[id(node)])

    def statement_lines(self, node: syntax.CSTNode) -> tuple[int, int]:
        """First and last line of the smallest statement that holds the node; see `Positions`."""
        return self._positions.statement_lines(self._twins[id(node)])

    def code(self, node: syntax.CSTNode) -> str:
        """The code of a node as it is written, with its comments."""
        return self._tree.code_for_node(self._twins[id(node)])

    def code_without_comments(self, node: syntax.CSTNode) -> str:
        """The code of a node. Raises RecursionError for an absurdly long one."""
        state = _WithoutComments("    ", "\n")
        self._twins[id(node)]._codegen(state)
        return "".join(state.tokens)


class _WithoutComments(CodegenState):
    """Generates code without its comments."""

    def before_codegen(self, node: cst.CSTNode) -> None:
        if type(node) is cst.Comment:
            self.tokens.append("")

    def after_codegen(self, node: cst.CSTNode) -> None:
        if type(node) is cst.Comment:
            self.tokens.pop()


def converted(tree: cst.Module) -> syntax.Module:
    """Our tree for libcst's; what we have no node for is `Unread`. Long chains do not overflow the stack."""
    module = _empty(tree)
    assert isinstance(module, syntax.Module)
    stack: list[tuple[syntax.CSTNode, cst.CSTNode]] = [(module, tree)]
    while stack:
        made, full = stack.pop()
        for name in type(made).__slots__:
            value = getattr(full, name)
            if name == "operator":
                field: Any = type(value).__name__
            elif name == "relative":
                field = len(value)
            elif isinstance(value, list | tuple):
                field = tuple([_empty(item) for item in value])
                stack.extend(zip(field, value, strict=True))
            elif isinstance(value, cst.CSTNode) and not isinstance(value, cst.ParamStar):
                field = _empty(value)
                stack.append((field, value))
            else:
                field = value if isinstance(value, str) else None
            setattr(made, name, field)
    return module


def _empty(full: cst.CSTNode) -> syntax.CSTNode:
    """A node of ours of the same kind, its fields still to be set."""
    kind: type[syntax.CSTNode] = getattr(syntax, type(full).__name__, syntax.Unread)
    return kind.__new__(kind)


def _twins(module: syntax.Module, tree: cst.Module) -> dict[int, cst.CSTNode]:
    """For the `id` of each of our nodes libcst's node for the same."""
    found: dict[int, cst.CSTNode] = {}
    stack: list[tuple[Any, Any]] = [(module, tree)]
    while stack:
        ours, full = stack.pop()
        if isinstance(ours, tuple):
            stack.extend(zip(ours, full, strict=True))
        elif isinstance(ours, syntax.CSTNode):
            found[id(ours)] = full
            stack.extend((getattr(ours, name), getattr(full, name)) for name in type(ours).__slots__)
    return found


def parse(text: str) -> cst.Module:
    """Parse with libcst, without its checks of each node and with the garbage collector off: a third quicker.

    What the parser builds is valid by construction; the checks are for nodes that people build.

    Text with so many operators that a chain of them could overflow the stack is parsed in a thread with a
    large one (the thread costs time, so not always). Raises what libcst raises.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        with _without_checks():
            return _parse_on_large_stack(text) if has_long_chains(text) else cst.parse_module(text)
    finally:
        if collecting:
            gc.enable()


@contextmanager
def _without_checks() -> Iterator[None]:
    cst.CSTNode.__post_init__ = _unchecked  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        cst.CSTNode.__post_init__ = _CHECKED  # type: ignore[method-assign]


_CHECKED = cst.CSTNode.__post_init__


def _unchecked(_node: cst.CSTNode) -> None:
    """In the place of the checks."""


def _parse_on_large_stack(text: str) -> cst.Module:
    result: list[cst.Module | BaseException] = []

    def run() -> None:
        try:
            result.append(cst.parse_module(text))
        except BaseException as error:
            result.append(error)

    if not _run_on_large_stack(run):
        run()
    outcome = result.pop()
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _run_on_large_stack(run: Callable[[], None]) -> bool:
    """Run in a thread with a large stack; False where the system does not give one."""
    with _stack_size_lock:
        try:
            before = threading.stack_size(PARSE_STACK)
        except (ValueError, RuntimeError):
            return False
        try:
            thread = threading.Thread(target=run, daemon=True)
            thread.start()
        except RuntimeError:
            return False
        finally:
            threading.stack_size(before)
    thread.join()
    return True
