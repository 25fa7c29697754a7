"""Images at other places: interpolated between elements, in any coordinates.

Differentiable in the image and in the coordinates, for the orders 0, 1 and 3.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import scipy.ndimage

from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array, plain_value, refuse
from wengert.primitives.gathering import gathered
from wengert.primitives.refusal import undefined
from wengert.primitives.scipy_ndimage.filters import sequence
from wengert.primitives.scipy_signal.convolution import floats

__all__: list[str] = []

_MODES = ("reflect", "grid-mirror", "constant", "grid-constant", "nearest", "mirror",
          "grid-wrap", "wrap")  # fmt: skip


def _supported(name: str, order: int, mode: str) -> None:
    if mode not in _MODES:
        raise RuntimeError("boundary mode not supported")
    cubic = order == 3 and mode in ("reflect", "grid-mirror", "constant", "mirror",
                                    "grid-wrap")  # fmt: skip
    if order not in (0, 1) and not cubic:
        raise undefined(
            f"scipy.ndimage.{name}(order={order}, mode={mode!r})",
            "the orders 0 and 1 have one, and 3 in the modes reflect, constant, mirror "
            "and grid-wrap", "take one of these",
        )  # fmt: skip


def _filtered(x: Any, mode: str) -> Any:
    """Give the coefficients of cubic B-splines: a matrix along each axis."""
    border = "mirror" if mode == "constant" else mode
    for axis, n in enumerate(x.shape):
        if n > 1:
            matrix = scipy.ndimage.spline_filter1d(np.eye(n), 3, axis=0, mode=border)
            moved = np.moveaxis(x, axis, -1) @ matrix.T.astype(x.dtype)
            x = np.moveaxis(moved, -1, axis)
    return x


def _within(u: Any, n: int, mode: str) -> tuple[Any, Any]:
    """Bring coordinates into an axis; tell which ones are outside for good."""
    outside: Any = np.zeros(u.shape, dtype=bool)
    if mode == "constant":
        return u, (u < 0) | (u > n - 1)
    if mode == "nearest":
        return np.clip(u, 0, n - 1), outside
    if mode == "mirror":
        period = max(2 * (n - 1), 1)
        u = np.remainder(u, period) * (n > 1)
        return np.where(u > n - 1, period - u, u), outside
    if mode in ("reflect", "grid-mirror"):
        u = np.remainder(u + 0.5, 2 * n)
        return np.where(u > n, 2 * n - u, u) - 0.5, outside
    if mode == "wrap":
        # SciPy leaves alone what lies inside, the last element too.
        around = np.remainder(u, max(n - 1, 1))
        return np.where((u < 0) | (u > n - 1), around, u), outside
    if mode == "grid-wrap":
        return np.remainder(u, n), outside
    return u, outside


def _index(i: Any, n: int, mode: str) -> tuple[Any, Any]:
    """Bring an index near the axis into it; tell where there is no element."""
    if mode == "grid-constant":
        return np.clip(i, 0, n - 1), (i < 0) | (i > n - 1)
    if mode == "grid-wrap":
        return np.remainder(i, n), None
    if mode in ("reflect", "grid-mirror", "nearest"):
        i = np.where(i < 0, -1 - i, i)
        return np.clip(np.where(i > n - 1, 2 * n - 1 - i, i), 0, n - 1), None
    i = np.absolute(i)
    return np.clip(np.where(i > n - 1, 2 * (n - 1) - i, i), 0, n - 1), None


def _weights(f: Any, order: int) -> list[tuple[int, Any]]:
    """Give what each element near a place counts, at a fraction of the way."""
    if order == 1:
        return [(0, 1 - f), (1, f)]
    g = 1 - f
    return [
        (-1, g * g * g / 6),
        (0, (4 - 6 * f * f + 3 * f * f * f) / 6),
        (1, (4 - 6 * g * g + 3 * g * g * g) / 6),
        (2, f * f * f / 6),
    ]


def _sampled(
    name: str, x: Any, places: list[Any], order: int, mode: str, cval: Any,
    prefilter: bool,
) -> Any:  # fmt: skip
    """Interpolate an image at places, given by a coordinate for each axis."""
    _supported(name, order, mode)
    if order == 3 and prefilter:
        x = _filtered(x, mode)
    near: list[list[tuple[Any, Any, Any]]] = []
    beyond: Any = False
    for u, n in zip(places, x.shape, strict=True):
        u, outside = _within(u, n, mode)
        beyond = beyond | outside
        if order == 0:
            start = np.floor(u + 0.5)
            parts = [(0, np.ones(u.shape, x.dtype))]
        else:
            start = np.floor(u)
            parts = _weights(u - start, order)
        start = start.astype(int)
        near.append([(*_index(start + k, n, mode), w) for k, w in parts])
    total: Any = 0.0
    for corner in itertools.product(*near):
        value = gathered(x, *(i for i, _, _ in corner))
        for _, missing, _ in corner:
            if missing is not None:
                value = np.where(missing, cval, value)
        for _, _, w in corner:
            value = value * w
        total = total + value
    if mode == "constant":
        total = np.where(beyond, cval, total)
    return total


@answers(scipy.ndimage.map_coordinates)
def map_coordinates(
    input: Any, coordinates: Any, output: Any = None, order: int = 3,
    mode: str = "constant", cval: Any = 0.0, prefilter: bool = True,
) -> Any:  # fmt: skip
    """Interpolate an image at coordinates, whose first axis counts the image's axes."""
    refuse("scipy.ndimage.map_coordinates", output=output)
    x, places = floats(input), floats(coordinates)
    if places.shape[0] != x.ndim:
        raise RuntimeError("invalid shape for coordinate array")
    listed = [places[k] for k in range(x.ndim)]
    return _sampled("map_coordinates", x, listed, order, mode, cval, prefilter)


