"""The call from Python: scratch memory, threads, references, the end of the process."""

import contextlib
import ctypes
import gc
import subprocess
import sys
import threading
import tracemalloc
import weakref

import numpy as np
import pytest

from tests.engines.llvm.runs import (
    ARENA,
    POSITIVE,
    copying,
    is_slow,
    python_run,
    read,
    went_slow,
)
from wengert.engines.signature import (
    Array,
    Constant,
    Dict,
    Float,
    List,
    NumpyScalar,
    Static,
    Tuple,
)

F8 = np.dtype("f8")
VECTOR = Array((3,), F8)
SCALAR = NumpyScalar(F8)


# ----- memory -----


@pytest.mark.parametrize("arena", [0, 8, 1000, 3000, 100_000])
def test_the_arena_is_aligned_and_inputs_do_not_lie_in_it(make, arena):
    seen = []

    def look(inputs, outputs, address):
        seen.append(address)
        ctypes.memset(address, 0xFF, arena)
        read(outputs[0], (3,))[:] = read(inputs[0], (3,))
        read(outputs[1], ())[...] = 4
        return 0

    f = make(python_run(look), (VECTOR,), Tuple((VECTOR, Float())), arena=arena)
    for _ in range(3):
        y, z = f(np.arange(3.0))
        assert (y == [0, 1, 2]).all() and z == 4
    assert all(address % 64 == 0 for address in seen)


def test_a_call_within_a_call_has_an_arena_of_its_own(make):
    depths = []

    def run(inputs, outputs, arena):
        x = float(read(inputs[0], ()))
        mine = read(arena, (5000,))
        mine[:] = x
        if x < 5:
            f(x + 1)
        depths.append((mine == x).all())
        read(outputs[0], ())[...] = x
        return 0

    f = make(python_run(run), (Float(),), Float(), arena=40_000)
    assert f(0.0) == 0.0 and depths == [True] * 6


