"""A zero cotangent stays zero: a branch that `where` did not take cannot spoil one.

At x = 0 each of these has an infinite or undefined slope in a branch not taken; the
derivative of what is taken is 0, at every order and in every mode.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from wengert.operators import derivative, grad, hessian, jacfwd, jacrev, jvp, vjp

E2 = np.ones(2)


BRANCHES = {
    "sqrt": lambda x: np.sqrt(x),
    "log": lambda x: np.log(x),
    "power": lambda x: x**0.5,
    "negative power": lambda x: x**-1.5,
    "quotient": lambda x: 1 / x,
    "x log x": lambda x: x * np.log(x),
    "sin x over x": lambda x: np.sin(x) / x,
    "arctan2": lambda x: np.arctan2(x, x),
    "hypot": lambda x: np.hypot(x, x),
    "exp of 1/x": lambda x: np.exp(1 / x),
    "nested": lambda x: np.where(x > 1, np.sqrt(x), np.log(x)),
    "norm": lambda x: np.linalg.norm(x * E2),
    "root of a sum": lambda x: np.sqrt(((x * E2) ** 2).sum()),
    "mean": lambda x: np.mean(np.log(x * E2)),
    "std": lambda x: np.std(x * E2),
    "max": lambda x: np.max(1 / (x * E2)),
    "sort": lambda x: np.sort(1 / (x * E2))[0],
    "cumsum": lambda x: np.cumsum(1 / (x * E2)).sum(),
    "outer": lambda x: np.outer(np.log(x), x).sum(),
    "solve": lambda x: np.linalg.solve(np.eye(2), np.log(x) * E2).sum(),
    "dot": lambda x: np.dot(np.log(x) * E2, x * E2),
    "matmul": lambda x: (np.log(x) * E2) @ (x * E2),
    "einsum": lambda x: np.einsum("i,i", np.log(x) * E2, x * E2),
    "prod": lambda x: np.prod(np.log(x) * E2),
    "cumprod": lambda x: np.cumprod(1 / (x * E2)).sum(),
}

SECOND = {
    f"{a.__name__} of {b.__name__}": (a, b)
    for a, b in itertools.product((jacfwd, jacrev), repeat=2)
}


def untaken(name):
    return lambda x: np.where(x > 0, BRANCHES[name](x), 0.0)


pytestmark = pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")  # of f itself


@pytest.mark.parametrize("name", BRANCHES)
def test_a_branch_not_taken_has_tangent_zero(name):
    for order in (1, 2, 3):
        assert derivative(untaken(name), order)(0.0) == 0.0


@pytest.mark.parametrize("name", BRANCHES)
def test_a_branch_not_taken_has_cotangent_zero(name):
    f = untaken(name)
    assert grad(f)(0.0) == 0.0
    assert vjp(f, 0.0)[1](3.0) == (0.0,)


MIXTURES = {
    f"{name}, {modes}": (name, modes)
    for name, modes in itertools.product(BRANCHES, SECOND)
}


@pytest.mark.parametrize("mixture", MIXTURES)
def test_and_second_derivatives_zero(mixture):
    name, modes = MIXTURES[mixture]
    outer, inner = SECOND[modes]
    assert outer(inner(untaken(name)))(0.0) == 0.0


@pytest.mark.parametrize("name", ["sqrt", "log", "quotient", "nested"])
def test_and_in_arrays_beside_elements_that_are_taken(name):
    f = lambda x: np.sum(untaken(name)(x))
    x = np.array([0.0, 0.49, -1.0])
    alone = grad(untaken(name))(0.49)
    np.testing.assert_allclose(grad(f)(x), [0, alone, 0], rtol=1e-14)
    np.testing.assert_allclose(np.diag(hessian(f)(x))[[0, 2]], 0)


def test_a_nan_that_is_sorted_out_leaves_no_trace():
    f = lambda x: np.sum(np.where(np.isnan(x), 0.0, x**2))
    x = np.array([np.nan, 3.0])
    np.testing.assert_array_equal(grad(f)(x), [0, 6])
    np.testing.assert_array_equal(hessian(f)(x), [[0, 0], [0, 2]])
    np.testing.assert_array_equal(jacfwd(f)(x), [0, 6])


def test_a_factor_of_zero_after_a_mask():
    f = lambda x: np.sum(np.sqrt(x) * (x > 0.5))
    np.testing.assert_array_equal(grad(f)(np.array([0.0, 1.0])), [0, 0.5])


def test_elements_that_are_not_read_do_not_count():
    f = lambda x: np.sum(np.sqrt(x)[x > 0])
    np.testing.assert_array_equal(grad(f)(np.array([0.0, 1.0])), [0, 0.5])


def test_a_true_infinity_is_not_hidden():
    assert grad(np.sqrt)(0.0) == np.inf
    assert jvp(np.sqrt, (0.0,), (1.0,))[1] == np.inf
    assert np.isnan(grad(lambda x: np.sqrt(x) - np.sqrt(x))(0.0))
    assert np.isnan(grad(lambda x: x * np.nan)(0.0))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 0.0, 1.0, 2.0, 3.0, np.int64(2)])
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_whole_powers_at_zero(n, order):
    f = lambda x: x**n
    exact = np.prod([float(n) - k for k in range(order)]) if order == n else 0.0
    nested = f
    for _ in range(order):
        nested = grad(nested)
    assert derivative(f, order)(0.0) == exact
    assert nested(0.0) == exact


# ----- the other way round: an infinite cotangent meets a zero -----

LENGTHS = {
    "root of squares": lambda x: np.sqrt((x**2).sum()),
    "root of a product": lambda x: np.sqrt((x * x).sum()),
    "root of x @ x": lambda x: np.sqrt(x @ x),
    "root of dot": lambda x: np.sqrt(np.dot(x, x)),
    "root of vdot": lambda x: np.sqrt(np.vdot(x, x)),
    "root of einsum": lambda x: np.sqrt(np.einsum("i,i", x, x)),
    "root of tensordot": lambda x: np.sqrt(np.tensordot(x, x, 1)),
    "root of a form": lambda x: np.sqrt(x @ np.diag([1.0, 2.0]) @ x),
    "root of mean": lambda x: np.sqrt(np.mean(x**2)),
    "root of norm": lambda x: np.sqrt(np.linalg.norm(x)),
    "norm": np.linalg.norm,
    "norm 1": lambda x: np.linalg.norm(x, 1),
    "norm 3": lambda x: np.linalg.norm(x, 3),
    "norm inf": lambda x: np.linalg.norm(x, np.inf),
    "norm of rows": lambda x: np.linalg.norm(x[:, None], axis=1).sum(),
    "norm of a matrix": lambda x: np.linalg.norm(np.diag(x)),
    "nuclear norm": lambda x: np.linalg.norm(np.diag(x), "nuc"),
    "hypot": lambda x: np.hypot(x[0], x[1]),
    "complex abs": lambda x: np.abs(x[0] + 1j * x[1]),
    "std": np.std,
}


@pytest.mark.parametrize("name", LENGTHS)
def test_a_length_has_gradient_zero_at_zero(name):
    f, x = LENGTHS[name], np.zeros(2)
    np.testing.assert_array_equal(grad(f)(x), 0)
    np.testing.assert_array_equal(jacfwd(f)(x), 0)
    assert jvp(f, (x,), (np.array([1.0, -2.0]),))[1] == 0


@pytest.mark.parametrize(
    "name",
    [name for name in LENGTHS if name.startswith(("norm", "hypot", "complex"))],
)
@pytest.mark.parametrize("modes", SECOND)
def test_norms_have_no_curvature_at_zero(name, modes):
    outer, inner = SECOND[modes]
    np.testing.assert_array_equal(outer(inner(LENGTHS[name]))(np.zeros(2)), 0)


@pytest.mark.parametrize("modes", SECOND)
def test_a_root_written_out_has_an_infinite_curvature_at_zero(modes):
    outer, inner = SECOND[modes]
    second = outer(inner(LENGTHS["root of squares"]))(np.zeros(2))
    np.testing.assert_array_equal(second, np.diag([np.inf, np.inf]))


@pytest.mark.parametrize("modes", SECOND)
@pytest.mark.parametrize("name", LENGTHS)
def test_a_length_that_is_guarded_has_all_derivatives_zero(name, modes):
    f = lambda x: np.where((x**2).sum() > 0, LENGTHS[name](x), 0.0)
    outer, inner = SECOND[modes]
    np.testing.assert_array_equal(outer(inner(f))(np.zeros(2)), 0)


@pytest.mark.parametrize("name", LENGTHS)
def test_nested_gradients_of_a_guarded_length(name):
    f = lambda x: np.where((x**2).sum() > 0, LENGTHS[name](x), 0.0)
    g = lambda x: (grad(f)(x) ** 2).sum()
    np.testing.assert_array_equal(grad(g)(np.zeros(2)), 0)


def test_distances_of_points_to_themselves():
    def f(x):
        d = x[:, None] - x[None]
        return np.sqrt((d**2).sum(-1)).sum()

    x = np.array([[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_allclose(grad(f)(x), [[-1.2, -1.6], [1.2, 1.6]])
    np.testing.assert_allclose(jacfwd(f)(x), [[-1.2, -1.6], [1.2, 1.6]])


@pytest.mark.parametrize("extremum", [np.max, lambda x: -np.min(-x)])
def test_an_infinite_slope_goes_to_the_extremum_alone(extremum):
    f = lambda x: np.sqrt(extremum(x))
    np.testing.assert_array_equal(grad(f)(np.array([0.0, -1.0])), [np.inf, 0])
    np.testing.assert_array_equal(jacfwd(f)(np.array([0.0, -1.0])), [np.inf, 0])


def test_an_infinite_slope_of_a_contraction_stays_where_it_matters():
    f = lambda x: np.sqrt(x @ np.array([0.0, 2.0]))
    np.testing.assert_array_equal(grad(f)(np.array([1.0, 0.0])), [0, np.inf])


# ----- choices of whole arrays -----

CHOICES = {
    "where log": (lambda x: np.where(x > 0, np.log(x), 0.0), [0.0, 0.5]),
    "log of where": (lambda x: np.log(np.where(x > 0, x, 1.0)), [0.0, 0.5]),
    "sinc by hand": (
        lambda x: np.where(x == 0, 1, np.sin(x) / x),
        [0.0, (2 * np.cos(2) - np.sin(2)) / 4],
    ),
    "0/0": (lambda x: np.where(x > 0, x / x, 0.0), [0.0, 0.0]),
    "piecewise": (
        lambda x: np.piecewise(x, [x <= 0, x > 0], [lambda t: 0 * t, np.log]),
        [0.0, 0.5],
    ),
    "select": (lambda x: np.select([x > 0, x < 0], [np.log(x), x], 0.0), [0.0, 0.5]),
    "sum where": (lambda x: np.sum(np.log(x), where=x > 0), [0.0, 0.5]),
    "x ln x": (lambda x: np.where(x > 0, x * np.log(x), 0.0), [0.0, 1 + np.log(2)]),
    "relu": (lambda x: x * (x > 0), [0.0, 1.0]),
    "root of clip": (lambda x: np.sqrt(np.clip(x - 1, 0, None)), [0.0, 0.5]),
}


@pytest.mark.parametrize("name", CHOICES)
def test_choices_element_by_element(name):
    choice, slopes = CHOICES[name]
    f = lambda x: np.sum(choice(x))
    x = np.array([0.0, 2.0])
    np.testing.assert_allclose(grad(f)(x), slopes, rtol=1e-14)
    np.testing.assert_allclose(jacfwd(f)(x), slopes, rtol=1e-14)
    for outer, inner in SECOND.values():
        second = outer(inner(f))(x)
        assert np.isfinite(second).all()
        assert second[0, 0] == second[0, 1] == second[1, 0] == 0


MASK = np.array([True, True, False])


def softmax(x):
    e = np.exp(x - np.max(x))
    return e / np.sum(e)


@pytest.mark.parametrize("modes", SECOND)
def test_a_masked_softmax(modes):
    f = lambda x: softmax(np.where(MASK, x, -np.inf))[0]
    x = np.zeros(3)
    np.testing.assert_allclose(grad(f)(x), [0.25, -0.25, 0], atol=1e-16)
    np.testing.assert_allclose(jacfwd(f)(x), [0.25, -0.25, 0], atol=1e-16)
    outer, inner = SECOND[modes]
    np.testing.assert_allclose(outer(inner(f))(x), np.zeros((3, 3)), atol=1e-16)


@pytest.mark.parametrize("modes", SECOND)
def test_a_sum_of_exponentials_with_one_masked(modes):
    f = lambda x: np.log(np.sum(np.exp(np.where(MASK, x, -np.inf))))
    outer, inner = SECOND[modes]
    exact = [[0.25, -0.25, 0], [-0.25, 0.25, 0], [0, 0, 0]]
    np.testing.assert_allclose(grad(f)(np.zeros(3)), [0.5, 0.5, 0])
    np.testing.assert_allclose(outer(inner(f))(np.zeros(3)), exact, atol=1e-16)


@pytest.mark.parametrize("modes", SECOND)
def test_sinc_is_smooth_at_zero(modes):
    outer, inner = SECOND[modes]
    np.testing.assert_allclose(outer(inner(np.sinc))(0.0), -(np.pi**2) / 3, rtol=1e-14)


@pytest.mark.parametrize("y", [0.0, 1.0, 2.0])
def test_zero_to_a_power_is_constant_in_the_exponent(y):
    assert grad(lambda y: 0.0**y)(y) == jacfwd(lambda y: 0.0**y)(y) == 0
    assert grad(lambda y: np.float64(0) ** y)(y) == 0


def test_an_angle_has_no_derivative_at_the_origin():
    slopes = grad(np.arctan2, (0, 1))(0.0, 0.0)
    assert np.isnan(slopes).all()
    f = lambda x: np.where(x[0] > 0, np.arctan2(x[0], x[1]), 0.0)
    np.testing.assert_array_equal(hessian(f)(np.zeros(2)), 0)


# ----- what overflows -----


def overflowing(x):
    return np.log(1 + np.exp(x))


def test_the_derivative_of_what_overflows_is_no_zero():
    with np.errstate(over="ignore"):
        assert np.isnan(grad(overflowing)(1000.0))
        assert np.isnan(jvp(overflowing, (1000.0,), (1.0,))[1])
        assert grad(lambda x: 1 / (1 + np.exp(-x)))(-1000.0) == 0


def test_an_infinite_entry_leaves_the_zeros_of_others_alone():
    x = np.array([0.0, 1.0])
    with np.errstate(divide="ignore"):
        for jacobian in (jacfwd(np.log), jacrev(np.log)):
            np.testing.assert_array_equal(jacobian(x), [[np.inf, 0], [0, 1]])
        assert grad(lambda x: x / 0.0)(1.0) == np.inf
        assert jvp(lambda x: x / -0.0, (1.0,), (1.0,))[1] == -np.inf
