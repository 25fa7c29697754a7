"""A value of a trace, by its name."""

from __future__ import annotations

import unicodedata

from wengert.errors import ArgumentError
from wengert.explanation.sweeps import Sweeps
from wengert.graph.equations import Var

__all__ = ["find"]


def find(sweeps: Sweeps, name: str) -> Var:
    """Find the value that has a name.

    Parameters
    ----------
    sweeps : Sweeps
    name : str
        Of an input or output (`w2`, `y`), of what `checkpoint_name` has named, or of a
        line (`v₃`, or `v3`).

    Raises
    ------
    ArgumentError
        If there is none.
    """
    names = {_plainly(label): var for var, label in sweeps.names.items()}
    for equation in sweeps.graph.equations:
        if equation.primitive.name == "checkpoint_name":
            names[_plainly(equation.params["name"])] = equation.outputs[0]
    names.update((_plainly(label), var) for var, label in sweeps.labels.items())
    found = names.get(_plainly(name))
    if found is None:
        raise ArgumentError(
            f"{name!r} is no value of {sweeps.title}. There are "
            f"{', '.join(sweeps.inputs.names)}, {', '.join(sweeps.results)}, the lines "
            "of the table, and what checkpoint_name has named."
        )
    return found


def _plainly(name: str) -> str:
    """Write `v₋₁` as `v-1`."""
    return unicodedata.normalize("NFKC", name).replace("−", "-")
