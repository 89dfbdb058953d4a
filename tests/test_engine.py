"""The engine: from paths to reports. One fault is one report, comments are obeyed, nothing is executed."""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from xlint import syntax
from xlint.engine import best_informed, merge, scan, scan_text
from xlint.results import FileResult
from xlint.settings import Settings
from xlint.sites import Finding, Place, ScanResult, SiteReport

SETTINGS = Settings(no_cache=True, jobs=1)
HEAD = """\
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST

loader = DataLoader(MNIST("data"), batch_size=8)
criterion = nn.CrossEntropyLoss()
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.Softmax(dim=1))
"""
LOOP = """\
for x, y in loader:
    loss = criterion(net(x), y){comment}
    loss.backward()
"""
FAULT = HEAD + LOOP.format(comment="")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(text: str, **settings: object) -> list[tuple[int, str]]:
    result = scan_text("train.py", text, replace(SETTINGS, **settings))  # type: ignore[arg-type]
    assert result.problems == ()
    return [(finding.place.line, finding.code) for finding in result.findings]


# -- one fault, one report


def test_one_fault() -> None:
    assert check(FAULT) == [(9, "XL201")]


def test_a_fault_in_a_loop_and_in_a_function_called_twice_is_one_report() -> None:
    script = HEAD + (
        "def step(x, y):\n    return criterion(net(x), y)\n\n"
        "for epoch in range(10):\n    for x, y in loader:\n        step(x, y)\n"
        "for x, y in loader:\n    step(x, y)\n"
    )
    assert check(script) == [(9, "XL201")]


def test_two_faults_are_two_reports() -> None:
    assert check(FAULT + LOOP.format(comment="")) == [(9, "XL201"), (12, "XL201")]


def test_a_module_is_reported_once_however_many_files_import_it(folder: Path) -> None:
    (folder / "step.py").write_text(FAULT)
    for name in "abc":
        (folder / f"{name}.py").write_text("import torch\nimport step\nfrom step import net, criterion\n")
    result = scan(["."], SETTINGS)
    assert [(f.place.path, f.place.line, f.code) for f in result.findings] == [("step.py", 9, "XL201")]


def test_a_fault_whose_halves_stand_in_two_files_is_found(folder: Path) -> None:
    (folder / "net.py").write_text(HEAD)
    (folder / "train.py").write_text("import torch\nfrom net import *\n" + LOOP.format(comment=""))
    result = scan(["."], SETTINGS)
    assert [(f.place.path, f.place.line, f.code) for f in result.findings] == [("train.py", 4, "XL201")]
    assert {note.place.path for note in result.findings[0].evidence} == {"net.py"}


def test_only_files_that_were_asked_for_are_reported(folder: Path) -> None:
    (folder / "step.py").write_text(FAULT)
    (folder / "train.py").write_text("import torch\nimport step\n")
    result = scan(["train.py"], SETTINGS)
    assert (result.findings, result.sites, result.files) == ((), (), 1)


# -- comments


def test_noqa_with_the_code() -> None:
    assert check(HEAD + LOOP.format(comment="  # noqa: XL201")) == []


def test_noqa_without_a_code() -> None:
    assert check(HEAD + LOOP.format(comment="  # noqa")) == []


def test_noqa_with_another_code_is_reported_as_unused() -> None:
    assert check(HEAD + LOOP.format(comment="  # noqa: XL101")) == [(9, "XL201"), (9, "XL902")]


def test_ignored_noqa() -> None:
    assert check(HEAD + LOOP.format(comment="  # noqa: XL201"), ignore_noqa=True) == [(9, "XL201")]


def test_noqa_in_a_string_is_no_comment() -> None:
    assert check(HEAD + LOOP.format(comment="; text = '# noqa: XL201'")) == [(9, "XL201")]


def test_skip_file() -> None:
    result = scan_text("train.py", "# xlint: skip-file\n" + FAULT, SETTINGS)
    assert (result.findings, result.sites) == ((), ())


def test_skip_file_in_a_module_holds_when_another_file_runs_it(folder: Path) -> None:
    function = "def step(net, x, y):\n    return criterion(net(x), y)\n"
    (folder / "step.py").write_text("# xlint: skip-file\n" + HEAD + function)
    train = "import torch\nfrom step import *\nfor x, y in loader:\n    step(net, x, y)\n"
    (folder / "train.py").write_text(train)
    assert scan(["."], SETTINGS).findings == ()


