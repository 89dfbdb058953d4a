"""The command line, with an engine that finds what the tests want it to find."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from xlint import __version__
from xlint.cli import COMMANDS, main
from xlint.commands.common import wants_color
from xlint.settings import Settings
from xlint.sites import Finding, Note, Place, Problem, ScanResult, SiteReport

SOURCE = 'model.add(Dense(1, activation="softmax"))\nmodel.compile(loss="mse")\n'
Run = Callable[..., Result]


def finding(
    path: str, severity: str = "error", code: str = "XL101", name: str = "single-unit-softmax"
) -> Finding:
    note = Note(Place(path, 2, 15, 2, 25), "loss", "mse")
    return Finding(Place(path, 1, 31, 1, 40), code, name, severity, "softmax over one unit is 1", (note,))


def site(path: str, verdict: str, **known: Any) -> SiteReport:
    fields: dict[str, Any] = {"width": None, "quantity": None, "activation": None, "encoding": None}
    fields |= {"classes": None, "from_logits": None}
    return SiteReport(Place(path, 2, 15, 2, 25), "keras.losses.mse", verdict=verdict, **(fields | known))


class FakeEngine(ModuleType):
    """Finds the given findings in any path, as far as the settings have them enabled."""

    def __init__(self) -> None:
        super().__init__("xlint.engine")
        self.findings: list[Finding] = []
        self.sites: list[SiteReport] = []
        self.asked: Settings | None = None
        self.text = ""

    def scan(self, paths: Sequence[str], settings: Settings, *, progress: Any = None) -> ScanResult:
        self.asked = settings
        problems = [Problem(path, "does not exist") for path in paths if not Path(path).exists()]
        shown = [f for f in self.findings if settings.enabled(f.code, f.severity, f.place.path)]
        return ScanResult(tuple(shown), tuple(self.sites), tuple(problems), files=1, analysed=1)

    def scan_text(self, filename: str, text: str, settings: Settings) -> ScanResult:
        self.text = text
        return ScanResult((finding(filename),), (), (), files=1, analysed=1)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setitem(sys.modules, "xlint.engine", fake)
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "train.py").write_text(SOURCE, encoding="utf-8")
    return fake


@pytest.fixture
def run(engine: FakeEngine) -> Run:
    def invoke(*arguments: str, input: bytes | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=input, prog_name="xlint")

    return invoke


def test_a_clean_scan_exits_with_0_and_prints_the_summary_on_stderr(engine: FakeEngine, run: Run) -> None:
    engine.sites = [site("train.py", "fits"), site("train.py", "misfits"), site("train.py", "unresolved")]
    result = run("check", "train.py")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "3 loss sites: 1 fit, 1 do not, 1 could not be resolved" in result.stderr


def test_findings_are_printed_as_flake8_does_and_exit_with_1(engine: FakeEngine, run: Run) -> None:
    engine.findings = [finding("train.py")]
    result = run("check")
    assert (result.exit_code, result.stdout) == (1, "train.py:1:31: XL101 softmax over one unit is 1\n")


def test_verbose_shows_the_evidence(engine: FakeEngine, run: Run) -> None:
    engine.findings = [finding("train.py")]
    assert "    loss: mse (train.py:2:15)\n" in run("check", "-v").stdout


def test_quiet_leaves_the_reports_only(engine: FakeEngine, run: Run) -> None:
    engine.findings = [finding("train.py")]
    result = run("check", "-q")
    assert result.stderr == ""
    assert "XL101" in result.stdout


def test_a_path_that_does_not_exist_exits_with_2_after_the_rest_was_scanned(
    engine: FakeEngine, run: Run
) -> None:
    engine.findings = [finding("train.py")]
    result = run("check", "train.py", "missing.py")
    assert result.exit_code == 2
    assert "XL101" in result.stdout
    assert "missing.py: does not exist\n" in result.stderr


@pytest.mark.parametrize(
    ("options", "severity", "code"),
    [
        (["--exit-zero"], "error", 0),
        (["--fail-on", "error"], "warning", 0),
        (["--fail-on", "error"], "error", 1),
        (["--fail-on", "warning"], "warning", 1),
        (["--severity", "error"], "warning", 0),
    ],
)
def test_what_counts_as_a_failure(
    engine: FakeEngine, run: Run, options: list[str], severity: str, code: int
) -> None:
    engine.findings = [finding("train.py", severity)]
    assert run("check", *options).exit_code == code


def test_lists_take_commas_and_repetition(engine: FakeEngine, run: Run) -> None:
    engine.findings = [finding("train.py")]
    assert run("check", "--ignore", "XL102, xl1", "--ignore", "XL2").exit_code == 0
    assert engine.asked is not None
    assert engine.asked.command_line.ignore == ("XL102", "XL1", "XL2")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "--select", "XL1O1"], "--select: unknown rule 'XL1O1'; did you mean XL101?"),
        (["check", "--config", "missing.toml"], "missing.toml: cannot be read"),
        (["check", "--format", "yaml"], "'yaml' is not one of"),
        (["chek"], "Did you mean 'check'?"),
        (["check", "-", "train.py"], "cannot be mixed"),
        (["check", "-q", "--output-file", "no/such/folder/x"], "no/such/folder/x: cannot be written"),
    ],
)
def test_wrong_use_exits_with_2_and_says_what(run: Run, arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_broken_configuration_exits_with_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "xlint.toml").write_text("selct = []")
    result = run("check")
    assert result.exit_code == 2
    assert "unknown key 'selct'; did you mean 'select'?" in result.stderr
    assert run("check", "--isolated").exit_code == 0


def test_standard_input_keeps_its_encoding_and_name(engine: FakeEngine, run: Run) -> None:
    source = "# -*- coding: latin-1 -*-\nx = 'é'\r\n"
    result = run("check", "-", "--stdin-filename", "src/train.py", input=source.encode("latin-1"))
    assert engine.text == source
    assert result.stdout.startswith("src/train.py:1:31: XL101")


def test_standard_input_that_cannot_be_decoded_is_one_line(run: Run) -> None:
    result = run("check", "-", "--stdin-filename", "train.py", input=b"x = '\xff'\n")
    assert result.stderr.startswith("train.py: cannot be decoded: ")


def test_force_exclude_holds_for_standard_input(run: Run) -> None:
    options = ["-", "--stdin-filename", "old/train.py", "--extend-exclude", "old"]
    assert run("check", *options, input=b"").exit_code == 1
    assert run("check", *options, "--force-exclude", input=b"").exit_code == 0


def test_full_reports_quote_standard_input(run: Run) -> None:
    result = run("check", "-", "--format", "full", "--stdin-filename", "x.py", input=SOURCE.encode())
    assert '1 | model.add(Dense(1, activation="softmax"))\n' in result.stdout


def test_reports_go_to_the_output_file(engine: FakeEngine, run: Run, tmp_path: Path) -> None:
    engine.findings = [finding("train.py")]
    result = run("check", "--format", "json", "--output-file", "out.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert json.loads((tmp_path / "out.json").read_text())[0]["code"] == "XL101"


def test_statistics_count_the_rules_and_leave_machine_formats_valid(engine: FakeEngine, run: Run) -> None:
    engine.findings = [finding("a.py"), finding("b.py"), finding("b.py", code="XL102", name="other")]
    lines = run("check", "--statistics").stdout.splitlines()[-2:]
    assert [line.split() for line in lines] == [
        ["2", "XL101", "single-unit-softmax"],
        ["1", "XL102", "other"],
    ]
    result = run("check", "--statistics", "--format", "json")
    assert len(json.loads(result.stdout)) == 3
    assert "XL101" in result.stderr


def test_add_noqa_edits_the_files(engine: FakeEngine, run: Run, tmp_path: Path) -> None:
    engine.findings = [finding("train.py")]
    result = run("check", "--add-noqa")
    assert result.exit_code == 0
    assert "1 suppression comment added" in result.stderr
    assert (tmp_path / "train.py").read_text().splitlines()[0].endswith("  # noqa: XL101")


def test_colours_are_for_terminals_and_for_who_asks(engine: FakeEngine, run: Run) -> None:
    engine.findings = [finding("train.py")]
    assert "\x1b[" not in run("check").stdout
    assert "\x1b[" in run("check", "--color", "always").stdout


@pytest.mark.parametrize(
    ("choice", "environment", "expected"),
    [
        ("auto", {}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
def test_who_decides_about_colours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, choice: str, environment: dict[str, str], expected: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with open(tmp_path / "x", "w") as stream:
        assert wants_color(choice, stream) is expected


def test_facts_are_a_list_of_the_documented_elements(engine: FakeEngine, run: Run) -> None:
    note = Note(Place("train.py", 1, 11, 1, 41), "width", "Dense(1)")
    engine.sites = [
        site(
            "train.py",
            "fits",
            width=1,
            quantity="probabilities",
            activation="sigmoid",
            output_evidence=(note,),
        )
    ]
    (element,) = json.loads(run("facts", "--format", "json").stdout)
    assert list(element) == [
        "path",
        "cell",
        "line",
        "column",
        "loss",
        "from_logits",
        "output",
        "targets",
        "codes",
    ]
    assert element["output"]["evidence"][0]["text"] == "Dense(1)"


def test_facts_say_why_a_site_is_unresolved(engine: FakeEngine, run: Run) -> None:
    engine.sites = [site("train.py", "unresolved", width="n", reason="the model is loaded from a file")]
    result = run("facts")
    assert result.exit_code == 0
    assert result.stdout.startswith("train.py:2:15: keras.losses.mse: width n, quantity unknown")
    assert result.stdout.endswith("unresolved (the model is loaded from a file)\n")


def test_config_shows_each_value_and_its_origin(run: Run, tmp_path: Path) -> None:
    (tmp_path / "xlint.toml").write_text('select = ["XL1"]\nfail-on = "error"\n')
    shown = json.loads(run("config", "--format", "json", "--select", "XL2").stdout)
    assert shown["file"] == str(tmp_path / "xlint.toml")
    assert shown["settings"]["select"] == {"value": ["XL2"], "from": "--select"}
    assert shown["settings"]["fail-on"] == {"value": "error", "from": str(tmp_path / "xlint.toml")}
    assert shown["settings"]["severity"] == {"value": None, "from": "default"}
    assert f'fail-on = "error"  # {tmp_path / "xlint.toml"}' in run("config").stdout


def test_clean_deletes_the_cache_and_nothing_else(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".xlint_cache").mkdir()
    (tmp_path / ".xlint_cache" / "entry").write_text("x")
    assert run("clean").exit_code == 0
    assert not (tmp_path / ".xlint_cache").exists()
    result = run("clean", "--cache-dir", str(tmp_path))
    assert result.exit_code == 2
    assert (tmp_path / "train.py").exists()


def test_version_and_help(run: Run) -> None:
    assert __version__ in run("--version").stdout
    shown = run("--help").stdout
    assert all(command in shown for command in COMMANDS)
    assert "Examples:" in shown
    assert "Examples:" in run("check", "--help").stdout


def test_starting_imports_nothing_heavy() -> None:
    code = (
        "import sys; from xlint.cli import main; main(['check', '--help'], standalone_mode=False); "
        "print(sorted({'libcst', 'numpy', 'tomllib', 'xlint.engine'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_an_ordinary_training_script_is_read_without_libcst(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        "import torch\nfrom torch import nn\n"
        "model, loss = nn.Sequential(nn.Linear(8, 3), nn.Softmax(dim=1)), nn.CrossEntropyLoss()\n"
        "value = loss(model(torch.rand(4, 8)), torch.randint(3, (4,)))\n"
        "print(f'{value:.2f} ' 'is' f' {loss=}')\n"
    )
    code = (
        "import atexit, sys; from xlint.cli import main; "
        "unwanted = {'libcst', 'numpy', 'concurrent.futures'}; "
        "atexit.register(lambda: print(sorted(unwanted & set(sys.modules)))); "
        f"main(['check', {str(script)!r}, '--isolated', '--no-cache'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "XL201" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_python_m_xlint_is_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "xlint", "--version"], capture_output=True, text=True, check=True
    )
    assert __version__ in done.stdout