@answers(scipy.ndimage.shift)
def shift(
    input: Any, shift: Any, output: Any = None, order: int = 3, mode: str = "constant",
    cval: Any = 0.0, prefilter: bool = True,
) -> Any:  # fmt: skip
    """Shift an image."""
    refuse("scipy.ndimage.shift", output=output)
    x = floats(input)
    by = sequence(shift, x.ndim)
    grid = np.indices(x.shape).astype(float)
    places = [grid[k] - by[k] for k in range(x.ndim)]
    return _sampled("shift", x, places, order, mode, cval, prefilter)


@answers(scipy.ndimage.zoom)
def zoom(
    input: Any, zoom: Any, output: Any = None, order: int = 3, mode: str = "constant",
    cval: Any = 0.0, prefilter: bool = True, *, grid_mode: bool = False,
) -> Any:  # fmt: skip
    """Enlarge an image by plain factors."""
    refuse("scipy.ndimage.zoom", output=output, grid_mode=grid_mode or None)
    x = floats(input)
    shape = [
        round(n * float(z))
        for n, z in zip(x.shape, sequence(zoom, x.ndim), strict=True)
    ]
    grid = np.indices(shape).astype(float)
    places = [
        grid[k] * ((n - 1) / (m - 1) if m > 1 else 1.0)
        for k, (n, m) in enumerate(zip(x.shape, shape, strict=True))
    ]
    if mode == "constant":  # the last place is the last element, but for rounding
        places = [np.minimum(u, n - 1) for u, n in zip(places, x.shape, strict=True)]
    return _sampled("zoom", x, places, order, mode, cval, prefilter)


@answers(scipy.ndimage.affine_transform)
def affine_transform(
    input: Any, matrix: Any, offset: Any = 0.0, output_shape: Any = None,
    output: Any = None, order: int = 3, mode: str = "constant", cval: Any = 0.0,
    prefilter: bool = True,
) -> Any:  # fmt: skip
    """Give at o the image at `matrix @ o + offset`."""
    refuse("scipy.ndimage.affine_transform", output=output)
    x, matrix = floats(input), floats(matrix)
    n = x.ndim
    if matrix.ndim == 2 and matrix.shape[1] == n + 1:
        matrix, offset = matrix[:n, :n], matrix[:n, n]
    offset = as_array(offset)
    offsets = [offset[k] if offset.ndim else offset for k in range(n)]
    grid = np.indices(x.shape if output_shape is None else output_shape).astype(float)
    if matrix.ndim == 1:
        places = [matrix[k] * grid[k] + offsets[k] for k in range(n)]
    else:
        places = [
            sum(matrix[k, m] * grid[m] for m in range(n)) + offsets[k] for k in range(n)
        ]
    return _sampled("affine_transform", x, places, order, mode, cval, prefilter)


@answers(scipy.ndimage.rotate)
def rotate(
    input: Any, angle: Any, axes: Any = (1, 0), reshape: bool = True,
    output: Any = None, order: int = 3, mode: str = "constant", cval: Any = 0.0,
    prefilter: bool = True,
) -> Any:  # fmt: skip
    """Turn an image by an angle in degrees, in the plane of two axes."""
    refuse("scipy.ndimage.rotate", output=output)
    x = floats(input)
    first, second = sorted(k % x.ndim for k in axes)
    turn = as_array(angle) * (np.pi / 180)
    cosine, sine = np.cos(turn), np.sin(turn)
    shape = list(x.shape)
    size = np.array([shape[first], shape[second]])
    if reshape:
        c, s = (abs(float(plain_value(v))) for v in (cosine, sine))
        new = np.array([[c, s], [s, c]]) @ size
        shape[first], shape[second] = (int(v + 0.5) for v in new)
    middle = ((size - 1) / 2).tolist()
    p, q = (np.array([shape[first], shape[second]]) - 1) / 2
    grid = np.indices(shape).astype(float)
    places = [grid[k] for k in range(x.ndim)]
    u, v = places[first] - p, places[second] - q
    places[first] = cosine * u + sine * v + middle[0]
    places[second] = cosine * v - sine * u + middle[1]
    return _sampled("rotate", x, places, order, mode, cval, prefilter)


@answers(scipy.ndimage.spline_filter1d)
def spline_filter1d(
    input: Any, order: int = 3, axis: int = -1, output: Any = np.float64,
    mode: str = "mirror",
) -> Any:  # fmt: skip
    """Give the coefficients of B-splines along an axis, by a dense matrix."""
    x = np.moveaxis(floats(input), axis, -1)
    identity = np.eye(x.shape[-1])
    matrix = scipy.ndimage.spline_filter1d(identity, order, axis=0, mode=mode)
    return np.moveaxis(x @ matrix.T, -1, axis)


@answers(scipy.ndimage.spline_filter)
def spline_filter(
    input: Any, order: int = 3, output: Any = np.float64, mode: str = "mirror"
) -> Any:
    """Give the coefficients of B-splines along all axes."""
    x = floats(input)
    for axis in range(x.ndim):
        x = spline_filter1d(x, order, axis, mode=mode)
    return x
