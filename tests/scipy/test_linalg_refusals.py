"""What scipy.linalg's drop-in refuses: by name, by option, by shape, by value."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import scipy.linalg

from tests.scipy.test_linalg import (
    B4,
    HALF,
    LEFT,
    SPIRAL,
    TALL,
    WIDE,
    A,
    B,
    P,
    S,
    V,
    W,
)
from wengert.errors import MissingRuleError, ShapeError
from wengert.graph.primitive import FACES, lookup
from wengert.operators import grad, jacobian
from wengert.primitives.refusal import Refusal
from wengert.scipy import linalg

# ----- refusals -----

REFUSED = sorted(
    name
    for name in scipy.linalg.__all__
    if isinstance(FACES.get(getattr(scipy.linalg, name)), Refusal)
)


@pytest.mark.parametrize("name", REFUSED)
def test_functions_without_a_rule_say_why(name):
    with pytest.raises(MissingRuleError, match=rf"scipy\.linalg\.{name} has no"):
        grad(lambda a: getattr(linalg, name)(a, a, a))(A)


ROWLESS = sorted(
    name
    for name in scipy.linalg.__all__
    if inspect.isfunction(function := getattr(scipy.linalg, name))
    and function not in FACES
    and lookup(function) is None
)


@pytest.mark.parametrize("name", ROWLESS)
def test_functions_of_no_arrays_refuse_traced_values(name):
    # dft(n), hilbert(n) and the like have nothing to differentiate in.
    with pytest.raises(
        MissingRuleError, match=rf"scipy\.linalg\..*{name}\(.*test_linalg_refusals"
    ):
        grad(lambda a: getattr(linalg, name)(a))(A)


REFUSED_CALLS = {
    "schur": ((A,), {}),
    "qr": ((TALL,), {}),
    "rq": ((TALL,), {}),
    "svd": ((TALL,), {}),
    "eig": ((A,), {"left": True}),
    "eigh": ((S,), {"subset_by_index": (0, 1)}),
    "eigvalsh": ((S,), {"subset_by_value": (0.0, 1.0)}),
    "eig_banded": ((HALF,), {"select": "i", "select_range": (0, 1)}),
    "pinv": ((TALL,), {"atol": 0.1}),
    "hankel": ((W,), {}),
    "logm": ((A,), {"disp": False}),
    "subspace_angles": ((np.ones((3, 2)), W), {}),
}


@pytest.mark.parametrize("name", REFUSED_CALLS)
def test_options_without_a_rule_raise(name):
    args, keywords = REFUSED_CALLS[name]
    with pytest.raises(MissingRuleError, match="test_linalg_refusals.py"):
        jacobian(lambda a: getattr(linalg, name)(a, *args[1:], **keywords))(args[0])


def test_complex_vectors_of_a_pair_are_refused():
    with pytest.raises(MissingRuleError, match="phases"):
        jacobian(lambda a: linalg.eig(a, P)[1].real)(SPIRAL)


def test_a_traced_power_is_refused():
    with pytest.raises(MissingRuleError, match="logm"):
        jacobian(lambda t: linalg.fractional_matrix_power(A, t))(0.5)


WRONG_SHAPES = {
    "solve": (A, B4), "inv": (WIDE,), "det": (WIDE,), "cholesky": (WIDE,),
    "solve_triangular": (A, B4), "lu_factor": (V,), "expm": (WIDE,), "sqrtm": (V,),
    "logm": (WIDE,), "solve_sylvester": (A, LEFT, B), "eigh": (WIDE,), "eig": (WIDE,),
    "solve_continuous_lyapunov": (A, LEFT), "solve_discrete_lyapunov": (A, LEFT),
    "solve_toeplitz": (V, B4), "solve_circulant": (V, B4), "lstsq": (TALL, V),
    "leslie": (V, V), "khatri_rao": (A, WIDE), "eigh_tridiagonal": (V, V),
    "polar": (V,), "solveh_banded": (HALF, V), "companion": (V[:1],),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_SHAPES)
def test_shapes_that_do_not_fit_raise(name):
    first, *rest = WRONG_SHAPES[name]
    with pytest.raises(ShapeError):
        jacobian(lambda a: getattr(linalg, name)(a, *rest))(first)


SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])


@pytest.mark.parametrize(
    "f",
    [
        lambda a: linalg.solve(a, V[:2]),
        lambda a: linalg.solve(-a - np.eye(2), V[:2], assume_a="pos"),
        linalg.inv,
        lambda a: linalg.cholesky(-a),
        lambda a: linalg.solve_triangular(np.triu(a - np.eye(2)), V[:2]),
        lambda a: linalg.solve_circulant(a[0] * 0, V[:2]),
        lambda a: linalg.solveh_banded(-a, V[:2]),
    ],
)
def test_singular_matrices_raise(f):
    with pytest.raises(np.linalg.LinAlgError):
        jacobian(f)(SINGULAR)


def test_nan_is_refused_as_scipy_does():
    with pytest.raises(ValueError, match="infs or NaNs"):
        jacobian(lambda a: linalg.solve(a, V))(A * np.nan)
