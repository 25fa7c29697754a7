"""Functions in files: how they are found, bound to their values, and run."""

import sys

import pytest

from wengert.cli.binding import Binding
from wengert.cli.options import InputError

MODEL = """
import numpy as np
import beside

A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
print("the file speaks")

def loss(w, scale=1.0):
    return scale * (w @ w)

def layer(x):
    return np.tanh(A @ x)

def power(x, n: int = 3):
    y = 1.0
    for _ in range(n):
        y = y * x
    return y

def fraction(x, k):
    z = 1.0
    for _ in range(k):
        z = x + 1 / z
    return z

def switched(x, on=False):
    return x**2 if on is True else x

def by_keyword(a, *, b, c=2.0):
    return a - b * c

def many(*xs):
    return xs[0] - xs[1]

def named(x, **more):
    return {"sum": x + more["b"], "product": x * more["b"]}

def halved(x: float, n: float = 2.0):
    assert type(n) is float
    return x / n

def later(x):
    import late
    return late.times(x)

def chatty(x):
    print("called")
    return 2 * x

class Line:
    slope = 3.0

    def __call__(self, x):
        return self.slope * x

    def squared(self, x):
        return self.slope * x**2

line = Line()
sine = np.sin
hidden = lambda x: beside.FACTOR * x

if __name__ == "__main__":
    raise SystemExit("run as a script")
"""


@pytest.fixture(autouse=True)
def model(own_folder):
    (own_folder / "model.py").write_text(MODEL)
    (own_folder / "beside.py").write_text("FACTOR = 7.0\n")
    (own_folder / "late.py").write_text("def times(x):\n    return 5 * x\n")
    yield
    for name in ("beside", "late"):
        sys.modules.pop(name, None)


@pytest.fixture
def lines(run):
    def lines(*words):
        ran = run("diff", *words)
        assert ran.status == 0, ran.err
        return ran.out.splitlines()[3:]

    return lines


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["model.py:loss", "--at", "w=[1,2]"], ["y     = 5", "∂y/∂w = [2, 4]"]),
        (
            ["model.py:loss", "--at", "scale=2,w=[1,2]"],
            ["y         = 10", "∂y/∂w     = [4, 8]", "∂y/∂scale = 5"],
        ),
        (["model.py:power", "--at", "x=2"], ["y     = 8", "∂y/∂x = 12"]),
        (["model.py:power", "--at", "x=2,n=2"], ["y     = 4", "∂y/∂x = 4"]),
        (["model.py:switched", "--at", "x=3"], ["y     = 3", "∂y/∂x = 1"]),
        (["model.py:switched", "--at", "x=3,on=1"], ["y     = 9", "∂y/∂x = 6"]),
        (
            ["model.py:by_keyword", "--at", "b=3,a=1"],
            ["y     = -5", "∂y/∂a = 1", "∂y/∂b = -2"],
        ),
        (
            ["model.py:many", "--at", "one=2,two=5"],
            ["y       = -3", "∂y/∂one = 1", "∂y/∂two = -1"],
        ),
        (["model.py:halved", "--at", "x=3,n=4", "--wrt", "x"],
         ["y     = 0.75", "∂y/∂x = 0.25"]),
        (["model.py:later", "--at", "x=3"], ["y     = 15", "∂y/∂x = 5"]),
        (["model.py:line", "--at", "x=2"], ["y     = 6", "∂y/∂x = 3"]),
        (["model.py:line.squared", "--at", "x=2"], ["y     = 12", "∂y/∂x = 12"]),
        (["model.py:sine", "--at", "x=0"], ["y     = 0", "∂y/∂x = 1"]),
        (["model.py:hidden", "--at", "x=2"], ["y     = 14", "∂y/∂x = 7"]),
    ],
)  # fmt: skip
def test_functions_and_their_values(lines, words, expected):
    assert lines(*words) == expected


def test_a_whole_number_is_an_int_where_nothing_is_differentiated_by_it(lines):
    found = lines("model.py:fraction", "--at", "x=2,k=3", "--wrt", "x")
    assert found == ["y     = 2.428571429", "∂y/∂x = 0.8367346939"]


def test_what_else_may_be_done_is_said(run):
    status, out, said = run("diff", "model.py:fraction", "--at", "x=2,k=3")
    assert (status, out) == (2, "")
    place = "model.py:22 in fraction: TypeError: 'float' object cannot be interpreted"
    assert place in said
    assert "--wrt" in said and "(n: int)" in said


def test_outputs_that_are_containers(lines):
    assert lines("model.py:named", "--at", "x=2,b=5", "--wrt", "x") == [
        "y['product']     = 10",
        "y['sum']         = 7",
        "∂y['product']/∂x = 5",
        "∂y['sum']/∂x     = 1",
    ]


def test_a_jacobian_of_a_file(lines):
    found = lines("model.py:layer", "--at", "x=[0,0,0]")
    assert found == ["y     = [0, 0]", "∂y/∂x = [[1, 2, 3],", "         [4, 5, 6]]"]


