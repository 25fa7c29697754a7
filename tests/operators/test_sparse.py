"""`sparse=True`: the entries of the dense derivative, in few sweeps, never stale."""

import warnings

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert
from tests.cases import CASES
from wengert import (
    custom_jvp,
    custom_vjp,
    grad,
    hessian,
    jacobian,
    jit,
    sparsity,
    tree,
)
from wengert.errors import ArgumentError, DensePatternError, NotScalarError
from wengert.operators.sparse import jacobians

N = 30
X = np.random.default_rng(5).uniform(0.5, 2.0, N)


def broyden(x):
    y = (3 - 2 * x) * x + 1
    before, after = np.concatenate([[0.0], x[:-1]]), np.concatenate([x[1:], [0.0]])
    return y - before - 2 * after


def bratu(u):
    side = int(u.size**0.5)
    v = np.pad(u.reshape(side, side), 1)
    middle = v[1:-1, 1:-1]
    around = v[:-2, 1:-1] + v[2:, 1:-1] + v[1:-1, :-2] + v[1:-1, 2:]
    return (4 * middle - around - 0.1 * np.exp(middle)).ravel()


def arrow(x):
    return np.concatenate([[np.sum(x**2)], x[1:] * x[0]])


def blocks(x):
    a = x.reshape(-1, 3)
    return np.cross(a, a**2 + 1).ravel()


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def forces(x):
    """Neighbours in a chain, as springs that do not obey Hooke."""
    d = np.diff(x)
    return np.sum(d**-12 - 2 * d**-6)


def hub(x):
    return np.sum(x[1:] ** 2 * x[0]) + x[0] ** 3


def agree(found, dense):
    for s, d in zip(tree.flatten(found)[0], tree.flatten(dense)[0], strict=True):
        assert type(s) is scipy.sparse.csr_array and s.has_canonical_format
        d = np.asarray(d)
        np.testing.assert_allclose(
            s.toarray(), d.reshape(s.shape), rtol=1e-9, atol=1e-12
        )


FUNCTIONS = {
    "broyden": (broyden, X),
    "bratu": (bratu, X[:25]),
    "arrow": (arrow, X),
    "blocks": (blocks, X),
    "dense": (lambda x: np.outer(x, x).ravel(), X[:4]),
    "scalar": (lambda x: np.sum(x[::2] ** 2), X),
    "of a scalar": (lambda x: x * np.arange(3.0), 2.0),
    "matrix": (lambda x: x**2 + x[:, :1], X.reshape(5, 6)),
    "nothing": (lambda x: np.ones(3), X),
    "no inputs": (lambda x: np.concatenate([x, x]), X[:0]),
    "single": (broyden, X.astype(np.float32)),
}
POTENTIALS = {
    "rosenbrock": (rosenbrock, X),
    "forces": (forces, np.arange(N) + 0.1 * X),
    "hub": (hub, X),
    "separable": (lambda x: np.sum(np.exp(x)), X),
    "linear": (lambda x: np.sum(3 * x), X),
    "dense": (lambda x: np.sum(x) ** 3, X[:5]),
    "of a matrix": (lambda x: np.sum(np.prod(x, axis=1)), X.reshape(10, 3)),
}


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_sparse_is_dense(name, mode):
    f, x = FUNCTIONS[name]
    found = jacobian(f, mode=mode, sparse=True)(x)
    dense = np.asarray(jacobian(f, mode="forward")(x))
    tolerance = 1e-5 if name == "single" else 1e-12
    np.testing.assert_allclose(
        found.toarray(), dense.reshape(found.shape), tolerance, tolerance
    )
    assert found.dtype == dense.dtype


