"""What jit returns: a function like any other, that can be looked into."""

from __future__ import annotations

import copy
import functools
import gc
import inspect
import pickle
import sys
import threading
import weakref

import numpy as np
import pytest

import wengert.engines.engine as engines
from tests.operators.jit.calling import assert_same, check_calls, paths, states
from wengert import jit
from wengert.engines import NumpyEngine
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
from wengert.errors import ArgumentError, EngineError, GuardError, PathWarning

X = np.array([0.5, -1.0, 2.0])


@jit
def documented(x, n=2):
    """Raise to a power."""
    return x**n


@jit(static_argnames="n", engine="numpy")
def with_options(x, n=2.0):
    return x if n > 1 else -x


def test_it_looks_like_the_function():
    assert documented.__name__ == "documented" and "power" in documented.__doc__
    assert str(inspect.signature(documented)) == "(x, n=2)"
    assert repr(documented) == "<jit documented>" and documented.func(3) == 9
    assert with_options(X, n=1.0)[0] == -0.5
    assert copy.copy(documented) is copy.deepcopy(documented) is documented


def test_it_is_pickled_as_functions_are():
    assert pickle.loads(pickle.dumps(documented)) is documented
    other = pickle.loads(pickle.dumps(jit(np.sin)))
    assert other is not np.sin and other(0.5) == np.sin(0.5)


def test_partial_follows_its_target():
    def f(x, y):
        return x + y if y > 0 else x - y

    partial = functools.partial(jit(f), 2.0)
    for y in (1.0, 1.0, -1.0, -1.0, 1.0):
        assert partial(y) == f(2.0, y)


@pytest.mark.parametrize("wrap", [staticmethod, classmethod, lambda f: f])
def test_methods_of_all_kinds(wrap):
    body = (lambda x: x * 2) if wrap is staticmethod else (lambda self, x: x * 2)

    class Some:
        method = wrap(jit(body))

    for _ in range(3):
        assert Some().method(2.0) == 4.0


def test_refused_where_it_stands():
    with pytest.raises(ArgumentError, match="jit needs a function"):
        jit(3.0)
    with pytest.raises(EngineError, match="no engine 'fortran'"):
        jit(np.sin, engine="fortran")


def test_looking_inside():
    f = jit(lambda x: np.sin(x) * 2 if x > 0 else x, engine="numpy")
    assert f.compile(1.0) is f and paths(f) == [1]
    assert [e.primitive.name for e in f.graph(1.0).equations] == [
        "greater",
        "sin",
        "multiply",
    ]
    assert "greater" in str(f.graph(-1.0)) and paths(f) == [2]
    report = f.report(1.0)
    assert report.engine == "numpy" and len(report.paths) == 2 and not report.refusal
    assert report.paths[0].guards[0][0] is True
    assert "guard: True at" in str(report) and "test_object.py" in str(report)
    with pytest.raises(EngineError, match="makes no LLVM IR"):
        f.llvm(1.0)


@pytest.mark.filterwarnings("ignore::wengert.errors.PathWarning")
def test_looking_into_what_runs_plainly():
    f = jit(lambda x: {x.sum()})
    with pytest.raises(ArgumentError, match="has no Graph.*set"):
        f.graph(X)
    assert "plain Python" in str(f.report(X))
    assert f.report({1, 2}).refusal


def test_warnings_come_from_plain_runs_only():
    f = jit(lambda x: 1 / x).compile(np.ones(2))
    assert np.isinf(f(np.zeros(2))).all()


# ----- recursion and threads -----


def test_a_function_that_calls_itself():
    @jit
    def power(x, n):
        return x if n == 0 else x * power(x, n - 1)

    for _ in range(4):
        assert power(2.0, 5) == 64.0

    @jit
    def halved(x):
        return x if x < 1 else halved(x / 2)

    for x in (8.0, 8.0, 5.0, 5.0, 0.5, 3.0):
        assert 0.5 <= halved(x) < 1


def test_many_threads_at_once():
    def f(x, n):
        y = np.sin(x) * n
        return y.sum() if x[0] > n else y

    jitted, wrong, start = jit(f), [], threading.Barrier(8)

    def work(seed):
        rng = np.random.default_rng(seed)
        start.wait()
        for _ in range(60):
            x, n = rng.normal(size=rng.integers(1, 4)), int(rng.integers(-1, 2))
            y, z = f(x, n), jitted(x, n)
            if np.shape(y) != np.shape(z) or not np.allclose(y, z, rtol=1e-13):
                wrong.append((x, n))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and 0 < len(states(jitted)) <= 9


def test_it_is_freed():
    jitted = jit(lambda x: x * 2)
    jitted(X), jitted(X)
    gone = weakref.ref(jitted)
    del jitted
    gc.collect()
    assert gone() is None


# ----- engines that take calls as users write them -----


