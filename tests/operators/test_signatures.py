"""Operators take what JAX's take: argnums, argnames, has_aux, holomorphic, pytrees."""

from __future__ import annotations

import collections
import dataclasses
import functools
import inspect
import threading
from typing import Any

import numpy as np
import pytest

from wengert.operators import (
    derivative,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    value_and_grad,
    vjp,
)
from wengert.tree import flatten, map_leaves

X = np.array([0.7, 1.3, 0.4])


def f(x, y, z=2.0, *, w=3.0):
    return x * y**2 * z**3 * w


X_BAR, Y_BAR, Z_BAR, W_BAR = 25 * 8 * 3.0, 2 * 5 * 2 * 8 * 3.0, 2 * 25 * 12 * 3.0, 400.0

# ----- argnums, argnames -----


def test_the_first_argument_by_default():
    assert grad(f)(2.0, 5.0) == X_BAR
    assert grad(f, argnames=[])(2.0, 5.0) == X_BAR


@pytest.mark.parametrize(
    "argnums,expected",
    [
        (0, X_BAR),
        (1, Y_BAR),
        (-1, Z_BAR),
        (-3, X_BAR),
        ((0,), (X_BAR,)),
        ((0, 1), (X_BAR, Y_BAR)),
        ([2, 0], (Z_BAR, X_BAR)),
        ((-1, -2), (Z_BAR, Y_BAR)),
        ((), ()),
    ],
)
def test_argnums(argnums, expected):
    assert grad(f, argnums)(2.0, 5.0, 2.0) == expected
    assert value_and_grad(f, argnums)(2.0, 5.0, 2.0)[1] == expected
    assert elementwise_grad(f, argnums)(2.0, 5.0, 2.0) == expected
    if argnums != ():
        assert jacrev(f, argnums)(2.0, 5.0, 2.0) == expected
        assert jacfwd(f, argnums)(2.0, 5.0, 2.0) == pytest.approx(expected)


@pytest.mark.parametrize(
    "argnames,expected",
    [
        ("x", X_BAR),
        ("y", Y_BAR),
        ("w", W_BAR),
        (("w", "x"), {"w": W_BAR, "x": X_BAR}),
        (["y"], {"y": Y_BAR}),
    ],
)
@pytest.mark.parametrize("by_name", [(), ("y",), ("x", "y", "z")])
def test_argnames_of_what_is_given_by_position_or_by_name(argnames, expected, by_name):
    given = {"x": 2.0, "y": 5.0, "z": 2.0}
    args = [given[name] for name in given if name not in by_name]
    named = {name: given[name] for name in by_name}
    if by_name == ("y",):
        named["z"] = args.pop()
    assert grad(f, argnames=argnames)(*args, w=3.0, **named) == expected


def test_argnums_and_argnames_together():
    assert grad(f, 0, "w")(2.0, 5.0, w=3.0) == (X_BAR, W_BAR)
    assert grad(f, (0, 1), ("w",))(2.0, 5.0, w=3.0) == ((X_BAR, Y_BAR), {"w": W_BAR})


@pytest.mark.parametrize("argnums,argnames", [((0, 0), ()), ((0, -2), ()), (0, "x")])
def test_an_argument_named_twice(argnums, argnames):
    try:
        found = grad(lambda x, y: x * y, argnums, argnames)(3.0, 4.0)
    except TypeError:
        return
    assert found == (4.0, 4.0)


def test_argnums_may_be_a_numpy_integer():
    assert grad(f, np.int64(1))(2.0, 5.0) == Y_BAR


def test_argnames_of_collected_arguments_are_refused():
    with pytest.raises(TypeError):
        grad(lambda *args: args[0], argnames="args")(1.0, 2.0)


@pytest.mark.parametrize("D", [grad, jacfwd, jacrev, hessian])
def test_other_arguments_may_be_anything(D):
    def g(x, kind, *, table, callback):
        assert kind == "square"
        return callback(x**2) * table[1]

    assert D(g)(3.0, "square", table=[None, 2], callback=np.sum) in (12.0, 4.0)


def test_callables_of_every_kind():
    class Cube:
        def __call__(self, x):
            return x**3

        def method(self, x):
            return x**3

        @staticmethod
        def static(x):
            return x**3

    partial = functools.partial(lambda p, x: x**p, 3)
    for g in (Cube(), Cube().method, Cube.static, partial, lambda x: x**3):
        assert grad(g)(2.0) == pytest.approx(12.0)
        assert derivative(g)(2.0) == pytest.approx(12.0)
        assert hessian(g)(2.0) == pytest.approx(12.0)
    assert grad(np.sin)(0.0) == 1.0


def test_the_derivative_keeps_name_and_documentation():
    def area(radius):
        """Compute the area of a disc."""
        return np.pi * radius**2

    for D in (grad, value_and_grad, jacobian, hessian, derivative, hvp):
        assert D(area).__name__ == "area"
        assert D(area).__doc__ == "Compute the area of a disc."
        assert list(inspect.signature(D(area)).parameters)[0] == "radius"


def test_operators_are_decorators():
    @grad
    def slope(x):
        return x**2

    assert slope(3.0) == 6.0


# ----- has_aux, holomorphic -----


