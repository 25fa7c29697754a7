"""Numbers as text lose no bit."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wengert.graph.literals import (
    element_text,
    is_scalar,
    read_dtype,
    read_number,
    read_scalar,
    scalar_text,
)
from wengert.graph.types import dtype_name


def bits(x):
    return struct.pack("<d", x)


@given(st.floats(allow_nan=False))
def test_floats_come_back(x):
    assert bits(read_number(scalar_text(x))) == bits(x)


@given(st.integers())
def test_ints_come_back(n):
    assert read_number(scalar_text(n)) == n
    assert type(read_number(scalar_text(n))) is int


@given(st.complex_numbers(allow_nan=False))
def test_complex_numbers_come_back(z):
    back = read_number(scalar_text(z))
    assert type(back) is complex
    assert bits(back.real) + bits(back.imag) == bits(z.real) + bits(z.imag)


@pytest.mark.parametrize("code", ["f4", "f8", "c8", "c16"])
@given(data=st.data())
def test_numpy_scalars_come_back(code, data):
    dtype = np.dtype(code)
    raw = data.draw(st.binary(min_size=dtype.itemsize, max_size=dtype.itemsize))
    x = np.frombuffer(raw, dtype)[0]
    back = read_scalar(element_text(x), dtype)
    if x == x:
        assert back.tobytes() == x.tobytes()
    else:
        assert np.array_equal(back, x, equal_nan=True)


def test_all_half_precision_numbers_come_back():
    for x in np.arange(2**16, dtype=np.uint16).view(np.float16):
        back = read_scalar(element_text(x), x.dtype)
        assert back.tobytes() == x.tobytes() or (x != x and back != back)


def test_extended_precision_comes_back():
    dtype = np.dtype(np.longdouble)
    for x in (
        np.longdouble("0.1"),
        np.nextafter(np.longdouble(1), 2),
        -np.longdouble(0),
    ):
        back = read_scalar(element_text(x), dtype)
        assert back == x and np.signbit(back) == np.signbit(x)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (True, "True"),
        (-0.0, "-0.0"),
        (1e300, "1e+300"),
        (float("inf"), "inf"),
        (-float("nan"), "-nan"),
        (complex(-0.0, float("-inf")), "-0.0-infj"),
        (np.float32(0.1), "f32(0.1)"),
        (np.float64(0.1), "f64(0.1)"),
        (np.int8(-3), "i8(-3)"),
        (np.uint64(2**64 - 1), "u64(18446744073709551615)"),
        (np.bool_(False), "bool(False)"),
        (np.complex64(1 - 2j), "c64(1.0-2.0j)"),
    ],
)
def test_how_numbers_are_written(value, text):
    assert scalar_text(value) == text


def test_sign_of_nan_is_kept():
    assert np.signbit(read_number("-nan")) and not np.signbit(read_number("nan"))
    assert np.signbit(read_scalar("-nan", np.dtype("f4")))


@pytest.mark.parametrize("text", ["300", "-129", "1.5", "x"])
def test_what_does_not_fit_is_refused(text):
    with pytest.raises((ValueError, OverflowError)):
        read_scalar(text, np.dtype("i1"))


@pytest.mark.parametrize("code", "bhilqBHILQefdgFDG?")
def test_dtypes_come_back(code):
    dtype = np.dtype(code)
    assert read_dtype(dtype_name(dtype)) == dtype


@pytest.mark.parametrize("name", ["f7", "float", "object", "i", "datetime64", "u128"])
def test_other_names_are_no_dtypes(name):
    assert read_dtype(name) is None


def test_what_is_a_scalar():
    assert all(map(is_scalar, (1, 1.0, 1j, True, np.float32(1), np.bool_(True))))
    assert not any(map(is_scalar, ("1", None, np.array(1.0), np.str_("1"), [1])))
