"""Sparse Jacobians by groups of columns."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize._numdiff import group_columns as scipy_groups

from wengert.errors import ArgumentError, ShapeError
from wengert.numeric import SCHEMES, group_columns, jacobian, sparse_jacobian

X = np.linspace(0.5, 2.0, 7)
BAND = np.eye(7) + np.eye(7, k=1) + np.eye(7, k=-1)


def band(x):
    """A tridiagonal system, for one point or for many."""
    y = x**2
    y[..., 1:] -= np.sin(x[..., :-1])
    y[..., :-1] += x[..., 1:] ** 3
    return y


def exact(x):
    side = np.diag(-np.cos(x[:-1]), -1) + np.diag(3 * x[1:] ** 2, 1)
    return np.diag(2 * x) + side


# ----- groups -----


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 12), st.integers(0, 12), st.floats(0, 1), st.integers(0, 999))
def test_columns_of_a_group_share_no_row(m, n, density, seed):
    pattern = np.random.default_rng(seed).random((m, n)) < density
    groups = group_columns(pattern)
    assert groups.shape == (n,)
    for group in set(groups.tolist()):
        assert np.all(pattern[:, groups == group].sum(axis=1) <= 1)
    assert np.array_equal(groups, group_columns(scipy.sparse.csr_array(pattern)))


@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_a_band_takes_as_many_groups_as_it_is_wide(width):
    offsets = range(-(width // 2), width - width // 2)
    pattern = sum(np.eye(30, k=k) for k in offsets)
    assert len(set(group_columns(pattern))) == width


def test_no_more_groups_than_scipy_on_random_patterns():
    rng = np.random.default_rng(0)
    ours = theirs = 0
    for _ in range(20):
        pattern = rng.random((60, 60)) < 0.05
        ours += group_columns(pattern).max() + 1
        theirs += scipy_groups(pattern.astype(int)).max() + 1
    assert ours <= theirs


# ----- Jacobians -----


@pytest.mark.parametrize("vectorized", [False, True])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_equal_to_the_dense_one(scheme, vectorized):
    found = sparse_jacobian(band, X, BAND, scheme, vectorized=vectorized)
    accuracy = 1e-6 if scheme in ("forward", "backward") else 1e-8
    np.testing.assert_allclose(found, exact(X), atol=accuracy)


@pytest.mark.parametrize("kind", ["csr_array", "csc_matrix", "coo_array", "lil_array"])
def test_a_sparse_pattern_gives_a_matrix_of_its_kind(kind):
    pattern = getattr(scipy.sparse, kind)(BAND)
    found = sparse_jacobian(band, X, pattern)
    assert type(found) is type(pattern)
    np.testing.assert_allclose(found.toarray(), exact(X), atol=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8), st.integers(1, 8), st.integers(0, 999))
def test_random_patterns(m, n, seed):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(m, n)) * (rng.random((m, n)) < 0.4)
    x = rng.normal(size=n) * 10.0 ** rng.integers(-3, 2, n)

    def f(x):
        return matrix @ np.sin(x)

    found = sparse_jacobian(f, x, matrix, "ridders")
    np.testing.assert_allclose(found, matrix * np.cos(x), atol=1e-9)


def test_the_cost_is_that_of_the_groups_not_of_the_columns():
    for n in (10, 1000):
        calls = []

        def f(x, calls=calls):
            calls.append(x)
            return band(x)

        pattern = scipy.sparse.diags_array([1.0] * 3, offsets=[-1, 0, 1], shape=(n, n))
        sparse_jacobian(f, np.ones(n), pattern)
        assert len(calls) == 1 + 6 + 4
        calls.clear()
        sparse_jacobian(f, np.ones(n), pattern, check=False)
        assert len(calls) == 1 + 6


def test_groups_may_be_given():
    groups = np.arange(7) % 3
    found = sparse_jacobian(band, X, BAND, "complex", groups=groups)
    np.testing.assert_allclose(found, exact(X), rtol=1e-15)
    for wrong in (np.arange(7) % 2, np.zeros(7), np.arange(6), -groups):
        with pytest.raises(ArgumentError, match="group"):
            sparse_jacobian(band, X, BAND, groups=wrong)


def test_shapes_are_taken_in_order():
    x = X[:6].reshape(2, 3)
    found = sparse_jacobian(lambda x: x.T**2, x, np.kron(np.eye(6), 1)[PERMUTED])
    np.testing.assert_allclose(found, jacobian(lambda x: (x.T**2).ravel(), x.ravel()
                               .reshape(2, 3)).reshape(6, 6), atol=1e-7)  # fmt: skip


PERMUTED = np.arange(6).reshape(2, 3).T.ravel()


# ----- a wrong pattern is no wrong number -----


@pytest.mark.parametrize("row", range(7))
def test_every_lacking_entry_is_found(row):
    pattern = BAND.copy()
    pattern[row, np.flatnonzero(pattern[row])[0]] = 0
    with pytest.raises(ArgumentError, match="the pattern lacks entries"):
        sparse_jacobian(band, X, pattern)


def test_an_empty_pattern_is_wrong_too():
    with pytest.raises(ArgumentError, match=r"f\(x\)\[0\] is .* entries 0; so in 7"):
        sparse_jacobian(band, X, np.zeros((7, 7)))
    assert np.all(sparse_jacobian(lambda x: x * 0, X, np.zeros((7, 7))) == 0)


def test_too_many_entries_do_no_harm():
    found = sparse_jacobian(band, X, np.ones((7, 7)), "ridders")
    np.testing.assert_allclose(found, exact(X), atol=1e-10)


def test_what_does_not_fit():
    with pytest.raises(ShapeError, match=r"must have shape \(7, 7\)"):
        sparse_jacobian(band, X, BAND[:, :6])
    for pattern in (3, np.ones(7), np.array([["a"]]), None):
        with pytest.raises(ArgumentError, match="sparsity pattern is"):
            sparse_jacobian(band, X, pattern)
    with pytest.raises(ArgumentError, match="one real array"):
        sparse_jacobian(band, X + 0j, BAND)
    with pytest.raises(ArgumentError, match="one real array"):
        sparse_jacobian(lambda t: t["x"], {"x": X, "y": X}, BAND)
    with pytest.raises(ArgumentError, match="step must be"):
        sparse_jacobian(band, X, BAND, step=0)
