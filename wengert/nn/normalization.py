"""Normalisation: values brought to mean 0 and variance 1, over a layer or a batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from wengert.nn.shapes import check_fit

__all__ = [
    "batch_norm",
    "batch_norm_state",
    "layer_norm",
    "normalization_params",
]


def layer_norm(x: Any, scale: Any = None, shift: Any = None, eps: float = 1e-5) -> Any:
    """Normalise each sample over its last axis, then scale and shift.

    Parameters
    ----------
    x : array (…, n)
    scale, shift : arrays (n,), optional
    eps : float
        Added to the variance.

    Returns
    -------
    array (…, n)

    Raises
    ------
    ShapeError

    References
    ----------
    Ba, Kiros & Hinton (2016), Layer normalization.

    Examples
    --------
    >>> layer_norm(np.array([[1.0, 2.0, 3.0]]), eps=0.0).round(4)
    array([[-1.2247,  0.    ,  1.2247]])
    """
    mean = np.mean(x, axis=-1, keepdims=True)
    variance = np.var(x, axis=-1, keepdims=True)
    return _normalized("layer_norm", x, mean, variance, scale, shift, eps)


def batch_norm(
    x: Any,
    scale: Any = None,
    shift: Any = None,
    state: Mapping[str, Any] | None = None,
    training: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Any, dict[str, Any]]:
    """Normalise each channel over the batch, then scale and shift.

    Parameters
    ----------
    x : array (…, n)
        Statistics are over all axes but the last.
    scale, shift : arrays (n,), optional
    state : {"mean": array (n,), "variance": array (n,)}, optional
        Running statistics, as `batch_norm_state` makes them.
    training : bool
        Whether to take the statistics of this batch, and bring the running ones
        nearer to them; otherwise the running ones are taken.
    momentum : float
        The weight of this batch in the running statistics.
    eps : float
        Added to the variance.

    Returns
    -------
    y : array (…, n)
    state : dict
        The running statistics, for the next batch; those of this batch, if none were
        given. Their variance has n − 1 in the denominator, as in PyTorch.

    Raises
    ------
    ShapeError
        If shapes do not fit, or there is no state where it is needed.

    References
    ----------
    Ioffe & Szegedy (2015), Batch normalization.

    Examples
    --------
    >>> y, state = batch_norm(np.array([[1.0], [3.0]]), state=batch_norm_state(1))
    >>> y.round(3).ravel(), state["mean"]
    (array([-1.,  1.]), array([0.2]))
    """
    if state is not None:
        check_fit("batch_norm", state["mean"].shape == x.shape[-1:], x=x, **state)
    if not training:
        check_fit("batch_norm", state is not None, x=x, state=np.empty(0))
        assert state is not None
        mean, variance = state["mean"], state["variance"]
        y = _normalized("batch_norm", x, mean, variance, scale, shift, eps)
        return y, dict(state)
    axes = tuple(range(x.ndim - 1))
    mean, variance = np.mean(x, axis=axes), np.var(x, axis=axes)
    count = x.size // x.shape[-1]
    now = {"mean": mean, "variance": variance * (count / max(1, count - 1))}
    if state is not None:
        now = {key: state[key] + momentum * (now[key] - state[key]) for key in now}
    return _normalized("batch_norm", x, mean, variance, scale, shift, eps), now


def normalization_params(n: int) -> dict[str, Any]:
    """Make `{"scale": ones (n,), "shift": zeros (n,)}`."""
    return {"scale": np.ones(n), "shift": np.zeros(n)}


def batch_norm_state(n: int) -> dict[str, Any]:
    """Make `{"mean": zeros (n,), "variance": ones (n,)}`, to begin with."""
    return {"mean": np.zeros(n), "variance": np.ones(n)}


def _normalized(
    layer: str, x: Any, mean: Any, variance: Any, scale: Any, shift: Any, eps: float
) -> Any:
    y = (x - mean) / np.sqrt(variance + eps)
    if scale is not None:
        check_fit(layer, scale.shape == x.shape[-1:], scale=scale, x=x)
        y = y * scale
    if shift is not None:
        check_fit(layer, shift.shape == x.shape[-1:], shift=shift, x=x)
        y = y + shift
    return y
