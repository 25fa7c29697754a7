"""The networks that lectures train by hand, their adjoints by name."""

import numpy as np
import pytest

from wengert import checkpoint_name, explain, nn
from wengert.errors import ArgumentError
from wengert.optimize import sgd

RNG = np.random.default_rng(19)
X, T = RNG.normal(size=(20, 2)), RNG.normal(size=20)
W1, B1 = RNG.normal(size=(3, 2)), RNG.normal(size=3)
W2, B2 = RNG.normal(size=3), np.float64(0.5)


def two_layers(w1, b1, w2, b2):
    V = checkpoint_name(X @ w1.T + b1, "V")
    v = checkpoint_name(V @ w2 + b2, "v")
    return np.mean((v - T) ** 2)


def adjoints(w1, b1, w2, b2):
    """Give what the lecture derives."""
    V = X @ w1.T + b1
    v_bar = 2 * (V @ w2 + b2 - T) / len(T)
    V_bar = np.outer(v_bar, w2)
    return {
        "v": v_bar, "V": V_bar, "w1": V_bar.T @ X, "b1": V_bar.sum(0),
        "w2": v_bar @ V, "b2": v_bar.sum(),
    }  # fmt: skip


def test_the_adjoints_of_two_layers_by_name():
    e = explain(two_layers)(W1, B1, W2, B2)
    for name, right in adjoints(W1, B1, W2, B2).items():
        np.testing.assert_allclose(e.adjoint(name), right, 1e-12, 1e-14)
        assert name in str(e)


def test_training_two_layers_makes_the_updates_of_the_lecture():
    params = {"w1": W1, "b1": B1, "w2": W2, "b2": B2}
    trained = nn.train(lambda p, x: two_layers(**p), params, X, sgd(0.05), 5, len(X))
    for _ in range(5):
        found = adjoints(**params)
        params = {name: p - 0.05 * found[name] for name, p in params.items()}
    for name, p in params.items():
        np.testing.assert_allclose(trained.params[name], p, 1e-10)


def test_a_single_layer_is_found_again():
    """y = tanh(Ax + b) + ε, with the loss ½‖e‖²."""
    A, b = RNG.normal(size=(2, 3)), RNG.normal(size=2)
    x = RNG.normal(size=(400, 3))
    y = np.tanh(x @ A.T + b) + 0.01 * RNG.normal(size=(400, 2))

    def loss(p, x, y):
        e = checkpoint_name(y - np.tanh(nn.dense(x, **p)), "e")
        return 0.5 * np.sum(e * e)

    start = {"w": np.zeros((3, 2)), "b": np.zeros(2)}
    trained = nn.train(loss, start, (x, y), sgd(0.02), 150, 40)
    np.testing.assert_allclose(trained.params["w"], A.T, atol=0.03)
    np.testing.assert_allclose(trained.params["b"], b, atol=0.03)
    e = explain(loss)(trained.params, x, y)
    error = y - np.tanh(nn.dense(x, **trained.params))
    np.testing.assert_allclose(e.adjoint("e"), error)


@pytest.mark.parametrize("name", ["v₉₉", "w3", ""])
def test_a_name_that_is_none(name):
    with pytest.raises(ArgumentError, match="no value of"):
        explain(two_layers)(W1, B1, W2, B2).adjoint(name)
