"""Discrete distributions: a table, an entry for each. Derivatives are those in the
parameters; in the count, which is an integer, there are none."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.stats
from scipy import special

from wengert.scipy.stats.univariate import Distribution, is_traced

__all__ = ["bernoulli", "betabinom", "binom", "geom", "nbinom", "poisson"]


class Discrete(Distribution):
    """A distribution of counts, which `loc` moves."""

    has_scale = False

    def mass(self, name: str, args: Any, keywords: Any) -> Any:
        """Answer pmf and logpmf: 0 outside of the support and between integers."""
        k, (shapes, loc, _) = self.split(name, args, keywords, "k")
        with np.errstate(all="ignore"):
            k = k - loc
            low, high = self.support_of(*shapes)
            inside = (k >= low) & (k <= high) & (k == np.floor(k))
            safe = np.where(inside, k, low)
            y = self.formula("logpmf")(safe, *shapes)
            y = np.exp(y) if name == "pmf" else y
            y = np.where(inside, y, 0.0 if name == "pmf" else -np.inf)
            return self.defined(y, shapes, k)

    def distribution(self, name: str, args: Any, keywords: Any) -> Any:
        """Answer cdf, sf and their logarithms, which step at integers."""
        k, (shapes, loc, _) = self.split(name, args, keywords, "k")
        with np.errstate(all="ignore"):
            k = np.floor(k - loc)
            low, high = self.support_of(*shapes)
            inside = (k >= low) & (k < high)
            safe = np.where(inside, k, low)
            below = name.endswith("cdf")
            kind = "cdf" if below else "sf"
            if kind in self.formulas or below:
                y = self.formula(kind)(safe, *shapes)
            else:
                y = 1 - self.formula("cdf")(safe, *shapes)
            y = np.where(inside, y, np.where((k < low) == below, 0.0, 1.0))
            y = np.log(y) if name.startswith("log") else y
            return self.defined(y, shapes, k)

    def summary(self, name: str, args: Any, keywords: Any) -> Any:
        """Answer mean, var and std."""
        shapes, loc, _ = self.parameters(args, keywords)
        known = "var" if name == "std" else name
        if is_traced(shapes):
            y = self.formula(known)(*shapes)
        else:
            y = getattr(self.original, known)(*shapes)
        y = np.sqrt(y) if name == "std" else y + loc if name == "mean" else y
        return self.defined(y, shapes, y)

    def defined(self, y: Any, shapes: Any, k: Any) -> Any:
        """Put NaN where a parameter is wrong or the count is NaN itself."""
        wrong = np.logical_not(self.valid(*shapes)) | (k != k)
        return np.where(wrong, np.nan, y)

    evaluators = {
        "pmf": mass, "logpmf": mass,
        "cdf": distribution, "logcdf": distribution,
        "sf": distribution, "logsf": distribution,
        "mean": summary, "var": summary, "std": summary,
    }  # fmt: skip


def log_choices(n: Any, k: Any) -> Any:
    """Give ln of the binomial coefficient."""
    return -special.betaln(n - k + 1, k + 1) - np.log(n + 1)


def is_share(p: Any) -> Any:
    """Tell a probability."""
    return (p >= 0) & (p <= 1)


poisson = Discrete(
    scipy.stats.poisson,
    support=lambda _: (0.0, np.inf), valid=lambda mu: mu >= 0,
    logpmf=lambda k, mu: special.xlogy(k, mu) - special.gammaln(k + 1) - mu,
    cdf=lambda k, mu: special.pdtr(k, mu), sf=lambda k, mu: special.pdtrc(k, mu),
    mean=lambda mu: mu, var=lambda mu: mu,
)  # fmt: skip
binom = Discrete(
    scipy.stats.binom,
    support=lambda n, _: (0.0, n), valid=lambda n, p: (n >= 0) & is_share(p),
    logpmf=lambda k, n, p: (log_choices(n, k) + special.xlogy(k, p)
                            + special.xlog1py(n - k, -p)),
    cdf=lambda k, n, p: special.betaincc(k + 1, n - k, p),
    sf=lambda k, n, p: special.betainc(k + 1, n - k, p),
    mean=lambda n, p: n * p, var=lambda n, p: n * p * (1 - p),
)  # fmt: skip
bernoulli = Discrete(
    scipy.stats.bernoulli,
    support=lambda _: (0.0, 1.0), valid=is_share,
    logpmf=lambda k, p: special.xlogy(k, p) + special.xlog1py(1 - k, -p),
    cdf=lambda k, p: 1 - p, sf=lambda k, p: p,
    mean=lambda p: p, var=lambda p: p * (1 - p),
)  # fmt: skip
geom = Discrete(
    scipy.stats.geom,
    support=lambda _: (1.0, np.inf), valid=lambda p: (p > 0) & (p <= 1),
    logpmf=lambda k, p: special.xlog1py(k - 1, -p) + np.log(p),
    cdf=lambda k, p: -np.expm1(special.xlog1py(k, -p)),
    sf=lambda k, p: np.exp(special.xlog1py(k, -p)),
    mean=lambda p: 1 / p, var=lambda p: (1 - p) / (p * p),
)  # fmt: skip
nbinom = Discrete(
    scipy.stats.nbinom,
    support=lambda n, p: (0.0, np.inf), valid=lambda n, p: (n > 0) & (p > 0) & (p <= 1),
    logpmf=lambda k, n, p: (special.gammaln(n + k) - special.gammaln(k + 1)
                            - special.gammaln(n) + n * np.log(p)
                            + special.xlog1py(k, -p)),
    cdf=lambda k, n, p: special.betainc(n, k + 1, p),
    sf=lambda k, n, p: special.betaincc(n, k + 1, p),
    mean=lambda n, p: n * (1 - p) / p, var=lambda n, p: n * (1 - p) / (p * p),
)  # fmt: skip
betabinom = Discrete(
    scipy.stats.betabinom,
    support=lambda n, a, b: (0.0, n),
    valid=lambda n, a, b: (n >= 0) & (a > 0) & (b > 0),
    logpmf=lambda k, n, a, b: (log_choices(n, k) + special.betaln(k + a, n - k + b)
                               - special.betaln(a, b)),
    mean=lambda n, a, b: n * a / (a + b),
    var=lambda n, a, b: (n * a * b * (a + b + n) / ((a + b) ** 2 * (a + b + 1))),
)  # fmt: skip
