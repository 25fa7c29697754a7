"""Descent by update rules: in full or in batches, resumable, compiled."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy.optimize

from wengert import tree
from wengert.errors import ArgumentError, NanError
from wengert.operators.arguments import as_result, check_callable, inexact, name_of
from wengert.operators.gradient import value_and_grad
from wengert.optimize.batches import Batches
from wengert.optimize.measured import Compile, Measured
from wengert.optimize.nans import nan_error
from wengert.optimize.progress import Progress
from wengert.optimize.report import Report
from wengert.optimize.rules import Rule, adam, apply_step, norm
from wengert.optimize.saving import load, save

__all__ = ["Descent", "descend"]


@dataclass(frozen=True, eq=False)
class Descent:
    """Where a descent stands: all that it needs to go on.

    Attributes
    ----------
    params : pytree
    rule_state : pytree
    step : int
        Steps taken.
    """

    params: Any
    rule_state: Any
    step: int = 0


def descend(
    loss: Callable[..., Any],
    params: Any,
    data: Any = None,
    *,
    rule: Rule | None = None,
    steps: int | None = None,
    epochs: int | None = None,
    batch: int | None = None,
    seed: int | None = 0,
    tol: float = 0.0,
    callback: Callable[[Any], Any] | None = None,
    save_to: str | os.PathLike[str] | None = None,
    save_every: int | None = None,
    resume: bool | Descent = False,
    compile: Compile = "auto",
    progress: bool = True,
) -> Any:
    """Minimise a loss by an update rule, on all data at once or in batches.

    Parameters
    ----------
    loss : callable
        `(params, *data)` → a real scalar. Data that are no tuple are one argument.
    params : pytree of numbers and inexact arrays
        Where to start.
    data : tuple or other pytree of arrays, optional
        All with the same first axis, along which batches are cut.
    rule : Rule
        By default `adam(1e-3)`.
    steps, epochs : int, optional
        How long: in all, also where a run is resumed. An epoch goes once through the
        data; without data it is a step. One of the two is needed.
    batch : int, optional
        How many observations at a time; all by default.
    seed : int or None
        Of the order of batches; None keeps that of the data.
    tol : float
        The norm of the gradient at which it ends early; of a batch's, with batches.
    callback : callable, optional
        Called after each step with an OptimizeResult: `x` after it, `fun` before it,
        `nit`, `epoch`. Where it returns True, or raises StopIteration, the run ends.
    save_to : path, optional
        An .npz file for the state: written at the end, on Ctrl-C, on an error, and
        after each `save_every` steps (an epoch by default). Without pickle, and never
        in part.
    resume : bool or Descent
        True: go on from the file `save_to`, if there is one. Or a result's `.state`.
        A run that was cut in two gives what one run gives, bit for bit.
    compile : bool or "auto"
        Whether a step is compiled.
    progress : bool
        Whether a run of more than a second shows a bar, in a terminal.

    Returns
    -------
    scipy.optimize.OptimizeResult
        `x`: on all data at once, where the loss was least; with batches, the last.
        `fun`, the loss there (of the last batch); `losses`, before each step of this
        run; `nit`, `epoch`, `success` (False after Ctrl-C), `message`, `interrupted`,
        `state`, `report`.

    Raises
    ------
    NanError
        If a loss or its gradient is nan: it names the step and the operation. `state`
        of the error is the last that was finite.
    NotScalarError, ArgumentError, ShapeError

    Notes
    -----
    Cost of a step: a small multiple of loss, on a batch.

    References
    ----------
    Bottou, Curtis & Nocedal (2018), Optimization methods for large-scale machine
    learning.

    Examples
    --------
    >>> from wengert.optimize import nesterov
    >>> x = np.linspace(-1.0, 1.0, 64)
    >>> loss = lambda p, x, y: np.mean((p["a"] * x + p["b"] - y) ** 2)
    >>> result = descend(
    ...     loss, {"a": 0.0, "b": 0.0}, (x, 2 * x + 1), batch=16, epochs=50,
    ...     rule=nesterov(0.1),
    ... )
    >>> round(result.x["a"], 4), round(result.x["b"], 4), result.nit
    (2.0, 1.0, 200)
    """
    check_callable("descend", loss)
    rule = adam() if rule is None else rule
    if not isinstance(rule, Rule):
        raise ArgumentError(f"descend: rule={rule!r} is no Rule; perhaps adam(1e-3)?")
    batches = None if data is None else Batches(data, batch, seed)
    total = _total(steps, epochs, batches)
    start = _start(params, rule, resume, save_to)
    report = Report(f"descent of {name_of(loss)}")
    run = _Run(loss, rule, batches, report, compile, start, params)
    every = save_every or (batches.in_epoch if batches else max(total // 10, 1))
    message, interrupted = "all steps are taken", False
    with report, Progress(f"descent of {name_of(loss)}", total, progress) as bar:
        try:
            while run.state.step < total:
                run.step()
                bar.show(run.state.step, run.losses[-1])
                if save_to is not None and run.state.step % every == 0:
                    save(save_to, run.state)
                if run.slope <= tol:
                    message = f"the gradient's norm is {run.slope:.3g}"
                    break
                if callback is not None and _stops(callback, run):
                    message = "the callback has ended it"
                    break
        except KeyboardInterrupt:
            message, interrupted = f"interrupted after step {run.state.step}", True
        finally:
            # A run that fails at once leaves an earlier run's file as it was.
            if save_to is not None and run.state is not start:
                save(save_to, run.state)
    return run.result(message, interrupted)


class _Run:
    """The steps of a descent."""

    def __init__(
        self,
        loss: Callable[..., Any],
        rule: Rule,
        batches: Batches | None,
        report: Report,
        compile: Compile,
        start: Descent,
        original: Any,
    ) -> None:
        self._loss, self._batches, self._report = loss, batches, report
        self._original = original
        self.state, self.losses = start, list[float]()
        self.slope = np.inf
        self.best: tuple[float, Any] = np.inf, start.params
        in_epoch = batches.in_epoch if batches else 1
        self._in_epoch, self._full = in_epoch, in_epoch == 1
        self._stream = self._batches_from(start.step)
        both = value_and_grad(loss)

        def step(params: Any, state: Any, *data: Any) -> Any:
            value, gradient = both(params, *data)
            change, state = rule.update(gradient, state, params)
            return apply_step(params, change), state, value, norm(gradient)

        self._step = Measured(report, "step", step, compile)

    def step(self) -> None:
        before, data = self.state, next(self._stream)
        params, rule_state, value, slope = self._step(
            before.params, before.rule_state, *data
        )
        value = float(value)
        if not (np.isfinite(value) and np.isfinite(slope)):
            raise self._nan(value, before, data)
        # From here on one assignment after the other: Ctrl-C finds a whole state.
        if value < self.best[0]:
            self.best = value, before.params
        self.slope = float(slope)
        self.losses.append(value)
        self.state = Descent(params, rule_state, before.step + 1)

    def result(self, message: str, interrupted: bool) -> Any:
        value, x = self.best
        if not self._full or not self.losses:
            value, x = (self.losses or [np.nan])[-1], self.state.params
        return scipy.optimize.OptimizeResult(
            x=self.given(x),
            fun=value,
            losses=np.array(self.losses),
            nit=self.state.step,
            epoch=self.epoch,
            success=not interrupted,
            interrupted=interrupted,
            message=message,
            state=self.state,
            report=self._report,
        )

    @property
    def epoch(self) -> int:
        return self.state.step // self._in_epoch

    def given(self, params: Any) -> Any:
        """Give floats where the user gave floats."""
        leaves, structure = tree.flatten(params)
        kinds = [
            float(leaf) if type(leaf) is int else leaf
            for leaf in tree.flatten(self._original)[0]
        ]
        return tree.unflatten(structure, map(as_result, leaves, kinds))

    def _batches_from(self, step: int) -> Iterator[tuple[Any, ...]]:
        if self._batches is None:
            while True:
                yield ()
        epoch, skip = divmod(step, self._in_epoch)
        while True:
            for data in self._batches.epoch(epoch, skip):
                yield data if isinstance(data, tuple) else (data,)
            epoch, skip = epoch + 1, 0

    def _nan(self, value: float, before: Descent, data: tuple[Any, ...]) -> NanError:
        what = "the gradient" if np.isfinite(value) else "the loss"
        where = (
            f"descend: {what} is not finite at step {before.step + 1}, epoch "
            f"{self.epoch + 1}; the loss is {value}"
        )
        if self.losses:
            where += f", after {self.losses[-1]:.6g}"
        error = nan_error(where, self._loss, before.params, *data)
        error.state = before
        return error


def _total(steps: int | None, epochs: int | None, batches: Batches | None) -> int:
    if (steps is None) == (epochs is None):
        raise ArgumentError("descend needs either steps= or epochs=")
    if steps is not None:
        return steps
    assert epochs is not None
    return epochs * (batches.in_epoch if batches else 1)


def _start(params: Any, rule: Rule, resume: Any, path: Any) -> Descent:
    if isinstance(resume, Descent):
        return resume
    values = tree.map_leaves(lambda leaf: np.array(inexact(leaf))[()], params)
    fresh = Descent(values, rule.init(values))
    if resume and path is None:
        raise ArgumentError("resume=True needs the file: save_to=")
    if resume and Path(path).exists():
        found: Descent = load(path, fresh)
        return replace(found, step=int(found.step))
    return fresh


def _stops(callback: Callable[[Any], Any], run: _Run) -> bool:
    try:
        return callback(
            scipy.optimize.OptimizeResult(
                x=run.given(run.state.params),
                fun=run.losses[-1],
                nit=run.state.step,
                epoch=run.epoch,
            )
        ) is True  # fmt: skip
    except StopIteration:
        return True