@pytest.mark.parametrize("command", ["explain", "graph", "check", "compare"])
def test_the_other_commands_take_files(run, command):
    form = ["--format", "dot"] if command == "graph" else []
    ran = run(command, "model.py:loss", "--at", "w=[1,2],scale=3", *form)
    assert ran.status == 0, ran.err


def test_the_tables_use_the_names_of_the_file(run):
    out = run("explain", "model.py:layer", "--at", "x=[1,0,0]").out
    assert out.startswith("y = layer(x)\n") and "v₁ = A v₀" in out


def test_a_program_is_shown_as_it_runs(run, own_folder):
    (own_folder / "twice.py").write_text(
        "from numpy import sin\ndef f(x):\n    return sin(x) * sin(x)\n"
    )
    out = run("explain", "twice.py:f", "--at", "x=1").out
    assert out.count("= sin v₀") == 2


def test_what_the_file_prints_is_not_mixed_with_the_result(run):
    ran = run("diff", "model.py:chatty", "--at", "x=2")
    assert ran.out == "model.py:chatty\nat x = 2\n\ny     = 4\n∂y/∂x = 2\n"
    assert ran.err.startswith("the file speaks\ncalled\n")


def test_a_file_in_another_folder(run, own_folder, monkeypatch):
    (own_folder / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(own_folder / "deep" / "er")
    ran = run("diff", "../../model.py:hidden", "--at", "x=2")
    assert ran.status == 0 and "∂y/∂x = 7" in ran.out
    ran = run("diff", f"{own_folder}/model.py:hidden", "--at", "x=2")
    assert ran.status == 0 and "∂y/∂x = 7" in ran.out


def test_python_is_left_as_it_was(run, own_folder):
    path, modules = list(sys.path), set(sys.modules)
    run("diff", "model.py:loss", "--at", "w=[1,2]")
    run("diff", "model.py:nothing", "--at", "w=[1,2]")
    assert sys.path == path
    assert set(sys.modules) - modules <= {"beside"}
    assert not (own_folder / "__pycache__" / "model.pyc").exists()


@pytest.mark.parametrize("name", ["numpy.py", "string.py", "__main__.py", "a b.py"])
def test_a_file_may_have_any_name(run, own_folder, name):
    (own_folder / name).write_text("def f(x):\n    return 3 * x\n")
    ran = run("diff", f"{name}:f", "--at", "x=2")
    assert ran.status == 0 and "∂y/∂x = 3" in ran.out, ran.err


def test_a_changed_file_is_read_again(run, own_folder):
    for factor in (2, 3):
        (own_folder / "f.py").write_text(f"def f(x):\n    return {factor} * x\n")
        assert f"∂y/∂x = {factor}" in run("diff", "f.py:f", "--at", "x=1").out


def test_dataclasses_and_decorators_in_a_file(run, own_folder):
    (own_folder / "f.py").write_text(
        "from __future__ import annotations\n"
        "import dataclasses, functools\n"
        "@dataclasses.dataclass\n"
        "class Scale:\n"
        "    factor: float = 4.0\n"
        "def passed(f):\n"
        "    @functools.wraps(f)\n"
        "    def call(*args, **kwargs):\n"
        "        return f(*args, **kwargs)\n"
        "    return call\n"
        "@passed\n"
        "def f(x, n: int):\n"
        "    return Scale().factor * x**n\n"
    )
    out = run("diff", "f.py:f", "--at", "x=1,n=2").out
    assert "∂y/∂x = 8" in out and "∂n" not in out


def test_binding_by_position_and_name():
    def f(a, b=1.0, /, c=2.0, *, d=3.0):
        return a, b, c, d

    assert Binding(f, "f", {"a": 5.0}).callable is f
    assert Binding(f, "f", {"b": 6.0, "a": 5.0}).callable is f
    binding = Binding(f, "f", {"d": 8.0, "a": 5.0})
    assert binding.names == ("a", "d")
    assert binding.callable(5.0, 8.0) == (5.0, 1.0, 2.0, 8.0)
    assert Binding(f, "f", {"c": 7.0, "a": 5.0}).callable(5.0, 7.0)[2] == 7.0


def test_binding_of_what_catches_all():
    def f(a, *args, **kwargs):
        return a, args, kwargs

    assert Binding(f, "f", {"z": 1.0, "a": 2.0}).callable(2.0, 1.0) == (
        2.0, (), {"z": 1.0},
    )  # fmt: skip
    assert Binding(lambda *a: a, "f", {"y": 1.0, "x": 2.0}).callable(1.0, 2.0) == (
        1.0, 2.0,
    )  # fmt: skip


def test_binding_of_builtins():
    assert Binding(max, "max", {"a": 1.0, "b": 2.0}).callable(1.0, 2.0) == 2.0


def test_binding_refuses():
    with pytest.raises(InputError, match="has no parameter 'scal'; did you mean"):
        Binding(lambda scale: scale, "f", {"scal": 1.0})
    with pytest.raises(InputError, match="no value for b; write --at a=…,b=…"):
        Binding(lambda a, b, c=1: a, "f", {"a": 1.0})
