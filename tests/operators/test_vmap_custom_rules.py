"""vmap of functions with rules of their own, and of jitted ones."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from wengert import custom_jvp, custom_vjp, grad, jit, jvp, primitive, vmap
from wengert.errors import MissingRuleError

XS = np.random.default_rng(5).normal(size=(4, 3))


def near(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("through", [lambda g: g, jit], ids=["eager", "jit"])
def test_custom_jvp_is_what_is_differentiated(through):
    @custom_jvp
    def g(x, a):
        return np.log1p(np.exp(x)) * a

    @g.defjvp
    def _(primals, tangents):
        (x, a), (x_dot, a_dot) = primals, tangents
        return g(x, a), 5 * x_dot * a + a_dot * np.sin(x)

    xs = XS[:, 0]
    near(through(vmap(g, (0, None)))(xs, 2.0), [g(x, 2.0) for x in xs])
    near(through(vmap(grad(g), (0, None)))(xs, 2.0), np.full(4, 10.0))
    total = grad(lambda x, a: vmap(g, (0, None))(x, a).sum(), (0, 1))
    near(through(total)(xs, 2.0)[0], np.full(4, 10.0))
    near(through(total)(xs, 2.0)[1], np.sin(xs).sum())
    one = np.ones(4)
    near(jvp(lambda x: vmap(g, (0, None))(x, 2.0), (xs,), (one,))[1], 10 * one)


@pytest.mark.parametrize("through", [lambda g: g, jit], ids=["eager", "jit"])
def test_custom_vjp_is_what_is_differentiated(through):
    @functools.partial(custom_vjp, nondiff_argnums=(0,))
    def g(limit, x, a):
        return {"y": x * a}

    g.defvjp(
        lambda limit, x, a: ({"y": x * a}, ("tag", x, {"a": a})),
        lambda limit, kept, g_: (
            np.clip(g_["y"], -limit, limit) * kept[2]["a"],
            g_["y"] * kept[1],
        ),
    )

    def h(x, a):
        return 3 * g(1.0, x, a)["y"] ** 2

    xs = XS[:, 0]
    near(through(vmap(h, (0, None)))(xs, 2.0), [h(x, 2.0) for x in xs])
    each = [grad(h, (0, 1))(x, 2.0) for x in xs]
    got = through(vmap(grad(h, (0, 1)), (0, None)))(xs, 2.0)
    near(got[0], [b[0] for b in each])
    near(got[1], [b[1] for b in each])
    total = grad(lambda x, a: vmap(h, (0, None))(x, a).sum(), (0, 1))
    near(through(total)(xs, 2.0)[0], [b[0] for b in each])
    near(through(total)(xs, 2.0)[1], sum(b[1] for b in each))


def test_primitive_is_called_for_each_member_unless_it_states_a_batch():
    calls = []

    @primitive
    def cube(x, k):
        calls.append(np.shape(x))
        return np.asarray(x) ** 3 * k

    @cube.vjp
    def _(y, x, y_bar):
        return 3 * x[0] ** 2 * x[1] * y_bar, y / x[1] * y_bar

    xs = XS[:, 0]
    near(vmap(cube, (0, None))(xs, 2.0), 2 * xs**3)
    near(vmap(grad(cube), (0, None))(xs, 2.0), 6 * xs**2)
    near(grad(lambda v: vmap(cube, (0, None))(v, 2.0).sum())(xs), 6 * xs**2)

    @cube.vmap
    def _(x, axes):
        assert axes == (0, None)
        calls.append("batch")
        return x[0] ** 3 * x[1], 0

    near(vmap(cube, (0, None))(xs, 2.0), 2 * xs**3)
    assert calls[-1] == "batch"


def test_primitive_without_rule_is_batched_but_not_differentiated():
    @primitive
    def opaque(x):
        return np.asarray(x) * 2

    near(vmap(opaque)(XS), XS * 2)
    with pytest.raises(MissingRuleError, match="opaque has no jvp"):
        grad(lambda xs: vmap(opaque)(xs).sum())(XS)


def test_jitted_function_is_compiled_for_the_batch():
    runs = []

    @jit
    def g(x):
        runs.append(1)
        return {"y": np.sin(x) * 2, "n": 3}

    for _ in range(3):
        near(vmap(g)(XS)["y"], np.sin(XS) * 2)
    count = len(runs)
    near(vmap(g)(XS + 1)["y"], np.sin(XS + 1) * 2)
    assert len(runs) == count
