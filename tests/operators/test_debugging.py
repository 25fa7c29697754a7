"""debug_nans: the first operation that makes a nan or inf, and its line."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from wengert import (
    custom_vjp,
    debug_nans,
    grad,
    hessian,
    implicit,
    jacobian,
    jit,
    jvp,
    primitive,
    scan,
    value_and_grad,
    vjp,
)
from wengert.errors import NanError

x2 = np.array([1.0, 3.0])


def logarithm(x):
    y = x * 3
    return np.log(y - 6).sum()  # the line


def root(x):
    y = x * 1.0
    return np.sqrt(y) * 2  # the line


def line_of(f):
    """Give the number of the line of f that is marked."""
    import inspect

    lines, start = inspect.getsourcelines(f)
    (k,) = (k for k, line in enumerate(lines) if "# the line" in line)
    return start + k


CASES = [
    (logarithm, lambda f: grad(f)(x2), "log", "primal", "nan"),
    (logarithm, lambda f: grad(f)(np.array([2.0, 3.0])), "log", "primal", "inf"),
    (logarithm, lambda f: jvp(f, (x2,), (x2,)), "log", "primal", "nan"),
    (logarithm, lambda f: vjp(f, x2), "log", "primal", "nan"),
    (logarithm, lambda f: jit(f)(x2), "log", "primal", "nan"),
    (root, lambda f: grad(f)(0.0), "sqrt", "adjoint", "inf"),
    (root, lambda f: value_and_grad(f)(0.0), "sqrt", "adjoint", "inf"),
    (root, lambda f: jacobian(f)(0.0), "sqrt", "adjoint", "inf"),
    (root, lambda f: vjp(f, 0.0)[1](1.0), "sqrt", "adjoint", "inf"),
    (root, lambda f: jvp(f, (0.0,), (1.0,)), "sqrt", "tangent", "inf"),
    (root, lambda f: grad(grad(f))(0.0), "sqrt", "adjoint", "inf"),
    (root, lambda f: hessian(f)(0.0), "sqrt", "adjoint", "inf"),
    (root, lambda f: jit(grad(f))(0.0), "sqrt", "adjoint", "inf"),
    (root, lambda f: grad(jit(f))(0.0), "sqrt", "adjoint", "inf"),
]


@pytest.mark.parametrize(("f", "run", "name", "sweep", "kind"), CASES)
def test_operation_sweep_and_line_are_named(f, run, name, sweep, kind):
    with debug_nans(), pytest.raises(NanError) as found:
        run(f)
    error = found.value
    assert (error.primitive, error.sweep, error.kind) == (name, sweep, kind)
    assert error.source.file == __file__ and error.source.line == line_of(f)
    article = "an inf" if kind == "inf" else "a nan"
    assert f"{name} made {article} in the {sweep} sweep" in str(error)
    assert f"test_debugging.py:{error.source.line} in {f.__name__}" in str(error)
    assert "x = " in str(error)


def test_values_are_shown():
    with debug_nans(), pytest.raises(NanError) as found:
        grad(logarithm)(x2)
    assert "x = [-3. 3.], shape (2,)" in str(found.value)
    assert "first at [0]" in str(found.value)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: np.where(x > 0, np.sqrt(x), 0.0).sum(), np.array([0.0, 1.0])),
        (lambda x: (x[0] - x[1]) ** 1.5, np.array([3.0, 3.0])),
        (lambda x: np.linalg.norm(x), np.zeros(2)),
        (lambda x: (x * 2).sum(), np.array([np.nan, 1.0])),  # it was there before
        # The nan of the cotangents goes into the sum that b, of shape (1,), is given.
        (lambda b: ((b + np.array([[1.0], [np.nan]])) ** 2).sum(), np.ones(1)),
        (lambda x: np.maximum(x, -np.inf).sum(), x2),
        (lambda x: scan(lambda c, k: (c * k, c), x, x2)[0].sum(), x2),
    ],
)
def test_what_is_no_finding(f, x):
    expected = grad(f)(x), jit(grad(f))(x)
    with debug_nans():
        found = grad(f)(x), jit(grad(f))(x)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_everything_else_stays_as_it_is():
    def f(x):
        y = np.zeros(4)
        y[:2], y[2] = x, x.sum()
        y[1:3] += np.sort(x)[::-1]
        total = y @ np.concatenate([x, x]) + np.linalg.det(np.outer(x, x) + np.eye(2))
        return total if total > 0 else -total

    for operator in (grad, jacobian, hessian, lambda f: jit(grad(f))):
        expected = operator(f)(x2)
        with debug_nans():
            np.testing.assert_allclose(operator(f)(x2), expected, rtol=1e-12)


def test_writes_and_loops():
    def written(x):
        y = np.zeros(2)
        y[0], y[1] = x, 1 / x
        return y.sum()

    def looped(x):
        return scan(lambda c, _: (np.sqrt(c - 1), None), x, np.arange(3))[0]

    for f, x, name in ((written, 0.0, "divide"), (looped, 2.0, "sqrt")):
        for operator in (grad, lambda f: jit(grad(f))):
            with debug_nans(), np.errstate(all="ignore"):
                with pytest.raises(NanError) as found:
                    operator(f)(x)
            assert found.value.primitive == name


def test_rules_of_the_user():
    @primitive
    def steep(x):
        return x

    steep.vjp(lambda y, x, y_bar: (y_bar / 0.0 if isinstance(y_bar, float)
                                   else y_bar * np.inf,))  # fmt: skip
    with debug_nans(), pytest.raises(NanError) as found, np.errstate(all="ignore"):
        grad(steep)(1.0)
    assert "steep" in found.value.primitive

    @custom_vjp
    def custom(x):
        return x

    custom.defvjp(lambda x: (x, None), lambda _, y_bar: (y_bar * np.nan,))
    with debug_nans(), pytest.raises(NanError) as found:
        grad(custom)(1.0)
    assert found.value.sweep == "adjoint" and found.value.kind == "nan"


def test_a_solver_may_pass_a_nan_on_its_way():
    def f(a):
        return implicit.root(lambda x: np.log(x) - a, 3.0)

    with debug_nans():
        assert grad(f)(-1.0) == pytest.approx(np.exp(-1.0))
        with pytest.raises(NanError) as found:
            grad(lambda a: implicit.root(lambda x: x - np.sqrt(a), 1.0))(0.0)
    assert found.value.primitive == "sqrt"


def test_infs_may_be_left_out():
    with debug_nans(infs=False):
        with np.errstate(all="ignore"):
            assert grad(root)(0.0) == np.inf
        with pytest.raises(NanError):
            grad(logarithm)(x2)


def test_switch_and_nesting():
    def is_on():
        try:
            with np.errstate(all="ignore"):
                grad(root)(0.0)
        except NanError:
            return True
        return False

    assert not is_on()
    debug_nans()
    try:
        assert is_on()
        with debug_nans(False):
            assert not is_on()
        assert is_on()
    finally:
        debug_nans(False)
    assert not is_on()


def test_compiled_functions_come_back():
    f = jit(grad(root))
    for _ in range(3):
        assert f(4.0) == 0.5
    with debug_nans():
        assert f(4.0) == 0.5
        with pytest.raises(NanError):
            f(0.0)
    for _ in range(3):
        assert f(0.0) == np.inf and f(4.0) == 0.5
    assert f.graph(4.0).equations


def test_other_threads_are_not_looked_at():
    found = []
    with debug_nans():
        thread = threading.Thread(target=lambda: found.append(grad(root)(0.0)))
        thread.start()
        thread.join()
    assert found == [np.inf]
