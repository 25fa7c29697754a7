"""What scipy.special writes in Python, as faces: SciPy's own code keeps traced values
out. `wengert.scipy.special` calls them.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from wengert.graph.primitive import PRIMITIVES, answers
from wengert.primitives.axes import as_array, refuse
from wengert.primitives.control import stop_gradient
from wengert.primitives.hypergeometric import lambertw

__all__ = ["log_softmax", "logsumexp", "softmax"]

# ----- sums of exponentials -----


def floating(x: Any) -> Any:
    """Make an array of floating numbers."""
    x = as_array(x)
    return x if x.dtype.kind in "fc" else x.astype(np.float64)


def shift(x: Any, axis: Any) -> Any:
    """Give the largest real part, which is to count as a constant; 0 if infinite."""
    largest = stop_gradient(np.max(x.real, axis=axis, keepdims=True))
    return np.where(np.isfinite(largest), largest, 0)


@answers(special.logsumexp)
def logsumexp(
    a: Any,
    axis: Any = None,
    b: Any = None,
    keepdims: bool = False,
    return_sign: bool = False,
) -> Any:
    """Give ln Σ b·exp(a), without overflow, and to full accuracy near 0.

    Parameters
    ----------
    a : array, real or complex
    axis : None, int or tuple of ints
    b : array that broadcasts with a, optional
        Factors; the sum of real ones may be negative with return_sign=True only.

    Returns
    -------
    array without the axes; with return_sign=True the logarithm of the absolute value of
    the sum, and its sign or phase

    References
    ----------
    Blanchard, Higham and Higham (2021), IMA Journal of Numerical Analysis 41(4).
    """
    a = floating(a)
    if b is not None:
        b = as_array(b)
        a = np.where(b == 0, -np.inf, a)
    with np.errstate(all="ignore"):  # the logarithm of 0 is an answer here
        out, sign = logarithm(a, axis, b, return_sign)
    if not keepdims:
        out, sign = np.squeeze(out, axis=axis), np.squeeze(sign, axis=axis)
    return (out, sign) if return_sign else out


def logarithm(a: Any, axis: Any, b: Any, absolute: bool) -> tuple[Any, Any]:
    """Give ln Σ b·exp(a), with the axes kept, and the sign of the sum."""
    largest = shift(a, axis)
    if b is None and a.dtype.kind == "f":
        return largest + plain_logarithm(a, axis, largest), np.ones_like(largest)
    terms = np.exp(a - largest)
    if b is not None:
        # Where a factor is 0, whatever its exponent does is left out.
        terms = np.where(b == 0, 0, b * terms)
    total = np.sum(terms, axis=axis, keepdims=True)
    sign = np.sign(total)
    if absolute:
        total = np.absolute(total)
    elif total.dtype.kind == "f":
        total = np.where(total < 0, np.nan, total)
    return np.log(total) + largest, sign


def plain_logarithm(a: Any, axis: Any, largest: Any) -> Any:
    """Give ln Σ exp(a − largest). What is largest adds 1 exactly; by how much it moves,
    expm1 knows."""
    top = a == largest
    moved = np.expm1(np.where(top, a, largest) - largest)
    below = np.exp(np.where(top, -np.inf, a) - largest)
    rest = np.sum(np.where(top, moved, below), axis=axis, keepdims=True)
    count = np.sum(top, axis=axis, keepdims=True).astype(a.dtype)
    none = count == 0  # all of them are infinite, and the sum is 0 or infinite too
    one = np.where(none, 1, count)
    finite = np.log1p(np.where(none, 0, rest) / one) + np.log(one)
    return np.where(none, np.log(np.where(none, rest, 1)), finite)


@answers(special.softmax)
def softmax(x: Any, axis: Any = None) -> Any:
    """Give exp(x)/Σ exp(x): the gradient of logsumexp.

    Parameters
    ----------
    x : array
    axis : None, int or tuple of ints

    Returns
    -------
    array like x
    """
    x = floating(x)
    e = np.exp(x - shift(x, axis))
    return e / np.sum(e, axis=axis, keepdims=True)


@answers(special.log_softmax)
def log_softmax(x: Any, axis: Any = None) -> Any:
    """Give x − logsumexp(x): the logarithm of softmax, where that underflows too.

    Parameters
    ----------
    x : array
    axis : None, int or tuple of ints

    Returns
    -------
    array like x
    """
    x = floating(x)
    moved = x - shift(x, axis)
    return moved - np.log(np.sum(np.exp(moved), axis=axis, keepdims=True))


if hasattr(special, "softplus"):  # SciPy 1.17

    @answers(special.softplus)
    def softplus(x: Any, **keywords: Any) -> Any:
        """Give ln(1 + exp(x))."""
        refuse("softplus", **keywords)
        return np.logaddexp(0, as_array(x))


# ----- gamma functions and counting -----


@answers(special.polygamma)
def polygamma(n: Any, x: Any) -> Any:
    """Give the nth derivative of ψ: (−1)ⁿ⁺¹·n!·ζ(n + 1, x); n is no traced value."""
    n, x = as_array(n), as_array(x)
    first = n == 0
    order = np.where(first, 1, n)
    sign = np.where(order % 2 == 0, -1.0, 1.0)
    higher = sign * special.gamma(order + 1.0) * special.zeta(order + 1.0, x)
    return np.where(first, special.psi(x), higher) if np.any(first) else higher


@answers(special.multigammaln)
def multigammaln(a: Any, d: int) -> Any:
    """Give the logarithm of the gamma function of dimension d."""
    a = as_array(a)
    if np.any(a <= 0.5 * (d - 1)):
        raise ValueError(f"condition a > 0.5 * (d - 1) = {0.5 * (d - 1)} is not met")
    front = d * (d - 1) / 4 * math.log(math.pi)
    return front + sum(special.gammaln(a - j / 2) for j in range(d))


def choices(N: Any, k: Any) -> Any:
    """Tell where k things can be chosen out of N."""
    return (k <= N) & (N >= 0) & (k >= 0)


@answers(special.comb)
def comb(N: Any, k: Any, *, exact: bool = False, repetition: bool = False) -> Any:
    """Give the number of combinations, between integers by Γ."""
    refuse("comb", exact=exact or None)
    N, k = floating(N), floating(k)
    if repetition:
        empty = (k == 0) & (N >= 0)
        return np.where(empty, 1, special.binom(N + k - 1, k))
    return np.where(choices(N, k), special.binom(N, k), 0)


@answers(special.perm)
def perm(N: Any, k: Any, exact: bool = False) -> Any:
    """Give the number of permutations, between integers by Γ."""
    refuse("perm", exact=exact or None)
    N, k = floating(N), floating(k)
    return np.where(choices(N, k), special.poch(N - k + 1, k), 0)


@answers(special.factorial)
def factorial(n: Any, exact: bool = False, extend: str = "zero") -> Any:
    """Give Γ(n + 1), and 0 where n < 0."""
    refuse("factorial", exact=exact or None)
    if extend != "zero":
        refuse("factorial", extend=extend)
    n = floating(n)
    left = n < 0
    return np.where(left, 0, special.gamma(np.where(left, 0, n) + 1))


@answers(special.diric)
def diric(x: Any, n: Any) -> Any:
    """Give Dirichlet's kernel sin(nx/2)/(n·sin(x/2)), smooth at multiples of 2π."""
    x = floating(x)
    turns = np.round(x / (2 * math.pi))
    left = x - turns * (2 * math.pi)
    sign = np.where((turns * (n - 1)) % 2 == 0, 1.0, -1.0)
    y = sign * np.sinc(n * left / (2 * math.pi)) / np.sinc(left / (2 * math.pi))
    return np.where((n <= 0) | (n != np.floor(n)), np.nan, y)


