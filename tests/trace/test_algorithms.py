"""Algorithms that work in place, as textbooks write them: each has its derivatives."""

import math

import numpy as np
import pytest

from tests.trace.test_idioms import check

ALGORITHMS = {}
DATA = np.sin(np.arange(12.0)) + 1.5


def algorithm(f):
    ALGORITHMS[f.__name__] = f
    return f


# ----- differential equations -----


@algorithm
def euler(x):
    y = np.zeros((20, 2))
    y[0] = x[:2]
    for k in range(19):
        y[k + 1, 0] = y[k, 0] + 0.1 * y[k, 1]
        y[k + 1, 1] = y[k, 1] - 0.1 * x[2] * math.sin(y[k, 0])
    return y[-1, 0] ** 2 + y[:, 1].sum()


@algorithm
def runge_kutta(x):
    def slope(t, y):
        out = np.empty_like(y)
        out[0] = x[2] * y[0] - x[3] * y[0] * y[1]
        out[1] = y[0] * y[1] - y[1] + 0.1 * t
        return out

    y, h = np.array([x[0], x[1]]), 0.05
    for k in range(10):
        k1 = slope(k * h, y)
        k2 = slope((k + 0.5) * h, y + h / 2 * k1)
        k3 = slope((k + 0.5) * h, y + h / 2 * k2)
        k4 = slope((k + 1) * h, y + h * k3)
        y += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(y**2)


@algorithm
def heat_equation(x):
    u = np.zeros(12)
    u[3:7] = x
    new = u.copy()
    for _ in range(15):
        new[1:-1] = u[1:-1] + 0.2 * x[0] * (u[2:] - 2 * u[1:-1] + u[:-2])
        new[0], new[-1] = 0.0, u[-2]
        u, new = new, u
    return np.sum(u**2 * np.arange(12))


@algorithm
def wave_equation_in_two_dimensions(x):
    u = np.zeros((3, 5, 5))
    u[0, 2, 2], u[1, 2, 2], u[1, 1, 3] = x[0], x[1], x[2]
    for k in range(6):
        a, b, c = u[k % 3], u[(k + 1) % 3], u[(k + 2) % 3]
        c[1:-1, 1:-1] = 2 * b[1:-1, 1:-1] - a[1:-1, 1:-1]
        c[1:-1, 1:-1] += 0.1 * x[3] * (
            b[2:, 1:-1] + b[:-2, 1:-1] + b[1:-1, 2:] + b[1:-1, :-2]
            - 4 * b[1:-1, 1:-1]
        )  # fmt: skip
    return np.sum(u**2)


@algorithm
def leapfrog(x):
    q, p = x[:2].copy(), x[2:].copy()
    energy = []
    for _ in range(8):
        p -= 0.05 * q * float(np.sqrt(np.dot(q, q))) ** -3
        q += 0.1 * p
        energy.append(0.5 * np.dot(p, p) - 1 / np.linalg.norm(q))
    return np.mean(energy) * np.array(energy).std()


# ----- linear algebra -----


def matrix(x):
    a = np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            a[i, j] = x[i] * x[j] if i != j else 3 + x[i] ** 2
    return a


@algorithm
def thomas(x):
    n = 6
    a, b, c = np.full(n, x[0]), np.full(n, 4 + x[1]), np.full(n, x[2])
    d = np.ones(n)
    d[2] = x[3]
    for i in range(1, n):
        w = a[i] / b[i - 1]
        b[i] -= w * c[i - 1]
        d[i] -= w * d[i - 1]
    d[-1] /= b[-1]
    for i in reversed(range(n - 1)):
        d[i] = (d[i] - c[i] * d[i + 1]) / b[i]
    return (d**2).sum()


@algorithm
def gaussian_elimination(x):
    a, b = matrix(x)[::-1].copy(), np.array(list(x))
    n = len(b)
    for k in range(n):
        pivot = k + int(np.argmax(np.abs(a[k:, k])))
        if pivot != k:
            a[[k, pivot]] = a[[pivot, k]]
            b[k], b[pivot] = b[pivot], b[k]
        for i in range(k + 1, n):
            factor = a[i, k] / a[k, k]
            a[i, k:] -= factor * a[k, k:]
            b[i] -= factor * b[k]
    for k in range(n - 1, -1, -1):
        b[k] = (b[k] - a[k, k + 1 :] @ b[k + 1 :]) / a[k, k]
    return np.sum(b**2) + np.prod(np.diag(a))


@algorithm
def cholesky(x):
    a = matrix(x)
    factor = np.zeros_like(a)
    for i in range(4):
        for j in range(i + 1):
            s = a[i, j] - sum(factor[i, k] * factor[j, k] for k in range(j))
            factor[i, j] = math.sqrt(s) if i == j else s / factor[j, j]
    return factor.sum() * factor[3, 2]


