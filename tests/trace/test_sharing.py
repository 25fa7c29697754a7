"""A face gives a view of its argument, or a copy, where NumPy's function does."""

import inspect

import numpy as np
import pytest

import wengert.operators  # noqa: F401  (fills the registry)
from wengert import grad
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


FUNCTIONS = sorted(
    (f for f in FACES if getattr(f, "__module__", "").startswith("numpy")
     and takes_one_array(f)),
    key=lambda f: f.__name__,
)  # fmt: skip


def parts(y):
    return y if isinstance(y, list | tuple) else [y]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_memory_is_shared_as_numpy_shares_it(function):
    arguments = ARGUMENTS.get(function.__name__, ())
    for x in (X, SQUARE, X[0], np.ones((1, 3, 1))):
        try:
            plain = parts(function(x, *arguments))
        except Exception:  # does not take this shape
            continue
        expected = [isinstance(y, np.ndarray) and np.shares_memory(y, x) for y in plain]
        found = []

        def f(t, function=function, arguments=arguments, found=found):
            t = t * 1.0
            t[...] = t  # an array that has been written to
            before = memory(t).copy()
            ys = parts(function(t, *arguments))
            for y in ys:
                if getattr(y, "is_mutable", False) and y.size:
                    found.append(np.shares_memory(memory(y), memory(t)))
                else:
                    found.append(False)
            assert (memory(t) == before).all()
            return t.sum()

        grad(f)(x)
        assert found == expected, x.shape
