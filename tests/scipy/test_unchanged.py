"""Code that imports SciPy itself needs no change: a second run uses wengert.scipy."""

import numpy as np
import pytest
import scipy
import scipy.linalg as sla
from scipy import integrate, signal, sparse
from scipy.interpolate import CubicSpline
from scipy.sparse.linalg import spsolve
from scipy.spatial.distance import cdist

from wengert import grad, hessian, jacfwd, numeric

X = np.array([0.3, 0.5, 0.9])
STIFF = sparse.csr_array(np.diag([2.0, 3.0, 4.0]) + np.eye(3, k=1))


@np.vectorize
def bump(t, width=2.0):
    return np.exp(-t * t / width) if t < 0.8 else np.float64(0.5) * t


def exponential(x):
    return sla.expm(np.diag(x) + 0.1).sum()


def system(x):
    return scipy.linalg.solve(np.diag(x) + 0.1, x).sum()


def area(x):
    return integrate.quad(lambda t: np.exp(-x[0] * t * t) * x[1], 0, x[2])[0]


def curve(x):
    return CubicSpline([0.0, 1.0, 2.0], x)(0.3) * signal.fftconvolve(x, x).sum()


def middle(x):
    return (signal.medfilt(x, 3) * x).sum()


def distances(x):
    return cdist(np.stack([x, 2 * x + 1]), np.ones((2, 3))).sum()


def sparse_system(x):
    return (spsolve(STIFF.tocsc(), x) ** 2).sum()


def sparse_product(x):
    return ((STIFF @ x) * x).sum() + (x @ STIFF).sum()


def vectorized(x):
    return bump(x).sum()


@pytest.mark.parametrize(
    "f",
    [exponential, system, area, curve, middle, distances, sparse_system,
     sparse_product, vectorized],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_the_derivative_is_that_of_plain_scipy(f):
    close = {"rtol": 1e-6, "atol": 1e-6}
    np.testing.assert_allclose(grad(f)(X), numeric.gradient(f, X), **close)
    np.testing.assert_allclose(jacfwd(f)(X), grad(f)(X), rtol=1e-9)
    second = hessian(f)(X)
    np.testing.assert_allclose(second, numeric.hessian(f, X), rtol=1e-3, atol=1e-3)
    assert scipy.linalg is sla
    assert sla.expm.__module__.startswith("scipy.")
