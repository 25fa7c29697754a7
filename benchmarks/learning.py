"""Three small networks to be trained, as wengert, PyTorch and JAX write them.

Of each library a network is a loss of parameters and a batch. Parameters are dicts of
layers, in NumPy's arrays to begin with, and images have their channels last.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert import nn

__all__ = ["NETWORKS", "Task", "jax_epoch", "torch_epoch", "wengert_epoch"]

RATE = 1e-3
Epoch = Callable[[], float]


@dataclass(frozen=True)
class Task:
    """A network to be trained for an epoch, always from the same start.

    Attributes
    ----------
    name : str
        Of the network in each library.
    params : dict
    batches : list of pairs of arrays
        Inputs and labels.
    """

    name: str
    params: dict[str, Any]
    batches: list[tuple[Any, Any]]


def digits(shape: tuple[int, ...], steps: int) -> list[tuple[Any, Any]]:
    """Draw batches of inputs with labels of ten classes."""
    rng = np.random.default_rng(0)
    return [
        (rng.normal(size=shape), rng.integers(10, size=shape[0])) for _ in range(steps)
    ]


def perceptron(steps: int) -> Task:
    """Two dense layers with relu between them."""
    rng = np.random.default_rng(1)
    params = {
        "hidden": nn.dense_params(rng, 64, 128),
        "out": nn.dense_params(rng, 128, 10),
    }
    return Task("perceptron", params, digits((32, 64), steps))


def convolutions(steps: int) -> Task:
    """Two convolutions with relu and pooling, and a dense layer."""
    rng = np.random.default_rng(1)
    params = {
        "first": nn.conv2d_params(rng, 3, 1, 16),
        "second": nn.conv2d_params(rng, 3, 16, 32),
        "out": nn.dense_params(rng, 128, 10),
    }
    return Task("convolutions", params, digits((32, 8, 8, 1), steps))


def memory(steps: int) -> Task:
    """An LSTM over 20 steps, and a dense layer of its last output."""
    rng = np.random.default_rng(1)
    params = {
        "lstm": nn.lstm_params(rng, 8, 32),
        "out": nn.dense_params(rng, 32, 10),
    }
    return Task("memory", params, digits((32, 20, 8), steps))


NETWORKS: dict[str, Callable[[int], Task]] = {
    "MLP 64-128-10": perceptron,
    "convolutions 16, 32 on 8 × 8": convolutions,
    "LSTM 8-32, 20 steps": memory,
}

# ----- wengert -----


def _wengert_logits(name: str, p: Any, x: Any) -> Any:
    if name == "perceptron":
        x = nn.relu(nn.dense(x, **p["hidden"]))
    elif name == "convolutions":
        for layer in ("first", "second"):
            x = nn.max_pool(nn.relu(nn.conv2d(x, **p[layer], padding="same")), 2)
        x = np.reshape(x, (len(x), -1))
    else:
        x = nn.lstm(x, **p["lstm"])[0][:, -1]
    return nn.dense(x, **p["out"])


def wengert_epoch(task: Task) -> Epoch:
    """Train by the compiled steps of `nn.train`."""
    rules = importlib.import_module("wengert.optimize.rules")
    steps_of = importlib.import_module("wengert.nn.steps").Steps

    def loss(p: Any, x: Any, y: Any) -> Any:
        return nn.cross_entropy(_wengert_logits(task.name, p, x), y)

    rule = rules.adam(RATE)
    step = steps_of(loss, rule, {}, False, False, True).step

    def epoch() -> float:
        params, state, losses = task.params, rule.init(task.params), []
        for batch in task.batches:
            params, state, _, value, _ = step(state, params, None, None, batch)
            losses.append(float(value))
        return float(np.mean(losses))

    return epoch


# ----- JAX and optax -----


def jax_epoch(task: Task) -> Epoch:
    """Train by a compiled step, with optax's Adam."""
    jax = importlib.import_module("jax")
    optax = importlib.import_module("optax")
    jax.config.update("jax_enable_x64", True)

    def loss(p: Any, x: Any, y: Any) -> Any:
        logits = _jax_logits(jax, task.name, p, x)
        return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()

    rule = optax.adam(RATE)

    @jax.jit
    def step(p: Any, state: Any, x: Any, y: Any) -> Any:
        value, gradient = jax.value_and_grad(loss)(p, x, y)
        move, state = rule.update(gradient, state, p)
        return optax.apply_updates(p, move), state, value

    start = jax.tree.map(jax.numpy.asarray, task.params)
    batches = [tuple(map(jax.numpy.asarray, batch)) for batch in task.batches]

    def epoch() -> float:
        p, state, losses = start, rule.init(start), []
        for x, y in batches:
            p, state, value = step(p, state, x, y)
            losses.append(value)
        return float(np.mean([float(value) for value in losses]))

    return epoch


