"""Every way of running gives the same results: one process, several, threads, Dask, cold and warm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

import xlint
from xlint.parallel import chunks_of
from xlint.settings import Settings
from xlint.sites import ScanResult

SHARED = """
import torch
from torch import nn

def build(width):
    return nn.Sequential(nn.Linear(8, width), nn.Softmax(dim=1))

def fit(net, y):
    loss = nn.CrossEntropyLoss()
    return loss(net(torch.randn(4, 8)), y)
"""
SCRIPT = """
import torch
from shared import build, fit
fit(build({width}), torch.randint(0, {classes}, (4,)))
"""
BROKEN = "import torch\nloss = torch.nn.CrossEntropyLoss(\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Scripts that share a module, whose findings stand in the module; a broken and a foreign file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shared.py").write_text(SHARED)
    for number in range(6):
        script = SCRIPT.format(width=number + 1, classes=number + 2)
        (tmp_path / f"script{number}.py").write_text(script + f"# {'x' * 20_000}\n")
    (tmp_path / "broken.py").write_text(BROKEN)
    (tmp_path / "bytes.py").write_bytes(b"import torch; loss = softmax(x) # \xff\xfe\n")
    return tmp_path


def scan(executor: Executor | None = None, **options: object) -> ScanResult:
    """Scan the current folder without a cache unless one is named."""
    settings = replace(Settings(), **{"no_cache": True, "jobs": 1, **options})  # type: ignore[arg-type]
    return xlint.scan(["."], settings, executor=executor)


@pytest.fixture
def expected(tree: Path) -> ScanResult:
    """What one process says."""
    result = scan()
    assert {"XL201", "XL901"} <= {finding.code for finding in result.findings}
    assert [problem.path for problem in result.problems] == ["bytes.py"]
    return result


def test_several_processes(expected: ScanResult) -> None:
    assert scan(jobs=3) == expected


def test_cold_and_warm(expected: ScanResult) -> None:
    assert scan(no_cache=False) == expected
    assert scan(no_cache=False) == expected
    assert scan(no_cache=False, jobs=2) == expected


@pytest.mark.parametrize(
    "make",
    [lambda: ThreadPoolExecutor(3), lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn"))],
    ids=["threads", "spawned"],
)
def test_any_executor(
    expected: ScanResult, make: Callable[[], Executor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xlint.engine.CHUNK", 30_000)
    with make() as executor:
        assert scan(executor) == expected


@pytest.fixture
def dask() -> Iterator[Executor]:
    """The executor of a local Dask cluster of two processes."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor()


def test_a_dask_cluster(expected: ScanResult, dask: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xlint.engine.CHUNK", 30_000)
    assert scan(dask) == expected


def test_paths_are_shown_as_they_were_given(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tree / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    settings = replace(Settings(), no_cache=True, jobs=1)
    one = xlint.scan([str(tree / "script1.py"), str(tree / "shared.py")], settings)
    assert {finding.place.path for finding in one.findings} == {str(tree / "shared.py")}
    with ThreadPoolExecutor(2) as executor:
        two = xlint.scan([str(tree / "script1.py"), str(tree / "shared.py")], settings, executor=executor)
    assert two == one


def test_chunks_hold_every_file_once_and_in_order() -> None:
    files = [(f"/f{number}", f"f{number}") for number in range(10)]
    sizes = [10, 500, 20, 30, 40, 1000, 5, 5, 5, 5]
    chunks = chunks_of(files, sizes, 100, Settings(), (), "/")
    assert [file for chunk in chunks for file in chunk.files] == files
    assert [len(chunk.files) for chunk in chunks] == [1, 1, 3, 1, 4]


def test_progress_counts_every_file(tree: Path) -> None:
    heard: list[tuple[int, int]] = []
    settings = replace(Settings(), no_cache=True, jobs=2)
    xlint.scan(["."], settings, progress=lambda done, total: heard.append((done, total)))
    assert heard[-1] == (9, 9)
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