@pytest.mark.parametrize("release_gil", [False, True])
@pytest.mark.parametrize("doubles", [16, 5000])
def test_threads_do_not_share_an_arena(make, doubles, release_gil):
    rounds = 20_000 // doubles
    ir = ARENA.format(doubles=doubles, rounds=rounds)
    f = make(ir, (Float(),), Float(), arena=8 * doubles, release_gil=release_gil)
    wrong = []

    def work(x):
        for _ in range(50):
            if f(x) != x * doubles * rounds:
                wrong.append(x)

    threads = [threading.Thread(target=work, args=(float(i),)) for i in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_lock_is_released_if_so_asked(make):
    """A call that waits for another thread returns only if that thread can run."""
    started, go_on = threading.Event(), threading.Event()

    def run(inputs, outputs, arena):
        started.set()
        read(outputs[0], ())[...] = go_on.wait(10)
        return 0

    address, keep = python_run(run, unlocked=True)
    f = make((address, keep), (), Float(), release_gil=True)
    other = threading.Thread(target=lambda: started.wait(10) and go_on.set())
    other.start()
    assert f() == 1.0
    other.join()


def test_items_taken_away_while_the_lock_is_released_live_on(make):
    x = [np.full(3, 7.0)]

    def run(inputs, outputs, arena):
        x.clear()
        np.full(3, -1.0)  # would take the memory that was freed
        read(outputs[0], (3,))[:] = read(inputs[0], (3,))
        return 0

    run_ = python_run(run, unlocked=True)
    f = make(run_, (List((VECTOR,)),), VECTOR, release_gil=True)
    assert (f(x) == 7.0).all()


# ----- references -----


def references(*objects):
    gc.collect()  # garbage of other tests may refer to dtypes
    return [sys.getrefcount(x) for x in objects]


def test_references_are_the_same_after_each_way_out(make):
    thing, key, static = object(), "a key of its own", 123456789
    captured, copied, x = np.ones(3), np.ones(6)[::2], np.ones(3)
    tree = (List((VECTOR,)), Static(static))
    result = Dict(
        (key, "b"), (List((VECTOR, SCALAR)), Tuple((Constant(thing), Float())))
    )
    ir = copying((0, 0, 24), (1, 1, 8), (1, 2, 8))
    f = make(ir, tree, result, [captured, copied])
    g = make(POSITIVE, (VECTOR,), Tuple((VECTOR, VECTOR)))
    too_large = make(
        copying(), (), Tuple((VECTOR, Constant(thing), Array((2**61,), F8)))
    )
    watched = thing, key, static, captured, copied, x, F8, np.ndarray, f, g, went_slow
    box, negative = [x], -x

    def ways():
        assert not is_slow(f(box, static)) and not is_slow(g(x))
        assert is_slow(f(box, static + 1)) and is_slow(f(box, k=thing))
        assert is_slow(f(x, static)) and is_slow(f([x, x], thing))
        assert is_slow(g(negative))
        with contextlib.suppress(MemoryError, ValueError):
            too_large()

    ways()
    before = references(*watched)
    for _ in range(200):
        ways()
    assert references(*watched) == before


def test_references_are_right_where_memory_runs_out(make, native):
    if not native:
        pytest.skip("NumPy's __array_interface__ crashes where memory runs out")
    testing = pytest.importorskip("_testcapi")
    thing = object()
    parts = (VECTOR, SCALAR, Constant(thing), Float())
    result = Tuple((Dict(("k", "l"), (List(parts), Tuple(parts))), List(parts)))
    moves = [(0, j, 8) for j in range(9)]
    f = make(copying(*moves), (VECTOR,), result, arena=5000)
    x = np.ones(3)
    f(x)
    before, failures = references(thing, F8, x), 0
    for start in range(60):
        testing.set_nomemory(start, start + 1)
        try:
            f(x)
        except MemoryError:
            failures += 1
        finally:
            testing.remove_mem_hooks()
    assert failures >= 8
    assert references(thing, F8, x) == before


def test_calls_do_not_leak(make):
    f = make(
        copying((0, 0, 24), (1, 1, 8)),
        (Dict(("x", "k"), (VECTOR, Float())),),
        Dict(("x", "k", "n"), (VECTOR, Float(), Constant(None))),
        arena=10_000,
    )
    given, odd = {"x": np.zeros(3), "k": 1.5}, {"x": None, "k": 1.5}

    def calls(count):
        for _ in range(count):
            f(given)
            f(odd)
        gc.collect()

    calls(2000)
    tracemalloc.start()
    calls(2000)
    before, _ = tracemalloc.get_traced_memory()
    calls(4000)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 50_000  # of 8,000 calls


@pytest.mark.slow
def test_hundred_thousand_calls_and_entries_take_no_more_memory(make):
    resource = pytest.importorskip("resource")
    big = Array((20_000,), F8)
    f = make(copying((0, 0, 160_000)), (big,), Tuple((big, SCALAR)))
    x = np.ones(20_000)

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    for _ in range(1000):
        f(x)
    before = peak()
    for _ in range(100_000):
        f(x)
    for _ in range(2000):
        make(copying(), (big,), big, [x], arena=100_000)
    assert peak() - before < 20_000  # kilobytes; bytes on macOS


def test_an_entry_is_freed_with_all_it_holds(make):
    class Slow:
        def __call__(self, *args):
            return "slow"

    class Keep:
        pass

    slow, keep = Slow(), Keep()
    captured = np.zeros(3)
    references_before = sys.getrefcount(captured)
    f = make(
        copying(), (), Constant(slow), [captured], slow=slow, keep=keep, arena=9000
    )
    slow.entry = f  # a cycle, as between a jitted function and its entries
    dead = [weakref.ref(slow), weakref.ref(keep), weakref.ref(f)]
    del slow, keep, f
    gc.collect()
    assert [ref() for ref in dead] == [None] * 3
    assert sys.getrefcount(captured) == references_before


def test_an_entry_looks_like_a_function(make):
    f = make(copying(), (), Constant(0), name="rosenbrock")
    assert callable(f) and f.__name__ == "rosenbrock" and "rosenbrock" in repr(f)


def output_of(script):
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", script],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_entries_work_until_the_interpreter_has_ended():
    script = """
import atexit, os, numpy as np
from tests.engines.llvm.runs import copying, native_run
from wengert.engines.llvm.entry import make_entry
from wengert.engines.signature import Array

vector = Array((3,), np.dtype("f8"))
address, keep = native_run(copying((0, 0, 24)))
f = make_entry(address, 9000, (vector,), vector, (), lambda *a: "slow", keep=keep)
atexit.register(lambda: print("exit", f(np.ones(3)), flush=True))

class Last:
    def __init__(self):
        self.f, self.x = f, np.zeros(3)
    def __del__(self, write=os.write):  # sys.stdout may be gone
        write(1, f"last {self.f(self.x).tolist()} {self.f(None)}".encode())

last = Last()
"""
    assert output_of(script) == "exit [1. 1. 1.]\nlast [0.0, 0.0, 0.0] slow"


@pytest.mark.parametrize("release_gil", [False, True])
def test_the_interpreter_ends_while_threads_are_in_entries(release_gil):
    script = f"""
import threading
from tests.engines.llvm.runs import ARENA, native_run
from wengert.engines.llvm.entry import make_entry
from wengert.engines.signature import Float

address, keep = native_run(ARENA.format(doubles=5000, rounds=1000))
f = make_entry(
    address, 40000, (Float(),), Float(), (), print, keep=keep, release_gil={release_gil}
)

def work():
    while True:
        f(1.0)

for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
print(f(2.0))
"""
    assert output_of(script) == "10000000.0\n"
