"""The pullback by blocks agrees with the formula."""

import numpy as np
import pytest

from wengert.primitives.cholesky import WORTHWHILE, pull_blocks
from wengert.primitives.decompositions import cholesky_vjp


@pytest.mark.parametrize("n", [1, 7, 64, 65, WORTHWHILE - 1, 200])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_blocks_give_what_the_formula_gives(n, dtype):
    rng = np.random.default_rng(n)
    m = rng.normal(size=(n, n))
    factor = np.linalg.cholesky(m @ m.T + n * np.eye(n))
    bar = rng.normal(size=(n, n))  # what stands above the diagonal does not matter
    # Stacked, the formula is taken at every size.
    (expected,) = cholesky_vjp(factor[None], None, bar[None])
    found = pull_blocks(factor.astype(dtype), bar.astype(dtype))
    assert found.dtype == dtype
    close = 1e-10 if dtype is np.float64 else 1e-3
    np.testing.assert_allclose(found, expected[0], rtol=close, atol=close)


def test_a_large_matrix_takes_the_blocks():
    rng = np.random.default_rng(0)
    m = rng.normal(size=(150, 150))
    k = m @ m.T + 150 * np.eye(150)
    factor, bar = np.linalg.cholesky(k), rng.normal(size=(150, 150))
    (found,) = cholesky_vjp(factor, (k,), bar)
    assert (found == pull_blocks(factor, bar)).all()
