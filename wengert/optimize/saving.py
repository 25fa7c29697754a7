"""Pytrees of arrays on the disk: .npz, without pickle, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, ShapeError

__all__ = ["load", "save"]


def save(path: str | os.PathLike[str], values: Any) -> None:
    """Save a pytree; `np.load` shows its leaves by their names, "x['w'][0]".

    Parameters
    ----------
    path : path
        Gets the suffix ".npz" if it has none. What stands there is replaced only when
        the new file is complete, so that an interrupted run loses nothing.
    values : pytree of arrays and numbers

    Raises
    ------
    ArgumentError
        If a leaf is no array nor number.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(folder + "/state.npz", {"w": np.arange(2.0)})
    ...     load(folder + "/state.npz", {"w": np.zeros(2)})
    {'w': array([0., 1.])}
    """
    leaves = tree.flatten(values)[0]
    arrays: dict[str, Any] = {}
    for name, leaf in zip(tree.paths(values), leaves, strict=True):
        array = np.asarray(leaf)
        if array.dtype.hasobject:
            raise ArgumentError(f"save: {name} is a {type(leaf).__name__}, no number")
        arrays[name] = array
    target = _with_suffix(path)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with open(unfinished, "wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def load(path: str | os.PathLike[str], like: Any) -> Any:
    """Load what `save` saved.

    Parameters
    ----------
    path : path
    like : pytree
        Of the structure and shapes that were saved; its values do not matter.

    Returns
    -------
    pytree

    Raises
    ------
    FileNotFoundError
    ShapeError
        If names or shapes differ.
    """
    leaves, structure = tree.flatten(like)
    names = tree.paths(like)
    with np.load(_with_suffix(path), allow_pickle=False) as saved:
        missing, extra = set(names) - set(saved.files), set(saved.files) - set(names)
        if missing or extra:
            raise ShapeError(
                f"{path} has not what was asked for: missing {sorted(missing)}, "
                f"beside them {sorted(extra)}"
            )
        arrays = [saved[name] for name in names]
    for name, array, leaf in zip(names, arrays, leaves, strict=True):
        if array.shape != np.shape(leaf):
            raise ShapeError(
                f"{path}: {name} has the shape {array.shape}, not {np.shape(leaf)}"
            )
    return tree.unflatten(
        structure,
        [_kept(array, leaf) for array, leaf in zip(arrays, leaves, strict=True)],
    )


def _kept(array: Any, leaf: Any) -> Any:
    """Give a Python number for a Python number, a NumPy scalar for one."""
    if isinstance(leaf, np.ndarray):
        return array
    return array.item() if isinstance(leaf, int | float | complex) and not isinstance(
        leaf, np.generic
    ) else array[()]  # fmt: skip


def _with_suffix(path: str | os.PathLike[str]) -> Path:
    found = Path(path)
    return found if found.suffix == ".npz" else found.with_name(found.name + ".npz")
