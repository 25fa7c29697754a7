"""Eigenvalues and eigenvectors by SciPy's solvers, of one matrix or of a pair.

The mathematics is that of `primitives/decompositions.py` and `primitives/eigen.py`; the
solvers differ from NumPy's in the signs of vectors, and values must not depend on
whether they are traced. What a solver reads is one triangle, or bands; the rows are
given the Hermitian matrix that these stand for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.linalg

from wengert.errors import ShapeError
from wengert.graph.primitive import General, Sample, answers
from wengert.graph.types import ArrayType, promote
from wengert.primitives import decompositions, eigen
from wengert.primitives.axes import refuse
from wengert.primitives.batches import stacked
from wengert.primitives.forms import general
from wengert.primitives.linalg import (
    adjoint,
    cubic,
    matrix_shape,
    real_dtype,
    transposed,
    well_conditioned,
)
from wengert.primitives.samplers import arrays
from wengert.primitives.scipy_linalg.arguments import (
    finite,
    hermitian,
    square,
    symmetric,
    undefined,
)
from wengert.primitives.scipy_linalg.banded import dense, full_band
from wengert.primitives.triangular import triangular_solve

__all__: list[str] = []

# ----- of Hermitian matrices -----


def _solve(a: Any, solver: str, lower: bool, width: int) -> tuple[Any, Any]:
    if solver == "banded":
        rows = range(width + 1) if lower else range(width, -1, -1)
        bands = np.zeros((width + 1, a.shape[-1]), a.dtype)
        for r, k in enumerate(rows):
            diagonal = np.diagonal(a, -k if lower else k)
            bands[r, slice(0, diagonal.size) if lower else slice(k, None)] = diagonal
        w, v = scipy.linalg.eig_banded(bands, lower=lower, check_finite=False)
    elif solver.startswith("st"):
        w, v = scipy.linalg.eigh_tridiagonal(
            np.diagonal(a), np.diagonal(a, 1), check_finite=False, lapack_driver=solver
        )
    else:
        w, v = scipy.linalg.eigh(a, lower=lower, driver=solver, check_finite=False)
    return w, v


def _eigh(x: Any, *, solver: str, lower: bool, width: int) -> tuple[Any, Any]:
    x = hermitian(x)
    w = np.empty(x.shape[:-1], real_dtype(x.dtype))
    v = np.empty(x.shape, x.dtype)
    for k in np.ndindex(*x.shape[:-2]):
        w[k], v[k] = _solve(x[k], solver, lower, width)
    if v.dtype.kind == "c":  # the component that LAPACK makes real is so to the bit
        i = _real_component(solver, lower)
        size = np.abs(v[..., i, :])
        phase = np.where(size == 0, 1, v[..., i, :] / np.where(size == 0, 1, size))
        phase = np.where(phase.real < 0, -phase, phase)
        v = (v * np.conj(phase)[..., None, :]).astype(x.dtype)
        v[..., i, :] = v[..., i, :].real
    return w, v


def _real_component(solver: str, lower: bool) -> int:
    """Say which component of complex vectors is real: the first or the last."""
    return 0 if lower or solver == "banded" else -1


def _upside_down(v: Any, params: dict[str, Any]) -> Any:
    """Bring the component that is real to the top."""
    return (
        v
        if _real_component(params["solver"], params["lower"]) == 0
        else v[..., ::-1, :]
    )


def symmetric_jvp(y: Any, x: Any, x_dot: Any, **params: Any) -> Any:
    """Differentiate A V = V Λ, as `primitives/decompositions.py` does."""
    flip = _upside_down
    turned = flip(transposed(flip(transposed(x_dot[0]), params)), params)
    w_dot, v_dot = decompositions.eigh_jvp((y[0], flip(y[1], params)), (), (turned,))
    return w_dot, flip(v_dot, params)


def symmetric_vjp(y: Any, x: Any, y_bar: Any, **params: Any) -> Any:
    """Transpose the pushforward."""
    flip = _upside_down
    seed = y_bar[0], flip(y_bar[1], params)
    (x_bar,) = decompositions.eigh_vjp((y[0], flip(y[1], params)), (), seed)
    return (flip(transposed(flip(transposed(x_bar), params)), params),)


def _symmetric_type(x: Any, **_: Any) -> tuple[ArrayType, ArrayType]:
    matrix_shape("eigh", x, square=True)
    values = ArrayType(x.shape[:-1], real_dtype(x.dtype))
    return values, ArrayType(x.shape, x.dtype)


def _symmetric_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for shape, solver, lower in (
        ((3, 3), "evd", True),
        ((3, 3), "evd", False),
        ((2, 2, 2), "ev", True),
        ((1, 1), "evr", True),
        ((3, 3), "banded", False),
    ):
        v, _ = np.linalg.qr(well_conditioned(rng, dtype, shape))
        values = 1 + 0.5 * np.arange(shape[-1])
        a = (v * values) @ np.conj(np.swapaxes(v, -1, -2))
        params = {"solver": solver, "lower": lower, "width": shape[-1] - 1}
        yield Sample((hermitian(a).astype(dtype),), params)


symmetric_eigen: General = general(
    "symmetric_eigen", (), outputs=2,
    impl=_eigh,
    type=_symmetric_type,
    jvp=symmetric_jvp, vjp=symmetric_vjp,
    cost=cubic(9),
    batch=stacked(),
    sample=_symmetric_samples, ref="Giles (2008), section 3",
)  # fmt: skip

# ----- of a pair of matrices -----


def _eig_pair(a: Any, b: Any) -> tuple[Any, Any]:
    """Give λ and v with A v = λ B v: vectors of length 1, greatest component real."""
    dtype = np.result_type(a, b, np.complex64)
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a = np.broadcast_to(a, stack + a.shape[-2:])
    b = np.broadcast_to(b, stack + b.shape[-2:])
    w, v = np.empty(a.shape[:-1], dtype), np.empty(a.shape, dtype)
    for k in np.ndindex(*stack):
        w[k], v[k] = scipy.linalg.eig(a[k], b[k], check_finite=False)
    if np.any(v.imag):
        at = np.argmax(np.abs(v), axis=-2)[..., None, :]
        greatest = np.take_along_axis(v, at, -2)
        v = v * (np.conj(greatest) / np.abs(greatest)).astype(dtype)
        np.put_along_axis(v, at, np.abs(greatest).astype(dtype), -2)
    return w, v


def pair_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Differentiate A V = B V Λ: it is eig of B⁻¹A, moved by B⁻¹(Ȧ V − Ḃ V Λ) V⁻¹."""
    (w, v), (a_dot, b_dot) = y, x_dot
    change = 0 if a_dot is None else a_dot @ v
    if b_dot is not None:
        change = change - b_dot @ v * w[..., None, :]
    change = np.linalg.solve(x[1].astype(w.dtype), change)
    return eigen.eig_jvp(y, (), (change @ np.linalg.inv(v),))


