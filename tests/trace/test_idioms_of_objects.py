"""Idioms with objects, generators and helper modules: each has its derivatives."""

import copy
import dataclasses
import functools
import math

import numpy as np
import pytest

from tests.trace import helpers_of_a_user as helpers
from tests.trace.helpers_of_a_user import Filter, decay
from tests.trace.test_idioms import check
from wengert import grad, jvp

IDIOMS = {}


def idiom(f):
    IDIOMS[f.__name__] = f
    return f


@dataclasses.dataclass
class State:
    position: np.ndarray
    log: list

    def move(self, by):
        self.position += by
        self.log.append(self.position.copy())


@idiom
def dataclass(x):
    state = State(np.zeros(4), [])
    for k in range(3):
        state.move(x**k)
    return np.prod(state.log[1]) + np.sum(state.log[2] * state.position)


@idiom
def dictionaries(x):
    p = {"rate": float(x[0]), "work": np.zeros(2), "names": ("a", "b")}
    q = copy.deepcopy(p)
    p["work"][0] = x[1]
    q["work"][:] = [p["rate"], x[2]]
    return (p["work"] + q["work"]).prod() * q["rate"]


@idiom
def generator(x):
    def states():
        y = np.zeros(2)
        for t in x:
            y[0], y[1] = y[1], t * y[0] + t
            yield y.copy()

    return sum(state.sum() ** 2 for state in states())


class Model:
    """Methods of all kinds, and work arrays as attributes."""

    order = 3

    def __init__(self):
        self.table = np.zeros(4)

    @staticmethod
    def scale(t):
        return math.exp(t)

    @classmethod
    def power(cls, t):
        return np.array([t**k for k in range(cls.order)])

    @property
    def total(self):
        return float(self.table.sum())

    def __call__(self, x):
        self.table = np.zeros(4)
        for i, t in enumerate(x):
            self.table[i] = self.scale(t) * self.power(t).sum()
        return self.total


IDIOMS["object"] = Model()
IDIOMS["method"] = Model().__call__
IDIOMS["partial"] = functools.partial(lambda k, x: np.array([x[0], k]).prod(), 3.0)


@idiom
def helper_module(x):
    turned = helpers.rotation(x[0]) @ x[1:3]
    return turned[0] * decay(x)[2] + helpers.chain(x)[0] ** 2 * helpers.shooting(x)


@idiom
def helper_class(x):
    f = Filter(3)
    for t in x:
        f.step(t)
    return f.energy


@idiom
def recursion(x):
    def tree(y):
        if len(y) == 1:
            return np.array([y[0] ** 2])
        half = len(y) // 2
        z = np.empty(len(y))
        z[:half], z[half:] = tree(y[:half]), tree(y[half:])
        return z * z.sum()

    return tree(x).sum()


@idiom
def leaks_on_a_branch(x):
    y = x**2
    if y[0] < 0.6:
        y = np.array([y[0], y[1] * y[2]])
    return y.prod()


@idiom
def a_derivative_inside(x):
    y = np.zeros(2)
    y[0] = x[0]
    y[1] = grad(lambda t: math.exp(t) * y[0] + np.array([t, x[1]]).prod())(x[1])
    _, tangent = jvp(lambda t: np.array([t, t * x[2]]).prod(), (y[1],), (x[3],))
    return y.prod() + tangent


@pytest.mark.parametrize("name", IDIOMS)
def test_an_idiom_has_its_derivatives(name):
    check(IDIOMS[name])
