"""What every operator does with its arguments: pick, check, flatten, and put back.

`argnums` and `argnames` mean what they mean in JAX. A picked argument may be any pytree
of floats and inexact arrays; a Python int is promoted to float, as a person expects of
`grad(f)(3)`; other leaves are refused by name.
"""

from __future__ import annotations

import inspect
import itertools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, ShapeError
from wengert.graph.types import ArrayType, is_inexact
from wengert.trace.tracer import Tracer

__all__ = [
    "Arguments",
    "Output",
    "Wrt",
    "as_result",
    "check_callable",
    "flat_seeds",
    "inexact",
    "name_of",
    "own",
    "own_values",
    "parameter_names",
    "strip",
]

Wrt = int | Sequence[int] | None
_BY_POSITION = inspect.Parameter.POSITIONAL_OR_KEYWORD


class Arguments:
    """The differentiated arguments of one call of f.

    Attributes
    ----------
    leaves : list
        Their leaves: arrays, NumPy scalars or Tracers, all inexact.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: Wrt,
        argnames: str | Sequence[str] = (),
    ) -> None:
        self._f, self._args, self._kwargs = f, list(args), dict(kwargs)
        if argnums is None and not argnames:
            argnums = 0
        self._argnums, self._argnames = argnums, argnames
        self._keys = self._distinct([*self._positions(argnums), *self._names(argnames)])
        self._original: list[Any] = []
        self._structures: list[Any] = []
        for key in self._keys:
            leaves, structure = tree.flatten(self._get(key))
            self._original += leaves
            self._structures.append(structure)
        try:
            self.leaves = [inexact(leaf) for leaf in self._original]
        except ArgumentError as error:
            raise self._explained(error) from None

    def call(self, leaves: Sequence[Any]) -> Any:
        """Call f with these leaves in place of its own."""
        args, kwargs = self._args.copy(), self._kwargs.copy()
        for key, value in zip(self._keys, self._unflatten(leaves), strict=True):
            if isinstance(key, int):
                args[key] = value
            else:
                kwargs[key] = value
        return self._f(*args, **kwargs)

    def like_leaves(self, results: Iterable[Any]) -> Any:
        """Arrange one result for each leaf as the caller named the arguments."""
        picked = self._unflatten(results)
        count = 0
        by_number: Any = None
        if hasattr(self._argnums, "__index__"):
            by_number, count = picked[0], 1
        elif self._argnums is not None:
            count = len(self._argnums)
            by_number = tuple(picked[:count])
        by_name: Any = None
        if isinstance(self._argnames, str):
            by_name = picked[count]
        elif self._argnames:
            by_name = dict(zip(self._argnames, picked[count:], strict=True))
        if by_name is None:
            return by_number
        return by_name if self._argnums is None else (by_number, by_name)

    def like_arguments(self, x_bars: Sequence[Any], seeds: Sequence[Any] = ()) -> Any:
        """Arrange cotangents as the arguments, a float for a float."""
        return self.like_leaves(own(x_bars, self._original, seeds))

    def kinds(self, shape: tuple[int, ...]) -> list[Any]:
        """Exemplify, leaf by leaf, the derivative of a y of this shape: like the leaf
        where y is a scalar, else an array."""
        return self._original if shape == () else [np.zeros(1)] * len(self._original)

    @property
    def are_floats(self) -> bool:
        """Tell whether every differentiated leaf is a Python number: then so is y."""
        return all(type(leaf) in (float, int) for leaf in self._original)

    def paths(self) -> list[str]:
        """Name each leaf: `x['w'][0]`."""
        names = parameter_names(self._f)
        roots = [
            names[key] if isinstance(key, int) and 0 <= key < len(names) else
            f"arg{key}" if isinstance(key, int) else key for key in self._keys
        ]  # fmt: skip
        return [
            path
            for root, key in zip(roots, self._keys, strict=True)
            for path in tree.paths(self._get(key), root)
        ]

    def _unflatten(self, leaves: Iterable[Any]) -> list[Any]:
        rest = iter(leaves)
        return [
            tree.unflatten(structure, itertools.islice(rest, structure.num_leaves))
            for structure in self._structures
        ]

    def _get(self, key: int | str) -> Any:
        return self._args[key] if isinstance(key, int) else self._kwargs[key]

    def _positions(self, argnums: Wrt) -> list[int]:
        if argnums is None:
            return []
        listed = argnums if isinstance(argnums, Iterable) else [argnums]
        try:
            if any(isinstance(n, bool) for n in listed):
                raise TypeError
            numbers = [operator.index(n) for n in listed]
        except TypeError:
            raise ArgumentError(
                f"argnums must be an int or a sequence of ints, not {argnums!r}"
            ) from None
        count = len(self._args)
        for n in numbers:
            if not -count <= n < count:
                raise ArgumentError(
                    f"argnums={argnums!r}, but {name_of(self._f)} was called with "
                    f"{count} positional argument{'s' * (count != 1)}. "
                    "Arguments passed by keyword are picked with argnames."
                )
        return [n % count for n in numbers]

    def _distinct(self, keys: list[int | str]) -> list[int | str]:
        if len(set(keys)) < len(keys):
            raise ArgumentError(
                f"argnums={self._argnums!r} and argnames={self._argnames!r} name an "
                f"argument of {name_of(self._f)} twice. Name each once."
            )
        return keys

    def _names(self, argnames: str | Sequence[str]) -> list[int | str]:
        if not argnames:
            return []
        names = [argnames] if isinstance(argnames, str) else list(argnames)
        parameters = parameter_names(self._f)
        keys: list[int | str] = []
        for name in names:
            if name in self._kwargs:
                keys.append(name)
            elif name in parameters and parameters.index(name) < len(self._args):
                keys.append(parameters.index(name))
            else:
                raise ArgumentError(
                    f"argnames={argnames!r}, but {name_of(self._f)} was called without "
                    f"an argument {name!r}. It was given "
                    f"{len(self._args)} by position and {sorted(self._kwargs)} by name."
                )
        return keys

    def _explained(self, error: ArgumentError) -> ArgumentError:
        for path, leaf in zip(self.paths(), self._original, strict=True):
            try:
                inexact(leaf)
            except ArgumentError as found:
                return ArgumentError(f"argument {path} of {name_of(self._f)}: {found}")
        return error


class Output:
    """The flattened output of one call of f, with its auxiliary part taken off."""

    def __init__(self, f: Callable[..., Any], has_aux: bool) -> None:
        self._f, self.has_aux = f, has_aux
        self.structure: Any = None
        self._aux: Any = None

    def take(self, result: Any) -> list[Any]:
        """Flatten what f returned, and check that its leaves are numbers."""
        if self.has_aux:
            if not isinstance(result, tuple) or len(result) != 2:
                raise ArgumentError(
                    f"has_aux=True, but {name_of(self._f)} returned "
                    f"{_shown(result)}, not a pair (output, auxiliary)."
                )
            result, self._aux = result
        leaves, self.structure = tree.flatten(result)
        return [self._number(leaf) for leaf in leaves]

    @property
    def aux(self) -> Any:
        """The auxiliary part, without the Tracers of the run, which must have ended."""
        return tree.map_leaves(strip, self._aux)

    def restore(self, leaves: Iterable[Any]) -> Any:
        """Arrange leaves as f arranged its output."""
        return tree.unflatten(self.structure, leaves)

    def _number(self, leaf: Any) -> Any:
        if isinstance(leaf, (Tracer, np.ndarray, np.generic)):
            if leaf.dtype.kind in "fciub":
                return leaf
        elif isinstance(leaf, int | float | complex):
            return np.asarray(leaf)[()]
        raise ArgumentError(
            f"{name_of(self._f)} returned {_shown(leaf)}; "
            "its output must be numbers or arrays of numbers. "
            + ("Did it forget to return?" if leaf is None else
               "Return other values with has_aux=True.")
        )  # fmt: skip


def inexact(leaf: Any) -> Any:
    """Check that a leaf can be differentiated; promote Python numbers to NumPy's.

    Raises
    ------
    ArgumentError
        For integer and boolean arrays, strings, and other objects.
    """
    kind = type(leaf)
    if kind is np.ndarray or isinstance(leaf, (Tracer, np.generic)):
        if is_inexact(leaf.dtype):
            return leaf
        raise ArgumentError(
            f"it is {ArrayType.of(leaf)!r}, and a derivative needs floating-point "
            "values. Perhaps you meant x.astype(float)? A count or an index is no "
            "differentiated argument: choose the others with argnums."
        )
    if kind is float or kind is int:
        return np.float64(leaf)
    if kind is complex:
        return np.complex128(leaf)
    if isinstance(leaf, np.memmap):
        return inexact(np.asarray(leaf))
    if isinstance(leaf, np.ndarray):
        raise ArgumentError(
            f"it is a {kind.__name__}, whose rules for arithmetic differ from those of "
            "a plain array. Pass np.asarray(x), or x.filled(...) for a masked array."
        )
    if isinstance(leaf, bool | str | bytes):
        raise ArgumentError(
            f"it is {leaf!r}, and a derivative needs floating-point values. "
            "Choose the differentiated arguments with argnums."
        )
    raise ArgumentError(
        f"it is {_shown(leaf)}, no number, array or container of them. "
        "Convert it to a NumPy array, or choose other arguments with argnums."
    )


def own(
    values: Sequence[Any], originals: Sequence[Any], seeds: Sequence[Any] = ()
) -> list[Any]:
    """Hand results out as the caller's own: of the originals' kinds, and no two of them
    (nor a seed) one array, so that each may be written to."""
    taken = {id(seed) for seed in seeds}
    results = []
    for value, original in zip(values, originals, strict=True):
        result = as_result(value, original)
        if isinstance(result, np.ndarray):
            if id(result) in taken:
                result = result.copy()
            taken.add(id(result))
        results.append(result)
    return results


def as_result(value: Any, original: Any) -> Any:
    """Hand a result out: a float for a float, an array that is no view for an array."""
    if isinstance(value, Tracer):
        return value
    if type(original) in (float, int):
        return float(value)
    if type(original) is complex:
        return complex(value)
    if isinstance(original, np.ndarray):
        value = np.asarray(value)
        # A cotangent may be a view of a seed, of another cotangent, or of a constant.
        if value.base is not None or not value.flags.c_contiguous:
            return np.array(value, order="C")
        return value
    return value[()] if isinstance(value, np.ndarray) else value


def own_values(values: Sequence[Any], as_floats: bool) -> list[Any]:
    """Hand out what f computed: copies, since a pullback may keep the arrays and they
    may be views of an argument; floats for real scalars, where the arguments are."""
    return [
        float(y)
        if as_floats and y.shape == () and y.dtype == float and not _is_tracer(y)
        else y.copy()
        if type(y) is np.ndarray
        else y
        for y in values
    ]


def _is_tracer(x: Any) -> bool:
    return isinstance(x, Tracer)


def flat_seeds(
    seeds: Any, structure: Any, likes: Sequence[Any], what: str, of: str
) -> list[Any]:
    """Flatten tangents or cotangents and check them against their primals.

    Parameters
    ----------
    seeds : pytree
    structure, likes
        Structure and leaves of the primals.
    what, of : str
        For the message: "tangent", "the primals".

    Raises
    ------
    ShapeError
        If structure, shape or dtype do not fit.
    """
    leaves, found = tree.flatten(seeds)
    if found != structure:
        raise ShapeError(
            f"the {what} has the structure {found}, but {of} have {structure}. "
            f"Give one {what} for each leaf."
        )
    return [_seed(s, like, what, of) for s, like in zip(leaves, likes, strict=True)]


def _seed(seed: Any, like: Any, what: str, of: str) -> Any:
    if not isinstance(seed, Tracer):
        if not isinstance(seed, int | float | complex | np.ndarray | np.generic):
            raise ShapeError(
                f"the {what} must be numbers or arrays, not {_shown(seed)}"
            )
        seed = np.asarray(seed)[()]
    if seed.shape != like.shape:
        raise ShapeError(
            f"the {what} has shape {seed.shape}, but {of} have shape {like.shape}. "
            f"Give the {what} the same shape."
        )
    if seed.dtype.kind == "c" and like.dtype.kind != "c":
        raise ShapeError(
            f"the {what} is complex ({seed.dtype}), but {of} are real ({like.dtype})."
        )
    return seed if seed.dtype == like.dtype else seed.astype(like.dtype)


def strip(leaf: Any) -> Any:
    """Take the values out of Tracers whose run has ended; leave all else alone."""
    while isinstance(leaf, Tracer) and not leaf.level.open:
        leaf = leaf.whole
    return leaf


def check_callable(operator_name: str, f: Any) -> None:
    """Refuse `grad(3.0)` where it stands, not at its first call."""
    if not callable(f):
        raise ArgumentError(
            f"{operator_name} needs a function, not {_shown(f)}. "
            f"It makes a function: {operator_name}(f)(x)."
        )


def name_of(f: Callable[..., Any]) -> str:
    """Name a function in a message."""
    return getattr(f, "__name__", None) or type(f).__name__


def parameter_names(f: Callable[..., Any]) -> list[str]:
    """Name the parameters that can be given by position, in order."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, _BY_POSITION)]


def _shown(value: Any) -> str:
    text = repr(value)
    return f"{text if len(text) < 60 else text[:57] + '...'} ({type(value).__name__})"