def pair_vjp(y: Any, x: Any, y_bar: Any) -> Any:
    """Transpose the pushforward: with Z = B⁻ᵀ X̄, Ā = Z and B̄ = −Z (V Λ V⁻¹)ᵀ."""
    w, v = y
    (x_bar,) = eigen.eig_vjp(y, (v,), y_bar)
    a_bar = np.linalg.solve(transposed(x[1]).astype(w.dtype), x_bar)
    quotient = (v * w[..., None, :]) @ np.linalg.inv(v)
    b_bar = -(a_bar @ transposed(quotient))
    return tuple(
        bar if given.dtype.kind == "c" else bar.real
        for bar, given in zip((a_bar, b_bar), x, strict=True)
    )


def _pair_type(a: Any, b: Any) -> tuple[ArrayType, ArrayType]:
    matrix_shape("eig", a, square=True)
    if a.shape != b.shape:
        raise ShapeError(f"eig: {a.shape} and {b.shape} do not fit")
    dtype = np.result_type(promote(a, b), np.complex64)
    return ArrayType(a.shape[:-1], dtype), ArrayType(a.shape, dtype)


def _pair_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for shape in ((3, 3), (2, 2, 2)):
        n = shape[-1]
        b = well_conditioned(rng, dtype, shape)
        v = np.eye(n) + 0.2 * arrays(rng, dtype, shape, -1, 1)
        a = b @ v @ np.diag(1.5 * np.arange(1, n + 1)) @ np.linalg.inv(v)
        yield Sample((a.astype(dtype), b))


