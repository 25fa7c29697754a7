"""Reverse mode: lasting pullbacks, long tapes, threads, arrays that change."""

from __future__ import annotations

import contextvars
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from wengert.errors import CapturedArrayError
from wengert.operators import derivative, grad, hessian, jvp, stop_gradient, vjp

X = np.array([0.7, 1.3, 0.4])


# ----- pullbacks -----


def test_a_pullback_may_be_called_many_times():
    _, pullback = vjp(lambda x: x[:2] ** 2 * x[1:], X)
    first = pullback(np.ones(2))[0]
    for k in range(1, 5):
        np.testing.assert_allclose(pullback(k * np.ones(2))[0], k * first)
    first[:] = np.nan
    assert np.isfinite(pullback(np.ones(2))[0]).all()


def test_a_pullback_keeps_the_inputs_as_they_were():
    x, seed = X.copy(), np.ones(3)
    _, pullback = vjp(lambda x: x**3, x)
    x[:] = 5
    np.testing.assert_allclose(pullback(seed)[0], 3 * X**2)
    seed[:] = 0
    np.testing.assert_allclose(pullback(np.ones(3))[0], 3 * X**2)


@pytest.mark.parametrize("f", [np.exp, np.tanh, np.sqrt, lambda x: (np.exp(x), 1.0)[0]])
def test_a_pullback_survives_a_change_of_the_value_returned(f):
    y, pullback = vjp(f, X)
    before = pullback(np.ones(3))[0].copy()
    y[:] = 0
    np.testing.assert_array_equal(pullback(np.ones(3))[0], before)


def test_a_stopped_value_may_be_written_to():
    def f(x):
        stopped = stop_gradient(x)
        stopped[0] = 9.0
        return (x**2).sum()

    x = X.copy()
    np.testing.assert_allclose(grad(f)(x), 2 * X)
    np.testing.assert_array_equal(x, X)


# ----- constants that change -----


def work_array(use, n, change=lambda w, k: w.__imul__(0.5)):
    def f(x):
        work, total = np.ones(n), 0.0
        for k in range(3):
            total = total + np.sum(use(x, work))
            change(work, k)
        return total

    return f


USES = {
    "product": lambda x, w: x * w,
    "reflected product": lambda x, w: w * x,
    "quotient": lambda x, w: x / w,
    "power": lambda x, w: x**w,
    "hypot": np.hypot,
    "maximum": lambda x, w: np.maximum(x, 0.7 * w),
    "where": lambda x, w: np.where(w > 0.4, x, 0.0),
    "dot": lambda x, w: x @ w,
    "einsum": lambda x, w: np.einsum("i,i", x, w),
    "matmul": lambda x, w: np.outer(w, w) @ x,
    "stack": lambda x, w: np.prod(np.stack([x, w]), axis=0),
    "a view": lambda x, w: x * w[::-1][::-1],
}


@pytest.mark.parametrize("n", [3, 100, 10_000])
@pytest.mark.parametrize("use", USES)
def test_a_work_array_counts_as_it_was_or_raises(use, n):
    if use == "matmul" and n > 100:
        pytest.skip("large")
    f, x = work_array(USES[use], n), np.linspace(0.5, 1.5, n)
    exact = jvp(f, (x,), (np.ones(n),))[1]
    try:
        found = grad(f)(x).sum()
    except CapturedArrayError as error:
        assert "test_reverse.py:" in str(error) and n > 3
        return
    assert found == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("n", [3, 100, 10_000])
