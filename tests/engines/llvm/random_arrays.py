"""Steps for random programs: odd layouts, narrow dtypes, writes at many places."""

import numpy as np

__all__ = ["ARRAY_STEPS"]


def _many_axes(u, v, k):
    w = u.reshape(*u.shape, 1) * v.reshape(-1)[: 1 + k % 3]
    axes = tuple(sorted({k % w.ndim, (k // 7) % w.ndim}))
    return w + w.mean(axis=axes, keepdims=bool(k % 2) or w.ndim < 2) * 0.5


def _reduced(u, v, k):
    w = np.stack([u, -u]) if u.ndim < 3 else u
    axes = (0, w.ndim - 1) if w.ndim > 1 else (0,)
    reduce = (np.sum, np.max, np.min, np.prod, np.std)[k % 5]
    return reduce(w, axis=axes, keepdims=bool(k % 3))


def _single(u, v, k):
    w = u.astype(np.float32)
    return np.sin(w) * w.sum() + w[::-1].max()


def _narrow(u, v, k):
    kind = (np.int32, np.int8, np.uint8, np.int64, np.uint16)[k % 5]
    w = np.round(np.tanh(u) * 40.0 + 42.0).astype(kind)
    return (w * w // kind(3) + w[::-1] % kind(7)) * 0.01


def _counted(u, v, k):
    w = np.where(u > 0, 3, -2)
    return (w.cumsum(axis=0) - w) * 0.1 + (w == 3).sum()


def _every_third(u, v, k):
    r = u.copy()
    r[k % 3 :: 3] = 0.5 * r[k % 3 :: 3] + 1.0
    r[::-2] -= 0.25
    return r


def _strided_reads(u, v, k):
    return u[:: 1 + k % 3][::-1][..., None][..., 0, None] * 0.5


def _diagonal_write(u, v, k):
    r = np.outer(u.reshape(-1)[:6], v.reshape(-1)[:6])
    n = np.arange(min(r.shape))
    r[n, n] += 1.0
    r[:, 0] = r[:, -1] * 0.5
    r.T[-1] *= 0.5
    return r


def _repeated(u, v, k):
    r = u.copy()
    where = np.array([0, -1, k % u.shape[0], 0])
    r[where] += 0.5 * np.tanh(u[where])
    return r


def _assigned_twice(u, v, k):
    r = u * 0.5
    where = np.array([0, k % u.shape[0], 0, -1])
    r[where] = np.cos(u[where[::-1]])
    return r


def _added_at(u, v, k):
    r = u * 0.5
    where = np.array([0, -1, k % u.shape[0], 0, 0])
    np.add.at(r, where, np.sin(u[where]))
    return r


def _masked(u, v, k):
    r = u.copy()
    r[r > 0.3] = 0.3
    r[np.abs(r) < 0.1] = 0.0
    return r


def _computed_places(u, v, k):
    where = np.argsort(u.reshape(-1))
    return u.reshape(-1)[where] * u.reshape(-1)[(where + k) % where.size]


def _counted_places(u, v, k):
    r = np.zeros(4)
    np.add.at(r, (np.abs(v) * 3).astype(int).reshape(-1) % 4, v.reshape(-1))
    return r


def _outer(u, v, k):
    return np.einsum("i,j,k->kji", u.reshape(-1)[:5], v.reshape(-1)[:4], v.ravel()[:2])


def _contracted(u, v, k):
    w = np.outer(u.reshape(-1)[:7], v.reshape(-1)[:5])
    return np.einsum("ij,kj->ik", w, w[::-1]) * 0.1 + np.einsum("ii", w @ w.T) * 0.01


def _stacked_products(u, v, k):
    w = np.resize(u, (2, 1, 3, 4)) * 0.5
    return (w @ np.resize(v, (5, 4, 2))).sum(axis=(1 + k % 3))


def _size_one(u, v, k):
    w = u.reshape(-1)[:9]
    return w[:, None] * w[None, :1] + w[None, None, :1, None][0, 0]


def _reshaped(u, v, k):
    w = np.resize(u, (4, 6))
    return (
        w[::-1].T[1:5].reshape(-1)[:: -1 - k % 2].reshape(2, -1, 2).transpose(2, 0, 1)
    )


def _windows(u, v, k):
    w = np.pad(u, 1, mode=("constant", "edge", "wrap")[k % 3])
    return w[2:] - 2 * w[1:-1] + w[:-2]


def _shifted(u, v, k):
    r = u.copy()
    r[1:] = r[:-1]
    r[: k % u.shape[0]] = 0.5 * r[::-1][: k % u.shape[0]]
    return r


def _chain(u, v, k):
    r = u.reshape(-1).copy()
    for i in range(1, min(6, r.size)):
        r[i] = 0.5 * r[i - 1] + np.sin(r[i])
    return r


def _guarded(u, v, k):
    return np.where(
        u > 0, np.sqrt(np.where(u > 0, u, 1.0)), np.minimum(u, v.ravel()[0])
    )


def _differences(u, v, k):
    return np.diff(u, axis=k % u.ndim) / (1.0 + np.diff(u, axis=k % u.ndim) ** 2)


def _sorted(u, v, k):
    return np.sort(u, axis=-1) * np.linspace(0.0, 1.0, u.shape[-1])


def _repeats(u, v, k):
    return np.repeat(u, 2, axis=k % u.ndim) * np.tile(u, 2).ravel()[0]


def _clipped(u, v, k):
    return np.clip(u, -0.5, np.maximum(v.ravel()[0], 0.1)) - np.cumprod(np.cos(u), 0)


def _blocks(u, v, k):
    w = u.reshape(-1)[:6]
    m = np.block([[np.outer(w, w), w[:, None]], [w[None, :], np.ones((1, 1))]])
    return np.triu(m, k % 3 - 1) + np.diag(np.diag(m)) * 0.5


def _solved(u, v, k):
    w = np.outer(u.reshape(-1)[:4], u.reshape(-1)[:4])
    return np.linalg.solve(w + 3.0 * np.eye(len(w)), u.reshape(-1)[:4])


ARRAY_STEPS = (
    _many_axes, _reduced, _single, _narrow, _counted, _every_third, _strided_reads,
    _diagonal_write, _repeated, _assigned_twice, _added_at, _masked, _computed_places,
    _counted_places, _outer, _contracted, _stacked_products, _size_one, _reshaped,
    _windows, _shifted, _chain, _guarded, _differences, _sorted, _repeats, _clipped,
    _blocks, _solved,
)  # fmt: skip
