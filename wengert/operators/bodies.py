"""Functions that branches and loops are given: run, or written down as Graphs.

Law: a loop gives the same values either way. So what is carried keeps its structure and
types from step to step in both, and Python numbers become NumPy's before the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, ControlFlowError, ShapeError, user_source
from wengert.graph.extract import Closed, close
from wengert.graph.types import ArrayType
from wengert.operators.arguments import Output
from wengert.trace.bodies import stage_body
from wengert.trace.levels import staging
from wengert.trace.staging import Staged, stage_function
from wengert.trace.tracer import Tracer
from wengert.trace.views import has_value

__all__ = [
    "Carry",
    "Leaves",
    "is_recorded",
    "own_copy",
    "scalar",
    "written_down",
    "written_for",
]


def is_recorded(*asked: Any) -> bool:
    """Tell whether a Graph is being recorded that is to hold loops as loops, or Python
    cannot be told what it asks for."""
    recorded = staging.depth > 0 and not staging.unrolled
    return recorded or not all(map(has_value, asked))


def written_down(
    f: Callable[..., Sequence[Any]], leaves: Sequence[Any]
) -> tuple[Closed, Output]:
    """Write a body down for values of these types.

    Parameters
    ----------
    f : callable
        Takes as many Tracers as there are leaves, and returns a pytree.
    leaves : sequence of arrays or types

    Returns
    -------
    body : Closed
    output : Output
        Knows the structure of what f has returned.
    """
    output = Output(f, has_aux=False)
    types = [ArrayType(x.shape, x.dtype) for x in leaves]
    return stage_body(lambda *x: output.take(f(*x)), types), output


def written_for(
    f: Callable[..., Sequence[Any]], inputs: Sequence[Any]
) -> tuple[Closed, Output]:
    """Write a function down for these very inputs.

    Parameters
    ----------
    f : callable
        As for `written_down`. Where it asks for a value, it is run once more, on the
        values of the inputs, without guards: the Graph is right for no others. A value
        of a Graph that is being recorded is asked for there, with a guard.
    inputs : sequence of arrays or Tracers
    """
    try:
        return written_down(f, inputs)
    except ControlFlowError:
        values = [_primal(x) for x in inputs]
        if not all(map(has_value, values)):
            raise
    output = Output(f, has_aux=False)
    graph = stage_function(lambda *x: output.take(f(*x)), values)[1]
    return close(graph), output


def _primal(x: Any) -> Any:
    """Take derivatives off; a value of a Graph stays."""
    while isinstance(x, Tracer) and not isinstance(x, Staged):
        x = x.value
    return x


class Leaves:
    """The arrays of a pytree, with their names for messages."""

    def __init__(self, operator: str, what: str, values: Any) -> None:
        self.operator, self.what = operator, what
        self.original, self.structure = tree.flatten(values)
        self._values = values
        self.arrays = [self._array(i, leaf) for i, leaf in enumerate(self.original)]

    def path(self, i: int) -> str:
        """Name a leaf as one would write it in Python."""
        return tree.paths(self._values, self.what)[i]

    def restore(self, leaves: Sequence[Any]) -> Any:
        """Arrange leaves as these."""
        return tree.unflatten(self.structure, leaves)

    def _array(self, i: int, leaf: Any) -> Any:
        if isinstance(leaf, Tracer):
            return leaf
        if type(leaf) in (bool, int, float, complex, np.ndarray) or isinstance(
            leaf, np.generic
        ):
            array = np.asarray(leaf)[()]
            if array.dtype.kind in "fciub":
                return array
        raise ArgumentError(
            f"{self.operator}: {self.path(i)} is a {type(leaf).__name__}, and no "
            f"number or array of numbers (at {user_source()})."
        )


class Carry(Leaves):
    """What a loop carries from step to step."""

    def __init__(self, operator: str, what: str, values: Any) -> None:
        super().__init__(operator, what, values)
        self.arrays = [own_copy(x) for x in self.arrays]

    def fits(self, structure: Any, leaves: Sequence[Any]) -> bool:
        """Compare what a step has returned with what it was given.

        Python numbers that were given take the dtype of what is returned: then the
        step is to be done once more.

        Raises
        ------
        ShapeError
            If the structure, a shape or a dtype is another.
        """
        if structure != self.structure:
            raise ShapeError(
                f"{self.operator}: what is carried has the structure {self.structure}, "
                f"but the body returns {structure} (at {user_source()}). Return it as "
                "it came in."
            )
        fits = True
        for i, (before, after) in enumerate(zip(self.arrays, leaves, strict=True)):
            if before.dtype == after.dtype and before.shape == after.shape:
                continue
            if not self._is_weak(i, after):
                raise ShapeError(
                    f"{self.operator}: {self.path(i)} is {ArrayType.of(before)!r} and "
                    f"becomes {ArrayType.of(after)!r} in a step (at {user_source()}). "
                    "What is carried keeps its type: start with "
                    f"np.{_suggestion(after)}, or convert it in the body."
                )
            self.arrays[i] = after.dtype.type(self.original[i])
            fits = False
        return fits

    def _is_weak(self, i: int, after: Any) -> bool:
        number = self.original[i]
        if type(number) not in (bool, int, float, complex) or after.shape != ():
            return False
        # Once it has a dtype, it keeps that.
        fresh = self.arrays[i].dtype == np.asarray(number).dtype
        return fresh and bool(np.result_type(number, after.dtype) == after.dtype)


def _suggestion(after: Any) -> str:
    if after.shape == ():
        return f"{after.dtype.name}(…)"
    return f"zeros({after.shape}, np.{after.dtype.name})"


def scalar(operator: str, what: str, x: Any, kinds: str) -> Any:
    """Check that a predicate or an index is one number of a kind.

    Raises
    ------
    ArgumentError
        For arrays with axes, and for other dtypes.
    """
    array = x if isinstance(x, Tracer) else np.asarray(x)[()]
    if array.shape != () or array.dtype.kind not in kinds:
        wanted = "True or False" if "b" in kinds else "an integer"
        raise ArgumentError(
            f"{operator}: {what} must be {wanted}, but is {ArrayType.of(array)!r} (at "
            f"{user_source()})."
            + (" For a choice in each element, use np.where." if "f" in kinds else "")
        )
    return array


def own_copy(x: Any) -> Any:
    """Copy an array that the body might write into."""
    if isinstance(x, Tracer):
        return np.copy(x) if x.is_mutable else x
    return x.copy() if isinstance(x, np.ndarray) else x
