"""The table of matrix calculus comes out exactly as it stands there."""

import numpy as np
import pytest
from matrix_identities import IDENTITIES

from wengert.numeric import gradient as numeric_gradient
from wengert.numeric import hessian as numeric_hessian
from wengert.numeric import jacobian as numeric_jacobian


def name(case):
    return f"{case.kind}: {case.statement}"


def test_the_table_is_long_enough():
    assert len({(c.statement, c.kind, c.by) for c in IDENTITIES}) >= 70


@pytest.mark.parametrize("case", IDENTITIES, ids=name)
def test_the_derivative_is_written_as_in_the_table(case):
    assert case.derivative().text == case.expected


@pytest.mark.parametrize("case", IDENTITIES, ids=name)
def test_its_code_is_the_derivative_by_differences(case):
    """An oracle that shares nothing with wengert's own derivative."""
    arguments = case.arguments()
    x = arguments[case.by]
    found = case.derivative().function()(*arguments.values())

    def f(x):
        return case.f(**{**arguments, case.by: x})

    if case.kind == "gradient":
        exact = numeric_gradient(f, x)
    else:
        by = np.shape(x)
        of = by if case.kind == "hessian" else np.shape(f(x))
        numeric = numeric_hessian if case.kind == "hessian" else numeric_jacobian
        exact = np.asarray(numeric(f, x)).reshape(of + by)
        k = len(of)
        axes = [*reversed(range(k)), *reversed(range(k, k + len(by)))]
        exact = exact.transpose(axes).reshape(found.shape)
    np.testing.assert_allclose(found, exact, rtol=1e-5, atol=1e-6)
