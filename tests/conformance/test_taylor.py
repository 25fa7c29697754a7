"""Every row's Taylor coefficients, against nested pushforwards along the same curve.

The rows are found in the registry: a new one is tested without being told.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from tests.conformance.test_rows import DIFFERENTIABLE, KINKS, closed_over, samples
from wengert.graph.primitive import PRIMITIVES
from wengert.operators import jvp, taylor, trace

ORDER = 3


def derivatives(f, order):
    """Give the derivatives 0 … order of a function of one real variable, by nesting."""
    if order == 0:
        return lambda t: (f(t),)

    def pushed(t):
        values, slopes = jvp(derivatives(f, order - 1), (t,), (1.0,))
        return (*values, slopes[-1])

    return pushed


def as_tuple(y):
    return y if isinstance(y, tuple) else (y,)


def check_row(row, sample, order=ORDER, rtol=1e-7):
    """Compare one output after the other, along a curve of two coefficients."""
    f, moved = closed_over(row, sample.inputs, sample.params)
    if not moved or all(x.size == 0 for x in moved):
        return
    rng = np.random.default_rng(1)
    curve = [
        tuple(np.asarray(rng.uniform(-0.1, 0.1, x.shape), x.dtype)[()] for x in moved)
        for _ in range(2)
    ]
    found = taylor(f, tuple(moved), curve, order, argnums=range(len(moved)))
    for place, y in enumerate(as_tuple(f(*moved))):
        if np.asarray(y).dtype.kind not in "fc":
            continue

        def along(t, place=place):
            x = (x + a * t + b * t * t for x, a, b in zip(moved, *curve, strict=True))
            return as_tuple(f(*x))[place]

        expected = derivatives(along, order)(0.0)
        for k in range(order + 1):
            np.testing.assert_allclose(
                as_tuple(found[k])[place],
                expected[k] / math.factorial(k),
                rtol=rtol,
                atol=1e-9,
            )


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_coefficients_agree_with_nested_pushforwards(name):
    row = PRIMITIVES[name]
    for sample in samples(row, np.float64)[:1]:
        check_row(row, sample)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_every_sample_agrees_with_nested_pushforwards(name, dtype):
    row = PRIMITIVES[name]
    if np.dtype(dtype).kind not in row.dtypes:
        pytest.skip("not defined for this dtype")
    for sample in samples(row, dtype):
        check_row(row, sample)


@pytest.mark.parametrize("name,k", KINKS)
def test_kinks_have_the_stated_derivative(name, k):
    row = PRIMITIVES[name]
    kink = row.kinks[k]
    inputs = [
        np.asarray(x, float)[()] if np.asarray(x).dtype.kind == "f" else x
        for x in kink.inputs
    ]
    f, moved = closed_over(row, inputs, kink.params)
    stated = [g for g in kink.gradient if g is not None][: len(moved)]
    for j, expected in enumerate(stated):
        v = [np.zeros_like(x) for x in moved]
        v[j] = np.ones_like(moved[j])
        _, slope = taylor(f, tuple(moved), tuple(v), 1, argnums=range(len(moved)))
        np.testing.assert_array_equal(
            np.sum(slope), np.sum(np.broadcast_to(expected, np.shape(moved[j])))
        )


# SciPy says so where the block matrix of high order is far from normal.
@pytest.mark.filterwarnings("ignore:logm result may be inaccurate:RuntimeWarning")
@pytest.mark.slow
@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_no_row_has_a_cost_exponential_in_the_order(name):
    row = PRIMITIVES[name]
    sample = samples(row, np.float64)[0]
    f, moved = closed_over(row, sample.inputs, sample.params)
    if not moved or all(x.size == 0 for x in moved):
        return
    v = tuple(0.1 * np.ones_like(x) for x in moved)
    for order in (8, 16):
        found = taylor(f, tuple(moved), v, order, argnums=range(len(moved)))
        assert len(found) == order + 1


def test_a_wrong_rule_is_found():
    right = PRIMITIVES["multiply"]

    def wrong_taylor(y, x, order):
        for k, c in enumerate(right.taylor(y, x, order), 1):
            yield c if k < 3 else 2.001 * c

    wrong = dataclasses.replace(right, taylor=wrong_taylor)
    sample = samples(right, np.float64)[0]
    check_row(wrong, sample, order=2)
    with pytest.raises(AssertionError):
        check_row(wrong, sample)


QUADRATIC = {
    "exp": np.exp,
    "sin": np.sin,
    "tan": np.tan,
    "arctan": np.arctan,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "cube": lambda x: x**3,
    "power": lambda x: x**2.5,
    "tower": lambda x: x**x,
    "quotient": lambda x: x / (1 + x * x),
    "mixed": lambda x: np.exp(np.sin(x)) / np.sqrt(1 + x * x),
}


@pytest.mark.parametrize("name", QUADRATIC)
def test_the_cost_is_quadratic_in_the_order(name):
    def equations(order):
        graph = trace(lambda x, v: taylor(QUADRATIC[name], x, v, order), 0.7, 1.0)
        return len(graph.equations)

    assert equations(20) <= 4.2 * equations(10)
    assert equations(20) <= 40 * 20**2
