"""Directional derivatives: forms in, forms out, refusals."""

import pathlib
import subprocess
import sys
import warnings

import numpy as np
import pytest

import wengert.numeric
from wengert.errors import ArgumentError, ShapeError
from wengert.numeric import SCHEMES, Difference, directional, estimate

X = np.array([[0.3, -1.2, 2.0], [0.5, 1.5, -0.4]])
V = np.array([[1.0, -0.5, 0.25], [2.0, 0.0, -1.0]])


def accuracy(scheme):
    return 1e-6 if SCHEMES[scheme].order == 1 and "ridders" not in scheme else 1e-8


@pytest.mark.parametrize("scheme", SCHEMES)
def test_array_to_array(scheme):
    def f(x):
        return np.sin(x) @ np.arange(3.0)

    found = directional(f, X, V, scheme)
    assert found.shape == (2,)
    expected = (np.cos(X) * V) @ np.arange(3.0)
    assert found == pytest.approx(expected, abs=10 * accuracy(scheme))


def test_forms_of_the_result():
    assert type(directional(lambda x: x * 2, 3.0, 1.0)) is float
    assert type(directional(np.sin, 3.0, 1.0)) is np.float64
    assert directional(lambda x: np.array(x), 3.0, 1.0).shape == ()
    assert type(directional(lambda x: 7, 3.0, 1.0)) is float
    assert type(directional(lambda x: x, 3.0 + 1j, 1.0)) is complex
    assert directional(lambda x: np.zeros((0, 2)), 1.0, 1.0).shape == (0, 2)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_single_precision_stays_single(scheme):
    x, v = X.astype(np.float32), V.astype(np.float32)
    seen = set()

    def f(x):
        seen.add(x.dtype)
        return np.sin(x)

    found = estimate(f, x, v, scheme)
    assert found.value.dtype == found.error.dtype == np.float32
    assert all(dtype.itemsize == 4 * (1 + (dtype.kind == "c")) for dtype in seen)
    assert found.value == pytest.approx(np.cos(x) * v, abs=3e-3)


def test_trees_in_and_out():
    def f(p):
        return {"y": p["w"] * p["b"][0], "z": (p["b"][0] ** 2, 3)}

    x = {"w": X, "b": [2.0]}
    v = {"w": V, "b": [0.5]}
    found = estimate(f, x, v)
    assert found.value["y"] == pytest.approx(2.0 * V + 0.5 * X)
    assert found.value["z"] == pytest.approx((2.0, 0.0))
    assert found.error["y"].shape == X.shape and found.error["z"][1] < 1e-12


def test_complex_direction():
    z, v = X + 1j * V, V - 2j * X
    assert directional(np.exp, z, v) == pytest.approx(np.exp(z) * v, rel=1e-7)
    # Of a real function, the derivative along v is real.
    square = directional(lambda z: np.abs(z) ** 2, z, v)
    assert square.dtype == np.float64
    assert square == pytest.approx(2 * (z.conj() * v).real, rel=1e-7)


def test_complex_single_precision():
    z = (X + 1j * V).astype(np.complex64)
    found = estimate(np.exp, z, np.ones_like(z))
    assert found.value.dtype == np.complex64 and found.error.dtype == np.float32
    assert found.value == pytest.approx(np.exp(z), rel=1e-4)


def test_real_argument_complex_value():
    found = directional(lambda t: np.exp(1j * t), 0.5, 1.0)
    assert found == pytest.approx(1j * np.exp(0.5j))


def test_hessian_vector_product_from_a_gradient():
    A = np.array([[2.0, 1.0], [1.0, 3.0]])
    v = np.array([1.0, -1.0])
    found = directional(lambda x: A @ x, np.array([0.3, 0.7]), v, "forward")
    assert found == pytest.approx(A @ v, rel=1e-6)


def test_zero_direction():
    assert directional(np.sin, X, np.zeros_like(X)) == pytest.approx(np.zeros((2, 3)))


