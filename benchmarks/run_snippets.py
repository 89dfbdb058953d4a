"""Run every snippet of the decision table whose framework is installed, each in its own process.

Usage: python benchmarks/run_snippets.py

Prints a line for each snippet, with what the program printed last, and ends with exit code 1 if one failed.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import sys

from xlint.table import decision_table

DISTRIBUTIONS = {"keras": "keras", "tensorflow": "tensorflow", "torch": "torch"}


def main() -> int:
    """Run all snippets; gives the exit code."""
    installed = [name for name in DISTRIBUTIONS if importlib.util.find_spec(name)]
    print("installed:", ", ".join(f"{name} {framework_version(name)}" for name in installed) or "none")
    failed = ran = 0
    for row in decision_table():
        for framework in installed:
            if framework == "keras" and "tensorflow" not in installed and "torch" not in installed:
                continue
            ran += 1
            status, words = run(row.columns[framework].snippet)
            failed += status != 0
            print(f"{'ok  ' if status == 0 else 'FAIL'}  {row.name:22} {framework:11} {words}")
    print(f"{ran} snippets, {failed} failed")
    return 1 if failed or not ran else 0


def framework_version(name: str) -> str:
    """The installed version, whatever the distribution that brought the module is called."""
    for distribution in (DISTRIBUTIONS[name], f"{DISTRIBUTIONS[name]}-cpu"):
        try:
            return importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "of unknown version"


def run(program: str) -> tuple[int, str]:
    """Exit code and what the program printed on one line, or the last line of its error."""
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, env=quiet, check=False)
    text = done.stdout if done.returncode == 0 else done.stderr
    lines = text.strip().splitlines() or ["(nothing printed)"]
    return done.returncode, " | ".join(lines) if done.returncode == 0 else lines[-1]


if __name__ == "__main__":
    sys.exit(main())
