"""Every row, as a Graph of one equation: typed, printed, read back, simplified, run."""

import numpy as np
import pytest

import wengert.primitives.scipy_linalg  # noqa: F401  (rows are registered by import)
from tests.graph.random_graphs import same_bits
from wengert.engines import open_engine
from wengert.graph import PRIMITIVES, ArrayType, Constant, GraphBuilder, is_scalar
from wengert.graph.check import check
from wengert.graph.parse import parse
from wengert.passes import prune, simplify

DTYPES = {"f": (np.float64, np.float32), "fc": (np.float64, np.float32, np.complex128)}


def samples(row):
    # `dtypes` says where there is a derivative; a constant row has none.
    for dtype in DTYPES["f" if isinstance(row, Constant) else row.dtypes]:
        yield from row.samples(np.random.default_rng(0), np.dtype(dtype))


def graph_of(row, sample):
    """Make a Graph of one equation, of which the arrays of a sample are the inputs."""
    build = GraphBuilder()
    atoms = [
        build.constant(x)
        if is_scalar(x) and not hasattr(x, "dtype")
        else build.input(ArrayType.of(x))
        for x in sample.inputs
    ]
    return build.finish(build.add(row, atoms, sample.params))


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_a_graph_of_one_equation(name):
    row = PRIMITIVES[name]
    for sample in samples(row):
        graph = check(graph_of(row, sample))
        again = check(parse(str(graph)))
        assert str(again) == str(graph)
        arrays = [x for x in sample.inputs if hasattr(x, "dtype")]
        y = row(*sample.inputs, **sample.params)
        y = y if row.is_tuple else (y,)
        with np.errstate(all="ignore"):
            assert [ArrayType.of(v) for v in y] == [v.type for v in graph.outputs]
            for some in (graph, again, prune(simplify(graph))):
                assert same_bits(open_engine("numpy").compile(some)(*arrays), y)
