"""Idioms of NumPy code as scientists write it: each has its derivatives.

None of these functions knows of wengert. They make arrays and fill them, turn values
into floats, keep lists, and import NumPy in all the ways there are.
"""

import cmath
import math
from math import pi, sqrt

import numpy
import numpy as np
import numpy.linalg as la
import pytest
from numpy import exp as npexp
from numpy import zeros, zeros_like

from wengert import grad, hessian, jacfwd, jacrev

X = np.array([0.7, 1.3, 0.4, 0.9])
IDIOMS = {}


def idiom(f):
    IDIOMS[f.__name__] = f
    return f


# ----- making arrays -----


@idiom
def one_element(x):
    y = np.zeros(3)
    y[0] = x[0] * x[1]
    return y.sum() ** 2


@idiom
def a_list(x):
    return np.sum(np.array([x[0], 2 * x[1], 1.0]) ** 3)


@idiom
def full(x):
    return np.sum(np.full(3, x[0]) ** 2) + np.full_like(x, x[1]).prod()


@idiom
def asarray(x):
    x = np.asarray(x, dtype=float)
    x = np.ascontiguousarray(np.atleast_1d(x))
    return (x**3).sum()


@idiom
def sum_of_a_list(x):
    return np.sum([x[0], x[1] * x[0]]) ** 2


@idiom
def concatenate(x):
    return np.sum(np.concatenate([[x[0]], x, [1.0], (x[1],)]) ** 2)


@idiom
def from_import(x):
    y = zeros(4)
    y[:] = npexp(x)
    z = zeros_like(y)
    z[1:] = y[:-1]
    return (y * z).sum()


@idiom
def full_name(x):
    y = numpy.zeros((2, 2))
    y[0], y[1] = x[:2], x[2:]
    return numpy.linalg.det(y)


@idiom
def module_alias(x):
    return la.norm([x[0], x[1] ** 2]) * la.det([[x[0], x[1]], [x[2], 2.0]])


@idiom
def local_import(x):
    import numpy as anp

    y = anp.empty(2)
    y[0], y[1] = x[0] ** 2, x[1]
    return anp.prod(y)


@idiom
def local_from_import(x):
    from math import tanh

    from numpy import array

    return array([tanh(x[0]), x[1]]).prod()


def _closing():
    import numpy as anp

    def f(x):
        y = anp.ones(4)
        y[1:3] = x[1:3]
        return anp.prod(y) ** 2

    return f


IDIOMS["closure"] = _closing()


@idiom
def two_dimensions(x):
    m = np.empty((4, 4))
    for i in range(4):
        for j in range(4):
            m[i, j] = x[i] * x[j] ** 2 if i != j else 3.0
    return np.linalg.det(m)


@idiom
def rotation_matrix(x):
    c, s = math.cos(x[0]), math.sin(x[0])
    turned = np.array([[c, -s], [s, c]]) @ x[1:3]
    return turned[0] ** 2 * turned[1]


@idiom
def block(x):
    a = np.array([[x[0], 1.0], [2.0, x[1]]])
    return np.linalg.det(np.block([[a, np.eye(2)], [np.zeros((2, 2)), a.T * x[2]]]))


@idiom
def brackets(x):
    y = np.r_[x[0], x[1:], 1.0, 0:2]
    z = np.c_[x, x**2]
    return (y**2).sum() + (z[:, 0] * z[:, 1]).sum()


@idiom
def stacks(x):
    rows = [x * k for k in range(1, 4)]
    m = np.vstack(rows) + np.stack([x[:1], x[1:2], x[2:3]])
    return np.hstack([m[0], [x[0]]]).prod() + np.column_stack([x, x])[1].sum() ** 2


@idiom
def comprehension(x):
    return np.array([[a * b for b in x] for a in x[:2]]).sum() + max(t**2 for t in x)


@idiom
def diagonal_matrix(x):
    m = np.diag([1.0, 2.0, 3.0])
    m[0, 1] = x[0]
    m[np.arange(3), np.arange(3)] += x[:3]
    m[np.triu_indices(3, 1)] *= x[3]
    return np.linalg.det(m + m.T)


@idiom
def mapped(x):
    return np.vectorize(lambda t: t**2 if t > 0.5 else math.sin(t))(x).sum() ** 2


@idiom
def decorated(x):
    @np.vectorize
    def wave(t, k):
        return math.sin(t) * k

    return wave(x, np.arange(4)).sum() * wave(1.0, x[0])