class DirectEngine(NumpyEngine):
    """An engine with entries, in Python: it checks exactly what it was told."""

    name = "direct"

    def __init__(self):
        self.entries, self.direct = [], 0

    def entry(self, graph, arguments, results, slow):
        run = self.compile(graph)
        self.entries.append((arguments, results))

        def entered(*args, **kwargs):
            inputs = []
            fits = not kwargs and len(args) == len(arguments)
            if not fits or not all(map(_takes, arguments, args, [inputs] * len(args))):
                return slow(*args, **kwargs)
            try:
                outputs = iter(run(*inputs))
            except GuardError:
                return slow(*args, **kwargs)
            self.direct += 1
            return _given(results, outputs)

        return entered


def _takes(form, x, inputs):
    if isinstance(form, Static):
        return form == Static(x)
    if isinstance(form, Tuple | List):
        kind = tuple if isinstance(form, Tuple) else list
        return (
            type(x) is kind
            and len(x) == len(form.items)
            and all(
                _takes(part, v, inputs) for part, v in zip(form.items, x, strict=True)
            )
        )
    if isinstance(form, Dict):
        return (
            type(x) is dict
            and tuple(x) == form.keys
            and all(
                _takes(part, x[key], inputs)
                for part, key in zip(form.items, form.keys, strict=True)
            )
        )
    inputs.append(x)
    if isinstance(form, Array):
        return type(x) is np.ndarray and (x.shape, x.dtype) == (form.shape, form.dtype)
    if isinstance(form, NumpyScalar):
        return type(x) is form.dtype.type
    return type(x) is (float if isinstance(form, Float) else complex)


def _given(form, outputs):
    if isinstance(form, Constant):
        return form.object
    if isinstance(form, Tuple):
        return tuple(_given(part, outputs) for part in form.items)
    if isinstance(form, List):
        return [_given(part, outputs) for part in form.items]
    if isinstance(form, Dict):
        return {
            k: _given(part, outputs)
            for k, part in zip(form.keys, form.items, strict=True)
        }
    y = next(outputs)
    return float(y) if isinstance(form, Float) else y


@pytest.fixture
def direct(monkeypatch):
    engine = DirectEngine()
    monkeypatch.setitem(engines._OPENERS, "direct", lambda: engine)
    monkeypatch.setitem(engines._OPENED, "direct", engine)
    return engine


def test_an_entry_takes_the_place_of_f(direct):
    def f(p, s, n):
        y = p["w"] * s if p["w"][0] > 0 else p["b"]
        return [y, {"s": s * 2, "n": n}, (y.sum(), "text")]

    p = {"w": X, "b": 2 * X}
    q = {"b": 2 * X, "w": -X}
    calls = [(p, 2.0, 3), (p, 3.0, 3), (q, 2.0, 3), (p, 2.0, 4), (p, 1, 3)]
    jitted = check_calls(f, *calls * 4, jitted=jit(f, engine="direct"))
    arguments, results = direct.entries[0]
    assert arguments == (
        Dict(("w", "b"), (Array((3,), X.dtype), Array((3,), X.dtype))),
        Float(),
        Static(3),
    )
    assert results.items[1] == Dict(("s", "n"), (Float(), Constant(3)))
    assert results.items[2] == Tuple((NumpyScalar(X.dtype), Constant("text")))
    # Called again and again with the same kind, it is never left.
    count = direct.direct
    for _ in range(5):
        jitted(p, 2.0, 3)
    assert direct.direct - count >= 4
    assert jitted.report(p, 2.0, 3).paths[0].direct


def test_entries_give_way(direct):
    f = lambda x: x * 2 if x[0] > 0 else -x
    jitted = jit(f, engine="direct")
    for k in range(20):
        x = X if k % 3 else -X
        assert_same(f(x), jitted(x))
        assert_same(f(np.ones(k % 2 + 1)), jitted(np.ones(k % 2 + 1)))
        with pytest.raises(TypeError):
            jitted()
    assert direct.direct > 0


def test_what_an_entry_would_keep_alive_has_none(direct):
    class Scale:
        k = 2

    jitted = jit(lambda x, s: x * s.k, engine="direct")
    scale = Scale()
    for _ in range(3):
        assert jitted(2.0, scale) == 4.0
    gone = weakref.ref(scale)
    del scale
    gc.collect()
    assert gone() is None and not direct.entries


def test_an_engine_with_entries_is_freed_with_the_function(direct):
    jitted = jit(lambda x: x * 2, engine="direct")
    jitted(X), jitted(X), jitted(X)
    gone = weakref.ref(jitted)
    del jitted
    gc.collect()
    assert gone() is None


def test_no_native_engine_is_said_once(monkeypatch):
    module = sys.modules["wengert.operators.compile"]
    opened = module.open_engine

    def without(name):
        if name == "llvm":
            raise EngineError("engine 'llvm' needs the library 'llvmlite'")
        return opened(name)

    monkeypatch.setattr(module, "open_engine", without)
    f = jit(lambda x: x * 2.0)
    with pytest.warns(PathWarning, match="needs the library 'llvmlite'"):
        f.compile(np.ones(3))
    assert list(f(np.ones(3))) == [2.0, 2.0, 2.0]
    assert "engine 'numpy'" in str(f.report(np.ones(3)))
