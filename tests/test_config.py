"""Reading configuration files, and the words for what is wrong in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlint.config import ConfigurationError, find, known_keys, load
from xlint.settings import Settings


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src" / "deep").mkdir(parents=True)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_nearest_file_upwards_that_speaks_of_xlint_is_read(project: Path) -> None:
    write(project / "pyproject.toml", '[tool.xlint]\nignore = ["XL101"]\n')
    write(project / "src" / "pyproject.toml", '[project]\nname = "other"\n')
    found = load(["src/deep"])
    assert found.file == str(project / "pyproject.toml")
    assert found.settings.ignore == ("XL101",)
    assert found.settings.root == str(project)


def test_xlint_toml_wins_over_the_pyproject_beside_it(project: Path) -> None:
    write(project / "pyproject.toml", '[tool.xlint]\nignore = ["XL101"]\n')
    write(project / "xlint.toml", 'ignore = ["XL102"]\n')
    assert load(["src"]).settings.ignore == ("XL102",)


def test_the_search_starts_from_what_the_paths_share(project: Path) -> None:
    write(project / "src" / "deep" / "xlint.toml", 'ignore = ["XL101"]\n')
    assert find(["src/deep/a.py", "src/deep/b.py"]) == str(project / "src" / "deep" / "xlint.toml")
    assert find(["src/deep/a.py", "src/b.py"]) is None


def test_isolated_reads_nothing(project: Path) -> None:
    write(project / "xlint.toml", "this is not toml")
    assert load(["src"], isolated=True).settings.ignore == ()


def test_other_peoples_broken_pyproject_is_no_concern(project: Path) -> None:
    write(project / "pyproject.toml", "[broken")
    assert load(["src"]).file is None


def test_every_key_reaches_its_setting(project: Path) -> None:
    write(
        project / "xlint.toml",
        """
select = ["XL1", "double-activation"]
extend-select = ["all"]
ignore = ["xl102"]
exclude = ["a"]
extend-exclude = ["b"]
force-exclude = true
severity = "error"
fail-on = "warning"
keras-backend = "torch"
cache-dir = "cache"
[per-file-ignores]
"tests/*" = ["XL3"]
[apis]
framework = "mine"
[[apis.api]]
names = ["mylib.losses.FocalLoss"]
op = "loss"
""",
    )
    settings = load(["."]).settings
    assert settings.select == ("XL1", "XL201")
    assert settings.extend_select == ("ALL",)
    assert settings.ignore == ("XL102",)
    assert (settings.exclude, settings.extend_exclude, settings.force_exclude) == (("a",), ("b",), True)
    assert (settings.severity, settings.fail_on, settings.keras_backend) == ("error", "warning", "torch")
    assert settings.cache_dir == str(project / "cache")
    assert settings.per_file_ignores == {"tests/*": ("XL3",)}
    assert settings.apis[0]["api"] == [{"names": ["mylib.losses.FocalLoss"], "op": "loss"}]


def test_each_key_of_a_file_is_a_setting() -> None:
    assert all(hasattr(Settings(), key.replace("-", "_")) for key in known_keys())


def test_a_bare_row_is_an_api_table(project: Path) -> None:
    write(project / "pyproject.toml", '[[tool.xlint.apis]]\nnames = ["m.f"]\nop = "keep"\n')
    assert load(["."]).settings.apis == ({"api": [{"names": ["m.f"], "op": "keep"}]},)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('selct = ["XL1"]', "unknown key 'selct'; did you mean 'select'?"),
        ('select = ["XL1O1"]', "select: unknown rule 'XL1O1'; did you mean XL101?"),
        ('select = ["single-unit-sotfmax"]', "did you mean single-unit-softmax?"),
        ('select = "XL1"', "select: must be a list of strings"),
        (
            'severity = "errors"',
            "severity: 'errors' is not one of advice, warning, error; did you mean 'error'?",
        ),
        ('keras-backend = "tensorflw"', "did you mean 'tensorflow'?"),
        ("force-exclude = 1", "force-exclude: must be true or false"),
        ('per-file-ignores = ["XL1"]', "per-file-ignores: must be a table"),
        ('per-file-ignores = {a = ["XL9999"]}', "per-file-ignores: unknown rule 'XL9999'"),
        ("[apis]\napi = 1", "apis: api must be a list of tables"),
        ('[[apis]]\nnames = ["m.f"]', "apis: each api needs names = [...] and op = ..."),
        ('[[apis]]\nnames = ["m.f"]\nop = "los"', "apis: 'los' is unknown; did you mean 'loss'?"),
        ("[apis]\nframewrk = 1", "apis: unknown key 'framewrk'; did you mean 'framework'?"),
        ("select = [", "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_the_file(project: Path, text: str, words: str) -> None:
    file = write(project / "xlint.toml", text)
    with pytest.raises(ConfigurationError) as error:
        load(["."])
    message = str(error.value)
    assert message.startswith(f"{file}: ")
    assert words in message
    assert "\n" not in message


def test_what_the_command_line_says_is_laid_over_the_file_and_remembered(project: Path) -> None:
    file = write(project / "xlint.toml", 'select = ["XL1"]\nextend-exclude = ["old"]\nfail-on = "error"\n')
    found = load(["."], overrides={"select": ["XL2"], "extend-exclude": ["new"], "jobs": 2})
    assert found.settings.command_line.select == ("XL2",)
    assert found.settings.extend_exclude == ("old", "new")
    assert found.settings.jobs == 2
    assert found.origins == {
        "select": "--select",
        "extend-exclude": "--extend-exclude",
        "fail-on": str(file),
        "jobs": "--jobs",
    }


def test_a_wrong_option_is_named_as_it_was_typed(project: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^--select: unknown rule 'XL11'; did you mean"):
        load(["."], overrides={"select": ["XL11"]})


def test_a_file_that_was_asked_for_must_exist(project: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"missing\.toml: cannot be read"):
        load(["."], config="missing.toml")
