"""About a hundred small programs, as people write them with nothing but NumPy.

Each is differentiable, at least twice, at its arguments. The conformance tests take all
of them through every mode, order and engine. In the manner of Tangent's `functions.py`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
import math
import operator
from collections import namedtuple
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Case(NamedTuple):
    """A program: its name, the function and the arguments to run it on."""

    name: str
    f: Callable[..., Any]
    args: tuple[Any, ...]


CASES: list[Case] = []

RNG = np.random.default_rng(1964)
V3 = np.array([0.7, -1.2, 0.4])
P3 = np.array([0.8, 1.7, 0.5])
V5 = RNG.normal(size=5)
M33 = RNG.normal(size=(3, 3))
M34 = RNG.normal(size=(3, 4))
B234 = RNG.normal(size=(2, 3, 4))
SPD = M33 @ M33.T + 3 * np.eye(3)


def case(*args: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function into the corpus, with the arguments to run it on."""

    def enter(f: Callable[..., Any]) -> Callable[..., Any]:
        CASES.append(Case(f.__name__, f, args))
        return f

    return enter


def short(name: str, f: Callable[..., Any], *args: Any) -> None:
    """Enter a function of one line."""
    f.__name__ = name
    CASES.append(Case(name, f, args))


# ----- arithmetic and broadcasting -----