def test_estimate_reports_step_and_evaluations():
    calls = []

    def f(x):
        calls.append(x)
        return np.sin(x)

    for scheme in SCHEMES:
        for step in (None, 1e-3, "automatic"):
            calls.clear()
            found = estimate(f, 1.0, 1.0, scheme, step)
            assert isinstance(found, Difference)
            assert found.evaluations == len(calls)
            assert found.step > 0
            assert abs(found.value - np.cos(1.0)) <= 3 * found.error + 1e-15
    assert estimate(f, 1.0, 1.0, "central", 1e-3).step == 1e-3


def test_costs_of_plain_differences():
    counts = {}
    for scheme in ("forward", "central", "central4", "complex"):
        calls = []
        directional(lambda x, calls=calls: calls.append(x) or x, 1.0, 1.0, scheme)
        counts[scheme] = len(calls)
    assert counts == {"forward": 2, "central": 3, "central4": 5, "complex": 2}


def test_warnings_at_displaced_points_are_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimate(np.log, 1e-9, 1.0)
        estimate(np.sqrt, 0.0, 1.0)


def test_errors_of_f_are_passed_on():
    def f(x):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        directional(f, 1.0, 1.0)


def test_f_may_write_into_its_argument():
    def f(x):
        x[0, 0] *= 2
        return x

    x = X.copy()
    expected = V.copy()
    expected[0, 0] *= 2
    assert directional(f, x, V) == pytest.approx(expected)
    assert np.array_equal(x, X)


@pytest.mark.parametrize(
    ("x", "v", "message"),
    [
        (1, 1, "x is 1 of type int"),
        (np.arange(3), np.ones(3), "int64 and shape"),
        ({"a": 1.0, "b": "text"}, {"a": 1.0, "b": 0.0}, r"x\['b'\]"),
        ({}, {}, "no numbers"),
        (1.0, "one", "direction of x is 'one'"),
        (1.0, 1j, "direction of x is complex"),
    ],
)
def test_bad_arguments(x, v, message):
    with pytest.raises(ArgumentError, match=message):
        directional(lambda x: x, x, v)


def test_directions_of_another_form():
    with pytest.raises(ShapeError, match=r"shape \(2,\).*shape \(2, 3\)"):
        directional(np.sin, X, np.ones(2))
    with pytest.raises(ShapeError, match="structure"):
        directional(lambda x: x["a"], {"a": 1.0}, {"b": 1.0})


@pytest.mark.parametrize("y", [None, "text", np.array(["a"]), [], object()])
def test_outputs_that_are_no_numbers(y):
    with pytest.raises(ArgumentError, match=r"f\(x\)"):
        directional(lambda x: y, 1.0, 1.0)


def test_outputs_that_change_their_form():
    with pytest.raises(ShapeError, match="expected shape"):
        directional(lambda x: np.ones(1 + (x > 1)), 1.0, 1.0)
    with pytest.raises(ShapeError, match="structure"):
        directional(lambda x: (x,) if x > 1 else x, 1.0, 1.0)


def test_complex_step_refuses_what_is_not_analytic():
    with pytest.raises(ArgumentError, match="analytic"):
        directional(np.abs, 1.0, 1.0, "complex")
    with pytest.raises(ArgumentError, match="needs real x"):
        directional(np.exp, 1.0 + 1j, 1.0, "complex")


def test_import_is_cheap():
    # Of this package alone: an empty parent stands in for what `wengert` imports.
    parent = pathlib.Path(wengert.numeric.__file__).parent.parent
    code = (
        "import sys, types, numpy\n"
        "sys.modules['wengert'] = types.ModuleType('wengert')\n"
        f"sys.modules['wengert'].__path__ = [{str(parent)!r}]\n"
        "before = set(sys.modules)\n"
        "import wengert.numeric\n"
        "new = {m.partition('.')[0] for m in set(sys.modules) - before}\n"
        "print(sorted(new - {'numpy', 'wengert'} - set(sys.stdlib_module_names)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"
