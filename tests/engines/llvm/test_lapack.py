"""Linear algebra in native code against NumPy: what it gives, and where it raises."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert import grad, hessian, jit, scan, trace, value_and_grad
from wengert.engines.llvm.engine import LlvmEngine
from wengert.primitives.cholesky import cholesky_back, pull_blocks
from wengert.primitives.triangular import triangular_solve
from wengert.scipy import linalg as slinalg

LOOSE = {"f8": 1e-9, "f4": 1e-4}
la = np.linalg


def triangle(x):
    b = np.ones((*x.shape[:-1], 2))
    return slinalg.solve_triangular(x, b, lower=True, check_finite=False)


FUNCTIONS = {
    "cholesky": la.cholesky,
    "cholesky upper": lambda x: la.cholesky(x, upper=True),
    "det": la.det,
    "slogdet": la.slogdet,
    "inv": la.inv,
    "inv of the transpose": lambda x: (la.inv(x), la.inv(np.swapaxes(x, -1, -2))),
    "eigh": la.eigh,
    "eigh of the upper triangle": lambda x: la.eigh(x, "U"),
    "eigvalsh": la.eigvalsh,
    "svd": lambda x: la.svd(x, full_matrices=False),
    "svdvals": la.svdvals,
    "qr": la.qr,
    "r alone": lambda x: la.qr(x, "r"),
    "solve": lambda x: la.solve(x, x[..., :2] + 1),
    "solve a vector": lambda x: la.solve(x, x[..., :1]),
    "solve the transpose": lambda x: la.solve(np.swapaxes(x, -1, -2), x[..., :2]),
    "solve_triangular": triangle,
    "gradient": grad(
        lambda x: np.sum(la.solve(x, np.sin(x))) + np.sum(la.slogdet(x)[1])
    ),
}


def spd(rng, shape, dtype="f8"):
    x = rng.normal(size=shape)
    x = x @ np.swapaxes(x, -1, -2) + 0.5 * np.eye(shape[-1])
    return x.astype(dtype)


def outcome(f, *args):
    """Give what f returns, as a flat list; or what it raises."""
    with np.errstate(all="ignore"):
        try:
            y = f(*args)
        except la.LinAlgError as error:
            return str(error)
    return list(y) if isinstance(y, tuple) else [y]


def agree(compiled, f, *args, loose=1e-9):
    """Compare the outcomes of a compiled function and of NumPy."""
    found, expected = outcome(compiled, *args), outcome(f, *args)
    if isinstance(expected, str):
        assert found == expected
        return
    assert not isinstance(found, str), found
    for y, reference in zip(found, expected, strict=True):
        assert np.shape(y) == np.shape(reference)
        assert np.asarray(y).dtype == np.asarray(reference).dtype
        size = np.max(np.abs(reference), initial=0, where=np.isfinite(reference))
        np.testing.assert_allclose(y, reference, rtol=loose, atol=loose * size)


def compiled(f, *args):
    run = jit(f)
    run.compile(*args)
    assert "on NumPy" not in str(run.report(*args))
    return run


SHAPES = [
    ("f8", (2, 1, 4, 4)),
    ("f4", (5, 5)),
    *(pytest.param("f8", (n, n), marks=pytest.mark.slow) for n in (1, 70)),
]


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(("dtype", "shape"), SHAPES)
def test_values(name, dtype, shape):
    rng, f = np.random.default_rng(len(shape)), FUNCTIONS[name]
    x = spd(rng, shape, dtype)
    if "eigh" not in name and "cholesky" not in name:
        x = x + rng.normal(size=shape).astype(dtype) * 0.1
    agree(compiled(f, x), f, x, loose=LOOSE[dtype])


@pytest.mark.parametrize("shape", [(6, 3), (2, 5, 2), (40, 33)])
def test_tall_and_wide_matrices(shape):
    x = np.random.default_rng(0).normal(size=shape)
    for name in ("svd", "svdvals", "qr", "r alone"):
        f = FUNCTIONS[name]
        agree(compiled(f, x), f, x)
        if name != "qr":
            agree(compiled(f, np.swapaxes(x, -1, -2)), f, np.swapaxes(x, -1, -2))


STACKS = st.sampled_from([(), (1,), (3,), (2, 1), (2, 3)])


@settings(max_examples=6, deadline=None)
@given(
    STACKS, STACKS, st.integers(1, 5), st.integers(1, 3), st.booleans(), st.booleans(),
    st.booleans(), st.sampled_from(["f8", "f4"]),
)  # fmt: skip
def test_systems_of_broadcast_stacks(one, other, n, m, lower, unit, turned, dtype):
    try:
        np.broadcast_shapes(one, other)
    except ValueError:
        return
    rng = np.random.default_rng(n)
    a = (rng.normal(size=(*one, n, n)) + 4 * np.eye(n)).astype(dtype)
    b = rng.normal(size=(*other, n, m)).astype(dtype)

    def f(a, b):
        if turned:
            a = np.swapaxes(a, -1, -2)
        x = triangular_solve(a * 1, b, lower=lower, unit=unit)
        return la.solve(a, b), x, triangular_solve(a, b, lower=lower, unit=unit)

    agree(compiled(f, a, b), f, a, b, loose=LOOSE[dtype])


BAD = {
    "of rank two": np.arange(9.0).reshape(3, 3),
    "of ones": np.ones((3, 3)),
    "zero": np.zeros((3, 3)),
    "indefinite": np.diag([1.0, -1.0, 2.0]),
    "nan": np.full((3, 3), np.nan),
    "one nan": np.eye(3) + np.diag([np.nan, 0], 1),
    "another nan": np.eye(3) + np.diag([np.nan, 0], -1),
    "inf": np.eye(3) + np.diag([np.inf, 0, 0]),
    "large": 1e200 * np.eye(3),
    "small": 1e-200 * np.eye(3),
    "columns": np.asfortranarray(np.eye(3) + np.tri(3)),
    "backwards": (np.eye(3) + np.tri(3).T + np.tri(3))[::-1, ::-1],
}


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"gradient"}))
def test_odd_matrices_and_exceptions(name):
    f = FUNCTIONS[name]
    good = spd(np.random.default_rng(0), (3, 3))
    one, stack = compiled(f, good), compiled(f, np.stack([good, good]))
    for kind, x in BAD.items():
        if kind == "inf" and name == "svd":
            continue  # NumPy itself never comes back, with some builds of LAPACK
        agree(one, f, x)
        agree(stack, f, np.stack([good, x]))
    agree(one, f, good)


def test_the_function_itself_may_catch():
    def f(x):
        try:
            return la.cholesky(x)
        except la.LinAlgError:
            return np.full_like(x, -1.0)

    run = compiled(f, 2 * np.eye(3))
    np.testing.assert_array_equal(run(-np.eye(3)), np.full((3, 3), -1.0))
    np.testing.assert_array_equal(run(4 * np.eye(3)), 2 * np.eye(3))


@pytest.mark.parametrize(("name", "text"), [("inv", "Singular"), ("cholesky", "posit")])
def test_the_engine_itself_raises(name, text):
    run = LlvmEngine().compile(trace(FUNCTIONS[name], np.eye(3)))
    with pytest.raises(la.LinAlgError, match=text):
        run(np.zeros((3, 3)))


def test_factors_are_made_once():
    def f(a, b):
        y = la.solve(a, b)
        return y, la.solve(a.T, y), la.inv(a), la.det(a), la.solve(a, y)

    a, b = spd(np.random.default_rng(1), (6, 6)), np.ones((6, 2))
    run = compiled(f, a, b)
    assert run.llvm(a, b).count("call void @wengert_dgetrf") == 1
    agree(run, f, a, b)


def test_a_triangular_factor_is_not_factored_again():
    def f(a, b):
        root, (_, r) = la.cholesky(a), la.qr(a)
        return la.solve(root, b), la.solve(root.T, b), la.solve(r, b)

    a, b = spd(np.random.default_rng(1), (6, 6)), np.ones(6)
    run = compiled(f, a, b)
    assert "getrf" not in run.llvm(a, b)
    agree(run, f, a, b)


def test_vectors_that_nobody_asks_for_are_not_computed():
    x = spd(np.random.default_rng(1), (6, 6))
    assert "wengert_dorgqr" not in compiled(FUNCTIONS["r alone"], x).llvm(x)
    assert "const.cV" not in compiled(la.eigvalsh, x).llvm(x)


@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (3, 4, 4), (64, 64), (65, 65)])
@pytest.mark.parametrize("turned", [False, True])
def test_the_pullback_of_cholesky(shape, turned):
    rng = np.random.default_rng(0)
    factor = la.cholesky(spd(rng, shape))
    seed = rng.normal(size=shape)

    def f(factor, seed):
        if turned:
            factor = np.swapaxes(np.swapaxes(factor, -1, -2) * 1, -1, -2)
        return cholesky_back(factor, seed)

    agree(compiled(f, factor, seed), f, factor, seed)


@pytest.mark.slow
@pytest.mark.parametrize("n", [130, 200, 1100])
def test_the_pullback_of_large_factors_goes_by_blocks(n):
    rng = np.random.default_rng(0)
    factor, seed = (
        la.cholesky(spd(rng, (n, n)) + n * np.eye(n)),
        rng.normal(size=(n, n)),
    )
    run = compiled(cholesky_back, factor, seed)
    agree(run, pull_blocks, factor, seed)


def likelihood(theta, points, seen):
    apart = np.sum((points[:, None] - points) ** 2, -1)
    k = np.exp(-apart * theta[0]) + theta[1] * np.eye(len(seen))
    root = la.cholesky(k)
    z = la.solve(root, seen)
    return 0.5 * z @ z + np.sum(np.log(np.diag(root)))


def test_derivatives_of_a_likelihood():
    rng = np.random.default_rng(0)
    points, seen = rng.normal(size=(7, 2)), rng.normal(size=7)
    theta = np.array([0.7, 0.3])
    for f in (value_and_grad(likelihood), hessian(likelihood)):
        agree(compiled(f, theta, points, seen), f, theta, points, seen)


def test_in_the_body_of_a_loop():
    def f(x, p):
        def step(p, u):
            s = p + np.outer(u, u)
            gain = la.solve(s, p)
            return np.eye(3) + gain @ gain.T, la.slogdet(s)[1]

        p, logs = scan(step, p, x)
        return np.sum(logs) + np.sum(p)

    x, p = np.random.default_rng(0).normal(size=(5, 3)), 2 * np.eye(3)
    for g in (f, grad(f, argnums=1)):
        agree(compiled(g, x, p), g, x, p)
    run = compiled(f, x, p)
    with pytest.raises(la.LinAlgError, match="Singular"):
        run(0 * x, 0 * p)


def test_threads_at_once():
    rng = np.random.default_rng(0)
    f = FUNCTIONS["gradient"]
    many = [spd(rng, (20, 20)) for _ in range(8)]
    run, expected = compiled(f, many[0]), [f(x) for x in many]
    found = [None] * len(many)

    def work(k):
        for _ in range(20):
            found[k] = run(many[k])

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(many))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for y, reference in zip(found, expected, strict=True):
        np.testing.assert_allclose(y, reference, rtol=1e-8, atol=1e-10)