@pytest.mark.parametrize("name", POTENTIALS)
def test_sparse_hessians_are_dense_ones(name):
    f, x = POTENTIALS[name]
    found = hessian(f, sparse=True)(x)
    dense = np.asarray(hessian(f)(x)).reshape(found.shape)
    np.testing.assert_allclose(found.toarray(), dense, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("f", "x", "sweeps"),
    [
        (broyden, X, 3), (bratu, X[:25], 5), (arrow, X, 3), (blocks, X, 3),
        (np.sin, X, 1), (lambda x: np.sum(x), X, 1), (lambda x: np.ones(3), X, 0),
    ],
)  # fmt: skip
def test_few_sweeps_are_enough(f, x, sweeps):
    assert sparsity(f)(x).sweeps == sweeps


@pytest.mark.parametrize(
    ("f", "sweeps"), [(rosenbrock, 3), (hub, 2), (lambda x: np.sum(x**3), 1)]
)
def test_few_products_are_enough(f, sweeps):
    assert sparsity(f, of="hessian")(X).sweeps == sweeps


# ----- trees -----


def test_containers_give_a_matrix_for_each_output_and_argument():
    def f(p):
        return {"s": p["a"] ** 2 * p["b"], "t": (np.sin(p["b"]), p["a"][:2])}

    p = {"a": X[:4], "b": 2.0}
    found = jacobian(f, sparse=True)(p)
    agree(found, jacobian(f)(p))
    assert found["s"]["a"].shape == (4, 4) and found["t"][0]["b"].shape == (1, 1)
    assert found["t"][1]["b"].nnz == 0


def test_several_arguments_and_an_auxiliary_value():
    def f(x, k, y):
        return x * y**k, "told"

    found, aux = jacobian(f, argnums=(0, 2), has_aux=True, sparse=True)(X, 2, X)
    assert aux == "told"
    dense, _ = jacobian(f, argnums=(0, 2), has_aux=True)(X, 2, X)
    agree(found, dense)


def test_hessians_of_containers():
    def f(p):
        return np.sum(p["a"] ** 2 * p["b"]) + p["b"] ** 3

    p = {"a": X[:4], "b": 2.0}
    agree(hessian(f, sparse=True)(p), hessian(f)(p))


def numbers_of(args):
    """List the arguments whose leaves are all floats."""
    return [
        i
        for i, a in enumerate(args)
        if all(np.asarray(leaf).dtype.kind == "f" for leaf in tree.flatten(a)[0])
    ]


CORPUS = [(f, args, numbers_of(args)) for _, f, args in CASES if numbers_of(args)]


@pytest.mark.filterwarnings("ignore")
def test_the_corpus():
    for f, args, numbers in CORPUS:
        found = jacobian(f, argnums=numbers, sparse=True)(*args)
        agree(found, jacobian(f, argnums=numbers)(*args))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("f", "args", "numbers"), CORPUS)
def test_hessians_of_the_corpus(f, args, numbers):
    def total(*args):
        leaves = tree.flatten(f(*args))[0]
        return sum(np.sum(leaf**2) for leaf in leaves)

    found = hessian(total, argnums=numbers, sparse=True)(*args)
    dense = tree.flatten(hessian(total, argnums=numbers)(*args))[0]
    for s, d in zip(tree.flatten(found)[0], dense, strict=True):
        d = np.asarray(d).reshape(s.shape)
        scale = np.abs(d).max(initial=1.0)
        np.testing.assert_allclose(s.toarray(), d, rtol=1e-8, atol=1e-10 * scale)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("f", "args", "numbers"), CORPUS)
def test_the_corpus_compiled(f, args, numbers):
    compiled = jit(jacobian(f, argnums=numbers, sparse=True))
    dense = jacobian(f, argnums=numbers)(*args)
    for _ in range(3):
        found = compiled(*args)
        for s, d in zip(tree.flatten(found)[0], tree.flatten(dense)[0], strict=True):
            d = np.asarray(d).reshape(s.shape)
            scale = np.abs(d).max(initial=1.0)
            np.testing.assert_allclose(s.toarray(), d, rtol=1e-8, atol=1e-10 * scale)


# ----- what the pattern relied on changes -----


def test_another_branch_has_another_pattern():
    def f(x):
        return x**2 if x[0] > 0 else x[::-1] * x

    df = jacobian(f, sparse=True)
    for x in (X, -X, X, -X):
        agree(df(x), jacobian(f)(x))


