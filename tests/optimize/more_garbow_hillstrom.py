"""The problems of Moré, Garbow & Hillstrom (1981), Testing unconstrained optimization
software, ACM TOMS 7, 17–41: residuals, standard starting points, minima of Σr²."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["PROBLEMS", "Problem"]


class Problem(NamedTuple):
    """A problem.

    Attributes
    ----------
    r : callable
        x → residuals.
    x0 : array
    minima : tuple of float
        Sums of squares at which a descent from x0 may end, to the digits published.
    """

    r: Callable[[Any], Any]
    x0: Any
    minima: tuple[float, ...] = (0.0,)


def counted(n):
    return np.arange(1.0, n + 1)


def rosenbrock(x):
    odd, even = x[::2], x[1::2]
    return np.concatenate([10 * (even - odd**2), 1 - odd])


def freudenstein_roth(x):
    a, b = x
    return np.array([-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b])


def powell_badly_scaled(x):
    return np.array([1e4 * x[0] * x[1] - 1, np.exp(-x[0]) + np.exp(-x[1]) - 1.0001])


def brown_badly_scaled(x):
    return np.array([x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2])


def beale(x):
    return np.array([1.5, 2.25, 2.625]) - x[0] * (1 - x[1] ** counted(3))


def jennrich_sampson(x):
    i = counted(10)
    return 2 + 2 * i - np.exp(i * x[0]) - np.exp(i * x[1])


def helical_valley(x):
    # θ of the paper: continuous but on the negative part of the second axis.
    turn = np.arctan(x[1] / x[0]) / (2 * np.pi) + np.where(x[0] < 0, 0.5, 0.0)
    radius = np.sqrt(x[0] ** 2 + x[1] ** 2)
    return np.array([10 * (x[2] - 10 * turn), 10 * (radius - 1), x[2]])


BARD = np.array([
    0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10,
    4.39,
])  # fmt: skip


def bard(x):
    u = counted(15)
    v = 16 - u
    return BARD - (x[0] + u / (v * x[1] + np.minimum(u, v) * x[2]))


HALF = [0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521]
GAUSSIAN = np.array([*HALF, 0.3989, *HALF[::-1]])


def gaussian(x):
    t = (8 - counted(15)) / 2
    return x[0] * np.exp(-x[1] * (t - x[2]) ** 2 / 2) - GAUSSIAN


MEYER = np.array([
    34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427,
    3820, 3307, 2872,
])  # fmt: skip


def meyer(x):
    return x[0] * np.exp(x[1] / (45 + 5 * counted(16) + x[2])) - MEYER


def gulf(x):
    t = counted(99) / 100
    y = 25 + (-50 * np.log(t)) ** (2 / 3)
    return np.exp(-(np.abs(y - x[1]) ** x[2]) / x[0]) - t


def box(x):
    t = 0.1 * counted(10)
    return np.exp(-t * x[0]) - np.exp(-t * x[1]) - x[2] * (np.exp(-t) - np.exp(-10 * t))


def powell_singular(x):
    a, b, c, d = x[::4], x[1::4], x[2::4], x[3::4]
    return np.concatenate(
        [a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2]
    )


def wood(x):
    a, b, c, d = x
    return np.array([
        10 * (b - a**2), 1 - a, 90**0.5 * (d - c**2), 1 - c, 10**0.5 * (b + d - 2),
        (b - d) / 10**0.5,
    ])  # fmt: skip


KOWALIK_Y = np.array([
    0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235,
    0.0246,
])  # fmt: skip
KOWALIK_U = np.array([4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])


def kowalik_osborne(x):
    u = KOWALIK_U
    return KOWALIK_Y - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])


def brown_dennis(x):
    t = counted(20) / 5
    first = x[0] + t * x[1] - np.exp(t)
    return first**2 + (x[2] + x[3] * np.sin(t) - np.cos(t)) ** 2


OSBORNE1 = np.array([
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718,
    0.685, 0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467,
    0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406,
])  # fmt: skip


def osborne_first(x):
    t = 10 * (counted(33) - 1)
    return OSBORNE1 - (x[0] + x[1] * np.exp(-t * x[3]) + x[2] * np.exp(-t * x[4]))


def biggs(x):
    t = 0.1 * counted(13)
    y = np.exp(-t) - 5 * np.exp(-10 * t) + 3 * np.exp(-4 * t)
    return (
        x[2] * np.exp(-t * x[0]) - x[3] * np.exp(-t * x[1]) + x[5] * np.exp(-t * x[4])
    ) - y


OSBORNE2 = np.array([
    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679,
    0.608, 0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644,
    0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391,
    0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668,
    0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581,
    0.428, 0.292, 0.162, 0.098, 0.054,
])  # fmt: skip


def osborne_second(x):
    t = (counted(65) - 1) / 10
    peaks = sum(x[1 + k] * np.exp(-((t - x[8 + k]) ** 2) * x[5 + k]) for k in range(3))
    return OSBORNE2 - (x[0] * np.exp(-t * x[4]) + peaks)


def watson(x):
    n = x.size
    powers = (counted(29) / 29)[:, None] ** np.arange(n)
    slope = powers[:, :-1] @ (np.arange(1, n) * x[1:])
    rest = np.array([x[0], x[1] - x[0] ** 2 - 1])
    return np.concatenate([slope - (powers @ x) ** 2 - 1, rest])


def penalty_first(x):
    return np.concatenate([1e-5**0.5 * (x - 1), np.array([x @ x - 0.25])])


def penalty_second(x):
    n, a = x.size, 1e-5**0.5
    i, e = counted(n), np.exp(x / 10)
    y = np.exp(i / 10) + np.exp((i - 1) / 10)
    return np.concatenate([
        x[:1] - 0.2,
        a * (e[1:] + e[:-1] - y[1:]),
        a * (e[1:] - np.exp(-0.1)),
        np.array([np.sum((n - i + 1) * x**2) - 1]),
    ])  # fmt: skip


def variably_dimensioned(x):
    s = counted(x.size) @ (x - 1)
    return np.concatenate([x - 1, np.array([s, s**2])])


def trigonometric(x):
    n = x.size
    return n - np.sum(np.cos(x)) + counted(n) * (1 - np.cos(x)) - np.sin(x)


def brown_almost_linear(x):
    n = x.size
    return np.concatenate([(x + x.sum() - (n + 1))[:-1], np.array([np.prod(x) - 1])])


def boundary_value(x):
    n = x.size
    h, zero = 1 / (n + 1), np.zeros(1)
    t = counted(n) * h
    before, after = np.concatenate([zero, x[:-1]]), np.concatenate([x[1:], zero])
    return 2 * x - before - after + h**2 * (x + t + 1) ** 3 / 2


def integral_equation(x):
    n = x.size
    h = 1 / (n + 1)
    t = counted(n) * h
    cubes = (x + t + 1) ** 3
    lower = np.cumsum(t * cubes)
    above = (1 - t) * cubes
    upper = np.sum(above) - np.cumsum(above)
    return x + h * ((1 - t) * lower + t * upper) / 2


def broyden_tridiagonal(x):
    zero = np.zeros(1)
    before, after = np.concatenate([zero, x[:-1]]), np.concatenate([x[1:], zero])
    return (3 - 2 * x) * x - before - 2 * after + 1


def broyden_banded(x):
    n = x.size
    rows, columns = np.indices((n, n))
    band = (columns >= rows - 5) & (columns <= rows + 1) & (columns != rows)
    return x * (2 + 5 * x**2) + 1 - band.astype(float) @ (x * (1 + x))


def linear_full_rank(x, m=20):
    mean = 2 / m * np.sum(x)
    return np.concatenate([x - mean - 1, np.full(m - x.size, -1.0) - mean])


def linear_rank_one(x, m=20):
    return counted(m) * (counted(x.size) @ x) - 1


def linear_rank_one_with_zeros(x, m=20):
    weights = counted(x.size)
    weights[[0, -1]] = 0
    rows = counted(m) - 1
    rows[[0, -1]] = 0
    return rows * (weights @ x) - 1


def chebyquad(x):
    n = x.size
    shifted = 2 * x - 1
    before, now, means = np.ones(n), shifted, []
    for i in range(1, n + 1):
        integral = -1 / (i**2 - 1) if i % 2 == 0 else 0.0
        means.append(np.mean(now) - integral)
        before, now = now, 2 * shifted * now - before
    return np.array(means)


def bent(n):
    t = counted(n) / (n + 1)
    return t * (t - 1)


PROBLEMS = {
    "Rosenbrock": Problem(rosenbrock, [-1.2, 1]),
    "Freudenstein and Roth": Problem(freudenstein_roth, [0.5, -2], (0.0, 48.9842)),
    "Powell badly scaled": Problem(powell_badly_scaled, [0, 1]),
    "Brown badly scaled": Problem(brown_badly_scaled, [1, 1]),
    "Beale": Problem(beale, [1, 1]),
    "Jennrich and Sampson": Problem(jennrich_sampson, [0.3, 0.4], (124.362,)),
    "helical valley": Problem(helical_valley, [-1, 0, 0]),
    "Bard": Problem(bard, [1, 1, 1], (8.21487e-3,)),
    "Gaussian": Problem(gaussian, [0.4, 1, 0], (1.12793e-8,)),
    "Meyer": Problem(meyer, [0.02, 4000, 250], (87.9458,)),
    "Gulf": Problem(gulf, [5, 2.5, 0.15]),
    "Box": Problem(box, [0, 10, 20]),
    "Powell singular": Problem(powell_singular, [3, -1, 0, 1]),
    "Wood": Problem(wood, [-3, -1, -3, -1]),
    "Kowalik and Osborne": Problem(
        kowalik_osborne, [0.25, 0.39, 0.415, 0.39], (3.07505e-4,)
    ),
    "Brown and Dennis": Problem(brown_dennis, [25, 5, -5, -1], (85822.2,)),
    "Osborne 1": Problem(osborne_first, [0.5, 1.5, -1, 0.01, 0.02], (5.46489e-5,)),
    # The standard start, x₅ = 1, is symmetric in two terms, which only rounding would
    # tell apart: nudged.
    "Biggs": Problem(biggs, [1, 2, 1, 1, 1.01, 1], (0.0, 5.65565e-3)),
    "Osborne 2": Problem(
        osborne_second,
        [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5],
        (4.01377e-2,),
    ),
    "Watson, 6": Problem(watson, np.zeros(6), (2.28767e-3,)),
    "Watson, 9": Problem(watson, np.zeros(9), (1.39976e-6,)),
    "Watson, 12": Problem(watson, np.zeros(12), (4.72238e-10,)),
    "extended Rosenbrock": Problem(rosenbrock, [-1.2, 1] * 5),
    "extended Powell singular": Problem(powell_singular, [3, -1, 0, 1] * 3),
    "penalty I, 4": Problem(penalty_first, counted(4), (2.24997e-5,)),
    "penalty I, 10": Problem(penalty_first, counted(10), (7.08765e-5,)),
    "penalty II, 4": Problem(penalty_second, np.full(4, 0.5), (9.37629e-6,)),
    "penalty II, 10": Problem(penalty_second, np.full(10, 0.5), (2.93660e-4,)),
    "variably dimensioned": Problem(variably_dimensioned, 1 - counted(10) / 10),
    "trigonometric": Problem(trigonometric, np.full(10, 0.1), (0.0, 2.79506e-5)),
    "Brown almost linear": Problem(brown_almost_linear, np.full(10, 0.5), (0.0, 1.0)),
    "boundary value": Problem(boundary_value, bent(10)),
    "integral equation": Problem(integral_equation, bent(10)),
    "Broyden tridiagonal": Problem(broyden_tridiagonal, np.full(10, -1.0)),
    "Broyden banded": Problem(broyden_banded, np.full(10, -1.0)),
    "linear, full rank": Problem(linear_full_rank, np.ones(10), (10.0,)),
    "linear, rank 1": Problem(linear_rank_one, np.ones(10), (20 * 19 / 82,)),
    "linear, rank 1 with zeros": Problem(
        linear_rank_one_with_zeros, np.ones(10), ((400 + 60 - 6) / 74,)
    ),
    "Chebyquad, 7": Problem(chebyquad, counted(7) / 8),
    "Chebyquad, 8": Problem(chebyquad, counted(8) / 9, (3.51687e-3,)),
    "Chebyquad, 10": Problem(chebyquad, counted(10) / 11, (6.50395e-3, 4.77271e-3)),
}
