"""scipy.linalg's drop-in: SciPy's values, plain and traced; derivatives; refusals."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import scipy.linalg

from tests.primitives.comparing import check_call, same
from wengert.engines import open_engine
from wengert.graph.primitive import FACES
from wengert.operators import grad, jacobian, jvp, trace, vjp
from wengert.scipy import linalg

RNG = np.random.default_rng(5)


def near(shift, *shape, dtype=float):
    """Draw matrices with eigenvalues near 1, 2, 3, … times the shift."""
    n = shape[-1]
    x = RNG.uniform(-0.3, 0.3, shape)
    if dtype is complex:
        x = x + 1j * RNG.uniform(-0.3, 0.3, shape)
    return x + shift * np.diag(np.arange(1, n + 1))


def positive(a):
    return a @ np.conj(np.swapaxes(a, -1, -2)) + np.eye(a.shape[-1])


def stable(a):
    return a - 5 * np.eye(a.shape[-1])


A, C, T = near(1, 3, 3), near(1, 3, 3, dtype=complex), near(1, 2, 3, 3)
B = near(1, 3, 3)
P, H, TP = positive(A), positive(C), positive(T)
S = A + A.T
HERMITIAN = C + C.conj().T
V, W = RNG.uniform(-1, 1, 3), RNG.uniform(-1, 1, (3, 2))
CV = V + 1j * RNG.uniform(-1, 1, 3)
TALL, WIDE = RNG.uniform(-1, 1, (4, 2)), RNG.uniform(-1, 1, (2, 4))
CTALL = TALL + 1j * RNG.uniform(-1, 1, (4, 2))
CWIDE = CTALL.T
BAND = np.array([[0.0, 0.3, 0.2, -0.4], [4.0, 5.0, 4.5, 6.0], [0.5, -0.3, 0.2, 0.0]])
HALF, LOWER = BAND[:2], BAND[1:]
CHALF = HALF + 1j * np.array([[0, 0.2, 0.3, -0.2], [0, 0, 0, 0]])
B4 = RNG.uniform(-1, 1, 4)
INVOLUTION = np.diag([1.0, -1.5, 2.0]) + 0.2 * RNG.uniform(-1, 1, (3, 3))
LEFT = np.array([[-1.0, 0.3], [0.1, -2.0]])
SPIRAL = np.array([[1.0, 2.0, 0.1], [-2.0, 1.0, 0.3], [0.2, 0.1, 3.0]])

CALLS = {
    "solve": [
        ((A, V), {}), ((A, W), {}), ((C, V), {}), ((T, W), {}), ((T, V), {}),
        ((A, V), {"transposed": True}), ((S, V), {"assume_a": "sym"}),
        ((A, W), {"assume_a": "sym", "lower": True}), ((C, V), {"assume_a": "sym"}),
        ((HERMITIAN, V), {"assume_a": "her"}), ((P, V), {"assume_a": "pos"}),
        ((H, W), {"assume_a": "pos", "lower": True}), ((A, V), {"assume_a": "gen"}),
        ((A, V), {"assume_a": "diagonal"}), ((A, V), {"assume_a": "tridiagonal"}),
        ((A, V), {"assume_a": "upper triangular"}),
        ((A, W), {"assume_a": "lower triangular", "transposed": True}),
        ((A, V), {"assume_a": "banded"}),
    ],
    "inv": [((A,), {}), ((C,), {}), ((T,), {}), ((P,), {"assume_a": "pos"}),
            ((A,), {"assume_a": "sym", "lower": True}),
            ((A,), {"assume_a": "upper triangular"})],
    "det": [((A,), {}), ((C,), {}), ((T,), {})],
    "pinv": [((TALL,), {}), ((CWIDE,), {}), ((WIDE,), {"return_rank": True})],
    "pinvh": [((S,), {}), ((HERMITIAN,), {"lower": False})],
    "lstsq": [((TALL, B4), {}), ((TALL, RNG.uniform(-1, 1, (4, 2))), {}),
              ((WIDE, V[:2]), {}), ((CTALL, B4), {}),
              ((TALL, B4), {"lapack_driver": "gelsy"})],
    "norm": [((A,), {}), ((V,), {}), ((A,), {"ord": 2}), ((CTALL,), {"ord": 1}),
             ((A,), {"ord": "nuc"}), ((T,), {"axis": (1, 2)})],
    "solve_triangular": [
        ((A, V), {}), ((A, W), {"lower": True}), ((C, V), {"trans": 2}),
        ((C, W), {"trans": "T", "lower": True}), ((A, V), {"unit_diagonal": True}),
        ((T, V), {}), ((A, V), {"trans": 1}),
    ],
    "cholesky": [((P,), {}), ((P,), {"lower": True}), ((H,), {}), ((TP,), {})],
    "cho_factor": [((P,), {}), ((H,), {"lower": True})],
    "lu": [((A,), {}), ((C,), {"permute_l": True}), ((TALL,), {}), ((WIDE,), {}),
           ((T,), {}), ((TALL,), {"permute_l": True}), ((A[::-1],), {}),
           ((A[::-1],), {"p_indices": True})],
    "lu_factor": [((A,), {}), ((A[::-1],), {}), ((TALL,), {}), ((T,), {})],
    "svd": [((A,), {}), ((TALL,), {"full_matrices": False}), ((C,), {}),
            ((TALL,), {"compute_uv": False})],
    "svdvals": [((TALL,), {}), ((CWIDE,), {})],
    "orth": [((TALL,), {}), ((CTALL,), {})],
    "subspace_angles": [
        ((TALL, RNG.uniform(-1, 1, (4, 2))), {}),
        ((RNG.uniform(-1, 1, (5, 3)), RNG.uniform(-1, 1, (5, 2))), {}),
        ((TALL, TALL + 0.1 * RNG.uniform(-1, 1, (4, 2))), {}),
    ],
    "qr": [((A,), {}), ((TALL,), {"mode": "economic"}), ((WIDE,), {}), ((C,), {}),
           ((TALL,), {"mode": "r"}), ((A,), {"mode": "r"}),
           ((TALL[:, ::-1],), {"mode": "economic", "pivoting": True}),
           ((WIDE,), {"pivoting": True}), ((CTALL,), {"mode": "economic"})],
    "rq": [((A,), {}), ((WIDE,), {"mode": "economic"}), ((C,), {}),
           ((CWIDE,), {"mode": "economic"}), ((A,), {"mode": "r"})],
    "polar": [((A,), {}), ((TALL,), {}), ((TALL,), {"side": "left"}), ((WIDE,), {}),
              ((WIDE,), {"side": "left"}), ((C,), {}), ((T,), {})],
    "orthogonal_procrustes": [((A, B), {}), ((C, A), {})],
    "eig": [((A,), {}), ((SPIRAL,), {}), ((C,), {}), ((S, P), {})],
    "eigvals": [((A,), {}), ((SPIRAL,), {}), ((SPIRAL, P), {}), ((C, H), {})],
    "eigh": [((P,), {}), ((H,), {}), ((H,), {"lower": False}), ((A,), {"driver": "ev"}),
             ((P,), {"eigvals_only": True}), ((S, P), {}), ((HERMITIAN, H), {}),
             ((S, P), {"lower": False}), ((S, P), {"type": 2}), ((S, H), {"type": 3}),
             ((TP,), {"driver": "evd"})],
    "eigvalsh": [((A,), {}), ((S, P), {}), ((H,), {"subset_by_index": (1, 2)})],
    "eig_banded": [((HALF,), {}), ((LOWER,), {"lower": True}), ((CHALF,), {})],
    "eigvals_banded": [((HALF,), {}), ((CHALF,), {})],
    "eigh_tridiagonal": [((BAND[1], BAND[0, 1:]), {}),
                         ((V, V[:2]), {"eigvals_only": True})],
    "eigvalsh_tridiagonal": [((BAND[1], BAND[0, 1:]), {})],
    "expm": [((A,), {}), ((C,), {}), ((T,), {}), ((LEFT,), {}), ((0.3,), {}),
             ((np.float64(0.3),), {})],
    "expm_frechet": [((A, B), {}), ((A, B), {"compute_expm": False})],
    "logm": [((A,), {}), ((C,), {}), ((LEFT,), {}), ((SPIRAL,), {})],
    "sqrtm": [((A,), {}), ((C,), {}), ((LEFT,), {}), ((SPIRAL,), {}), ((T,), {})],
    "signm": [((INVOLUTION,), {})],
    "fractional_matrix_power": [((A, 0.3), {}), ((C, -1.5), {}), ((LEFT, 0.5), {}),
                                ((A, 3), {}), ((A, -1.0), {}), ((SPIRAL, 0.4), {})],
    "cosm": [((A,), {}), ((C,), {})],
    "sinm": [((A,), {}), ((C,), {})],
    "tanm": [((A / 4,), {})],
    "coshm": [((A,), {})],
    "sinhm": [((C,), {})],
    "tanhm": [((A,), {})],
    "solve_sylvester": [((A, LEFT + 5 * np.eye(2), W), {}), ((C, P, B), {}),
                        ((T, A, B), {})],
    "solve_continuous_lyapunov": [((A, B), {}), ((C, B), {})],
    "solve_lyapunov": [((A, B), {})],
    "solve_discrete_lyapunov": [((A / 5, B), {}), ((C / 5, B), {"method": "bilinear"})],
    "solve_banded": [(((1, 1), BAND, B4), {}), (((0, 1), HALF, np.eye(4)), {}),
                     (((1, 0), LOWER + 1j, B4), {})],
    "solveh_banded": [((HALF, B4), {}), ((LOWER, np.eye(4)), {"lower": True}),
                      ((CHALF, B4), {})],
    "cholesky_banded": [((HALF,), {}), ((LOWER,), {"lower": True}), ((CHALF,), {})],
    "toeplitz": [((V,), {}), ((V, B4), {}), ((CV,), {}), ((W, W), {})],
    "circulant": [((V,), {}), ((W,), {})],
    "hankel": [((V,), {}), ((V, B4), {})],
    "companion": [((V,), {}), ((W,), {})],
    "fiedler": [((V,), {}), ((W,), {})],
    "fiedler_companion": [((B4,), {}), ((V[:2],), {}),
                          ((RNG.uniform(1, 2, 7),), {})],
    "leslie": [((B4, V), {})],
    "diagsvd": [((V, 3, 5), {}), ((V, 5, 3), {})],
    "block_diag": [((A, W, V), {}), ((T, A), {})],
    "khatri_rao": [((A, B[:2]), {}), ((T, A), {})],
    "convolution_matrix": [((V, 4), {"mode": m}) for m in ("full", "same", "valid")]
    + [((V, 2), {"mode": "same"}), ((V, 2), {"mode": "valid"}), ((CV, 1), {})],
    "matmul_toeplitz": [((V, W), {}), ((CV, V), {})],
    "solve_toeplitz": [((V + 3, W), {}), ((CV + 3, V), {})],
    "solve_circulant": [((V + 3, V), {}), ((V + 3, np.eye(3)), {}), ((CV, V), {})],
    "clarkson_woodruff_transform": [((A, 2), {"rng": 3})],
}  # fmt: skip
CASES = [
    pytest.param(name, args, keywords, id=f"{name}-{k}")
    for name, listed in CALLS.items()
    for k, (args, keywords) in enumerate(listed)
]
each_call = pytest.mark.parametrize("name,args,keywords", CASES)


@each_call
def test_plain_calls_are_scipys(name, args, keywords):
    same_bits(getattr(linalg, name)(*args, **keywords),
              getattr(scipy.linalg, name)(*args, **keywords))  # fmt: skip


def same_bits(actual, expected):
    if isinstance(expected, tuple | list):
        for a, b in zip(actual, expected, strict=True):
            same_bits(a, b)
    else:
        np.testing.assert_array_equal(actual, expected)


@each_call
def test_faces_give_what_scipy_gives(name, args, keywords):
    function = getattr(scipy.linalg, name)
    expected = function(*args, **keywords)
    same(loose(FACES[function](*args, **keywords)), loose(expected))


def loose(y):
    """Leave aside how whole numbers and missing outputs are kept."""
    if isinstance(y, tuple | list):  # SciPy's stacks come in lists
        return tuple(map(loose, y))
    if y is None or np.asarray(y).dtype.kind in "iub":
        return np.float64(-1.0 if y is None else np.sum(y))
    return np.round(y, 10) if np.size(y) else np.zeros(np.shape(y))


def smooth(name):
    """Leave out of a call what varies with LAPACK's signs."""
    function = getattr(linalg, name)
    if name in ("eigh", "eig_banded", "eigh_tridiagonal", "orth"):
        return lambda *a, **k: with_signs(function(*a, **k))
    return lambda *a, **k: floats(function(*a, **k))


