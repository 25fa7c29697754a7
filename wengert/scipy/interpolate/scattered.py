"""Interpolation of scattered values, and polynomials through all nodes."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import scipy.interpolate

from wengert.primitives.axes import as_array
from wengert.primitives.refusal import undefined
from wengert.scipy.dropin import holds_tracer
from wengert.scipy.interpolate.piecewise import placed, points

__all__ = [
    "RBFInterpolator",
    "barycentric_interpolate",
    "krogh_interpolate",
    "lagrange",
]

# Of each kernel: φ(r²), and the least degree of the polynomial that it needs.
_KERNELS: dict[str, tuple[Any, int]] = {
    "linear": (lambda s: -np.sqrt(s), 0),
    "thin_plate_spline": (
        lambda s: 0.5 * s * np.log(np.where(s == 0, 1, s)), 1,
    ),
    "cubic": (lambda s: s * np.sqrt(s), 1),
    "quintic": (lambda s: -s * s * np.sqrt(s), 2),
    "multiquadric": (lambda s: -np.sqrt(s + 1), 0),
    "inverse_multiquadric": (lambda s: 1 / np.sqrt(s + 1), -1),
    "inverse_quadratic": (lambda s: 1 / (s + 1), -1),
    "gaussian": (lambda s: np.exp(-s), -1),
}  # fmt: skip
_SCALE_FREE = {"linear", "thin_plate_spline", "cubic", "quintic"}


def _kernel(name: str, x: Any, y: Any, epsilon: Any) -> Any:
    difference = (x[:, None, :] - y[None, :, :]) * epsilon
    return _KERNELS[name][0](np.sum(difference * difference, axis=-1))


def _monomials(x: Any, degree: int) -> Any:
    """Give the monomials up to a degree, a column each."""
    columns = [np.ones(x.shape[0])]
    layer = [(0, columns[0])]
    for _ in range(degree):
        layer = [
            (k, value * x[:, k]) for first, value in layer
            for k in range(first, x.shape[1])
        ]  # fmt: skip
        columns += [value for _, value in layer]
    return np.stack(columns, 1)


class RBFInterpolator(scipy.interpolate.RBFInterpolator):  # type: ignore[misc]
    """SciPy's `RBFInterpolator`, differentiable in points, values and centres.

    Where something is traced, all centres take part: no `neighbors`.
    """

    def __init__(
        self, y: Any, d: Any, neighbors: Any = None, smoothing: Any = 0.0,
        kernel: str = "thin_plate_spline", epsilon: Any = None, degree: Any = None,
    ) -> None:  # fmt: skip
        self._traced = holds_tracer((y, d, smoothing, epsilon))
        if not self._traced:
            super().__init__(y, d, neighbors, smoothing, kernel, epsilon, degree)
        kernel = kernel.lower()
        if kernel not in _KERNELS:
            raise ValueError(f"`kernel` must be one of {set(_KERNELS)}.")
        if epsilon is None:
            if kernel not in _SCALE_FREE:
                raise ValueError(
                    f"`epsilon` must be specified if `kernel` is {kernel}."
                )
            epsilon = 1.0
        least = _KERNELS[kernel][1]
        self._parts = (as_array(y), as_array(d), smoothing, kernel, epsilon,
                       max(least, 0) if degree is None else int(degree))  # fmt: skip
        if degree is None and least == -1:
            self._parts = (*self._parts[:-1], 0)
        self._few = neighbors is not None
        self._found: Any = None

    def __wengert_holds__(self) -> bool:
        return bool(self._traced)

    def __call__(self, x: Any) -> Any:
        """Evaluate at points, a row each."""
        if not holds_tracer((self, x)):
            return super().__call__(x)
        if self._few:
            raise undefined(
                "scipy.interpolate.RBFInterpolator(neighbors=…)", "neighbours jump",
                "leave neighbors out",
            )  # fmt: skip
        y, d, smoothing, kernel, epsilon, degree = self._parts
        x, y = points(x), points(y)
        if self._found is None or self._traced:
            self._found = self._solved(y, d, smoothing, kernel, epsilon, degree)
        c, shift, scale = self._found
        value = _kernel(kernel, x, y, epsilon)
        if degree >= 0:
            value = np.concatenate([value, _monomials((x - shift) / scale, degree)], 1)
        return np.reshape(value @ c, (x.shape[0], *d.shape[1:]))

    def _solved(
        self, y: Any, d: Any, smoothing: Any, kernel: str, epsilon: Any, degree: int
    ) -> tuple[Any, Any, Any]:
        """Solve for the weights of the kernels and of the monomials."""
        n = y.shape[0]
        a = _kernel(kernel, y, y, epsilon) + smoothing * np.eye(n)
        low, high = np.min(y, axis=0), np.max(y, axis=0)
        shift, scale = 0.5 * (low + high), 0.5 * (high - low)
        scale = np.where(scale == 0, 1, scale)
        b = np.reshape(d, (n, -1))
        if degree >= 0:
            p = _monomials((y - shift) / scale, degree)
            m = p.shape[1]
            a = np.concatenate([
                np.concatenate([a, p], 1),
                np.concatenate([p.T, np.zeros((m, m))], 1),
            ])  # fmt: skip
            b = np.concatenate([b, np.zeros((m, b.shape[1]))])
        return np.linalg.solve(a, b), shift, scale


def _through(name: str, xi: Any, yi: Any, x: Any, der: Any, axis: int) -> Any:
    """Evaluate the polynomial through all nodes, as a sum of Lagrange's products.

    Without quotients that vanish at nodes: it is differentiable there too.
    """
    if np.ndim(der) or der != 0:
        raise undefined(f"scipy.interpolate.{name}(der=…)", "none is written",
                        "differentiate it by wengert.derivative")  # fmt: skip
    xi, yi = points(xi), as_array(yi)
    axis = axis % yi.ndim
    yi = np.moveaxis(yi, axis, 0)
    x = points(x)
    n = xi.shape[0]
    own = np.eye(n, dtype=bool)
    widths = np.where(own, 1, xi[:, None] - xi)
    if np.any(widths == 0):
        raise undefined(f"scipy.interpolate.{name} of repeated nodes",
                        "none is written", "use distinct nodes")  # fmt: skip
    flat = np.ravel(x)
    shares = np.where(own, 1, (flat[:, None, None] - xi) / widths)
    y = np.prod(shares, axis=-1) @ np.reshape(yi, (n, -1))
    return placed(np.reshape(y, x.shape + yi.shape[1:]), x.ndim, axis)


@functools.wraps(scipy.interpolate.barycentric_interpolate)
def barycentric_interpolate(
    xi: Any, yi: Any, x: Any, axis: int = 0, *, der: Any = 0, rng: Any = None
) -> Any:
    """Evaluate the polynomial through all nodes; O(n²) for each point."""
    if not holds_tracer((xi, yi, x)):
        return scipy.interpolate.barycentric_interpolate(xi, yi, x, axis, der=der)
    return _through("barycentric_interpolate", xi, yi, x, der, axis)


@functools.wraps(scipy.interpolate.krogh_interpolate)
def krogh_interpolate(xi: Any, yi: Any, x: Any, der: Any = 0, axis: int = 0) -> Any:
    """Evaluate the polynomial through all nodes; O(n²) for each point."""
    if not holds_tracer((xi, yi, x)):
        return scipy.interpolate.krogh_interpolate(xi, yi, x, der, axis)
    return _through("krogh_interpolate", xi, yi, x, der, axis)


@functools.wraps(scipy.interpolate.lagrange)
def lagrange(x: Any, w: Any) -> Any:
    """Give the coefficients of the polynomial through all nodes; of plain ones."""
    if holds_tracer((x, w)):
        raise undefined(
            "scipy.interpolate.lagrange", "it gives an np.poly1d",
            "use barycentric_interpolate, or np.polyfit",
        )  # fmt: skip
    return scipy.interpolate.lagrange(x, w)
