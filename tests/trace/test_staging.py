"""A Graph keeps what Python was told as guards, and constants as they were."""

from __future__ import annotations

import numpy as np
import pytest

import wengert.engines  # noqa: F401  (registers the engines)
from wengert.engines import open_engine
from wengert.errors import GuardError
from wengert.operators import grad, jvp, trace

X = np.array([0.7, -1.3, 0.4])


def compiled(f, *args):
    return open_engine("numpy").compile(trace(f, *args))


@pytest.mark.parametrize(
    "f,other",
    [
        (lambda x: x if x > 0 else -x, -1.0),
        (lambda x: x * int(x), 2.5),
        (lambda x: sum(x for _ in range(int(x * 3))), 2.5),
        (lambda x: x * 2 if x in [1.5, 2.0] else x, 3.0),
        (
            lambda x: x * [1.0, 2.0, 3.0][np.argmax(np.stack([x, x * 0 + 2, x * 0]))],
            3.0,
        ),
        (lambda x: grad(lambda y: y * y if y > 1 else y)(x), 0.5),
        (lambda x: jvp(lambda y: y * y if y > 1 else y, (x,), (x,))[1], 0.5),
    ],
)
def test_another_branch_is_noticed(f, other):
    run = compiled(f, 1.5)
    assert run(1.5)[0] == f(1.5)
    with pytest.raises(GuardError, match="test_staging.py:"):
        run(other)


def test_the_number_of_chosen_elements_is_a_guard():
    f = lambda x: np.sum(x[x > 0] ** 2)
    run = compiled(f, X)
    assert run(X)[0] == f(X)
    # Two are positive here as well, though others: the Graph follows.
    other = np.array([-1.0, 0.3, 0.2])
    assert run(other)[0] == f(other)
    with pytest.raises(GuardError):
        run(np.abs(X))


def test_python_numbers_are_built_in_and_arrays_are_inputs():
    graph = trace(lambda x, n, s: x * n, X, 3, "text")
    assert len(graph.inputs) == 1 and len(graph.equations) == 1


def test_an_array_from_outside_is_read_at_each_run():
    outside = np.ones(3)
    run = compiled(lambda x: x * outside, X)
    outside *= 2
    np.testing.assert_array_equal(run(X)[0], 2 * X)


@pytest.mark.parametrize("n", [3, 100])
def test_a_work_array_is_what_it_was_when_f_used_it(n):
    def f(x):
        work, total = np.ones(n), 0.0
        for _ in range(3):
            total = total + (x * work).sum()
            work *= 0.5
        return total

    run = compiled(f, np.ones(n))
    assert run(np.ones(n))[0] == f(np.ones(n))


def test_an_index_is_what_it_was_when_f_used_it():
    def f(x):
        index, total = np.array([0, 1]), 0.0
        for k in range(2):
            total = total + (k + 1) * x[index].sum()
            index += 1
        return total

    assert compiled(f, X)(X)[0] == pytest.approx(f(X))


def test_a_graph_holds_no_tracer():
    kept = []
    trace(lambda x: kept.append(x) or x, X)
    try:
        graph = trace(lambda x: kept[0], X)
    except RuntimeError:
        return
    assert not graph.captures


@pytest.mark.parametrize(
    "name", ["var", "std", "mean", "sum", "prod", "max", "min", "trace", "any"]
)
def test_methods_of_arrays_are_those_of_staged_values(name):
    x = np.array([[0.5, 2.0], [1.5, -1.0]])

    def f(x):
        return getattr(x, name)()

    np.testing.assert_allclose(compiled(f, x)(x)[0], f(x), rtol=1e-14)