eig_pair: General = general(
    "eig_pair", (), outputs=2, active=(0, 1),
    impl=_eig_pair,
    type=_pair_type,
    jvp=pair_jvp, vjp=pair_vjp,
    cost=cubic(60),
    batch=stacked(),
    sample=_pair_samples, ref="Giles (2008), section 3.1, for B⁻¹A",
)  # fmt: skip

# ----- faces: Hermitian -----


@answers(scipy.linalg.eigh)
def eigh(
    a: Any,
    b: Any = None,
    *,
    lower: bool = True,
    eigvals_only: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    type: int = 1,
    check_finite: bool = True,
    subset_by_index: Any = None,
    subset_by_value: Any = None,
    driver: str | None = None,
) -> Any:
    """Give eigenvalues, ascending, and eigenvectors of Hermitian matrices or pairs."""
    refuse("scipy.linalg.eigh", subset_by_value=subset_by_value)
    if not eigvals_only:
        refuse("scipy.linalg.eigh", subset_by_index=subset_by_index)
    a, lower = symmetric(square("eigh", a, check_finite), lower), bool(lower)
    if b is None:
        driver = driver or "evr"
        if driver not in ("ev", "evd", "evr", "evx"):
            raise ValueError(f"{driver} is no driver of a standard problem")
        w, v = symmetric_eigen(a, solver=driver, lower=lower, width=0)
    else:
        refuse("scipy.linalg.eigh", driver=None if driver == "gvd" else driver)
        b = symmetric(square("eigh", b, check_finite), lower)
        w, v = _generalized(a, b, lower, type)
    if subset_by_index is not None:
        first, last = (int(i) for i in subset_by_index)
        if not 0 <= first <= last < a.shape[-1]:
            raise ValueError("Requested eigenvalue indices are not valid.")
        w = w[..., first : last + 1]
    return w if eigvals_only else (w, v)


def _generalized(a: Any, b: Any, lower: bool, type: int) -> tuple[Any, Any]:
    """Reduce to a standard problem by the Cholesky factor of B, as LAPACK does."""
    if a.shape != b.shape:
        raise ShapeError(f"eigh: {a.shape} and {b.shape} do not fit")
    if type not in (1, 2, 3):
        raise ValueError('"type" keyword only accepts 1, 2, and 3.')
    dtype = np.result_type(a.dtype, b.dtype)
    a, b = a.astype(dtype), b.astype(dtype)
    factor = np.linalg.cholesky(b, upper=not lower)
    left = factor if lower else adjoint(factor)

    def divided(x: Any) -> Any:
        return triangular_solve(left, x, lower=True, unit=False)

    if type == 1:
        reduced = divided(adjoint(divided(a)))
    else:
        reduced = adjoint(left) @ a @ left
    w, z = symmetric_eigen(hermitian(reduced), solver="evd", lower=lower, width=0)
    if type == 3:
        return w, left @ z
    return w, triangular_solve(adjoint(left), z, lower=False, unit=False)


@answers(scipy.linalg.eigvalsh)
def eigvalsh(a: Any, b: Any = None, **keywords: Any) -> Any:
    """Give the eigenvalues of Hermitian matrices or pairs, ascending."""
    return eigh(a, b, eigvals_only=True, **keywords)


@answers(scipy.linalg.eig_banded)
def eig_banded(
    a_band: Any,
    lower: bool = False,
    eigvals_only: bool = False,
    overwrite_a_band: bool = False,
    select: Any = "a",
    select_range: Any = None,
    max_ev: int = 0,
    check_finite: bool = True,
) -> Any:
    """Give eigenvalues and eigenvectors of a Hermitian matrix, from its bands."""
    _all_of("eig_banded", select)
    bands = finite(a_band, check_finite)
    width = matrix_shape("eig_banded", bands)[0] - 1
    a = dense(full_band(bands, lower), width)
    w, v = symmetric_eigen(a, solver="banded", lower=bool(lower), width=width)
    return w if eigvals_only else (w, v)


