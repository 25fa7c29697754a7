"""Systems that several tests integrate."""

import numpy as np

__all__ = ["decay", "lotka_volterra", "oscillator", "robertson"]


def decay(t, y, k):
    return -k * y


def oscillator(t, y, omega):
    return np.stack([omega * y[1], -omega * y[0]])


def lotka_volterra(t, y, p):
    x, z = y[0], y[1]
    return np.stack([p[0] * x - p[1] * x * z, -p[2] * z + p[3] * x * z])


def robertson(t, y, k):
    first, second, third = k[0] * y[0], k[1] * y[1] ** 2, k[2] * y[1] * y[2]
    return np.stack([-first + third, first - second - third, second])
