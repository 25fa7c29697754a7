"""Jacobians by elimination equal those of the sweeps, for every kind of operation."""

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from tests.operators.random_fields import examples, fields, points
from wengert import (
    cond,
    custom_jvp,
    grad,
    jacobian,
    jit,
    jvp,
    primitive,
    scan,
    stop_gradient,
    to_c,
    while_loop,
)
from wengert.errors import ArgumentError, NotScalarError
from wengert.graph.walk import count
from wengert.passes.prune import prune
from wengert.transforms import elements
from wengert.transforms.accumulation import accumulate, elimination_orders

X = np.array([0.3, -0.7, 1.1, 2.0])
A = np.array([[1.0, 0.0, 2.0, -1.0], [0.0, 0.0, 0.5, 3.0], [1.0, 1.0, -2.0, 0.1]])


@custom_jvp
def doubled(x):
    return np.sin(x)


doubled.defjvp(lambda primals, tangents: (doubled(*primals), 2.0 * tangents[0]))


@primitive
def swirl(x):
    return np.stack([x[0] * x[1], np.exp(x[2])])


@swirl.vjp
def _(y, x, y_bar):
    (x,) = x
    u, v = y_bar[0], y_bar[1]
    return (np.stack([u * x[1], u * x[0], v * y[1], 0.0 * u]),)