@idiom
def from_an_iterator(x):
    return np.fromiter((t * t for t in x), float).prod()


@idiom
def from_a_function(x):
    return np.fromfunction(lambda i, j: x[0] ** 2 * i + x[1] * j, (2, 3)).prod() + x[2]


@idiom
def steps(x):
    return (np.arange(0, 3 * x[0], x[1]) ** 2).sum()


@idiom
def numpy_scalar(x):
    return np.float64(x[0]) ** 2 * np.double(x[1])


@idiom
def zero_dimensions(x):
    y = np.array(0.0)
    for t in x:
        y += t**2
    y[...] = y * x[0]
    y[()] = y**2
    return y


# ----- floats and math -----


@idiom
def float_of_a_value(x):
    return float(np.sum(x**2)) * float(x[0])


@idiom
def float_in_a_guard(x):
    if float(x[0]) > 0.5 and math.isfinite(x[1]) and not math.isnan(x[2]):
        return x[0] ** 2 * x[1]
    return x[1]


@idiom
def math_functions(x):
    a, b, c, d = x
    total = math.exp(a) + math.sqrt(b) + math.log(c) + math.log(a, 2) + math.log2(b)
    total += math.pow(b, 2.5) + math.atan2(a, b) + math.hypot(a, b) + math.asin(c)
    total += math.erf(a) + math.gamma(b) + math.lgamma(c) + math.expm1(a) * d
    total += math.fsum([a, b * c]) + math.dist([a, b], (c, 0.0)) + math.prod([a, b, c])
    total += math.fabs(-a) + math.cosh(d) + math.degrees(a) + math.copysign(a, -b)
    return total + math.floor(4 * a) * b + sqrt(a) * pi + math.hypot(a, b, c)


@idiom
def complex_numbers(x):
    z = complex(x[0], x[1])
    w = cmath.exp(z) * cmath.sqrt(z) + cmath.rect(x[2], x[3])
    return abs(w) + cmath.phase(z) + (z.conjugate() * w).real


@idiom
def isinstance_of_floats(x):
    s = x[0] * 2
    if not isinstance(s, float) or not isinstance(x, np.ndarray):
        s = 0.0
    if isinstance(x[1], (int, float)) and np.isscalar(2.0):
        s = s * x[1]
    return s**2


@idiom
def a_try(x):
    try:
        y = math.sqrt(x[0] - 1)
    except ValueError:
        y = math.sqrt(1 - x[0])
    try:
        x[0] / {}["missing"]
    except KeyError:
        y += x[1] ** 2
    return y * x[2]


# ----- writing -----


@idiom
def in_place_operators(x):
    y = np.arange(4.0)
    y += x
    y[1:] *= x[:-1]
    y[::2] /= x[0]
    y **= 2
    y -= x[::-1]
    return y.prod()


@idiom
def masks(x):
    y = np.zeros(4)
    big = x > 0.8
    y[big] = x[big] ** 2
    y[~big] += 3 * x[~big]
    y[np.where(x < 0.5)] *= 2.0
    y[np.isclose(x, 0.7, atol=0.1)] = x[1]
    return (y**2).sum()


@idiom
def where(x):
    y = np.where(x > 0.8, x**2, 0.0)
    y[0] = x[1]
    return (y * np.arange(4)).sum() ** 2


@idiom
def swaps(x):
    y = list(x)
    y[0], y[1] = y[1], y[0] * y[2]
    z = np.array(y)
    z[0], z[2] = z[2], z[0]
    z[[1, 3]] = z[[3, 1]]
    return (z**2 * np.arange(1, 5)).sum()


@idiom
def views(x):
    m = np.zeros((3, 4))
    m[1] = x
    row, column, tail = m[1], m[:, 2], m[1:][:, 1:][::-1]
    row[0] *= x[1]
    column += x[0]
    tail[0, 0] = x[3] ** 2
    m.T[1, 0] = x[2]
    m.reshape(-1)[-1] = x[1]
    m.ravel()[1:3] += x[:2]
    m[::-1, ::-1][0, 0] *= 2
    return (m**2).sum()


@idiom
def flat(x):
    m = np.ones((2, 2))
    m[0] = x[:2]
    m.flat[1] = x[0] ** 2
    m.flat[2:] = x[2:]
    m.flat = m.flat[::-1] * x
    return np.linalg.det(m)


@idiom
def broadcast(x):
    m = np.empty((3, 4))
    m[:] = x
    m[:, :2] *= x[2:]
    m[1:, [0, 3]] = x[0]
    m[...] += x[:3, None]
    return np.prod(m.sum(axis=0))


