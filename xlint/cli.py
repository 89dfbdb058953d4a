"""The command line: one lazily imported module a command, so that starting costs little more than click."""

from __future__ import annotations

import atexit
import gc
import importlib

import click

from xlint import __version__

COMMANDS = {
    "check": "Report losses, activations and labels that do not fit.",
    "facts": "Show what is known at every place where a loss meets a model.",
    "advise": "Find the right output layer, loss and label encoding.",
    "explain": "Show a rule's page, with numbers computed on the spot.",
    "rules": "List the rules.",
    "config": "Show the settings in force and where each comes from.",
    "clean": "Delete the cache.",
}
"""Name and one line of help of each command; its module in `xlint.commands` holds a command of that name."""


class LazyGroup(click.Group):
    """A group that imports the module of a command only when that command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order in which they are shown."""
        return [*COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None if there is none."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(f"xlint.commands.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments ask for; a mistyped one is answered with the nearest."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            import difflib

            close = difflib.get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise click.UsageError(f"No such command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Shell completion: see docs/editors.md. Exit codes: 0 clean, 1 findings, 2 wrong use.",
)
@click.version_option(__version__, prog_name="xlint")
def main() -> None:
    """Find losses, final activations and label encodings that do not fit together, in Keras, TensorFlow
    and PyTorch scripts. Code is read, never run.

    \b
    Examples:
      xlint check                    the current folder
      xlint check train.py -v        with the lines that each report rests on
      xlint facts train.py           what is known at every loss, right or wrong
      xlint explain XL101            a rule, with its numbers
      xlint advise --outcomes 10 --targets index --framework torch
    """
    # The process ends without searching what it holds for garbage once more.
    atexit.register(gc.freeze)
