"""Linear functions are transposed, others refused."""

from __future__ import annotations

import numpy as np
import pytest

from wengert import grad
from wengert.transforms.linearity import transpose

M = np.array([[1.0, 2.0], [0.5, -1.0]])

LINEAR = {
    "sums": lambda a: [a[0] + a[1] - 2 * a, -a, a.sum(), np.mean(a), np.cumsum(a)],
    "products": lambda a: [M @ a, a @ M, np.outer(a, M), np.einsum("i,ij->j", a, M)],
    "quotients": lambda a: [a / M, a * np.exp(M)],
    "shapes": lambda a: [a[::-1], np.stack([a[0], a[1]]), np.broadcast_to(a, (3, 2))],
    "choices": lambda a: [np.where(M > 0, a, 0.0), a[np.argsort(M[0])]],
    "solves": lambda a: [np.linalg.solve(M, a), np.linalg.inv(M) @ a],
    "interpolation": lambda a: [np.interp([0.2, 0.7], [0.0, 1.0], a)],
    "zeros": lambda a: [np.zeros_like(a), np.zeros(3)],
    "complex": lambda a: [np.fft.fft(a), np.conj(1j * a), (2j * a).imag],
}
NOT_LINEAR = {
    "a clip": lambda a: [np.clip(a, -1, 1)],
    "a product": lambda a: [a * a],
    "a dot product": lambda a: [a @ a],
    "a square": lambda a: [a**2],
    "a constant more": lambda a: [a + 1],
    "a constant": lambda a: [np.ones(2)],
    "an absolute value": lambda a: [np.abs(a)],
    "a comparison": lambda a: [np.where(a > 0, a, 0)],
    "a question": lambda a: [a if a.any() else -a],
    "a rank": lambda a: [np.sort(a)],
    "a divisor": lambda a: [1 / a],
    "a matrix to solve with": lambda a: [np.linalg.solve(np.diag(a), M)],
    "an integer": lambda a: [M[int(a[0])]],
}


@pytest.mark.parametrize("what", LINEAR)
def test_the_law(what):
    f = LINEAR[what]
    rng = np.random.default_rng(0)
    x = rng.normal(size=2)
    y_bars = [rng.normal(size=y.shape) + 0 * y for y in map(np.asarray, f(x))]
    (x_bar,) = transpose(f, [x], ValueError)(y_bars)
    paired = sum(np.sum(b * y) for b, y in zip(y_bars, f(x), strict=True))
    np.testing.assert_allclose(x_bar @ x, paired.real)


@pytest.mark.parametrize("what", NOT_LINEAR)
def test_what_is_not_linear_is_refused(what):
    with pytest.raises(ValueError, match=r"not linear|its value|the result is not"):
        transpose(NOT_LINEAR[what], [np.ones(2)], ValueError)


def test_an_infinite_factor_is_no_constant():
    with np.errstate(divide="raise"):
        back = transpose(lambda a: [a / np.zeros(1)[0]], [np.float64(0)], ValueError)
    assert back([np.float64(1.0)])[0] == np.inf


def test_it_runs_inside_a_derivative():
    def scaled(c):
        return transpose(lambda a: [c * c * a], [c], ValueError)([c])[0]

    assert grad(scaled)(2.0) == pytest.approx(12.0)
