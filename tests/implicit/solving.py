"""Problems whose solutions and derivatives are known another way."""

from __future__ import annotations

import numpy as np

from wengert import check_grads
from wengert.operators import jacobian


def check(f, *args, order=2):
    """Compare with finite differences: forward, reverse, and their mixtures."""
    check_grads(f, *args, order=order).raise_if_failed()


def newton_unrolled(F, x0, *theta, steps=12):
    """Run Newton's method so that derivatives go through every step."""
    x = x0
    for _ in range(steps):
        x = x - np.linalg.solve(jacobian(F)(x, *theta), F(x, *theta))
    return x


def iterated(g, x0, *theta, steps=60):
    """Run a fixed-point iteration so that derivatives go through every step."""
    x = x0
    for _ in range(steps):
        x = g(x, *theta)
    return x


def laplacian(n):
    """Give data, rows and columns of −Δ on an n by n grid."""
    k = np.arange(n * n).reshape(n, n)
    pairs = [(k, k, 4.0)]
    for a, b in ((k[1:], k[:-1]), (k[:, 1:], k[:, :-1])):
        pairs += [(a, b, -1.0), (b, a, -1.0)]
    rows = np.concatenate([a.ravel() for a, _, _ in pairs])
    cols = np.concatenate([b.ravel() for _, b, _ in pairs])
    data = np.concatenate([np.full(a.size, v) for a, _, v in pairs])
    return data, rows, cols
