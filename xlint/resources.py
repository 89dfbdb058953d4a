"""Where the rules lie: beside the code in an installed wheel, at the top of a checkout."""

from __future__ import annotations

from pathlib import Path


class MissingRulesError(Exception):
    """The folder of the rules is not where the installation should have put it."""


def rules_directory() -> Path:
    """The folder that holds the rule pages, `decision_table.toml` and `apis/`.

    In an installed wheel that is `xlint/_rules` inside the package, in a checkout (also one that is
    installed as editable) the folder `rules` beside the package. Raises MissingRulesError if neither exists.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_rules", package.parent / "rules"):
        if (folder / "apis").is_dir():
            return folder
    raise MissingRulesError(f"{package / '_rules'}: the rules are missing; install xlint again")
