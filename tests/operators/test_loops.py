"""Loops: the same as Python's, eager and recorded, in every mode and to any order."""

import numpy as np
import pytest

from tests.operators.recorded import agrees, recorded
from wengert import (
    check_grads,
    cond,
    custom_jvp,
    custom_vjp,
    fori_loop,
    grad,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    primitive,
    scan,
    trace,
    value_and_grad,
    vjp,
    while_loop,
)
from wengert.engines import NumpyEngine
from wengert.errors import ArgumentError, ControlFlowError, ShapeError

X = np.array([0.3, 1.2, -0.7, 0.5])


# ----- programs: each takes a vector of four and gives a number -----


def recurrence(x):
    carry, ys = scan(lambda c, v: (np.sin(c) * v + x[0], c * v), x[1], x)
    return carry * ys.sum()


def backwards(x):
    carry, ys = scan(lambda c, v: (np.cos(c * v), c + v), 0.5, x, reverse=True)
    return carry + (ys * x).sum()


def many(x):
    """Dictionaries in and out, an integer and an array carried, None for y."""

    def step(c, v):
        w = c["w"] * v["a"][:, None]
        return {"n": c["n"] + 1, "w": np.tanh(w + v["b"])}, None

    start = {"n": 0, "w": np.outer(x[:2], x[2:])}
    xs = {"a": np.stack([x[:2], x[2:]]), "b": x[:2]}
    end, ys = scan(step, start, xs)
    assert ys is None
    return (end["w"] ** 2).sum() * end["n"]


def nested(x):
    def outer(c, v):
        inner, zs = scan(lambda d, u: (d * np.sin(u) + v, d * u), c, x[:3])
        return inner, zs.sum()

    carry, ys = scan(outer, x[0], x)
    return carry + (ys**2).sum()


def branch_within(x):
    def step(c, v):
        c = cond(v > 0, lambda a: a * np.exp(v), lambda a: a + np.square(v) * x[0], c)
        return c, c

    carry, ys = scan(step, 1.0, x)
    return carry * ys[1]


def while_within(x):
    def step(c, v):
        big = while_loop(lambda p: p < 5.0, lambda p: p * 1.5 + v * v, c * c + 0.1)
        return big * 0.3, big

    carry, ys = scan(step, x[0], x)
    return carry + ys.sum()


def scan_within_while(x):
    def step(p):
        n, c = p
        return n + 1, scan(lambda d, v: (np.sin(d + v * c), None), c, x)[0]

    return while_loop(lambda p: p[0] < 3, step, (0, x[2]))[1]


def counted(x):
    return fori_loop(1, 4, lambda i, c: np.sin(c) * x[i] + i, x[0])


def constant_matrix(x):
    w = np.array([[0.3, -0.2], [0.5, 0.7]])
    h, _ = scan(lambda h, v: (np.tanh(w @ h + v), None), np.zeros(2), x.reshape(2, 2))
    return h @ w @ h


def varying_matrix(x):
    w = np.outer(x[:2], x[2:])
    h, _ = scan(lambda h, v: (np.tanh(w @ h + v), None), x[:2], x.reshape(2, 2))
    return h @ h


def written_into(x):
    def step(i, c):
        c[i] += x[i] * c[i - 1]
        work = np.zeros(3)
        work[0] = c[0]
        work[1:] += c[i]
        return c * np.sum(work)

    return fori_loop(0, 4, step, x * 1.0).sum()


def rows_written_into(x):
    def step(i, c):
        row = c[i]
        row[0] *= x[0]
        c[i, 1:] += x[1]
        part = c[i][1:]
        part[0] = x[2]
        return c * np.sum(row)

    return fori_loop(0, 2, step, np.outer(x[:2], x[:3])).sum()


def untouched(x):
    """An output that does not vary, and one that nobody asks for."""
    (a, b), (y, _) = scan(
        lambda c, v: ((c[0] * v, c[1] + 1.0), (c[1], c[0])), (x[0], 0.0), x
    )
    return a * b + y.sum()


PROGRAMS = [
    recurrence, backwards, many, nested, branch_within, while_within,
    scan_within_while, counted, constant_matrix, varying_matrix, written_into,
    rows_written_into, untouched,
]  # fmt: skip
every = pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)


@every
def test_recorded_as_eager(f):
    agrees(f, X)


@every
def test_gradient(f):
    check_grads(f, X, order=2).raise_if_failed()
    agrees(grad(f), X)
    agrees(jacfwd(f), X)


@every
def test_second_order(f):
    expected = hessian(f)(X)
    for order in (hessian, lambda g: jacrev(grad(g)), lambda g: jacfwd(grad(g))):
        (found,) = recorded(order(f), X)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11)
    (found,) = recorded(jacrev(jacfwd(f)), X)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("f", [recurrence, while_within, branch_within])
def test_third_order(f):
    def third(x):
        return hessian(lambda z: grad(f)(z)[0])(x)

    agrees(third, X, rtol=1e-9)


