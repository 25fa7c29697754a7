"""Minima, roots and fits by exact derivatives; descent by update rules."""

from wengert.optimize import schedules
from wengert.optimize.descent import Descent, descend
from wengert.optimize.fits import Fit, curve_fit, fit
from wengert.optimize.least_squares import least_squares
from wengert.optimize.minimize import minimize
from wengert.optimize.report import Report
from wengert.optimize.root import root
from wengert.optimize.rules import (
    Rule,
    accumulate,
    adagrad,
    adam,
    adamw,
    add_decay,
    amsgrad,
    apply_step,
    chain,
    clip,
    clip_by_norm,
    coordinate,
    heavy_ball,
    masked,
    nesterov,
    norm,
    rmsprop,
    scale,
    sgd,
)
from wengert.optimize.saving import load, save

__all__ = [
    "Descent",
    "Fit",
    "Report",
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
    "curve_fit",
    "descend",
    "fit",
    "heavy_ball",
    "least_squares",
    "load",
    "masked",
    "minimize",
    "nesterov",
    "norm",
    "rmsprop",
    "root",
    "save",
    "scale",
    "schedules",
    "sgd",
]
