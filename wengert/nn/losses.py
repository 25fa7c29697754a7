"""Losses: how far predictions are from what they should be, in the mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.nn.activations import log_softmax
from wengert.nn.shapes import check_fit

__all__ = [
    "accuracy",
    "binary_cross_entropy",
    "cross_entropy",
    "huber",
    "mae",
    "mse",
    "one_hot",
]


def mse(predictions: Any, targets: Any) -> Any:
    """Give the mean squared error.

    Parameters
    ----------
    predictions, targets : arrays of one shape

    Returns
    -------
    float, array ()

    Raises
    ------
    ShapeError
        Unless the shapes are equal: (n,) beside (n, 1) would mean n² differences.

    Examples
    --------
    >>> float(mse(np.array([1.0, 2.0]), np.array([0.0, 0.0])))
    2.5
    """
    return np.mean(np.square(_errors("mse", predictions, targets)))


def mae(predictions: Any, targets: Any) -> Any:
    """Give the mean absolute error; see `mse`. Its derivative at 0 is 0."""
    return np.mean(np.abs(_errors("mae", predictions, targets)))


def huber(predictions: Any, targets: Any, delta: float = 1.0) -> Any:
    """Give the mean of e²/2 where |e| ≤ δ, and δ·(|e| − δ/2) beyond; see `mse`.

    References
    ----------
    Huber (1964), Robust estimation of a location parameter.
    """
    size = np.abs(_errors("huber", predictions, targets))
    near = np.minimum(size, delta)
    return np.mean(near * (size - 0.5 * near))


def cross_entropy(logits: Any, labels: Any) -> Any:
    """Give the mean of −ln softmax(logits) at the labels.

    Parameters
    ----------
    logits : array (…, classes)
    labels : integer array (…), or array (…, classes)
        The classes, or the probability of each: one-hot vectors, for instance.

    Returns
    -------
    float, array ()

    Raises
    ------
    ShapeError
    IndexError
        If a label is no class.

    Examples
    --------
    >>> logits = np.array([[2.0, 0.0], [0.0, 2.0]])
    >>> float(cross_entropy(logits, np.array([0, 0])).round(4))
    1.1269
    >>> float(cross_entropy(logits, np.array([[1.0, 0.0], [1.0, 0.0]])).round(4))
    1.1269
    """
    likelihoods = log_softmax(logits)
    if labels.dtype.kind in "iu":
        fits = labels.shape == logits.shape[:-1]
        check_fit("cross_entropy", fits, labels=labels, logits=logits)
        # A negative label is a mistake, and must not be the last class.
        places = np.where(labels < 0, logits.shape[-1], labels)
        picked = np.take_along_axis(likelihoods, places[..., None], axis=-1)
        return -np.mean(picked)
    fits = labels.shape == logits.shape
    check_fit("cross_entropy", fits, labels=labels, logits=logits)
    return -np.mean(np.sum(labels * likelihoods, axis=-1))


def binary_cross_entropy(logits: Any, labels: Any) -> Any:
    """Give the mean of −ln σ(±logits), + where the label is 1.

    Parameters
    ----------
    logits, labels : arrays of one shape
        Labels are 0, 1, or probabilities between.

    Returns
    -------
    float, array ()

    Raises
    ------
    ShapeError

    Examples
    --------
    >>> float(binary_cross_entropy(np.array([0.0, 800.0]), np.array([1, 1])).round(4))
    0.3466
    """
    check_fit(
        "binary_cross_entropy",
        logits.shape == labels.shape,
        labels=labels,
        logits=logits,
    )
    return np.mean(np.logaddexp(logits, 0.0) - labels * logits)


def accuracy(logits: Any, labels: Any) -> Any:
    """Give the share of samples whose largest logit is the label's; no loss, a metric.

    Parameters
    ----------
    logits : array (…, classes)
    labels : integer array (…)

    Returns
    -------
    float, array ()

    Raises
    ------
    ShapeError

    Examples
    --------
    >>> float(accuracy(np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([0, 0])))
    0.5
    """
    fits = labels.shape == logits.shape[:-1]
    check_fit("accuracy", fits, labels=labels, logits=logits)
    return np.mean(np.argmax(logits, axis=-1) == labels)


def one_hot(labels: Any, classes: int) -> Any:
    """Write each label as a vector with a 1 at its place.

    Parameters
    ----------
    labels : integer array (…)
    classes : int

    Returns
    -------
    array (…, classes), float64
        Of a label that is no class, zeros.
    """
    return np.equal(labels[..., None], np.arange(classes)).astype(np.float64)


def _errors(name: str, predictions: Any, targets: Any) -> Any:
    fits = np.shape(predictions) == np.shape(targets)
    check_fit(name, fits, predictions=predictions, targets=targets)
    return predictions - targets
