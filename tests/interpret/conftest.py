"""The tests of the interpreter end: one that hangs says where, and ends the run."""

from __future__ import annotations

import faulthandler
from collections.abc import Iterator

import pytest

HANGS_AFTER = 120
"""Seconds after which a test, which takes one or two, has gone wrong."""


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    """End the run where something would go on for ever."""
    faulthandler.dump_traceback_later(HANGS_AFTER, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
