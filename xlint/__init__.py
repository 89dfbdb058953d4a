"""xlint: a linter for losses, final activations and label encodings.

`xlint.scan(paths)` is what `xlint check` calls; see xlint.engine.scan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlint.engine import scan

__all__ = ["__version__", "scan"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`scan`, imported when it is first asked for: `import xlint` costs nothing."""
    if name == "scan":
        from xlint.engine import scan

        return scan
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