def test_has_aux_of_plain_values():
    pair = lambda x: ((x**2).sum(), {"name": "a", "n": 3, "none": None})
    aux = {"name": "a", "n": 3, "none": None}
    gradient, found = grad(pair, has_aux=True)(X)
    np.testing.assert_array_equal(gradient, 2 * X)
    assert found == aux
    (y, found), gradient = value_and_grad(pair, has_aux=True)(X)
    assert y == (X**2).sum() and found == aux
    assert jacfwd(pair, has_aux=True)(X)[1] == aux
    assert hessian(pair, has_aux=True)(X)[1] == aux
    assert jvp(pair, (X,), (X,), has_aux=True)[2] == aux
    assert vjp(pair, X, has_aux=True)[2] == aux


def test_holomorphic_functions():
    z = 0.3 - 0.8j
    assert grad(np.exp, holomorphic=True)(z) == pytest.approx(np.exp(z))
    assert jacfwd(np.exp, holomorphic=True)(z) == pytest.approx(np.exp(z))
    assert hessian(lambda z: z**3, holomorphic=True)(z) == pytest.approx(6 * z)
    zs = np.array([1j, 2.0])
    np.testing.assert_allclose(
        jacrev(lambda z: z**2, holomorphic=True)(zs), np.diag(2 * zs)
    )


def test_a_real_function_of_complex_numbers_has_the_conjugate_gradient():
    # f = x² + 3y: ∂f/∂x − i ∂f/∂y.
    assert grad(lambda z: z.real**2 + 3 * z.imag)(2.0 + 1j) == 4 - 3j
    assert grad(lambda z: np.abs(z) ** 2)(3 + 4j) == pytest.approx(6 - 8j)


# ----- hvp, derivative -----


def test_hvp_takes_the_point_and_then_the_vector():
    g = lambda x, a, power=2: a * np.sum(x**power)
    p = np.array([1.0, 0.0, 2.0])
    np.testing.assert_allclose(hvp(g)(X, p, 3.0), 6 * p)
    np.testing.assert_allclose(hvp(g)(X, p, 3.0, power=3), 18 * X * p)
    swapped = lambda a, x: g(x, a)
    np.testing.assert_allclose(hvp(swapped, 1)(X, p, 3.0), 6 * p)
    tree = hvp(lambda d: d["a"] ** 2 * d["b"])(
        {"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 0.0}
    )
    assert tree == {"a": 4.0, "b": 2.0}


@pytest.mark.parametrize(
    "n,expected", [(0, 8.0), (1, 12.0), (2, 12.0), (3, 6.0), (4, 0)]
)
def test_derivatives_of_any_order(n, expected):
    assert derivative(lambda x: x**3, n)(2.0) == expected
    assert derivative(lambda x, c: c * x**3, n)(2.0, 1.0) == expected
    np.testing.assert_array_equal(
        derivative(lambda x: np.stack([x**3, -(x**3)]), n)(2.0), [expected, -expected]
    )


# ----- pytrees -----

Pair = collections.namedtuple("Pair", "a b")


@dataclasses.dataclass
class Model:
    weight: Any
    rest: Any = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    weight: Any
    doubled: Any = dataclasses.field(init=False, default=0.0)


TREES = {
    "list": [1.0, 2.0],
    "nested tuple": (1.0, (2.0, [3.0])),
    "dict": {"a": 1.0, "b": {"c": 2.0}},
    "mixed keys": {1: 1.0, "a": 2.0, (2, 3): 3.0},
    "ordered dict": collections.OrderedDict(b=1.0, a=2.0),
    "default dict": collections.defaultdict(list, a=1.0),
    "deque": collections.deque([1.0, 2.0]),
    "named tuple": Pair(1.0, [2.0]),
    "dataclass": Model(1.0, [Model(2.0), {"a": 3.0}]),
    "frozen dataclass": Frozen(2.0),
    "none and empty": {"a": None, "b": [(), {}, 1.0], "c": []},
}


def total(tree):
    return sum(leaf**2 for leaf in flatten(tree)[0])


@pytest.mark.parametrize("name", TREES)
def test_a_gradient_has_the_structure_of_the_argument(name):
    tree = TREES[name]
    gradient = grad(total)(tree)
    assert type(gradient) is type(tree)
    assert flatten(gradient)[1] == flatten(tree)[1]
    assert gradient == map_leaves(lambda v: 2 * v, tree)
    assert value_and_grad(total)(tree) == (total(tree), gradient)
    y, pullback = vjp(total, tree)
    assert pullback(1.0) == (gradient,)
    pushed = jvp(total, (tree,), (tree,))
    assert pushed == pytest.approx((y, 2 * y))


def test_jacobians_are_arranged_as_the_output_and_inside_as_the_argument():
    g = lambda p: {"y": p[0] * p[1], "z": [p[0]]}
    for J in (jacfwd, jacrev, jacobian):
        found = J(g)((2.0, np.ones(2)))
        assert set(found) == {"y", "z"}
        np.testing.assert_array_equal(found["y"][0], [1, 1])
        np.testing.assert_array_equal(found["y"][1], 2 * np.eye(2))
        assert found["z"][0][0] == 1.0
        np.testing.assert_array_equal(found["z"][0][1], [0, 0])
    H = hessian(lambda p: p["a"] * p["b"].sum() ** 2)({"a": 2.0, "b": np.ones(2)})
    np.testing.assert_array_equal(H["a"]["b"], [4, 4])
    np.testing.assert_array_equal(H["b"]["b"], np.full((2, 2), 4.0))


def test_threads_meet_a_new_dataclass_at_once():
    errors = []
    for _ in range(60):
        new = dataclasses.make_dataclass("New", ["a"])
        barrier = threading.Barrier(8)

        def work(new=new, barrier=barrier):
            barrier.wait()
            try:
                grad(lambda d: d.a * 2)(new(1.0))
            except ValueError as error:
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not errors
