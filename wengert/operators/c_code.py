"""Write a function as C, to be used where there is no Python."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from wengert import tree
from wengert.engines.c import Source, check_name, identifier, source_of
from wengert.errors import ArgumentError
from wengert.graph import Graph
from wengert.operators.arguments import name_of
from wengert.operators.naming import root_names
from wengert.operators.staging import trace
from wengert.passes.prepare import prepare

__all__ = ["to_c"]


def to_c(
    f: Callable[..., Any] | Graph,
    *args: Any,
    name: str | None = None,
    folder: str | Path | None = None,
) -> Source:
    """Write a function as self-contained C99, for arguments of these shapes and dtypes.

    Parameters
    ----------
    f : callable or Graph
        A function of NumPy code, or a derivative such as `grad(g)`.
    *args : pytrees of arrays and floats
        Become the pointers that the C function takes, in order; Python ints, bools and
        strings are built into the code. Of a Graph, an array for each input. They are
        the example of the program that checks the code, too.
    name : str, optional
        Of the C function and the files; default, the name of f.
    folder : path, optional
        Where to write the files; by default they are not written.

    Returns
    -------
    Source
        With the texts `header`, `code` and `main`, and `write(folder)`.

    Raises
    ------
    EngineError
        If an operation has no native code: eigenvalues, for example.
    ArgumentError
        If an argument or an output is no number, or the name is none for C.

    Notes
    -----
    Arrays that f uses without being given them are written into the code as they are
    now. Where Python asks for a value (`if x > 0`), the C function asks again, and
    returns a code where the answer is another one; `cond`, `while_loop` and `scan` go
    both ways. The C function is reentrant, and needs no memory but what it is given,
    save in the gradient of a `while_loop`. Cost: one run of f, and some tenths of a
    millisecond for each operation.

    Examples
    --------
    >>> from wengert import grad
    >>> source = to_c(grad(lambda x: np.sum(x**2)), np.ones(3), name="slope")
    >>> start = source.header.index("int slope")
    >>> print(" ".join(source.header[start:].split(";")[0].split()))
    int slope( const double *x, double *out, void *work)
    """
    graph, examples, inputs, outputs = _given(f, args)
    if name is None:
        name = "f" if isinstance(f, Graph) else _default_name(f)
    check_name(name)
    graph = prepare(graph)
    source = source_of(graph, examples, name=name, inputs=inputs, outputs=outputs)
    if folder is not None:
        source.write(folder)
    return source


def _given(
    f: Callable[..., Any] | Graph, args: tuple[Any, ...]
) -> tuple[Graph, list[Any], list[str], list[str]]:
    """Give the Graph, an example for each input, and what inputs and outputs are."""
    if isinstance(f, Graph):
        inputs = _numbered("x", len(f.inputs))
        return f, list(args), inputs, _numbered("out", len(f.outputs))
    if not callable(f):
        raise ArgumentError(f"to_c needs a function or a Graph, not {f!r}")
    outputs: list[str] = []

    @functools.wraps(f)
    def noted(*arguments: Any) -> Any:
        result = f(*arguments)
        outputs[:] = tree.paths(result, "out")
        return result

    graph = trace(noted, *args)
    examples, inputs = [], []
    for root, argument in zip(root_names(f, len(args)), args, strict=True):
        leaves = tree.flatten(argument)[0]
        for path, leaf in zip(tree.paths(argument, root), leaves, strict=True):
            if isinstance(leaf, float | np.ndarray | np.generic | complex):
                examples.append(np.asarray(leaf)[()])
                inputs.append(path)
    return graph, examples, inputs, outputs


def _numbered(root: str, count: int) -> list[str]:
    return [root] if count == 1 else [f"{root}[{k}]" for k in range(count)]


def _default_name(f: Callable[..., Any]) -> str:
    name = name_of(f)
    return "f" if name == "<lambda>" else identifier(name)
