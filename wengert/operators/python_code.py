"""Write a function as readable NumPy code, to be used where there is no wengert."""

from __future__ import annotations

import functools
import keyword
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wengert import tree
from wengert.engines.python import Argument, PythonSource, module_of
from wengert.errors import ArgumentError, user_source
from wengert.graph import Graph
from wengert.operators.arguments import name_of
from wengert.operators.naming import captured_names, operator_of, root_names
from wengert.operators.staging import trace
from wengert.passes.inline import inline_checkpoints
from wengert.passes.prepare import prepare
from wengert.passes.prune import prune
from wengert.passes.reroll import reroll
from wengert.passes.simplify import simplify

__all__ = ["to_python"]


def to_python(
    f: Callable[..., Any],
    *args: Any,
    name: str | None = None,
    folder: str | Path | None = None,
    plain: bool = False,
) -> PythonSource:
    """Write a function, or its derivative, as the source of a NumPy module.

    Parameters
    ----------
    f : callable
        A function of NumPy code, or a derivative such as `grad(g)`.
    *args : pytrees of arrays and floats
        An example of the arguments: the code is for their shapes and dtypes, and for
        the branches that they take. Python ints, bools and strings are built in.
    name : str, optional
        Of the Python function and the files; default, the name of f.
    folder : path, optional
        Where to write the files; by default they are not written.
    plain : bool
        Whether to write products with partial derivatives as plain ones. By default a
        cotangent of zero wins over an infinite partial derivative, by a function
        `scale`, where the two may meet; a plain product gives NaN there.

    Returns
    -------
    PythonSource
        Prints as the text; `write(folder)` writes it, `function()` runs it.

    Raises
    ------
    EngineError
        If an operation cannot be written as Python.
    ArgumentError
        If an argument or an output is no number, or the name is none for Python.

    Notes
    -----
    The code imports NumPy, and SciPy where it needs it, and nothing else. Loops and
    branches by `scan`, `while_loop` and `cond` become Python's own. A branch that
    Python took while f ran is kept, and checked: `ValueError` says where another one
    would be taken. Captured arrays are written as they are now, those of more than 32
    elements into an `.npz` file beside the code.

    Examples
    --------
    >>> from wengert import grad
    >>> source = to_python(grad(lambda x: np.sum(np.sin(x))), np.ones(3), name="slope")
    >>> print(source.code.splitlines()[-1].strip())
    return np.cos(x)
    """
    if not callable(f):
        raise ArgumentError(f"to_python needs a function, not {f!r}")
    called, operator = name_of(f), operator_of(f)
    if name is None:
        own = called if called.isidentifier() else "f"
        name = f"{operator}_{own}" if operator else own
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ArgumentError(f"name={name!r} is no name for a function of Python")
    results: list[Any] = []

    @functools.wraps(f)
    def noted(*arguments: Any) -> Any:
        result = f(*arguments)
        results[:] = [tree.flatten(result)[1]]
        return result

    here = user_source()
    graph = _readable(trace(noted, *args))
    roots = root_names(f, len(args))
    source = module_of(
        graph,
        name,
        list(dict.fromkeys(map(_parameter, roots))),
        [
            leaf
            for root, x in zip(roots, args, strict=True)
            for leaf in _leaves(root, x)
        ],
        lambda outputs: _result_text(tree.unflatten(results[0], map(_Text, outputs))),
        captured_names(f),
        f"{operator} of {called}, in plain NumPy."
        if operator
        else f"{called}, in plain NumPy.",
        plain,
        here,
    )
    if folder is not None:
        source.write(folder)
    return source


def _parameter(root: str) -> str:
    """Write the parameter of an argument: `*xs` of `xs[0]`."""
    return f"*{root.partition('[')[0]}" if "[" in root else root


def _readable(graph: Graph) -> Graph:
    """Simplify a Graph, and find the loops again that tracing has unrolled."""
    graph = prepare(inline_checkpoints(graph), native=False)
    rolled = reroll(graph)
    return graph if rolled is graph else prune(simplify(rolled))


def _leaves(root: str, argument: Any) -> list[Argument]:
    leaves, _ = tree.flatten(argument)
    return [
        Argument(path)
        if isinstance(leaf, float | np.ndarray | np.generic | complex)
        else Argument(path, is_static=True, value=leaf)
        for path, leaf in zip(tree.paths(argument, root), leaves, strict=True)
    ]


class _Text(str):
    """The text of an output, among the containers of the result."""

    __slots__ = ()


def _result_text(result: Any) -> str:
    if isinstance(result, _Text):
        return str(result)
    if result is None:
        return "None"
    if isinstance(result, Mapping):
        return (
            f"{{{', '.join(f'{k!r}: {_result_text(v)}' for k, v in result.items())}}}"
        )
    if isinstance(result, Sequence):
        parts = ", ".join(map(_result_text, result))
        if isinstance(result, list):
            return f"[{parts}]"
        return f"({parts},)" if len(result) == 1 else f"({parts})"
    raise ArgumentError(
        f"f returns a {type(result).__name__}: to_python writes functions that return "
        "arrays, and dicts, lists and tuples of them"
    )