def test_a_single_element_that_changes_is_seen(n):
    f = work_array(lambda x, w: x * w, n, lambda w, k: w.__setitem__(n // 2, k + 7.0))
    x = np.ones(n)
    try:
        found = grad(f)(x).sum()
    except CapturedArrayError:
        return
    assert found == pytest.approx(jvp(f, (x,), (x,))[1])


def test_an_index_that_changes_counts_as_it_was():
    def f(x):
        index, total = np.array([0, 1]), 0.0
        for k in range(2):
            total = total + (k + 1) * (x[index] ** 2).sum()
            index += 1
        return total

    np.testing.assert_allclose(grad(f)(X), 2 * X * [1, 3, 2])


def test_a_mask_that_changes_counts_as_it_was():
    def f(x):
        mask, total = np.zeros(3, bool), 0.0
        for k in range(3):
            mask[k] = True
            total = total + x[mask].sum()
        return total

    np.testing.assert_array_equal(grad(f)(X), [3, 2, 1])


def test_a_large_array_of_objects_is_no_obstacle():
    weights = np.array([1.0, 2.0] * 40, dtype=object)
    try:
        found = grad(lambda x: (x * weights).sum())(np.ones(80))
    except TypeError as error:
        if "array of references" in str(error):
            pytest.xfail("a fingerprint is taken of pointers: an unclear TypeError")
        return
    np.testing.assert_array_equal(found, weights.astype(float))


# ----- long and deep -----


def chain(n):
    def f(x):
        for _ in range(n):
            x = np.sin(x)
        return x

    return f


def chain_slope(x, n):
    slope = 1.0
    for _ in range(n):
        slope, x = slope * np.cos(x), np.sin(x)
    return slope


def test_a_chain_of_a_hundred_thousand_operations():
    assert grad(chain(10**5))(0.5) == pytest.approx(chain_slope(0.5, 10**5), rel=1e-9)


@pytest.mark.slow
def test_a_chain_of_a_million_operations():
    assert grad(chain(10**6))(0.5) == pytest.approx(chain_slope(0.5, 10**6), rel=1e-8)


def test_a_long_chain_within_a_low_recursion_limit():
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(150 + len_of_stack())
    try:
        assert np.isfinite(grad(grad(chain(3000)))(0.5))
    finally:
        sys.setrecursionlimit(limit)


def len_of_stack():
    frame, count = sys._getframe(), 0
    while frame is not None:
        frame, count = frame.f_back, count + 1
    return count


MEMORY = """
import tracemalloc, numpy as np
from wengert.operators import grad
def f(x, n):
    for _ in range(n):
        x = np.sin(x)
    return x
grad(f)(0.5, 10)
for n in (5000, 20000):
    tracemalloc.start()
    grad(f)(0.5, n)
    print(tracemalloc.get_traced_memory()[1] / n)
    tracemalloc.stop()
"""


def test_memory_is_linear_in_the_length():
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    short, long = map(float, done.stdout.split())
    assert long < 1.3 * short and long < 500  # bytes for an operation


def test_reading_all_elements_costs_one_pass():
    # The sweep adds to one buffer: a thousand reads of a large array stay cheap.
    x = np.ones(200_000)
    gradient = grad(lambda x: sum(x[k] * k for k in range(1000)))(x)
    np.testing.assert_array_equal(gradient[:1000], np.arange(1000))


def test_six_nested_gradients():
    f = lambda x: np.exp(2 * x)
    nested = f
    for _ in range(6):
        nested = grad(nested)
    assert nested(0.3) == pytest.approx(64 * f(0.3), rel=1e-13)
    assert derivative(f, 6)(0.3) == pytest.approx(64 * f(0.3), rel=1e-13)


# ----- threads and contexts -----


def slow_sines(x):
    for _ in range(20):
        x = np.sin(x) * 1.1
    return x


def test_a_thread_pool_inside_f():
    x = np.linspace(0.1, 1, 200_000)
    with ThreadPoolExecutor(4) as pool:
        both = [
            lambda x, run=run: sum(run(slow_sines, [x * k for k in range(1, 5)])).sum()
            for run in (map, pool.map)
        ]
        expected = grad(both[0])(x)
        for _ in range(3):
            np.testing.assert_allclose(grad(both[1])(x), expected, rtol=1e-12)


def test_many_threads_differentiate_different_functions():
    def work(k):
        f = lambda x: np.sum(np.sin(x * k)) * grad(lambda y: y**k)(x[0])
        return [hessian(f)(X) for _ in range(5)]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(work, range(1, 17)))
    for k, results in enumerate(together, 1):
        for result in results:
            np.testing.assert_array_equal(result, work(k)[0])


def test_threads_that_differentiate_inside_f():
    def f(x):
        with ThreadPoolExecutor(2) as pool:
            slopes = pool.map(lambda k: grad(lambda y: y**k)(x), [2, 3])
        return sum(slopes)

    assert grad(f)(1.5) == pytest.approx(2 + 6 * 1.5)


def test_a_pullback_may_be_called_in_several_threads():
    _, pullback = vjp(slow_sines, X)
    expected = pullback(np.ones(3))[0]
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(pullback(np.ones(3))[0]))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(r, expected) for r in results) and len(results) == 6


def test_a_copied_context_sees_the_same_trace():
    def f(x):
        return contextvars.copy_context().run(lambda: x * 2) * x

    assert grad(f)(3.0) == 12.0


def test_generators_of_two_traces_interleave():
    def values(x):
        for k in range(1, 4):
            yield x**k

    def f(x):
        outer = values(x)

        def g(y):
            return sum(a * b for a, b in zip(outer, values(y), strict=True))

        return grad(g)(1.0)

    # g'(1) = Σ k xᵏ, and then its derivative Σ k² xᵏ⁻¹.
    assert grad(f)(2.0) == 1 + 4 * 2 + 9 * 4


# ----- warnings -----


@pytest.mark.parametrize(
    "f,x",
    [
        (np.sqrt, 0.0),
        (lambda x: x**0.5, 0.0),
        (lambda x: np.linalg.norm(np.stack([x, x])), 0.0),
        (lambda x: np.where(x > 0, x ** np.abs(x), 0.0), 0.0),
        (np.arcsin, 1.0),
        (lambda x: np.exp(x), 800.0),
    ],
)
def test_the_sweep_itself_never_warns(f, x):
    def silent(x):
        with np.errstate(all="ignore"):
            return f(x)

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        grad(silent)(x)
        jvp(silent, (x,), (1.0,))
        hessian(silent)(x)
    assert not seen


def test_what_f_itself_warns_of_is_heard_in_reverse_mode():
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        grad(np.log)(0.0)


def test_what_f_itself_warns_of_is_heard_in_forward_mode():
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        jvp(np.log, (0.0,), (1.0,))


def test_an_error_state_set_by_the_caller_holds_in_forward_mode():
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        jvp(np.log, (0.0,), (1.0,))


@pytest.mark.parametrize("x", [5e-324, 1e308, np.inf, -np.inf, np.nan])
def test_extreme_values(x):
    assert grad(lambda x: 0.5 * x)(x) == 0.5
    with np.errstate(all="ignore"):
        np.testing.assert_equal(grad(lambda x: x * x)(x), 2 * x)
