"""`vmap`: a function of one member becomes a function of a batch; JAX's name and
meaning.

Law: `vmap(f)(xs)[k] = f(xs[k])`. Each operation of f runs once for all members, by the
batch rule of its row (transforms/batching.py); where f cannot run so, since Python asks
for a value that differs between members, it runs for one member after the other.
"""

from __future__ import annotations

import functools
import operator
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import (
    ArgumentError,
    BatchWarning,
    ControlFlowError,
    MemberValueError,
    MissingRuleError,
    ShapeError,
    TracerLeakError,
    user_source,
)
from wengert.graph.types import ArrayType
from wengert.operators.arguments import (
    Output,
    check_callable,
    name_of,
    own,
    parameter_names,
)
from wengert.operators.bodies import own_copy
from wengert.primitives.batches import batch_first, spread
from wengert.trace.levels import staging
from wengert.trace.tracer import Tracer
from wengert.trace.views import memory
from wengert.transforms.batching import batch_function

__all__ = ["spread_axes", "vmap"]

# After these the members are taken one by one: a plain run of f may do what a run for
# all of them cannot.
_SINGLY = (ControlFlowError, MissingRuleError, TracerLeakError, np.linalg.LinAlgError)


def vmap(
    f: Callable[..., Any],
    in_axes: Any = 0,
    out_axes: Any = 0,
    *,
    axis_size: int | None = None,
) -> Callable[..., Any]:
    """Make the function that does for each member of a batch what f does for one.

    Parameters
    ----------
    f : callable
        Takes and returns pytrees of arrays and numbers.
    in_axes : int, None, or tuple or list of these or of pytrees of these
        For each positional argument the axis along which its members lie; None for an
        argument that is the same for all of them. An int stands for all arguments, and
        in a pytree of an argument for all below it. Negative axes count from the end.
        Arguments by keyword are mapped along axis 0.
    out_axes : int, None, or pytree of these
        Where the members shall lie in the output; None for what is the same for all.
    axis_size : int, optional
        The number of members; needed only if no argument is mapped.

    Returns
    -------
    callable
        Takes what f takes, with one axis more where it is mapped; gives what f gives,
        with one axis more.

    Raises
    ------
    ArgumentError
        If in_axes or out_axes do not fit arguments or output, no argument is mapped, or
        a mapped argument is no array; if an output for None differs between members.
    ShapeError
        If a mapped axis does not exist, or mapped axes differ in length.

    Warns
    -----
    BatchWarning
        Where f is run for one member after the other: Python asks for a value that
        differs between them (`if x > 0:`, `range(n)`, a mask that selects), or f uses
        what cannot be traced. The result is right all the same. `cond`, `while_loop`
        and np.where keep the batch together. A Graph holds up to 16 members so; for
        more a ControlFlowError says it, and `jit` runs f as plain Python.

    Notes
    -----
    Cost: one call of each of f's operations, on arrays that are as many times as large
    as there are members; a branch by `cond` that differs between members computes both
    sides, a `while_loop` runs until the last member ends. f itself runs once, so a
    random number that it draws is the same for all members.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import grad
    >>> xs = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> vmap(grad(lambda x: x[0] * x[1]))(xs)
    array([[2., 1.],
           [4., 3.]])
    >>> vmap(np.dot, in_axes=(0, None))(xs, np.array([1.0, 10.0]))
    array([21., 43.])
    """
    check_callable("vmap", f)
    if isinstance(in_axes, list):
        in_axes = tuple(in_axes)
    if not (in_axes is None or _is_axis(in_axes) or isinstance(in_axes, tuple)):
        raise ArgumentError(
            f"vmap: in_axes must be an int, None, or a tuple with an entry for each "
            f"positional argument of {name_of(f)}, not {in_axes!r}."
        )

    @functools.wraps(f, updated=())
    def batched(*args: Any, **kwargs: Any) -> Any:
        return _Call(f, args, kwargs, in_axes, axis_size).result(out_axes)

    return batched


