"""`xlint clean`: delete the cache."""

from __future__ import annotations

import os
import shutil
from typing import Any

import click

from xlint.commands import common


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATHS]...")
@click.option("--cache-dir", metavar="FOLDER", help="The cache to delete. [default: .xlint_cache]")
@click.option("--config", metavar="FILE", help="Read this configuration file.")
@click.option("--isolated", is_flag=True, help="Read no configuration file.")
def clean(paths: tuple[str, ...], **options: Any) -> None:
    """Delete the cache that a check of PATHS would use."""
    settings = common.configuration(list(paths) or ["."], options).settings
    folder = settings.cache_dir or os.path.join(settings.root, ".xlint_cache")
    if not os.path.isdir(folder):
        click.echo(f"{folder}: nothing to delete", err=True)
        return
    ours = os.path.basename(folder) == ".xlint_cache" or os.path.exists(os.path.join(folder, "CACHEDIR.TAG"))
    if not ours:
        raise common.WrongUse(f"{folder}: is not a cache of xlint; delete it by hand")
    shutil.rmtree(folder)
    click.echo(f"{folder}: deleted", err=True)
