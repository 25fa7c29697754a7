"""Fourier transforms against NumPy's, and their derivatives against differences."""

from __future__ import annotations

import numpy as np
import pytest

from tests.primitives.comparing import calls, check_call, face, faces_of, same
from wengert import grad, hessian
from wengert.errors import ShapeError

RNG = np.random.default_rng(11)
V = RNG.uniform(-2, 2, 5)
M = RNG.uniform(-2, 2, (3, 4))
T = RNG.uniform(-2, 2, (2, 3, 4))
C = M + 1j * RNG.uniform(-2, 2, (3, 4))
CT = T + 1j * RNG.uniform(-2, 2, T.shape)
F = M.astype(np.float32)
CF = C.astype(np.complex64)
N = np.array([[5, -3, 2], [7, 0, 2]])

_keywords = [
    {},
    {"n": 3, "axis": 0},
    {"n": 2},
    {"n": 6, "axis": -1, "norm": "ortho"},
    {"axis": 0, "norm": "forward"},
    {"n": 7, "axis": -2, "norm": "backward"},
]
_real = [((x,), k) for x in (M, F, N) for k in _keywords]
_real += [((V, 5, 0, "forward"), {})]
_complex = [((x,), k) for x in (C, CF) for k in _keywords]
_two = [
    {},
    {"s": (2, 5), "axes": (0, 1)},
    {"s": (4, 3), "axes": (-1, 0), "norm": "forward"},
    {"s": (-1, 3), "axes": (0, 1), "norm": "ortho"},
]
_many = [
    {},
    {"axes": (1,)},
    {"axes": (2, 0), "norm": "ortho"},
    {"s": (3, 3), "axes": (0, 2)},
]
_shifts = [((x,), k) for x in (V, T, C) for k in ({}, {"axes": 0}, {"axes": (0,)})]
CASES = {
    np.fft.fft: _real + _complex,
    np.fft.ifft: _real + _complex,
    np.fft.rfft: _real,
    np.fft.irfft: _real + _complex,
    np.fft.hfft: _real + _complex,
    np.fft.ihfft: _real,
    np.fft.fft2: [((x,), k) for x in (M, C, CF, T) for k in _two],
    np.fft.ifft2: [((x,), k) for x in (M, C, T) for k in _two],
    np.fft.rfft2: [((x,), k) for x in (M, F, T) for k in _two],
    np.fft.irfft2: [((x,), k) for x in (M, C, CF, CT) for k in _two],
    np.fft.fftn: [((x,), k) for x in (T, CT) for k in _many],
    np.fft.ifftn: [((x,), k) for x in (T, CT) for k in _many],
    np.fft.rfftn: [((x,), k) for x in (T,) for k in _many],
    np.fft.irfftn: [((x,), k) for x in (T, CT) for k in _many],
    np.fft.fftshift: [*_shifts, ((T,), {"axes": (0, -1)})],
    np.fft.ifftshift: [*_shifts, ((T,), {"axes": (0, -1)})],
}  # fmt: skip


@calls(CASES)
def test_faces_give_what_numpy_gives(function, args, keywords):
    same(face(function)(*args, **keywords), function(*args, **keywords))


@calls(CASES)
def test_derivatives_agree_with_differences(function, args, keywords):
    check_call(function, args, keywords)


def test_lists_are_arrays():
    same(face(np.fft.fft)([1, 2, 4]), np.fft.fft([1, 2, 4]))


def test_every_face_is_called_here():
    assert faces_of("fourier") == set(CASES)


@pytest.mark.parametrize("n", [4, 5])
def test_the_energy_of_a_spectrum(n):
    # Parseval: Σ|y|² = n Σ x², with half a spectrum weighted.
    x = RNG.uniform(-1, 1, n)
    energy = lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2)
    np.testing.assert_allclose(grad(energy)(x), 2 * n * x)
    np.testing.assert_allclose(hessian(energy)(x), 2 * n * np.eye(n), atol=1e-12)
    back = lambda x: np.sum(np.fft.irfft(np.fft.rfft(x), n) ** 2)
    np.testing.assert_allclose(grad(back)(x), 2 * x)


def test_float32_stays():
    f = lambda x: np.sum(np.abs(np.fft.rfft(x, 6, norm="ortho")) ** 2)
    assert grad(f)(F).dtype == np.float32
    g = lambda x: np.sum(np.fft.irfft(x, 5) ** 2)
    assert grad(g)(CF).dtype == np.complex64


def test_into_an_array():
    def f(x, out=True):
        y = np.zeros(5, complex)
        y = np.fft.fft(x * x, out=y) if out else np.fft.fft(x * x)
        return np.sum(np.abs(y) ** 3)

    np.testing.assert_allclose(f(V), f(V, out=False))
    np.testing.assert_allclose(grad(f)(V), grad(lambda x: f(x, out=False))(V))


def test_what_is_refused():
    with pytest.raises(TypeError, match="cannot cast"):
        grad(lambda x: np.fft.fft(x, out=np.zeros(5)).real.sum())(V)
    with pytest.raises(ValueError, match="does not fit"):
        grad(lambda x: np.fft.fft(x, out=np.zeros(4, complex)).real.sum())(V)
    with pytest.raises(TypeError, match="rfft"):
        grad(lambda x: np.fft.rfft(x * 1j).real.sum())(V)
    with pytest.raises(ValueError, match="norm"):
        face(np.fft.fft)(V, norm="none")
    with pytest.raises(ValueError, match="data points"):
        face(np.fft.fft)(V, 0)
    with pytest.raises(ValueError, match="data points"):
        face(np.fft.irfft)(V[:1])
    with pytest.raises(ShapeError):
        face(np.fft.fftn)(T, (2, 3), (0,))
