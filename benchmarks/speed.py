"""How fast xlint is: cold, warm, without training code, beside libcst and other linters, and as a tree grows.

    python benchmarks/speed.py FOLDER... [--venvs FOLDER] [--repeat 3] [--slow 60] > table.md

Fetches nothing. FOLDERs are trees of Python files. `--venvs` is a folder that holds a virtual environment for
each other linter, named after it (torchfix, fixit, flake8, pylint, ruff); missing ones are left out.
Every command runs in a process of its own; the commands take turns, and the table shows medians. A
command that takes longer than `--slow` seconds runs once.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
XLINT = [sys.executable, "-m", "xlint", "check", "--isolated", "--exit-zero", "--quiet"]
PEERS = {
    "torchfix": ["-m", "torchfix", "--select", "ALL"],
    "fixit": ["-m", "fixit", "lint"],
    "flake8": ["-m", "flake8"],
    "pylint": ["-m", "pylint", "--recursive=y", "--score=n"],
    "ruff": ["-m", "ruff", "check", "--no-cache", "--isolated"],
}
START = "import click"
READ = "import click, pathlib, sys\nfor path in pathlib.Path(sys.argv[1]).rglob('*.py'): path.read_bytes()"
PARSE = """
import os, sys, time, libcst
from xlint.gate import Reach, gate_for
from xlint.project import Project
everything = sys.argv[2] == "all"
reach, texts = Reach(gate_for(), Project()), []
for folder, _, names in sorted(os.walk(os.path.realpath(sys.argv[1]))):
    for name in sorted(names):
        path = os.path.join(folder, name)
        if name.endswith(".py"):
            data = open(path, "rb").read()
            if len(data) <= 512 * 1024 and (everything or reach.may_train(path, data)):
                texts.append(data)
for text in texts:
    try:
        libcst.parse_module(text)
    except Exception:
        pass
"""


@dataclass
class Cost:
    """What runs of one command took."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def median(self, name: str) -> float:
        """The median of "cpu" or "wall" in seconds, or of "memory" in MiB."""
        return statistics.median(getattr(self, name))


