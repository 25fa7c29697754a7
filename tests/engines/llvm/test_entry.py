"""The call from Python: what is as described runs, anything else goes to slow.

Everything is asked of both ways, the native entry and the one by ctypes.
"""

import itertools

import numpy as np
import pytest

from tests.engines.llvm.runs import POSITIVE, copying, is_slow, python_run, read
from wengert.engines.signature import (
    Array,
    Bool,
    Complex,
    Constant,
    Dict,
    Float,
    Int,
    List,
    NumpyScalar,
    Static,
    Tuple,
)
from wengert.errors import EngineError

F8 = np.dtype("f8")
VECTOR = Array((3,), F8)
SCALAR = NumpyScalar(F8)


# ----- values -----


def test_it_computes(make):
    def total(inputs, outputs, arena):
        read(outputs[0], ())[...] = read(inputs[0], (3,)).sum()
        return 0

    f = make(python_run(total), (VECTOR,), SCALAR)
    y = f(np.array([1.0, 2.0, 3.5]))
    assert type(y) is np.float64 and y == 6.5


@pytest.mark.parametrize("code", "?bhilqBHILQefdFD")
def test_every_dtype_goes_in_and_out(make, code):
    dtype = np.dtype(code)
    array, scalar = Array((2, 3), dtype), NumpyScalar(dtype)
    ir = copying((0, 1, dtype.itemsize), (1, 0, 6 * dtype.itemsize))
    f = make(ir, (scalar, array), Tuple((array, scalar)))
    x, a = dtype.type(1), np.arange(6).astype(dtype).reshape(2, 3)
    y, b = f(x, a)
    assert type(b) is dtype.type and b == x
    assert y is not a and y.dtype is dtype and (y == a).all()
    assert y.flags.writeable and y.flags.owndata and y.flags.c_contiguous


@pytest.mark.parametrize(
    ("leaf", "values"),
    [
        (Float(), [1.5, -0.0, float("inf"), float("nan")]),
        (Complex(), [1.5 - 2j, complex("nan+infj")]),
    ],
)
def test_python_numbers_go_in_and_out(make, leaf, values):
    f = make(copying((0, 0, 16 if leaf == Complex() else 8)), (leaf,), leaf)
    for value in values:
        y = f(value)
        assert type(y) is type(value) and repr(y) == repr(value)


def test_ints_and_bools_come_out(make):
    i8, boolean = NumpyScalar(np.dtype("i8")), NumpyScalar(np.dtype("?"))
    f = make(copying((0, 0, 8), (1, 1, 1)), (i8, boolean), Tuple((Int(), Bool())))
    for i, b in [(-(2**63), True), (2**63 - 1, False), (0, True)]:
        y = f(np.int64(i), np.bool_(b))
        assert y == (i, b) and type(y[0]) is int and type(y[1]) is bool


def test_zero_dimensional_and_empty_arrays(make):
    point, empty = Array((), F8), Array((0, 4), F8)
    f = make(copying((0, 0, 8)), (point, empty), Tuple((point, empty)))
    y, z = f(np.array(2.5), np.zeros((0, 4)))
    assert type(y) is np.ndarray and y.shape == () and y == 2.5
    assert z.shape == (0, 4)
    assert is_slow(f(np.float64(2.5), np.zeros((0, 4))))
    assert is_slow(f(np.array(2.5), np.zeros((4, 0))))


def test_nested_containers(make):
    tree = (Dict(("a", "b"), (List((VECTOR, Float())), Tuple(()))), List(()))
    result = Dict(("y", 2), (Tuple((VECTOR, Constant(None))), List((Float(),))))
    f = make(copying((0, 0, 24), (1, 1, 8)), tree, result)
    x = np.array([1.0, 2.0, 3.0])
    y = f({"a": [x, 4.0], "b": ()}, [])
    assert list(y) == ["y", 2] and y[2] == [4.0]
    assert (y["y"][0] == x).all() and y["y"][1] is None
    assert is_slow(f({"a": [x, 4.0, 5.0], "b": ()}, []))
    assert is_slow(f({"a": (x, 4.0), "b": ()}, []))
    assert is_slow(f({"a": [x, 4.0], "b": ()}, [None]))


