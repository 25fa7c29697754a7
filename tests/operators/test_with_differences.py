"""Derivatives by differences, by choice: right, aloud, and of first order only."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

import wengert
from wengert import grad, hessian, jacfwd, jacrev, jvp, numeric, trace, vjp
from wengert.engines.numpy.interpret import NumpyEngine
from wengert.errors import ArgumentError, DifferencesWarning, MissingRuleError

X = np.array([0.7, 1.3, 0.4])
Z = np.array([1.0 + 2.0j, 0.3 - 0.5j])


def outside(x, n, z):
    """Pass by what no Tracer survives."""
    x, z = np.array(np.asarray(x).tolist()), np.array(np.asarray(z).tolist())
    return {"a": x**n, "c": z * z.conj() * 1j + x[0] * z, "i": 3}


def inside(x, n, z):
    return {"a": x**n, "c": z * z.conj() * 1j + x[0] * z}


def using(f):
    def loss(x, z):
        y = f(x, 2, z)
        return (y["a"] ** 2).sum() + (np.abs(y["c"]) ** 2).sum()

    return loss


def test_both_modes_real_and_complex():
    f = numeric.with_differences(outside)
    with pytest.warns(DifferencesWarning, match="outside are finite differences"):
        got = grad(using(f), (0, 1))(X, Z)
    want = grad(using(inside), (0, 1))(X, Z)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-7)
    # The warning is given once.
    got = jvp(using(f), (X, Z), (X, 1j * Z))[1]
    assert got == pytest.approx(jvp(using(inside), (X, Z), (X, 1j * Z))[1], rel=1e-7)
    np.testing.assert_allclose(
        jacfwd(lambda x: f(x, 2, Z)["a"])(X), np.diag(2 * X), atol=1e-8
    )


def test_scheme_and_step_reach_the_differences():
    runs = []

    def f(x):
        runs.append(x)
        return float(np.exp(x))

    for scheme, count in (("forward", 1), ("central", 2), ("central8", 8)):
        made = numeric.with_differences(f, scheme=scheme, step=1e-3)
        runs.clear()
        with pytest.warns(DifferencesWarning, match=scheme):
            value = jvp(made, (1.0,), (1.0,))[1]
        assert len(runs) == 2 + count
        assert value == pytest.approx(np.e, rel=1e-3)
    with pytest.raises(ArgumentError, match="no difference scheme"):
        numeric.with_differences(f, scheme="sideways")
    with pytest.raises(ArgumentError, match="step"):
        numeric.with_differences(f, step=-1.0)
    with pytest.raises(ArgumentError, match="with_differences needs a function"):
        numeric.with_differences(3.0)


def test_a_routine_of_scipy():
    def area(a):
        return integrate.quad(lambda t: np.exp(-float(a) * t * t), 0, 1)[0]

    f = numeric.with_differences(area)
    with pytest.warns(DifferencesWarning):
        got = grad(lambda a: np.sin(f(a * a)))(0.5)
    want = -integrate.quad(lambda t: t * t * np.exp(-0.25 * t * t), 0, 1)[0]
    assert got == pytest.approx(np.cos(area(0.25)) * want, rel=1e-7)


def test_second_order_is_refused_by_name():
    f = numeric.with_differences(lambda x: np.array(np.asarray(x).tolist()) ** 3)
    loss = lambda x: f(x).sum()
    with pytest.warns(DifferencesWarning):
        grad(loss)(X)
    for run in (
        hessian(loss),
        grad(lambda x: grad(loss)(x).sum()),
        jacfwd(lambda x: jvp(f, (x,), (X,))[1]),
    ):
        with pytest.raises(MissingRuleError, match="second derivative through"):
            run(X)


def test_the_derivative_is_linear_in_the_seed():
    f = numeric.with_differences(lambda x: np.array(np.asarray(x).tolist()) ** 2)
    with pytest.warns(DifferencesWarning):
        along = lambda v: jvp(f, (X,), (v,))[1]
        np.testing.assert_allclose(jacrev(along)(X), np.diag(2 * X), atol=1e-7)
    np.testing.assert_allclose(jacfwd(along)(X), np.diag(2 * X), atol=1e-7)
    _, pullback = vjp(f, X)
    np.testing.assert_allclose(
        jacrev(lambda g: pullback(g)[0])(X), np.diag(2 * X), atol=1e-7
    )


def test_a_graph_shows_where_the_differences_are():
    f = numeric.with_differences(lambda x: np.array(np.asarray(x).tolist()) ** 2)
    f.__name__ = "f"
    with pytest.warns(DifferencesWarning):
        graph = trace(grad(lambda x: f(x).sum()), X)
    assert "jacobian" in str(graph)
    run = NumpyEngine().compile(graph)
    np.testing.assert_allclose(run(3 * X)[0], 6 * X, atol=1e-7)


def test_it_is_public_and_opens_late():
    assert "with_differences" in numeric.__all__
    assert isinstance(numeric.with_differences(abs), wengert.primitive)
