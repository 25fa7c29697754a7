"""Update rules: gradient → step, with a state; small, and composable by `chain`.

    state = rule.init(params)
    step, state = rule.update(gradient, state, params)
    params = apply_step(params, step)

Rules are plain functions of pytrees, so that `jit` compiles them and transforms pass
through. A state is a pytree of arrays and NumPy scalars. What `chain` joins works on
what the one before it made of the gradient; the last is a rule with a rate, which
turns the sign. Gradients are those of `grad`, also for complex parameters: the step is
along their conjugate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, ShapeError
from wengert.optimize.leafwise import (
    apply_step,
    like,
    norm,
    over,
    real_zeros,
    squared,
    zeros,
)
from wengert.optimize.schedules import Rate, as_schedule

__all__ = [
    "Rule",
    "accumulate",
    "adagrad",
    "adam",
    "adamw",
    "add_decay",
    "amsgrad",
    "apply_step",
    "chain",
    "clip",
    "clip_by_norm",
    "coordinate",
    "heavy_ball",
    "masked",
    "nesterov",
    "norm",
    "rmsprop",
    "scale",
    "sgd",
]


class Rule:
    """A way to turn gradients into steps.

    Parameters
    ----------
    init : callable
        `params → state`.
    update : callable
        `(gradient, state, params) → (step, state)`.
    """

    __slots__ = ("_update", "init")

    def __init__(
        self,
        init: Callable[[Any], Any],
        update: Callable[[Any, Any, Any], tuple[Any, Any]],
    ) -> None:
        self.init, self._update = init, update

    def update(self, gradient: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        """Turn a gradient into a step.

        Parameters
        ----------
        gradient : pytree
        state : pytree
            From `init`, or the call before.
        params : pytree, optional
            Like the gradient; rules that decay weights need it.

        Returns
        -------
        step : pytree
            To be added to the parameters.
        state : pytree
        """
        return self._update(gradient, state, params)


# ----- parts of rules -----


def chain(*rules: Rule) -> Rule:
    """Let rules work one after the other, each on the step of the one before.

    Examples
    --------
    >>> rule = chain(clip_by_norm(1.0), sgd(0.1))
    >>> step, state = rule.update(np.array([30.0, 40.0]), rule.init(np.zeros(2)))
    >>> print(step)
    [-0.06 -0.08]
    """
    for rule in rules:
        if not isinstance(rule, Rule):
            raise ArgumentError(f"chain needs rules, not {rule!r}")

    def update(step: Any, states: Any, params: Any) -> tuple[Any, Any]:
        after = []
        for rule, state in zip(rules, states, strict=True):
            step, state = rule.update(step, state, params)
            after.append(state)
        return step, tuple(after)

    return Rule(lambda params: tuple(rule.init(params) for rule in rules), update)


def scale(factor: Rate) -> Rule:
    """Multiply by a number, or by what a schedule says."""
    schedule = as_schedule(factor)

    def update(step: Any, count: Any, params: Any) -> tuple[Any, Any]:
        rate = schedule(count)
        return over(lambda s: like(rate * s, s), step), count + 1.0

    return Rule(lambda params: np.float64(0), update)


def clip(limit: float) -> Rule:
    """Keep each element within ± limit."""
    return _stateless(lambda g, p: np.clip(g, -limit, limit))


def clip_by_norm(limit: float) -> Rule:
    """Shorten to a norm, that of all leaves together, of at most `limit`.

    References
    ----------
    Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent networks.
    """

    def update(gradient: Any, state: Any, params: Any) -> tuple[Any, Any]:
        # Never 0 / 0, nor inf / inf, which would be NaN where the gradient is not.
        factor = limit / np.maximum(norm(gradient), limit)
        return over(lambda g: like(factor * g, g), gradient), state

    return Rule(_nothing, update)


def add_decay(decay: float) -> Rule:
    """Add `decay * params`: before a rule, the gradient of ½ decay ‖params‖²."""
    return _stateless(lambda g, p: like(g + decay * np.conj(p), g), "add_decay")


def masked(rule: Rule, mask: Any) -> Rule:
    """Let a rule work on some parameters only; the others do not move.

    Parameters
    ----------
    rule : Rule
    mask : pytree of bool
        Like the parameters, or a tree whose leaves stand above theirs.
    """

    def picked(values: Any) -> list[Any]:
        leaves = tree.flatten(values)[0]
        return [v for v, on in zip(leaves, spread(values), strict=True) if on]

    def spread(values: Any) -> list[Any]:
        try:
            return tree.spread_prefix(mask, values)
        except ValueError as error:
            raise ShapeError(f"the mask does not fit the parameters: {error}") from None

    def update(gradient: Any, state: Any, params: Any) -> tuple[Any, Any]:
        inner = None if params is None else picked(params)
        steps, state = rule.update(picked(gradient), state, inner)
        rest = iter(steps)
        leaves, structure = tree.flatten(gradient)
        pairs = zip(leaves, spread(gradient), strict=True)
        return (
            tree.unflatten(structure, [next(rest) if on else 0 * g for g, on in pairs]),
            state,
        )

    return Rule(lambda params: rule.init(picked(params)), update)


def accumulate(rule: Rule, every: int) -> Rule:
    """Collect so many gradients, and step by their mean: a larger batch in parts."""

    def init(params: Any) -> Any:
        return {
            "count": np.float64(0),
            "sum": tree.map_leaves(zeros, params),
            "inner": rule.init(params),
        }

    def update(gradient: Any, state: Any, params: Any) -> tuple[Any, Any]:
        total = over(lambda a, g: like(a + g / every, a), state["sum"], gradient)
        count = state["count"] + 1.0
        full = count >= every
        step, inner = rule.update(total, state["inner"], params)

        def choose(a: Any, b: Any) -> Any:
            return np.where(full, a, b)[()]

        return over(lambda s: choose(s, 0 * s), step), {
            "count": choose(0.0, count),
            "sum": over(lambda t: choose(0 * t, t), total),
            "inner": over(choose, inner, state["inner"]),
        }

    return Rule(init, update)


# ----- whole rules -----


def sgd(rate: Rate) -> Rule:
    """Step along the negative gradient: gradient descent, stochastic or not.

    Parameters
    ----------
    rate : float or schedule

    Examples
    --------
    >>> rule = sgd(0.1)
    >>> step, state = rule.update({"w": np.ones(2)}, rule.init({"w": np.zeros(2)}))
    >>> step
    {'w': array([-0.1, -0.1])}
    """
    schedule = as_schedule(rate)

    def update(gradient: Any, count: Any, params: Any) -> tuple[Any, Any]:
        rate = schedule(count)
        return over(lambda g: like(-rate * np.conj(g), g), gradient), count + 1.0

    return Rule(lambda params: np.float64(0), update)


def heavy_ball(rate: Rate, momentum: float = 0.9) -> Rule:
    """Gradient descent with momentum: v ← momentum v + g, step −rate v.

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods.
    """
    return chain(_velocity(momentum, lambda g, v: v), sgd(rate))


def nesterov(rate: Rate, momentum: float = 0.9) -> Rule:
    """Gradient descent with Nesterov's momentum, its gradient looked for ahead.

    v ← momentum v + g, step −rate (g + momentum v): Nesterov's iteration in terms of
    the points at which gradients are taken.

    References
    ----------
    Sutskever, Martens, Dahl & Hinton (2013), On the importance of initialization and
    momentum in deep learning.
    """
    return chain(_velocity(momentum, lambda g, v: g + momentum * v), sgd(rate))


def adam(
    rate: Rate = 1e-3, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
) -> Rule:
    """Adam: running means of the gradient and of its square, free of their bias.

    References
    ----------
    Kingma & Ba (2015), Adam: a method for stochastic optimization.

    Examples
    --------
    >>> rule = adam(0.5)
    >>> step, state = rule.update(np.array([3.0, -4.0]), rule.init(np.zeros(2)))
    >>> print(np.round(step, 6))
    [-0.5  0.5]
    """
    return chain(_moments(beta1, beta2, epsilon, largest=False), sgd(rate))


def adamw(
    rate: Rate = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    decay: float = 1e-2,
) -> Rule:
    """Adam whose weights decay by themselves, by `rate * decay * params`.

    References
    ----------
    Loshchilov & Hutter (2019), Decoupled weight decay regularization.
    """
    moments = _moments(beta1, beta2, epsilon, largest=False)
    return chain(moments, add_decay(decay), sgd(rate))


def amsgrad(
    rate: Rate = 1e-3, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
) -> Rule:
    """Adam with the largest mean square so far, so that no rate grows again.

    References
    ----------
    Reddi, Kale & Kumar (2018), On the convergence of Adam and beyond.
    """
    return chain(_moments(beta1, beta2, epsilon, largest=True), sgd(rate))


def rmsprop(
    rate: Rate = 1e-3,
    decay: float = 0.9,
    epsilon: float = 1e-8,
    momentum: float = 0.0,
) -> Rule:
    """Divide the gradient by the root of a running mean of its square."""

    def mean(square: Any, g: Any) -> Any:
        return decay * square + (1 - decay) * squared(g)

    divided = _by_root(mean, epsilon)
    return chain(divided, heavy_ball(rate, momentum) if momentum else sgd(rate))


def adagrad(rate: Rate = 1e-2, epsilon: float = 1e-8) -> Rule:
    """Divide the gradient by the root of the sum of its squares so far.

    References
    ----------
    Duchi, Hazan & Singer (2011), Adaptive subgradient methods.
    """
    return chain(_by_root(lambda square, g: square + squared(g), epsilon), sgd(rate))


def coordinate(rate: Rate, order: str = "cyclic") -> Rule:
    """Coordinate descent: one element moves at each step, the others stay.

    Parameters
    ----------
    rate : float or schedule
        1 / curvature along the coordinate makes the exact step.
    order : {"cyclic", "largest"}
        One after the other, or the one with the largest slope (Gauss and Southwell);
        where several are largest, all of these.

    References
    ----------
    Wright (2015), Coordinate descent algorithms, Mathematical Programming 151.
    """
    if order == "cyclic":
        return chain(Rule(lambda params: np.float64(0), _one_in_turn), sgd(rate))
    if order == "largest":
        return chain(Rule(_nothing, _largest_slope), sgd(rate))
    raise ArgumentError(f'order={order!r}; it is "cyclic" or "largest"')


# ----- of what they are made -----


def _velocity(momentum: float, direction: Callable[[Any, Any], Any]) -> Rule:
    def update(gradient: Any, velocity: Any, params: Any) -> tuple[Any, Any]:
        velocity = over(lambda v, g: momentum * v + g, velocity, gradient)
        return over(direction, gradient, velocity), velocity

    return Rule(lambda params: tree.map_leaves(zeros, params), update)


def _moments(beta1: float, beta2: float, epsilon: float, largest: bool) -> Rule:
    def init(params: Any) -> Any:
        state = {
            "count": np.float64(0),
            "mean": tree.map_leaves(zeros, params),
            "square": tree.map_leaves(real_zeros, params),
        }
        return {**state, "largest": state["square"]} if largest else state

    def update(gradient: Any, state: Any, params: Any) -> tuple[Any, Any]:
        count = state["count"] + 1.0
        mean = over(lambda m, g: beta1 * m + (1 - beta1) * g, state["mean"], gradient)
        square = over(
            lambda s, g: beta2 * s + (1 - beta2) * squared(g),
            state["square"],
            gradient,
        )
        unbias1, unbias2 = 1 - beta1**count, 1 - beta2**count
        after = {"count": count, "mean": mean, "square": square}
        if largest:
            square = after["largest"] = over(np.maximum, state["largest"], square)
        return over(
            lambda m, s: like(m / unbias1 / (np.sqrt(s / unbias2) + epsilon), m),
            mean,
            square,
        ), after

    return Rule(init, update)


def _by_root(following: Callable[[Any, Any], Any], epsilon: float) -> Rule:
    def update(gradient: Any, square: Any, params: Any) -> tuple[Any, Any]:
        square = over(following, square, gradient)
        return over(lambda g, s: g / (np.sqrt(s) + epsilon), gradient, square), square

    return Rule(lambda params: tree.map_leaves(real_zeros, params), update)


def _one_in_turn(gradient: Any, turn: Any, params: Any) -> tuple[Any, Any]:
    leaves, structure = tree.flatten(gradient)
    start, parts = 0, []
    for g in leaves:
        size, shape = np.size(g), np.shape(g)
        numbers = np.reshape(np.arange(start, start + size), shape)
        parts.append(np.where(numbers == turn, g, 0 * g)[()])
        start += size
    following = np.where(turn + 1.0 >= start, 0.0, turn + 1.0)[()]
    return tree.unflatten(structure, parts), following


def _largest_slope(gradient: Any, state: Any, params: Any) -> tuple[Any, Any]:
    leaves, structure = tree.flatten(gradient)
    slopes = [np.abs(g) for g in leaves]
    largest = slopes[0].max()
    for slope in slopes[1:]:
        largest = np.maximum(largest, slope.max())
    parts = [
        np.where(slope == largest, g, 0 * g)[()]
        for slope, g in zip(slopes, leaves, strict=True)
    ]
    return tree.unflatten(structure, parts), state


def _stateless(function: Callable[[Any, Any], Any], needing: str = "") -> Rule:
    def update(gradient: Any, state: Any, params: Any) -> tuple[Any, Any]:
        if not needing:
            return over(lambda g: function(g, None), gradient), state
        if params is None:
            raise ArgumentError(
                f"{needing} needs the parameters: rule.update(gradient, state, params)"
            )
        return over(function, gradient, params), state

    return Rule(_nothing, update)


def _nothing(params: Any) -> tuple[()]:
    return ()