# ----- Bessel functions: spherical ones, and derivatives of given order -----


def spherical(letter: str) -> None:
    """Enter the face of a spherical Bessel function, which may ask for the slope."""
    name = f"spherical_{letter}n"

    def face(n: Any, z: Any, derivative: bool = False) -> Any:
        row: Any = PRIMITIVES[name]
        z = as_array(z)
        return row.partials[1](None, n, z) if derivative else row(n, z)

    face.__name__ = name
    answers(getattr(special, name))(face)


def derivatives(name: str, ufunc: Any, phase: int, sign: int = 1) -> None:
    """Enter the face of the nth derivative of a Bessel function: neighbours, summed."""

    def face(v: Any, z: Any, n: int = 1) -> Any:
        z = as_array(z)
        total = sum(
            phase**i * math.comb(n, i) * ufunc(v - n + 2 * i, z) for i in range(n + 1)
        )
        return sign**n * total / 2**n

    face.__name__ = name
    answers(getattr(special, name))(face)


for _letter in "jyik":
    spherical(_letter)
derivatives("jvp", special.jv, -1)
derivatives("yvp", special.yv, -1)
derivatives("ivp", special.iv, 1)
derivatives("kvp", special.kv, 1, -1)
derivatives("h1vp", special.hankel1, -1)
derivatives("h2vp", special.hankel2, -1)

# ----- names for a ufunc with its arguments in another order -----


@answers(special.assoc_laguerre)
def assoc_laguerre(x: Any, n: Any, k: Any = 0.0) -> Any:
    """Be eval_genlaguerre."""
    return special.eval_genlaguerre(n, k, as_array(x))


@answers(special.zeta)
def zeta(x: Any, q: Any = None, out: Any = None) -> Any:
    """Be Hurwitz's ζ of q; of x alone there is no rule."""
    refuse("zeta", out=out)
    if q is None:
        return special._ufuncs._riemann_zeta(x)
    return special._ufuncs._zeta(x, q)


@answers(special.lambertw)
def lambert(z: Any, k: int = 0, tol: float = 1e-8) -> Any:
    """Be Lambert's W, complex, on the branch k."""
    return lambertw(as_array(z), k, tol)