class _Call:
    """One call of a mapped function.

    Attributes
    ----------
    leaves : list
        Of all arguments; those that are mapped have the batch as their first axis.
    mapped : list of bool
    size : int
        The number of members.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        in_axes: Any,
        axis_size: int | None,
    ) -> None:
        self._f = f
        self._given = args, kwargs
        leaves, self._structure = tree.flatten((args, kwargs))
        axes = self._axes(in_axes)
        axes += [0] * (len(leaves) - len(axes))
        self.mapped = [axis is not None for axis in axes]
        self.leaves = [
            x if axis is None else self._stack(k, x, axis)
            for k, (x, axis) in enumerate(zip(leaves, axes, strict=True))
        ]
        self.size = self._size(axis_size)

    def result(self, out_axes: Any) -> Any:
        """Run f for all members at once; where that cannot be, for each."""
        output = Output(self._f, has_aux=False)

        def flat(*leaves: Any) -> list[Any]:
            args, kwargs = tree.unflatten(self._structure, leaves)
            return output.take(self._f(*args, **kwargs))

        try:
            ys, mapped = batch_function(flat, self.leaves, self.mapped, self.size)
        except _SINGLY as error:
            # Another batch, around this one, may hold the value that was asked for.
            level: Any = getattr(error, "level", None)
            if not self.size or (level is not None and level.open):
                raise
            traced = any(isinstance(v, Tracer) for v in self.leaves)
            if staging.depth and traced and self.size > _UNROLLED:
                raise self._unrolled(error) from None
            ys = self._each(flat, output)
            mapped = [True] * len(ys)
            self._warn(error)
        return output.restore(self._placed(ys, mapped, output, out_axes))

    def _each(self, flat: Callable[..., list[Any]], output: Output) -> list[Any]:
        """Run f for one member after the other."""
        rows, structures = [], []
        pairs = list(zip(self.leaves, self.mapped, strict=True))
        for k in range(self.size):
            rows.append(flat(*(own_copy(v[k]) if m else v for v, m in pairs)))
            structures.append(output.structure)
            first, last = ([y.shape for y in row] for row in (rows[0], rows[-1]))
            if structures[0] != structures[-1] or first != last:
                raise ShapeError(
                    f"vmap: {name_of(self._f)} returns {_shown(rows[0])} for the first "
                    f"member and {_shown(rows[-1])} for member {k} (at "
                    f"{user_source()}). All members must return the same structure and "
                    "shapes."
                )
        return [np.stack(column) for column in zip(*rows, strict=True)]

    def _unrolled(self, error: Exception) -> ControlFlowError:
        """Make the error of a Graph that would hold f as often as there are members."""
        return ControlFlowError(
            f"a Graph would hold {name_of(self._f)} {self.size} times, once for each "
            f"member of a batch, since it cannot run for all at once: {_cause(error)}"
        )

    def _warn(self, error: Exception) -> None:
        source = getattr(error, "source", None) or user_source()
        message = (
            f"vmap runs {name_of(self._f)} for one member after the other, since it "
            f"cannot run for all at once: {_cause(error)}"
        )
        if source is None:
            warnings.warn(message, BatchWarning, stacklevel=4)
        else:
            warnings.warn_explicit(
                message, BatchWarning, source.file, source.line, registry=_WARNED
            )

    # ----- arguments -----

    def _axes(self, in_axes: Any) -> list[Any]:
        """Give the axis of each leaf of the positional arguments."""
        args = self._given[0]
        if not isinstance(in_axes, tuple):
            return [in_axes] * tree.flatten(args)[1].num_leaves
        if len(in_axes) != len(args):
            raise ArgumentError(
                f"vmap: in_axes={in_axes!r} has {len(in_axes)} entries, but "
                f"{name_of(self._f)} was called with {len(args)} positional arguments. "
                "Give one for each; arguments by keyword are mapped along axis 0."
            )
        names = self._names()
        axes: list[Any] = []
        for name, prefix, arg in zip(names, in_axes, args, strict=False):
            axes += spread_axes(f"vmap: in_axes of {name}", prefix, arg)
        return axes

    def _names(self) -> list[str]:
        args, kwargs = self._given
        known = parameter_names(self._f)[: len(args)]
        return [*known, *(f"arg{k}" for k in range(len(known), len(args))), *kwargs]

    def _path(self, k: int) -> str:
        """Name a leaf as one would write it in Python."""
        args, kwargs = self._given
        paths = [
            path
            for name, value in zip(self._names(), args, strict=False)
            for path in tree.paths(value, name)
        ]
        # Keywords stand in the order of the flattened dict.
        order = tree.flatten({name: name for name in kwargs})[0]
        paths += [path for name in order for path in tree.paths(kwargs[name], name)]
        return f"{paths[k]} of {name_of(self._f)}"

    def _unmapped(self, k: int) -> str:
        """Say how to have a leaf that is the same for all members."""
        if k < tree.flatten(self._given[0])[1].num_leaves:
            return "give in_axes=None for it"
        return "bind it first: vmap(functools.partial(f, name=value))"

    def _stack(self, k: int, x: Any, axis: int) -> Any:
        """Bring the members of a leaf along the first axis."""
        if not isinstance(x, Tracer | np.ndarray | np.generic):
            raise ArgumentError(
                f"vmap: argument {self._path(k)} is {x!r} ({type(x).__name__}), which "
                f"has no axis {axis} to map over. If it is the same for all members, "
                f"{self._unmapped(k)}."
            )
        if x.dtype.kind not in "fciub":
            raise ArgumentError(
                f"vmap: argument {self._path(k)} is an array of {x.dtype}, and a batch "
                "holds numbers. If it is the same for all members, "
                f"{self._unmapped(k)}."
            )
        if not -x.ndim <= axis < x.ndim:
            raise ShapeError(
                f"vmap: argument {self._path(k)} has the shape {x.shape}, and so no "
                f"axis {axis} to map over. If it is the same for all members, "
                f"{self._unmapped(k)}."
            )
        array: Any = x.view(np.ndarray) if type(x) is np.memmap else x
        is_dense = memory(array).flags.c_contiguous
        return array if is_dense and not axis % x.ndim else batch_first(array, axis)

    def _size(self, stated: int | None) -> int:
        sizes = {
            k: len(v)
            for k, (v, m) in enumerate(zip(self.leaves, self.mapped, strict=True))
            if m
        }
        if not sizes and stated is None:
            raise ArgumentError(
                f"vmap: no argument of {name_of(self._f)} is mapped, so that nothing "
                "tells the number of members. Map one along an axis (in_axes), or give "
                "axis_size."
            )
        known = set(sizes.values())
        if stated is not None:
            if not _is_axis(stated) or stated < 0:
                raise ArgumentError(
                    f"vmap: axis_size={stated!r} is no number of members: give a whole "
                    "number, 0 or more."
                )
            known.add(operator.index(stated))
        if len(known) > 1:
            shown = ", ".join(f"{self._path(k)}: {n}" for k, n in sizes.items())
            also = "" if stated is None else f" and axis_size={stated}"
            raise ShapeError(
                f"vmap: the mapped axes differ in length ({shown}){also}. All must be "
                "as long as there are members; an argument that is the same for all "
                "has in_axes=None."
            )
        return int(known.pop())

    # ----- outputs -----

    def _placed(
        self, ys: Sequence[Any], mapped: Sequence[bool], output: Output, out_axes: Any
    ) -> list[Any]:
        """Bring the batch where out_axes wants it."""
        form = output.restore([0.0] * len(ys))
        axes = spread_axes("vmap: out_axes", out_axes, form)
        placed = [
            self._out(k, y, own, axis, form)
            for k, (y, own, axis) in enumerate(zip(ys, mapped, axes, strict=True))
        ]
        return own(placed, placed, self.leaves)

    def _out(self, k: int, y: Any, is_mapped: bool, axis: int | None, form: Any) -> Any:
        if axis is None:
            if is_mapped:
                raise ArgumentError(
                    f"vmap: out_axes is None for {tree.paths(form, 'output')[k]} of "
                    f"{name_of(self._f)}, which differs between the members. Give the "
                    "axis along which they shall lie."
                )
            return y
        y = spread(y, is_mapped, self.size)
        if not -y.ndim <= axis < y.ndim:
            raise ShapeError(
                f"vmap: out_axes is {axis} for {tree.paths(form, 'output')[k]} of "
                f"{name_of(self._f)}, whose members have the shape {y.shape[1:]}: with "
                f"theirs there are {y.ndim} axes."
            )
        return np.moveaxis(y, 0, axis) if axis % y.ndim else y


_WARNED: dict[Any, Any] = {}
# Up to this many members, each may have its own equations in a Graph.
_UNROLLED = 16


def _cause(error: Exception) -> str:
    cause = str(error).removesuffix(".")
    if isinstance(error, MemberValueError):
        cause += (
            ". To keep the batch together, choose with np.where or wengert.cond, "
            "repeat with wengert.while_loop, and read an array at such an index with "
            "np.take"
        )
    return f"{cause}."


def _is_axis(x: Any) -> bool:
    return isinstance(x, int | np.integer) and not isinstance(x, bool)


def spread_axes(what: str, prefix: Any, values: Any) -> list[Any]:
    """Give an axis for each leaf, of a pytree that starts as theirs does.

    Raises
    ------
    ArgumentError
        If it does not, or holds anything but ints and None.
    """
    if prefix is None or _is_axis(prefix):
        return [prefix] * tree.flatten(values)[1].num_leaves
    try:
        axes = tree.spread_prefix(prefix, values)
    except ValueError as error:
        raise ArgumentError(
            f"{what} is {prefix!r}, which does not fit {_form(values)}: {error}. "
            "Give an int or None for each part, or one for all of it."
        ) from None
    for axis in axes:
        if axis is not None and not _is_axis(axis):
            raise ArgumentError(
                f"{what} is {prefix!r}, but {axis!r} in it is neither an int nor None."
            )
    return axes


def _form(values: Any) -> str:
    """Show the structure of a pytree."""
    return str(tree.flatten(values)[1])


def _shown(row: Sequence[Any]) -> str:
    return "(" + ", ".join(repr(ArrayType.of(y)) for y in row) + ")"
