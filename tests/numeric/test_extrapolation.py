"""Ridders' table: accurate, and honest about it."""

import numpy as np
import pytest

from wengert.numeric import estimate

SMOOTH = {
    "exp": (np.exp, np.exp),
    "sin": (np.sin, np.cos),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "rational": (lambda x: 1 / (1 + x**2), lambda x: -2 * x / (1 + x**2) ** 2),
    "log": (lambda x: np.log(np.abs(x)), lambda x: 1 / x),
    "sqrt": (
        lambda x: np.sqrt(np.abs(x)),
        lambda x: np.sign(x) / (2 * np.sqrt(np.abs(x))),
    ),
    "fast": (lambda x: np.sin(30 * x), lambda x: 30 * np.cos(30 * x)),
}


@pytest.mark.parametrize("scheme", ["ridders", "ridders_forward", "ridders_backward"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", SMOOTH)
def test_error_estimates_are_honest(name, dtype, scheme):
    f, slope = SMOOTH[name]
    x = np.random.default_rng(0).normal(size=400).astype(dtype)
    found = estimate(f, x, np.ones_like(x), scheme)
    error = np.abs(found.value.astype(float) - slope(x.astype(float)))
    # The result itself is rounded to the dtype.
    estimated = found.error + np.finfo(dtype).eps * np.abs(found.value)
    assert np.mean(error <= 3 * estimated) > 0.97
    assert np.all(error <= 50 * estimated)
    # Honest, but not by modesty.
    relative = found.error / np.abs(slope(x))
    assert np.median(relative) < (1e-4 if dtype == np.float32 else 1e-11)


def test_accuracy_beyond_any_single_step():
    found = estimate(np.exp, 1.0, 1.0)
    assert abs(found.value - np.e) < 1e-12
    assert found.evaluations < 25


def test_cancellation_inside_f_is_seen():
    # The value is right to 1e-10 only; the estimate must know.
    def f(x):
        return (1 - np.cos(x)) / x**2

    x = np.geomspace(1e-3, 1e-1, 50)
    found = estimate(f, x, np.ones(50))
    half = np.sin(x / 2)
    slope = (2 * x * half * np.cos(x / 2) - 4 * half**2) / x**3
    error = np.abs(found.value - slope)
    assert np.mean(error <= 2 * found.error) > 0.9


def test_components_choose_their_own_steps():
    def f(x):
        return np.array([np.sin(x), np.sin(1000 * x)])

    found = estimate(f, 1.0, 1.0)
    assert found.value == pytest.approx([np.cos(1), 1000 * np.cos(1000)], rel=1e-9)
    assert found.error[0] < 1e-12


@pytest.mark.parametrize("x", [1e-2, 1e-5, 1e-8])
def test_domain_edges_are_kept(x):
    assert estimate(np.log, x, 1.0).value == pytest.approx(1 / x, rel=1e-9)
    assert estimate(np.sqrt, x, 1.0).value == pytest.approx(0.5 / x**0.5, rel=1e-9)


@pytest.mark.parametrize("distance", [1e-1, 1e-3, 1e-5])
@pytest.mark.parametrize("scheme", ["ridders", "ridders_forward", "ridders_backward"])
def test_kinks_and_poles_nearby(distance, scheme):
    x = 1.0 + distance
    kink = estimate(lambda x: np.abs(x - 1.0), x, 1.0, scheme)
    assert kink.value == pytest.approx(1.0, abs=1e-9)
    pole = estimate(lambda x: np.log(np.abs(x - 1.0)), x, 1.0, scheme)
    assert abs(pole.value - 1 / (x - 1.0)) <= 3 * pole.error
    assert pole.value == pytest.approx(1 / (x - 1.0), rel=1e-6)


def test_a_jump_has_no_derivative():
    found = estimate(lambda x: np.where(x < 0, 0.0, 1.0), 0.0, 1.0)
    assert np.isinf(found.error)


def test_infinite_slope_is_not_believed():
    found = estimate(np.sqrt, 0.0, 1.0, "ridders_forward")
    assert np.isinf(found.error)


def test_undefined_function():
    found = estimate(lambda x: x + np.nan, 1.0, 1.0)
    assert np.isnan(found.value) and np.isinf(found.error)


def test_lecture_kinks():
    # x³ at 0 is flat; x² sin(1/x) has slope 0 there, which no difference can see well.
    assert abs(estimate(lambda x: x**3, 0.0, 1.0).value) < 1e-12
    wild = estimate(lambda x: x**2 * np.sin(1 / x) if x else 0.0, 0.0, 1.0)
    assert abs(wild.value) <= 5 * wild.error
    # x² for x > 0, else 0, has slope 0 at 0 from both sides.
    half = estimate(lambda x: np.where(x > 0, x**2, 0.0), 0.0, 1.0)
    assert abs(half.value) <= 2 * half.error < 1e-6
