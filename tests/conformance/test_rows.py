"""Every primitive × mode × order × dtype, against finite differences and its own kinks.

The rows are found in the registry: a new one is tested without being told.
"""

from __future__ import annotations

import dataclasses
import itertools
import zlib

import numpy as np
import pytest

import wengert.operators  # noqa: F401  (fills the registry)
import wengert.primitives.scipy_fft  # noqa: F401  (opened by its users otherwise)
import wengert.primitives.scipy_linalg  # noqa: F401
import wengert.primitives.scipy_signal  # noqa: F401
import wengert.primitives.scipy_sparse  # noqa: F401
import wengert.primitives.special  # noqa: F401  (opened on first use otherwise)
from wengert.graph.dependence import active_inputs
from wengert.graph.primitive import PRIMITIVES, Constant, General, Linear, Multilinear
from wengert.operators import check_grads, jvp, vjp

DTYPES = {"f8": np.float64, "f4": np.float32, "c16": np.complex128}
DIFFERENTIABLE = sorted(n for n, r in PRIMITIVES.items() if not isinstance(r, Constant))
CONSTANT = sorted(n for n, r in PRIMITIVES.items() if isinstance(r, Constant))


def samples(row, dtype):
    rng = np.random.default_rng(zlib.crc32(row.name.encode()))
    return list(row.samples(rng, np.dtype(dtype)))


def closed_over(row, inputs, params):
    """Make f of the inexact active inputs alone; the others are constants of it."""
    active = [
        i
        for i in active_inputs(row, len(inputs))
        if getattr(inputs[i], "dtype", np.dtype(int)).kind in "fc"
    ]

    def f(*moved):
        filled = list(inputs)
        for i, x in zip(active, moved, strict=True):
            filled[i] = x
        return row(*filled, **params)

    return f, [inputs[i] for i in active]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_derivatives_agree_with_differences(name, dtype, compared):
    row = PRIMITIVES[name]
    if DTYPES[dtype]().dtype.kind not in row.dtypes:
        pytest.skip("not defined for this dtype")
    order = 1 if dtype == "f4" else 2
    for sample in samples(row, DTYPES[dtype]):
        f, moved = closed_over(row, sample.inputs, sample.params)
        if not moved or all(x.size == 0 for x in moved):
            continue
        report = check_grads(f, *moved, order=order)
        report.raise_if_failed()
        compared.update(f"{name} {dtype} {r.order} {r.mode}" for r in report.records)


@pytest.mark.parametrize("name", CONSTANT)
def test_constants_have_derivative_zero(name):
    row = PRIMITIVES[name]
    for sample in samples(row, np.float64):
        moved = [x for x in sample.inputs if np.asarray(x).dtype.kind == "f"]
        if not moved:
            continue

        def f(*xs, sample=sample):
            rest = iter(xs)
            inputs = [
                next(rest) if np.asarray(x).dtype.kind == "f" else x
                for x in sample.inputs
            ]
            return row(*inputs, **sample.params) * 1.0

        y, y_dot = jvp(f, moved, [np.ones_like(x) for x in moved])
        assert not np.any(y_dot)
        _, pullback = vjp(f, *moved)
        assert not any(np.any(x_bar) for x_bar in pullback(np.ones_like(y)))


KINKS = [(n, k) for n in DIFFERENTIABLE for k in range(len(PRIMITIVES[n].kinks))]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name,k", KINKS)
def test_kinks_have_the_stated_derivative(name, k, dtype):
    row = PRIMITIVES[name]
    kink = row.kinks[k]
    inputs = [
        np.asarray(x, dtype)[()] if np.asarray(x).dtype.kind == "f" else x
        for x in kink.inputs
    ]
    f, moved = closed_over(row, inputs, kink.params)
    stated = [g for g in kink.gradient if g is not None][: len(moved)]
    y, pullback = vjp(f, *moved)
    x_bars = pullback(np.ones_like(y))
    for j, (x, x_bar, expected) in enumerate(zip(moved, x_bars, stated, strict=True)):
        np.testing.assert_array_equal(x_bar, np.broadcast_to(expected, np.shape(x)))
        for place in np.ndindex(np.shape(x)):
            x_dot = [np.zeros_like(v) for v in moved]
            x_dot[j] = np.array(x_dot[j])
            x_dot[j][place] = 1
            y_dot = jvp(f, moved, [v[()] for v in x_dot])[1]
            np.testing.assert_array_equal(
                np.sum(y_dot), np.broadcast_to(expected, np.shape(x))[place]
            )


# ----- the tester, tested -----


def wrong_partial(row):
    p, *rest = row.partials
    wrong = (lambda *v: 2.001 * p(*v)) if callable(p) else 2.001 * p
    # The residuals are chosen by parameter names: keep those of the right rule.
    if callable(p):
        names = ", ".join(p.__code__.co_varnames[: p.__code__.co_argcount])
        wrong = eval(f"lambda {names}: 2.001 * p({names})", {"p": p})
    return dataclasses.replace(row, partials=(wrong, *rest))


@pytest.mark.parametrize("name", ["sin", "multiply", "add", "exp"])
def test_a_wrong_partial_is_found(name):
    row = wrong_partial(PRIMITIVES[name])
    sample = samples(row, np.float64)[1]
    assert not check_grads(row, *sample.inputs, order=1)


@pytest.mark.parametrize("mode", ["fwd", "rev"])
def test_a_wrong_rule_is_found_in_its_own_mode(mode):
    right = next(
        r
        for r in PRIMITIVES.values()
        if isinstance(r, General) and r.vjp and r.outputs == 1
    )
    if mode == "fwd":
        wrong = dataclasses.replace(
            right, jvp=lambda *a, **p: 2.001 * right.jvp(*a, **p)
        )
    else:
        wrong = dataclasses.replace(
            right,
            vjp=lambda *a, **p: tuple(2.001 * g for g in right.vjp(*a, **p)),
        )
    sample = samples(right, np.float64)[0]
    f, moved = closed_over(wrong, sample.inputs, sample.params)
    assert not check_grads(f, *moved, order=1, modes=[mode])
    other = {"fwd": "rev", "rev": "fwd"}[mode]
    assert check_grads(f, *moved, order=1, modes=[other])


@pytest.mark.parametrize("kind", [Linear, Multilinear])
def test_a_wrong_transpose_is_found(kind):
    right = next(
        r for r in PRIMITIVES.values() if isinstance(r, kind) and r.outputs == 1
    )

    def transpose(*args, **params):
        x_bar = right.transpose(*args, **params)
        if isinstance(x_bar, tuple):
            return tuple(2.001 * part for part in x_bar)
        return 2.001 * x_bar

    wrong = dataclasses.replace(right, transpose=transpose)
    for sample in itertools.islice(samples(right, np.float64), 1):
        f, moved = closed_over(wrong, sample.inputs, sample.params)
        assert not check_grads(f, *moved, order=1, modes=["rev"])
