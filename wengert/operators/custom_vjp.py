"""Functions with a pullback of their own: `custom_vjp`, as in JAX.

Worked example, `y = clip_gradient(x) = x` with `bwd(ȳ) = (clip(ȳ, −1, 1),)`: the tape
keeps bwd and its residuals in one entry, and the sweep calls it. As `clip` is not
linear, there is no pushforward, and forward mode is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.operators.calls import Result, no_rule
from wengert.operators.custom import (
    Custom,
    Members,
    Site,
    check_pair,
    refuse_symbolic_zeros,
)
from wengert.operators.duality import LinearMap, nonlinear, transposed
from wengert.trace.levels import Level
from wengert.trace.tracer import Tracer
from wengert.transforms.reverse import Tape
from wengert.transforms.rules import or_zeros

__all__ = ["custom_vjp"]

Rule = Callable[..., Any]


class custom_vjp(Custom):
    """Give a function a pullback of your own; known by this name in JAX.

    Parameters
    ----------
    fun : callable
        Takes and returns pytrees of arrays and floats.
    nondiff_argnums : sequence of int
        Arguments that are constants of the rule: functions, options.

    Raises
    ------
    MissingRuleError
        When differentiated without a rule; and in forward mode, if bwd is not linear in
        the cotangent.
    RuleError
        When fwd returns no pair, or bwd no tuple that fits the arguments.
    ArgumentError
        If an argument of nondiff_argnums is traced, or fun uses a traced value that is
        none of its arguments.

    Notes
    -----
    Reverse mode runs fwd in the place of fun, and bwd in the sweep. Forward mode, which
    JAX refuses here, runs the transpose of bwd where bwd is linear, as a pullback is.
    Cost: that of fwd and bwd; in forward mode a small multiple of bwd.

    Examples
    --------
    >>> import functools
    >>> import numpy as np
    >>> from wengert import grad
    >>> @functools.partial(custom_vjp, nondiff_argnums=(0, 1))
    ... def clip_gradient(lo, hi, x):
    ...     return x
    >>> clip_gradient.defvjp(
    ...     lambda lo, hi, x: (x, None),
    ...     lambda lo, hi, residuals, g: (np.clip(g, lo, hi),),
    ... )
    >>> grad(lambda x: 3 * clip_gradient(-1.0, 1.0, x))(5.0)
    1.0
    """

    _fwd: Rule | None = None
    _bwd: Rule | None = None

    def defvjp(self, fwd: Rule, bwd: Rule, symbolic_zeros: bool = False) -> None:
        """State the rule in two parts.

        Parameters
        ----------
        fwd : callable
            Takes the arguments of fun, returns `(out, residuals)`: the output, and
            whatever bwd will need, of any kind.
        bwd : callable
            `(*nondiff, residuals, out_bar) → tuple`: a cotangent for each
            differentiated argument, of its form; None for zero, or for an argument
            that has no derivative. It should be linear in out_bar.
        symbolic_zeros : bool
            Only False: zero cotangents are arrays of zeros.
        """
        refuse_symbolic_zeros("defvjp", symbolic_zeros)
        self._fwd, self._bwd = fwd, bwd

    def _has_rule(self) -> bool:
        return self._fwd is not None

    def _missing(self) -> tuple[str, str]:
        return "no vjp", f"State it, with {self.__name__}.defvjp(fwd, bwd)."

    def _run(self, site: Site, x: Sequence[Any]) -> Any:
        """Run fwd, and check that it gives a pair."""
        if self._fwd is None:
            raise no_rule(self.__name__, *self._missing())
        pair = self._fwd(*site.args(x))
        check_pair(f"the fwd of {self.__name__}", pair, "(out, residuals)")
        return pair

    def _state(self, function: Any, batch: Members) -> None:
        form = _Form()

        def forth(*inputs: Any) -> list[Any]:
            y, residuals = self._run(batch.site, inputs)
            return [*batch.flat(y), *form.numbers(residuals)]

        def fwd(*stacks: Any) -> tuple[Any, Any]:
            found = batch.stacked(forth, stacks, batch.mapped)
            count = batch.structure.num_leaves
            return tuple(found[:count]), tuple(found[count:])

        def bwd(residuals: Any, y_bar: Any) -> tuple[Any, ...]:
            back = self._back_of_one(batch, form, len(residuals))
            given = [*residuals, *y_bar]
            bars = batch.stacked(back, given, [True] * len(given))
            return tuple(
                bar if m else np.sum(bar, axis=0)
                for bar, m in zip(bars, batch.mapped, strict=True)
            )

        function.defvjp(fwd, bwd)

    def _back_of_one(self, batch: Members, form: _Form, count: int) -> Rule:
        """Make the pullback of one member, from residuals and cotangents."""
        bwd: Any = self._bwd
        site, rule = batch.site, f"the bwd of {self.__name__}"

        def back(*values: Any) -> list[Any]:
            residuals = form.restored(values[:count])
            y_bar = tree.unflatten(batch.structure, values[count:])
            x_bar = bwd(*site.fixed, residuals, y_bar)
            bars = site.call.take_cotangents(rule, x_bar)
            return list(map(or_zeros, bars, site.call.types))

        return back

    def _pull(self, site: Site, result: Result, residuals: Any) -> LinearMap:
        """Make the pullback at the point of these residuals."""
        bwd: Any = self._bwd

        def pull(y_bar: Sequence[Any]) -> list[Any]:
            x_bar = bwd(*site.fixed, residuals, result.arrange_seeds(y_bar))
            return site.call.take_cotangents(f"the bwd of {self.__name__}", x_bar)

        return pull

    def _push(self, site: Site, result: Result, pull: LinearMap) -> LinearMap:
        refuse = nonlinear(self.__name__, "bwd", "forward mode")
        return transposed(pull, result.slots, site.call.slots, refuse)

    def _reverse(
        self, site: Site, inside: Sequence[Any], tape: Tape
    ) -> tuple[Result, LinearMap]:
        y, residuals = self._run(site, inside)
        result = Result(self.__name__, y, tape)
        leaves, structure = tree.flatten(residuals)
        # Arrays that fun writes to again would give a wrong derivative.
        kept = [
            tape.captured.keep(v)
            if type(v) is np.ndarray and v.dtype.kind != "O"
            else v
            for v in map(result.older, leaves)
        ]
        return result, self._pull(site, result, tree.unflatten(structure, kept))

    def _forward(
        self, site: Site, inside: Sequence[Any], x_dots: Any, level: Level
    ) -> tuple[Result, list[list[Any]]]:
        y, residuals = self._run(site, inside)
        result = Result(self.__name__, y, level)
        push = self._push(site, result, self._pull(site, result, residuals))
        return result, [push(x_dot) for x_dot in x_dots]

    def _pushforward(self, site: Site, result: Result) -> Rule:
        return lambda y, x, x_dot: self._push(
            site, result, self._pull(site, result, self._run(site, x)[1])
        )(x_dot)

    def _pullback(self, site: Site, result: Result) -> Rule:
        return lambda y, x, y_bar: self._pull(site, result, self._run(site, x)[1])(
            y_bar
        )


class _Form:
    """The residuals of one member without their numbers, which a batch has apart."""

    def numbers(self, residuals: Any) -> list[Any]:
        """Take the numbers out."""
        leaves, self._structure = tree.flatten(residuals)
        self._leaves = [None if _is_number(v) else v for v in leaves]
        return [v if hasattr(v, "dtype") else np.asarray(v)[()] for v in leaves
                if _is_number(v)]  # fmt: skip

    def restored(self, numbers: Sequence[Any]) -> Any:
        """Put numbers in."""
        rest = iter(numbers)
        return tree.unflatten(
            self._structure, [next(rest) if v is None else v for v in self._leaves]
        )


def _is_number(leaf: Any) -> bool:
    return isinstance(leaf, Tracer | np.ndarray | np.generic | float | complex)
