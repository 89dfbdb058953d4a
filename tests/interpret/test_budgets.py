"""Whatever a script looks like, its analysis ends soon and without an error: steps are counted, not time."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from xlint.engine import scan, scan_text
from xlint.settings import Settings
from xlint.sites import ScanResult

SETTINGS = Settings(no_cache=True, jobs=1)

TAIL = """
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST

net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.Softmax(dim=1))
criterion = nn.CrossEntropyLoss()
for images, labels in DataLoader(MNIST("data"), batch_size=8):
    criterion(net(images), labels).backward()
"""
"""A fault that is to be found behind whatever stands above it."""


def check(script: str, expected: list[str]) -> ScanResult:
    result = scan_text("train.py", script, SETTINGS)
    assert result.problems == ()
    assert [finding.code for finding in result.findings] == expected
    return result


def lines(pattern: str, count: int) -> str:
    return "\n".join(pattern.format(i=i, before=i - 1) for i in range(1, count + 1)) + "\n"


SHARED = """
x = len(sys.argv) | x = x + x
x = len(sys.argv) | x = x * x - x
x = sys.argv[0] | x = f'{x}{x}'
x = 'ab' | x = x + x
x = [1, 2] | x = x + x
x = [0] | x = [x, x]
x = (0,) | x = (x, x)
x = {} | x = {'a': x, 'b': x}
x = 10 | x = x ** x
"""
"""A first line, and one that is repeated 60 times: as trees, these values have 2**60 leaves."""

ODD = """
x = [0] * 10 ** 12; y = 'a' * 10 ** 12; z = (1,) * 10 ** 12
---
x = 1 << (1 << 40)
---
for i in range(10 ** 12): x = i
y = list(range(10 ** 12))[-1]
---
i = 0
while True: i += 1
---
def f(n): return f(n - 1) + f(n - 2)
f(10 ** 6)
---
def f(n): return g(n)
def g(n): return f(n)
f(1)
---
def f(g): return g(g)
f(f)
---
class A:
    def __init__(self): self.a = A()
A()
---
class A(A): pass
A().x
---
class A:
    @property
    def x(self): return self.x
A().x
---
class A:
    def __getattr__(self, name): return getattr(self, name)
A().x
---
x = []
x.append(x)
print(x[0][0][0], len(x), x == x)
---
d = {}
d['d'] = d
d.update(**d)
---
class A: pass
a = A()
a.a = a
a.b = [a]
---
class M(type):
    def __call__(cls, *a): return cls
class A(metaclass=M): pass
A()
---
def d(f): return lambda *a, **k: d(f)(*a, **k)
@d
@d
def f(x): return f(x)
f(1)
---
exec('x = 1')
eval('x')
globals()['y'] = 2
print(x, y)
---
import torch
torch.relu = lambda x: torch.relu(x)
torch.relu(torch.zeros(1))
---
x = [y := [y for y in range(9)] for _ in range(9) if (z := 3)]
---
def g():
    while True: yield from g()
for a in g(): pass
---
try: raise ValueError
except (ValueError, *[]) as e: raise
else: pass
finally: del e
"""
"""Scripts that refer to themselves, and others that no one writes."""

LONG = {
    "forty conditions": lines("if sys.argv[{i}]:\n    x = x + {i}", 40) + "y = [x] * x\n",
    "forty ways out": f"def f(x):\n{lines('    if x[{i}]: return {i}', 40)}\nprint(f(sys.argv), f(f))\n",
    "deep calls": f"def f0(x): return x\n{lines('def f{i}(x): return f{before}(x)', 300)}f300(1)\n",
    "wide calls": f"def f0(x): return x\n{lines('def f{i}(x): return f{before}(f{before}(x))', 40)}f40(1)\n",
    "deep classes": f"class A0: pass\n{lines('class A{i}(A{before}): pass', 200)}A200().x\n",
    "diamonds": "class A0: pass\n"
    + lines("class B{i}(A{before}): pass\nclass C{i}(A{before}): pass\nclass A{i}(B{i}, C{i}): pass", 15)
    + "A15().x\n",
    "nested loops": "".join(" " * i + f"for i{i} in range(9):\n" for i in range(12)) + " " * 12 + "x = 1\n",
    "nested conditions": "".join(" " * i + f"if sys.argv[{i}]:\n" for i in range(40)) + " " * 40 + "x = 1\n",
    "long sum": "x = " + " + ".join(["1"] * 500) + "\n",
    "long elif": "if sys.argv[0]: pass\n" + lines("elif sys.argv[{i}]: x = {i}", 150),
}
SCRIPTS = (
    {line: line.split(" | ")[0] + ("\n" + line.split(" | ")[1]) * 60 for line in SHARED.strip().split("\n")}
    | {f"odd {number}": script for number, script in enumerate(ODD.split("---\n"))}
    | LONG
)


@pytest.mark.parametrize("name", list(SCRIPTS))
def test_the_fault_above_is_still_found(name: str) -> None:
    """The fault stands in a function that nobody calls, which has a budget of its own."""
    body = "\n".join("    " + line for line in TAIL.strip().split("\n"))
    check(f"import sys\n\n\ndef train():\n{body}\n\n\n{SCRIPTS[name]}", ["XL201"])


def test_three_thousand_lines() -> None:
    script = "import numpy as np\n" + lines("width_{i} = {i} * 2\nprint('step', width_{i})", 1500) + TAIL
    check(script, ["XL201"])


def test_a_thousand_functions() -> None:
    functions = lines("def step_{i}(model, x, y, lr={i}):\n    h = model(x)\n    return h - y * lr\n", 1000)
    check(functions + TAIL, ["XL201"])


def test_a_network_of_three_hundred_layers() -> None:
    script = dedent(
        """
        from keras.layers import Add, Dense, Input
        from keras.models import Model

        inputs = Input((8,))
        x = inputs
        for i in range(300):
            x = Add()([x, Dense(8, activation="relu")(x)])
        model = Model(inputs, Dense(1, activation="softmax")(x))
        model.compile("adam", "binary_crossentropy")
        """
    )
    check(script, ["XL101"])


def test_layers_shared_sixty_times() -> None:
    """Each layer adds its input to itself: as a tree, 2**60 layers."""
    script = "import torch\nfrom torch import nn\nx = nn.Linear(4, 10)(data)\n"
    script += "x = torch.cat([x, x]) + x\n" * 60
    check(script + TAIL, ["XL201"])


def test_modules_that_import_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("from b import *\nfrom b import two\nimport c\nN = 1\ndef one(): two()\n")
    (tmp_path / "b.py").write_text("import a\nfrom a import *\nfrom a import one\ndef two(): return one()\n")
    (tmp_path / "c.py").write_text("import c\nfrom c import c\nfrom a import N\n")
    (tmp_path / "train.py").write_text("import a, b, c\nfrom a import *\na.one()\nb.two()\n" + TAIL)
    result = scan(["."], SETTINGS)
    assert result.problems == ()
    assert [(finding.place.path, finding.code) for finding in result.findings] == [("train.py", "XL201")]


def test_a_long_line_of_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for i in range(150):
        (tmp_path / f"m{i}.py").write_text(f"from m{i + 1} import WIDTH\n")
    (tmp_path / "m150.py").write_text("WIDTH = 10\n")
    (tmp_path / "train.py").write_text("from m0 import WIDTH\n" + TAIL)
    result = scan(["train.py"], SETTINGS)
    assert result.problems == ()
    assert [finding.code for finding in result.findings] == ["XL201"]