@algorithm
def cholesky_in_place(x):
    a = matrix(x)
    for k in range(4):
        a[k, k] = np.sqrt(a[k, k])
        a[k + 1 :, k] /= a[k, k]
        for j in range(k + 1, 4):
            a[j:, j] -= a[j:, k] * a[j, k]
    a[np.triu_indices(4, 1)] = 0.0
    return np.log(np.diag(a)).sum() * a.sum()


@algorithm
def jacobi_sweeps(x):
    a, y = matrix(x) + 3 * np.eye(4), np.zeros(4)
    d = np.diag(a)
    error, count = np.inf, 0
    while float(error) > 1e-12 and count < 200:
        new = (x - (a @ y - d * y)) / d
        error = np.abs(new - y).max()
        y[:] = new
        count += 1
    return y.sum() ** 2


@algorithm
def gauss_seidel(x):
    a, y = matrix(x) + 3 * np.eye(4), np.zeros(4)
    for _ in range(40):
        for i in range(4):
            y[i] = (x[i] - a[i, :i] @ y[:i] - a[i, i + 1 :] @ y[i + 1 :]) / a[i, i]
    return np.dot(y, x)


@algorithm
def gram_schmidt(x):
    q = matrix(x)
    r = np.zeros((4, 4))
    for j in range(4):
        for i in range(j):
            r[i, j] = q[:, i] @ q[:, j]
            q[:, j] -= r[i, j] * q[:, i]
        r[j, j] = np.linalg.norm(q[:, j])
        q[:, j] /= r[j, j]
    return q[0, 1] * r[1, 2] + r.sum()


@algorithm
def power_iteration(x):
    a, v = matrix(x) + np.diag(x[3] * np.arange(4)), np.ones(4)
    for _ in range(30):
        v = np.linalg.solve(a, v)
        v /= np.sqrt(np.sum(v**2))
    return float(v @ a @ v)


@algorithm
def finite_elements(x):
    n = 5
    stiffness, load = np.zeros((n, n)), np.zeros(n)
    for e in range(n - 1):
        h = 0.5 + 0.1 * x[e]
        ke = np.array([[1.0, -1.0], [-1.0, 1.0]]) / h
        dofs = [e, e + 1]
        stiffness[np.ix_(dofs, dofs)] += ke
        load[dofs] += np.array([h / 2, h / 2]) * x[0]
    stiffness[0, :] = 0
    stiffness[:, 0] = 0
    stiffness[0, 0] = 1
    load[0] = x[1]
    u = np.linalg.solve(stiffness, load)
    return u @ load


# ----- transforms, recurrences -----


@algorithm
def butterfly(x):
    z = np.zeros(8, complex)
    z[[0, 3, 5, 6]] = x
    order = [0, 4, 2, 6, 1, 5, 3, 7]
    z = z[order]
    size = 2
    while size <= 8:
        half = size // 2
        twiddle = np.exp(-2j * np.pi * np.arange(half) / size)
        for start in range(0, 8, size):
            even = z[start : start + half].copy()
            odd = twiddle * z[start + half : start + size]
            z[start : start + half] = even + odd
            z[start + half : start + size] = even - odd
        size *= 2
    return np.sum(np.abs(z) ** 2 * np.arange(8))


@algorithm
def recurrence(x):
    y = np.empty(10)
    y[:2] = x[0], x[1]
    for k in range(2, 10):
        y[k] = x[2] * y[k - 1] - x[3] * y[k - 2] + 0.1 * y[k - 1] ** 2
    return np.cumsum(y)[-1] * y[5]


@algorithm
def horner(x):
    value, slope = 0.0, 0.0
    for c in [1.0, x[1], x[2], x[3]]:
        slope = slope * x[0] + value
        value = value * x[0] + c
    return value * slope


@algorithm
def divided_differences(x):
    nodes, c = np.array([0.0, 0.5, 1.1, 1.8]), np.array(x)
    for j in range(1, 4):
        c[j:] = (c[j:] - c[j - 1 : -1]) / (nodes[j:] - nodes[:-j])
    y = c[-1]
    for k in (2, 1, 0):
        y = y * (x[0] - nodes[k]) + c[k]
    return y**2


@algorithm
def splines(x):
    knots = np.array([0.0, 0, 0, 0, 1, 2, 2, 2, 2])
    b = np.zeros((4, 8))
    for i in range(8):
        b[0, i] = 1.0 if knots[i] <= float(x[0]) < knots[i + 1] else 0.0
    for p in range(1, 4):
        for i in range(8 - p):
            if knots[i + p] > knots[i]:
                b[p, i] += (x[0] - knots[i]) / (knots[i + p] - knots[i]) * b[p - 1, i]
            if knots[i + p + 1] > knots[i + 1]:
                rest = (knots[i + p + 1] - x[0]) / (knots[i + p + 1] - knots[i + 1])
                b[p, i] += rest * b[p - 1, i + 1]
    return b[3, :4] @ x**2


# ----- orders and paths -----


