"""Sets and histograms against NumPy's, and their derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from tests.primitives.comparing import calls, check_call, face, faces_of, same
from wengert import check_grads, grad, jacobian
from wengert.errors import MissingRuleError

RNG = np.random.default_rng(4)
A = np.array([[3.0, 1.0, 2.0], [7.0, 1.0, 3.0]])
B = np.array([2.0, 2.0, 7.0, 9.0])
NAN = np.array([np.nan, 1.0, np.nan, 0.5])
V = np.array([0.1, 0.55, 0.9, 1.45, 1.1, 2.45, 2.9, 0.45])
W = RNG.uniform(1, 2, 8)
EDGES = np.array([0.25, 0.75, 1.25, 2.0, 2.9])
N = np.array([4, 1, 1, 3])
F = V.astype(np.float32)

_one = [((A,), {}), ((N,), {}), ((NAN,), {}), ((A[:0],), {}), ((A * 1j,), {}),
        ((A.astype(np.float32),), {})]  # fmt: skip
_two = [((A, B), {}), ((B, A), {}), ((N, N[:2]), {}), ((A, B[:0]), {}), ((N, B), {})]
_all = {"return_index": True, "return_inverse": True, "return_counts": True}
_bins = [((V,), {}), ((V, 4), {}), ((V, EDGES), {}), ((V, 5), {"range": (0.2, 2.0)}),
         ((N,), {}), ((F, 3), {}), ((V[:0],), {}), ((V[:1],), {}),
         ((V.reshape(2, 4), 3), {}), ((V, [0, 1, 3]), {})]  # fmt: skip
_pairs = [
    {}, {"bins": 3}, {"bins": [2, 3]}, {"bins": EDGES}, {"bins": [EDGES, 4]},
    {"density": True, "weights": W, "bins": 2},
    {"range": ((0, 2), (1, 2)), "bins": 3},
]  # fmt: skip
CASES = {
    np.isin: [*_two, ((A, B), {"invert": True}), ((2.0, B), {})],
    np.unique: [*_one, *((a, _all) for a, _ in _one), ((NAN,), {"equal_nan": False})],
    np.unique_all: _one, np.unique_counts: _one, np.unique_inverse: _one,
    np.union1d: _two, np.intersect1d: _two, np.setxor1d: _two,
    np.setdiff1d: [*_two, ((B[1:], A), {"assume_unique": True})],
    np.histogram_bin_edges: _bins,
    np.histogram: _bins + [((V, 4), {"density": True}), ((V, 4), {"weights": W}),
        ((V, EDGES), {"weights": W, "density": True}), ((V, 3), {"weights": W + 1j}),
        ((F, 3), {"weights": W.astype(np.float32)})],
    np.histogram2d: [((V, W), k) for k in _pairs] + [((F, W), {})],
    np.histogramdd: [((np.stack([V, W], 1),), k) for k in _pairs[:3]]
        + [(([V, W, V],), {"bins": 2}), (([V, W, V],), {"bins": (2, 3, 2)})],
}  # fmt: skip


@calls(CASES)
def test_faces_give_what_numpy_gives(function, args, keywords):
    same(face(function)(*args, **keywords), function(*args, **keywords))


def test_distinct_values_in_any_order():
    same(np.sort(face(np.unique_values)(A)), np.sort(np.unique_values(A)))


def test_every_face_is_called_here():
    assert faces_of("sets", "histograms") == {*CASES, np.unique_values}


@pytest.mark.parametrize("function", [np.unique, np.unique_values, np.unique_counts])
def test_distinct_elements_have_the_derivative_of_their_first(function):
    first = lambda x: function(x)[0] if function is np.unique_counts else function(x)
    got = grad(lambda x: np.sum(np.sort(first(x)) * np.arange(1.0, 5)))(A)
    np.testing.assert_array_equal(got, [[3, 1, 2], [4, 0, 0]])


def test_sets_of_two():
    f = lambda x, y: np.sum(np.setxor1d(x, y) ** 2) + np.sum(np.union1d(x, y) ** 3)
    check_grads(f, V[:4], V[4:]).raise_if_failed()
    common = lambda x, y: np.intersect1d(x, y).sum() + np.setdiff1d(x, y).sum()
    np.testing.assert_array_equal(grad(common)(B, A), [1, 0, 1, 1])
    np.testing.assert_array_equal(grad(common, argnums=1)(B, A), 0 * A)


@calls({np.histogram_bin_edges: [_bins[0], _bins[1], _bins[5], _bins[7]]})
def test_edges_that_follow_the_data(function, args, keywords):
    check_call(function, args, keywords, order=2)


def test_counts_are_constant_and_weights_vary():
    np.testing.assert_array_equal(
        jacobian(lambda x: np.histogram(x, EDGES)[0] * 1.0)(V), 0
    )
    f = lambda w, e: np.histogram(V, e, weights=w, density=True)[0]
    check_grads(f, W, np.array([0.0, 0.7, 1.8, 4.0])).raise_if_failed()
    assert jacobian(lambda w: np.histogram(F, 3, weights=w)[0])(F).dtype == np.float32


def test_histograms_of_two_variables():
    f = lambda w: np.histogram2d(V, V[::-1], 3, weights=w, density=True)[0]
    check_grads(f, W).raise_if_failed()
    g = lambda x: np.histogram2d(x, W, 2, weights=W, density=True)[0]
    check_grads(g, V).raise_if_failed()


def test_what_is_refused():
    with pytest.raises(MissingRuleError, match="axis"):
        grad(lambda x: np.unique(x, axis=0).sum())(A)
    with pytest.raises(MissingRuleError, match="return_indices"):
        grad(lambda x: np.intersect1d(x, B, return_indices=True)[0].sum())(A)
    with pytest.raises(MissingRuleError, match="auto"):
        grad(lambda x: np.histogram(x, "auto")[0].sum())(V)
    with pytest.raises(ValueError, match="dimension"):
        grad(lambda x: np.histogram2d(x, x, [1, 2], [(0, 1)])[0].sum())(V)
    with pytest.raises(ValueError, match="positive"):
        face(np.histogram)(V, 0)
    with pytest.raises(ValueError, match="larger"):
        face(np.histogram)(V, 3, (2, 1))
    with pytest.raises(ValueError, match="same shape"):
        face(np.histogram)(V, 3, weights=W[:3])
