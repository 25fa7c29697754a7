"""Training: minibatches, compiled steps, evaluation, early stopping, checkpoints."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError
from wengert.nn.history import History
from wengert.nn.steps import Steps
from wengert.operators.arguments import check_callable
from wengert.optimize.batches import Batches
from wengert.optimize.progress import Progress
from wengert.optimize.rules import Rule, adam
from wengert.optimize.saving import load, save

__all__ = ["Training", "train"]

Path = str | os.PathLike[str]
Report = Callable[[Mapping[str, float]], Any]

_OWN = ("loss", "validation loss", "seconds")


@dataclass(repr=False)
class Training:
    """What `train` returns. Prints as a summary.

    Attributes
    ----------
    params : pytree
        Those of the best epoch by the validation loss; without one, the last.
    state : pytree
        That belongs to params, if the loss has one.
    history : History
        Loss, validation loss, metrics and seconds of each epoch.
    last_params, last_state, rule_state : pytree
        As the last step left them.
    best_epoch : int
        Whose params these are, from 1; 0 before the first.
    stopped : str
        "epochs", "patience" or "interrupted".
    """

    params: Any
    state: Any
    history: History
    last_params: Any
    last_state: Any
    rule_state: Any
    best_epoch: int = 0
    stopped: str = "epochs"

    def __str__(self) -> str:
        done = len(self.history)
        seconds = sum(self.history["seconds"]) if done else 0.0
        ends = {"epochs": "", "patience": ", out of patience"}
        why = ends.get(self.stopped, ", interrupted")
        return (
            f"{done} epochs in {seconds:.3g} s{why}; parameters of epoch "
            f"{self.best_epoch}\n{self.history}"
        )

    def __repr__(self) -> str:
        return f"<Training: {str(self).splitlines()[0]}>"


def train(
    loss: Callable[..., Any],
    params: Any,
    data: Any,
    rule: Rule | None = None,
    epochs: int = 10,
    batch: int = 32,
    *,
    validation: Any = None,
    metrics: Mapping[str, Callable[..., Any]] | None = None,
    patience: int | None = None,
    checkpoint: Path | None = None,
    seed: int = 0,
    progress: bool = True,
    callback: Callable[[Mapping[str, float]], Any] | None = None,
    state: Any = None,
    noise: Callable[[np.random.Generator], Any] | None = None,
    compiled: bool = True,
) -> Training:
    """Minimise a loss over data, by steps on random batches.

    Parameters
    ----------
    loss : callable
        `loss(params, *batch)`, the mean over a batch: a real number.
    params : pytree of floating-point arrays
        To begin with; they are not written to.
    data : tuple of pytrees of arrays (samples, …)
        The batch's arguments: `(x, y)`. What is no tuple is the only one.
    rule : Rule, optional
        How a gradient becomes a step; `wengert.optimize.adam()` if left out.
    epochs : int
        How often the data are gone through.
    batch : int
        Samples in a step. An epoch's rest, less than a batch, is left out, another
        one each time.
    validation : optional
        Data like `data`, on which loss and metrics are computed after each epoch, all
        at once; without these, metrics are computed on `data`.
    metrics : mapping, optional
        Name → `metric(params, *data)`, a number.
    patience : int, optional
        Stop when the validation loss (without validation, the loss) has had no new
        least value for so many epochs.
    checkpoint : path, optional
        An .npz file that is written after each epoch. If it is there already, training
        goes on from it, and comes to what it would have come to in one run.
    seed : int
        Of order and noise.
    progress : bool
        Whether there is a bar, in a terminal, after a second.
    callback : callable, optional
        Is given the numbers of each epoch, as a dict.
    state : pytree, optional
        What moves along without a derivative, such as statistics of `batch_norm`. The
        loss is then called with `state=` and `training=`, and returns (value, state);
        metrics are called with `state=`.
    noise : callable, optional
        From a Generator to a pytree, drawn for each step: masks of `dropout`. The loss
        is then called with `noise=`, which is None in evaluations.
    compiled : bool
        Whether steps are compiled, by `jit`.

    Returns
    -------
    Training
        Also after Ctrl-C, with what there is by then.

    Raises
    ------
    ArgumentError
        If an argument makes no sense.
    ShapeError
        If data do not fit together, or the checkpoint is of other parameters.
    NanError
        If loss or gradient are not finite, with the step, and the first operation that
        made a nan or inf.

    Notes
    -----
    Cost: a compilation at the second step, then a value and gradient for each step.

    Examples
    --------
    >>> from wengert import nn
    >>> from wengert.optimize import adam
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> trained = train(
    ...     lambda params, x, y: nn.mse(nn.dense(x, **params), y),
    ...     {"w": np.zeros((1, 1)), "b": np.zeros(1)},
    ...     (x, 3 * x - 1), adam(0.1), epochs=60, batch=16,
    ... )
    >>> trained.params["w"].round(2), trained.params["b"].round(2)
    (array([[3.]]), array([-1.]))
    """
    check_callable("train", loss)
    if callback is not None:
        check_callable("train", callback)
    metrics = dict(metrics or {})
    _check(epochs, batch, patience, metrics)
    data = _arguments(data)
    count = Batches(data, batch, seed).count
    if validation is not None:
        validation = _arguments(validation)
        Batches(validation, None, seed)
    rule = adam() if rule is None else rule
    course = _Course(
        Steps(loss, rule, metrics, state is not None, noise is not None, compiled),
        data, validation, min(batch, count), seed, noise, list(metrics),
        Training(params, state, History(), params, state, rule.init(params)),
    )  # fmt: skip
    path = None if checkpoint is None else _with_suffix(checkpoint)
    if path is not None and os.path.exists(path):
        course.resume(path)
    with Progress("training", epochs, progress) as bar:

        def report(row: Mapping[str, float]) -> None:
            bar.show(int(row["epoch"]), row.get("validation loss", row["loss"]))
            if callback is not None:
                callback(row)

        return course.run(epochs, patience, path, report)


def _with_suffix(path: Path) -> str:
    text = os.fspath(path)
    return text if text.endswith(".npz") else f"{text}.npz"


def _check(
    epochs: int, batch: int, patience: int | None, metrics: Mapping[str, Any]
) -> None:
    if batch < 1 or epochs < 0 or patience is not None and patience < 1:
        raise ArgumentError(
            f"train: epochs={epochs!r}, batch={batch!r}, patience={patience!r} must be "
            "positive integers"
        )
    if taken := sorted(set(_OWN) & set(metrics)):
        raise ArgumentError(f"train: a metric may not be called {taken[0]!r}")
    for metric in metrics.values():
        check_callable("train", metric)


def _arguments(data: Any) -> tuple[Any, ...]:
    """Read data as the positional arguments that the loss takes them as."""
    given = data if isinstance(data, tuple) else (data,)
    arguments: tuple[Any, ...] = tree.map_leaves(np.asarray, given)
    return arguments


@dataclass
class _Course:
    """A training under way."""

    steps: Steps
    data: Any
    validation: Any
    batch: int
    seed: int
    noise: Callable[[np.random.Generator], Any] | None
    metrics: list[str]
    result: Training

    def run(
        self, epochs: int, patience: int | None, path: Path | None, report: Report
    ) -> Training:
        """Go through the epochs that are left."""
        result = self.result
        try:
            while len(result.history) < epochs:
                if patience and self.epochs_since_best() >= patience:
                    result.stopped = "patience"
                    break
                self.epoch(len(result.history))
                if path is not None:
                    save(path, self.snapshot())
                report(self.latest())
        except KeyboardInterrupt:
            result.stopped = "interrupted"
        return result

    def epoch(self, number: int) -> None:
        """Go through the data once, and evaluate."""
        start = time.perf_counter()
        now, losses = self.result, []
        batches = Batches(self.data, self.batch, self.seed)
        # All have the same size, for which one step is compiled.
        whole = max(1, batches.count // self.batch)
        # Of seed and epoch alone, so that a resumed run goes on where it was.
        rng = np.random.default_rng([self.seed, number, 1])
        for batch in itertools.islice(batches.epoch(number), whole):
            noise = self.noise(rng) if self.noise else None
            given = now.last_params, now.last_state, noise, batch
            *after, value, finite = self.steps.step(now.rule_state, *given)
            losses.append(float(value))
            if not finite:
                place = f"epoch {number + 1}, step {len(losses)}"
                raise self.steps.failure(place, value, *given)
            now.last_params, now.rule_state, now.last_state = after
        self.close({"loss": float(np.mean(losses))}, start)

    def close(self, row: dict[str, float], start: float) -> None:
        """Evaluate an epoch, note it, and keep its parameters if they are the best."""
        now = self.result
        if self.validation is not None or self.metrics:
            data = self.data if self.validation is None else self.validation
            value, *measured = self.steps.evaluate(
                now.last_params, now.last_state, data
            )
            if self.validation is not None:
                row["validation loss"] = float(value)
            row.update(zip(self.metrics, map(float, measured), strict=True))
        row["seconds"] = time.perf_counter() - start
        now.history.add(row)
        if self.validation is None or not self.epochs_since_best():
            now.params, now.state = now.last_params, now.last_state
            now.best_epoch = len(now.history)

    def epochs_since_best(self) -> int:
        """Count the epochs since the least loss that patience goes by."""
        history = self.result.history
        if not len(history):
            return 0
        judged = history["loss" if self.validation is None else "validation loss"]
        return (
            len(judged) - 1 - int(np.argmin(np.where(np.isnan(judged), np.inf, judged)))
        )

    def latest(self) -> dict[str, float]:
        """Give the row of the last epoch."""
        history = self.result.history
        row = {name: float(history[name][-1]) for name in history.names}
        return {"epoch": len(history), **row}

    def snapshot(self) -> dict[str, Any]:
        """Give all that the rest of the training depends on, as a pytree."""
        result = self.result
        columns = {name: list(result.history[name]) for name in result.history.names}
        kept = {field: getattr(result, field) for field in _KEPT}
        return {**kept, "history": json.dumps(columns)}

    def resume(self, path: Path) -> None:
        """Go back to a snapshot that was saved."""
        found = load(path, self.snapshot())
        for field in _KEPT:
            setattr(self.result, field, found[field])
        self.result.history = History(json.loads(str(found["history"])))


_KEPT = [
    field.name
    for field in dataclasses.fields(Training)
    if field.name not in ("history", "stopped")
]
