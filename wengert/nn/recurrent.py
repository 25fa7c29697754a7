"""Recurrent layers: a state that moves along a sequence, by `scan`.

The part of a step that does not depend on the state, x·w + b, is computed for all
steps at once. A compiled layer is one loop, whatever the length.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit

from wengert.nn.dense import dense
from wengert.nn.initializers import glorot_uniform, orthogonal
from wengert.nn.shapes import check_fit
from wengert.operators.loops import scan

__all__ = [
    "gru",
    "gru_cell",
    "gru_params",
    "lstm",
    "lstm_cell",
    "lstm_params",
    "rnn",
    "rnn_cell",
    "rnn_params",
]

# ----- one step -----


def rnn_cell(h: Any, x: Any, w: Any, u: Any, b: Any) -> Any:
    """Give the next state tanh(x·w + h·u + b).

    Parameters
    ----------
    h : array (…, hidden)
    x : array (…, features)
    w : array (features, hidden)
    u : array (hidden, hidden)
    b : array (hidden,)

    Returns
    -------
    array (…, hidden)

    Raises
    ------
    ShapeError
    """
    _check("rnn_cell", x, w, u, 1)
    return _rnn_step(h, dense(x, w, b), u)


def lstm_cell(state: tuple[Any, Any], x: Any, w: Any, u: Any, b: Any) -> Any:
    """Give the next state of a long short-term memory.

    Of the gates i, f, g, o = x·w + h·u + b, in this order, c' = σ(f)·c + σ(i)·tanh(g)
    and h' = σ(o)·tanh(c').

    Parameters
    ----------
    state : (h, c), arrays (…, hidden)
    x : array (…, features)
    w : array (features, 4·hidden)
    u : array (hidden, 4·hidden)
    b : array (4·hidden,)

    Returns
    -------
    (h, c), arrays (…, hidden)

    Raises
    ------
    ShapeError

    References
    ----------
    Hochreiter & Schmidhuber (1997), Long short-term memory; the gate f is that of
    Gers, Schmidhuber & Cummins (2000).
    """
    _check("lstm_cell", x, w, u, 4)
    return _lstm_step(state, dense(x, w, b), u)


def gru_cell(h: Any, x: Any, w: Any, u: Any, b: Any, c: Any = None) -> Any:
    """Give the next state of a gated recurrent unit.

    Of r, z, n = x·w + b and R, Z, N = h·u, with N + c if that is given:
    n' = tanh(n + σ(r + R)·N) and h' = (1 − σ(z + Z))·n' + σ(z + Z)·h.

    Parameters
    ----------
    h : array (…, hidden)
    x : array (…, features)
    w : array (features, 3·hidden)
    u : array (hidden, 3·hidden)
    b : array (3·hidden,)
    c : array (hidden,), optional

    Returns
    -------
    array (…, hidden)

    Raises
    ------
    ShapeError

    References
    ----------
    Cho et al. (2014), Learning phrase representations using RNN encoder–decoder; with
    the reset after the product, as in PyTorch and cuDNN.
    """
    _check("gru_cell", x, w, u, 3)
    return _gru_step(h, dense(x, w, b), u, c)


def _rnn_step(h: Any, a: Any, u: Any) -> Any:
    return np.tanh(a + h @ u)


def _lstm_step(state: tuple[Any, Any], a: Any, u: Any) -> tuple[Any, Any]:
    h, c = state
    i, f, g, o = _parts(a + h @ u, 4)
    c = expit(f) * c + expit(i) * np.tanh(g)
    return expit(o) * np.tanh(c), c


def _gru_step(h: Any, a: Any, u: Any, c: Any) -> Any:
    r, z, n = _parts(a, 3)
    r_of_h, z_of_h, n_of_h = _parts(h @ u, 3)
    n_of_h = n_of_h if c is None else n_of_h + c
    n = np.tanh(n + expit(r + r_of_h) * n_of_h)
    z = expit(z + z_of_h)
    return n + z * (h - n)


def _parts(a: Any, count: int) -> list[Any]:
    size = a.shape[-1] // count
    return [a[..., k * size : (k + 1) * size] for k in range(count)]


# ----- sequences -----


def rnn(
    x: Any, w: Any, u: Any, b: Any, state: Any = None, reverse: bool = False
) -> tuple[Any, Any]:
    """Run `rnn_cell` along a sequence.

    Parameters
    ----------
    x : array (…, time, features)
    w, u, b : arrays
        As for the cell.
    state : as for the cell, optional
        Zeros, if left out.
    reverse : bool
        Whether to run from the end.

    Returns
    -------
    outputs : array (…, time, hidden)
        The state h after each step.
    state
        The last one.

    Raises
    ------
    ShapeError

    Notes
    -----
    Cost: two matrix products for a step. Its gradient takes about three times as long,
    and keeps the states of all steps.

    Examples
    --------
    >>> params = rnn_params(np.random.default_rng(0), 2, 5)
    >>> outputs, h = rnn(np.ones((3, 10, 2)), **params)
    >>> outputs.shape, h.shape
    ((3, 10, 5), (3, 5))
    """
    a = _entering("rnn", x, w, u, b, 1)
    h = _state("rnn", state, a, u)

    def step(h: Any, a: Any) -> Any:
        h = _rnn_step(h, a, u)
        return h, h

    return _along(step, h, a, reverse)


def lstm(
    x: Any, w: Any, u: Any, b: Any, state: Any = None, reverse: bool = False
) -> tuple[Any, Any]:
    """Run `lstm_cell` along a sequence; see `rnn`. The state is the pair (h, c).

    Examples
    --------
    >>> params = lstm_params(np.random.default_rng(0), 2, 5)
    >>> outputs, (h, c) = lstm(np.ones((3, 10, 2)), **params)
    >>> outputs.shape, c.shape
    ((3, 10, 5), (3, 5))
    """
    a = _entering("lstm", x, w, u, b, 4)
    start = (None, None) if state is None else state
    pair = tuple(_state("lstm", part, a, u) for part in start)

    def step(state: Any, a: Any) -> Any:
        state = _lstm_step(state, a, u)
        return state, state[0]

    return _along(step, pair, a, reverse)


def gru(
    x: Any,
    w: Any,
    u: Any,
    b: Any,
    c: Any = None,
    state: Any = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """Run `gru_cell` along a sequence; see `rnn`.

    Examples
    --------
    >>> params = gru_params(np.random.default_rng(0), 2, 5)
    >>> gru(np.ones((3, 10, 2)), **params)[0].shape
    (3, 10, 5)
    """
    a = _entering("gru", x, w, u, b, 3)
    h = _state("gru", state, a, u)

    def step(h: Any, a: Any) -> Any:
        h = _gru_step(h, a, u, c)
        return h, h

    return _along(step, h, a, reverse)


def _entering(layer: str, x: Any, w: Any, u: Any, b: Any, gates: int) -> Any:
    """Compute x·w + b for all steps, the time first."""
    check_fit(layer, x.ndim >= 2 and x.shape[-1:] == w.shape[:1], x=x, w=w)
    _check(layer, x, w, u, gates)
    return dense(np.moveaxis(x, -2, 0), w, b)


def _check(layer: str, x: Any, w: Any, u: Any, gates: int) -> None:
    check_fit(layer, x.shape[-1:] == w.shape[:1], x=x, w=w)
    hidden = u.shape[0]
    check_fit(layer, u.shape == (hidden, gates * hidden), u=u, w=w)
    check_fit(layer, u.shape[1:] == w.shape[1:], u=u, w=w)


def _state(layer: str, state: Any, a: Any, u: Any) -> Any:
    shape = (*a.shape[1:-1], u.shape[0])
    if state is None:
        return np.zeros(shape, a.dtype)
    check_fit(layer, state.shape == shape, state=state, u=u)
    return state


def _along(
    step: Callable[[Any, Any], Any], state: Any, a: Any, reverse: bool
) -> tuple[Any, Any]:
    state, outputs = scan(step, state, a, reverse=reverse)
    return np.moveaxis(outputs, 0, -2), state


# ----- parameters -----


def rnn_params(rng: np.random.Generator, features: int, hidden: int) -> dict[str, Any]:
    """Draw `{"w", "u", "b"}` for `rnn`: w by Glorot, u orthogonal, b zeros.

    Parameters
    ----------
    rng : np.random.Generator
    features, hidden : int
        How many values go in at each step, and how many the state has.
    """
    return _params(rng, features, hidden, 1)


def lstm_params(rng: np.random.Generator, features: int, hidden: int) -> dict[str, Any]:
    """Draw `{"w", "u", "b"}` for `lstm`; see `rnn_params`.

    The bias of the gate f begins at 1, so that the memory c lasts.
    """
    params = _params(rng, features, hidden, 4)
    params["b"][hidden : 2 * hidden] = 1.0
    return params


def gru_params(rng: np.random.Generator, features: int, hidden: int) -> dict[str, Any]:
    """Draw `{"w", "u", "b", "c"}` for `gru`; see `rnn_params`."""
    return {**_params(rng, features, hidden, 3), "c": np.zeros(hidden)}


def _params(
    rng: np.random.Generator, features: int, hidden: int, gates: int
) -> dict[str, Any]:
    w = [glorot_uniform(rng, (features, hidden)) for _ in range(gates)]
    u = [orthogonal(rng, (hidden, hidden)) for _ in range(gates)]
    return {
        "w": np.concatenate(w, axis=1),
        "u": np.concatenate(u, axis=1),
        "b": np.zeros(gates * hidden),
    }