short("polynomial", lambda x: 3 * x**2 + 2 * x - 7, 1.3)
short("quotient", lambda x, y: (x - y) / (x + y), 1.3, 0.4)
short("powers", lambda x, y: x**y + 2.0**x + y**-2 + x**0.5, 1.3, 0.4)
short("remainders", lambda x: x % 0.7 + np.fmod(x, 0.4) + divmod(x, 3)[1], 1.25)
short("unary_operators", lambda x: -x + +x * abs(x), V3)
short("reflected_operators", lambda x: 1 - x + 2 / x + 3 * x + 2**x, P3)
short("integers_beside", lambda x: x * np.arange(3) + np.int64(2) * x // 9, P3)
short("a_row_and_a_column", lambda x, y: x[:, None] * y[None, :] + x[:, None], V3, V5)
short("a_scalar_and_a_matrix", lambda s, M: np.sin(s * M).sum() / s, 0.7, M34)
short("three_shapes", lambda x, M, B: (x[:, None] + M) * B, V3, M34, B234)
short("maximum_and_clip", lambda x: np.maximum(x, 0.1) * np.clip(x, -1, 0.5), V3)
short("logistic", lambda x: 1 / (1 + np.exp(-x)), V5)
short("trigonometry", lambda x: np.arctan2(np.sin(x), np.cos(2 * x) + 3), V5)
short("hyperbolic", lambda x: np.arcsinh(np.sinh(x)) * np.tanh(x), V3)
short("logarithms", lambda x: np.log(x) + np.log1p(x) * np.log2(x + 1), P3)
short("no_dependence", lambda x, y: y * 2.0, 1.0, 2.0)
short("an_unused_element", lambda x: x[0] * 2 + x[2], V3)

# ----- Python's own means -----

short("builtin_sum", lambda x: sum(v * v for v in x), V3)
short("builtin_max", lambda x: max(x) * min(x[0], x[1]), V3)
short("sorted_by_key", lambda x: sorted(x, key=lambda v: -v)[1] ** 2, V3)
short("map_and_zip", lambda x, y: sum(map(operator.mul, x, y)), V3, P3)
short("reduced", lambda x: functools.reduce(lambda a, b: a * b + a, x), V3)
short(
    "dict_comprehension",
    lambda x: sum({i: v * i for i, v in enumerate(x)}.values()),
    V3,
)
short("unpacked", lambda x: (lambda a, *rest: a * sum(rest))(*x), V3)
short(
    "keyword_only", lambda x: (lambda v, *, scale=2.0, **k: v * scale)(x, scale=x), 1.5
)
short("partial", lambda x: functools.partial(np.power, x)(3), 1.5)
short("several_outputs", lambda x: (x * 2, {"a": [x[0] ** 2, x]}), V3)
short("math_prod", lambda x: math.prod(x), P3)


@case(1.7)
def while_loop(x):
    count = 0
    while x < 20:
        x, count = x * x, count + 1
    return x * count


@case(0.8, 5)
def continued_fraction(x, k):
    z = 1.0
    for _ in range(k):
        z = x + 1 / z
    return z


@case(V3)
def branches(x):
    total = 0.0
    for v in x:
        if v > 0.5:
            total = total + v**2
        elif v > 0:
            total = total - v
        else:
            total = total * v
    return total


@case(0.4)
def recursion(x):
    def power(n):
        return x if n == 1 else x * power(n - 1) + np.sin(x)

    return power(4)


@case(1.2)
def closure(x):
    def scaled(y):
        return lambda z: x * y + z

    return scaled(x + 1)(x**2)


@case(V5)
def generator(x):
    def partial_sums():
        total = 0.0
        for v in x:
            total = total + v
            yield total * v

    return sum(partial_sums())


@case(1.4)
def early_return(x):
    if x > 1:
        return x**3
    return x


@case(0.6)
def exception_handled(x):
    try:
        if x < 1:
            raise ValueError
        return x
    except ValueError:
        return x**2 * 3
    finally:
        x = x + 1


@case(0.9)
def printing(x):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        print(x, f"{x:.3f}", str(x), repr(x))
    return x * len(out.getvalue().split()[1])


class Layer:
    """An object with state, a property and a call."""

    def __init__(self, weight, bias):
        self.weight, self.bias, self.calls = weight, bias, 0

    @property
    def strength(self):
        return np.sum(self.weight**2)

    def __call__(self, x):
        self.calls += 1
        return np.tanh(self.weight @ x + self.bias)


@case(M33, V3)
def objects(weight, bias):
    layer = Layer(weight, bias)
    return layer(layer(bias)) * layer.strength * layer.calls


class Accumulator:
    """An object that changes."""

    def __init__(self):
        self.total, self.seen = 0.0, []

    def add(self, x):
        self.total = self.total + x
        self.seen.append(x)


@case(V3)
def state_in_an_object(x):
    accumulator = Accumulator()
    for v in x:
        accumulator.add(v * v)
    return accumulator.total * accumulator.seen[-1]


@dataclasses.dataclass
class Body:
    """A pytree."""

    place: Any
    mass: Any = 1.0


@case(Body(np.array([1.0, 2.0]), 3.0))
def dataclass_argument(body):
    return Body(body.place * body.mass, np.sum(body.place) / body.mass)


Point = namedtuple("Point", "x y")


@case(Point(0.3, 0.7), {"scale": 2.0, "shift": [V3, None, ()]})
def pytree_arguments(p, settings):
    return {"y": p.x * settings["scale"] + p.y * settings["shift"][0], "none": None}


@case(V3, 1.5)
def starred_arguments(*args, factor=2.0, **others):
    return args[0] * args[1] * factor


# ----- reading and arranging -----

short("slices", lambda x: x[1:] * x[:-1] + x[::-1][1:] ** 2, V5)
short("negative_indices", lambda x: x[-1] * x[-2] + x[0], V5)
short("columns", lambda M: M[:, 1] * M[:, -1] + M[..., 0], M34)
short("fancy_indices", lambda x: x[[0, 2, 2]] * x[np.array([[1], [0]])], V3)
short("rows_and_columns", lambda M: M[[0, 1], [2, 3]] * M[2, [0, 0]], M34)
short("boolean_mask", lambda x: x[x > 0] ** 2, V5)
short("mask_of_a_matrix", lambda M: (M[M > 0.2] ** 3).sum() * M[:, M[0] > 0].sum(), M34)
short("where", lambda x: np.where(x > 0, x**2, -x), V5)
short("select", lambda x: np.select([x > 0.5, x > 0], [x**2, x], np.sin(x)), V5)
short("take_and_repeat", lambda x: np.take(x, [1, 1, 0]) * np.repeat(x[1:], [1, 2]), V3)
short("reshapes", lambda M: M.reshape(2, -1).T.ravel() * M.flatten(), M34)
short("transposes", lambda B: np.transpose(B, (2, 0, 1)) * np.moveaxis(B, -1, 0), B234)
short("stacks", lambda x: np.stack([x, x**2], 1) * np.column_stack((x, np.sin(x))), V3)
short("concatenated", lambda x: np.concatenate([x, [1.0], x[::-1] ** 2]), V3)
short("hstack_and_vstack", lambda x: np.vstack([x, x * 2]) * np.hstack([x]), V3)
short("split", lambda x: np.split(x, [1, 3])[1] * np.split(x, [1, 3])[2], V5)
short("tiled", lambda x: np.tile(x, 2) * np.pad(x, (1, 2)), V3)
short("rolled_and_flipped", lambda M: np.roll(M, 1, 1) * np.flip(M, 0), M34)
short("diagonals", lambda M: np.diag(M) * np.trace(M) + np.tril(M) @ np.diag(M), M33)
short("broadcast", lambda x: np.broadcast_to(x, (2, 3)) * np.expand_dims(x, 0), V3)
short("mesh", lambda x, y: np.multiply(*np.meshgrid(x, y)), V3, V5)
short("a_new_axis_of_a_scalar", lambda x: np.stack([x, x * x])[None] ** 2, 0.4)

# ----- sums, products, order -----

short(
    "sums", lambda B: B.sum(axis=(0, 2)) * np.sum(B, axis=1, keepdims=True).sum(), B234
)
short("means", lambda M: M.mean(0) * np.average(M, axis=0, weights=P3), M34)
short("variances", lambda M: np.var(M, axis=1) + np.std(M, axis=1, ddof=1), M34)
short("normalised", lambda M: (M - M.mean(0)) / M.std(0), M34)
short("products", lambda M: np.prod(M, axis=1) * M.prod(), M33)
short("running", lambda x: np.cumsum(x) * np.cumprod(x), V5)
short("differences", lambda x: np.diff(x, 2) * np.diff(x)[1:], V5)
short("extrema", lambda M: M.max(axis=0) * np.min(M, axis=1, keepdims=True), M34)
short("at_the_largest", lambda x: x[np.argmax(x)] ** 2 * x[np.argsort(x)[0]], V5)
short("ordered", lambda x: np.sort(x) * np.arange(5), V5)
short("median", lambda x: np.median(x) ** 2 * x[0], V5)
short("trapezoid", lambda y, x: np.trapezoid(y, np.cumsum(x)), V3, P3)
short("norms", lambda x, M: np.linalg.norm(x) * np.linalg.norm(M), V3, M34)
short("logsumexp", lambda x: x.max() + np.log(np.sum(np.exp(x - x.max()))), V5)

# ----- linear algebra -----

short("dots", lambda x, y: x @ y + np.dot(x, y) ** 2 + np.inner(x, y), V3, P3)
short("matrix_vector", lambda M, x: M @ x[:4] @ M, M34, V5)
short("matrix_matrix", lambda M: M @ M.T @ M, M34)
short("batched_products", lambda B, M: B @ M.T @ B, B234, M34)
short(
    "einsums",
    lambda B, M: np.einsum("bij,ij->b", B, M) @ np.einsum("bii->b", B[:, :, :3]),
    B234,
    M34,
)
short(
    "tensor_products",
    lambda x, M: np.tensordot(np.outer(x, x), M, 1) * np.kron(x, [1.0])[:, None],
    V3,
    M34,
)
short("a_quadratic_form", lambda x, M: x @ M @ x, V3, M33)
short("solved", lambda M, x: np.linalg.solve(M, x), SPD, V3)
short("inverted", lambda M: np.linalg.inv(M) * np.linalg.det(M), SPD)
short("log_determinant", lambda M: np.linalg.slogdet(M)[1], SPD)
short("matrix_power", lambda M: np.linalg.matrix_power(M, 3), M33)
short("cross_product", lambda x, y: np.cross(x, y) * x, V3, P3)

# ----- complex inside, real outside -----

short("complex_modulus", lambda x, y: np.abs((x + 1j * y) ** 3), 0.7, -0.4)
short("complex_exponential", lambda x: (np.exp(1j * x) * (1 + 2j)).real, V3)
short("complex_parts", lambda x: (lambda z: z.imag * np.conj(z).real)(x * (2 + 1j)), V3)

# ----- numerics -----


@case(2.3)
def newton_square_root(a):
    x = a
    while abs(x * x - a) > 1e-14:
        x = 0.5 * (x + a / x)
    # One more step brings the derivative to the value's accuracy, and two the second.
    for _ in range(3):
        x = 0.5 * (x + a / x)
    return x


@case(np.array([0.3, -0.2, 1.1]), 0.7)
def horner(coefficients, x):
    y = 0.0
    for c in coefficients:
        y = y * x + c
    return y


@case(np.array([1.0, 0.5]), 0.8)
def runge_kutta(state, stiffness):
    def slope(y):
        return np.stack([y[1], -stiffness * np.sin(y[0])])

    h = 0.1
    for _ in range(8):
        k1 = slope(state)
        k2 = slope(state + h / 2 * k1)
        k3 = slope(state + h / 2 * k2)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + slope(state + h * k3))
    return state


