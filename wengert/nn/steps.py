"""The compiled functions of a training: a step, and an evaluation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, NanError
from wengert.operators.compile import jit
from wengert.operators.gradient import value_and_grad
from wengert.optimize.leafwise import apply_step
from wengert.optimize.nans import nan_error
from wengert.optimize.rules import Rule

__all__ = ["Steps"]


class Steps:
    """A loss and an update rule, made into functions that are compiled once.

    Parameters
    ----------
    loss, rule, metrics : as for `train`
    has_state, has_noise : bool
        Whether the loss takes `state=` and `training=`, and `noise=`.
    compiled : bool
    """

    def __init__(
        self,
        loss: Callable[..., Any],
        rule: Rule,
        metrics: Mapping[str, Callable[..., Any]],
        has_state: bool,
        has_noise: bool,
        compiled: bool,
    ) -> None:
        self._loss, self._rule, self._metrics = loss, rule, metrics
        self._has_state, self._has_noise = has_state, has_noise
        compile = jit if compiled else lambda f: f
        self.step: Callable[..., Any] = compile(self._step)
        self.evaluate: Callable[..., Any] = compile(self._evaluate)

    def objective(
        self, params: Any, state: Any, noise: Any, batch: Any, training: bool = True
    ) -> tuple[Any, Any]:
        """Give the loss and the next state."""
        keywords: dict[str, Any] = {"noise": noise} if self._has_noise else {}
        if not self._has_state:
            return self._loss(params, *batch, **keywords), state
        found = self._loss(params, *batch, state=state, training=training, **keywords)
        if not isinstance(found, tuple) or len(found) != 2:
            raise ArgumentError(
                "train: with a state, the loss must return a pair: its value, and the "
                f"next state; not {type(found).__name__}"
            )
        return found

    def _step(
        self, rule_state: Any, params: Any, state: Any, noise: Any, batch: Any
    ) -> tuple[Any, ...]:
        """Give next parameters and states, the loss, and whether all is finite."""
        found = value_and_grad(self.objective, has_aux=True)(
            params, state, noise, batch
        )
        (value, state), gradient = found
        finite = np.isfinite(value)
        for leaf in tree.flatten(gradient)[0]:
            finite = finite & np.all(np.isfinite(leaf))
        move, rule_state = self._rule.update(gradient, rule_state, params)
        return apply_step(params, move), rule_state, state, value, finite

    def _evaluate(self, params: Any, state: Any, batch: Any) -> tuple[Any, ...]:
        """Give the loss, and the metrics in their order."""
        value, _ = self.objective(params, state, None, batch, training=False)
        keywords = {"state": state} if self._has_state else {}
        metrics = self._metrics.values()
        return value, *(metric(params, *batch, **keywords) for metric in metrics)

    def failure(
        self, place: str, value: Any, params: Any, state: Any, noise: Any, batch: Any
    ) -> NanError:
        """Make the error that says where the first nan or inf of a step came from."""
        what = f"the loss is {float(value):.6g}"
        if np.isfinite(value):
            what += ", but its gradient is not finite,"
        given = {"params": params, "state": state, "noise": noise, "data": batch}
        if bad := _not_finite(given):
            what += f" ({bad} was not finite before)"
        return nan_error(
            f"train: {what} at {place}",
            lambda *args: self.objective(*args)[0],
            *(params, state, noise, batch),
        )


def _not_finite(given: Mapping[str, Any]) -> str:
    """Name the first array that holds a nan or inf."""
    for root, values in given.items():
        leaves = tree.flatten(values)[0]
        for name, leaf in zip(tree.paths(values, root), leaves, strict=True):
            x = np.asarray(leaf)
            if x.dtype.kind in "fc" and not np.all(np.isfinite(x)):
                return name
    return ""
