"""The V of truncation and rounding error, and the steps chosen by it."""

import numpy as np
import pytest

from wengert.errors import ArgumentError
from wengert.numeric import (
    default_step,
    directional,
    error_bound,
    estimate,
    noise,
    optimal_step,
)

U = 2.0**-53


def test_forward_optimum_is_the_formula_of_the_lectures():
    for magnitude, bound in ((1.0, 1.0), (1e4, 0.1), (3e-5, 70.0)):
        lipschitz = bound / 2
        assert optimal_step(magnitude, bound) == pytest.approx(
            np.sqrt(2 * U * magnitude / lipschitz)
        )
        step = 1e-7
        assert error_bound(step, magnitude, bound) == pytest.approx(
            lipschitz * step + 2 * U * magnitude / step
        )


@pytest.mark.parametrize("scheme", ["forward", "central", "central4", "forward2"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_optimum_is_the_bottom_of_the_bound(scheme, dtype):
    best = optimal_step(2.0, 5.0, scheme, dtype)
    around = best * np.logspace(-3, 3, 601)
    bound = error_bound(around, 2.0, 5.0, scheme, dtype)
    assert around[np.argmin(bound)] == pytest.approx(best, rel=0.02)
    falling, rising = np.diff(bound[:300]), np.diff(bound[301:])
    assert np.all(falling < 0) and np.all(rising > 0)


@pytest.mark.parametrize(("scheme", "order"), [("forward", 1), ("central", 2)])
def test_measured_errors_draw_a_v(scheme, order):
    x = np.linspace(1.0, 2.0, 50)
    magnitude = bound = float(np.exp(2.0))
    best = optimal_step(magnitude, bound, scheme)

    def error(step):
        found = directional(np.exp, x, np.ones(50), scheme, step)
        return np.max(np.abs(found - np.exp(x)))

    factors = 10.0 ** np.arange(-5, 4)
    steps = best * factors
    errors = np.array([error(float(h)) for h in steps])
    # Least within a decade of the optimum; steeply up on both sides.
    assert abs(np.argmin(errors) - 5) <= 1
    assert np.all(errors[[0, 1]] > 30 * errors[5])
    left, right = errors[0] / errors[4], errors[8] / errors[6]
    assert np.log10(left) / 4 == pytest.approx(1.0, abs=0.35)
    assert np.log10(right) / 2 == pytest.approx(order, abs=0.2)
    # And never far above the theory, which leaves out the rounding inside exp.
    assert np.all(errors <= 3 * error_bound(steps, magnitude, bound, scheme))


def test_default_steps_grow_with_the_order_and_the_roundoff():
    names = ["forward", "central", "central4", "central6", "central8"]
    for dtype in (np.float32, np.float64):
        steps = [default_step(name, dtype) for name in names]
        assert steps == sorted(steps) and len(set(steps)) == len(steps)
        assert all(np.log2(step) == round(np.log2(step)) for step in steps)
    assert default_step("central", np.float32) > default_step("central", np.float64)
    assert default_step("central", derivative=2) > default_step("central")


def test_default_step_is_near_the_optimum_of_a_plain_function():
    for scheme in ("forward", "central", "central8"):
        ratio = default_step(scheme) / optimal_step(scheme=scheme)
        assert 0.7 <= ratio <= 1.5


def test_steps_follow_the_size_of_x():
    near, far = (estimate(np.log, x, 1.0, "central").step for x in (1.0, 1024.0))
    assert far == 1024 * near
    found = directional(np.log, 1e12, 1.0)
    assert found == pytest.approx(1e-12, rel=1e-9)


def test_noise_of_a_rounded_function():
    def f(x):
        return np.array([np.round(x**2, 8), x**2])

    rounded, smooth = noise(f, 1.3, 1.0)
    # Rounding to a grid g is off by g/√12.
    assert rounded == pytest.approx(1e-8 / np.sqrt(12), rel=0.6)
    assert U <= smooth < 1e-15


def test_noise_sees_single_precision():
    x = np.float32(1.3)
    assert 2.0**-25 <= noise(np.exp, x, np.float32(1)) <= 2.0**-20


@pytest.mark.parametrize("scheme", ["forward", "central", "central4"])
def test_automatic_step_beats_the_default_where_f_is_noisy(scheme):
    rng = np.random.default_rng(1)

    def f(x):
        return np.sin(x) + 1e-7 * rng.uniform(-1, 1, x.shape)

    x, v = np.linspace(0.5, 1.0, 20), np.ones(20)
    automatic = estimate(f, x, v, scheme, "automatic")
    default = directional(f, x, v, scheme)
    error = np.abs(automatic.value - np.cos(x))
    assert np.max(error) < 0.1 * np.max(np.abs(default - np.cos(x)))
    assert np.mean(error <= 3 * automatic.error) > 0.9
    assert automatic.step > default_step(scheme)


def test_automatic_step_shortens_where_f_curves():
    def f(x):
        return np.sin(1000 * x)

    slope = 1000 * np.cos(1000.0)
    automatic = estimate(f, 1.0, 1.0, "central", "automatic")
    assert automatic.step < default_step("central")
    assert abs(automatic.value - slope) <= 3 * automatic.error
    assert abs(automatic.value - slope) < 0.1 * abs(directional(f, 1.0, 1.0) - slope)


def test_automatic_step_finds_its_way_into_the_domain():
    found = estimate(np.log, 1e-6, 1.0, "central", "automatic")
    assert found.value == pytest.approx(1e6, rel=1e-8)


@pytest.mark.parametrize(
    "step", [0, 0.0, -1e-6, np.inf, np.nan, True, "auto", 1j, [1e-3]]
)
def test_bad_steps(step):
    with pytest.raises(ArgumentError, match="step must be"):
        directional(np.sin, 1.0, 1.0, "central", step)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf, np.nan])
def test_bad_bounds(bad):
    with pytest.raises(ArgumentError, match="bound must be"):
        optimal_step(1.0, bad)
    with pytest.raises(ArgumentError, match="magnitude must be"):
        optimal_step(bad, 1.0)


def test_complex_step_has_no_optimum():
    with pytest.raises(ArgumentError, match="no optimal length"):
        optimal_step(scheme="complex")