@case(1.3)
def bisection_then_newton(a):
    low, high = 0.0, 3.0
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (middle, high) if middle**3 < a else (low, middle)
    x = (low + high) / 2
    for _ in range(5):
        x = x - (x**3 - a) / (3 * x**2)
    return x


@case(0.6)
def fixed_point(a):
    x = 0.5
    for _ in range(60):
        x = np.cos(a * x)
    return x


@case(RNG.normal(size=(4, 3)), np.array([0, 2, 1, 1]))
def softmax_cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(4), labels].mean()


@case(
    [(RNG.normal(size=(4, 3)), np.zeros(4)), (RNG.normal(size=(1, 4)), np.ones(1))], V3
)
def perceptron(layers, x):
    for W, b in layers:
        x = np.tanh(W @ x + b)
    return x[0]


@case(np.array([-0.5, 0.4]), np.array([-1.0, 1.0]), np.array([0.1, -0.3]), V5)
def gaussian_mixture(weights, means, log_scales, x):
    scores = (x[:, None] - means) / np.exp(log_scales)
    log_p = weights - np.log(np.exp(weights).sum()) - log_scales - 0.5 * scores**2
    return np.logaddexp(log_p[:, 0], log_p[:, 1]).sum()


@case(np.array([0.1, 0.2]), np.array([[1.0, 0.1], [0.0, 0.9]]), 0.3, V5)
def kalman_filter(state, A, noise, observed):
    P, H, loss = np.eye(2), np.array([[1.0, 0.0]]), 0.0
    for z in observed:
        state, P = A @ state, A @ P @ A.T + noise * np.eye(2)
        S = (H @ P @ H.T)[0, 0] + 0.5
        gain, error = P @ H[0] / S, z - H[0] @ state
        loss = loss + 0.5 * (error**2 / S + np.log(S))
        state, P = state + gain * error, P - np.outer(gain, H[0] @ P)
    return loss


