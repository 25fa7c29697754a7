"""`autograd.misc.optimizers`: stochastic descent of containers of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.compat.autograd.containers import flatten
from wengert.compat.autograd.wrapping import wraps

__all__ = ["adam", "rmsprop", "sgd", "unflatten_optimizer"]

Step = Callable[[Any, int], Any]


def unflatten_optimizer(optimize: Callable[..., Any]) -> Any:
    """Make an optimizer of vectors one of any containers of arrays.

    Parameters
    ----------
    optimize : callable
        `(grad, x0, callback, *args, **kwargs) → x`, with `grad(x, iteration)` and
        `callback(x, iteration, gradient)`.
    """

    @wraps(optimize)
    def optimize_tree(
        grad: Step, x0: Any, callback: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        start, unflatten = flatten(x0)

        def flat_grad(x: Any, i: int) -> Any:
            return flatten(grad(unflatten(x), i))[0]

        def flat_callback(x: Any, i: int, g: Any) -> Any:
            return callback(unflatten(x), i, unflatten(g))

        tell = flat_callback if callback else None
        return unflatten(optimize(flat_grad, start, tell, *args, **kwargs))

    return optimize_tree


def _descend(
    grad: Step, x: Any, callback: Any, num_iters: int, step: Callable[[Any, int], Any]
) -> Any:
    for i in range(num_iters):
        g = grad(x, i)
        if callback:
            callback(x, i, g)
        x = x + step(g, i)
    return x


@unflatten_optimizer
def sgd(
    grad: Step, x: Any, callback: Any = None, num_iters: int = 200,
    step_size: float = 0.1, mass: float = 0.9,
) -> Any:  # fmt: skip
    """Descend with momentum."""
    velocity = np.zeros(len(x))

    def step(g: Any, _: int) -> Any:
        nonlocal velocity
        velocity = mass * velocity - (1 - mass) * g
        return step_size * velocity

    return _descend(grad, x, callback, num_iters, step)


@unflatten_optimizer
def rmsprop(
    grad: Step, x: Any, callback: Any = None, num_iters: int = 100,
    step_size: float = 0.1, gamma: float = 0.9, eps: float = 1e-8,
) -> Any:  # fmt: skip
    """Descend by gradients divided by their root mean square of late."""
    mean_square = np.ones(len(x))

    def step(g: Any, _: int) -> Any:
        nonlocal mean_square
        mean_square = gamma * mean_square + (1 - gamma) * g**2
        return -step_size * g / (np.sqrt(mean_square) + eps)

    return _descend(grad, x, callback, num_iters, step)


@unflatten_optimizer
def adam(
    grad: Step, x: Any, callback: Any = None, num_iters: int = 100,
    step_size: float = 0.001, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8,
) -> Any:  # fmt: skip
    """Descend by Adam (Kingma & Ba, 2015, algorithm 1)."""
    mean, mean_square = np.zeros(len(x)), np.zeros(len(x))

    def step(g: Any, i: int) -> Any:
        nonlocal mean, mean_square
        mean = b1 * mean + (1 - b1) * g
        mean_square = b2 * mean_square + (1 - b2) * g**2
        unbiased = mean / (1 - b1 ** (i + 1))
        unbiased_square = mean_square / (1 - b2 ** (i + 1))
        return -step_size * unbiased / (np.sqrt(unbiased_square) + eps)

    return _descend(grad, x, callback, num_iters, step)
