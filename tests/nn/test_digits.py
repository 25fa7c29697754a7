"""Handwritten digits, learnt to 97 % of those that were not seen."""

import time

import numpy as np
import pytest

from wengert import nn
from wengert.optimize import adam
from wengert.optimize.schedules import cosine

datasets = pytest.importorskip("sklearn.datasets")
threadpoolctl = pytest.importorskip("threadpoolctl")


def perceptron(p, x):
    x = nn.relu(nn.dense(x, **p["hidden"]))
    return nn.dense(x, **p["out"])


def convolutions(p, x):
    x = np.reshape(x, (-1, 8, 8, 1))
    for layer in ("first", "second"):
        x = nn.max_pool(nn.relu(nn.conv2d(x, **p[layer], padding="same")), 2)
    return nn.dense(np.reshape(x, (len(x), -1)), **p["out"])


def perceptron_params(rng):
    return {
        "hidden": nn.dense_params(rng, 64, 128, nn.he_normal),
        "out": nn.dense_params(rng, 128, 10),
    }


def convolutions_params(rng):
    return {
        "first": nn.conv2d_params(rng, 3, 1, 16),
        "second": nn.conv2d_params(rng, 3, 16, 32),
        "out": nn.dense_params(rng, 128, 10),
    }


@pytest.mark.parametrize(
    ("model", "draw", "epochs"),
    [(perceptron, perceptron_params, 40), (convolutions, convolutions_params, 15)],
)
def test_digits(model, draw, epochs):
    images, labels = datasets.load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    order = rng.permutation(len(images))
    seen, unseen = order[450:], order[:450]
    data = images / 16, labels
    start = time.perf_counter()
    # Products are so small here that threads of BLAS only wait for each other.
    with threadpoolctl.threadpool_limits(1):
        trained = nn.train(
            lambda p, x, y: nn.cross_entropy(model(p, x), y),
            draw(rng),
            tuple(d[seen] for d in data),
            adam(cosine(5e-3, epochs * (len(seen) // 32))),
            epochs,
        )
    assert time.perf_counter() - start < 60
    x, y = (d[unseen] for d in data)
    assert nn.accuracy(model(trained.params, x), y) >= 0.97