@case(np.array([0.2, -0.1]), np.sin(np.arange(4.0)))
def gaussian_process(log_scales, y):
    x = np.arange(4.0)
    length, size = np.exp(log_scales)
    K = size * np.exp(-0.5 * ((x[:, None] - x) / length) ** 2) + 0.1 * np.eye(4)
    L = np.linalg.cholesky(K)
    fit = 0.5 * y @ np.linalg.solve(K, y) + 0.25 * np.linalg.slogdet(K)[1]
    return fit + 0.5 * np.sum(np.log(np.diag(L)))


@case(V5, np.array([0.25, 0.5, 0.25]))
def convolution_by_slices(x, kernel):
    padded = np.concatenate([[0.0], x, [0.0]])
    return sum(kernel[k] * padded[k : k + 5] for k in range(3))


@case(np.exp(-((np.arange(8.0) - 4) ** 2)), 0.2)
def heat_equation(u, rate):
    for _ in range(6):
        inside = u[1:-1] + rate * (u[2:] - 2 * u[1:-1] + u[:-2])
        u = np.concatenate([u[:1], inside, u[-1:]])
    return u


@case(np.array([-1.2, 1.0, 0.8, 0.3]))
def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@case(np.array([[0.0, 1.0], [2.0, 0.5], [1.0, 2.5]]))
def pairwise_energy(places):
    energy = 0.0
    for i in range(len(places)):
        for j in range(i):
            r2 = np.sum((places[i] - places[j]) ** 2)
            energy = energy + r2**-3 - r2**-1.5
    return energy


@case(np.array([0.3, 0.9, -0.4]), 4)
def gradient_descent(x, steps):
    for _ in range(steps):
        x = x - 0.1 * (2 * x + np.cos(x))
    return np.sum(x**2)