def floats(y):
    return [v for v in y if v is not None] if isinstance(y, tuple | list) else y


def with_signs(y):
    if not isinstance(y, tuple | list):
        return y if y.ndim < 2 or y.dtype.kind == "c" else y * np.sign(y[:1])
    w, v = y
    return (w, v) if v.dtype.kind == "c" else (w, v * np.sign(v[..., :1, :]))


@each_call
def test_derivatives_agree_with_differences(name, args, keywords):
    check(name, args, keywords, order=1)


@pytest.mark.parametrize(
    "name,args,keywords",
    [pytest.param(n, *listed[0], id=n) for n, listed in CALLS.items()],
)
def test_second_derivatives_agree_with_differences(name, args, keywords):
    check(name, args, keywords, order=2)


def check(name, args, keywords, order):
    """Move the arrays among the arguments; bands and counts stay."""
    fixed = [
        k for k, a in enumerate(args) if not isinstance(a, np.ndarray | np.floating)
    ]
    function = smooth(name)

    def call(*moved):
        rest = iter(moved)
        return function(
            *(a if k in fixed else next(rest) for k, a in enumerate(args)), **keywords
        )

    moved = [a for k, a in enumerate(args) if k not in fixed]
    check_call(call, moved, {}, order=order)


# ----- what the table cannot say -----


