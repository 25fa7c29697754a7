import numpy as np
import pytest

from wengert import nn
from wengert.errors import ShapeError

VARIANCES = {
    "glorot_normal": lambda n, m: 2 / (n + m),
    "glorot_uniform": lambda n, m: 2 / (n + m),
    "he_normal": lambda n, m: 2 / n,
    "he_uniform": lambda n, m: 2 / n,
    "lecun_normal": lambda n, m: 1 / n,
    "lecun_uniform": lambda n, m: 1 / n,
}


@pytest.mark.parametrize("name", VARIANCES)
def test_variances(name):
    draw = getattr(nn, name)
    dense = draw(np.random.default_rng(0), (200, 100))
    window = draw(np.random.default_rng(0), (3, 5, 40, 60))
    assert dense.var() == pytest.approx(VARIANCES[name](200, 100), rel=0.05)
    assert window.var() == pytest.approx(VARIANCES[name](600, 900), rel=0.05)
    assert abs(dense.mean()) < 0.01 and abs(window.mean()) < 0.01


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (3, 3, 2, 4)])
def test_orthogonal(shape):
    q = nn.orthogonal(np.random.default_rng(0), shape).reshape(-1, shape[-1])
    product = q.T @ q if len(q) >= shape[-1] else q @ q.T
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-12)


@pytest.mark.parametrize("name", [*VARIANCES, "orthogonal"])
def test_a_vector_has_no_fans(name):
    with pytest.raises(ShapeError, match="two axes"):
        getattr(nn, name)(np.random.default_rng(0), (3,))
