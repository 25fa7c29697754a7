"""What cannot be differentiated is refused by name, with the next step."""

from __future__ import annotations

import datetime
import fractions

import numpy as np
import pytest

from wengert.errors import ArgumentError, NotScalarError, ShapeError, WengertError
from wengert.operators import (
    derivative,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    value_and_grad,
    vjp,
)

X = np.array([0.7, 1.3, 0.4])


def loss(x):
    return 1.0


ARGUMENTS = {
    "integers": (np.array([1, 2]), "argument x of loss: it is i64[2]"),
    "a NumPy integer": (np.int64(3), "it is i64[]"),
    "booleans": (np.array([True]), "it is bool[1]"),
    "a truth value": (True, "it is True"),
    "a string": ("abc", "it is 'abc'"),
    "bytes": (b"abc", "it is b'abc'"),
    "objects": (np.array([1.0, None]), "it is object[2]"),
    "dates": (np.array(["2020"], dtype="M8[Y]"), "it is datetime64"),
    "a structured array": (np.zeros(2, [("a", float)]), "it is void"),
    "a masked array": (np.ma.array([1.0]), "MaskedArray"),
    "a set": ({1.0}, "(set)"),
    "a fraction": (fractions.Fraction(1, 2), "(Fraction)"),
    "a range": (range(3), "(range)"),
    "a function": (np.sin, "(ufunc)"),
    "an object": (datetime.date(2020, 1, 1), "(date)"),
    "in a list": ([1.0, "a"], "argument x[1] of loss"),
    "deep in a tree": ({"w": {"b": np.arange(3)}}, "argument x['w']['b'] of loss"),
}
OPERATORS = {
    "grad": grad,
    "value_and_grad": value_and_grad,
    "elementwise_grad": elementwise_grad,
    "jacfwd": jacfwd,
    "jacrev": jacrev,
    "hessian": hessian,
    "vjp": lambda f: lambda x: vjp(f, x),
    "jvp": lambda f: lambda x: jvp(f, (x,), (1.0,)),
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_argument_that_is_not_floating(operator, name):
    x, words = ARGUMENTS[name]
    with pytest.raises(ArgumentError) as raised:
        OPERATORS[operator](loss)(x)
    assert words in str(raised.value)


def returning(value):
    def model(x):
        return value(x)

    return model


OUTPUTS = {
    "a vector": (lambda x: x, "array of shape (3,)", "jacobian(f)"),
    "a pair": (lambda x: (x[0], x[1]), "2 values", "has_aux=True"),
    "a dict": (lambda x: {"a": x[0], "b": x[1]}, "2 values", "jacobian(f)"),
    "one element": (lambda x: x[:1], "array of shape (1,)", "y[0]"),
    "a complex number": (lambda x: x[0] * 1j, "complex number", "real"),
    "a string": (lambda x: "abc", "'abc' (str)", "has_aux=True"),
    "a generator": (lambda x: (v for v in x), "(generator)", "has_aux=True"),
    "nothing in it": (lambda x: (), "no number", "forget to return"),
}


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("D", [grad, value_and_grad])
def test_an_output_that_is_no_real_scalar(D, name):
    value, *words = OUTPUTS[name]
    with pytest.raises((NotScalarError, ArgumentError)) as raised:
        D(returning(value))(X)
    for word in ["model returned", *words]:
        assert word in str(raised.value)


def test_a_function_that_forgot_to_return():
    with pytest.raises(WengertError, match="forget to return"):
        grad(returning(lambda x: None))(X)


@pytest.mark.parametrize("value", [lambda x: x[0] > 0, lambda x: int(x[0] * 10)])
def test_an_output_that_is_no_floating_number(value):
    with pytest.raises(WengertError):
        grad(returning(value))(X)


def test_a_constant_output_has_the_gradient_zero():
    assert not grad(loss)(X).any()
    assert grad(lambda x: np.float32(1))(X).dtype == np.float64


# ----- argnums -----


@pytest.mark.parametrize(
    "options,words",
    [
        ({"argnums": 2}, "argnums=2, but product was called with 2 positional"),
        ({"argnums": -3}, "argnums=-3"),
        ({"argnums": (0, 5)}, "argnums=(0, 5)"),
        ({"argnums": "x"}, "argnums must be an int or a sequence of ints, not 'x'"),
        ({"argnums": True}, "argnums must be an int"),
        ({"argnames": "z"}, "argnames='z', but product was called without"),
        ({"argnames": ("x", "z")}, "an argument 'z'"),
        ({"argnames": "scale"}, "without an argument 'scale'"),
    ],
)
def test_arguments_that_are_not_there(options, words):
    def product(x, y, scale=1.0):
        return x * y * scale

    with pytest.raises(ArgumentError) as raised:
        grad(product, **options)(1.0, 2.0)
    assert words in str(raised.value)


def test_argnums_that_is_no_int():
    with pytest.raises(ArgumentError, match="argnums"):
        grad(lambda x: x, 1.0)(2.0)


@pytest.mark.parametrize("D", [grad, jacobian, hessian, derivative])
def test_what_is_no_function(D):
    with pytest.raises(TypeError, match="callable|function"):
        D(3.0)


# ----- seeds -----

SEEDS = {
    "shape": (lambda: jvp(np.sin, (X,), (X[:2],)), "tangent has shape (2,)"),
    "a number for an array": (lambda: jvp(np.sin, (X,), (1.0,)), "shape ()"),
    "structure": (lambda: jvp(lambda d: d["a"], ({"a": X},), ({"b": X},)), "structure"),
    "too few": (lambda: jvp(np.add, (1.0, 2.0), (1.0,)), "structure"),
    "a list for an array": (lambda: jvp(np.sin, (X,), ([1.0, 1, 1],)), "structure"),
    "complex": (lambda: jvp(np.sin, (1.0,), (1j,)), "tangent is complex"),
    "a string": (lambda: jvp(np.sin, (1.0,), ("a",)), "not 'a' (str)"),
    "none": (lambda: jvp(np.sin, (1.0,), (None,)), "structure"),
    "no tuple": (lambda: jvp(np.sin, 3.0, 1.0), "must be a tuple or list"),
    "cotangent": (lambda: vjp(np.sin, X)[1](X[:2]), "cotangent has shape (2,)"),
    "scalar cotangent": (lambda: vjp(np.sin, X)[1](1.0), "outputs have shape (3,)"),
    "cotangents": (lambda: vjp(lambda x: (x, x), X)[1](X), "structure"),
    "complex cotangent": (lambda: vjp(np.sin, 1.0)[1](1j), "cotangent is complex"),
    "of hvp": (lambda: hvp(lambda x: (x * x).sum())(X, X[:2]), "(2,)"),
}


@pytest.mark.parametrize("name", SEEDS)
def test_seeds_that_do_not_fit(name):
    call, words = SEEDS[name]
    with pytest.raises((ShapeError, ArgumentError)) as raised:
        call()
    assert words in str(raised.value)


def test_seeds_that_python_writes_as_ints_are_numbers():
    y, y_dot = jvp(lambda x, y: x * y, (3, X), (1, np.ones(3, int)))
    np.testing.assert_array_equal(y_dot, X + 3)
    assert vjp(lambda x: x * 2, 1.5)[1](1) == (2.0,)


# ----- other refusals -----


def test_orders_that_are_no_whole_number():
    for order in (-1, 1.5, True, "2", None):
        with pytest.raises(ArgumentError, match="whole number"):
            derivative(np.sin, order)


def test_derivative_and_elementwise_grad_say_what_to_use_instead():
    with pytest.raises(ShapeError, match="elementwise_grad"):
        derivative(np.sin)(X)
    with pytest.raises(ShapeError, match="jacobian"):
        elementwise_grad(lambda x: x.sum())(X)


def test_complex_jacobians_ask_for_holomorphic():
    for J in (jacfwd, jacrev):
        with pytest.raises(NotScalarError, match="holomorphic=True"):
            J(lambda x: x * 1j)(X)
    with pytest.raises(NotScalarError, match="holomorphic"):
        grad(lambda x: x * x, holomorphic=True)(1.0)


def test_an_unknown_mode():
    with pytest.raises(ArgumentError, match="fwd"):
        jacobian(np.sin, mode="fwd")(X)


@pytest.mark.parametrize("value", [lambda x: x, lambda x: [x, 1.0], lambda x: (x,)])
def test_has_aux_needs_a_pair(value):
    with pytest.raises(ArgumentError, match="not a pair"):
        grad(value, has_aux=True)(1.0)


def test_errors_of_the_users_own_pass_through():
    class Mine(Exception):
        pass

    def f(x):
        raise Mine

    for D in (grad, jacfwd, jacrev, hessian, derivative):
        with pytest.raises(Mine):
            D(f)(1.0)
    with pytest.raises(ValueError, match="could not be broadcast"):
        grad(lambda x: (x + np.ones(2)).sum())(X)
    with pytest.raises(IndexError):
        grad(lambda x: x[5])(X)
