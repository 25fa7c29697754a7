"""linearize: the value, and the pushforward as a function that runs f no more."""

from __future__ import annotations

import numpy as np
import pytest

from wengert import grad, jacobian, jit, jvp, linearize, scan, vmap
from wengert.errors import ShapeError

X = np.array([0.3, -1.2, 0.7])
W = np.random.default_rng(3).normal(size=(2, 3))


def f(x):
    return np.tanh(W @ x) * np.where(x[0] > 0, x[1], 2.0)


def near(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_pushforward_is_the_jacobian_and_runs_f_no_more():
    runs = []

    def counted(x):
        runs.append(1)
        return f(x)

    y, push = linearize(counted, X)
    near(y, f(X))
    near(np.stack([push(e) for e in np.eye(3)], -1), jacobian(f)(X))
    near(vmap(push, out_axes=-1)(np.eye(3)), jacobian(f)(X))
    near(jit(push)(X), jacobian(f)(X) @ X)
    assert len(runs) == 1


def test_structures_floats_and_auxiliary():
    def g(p, s):
        return {"y": p["a"] * s, "z": 3.0}, "aux"

    y, push, aux = linearize(g, {"a": X}, 2.0, has_aux=True)
    near(y["y"], 2 * X)
    out = push({"a": X}, 1.0)
    near(out["y"], 3 * X)
    assert out["z"] == 0.0
    assert aux == "aux"
    assert linearize(lambda x: x * x, 3.0)[1](1.0) == 6.0


def test_the_point_is_that_of_the_call():
    x = X.copy()
    _, push = linearize(f, x)
    before = push(X)
    x[:] = 5.0
    near(push(X), before)


def test_inside_other_derivatives():
    def along(x):
        return linearize(f, x)[1](np.ones(3)).sum()

    near(grad(along)(X), grad(lambda x: jvp(f, (x,), (np.ones(3),))[1].sum())(X))
    xs = np.stack([X, 2 * X])
    near(vmap(along)(xs), [along(x) for x in xs])


def test_loops():
    def g(x):
        return scan(lambda c, v: (np.sin(c * v), c), x[0], x)[1]

    _, push = linearize(g, X)
    near(push(np.ones(3)), jvp(g, (X,), (np.ones(3),))[1])


def test_tangents_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"tangent has shape \(2,\)"):
        linearize(f, X)[1](np.ones(2))
    with pytest.raises(ShapeError, match="structure"):
        linearize(f, X)[1](X, X)
