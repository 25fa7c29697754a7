"""Layers put together: transforms go through them all, and dtypes stay."""

import numpy as np
import pytest

from wengert import check_grads, grad, jit, nn, tree, vmap
from wengert.optimize import adam

RNG = np.random.default_rng(29)
X, LABELS = RNG.normal(size=(6, 6, 6, 1)), RNG.integers(3, size=6)
PARAMS = {
    "kernels": nn.conv2d_params(RNG, 3, 1, 4),
    "norm": nn.normalization_params(4),
    "memory": nn.lstm_params(RNG, 4, 5),
    "out": nn.dense_params(RNG, 5, 3),
}


def loss(p, x, labels):
    x = nn.max_pool(nn.gelu(nn.conv2d(x, **p["kernels"], padding="same")), 2)
    x = nn.layer_norm(np.reshape(x, (x.shape[0], -1, 4)), **p["norm"])
    x = nn.lstm(x, **p["memory"])[0][:, -1]
    return nn.cross_entropy(nn.dense(x, **p["out"]), labels)


def test_derivatives():
    check_grads(loss, PARAMS, X[:2], LABELS[:2], order=1).raise_if_failed()


@pytest.mark.parametrize("compiled", [False, True])
def test_a_gradient_for_each_sample(compiled):
    each = vmap(lambda p, x, y: grad(loss)(p, x[None], y[None]), (None, 0, 0))
    found = (jit(each) if compiled else each)(PARAMS, X, LABELS)
    for i in range(6):
        right = grad(loss)(PARAMS, X[i : i + 1], LABELS[i : i + 1])
        for a, b in zip(tree.flatten(found)[0], tree.flatten(right)[0], strict=True):
            np.testing.assert_allclose(a[i], b, 1e-9, 1e-12)


def test_float32_stays():
    half = tree.map_leaves(lambda p: p.astype(np.float32), PARAMS)
    trained = nn.train(loss, half, (X.astype(np.float32), LABELS), adam(0.01), 3, 6)
    for p, start in zip(
        tree.flatten(trained.params)[0], tree.flatten(half)[0], strict=True
    ):
        assert p.dtype == np.float32
        assert not np.array_equal(p, start)
    assert np.all(np.diff(trained.history["loss"]) < 0)