def test_value_and_gradient_together():
    value, gradient = recorded(value_and_grad(recurrence), X)
    assert value == recurrence(X)
    np.testing.assert_allclose(gradient, grad(recurrence)(X))


# ----- what a loop means -----


def test_scan_is_pythons_loop():
    c, ys = 0.5, []
    for v in X:
        ys.append(c * v)
        c = c + v * v
    for run in (lambda g: g(X), lambda g: recorded(g, X)):
        carry, stack = run(lambda x: scan(lambda c, v: (c + v * v, c * v), 0.5, x))
        assert carry == c
        np.testing.assert_array_equal(stack, ys)


def test_reverse_runs_from_the_last_and_keeps_the_order():
    f = lambda x: scan(lambda c, v: (c + v, c), 0.0, x, reverse=True)  # noqa: E731
    for carry, ys in (f(X), recorded(f, X)):
        np.testing.assert_allclose(carry, X.sum())
        np.testing.assert_allclose(ys, X[::-1].cumsum()[::-1] - X)


@pytest.mark.parametrize("n", [0, 1])
def test_short_loops(n):
    def f(x):
        carry, ys = scan(lambda c, v: (c * v, (c, 2 * v)), x[0], x[:n])
        return carry, ys[0], ys[1]

    for carry, first, second in (f(X), recorded(f, X)):
        assert carry == X[0] ** (1 + n)
        assert first.shape == second.shape == (n,)
    agrees(grad(lambda x: f(x)[0] + f(x)[1].sum()), X)


def test_a_loop_without_steps_gives_its_start():
    assert fori_loop(3, 3, lambda i, c: c + 1.0, 2.0) == 2.0
    assert fori_loop(3, -1, lambda i, c: c + 1.0, 2.0) == 2.0
    f = lambda x: while_loop(lambda c: c < 0, np.sqrt, x)  # noqa: E731
    assert f(4.0) == 4.0
    assert grad(f)(4.0) == 1.0
    agrees(grad(f), 4.0)


def test_the_number_of_steps_may_differ_from_run_to_run():
    f = lambda x: while_loop(lambda c: c < 50.0, lambda c: c * c, x)  # noqa: E731
    run = NumpyEngine().compile(trace(grad(f), 3.0))
    for x in (1.1, 2.0, 3.0, 60.0):
        np.testing.assert_allclose(run(np.float64(x)), grad(f)(x))


def test_traced_bounds():
    def f(x, n):
        return fori_loop(0, n, lambda i, c: c * x + i, 1.0)

    for n in (0, 1, 5):
        agrees(f, 1.3, np.int64(n))
        agrees(grad(f), 1.3, np.int64(n))


def test_the_init_is_left_as_it_is():
    start = np.zeros(4)

    def step(i, c):
        c[i] = 1.0
        return c

    np.testing.assert_array_equal(fori_loop(0, 4, step, start), np.ones(4))
    assert not start.any()


def test_ys_are_what_they_were_in_their_step():
    def f(x):
        def step(c, v):
            c[0] += v
            return c, c

        return scan(step, np.zeros(2), x)[1]

    np.testing.assert_allclose(f(X)[:, 0], X.cumsum())
    np.testing.assert_allclose(recorded(f, X)[0], f(X))
    np.testing.assert_allclose(jacfwd(f)(X), recorded(jacrev(f), X)[0])


def test_numbers_take_the_dtype_that_the_body_gives_them():
    for start in (0, 0.0):
        f = lambda x, start=start: scan(lambda c, v: (c + v, c), start, x)  # noqa: E731
        for carry, ys in (f(X), recorded(f, X)):
            assert carry.dtype == ys.dtype == np.float64


def test_single_precision_stays():
    x = X.astype(np.float32)
    f = lambda x: scan(lambda c, v: (c + v, c), np.float32(0), x)[0]  # noqa: E731
    assert recorded(grad(f), x)[0].dtype == np.float32


def test_integers_are_carried_but_not_differentiated():
    def f(x):
        n, c = while_loop(lambda p: p[0] < 6, lambda p: (p[0] + 2, p[1] * x), (1, x))
        return c * n

    assert grad(f)(2.0) == 7 * 4 * 2.0**3
    agrees(grad(f), 2.0)


def test_complex_values():
    def f(x):
        z, _ = scan(lambda c, v: (c * np.exp(1j * v) + v, None), 1.0 + 0.5j, x)
        return np.abs(z) ** 2

    check_grads(f, X, order=1).raise_if_failed()
    agrees(grad(f), X)


def test_a_branch_not_taken_does_not_matter():
    """Strong zeros hold inside of bodies."""

    def f(x):
        step = lambda c, v: (c + np.where(v > 0, np.sqrt(v), 0.0), None)  # noqa: E731
        return scan(step, 0.0, x)[0]

    x = np.array([4.0, 0.0, 9.0])
    with np.errstate(all="ignore"):
        (found,) = recorded(grad(f), x)
    np.testing.assert_array_equal(found, [0.25, 0.0, 1 / 6])