def _jax_logits(jax: Any, name: str, p: Any, x: Any) -> Any:
    lax = jax.lax
    if name == "perceptron":
        x = jax.nn.relu(x @ p["hidden"]["w"] + p["hidden"]["b"])
    elif name == "convolutions":
        for layer in ("first", "second"):
            x = lax.conv_general_dilated(
                x, p[layer]["w"], (1, 1), "SAME",
                dimension_numbers=("NHWC", "HWIO", "NHWC"),
            )  # fmt: skip
            x = jax.nn.relu(x + p[layer]["b"])
            window = (1, 2, 2, 1)
            x = lax.reduce_window(x, -np.inf, lax.max, window, window, "VALID")
        x = x.reshape(len(x), -1)
    else:
        x = _jax_lstm(jax, x, **p["lstm"])
    return x @ p["out"]["w"] + p["out"]["b"]


def _jax_lstm(jax: Any, x: Any, w: Any, u: Any, b: Any) -> Any:
    def step(state: Any, a: Any) -> Any:
        h, c = state
        i, f, g, o = jax.numpy.split(a + h @ u, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jax.numpy.tanh(g)
        return (jax.nn.sigmoid(o) * jax.numpy.tanh(c), c), None

    zeros = jax.numpy.zeros((x.shape[0], u.shape[0]))
    (h, _), _ = jax.lax.scan(step, (zeros, zeros), jax.numpy.moveaxis(x @ w + b, 1, 0))
    return h


# ----- PyTorch -----


def torch_epoch(task: Task) -> Epoch:
    """Train eagerly, by `torch.optim.Adam`."""
    torch = importlib.import_module("torch")
    layers = _torch_layers(torch, task)
    start = [p.detach().clone() for p in layers.parameters()]
    batches = [_torch_batch(torch, *batch) for batch in task.batches]

    def epoch() -> float:
        with torch.no_grad():
            for p, first in zip(layers.parameters(), start, strict=True):
                p.copy_(first)
        rule, losses = torch.optim.Adam(layers.parameters(), RATE), []
        for x, y in batches:
            rule.zero_grad()
            logits = _torch_logits(torch, task.name, layers, x)
            loss = torch.nn.functional.cross_entropy(logits, y)
            loss.backward()
            rule.step()
            losses.append(loss.item())
        return float(np.mean(losses))

    return epoch


def _torch_batch(torch: Any, x: Any, y: Any) -> Any:
    x = np.ascontiguousarray(np.moveaxis(x, -1, 1)) if x.ndim == 4 else x
    return torch.tensor(x), torch.tensor(y)


def _torch_layers(torch: Any, task: Task) -> Any:
    """Make layers of the same weights, whose axes have another order there."""
    layers = torch.nn.ModuleDict()
    for name, p in task.params.items():
        w = p["w"]
        if name == "lstm":
            layer = torch.nn.LSTM(w.shape[0], w.shape[1] // 4, batch_first=True)
            weights = [w.T, p["u"].T, p["b"], np.zeros_like(p["b"])]
            # wengert and JAX have one bias.
            layer.bias_hh_l0.requires_grad_(False)
        elif w.ndim == 4:
            layer = torch.nn.Conv2d(w.shape[2], w.shape[3], w.shape[:2], padding="same")
            weights = [np.transpose(w, (3, 2, 0, 1)), p["b"]]
        else:
            layer = torch.nn.Linear(*w.shape)
            w = w if name != "out" else _reordered(task.name, w)
            weights = [w.T, p["b"]]
        layers[name] = layer.double()
        with torch.no_grad():
            for parameter, weight in zip(layer.parameters(), weights, strict=True):
                parameter.copy_(torch.tensor(np.ascontiguousarray(weight)))
    return layers


def _reordered(name: str, w: Any) -> Any:
    """Put the rows of channels before those of places, as PyTorch flattens images."""
    if name != "convolutions":
        return w
    return np.reshape(np.moveaxis(np.reshape(w, (4, 32, -1)), 1, 0), w.shape)


def _torch_logits(torch: Any, name: str, layers: Any, x: Any) -> Any:
    if name == "perceptron":
        x = torch.relu(layers["hidden"](x))
    elif name == "convolutions":
        for layer in ("first", "second"):
            pool = torch.nn.functional.max_pool2d
            x = pool(torch.relu(layers[layer](x)), 2)
        x = x.flatten(1)
    else:
        x = layers["lstm"](x)[0][:, -1]
    return layers["out"](x)
