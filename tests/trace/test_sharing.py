"""A face gives a view of its argument, or a copy, where NumPy's function does: seen by
writing to the argument afterwards."""

import inspect

import numpy as np
import pytest

import wengert.operators  # noqa: F401  (fills the registry)
from wengert import grad
from wengert.errors import MissingRuleError, NotScalarError
from wengert.graph.primitive import FACES
from wengert.trace.views import memory

X = np.arange(1.0, 13.0).reshape(3, 4)
SQUARE = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
# Further arguments, for those that need them.
ARGUMENTS = {
    "moveaxis": (0, 1), "rollaxis": (1,), "swapaxes": (0, 1), "reshape": ((4, 3),),
    "broadcast_to": ((2, 3, 4),), "expand_dims": (0,), "repeat": (2,), "tile": (2,),
    "resize": ((2, 2),), "roll": (1,), "take": ([0, 1],), "split": (2, 1),
    "array_split": (2, 1), "hsplit": (2,), "vsplit": (3,), "permute_dims": ((1, 0),),
    "astype": (np.float64,), "clip": (0.0, 5.0), "delete": (0,), "pad": (1,),
    "partition": (1,), "percentile": (50,), "quantile": (0.5,), "append": (1.0,),
    "insert": (0, 1.0), "compress": ([True, False, True], ), "tensordot": (X.T, 1),
    "dot": (X.T,), "matmul": (X.T,), "where": (), "trapezoid": (), "interp": (),
}  # fmt: skip


def takes_one_array(function):
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return False
    return bool(parameters)


LEFT_OUT = (np.empty_like, np.histogramdd)
FUNCTIONS = sorted(
    (f for f in FACES if getattr(f, "__module__", "").startswith("numpy")
     and f not in LEFT_OUT and takes_one_array(f)),
    key=lambda f: f.__name__,
)  # fmt: skip


def parts(y):
    return y if isinstance(y, list | tuple) else [y]


def seen(function, x, arguments):
    """Give what the results hold after their argument has been written to."""
    results = parts(function(x, *arguments))
    x *= 1.75
    x[..., 0] = 0.5
    return results


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_results_see_writes_to_their_argument_as_numpy_s_do(function):
    arguments = ARGUMENTS.get(function.__name__, ())
    for x in (X, SQUARE, X[0], np.ones((1, 3, 1))):
        try:
            expected = seen(function, x.copy(), arguments)
        except Exception:  # NumPy does not take it
            continue
        if not all(np.asarray(y).dtype.kind in "fc" for y in expected):
            continue
        found = []

        def f(t, arguments=arguments, found=found):
            try:
                results = seen(function, t * 1.0, arguments)
            except MissingRuleError:
                return t.sum()
            found += [np.array(memory(y)) for y in results]
            return sum(np.sum(y) for y in results) if results else t.sum()

        try:
            grad(f)(x)
        except NotScalarError:  # of complex results
            pass
        for ours, right in zip(found, expected, strict=False):
            np.testing.assert_allclose(ours, right, rtol=1e-9, atol=1e-12)