def test_jvp_of_vjp():
    def f(x):
        _, pullback = vjp(recurrence, x)
        return pullback(1.0)[0]

    tangent = np.array([1.0, 0.0, 2.0, -1.0])
    _, expected = jvp(f, (X,), (tangent,))
    np.testing.assert_allclose(expected, hessian(recurrence)(X) @ tangent)
    found = recorded(lambda x: jvp(f, (x,), (tangent,))[1], X)[0]
    np.testing.assert_allclose(found, expected)


# ----- functions with rules of the user's own -----


@custom_vjp
def scaled_log(x):
    return np.log(x)


scaled_log.defvjp(lambda x: (np.log(x), x), lambda x, y_bar: (2 * y_bar / x,))


@custom_jvp
def tilted_log(x):
    return np.log(x)


tilted_log.defjvp(lambda x, x_dot: (tilted_log(x[0]), 3 * x_dot[0] / x[0]))


@primitive
def outside_log(x):
    return np.log(x)


@outside_log.jvp
def outside_log_jvp(y, x, x_dot):
    return 5 * x_dot[0] / x[0]


@pytest.mark.parametrize(
    "log,factor", [(scaled_log, 2), (tilted_log, 3), (outside_log, 5)]
)
def test_rules_of_the_users_own(log, factor):
    """In a body, such a function is tried on ones; that value goes nowhere."""

    def f(x):
        return scan(lambda c, v: (c + log(2 * v), None), 0.0, x)[0]

    x = np.array([1.5, 2.0, 3.0])
    np.testing.assert_allclose(recorded(f, x)[0], np.log(2 * x).sum())
    np.testing.assert_allclose(recorded(grad(f), x)[0], factor / x)


# ----- what the Graphs are like -----


def test_the_graph_does_not_grow_with_the_steps():
    def f(x):
        return scan(lambda c, v: (np.sin(c) * v, None), 1.0, x)[0]

    short, long = (str(trace(grad(f), np.ones(n))).count("\n") for n in (3, 300))
    assert short == long


def test_a_constant_is_not_kept_at_each_step():
    """W.T is computed once more in the sweep, rather than stacked."""
    w, x = np.ones((5, 5)), np.ones((7, 5))

    def f(w):
        return scan(lambda h, v: (np.tanh(w @ h + v), None), np.zeros(5), x)[0].sum()

    graph = trace(grad(f), w)
    shapes = [v.type.shape for e in graph.equations for v in e.outputs]
    assert (7, 5, 5) not in shapes
    assert shapes.count((7, 5)) == 2  # the state, and the derivative of tanh


# ----- refusals -----


def refuses(error, words, f, *args):
    with pytest.raises(error, match=words):
        trace(f, *args)


def test_a_question_of_python_is_refused():
    f = lambda x: scan(lambda c, v: (c + v if v > 0 else c, None), 0.0, x)  # noqa: E731
    refuses(ControlFlowError, r"test_loops\.py:\d+ in .*np\.where", f, X)
    f(X)  # where nothing is recorded, any Python works
    g = lambda x: fori_loop(0, 2, lambda i, c: c + X[i], x)  # noqa: E731
    refuses(TypeError, "must be traced too", g, 1.0)


@pytest.mark.parametrize("record", [False, True])
@pytest.mark.parametrize(
    "words,error,f",
    [
        (r"init\['a'\] is f64\[\] and becomes f64\[4\]", ShapeError,
         lambda x: scan(lambda c, v: ({"a": x}, None), {"a": x[0]}, x)),
        ("has the structure", ShapeError,
         lambda x: scan(lambda c, v: ((c, c), None), x[0], x)),
        (r"xs\[0\]: 4, xs\[1\]: 2", ShapeError,
         lambda x: scan(lambda c, v: (c, None), 0.0, (x, x[:2]))),
        ("length: 3", ShapeError, lambda x: scan(lambda c, v: (c, None), 0.0, x, 3)),
        ("no axis", ShapeError, lambda x: scan(lambda c, v: (c, None), 0.0, x[0])),
        ("how many steps", ArgumentError, lambda x: scan(lambda c, v: (c, None), 0.0)),
        ("pair", ArgumentError, lambda x: scan(lambda c, v: c, 0.0, x)),
        ("init is a str", ArgumentError,
         lambda x: scan(lambda c, v: (c, None), "a", x)),
        ("init_val is f64.*becomes f32", ShapeError,
         lambda x: while_loop(lambda c: c < 9, lambda c: c.astype(np.float32), x[1])),
        ("condition must be True or False", ArgumentError,
         lambda x: while_loop(lambda c: c < 3, lambda c: 2 * c, x)),
        ("upper must be an integer", ArgumentError,
         lambda x: fori_loop(0, 1.5, lambda i, c: c, x)),
    ],
)  # fmt: skip
def test_refusals(words, error, f, record):
    with pytest.raises(error, match=words):
        trace(f, X) if record else f(X)


def test_an_array_outside_cannot_be_written_from_inside():
    def f(x):
        y = x * 1.0

        def step(i, c):
            y[i] = c
            return c

        return fori_loop(0, 3, step, x[0]) + y.sum()

    refuses(RuntimeError, "stored outside", f, X)
