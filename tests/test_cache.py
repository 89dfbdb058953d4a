"""The cache on disk: the same output, made again exactly where something has changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from xlint import analysis, gate, snapshot
from xlint.engine import scan
from xlint.plain import from_plain, to_plain
from xlint.settings import Settings
from xlint.sites import ScanResult

MODEL = """
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.last = torch.nn.Linear(8, {width})

    def forward(self, x):
        return self.last(x)
"""
TRAIN = """
import torch
from model import Net

net = Net()
x = torch.randn(4, 8)
y = torch.randint(0, 5, (4,))
loss = torch.nn.CrossEntropyLoss()(net(x), y)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script and the module with its model, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(MODEL.format(width=1))
    (tmp_path / "train.py").write_text(TRAIN)
    return tmp_path


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that have been analysed so far."""
    files: list[str] = []
    analyse = analysis.analyse_path

    def note(path: str, display: str, *rest: object) -> object:
        files.append(display)
        return analyse(path, display, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(analysis, "analyse_path", note)
    return files


def run(settings: Settings | None = None) -> ScanResult:
    """Scan the current folder in this process."""
    return scan(["."], replace(settings or Settings(), jobs=1))


def entries(project: Path) -> list[Path]:
    """The files of the cache's entries."""
    return sorted((project / ".xlint_cache").glob("*/*.json"))


def test_a_second_scan_analyses_nothing_and_says_the_same(project: Path, analysed: list[str]) -> None:
    cold = run()
    assert [finding.code for finding in cold.findings]
    assert analysed == ["model.py", "train.py"] or analysed == ["train.py"]
    count = len(analysed)
    assert run() == cold
    assert len(analysed) == count


def test_a_change_in_an_imported_module_counts(project: Path) -> None:
    assert run().findings
    (project / "model.py").write_text(MODEL.format(width=5))
    assert run().findings == ()


def test_a_module_that_appears_counts(project: Path) -> None:
    (project / "model.py").unlink()
    assert run().findings == ()
    (project / "model.py").write_text(MODEL.format(width=1))
    assert run().findings
    (project / "model.py").unlink()
    assert run().findings == ()


def test_a_change_in_a_module_of_an_added_folder_counts(project: Path) -> None:
    (project / "nets").mkdir()
    (project / "model.py").rename(project / "nets" / "model.py")
    (project / "train.py").write_text('import sys\nsys.path.append("nets")\n' + TRAIN)
    assert run().findings
    (project / "nets" / "model.py").write_text(MODEL.format(width=5))
    assert run().findings == ()
    (project / "nets" / "model.py").unlink()
    assert run().findings == ()
    (project / "nets" / "model.py").write_text(MODEL.format(width=1))
    assert run().findings


def test_other_settings_have_entries_of_their_own(project: Path, analysed: list[str]) -> None:
    run()
    count = len(analysed)
    assert run(replace(Settings(), select=("XL9",))).findings == ()
    assert len(analysed) > count


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"state": 1}', "null", '{"lookups": 3}', "\x00"])
def test_a_damaged_entry_is_made_again(project: Path, damage: str) -> None:
    cold = run()
    for entry in entries(project):
        entry.write_text(damage)
    assert run() == cold
    assert all(entry.read_text() != damage for entry in entries(project))


def test_an_entry_with_a_result_of_another_shape_is_made_again(project: Path) -> None:
    cold = run()
    for entry in entries(project):
        entry.write_text(entry.read_text().replace("#FileResult", "#Nothing"))
    assert run() == cold


def test_a_suppression_that_another_file_uses_is_not_remembered_as_used(project: Path) -> None:
    text = MODEL.format(width=5).replace("Linear(8, 5)", "Linear(8, 5)  # noqa: XL101")
    (project / "model.py").write_text(text)
    alone = scan(["model.py"], replace(Settings(), jobs=1, no_cache=True))
    run()
    assert scan(["model.py"], replace(Settings(), jobs=1)) == alone


def test_no_cache_writes_nothing(project: Path) -> None:
    run(replace(Settings(), no_cache=True))
    assert not (project / ".xlint_cache").exists()


def test_the_cache_keeps_itself_out_of_git(project: Path) -> None:
    run(replace(Settings(), cache_dir=str(project / "elsewhere")))
    assert (project / "elsewhere" / ".gitignore").read_text() == "*\n"
    assert not (project / ".xlint_cache").exists()


def test_a_cache_that_cannot_be_written_is_done_without(project: Path) -> None:
    (project / "file").write_text("")
    assert run(replace(Settings(), cache_dir=str(project / "file" / "inside"))).findings


def test_results_survive_as_plain_data(project: Path) -> None:
    result = run()
    for item in (*result.findings, *result.sites):
        assert from_plain(to_plain(item)) == item


def test_a_snapshot_follows_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "user_cache_folder", lambda: str(tmp_path / "cache"))
    source = tmp_path / "source.txt"
    source.write_text("one")

    def load() -> object:
        return snapshot.load("test", [source], lambda: [source.read_text()])

    assert load() == ["one"]
    (kept,) = (tmp_path / "cache").iterdir()
    assert snapshot.load("test", [source], lambda: ["not asked"]) == ["one"]
    kept.write_text(kept.read_text()[:-3])
    assert load() == ["one"]
    source.write_text("other")
    assert load() == ["other"]


def words_looked_for(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bytes that the gate searches for words from now on."""
    searched: list[bytes] = []
    words = gate.Gate.words

    def note(self: gate.Gate, data: bytes) -> int:
        searched.append(data)
        return words(self, data)

    monkeypatch.setattr(gate.Gate, "words", note)
    return searched


def test_the_gate_searches_the_same_bytes_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = project / "quiet.py"
    quiet.write_text("import torch\nx = torch.zeros(3)\n")
    searched = words_looked_for(monkeypatch)
    cold = run()
    assert quiet.read_bytes() in searched
    searched.clear()
    assert run() == cold
    assert searched == []
    quiet.write_text(TRAIN + "print(loss)\n")
    assert {finding.place.path for finding in run().findings} == {"quiet.py", "train.py"}
    assert searched == [quiet.read_bytes()]


@pytest.mark.parametrize("damage", ["", "x", '["', "\n[]", "\xff"])
def test_what_the_gate_found_is_made_again_where_it_is_damaged(project: Path, damage: str) -> None:
    cold = run()
    kept = project / ".xlint_cache" / "gate.json"
    whole = kept.read_text()
    kept.write_bytes(damage.encode("latin-1"))
    assert run() == cold
    kept.write_text(whole.replace("true", "false"))
    assert run() == cold


def test_the_gate_forgets_what_it_found_with_other_tables(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "own.py").write_text("import ours\nours.blame(1)\n")
    run()
    searched = words_looked_for(monkeypatch)
    table = {"framework": "ours", "api": [{"names": ["ours.blame"], "op": "loss", "family": "sparse"}]}
    run(Settings(apis=(table,)))
    assert (project / "own.py").read_bytes() in searched