@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("a", [P, H])
def test_factors_solve(a, lower):
    def by_factor(a, b):
        return linalg.cho_solve(linalg.cho_factor(a, lower=lower), b)

    np.testing.assert_allclose(by_factor(a, V), np.linalg.solve(a, V))
    check_call(by_factor, (a, V), {}, order=2)
    with_hand = linalg.cho_solve((scipy.linalg.cholesky(a, lower=lower), lower), V)
    traced = FACES[scipy.linalg.cho_solve]
    same(traced((scipy.linalg.cholesky(a, lower=lower), lower), V), with_hand)


@pytest.mark.parametrize("trans", [0, 1, 2])
@pytest.mark.parametrize("a", [A[::-1], C[[1, 2, 0]], T])
@pytest.mark.parametrize("b", [V, W])
def test_lu_factors_solve(a, b, trans):
    def by_factor(a, b):
        return linalg.lu_solve(linalg.lu_factor(a), b, trans=trans)

    factors = scipy.linalg.lu_factor(a)
    expected = scipy.linalg.lu_solve(factors, b, trans=trans)
    same(FACES[scipy.linalg.lu_solve](factors, b, trans=trans), expected)
    check_call(by_factor, (a, b), {})


@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("band", [HALF, CHALF])
def test_banded_factors_solve(band, lower):
    if lower:
        band = np.stack([band[1], np.append(band[0, 1:].conj(), 0)])

    def by_factor(band, b):
        return linalg.cho_solve_banded(
            (linalg.cholesky_banded(band, lower=lower), lower), b
        )

    expected = scipy.linalg.solveh_banded(band, B4, lower=lower)
    np.testing.assert_allclose(by_factor(band, B4), expected)
    check_call(by_factor, (band, B4), {})


