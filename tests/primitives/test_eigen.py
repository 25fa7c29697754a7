"""Eigenvalues and eigenvectors against NumPy's, and their derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from tests.primitives.comparing import calls, check_call, face, faces_of, same
from wengert import check_grads, grad, hessian
from wengert.errors import ShapeError

RNG = np.random.default_rng(2)
BASIS = np.eye(4) + RNG.uniform(-0.2, 0.2, (4, 4))


def with_eigenvalues(values, v=BASIS):
    return v @ np.asarray(values) @ np.linalg.inv(v)


TURN = [[1, 2, 0, 0], [-2, 1, 0, 0], [0, 0, 4, 0], [0, 0, 0, 6]]
R = with_eigenvalues(np.diag([1.0, 2.5, 4.0, -2.0]))
P = with_eigenvalues(TURN)
C = with_eigenvalues(np.diag([1, 2.5j, 4 + 1j, -2]), BASIS + 0.1j * RNG.random((4, 4)))
TWO = np.stack([R, P])
F = R.astype(np.float32)
N = np.array([[1, 2], [3, 9]])
WEIGHTS = RNG.uniform(-1, 1, (4, 4))
_matrices = [((a,), {}) for a in (R, P, C, TWO, F, F.astype("c8"), N, R[:1, :1])]
CASES = {np.linalg.eig: _matrices, np.linalg.eigvals: _matrices}


@calls(CASES)
def test_faces_give_what_numpy_gives(function, args, keywords):
    same(face(function)(*args, **keywords), function(*args, **keywords))


@calls(CASES)
def test_derivatives_agree_with_differences(function, args, keywords):
    if args[0].dtype in (np.float32, np.complex64):
        check_call(function, args, keywords, order=1)
    else:
        check_call(function, args, keywords, order=2)


def test_every_face_is_called_here():
    assert faces_of("eigen") == set(CASES)


@pytest.mark.parametrize("a", [R, P])
def test_sums_of_eigenvalues(a):
    # Σλ = tr A, Σλ² = tr A², Πλ = det A.
    first = lambda a: np.sum(np.linalg.eigvals(a)).real
    np.testing.assert_allclose(grad(first)(a), np.eye(4), atol=1e-12)
    second = lambda a: np.sum(np.linalg.eigvals(a) ** 2).real
    np.testing.assert_allclose(grad(second)(a), 2 * a.T, atol=1e-12)
    exact = hessian(lambda a: np.trace(a @ a))(a)
    np.testing.assert_allclose(hessian(second)(a), exact, atol=1e-10)
    product = lambda a: np.prod(np.linalg.eigvals(a)).real
    np.testing.assert_allclose(grad(product)(a), np.linalg.det(a) * np.linalg.inv(a).T)


@pytest.mark.parametrize("a", [R, P, C])
def test_vectors_keep_their_length_and_phase(a):
    length = lambda a: np.sum(np.abs(np.linalg.eig(a)[1]) ** 2)
    np.testing.assert_allclose(grad(length)(a), 0, atol=1e-12)

    def rebuilt(a):
        w, v = np.linalg.eig(a)
        return np.real((v * w) @ np.linalg.inv(v) * WEIGHTS).sum()

    np.testing.assert_allclose(grad(rebuilt)(a), WEIGHTS, atol=1e-11)


def test_a_matrix_of_the_roots_of_a_polynomial():
    def roots(p):
        companion = np.concatenate([-p[None, 1:] / p[0], np.eye(3)[:2]])
        return np.linalg.eigvals(companion)

    p = np.array([1.0, -2.0, 3.0, 1.0])
    same(np.sort(roots(p)), np.sort(np.roots(p)))
    check_grads(roots, p).raise_if_failed()
    # And back: the polynomial with the eigenvalues of a matrix is characteristic.
    got = grad(lambda a: np.poly(a)[-1])(R)
    np.testing.assert_allclose(got, np.linalg.det(R) * np.linalg.inv(R).T)


def test_what_is_refused():
    with pytest.raises((ShapeError, np.linalg.LinAlgError)):
        grad(lambda a: np.linalg.eigvals(a).real.sum())(R[:2])
