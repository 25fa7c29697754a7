"""What the tests of SciPy's drop-ins share: a call, plain, by its face, and traced."""

from __future__ import annotations

import numpy as np
import pytest

from tests.primitives.comparing import check_call
from wengert.graph.primitive import FACES, lookup


def each(calls):
    """Parametrize over calls `(name, args, keywords)`."""
    return pytest.mark.parametrize(
        "name,args,keywords",
        [pytest.param(*c, id=f"{c[0]}-{k}") for k, c in enumerate(calls)],
    )


def parts(y):
    return list(y) if isinstance(y, tuple | list) else [y]


def close(actual, expected, rtol=1e-9):
    for a, b in zip(parts(actual), parts(expected), strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.asarray(a).dtype == np.asarray(b).dtype
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-11)


def check_values(original, name, args, keywords):
    """Compare a face with the function of SciPy that it answers."""
    function = getattr(original, name)
    answer = FACES.get(function) or lookup(function)
    close(answer(*args, **keywords), function(*args, **keywords))


def check_derivatives(ours, name, args, keywords, order=1, fixed=()):
    """Compare derivatives in the arrays of floats among the arguments."""
    function = getattr(ours, name)
    moving = [
        k
        for k, a in enumerate(args)
        if isinstance(a, np.ndarray | np.floating)
        and a.dtype.kind in "fc"
        and k not in fixed
    ]

    def call(*moved):
        rest = iter(moved)
        filled = [next(rest) if k in moving else a for k, a in enumerate(args)]
        y = function(*filled, **keywords)
        return list(y) if isinstance(y, tuple) else y

    check_call(call, [args[k] for k in moving], {}, order=order)


def check_namespace(ours, original):
    for name in original.__all__:
        assert hasattr(ours, name), name
    assert set(ours.__all__) >= set(original.__all__)