@algorithm
def bubble_sort(x):
    y = x**2
    y[0] += 1
    for i in range(len(y)):
        for j in range(len(y) - 1 - i):
            if y[j] > y[j + 1]:
                y[j], y[j + 1] = y[j + 1], y[j]
    return np.dot(y, [1.0, 2.0, 3.0, 5.0]) ** 2


@algorithm
def quick_sort(x):
    y = np.array([x[1], x[0], x[3], x[2]]) * 2

    def sort(part):
        if len(part) < 2:
            return
        pivot, store = part[-1].copy(), 0
        for i in range(len(part) - 1):
            if part[i] < pivot:
                part[i], part[store] = part[store], part[i]
                store += 1
        part[-1], part[store] = part[store], part[-1]
        sort(part[:store])
        sort(part[store + 1 :])

    sort(y)
    return (y * np.arange(1, 5)).sum() ** 2


@algorithm
def shortest_paths(x):
    d = np.full((4, 4), np.inf)
    np.fill_diagonal(d, 0.0)
    for i in range(4):
        d[i, (i + 1) % 4] = x[i]
    d[0, 2] = x[0] * 5
    for k in range(4):
        np.minimum(d, d[:, k, None] + d[k], out=d)
    return np.sum(d**2)


@algorithm
def edit_distance(x):
    a, b = "kitten", "sitting"
    d = np.zeros((len(a) + 1, len(b) + 1))
    d[:, 0] = np.arange(len(a) + 1) * x[0]
    d[0, :] = np.arange(len(b) + 1) * x[1]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            change = 0.0 if a[i - 1] == b[j - 1] else x[2] + 0.05 * x[3] * i
            d[i, j] = min(d[i - 1, j] + x[0], d[i, j - 1] + x[1],
                          d[i - 1, j - 1] + change)  # fmt: skip
    return d[-1, -1] ** 2


@algorithm
def viterbi(x):
    scores = np.outer(x, x) + np.eye(4)
    best, back = np.zeros((5, 4)), np.zeros((5, 4), dtype=int)
    best[0] = x
    for t in range(1, 5):
        for j in range(4):
            candidates = best[t - 1] + scores[:, j] * (t + 0.1 * j)
            back[t, j] = np.argmax(candidates)
            best[t, j] = candidates[back[t, j]]
    return best[4].max() ** 2


# ----- statistics -----


@algorithm
def kalman_filter(x):
    n = len(DATA)
    mean, var = np.zeros(n), np.zeros(n)
    q, r = math.exp(x[0]), np.exp(x[1])
    m, p, total = x[2], 1.0, 0.0
    for t in range(n):
        m, p = x[3] * m, x[3] ** 2 * p + q
        s = p + r
        gain = p / s
        total += 0.5 * (math.log(2 * math.pi * s) + (DATA[t] - m) ** 2 / s)
        m += gain * (DATA[t] - m)
        p *= 1 - gain
        mean[t], var[t] = m, p
    return total + np.sum(mean * var)


@algorithm
def autoregression(x):
    residuals = np.empty(len(DATA))
    residuals[:2] = DATA[:2]
    for t in range(2, len(DATA)):
        residuals[t] = DATA[t] - np.dot([x[0], x[1]], DATA[t - 2 : t][::-1]) - x[2]
    return 0.5 * np.sum(residuals**2) / x[3] ** 2 + len(DATA) * math.log(x[3])


@algorithm
def moving_variance(x):
    count, mean, m2 = 0, 0.0, 0.0
    for v in np.outer(x, DATA[:3]).ravel():
        count += 1
        delta = v - mean
        mean += delta / count
        m2 += delta * (v - mean)
    return m2 / (count - 1)


@algorithm
def hidden_markov(x):
    a = np.array([[x[0], 1 - x[0]], [x[2], 1 - x[2]]])
    alpha, scale = np.zeros((len(DATA), 2)), np.zeros(len(DATA))
    means = np.array([x[1], x[3]])
    for t, y in enumerate(DATA):
        prior = np.array([0.5, 0.5]) if t == 0 else alpha[t - 1] @ a
        alpha[t] = prior * np.exp(-0.5 * (y - means) ** 2)
        scale[t] = alpha[t].sum()
        alpha[t] /= scale[t]
    return -np.log(scale).sum()


@algorithm
def newton_iteration(x):
    y, error = x[0], 1.0
    while float(abs(error)) > 1e-14:
        error = (y**3 + x[1] * y - x[2]) / (3 * y**2 + x[1])
        y = y - error
    return y * x[3]


@algorithm
def convolution_layer(x):
    image = np.outer(DATA[:6], DATA[6:12])
    kernel = np.array([[x[0], x[1]], [x[2], x[3]]])
    out = np.zeros((5, 5))
    for i in range(5):
        for j in range(5):
            out[i, j] = np.sum(image[i : i + 2, j : j + 2] * kernel)
    out[out > 5] *= 0.1
    return np.tanh(out).sum()


@pytest.mark.parametrize("name", ALGORITHMS)
def test_an_algorithm_has_its_derivatives(name):
    check(ALGORITHMS[name])
