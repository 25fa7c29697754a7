"""The likelihood of a mixture of Gaussians, as in ADBench.

Each of k components in d dimensions has a weight α, a mean, and the inverse root of its
covariance: a lower triangle whose diagonal is stored as logarithms. A Wishart prior
holds the triangles. Source: Srajer, Kukelova and Fitzgibbon (2018),
doi:10.1080/10556788.2018.1435651.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import multigammaln

from benchmarks.gradbench.case import Case, eager
from benchmarks.library import Unable
from benchmarks.programs import Native, Program

__all__ = ["SIZES", "case"]

SIZES = ((2, 5, 1000), (10, 25, 1000), (64, 25, 1000))

GAMMA, DEGREES = 1.0, 0  # of the prior


def case(d: int, k: int, n: int) -> Case:
    """Make the program for d dimensions, k components, n points."""
    random = np.random.default_rng(d)
    points = random.normal(size=(n, d))
    alphas, means = random.normal(size=k), random.uniform(size=(k, d))
    triangles = random.normal(size=(k, d * (d + 1) // 2))
    write = writer(points, k)

    def symbolic(ca: Any, _: int) -> tuple[Any, Any]:
        if d > 32:
            raise Unable("too long")  # half a minute to build, seconds a call
        return expression(ca, points, k)

    x = np.concatenate((alphas, means.ravel(), triangles.ravel()))
    native = Native("gmm.cpp", (points, np.array([constant(n, d, k)])), (d, k, n))
    program = Program(write, eager(write), symbolic=symbolic, native=native)
    return Case(f"d = {d}, k = {k}, n = {n:,}", program, x)


def constant(n: int, d: int, k: int) -> float:
    """Give what does not depend on the parameters: of the points, and of the prior."""
    freedom = d + DEGREES + 1
    prior = freedom * d * (math.log(GAMMA) - 0.5 * math.log(2.0))
    prior -= multigammaln(0.5 * freedom, d)
    return float(-0.5 * n * d * math.log(2.0 * math.pi) - k * prior)


def writer(points: Any, k: int) -> Callable[[Any], Callable[[Any], Any]]:
    """Make f(x) of x = (α, means, triangles)."""
    n, d = points.shape
    # Where entry (i, j) of the root lies among diagonal, rest by columns, and a zero.
    place = np.full((d, d), d * (d + 1) // 2)
    columns, rows = np.triu_indices(d, 1)
    place[rows, columns] = d + np.arange(len(rows))
    np.fill_diagonal(place, np.arange(d))
    fixed = constant(n, d, k)

    def write(xp: Any) -> Callable[[Any], Any]:
        data, zero = xp.asarray(points), xp.asarray(np.zeros((k, 1)))

        def f(x: Any) -> Any:
            alphas = x[:k]
            means = x[k : k + k * d].reshape((k, 1, d))
            triangles = x[k + k * d :].reshape((k, -1))
            logs, lower = triangles[:, :d], triangles[:, d:]
            diagonal, log_dets = xp.exp(logs), xp.sum(logs, axis=1)
            roots = xp.concatenate((diagonal, lower, zero), axis=1)[:, place]
            white = xp.matmul(data - means, xp.swapaxes(roots, 1, 2))
            weights = (alphas + log_dets)[:, None]
            logs_of_parts = weights - 0.5 * xp.sum(white**2, axis=2)
            likelihood = xp.sum(log_sum_exp(logs_of_parts)) - n * log_sum_exp(alphas)
            sizes = xp.sum(diagonal**2) + xp.sum(lower**2)
            prior = 0.5 * GAMMA**2 * sizes - DEGREES * xp.sum(log_dets)
            return fixed + likelihood + prior

        def log_sum_exp(a: Any) -> Any:
            top = xp.amax(a, axis=0)
            return top + xp.log(xp.sum(xp.exp(a - top), axis=0))

        return f

    return write


def expression(ca: Any, points: Any, k: int) -> tuple[Any, Any]:
    """Write it for CasADi: a function of point and component, mapped over both."""
    n, d = points.shape
    size = d * (d + 1) // 2
    x = ca.MX.sym("x", k + k * d + k * size)
    alphas = x[:k].T
    means = ca.reshape(x[k : k + k * d], d, k)
    triangles = ca.reshape(x[k + k * d :], size, k)
    logs, lower = triangles[:d, :], triangles[d:, :]
    diagonal, log_dets = ca.exp(logs), ca.sum1(logs)

    part = _part(ca, d).map("parts", "serial", k, [3], [])
    p, w = ca.MX.sym("p", d), ca.MX.sym("w", 1, k)
    m, r = ca.MX.sym("m", d, k), ca.MX.sym("r", size, k)
    point = ca.Function("point", [w, m, r, p], [ca.logsumexp(part(w, m, r, p).T)])
    total = point.map("total", "serial", n, [0, 1, 2], [0])
    roots = ca.vertcat(diagonal, lower)
    likelihood = total(alphas + log_dets, means, roots, points.T)
    likelihood -= n * ca.logsumexp(alphas.T)
    prior = 0.5 * GAMMA**2 * ca.sumsqr(roots) - DEGREES * ca.sum2(log_dets)
    return x, constant(n, d, k) + likelihood + prior


def _part(ca: Any, d: int) -> Any:
    w, m, p = ca.SX.sym("w"), ca.SX.sym("m", d), ca.SX.sym("p", d)
    r = ca.SX.sym("r", d * (d + 1) // 2)
    away = p - m
    white = [r[i] * away[i] for i in range(d)]
    columns, rows = np.triu_indices(d, 1)
    for entry, (row, column) in enumerate(zip(rows, columns, strict=True)):
        white[row] += r[d + entry] * away[int(column)]
    value = w - 0.5 * ca.sumsqr(ca.vertcat(*white))
    return ca.Function("part", [w, m, r, p], [value])
