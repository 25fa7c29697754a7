"""The files that `to_c` writes: compiled, run, called, and what is refused."""

import ctypes
import dataclasses
import re
import shutil
import subprocess
import threading

import numpy as np
import pytest

from tests.engines.c.compiling import compiled, needs_cc, run_main
from wengert import (
    checkpoint,
    cond,
    grad,
    hessian,
    to_c,
    trace,
    value_and_grad,
    while_loop,
)
from wengert.errors import ArgumentError, EngineError, GuardError, ShapeError

X = np.array([0.3, -1.2, 0.7, 2.0])


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@dataclasses.dataclass
class Layer:
    """A pytree."""

    w: np.ndarray
    b: np.ndarray


def network(layers, settings, x):
    for layer in layers:
        x = np.tanh(layer.w @ x + layer.b) * settings["scale"]
    return {"y": x, "norm": np.sum(x**2)}


LAYERS = [Layer(np.ones((3, 2)) * 0.3, np.arange(3.0)), Layer(np.eye(3), np.zeros(3))]


def codes_of(source, folder):
    """Compile a source, and give a function from arrays to code and outputs."""
    source.write(folder)
    flags = ["-shared", "-fPIC", f"{source.name}.c", "-lm", "-o", f"{source.name}.so"]
    compiled(flags, folder)
    library = ctypes.CDLL(str(folder / f"{source.name}.so"))
    size = int(re.search(r"_WORK (\d+)", source.header)[1])

    def call(*arrays):
        work = np.empty(size // 8 + 1)
        pointers = [ctypes.c_void_p(a.ctypes.data) for a in (*arrays, work)]
        return getattr(library, source.name)(*pointers)

    return call


# ----- the program that checks the code -----

SOURCES = {
    "value": lambda: to_c(rosenbrock, X, name="value"),
    "value_and_gradient": lambda: to_c(value_and_grad(rosenbrock), X, name="vg"),
    "hessian": lambda: to_c(hessian(rosenbrock), X, name="second"),
    "containers": lambda: to_c(network, LAYERS, {"scale": 0.5}, X[:2]),
    "graph": lambda: to_c(trace(grad(rosenbrock), X), X, name="g"),
    "single": lambda: to_c(lambda x: x * np.sin(x), X.astype(np.float32)),
    "counts": lambda: to_c(lambda n: (n // 3, n > 2), np.arange(7), name="counts"),
    "nothing": lambda: to_c(lambda x: (), 1.0, name="nothing"),
    "empty": lambda: to_c(lambda x: (x * 2, x.sum()), np.zeros((0, 3)), name="empty"),
    "infinite": lambda: to_c(lambda x: x / (x - x[0]), X, name="infinite"),
    "checkpoint": lambda: to_c(
        grad(lambda x: checkpoint(rosenbrock)(checkpoint(np.sin)(x))), X, name="again"
    ),
    "static": lambda: to_c(lambda x, n: x**n, 1.5, 3, name="static_n"),
}


@needs_cc
@pytest.mark.filterwarnings("ignore:.*encountered in")
@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES)
def test_main_says_ok(make, tmp_path):
    done = run_main(make(), tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok\n", "")


@needs_cc
def test_main_finds_a_wrong_result(tmp_path):
    source = to_c(grad(rosenbrock), X, name="wrong")
    code = source.code.replace("2.0 *", "2.001 *")
    done = run_main(dataclasses.replace(source, code=code), tmp_path)
    assert done.returncode == 1
    assert re.fullmatch(r"out\[0\] is \S+, not \S+\n", done.stdout)


@needs_cc
def test_main_finds_wrong_integers_and_zeros(tmp_path):
    source = to_c(lambda n: n + 2, np.arange(3), name="two")
    code = source.code.replace("2", "3")
    done = run_main(dataclasses.replace(source, code=code), tmp_path)
    assert done.stdout == "out[0] is 3, not 2\n"
    source = to_c(lambda x: x * 1e-20, X, name="small")
    code = source.code.replace("1e-20", "0.0")
    done = run_main(dataclasses.replace(source, code=code), tmp_path)
    assert done.returncode == 1


@needs_cc
@pytest.mark.skipif(shutil.which("c++") is None, reason="no C++ compiler")
def test_the_header_is_cpp_too(tmp_path):
    to_c(rosenbrock, X, name="value").write(tmp_path)
    (tmp_path / "a.cpp").write_text('#include "value.h"\n#include "value.h"\n')
    command = ["c++", "-Wall", "-Wextra", "-Werror", "-pedantic", "-c", "a.cpp"]
    assert subprocess.run(command, cwd=tmp_path).returncode == 0


@needs_cc
def test_a_number_takes_the_dtype_that_a_graph_asks_for(tmp_path):
    source = to_c(trace(lambda x: x * 2, np.float32(1.5)), 0.25, name="weak")
    assert "static const float given_x[1]" in source.main
    assert run_main(source, tmp_path).stdout == "ok\n"


# ----- codes -----


@needs_cc
def test_a_guard_that_fails_gives_its_code(tmp_path):
    def f(x, y):
        if x > 0:
            y = y * 2
        return y[int(x) :] if not y[0] > 100 else y

    source = to_c(f, 1.5, X[:3], name="guarded")
    assert "test_source.py:" in source.header and "not True" in source.header
    call, out = codes_of(source, tmp_path), np.zeros(2)
    assert call(np.array(1.9), X, out) == 0
    np.testing.assert_allclose(out, 2 * X[1:3])
    assert call(np.array(-1.0), X, out) == 2
    for bad in (0.5, 2.0, np.inf):
        assert call(np.array(bad), X, out) == 4
    assert call(np.array(np.nan), X, out) == 2
    assert call(np.array(1.0), X + 100, out) == 3


@needs_cc
def test_an_index_out_of_range_gives_its_code(tmp_path):
    source = to_c(lambda x, i: np.sum(x[i]), X, np.array([0, 3]), name="picked")
    call, out = codes_of(source, tmp_path), np.zeros(1)
    assert call(X, np.array([-4, 2]), out) == 0
    assert out[0] == X[0] + X[2]
    for bad in ([0, 4], [-5, 0], [2**62, 0], [-(2**63), 0]):
        assert call(X, np.array(bad), out) == 1


@needs_cc
def test_a_failure_within_a_loop_comes_out(tmp_path):
    def f(x, i):
        def step(p):
            k, v = p
            return k + 1, cond(x[i][0] > -9, lambda v: v * x[i][1], np.sin, v)

        return while_loop(lambda p: p[0] < 3, step, (0, 1.5))[1]

    for made in (f, grad(f)):
        source = to_c(made, X, np.array([0, 3]), name="inside")
        call, out = codes_of(source, tmp_path), np.zeros(4)
        assert call(X, np.array([0, 3]), out) == 0
        assert call(X, np.array([0, 4]), out) == 1


@needs_cc
def test_calls_at_the_same_time(tmp_path):
    def f(x):
        y = np.cumprod(np.ones(1)) * x
        return np.sum(np.sin(y)) * np.cos(y) + np.max(y) * np.sum(np.exp(y / 9))

    x = np.linspace(-1, 1, 5000)
    call = codes_of(to_c(f, x, name="together"), tmp_path)
    wanted, wrong = [f(x + k) for k in range(4)], []

    def run(k):
        out = np.empty_like(x)
        for _ in range(50):
            call(x + k, out)
            if not np.allclose(out, wanted[k], rtol=1e-11, atol=0):
                wrong.append(k)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# ----- names and files -----


def test_names_are_those_of_the_arguments():
    header = to_c(network, LAYERS, {"scale": 0.5}, X[:2]).header
    pointers = re.findall(r"\*(\w+)[,)]", header.split("int network(")[1])
    assert pointers == [
        "layers_0_w", "layers_0_b", "layers_1_w", "layers_1_b", "settings_scale", "x",
        "out_norm", "out_y", "work",
    ]  # fmt: skip
    assert "layers[0].w, shape (3, 2)" in header
    assert "settings['scale'], 1 number" in header


def test_names_that_c_or_the_code_itself_uses():
    def f(σ, exp, v1, work, i0, *rest):
        return σ * exp + v1 * work - i0 * rest[0]

    header = to_c(f, *map(float, range(6)), name="f").header
    assert re.findall(r"\*(\w+)[,)]", header.split("int f(")[1]) == [
        "sigma", "exp_", "v1_", "work_", "i0_", "rest_0", "out", "work",
    ]  # fmt: skip


@needs_cc
def test_reserved_names_compile(tmp_path):
    def f(sin, double, s1, m1, out, code, lane):
        return np.sin(sin) + np.sum(np.cos(double)) * s1 + m1 * out * code * lane

    values = [0.1, np.linspace(0, 1, 50), 0.2, 0.3, 0.4, 0.5, 0.6]
    assert run_main(to_c(f, *values, name="odd"), tmp_path).stdout == "ok\n"


def test_the_name_of_the_function():
    assert to_c(rosenbrock, X).name == "rosenbrock"
    assert to_c(grad(rosenbrock), X).name == "rosenbrock"
    assert to_c(lambda x: x, 1.0).name == "f"
    for bad in ("2x", "a-b", "", "int", "exp", "main", "printf", "σ", "a b", "a\n"):
        with pytest.raises(ArgumentError, match="cannot be named"):
            to_c(rosenbrock, X, name=bad)


def test_three_files(tmp_path):
    source = to_c(rosenbrock, X, folder=tmp_path / "new" / "folder")
    paths = source.write(tmp_path)
    assert [p.name for p in paths] == ["rosenbrock.h", "rosenbrock.c",
                                       "rosenbrock_main.c"]  # fmt: skip
    for path in paths:
        again = tmp_path / "new" / "folder" / path.name
        assert path.read_text() == again.read_text()


def test_captured_arrays_are_written_as_they_are_now():
    w = np.array([0.1, 0.2, 0.30000000000000004, -1e-300])
    source = to_c(lambda x: x * w, X)
    w[:] = 0
    assert "0.1, 0.2, 0.30000000000000004, -1e-300" in source.code


# ----- what is refused -----


def test_what_has_no_native_code_is_named_with_its_line():
    with pytest.raises(EngineError, match=r"eigh.*test_source\.py:\d+ in f"):

        def f(x):
            return np.linalg.eigvalsh(np.outer(x, x))

        to_c(f, X)
    with pytest.raises(EngineError, match="sort.*test_source"):
        to_c(lambda x: cond(x[0] > 0, np.sort, np.sin, x), X)
    with pytest.raises(EngineError, match="complex128|c128"):
        to_c(lambda z: z, np.ones(3, complex))


def test_other_refusals():
    with pytest.raises(ArgumentError, match="needs a function or a Graph, not 3"):
        to_c(3.0)
    with pytest.raises(ArgumentError, match="returned 'no'"):
        to_c(lambda x: None if x is None else "no", 1.0)
    graph = trace(lambda x: x if x > 0 else -x, 1.0)
    with pytest.raises(GuardError):
        to_c(graph, np.float64(-1.0))
    with pytest.raises(ShapeError):
        to_c(graph)
    with pytest.raises(ShapeError):
        to_c(graph, X)
