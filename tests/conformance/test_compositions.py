"""Each way to a derivative agrees with the plain one, alone and inside of another.

batch = loop, sparse = dense, checkpoint = plain, implicit = unrolled, elimination =
sweeps, series = nested tangents; and the transposition law for what comes out.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert import (
    checkpoint,
    debug_nans,
    derivative_tensor,
    divergence,
    grad,
    hessian,
    hessian_diagonal,
    hvp,
    implicit,
    jacobian,
    jit,
    jvp,
    laplacian,
    linearize,
    ode,
    scan,
    taylor,
    to_c,
    to_python,
    vjp,
    vmap,
)

QUICK = settings(max_examples=6, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)
ONES = np.ones(5)


def chain(x):
    return (np.tanh(x[1:] * x[:-1]) ** 2).sum() + np.sin(x[0])


def written(x):
    y = np.zeros_like(x)
    y[1:] = x[:-1] ** 2
    y[0] = np.sin(x[3])
    y *= x
    return (y**3).sum()


def looped(x):
    def step(c, a):
        c = np.tanh(c * a + x[0])
        return c, c * a

    c, ys = scan(step, x[1], x * np.ones(5))
    return c + (ys**2).sum()


def kept_in_part(x):
    def step(c, a):
        return np.tanh(c * a + x[0]), None

    return scan(step, x[1], x * np.ones(5), checkpoint=2)[0]


def containers(x):
    p = {"a": x[:2], "b": (x[2], [x[3:]])}
    return np.exp(-((p["a"] * p["b"][0]) ** 2)).sum() + p["b"][1][0].sum()


F = {f.__name__: f for f in (chain, written, looped, kept_in_part, containers)}
PROGRAMS = st.sampled_from(list(F.values()))


def dense(matrix):
    return matrix.toarray()


def many(f):
    """Loop over members."""
    return lambda xs: np.stack([f(x) for x in xs])


def nested(f, order):
    for _ in range(order):
        f = (lambda g: lambda t: jvp(g, (t,), (1.0,))[1])(f)
    return f


def coefficients(f, x, order=3):
    scales = [1, 1, 2, 6, 24]
    return [
        nested(lambda t: f(x + t * ONES), k)(0.0) / scales[k] for k in range(order + 1)
    ]


def close(a, b, tol=1e-9):
    np.testing.assert_allclose(a, b, rtol=tol, atol=tol)


def point(seed, *shape):
    return np.random.default_rng(seed).uniform(-1.2, 1.2, size=shape)


# ----- each law by itself -----


GRADIENTS = {
    "plain": lambda f: grad(f),
    "checkpointed": lambda f: grad(checkpoint(f)),
    "within a budget": lambda f: grad(f, memory="1MB"),
    "eliminated": lambda f: jacobian(f, mode="eliminate"),
    "linearized": lambda f: lambda x: vmap(linearize(f, x)[1])(np.eye(5)),
    "of a batch of one": lambda f: lambda x: vmap(grad(f))(x[None])[0],
    "of a series": lambda f: (
        lambda x: np.stack([taylor(f, x, e, 1)[1] for e in np.eye(5)])
    ),
}


@QUICK
@given(PROGRAMS, SEEDS)
def test_every_way_gives_the_gradient(f, seed):
    x = point(seed, 5)
    exact = grad(f)(x)
    for way in GRADIENTS.values():
        close(way(f)(x), exact)


@QUICK
@given(PROGRAMS, SEEDS, st.sampled_from(list(GRADIENTS)))
def test_the_transposition_law_holds_for_the_derivative_of_every_way(f, seed, name):
    if name == "within a budget":  # reverse mode only differentiates it once more
        name = "checkpointed"
    x, x_dot, y_bar = point(seed, 3, 5)
    g = GRADIENTS[name](f)
    _, y_dot = jvp(g, (x,), (x_dot,))
    (x_bar,) = vjp(g, x)[1](y_bar)
    close(y_bar @ y_dot, x_bar @ x_dot)


@QUICK
@given(PROGRAMS, SEEDS)
def test_every_way_gives_the_hessian(f, seed):
    x = point(seed, 5)
    exact = jacobian(grad(f), mode="reverse")(x)
    close(hessian(f)(x), exact)
    close(hessian(checkpoint(f))(x), exact)
    close(dense(hessian(f, sparse=True)(x)), exact)
    close(dense(hessian(checkpoint(f), sparse=True)(x)), exact)
    close(derivative_tensor(f, x, 2), exact)
    close(hvp(checkpoint(f))(x, ONES), exact @ ONES)
    close(hessian_diagonal(f)(x), np.diag(exact))
    close(laplacian(f)(x), np.trace(exact))
    close(divergence(grad(f))(x), np.trace(exact))


@QUICK
@given(PROGRAMS, SEEDS)
def test_a_series_is_nested_tangents_and_goes_through_everything(f, seed):
    x = point(seed, 5)
    exact = coefficients(f, x)
    close(taylor(f, x, ONES, 3), exact)
    close(taylor(checkpoint(f), x, ONES, 3), exact)
    close(taylor(lambda x: vmap(f)(x[None])[0], x, ONES, 3), exact)


@QUICK
@given(PROGRAMS, SEEDS)
def test_a_batch_is_a_loop_through_everything(f, seed):
    xs = point(seed, 3, 5)
    close(vmap(f)(xs), many(f)(xs))
    close(vmap(grad(checkpoint(f)))(xs), many(grad(f))(xs))
    close(vmap(lambda x: np.stack(taylor(f, x, ONES, 3)))(xs),
          many(lambda x: np.stack(coefficients(f, x)))(xs))  # fmt: skip
    close(vmap(laplacian(f))(xs), many(laplacian(f))(xs))
    close(vmap(hessian_diagonal(f))(xs), many(hessian_diagonal(f))(xs))
    close(dense(jacobian(vmap(f), sparse=True)(xs)),
          jacobian(vmap(f))(xs).reshape(3, 15))  # fmt: skip
    close(grad(lambda xs: checkpoint(vmap(f))(xs).sum())(xs), many(grad(f))(xs))


@pytest.mark.parametrize("name", F)
def test_compiled_and_watched_compositions_agree(name):
    f, xs = F[name], point(7, 3, 5)
    exact = many(grad(f))(xs)
    compiled = jit(vmap(grad(checkpoint(f))))
    for _ in range(2):
        close(compiled(xs), exact)
    with debug_nans():
        close(vmap(grad(checkpoint(f)))(xs), exact)
        close(compiled(xs), exact)


@pytest.mark.parametrize("name", ["chain", "written", "containers"])
def test_compositions_as_source_code(name):
    f, xs = F[name], point(8, 3, 5)
    composed = vmap(grad(checkpoint(f)))
    names = {}
    exec(str(to_python(composed, xs)), names)
    function = next(v for v in reversed(names.values()) if callable(v))
    close(function(xs), many(grad(f))(xs))
    assert "double" in to_c(composed, xs).code


@pytest.mark.parametrize("name", F)
def test_single_precision_stays_single(name):
    f, x = F[name], point(9, 5).astype(np.float32)
    if name in ("looped", "kept_in_part"):
        pytest.skip("its constants are of double precision, and a carry keeps its type")
    for y in (vmap(grad(f))(x[None]), grad(checkpoint(f))(x), hessian_diagonal(f)(x),
              jacobian(f, mode="eliminate")(x), hessian(f, sparse=True)(x).data,
              *taylor(f, x, np.ones(5, "f"), 2)):  # fmt: skip
        assert y.dtype == np.float32


def test_nothing_is_differentiated_in_nothing():
    f, x = lambda x: (x * np.sin(x)).sum(), np.zeros(0)
    assert vmap(grad(f))(np.zeros((0, 3))).shape == (0, 3)
    assert vmap(grad(f))(np.zeros((3, 0))).shape == (3, 0)
    assert grad(checkpoint(f))(x).shape == hessian_diagonal(f)(x).shape == (0,)
    assert hessian(f, sparse=True)(x).shape == derivative_tensor(f, x, 2).shape
    assert jacobian(np.sin, mode="eliminate")(x).shape == (0, 0)
    assert laplacian(f)(x) == 0
    assert ode.solve(lambda t, y: y, x, np.array([0.0, 1.0])).shape == (2, 0)


def test_holomorphic_compositions():
    f, z = lambda z: np.exp(1j * z) * z, np.array([1 + 2j, 0.5j])
    exact = many(grad(f, holomorphic=True))(z)
    close(vmap(grad(f, holomorphic=True))(z), exact)
    close(vmap(grad(checkpoint(f), holomorphic=True))(z), exact)
    close(np.stack(taylor(f, z, np.ones(2, complex), 1))[1], exact)


# ----- implicit functions and differential equations -----


def equation(x, a):
    return x**3 + np.sin(a) * x - a


def root(a):
    return implicit.root(equation, 1.0, a)


def unrolled(a):
    x = 1.0
    for _ in range(30):
        x = x - equation(x, a) / (3 * x**2 + np.sin(a))
    return x


def solution(p, **options):
    def f(t, y, p):
        return -p * y + np.sin(t)

    y0, t = np.array([1.0, 2.0]), np.linspace(0, 1, 4)
    return ode.solve(f, y0, t, p, **options)


A = np.array([0.5, 1.0, 2.0])


@pytest.mark.parametrize("order", range(4))
def test_an_implicit_function_is_newtons_iteration_unrolled(order):
    close(nested(root, order)(1.0), nested(unrolled, order)(1.0), 1e-7)


def test_a_root_inside_of_other_ways():
    exact = many(grad(unrolled))(A)
    close(vmap(grad(root))(A), exact)
    close(grad(lambda a: vmap(root)(a).sum())(A), exact)
    close(grad(checkpoint(root))(1.0), exact[1])
    close(jit(grad(root))(1.0), exact[1])
    close(linearize(root, 1.0)[1](1.0), exact[1])
    close(np.diag(dense(jacobian(vmap(root), sparse=True)(A))), exact)
    close(taylor(root, 1.0, 1.0, 2)[2], nested(unrolled, 2)(1.0) / 2, 1e-7)


@pytest.mark.parametrize("method", ["dopri5", "bosh3", "rk4"])
def test_members_of_a_batch_are_each_integrated_as_accurately(method):
    options = {"steps": 30} if method == "rk4" else {}

    def last(p):
        return solution(p, method=method, **options)[-1]

    # The first is easy; its steps would be far too long for the last.
    rates = np.array([0.1, 25.0])
    tol = 1e-9 if method == "rk4" else 1e-6
    close(vmap(last)(rates), many(last)(rates), tol)
    close(vmap(jacobian(last))(rates), many(jacobian(last))(rates), tol)


def test_a_solution_inside_of_other_ways():
    def total(p):
        return solution(p).sum()

    exact = grad(total)(1.0)
    close(grad(checkpoint(total))(1.0), exact)
    close(jit(grad(total))(1.0), exact, 1e-7)
    close(linearize(total, 1.0)[1](1.0), exact)
    close(vmap(grad(total))(A)[1], exact, 1e-6)
    close(jit(vmap(grad(total)))(A)[1], exact, 1e-6)
    close(taylor(total, 1.0, 1.0, 1)[1], exact)


def test_times_that_differ_between_members_take_steps_of_their_own():
    def last(end):
        return ode.solve(lambda t, y: -y, 1.0, np.stack([0.0, end]))[-1]

    ends = np.array([1.0, 20.0])
    with pytest.warns(match="one member after the other"):
        found = vmap(last)(ends)
    close(found, np.exp(-ends), 1e-7)


# ----- determinants: any order, where singular values are equal too -----


@pytest.mark.parametrize(
    "A", [np.eye(4), np.zeros((4, 4)), np.diag([1.0, 1.0, 2.0, 0.0])],
    ids=["identity", "zero", "singular"],
)  # fmt: skip
def test_derivatives_of_a_determinant_are_those_of_its_polynomial(A):
    X = point(3, 4, 4)

    def f(t):
        return np.linalg.det(A + t * X)

    t = np.linspace(-1, 1, 5)
    exact = np.polyfit(t, list(map(f, t)), 4)[::-1] * [1, 1, 2, 6, 24]
    for order in range(5):
        close(nested(f, order)(0.0), exact[order], 1e-11)
    close(grad(grad(grad(f)))(0.0), exact[3], 1e-11)
    close(jit(nested(f, 3))(0.0), exact[3], 1e-11)


def test_checkpoints_in_loops_are_written_out_in_source_code():
    @checkpoint
    def part(c, a):
        return np.tanh(c * a)

    def f(x):
        return scan(lambda c, a: (part(c, a), None), x[0], x)[0]

    x, names = point(5, 5), {}
    exec(str(to_python(grad(f), x)), names)
    function = next(v for v in reversed(names.values()) if callable(v))
    close(function(x), grad(f)(x))


def test_the_series_of_an_imaginary_multiple_is_compiled():
    def series(x):
        return taylor(lambda x: np.abs((x + 1j * x * x) ** 3), x, 1.0, 2)

    close(jit(series)(0.7), series(0.7))
