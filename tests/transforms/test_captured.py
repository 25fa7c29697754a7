"""Arrays that f closes over may be written to after it used them."""

from __future__ import annotations

import numpy as np
import pytest

from wengert import grad, vjp
from wengert.errors import CapturedArrayError


def filled_anew(n):
    def f(x):
        w, s = np.zeros(n), 0
        for i in range(3):
            w[:] = i
            s = s + (x * w).sum()
        return s

    return f


def test_a_small_work_array_is_copied():
    np.testing.assert_array_equal(grad(filled_anew(3))(np.ones(3)), [3.0, 3.0, 3.0])


@pytest.mark.parametrize("n", [33, 1000, 10**5])
def test_a_large_work_array_raises_with_the_line(n):
    with pytest.raises(CapturedArrayError, match=r"test_captured.py:\d+ in f"):
        grad(filled_anew(n))(np.ones(n))


def test_a_copy_is_the_repair():
    def f(x):
        w, s = np.zeros(100), 0
        for i in range(3):
            w[:] = i
            s = s + (x * w.copy()).sum()
        return s

    np.testing.assert_array_equal(grad(f)(np.ones(100)), np.full(100, 3.0))


@pytest.mark.parametrize("n", [33, 500, 4096])
def test_a_moving_one_is_found(n):
    def f(x):
        w, s = np.zeros(n), 0
        for i in range(2):
            w[:] = 0
            w[i] = 1
            s = s + (x * w).sum()
        return s

    with pytest.raises(CapturedArrayError):
        grad(f)(np.ones(n))


def test_a_matrix_changed_before_the_pullback():
    A = np.eye(10)
    y, pullback = vjp(lambda x: A @ x, np.ones(10))
    np.testing.assert_array_equal(pullback(y)[0], np.ones(10))
    A[3, 3] = 5.0
    with pytest.raises(CapturedArrayError, match="changed after"):
        pullback(y)


def test_the_caller_may_reuse_its_argument():
    x = np.array([1.0, 2.0])
    _, pullback = vjp(lambda x: x**2, x)
    x[:] = 0.0
    np.testing.assert_array_equal(pullback(np.ones(2))[0], [2.0, 4.0])
