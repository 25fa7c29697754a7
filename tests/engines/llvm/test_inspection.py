"""What `jit(f).report(*args)` tells of native code."""

import gc

import numpy as np
import pytest

from wengert import grad, jit, scan, trace
from wengert.engines import Inspectable, NumpyEngine, open_engine
from wengert.engines.llvm import engine as module
from wengert.engines.llvm.engine import LlvmEngine
from wengert.passes.prepare import prepare

X, A = np.linspace(0.1, 1.0, 10), np.eye(40)


def inspected(f, *args, threads=1):
    engine = LlvmEngine(threads=threads)
    return engine.inspect(prepare(trace(f, *args)))


def test_equations_over_one_domain_share_a_loop():
    (stage,) = inspected(lambda x: np.sum(np.sin(x) * x), X).stages
    (group,) = stage.groups
    assert group.domain == (10,) and group.primitives == ("sin", "multiply", "sum")
    assert "input0:f64[10]" in group.reads and group.writes == ("output0:f64[1]",)
    assert stage.is_native and stage.equations == 3 and stage.scratch == 0
    assert "sin, multiply, sum over [10]" in str(stage)


def test_what_is_read_elsewhere_is_kept():
    (stage,) = inspected(lambda x: np.exp(x)[:, None] * np.cumsum(x), X).stages
    assert len(stage.groups) > 1 and stage.scratch >= 80


def test_a_fallback_is_named_with_its_line_and_reason():
    def f(x, a):
        w = np.linalg.pinv(np.sin(a) + a)
        return w * np.cos(x[:2])

    told = inspected(f, X, np.eye(2))
    assert [stage.is_native for stage in told.stages] == [True, False, True]
    (fallback,) = told.fallbacks
    assert fallback.primitive == "pinv" and fallback.source.function == "f"
    assert "test_inspection.py" in str(told) and "no native code" in str(told)
    assert "3 stages, 2 native" in str(told)


def test_fallbacks_of_one_line_are_counted():
    def f(x):
        for _ in range(3):
            x = np.sort(x) * 2
        return x

    assert "(× 3)" in str(inspected(f, X))


def test_products_by_blas_and_loops_on_threads_are_counted():
    assert ", 1 product, " in str(inspected(lambda a: a @ a, A))
    x = np.ones(10**6)
    told = inspected(lambda x: np.sum(np.sin(x)), x, threads=3)
    assert "1 on up to 3 threads" in str(told) and "cut for threads" in told.details()
    assert "threads" not in str(inspected(lambda x: np.sum(np.sin(x)), X, threads=3))


def test_a_body_stands_within_its_loop():
    def f(x):
        return scan(lambda c, a: (np.tanh(c + a), c), 0.5, x)

    told = inspected(f, X)
    (loop,) = [g for g in told.stages[0].groups if g.inner]
    assert {"add", "tanh"} <= {p for g in loop.inner for p in g.primitives}
    assert "| add" in told.details()


def test_a_report_of_jit_tells_it():
    report = jit(grad(lambda x: np.sum(np.sin(x) ** 2)), engine="llvm").report(X)
    assert "1 stage, 1 native" in str(report) and "lowered in" in str(report)
    assert "over [10]: 1 loop" in report.details()
    plain = jit(np.sin, engine="numpy").report(X)
    assert plain.paths[0].inspection is None and "stage" not in str(plain)
    assert plain.details() == "path 0"


def test_a_path_is_compiled_once(monkeypatch):
    count = []
    monkeypatch.setattr(
        module, "lower", lambda *a, **k: count.append(1) or lower(*a, **k)
    )
    f = jit(lambda x: np.sin(x) + 0.25, engine="llvm")
    f(X), f(X), f(X)
    first = f.report(X).paths[0]
    f.llvm(X)
    assert first.direct and len(count) == 1
    stage = first.inspection.stages[0]
    assert stage == f.report(X).paths[0].inspection.stages[0]


lower = module.lower


def test_what_nobody_calls_is_let_go():
    engine = LlvmEngine()
    graph = trace(np.sin, X)
    run = engine.compile(graph)
    assert len(engine._alive) == 1
    np.testing.assert_allclose(run(X)[0], np.sin(X))
    del run
    gc.collect()
    assert not engine._alive
    mixed = engine.compile(trace(lambda x: np.sort(x) * 2, X))
    assert len(engine._alive) == 1
    del mixed
    gc.collect()
    assert not engine._alive


@pytest.mark.parametrize(("name", "inspectable"), [("llvm", True), ("numpy", False)])
def test_engines_that_tell(name, inspectable):
    assert isinstance(open_engine(name), Inspectable) == inspectable
    assert not isinstance(NumpyEngine(), Inspectable)