def run(command: list[str], cost: Cost) -> None:
    """Run a command to its end and note what it took with all its children."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begin = time.perf_counter()
    nowhere = subprocess.DEVNULL
    child = subprocess.Popen(
        command, stdout=nowhere, stderr=nowhere, env=environment, cwd=tempfile.gettempdir()
    )
    _, _, usage = os.wait4(child.pid, 0)
    cost.wall.append(time.perf_counter() - begin)
    cost.cpu.append(usage.ru_utime + usage.ru_stime)
    cost.memory.append(usage.ru_maxrss / 1024)


def measure(commands: dict[str, list[str]], repeat: int, slow: float) -> dict[str, Cost]:
    """The cost of each command; they take turns, so that what else the machine does falls on all."""
    costs = {name: Cost() for name in commands}
    for _ in range(repeat):
        for name, command in commands.items():
            if max(costs[name].wall, default=0.0) < slow:
                print(f"  {name}", file=sys.stderr)
                run(command, costs[name])
    return costs


def commands_for(folder: str, cache: str, venvs: str | None) -> dict[str, list[str]]:
    """All commands over one folder; `cache` is a folder for the warm runs."""
    shutil.rmtree(cache, ignore_errors=True)
    run([*XLINT, "--cache-dir", cache, folder], Cost())
    commands = {
        "xlint, one process, no cache": [*XLINT, "--no-cache", "--jobs", "1", folder],
        "xlint, two processes, no cache": [*XLINT, "--no-cache", "--jobs", "2", folder],
        "xlint, warm cache": [*XLINT, "--cache-dir", cache, folder],
        "libcst.parse_module, the files that xlint parses": [sys.executable, "-c", PARSE, folder, "some"],
        "libcst.parse_module, all files": [sys.executable, "-c", PARSE, folder, "all"],
    }
    for name, arguments in PEERS.items():
        python = Path(venvs or "", name, "bin", "python")
        if venvs and python.exists():
            commands[name] = [str(python), *arguments, folder]
    return commands


def size_of(folder: str) -> tuple[int, int]:
    """The number of Python files and of their lines."""
    files = [path for path in Path(folder).rglob("*.py") if path.is_file()]
    return len(files), sum(path.read_bytes().count(b"\n") for path in files)


def print_folder(folder: str, options: argparse.Namespace, scratch: str) -> None:
    """The table of one folder."""
    files, lines = size_of(folder)
    print(f"\n### {Path(folder).name}: {files} files, {lines:,} lines\n")
    costs = measure(commands_for(folder, f"{scratch}/cache", options.venvs), options.repeat, options.slow)
    base = costs["xlint, one process, no cache"]
    print("| command | CPU s | wall s | peak MiB | lines per CPU s | CPU, xlint cold = 1 |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, cost in costs.items():
        cpu = cost.median("cpu")
        print(
            f"| {name} | {cpu:.2f} | {cost.median('wall'):.2f} | {cost.median('memory'):.0f} "
            f"| {lines / cpu:,.0f} | {cpu / base.median('cpu'):.2f} |"
        )


def print_small(folder: str, options: argparse.Namespace) -> None:
    """The table of the starts: three files, a tree without training code, and their floors."""
    plain = sysconfig.get_path("stdlib")
    scripts = [str(path) for path in sorted(Path(folder).rglob("*.py")) if b"loss" in path.read_bytes()]
    commands = {
        "python -c 'import click'": [sys.executable, "-c", START],
        "xlint, three training scripts, no cache": [*XLINT, "--no-cache", *scripts[:3]],
        "reading the standard library": [sys.executable, "-c", READ, plain],
        "xlint, the standard library, no cache": [*XLINT, "--no-cache", "--exclude", "site-packages", plain],
    }
    print("\n### Starts, and no training code\n")
    print("| command | CPU s | wall s | peak MiB |")
    print("| --- | ---: | ---: | ---: |")
    for name, cost in measure(commands, options.repeat, options.slow).items():
        cpu, wall, memory = map(cost.median, ("cpu", "wall", "memory"))
        print(f"| {name} | {cpu:.2f} | {wall:.2f} | {memory:.0f} |")


def print_growth(folder: str, options: argparse.Namespace, scratch: str) -> None:
    """The table of 1, 2, 4 and 8 copies of a tree."""
    commands = {}
    for copies in (1, 2, 4, 8):
        for number in range(copies):
            shutil.copytree(folder, f"{scratch}/{copies}/copy{number}", ignore=shutil.ignore_patterns(".git"))
        commands[str(copies)] = [*XLINT, "--no-cache", "--jobs", "1", f"{scratch}/{copies}"]
    costs = measure(commands, options.repeat, options.slow)
    print(f"\n### Growth: copies of {Path(folder).name}\n")
    print("| copies | CPU s | CPU, one copy = 1 | peak MiB |")
    print("| ---: | ---: | ---: | ---: |")
    for name, cost in costs.items():
        factor = cost.median("cpu") / costs["1"].median("cpu")
        print(f"| {name} | {cost.median('cpu'):.2f} | {factor:.2f} | {cost.median('memory'):.0f} |")


def main() -> None:
    """Print the tables of the folders that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--venvs", help="folder of virtual environments named after the other linters")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--slow", type=float, default=60.0, help="seconds from which a command runs once")
    options = parser.parse_args()
    folders = [os.path.realpath(folder) for folder in options.folders]
    options.venvs = options.venvs and os.path.realpath(options.venvs)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} virtual cores"
    print(f"{date.today()}, {machine}, {python}.")
    with tempfile.TemporaryDirectory() as scratch:
        print_small(folders[0], options)
        for folder in folders:
            print_folder(folder, options, scratch)
        print_growth(folders[0], options, scratch)


if __name__ == "__main__":
    main()
