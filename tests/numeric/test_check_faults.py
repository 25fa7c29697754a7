"""check_derivatives finds wrong rules, and is not fooled by kinks and NaN."""

import numpy as np
import pytest

from tests.numeric.boxes import (
    Box,
    M,
    Op,
    W,
    X,
    cos,
    jvp,
    linear,
    matrix,
    partials,
    relu,
    sin,
    vjp,
    wrong,
)
from wengert.numeric import check_derivatives

# ----- wrong rules fail -----


@pytest.mark.parametrize("mode", ["fwd", "rev"])
@pytest.mark.parametrize("factor", [1.0005, 0.9999, -1.0, 0.0])
def test_wrong_factor_fails(mode, factor):
    square = wrong(Op(lambda x: x * x, *partials(lambda x: 2.0 * x)), factor)
    report = check_derivatives(square, (X,), jvp=jvp, vjp=vjp, modes=mode)
    assert not report
    assert {record.order for record in report.records} == {1}


def test_factor_2_001_fails():
    square = Op(lambda x: x * x, *partials(lambda x: 2.001 * x))
    for mode in ("fwd", "rev"):
        assert not check_derivatives(square, (X,), jvp=jvp, vjp=vjp, modes=mode)


def test_factor_2_001_fails_in_single_precision():
    def square_jvp(f, primals, tangents):
        return f(*primals), np.float32(2.1) * primals[0] * tangents[0]

    x = (X.astype(np.float32),)
    assert not check_derivatives(
        np.square, x, jvp=square_jvp, vjp=None, modes="fwd", order=1
    )


def test_wrong_transpose_fails():
    backwards = Op(
        lambda x: M @ x, *linear(lambda x: matrix(x), lambda y: M[:, ::-1].T @ y)
    )
    report = check_derivatives(backwards, (X,), jvp=jvp, vjp=vjp, order=1)
    assert {r.mode for r in report.failures} == {"rev"}


def test_wrong_second_order_fails_where_the_first_is_right():
    sine = Op(np.sin, *partials(lambda x: wrong_cosine(x)))
    wrong_cosine = wrong(cos, 1.001)
    assert check_derivatives(sine, (X,), jvp=jvp, vjp=vjp, order=1)
    report = check_derivatives(sine, (X,), jvp=jvp, vjp=vjp, order=2)
    assert not report
    assert {r.order for r in report.failures} == {2}
    assert {r.mode for r in report.failures} == {
        "fwd∘fwd", "rev∘fwd", "fwd∘rev", "rev∘rev",
    }  # fmt: skip


def test_seed_forgotten_in_the_second_order_fails():
    # As a rule that turns its cotangent into a plain number would.
    def unboxed(x):
        while isinstance(x, Box):
            x = x.value
        return x

    forgetful = Op(
        np.sin,
        lambda i, s, x: cos(x) * s,
        lambda i, s, x: cos(x) * unboxed(s),
    )
    assert check_derivatives(forgetful, (X,), jvp=jvp, vjp=vjp, order=1)
    report = check_derivatives(forgetful, (X,), jvp=jvp, vjp=vjp, order=2)
    assert {r.argument for r in report.failures} == {"y_bar"}


def test_one_wrong_element_in_many_is_found():
    x = np.linspace(0.1, 3.0, 500)
    slope = np.cos(x)
    slope[321] *= 1.01

    def sine_jvp(f, primals, tangents):
        return f(*primals), slope * tangents[0]

    def sine_vjp(f, x):
        return f(x), lambda y_bar: (slope * y_bar,)

    for mode in ("fwd", "rev"):
        report = check_derivatives(
            np.sin, (x,), jvp=sine_jvp, vjp=sine_vjp, modes=mode, order=1
        )
        assert not report
        if mode == "fwd":
            assert report.worst.output == "f(x)[321]"


def test_the_wrong_argument_is_named():
    def product(p):
        return p["a"] * p["b"][0] + 0.0 * p["b"][1]

    def product_vjp(f, p):
        return f(p), lambda y_bar: (
            {"a": y_bar * p["b"][0], "b": (1.01 * y_bar * p["a"], 0.0 * y_bar)},
        )

    p = {"a": X, "b": (W, X)}
    report = check_derivatives(
        product, (p,), jvp=None, vjp=product_vjp, modes="rev", order=1
    )
    assert [r.argument for r in report.failures] == ["x['b'][0]"]