@answers(scipy.linalg.eigvals_banded)
def eigvals_banded(
    a_band: Any,
    lower: bool = False,
    overwrite_a_band: bool = False,
    select: Any = "a",
    select_range: Any = None,
    check_finite: bool = True,
) -> Any:
    """Give the eigenvalues of a Hermitian matrix, from its bands."""
    return eig_banded(a_band, lower, True, select=select, check_finite=check_finite)


@answers(scipy.linalg.eigh_tridiagonal)
def eigh_tridiagonal(
    d: Any,
    e: Any,
    eigvals_only: bool = False,
    select: Any = "a",
    select_range: Any = None,
    check_finite: bool = True,
    tol: float = 0.0,
    lapack_driver: str = "auto",
) -> Any:
    """Give eigenvalues and eigenvectors of a symmetric matrix, from its diagonals."""
    _all_of("eigh_tridiagonal", select)
    d, e = finite(d, check_finite), finite(e, check_finite)
    if d.dtype.kind == "c" or e.dtype.kind == "c":
        raise TypeError("Only real arrays currently supported")
    if d.shape[-1] != e.shape[-1] + 1:
        raise ShapeError(
            f"eigh_tridiagonal: one more on the diagonal is needed than beside it, not "
            f"{d.shape} and {e.shape}"
        )
    solver = "stevd" if lapack_driver in ("auto", "sterf") else lapack_driver
    dtype = np.result_type(d.dtype, e.dtype)
    n = d.shape[-1]
    i, j = np.indices((n, n))
    if n == 1:
        a = d[..., None]
    else:
        beside = e[..., np.minimum(np.minimum(i, j), n - 2)]
        a = np.where(np.abs(i - j) == 1, beside, 0)
        a = np.where(i == j, d[..., None, :], a)
    w, v = symmetric_eigen(a.astype(dtype), solver=solver, lower=False, width=1)
    return w if eigvals_only else (w, v)


@answers(scipy.linalg.eigvalsh_tridiagonal)
def eigvalsh_tridiagonal(d: Any, e: Any, *args: Any, **keywords: Any) -> Any:
    """Give the eigenvalues of a symmetric matrix, from its diagonals."""
    return eigh_tridiagonal(d, e, True, *args, **keywords)


def _all_of(name: str, select: Any) -> None:
    if select not in ("a", "all", 0):
        refuse(f"scipy.linalg.{name}", select=select)


# ----- faces: any matrix -----


@answers(scipy.linalg.eig)
def eig(
    a: Any,
    b: Any = None,
    left: bool = False,
    right: bool = True,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    homogeneous_eigvals: bool = False,
) -> Any:
    """Give eigenvalues, always complex, and eigenvectors of square matrices."""
    refuse(
        "scipy.linalg.eig",
        left=left or None,
        homogeneous_eigvals=homogeneous_eigvals or None,
    )
    a = square("eig", a, check_finite)
    if b is None:
        w, v = eigen.eig_(a)
        is_real = a.dtype.kind != "c"
    else:
        b = square("eig", b, check_finite)
        w, v = eig_pair(a, b)
        is_real = a.dtype.kind != "c" and b.dtype.kind != "c"
    if not right:
        return w
    is_real = is_real and not np.any(w.imag != 0)
    if b is not None and not is_real:
        raise undefined(
            "eig(a, b)",
            "the phases of complex vectors are LAPACK's own choice",
            "take eigvals(a, b), or eig(solve(b, a))",
        )
    return w, v.real.astype(real_dtype(v.dtype)) if is_real else v


@answers(scipy.linalg.eigvals)
def eigvals(
    a: Any,
    b: Any = None,
    overwrite_a: bool = False,
    check_finite: bool = True,
    homogeneous_eigvals: bool = False,
) -> Any:
    """Give the eigenvalues of square matrices or pairs, always complex."""
    return eig(
        a,
        b,
        right=False,
        check_finite=check_finite,
        homogeneous_eigvals=homogeneous_eigvals,
    )
