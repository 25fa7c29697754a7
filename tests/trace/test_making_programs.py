"""Random programs that make arrays, lists and floats, beside NumPy's own run of them.

What NumPy's protocols do not see: zeros that traced values are written into, lists of
them, math, helper functions, derivatives inside that read what is written outside.
"""

import math

import numpy as np
import pytest

import wengert.engines  # noqa: F401
from wengert import grad, hessian, hvp, jacfwd, jacrev, jvp, trace, value_and_grad
from wengert.engines.engine import open_engine

N = 4
HELPERS = """
import math
import numpy as np
from numpy import zeros, array as vector
import scipy.special as sp
import scipy.linalg as sla
from math import sin, exp as grow
from wengert import grad, jvp

def smooth(v):
    out = zeros(len(v))
    for k in range(len(v)):
        out[k] = 0.5 * v[k] + 0.25 * (v[k - 1] + v[(k + 1) % len(v)])
    return out

def push(store, value):
    store[1:] = store[:-1].copy()
    store[0] = value
    return store

class Box:
    def __init__(self, v):
        self.v = np.array(v)
    def add(self, s):
        self.v += s
        return self.v

def inner(y, t):
    return grad(lambda s: s * y[0] + sin(s) * vector([s, y[1]]).sum())(t)

def along(y, t):
    return jvp(lambda s: np.array([s * y[1], grow(-s * s)]).prod(), (t,), (y[2],))[1]
"""


