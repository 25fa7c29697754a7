"""Programs with Python loops, of T steps, and what they are run on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Program = tuple[Callable[..., Any], Any]
LOOPS: dict[str, Callable[[int], Program]] = {}


def loop(make: Callable[[int], Program]) -> Callable[[int], Program]:
    LOOPS[make.__name__] = make
    return make


def points(*shape: int) -> Any:
    return np.random.default_rng(7).normal(size=shape)


@loop
def scalar_map(T):
    def f(x):
        for _ in range(T):
            x = x + 0.01 * np.sin(x) * x
        return x

    return f, 0.5


@loop
def sum_over_elements(T):
    def f(x):
        s = 0.0
        for i in range(T):
            s = s + np.sin(x[i]) * x[i + 1]
        return s

    return f, points(T + 1)


@loop
def every_second_element_backwards(T):
    def f(x):
        s = 1.0
        for i in range(T):
            s = 0.9 * s + np.cos(x[2 * T - 1 - 2 * i]) * x[i, None]
        return s[0]

    return f, points(2 * T)


@loop
def filled_array(T):
    def f(x):
        y = np.zeros(T)
        y[0] = x[0]
        for i in range(1, T):
            y[i] = 0.5 * y[i - 1] + x[i]
        return (y**2).sum()

    return f, points(T)


@loop
def rows_of_a_matrix(T):
    def f(x):
        y = np.zeros((T, 3))
        y[0] = x[0]
        for i in range(1, T):
            y[i] = np.tanh(y[i - 1] + x[i])
        return (y * x).sum()

    return f, points(T, 3)


@loop
def columns_and_diagonal(T):
    def f(x):
        s = 0.0
        v = np.zeros(T)
        for i in range(T):
            s = s + x[i, i] * np.sin(x[0, i])
            v = np.cos(v) + x[:, i]
        return s + v.sum()

    return f, points(T, T)


@loop
def two_writes_a_step(T):
    def f(x):
        y = np.zeros(2 * T)
        s = 0.1
        for i in range(T):
            s = np.sin(s + x[i])
            y[2 * i] = s * x[i]
            y[2 * i + 1] = s - x[i]
        return (y**3).sum()

    return f, points(T)


@loop
def the_same_place_again(T):
    def f(x):
        y = np.zeros(3)
        for i in range(T):
            y[i % 2] = y[i % 2] + x[i] * np.sin(x[0] + y[2])
            y[2] = x[i]
        return (y**2).sum()

    return f, points(T)


@loop
def permuted(T):
    order = np.random.default_rng(1).permutation(T)

    def f(x):
        y = np.zeros(T)
        s = 0.0
        for i in range(T):
            y[order[i]] = np.sin(x[i])
            s = s + x[order[i]] * 0.5**i
        return s + (y * x).sum()

    return f, points(T)


@loop
def heat(T):
    def f(u):
        u = u.copy()
        for _ in range(T):
            u[1:-1] += 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2])
        return (u**2).sum()

    return f, points(7)


@loop
def runge_kutta(T):
    A = np.array([[0.0, 1.0], [-1.0, -0.1]])

    def slope(t, y):
        return A @ y + np.sin(y) * t

    def f(y):
        h = 0.0123
        for i in range(T):
            t = i * h
            k1 = slope(t, y)
            k2 = slope(t + h / 2, y + h / 2 * k1)
            k3 = slope(t + h / 2, y + h / 2 * k2)
            k4 = slope(t + h, y + h * k3)
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return (y**2).sum()

    return f, np.array([1.0, 0.5])


@loop
def long_short_term_memory(T):
    text = points(T, 3)

    def logistic(a):
        return 1 / (1 + np.exp(-a))

    def f(W):
        h, c, seen = np.zeros(2), np.zeros(2), []
        for t in range(T):
            i, r, o, g = np.split(W @ np.concatenate([h, text[t]]), 4)
            c = logistic(r) * c + logistic(i) * np.tanh(g)
            h = logistic(o) * np.tanh(c)
            seen.append(h)
        return (np.stack(seen) ** 2).sum()

    return f, points(8, 5) * 0.3


@loop
def nested(T):
    def f(x):
        for _ in range(T):
            y = x
            for j in range(5):
                y = y + 0.1 * np.sin(y) * (j + 1)
            x = 0.9 * x + 0.1 * y
        return x

    return f, 0.5


@loop
def nested_both_long(T):
    def f(x):
        s = x[0]
        for i in range(T):
            for j in range(30):
                s = np.sin(s) + 0.1 * x[j] * np.cos(s * i * 0.01)
        return s

    return f, points(30)


@loop
def two_steps_back(T):
    def f(x):
        a, b = x, 2 * x
        for _ in range(T):
            a, b = b, 0.9 * np.sin(a) + np.cos(b) * x
        return b

    return f, 0.3


@loop
def three_steps_back_in_an_array(T):
    def f(x):
        y = np.zeros(T + 3)
        y[0] = y[1] = y[2] = x
        for i in range(T):
            y[i + 3] = np.sin(y[i]) + y[i + 2] * 0.3
        return y.sum()

    return f, 0.3


@loop
def branches(T):
    def f(x):
        s = 0.0
        for i in range(T):
            if x[i] > -9 and not x[i] > 9:
                s = s + x[i] ** 2
            else:
                s = s - 1
        return s

    return f, points(T)


@loop
def losses(T):
    def f(x):
        seen = []
        for _ in range(T):
            x = np.sin(x) + 0.1
            seen.append(x * x)
        return sum(seen) + np.array(seen).prod() + seen[T // 2] * seen[0]

    return f, 0.7


@loop
def joined_parts(T):
    def f(x):
        seen = []
        for _ in range(T):
            x = np.sin(x) + 0.1
            seen.append(x * x)
        return (np.concatenate(seen) * np.stack(seen, axis=1).ravel()).sum()

    return f, points(3)


@loop
def powers(T):
    def f(x):
        s = 0.0
        for k in range(T):
            s = s + x**k / (k + 1)
        return s

    return f, 0.8


@loop
def swapped(T):
    def f(x):
        a, b = x[:3], x[3:]
        for _ in range(T):
            a, b = b * 0.9, np.sin(a)
        return (a * b).sum()

    return f, points(6)


@loop
def weights_used_again(T):
    def f(W):
        x = np.ones(3)
        for _ in range(T):
            x = np.tanh(W @ x + W[0])
        return x.sum()

    return f, points(3, 3)


@loop
def stairs(T):
    def f(c):
        D = np.zeros((T + 1, 5))
        for i in range(1, T + 1):
            for j in range(1, 5):
                D[i, j] = (
                    np.sin(D[i - 1, j]) + D[i, j - 1] * D[i - 1, j - 1] + c[i - 1, j]
                )
        return D[-1].sum()

    return f, points(T, 5)


@loop
def irregular(T):
    def f(x):
        for i in range(T):
            x = np.sin(x) * 1.1
            if i % 7 == 3 or i == 11:
                x = x + 0.2
            if i == 20:
                x = np.cos(x)
        return x

    return f, 0.4
