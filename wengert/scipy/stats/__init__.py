"""`scipy.stats` with derivatives: densities, distribution functions and their inverses.

Distributions have SciPy's names, parameters and methods, and may be frozen. Without
traced values SciPy itself computes; with them, what has no rule is refused.

>>> import numpy as np
>>> from wengert import grad
>>> from wengert.scipy import stats
>>> x = np.array([1.0, 2.0, 6.0])
>>> grad(lambda mean: stats.norm.logpdf(x, mean).sum())(0.0)
9.0
"""

from __future__ import annotations

import scipy.stats

from wengert.scipy import dropin
from wengert.scipy.stats import continuous, discrete, multivariate, samples

__all__: list[str] = dropin.in_order(scipy.stats.__all__)

globals().update(
    dropin.drop_in(scipy.stats, continuous, discrete, multivariate, samples)
)