def test_a_dict_has_its_keys_in_one_order(make):
    keys = ("a", "b", 3, "d")
    f = make(
        copying(*((i, i, 8) for i in range(4))),
        (Dict(keys, (Float(),) * 4),),
        Dict(keys, (Float(),) * 4),
    )
    for order in itertools.permutations(range(4)):
        given = {keys[i]: float(i) for i in order}
        if order == (0, 1, 2, 3):
            assert list(f(given).items()) == list(zip(keys, range(4), strict=True))
        else:
            assert is_slow(f(given))
    assert is_slow(f({"a": 0.0, "b": 0.0, 3: 0.0}))
    assert is_slow(f({"a": 0.0, "b": 0.0, 3: 0.0, "e": 0.0}))
    assert is_slow(f({"a": 0.0, "b": 0.0, 3.0: 0.0, "d": 0.0}))


def test_keys_and_strings_equal_but_not_identical(make):
    f = make(copying(), (Dict(("key",), (Static("mean"),)),), Constant(1))
    key, mean = "".join(["k", "ey"]), "".join(["me", "an"])
    assert f({key: mean}) == 1
    assert is_slow(f({key: "max"}))


@pytest.mark.parametrize(
    ("value", "same", "others"),
    [
        (None, [None], [False, 0, ()]),
        (True, [True], [1, 1.0, np.True_]),
        (1, [1], [True, 1.0, np.int64(1), 2]),
        (10**30, [10**30], [10**30 + 1]),
        ("x", ["x"], ["y", b"x", np.str_("x")]),
        (b"x", [b"x"], ["x"]),
        ((1, 2), [], [(1, 3), [1, 2]]),
        (len, [len], [max]),
    ],
    ids=repr,
)
def test_static_values(make, value, same, others):
    f = make(copying(), (Static(value),), Constant("fast"))
    assert f(value) == "fast"
    assert [f(x) for x in same] == ["fast"] * len(same)
    assert all(is_slow(f(x)) for x in others)


def test_constants_are_the_same_object(make):
    thing = object()
    f = make(copying(), (), Tuple((Constant(thing), Constant(None))))
    assert f()[0] is thing


def test_a_code_of_run_goes_slow(make):
    f = make(POSITIVE, (VECTOR,), Tuple((Float(), VECTOR)))
    assert f(np.array([2.0, 0.0, 0.0]))[0] == 2.0
    assert is_slow(f(np.array([-2.0, 0.0, 0.0])))


# ----- what is odd -----


def misaligned():
    return np.frombuffer(b"\0" * 25, "f8", 3, offset=1)


