"""Every primitive, element by element: its local partials are its Jacobian."""

import itertools

import numpy as np
import pytest

from wengert import jacobian
from wengert.errors import MissingRuleError
from wengert.graph.dependence import active_inputs
from wengert.graph.primitive import PRIMITIVES, Constant
from wengert.primitives import special_functions  # noqa: F401  # registers its rows

SIZE = 60


def samples(row):
    """Draw small real samples, and say in which inputs they are differentiated."""
    rng = np.random.default_rng(5)
    for sample in row.samples(rng, np.dtype(float)):
        arrays = [np.asarray(x) for x in sample.inputs]
        moving = [
            i
            for i in active_inputs(row, len(arrays))
            if arrays[i].dtype.kind == "f" and arrays[i].size
        ]
        y = parts(row, row(*sample.inputs, **sample.params))
        is_real = all(np.asarray(part).dtype.kind != "c" for part in y)
        if moving and is_real and sum(x.size for x in arrays) <= SIZE:
            yield sample, moving


def parts(row, y):
    return y if row.is_tuple else (y,)


ROWS = [row for row in PRIMITIVES.values() if not isinstance(row, Constant)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_partials_of_a_row_are_its_jacobian(row):
    for sample, moving in itertools.islice(samples(row), 2):

        def f(*moved, sample=sample, moving=moving):
            x = list(sample.inputs)
            for i, v in zip(moving, moved, strict=True):
                x[i] = v
            y = parts(row, row(*x, **sample.params))
            return [part for part in y if part.dtype.kind == "f"]

        args = [np.asarray(sample.inputs[i], float)[()] for i in moving]
        compare(f, args)


def compare(f, args):
    argnums = tuple(range(len(args)))
    eliminated = jacobian(f, argnums, mode="eliminate")
    with np.errstate(all="ignore"):
        try:
            expected = jacobian(f, argnums)(*args)
        except MissingRuleError:
            with pytest.raises(MissingRuleError):
                eliminated(*args)
            return
        found = eliminated(*args)
    for ours, theirs in zip(found, expected, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert np.allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True)
