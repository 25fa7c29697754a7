"""Covariances and quantiles without NaN against NumPy's; their derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from tests.primitives.comparing import calls, check_call, face, faces_of, same
from wengert import check_grads, grad, jacobian
from wengert.errors import MissingRuleError, ShapeError

RNG = np.random.default_rng(8)
M = RNG.uniform(-2, 2, (3, 6))
V = RNG.uniform(-2, 2, 6)
T = RNG.uniform(-2, 2, (2, 3, 5))
C = M + 1j * RNG.uniform(-2, 2, (3, 6))
F = M.astype(np.float32)
N = np.array([[5, -3, 2, 1], [7, 0, 2, 9]])
COUNTS = np.array([1, 3, 0, 2, 1, 4])
HOLES = np.where(RNG.uniform(size=(4, 7)) < 0.3, np.nan, RNG.uniform(-9, 9, (4, 7)))
HOLES[1, ::2] = np.nan
GONE = np.where(np.arange(4)[:, None] == 2, np.nan, HOLES)
Q = np.array([[0.1, 0.5], [1.0, 0.37]])

_pairs = [
    ((M,), {}), ((V,), {}), ((V, V[::-1]), {}), ((M, V), {}), ((C,), {}), ((F,), {}),
    ((M.T,), {"rowvar": False}), ((M.T, M.T + V[:, None]), {"rowvar": False}),
    ((N,), {}), ((C, V), {}), ((F,), {"dtype": np.float32}),
]  # fmt: skip
_nan = [
    ((HOLES,), {}), ((HOLES,), {"axis": 0}), ((HOLES,), {"axis": 1, "keepdims": True}),
    ((T,), {"axis": (0, 2)}), ((HOLES.astype(np.float32),), {"axis": 1}),
    ((N,), {"axis": 0}), ((M[0],), {}),
]  # fmt: skip
CASES = {
    np.cov: _pairs + [((M,), {"bias": True}), ((M,), {"ddof": 2}),
        ((M,), {"fweights": COUNTS}), ((M,), {"aweights": COUNTS / 3}),
        ((C,), {"fweights": COUNTS, "aweights": abs(V)}),
        ((M,), {"aweights": abs(V), "bias": True}), ((M[:0],), {})],
    np.corrcoef: _pairs,
    np.nanmedian: _nan + [((HOLES + 1j,), {"axis": 1})],
    np.nanquantile: [((*a, q), k) for a, k in _nan for q in (0.3, Q[0])]
        + [((HOLES, Q), {}), ((HOLES, Q), {"axis": 0})],
    np.nanpercentile: [((*a, q), k) for a, k in _nan for q in (30, 100 * Q[0])],
}  # fmt: skip


@calls(CASES)
def test_faces_give_what_numpy_gives(function, args, keywords):
    same(face(function)(*args, **keywords), function(*args, **keywords))


@calls({f: CASES[f] for f in (np.cov, np.corrcoef)})
def test_derivatives_agree_with_differences(function, args, keywords):
    # In float32 alone, second differences are noise.
    check_call(function, args, keywords, order=1 if "dtype" in keywords else 2)


def test_weights_vary():
    check_grads(lambda m, w: np.cov(m, aweights=w), M, abs(V)).raise_if_failed()


@calls({f: CASES[f] for f in (np.nanmedian, np.nanquantile, np.nanpercentile)})
def test_quantiles_without_nan(function, args, keywords):
    a, *q = args
    numbers = ~np.isnan(a)

    def of_numbers(x):
        # NaN moved is NaN: only the numbers are given to move.
        whole = np.zeros(a.shape, bool).astype(x.dtype) + np.nan
        index = np.where(numbers, np.cumsum(numbers).reshape(a.shape) - 1, 0)
        return function(np.where(numbers, x[index], whole), *q, **keywords)

    if a.dtype.kind in "fc":
        order = 1 if a.dtype == np.float32 else 2
        check_grads(of_numbers, a[numbers], order=order).raise_if_failed()


def test_of_no_numbers_there_is_no_quantile():
    for face_of, *q in ((np.nanmedian,), (np.nanquantile, 0.3)):
        y = face(face_of)(GONE, *q, axis=1)
        np.testing.assert_array_equal(np.isnan(y), np.arange(4) == 2)
        assert face(face_of)(np.zeros((2, 0)), *q, axis=0).shape == (0,)


def test_a_correlation_of_1_has_a_derivative():
    np.testing.assert_allclose(
        jacobian(lambda x: np.corrcoef(x, 2 * x))(V), 0, atol=1e-15
    )


def test_every_face_is_called_here():
    assert faces_of("correlations", "nanquantiles") == set(CASES)


def test_what_is_refused():
    with pytest.raises(MissingRuleError, match="method"):
        grad(lambda x: np.nanquantile(x, 0.3, method="lower"))(V)
    with pytest.raises(TypeError, match="real"):
        grad(lambda x: np.nanquantile(x * 1j, 0.3).real)(V)
    with pytest.raises(ValueError, match="range"):
        grad(lambda x: np.nanquantile(x, 1.3))(V)
    with pytest.raises(ShapeError, match="cov"):
        face(np.cov)(T)
    with pytest.raises(ShapeError, match="aweights"):
        face(np.cov)(M, aweights=V[:2])
    with pytest.raises(ValueError, match="negative"):
        face(np.cov)(M, aweights=V - 9)
    with pytest.raises(TypeError, match="integer"):
        face(np.cov)(M, fweights=abs(V))
    with pytest.warns(RuntimeWarning, match="Degrees"), np.errstate(all="ignore"):
        face(np.cov)(M, ddof=6)
