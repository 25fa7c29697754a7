"""One function of a check: its two modes beside its differences.

The function is f itself at order 1, and at order k what k − 1 modes have made of f. A
`Level` compares it leaf by leaf, and gives the functions of the next order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.errors import WengertError
from wengert.numeric.differences import differentiate
from wengert.numeric.extrapolation import Extrapolated
from wengert.numeric.points import Line, Point, Values, in_form_of
from wengert.numeric.report import Record
from wengert.numeric.schemes import Array, Scheme
from wengert.numeric.seeds import Seeds
from wengert.numeric.steps import Step
from wengert.numeric.tolerances import Tolerance, compare, tolerance_for
from wengert.tree import flatten, paths, unflatten

__all__ = ["Level", "Request"]

_UNRELIABLE = (
    "the difference is no judge here, its own error estimate is as large: "
    "a kink, jump or singularity nearby, or a noisy f?"
)

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller of `check_derivatives` asked for."""

    jvp: Function | None
    vjp: Function | None
    modes: tuple[str, ...]
    order: int
    rtol: float | None
    atol: float | None
    scheme: Scheme
    step: Step
    dtypes: bool


class Level:
    """Compare one function's modes with its differences.

    Parameters
    ----------
    request : Request
    seeds : Seeds
    f : callable
        From positional trees of floating leaves to a tree of such.
    args : tuple of trees
    names : list of str
        What the arguments are called.
    applied : tuple of str
        The modes that made f, outermost first.
    """

    def __init__(
        self,
        request: Request,
        seeds: Seeds,
        f: Function,
        args: tuple[Any, ...],
        names: list[str],
        applied: tuple[str, ...],
    ) -> None:
        self.request, self.f, self.args, self.names = request, f, args, names
        self.applied, self.order = applied, len(applied) + 1
        self.point = Point(args)
        self.leaf_names = [
            path
            for arg, name in zip(args, names, strict=True)
            for path in paths(arg, name)
        ]
        self.values = Values(f(*self.point.at({})), "y" if applied else "f(x)")
        self.cotangents = Values(args, "x_bar")
        self.roundoff = max(self.point.roundoff, self.values.roundoff)
        self.directions = [seeds.direction(array) for array in self.point.arrays]
        forms = zip(self.values.shapes, self.values.dtypes, strict=True)
        y_bars = [seeds.cotangent(shape, dtype).reshape(-1) for shape, dtype in forms]
        self.y_bar = np.concatenate(y_bars).astype(self.values.wide)
        self.known: dict[int, tuple[Extrapolated, float]] = {}

    def check(self, mode: str) -> list[Record]:
        """Compare one mode with differences: the value, then leaf by leaf."""
        return self._check_forward() if mode == "fwd" else self._check_reverse()

    def derived(self, mode: str) -> tuple[Function, tuple[Any, ...], list[str]]:
        """Give the function that a mode makes of f, its arguments and their names.

        The seed is an argument like the others: in a nested derivative it depends on
        x, and so it is differentiated by.
        """
        f, depth = self.f, "" if self.order == 1 else str(self.order)
        if mode == "fwd":
            jvp = _given(self.request.jvp)

            def tangent(*args: Any) -> Any:
                return jvp(f, args[:-1], args[-1])[1]

            x_dot = self._tangents(range(len(self.directions)))
            return tangent, (*self.args, x_dot), [*self.names, f"x_dot{depth}"]
        vjp = _given(self.request.vjp)

        def cotangents(*args: Any) -> Any:
            return vjp(f, *args[:-1])[1](args[-1])

        y_bar = self.values.unpack(self.y_bar)
        return cotangents, (*self.args, y_bar), [*self.names, f"y_bar{depth}"]

    # ----- forward -----

    def _check_forward(self) -> list[Record]:
        jvp = _given(self.request.jvp)
        records = []
        for leaf, name in enumerate(self.leaf_names):
            y, y_dot = jvp(self.f, self.point.at({}), self._tangents([leaf]))
            if leaf == 0:
                records.append(self._compare_value("fwd", y))
            got, fault = self._flat(self.values, y_dot, "jvp")
            if got is None:
                records.append(self._fault("fwd", name, fault))
                continue
            found, scale = self._difference(leaf)
            tolerance = self._tolerance(self.order)
            excused = tolerance.trusted(found.error, scale)
            allowed = tolerance.elementwise(found.value, excused)
            records.append(self._compare("fwd", leaf, found, got, allowed))
        return records

    def _tangents(self, moving: Any) -> Any:
        return unflatten(
            self.point.structure,
            [
                in_form_of(x, v if k in moving else np.zeros_like(v))
                for k, (x, v) in enumerate(
                    zip(self.point.leaves, self.directions, strict=True)
                )
            ],
        )

    # ----- reverse -----

    def _check_reverse(self) -> list[Record]:
        vjp = _given(self.request.vjp)
        y, pullback = vjp(self.f, *self.point.at({}))
        records = [self._compare_value("rev", y)]
        x_bars = pullback(self.values.unpack(self.y_bar))
        if isinstance(x_bars, list):
            x_bars = tuple(x_bars)
        flat, fault = self._flat(self.cotangents, x_bars, "the pullback")
        for leaf, name in enumerate(self.leaf_names):
            if flat is None:
                records.append(self._fault("rev", name, fault))
            else:
                start, stop = self.point.starts[leaf : leaf + 2]
                records.append(self._compare_pairing(leaf, flat[start:stop]))
        return records

    def _compare_pairing(self, leaf: int, x_bar: Array) -> Record:
        found, scale = self._difference(leaf)
        tolerance = self._tolerance(self.order)
        v, weight = self.directions[leaf].reshape(-1), np.abs(self.y_bar)
        with np.errstate(all="ignore"):
            expected = np.sum((self.y_bar * found.value).real)
            got = np.sum((x_bar * v).real)
            size = float(np.sum(weight * np.abs(found.value)))
            excused = tolerance.trusted(found.error, scale)
            allowed = tolerance.of_sum(size, float(np.sum(weight * excused)))
            total = Extrapolated(
                np.array([expected]),
                np.array([np.sum(weight * found.error)]),
                np.array([np.min(found.step, initial=np.inf)]),
            )
        return self._compare("rev", leaf, total, np.array([got]), np.array([allowed]))

    # ----- both -----

    def _difference(self, leaf: int) -> tuple[Extrapolated, float]:
        """Find J v by differences, v a direction of one leaf, and the scale of f."""
        # Both modes are compared with the same difference.
        if leaf in self.known:
            return self.known[leaf]
        direction: list[Array | None] = [None] * len(self.directions)
        direction[leaf] = self.directions[leaf]
        line = Line(
            lambda args: self.f(*args),
            lambda t: self.point.along(direction, t),
            self.values,
            # The direction already is on the scale of the leaf.
            reach=1.0,
            roundoff=self.roundoff,
        )
        with np.errstate(all="ignore"):
            found = differentiate(
                line, self.request.scheme, self.request.step, rounded=False
            )
            sizes = np.abs(np.concatenate([self.values.origin, found.value]))
        largest = np.max(sizes, initial=line.spread, where=np.isfinite(sizes))
        self.known[leaf] = found, float(largest)
        return self.known[leaf]

    def _tolerance(self, order: int) -> Tolerance:
        request = self.request
        return tolerance_for(self.roundoff, order, request.rtol, request.atol)

    def _flat(self, form: Values, tree: Any, source: str) -> tuple[Array | None, str]:
        """Flatten what a rule returned, or say what is wrong with it."""
        try:
            flat = form.pack(tree)
        except WengertError as error:
            return None, f"{source} returned a wrong form: {error}"
        if self.request.dtypes:
            leaves = zip(flatten(tree)[0], form.dtypes, form.names, strict=True)
            for leaf, dtype, name in leaves:
                found = np.asarray(leaf).dtype
                if found != dtype:
                    return None, f"{source} returned {found} for {name}, not {dtype}"
        return flat, ""

    def _compare_value(self, mode: str, y: Any) -> Record:
        got, fault = self._flat(self.values, y, "jvp" if mode == "fwd" else "vjp")
        if got is None:
            return self._fault(mode, ", ".join(self.names), f"as value of f, {fault}")
        expected = self.values.origin
        exact = np.zeros(expected.shape)
        allowed = self._tolerance(0).elementwise(expected, exact)
        untaken = np.full(expected.shape, np.nan)
        found = Extrapolated(expected, exact, untaken)
        return self._compare(mode, None, found, got, allowed)

    def _compare(
        self,
        mode: str,
        leaf: int | None,
        found: Extrapolated,
        got: Array,
        allowed: Array,
    ) -> Record:
        argument = ", ".join(self.names) if leaf is None else self.leaf_names[leaf]
        if not got.size:
            return self._record(mode, argument, self.values.names[0], note="empty")
        outcome = compare(found.value, got, allowed)
        at, notes = outcome.at, []
        if outcome.both_nan:
            notes.append(f"both NaN in {outcome.both_nan} of {got.size} elements")
        if not outcome.passed and leaf is not None:
            if not outcome.error > 10 * found.error[at]:
                notes.append(_UNRELIABLE)
        pairing = mode == "rev" and leaf is not None
        return self._record(
            mode,
            argument,
            "<y_bar, J v>" if pairing else self.values.name_of(at),
            expected=found.value[at].item(),
            got=got[at].item(),
            error=outcome.error,
            tolerance=float(allowed[at]),
            estimate=float(found.error[at]),
            step=float(found.step[at]),
            direction=None if leaf is None else self.directions[leaf],
            passed=outcome.passed,
            note="; ".join(notes),
        )

    def _fault(self, mode: str, argument: str, note: str) -> Record:
        nan = float("nan")
        return self._record(
            mode, argument, self.values.names[0], got=nan, passed=False, note=note
        )

    def _record(self, mode: str, argument: str, output: str, **found: Any) -> Record:
        path = "∘".join((mode, *self.applied))
        return Record(path, self.order, argument, output, **found)


def _given(function: Function | None) -> Function:
    # `check_derivatives` has refused a mode without its function.
    assert function is not None
    return function