def test_a_suppression_used_from_another_file_is_not_unused(folder: Path) -> None:
    (folder / "step.py").write_text(
        "from torch import nn\ncriterion = nn.CrossEntropyLoss()\n\n"
        "def step(net, x, y):\n    return criterion(net(x), y)  # noqa: XL201\n"
    )
    train = (
        "from torch import nn\nfrom step import step\nfrom data import loader\n"
        "net = {net}\nfor x, y in loader:\n    step(net, x, y)\n"
    )
    (folder / "data.py").write_text("\n".join(HEAD.split("\n")[:5]))
    softmax = "nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.Softmax(dim=1))"
    (folder / "train.py").write_text(train.format(net=softmax))
    assert [finding.code for finding in scan(["."], SETTINGS).findings] == []
    (folder / "train.py").write_text(train.format(net="nn.Sequential(nn.Flatten(), nn.Linear(784, 10))"))
    assert [finding.code for finding in scan(["."], SETTINGS).findings] == ["XL902"]


# -- joining results

PLACE = Place("train.py", 9, 12, 9, 20)


def site(**facts: object) -> SiteReport:
    known: dict[str, object] = dict.fromkeys(
        ("from_logits", "width", "quantity", "activation", "encoding", "classes")
    )
    return SiteReport(PLACE, "torch.nn.CrossEntropyLoss", **(known | facts))  # type: ignore[arg-type]


def test_the_better_informed_record_of_a_site_is_kept() -> None:
    poor, rich = site(width=10), site(width=10, quantity="logits", encoding="index")
    assert best_informed([poor, rich]) == [rich]
    assert best_informed([rich, poor]) == [rich]


def test_equal_records_are_one() -> None:
    assert best_informed([site(width=10), site(width=10)]) == [site(width=10)]


def test_records_that_differ_are_both_kept() -> None:
    one, two = site(width=1, quantity="logits"), site(width=10, quantity="logits")
    assert best_informed([one, two]) == [one, two]
    assert best_informed([site(width=10), site(encoding="index")]) == [site(width=10), site(encoding="index")]


def test_a_number_is_better_than_a_symbol() -> None:
    symbol, number = site(width="n", quantity="logits"), site(width=10, quantity="logits")
    assert best_informed([symbol, number]) == [number]


def test_what_a_caller_gives_is_better_than_what_an_unknown_caller_would() -> None:
    asked = site(width="units", quantity="logits", details={"width_passed_in": True})
    given = site(width="len(words)", quantity="logits", encoding="index")
    assert best_informed([asked, given]) == [given]
    assert best_informed([site(width="units", quantity="logits"), given]) != [given]
    other = site(width="units", quantity="probabilities", details={"width_passed_in": True})
    assert best_informed([other, given]) == [other, given]


def test_of_two_unknown_callers_neither_is_better() -> None:
    one, two = (site(width=name, details={"width_passed_in": True}) for name in ("units", "classes"))
    assert best_informed([one, two]) == [one, two]


def test_records_of_other_places_are_left_alone() -> None:
    poor = replace(site(width=10), place=replace(PLACE, line=20))
    rich = site(width=10, quantity="logits")
    assert set(map(id, best_informed([poor, rich]))) == {id(poor), id(rich)}


def finding(line: int, code: str, path: str = "train.py") -> Finding:
    return Finding(Place(path, line, 1, line, 5), code, "name", "error", "message")


def merged(*results: FileResult) -> ScanResult:
    return merge(results, {"train.py", "other.py"}, SETTINGS)


def test_merged_findings_are_distinct_and_in_order() -> None:
    first = FileResult("train.py", findings=[finding(12, "XL201"), finding(9, "XL304"), finding(9, "XL201")])
    second = FileResult("other.py", findings=[finding(9, "XL201"), finding(3, "XL101", "other.py")])
    found = [(f.place.path, f.place.line, f.code) for f in merged(first, second).findings]
    assert found == [
        ("other.py", 3, "XL101"),
        ("train.py", 9, "XL201"),
        ("train.py", 9, "XL304"),
        ("train.py", 12, "XL201"),
    ]


def test_merged_findings_are_those_of_the_scanned_files() -> None:
    assert merged(FileResult("train.py", findings=[finding(1, "XL201", "library.py")])).findings == ()


# -- files that cannot be read


