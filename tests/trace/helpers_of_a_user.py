"""What a user's own module of helpers looks like: from-imports and work arrays."""

from math import exp, sqrt
from math import sin as sine

from numpy import array, dot, empty, zeros
from numpy import concatenate as join
from numpy.linalg import norm, solve

__all__ = ["Filter", "calls", "chain", "decay", "rotation", "shooting"]

calls = []


def rotation(angle):
    """A matrix that turns the plane."""
    s = sine(angle)
    c = sqrt(1 - s * s)
    return array([[c, -s], [s, c]])


def decay(rates):
    """Products of what is left after each of several stages."""
    calls.append(len(rates))
    y = zeros(len(rates))
    left = 1.0
    for i, rate in enumerate(rates):
        left = left * exp(-rate)
        y[i] = left
    return y


def chain(x):
    """A vector with its ends mirrored, smoothed."""
    padded = join([[x[0]], x, [x[-1]]])
    y = empty(len(x))
    for i in range(len(x)):
        y[i] = dot(padded[i : i + 3], [0.25, 0.5, 0.25])
    return y


def shooting(a):
    """The norm of the solution of a small system."""
    matrix = zeros((2, 2))
    matrix[0, 0], matrix[0, 1] = 3.0, a[0]
    matrix[1, 0], matrix[1, 1] = a[1], 4.0
    return norm(solve(matrix, [a[0], 1.0]))


class Filter:
    """An object that keeps its state in arrays."""

    def __init__(self, size):
        self.state = zeros(size)
        self.gain = zeros((size, size))

    def step(self, u):
        """Take up one value."""
        self.state[1:] = self.state[:-1].copy()
        self.state[0] = u
        self.gain += 0.1 * self.state[:, None] * self.state

    @property
    def energy(self):
        """Sum of squares."""
        return float((self.state**2).sum() + self.gain.trace())
