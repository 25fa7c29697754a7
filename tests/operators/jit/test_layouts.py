"""The result is that of plain NumPy for every layout and dtype, compiled or not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.operators.jit.calling import assert_same, check_calls, paths, refusals
from wengert import jit

A = np.arange(12.0).reshape(3, 4) - 5


def misaligned():
    raw = np.zeros(12 * 8 + 1, np.uint8)[1:].view(np.float64).reshape(3, 4)
    raw[...] = A
    return raw


def read_only():
    x = A.copy()
    x.flags.writeable = False
    return x


LAYOUTS = {
    "plain": lambda: A.copy(),
    "fortran": lambda: np.asfortranarray(A),
    "reversed": lambda: A[::-1, ::-1],
    "strided": lambda: np.repeat(A, 2, axis=1)[:, ::2],
    "broadcast": lambda: np.broadcast_to(np.arange(4.0), (3, 4)),
    "read-only": read_only,
    "misaligned": misaligned,
    "memory map": lambda: np.ndarray((3, 4), buffer=A.tobytes()),
}
FUNCTIONS = [
    lambda x: x * 2,
    lambda x: x.sum(0) + x[:, 1].max(),
    lambda x: (x.T @ x, x.ravel(), x.reshape(4, 3), x[::2, 1:]),
    lambda x: np.cumsum(x, axis=1) if x[0, 0] < 0 else x.T,
    lambda x: x,
]


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("first,then", list(itertools.permutations(LAYOUTS, 2)))
def test_a_path_of_one_layout_serves_another(f, first, then):
    jitted = jit(f)
    for layout in (first, first, then, first, then):
        assert_same(f(LAYOUTS[layout]()), jitted(LAYOUTS[layout]()))


def test_aliased_arguments():
    f = lambda x, y: (x + y, x)
    x = np.arange(4.0)
    jitted = check_calls(f, *[(x, x), (x, x[::-1]), (x, x[1:].base)] * 3)
    total, same = jitted(x, x)
    total[0] = same[0] = 9
    assert x[0] == 0


DTYPES = "? b h i l q B H I L e f d F D".split()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.filterwarnings("ignore::wengert.errors.PathWarning")
def test_every_dtype_of_numbers(dtype):
    x = (np.arange(6) % 3).astype(dtype)
    check_calls(lambda x: (x * 2, x.sum(), x + 1.5, x[x > 0], x / 2), *[(x,)] * 3)
    check_calls(lambda x: (x * 2, x + 1.5), *[(x[1],)] * 3)


ODD = [
    A.astype(">f8"),
    A.astype(object),
    np.ma.masked_array(A, A > 3),
    A.astype(np.longdouble),
    np.array(["2020-01-01", "2021-01-01"], "M8[D]"),
    np.array([(1, 2.0)], "i4,f8"),
    np.array(["a", "b"]),
]


@pytest.mark.parametrize("x", ODD, ids=lambda x: f"{type(x).__name__} of {x.dtype}")
@pytest.mark.filterwarnings("ignore::wengert.errors.PathWarning")
def test_other_arrays_are_right_too(x):
    f = lambda x: x[:1]
    jitted = jit(f)
    for _ in range(3):
        y, z = f(x), jitted(x)
        assert type(y) is type(z) and y.dtype == z.dtype and (y == z).all()


def test_arrays_of_other_classes_run_plainly_and_say_so():
    jitted = jit(lambda x: x * 2)
    (message,) = refusals(jitted, *[(np.ma.masked_array(A, A > 3),)] * 3)
    assert "MaskedArray" in message
    (message,) = refusals(jitted, *[(A.astype(">f8"),)] * 3)
    assert ">f8" in message
    check_calls(lambda x: x * 2, *[(A,)] * 3, jitted=jitted)
    assert paths(jitted) == [1]
