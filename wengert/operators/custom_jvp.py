"""Functions with a pushforward of their own: `custom_jvp`, as in JAX.

Worked example, `y = log1pexp(x)` with the rule `ẏ = (1 − 1/(1 + eˣ))·ẋ`: on a tape, the
rule is run with a seed for ẋ; it leaves one product, whose transpose is the pullback.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, RuleError
from wengert.operators.calls import Result, add_trees, flat_seeds_of, no_rule
from wengert.operators.custom import (
    Custom,
    Members,
    Site,
    check_pair,
    refuse_symbolic_zeros,
)
from wengert.operators.duality import LinearMap, nonlinear, transposed
from wengert.trace.levels import Level
from wengert.transforms.linearity import Seed, transpose
from wengert.transforms.reverse import Tape
from wengert.transforms.rules import or_zeros

__all__ = ["custom_jvp"]

Rule = Callable[..., Any]


class custom_jvp(Custom):
    """Give a function a pushforward of your own; known by this name in JAX.

    Parameters
    ----------
    fun : callable
        Takes and returns pytrees of arrays and floats.
    nondiff_argnums : sequence of int
        Arguments that are constants of the rule: functions, options.

    Raises
    ------
    MissingRuleError
        When differentiated without a rule; and in reverse mode, if the rule is not
        linear in the tangents.
    RuleError
        When the rule returns no pair, or what does not fit.
    ArgumentError
        If an argument of nondiff_argnums is traced, or fun uses a traced value that is
        none of its arguments.

    Notes
    -----
    Forward mode runs the rule, reverse mode transposes it. The tangent of an integer
    argument is zero; of other objects, None. Cost: that of the rule, which also gives
    the value; in reverse mode a small multiple of it.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import grad
    >>> @custom_jvp
    ... def log1pexp(x):
    ...     return np.log(1 + np.exp(x))
    >>> @log1pexp.defjvp
    ... def _(primals, tangents):
    ...     (x,), (x_dot,) = primals, tangents
    ...     return log1pexp(x), (1 - 1 / (1 + np.exp(x))) * x_dot
    >>> grad(log1pexp)(0.0)
    0.5
    """

    _rule: Rule | None = None

    def defjvp(self, jvp: Rule, symbolic_zeros: bool = False) -> Rule:
        """State the rule: `(*nondiff, primals, tangents) → (primal_out, tangent_out)`.

        Parameters
        ----------
        jvp : callable
            Takes the arguments of nondiff_argnums, then two tuples: the other
            arguments, and their tangents. Returns the output, and its tangent in the
            same form, linear in the tangents.
        symbolic_zeros : bool
            Only False: zero tangents are arrays of zeros.

        Returns
        -------
        callable
            jvp itself, so that this is a decorator.
        """
        refuse_symbolic_zeros("defjvp", symbolic_zeros)
        self._rule = jvp
        return jvp

    def defjvps(self, *jvps: Rule | None) -> None:
        """State the rule argument by argument: `(t, ans, *primals) → tangent_out`.

        Parameters
        ----------
        *jvps : callable or None
            One for each argument; `t` is its tangent, `ans` the output. None says that
            the derivative is zero. There must be no nondiff_argnums.
        """
        if self.nondiff_argnums:
            raise ArgumentError(
                f"{self.__name__} has nondiff_argnums: state its rule with defjvp."
            )

        def rule(primals: Any, tangents: Any) -> tuple[Any, Any]:
            if len(primals) != len(jvps):
                raise RuleError(
                    f"{self.__name__} has {len(jvps)} rules by defjvps, but was called "
                    f"with {len(primals)} arguments."
                )
            ans, total = self(*primals), None
            for jvp, tangent in zip(jvps, tangents, strict=True):
                if jvp is not None:
                    term = jvp(tangent, ans, *primals)
                    total = (
                        term if total is None else add_trees(self.__name__, total, term)
                    )
            return ans, total

        self._rule = rule

    def _has_rule(self) -> bool:
        return self._rule is not None

    def _missing(self) -> tuple[str, str]:
        return "no jvp", f"State it, with @{self.__name__}.defjvp."

    def _run(self, site: Site, x: Sequence[Any], x_dot: Sequence[Any]) -> Any:
        """Run the rule, and check that it gives a pair."""
        if self._rule is None:
            raise no_rule(self.__name__, *self._missing())
        call = site.call
        tangents = call.arrange_seeds(
            [
                np.zeros(t.shape)[()] if t.dtype.kind not in "fc" else dot
                for t, dot in zip(call.types, x_dot, strict=True)
            ]
        )
        pair = self._rule(*site.fixed, call.arrange(x), tangents)
        check_pair(f"the jvp of {self.__name__}", pair, "(primal_out, tangent_out)")
        if any(isinstance(leaf, Seed) for leaf in tree.flatten(pair[0])[0]):
            raise RuleError(
                f"the jvp of {self.__name__} returned a primal_out that depends on the "
                "tangents. Compute it from the primals alone."
            )
        return pair

    def _state(self, function: Any, batch: Members) -> None:
        count, rule = len(batch.mapped), f"the jvp of {self.__name__}"

        def one(*values: Any) -> list[Any]:
            y, y_dot = self._run(batch.site, values[:count], values[count:])
            leaves = batch.flat(y)
            form = tree.unflatten(batch.structure, [0.0] * len(leaves))
            dots = flat_seeds_of(y_dot, form, rule, "tangent")
            return [*leaves, *map(or_zeros, dots, leaves)]

        def of_all(primals: Any, tangents: Any) -> tuple[Any, Any]:
            mapped = [*batch.mapped, *batch.mapped]
            found = batch.stacked(one, [*primals, *tangents], mapped)
            half = len(found) // 2
            return tuple(found[:half]), tuple(found[half:])

        function.defjvp(of_all)

    def _tangents(self, result: Result, y_dot: Any) -> list[Any]:
        return result.take_tangents(f"the jvp of {self.__name__}", y_dot)

    def _reverse(
        self, site: Site, inside: Sequence[Any], tape: Tape
    ) -> tuple[Result, LinearMap]:
        slots, found = site.call.slots, []

        def push(*seeds: Any) -> list[Any]:
            y, y_dot = self._run(site, inside, slots.fill(seeds))
            result = Result(self.__name__, y, tape)
            found.append(result)
            return result.slots.take(self._tangents(result, y_dot))

        back = transpose(push, [slots.types[k] for k in slots.places], self._refuse)
        (result,) = found
        places = result.slots.places
        return result, lambda y_bar: slots.fill(back([y_bar[j] for j in places]))

    def _forward(
        self, site: Site, inside: Sequence[Any], x_dots: Any, level: Level
    ) -> tuple[Result, list[list[Any]]]:
        found: list[Result] = []
        y_dots = []
        for x_dot in x_dots:
            y, y_dot = self._run(site, inside, x_dot)
            found.append(Result(self.__name__, y, level))
            y_dots.append(self._tangents(found[0], y_dot))
        return found[0], y_dots

    def _pushforward(self, site: Site, result: Result) -> Rule:
        return lambda y, x, x_dot: self._tangents(result, self._run(site, x, x_dot)[1])

    def _pullback(self, site: Site, result: Result) -> Rule:
        push = self._pushforward(site, result)
        return lambda y, x, y_bar: transposed(
            lambda x_dot: push(y, x, x_dot), site.call.slots, result.slots, self._refuse
        )(y_bar)

    def _refuse(self, problem: str) -> Exception:
        return nonlinear(self.__name__, "jvp", "reverse mode")(problem)