ODD = {
    "list": [1.0, 2.0, 3.0],
    "None": None,
    "float32": np.zeros(3, "f4"),
    "int": np.zeros(3, "i8"),
    "swapped": np.zeros(3, np.dtype("f8").newbyteorder()),
    "metadata": np.zeros(3, np.dtype("f8", metadata={"a": 1})),
    "structured": np.zeros(3, [("a", "f8")]),
    "object": np.zeros(3, object),
    "longer": np.zeros(4),
    "row": np.zeros((1, 3)),
    "strided": np.zeros(6)[::2],
    "reversed": np.zeros(3)[::-1],
    "misaligned": misaligned(),
    "broadcast": np.broadcast_to(1.0, 3),
    "subclass": np.ma.zeros(3),
    "matrix": np.zeros(3).view(np.recarray),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_arguments_go_slow_as_they_are(make, name):
    f = make(copying((0, 0, 24)), (VECTOR,), VECTOR)
    result = f(ODD[name])
    assert is_slow(result) and result[1][0] is ODD[name] and result[2] == {}


def test_odd_calls_go_slow(make):
    f = make(copying((0, 0, 24)), (VECTOR,), VECTOR)
    x = np.zeros(3)
    assert is_slow(f())
    assert f(x, x)[1] == (x, x) or is_slow(f(x, x))
    assert is_slow(f(x=x)) and f(x=x)[2]["x"] is x
    assert is_slow(f(x, mode=1)) and f(*[1] * 50, **{"a": 2})[2] == {"a": 2}


def test_what_is_plain_in_disguise_runs(make):
    """Read-only arrays, and strides that do not matter, are no reason to go slow."""
    f = make(copying((0, 0, 24)), (Array((1, 3), F8),), VECTOR)
    x = np.arange(3.0).reshape(1, 3)
    x.setflags(write=False)
    wide = np.arange(12.0).reshape(4, 3)[::4]
    assert (f(x) == [0, 1, 2]).all() and (f(wide) == [0, 1, 2]).all()


def test_an_exception_of_slow_comes_through(make):
    def slow(*args):
        raise KeyError("slow")

    f = make(copying((0, 0, 24)), (VECTOR,), VECTOR, slow=slow)
    with pytest.raises(KeyError, match="slow"):
        f(None)
    assert f(np.zeros(3)).shape == (3,)


def test_endless_recursion_through_slow_is_an_error(make):
    f = make(copying(), (VECTOR,), VECTOR, slow=lambda *args: f(*args))
    with pytest.raises(RecursionError):
        f(None)


def test_outputs_too_large_for_memory_raise(make):
    f = make(copying(), (), Tuple((VECTOR, Array((2**61,), F8))))
    with pytest.raises((MemoryError, ValueError)):
        f()


@pytest.mark.parametrize(
    "leaf",
    [
        Array((3,), np.dtype(">f8")),
        Array((3,), np.dtype("M8[s]")),
        Array((3,), np.dtype(object)),
        Array((3,), np.dtype([("a", "f8")])),
        Array((3,), np.dtype("f8", metadata={"a": 1})),
        NumpyScalar(np.dtype("g")),
    ],
    ids=str,
)
def test_dtypes_beyond_native_code_are_refused(make, leaf):
    with pytest.raises(EngineError, match="native code cannot read"):
        make(copying(), (List((leaf,)),), Constant(0))
    with pytest.raises(EngineError, match="native code cannot read"):
        make(copying(), (), Tuple((leaf,)))


# ----- captured arrays -----


def test_captured_arrays_are_read_at_each_call(make):
    captured = np.zeros(3)
    f = make(copying((1, 0, 24)), (Float(),), VECTOR, [captured])
    assert (f(1.0) == 0).all()
    captured[:] = [1, 2, 3]
    assert (f(1.0) == [1, 2, 3]).all()


def test_a_captured_array_that_was_resized(make):
    captured = np.zeros(3)
    f = make(copying((0, 0, 24)), (), VECTOR, [captured])
    captured.resize(50_000, refcheck=False)
    assert is_slow(f())
    captured.resize(3, refcheck=False)
    captured[:] = 5
    assert (f() == 5).all()


def test_captured_arrays_of_any_layout(make):
    whole, memory = np.zeros(6), bytearray(25)
    odd = np.frombuffer(memory, "f8", 3, offset=1)
    captures = [whole[::2], whole[::-1], odd, np.zeros(3)]
    sizes = [(0, 0, 24), (1, 1, 48), (2, 2, 24), (3, 3, 24)]
    f = make(
        copying(*sizes), (), List((VECTOR, Array((6,), F8), VECTOR, VECTOR)), captures
    )
    for _ in range(3):
        whole += np.arange(6)
        odd += 1
        assert [y.tolist() for y in f()] == [x.tolist() for x in captures]


@pytest.mark.filterwarnings("ignore:Setting:DeprecationWarning")
def test_a_captured_array_of_any_layout_that_was_reshaped(make):
    captured = np.zeros((3, 2)).T
    f = make(copying((0, 0, 48)), (), Array((2, 3), F8), [captured])
    captured[:] = [[1, 2, 3], [4, 5, 6]]
    assert f().tolist() == [[1, 2, 3], [4, 5, 6]]
    captured.strides = 8, 16
    assert f().tolist() == captured.tolist()
    captured.dtype = "i8"
    assert is_slow(f())


def test_captured_arrays_of_a_subclass_are_refused(make):
    with pytest.raises(EngineError, match="captured MaskedArray"):
        make(copying(), (), Constant(0), [np.ma.zeros(3)])
