"""Orders of convergence, by the slope of the error."""

import numpy as np
import pytest

from wengert.errors import ArgumentError
from wengert.numeric import SCHEMES, directional, estimate
from wengert.numeric.schemes import difference, find_scheme

FIXED = [s for s in SCHEMES.values() if not (s.extrapolated or s.imaginary)]


@pytest.mark.parametrize("scheme", FIXED, ids=lambda s: s.name)
def test_order_is_the_slope_of_the_error(scheme):
    # Short enough for the leading term, long enough to be far above rounding.
    longest = {1: 1e-3, 2: 1e-2, 4: 4e-2, 6: 0.2, 8: 0.4}[scheme.order]
    steps = longest / np.array([1.0, 2.0])
    x = 0.7
    found = [directional(np.exp, x, 1.0, scheme.name, float(h)) for h in steps]
    errors = np.abs(np.array(found) - np.exp(x))
    slope = np.log2(errors[0] / errors[1])
    assert slope == pytest.approx(scheme.order, abs=0.15)


@pytest.mark.parametrize("scheme", FIXED, ids=lambda s: s.name)
def test_truncation_constant(scheme):
    # All derivatives of exp at 0 are 1, so that the error is C·hᵖ.
    h = 0.02
    exact = np.float128 if hasattr(np, "float128") else np.float64
    line = lambda t: np.array([np.expm1(exact(t))])  # noqa: E731
    error = abs(float(difference(line, scheme, h)[0] - 1))
    assert error == pytest.approx(scheme.truncation * h**scheme.order, rel=0.1)


@pytest.mark.parametrize("scheme", FIXED, ids=lambda s: s.name)
def test_polynomials_of_the_order_are_exact(scheme):
    degree = scheme.order
    x, h = 0.5, 0.25
    value = directional(lambda x: x**degree + 3 * x, x, 1.0, scheme.name, h)
    assert value == pytest.approx(degree * x ** (degree - 1) + 3, rel=1e-12)


def test_complex_step_is_exact_to_rounding():
    for x in (0.1, 1.0, 3.0):
        for f, slope in ((np.exp, np.exp(x)), (np.sin, np.cos(x)), (np.log, 1 / x)):
            found = directional(f, x, 1.0, "complex")
            assert abs(found - slope) <= 1e-15 * max(1.0, abs(slope))


def test_complex_step_squire_and_trapp():
    # The example of their paper, at x = 1.5.
    def f(x):
        return np.exp(x) / (np.sin(x) ** 3 + np.cos(x) ** 3)

    assert directional(f, 1.5, 1.0, "complex") == pytest.approx(
        3.62203370071632, rel=1e-14
    )


def test_complex_step_in_single_precision():
    x = np.float32(0.5)
    found = directional(np.exp, x, np.float32(1.0), "complex")
    assert found.dtype == np.float32
    assert found == pytest.approx(np.exp(0.5), rel=1e-6)


def test_one_sided_schemes_stay_on_their_side():
    seen = []

    def f(x):
        seen.append(x)
        return x**2

    for scheme in SCHEMES.values():
        if scheme.side:
            seen.clear()
            estimate(f, 1.0, 1.0, scheme.name)
            assert all(scheme.side * (x - 1.0) >= 0 for x in seen)


@pytest.mark.parametrize(("kind", "side"), [("forward", 1.0), ("backward", -1.0)])
def test_one_sided_slopes_at_a_kink(kind, side):
    for name in (kind, kind + "2", kind + "4", "ridders_" + kind):
        found = estimate(np.abs, 0.0, 1.0, name).value
        assert found == pytest.approx(side, rel=1e-9)
    assert estimate(np.abs, 0.0, 1.0, "central").value == 0.0


def test_linear_functions_are_exact():
    for scheme in SCHEMES:
        found = directional(lambda x: 3.0 * x, 1.0, 1.0, scheme)
        assert found == pytest.approx(3.0, rel=1e-7)


def test_constants_have_derivative_zero_exactly():
    for scheme in SCHEMES:
        assert directional(lambda x: 0.1 + 0 * x, 1.0, 1.0, scheme) == 0.0


@pytest.mark.parametrize("name", ["", "Central", "central3", None, ["central"]])
def test_unknown_scheme(name):
    with pytest.raises(ArgumentError, match="choose one of: forward"):
        find_scheme(name)


@pytest.mark.parametrize("alias", ["richardson", "complex_step", "central2"])
def test_other_names_of_the_field_are_known(alias):
    assert find_scheme(alias) in SCHEMES.values()
