"""Every row written as Python gives the numbers of the row."""

import numpy as np
import pytest

# Rows are registered by import.
import wengert.primitives.scipy_fft  # noqa: F401
import wengert.primitives.scipy_linalg  # noqa: F401
import wengert.primitives.scipy_signal  # noqa: F401
import wengert.primitives.scipy_sparse  # noqa: F401
import wengert.primitives.special  # noqa: F401
from wengert.engines import NumpyEngine
from wengert.engines.python import Argument, module_of
from wengert.graph import PRIMITIVES, ArrayType, General, GraphBuilder

# What SciPy keeps in a class of its own stands in no text; a checkpoint is inlined.
WITHOUT_TEXT = {"checkpoint", "sparse_matmul", "sparse_solve"}


def cases(row):
    for dtype in map(np.dtype, ("f8", "f4", "c16", "i8")):
        if isinstance(row, General) and dtype.kind == "i":
            continue
        try:
            samples = list(row.samples(np.random.default_rng(0), dtype))
        except (TypeError, ValueError, OverflowError):
            continue
        for sample in samples:
            if all(np.asarray(x).dtype.kind in "iufcb" for x in sample.inputs):
                yield sample


def graph_of(row, sample):
    build, atoms, values = GraphBuilder(), [], []
    for x in sample.inputs:
        if type(x) is int:
            atoms.append(build.constant(x))
            continue
        x = np.asarray(x)[()]
        atoms.append(build.input(ArrayType.of(x)))
        values.append(x)
    return build.finish(build.add(row, atoms, sample.params)), values


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_row(name):
    if name in WITHOUT_TEXT:
        pytest.skip("holds no text")
    found = False
    for sample in cases(PRIMITIVES[name]):
        try:
            graph, values = graph_of(PRIMITIVES[name], sample)
            expected = NumpyEngine().compile(graph)(*values)
        except Exception:  # noqa: BLE001, S112  (this dtype is not for this row)
            continue
        found = True
        names = [f"x{k}" for k in range(len(values))]
        source = module_of(
            graph, "f", names, list(map(Argument, names)),
            lambda outputs: f"({', '.join(outputs)},)", {}, name,
        )  # fmt: skip
        results = source.function()(*values)
        for y, reference in zip(results, map(np.asarray, expected), strict=True):
            y = np.asarray(y)
            assert y.dtype == reference.dtype, source
            np.testing.assert_allclose(
                y, reference, rtol=1e-13 if y.dtype.itemsize >= 8 else 1e-5, atol=1e-13
            )
    if not found:
        pytest.skip("no sample is a Graph")
