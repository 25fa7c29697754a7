"""Every row with native code as C, at its samples, in the dtypes that it takes."""

import wengert.primitives.scipy_linalg  # noqa: F401  (rows are registered by import)
from tests.engines.c.compiling import Batch, check_close, needs_cc
from tests.engines.test_every_row import graph_of, samples
from wengert.engines.loops.kinds import LAPACK, is_lowered
from wengert.engines.loops.special import SPECIAL
from wengert.graph import PRIMITIVES

pytestmark = needs_cc


def lowered_samples():
    for name in sorted(PRIMITIVES):
        for sample in samples(PRIMITIVES[name]):
            graph = graph_of(PRIMITIVES[name], sample)
            if name not in SPECIAL | LAPACK and all(map(is_lowered, graph.equations)):
                arrays = [x for x in sample.inputs if hasattr(x, "dtype")]
                yield name, graph, arrays


def test_rows(tmp_path):
    batch, names = Batch(tmp_path), set()
    for name, graph, arrays in lowered_samples():
        if all(x.dtype.kind in "fiub" for x in arrays):
            batch.add(graph, arrays, name)
            names.add(name)
    assert len(names) > 80
    for label, results, expected in batch.run():
        check_close(label, results, expected)
