"""All that is lowered, once more with the compiler's checks of undefined behaviour."""

import dataclasses

import numpy as np
import pytest

from tests.cases import CASES
from tests.engines.c.compiling import Batch, needs_cc
from tests.engines.c.test_dtypes import INTEGERS, pairs
from tests.engines.c.test_programs import LOWERED, corpus
from tests.engines.c.test_rows import lowered_samples
from tests.operators.test_loops import X
from wengert import grad, trace

pytestmark = [needs_cc, pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

FLAGS = ["-g", "-fsanitize=undefined,address", "-fno-sanitize-recover=all"]


def check(batch):
    """Run under the sanitizers, which end the program at the first finding."""
    done = batch.run_mains(*FLAGS)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr[:3000]
    assert not done.stderr


def test_the_sanitizers_see_what_is_wrong(tmp_path):
    batch = Batch(tmp_path)
    batch.add(trace(lambda x: x[::-1] * 2, X), [X])
    source, *others = batch.cases[0]
    assert "x0[3 - i0]" in source.code
    wrong = source.code.replace("x0[3 - i0]", "x0[4 - i0]")
    batch.cases[0] = dataclasses.replace(source, code=wrong), *others
    assert "global-buffer-overflow" in batch.run_mains(*FLAGS).stderr


def integers(x, y):
    one = x.dtype.type(1)
    return (
        x + y, x - y, x * y, -x, x // y, x % y, np.abs(x), x**3, np.square(x),
        x << one, x >> one, ~x, x & y, x.astype(float), x.astype("i1"), x.sum(),
        x.prod(), x.max(), np.sign(x),
    )  # fmt: skip


def test_integers(tmp_path):
    batch = Batch(tmp_path)
    for dtype in INTEGERS:
        args = pairs(dtype)
        batch.add(trace(integers, *args), args, dtype)
    check(batch)


def test_floats_that_fit_no_integer(tmp_path):
    hard = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300, 2.0**63, -(2.0**63) - 1e4])
    batch = Batch(tmp_path)
    for dtype in ("i1", "i2", "i4", "i8"):
        for x in (hard, hard.astype("f4")):
            batch.add(trace(lambda x, dtype=dtype: x.astype(dtype), x), [x], dtype)
    done = batch.run_mains(*FLAGS)
    assert not done.stderr, done.stderr  # what comes out, the machine decides


def test_rows(tmp_path):
    batch = Batch(tmp_path)
    for name, graph, arrays in lowered_samples():
        batch.add(graph, arrays, name)
    check(batch)


@pytest.mark.parametrize("order", [0, 1])
def test_corpus(order, tmp_path):
    batch = Batch(tmp_path)
    assert len(corpus(batch, order)) < len(CASES) / 3
    check(batch)


def test_loops(tmp_path):
    batch = Batch(tmp_path)
    for f in LOWERED:
        for made in (f, grad(f), grad(lambda x, f=f: np.sum(grad(f)(x) ** 2))):
            batch.add(trace(made, X), [X], f.__name__)
    check(batch)
