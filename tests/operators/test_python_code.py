"""Functions and derivatives written as NumPy code give wengert's numbers without it."""

import ast
import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pytest

from tests.cases import CASES
from tests.engines.c.test_programs import weighted
from tests.operators.test_loops import PROGRAMS, X
from wengert import (
    cond,
    grad,
    hessian,
    scan,
    switch,
    to_python,
    value_and_grad,
    while_loop,
)
from wengert.errors import ArgumentError

A = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
LONG = np.linspace(0.0, 1.0, 100)


def same(f, *args, rtol=1e-12, **options):
    source = to_python(f, *args, **options)
    ast.parse(source.code)
    expected, found = f(*args), source.function()(*args)
    for y, reference in zip(flat(found), flat(expected), strict=True):
        scale = np.max(np.abs(reference), initial=1e-300)
        np.testing.assert_allclose(y, reference, rtol=rtol, atol=rtol * scale)
    return source


def flat(result):
    if isinstance(result, dict):
        return [y for key in sorted(result) for y in flat(result[key])]
    if isinstance(result, tuple | list):
        return [y for part in result for y in flat(part)]
    if result is None:
        return []
    return [np.asarray(result)]


# ----- right -----


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("order", [0, 1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_corpus(case, order):
    f, xs = weighted(case)
    wrt = tuple(range(len(xs)))
    made = (f, grad(f, argnums=wrt), hessian(f))[order]
    same(made, *xs, name="f", rtol=1e-10)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_loops(f):
    same(f, X)
    same(grad(lambda x: np.sum(f(x))), X, rtol=1e-10)


def test_branches():
    def f(x, k):
        y = cond(x[0] > 0, lambda x: np.sin(x), lambda x: x**2, x)
        return np.sum(switch(k, [lambda y: y, lambda y: 3 * y, np.exp], y))

    for sign in (1.0, -1.0):
        for k in range(3):
            point = sign * np.array([0.5, 2.0])
            made = grad(f)
            source = to_python(made, point, np.int64(k), name="f").function()
            for other in (point, -point):
                for j in range(3):
                    expected = made(other, np.int64(j))
                    found = source(other, np.int64(j))
                    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_a_loop_whose_length_is_unknown():
    def f(x):
        return while_loop(lambda s: s < 10, lambda s: s * s + 1, x)

    slope = same(grad(f), 0.5).function()
    for x in (-2.0, 0.1, 3.0, 11.0):
        np.testing.assert_allclose(slope(x), grad(f)(x), rtol=1e-14)


def test_an_unrolled_loop_is_a_loop_again():
    def f(x):
        for _ in range(40):
            x = np.sin(x) + 0.1 * x
        return x.sum()

    code = same(grad(f), np.ones(3), rtol=1e-10).code
    assert "for k in range(" in code
    assert code.count("np.sin") < 5


@pytest.mark.filterwarnings("ignore")
def test_a_zero_cotangent_wins():
    def f(x):
        return np.sum(np.where(x > 0, np.sqrt(x), 0.0))

    x = np.array([0.0, 4.0])
    np.testing.assert_array_equal(to_python(grad(f), x).function()(x), [0, 0.25])
    plain = to_python(grad(f), x, plain=True)
    assert np.isnan(plain.function()(x)[0])
    assert "scale" not in plain.code


# ----- the module -----


class Pair(NamedTuple):
    mean: object
    spread: object


def test_containers_go_in_and_out():
    def f(params, points):
        z = points[0] @ params["w"] + params["b"]
        return {"z": z, "both": [z.sum(), Pair(z.mean(), z.std())], "none": None}

    same(f, {"w": np.ones(2), "b": 0.5}, (A,))
    source = to_python(f, {"w": np.ones(2), "b": 0.5}, (A,))
    assert "def f(params, points):" in source.code
    assert source.function()({"w": np.ones(2), "b": 0.5}, (A,))["none"] is None


def test_names_are_the_users_own():
    def loss(x):
        residual = A @ x - LONG[:3]
        total = np.sum(residual**2)
        return total * residual[0]

    code = same(value_and_grad(loss), np.ones(2)).code
    assert "residual = A @ x - " in code
    assert "def value_and_grad_loss(x):" in code
    assert "A = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]" in code


def test_long_arrays_lie_beside_the_code(tmp_path):
    source = same(lambda x: np.sum(np.sin(LONG * x)), 2.0, name="waves")
    assert source.arrays == {"LONG": pytest.approx(LONG)}
    assert [p.name for p in source.write(tmp_path)] == ["waves.py", "waves.npz"]
    assert len(source.code) < 2000


def test_static_arguments_are_checked():
    f = to_python(lambda x, n: x**n, 2.0, 3).function()
    assert f(2.0, 3) == 8
    with pytest.raises(ValueError, match="this code is for n = 3"):
        f(2.0, 4)


def test_shapes_dtypes_and_branches_are_checked():
    def f(x):
        return x.sum() if x[0] > 1 else -x.sum()

    g = to_python(f, np.array([2.0, 3.0])).function()
    assert g([2, 3]) == 5
    with pytest.raises(ValueError, match=r"x is float64\[3\].* for float64\[2\]"):
        g(np.ones(3))
    with pytest.raises(ValueError, match="x is complex128"):
        g(np.ones(2) * 1j)
    with pytest.raises(ValueError, match=r"where x\[0\] > 1 is True"):
        g([0.5, 3])


def test_the_code_runs_where_there_is_no_wengert(tmp_path):
    def f(x):
        y, _ = scan(lambda c, _: (np.tanh(A.T @ (A @ c)), None), x, None, length=4)
        return np.sum(np.linalg.solve(A.T @ A, y)) + LONG.sum()

    x = np.array([0.1, 0.2])
    to_python(grad(f), x, name="slope", folder=tmp_path)
    program = (
        "import sys; sys.modules['wengert'] = None\n"
        "from slope import slope; print(*slope([0.1, 0.2]).tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True
    )
    found = np.array(done.stdout.split(), float)
    np.testing.assert_allclose(found, grad(f)(x), rtol=1e-13)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_reads_well():
    code = to_python(grad(rosenbrock), np.ones(5)).code
    body = code[code.index("    x = as_input") :]
    assert body == (
        '    x = as_input("x", x, (5,), np.float64)\n'
        "    v1 = x[:-1]\n"
        "    v2 = np.zeros((5,), np.float64)\n"
        "    v2[:-1] = -(2 * (1 - v1))\n"
        "    v3 = 100.0 * (2 * (x[1:] - np.square(v1)))\n"
        "    v4 = np.zeros((5,), np.float64)\n"
        "    v4[:-1] = -v3 * (2 * v1)\n"
        "    v5 = np.zeros((5,), np.float64)\n"
        "    v5[1:] = v3\n"
        "    return v2 + v4 + v5\n"
    )


def test_refusals():
    with pytest.raises(ArgumentError, match="needs a function"):
        to_python(3.0)
    with pytest.raises(ArgumentError, match="no name for a function"):
        to_python(np.sin, 1.0, name="a b")