def test_wrong_value_fails():
    def off(f, primals, tangents):
        y, y_dot = jvp(f, primals, tangents)
        return y + 1e-3, y_dot

    report = check_derivatives(sin, (X,), jvp=off, vjp=None, modes="fwd", order=1)
    (failure,) = report.failures
    assert np.isnan(failure.step) and failure.direction is None


def test_wrong_form_fails_and_says_so():
    def scalar(f, primals, tangents):
        y, y_dot = jvp(f, primals, tangents)
        return y, y_dot.sum()

    report = check_derivatives(sin, (X,), jvp=scalar, vjp=None, modes="fwd", order=1)
    assert not report
    assert "expected shape (3,)" in str(report)

    def bare(f, *primals):
        y, pullback = vjp(f, *primals)
        return y, lambda y_bar: pullback(y_bar)[0]

    report = check_derivatives(sin, (X,), jvp=None, vjp=bare, modes="rev", order=1)
    assert "structure" in str(report)


def test_wrong_dtype_fails_unless_allowed():
    def double(f, primals, tangents):
        return f(*primals), np.float64(2.0) * primals[0] * tangents[0].astype(float)

    request = {"jvp": double, "vjp": None, "modes": "fwd", "order": 1}
    x = (X.astype(np.float32),)
    report = check_derivatives(np.square, x, **request)
    assert "float64" in str(report) and not report
    assert check_derivatives(np.square, x, dtypes=False, **request)


# ----- what is not finite, and kinks -----


def elementwise(slope):
    def jvp(f, primals, tangents):
        return f(*primals), slope(primals[0]) * tangents[0]

    return {"jvp": jvp, "vjp": None, "modes": "fwd", "order": 1}


def test_nan_on_one_side_fails():
    x = (np.array([1.0, 2.0]),)
    slope = elementwise(lambda x: np.where(x > 1.5, np.nan, np.cos(x)))
    report = check_derivatives(np.sin, x, **slope)
    assert not report and report.worst.output == "f(x)[1]"

    def inside(x):
        return np.sqrt(x) if np.all(x == 0.5) else x + np.nan

    report = check_derivatives(inside, (0.5,), **elementwise(lambda x: 0.7))
    assert not report


def test_infinity_on_one_side_fails():
    slope = elementwise(lambda x: np.where(x > 1.5, np.inf, np.cos(x)))
    assert not check_derivatives(np.sin, (np.array([1.0, 2.0]),), **slope)


def test_nan_on_both_sides_is_noted():
    x = (np.array([1.0, np.nan]),)
    report = check_derivatives(np.sin, x, **elementwise(np.cos))
    assert report
    assert any("both NaN in 1 of 2" in r.note for r in report.records)


def test_kink_fails_between_the_sides_and_passes_on_one():
    def relu(x):
        return np.maximum(x, 0.0)

    x = (np.array([-1.0, 0.0, 1.0]),)
    right = elementwise(lambda x: np.where(x >= 0, 1.0, 0.0))
    left = elementwise(lambda x: np.where(x > 0, 1.0, 0.0))
    assert not check_derivatives(relu, x, **right)
    assert check_derivatives(relu, x, scheme="ridders_forward", **right)
    assert not check_derivatives(relu, x, scheme="ridders_backward", **right)
    assert check_derivatives(relu, x, scheme="ridders_backward", **left)


def test_step_function_is_judged_unreliable():
    def heaviside(x):
        return np.where(x >= 0, 1.0, 0.0)

    zero = elementwise(np.zeros_like)
    assert check_derivatives(heaviside, (X,), **zero)
    report = check_derivatives(heaviside, (np.array([0.0]),), **zero)
    assert not report
    assert "no judge" in str(report)
    assert check_derivatives(
        heaviside, (np.array([0.0]),), scheme="ridders_forward", **zero
    )


def test_once_differentiable_function():
    # x² for x > 0, else 0: the first derivative exists at 0, the second does not.
    def g(x):
        r = relu(x)
        return r * r

    for x in (np.array([-0.5, 0.0, 0.5]), np.array(0.0)):
        report = check_derivatives(g, (x,), jvp=jvp, vjp=vjp, order=1)
        assert report, str(report)
        assert not check_derivatives(g, (x,), jvp=jvp, vjp=vjp, order=2)


def test_noisy_function_is_not_condemned():
    rng = np.random.default_rng(0)

    def noisy(x):
        return np.sin(x) + 1e-10 * rng.normal(size=x.shape)

    def value_only(f, primals, tangents):
        return f(*primals), np.cos(primals[0]) * tangents[0]

    report = check_derivatives(
        noisy, (X,), jvp=value_only, vjp=None, modes="fwd", order=1
    )
    assert report, str(report)
