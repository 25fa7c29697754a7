"""The derivative of `while_loop`, in both modes, and of its pullback `while_back`; and
batches of both.

Forward mode carries tangents beside values; the condition does not see them. Reverse
mode is one `while_back`: how many steps there are is known only when it runs.

`while_back` is closed under both modes, because second derivatives are symmetric. Be F
the loop as a function of θ (constants and what is carried in), and R(θ, c̄) = J_F(θ)ᵀ c̄
its pullback. With F_θ̇(θ) = J_F(θ) θ̇, the pushforward, which is a `while_loop` too:

    <g, R>          = <F_g(θ), c̄>                     so the pullback of R is
    θ̄               = ∂/∂θ <F_g(θ), c̄>,   c̄'s: F_g(θ)   a while_loop and a while_back;
    Ṙ for θ̇, c̄-dot = ∂/∂θ (<F_θ̇(θ), c̄> + <F(θ), c̄-dot>)  the pushforward: a while_back

(Griewank & Walther, 2008, ch. 5: second-order adjoints.)
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from wengert.graph.equations import Graph, Var
from wengert.graph.evaluate import runner
from wengert.graph.extract import Closed, extract
from wengert.primitives.batches import spread, widened
from wengert.primitives.bodies import input_types
from wengert.primitives.loops import while_back, while_loop
from wengert.trace.bodies import stage_body
from wengert.transforms.batching import batch_function
from wengert.transforms.bodies import (
    Mask,
    batch_body,
    batched_types,
    closed_mask,
    grouped,
    inexact_only,
    picked,
    pull_body,
    push_body,
    reached_outputs,
    stack_tangents,
    untangled,
    zeros_of,
)
from wengert.transforms.forward import push_function
from wengert.transforms.structured import Recorded, Tangents, enter_rules
from wengert.transforms.taylor import Expansion

__all__: list[str] = []


class _Loop(NamedTuple):
    """A loop and the values that go in."""

    cond: Graph
    body: Graph
    asked: Sequence[Any]
    fixed: Sequence[Any]
    carry: Sequence[Any]

    @property
    def values(self) -> list[Any]:
        """What the body takes: θ."""
        return [*self.fixed, *self.carry]

    def run(self) -> tuple[Any, ...]:
        """Give what is carried out."""
        y: tuple[Any, ...] = while_loop(
            *self.asked, *self.values, cond=self.cond, body=self.body,
            cond_consts=len(self.asked), body_consts=len(self.fixed),
        )  # fmt: skip
        return y

    def mask(self, given: Sequence[bool]) -> Mask:
        """Complete which of the values vary."""
        moving = inexact_only(given, input_types(self.body))
        return closed_mask(self.body, moving, len(self.fixed), len(self.carry))

    def pushed(self, moving: Mask, dots: Tangents, series: bool = False) -> _Loop:
        """Make the loop that carries tangents, for each direction, beside values."""
        fixed, carry, directions = len(self.fixed), len(self.carry), len(dots)
        groups, out_groups = (fixed, carry), (carry,)
        moving_fixed, moving_carry = grouped(moving, groups)
        body = push_body(
            self.body, moving, tuple(moving_carry), directions, groups, out_groups,
            series,
        )  # fmt: skip
        stacked = stack_tangents(self.values, dots, moving, groups)
        wide = fixed + directions * sum(moving_fixed)
        return _Loop(
            _widened(self.cond, len(self.asked), directions, tuple(moving_carry)),
            body.graph,
            self.asked,
            [*body.values, *stacked[:wide]],
            stacked[wide:],
        )

    def batched(
        self, asked: Sequence[bool], values: Sequence[bool], size: int
    ) -> tuple[_Loop, Mask]:
        """Make the loop of all members of a batch; tell what it carries apart for each.

        Parameters
        ----------
        asked, values : sequences of bool
            Which of them have the batch as their first axis.
        """
        fixed, carries = len(self.fixed), len(self.carry)
        asked, known = tuple(asked), tuple(values)
        known = closed_mask(self.body, known, fixed, carries, reached_outputs)
        more: Sequence[Any] = ()
        if reached_outputs(self.cond, (*asked, *known[fixed:]))[0]:
            # Members end at different steps, and so keep what they carry apart.
            known, more = (*known[:fixed], *(True,) * carries), self.asked
            body = _step_of_some(self.cond, self.body, asked, known, size)
        else:
            body = batch_body(self.body, known, known[fixed:], size)
        carried = known[fixed:]
        cond = _condition_of_any(self.cond, (*asked, *carried), size)
        triples = zip(self.carry, values[fixed:], carried, strict=True)
        loop = _Loop(
            cond.graph,
            body.graph,
            [*cond.values, *self.asked],
            [*body.values, *more, *self.fixed],
            [spread(v, own, size) if apart else v for v, own, apart in triples],
        )
        return loop, carried

    def pull(self, moving: Mask, carry_bar: Sequence[Any]) -> list[Any]:
        """Pull cotangents (None for zero) back, to one for each value that varies."""
        fixed = len(self.fixed)
        carried = moving[fixed:]
        back = _back(self.body, moving, fixed)
        seeds = [
            zeros_of(v) if bar is None else bar
            for v, bar, m in zip(self.carry, carry_bar, carried, strict=True)
            if m
        ]
        bars = while_back(
            *self.asked, *self.fixed, *back.values, *self.carry, *seeds,
            cond=self.cond, body=self.body, back=back.graph,
            cond_consts=len(self.asked), body_consts=fixed,
            back_consts=len(back.values), moving=moving,
        )  # fmt: skip
        rest = iter(bars)
        return [next(rest) if m else None for m in moving]


def _push_while(
    x: Sequence[Any], x_dots: Tangents, series: bool, /, **params: Any
) -> tuple[Sequence[Any], Tangents]:
    """Carry tangents beside values."""
    loop = _loop(x, **params)
    dots = [dot[len(loop.asked) :] for dot in x_dots]
    moving = loop.mask(_given(dots))
    y = loop.pushed(moving, dots, series).run()
    carried = moving[len(loop.fixed) :]
    return untangled(y, carried, len(dots), (len(carried),))


def _record_while(
    x: Sequence[Any], moving: Sequence[bool], /, **params: Any
) -> Recorded:
    """Run the loop; the pullback runs it once more."""
    loop = _loop(x, **params)
    known = loop.mask(moving[len(loop.asked) :])

    def pull(y_bars: Sequence[Any]) -> list[Any]:
        return [*[None] * len(loop.asked), *loop.pull(known, y_bars)]

    return Recorded(loop.run(), known[len(loop.fixed) :], pull)


def _push_back(
    x: Sequence[Any], x_dots: Tangents, series: bool, /, **params: Any
) -> tuple[Sequence[Any], Tangents]:
    """Give the second derivative along θ̇, and the pullback of c̄-dot."""
    if series:
        # No loop of the two directions has it: its steps are run one by one.
        steps = functools.partial(while_back.impl, **params)
        return push_function(steps, x, x_dots, Expansion(len(x_dots)))
    call = _Call.of(x, **params)
    y = while_back(*x, **params)
    return y, [_along(call, x_dot) for x_dot in x_dots]


def _along(call: _Call, x_dot: Sequence[Any]) -> list[Any]:
    dot, seed_dot = call.theta_and_seeds(x_dot)
    pushed, places = call.tangent_loop(dot)
    bars = places.arranged(call.spread(call.seeds), call.spread(seed_dot))
    return call.pulled(pushed, places, call.moving, bars)


def _record_back(
    x: Sequence[Any], moving: Sequence[bool], /, **params: Any
) -> Recorded:
    """Run it; its pullback is a while loop and the pullback of that."""
    call = _Call.of(x, **params)
    theta_moves, _ = call.theta_and_seeds(moving)

    def pull(y_bars: Sequence[Any]) -> list[Any]:
        rest = iter(y_bars)
        g = [next(rest) if m else None for m in call.moving]
        pushed, places = call.tangent_loop(g)
        dots = places.tangents(pushed.run())
        seed_bars = picked(dots, call.moving[len(call.loop.fixed) :])
        wanted = inexact_only(theta_moves, input_types(call.loop.body))
        nothing = [None] * len(call.loop.carry)
        bars = places.arranged(call.spread(call.seeds), nothing)
        theta_bars = iter(call.pulled(pushed, places, wanted, bars))
        theta = [next(theta_bars) if m else None for m in wanted]
        return call.inputs(theta, seed_bars)

    outputs = while_back(*x, **params)
    return Recorded(tuple(outputs), (True,) * len(outputs), pull)


def _batch_while(
    x: Sequence[Any], mapped: Mask, size: int, /, **params: Any
) -> tuple[Sequence[Any], Mask]:
    """Run one loop for all members, until the last one ends."""
    loop = _loop(x, **params)
    asked = len(loop.asked)
    batched, carried = loop.batched(mapped[:asked], mapped[asked:], size)
    # A member that has ended stays as it is, whatever one step more would make of it.
    with np.errstate(all="ignore"):
        return batched.run(), carried


def _batch_back(
    x: Sequence[Any], mapped: Mask, size: int, /, **params: Any
) -> tuple[Sequence[Any], Mask]:
    """Pull back through the loop of all members; each has its own cotangents, also of
    constants that are the same for all."""
    call = _Call.of(x, **params)
    loop, moving = call.loop, call.moving
    theta_mapped, seeds_mapped = call.theta_and_seeds(mapped)
    values = [
        spread(v, own, size) if moves else v
        for v, own, moves in zip(loop.values, theta_mapped, moving, strict=True)
    ]
    fixed, carry = grouped(values, (len(loop.fixed), len(loop.carry)))
    known = tuple(map(operator.or_, theta_mapped, moving))
    own_loop = loop._replace(fixed=fixed, carry=carry)
    batched, _ = own_loop.batched(mapped[: len(loop.asked)], known, size)
    lifted = len(batched.fixed) - len(fixed)
    mask = batched.mask([*(False,) * lifted, *moving])
    seeds = [spread(v, m, size) for v, m in zip(call.seeds, seeds_mapped, strict=True)]
    with np.errstate(all="ignore"):
        bars = batched.pull(mask, call.spread(seeds))
    return picked(bars[lifted:], moving), (True,) * sum(moving)


enter_rules(while_loop, _push_while, _record_while, _batch_while)
enter_rules(while_back, _push_back, _record_back, _batch_back)


class _Places(NamedTuple):
    """Where values and tangents stand in a loop that carries both."""

    fixed: int
    carries: int
    lifted: int
    moving: Mask  # of the values of the loop without tangents: those with one

    @property
    def carried(self) -> Mask:
        """Which of what is carried has a tangent."""
        return self.moving[self.fixed :]

    def arranged(self, on_tangents: Sequence[Any], on_values: Sequence[Any]) -> Any:
        """Arrange cotangents as the loop carries its values."""
        return [*on_values, *picked(on_tangents, self.carried)]

    def tangents(self, carry: Sequence[Any]) -> list[Any]:
        """Give the tangents of what is carried out; None for zero."""
        rest = iter(carry[self.carries :])
        return [next(rest) if m else None for m in self.carried]

    def theta(self) -> list[int]:
        """Tell where the values of the loop without tangents stand."""
        carry_at = self.lifted + self.fixed + sum(self.moving[: self.fixed])
        return [
            *range(self.lifted, self.lifted + self.fixed),
            *range(carry_at, carry_at + self.carries),
        ]


class _Call(NamedTuple):
    """One call of `while_back`, taken apart."""

    loop: _Loop
    back_consts: int
    moving: Mask
    seeds: Sequence[Any]

    @classmethod
    def of(
        cls,
        x: Sequence[Any],
        *,
        cond: Graph,
        body: Graph,
        back: Graph,  # noqa: ARG003  (made anew from the body)
        cond_consts: int,
        body_consts: int,
        back_consts: int,
        moving: Mask,
    ) -> _Call:
        carries = len(body.outputs)
        sizes = cond_consts, body_consts, back_consts, carries
        asked, fixed, _, carry = grouped(x, sizes)
        loop = _Loop(cond, body, asked, fixed, carry)
        return cls(loop, back_consts, moving, x[sum(sizes) :])

    def theta_and_seeds(self, values: Sequence[Any]) -> tuple[list[Any], Sequence[Any]]:
        """Find, among values for each input, those for θ and those for the seeds."""
        loop = self.loop
        sizes = len(loop.asked), len(loop.fixed), self.back_consts, len(loop.carry)
        _, fixed, _, carry = grouped(values, sizes)
        return [*fixed, *carry], values[sum(sizes) :]

    def inputs(self, theta: Sequence[Any], seeds: Sequence[Any]) -> list[Any]:
        """Arrange values for θ and the seeds as the inputs; None for all others."""
        fixed, nothing = len(self.loop.fixed), [None]
        return [
            *nothing * len(self.loop.asked), *theta[:fixed],
            *nothing * self.back_consts, *theta[fixed:], *seeds,
        ]  # fmt: skip

    def spread(self, seeds: Sequence[Any]) -> list[Any]:
        """Give a seed for each value that is carried; None where it does not vary."""
        rest = iter(seeds)
        return [next(rest) if m else None for m in self.moving[len(self.loop.fixed) :]]

    def tangent_loop(self, dots: Sequence[Any]) -> tuple[_Loop, _Places]:
        """Make the loop that carries these tangents, None for zero, beside values."""
        loop = self.loop
        moving = loop.mask([dot is not None for dot in dots])
        pushed = loop.pushed(moving, [dots])
        fixed, carries = len(loop.fixed), len(loop.carry)
        lifted = len(pushed.fixed) - fixed - sum(moving[:fixed])
        return pushed, _Places(fixed, carries, lifted, moving)

    def pulled(
        self, pushed: _Loop, places: _Places, wanted: Mask, bars: Sequence[Any]
    ) -> list[Any]:
        """Pull cotangents back through such a loop, to the wanted ones of θ."""
        mask = [False] * len(pushed.values)
        targets = picked(places.theta(), wanted)
        for k in targets:
            mask[k] = True
        theta_bars = pushed.pull(pushed.mask(mask), bars)
        return [theta_bars[k] for k in targets]


def _loop(
    x: Sequence[Any], *, cond: Graph, body: Graph, cond_consts: int, body_consts: int
) -> _Loop:
    carry_at = cond_consts + body_consts
    return _Loop(cond, body, x[:cond_consts], x[cond_consts:carry_at], x[carry_at:])


def _given(dots: Tangents) -> list[bool]:
    return [any(dot is not None for dot in each) for each in zip(*dots, strict=True)]


@functools.lru_cache(256)
def _condition_of_any(cond: Graph, mapped: Mask, size: int) -> Closed:
    """Let a loop go on as long as it does for any member."""

    def any_goes_on(*values: Any) -> list[Any]:
        (goes_on,), (own,) = batch_function(runner(cond), values, mapped, size)
        return [np.any(goes_on) if own else goes_on]

    return stage_body(any_goes_on, batched_types(cond, mapped, size))


@functools.lru_cache(256)
def _step_of_some(
    cond: Graph, body: Graph, asked: Mask, mapped: Mask, size: int
) -> Closed:
    """Make the step of those members that go on; the others keep what they carry.

    It takes what the condition and the body take: constants of both, and the carry.
    """
    carries = len(body.outputs)
    carried = mapped[len(mapped) - carries :]

    def step(*values: Any) -> list[Any]:
        first, rest = values[: len(asked)], values[len(asked) :]
        carry = rest[len(rest) - carries :]
        (goes_on,), (own,) = batch_function(
            runner(cond), [*first, *carry], [*asked, *carried], size
        )
        goes_on = spread(goes_on, own, size)
        after, ours = batch_function(runner(body), rest, mapped, size)
        return [
            np.where(widened(goes_on, v.ndim - 1), spread(new, m, size), v)
            for v, new, m in zip(carry, after, ours, strict=True)
        ]

    types = batched_types(cond, (*asked, *carried), size)[: len(asked)]
    return stage_body(step, [*types, *batched_types(body, mapped, size)])


@functools.lru_cache(256)
def _widened(cond: Graph, asked: int, directions: int, carried: Mask) -> Graph:
    """Let a condition take tangents too, which it does not look at."""
    own = cond.inputs[asked:]
    tangents = [Var(v.type) for v in picked(own, carried) * directions]
    return extract(cond, [*cond.inputs, *tangents], cond.outputs)


@functools.lru_cache(256)
def _back(body: Graph, moving: Mask, fixed: int) -> Closed:
    """Make the pullback of a body, which adds to the cotangents of constants."""
    added = tuple(k < sum(moving[:fixed]) for k in range(sum(moving)))
    graph, values = pull_body(body, moving, moving[fixed:], added)
    return Closed(
        extract(graph, graph.inputs, graph.outputs[len(body.outputs) :]), values
    )