def test_indices_and_zeros_may_be_written_to():
    places, matrix = np.arange(N)[::-1].copy(), np.diag(X)

    def f(x):
        return matrix @ x[places] ** 2

    df, compiled = jacobian(f, sparse=True), jit(jacobian(f, sparse=True))
    for step in range(6):
        for run in (df, compiled, compiled):
            agree(run(X), jacobian(f, mode="reverse")(X))
        if step == 1:
            places[:3] = 7
        if step == 2:
            matrix[2, 5] = 3.0
        if step == 3:
            matrix *= 2.0
        if step == 4:
            matrix[4, 4] = 0.0


def test_numbers_may_change(monkeypatch):
    made = []
    compress = jacobians.compress
    monkeypatch.setattr(
        jacobians, "compress", lambda *a: made.append(1) or compress(*a)
    )

    def f(x, t):
        return np.where(np.arange(N) < t, x, t * x[::-1])

    df = jacobian(f, sparse=True)
    for t, count in ((4.0, 1), (5.0, 2), (5.0, 2), (4.0, 2), (0.0, 3)):
        agree(df(X, t), jacobian(f)(X, t))
        assert len(made) == count
    df = jacobian(lambda x, t: t * broyden(x), sparse=True)
    for t, count in ((4.0, 4), (5.0, 4), (0.0, 5)):
        agree(df(X, t), t * jacobian(broyden)(X))
        assert len(made) == count


def test_shapes_may_change():
    df = jacobian(broyden, sparse=True)
    for n in (5, 8, 5, 1):
        agree(df(X[:n]), jacobian(broyden)(X[:n]))


def test_results_are_the_callers_own():
    df = jacobian(broyden, sparse=True)
    first = df(0 * X)
    first.data[:] = 0
    first.eliminate_zeros()
    first.indices[:] = 0
    agree(df(X), jacobian(broyden)(X))


# ----- compositions -----


@pytest.mark.parametrize(
    ("operator", "f"), [(jacobian, broyden), (jacobian, arrow), (hessian, rosenbrock)]
)
def test_compiled_is_plain(operator, f):
    compiled = jit(operator(f, sparse=True))
    for k in range(1, 5):
        agree(compiled(k * X), operator(f)(k * X))
    assert compiled.graph(X).outputs[0].type.shape == (compiled(X).nnz,)


def test_compiled_branches():
    def f(x):
        return x**2 if x[0] > 0 else x[::-1] * x

    compiled = jit(jacobian(f, sparse=True))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for sign in (1, 1, 1, -1, -1, 1, -1):
            agree(compiled(sign * X), jacobian(f)(sign * X))


def test_a_result_within_containers_is_compiled():
    @jit
    def step(x):
        return {"x": x * 2, "J": jacobian(broyden, sparse=True)(x)}

    for k in (1.0, 2.0, 3.0):
        found = step(k * X)
        agree(found["J"], jacobian(broyden)(k * X))
    assert "native" in str(step.report(X))


@pytest.mark.parametrize("wrap", [lambda f: f, jit])
def test_entries_can_be_differentiated(wrap):
    def norm(x):
        return np.sum(jacobian(broyden, sparse=True)(x).data ** 3)

    def dense(x):
        return np.sum(jacobian(broyden)(x) ** 3)

    derivative = wrap(grad(norm))
    for _ in range(3):
        np.testing.assert_allclose(derivative(X), grad(dense)(X))


def test_products_with_traced_vectors():
    def f(x):
        return np.sum((jacobian(bratu, sparse=True)(x) @ x) ** 2)

    def dense(x):
        return np.sum((jacobian(bratu)(x) @ x) ** 2)

    np.testing.assert_allclose(grad(f)(X[:9]), grad(dense)(X[:9]))


