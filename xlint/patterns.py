"""Path patterns of the configuration: `*` and `?` stay within a folder, `**` crosses folders.

A pattern without a slash matches the name of a file, or of a folder and then all that is in it; a pattern
with a slash is matched from the folder of the configuration file.
"""

from __future__ import annotations

import os
import re
from functools import cache

_TOKEN = re.compile(r"\*\*/|/\*\*$|\*\*|\*|\?|\[!?\]?[^\]]*\]|.", re.DOTALL)


def matches(pattern: str, path: str, root: str) -> bool:
    """Whether `pattern`, read from the folder `root`, means `path` or a folder above it."""
    absolute = os.path.abspath(path)
    try:
        relative = os.path.relpath(absolute, root)
    except ValueError:  # another drive
        relative = os.pardir
    if relative.startswith(os.pardir):  # of a file outside of the root only the name counts
        relative = os.path.basename(absolute)
    return _compiled(pattern).fullmatch(relative.replace(os.sep, "/")) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """The expression of a pattern over a path with forward slashes, relative to the root."""
    plain = pattern.replace(os.sep, "/").removeprefix("./")
    anchored = "/" in plain.rstrip("/")
    body = "".join(_translate(token) for token in _TOKEN.findall(plain.strip("/")))
    start = "" if anchored else "(?:.*/)?"
    return re.compile(f"{start}{body}(?:/.*)?", re.DOTALL)


def _translate(token: str) -> str:
    """One piece of a pattern as a regular expression."""
    if token == "**/":
        return "(?:.*/)?"
    if token in ("/**", "**"):
        return ".*" if token == "**" else "/.*"
    if token == "*":
        return "[^/]*"
    if token == "?":
        return "[^/]"
    if len(token) > 2 and token.startswith("["):
        inner = token[1:-1].replace("\\", "\\\\")
        return f"[^{inner[1:]}]" if inner.startswith("!") else f"[{inner}]"
    return re.escape(token)
