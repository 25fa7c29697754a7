"""Continuous distributions: a table, an entry for each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.stats
from scipy import special

from wengert.primitives.series import about_zero
from wengert.scipy.stats.univariate import Distribution, is_traced

__all__ = [
    "beta",
    "cauchy",
    "chi2",
    "expon",
    "f",
    "gamma",
    "genextreme",
    "gumbel_l",
    "gumbel_r",
    "halfnorm",
    "invgamma",
    "laplace",
    "logistic",
    "lognorm",
    "norm",
    "pareto",
    "rayleigh",
    "t",
    "truncnorm",
    "uniform",
    "weibull_max",
    "weibull_min",
]

# ----- methods: from a formula of z to an answer for x -----


class Continuous(Distribution):
    """A distribution with a density."""

    def density(self, name: str, args: Any, keywords: Any) -> Any:
        """Answer pdf and logpdf: 0 outside of the support, and constant there."""
        x, (shapes, loc, scale) = self.split(name, args, keywords, "x")
        with np.errstate(all="ignore"):
            z = (x - loc) / scale
            low, high = self.support_of(*shapes)
            if self.is_open:
                inside = (z > low) & (z < high)
            else:
                inside = (z >= low) & (z <= high)
            safe = np.where(inside, z, self.interior(*shapes))
            y = self.formula("logpdf")(safe, *shapes) - np.log(scale)
            y = np.exp(y) if name == "pdf" else y
            y = np.where(inside, y, 0.0 if name == "pdf" else -np.inf)
            return self.defined(y, shapes, scale, z)

    def distribution(self, name: str, args: Any, keywords: Any) -> Any:
        """Answer cdf, sf and their logarithms: 0 on one side, 1 on the other."""
        x, (shapes, loc, scale) = self.split(name, args, keywords, "x")
        with np.errstate(all="ignore"):
            z = (x - loc) / scale
            low, high = self.support_of(*shapes)
            inside = (z > low) & (z < high)
            safe = np.where(inside, z, self.interior(*shapes))
            y = self.accumulated(name, safe, shapes)
            ends = (0.0, 1.0) if name.endswith("cdf") else (1.0, 0.0)
            if name.startswith("log"):
                ends = (-np.inf, 0.0) if name.endswith("cdf") else (0.0, -np.inf)
            y = np.where(inside, y, np.where(z <= low, *ends))
            return self.defined(y, shapes, scale, z)

    def accumulated(self, name: str, z: Any, shapes: Any) -> Any:
        """Give cdf, sf or a logarithm of z by the formula nearest to it."""
        if name in self.formulas:
            return self.formulas[name](z, *shapes)
        if name == "sf":
            return 1 - self.formula("cdf")(z, *shapes)
        # Near 1 by the other side, of which more digits are left.
        kind, other = ("cdf", "sf") if name == "logcdf" else ("sf", "cdf")
        y = self.accumulated(kind, z, shapes)
        high = y > 0.5
        rest = np.where(high, self.accumulated(other, z, shapes), 0)
        return np.where(high, np.log1p(-rest), np.log(np.where(high, 1, y)))

    def quantile(self, name: str, args: Any, keywords: Any) -> Any:
        """Answer ppf and isf: the ends of the support at 0 and 1."""
        q, (shapes, loc, scale) = self.split(name, args, keywords, "q")
        with np.errstate(all="ignore"):
            return self.located_quantile(name, q, shapes, loc, scale)

    def located_quantile(
        self, name: str, q: Any, shapes: Any, loc: Any, scale: Any
    ) -> Any:
        """Give a quantile of q in [0, 1], and NaN elsewhere."""
        low, high = self.support_of(*shapes)
        inside = (q > 0) & (q < 1)
        safe = np.where(inside, q, 0.5)
        if name in self.formulas:
            z = self.formulas[name](safe, *shapes)
        else:
            z = self.formula("ppf")(1 - safe, *shapes)
        first, last = (low, high) if name == "ppf" else (high, low)
        ends = np.where(q == 0, first, np.where(q == 1, last, np.nan))
        y = np.where(inside, z, ends) * scale + loc
        return self.defined(y, shapes, scale, q)

    def middle(self, _name: str, args: Any, keywords: Any) -> Any:
        """Answer median."""
        half = np.float64(0.5)
        return self.located_quantile("ppf", half, *self.parameters(args, keywords))

    def summary(self, name: str, args: Any, keywords: Any) -> Any:
        """Answer mean, var, std and entropy; SciPy knows them of plain shapes."""
        shapes, loc, scale = self.parameters(args, keywords)
        known = "var" if name == "std" else name
        if not is_traced(shapes):
            y = getattr(self.original, known)(*shapes)
        else:
            y = self.formula(known)(*shapes)
        if name == "mean":
            y = loc + scale * y
        elif name == "entropy":
            y = y + np.log(scale)
        else:
            y = scale * np.sqrt(y) if name == "std" else scale * scale * y
        return self.defined(y, shapes, scale, y)

    def defined(self, y: Any, shapes: Any, scale: Any, z: Any) -> Any:
        """Put NaN where a parameter is wrong or the point is NaN itself."""
        wrong = np.logical_not(self.valid(*shapes) & (scale > 0)) | (z != z)
        return np.where(wrong, np.nan, y)

    evaluators = {
        "pdf": density, "logpdf": density,
        "cdf": distribution, "logcdf": distribution,
        "sf": distribution, "logsf": distribution,
        "ppf": quantile, "isf": quantile, "median": middle,
        "mean": summary, "var": summary, "std": summary, "entropy": summary,
    }  # fmt: skip


# ----- supports -----

_LOG_SQRT_2PI, _SQRT_HALF = math.log(2 * math.pi) / 2, math.sqrt(0.5)
_RIGHT: dict[str, Any] = {
    "support": lambda *_: (0.0, np.inf),
    "interior": lambda *_: 1.0,
}
_UNIT: dict[str, Any] = {
    "support": lambda *_: (0.0, 1.0),
    "interior": lambda *_: 0.5,
}

# ----- location and scale alone -----

norm = Continuous(
    scipy.stats.norm,
    logpdf=lambda z: -z * z / 2 - _LOG_SQRT_2PI,
    cdf=lambda z: special.ndtr(z), logcdf=lambda z: special.log_ndtr(z),
    sf=lambda z: special.ndtr(-z), logsf=lambda z: special.log_ndtr(-z),
    ppf=lambda q: special.ndtri(q), isf=lambda q: -special.ndtri(q),
)  # fmt: skip
uniform = Continuous(
    scipy.stats.uniform, **_UNIT,
    logpdf=lambda z: 0 * z, cdf=lambda z: z, ppf=lambda q: q,
)  # fmt: skip
expon = Continuous(
    scipy.stats.expon, **_RIGHT,
    logpdf=lambda z: -z,
    cdf=lambda z: -np.expm1(-z), sf=lambda z: np.exp(-z), logsf=lambda z: -z,
    ppf=lambda q: -np.log1p(-q), isf=lambda q: -np.log(q),
)  # fmt: skip
cauchy = Continuous(
    scipy.stats.cauchy,
    logpdf=lambda z: -np.log1p(z * z) - math.log(math.pi),
    cdf=lambda z: np.arctan2(1, -z) / math.pi, sf=lambda z: np.arctan2(1, z) / math.pi,
    ppf=lambda q: np.tan(math.pi * (q - 0.5)),
    isf=lambda q: -np.tan(math.pi * (q - 0.5)),
)  # fmt: skip
laplace = Continuous(
    scipy.stats.laplace,
    logpdf=lambda z: -np.abs(z) - math.log(2),
    cdf=lambda z: np.where(z > 0, 1 - np.exp(-np.abs(z)) / 2, np.exp(-np.abs(z)) / 2),
    sf=lambda z: np.where(z < 0, 1 - np.exp(-np.abs(z)) / 2, np.exp(-np.abs(z)) / 2),
    ppf=lambda q: np.where(q > 0.5, -np.log(2 * (1 - q)), np.log(2 * q)),
    isf=lambda q: -np.where(q > 0.5, -np.log(2 * (1 - q)), np.log(2 * q)),
)  # fmt: skip
logistic = Continuous(
    scipy.stats.logistic,
    logpdf=lambda z: special.log_expit(z) + special.log_expit(-z),
    cdf=lambda z: special.expit(z), logcdf=lambda z: special.log_expit(z),
    sf=lambda z: special.expit(-z), logsf=lambda z: special.log_expit(-z),
    ppf=lambda q: special.logit(q), isf=lambda q: -special.logit(q),
)  # fmt: skip
gumbel_r = Continuous(
    scipy.stats.gumbel_r,
    logpdf=lambda z: -z - np.exp(-z),
    cdf=lambda z: np.exp(-np.exp(-z)), logcdf=lambda z: -np.exp(-z),
    sf=lambda z: -np.expm1(-np.exp(-z)),
    ppf=lambda q: -np.log(-np.log(q)), isf=lambda q: -np.log(-np.log1p(-q)),
)  # fmt: skip
gumbel_l = Continuous(
    scipy.stats.gumbel_l,
    logpdf=lambda z: z - np.exp(z),
    cdf=lambda z: -np.expm1(-np.exp(z)),
    sf=lambda z: np.exp(-np.exp(z)), logsf=lambda z: -np.exp(z),
    ppf=lambda q: np.log(-np.log1p(-q)), isf=lambda q: np.log(-np.log(q)),
)  # fmt: skip
halfnorm = Continuous(
    scipy.stats.halfnorm, **_RIGHT,
    logpdf=lambda z: -z * z / 2 - _LOG_SQRT_2PI + math.log(2),
    cdf=lambda z: special.erf(_SQRT_HALF * z),
    sf=lambda z: special.erfc(_SQRT_HALF * z),
    logsf=lambda z: math.log(2) + special.log_ndtr(-z),
    ppf=lambda q: special.ndtri((1 + q) / 2), isf=lambda q: -special.ndtri(q / 2),
)  # fmt: skip
rayleigh = Continuous(
    scipy.stats.rayleigh, **_RIGHT, is_open=True,
    logpdf=lambda z: np.log(z) - z * z / 2,
    cdf=lambda z: -np.expm1(-z * z / 2),
    sf=lambda z: np.exp(-z * z / 2), logsf=lambda z: -z * z / 2,
    ppf=lambda q: np.sqrt(-2 * np.log1p(-q)), isf=lambda q: np.sqrt(-2 * np.log(q)),
)  # fmt: skip

# ----- with one shape -----

lognorm = Continuous(
    scipy.stats.lognorm, **_RIGHT, is_open=True,
    logpdf=lambda z, s: -np.square(np.log(z) / s) / 2 - np.log(s * z) - _LOG_SQRT_2PI,
    cdf=lambda z, s: special.ndtr(np.log(z) / s),
    logcdf=lambda z, s: special.log_ndtr(np.log(z) / s),
    sf=lambda z, s: special.ndtr(-np.log(z) / s),
    logsf=lambda z, s: special.log_ndtr(-np.log(z) / s),
    ppf=lambda q, s: np.exp(s * special.ndtri(q)),
    isf=lambda q, s: np.exp(-s * special.ndtri(q)),
    mean=lambda s: np.exp(s * s / 2),
    var=lambda s: np.expm1(s * s) * np.exp(s * s),
    entropy=lambda s: 0.5 + _LOG_SQRT_2PI + np.log(s),
)  # fmt: skip
gamma = Continuous(
    scipy.stats.gamma, **_RIGHT,
    logpdf=lambda z, a: special.xlogy(a - 1, z) - z - special.gammaln(a),
    cdf=lambda z, a: special.gammainc(a, z), sf=lambda z, a: special.gammaincc(a, z),
    ppf=lambda q, a: special.gammaincinv(a, q),
    isf=lambda q, a: special.gammainccinv(a, q),
    mean=lambda a: a, var=lambda a: a,
    entropy=lambda a: a + special.gammaln(a) + (1 - a) * special.psi(a),
)  # fmt: skip
chi2 = Continuous(
    scipy.stats.chi2, **_RIGHT,
    logpdf=lambda z, v: (special.xlogy(v / 2 - 1, z) - z / 2
                         - special.gammaln(v / 2) - math.log(2) * v / 2),
    cdf=lambda z, v: special.chdtr(v, z), sf=lambda z, v: special.chdtrc(v, z),
    ppf=lambda q, v: 2 * special.gammaincinv(v / 2, q),
    isf=lambda q, v: special.chdtri(v, q),
    mean=lambda v: v, var=lambda v: 2 * v,
    entropy=lambda v: (v / 2 + math.log(2) + special.gammaln(v / 2)
                       + (1 - v / 2) * special.psi(v / 2)),
)  # fmt: skip
t = Continuous(
    scipy.stats.t,
    logpdf=lambda z, v: (special.gammaln((v + 1) / 2) - special.gammaln(v / 2)
                         - np.log(math.pi * v) / 2
                         - (v + 1) / 2 * np.log1p(z * z / v)),
    cdf=lambda z, v: special.stdtr(v, z), sf=lambda z, v: special.stdtr(v, -z),
    ppf=lambda q, v: special.stdtrit(v, q), isf=lambda q, v: -special.stdtrit(v, q),
    mean=lambda v: np.where(v > 1, 0.0, np.inf),
    var=lambda v: np.where(v > 2, v / np.where(v > 2, v - 2, 1),
                           np.where(v > 1, np.inf, np.nan)),
    entropy=lambda v: ((v + 1) / 2 * (special.psi((v + 1) / 2) - special.psi(v / 2))
                       + np.log(v) / 2 + special.betaln(v / 2, 0.5)),
)  # fmt: skip
pareto = Continuous(
    scipy.stats.pareto,
    support=lambda _: (1.0, np.inf), interior=lambda _: 2.0,
    logpdf=lambda z, b: np.log(b) - (b + 1) * np.log(z),
    cdf=lambda z, b: -np.expm1(-b * np.log(z)),
    sf=lambda z, b: z**-b, logsf=lambda z, b: -b * np.log(z),
    ppf=lambda q, b: np.exp(-np.log1p(-q) / b), isf=lambda q, b: q ** (-1 / b),
    mean=lambda b: np.where(b > 1, b / np.where(b > 1, b - 1, 1), np.inf),
    var=lambda b: np.where(b > 2, b / np.where(b > 2, b - 2, 1) / (b - 1) ** 2, np.inf),
    entropy=lambda b: 1 + 1 / b - np.log(b),
)  # fmt: skip
invgamma = Continuous(
    scipy.stats.invgamma, **_RIGHT, is_open=True,
    logpdf=lambda z, a: -(a + 1) * np.log(z) - special.gammaln(a) - 1 / z,
    cdf=lambda z, a: special.gammaincc(a, 1 / z),
    sf=lambda z, a: special.gammainc(a, 1 / z),
    ppf=lambda q, a: 1 / special.gammainccinv(a, q),
    isf=lambda q, a: 1 / special.gammaincinv(a, q),
    mean=lambda a: np.where(a > 1, 1 / np.where(a > 1, a - 1, 1), np.inf),
    entropy=lambda a: a - (a + 1) * special.psi(a) + special.gammaln(a),
)  # fmt: skip
weibull_min = Continuous(
    scipy.stats.weibull_min, **_RIGHT,
    logpdf=lambda z, c: np.log(c) + special.xlogy(c - 1, z) - z**c,
    cdf=lambda z, c: -np.expm1(-(z**c)),
    sf=lambda z, c: np.exp(-(z**c)), logsf=lambda z, c: -(z**c),
    ppf=lambda q, c: (-np.log1p(-q)) ** (1 / c),
    isf=lambda q, c: (-np.log(q)) ** (1 / c),
    mean=lambda c: special.gamma(1 + 1 / c),
    var=lambda c: special.gamma(1 + 2 / c) - special.gamma(1 + 1 / c) ** 2,
    entropy=lambda c: np.euler_gamma * (1 - 1 / c) - np.log(c) + 1,
)  # fmt: skip
weibull_max = Continuous(
    scipy.stats.weibull_max,
    support=lambda _: (-np.inf, 0.0), interior=lambda _: -1.0,
    logpdf=lambda z, c: np.log(c) + special.xlogy(c - 1, -z) - (-z) ** c,
    cdf=lambda z, c: np.exp(-((-z) ** c)), logcdf=lambda z, c: -((-z) ** c),
    sf=lambda z, c: -np.expm1(-((-z) ** c)),
    ppf=lambda q, c: -((-np.log(q)) ** (1 / c)),
    isf=lambda q, c: -((-np.log1p(-q)) ** (1 / c)),
    mean=lambda c: -special.gamma(1 + 1 / c),
    var=lambda c: special.gamma(1 + 2 / c) - special.gamma(1 + 1 / c) ** 2,
    entropy=lambda c: np.euler_gamma * (1 - 1 / c) - np.log(c) + 1,
)  # fmt: skip

# ----- with two shapes -----

beta = Continuous(
    scipy.stats.beta, **_UNIT,
    logpdf=lambda z, a, b: (special.xlogy(a - 1, z) + special.xlog1py(b - 1, -z)
                            - special.betaln(a, b)),
    cdf=lambda z, a, b: special.betainc(a, b, z),
    sf=lambda z, a, b: special.betaincc(a, b, z),
    ppf=lambda q, a, b: special.betaincinv(a, b, q),
    isf=lambda q, a, b: special.betainccinv(a, b, q),
    mean=lambda a, b: a / (a + b),
    var=lambda a, b: a * b / ((a + b) ** 2 * (a + b + 1)),
    entropy=lambda a, b: (special.betaln(a, b) - (a - 1) * special.psi(a)
                          - (b - 1) * special.psi(b)
                          + (a + b - 2) * special.psi(a + b)),
)  # fmt: skip
f = Continuous(
    scipy.stats.f, **_RIGHT,
    logpdf=lambda z, n, d: (n / 2 * np.log(n / d) + special.xlogy(n / 2 - 1, z)
                            - (n + d) / 2 * np.log1p(n * z / d)
                            - special.betaln(n / 2, d / 2)),
    cdf=lambda z, n, d: special.fdtr(n, d, z),
    sf=lambda z, n, d: special.fdtrc(n, d, z),
    ppf=lambda q, n, d: special.fdtri(n, d, q),
    isf=lambda q, n, d: special.fdtri(n, d, 1 - q),
    mean=lambda n, d: np.where(d > 2, d / np.where(d > 2, d - 2, 1), np.inf),
)  # fmt: skip

# ----- generalized extreme values: l = ln(1 − cz)/c, smooth at c = 0 -----

_LOGARITHM = [1 / (k + 1) for k in range(20)]


def extreme_exponent(z: Any, c: Any) -> Any:
    """Give l = ln(1 − cz)/c, which is −z at c = 0."""
    return -z * about_zero(c * z, 0.1, _LOGARITHM, lambda u: -np.log1p(-u) / u)


def extreme_support(c: Any) -> tuple[Any, Any]:
    """Give the support: it ends at 1/c, above or below."""
    end = 1 / np.where(c == 0, 1, c)
    return np.where(c < 0, end, -np.inf), np.where(c > 0, end, np.inf)


genextreme = Continuous(
    scipy.stats.genextreme,
    support=extreme_support, valid=lambda c: np.isfinite(c), is_open=True,
    logpdf=lambda z, c: ((1 - c) * extreme_exponent(z, c)
                         - np.exp(extreme_exponent(z, c))),
    cdf=lambda z, c: np.exp(-np.exp(extreme_exponent(z, c))),
    logcdf=lambda z, c: -np.exp(extreme_exponent(z, c)),
    sf=lambda z, c: -np.expm1(-np.exp(extreme_exponent(z, c))),
    ppf=lambda q, c: -special.boxcox(-np.log(q), c),
    isf=lambda q, c: -special.boxcox(-np.log1p(-q), c),
)  # fmt: skip

# ----- the normal distribution, cut off on both sides -----


def log_difference(low: Any, high: Any) -> Any:
    """Give ln(Φ(high) − Φ(low)), in the tail that is on the left."""
    flip = low > 0
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    log_high = special.log_ndtr(high)
    # An end at −∞ takes nothing away.
    cut = low == -np.inf
    gap = special.log_ndtr(np.where(cut, 0, low)) - np.where(cut, 0, log_high)
    return log_high + np.log1p(-np.where(cut, 0, np.exp(np.where(cut, 0, gap))))


def cut_interior(a: Any, b: Any) -> Any:
    """Give a point between the ends, one of which may be infinite."""
    low = np.where(np.isfinite(a), a, np.where(np.isfinite(b), b - 1, -1))
    high = np.where(np.isfinite(b), b, low + 2)
    return (low + high) / 2


def cut_quantile(q: Any, a: Any, b: Any) -> Any:
    """Give z with Φ(z) = Φ(a) + q·(Φ(b) − Φ(a)), in the tail on the left."""
    flip = a > 0
    share = np.where(flip, 1 - q, q)
    low, high = np.where(flip, -b, a), np.where(flip, -a, b)
    p_low, p_high = special.ndtr(low), special.ndtr(high)
    z = special.ndtri(p_low + share * (p_high - p_low))
    return np.where(flip, -z, z)


truncnorm = Continuous(
    scipy.stats.truncnorm,
    support=lambda a, b: (a, b), interior=cut_interior, valid=lambda a, b: a < b,
    logpdf=lambda z, a, b: -z * z / 2 - _LOG_SQRT_2PI - log_difference(a, b),
    logcdf=lambda z, a, b: log_difference(a, z) - log_difference(a, b),
    logsf=lambda z, a, b: log_difference(z, b) - log_difference(a, b),
    cdf=lambda z, a, b: np.exp(log_difference(a, z) - log_difference(a, b)),
    sf=lambda z, a, b: np.exp(log_difference(z, b) - log_difference(a, b)),
    ppf=cut_quantile,
)  # fmt: skip
