"""The engine: from paths to findings and sites. Every mode of xlint goes through here."""

from __future__ import annotations

from xlint.apis import Tables, shipped_tables
from xlint.interpret import expressions, running
from xlint.interpret.machine import Machine
from xlint.project import Project
from xlint.sites import Site
from xlint.source import Source


def sites_of(source: Source, project: Project, tables: Tables | None = None) -> list[Site]:
    """All sites that running the script of a source reaches."""
    machine = Machine(project, tables or shipped_tables())
    running.analyse(machine, source)
    return machine.sites


__all__ = ["expressions", "sites_of"]
