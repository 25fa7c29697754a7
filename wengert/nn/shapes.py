"""Refusals that name the layer and what does not fit: `dense: x (32, 10) …`."""

from __future__ import annotations

from typing import Any

from wengert.errors import ShapeError, user_source

__all__ = ["check_fit", "check_rank"]


def check_fit(layer: str, fits: bool, **named: Any) -> None:
    """Refuse arrays that do not fit together.

    Parameters
    ----------
    layer : str
    fits : bool
    **named : array
        What is judged first, then what it is held against.

    Raises
    ------
    ShapeError
    """
    if fits:
        return
    first, *others = [f"{name} {array.shape}" for name, array in named.items()]
    raise ShapeError(
        f"{layer}: {first} does not fit {' and '.join(others)} (at {user_source()})"
    )


def check_rank(layer: str, name: str, array: Any, axes: str) -> None:
    """Refuse an array that has not as many axes as are named.

    Parameters
    ----------
    layer, name : str
    array : array
    axes : str
        `"batch, height, width, channels"`.

    Raises
    ------
    ShapeError
    """
    if array.ndim != len(axes.split(", ")):
        raise ShapeError(
            f"{layer}: {name} {array.shape} has not the axes ({axes}) "
            f"(at {user_source()})"
        )
