"""`xlint config`: the settings in force and where each comes from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from xlint.commands import common

if TYPE_CHECKING:
    from xlint.config import Configuration

_SHOWN = (
    "select", "extend-select", "ignore", "severity", "fail-on", "per-file-ignores", "exclude",
    "extend-exclude", "force-exclude", "keras-backend", "apis", "cache-dir",
)  # fmt: skip


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATHS]...")
@click.option(
    "--format", "-f", "output_format", type=click.Choice(["text", "json"]), default="text",
    help="[default: text]",
)  # fmt: skip
@common.scan_options
def config(paths: tuple[str, ...], **options: Any) -> None:
    """Show the settings that a check of PATHS with the same options would use, and their origin."""
    found = common.configuration(list(paths) or ["."], options)
    values = in_force(found)
    if options["output_format"] == "json":
        shown = {key: {"value": value, "from": origin} for key, value, origin in values}
        click.echo(json.dumps({"file": found.file, "settings": shown}, indent=2))
        return
    click.echo(f"configuration file: {found.file or 'none'}")
    for key, value, origin in values:
        click.echo(f"{key} = {json.dumps(value)}  # {origin}")


def in_force(found: Configuration) -> list[tuple[str, Any, str]]:
    """Key, value and origin of each setting; of a key said twice, the value that wins."""
    rows = []
    for key in _SHOWN:
        field = key.replace("-", "_")
        origin = found.origins.get(key, "default")
        holder: Any = found.settings
        if origin.startswith("--") and hasattr(found.settings.command_line, field):
            holder = found.settings.command_line
        rows.append((key, getattr(holder, field), origin))
    return rows
