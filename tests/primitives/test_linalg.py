"""Linear algebra: systems, determinants, decompositions, norms; and their edges."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.primitives.comparing import calls, check_call, face, faces_of, same
from wengert.errors import MissingRuleError, ShapeError
from wengert.graph.primitive import PRIMITIVES
from wengert.graph.types import ArrayType
from wengert.operators import (
    check_grads,
    grad,
    hessian,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from wengert.primitives.linalg import well_conditioned

RNG = np.random.default_rng(17)


def regular(*shape, dtype=float):
    return well_conditioned(RNG, dtype, shape)


def positive(*shape, dtype=float):
    """Draw symmetric matrices with the eigenvalues 1, 1.5, 2, …."""
    v, _ = np.linalg.qr(regular(*shape, dtype=dtype))
    a = (v * (1 + 0.5 * np.arange(shape[-1]))) @ np.conj(np.swapaxes(v, -1, -2))
    return (a + np.conj(np.swapaxes(a, -1, -2))) / 2


A, T, C = regular(3, 3), regular(2, 3, 3), regular(3, 3, dtype=complex)
P, R = positive(3, 3), positive(2, 3, 3)
H = positive(3, 3, dtype=complex)
TALL, WIDE = regular(4, 2), regular(2, 4)
CTALL, CWIDE = regular(4, 2, dtype=complex), regular(2, 4, dtype=complex)
V, M = RNG.uniform(-2, 2, 3), RNG.uniform(-2, 2, (3, 4))
S3 = RNG.uniform(-2, 2, (2, 3, 4))
F = A.astype(np.float32)
PF = P.astype(np.float32)
N = np.array([[2, 1], [1, 3]])

SOLVED = {
    np.linalg.solve: [((A, V), {}), ((A, M), {}), ((T, M), {}), ((T, V), {}),
        ((C, M), {}),
        ((F, F), {}), ((N, V[:2]), {}), ((A, T), {}), ((T[:, None], S3), {})],
    np.linalg.inv: [((A,), {}), ((T,), {}), ((C,), {}), ((F,), {}), ((N,), {})],
    np.linalg.det: [((A,), {}), ((T,), {}), ((C,), {}), ((F,), {}), ((N,), {}),
                    ((np.ones((1, 1)),), {})],
    np.linalg.slogdet: [((A,), {}), ((T,), {}), ((C,), {}), ((F,), {}), ((N,), {})],
    np.linalg.pinv: [((TALL,), {}), ((WIDE,), {}), ((CTALL,), {}), ((A,), {}),
        ((T,), {}), ((TALL, 1e-3), {}), ((WIDE,), {"rtol": 1e-3}),
        ((TALL,), {"rtol": None}),
        ((TALL.astype(np.float32),), {})],
    np.linalg.lstsq: [((TALL, RNG.uniform(size=4)), {}),
        ((TALL, RNG.uniform(size=(4, 2))), {}),
        ((WIDE, V[:2]), {}), ((A, V), {}), ((CTALL, RNG.uniform(size=4)), {}),
        ((TALL, RNG.uniform(size=4)), {"rcond": 1e-9})],
    np.linalg.tensorsolve: [((regular(6, 6).reshape(2, 3, 6), M[:2, :3]), {}),
        ((np.moveaxis(regular(6, 6).reshape(2, 3, 6), -1, 1), M[:2, :3]),
         {"axes": (1,)})],
    np.linalg.tensorinv: [((regular(6, 6).reshape(6, 2, 3),), {"ind": 1}),
                          ((regular(6, 6).reshape(2, 3, 3, 2),), {})],
}  # fmt: skip

DECOMPOSED = {
    np.linalg.cholesky: [((P,), {}), ((R,), {}), ((H,), {}), ((PF,), {}), ((N,), {}),
                         ((P,), {"upper": True}), ((H,), {"upper": True})],
    np.linalg.eigh: [((P,), {}), ((R,), {}), ((H,), {}), ((PF,), {}), ((N,), {})],
    np.linalg.eigvalsh: [((P,), {}), ((R,), {"UPLO": "U"}), ((H,), {}), ((PF,), {})],
    np.linalg.svd: [((x,), {"full_matrices": False})
                    for x in (A, T, TALL, WIDE, C, CTALL, CWIDE, F)]
        + [((A,), {}), ((TALL,), {"compute_uv": False}), ((C,), {"compute_uv": False})],
    np.linalg.svdvals: [((A,), {}), ((CWIDE,), {}), ((T,), {})],
    np.linalg.qr: [((x,), {}) for x in (A, T, TALL, WIDE, C, CTALL, CWIDE, F)]
        + [((TALL,), {"mode": "r"}), ((A,), {"mode": "complete"}),
        ((WIDE,), {"mode": "r"})],
}  # fmt: skip

_ords = (1, -1, 2, -2, np.inf, -np.inf, "fro", "nuc")
NORMS = {
    np.linalg.norm: [((x,), {}) for x in (V, M, S3, C, F, N, np.float64(-2.0))]
        + [((V,), {"ord": p}) for p in (0, 1, 2, 3, 2.5, 0.5, -1, np.inf, -np.inf)]
        + [((M,), {"ord": p}) for p in _ords]
        + [((S3,), {"ord": p, "axis": (2, 0), "keepdims": True}) for p in _ords]
        + [((S3,), {"axis": 1}), ((S3,), {"axis": (0, 1)}),
        ((C,), {"axis": 0, "ord": 3}),
           ((M,), {"axis": (1,), "keepdims": True}), ((C,), {"ord": 1}),
        ((F[0],), {"ord": 3}),
           ((S3,), {"axis": -1, "ord": np.inf}), ((V,), {"keepdims": True}),
           ((C,), {"ord": "nuc"}), ((F,), {"ord": "nuc"})],
    np.linalg.vector_norm: [((S3,), {}), ((S3,), {"axis": (0, 2)}), ((M,), {"ord": 1}),
        ((S3,), {"axis": (2, 1), "keepdims": True, "ord": 3}), ((C,), {"axis": 0})],
    np.linalg.matrix_norm: [((S3,), {}), ((S3,), {"ord": 2}),
                            ((M,), {"ord": "nuc", "keepdims": True})],
    np.linalg.cond: [((A,), {}), ((A, 1), {}), ((T, "fro"), {}), ((TALL, 2), {}),
                     ((A, -2), {}), ((C,), {}), ((A, np.inf), {})],
}  # fmt: skip
NORMS[np.linalg.matrix_rank] = [
    ((A,), {}), ((TALL @ WIDE,), {}), ((T,), {}), ((np.outer(V, V),), {}), ((V,), {}),
    ((T, 1.2), {}), ((A,), {"rtol": 0.6}), ((np.zeros((2, 2)),), {}), ((0.0,), {}),
]  # fmt: skip
CASES = SOLVED | DECOMPOSED | NORMS


@calls(CASES)
def test_face_gives_what_numpy_gives(function, args, keywords):
    same(face(function)(*args, **keywords), function(*args, **keywords))


@calls(CASES)
def test_derivatives_agree_with_differences(function, args, keywords):
    check_call(smooth(function), args, keywords)


SECOND = {
    function: [c for c in listed if np.asarray(c[0][0]).dtype != np.float32][:3]
    for function, listed in CASES.items()
}


@calls(SECOND)
def test_second_derivatives_agree_with_differences(function, args, keywords):
    check_call(smooth(function), args, keywords, order=2)


def smooth(function):
    """Turn vectors so that their first components are positive, since LAPACK's signs
    may jump."""
    if function is np.linalg.eigh:
        return lambda a: with_signs(function(a))
    if function is np.linalg.svd:
        return lambda a, *args, **keywords: with_signs(function(a, *args, **keywords))
    return function


def symmetric(a):
    return (a + np.conj(np.swapaxes(a, -1, -2))) / 2


def with_signs(parts):
    if not isinstance(parts, tuple):
        return parts
    if len(parts) == 2:
        w, v = parts
        return w, v * np.sign(v[..., :1, :].real)
    u, s, vh = parts
    tall = u.shape[-2] >= vh.shape[-1]
    sign = np.sign((vh[..., :, 0] if tall else u[..., 0, :]).real)
    return u * sign[..., None, :], s, vh * sign[..., :, None]


def test_every_face_is_compared():
    assert faces_of("linalg", "decompositions", "norms") == set(CASES)


@pytest.mark.parametrize(
    "function,x,names",
    [
        (np.linalg.slogdet, A, ["sign", "logabsdet"]),
        (np.linalg.eigh, P, ["eigenvalues", "eigenvectors"]),
        (np.linalg.qr, A, ["Q", "R"]),
        (np.linalg.svd, A, ["U", "S", "Vh"]),
    ],
)
def test_results_have_numpy_s_names(function, x, names):
    result = face(function)(x)
    for name, part in zip(names, result, strict=True):
        assert getattr(result, name) is part
    assert type(result) is type(function(x))


# ----- gradients in closed form -----


def test_gradients_of_determinants():
    same(grad(np.linalg.det)(A), np.linalg.det(A) * np.linalg.inv(A).T)
    same(grad(lambda a: np.linalg.slogdet(a)[1])(A), np.linalg.inv(A).T)


def test_hessian_of_log_det_is_minus_the_product_of_inverses():
    y = np.linalg.inv(P)
    same(hessian(lambda a: np.linalg.slogdet(a)[1])(P), -np.einsum("jk,li->ijkl", y, y))


def test_gradients_are_of_the_triangle_that_numpy_reads():
    for f, upper in (
        (lambda a: np.linalg.cholesky(a).sum(), False),
        (lambda a: np.linalg.cholesky(a, upper=True).sum(), True),
        (lambda a: np.linalg.eigvalsh(a)[0], False),
        (lambda a: np.linalg.eigvalsh(a, "U")[0], True),
        (lambda a: (np.linalg.eigh(a)[1] ** 4).sum(), False),
    ):
        g = grad(f)(P)
        assert not np.any(np.tril(g, -1) if upper else np.triu(g, 1))
        other = np.triu(P, 1) if upper else np.tril(P, -1)
        same(value_and_grad(f)(P - other.T)[0], f(P - other.T))


def test_gradient_of_an_eigenvalue_is_the_projector():
    v = np.linalg.eigh(P)[1][:, 1]
    f = lambda a: np.linalg.eigvalsh(a)[1]
    same(grad(lambda a: f(symmetric(a)))(P), np.outer(v, v))
    same(symmetric(grad(f)(P)), np.outer(v, v))


def test_log_det_by_cholesky_agrees_with_slogdet():
    f = lambda a: 2 * np.log(np.diag(np.linalg.cholesky(symmetric(a)))).sum()
    same(grad(f)(P), grad(lambda a: np.linalg.slogdet(a)[1])(P))


# ----- determinants of singular matrices -----


def cofactors(a):
    n = len(a)
    minor = lambda i, j: np.delete(np.delete(a, i, 0), j, 1)
    return np.array(
        [
            [(-1) ** (i + j) * np.linalg.det(minor(i, j)) for j in range(n)]
            for i in range(n)
        ]
    )


def of_rank(rank, n=4):
    return RNG.uniform(-1, 1, (n, rank)) @ RNG.uniform(-1, 1, (rank, n))


@pytest.mark.parametrize("rank", [0, 1, 2, 3, 4])
def test_gradient_of_det_at_any_rank_is_the_cofactors(rank):
    a = of_rank(rank)
    np.testing.assert_allclose(grad(np.linalg.det)(a), cofactors(a), atol=1e-14)


def rows_of_cofactors(a):
    x, y, z = a
    return np.stack([np.cross(y, z), np.cross(z, x), np.cross(x, y)])


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_hessian_of_det_at_any_rank(rank):
    a = of_rank(rank, 3)
    exact = jacobian(rows_of_cofactors)(a)
    np.testing.assert_allclose(hessian(np.linalg.det)(a), exact, atol=1e-13)


def test_third_derivative_of_det():
    exact = jacobian(jacobian(rows_of_cofactors))(A)
    third = jacobian(hessian(np.linalg.det))(A)
    np.testing.assert_allclose(third, exact, atol=1e-11)


def test_det_of_small_integers_is_exact_enough():
    a = np.array([[1.0, 2.0], [2.0, 4.0]])
    np.testing.assert_allclose(
        grad(np.linalg.det)(a), [[4.0, -2.0], [-2.0, 1.0]], atol=1e-14
    )


def test_det_of_nan_has_a_nan_gradient():
    a = np.stack([A, np.full((3, 3), np.nan)])
    with np.errstate(invalid="ignore"):
        g = grad(lambda a: np.linalg.det(a).sum())(a)
    same(g[0], cofactors(A))
    assert np.all(np.isnan(g[1]))


# ----- norms at their kinks -----


@pytest.mark.parametrize("p", [None, 1, 2, 3, 1.5, 0.5, np.inf])
def test_vector_norms_have_gradient_zero_at_zero(p):
    f = lambda x: np.linalg.norm(x, p)
    with np.errstate(all="raise"):
        value, g = f(np.zeros(3)), grad(f)(np.zeros(3))
    assert value == 0
    assert np.array_equal(g, np.zeros(3))
    if p not in (1, np.inf):
        assert np.all(np.isfinite(hessian(f)(np.zeros(3))))


@pytest.mark.parametrize("p", ["fro", "nuc", 1, 2, np.inf])
def test_matrix_norms_have_gradient_zero_at_zero(p):
    g = grad(lambda x: np.linalg.norm(x, p))(np.zeros((3, 2)))
    assert np.array_equal(g, np.zeros((3, 2)))


@pytest.mark.parametrize("p", [1.5, 2, 3, 4])
def test_norms_beside_zeros_have_no_nan(p):
    x = np.array([0.0, 3.0, -4.0])
    f = lambda x: np.linalg.norm(x, p)
    check_grads(f, x, order=1).raise_if_failed()
    assert np.all(np.isfinite(hessian(f)(x)))
    rows = np.array([[0.0, 0.0], [3.0, 4.0]])
    g = grad(lambda x: np.linalg.norm(x, p, axis=1).sum())(rows)
    assert np.array_equal(g[0], [0.0, 0.0])
    assert np.all(np.isfinite(g))


def test_nuclear_norm_leaves_out_vanishing_singular_values():
    a = np.outer([1.0, 2.0, 2.0], [3.0, 4.0])
    g = grad(lambda a: np.linalg.norm(a, "nuc"))(a)
    np.testing.assert_allclose(g, a / 15, atol=1e-14)


# ----- equal and nearly equal values -----


@pytest.mark.parametrize("gap", [0.0, 1e-16, 1e-15, 1e-12, 1e-8])
def test_eigenvectors_of_near_ties_stay_finite(gap):
    q, _ = np.linalg.qr(A)
    a = (q * np.array([1.0, 1.0 + gap, 2.0])) @ q.T
    g = grad(lambda a: (np.linalg.eigh(a)[1] ** 3).sum())(a)
    assert np.all(np.isfinite(g))


@pytest.mark.parametrize("a", [np.eye(3), np.zeros((3, 3)), np.diag([1.0, 1.0, 2.0])])
def test_functions_of_the_matrix_are_right_at_ties(a):
    # V g(Λ) Vᵀ does not depend on the choice of vectors; here it is A + A² by g.
    def f(a):
        w, v = np.linalg.eigh(a)
        return (v * (w + w**2)) @ v.T

    direction = P @ np.diag([1.0, 2.0, 3.0]) @ P.T
    if np.ptp(np.diag(a)) == 0:
        # All three are tied: only the trace is free of the choice.
        _, y_dot = jvp(lambda a: np.trace(f(a)), (a,), (direction,))
        expected = np.trace(direction + a @ direction + direction @ a)
        np.testing.assert_allclose(y_dot, expected)
    else:
        same(grad(lambda a: np.trace(f(a)))(a), np.eye(3) + 2 * a)


@pytest.mark.parametrize("a", [np.eye(3), np.zeros((3, 2)), np.ones((2, 3))])
def test_singular_vectors_of_ties_and_zeros_stay_finite(a):
    def f(a):
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return (u**3).sum() + s.sum() + (vh**3).sum()

    assert np.all(np.isfinite(grad(f)(a)))
    assert np.isfinite(jvp(f, (a,), (np.ones(a.shape),))[1])


def test_singular_values_give_the_frobenius_norm_at_ties():
    g = grad(lambda a: (np.linalg.svdvals(a) ** 2).sum())(np.eye(3))
    same(g, 2 * np.eye(3))


# ----- the phase of complex vectors -----


def test_first_components_of_complex_vectors_are_real():
    _, v = face(np.linalg.eigh)(positive(4, 4, dtype=complex))
    np.testing.assert_allclose(v[0].imag, 0, atol=1e-15)
    for shape in ((4, 3), (3, 4), (3, 3)):
        u, _, vh = face(np.linalg.svd)(regular(*shape, dtype=complex), False)
        first = vh[:, 0] if shape[0] >= shape[1] else u[0]
        np.testing.assert_allclose(first.imag, 0, atol=1e-15)


def test_phases_are_turned_where_lapack_leaves_them(monkeypatch):
    turned = np.exp(1j * np.arange(3))
    w, v = np.linalg.eigh(H)
    u, s, vh = np.linalg.svd(C)
    q, r = np.linalg.qr(C)
    with monkeypatch.context() as patch:
        patch.setattr(np.linalg, "eigh", lambda a, *_: (w, v * turned))
        patch.setattr(
            np.linalg, "svd", lambda a, **_: (u * turned, s, vh / turned[:, None])
        )
        patch.setattr(np.linalg, "qr", lambda a, *_: (q * turned, r / turned[:, None]))
        _, v2 = PRIMITIVES["eigh"].impl(H)
        u2, _, vh2 = PRIMITIVES["svd"].impl(C)
        q2, r2 = PRIMITIVES["qr"].impl(C)
    np.testing.assert_allclose(v2[0].imag, 0, atol=1e-15)
    np.testing.assert_allclose(vh2[:, 0].imag, 0, atol=1e-15)
    np.testing.assert_allclose(np.diagonal(r2).imag, 0, atol=1e-15)
    np.testing.assert_allclose((v2 * w) @ v2.conj().T, H, atol=1e-13)
    np.testing.assert_allclose((u2 * s) @ vh2, C, atol=1e-13)
    np.testing.assert_allclose(q2 @ r2, C, atol=1e-13)


def test_a_function_free_of_the_phase_has_no_spurious_gradient():
    # A diagonal matrix has vectors whose first component is 0.
    a = np.diag([1.0, 2.0, 3.0]).astype(complex)
    f = lambda a: (np.abs(np.linalg.eigh(a)[1]) ** 4).sum()
    np.testing.assert_allclose(grad(f)(a), np.zeros((3, 3)), atol=1e-12)


# ----- what is refused -----


@pytest.mark.parametrize(
    "call",
    [
        lambda: face(np.linalg.svd)(TALL),
        lambda: face(np.linalg.qr)(TALL, "complete"),
        lambda: face(np.linalg.qr)(TALL, "raw"),
    ],
)
def test_what_has_no_rule_is_refused(call):
    with pytest.raises(MissingRuleError, match="Instead, "):
        call()


@pytest.mark.parametrize(
    "name,inputs",
    [*itertools.product(["inv", "det", "slogdet", "cholesky", "eigh"], [[TALL], [V]]),
     ("qr", [WIDE]), ("svd", [V]), ("solve", [A, TALL]), ("solve", [TALL, TALL]),
     ("solve", [T, RNG.uniform(size=(3, 3, 1))])],
)  # fmt: skip
def test_types_that_do_not_fit_are_refused(name, inputs):
    with pytest.raises(ShapeError, match="matri|rows|fit"):
        PRIMITIVES[name].type(*map(ArrayType.of, inputs))


def test_singular_systems_raise_as_in_numpy():
    with pytest.raises(np.linalg.LinAlgError):
        grad(lambda a: np.linalg.inv(a).sum())(np.zeros((2, 2)))
    with pytest.raises(np.linalg.LinAlgError):
        grad(lambda a: np.linalg.solve(a, V).sum())(np.zeros((3, 3)))


def test_unknown_norms_raise():
    for x, p in ((V, "fro"), (M, 3), (M, "max")):
        with pytest.raises(ValueError, match="norm order"):
            face(np.linalg.norm)(x, p)
    with pytest.raises(ShapeError, match="norm"):
        face(np.linalg.norm)(S3, 2)


def test_hermitian_true_is_refused_or_read_as_numpy_reads_it():
    f = lambda a: np.linalg.svd(a, compute_uv=False, hermitian=True)
    y, pullback = vjp(f, R)
    same(y, f(R))
    assert check_grads(f, symmetric(R))
    for g in (
        lambda a: np.linalg.svd(a, hermitian=True)[0],
        lambda a: np.linalg.pinv(a, hermitian=True),
    ):
        with pytest.raises(MissingRuleError, match="hermitian=True"):
            vjp(g, P)