class Writer:
    """Draws statements on vectors of length N, scalars, and matrices 2 × 2."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.vectors, self.scalars, self.matrices = ["x"], ["x[0]"], []
        self.count = 0

    def new(self, kind):
        self.count += 1
        name = f"{kind}{self.count}"
        {"v": self.vectors, "s": self.scalars, "m": self.matrices}[kind].append(name)
        return name

    def pick(self, names):
        return str(self.rng.choice(names))

    def s(self):
        i = int(self.rng.integers(-N, N))
        return self.pick([
            f"{self.pick(self.vectors)}[{i}]", self.pick(self.scalars), "0.5",
            f"float({self.pick(self.scalars)})",
            f"math.tanh({self.pick(self.scalars)})",
        ])  # fmt: skip

    def statement(self):
        r, v = self.rng, self.pick(self.vectors)
        i, j = (int(k) for k in r.integers(0, N, 2))
        target = self.pick(self.vectors)
        a, b, c, d = (self.s() for _ in range(4))
        w = self.pick(self.vectors)
        size = int(r.integers(1, N))
        old = [
            f"{target}[{i}] = {a}",
            f"{target}[{i}] += {a} * {b}",
            f"{target}[{size}:] = {v}[:-{size}]",
            f"{target}[{i}], {target}[{j}] = {a}, {target}[{i}]",
            f"{target} *= {a}",
            f"np.multiply({target}, {v}, out={target})",
            f"push({target}, {a})",
            f"for k in range(1, {N}): {target}[k] = 0.5 * {target}[k - 1] + {v}[k]",
            f"{target}.fill({a})" if r.random() < 0.2 else f"{target}.put([{i}], {a})",
            f"np.add.at({target}, [{i}, {i}], [{a}, {b}])",
            f"{target}[::-1][:{size}] = [{', '.join([a, b, c][:size])}]",
            f"{target}[{target} > {w}[{i}]] = {a}",
            f"{target}.flat[{i}:] = {v}[{i}:]",
        ]
        if self.matrices and r.random() < 0.3:
            m = self.pick(self.matrices)
            old = [
                f"{m}[0] = {v}[:2]", f"{m}.T[1] += {a}", f"{m}[:, 0] *= {v}[2:]",
                f"np.fill_diagonal({m}, [{a}, {b}])", f"{m}[[0, 1]] = {m}[[1, 0]]",
                f"{m}.ravel()[{i}] = {a}", f"np.dot({m}.copy(), {m}.T, out={m})",
            ]  # fmt: skip
        if r.random() < 0.45:
            return self.pick(old)
        makers = [
            ("v", f"np.zeros({N})"),
            ("v", f"np.array([{a}, {b}, {c}, {d}])"),
            ("v", f"np.array({v})"), ("v", f"{v}.copy()"), ("v", f"{v}[::-1]"),
            ("v", f"np.full({N}, {a})"), ("v", f"smooth({v})"),
            ("v", f"np.concatenate([[{a}], {v}[1:]])"), ("v", f"{v} * {w}"),
            ("v", f"np.array([math.sin(t) * {a} for t in {v}])"),
            ("v", f"np.vectorize(lambda t: t * {a} + 1)({v})"),
            ("v", f"Box({v}).add({a})"), ("v", f"np.r_[{a}, {v}[:2], 1.0]"),
            ("v", f"np.zeros_like({v}) + {a}"), ("v", f"np.sin(np.arange({N}.0))"),
            ("v", f"vector(sorted({v}))"),
            ("v", f"np.stack([{v}, {w}])[:, :2].ravel()"),
            ("v", f"np.linspace(0, 1, {N})"), ("v", f"np.ones({N}) @ np.eye({N})"),
            ("v", f"sp.expit({v})"), ("v", f"np.where({v} > {a}, {v}, {w})"),
            ("s", f"math.exp(-{a} ** 2)"), ("s", f"np.sum([{a}, {b}])"),
            ("s", f"sum(list({v})[1:])"), ("s", f"float({v}.mean())"),
            ("s", f"math.hypot({a}, 1.0, {b})"), ("s", f"max([{a}, {b}])"),
            ("s", f"inner({v}, {a})"), ("s", f"along({v}, {a})"),
            ("s", f"np.dot([{a}, {b}], {v}[:2])"), ("s", f"{a} * {b}"),
            ("s", f"sp.erf({a}) + math.erf({b})"),
            ("m", f"np.array([[{a}, {b}], [{c}, 2.0]])"), ("m", "np.eye(2)"),
            ("m", f"{v}.reshape(2, 2)"), ("m", f"np.diag([{a}, {b}])"),
        ]  # fmt: skip
        if self.matrices:
            m = self.pick(self.matrices)
            makers += [
                ("v", f"{m}.ravel()"), ("m", f"{m}.T"), ("s", f"np.linalg.det({m})"),
                ("s", f"sla.norm({m} + 3 * np.eye(2))"), ("m", f"{m} @ {m}.T"),
                ("m", f"sla.expm(0.1 * {m})"), ("s", f"{m}[0, 1]"),
            ]  # fmt: skip
        kind, text = makers[int(r.integers(0, len(makers)))]
        return f"{self.new(kind)} = {text}"

    def source(self):
        lines = ["x = x * 1.0"]
        lines += [self.statement() for _ in range(int(self.rng.integers(3, 11)))]
        total = " + ".join(
            f"np.sum(np.tanh({name}))"
            for name in ["x * x", *self.vectors[1:], *self.scalars, *self.matrices]
        )
        body = "\n    ".join([*lines, f"return {total}"])
        return f"{HELPERS}\ndef f(x):\n    {body}\n"


def differences(f, x, h=1e-3):
    rows = []
    for e in np.eye(len(x)):
        d = [f(x + k * h * e) - f(x - k * h * e) for k in (1, 2, 3)]
        rows.append((45 * d[0] - 9 * d[1] + d[2]) / (60 * h))
    return np.array(rows)


def check(seed):
    pytest.importorskip("scipy")
    source = Writer(seed).source()
    namespace = {}
    exec(source, namespace)
    f, x = namespace["f"], np.random.default_rng(seed + 1).uniform(0.2, 1.4, N)
    original = x.copy()
    try:
        value = f(x.copy())
        exact = differences(f, x)
    except (ValueError, OverflowError):
        return False
    finer = differences(f, x, 4e-4)
    # Where the two disagree a kink is near, or the function is steep.
    if not np.allclose(exact, finer, rtol=1e-6, atol=1e-7):
        return False
    close = {"rtol": 1e-5, "atol": 1e-6, "err_msg": source[len(HELPERS) :]}
    found, gradient = value_and_grad(f)(x)
    np.testing.assert_allclose(found, value, **close)
    np.testing.assert_allclose(gradient, exact, **close)
    assert (x == original).all(), "the caller's array was written to"
    np.testing.assert_allclose(jvp(f, (x,), (x,))[1], exact @ x, **close)
    product = hvp(f)(x, x)
    np.testing.assert_allclose(hessian(f)(x) @ x, product, **close)
    np.testing.assert_allclose(jacrev(jacfwd(f))(x) @ x, product, **close)
    if np.abs(product).max() < 1e3:
        second = differences(grad(f), x) @ x
        np.testing.assert_allclose(product, second, rtol=1e-4, atol=1e-4,
                                   err_msg=source[len(HELPERS) :])  # fmt: skip
    (again,) = open_engine("numpy").compile(trace(grad(f), x))(x)
    np.testing.assert_allclose(again, exact, **close)
    assert namespace["np"] is np and namespace["math"] is math
    return True


@pytest.mark.parametrize("seed", range(80))
def test_a_program_that_makes_arrays(seed):
    check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 3000, 100))
def test_many_programs_that_make_arrays(start):
    assert sum(check(seed) for seed in range(start, start + 100)) > 50