def test_custom_rules_are_kept():
    @custom_jvp
    def rounded(x):
        return np.round(x)

    rounded.defjvp(lambda primals, tangents: (np.round(primals[0]), tangents[0]))

    @custom_vjp
    def clipped(x):
        return np.clip(x, 0, 1)

    clipped.defvjp(lambda x: (np.clip(x, 0, 1), None), lambda _, g: (0.5 * g,))
    for f in (rounded, clipped):
        agree(jacobian(f, sparse=True)(X), jacobian(f)(X))


def test_strong_zeros_stay():
    def f(x):
        return np.where(x > 0, np.sqrt(np.abs(x)), 0.0)

    x = np.array([0.0, 1.0, -4.0])
    agree(jacobian(f, sparse=True)(x), jacobian(f)(x))


# ----- dense results from few sweeps -----


@pytest.mark.parametrize("f", [broyden, arrow, blocks, np.cumsum])
def test_large_dense_jacobians_are_the_same(f):
    x = np.linspace(0.5, 2.0, 90)
    found, slow = jacobian(f)(x), jacobian(f, mode="reverse")(x)
    assert type(found) is np.ndarray and found.flags.owndata
    np.testing.assert_allclose(found, slow, rtol=1e-12)
    for _ in range(3):
        np.testing.assert_allclose(jit(jacobian(f))(x), slow, rtol=1e-12)


def test_large_dense_jacobians_take_few_sweeps():
    runs = []

    @custom_jvp
    def probe(x):
        return x**2

    @probe.defjvp
    def rule(primals, tangents):
        runs.append(1)
        return primals[0] ** 2, 2 * primals[0] * tangents[0]

    jacobian(probe)(np.ones(500))
    assert len(runs) < 10


# ----- refusals -----


def test_wrong_calls_are_refused():
    with pytest.raises(ArgumentError, match="mode="):
        jacobian(broyden, mode="both", sparse=True)
    with pytest.raises(ArgumentError, match="jacobian needs a function"):
        jacobian(3.0, sparse=True)
    with pytest.raises(ArgumentError, match="hessian needs a function"):
        hessian(3.0, sparse=True)
    with pytest.raises(ArgumentError, match="i64"):
        jacobian(broyden, sparse=True)(np.arange(4))
    with pytest.raises(NotScalarError, match="holomorphic=True"):
        jacobian(np.exp, sparse=True)(X + 1j)
    with pytest.raises(NotScalarError, match="holomorphic=True"):
        jacobian(lambda x: x * 1j, sparse=True)(X)
    with pytest.raises(NotScalarError, match=r"jacobian\(f, sparse=True\)"):
        hessian(broyden, sparse=True)(X)
    with pytest.raises(ArgumentError, match='"hessian"'):
        sparsity(broyden, of="gradient")


def test_holomorphic_functions():
    z = X + 1j * X[::-1]
    found = jacobian(broyden, holomorphic=True, sparse=True)(z)
    np.testing.assert_allclose(
        found.toarray(), jacobian(broyden, holomorphic=True)(z), rtol=1e-12
    )


def test_what_is_dense_and_large_is_refused():
    x = np.ones(10**5)
    with pytest.raises(DensePatternError, match="jvp, vjp or hvp") as caught:
        jacobian(lambda x: x / np.sum(x), sparse=True)(x)
    assert "test_sparse.py" in caught.value.__notes__[0]


# ----- random programs -----


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
def test_random_programs(seeds):
    def f(x):
        for seed in seeds:
            rng = np.random.default_rng(seed)
            places = rng.integers(0, len(x), 8)
            parts = [x, np.sin(x)[::-1], np.tile(np.mean(x[:2]), len(x))]
            y = x[places] * rng.normal(size=8) * (rng.random(8) < 0.7)
            z = parts[seed % 3][places]
            x = np.concatenate([y, x[:3] ** 2]) + 0.1 * np.append(z, x[-3:])
        return x

    x = X[:7]
    agree(jacobian(f, sparse=True)(x), jacobian(f)(x))
    agree(
        hessian(lambda x: np.sum(f(x) ** 2), sparse=True)(x),
        hessian(lambda x: np.sum(f(x) ** 2))(x),
    )


def test_public_names():
    assert wengert.sparsity is sparsity