@idiom
def numpy_writers(x):
    y = np.zeros(4)
    np.copyto(y, x)
    np.copyto(y, 2.0, where=[True, False, False, False])
    np.put(y, [1], [x[0] * x[1]])
    np.place(y, y > 1.9, [x[2], x[3]])
    np.putmask(y, y < 0.5, y**2)
    m = np.zeros((4, 4))
    np.fill_diagonal(m, y)
    np.fill_diagonal(m[1:], x[0])
    m[0, 3] = x[1]
    return np.linalg.det(m)


@idiom
def methods_that_write(x):
    m = np.empty((2, 4))
    m.fill(x[0])
    m[1] = x
    m.put([0, 7], [x[1], x[2] ** 2])
    m.sort(axis=1)
    y = x.copy()
    y.sort()
    y[::-1].sort()
    z = x * x
    z.partition(2)
    return (m * y).sum() + z[2] * y[0]


@idiom
def out_arguments(x):
    y, m = np.zeros(4), np.zeros((2, 4))
    np.multiply(x, x, out=y)
    np.exp(y, y)
    np.add(y[:-1], y[1:], out=y[1:])
    np.sin(x, out=m[0])
    np.cumsum(y, out=m[1])
    np.maximum(m[0], m[1], out=m[0], where=[True, False, True, False])
    np.dot(m, x, out=y[:2])
    return (m.sum(axis=0, out=np.empty(4)) * y).sum()


@idiom
def overlapping(x):
    y = np.zeros(5)
    y[:4] = x
    y[1:] = y[:-1]
    y[1:] += 2 * y[:-1]
    y[:] = y[::-1]
    y += y[::-1]
    return (y**2 * np.arange(5)).sum()


@idiom
def histogram(x):
    h = np.zeros(3)
    np.add.at(h, [0, 0, 2, 1], x)
    np.subtract.at(h, [1, 1], x[:2] ** 2)
    np.multiply.at(h, [0, 0], x[2])
    return (h**2).sum()


@idiom
def complex_work(x):
    z = np.zeros(4, complex)
    z[0], z[1] = x[0], 1j * x[1]
    z.real = z.real + x
    z.imag = x[::-1]
    z[2:] *= np.exp(1j * x[:2])
    return np.sum(np.abs(z) ** 2 * np.arange(4)) + (z[0] * z[3]).imag


@idiom
def bookkeeping(x):
    order = np.zeros(4, int)
    done = np.zeros(4, bool)
    for k in range(4):
        rest = np.where(done, np.inf, x)
        order[k] = np.argmin(rest)
        done[order[k]] = True
    counts = np.array([int(4 * x[0]), len(x)], dtype=int)
    return (x[order] * np.arange(4)).sum() ** 2 * counts.sum()


@idiom
def enumerations(x):
    m = np.outer(x, x)
    total = 0.0
    for (i, j), v in np.ndenumerate(m):
        m[i, j] = v * (i + 1)
        total += v * (j + 2)
    for place in np.ndindex(2, 2):
        m[place] += x[place[0]]
    return m.sum() * total


# ----- the checks -----


def differences(f, x, h=2e-3):
    """Differences of sixth order, of a function of a vector; exact to about 1e-12."""
    columns = []
    for e in np.eye(len(x)):
        d = [f(x + k * h * e) - f(x - k * h * e) for k in (1, 2, 3)]
        columns.append((45 * d[0] - 9 * d[1] + d[2]) / (60 * h))
    return np.array(columns)


def check(f):
    close = {"rtol": 1e-6, "atol": 1e-7}
    exact = differences(f, X)
    assert np.any(np.abs(exact) > 1e-3), "a constant"
    x = X.copy()
    gradient = grad(f)(x)
    np.testing.assert_allclose(gradient, exact, **close)
    np.testing.assert_allclose(jacfwd(f)(x), exact, **close)
    assert (x == X).all(), "the caller's array was written to"
    second = differences(grad(f), X)
    np.testing.assert_allclose(hessian(f)(x), second, **close)
    np.testing.assert_allclose(jacfwd(jacfwd(f))(x), second, **close)
    np.testing.assert_allclose(jacrev(jacrev(f))(x), second, **close)
    assert np is numpy and "float" not in globals(), "the namespace is as it was"


@pytest.mark.parametrize("name", IDIOMS)
def test_an_idiom_has_its_derivatives(name):
    check(IDIOMS[name])