@pytest.mark.parametrize("name", ["solve_continuous_are", "solve_discrete_are"])
@pytest.mark.parametrize("general", [False, True])
def test_riccati(name, general):
    a = A / 10 if "discrete" in name else stable(A)
    b, e, s = W, np.eye(3) + B / 20, 0.1 * W

    def cost_to_go(a, b, half_q, half_r, e=None, s=None):
        q = half_q @ half_q.T + np.eye(3)
        r = half_r @ half_r.T + np.eye(2)
        return getattr(linalg, name)(a, b, q, r, e, s, balanced=False)

    extra = (e, s) if general else ()
    args = (a, b, A, LEFT, *extra)
    expected = cost_to_go(*args)
    y, _ = jvp(cost_to_go, args, [np.zeros_like(x) for x in args])
    np.testing.assert_allclose(y, expected, rtol=1e-8)
    check_call(cost_to_go, args, {}, order=2)


def test_riccati_wants_symmetric_costs():
    def f(q):
        return linalg.solve_continuous_are(A, W, q, np.eye(2))

    with pytest.raises(ValueError, match="q should be symmetric"):
        jacobian(f)(A)


def test_toeplitz_by_column_and_row():
    for function in (linalg.solve_toeplitz, linalg.matmul_toeplitz):

        def call(c, r, b, function=function):
            return function((c, r), b)

        same(jvp(call, (V + 3, V, W), (V, V, W))[0], call(V + 3, V, W))
        check_call(call, (V + 3, V, W), {}, order=2)