def test_one_bad_file_does_not_stop_the_rest(folder: Path) -> None:
    (folder / "a_bytes.py").write_bytes(b"from torch import nn\nnn.CrossEntropyLoss()  # \xff\xfe\n")
    (folder / "b_null.py").write_bytes(b"from torch import nn\nnn.CrossEntropyLoss()\x00\n")
    (folder / "c_syntax.py").write_text("from torch import nn\nloss = nn.CrossEntropyLoss(\n")
    (folder / "d_deep.py").write_text("from torch import nn\nnn.Softmax(" + "(" * 5000 + ")" * 5001)
    (folder / "e_indent.py").write_text("from torch import nn\n\tnn.Softmax()\n  nn.Softmax()\n")
    (folder / "f_notebook.ipynb").write_text("[]")
    (folder / "z.py").write_text(FAULT)
    result = scan([".", "missing.py"], SETTINGS)
    assert ("z.py", "XL201") in [(f.place.path, f.code) for f in result.findings]
    assert ("c_syntax.py", "XL901") in [(f.place.path, f.code) for f in result.findings]
    told = {problem.path for problem in result.problems} | {f.place.path for f in result.findings}
    assert {"a_bytes.py", "b_null.py", "d_deep.py", "e_indent.py", "missing.py"} <= told
    for problem in result.problems:
        assert problem.message and "\n" not in problem.message
        assert "internal error" not in problem.message


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="everyone may read everything here")
def test_a_file_without_permission_is_a_problem(folder: Path) -> None:
    (folder / "secret.py").write_text(FAULT)
    (folder / "secret.py").chmod(0)
    [problem] = scan(["."], SETTINGS).problems
    assert problem.path == "secret.py"


def test_a_broken_link_and_a_loop_of_links(folder: Path) -> None:
    (folder / "broken.py").symlink_to("nowhere.py")
    (folder / "loop.py").symlink_to("loop.py")
    (folder / "z.py").write_text(FAULT)
    assert [f.place.path for f in scan(["."], SETTINGS).findings] == ["z.py"]


def test_empty_text() -> None:
    assert check("") == []
    assert check("\n\n# only a comment\n") == []


# -- nothing is executed

ACTIVE = """\
import pathlib, sys
pathlib.Path("executed").touch()
sys.modules["marker_of_{name}"] = sys
"""


def test_nothing_is_executed_or_imported(folder: Path) -> None:
    (folder / "helper.py").write_text(ACTIVE.format(name="helper") + HEAD)
    (folder / "conftest.py").write_text(ACTIVE.format(name="conftest") + FAULT)
    (folder / "sitecustomize.py").write_text(ACTIVE.format(name="sitecustomize") + FAULT)
    (folder / "train.py").write_text(
        ACTIVE.format(name="train")
        + "open('executed', 'w')\n"
        + "eval(\"open('executed', 'w')\")\n"
        + "__import__('os').system('touch executed')\n"
        + "from helper import *\n"
        + "@lambda f: open('executed', 'w')\ndef f(): pass\n"
        + LOOP.format(comment="")
    )
    (folder / "notebook.ipynb").write_text(
        '{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["!touch executed\\n", '
        '"%run train.py\\n", "from torch import nn\\n", "nn.CrossEntropyLoss()"]}]}'
    )
    before = set(sys.modules)
    result = scan(["."], SETTINGS)
    assert ("train.py", "XL201") in [(f.place.path, f.code) for f in result.findings]
    assert not (folder / "executed").exists()
    added = set(sys.modules) - before
    assert not [name for name in added if name.startswith("marker_of_")]
    assert added.isdisjoint({"helper", "train", "conftest", "sitecustomize", "torch", "torchvision", "keras"})


def test_a_scan_writes_nothing_without_its_cache(folder: Path) -> None:
    (folder / "train.py").write_text(FAULT)
    scan(["."], SETTINGS)
    assert os.listdir(folder) == ["train.py"]


def test_progress_hears_of_every_file(folder: Path) -> None:
    for number in range(5):
        (folder / f"train{number}.py").write_text(FAULT)
    (folder / "other.py").write_text("x = 1\n")
    heard: list[tuple[int, int]] = []
    result = scan(["."], SETTINGS, progress=lambda done, files: heard.append((done, files)))
    assert heard[-1] == (6, 6)
    assert (result.files, result.analysed) == (6, 5)


def test_a_loss_that_is_known_replaces_the_call_of_something_unknown() -> None:
    unknown = replace(site(), loss="criterion", details={"family": "other"})
    assert best_informed([unknown, site(width=10)]) == [site(width=10)]


def test_a_scan_frees_its_trees_without_the_garbage_collector(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text(
        HEAD + "class Net(nn.Module):\n    def forward(self, x):\n        return super().forward(x)\n"
    )
    (tmp_path / "broken.py").write_text("import torch\nloss = torch.nn.BCELoss((\n")
    (tmp_path / "train.py").write_text("import broken\nfrom helper import *\n" + LOOP.format(comment=""))
    gc.collect()
    gc.disable()
    try:
        before = sum(isinstance(thing, syntax.Module) for thing in gc.get_objects())
        assert scan([str(tmp_path)], SETTINGS).findings
        assert not gc.isenabled()
        assert sum(isinstance(thing, syntax.Module) for thing in gc.get_objects()) == before
    finally:
        gc.enable()
