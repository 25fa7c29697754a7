"""A traced value that outlives its run raises when used, and is never a constant.

What a function hands out as auxiliary is plain, or a value of an outer run.
"""

from __future__ import annotations

import threading

import numpy as np
import pytest

from wengert.errors import EscapedTracerError
from wengert.operators import (
    grad,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    trace,
    value_and_grad,
    vjp,
)
from wengert.trace.tracer import Tracer

X = np.array([0.7, 1.3, 0.4])


def forward(f, x):
    return jvp(f, (x,), (np.ones_like(x),))


RUNS = {"reverse": lambda f, x: vjp(f, x), "forward": forward, "trace": trace}


@pytest.fixture(params=RUNS)
def escaped(request):
    """A value that was stored outside the function."""
    kept = []
    RUNS[request.param](lambda x: kept.append(x * 2) or x.sum(), X)
    return kept[0]


USES = {
    "arithmetic": lambda y: y + 1,
    "reflected arithmetic": lambda y: np.ones(3) - y,
    "a ufunc": np.sin,
    "a reduction": np.sum,
    "a method": lambda y: y.mean(),
    "an element": lambda y: y[0],
    "iteration": lambda y: list(y),
    "where": lambda y: np.where(X > 1, y, 0.0),
    "stack": lambda y: np.stack([y, X]),
    "matmul": lambda y: X @ y,
    "einsum": lambda y: np.einsum("i,i", y, X),
    "sort": np.sort,
    "norm": np.linalg.norm,
}


@pytest.mark.parametrize("use", USES)
def test_an_escaped_value_cannot_be_computed_with(escaped, use):
    with pytest.raises(EscapedTracerError, match="test_escapes.py:.*has_aux"):
        USES[use](escaped)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("run", RUNS)
def test_nor_inside_another_derivative(escaped, use, run):
    with pytest.raises(EscapedTracerError):
        RUNS[run](lambda x: np.sum(USES[use](escaped) * x.sum()), X)


@pytest.mark.parametrize("run", RUNS)
def test_nor_mixed_with_a_value_of_another_run(escaped, run):
    with pytest.raises(EscapedTracerError):
        RUNS[run](lambda x: (x * escaped).sum(), X)


@pytest.mark.parametrize("run", RUNS)
def test_nor_returned_as_if_it_were_a_result(escaped, run):
    with pytest.raises(EscapedTracerError):
        RUNS[run](lambda x: escaped, X)


def test_an_escaped_value_can_be_looked_at(escaped):
    assert escaped.shape == (3,) and escaped.dtype == np.float64
    assert "1.4" in str(escaped) and "1.4" in repr(escaped)


def test_a_generator_left_open_raises_when_it_goes_on():
    generators = []

    def f(x):
        generators.append(x * k for k in range(3))
        return next(generators[0]) + x

    assert grad(f)(2.0) == 1.0
    with pytest.raises(EscapedTracerError):
        next(generators[0])


def test_an_attribute_kept_from_the_last_run_raises_in_the_next():
    class Model:
        last = 0.0

        def __call__(self, x):
            self.last = self.last + x
            return self.last**2

    model = Model()
    assert grad(model)(3.0) == 6.0
    with pytest.raises(EscapedTracerError, match="an attribute"):
        grad(model)(3.0)


def test_an_inner_value_escapes_into_the_outer_function():
    def f(x):
        kept = []
        grad(lambda y: kept.append(y * x) or y * x)(x)
        return kept[0] * x

    with pytest.raises(EscapedTracerError):
        grad(f)(2.0)


def test_an_error_in_f_leaves_no_state_behind():
    def f(x):
        np.sin(x)
        raise KeyboardInterrupt

    for run in RUNS.values():
        with pytest.raises(KeyboardInterrupt):
            run(f, X)
        with pytest.raises(ZeroDivisionError):
            run(lambda x: x * (1 / 0), X)
    # A trace that ended in an error would leave derivatives in their slower form.
    assert threading.current_thread() and grad(np.sum)(X).tolist() == [1, 1, 1]
    assert len(trace(lambda x: x * np.sin(x), 2.0).equations) == 2


# ----- auxiliary outputs -----


def with_aux(x):
    return (x**2).sum(), {"a": x, "b": [x * 2, "text", None, 3], "c": (np.floor(x),)}


AUX = {
    "grad": lambda f: grad(f, has_aux=True)(X)[1],
    "value_and_grad": lambda f: value_and_grad(f, has_aux=True)(X)[0][1],
    "vjp": lambda f: vjp(f, X, has_aux=True)[2],
    "jvp": lambda f: jvp(f, (X,), (X,), has_aux=True)[2],
    "jacfwd": lambda f: jacfwd(f, has_aux=True)(X)[1],
    "jacrev": lambda f: jacrev(f, has_aux=True)(X)[1],
    "hessian": lambda f: hessian(f, has_aux=True)(X)[1],
}


@pytest.mark.parametrize("name", AUX)
def test_an_auxiliary_value_is_plain(name):
    aux = AUX[name](with_aux)
    assert not any(isinstance(v, Tracer) for v in (aux["a"], aux["b"][0], aux["c"][0]))
    np.testing.assert_array_equal(aux["a"], X)
    np.testing.assert_array_equal(aux["b"][0], 2 * X)
    assert aux["b"][1:] == ["text", None, 3]


@pytest.mark.parametrize("run", ["reverse", "forward"])
@pytest.mark.parametrize("inner", ["grad", "value_and_grad", "vjp", "jvp"])
def test_an_auxiliary_value_of_an_inner_derivative_varies_with_the_outer_one(
    inner, run
):
    def f(x):
        pair = lambda y: (y * x, y * x)
        match inner:
            case "grad":
                return grad(pair, has_aux=True)(x)[1]
            case "value_and_grad":
                return value_and_grad(pair, has_aux=True)(x)[0][1]
            case "vjp":
                return vjp(pair, x, has_aux=True)[2]
            case _:
                return jvp(pair, (x,), (1.0,), has_aux=True)[2]

    if run == "reverse":
        assert grad(f)(3.0) == 6.0
    else:
        assert jvp(f, (3.0,), (1.0,))[1] == 6.0


@pytest.mark.parametrize(
    "ask", [lambda x: x > 0, lambda x: np.floor(x), lambda x: x.argmax(), np.isnan]
)
def test_nor_asked_for_a_constant(ask):
    kept = []
    grad(lambda x: kept.append(x) or x.sum())(X)
    with pytest.raises(EscapedTracerError):
        ask(kept[0])
