"""Graphs are freed when nothing refers to them, without the garbage collector."""

import gc
import tracemalloc

import numpy as np
import pytest

import wengert
from wengert.imperative import grad, no_grad, tensor


def grown(step, turns):
    """Tell by how many bytes a step, done many times, makes memory grow."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for _ in range(1100):  # until Python's own free lists are full
            step()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(turns):
            step()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        if was_on:
            gc.enable()


@pytest.mark.parametrize("turns", [500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_training_keeps_nothing(turns):
    rng = np.random.default_rng(0)
    a, y = rng.normal(size=(6, 4)), tensor(rng.normal(size=6))
    x = tensor(np.zeros(4), requires_grad=True)
    x.register_hook(lambda x_bar: x_bar * 1.0)

    def step():
        x.grad = None
        h = np.maximum(a @ x, 0.0) - y
        h[0] = h[1:].sum()
        loss = (h**2).sum()
        loss.backward()
        with no_grad():
            x.data -= 1e-3 * x.grad
            (x[1:] * 2).sum()

    assert grown(step, turns) < 20_000
    assert x.level.views.keys() <= {id(x)} and len(x.level.views.get(id(x), ())) < 40


def test_graphs_that_nobody_sweeps_are_freed():
    x = tensor(np.ones((10, 10)), requires_grad=True)
    big = np.ones((10, 10))

    def step():
        y = np.linalg.eigh(x @ x.T + big)[0]
        (y[1:] * 2).sum()

    assert grown(step, 100) < 20_000
    assert not x.level.captured._notes


def test_higher_orders_are_freed():
    x = tensor(0.5, requires_grad=True)

    def step():
        y = np.sin(x) * np.exp(x)
        (first,) = grad(y, x, create_graph=True)
        grad(first, x)

    assert grown(step, 500) < 20_000


def test_tensors_inside_of_derivatives_are_freed():
    def f(a):
        x = tensor(a, requires_grad=True)
        (np.sin(x[1:]) * np.ones(40)).sum().backward()
        return x.grad.sum()

    point = np.ones(41)
    assert grown(lambda: wengert.grad(f)(point), 300) < 20_000


def test_a_sweep_frees_what_it_has_used():
    x = tensor(np.ones(100_000), requires_grad=True)
    tracemalloc.start()
    try:
        y = x
        for _ in range(20):
            y = np.sin(y)
        y = y.sum()
        held = tracemalloc.get_traced_memory()[0]
        y.backward()
        assert held > 15e6 and tracemalloc.get_traced_memory()[0] < 2e6
    finally:
        tracemalloc.stop()
