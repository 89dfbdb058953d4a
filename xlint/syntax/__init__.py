"""The nodes that the interpreter walks: statements and expressions without white space and brackets.

They have the names and fields of libcst's nodes, as far as somebody reads them, and cost a tenth: libcst is
imported only where its own parser is needed. `lean_tree` makes them from Python's parse.
"""

from xlint.syntax.base import *  # noqa: F403
from xlint.syntax.blocks import *  # noqa: F403
from xlint.syntax.operations import *  # noqa: F403
from xlint.syntax.statements import *  # noqa: F403
from xlint.syntax.values import *  # noqa: F403
