"""Random smooth functions from arrays (n,) to (m,), written in NumPy."""

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

__all__ = ["examples", "fields", "points"]

_CURVES = [np.sin, np.tanh, np.exp, np.square, lambda v: v / (1 + v**2)]


def examples(count):
    """Ask for so many examples, however long a busy machine takes for each."""
    return settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


def points(n):
    """Draw points of [-1, 1]ⁿ, of few digits."""
    numbers = st.integers(-8, 8).map(lambda k: k / 8 + 1 / 32)
    return st.lists(numbers, min_size=n, max_size=n).map(np.array)


@st.composite
def fields(draw, n, m, steps=5):
    """Draw a function: sums, products and curves of its elements, step by step."""
    kinds = st.integers(0, len(_CURVES) + 2)
    places = st.integers(0, 10**6)
    moves = draw(st.lists(st.tuples(kinds, places, places), min_size=1, max_size=steps))
    wanted = draw(st.lists(places, min_size=m, max_size=m))

    def f(x):
        values = [x[i] for i in range(n)]
        for kind, i, j in moves:
            a, b = values[i % len(values)], values[j % len(values)]
            if kind < len(_CURVES):
                values.append(_CURVES[kind](a))
            else:
                extra = kind - len(_CURVES)
                values.append((a * b, a - 0.5 * b, a * x[j % n] + b)[extra])
        return np.stack([values[-1 - k % len(values)] for k in wanted])

    return f
