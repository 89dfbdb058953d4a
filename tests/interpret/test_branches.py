"""Facts from the two sides of one condition never meet, however far apart the condition is tested."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from xlint.engine import scan, scan_text
from xlint.settings import Settings
from xlint.sites import ScanResult

SETTINGS = Settings(no_cache=True, jobs=1)


def check(script: str) -> ScanResult:
    result = scan_text("train.py", dedent(script), SETTINGS)
    assert result.problems == ()
    return result


def codes(result: ScanResult) -> list[str]:
    return [finding.code for finding in result.findings]


def facts(result: ScanResult) -> set[tuple[object, ...]]:
    return {(site.loss.rsplit(".")[-1], site.width, site.activation) for site in result.sites}


KERAS = """
import sys
from tensorflow import keras
from tensorflow.keras.layers import Dense

mode = sys.argv[1]
binary = mode == "binary"
"""
RIGHT = {("binary_crossentropy", 1, "sigmoid"), ("categorical_crossentropy", 10, "softmax")}


def test_one_condition_in_one_place() -> None:
    result = check(
        KERAS
        + """
if binary:
    last, loss = Dense(1, activation="sigmoid"), "binary_crossentropy"
else:
    last, loss = Dense(10, activation="softmax"), "categorical_crossentropy"
model = keras.Sequential([Dense(64), last])
model.compile("adam", loss=loss)
"""
    )
    assert codes(result) == []
    assert facts(result) == RIGHT


SEPARATELY = {
    "twice": """
last = Dense(1, activation="sigmoid") if binary else Dense(10, activation="softmax")
loss = "binary_crossentropy" if binary else "categorical_crossentropy"
model = keras.Sequential([Dense(64), last])
model.compile("adam", loss=loss)
""",
    "negated": """
units = 1 if binary else 10
activation = "softmax" if not binary else "sigmoid"
model = keras.Sequential([Dense(64), Dense(units, activation=activation)])
model.compile("adam", loss="categorical_crossentropy" if not binary else "binary_crossentropy")
""",
    "two functions": """
def build():
    model = keras.Sequential([Dense(64)])
    if mode == "binary":
        model.add(Dense(1, activation="sigmoid"))
    else:
        model.add(Dense(10, activation="softmax"))
    return model

def loss_of():
    if mode == "binary":
        return "binary_crossentropy"
    return "categorical_crossentropy"

model = build()
model.compile("adam", loss=loss_of())
""",
    "parameter": """
def build(kind):
    units, activation = (1, "sigmoid") if kind == "binary" else (10, "softmax")
    return keras.Sequential([Dense(64), Dense(units, activation=activation)])

def finish(model, kind):
    model.compile("adam", loss="binary_crossentropy" if kind == "binary" else "categorical_crossentropy")

finish(build(mode), mode)
""",
    "attribute": """
class Task:
    def __init__(self, name):
        self.binary = name == "binary"
        self.loss = "binary_crossentropy" if self.binary else "categorical_crossentropy"

    def last(self):
        if self.binary:
            return Dense(1, activation="sigmoid")
        return Dense(10, activation="softmax")

task = Task(mode)
model = keras.Sequential([Dense(64), task.last()])
model.compile("adam", loss=task.loss)
""",
    "number": """
n = int(sys.argv[2])
last = Dense(1, activation="sigmoid") if n <= 2 else Dense(10, activation="softmax")
model = keras.Sequential([Dense(64), last])
model.compile("adam", loss="categorical_crossentropy" if n > 2 else "binary_crossentropy")
""",
    "early return": """
def build(model):
    if binary:
        model.add(Dense(1, activation="sigmoid"))
        model.compile("adam", loss="binary_crossentropy")
        return model
    model.add(Dense(10, activation="softmax"))
    model.compile("adam", loss="categorical_crossentropy")
    return model

build(keras.Sequential([Dense(64)]))
""",
}


@pytest.mark.parametrize("how", sorted(SEPARATELY))
def test_one_condition_tested_at_two_places(how: str) -> None:
    result = check(KERAS + SEPARATELY[how])
    assert codes(result) == []
    assert facts(result) == RIGHT


def test_a_fault_on_every_path_is_reported() -> None:
    result = check(
        KERAS
        + """
last = Dense(1, activation="softmax") if binary else Dense(10)
model = keras.Sequential([Dense(64), last])
model.compile("adam", loss="binary_crossentropy" if binary else "sparse_categorical_crossentropy")
model.fit(x, y)
"""
    )
    assert sorted(codes(result)) == ["XL101", "XL202"]


def test_unrelated_conditions_are_not_kept_together() -> None:
    """Scores may reach the loss only where the two flags differ: not on every path, so nothing is said."""
    result = check(
        """
        import sys
        from torch import nn

        net = nn.Sequential(nn.Linear(8, 3), nn.LogSoftmax(dim=1) if sys.argv[1] else nn.Identity())
        criterion = nn.NLLLoss() if sys.argv[2] else nn.CrossEntropyLoss()
        loss = criterion(net(x), y)
        loss.backward()
        """
    )
    assert codes(result) == []
    assert len(facts(result)) == 4


def test_flag_kept_together_over_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "settings.py").write_text("import os\nBINARY = os.environ.get('TASK') == 'binary'\n")
    (tmp_path / "model.py").write_text(
        "import settings\nfrom keras.layers import Dense\n\n\ndef head():\n    if settings.BINARY:\n"
        "        return Dense(1, activation='sigmoid')\n    return Dense(10, activation='softmax')\n"
    )
    (tmp_path / "losses.py").write_text(
        "from settings import BINARY\n\n"
        "LOSS = 'binary_crossentropy' if BINARY else 'categorical_crossentropy'\n"
    )
    (tmp_path / "train.py").write_text(
        "from keras import Sequential\nfrom model import head\nfrom losses import LOSS\n\n"
        "model = Sequential([head()])\nmodel.compile('adam', loss=LOSS)\n"
    )
    result = scan(["."], SETTINGS)
    assert codes(result) == []
    assert facts(result) == RIGHT


def test_a_default_decides_which_side_is_reported() -> None:
    script = """
        import torch
        from torch import nn
        from sklearn.datasets import load_iris

        class Net(nn.Module):
            def __init__(self, probabilities={default}):
                super().__init__()
                self.fc = nn.Linear(4, 3)
                self.probabilities = probabilities

            def forward(self, x):
                x = self.fc(x)
                return torch.softmax(x, dim=1) if self.probabilities else x

        x, y = load_iris(return_X_y=True)
        net = Net()
        loss = nn.CrossEntropyLoss()(net(torch.tensor(x).float()), torch.tensor(y))
        """
    assert codes(check(script.format(default=True))) == ["XL201"]
    assert codes(check(script.format(default=False))) == []
