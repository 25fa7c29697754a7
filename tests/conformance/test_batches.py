"""Every primitive × sample × choice of mapped inputs: the batch is the loop.

The rows are found in the registry: a new one is tested without being told.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import wengert.operators  # noqa: F401  (fills the registry)
import wengert.primitives.scipy_fft  # noqa: F401  (opened by its users otherwise)
import wengert.primitives.scipy_linalg  # noqa: F401
import wengert.primitives.scipy_signal  # noqa: F401
import wengert.primitives.scipy_sparse  # noqa: F401
import wengert.primitives.special  # noqa: F401  (opened on first use otherwise)
from tests.cases import CASES
from tests.conformance.test_rows import closed_over, samples
from wengert import grad, tree, vmap
from wengert.graph.primitive import PRIMITIVES, Constant, Missing, Structured
from wengert.transforms.batching import batch_function

SIZE = 3
# Index arrays of a compressed matrix belong together.
ROWS_OF_A_MATRIX = {"sparse_matmul", "sparse_solve"}
NAMES = sorted(PRIMITIVES)
DIFFERENTIABLE = [
    n
    for n in NAMES
    if not isinstance(PRIMITIVES[n], Constant | Structured)
    and "f" in PRIMITIVES[n].dtypes
]


def members(x):
    """Make three members of an input, of which the first is itself: scaled, so that
    matrices stay definite and vectors sorted; indices in another order."""
    x = np.asarray(x)
    if x.dtype.kind in "fc":
        return np.stack([x, x * x.dtype.type(0.97), x * x.dtype.type(1.02)])
    return np.stack([np.roll(x, k, axis=-1) if x.ndim else x for k in range(SIZE)])


def choices(row, inputs):
    places = [
        i
        for i, x in enumerate(inputs)
        if row.name not in ROWS_OF_A_MATRIX or np.asarray(x).dtype.kind in "fc"
    ]
    if len(places) > 3:
        return [(places[0],), (places[-1],), tuple(places)]
    return [
        chosen
        for count in range(1, len(places) + 1)
        for chosen in itertools.combinations(places, count)
    ]


def run_singly(row, inputs, mapped, params):
    rows = [
        row.evaluate(
            tuple(v[k] if m else v for v, m in zip(inputs, mapped, strict=True)), params
        )
        for k in range(SIZE)
    ]
    rows = [r if row.is_tuple else (r,) for r in rows]
    return [np.stack(column) for column in zip(*rows, strict=True)]


def run_batched(row, inputs, mapped, params):
    def f(*x):
        y = row(*x, **params)
        return list(y) if row.is_tuple else [y]

    ys, ours = batch_function(f, inputs, mapped, SIZE)
    return [y if own else np.stack([y] * SIZE) for y, own in zip(ys, ours, strict=True)]


@pytest.mark.parametrize("name", NAMES)
def test_batch_is_loop(name):
    row = PRIMITIVES[name]
    dtype = np.float64 if "f" in row.dtypes else np.complex128
    for sample in samples(row, dtype):
        for chosen in choices(row, sample.inputs):
            mapped = [i in chosen for i in range(len(sample.inputs))]
            inputs = [
                members(x) if m else x
                for x, m in zip(sample.inputs, mapped, strict=True)
            ]
            with np.errstate(all="ignore"):
                try:
                    expected = run_singly(row, inputs, mapped, sample.params)
                except np.linalg.LinAlgError:
                    continue
                got = run_batched(row, inputs, mapped, sample.params)
            for y, want in zip(got, expected, strict=True):
                assert y.shape == want.shape, (sample, chosen)
                assert y.dtype == want.dtype, (sample, chosen)
                np.testing.assert_allclose(y, want, rtol=1e-9, atol=1e-11)


def test_every_row_states_its_batch_rule():
    silent = [
        name
        for name, row in PRIMITIVES.items()
        if isinstance(row.batch, Missing) and not isinstance(row, Structured)
    ]
    assert silent == []


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradient_through_a_batch_is_that_of_the_loop(name):
    row = PRIMITIVES[name]
    *_, sample = samples(row, np.float64)
    f, moved = closed_over(row, sample.inputs, sample.params)
    if not moved:
        pytest.skip("nothing to differentiate by")
    rng = np.random.default_rng(0)
    stacks = [members(x) for x in moved]
    weights: list[np.ndarray] = []

    def total(*x):
        y = f(*x)
        parts = y if isinstance(y, tuple) else (y,)
        while len(weights) < len(parts):
            weights.append(rng.normal(size=parts[len(weights)].shape))
        return sum(
            np.sum(np.real(w * p))
            for w, p in zip(weights, parts, strict=True)
            if p.dtype.kind in "fc"
        )

    numbers = tuple(range(len(moved)))
    with np.errstate(all="ignore"):
        each = [grad(total, numbers)(*(v[k] for v in stacks)) for k in range(SIZE)]
        expected = [np.stack(column) for column in zip(*each, strict=True)]
        inside = vmap(grad(total, numbers))(*stacks)
        outside = grad(lambda *x: np.sum(vmap(total)(*x)), numbers)(*stacks)
    for want, a, b in zip(expected, inside, outside, strict=True):
        np.testing.assert_allclose(a, want, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(b, want, rtol=1e-8, atol=1e-10)


PROGRAMS = [
    case for case in CASES if all(isinstance(a, float | np.ndarray) for a in case.args)
]


@pytest.mark.parametrize("case", PROGRAMS, ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore::wengert.errors.BatchWarning")
def test_program_of_a_batch_is_the_loop(case):
    stacks = [members(a) for a in case.args]
    singly = [case.f(*(v[k].copy() for v in stacks)) for k in range(SIZE)]
    assert_alike(vmap(case.f)(*stacks), singly)


@pytest.mark.parametrize("case", PROGRAMS, ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore::wengert.errors.BatchWarning")
def test_gradient_of_a_program_of_a_batch_is_the_loop(case):
    def total(*args):
        leaves, _ = tree.flatten(case.f(*args))
        return sum(np.sum(np.real(v)) for v in leaves)

    stacks = [members(a) for a in case.args]
    numbers = tuple(i for i, v in enumerate(stacks) if v.dtype.kind in "fc")
    gradient = grad(total, numbers)
    singly = [gradient(*(v[k].copy() for v in stacks)) for k in range(SIZE)]
    assert_alike(vmap(gradient)(*stacks), singly)
    outer = grad(lambda *x: np.sum(vmap(total)(*x)), numbers)(*stacks)
    assert_alike(outer, singly)


def assert_alike(batch, singly):
    got, _ = tree.flatten(batch)
    rows = [tree.flatten(one)[0] for one in singly]
    for y, column in zip(got, zip(*rows, strict=True), strict=True):
        np.testing.assert_allclose(y, np.stack(column), rtol=1e-8, atol=1e-10)
