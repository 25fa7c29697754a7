"""Every row with native code against the NumPy interpreter: samples, kinks, dtypes."""

import numpy as np
import pytest

import wengert.primitives.special  # noqa: F401  (rows are registered by import)
from wengert.engines import NumpyEngine
from wengert.engines.llvm.engine import LlvmEngine
from wengert.engines.loops.kinds import is_lowered
from wengert.graph import PRIMITIVES, ArrayType, GraphBuilder
from wengert.passes.expand import expand

ENGINE = LlvmEngine()
DTYPES = ("f8", "f4", "i8", "i4", "u1", "?")
# What SciPy and the C library compute by other formulas, to so many units.
LOOSE = {"pro_cv": 1e-9, "obl_cv": 1e-9, "nctdtrit": 1e-9, "chndtrinc": 1e-9}


def cases(row):
    """Give samples in several dtypes; those that a row does not take are left out."""
    for dtype in map(np.dtype, DTYPES):
        try:
            samples = list(row.samples(np.random.default_rng(0), dtype))
        except (TypeError, ValueError, OverflowError):
            continue
        for sample in samples:
            yield dtype, sample.inputs, sample.params
    for kink in row.kinks:
        yield np.dtype(float), kink.inputs, kink.params


def graph_and_values(row, dtype, inputs, params):
    build, atoms, values = GraphBuilder(), [], []
    for x in inputs:
        if not hasattr(x, "dtype") and not isinstance(x, float):
            atoms.append(build.constant(x))
            continue
        x = np.asarray(x)[()]
        if dtype.kind in "iub" and x.dtype.kind == "f":
            x = x.astype(dtype)[()]
        atoms.append(build.input(ArrayType.of(x)))
        values.append(x)
    return build.finish(build.add(row, atoms, params)), values


def lowered_cases(name):
    row = PRIMITIVES[name]
    for dtype, inputs, params in cases(row):
        try:
            with np.errstate(all="ignore"):
                graph, values = graph_and_values(row, dtype, inputs, params)
                expected = NumpyEngine().compile(graph)(*values)
        except Exception:  # noqa: BLE001, S112  (this dtype is not for this row)
            continue
        if all(map(is_lowered, expand(graph).equations)):
            yield graph, values, expected


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_row(name, native_counts):
    found = False
    for graph, values, expected in lowered_cases(name):
        found = True
        result = ENGINE.compile(expand(graph))(*values)
        for y, reference in zip(result, map(np.asarray, expected), strict=True):
            assert y.dtype == reference.dtype
            assert y.shape == reference.shape
            loose = 1e-5 if y.dtype == np.float32 else LOOSE.get(name, 2e-13)
            largest = np.max(np.abs(reference[np.isfinite(reference)]), initial=0)
            np.testing.assert_allclose(
                y, reference, rtol=loose, atol=loose * float(largest)
            )
        native_counts["cases"] += 1
    if not found:
        pytest.skip("runs on NumPy")
    native_counts["rows"] += 1
