"""Ufuncs with several outputs: a row for each output, and a face that calls them all.

So an output that no one uses has no cotangent and costs no sweep, and each partial is
asked for on its own: an order is refused only where its derivative is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wengert.graph.primitive import Elementwise, answers
from wengert.primitives.axes import as_array
from wengert.primitives.forms import elementwise, ufunc_type
from wengert.primitives.samplers import Sampler

__all__ = ["components"]


def components(
    ufunc: Any,
    partials: Mapping[str, Sequence[Any]],
    *,
    sample: Sampler,
    ref: str,
    dtypes: str = "f",
    compute: Callable[..., Any] | None = None,
) -> tuple[Elementwise, ...]:
    """Make the rows of a ufunc, from name → partial derivatives of each output.

    `compute` serves in place of the ufunc, where that cannot be called as it is.

    Cost
    ----
    SciPy computes all outputs at once; here each row computes them all, and gives one.
    """
    rows = tuple(
        elementwise(
            name, (), impl=_output(compute or ufunc, k), type=ufunc_type(ufunc),
            partials=partials[name], sample=sample, ref=ref, dtypes=dtypes,
        )
        for k, name in enumerate(partials)
    )  # fmt: skip

    def face(*inputs: Any) -> tuple[Any, ...]:
        x = [v if isinstance(v, int | float | complex) else as_array(v) for v in inputs]
        return tuple(row(*x) for row in rows)

    face.__name__ = ufunc.__name__
    answers(ufunc)(face)
    return rows


def _output(ufunc: Callable[..., Any], k: int) -> Callable[..., Any]:
    def output(*x: Any) -> Any:
        return ufunc(*x)[k]

    return output
