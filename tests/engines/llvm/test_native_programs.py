"""Random programs, and their derivatives, natively against the NumPy interpreter."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engines.llvm.random_loops import loop_program
from tests.engines.llvm.random_programs import arguments, program
from wengert import grad, jvp, trace, value_and_grad
from wengert.engines import NumpyEngine
from wengert.engines.llvm.engine import LlvmEngine
from wengert.engines.llvm.target import generic_target
from wengert.passes.prepare import prepare

ENGINE = LlvmEngine()


def compare(f, args, engine=ENGINE):
    """Run f both ways, and compare to rounding of the largest element."""
    graph = prepare(trace(f, *args))
    expected = NumpyEngine().compile(graph)(*args)
    result = engine.compile(graph)(*args)
    for y, reference in zip(result, expected, strict=True):
        assert y.dtype == reference.dtype
        assert y.shape == reference.shape
        finite = np.abs(reference)[np.isfinite(reference)]
        loose = 1e-3 if _is_single(graph) else 1e-8
        scale = loose * np.max(finite, initial=1e-3)
        np.testing.assert_allclose(y, reference, rtol=loose, atol=scale)


def _is_single(graph):
    """Tell whether float32 is somewhere on the way."""
    atoms = [*graph.inputs, *(v for e in graph.equations for v in e.outputs)]
    return any(atom.type.dtype == np.float32 for atom in atoms)


def derivatives(f):
    yield f
    yield value_and_grad(f, (0, 1))
    yield lambda x, a: jvp(
        lambda x: grad(f)(x, a), (x,), (np.ones_like(x),)
    )  # Hessian-vector product


def check(seed, counts, engine=ENGINE, make=program):
    f = make(seed)
    args = arguments(seed)
    for derived in derivatives(f):
        compare(derived, args, engine)
        counts["programs"] += 1


@pytest.mark.filterwarnings("ignore")
@settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(seed=st.integers(0, 2**32))
def test_random_programs(seed, native_counts):
    check(seed, native_counts)


@pytest.mark.filterwarnings("ignore")
@settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(seed=st.integers(0, 2**32))
def test_random_loops_that_write(seed, native_counts):
    check(seed, native_counts, make=loop_program)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@settings(
    max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(seed=st.integers(0, 2**32))
def test_many_random_loops_that_write(seed, native_counts):
    check(seed, native_counts, make=loop_program)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@settings(
    max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(seed=st.integers(0, 2**32))
def test_many_random_programs(seed, native_counts):
    check(seed, native_counts)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "engine",
    [
        LlvmEngine(target=generic_target()),
        LlvmEngine("exact"),
        LlvmEngine(threads=3),
    ],
    ids=["machine without AVX", "exact", "threads"],
)
def test_other_engines(engine, native_counts):
    for seed in range(4):
        check(seed, native_counts, engine)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_long_loops_on_threads(threads):
    def f(x, a):
        rows = np.max(np.sin(a), axis=1) + np.sum(np.exp(a), axis=1)
        columns = np.min(a, axis=0) @ np.cumsum(x[:300])
        return np.sum(np.tanh(x) * x) + np.prod(1 + x * 1e-9) + np.sum(rows) + columns

    rng = np.random.default_rng(0)
    args = rng.normal(size=100_001), rng.normal(size=(1000, 300))
    compare(value_and_grad(f, (0, 1)), args, LlvmEngine(threads=threads))
