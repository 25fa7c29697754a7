"""scipy.sparse's drop-in: SciPy's values, and derivatives on stored entries."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from tests.primitives.comparing import check_call
from tests.scipy.calling import check_namespace
from wengert.errors import MissingRuleError
from wengert.operators import grad, jvp
from wengert.scipy import sparse
from wengert.scipy.sparse import linalg

r = np.random.default_rng(0)
D = np.array([[4.0, 1, 0, 0], [0.5, 5, 1, 0], [0, 0, 4, 1], [1, 0, 0, 6]])
P = sp.csr_array(D)
A = sparse.csr_array(D)
M = sparse.csr_matrix(D)
rows, cols = D.nonzero()
data = D[rows, cols]
x = r.normal(size=4)
X = r.normal(size=(4, 2))


def mk(d, c=sparse.csr_array):
    return c((d, (rows, cols)), shape=(4, 4))


F = {
    "A@x": (lambda x: A @ x, x),
    "A@X": (lambda x: A @ x, X),
    "x@A": (lambda x: x @ A, x),
    "X@A": (lambda x: x.T @ A, X),
    "M*x": (lambda x: M * x, x),
    "x*M": (lambda x: x * M, x),
    "dot": (lambda x: A.dot(x), x),
    "A.T@x": (lambda x: A.T @ x, x),
    "A*x": (lambda x: (A * x).toarray(), x),
    "mult": (lambda x: A.multiply(x[:, None]).toarray(), x),
    "A+X": (lambda x: A + (x @ x.T), X),
    "sc": (lambda s: (A * s).toarray(), np.float64(2.0)),
    "sc2": (lambda s: (s * A / s**2).toarray(), np.float64(2.0)),
    "d@x": (lambda d, x: mk(d) @ x, data, x),
    "x@d": (lambda d, x: x @ mk(d), data, x),
    "d@d": (lambda d: (mk(d) @ mk(d * d)).toarray(), data),
    "d+A": (lambda d: (mk(d) + A - 2 * A.T + (-mk(d).T)).toarray(), data),
    "A@d": (lambda d: (A @ mk(d)).toarray(), data),
    "A+d": (lambda d: (A + mk(d)).toarray(), data),
    "A-d": (lambda d: (A - mk(d)).toarray(), data),
    "d.mul": (lambda d: mk(d).multiply(mk(d)).sum(0), data),
    "diag": (lambda d: mk(d).diagonal() * mk(d).sum(1) * mk(d).mean(), data),
    "csc": (lambda d: mk(d, sparse.csc_array).data ** 2, data),
    "mat": (
        lambda d: (mk(d, sparse.csr_matrix) * mk(d, sparse.csr_matrix)).toarray(),
        data,
    ),
    "pow": (lambda d: (mk(d, sparse.csr_matrix) ** 2).toarray(), data),
    "diags": (lambda d: sparse.diags([d, d[1:]], [0, 1]) @ np.ones(4), x),
    "diags0": (lambda d: sparse.diags_array(d) @ np.ones(4), x),
    "kron": (lambda d: sparse.kron(mk(d), A).toarray(), data),
    "bd": (lambda d: sparse.block_diag([mk(d), A]).toarray(), data),
    "hs": (lambda d: sparse.hstack([mk(d), A]).toarray(), data),
    "vs": (lambda d: sparse.vstack([A, mk(d)]).toarray(), data),
    "spsolve": (lambda d, x: linalg.spsolve(mk(d, sparse.csc_array), x), data, x),
    "spsolveX": (lambda x: linalg.spsolve(A.tocsc(), x), X),
    "splu": (lambda x: linalg.splu(A.tocsc()).solve(x), x),
    "spluT": (lambda d, x: linalg.splu(mk(d, sparse.csc_array)).solve(x, "T"), data, x),
    "fac": (lambda x: linalg.factorized(A.tocsc())(x), x),
    "gmres": (lambda x: linalg.gmres(A, x, rtol=1e-13)[0], x),
    "cg": (lambda x: linalg.cg(A @ A.T, x, rtol=1e-13)[0], x),
    "bicgstab": (lambda d, x: linalg.bicgstab(mk(d), x, rtol=1e-14)[0], data, x),
    "minres": (lambda x: linalg.minres(A + A.T, x, rtol=1e-14)[0], x),
    "expm_multiply": (lambda d, x: linalg.expm_multiply(mk(d) * 0.3, x), data, x),
    "norm": (lambda d: linalg.norm(mk(d)), data),
    "norm1": (lambda d: linalg.norm(mk(d), 1) * linalg.norm(mk(d), np.inf), data),
    "tri": (lambda d: linalg.spsolve_triangular(sparse.csr_array(np.tril(D)), d), x),
    "dense": (lambda d: sparse.csr_array(d) @ x, D),
}

CASES = F


@pytest.mark.parametrize("name", CASES)
def test_traced_values_are_plain_ones(name):
    f, *args = CASES[name]
    expected = f(*args)
    expected = expected.toarray() if sp.issparse(expected) else expected
    y, _ = jvp(f, tuple(args), tuple(np.ones_like(a) for a in args))
    np.testing.assert_allclose(y, expected, rtol=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_derivatives_agree_with_differences(name):
    f, *args = CASES[name]
    check_call(f, args, {}, order=2)


def test_plain_matrices_are_scipys_classes():
    assert isinstance(A, sp.csr_array) and isinstance(M, sp.csr_matrix)
    for made in (A.T, A + A, A @ A, A * 2, A.tocsc(), A[:2]):
        assert type(made).__module__ == "wengert.scipy.sparse"
    np.testing.assert_array_equal(A @ x, P @ x)
    assert sparse.issparse(A) and sparse.eye(3).shape == (3, 3)


def test_an_iteration_that_does_not_converge_raises():
    with pytest.raises(np.linalg.LinAlgError, match="not converged"):
        grad(lambda x: linalg.cg(A @ A.T, x, maxiter=1)[0].sum())(x)


def test_what_has_no_rule_says_why():
    for call in (
        lambda x: linalg.eigsh(sparse.diags_array(x), 1)[0].sum(),
        lambda x: sparse.diags_array(x)[0],
        lambda x: sparse.diags_array(x).max(),
        lambda x: linalg.cg(A, x, M=A)[0].sum(),
        lambda x: sparse.tril(sparse.diags_array(x)).sum(),
    ):
        with pytest.raises(MissingRuleError, match="test_sparse"):
            grad(call)(x)


def test_every_public_name_is_there():
    check_namespace(sparse, sp)
    check_namespace(linalg, sp.linalg)
