"""Every row of the registry can be explained, in every form."""

import numpy as np
import pytest

import wengert.primitives  # noqa: F401
from wengert.explanation import explain
from wengert.explanation.formula import symbols
from wengert.graph import PRIMITIVES


def sample_of(row):
    """Give the first sample that has something to differentiate in."""
    for sample in row.samples(np.random.default_rng(0), np.dtype(float)):
        if any(np.asarray(x).dtype.kind == "f" for x in sample.inputs):
            return sample
    return None


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_row(name):
    row = PRIMITIVES[name]
    sample = sample_of(row)
    if sample is None:
        pytest.skip("a row of integers")

    def call(*moved):
        rest = iter(moved)
        x = [v if type(v) is float else next(rest) for v in sample.inputs]
        return row(*x, **sample.params)

    # Python's floats are constants of a sample: orders that a row cannot move.
    moved = [x for x in sample.inputs if type(x) is not float]
    explanation = explain(call)(*moved)
    sweeps, tables = explanation.sweeps, explanation.tables
    known = {*sweeps.names.values(), *sweeps.inputs.names, *sweeps.results}
    known |= {"e", "·", "…", "π"}
    for table in tables:
        for line in table.lines:
            formulas = [line.target, *([line.formula] if line.formula else [])]
            assert {s.name for f in formulas for s in symbols(f)} <= known, str(line)
    for form in (explanation.text, explanation.markdown, explanation.html):
        assert len(form()) > 100
    assert explanation.latex().isascii()
    assert explanation.first_nan() is None
