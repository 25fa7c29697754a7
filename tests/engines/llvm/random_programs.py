"""Programs made by chance: elementwise, slices, writes, reductions, products, loops."""

import numpy as np

import wengert
from tests.engines.llvm.random_arrays import ARRAY_STEPS

__all__ = ["arguments", "program"]


def _difference(u, *_):
    return u[1:] - u[:-1] if u.ndim and u.shape[0] > 1 else -u


def _written(u, v, k):
    r = u.copy()
    r[k % r.shape[0]] = np.sum(v) * 0.1
    return r


def _strided(u, *_):
    r = u.copy()
    r[::2] += 1.5
    return r


def _scanned(u, v, k):
    def step(c, x):
        c = 0.5 * c + np.tanh(x)
        return c, c * x

    c, ys = wengert.scan(step, u[0] * 0, u, reverse=bool(k % 2))
    return ys + c


def _looped(u, v, k):
    return wengert.fori_loop(0, k % 4, lambda i, c: np.sin(c) + 0.1 * i, u)


def _chosen(u, v, k):
    low = np.sum(v) > k % 3
    return wengert.cond(low, lambda u: u * 2.0, lambda u: np.cos(u), u)


def _while(u, v, k):
    def more(c):
        return np.sum(c * c) > 1.0

    return wengert.while_loop(more, lambda c: 0.7 * c, u)


def _counted(u, v, k):
    return np.where(
        np.arange(u.shape[0]).reshape(-1, *[1] * (u.ndim - 1)) > k % 3, u, 0
    )


STEPS = (
    lambda u, v, k: np.sin(u),
    lambda u, v, k: np.tanh(u) * 0.5,
    lambda u, v, k: u + v,
    lambda u, v, k: u * v,
    lambda u, v, k: np.where(u > v, u, v * 0.3),
    lambda u, v, k: np.exp(-u * u),
    _difference,
    lambda u, v, k: np.concatenate([u, v]) if u.ndim == v.ndim == 1 else u.T,
    lambda u, v, k: np.sum(u, axis=k % u.ndim),
    lambda u, v, k: np.max(u, axis=-1, keepdims=True),
    lambda u, v, k: u @ v,
    lambda u, v, k: u.reshape(-1),
    _written,
    _strided,
    lambda u, v, k: u[::-1],
    lambda u, v, k: u[np.array([0, -1, 0])],
    lambda u, v, k: np.stack([u, u * 2]),
    lambda u, v, k: np.roll(u, k % 5) / (1 + u**2),
    lambda u, v, k: np.cumsum(u, axis=k % u.ndim) / u.shape[k % u.ndim],
    lambda u, v, k: np.einsum("...i,...i->...", u, u) / u.shape[-1],
    lambda u, v, k: np.sqrt(np.abs(u) + 0.1) - np.log1p(u * u),
    lambda u, v, k: np.pad(u, 1),
    lambda u, v, k: np.linalg.norm(u) * u,
    lambda u, v, k: u.astype(np.float32) * v,
    _scanned,
    _looped,
    _chosen,
    _while,
    _counted,
    *ARRAY_STEPS,
)


def arguments(seed):
    """Make the arguments of a program: a vector and a matrix."""
    rng = np.random.default_rng(seed)
    n = int(rng.choice([1, 2, 3, 5, 8, 17, 40, 70]))
    m = int(rng.choice([1, 2, 3, 9, 33]))
    return rng.normal(size=n), rng.normal(size=(n, m))


def program(seed):
    """Make a program: steps that do not fit what they are given are left out."""
    rng = np.random.default_rng([seed, 1])
    count = int(rng.integers(3, 14))
    chosen = [
        (STEPS[int(rng.integers(len(STEPS)))], *map(int, rng.integers(0, 1 << 30, 3)))
        for _ in range(count)
    ]

    def f(x, a):
        pool = [x, a, a[:, 0]]
        for step, i, j, k in chosen:
            u, v = pool[i % len(pool)], pool[j % len(pool)]
            try:
                r = step(u, v, k)
            except (ValueError, IndexError, TypeError, ZeroDivisionError):
                continue
            if np.ndim(r) <= 3 and np.size(r) <= 4000:
                pool.append(r)
        total = 0.0
        for r in pool[-4:]:
            total = total + np.sum(np.tanh(r))
        return total + np.sum(np.sin(pool[-1]))

    return f
