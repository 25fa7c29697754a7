"""The loss of a network of dense layers, whose weights are a list of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import wengert
from benchmarks.programs import Program

__all__ = ["classifier", "weights"]


def weights(sizes: tuple[int, ...]) -> list[Any]:
    """Give a matrix and a vector for each layer."""
    random = np.random.default_rng(sizes[0])
    made: list[Any] = []
    for n, m in zip(sizes[:-1], sizes[1:], strict=True):
        made += [random.normal(size=(n, m)) / np.sqrt(n), random.normal(size=m) / 10]
    return made


def classifier(sizes: tuple[int, ...], batch: int) -> Program:
    """Make the mean cross-entropy over a batch, with tanh between the layers."""
    random = np.random.default_rng(batch)
    images = random.normal(size=(batch, sizes[0]))
    classes = np.eye(sizes[-1])[random.integers(sizes[-1], size=batch)]

    def write(xp: Any) -> Callable[[Any], Any]:
        inputs, right = xp.asarray(images), xp.asarray(classes)

        def f(weights: list[Any]) -> Any:
            x = inputs @ weights[0] + weights[1]
            for i in range(2, len(weights), 2):
                x = xp.tanh(x) @ weights[i] + weights[i + 1]
            x = x - xp.amax(x, axis=1)[:, None]
            likelihood = xp.sum(right * x) - xp.sum(xp.log(xp.sum(xp.exp(x), axis=1)))
            return -likelihood / batch

        return f

    return Program(write, wengert.value_and_grad(write(np)))