def test_stacked_bands_and_columns():
    bands = np.stack([BAND, 2 * BAND])
    check_call(lambda ab, b: linalg.solve_banded((1, 1), ab, b), (bands, B4), {})
    check_call(linalg.solve_toeplitz, (np.stack([V, -V]) + 3, V), {})


def test_bandwidth_and_symmetry_are_answered():
    def f(a):
        assert linalg.bandwidth(a) == scipy.linalg.bandwidth(np.triu(A, -1)) == (1, 2)
        assert not linalg.issymmetric(a)
        assert linalg.ishermitian(a + a.T)
        assert linalg.issymmetric(a, atol=10.0, rtol=0.0)
        return np.sum(a)

    np.testing.assert_array_equal(grad(f)(np.triu(A, -1)), np.ones((3, 3)))


def test_lists_that_hold_traced_values():
    def f(x):
        return (
            linalg.det([[x, 1.0], [2.0, x]])
            + linalg.solve([[x, 0.0], [0.0, 2.0]], [1.0, x]).sum()
        )

    np.testing.assert_allclose(grad(f)(3.0), 2 * 3 - 1 / 9 + 1 / 2)


def test_a_graph_runs_at_other_values():
    graph = trace(lambda a: linalg.sqrtm(linalg.expm(a)).sum(), A)
    y = open_engine("numpy").compile(graph)(B)
    np.testing.assert_allclose(y, scipy.linalg.expm(B / 2).sum())


def test_large_cotangents_keep_the_digits_of_expm():
    _, pullback = vjp(linalg.expm, LEFT)
    small = pullback(np.ones((2, 2)))
    large = pullback(np.full((2, 2), 1e12))
    np.testing.assert_allclose(np.asarray(large), 1e12 * np.asarray(small), rtol=1e-13)
    assert not np.any(pullback(np.zeros((2, 2))))


def test_equal_singular_values_do_not_disturb_the_polar_factor():
    def f(a):
        return linalg.polar(a)[0]

    check_call(f, (np.eye(3),), {}, order=2)


# ----- the namespace -----


def test_every_public_name_is_there():
    for name in scipy.linalg.__all__:
        mine, theirs = getattr(linalg, name), getattr(scipy.linalg, name)
        if inspect.isfunction(theirs):
            assert inspect.signature(mine) == inspect.signature(theirs)
        else:
            assert mine is theirs
    assert linalg.__all__ == sorted(scipy.linalg.__all__)


def test_the_rest_of_scipy_falls_through():
    import wengert.scipy

    assert wengert.scipy.constants is scipy.constants
    assert wengert.scipy.linalg is linalg
    assert {"linalg", "constants"} <= set(dir(wengert.scipy))
    with pytest.raises(AttributeError):
        _ = wengert.scipy.nothing_of_this_name
