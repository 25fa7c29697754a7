"""Patterns: never less than what depends, and no more on programs that people write."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import wengert
from wengert import cond, fori_loop, jacobian, scan, trace, while_loop
from wengert.analysis.sparsity import dependence, structured
from wengert.errors import DensePatternError

N = 12
X = np.random.default_rng(7).uniform(0.5, 2.0, N)


def pattern(f, *args, limit=10**6):
    graph = trace(f, *args)
    found = dependence(graph, range(len(graph.inputs)), limit)
    return found.pattern.toarray()


def truth(f, x):
    """The entries that differ from zero, at any of a few points."""
    rng = np.random.default_rng(3)
    points = [x, *(x * rng.uniform(0.8, 1.2, x.shape) for _ in range(3))]
    found = [np.asarray(jacobian(f, mode="reverse")(p)) != 0 for p in points]
    return np.logical_or.reduce(found).reshape(-1, x.size)


A = np.diag(np.full(N, 2.0)) + np.diag(np.ones(N - 1), 1)
M22 = np.array([[2.0, 1.0], [1.0, 3.0]])
KERNEL = np.array([1.0, 0.0, -2.0])
PLACES = np.array([3, 0, 0, 11, 5])
MASK = np.arange(N) % 3 == 0
GRID = (3, 4)

EXACT = {
    "elementwise": lambda x: np.sin(x) * x,
    "outer": lambda x: x[:3, None] * x[None, 3:6],
    "tridiagonal": lambda x: x[2:] * x[1:-1] - x[:-2],
    "flipped": lambda x: x[::-1] + np.roll(x, 2),
    "gathered": lambda x: x[PLACES] ** 2,
    "masked": lambda x: np.where(MASK, x, x[::-1]),
    "zeros of a mask": lambda x: x * MASK.astype(float),
    "literal zero": lambda x: 0.0 * x + x[0],
    "columns of a grid": lambda x: np.sum(x.reshape(GRID), axis=0),
    "rows of a grid": lambda x: np.prod(x.reshape(GRID), axis=1, keepdims=True),
    "running": lambda x: np.cumsum(x.reshape(GRID), axis=1),
    "running product": lambda x: np.cumprod(x),
    "padded": lambda x: np.pad(x, 2),
    "stacked": lambda x: np.stack([x[:4], x[4:8] ** 2], axis=1),
    "matrix": lambda x: A @ np.exp(x),
    "matrix from the right": lambda x: x @ A,
    "matrix of a grid": lambda x: A[:3, :3] @ x.reshape(GRID),
    "product": lambda x: x[:6].reshape(2, 3) @ x[6:].reshape(3, 2),
    "stack of products": lambda x: x.reshape(3, 2, 2) @ x.reshape(3, 2, 2),
    "einsum": lambda x: np.einsum("ij,ij->i", x.reshape(GRID), x.reshape(GRID)),
    "einsum with zeros": lambda x: np.einsum("ij,jk->ki", A[:3, :3], x.reshape(GRID)),
    "inner": lambda x: x[:3] @ x[3:6],
    "convolved": lambda x: np.convolve(x, KERNEL),
    "convolved, valid": lambda x: np.convolve(x, KERNEL, "valid"),
    "convolved, same": lambda x: np.convolve(KERNEL, x, "same"),
    "determinants": lambda x: np.linalg.det(x.reshape(3, 2, 2)),
    "systems": lambda x: np.linalg.solve(M22, x.reshape(2, 6)),
    "inverses": lambda x: np.linalg.inv(x.reshape(3, 2, 2)),
    "maximum": lambda x: np.maximum(x, 0.1),
    "norms": lambda x: np.linalg.norm(x.reshape(GRID), axis=0),
    "constant": lambda x: np.ones(3),
    "stopped": lambda x: x * wengert.stop_gradient(x[::-1]),
    "complex": lambda x: np.real((x + 1j * x[::-1]) ** 2),
}


def written(x):
    y = np.zeros_like(x)
    for i in range(1, N):
        y[i] = x[i] * x[i - 1]
    y[PLACES[1:]] += x[:4]
    return y


def by_scan(x):
    """Steps that hand nothing on: a block for each."""
    return scan(lambda c, row: (c, row**2), 0.0, x.reshape(GRID))[1]


def chain(x):
    """Steps that hand on what they have: a lower triangle."""
    return scan(lambda c, v: (c * v, c + v), 1.0, x)[1]


def counted(x):
    """An index that counts is as good as a written one."""
    return fori_loop(0, 5, lambda i, y: y * x[i], x[6])


def counted_while(x):
    def body(state):
        i, y = state
        return i + 1, y + x[2 * i]

    return while_loop(lambda state: state[0] < 3, body, (0, 0.0 * x[11]))[1]


def chosen(x):
    return cond(True, lambda x: x**2, lambda x: x.sum() * x, x)


EXACT |= {
    f.__name__: f for f in (written, by_scan, chain, counted, counted_while, chosen)
}

SUPERSETS = {
    "sorted": lambda x: np.sort(x.reshape(GRID), axis=1),
    "fourier": lambda x: np.abs(np.fft.rfft(x.reshape(GRID), axis=1)),
    "solved": lambda x: np.linalg.solve(np.eye(3) + x[:9].reshape(3, 3), x[9:]),
    "extrema": lambda x: np.max(x.reshape(GRID), axis=0),
    "positive ones": lambda x: x[x > 1.0] ** 2,
    "largest": lambda x: x[np.argsort(x)[-2:]] * x[0],
    "either": lambda x: cond(x[0] > 1, lambda x: x[:6] ** 2, lambda x: x[6:], x),
    "while": lambda x: while_loop(lambda y: y[0] < 9, lambda y: y * x, x),
}


@pytest.mark.parametrize("name", EXACT)
def test_patterns_are_exact(name):
    f = EXACT[name]
    assert (pattern(f, X) == truth(f, X)).all()


@pytest.mark.parametrize("name", SUPERSETS)
def test_patterns_are_supersets(name):
    f = SUPERSETS[name]
    assert not (truth(f, X) & ~pattern(f, X)).any()


def test_what_does_not_touch_stays_apart():
    assert not pattern(SUPERSETS["sorted"], X)[0, 4:].any()
    assert not pattern(SUPERSETS["fourier"], X)[0, 4:].any()
    assert not pattern(SUPERSETS["extrema"], X)[0, 1:4].any()


# ----- loops too long to be gone through -----


def test_a_long_loop_without_carry_has_blocks():
    x = np.linspace(1.0, 2.0, 60_000)
    found = dependence(
        trace(lambda x: scan(lambda c, v: (c, v**2), 0.0, x.reshape(-1, 2))[1], x), [0]
    )
    assert found.pattern.nnz == 60_000


@pytest.mark.parametrize("f", [by_scan, chain, counted, counted_while])
def test_a_long_loop_with_carry_is_a_superset(f, monkeypatch):
    monkeypatch.setattr(structured, "_MOST_STEPS", 0)
    assert not (truth(f, X) & ~pattern(f, X)).any()


# ----- conditions -----


def test_relied_on_are_indices_and_zeros_only():
    graph = trace(lambda x: (A @ x)[PLACES] * 3.0, X)
    found = dependence(graph, [0])
    values = {id(graph.captures[c.capture].value): c for c in found.conditions}
    assert set(values) == {id(A), id(PLACES)}
    zeros, indices = values[id(A)], values[id(PLACES)]
    assert zeros.holds(2 * A) and not zeros.holds(A + 1)
    assert indices.holds(PLACES.copy()) and not indices.holds(PLACES + 0 * 1 + 1)


# ----- limits -----


def test_a_dense_pattern_is_refused_before_it_is_made():
    x = np.ones(10**5)
    with pytest.raises(DensePatternError, match=r"jvp, vjp or hvp"):
        dependence(trace(lambda x: x / x.sum(), x), [0])


# ----- random programs -----

UNARY = [
    np.sin, np.exp, np.flip, lambda x: np.roll(x, 1), lambda x: x[::-1] ** 2,
    lambda x: np.concatenate([x[3:], x[:3]]), lambda x: x * MASK, np.cumsum,
    lambda x: x[np.arange(N) // 2], lambda x: np.where(x > 0, x, 0.5 * x),
    lambda x: A @ x, lambda x: np.convolve(x, KERNEL, "same"),
    lambda x: np.tile(x.reshape(GRID).mean(axis=1), 4),
    lambda x: np.transpose(x.reshape(GRID)).ravel(), lambda x: x - x.mean(),
    lambda x: np.maximum(x, 0.2), lambda x: np.sort(x.reshape(GRID), 1).ravel(),
    lambda x: wengert.stop_gradient(x), lambda x: np.interp(x, np.arange(5.0), X[:5]),
]  # fmt: skip
BINARY = [np.add, np.multiply, np.subtract, lambda a, b: a / (2 + b**2), np.minimum]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=6))
def test_random_programs(steps):
    def f(x):
        values = [x]
        for which, where in steps:
            a, b = values[where % len(values)], values[-1]
            if which % 2:
                values.append(UNARY[which % len(UNARY)](b) * 0.5)
            else:
                values.append(BINARY[which % len(BINARY)](a, b) * 0.5)
        return values[-1]

    with np.errstate(all="ignore"):
        assume(np.isfinite(f(X)).all())  # what overflows has nan for a derivative
        assert not (truth(f, X) & ~pattern(f, X)).any()
