"""`python -m xlint` is `xlint`."""

from xlint.cli import main

main(prog_name="xlint")
