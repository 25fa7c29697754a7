"""Calls on flat arrays keep the contract of an engine."""

import numpy as np
import pytest

from tests.engines.llvm.runs import POSITIVE, copying, native_run, python_run, read
from wengert.engines.llvm.flat import call_flat
from wengert.errors import GuardError, ShapeError
from wengert.graph import ArrayType

F8 = np.dtype("f8")
VECTOR, POINT = ArrayType((3,), F8), ArrayType((), F8)


def flat(ir, inputs, outputs, captures=(), arena=0, **options):
    address, keep = ir if isinstance(ir, tuple) else native_run(ir)
    return call_flat(address, arena, inputs, outputs, captures, keep=keep, **options)


def test_arrays_and_scalars():
    f = flat(copying((0, 0, 24), (1, 1, 8)), [VECTOR, POINT], [VECTOR, POINT])
    for point in (2.5, np.float64(2.5), np.array(2.5)):
        x = np.arange(3.0)
        y, z = f(x, point)
        assert (y == x).all() and y is not x and y.flags.writeable
        assert type(z) is np.float64 and z == 2.5
    assert f(x, 2)[1] == 2.0


def test_any_layout():
    f = flat(copying((0, 0, 24)), [VECTOR], [VECTOR])
    wide = np.arange(6.0)
    misaligned = np.frombuffer(b"\0" + wide.tobytes(), "f8", 6, 1)
    for x in (wide[::2], wide[2::-1], np.broadcast_to(1.0, 3), misaligned[:3]):
        assert (f(x)[0] == x).all()


def test_captured_arrays_are_read_at_each_call():
    captured = np.zeros(6)[::2]
    f = flat(copying((1, 0, 24)), [POINT], [VECTOR], [captured])
    captured[:] = [1, 2, 3]
    assert (f(0.0)[0] == [1, 2, 3]).all()
    whole = np.zeros(3)
    f = flat(copying((0, 0, 24)), [], [VECTOR], [whole])
    whole.resize(5, refcheck=False)
    with pytest.raises(ShapeError, match="a captured array of the Graph is"):
        f()


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros(4), r"input 0 of the Graph is f64\[3\], but was given f64\[4\]"),
        (np.zeros(3, "f4"), r"given f32\[3\]"),
        (np.zeros(3, ">f8"), "trace the function"),
        (np.ma.zeros(3), "MaskedArray"),
        ([1.0, 2.0, 3.0], r"\[1.0, 2.0, 3.0\]"),
        (None, "None"),
    ],
)
def test_other_types_are_refused(x, message):
    f = flat(copying((0, 0, 24)), [VECTOR], [VECTOR])
    with pytest.raises(ShapeError, match=message):
        f(x)


def test_a_number_that_does_not_fit_is_refused():
    f = flat(copying((0, 0, 8)), [ArrayType((), np.dtype("i8"))], [])
    with pytest.raises(ShapeError, match="given 1.5"):
        f(1.5)


def test_the_number_of_inputs():
    f = flat(copying(), [VECTOR], [])
    with pytest.raises(ShapeError, match="has 1 inputs, but was given 2"):
        f(np.zeros(3), np.zeros(3))


def test_a_code_is_a_guard():
    with pytest.raises(GuardError, match="guard 7 does not hold"):
        flat(POSITIVE, [VECTOR], [POINT])(-np.ones(3))
    f = flat(POSITIVE, [VECTOR], [POINT], failed=lambda code: IndexError(f"{code}!"))
    assert f(np.ones(3)) == (1.0,)
    with pytest.raises(IndexError, match="7!"):
        f(-np.ones(3))


def test_the_arena_is_aligned():
    seen = []

    def look(inputs, outputs, arena):
        seen.append(arena % 64)
        read(arena, (100,))[:] = 1.0
        return 0

    f = flat(python_run(look), [], [], arena=800)
    assert [f() for _ in range(5)] == [()] * 5 and seen == [0] * 5