def arm(q):
    """Chain four rotations, alternately about z and y, each with a step along x."""
    pose = np.eye(4)
    for k in range(4):
        c, s = np.cos(q[k]), np.sin(q[k])
        turns = [
            [[c, -s, 0, 0.5], [s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
            [[c, 0, s, 0.5], [0, 1, 0, 0], [-s, 0, c, 0], [0, 0, 0, 1]],
        ]
        pose = pose @ np.stack(
            [np.stack([0.0 * c + e for e in r]) for r in turns[k % 2]]
        )
    return np.reshape(pose[:3], -1)


PROGRAMS = {
    "product": lambda x: np.prod(x),
    "sums": lambda x: np.cumsum(x) * np.sum(x),
    "matrix": lambda x: A @ np.sin(x) - np.tensordot(A, x, 1) ** 2,
    "matrices": lambda x: np.reshape(x, (2, 2)) @ np.reshape(x, (2, 2)),
    "einsum": lambda x: np.einsum("i,j,ij->i", x[:2], x[2:], A[:2, :2]),
    "outer and solve": lambda x: np.linalg.solve(np.outer(x, x) + np.eye(4), x),
    "determinant": lambda x: np.linalg.det(np.reshape(x, (2, 2)) + np.eye(2)),
    "where": lambda x: np.where(x > 0.5, np.sin(x), x * x),
    "moves": lambda x: np.concatenate([x[::-1], np.roll(x, 1), x[[3, 0, 0]], 2 * A[0]]),
    "order": lambda x: np.sort(x) * x[np.argmax(x)],
    "extrema": lambda x: np.max(x) * np.minimum(x, 0.2) + np.abs(x),
    "norm": lambda x: x / np.linalg.norm(x),
    "identity": lambda x: x,
    "constant": lambda x: np.ones(3),
    "written": lambda x: _written(x),
    "special": lambda x: scipy.special.gammaln(x[2:]) * x[0],
    "stopped": lambda x: x * stop_gradient(np.sin(x)),
    "custom": lambda x: doubled(x) * x,
    "user": lambda x: swirl(x) * x[3],
    "scan": lambda x: scan(lambda c, a: (np.sin(c) * a, c), x[0], x)[1],
    "cond": lambda x: cond(x[0] > 0, np.sin, np.cos, x),
    "while": lambda x: while_loop(lambda c: c[0] < 3, lambda c: c * 2, x + 0.5),
    "if": lambda x: x[0] * x[1] if x[1] < 0 else x[2],
    "arm": arm,
}


def _written(x):
    y = np.zeros(3)
    y[0] = x[1] * x[2]
    y[1:] += x[:2]
    return y


@pytest.mark.parametrize("name", PROGRAMS)
def test_elimination_gives_the_jacobian(name):
    f = PROGRAMS[name]
    eliminated, expected = jacobian(f, mode="eliminate"), jacobian(f)(X)
    found = eliminated(X)
    assert type(found) is type(expected) and found.dtype == expected.dtype
    assert found.shape == expected.shape and np.allclose(found, expected)
    assert np.allclose(jit(eliminated)(X), expected)


@pytest.mark.parametrize("name", ["matrices", "where", "arm", "custom", "user", "norm"])
def test_elimination_nests(name):
    f = PROGRAMS[name]
    eliminated = jacobian(f, mode="eliminate")
    assert np.allclose(jacobian(eliminated)(X), jacobian(jacobian(f))(X))
    direction = np.ones(4)
    expected = jvp(jacobian(f), (X,), (direction,))[1]
    assert np.allclose(jvp(eliminated, (X,), (direction,))[1], expected)
    assert np.allclose(jit(jacobian(eliminated))(X), jacobian(jacobian(f))(X))


def test_twice_eliminated():
    f = PROGRAMS["matrices"]
    twice = jacobian(jacobian(f, mode="eliminate"), mode="eliminate")
    assert np.allclose(twice(X), jacobian(jacobian(f))(X))


def test_outer_arguments_are_constants_of_the_inner_program():
    def slope(a):
        return jacobian(lambda x: np.sin(a * x) * A[0] @ x, mode="eliminate")(X)

    def same(a):
        return jacobian(lambda x: np.sin(a * x) * A[0] @ x)(X)

    assert np.allclose(jacobian(slope)(0.7), jacobian(same)(0.7))


@examples(20)
@given(fields(3, 4, steps=8), points(3), st.randoms(use_true_random=False))
def test_any_order_on_random_programs(f, x, chance):
    expected = jacobian(f)(x)
    found = accumulate(lambda x: [f(x)], [x])
    assert np.allclose(found.blocks[0][0], expected)
    order = list(found.taken.vertices)
    chance.shuffle(order)
    other = accumulate(lambda x: [f(x)], [x], order)
    assert np.allclose(other.blocks[0][0], expected)
    assert other.taken.multiplications >= 0 and other.taken.name == "given"


@examples(20)
@given(fields(3, 4, steps=8), points(3))
def test_the_graph_multiplies_as_often_as_is_said(f, x):
    found = accumulate(lambda x: [f(x)], [x])
    # Products of edges are `scale`, those of f itself `multiply`.
    assert count(found.graph)["scale"] == found.taken.multiplications
    for order in found.orders:
        other = accumulate(lambda x: [f(x)], [x], order.vertices)
        assert count(other.graph)["scale"] == order.multiplications


@pytest.mark.slow
@examples(300)
@given(fields(3, 5, steps=30), points(3), st.randoms(use_true_random=False))
def test_any_order_on_long_random_programs(f, x, chance):
    test_any_order_on_random_programs.hypothesis.inner_test(f, x, chance)
    with np.errstate(all="ignore"):
        compiled = jit(jacobian(f, mode="eliminate"))
        assert np.allclose(compiled(x), jacobian(f)(x))


def test_the_graph_costs_less_than_the_sweeps():
    found = accumulate(lambda x: [arm(x)], [X])
    orders = {order.name: order for order in found.orders}
    assert found.taken.multiplications == min(o.multiplications for o in found.orders)
    assert found.taken.multiplications < orders["reverse"].multiplications
    assert len(prune(found.graph).equations) <= len(found.graph.equations)


def test_linear_programs_take_no_multiplication():
    orders = elimination_orders(lambda x: [np.cumsum(A @ x)[::-1]], [X])
    assert all(order.multiplications == 0 for order in orders)


def test_branches_not_taken_do_not_matter():
    x = np.array([0.0, 4.0])
    for f in (
        lambda x: np.where(x > 0, np.sqrt(np.where(x > 0, x, 0)), 0.0),
        lambda x: np.where(x > 0, np.sqrt(x), 0.0) * 3,
    ):
        assert np.allclose(jacobian(f, mode="eliminate")(x), jacobian(f)(x))


def test_infinite_constants_spoil_no_other_element():
    f = lambda x: np.array([[np.inf, 1.0], [0.0, 2.0]]) @ x  # noqa: E731
    x = np.array([1.0, 4.0])
    assert np.array_equal(jacobian(f, mode="eliminate")(x), [[np.inf, 1], [0, 2]])


@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_what_overflows_is_no_branch():
    f = lambda x: np.log(1 + np.exp(2000 * x))  # noqa: E731
    eliminated, x = jacobian(f, mode="eliminate"), np.array([0.5, -0.2])
    assert np.isnan(eliminated(x)[0, 0]) and np.isnan(jit(eliminated)(x)[0, 0])
    assert np.array_equal(eliminated(x), jacobian(f)(x), equal_nan=True)


def test_arguments_and_outputs_are_arranged_as_ever():
    def f(p, k, y=1.0):
        return {"u": p["a"] * p["b"] ** k, "v": np.sum(p["a"]) + y}, "aux"

    p = {"a": np.array([1.0, 2.0]), "b": 3.0}
    for argnums, argnames in ((0, ()), ((0,), ()), (None, "y"), ((0,), ("y",))):
        args = {"argnums": argnums, "argnames": argnames, "has_aux": True}
        found, aux = jacobian(f, **args, mode="eliminate")(p, 2, y=0.5)
        expected, _ = jacobian(f, **args)(p, 2, y=0.5)
        assert aux == "aux" and repr(found) == repr(expected)


def test_numbers_and_single_precision():
    assert jacobian(lambda x: x**3, mode="eliminate")(2.0) == 12.0
    x = X.astype(np.float32)
    found = jacobian(PROGRAMS["matrix"], mode="eliminate")(x)
    assert found.dtype == jacobian(PROGRAMS["matrix"], mode="forward")(x).dtype
    halves = jacobian(lambda x: np.diff(np.sin(x)) @ A[:, :3], mode="eliminate")
    assert np.allclose(halves(x), halves(X), rtol=1e-5)
    single = jacobian(lambda x: np.sin(x) * x[0], mode="eliminate")(x)
    assert single.dtype == np.float32


def test_the_result_may_be_written_to():
    f = jacobian(lambda x: x, mode="eliminate")
    f(X)[:] = 7
    assert np.array_equal(f(X), np.eye(4))


def test_branches_hold_under_jit():
    f = jit(jacobian(PROGRAMS["if"], mode="eliminate"))
    for x in (X, -X, X):
        assert np.allclose(f(x), jacobian(PROGRAMS["if"])(x))


@pytest.mark.parametrize(
    "f",
    [
        lambda c: np.sin(c) * c[0],
        lambda c: cond(c[0] > 0.3, np.sin, np.cos, c),
        lambda c: scan(lambda d, a: (np.sin(d) * a, d), c[0], c)[1],
    ],
    ids=["smooth", "cond", "scan"],
)
def test_inside_the_body_of_a_loop(f):
    def newton(x, mode):
        def step(c, _):
            return c - 0.1 * jacobian(f, mode=mode)(c) @ c, None

        return scan(step, x, None, length=3)[0]

    x = X[2:]
    expected, compiled = newton(x, "auto"), jit(newton)
    assert np.allclose(newton(x, "eliminate"), expected)
    for _ in range(2):
        assert np.allclose(compiled(x, "eliminate"), expected)
    slopes = jacobian(newton)(x, "eliminate")
    assert np.allclose(slopes, jacobian(newton)(x, "auto"))


def test_as_c():
    source = to_c(jacobian(arm, mode="eliminate"), X)
    assert "cos(" in source.code


def test_what_cannot_be_eliminated_is_refused(monkeypatch):
    with pytest.raises(ArgumentError, match="real programs"):
        jacobian(lambda x: np.abs(np.fft.fft(x)), mode="eliminate")(X)
    with pytest.raises(NotScalarError, match="complex"):
        jacobian(np.sin, mode="eliminate")(X * 1j)
    with pytest.raises(ArgumentError, match="elements; more than 20,000"):
        jacobian(np.sin, mode="eliminate")(np.ones(20_000))
    with pytest.raises(ArgumentError, match="mode='swift'"):
        jacobian(np.sin, mode="swift")
    with pytest.raises(ArgumentError, match="each intermediate vertex once"):
        accumulate(lambda x: [np.sin(x[0] * x[1])], [X], [4])
    monkeypatch.setattr(elements, "LIMIT", 90)
    with pytest.raises(ArgumentError, match="partial derivatives; more"):
        jacobian(PROGRAMS["outer and solve"], mode="eliminate")(X)


def test_gradients_too():
    f = lambda x: np.sum(np.sin(x) * x[0])  # noqa: E731
    assert np.allclose(jacobian(f, mode="eliminate")(X), grad(f)(X))
