"""A call as `jit` sees it: leaves, and the signature under which its paths are kept.

Arrays, NumPy scalars, Python floats and complex numbers are traced: the signature has
their types. All other leaves are static: the signature has their values, by type and
value, or by identity for objects that are equal to themselves only. Of the latter it
keeps weak references, so that it keeps no object alive.
"""

from __future__ import annotations

import inspect
import operator
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from wengert.engines.signature import Array, Complex, Float, NumpyScalar
from wengert.errors import ArgumentError
from wengert.operators.arguments import name_of
from wengert.operators.compilation.containers import put_together, take_apart
from wengert.trace.tracer import Tracer

__all__ = ["Call", "Statics", "is_plain_dtype"]

_BY_IDENTITY: Any = object.__hash__
_ATOMS = (int, str, bytes, bool, type(None))


class Call:
    """The arguments of one call.

    Attributes
    ----------
    leaves : list
        All of them, static ones too, in the order of the containers.
    structure : tuple
        For each argument its name, or None for a positional one, and its structure.
    kinds : list
        For each leaf what it is: an Array, NumpyScalar, Float or Complex where it is
        traced, otherwise a tuple that stands for its value.
    has_tracers : bool
    odd : str or None
        Why the call cannot be recorded, whatever f does.
    weak : list
        Objects that the signature refers to weakly.
    """

    __slots__ = ("has_tracers", "kinds", "leaves", "odd", "structure", "weak")

    def __init__(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], statics: Statics
    ) -> None:
        self.has_tracers = False
        self.odd: str | None = None
        self.weak: list[Any] = []
        self.leaves: list[Any] = []
        self.kinds: list[Any] = []
        parts: list[Any] = []
        for key, value, fixed in statics.parts(args, kwargs):
            leaves, structure = take_apart(value)
            self.leaves += leaves
            self.kinds += [self._kind(leaf, fixed) for leaf in leaves]
            parts.append((key, structure))
        self.structure = tuple(parts)

    def signature(self, floats_too: bool = False) -> Any:
        """Give the key of calls like this one.

        Parameters
        ----------
        floats_too : bool
            Whether Python floats are told apart by their values.
        """
        if floats_too:
            return self.structure, tuple(self.kinds), tuple(map(_hex, self.leaves))
        return self.structure, tuple(self.kinds)

    def arguments(
        self, leaves: Sequence[Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Give args and kwargs with these leaves."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        rest = iter(leaves)
        for name, structure in self.structure:
            value = put_together(structure, rest)
            if name is None:
                args.append(value)
            else:
                kwargs[name] = value
        return tuple(args), kwargs

    def traced(self, floats_too: bool = False) -> list[int]:
        """Give the positions of the leaves that become inputs of the Graph."""
        return [
            i
            for i, kind in enumerate(self.kinds)
            if type(kind) is not tuple
            and not (floats_too and type(kind) in (Float, Complex))
        ]

    def _kind(self, leaf: Any, fixed: str | None) -> Any:
        """Say what a leaf is; `fixed` names the static argument that it belongs to."""
        kind = type(leaf)
        if kind in _ATOMS:
            return kind, leaf
        if fixed is not None:
            return self._fixed(leaf, fixed)
        if kind is float:
            return Float()
        if kind is np.ndarray:
            if not is_plain_dtype(leaf.dtype):
                self.odd = f"an argument is an array of {leaf.dtype}"
            return Array(leaf.shape, leaf.dtype)
        if kind is complex:
            return Complex()
        if hasattr(kind, "__wengert_bind__"):
            self.has_tracers = True
            return Tracer, None
        if isinstance(leaf, np.generic) and is_plain_dtype(leaf.dtype):
            if kind is leaf.dtype.type:
                return NumpyScalar(leaf.dtype)
        return self._object(leaf)

    def _fixed(self, leaf: Any, name: str) -> Any:
        if isinstance(leaf, float | complex):
            return type(leaf), _hex(leaf)
        kind = self._object(leaf)
        if kind[0] is None:
            raise ArgumentError(
                f"the static argument {name} holds a {type(leaf).__name__}, which "
                "cannot be hashed, so that calls could not be told apart by it. Take "
                "it out of static_argnums, or pass a tuple."
            )
        return kind

    def _object(self, leaf: Any) -> Any:
        """Tell objects apart: by identity, weakly; otherwise by hash and equality."""
        kind = type(leaf)
        if getattr(kind, "__hash__", None) is _BY_IDENTITY:
            try:
                reference = weakref.ref(leaf)
            except TypeError:
                pass
            else:
                self.weak.append(leaf)
                return kind, reference
        try:
            hash(leaf)
        except TypeError:
            self.odd = f"an argument is a {kind.__name__}, which cannot be hashed"
            return None, None
        return kind, leaf


class Statics:
    """Which arguments are static whatever they are: `static_argnums`, by name too."""

    def __init__(
        self,
        f: Callable[..., Any],
        argnums: int | Iterable[int],
        argnames: str | Iterable[str],
    ) -> None:
        try:
            numbers = {operator.index(n) for n in _listed(argnums, int)}
        except TypeError:
            raise ArgumentError(
                f"static_argnums must be an int or a sequence of ints, not {argnums!r}"
            ) from None
        names = set(_listed(argnames, str))
        if not all(isinstance(name, str) for name in names):
            raise ArgumentError(
                "static_argnames must be a string or a sequence of strings, not "
                f"{argnames!r}"
            )
        self._numbers, self._names = _completed(f, numbers, names)

    def parts(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Iterator[tuple[str | None, Any, str | None]]:
        """List arguments: the name of one by keyword, the value, and what to call one
        that is static."""
        count = len(args)
        numbers = {n % count if -count <= n < 0 else n for n in self._numbers}
        for i, value in enumerate(args):
            yield None, value, f"{i}" if i in numbers else None
        for name, value in kwargs.items():
            yield name, value, name if name in self._names else None


def _listed(values: Any, single: type) -> list[Any]:
    return [values] if isinstance(values, single) else list(values)


def _completed(
    f: Callable[..., Any], numbers: set[int], names: set[str]
) -> tuple[set[int], set[str]]:
    """Find the names of numbered parameters and the other way round, as JAX does."""
    if not numbers and not names:
        return numbers, names
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return numbers, names
    known = {p.name for p in parameters}
    several = any(p.kind is p.VAR_KEYWORD for p in parameters)
    for name in names:
        if name not in known and not several:
            raise ArgumentError(
                f"static_argnames has {name!r}, but {name_of(f)} has no such argument. "
                f"It has {', '.join(sorted(known)) or 'none'}."
            )
    by_position = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, _EITHER)]
    count = len(by_position)
    numbers = {n + count if -count <= n < 0 else n for n in numbers}
    for i, p in enumerate(by_position):
        if p.kind is _EITHER and i in numbers:
            names = names | {p.name}
        elif p.name in names:
            numbers = numbers | {i}
    return numbers, names


_EITHER = inspect.Parameter.POSITIONAL_OR_KEYWORD


def is_plain_dtype(dtype: np.dtype[Any]) -> bool:
    """Tell whether rows compute with a dtype: numbers in the machine's byte order."""
    return dtype.kind in "biufc" and dtype.isnative


def _hex(leaf: Any) -> Any:
    """Write a Python float or complex exactly, 0.0 and -0.0 apart."""
    if type(leaf) is float:
        return leaf.hex()
    if type(leaf) is complex:
        return leaf.real.hex(), leaf.imag.hex()
    return repr(leaf) if isinstance(leaf, float | complex) else None
