"""Every row that SymPy has a formula for: the formula has the row's values."""

import numpy as np
import pytest
import sympy

import wengert.primitives.special  # noqa: F401  (rows are registered by import)
from tests.engines.test_every_row import graph_of
from wengert.engines.sympy import exact, names, values_of
from wengert.engines.sympy.arrays import ARRAYS, AS_THEY_ARE
from wengert.errors import EngineError
from wengert.graph import PRIMITIVES, ArrayType
from wengert.graph.parse import parse

ALL = sorted({*names(), *ARRAYS, *AS_THEY_ARE} - {"argmax", "argmin"})
SLOW = {"hyp2f1", "hyp1f1", "agm"}
# Of truth values only: SymPy's integers have no bits.
BITWISE = {"bitwise_and", "bitwise_or", "bitwise_xor", "invert"}


def numbers(array, dtype):
    """Evaluate expressions."""

    def number(e):
        if e in (sympy.true, sympy.false):
            return bool(e)
        return complex(sympy.N(e, 20)) if dtype.kind == "c" else float(sympy.N(e, 20))

    return np.array([number(e) for e in array.flat], dtype).reshape(array.shape)


@pytest.mark.parametrize("name", ALL)
def test_a_row_has_its_values(name):
    row = PRIMITIVES[name]
    dtype = np.dtype(float)
    count = 0
    for sample in row.samples(np.random.default_rng(0), dtype):
        arrays = [np.asarray(x) for x in sample.inputs if hasattr(x, "dtype")]
        if sum(x.size for x in arrays) > 40 or any(x.dtype.kind == "c" for x in arrays):
            continue
        if name in BITWISE and any(x.dtype.kind != "b" for x in arrays):
            continue
        if name in SLOW and sum(x.size for x in arrays) > 12:
            continue
        graph = graph_of(row, sample)
        value = values_of(graph, arrays)
        y = row(*sample.inputs, **sample.params)
        for atom, expected in zip(
            graph.outputs, y if row.is_tuple else (y,), strict=True
        ):
            found = value(atom)
            assert found.shape == np.shape(expected)
            type_ = ArrayType.of(expected).dtype
            np.testing.assert_allclose(
                numbers(found, type_), expected, rtol=1e-9, atol=1e-12
            )
        count += 1
    assert count or name in BITWISE


def test_exact_numbers():
    third, root = sympy.Rational(1, 3), sympy.sqrt(2)
    for value, meant in [
        (0.5, sympy.Rational(1, 2)), (1 / 3, third), (-1 / 3, -third), (2.0, 2),
        (0.1 + 0.2, sympy.Rational(3, 10)), (np.pi, sympy.pi),
        (2 * np.pi / 3, 2 * sympy.pi / 3), (np.sqrt(2.0), root),
        (1 / np.sqrt(2 * np.pi), 1 / sympy.sqrt(2 * sympy.pi)),
        (np.log(3.0), sympy.log(3)), (np.e, sympy.E), (True, sympy.true),
        (np.inf, sympy.oo), (np.int64(7), 7), (1 + 2j, 1 + 2 * sympy.I),
    ]:  # fmt: skip
        assert exact(value) == meant
    assert exact(np.nan) is sympy.nan


def test_random_numbers_stay_themselves():
    rng = np.random.default_rng(0)
    for value in rng.uniform(0, 10, 2000):
        assert float(exact(value)) == value


def test_truth_values_bit_by_bit():
    graph = parse(
        "graph(x: bool[2], y: bool[2]) {\n  z = bitwise_and x y\n"
        "  w = invert z\n  return w\n}"
    )
    x, y = np.array([True, True]), np.array([True, False])
    found = values_of(graph, [x, y])(graph.outputs[0])
    assert found.tolist() == [sympy.false, sympy.true]


def test_a_row_without_a_formula_is_named():
    graph = parse("graph(x: f64[3]) {\n  y = sort[axis=0] x\n  return y\n}")
    with pytest.raises(EngineError, match="sort has no formula"):
        values_of(graph, [np.ones(3)])
