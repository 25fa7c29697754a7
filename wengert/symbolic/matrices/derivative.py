"""Derivatives at matrix level, of plain NumPy functions.

f is traced at arrays of other sizes, so that a number of the program is not taken for
a size; wengert's own derivative of it is a Graph; that is lifted to matrix expressions,
simplified, and run as NumPy code against the derivative at three sets of sizes. Only
what agrees is given.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.errors import (
    ArgumentError,
    EngineError,
    NotScalarError,
    ShapeError,
    WengertError,
)
from wengert.operators import grad, hessian, jacobian, jvp, trace
from wengert.operators.arguments import check_callable, name_of
from wengert.operators.python_code import to_python
from wengert.symbolic.matrices.algebra import transpose
from wengert.symbolic.matrices.call import Call, Names, is_array
from wengert.symbolic.matrices.collecting import simplify
from wengert.symbolic.matrices.differentials import coefficient
from wengert.symbolic.matrices.expressions import Expression, Shape, Symbol
from wengert.symbolic.matrices.formula import Argument, MatrixDerivative, by_columns
from wengert.symbolic.matrices.lifting import lift
from wengert.symbolic.matrices.lines import with_lines
from wengert.symbolic.matrices.sampling import name_sizes, other_sizes

__all__ = ["matrix_gradient", "matrix_hessian", "matrix_jacobian"]

_TRAITS = ("symmetric", "orthogonal", "definite", "positive", "probability")
# What f raises at arrays of other sizes, if it knows its own.
_FAILURES = (WengertError, ValueError, IndexError, TypeError, ArithmeticError)
_OPERATORS: dict[str, Any] = {
    "gradient": grad,
    "jacobian": jacobian,
    "hessian": hessian,
}


def matrix_gradient(
    f: Callable[..., Any],
    wrt: Names = 0,
    *,
    strict: bool = False,
    **assumptions: str | Sequence[str],
) -> Callable[..., MatrixDerivative]:
    """Make the function that writes the gradient of f with matrices.

    Parameters
    ----------
    f : callable
        A real scalar of arrays of up to two axes, in plain NumPy.
    wrt : str, int, or several of them
        The arguments to differentiate by; each may be a pytree of arrays.
    strict : bool
        Whether to raise where there is no matrix expression, instead of giving NumPy
        code that says so.
    **assumptions
        Names of arguments, or paths such as "p['A']", that are `symmetric`,
        `orthogonal`, `definite` (positive definite, thus symmetric), `positive` in
        every entry, or a `probability` (a vector that sums to one). The derivative
        is that of f by all entries of the array, written by what is assumed of it.

    Returns
    -------
    callable
        Takes arguments of f, by position or name: an example, whose shapes are
        named. Its `MatrixDerivative` prints as text; `.latex()` and `.numpy()` write
        LaTeX and code.

    Raises
    ------
    ArgumentError
        If an argument is unknown, or an array is not real or has three axes.
    NotScalarError
        If f returns no scalar.
    EngineError
        If `strict`, and there is no matrix expression: it names the user's line.

    Notes
    -----
    Cost: some twenty evaluations of the gradient at sizes up to 40, and algebra in the
    length of the program. References: Magnus & Neudecker (2019), Matrix Differential
    Calculus; Petersen & Pedersen (2012), The Matrix Cookbook.

    Examples
    --------
    >>> loss = lambda x, A, y: 0.5 * np.sum((y - A @ x) ** 2)
    >>> d = matrix_gradient(loss, "x")(x=np.ones(2), A=np.ones((3, 2)), y=np.ones(3))
    >>> d.text
    '−Aᵀ(y − Ax)'
    """
    return _operator("gradient", f, wrt, strict, assumptions)


def matrix_jacobian(
    f: Callable[..., Any],
    wrt: Names = 0,
    *,
    strict: bool = False,
    **assumptions: str | Sequence[str],
) -> Callable[..., MatrixDerivative]:
    """Make the function that writes the Jacobian of f with matrices.

    Parameters
    ----------
    f : callable
        A vector of arrays; of a matrix, the Jacobian is that of vec f by vec X, which
        put columns under each other.
    wrt, strict, assumptions
        As for `matrix_gradient`.

    Returns
    -------
    callable
        Takes arguments of f, and gives a `MatrixDerivative`.

    Raises
    ------
    ArgumentError, EngineError
        As `matrix_gradient`.

    Notes
    -----
    Cost: as `matrix_gradient`, with the Jacobian for the gradient.

    Examples
    --------
    >>> layer = lambda b, A, x: np.tanh(A @ x + b)
    >>> d = matrix_jacobian(layer)(np.ones(3), np.ones((3, 2)), np.ones(2))
    >>> d.text
    'diag(1 − tanh²(Ax + b))'
    """
    return _operator("jacobian", f, wrt, strict, assumptions)


def matrix_hessian(
    f: Callable[..., Any],
    wrt: str | int = 0,
    *,
    strict: bool = False,
    **assumptions: str | Sequence[str],
) -> Callable[..., MatrixDerivative]:
    """Make the function that writes the Hessian of f with matrices.

    Parameters
    ----------
    f : callable
        A real scalar. By a matrix X, the Hessian is that by vec X.
    wrt, strict, assumptions
        As for `matrix_gradient`; one argument, an array.

    Returns
    -------
    callable
        Takes arguments of f, and gives a `MatrixDerivative`.

    Raises
    ------
    ArgumentError, NotScalarError, EngineError
        As `matrix_gradient`.

    Notes
    -----
    Cost: as `matrix_gradient`, with the Hessian for the gradient.

    Examples
    --------
    >>> loss = lambda x, A, y: 0.5 * np.sum((y - A @ x) ** 2)
    >>> d = matrix_hessian(loss)(np.ones(2), np.ones((3, 2)), np.ones(3))
    >>> d.text
    'AᵀA'
    """
    return _operator("hessian", f, wrt, strict, assumptions)


def _operator(
    kind: str,
    f: Callable[..., Any],
    wrt: Names,
    strict: bool,
    assumptions: Mapping[str, str | Sequence[str]],
) -> Callable[..., MatrixDerivative]:
    check_callable(f"matrix_{kind}", f)
    traits: dict[str, frozenset[str]] = {}
    for trait, names in assumptions.items():
        if trait not in _TRAITS:
            raise ArgumentError(f"{trait} is none of the assumptions {_TRAITS}")
        more = {trait} | ({"symmetric"} if trait == "definite" else set())
        for name in [names] if isinstance(names, str) else names:
            traits[name] = traits.get(name, frozenset()) | more

    @functools.wraps(f)
    def derivative(*args: Any, **kwargs: Any) -> MatrixDerivative:
        call = Call.of(f, wrt, args, kwargs, traits)
        if kind == "hessian" and len(call.wrt) > 1:
            raise ArgumentError("matrix_hessian takes one array to differentiate by")
        _check_value(kind, f, f(*args, **kwargs))
        try:
            return _lifted(kind, call)
        except (EngineError, ShapeError, RecursionError) as error:
            if strict:
                raise EngineError(str(error)) from error
            return _in_lines(kind, call, str(error))

    return derivative


def _check_value(kind: str, f: Callable[..., Any], value: Any) -> None:
    if not is_array(value) and not isinstance(value, int):
        raise ArgumentError(
            f"{name_of(f)} returned a {type(value).__name__}; matrix calculus takes "
            "functions that return one array"
        )
    shape = np.shape(value)
    if kind != "jacobian" and shape != ():
        raise NotScalarError(
            f"{name_of(f)} returned an array of shape {shape}; its {kind} needs one "
            "real scalar. Perhaps you meant matrix_jacobian(f)?"
        )


def _lifted(kind: str, call: Call) -> MatrixDerivative:
    """Lift the derivative; numbers are taken for sizes only where that proves right."""
    shapes = [np.shape(call.leaves[i]) for i in call.arrays]
    named = name_sizes(shapes, set(call.paths))
    sets = [other_sizes(list(named), traced) for traced in (True, False)]
    own = {n: n for n in named}
    trials = []
    for sizes, by_name in ((sets[0], True), (sets[0], False), (own, False)):
        try:
            _value(call, call.draw(sizes, 0))
        except _FAILURES:
            continue  # f knows its sizes: from an array that it closes over
        trials.append((sizes, by_name))
    for sizes, by_name in trials:
        names = {sizes[n]: name for n, name in named.items()}
        with np.errstate(all="ignore"):
            made = _expressions(kind, call, sizes, names, by_name)
        checked = [own] if sizes is own else [own, *sets]
        if all(_agrees(kind, call, made, one) for one in checked):
            fixed = {name: n for n, name in named.items()} if sizes is own else {}
            return dataclasses.replace(made, sizes=fixed)
    raise EngineError("the matrix form did not agree with the derivative")


def _value(call: Call, arrays: Sequence[Any]) -> Any:
    with np.errstate(all="ignore"):
        return call.flat(*arrays)


def _expressions(
    kind: str,
    call: Call,
    sizes: Mapping[int, int],
    names: Mapping[int, str],
    by_name: bool,
) -> MatrixDerivative:
    arrays = call.draw(sizes, 1)
    symbols = [
        Symbol(_column(a, names), path, call.traits.get(path, frozenset()))
        for path, a in zip(call.paths, arrays, strict=True)
    ]
    found: list[Expression] = []
    for i in call.wrt:
        graph, inputs = _graph(kind, call, arrays, symbols, i)
        for guard in graph.guards:
            raise EngineError(
                "no one matrix expression stands for both branches that Python may "
                f"take, at {guard.source}"
            )
        stand_ins = [
            transpose(s) if _is_row(a) else s
            for s, a in zip(inputs, [*arrays, arrays[i]], strict=False)
        ]
        lifted = lift(graph, stand_ins, names, by_name)
        if lifted.constants:
            raise EngineError(
                f"{name_of(call.f)} holds an array of its own, which has no name: it "
                "needs to be an argument"
            )
        (output,) = lifted.outputs()
        if kind != "gradient":
            output = coefficient(output, inputs[-1])
        found.append(simplify(output))
    lines, results = with_lines(found, set(call.paths))
    arguments = tuple(
        Argument(s.name, np.shape(a), _named(np.shape(a), names))
        for s, a in zip(symbols, arrays, strict=True)
    )
    return MatrixDerivative(
        kind,
        _short_name(call.f),
        arguments,
        tuple(arguments[i] for i in call.wrt),
        tuple(results),
        tuple(lines),
    )


def _named(shape: tuple[int, ...], names: Mapping[int, str]) -> Shape:
    rows, columns = (*shape, 1, 1)[:2]
    return names.get(rows, rows), names.get(columns, columns)


def _is_row(array: Any) -> bool:
    return np.ndim(array) == 2 and len(array) == 1


def _column(array: Any, names: Mapping[int, str]) -> Shape:
    """Give the shape of a symbol: the transpose of a column stands for a row."""
    rows, columns = _named(np.shape(array), names)
    return (columns, rows) if _is_row(array) else (rows, columns)


def _short_name(f: Callable[..., Any]) -> str:
    name = name_of(f)
    return name if name.isidentifier() else "f"


def _graph(
    kind: str,
    call: Call,
    arrays: Sequence[Any],
    symbols: Sequence[Symbol],
    place: int,
) -> tuple[Any, list[Symbol]]:
    """Trace the gradient, or the differential of f or of the gradient."""
    if kind == "gradient":
        return trace(grad(call.flat, argnums=place), *arrays), list(symbols)
    slope = grad(call.flat, argnums=place) if kind == "hessian" else call.flat

    def differential(*values: Any) -> Any:
        *points, tangent = values

        def alone(x: Any) -> Any:
            return slope(*points[:place], x, *points[place + 1 :])

        return jvp(alone, (points[place],), (tangent,))[1]

    dx = Symbol(symbols[place].shape, f"d{symbols[place].name}")
    graph = trace(differential, *arrays, np.ones_like(arrays[place]))
    return graph, [*symbols, dx]


def _agrees(
    kind: str, call: Call, made: MatrixDerivative, sizes: Mapping[int, int]
) -> bool:
    """Compare the code with the derivative, at two draws and at the given arrays."""
    points = [call.draw(sizes, seed) for seed in (2, 3)]
    if all(n == other for n, other in sizes.items()):
        points.append(call.given(points[0]))
    run = made.function()
    try:
        with np.errstate(all="ignore"):
            return all(_agrees_at(kind, call, run, arrays) for arrays in points)
    except _FAILURES:
        return False


def _agrees_at(
    kind: str, call: Call, run: Callable[..., Any], arrays: Sequence[Any]
) -> bool:
    results = run(*arrays)
    results = results if len(call.wrt) > 1 else (results,)
    for i, result in zip(call.wrt, results, strict=True):
        exact = np.asarray(_OPERATORS[kind](call.flat, argnums=i)(*arrays))
        if kind != "gradient":
            by = np.shape(arrays[i])
            exact = by_columns(exact, exact.shape[: exact.ndim - len(by)], by)
            result = np.reshape(result, exact.shape)
        if np.shape(result) != exact.shape:
            return False
        size = 1 + np.max(np.abs(exact), initial=0.0, where=np.isfinite(exact))
        # Outside of the domain of f, both are nan.
        if not np.allclose(result, exact, 1e-7, 1e-9 * size, equal_nan=True):
            return False
    return True


def _in_lines(kind: str, call: Call, reason: str) -> MatrixDerivative:
    """Write NumPy's lines, where there is no matrix expression."""
    f = functools.partial(call.f, **call.bound.kwargs) if call.bound.kwargs else call.f
    args = call.bound.args
    places = [list(call.bound.arguments).index(root) for root in call.roots]
    which = places[0] if len(places) == 1 else tuple(places)
    source = to_python(_OPERATORS[kind](f, argnums=which), *args, name=kind)
    arguments = tuple(
        Argument(path, np.shape(call.leaves[i]), _named(np.shape(call.leaves[i]), {}))
        for i, path in zip(call.arrays, call.paths, strict=True)
    )
    return MatrixDerivative(
        kind,
        _short_name(call.f),
        arguments,
        tuple(arguments[i] for i in call.wrt),
        (),
        reason=reason,
        source=str(source),
    )
