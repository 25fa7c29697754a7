"""BLAS and LAPACK from compiled code."""

import ctypes

import numpy as np
import pytest

from wengert.engines.llvm.blas import declare_routines, routine
from wengert.engines.llvm.compiler import compile_module
from wengert.errors import EngineError

DGEMM = """
define void @product(ptr %a, ptr %b, ptr %c, ptr %size) {
  %trans = alloca i8
  store i8 78, ptr %trans
  %one = alloca double
  store double 1.0, ptr %one
  %zero = alloca double
  store double 0.0, ptr %zero
  call void @wengert_dgemm(ptr %trans, ptr %trans, ptr %size, ptr %size, ptr %size,
    ptr %one, ptr %a, ptr %size, ptr %b, ptr %size, ptr %zero, ptr %c, ptr %size)
  ret void
}
"""


def test_dgemm_from_compiled_code():
    gemm = routine("dgemm")
    module = compile_module(declare_routines([gemm, gemm]) + DGEMM)
    run = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4)(module.address("product"))
    a, b = np.random.default_rng(0).normal(size=(2, 5, 5))
    c = np.empty((5, 5))
    size = np.array(5, dtype={"i32": np.int32, "i64": np.int64}[gemm.integer])
    run(*(array.ctypes.data for array in (b, a, c, size)))
    # Column-major b·a of the transposes is row-major a·b.
    np.testing.assert_allclose(c, a @ b, rtol=1e-14)


def test_routines_tell_their_arguments():
    assert routine("ddot").declaration == (
        "declare double @wengert_ddot(ptr, ptr, ptr, ptr, ptr) nounwind"
    )
    assert routine("dpotrf").arguments == ("char", "int", "double", "int", "int")
    assert routine("sgetrf").arguments[2] == "float"


@pytest.mark.parametrize(
    "name",
    ["gemm", "gemv", "ger", "dot", "syrk", "trsm", "trmm", "symm", "axpy", "scal"]
    + ["potrf", "getrf", "getrs", "potrs", "trtrs", "getri", "geqrf", "syevd"],
)
def test_the_usual_routines_are_there(name):
    for letter in "ds":
        assert routine(letter + name).result in ("void", "double", "float")


@pytest.mark.parametrize("name", ["zgemm", "dnothing"])
def test_what_cannot_be_called_is_refused(name):
    with pytest.raises(EngineError, match=name):
        routine(name)
