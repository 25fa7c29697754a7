"""What does the Jacobian of a small program cost, by elimination and by sweeps?"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.setting import NOT_INSTALLED, Call, Setting
from benchmarks.symbolic import Casadi, CasadiCompiled
from benchmarks.table import Table, compared
from benchmarks.timing import Timing, interleaved
from benchmarks.verify import verify

__all__ = ["PROGRAMS", "Small", "measure"]


@dataclass(frozen=True)
class Small:
    """A program of scalars, for any library that has sin, cos, sqrt and fabs.

    Attributes
    ----------
    name : str
    outputs : callable
        `(xp, x) → list`: from the elements of x, by functions of xp.
    point : array
    """

    name: str
    outputs: Callable[[Any, Sequence[Any]], list[Any]]
    point: Any

    def stacked(self, xp: Any) -> Callable[[Any], Any]:
        """Make the function from an array to an array."""
        n = self.point.size
        return lambda x: xp.stack(self.outputs(xp, [x[i] for i in range(n)]))


def heart_dipole(_: Any, x: Sequence[Any]) -> list[Any]:
    """Give the eight residuals of MINPACK-2's human heart dipole problem."""
    a, b, c, d, t, u, v, w = x
    tt, uu = t * t - v * v, u * u - w * w
    t1, t3 = t * t - 3 * v * v, v * v - 3 * t * t
    u1, u3 = u * u - 3 * w * w, w * w - 3 * u * u
    return [
        a + b - 0.02,
        c + d + 0.2,
        t * a + u * b - v * c - w * d + 0.1,
        v * a + w * b + t * c + u * d - 0.3,
        a * tt - 2 * c * t * v + b * uu - 2 * d * u * w + 0.4,
        c * tt + 2 * a * t * v + d * uu + 2 * b * u * w - 0.5,
        a * t * t1 + c * v * t3 + b * u * u1 + d * w * u3 + 0.6,
        c * t * t1 - a * v * t3 + d * u * u1 - b * w * u3 - 0.7,
    ]


def robot_arm(xp: Any, x: Sequence[Any]) -> list[Any]:
    """Give pose and place of the hand of an arm with six joints: twelve numbers."""
    axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    place: list[Any] = [0.0, 0.0, 0.0]
    for k, angle in enumerate(x):
        c, s = xp.cos(angle), xp.sin(angle)
        i, j = ((0, 1), (0, 2), (1, 2))[k % 3]
        one, other = axes[i], axes[j]
        axes[i] = [c * p + s * q for p, q in zip(one, other, strict=True)]
        axes[j] = [c * q - s * p for p, q in zip(one, other, strict=True)]
        length = 0.6 - 0.08 * k
        place = [p + length * q for p, q in zip(place, axes[0], strict=True)]
    return [*place, *axes[0], *axes[1], *axes[2]]


def roe_flux(xp: Any, x: Sequence[Any]) -> list[Any]:
    """Give Roe's flux between two states of an ideal gas in one dimension."""
    heat = 1.4

    def split(r: Any, m: Any, e: Any) -> tuple[Any, ...]:
        p = (heat - 1) * (e - 0.5 * m * m / r)
        return r, m / r, p, (e + p) / r

    left, right = split(*x[:3]), split(*x[3:])
    (rl, ul, pl, hl), (rr, ur, pr, hr) = left, right
    sl, sr = xp.sqrt(rl), xp.sqrt(rr)
    u, h = (sl * ul + sr * ur) / (sl + sr), (sl * hl + sr * hr) / (sl + sr)
    aa = (heat - 1) * (h - 0.5 * u * u)
    a, r = xp.sqrt(aa), sl * sr
    dr, du, dp = rr - rl, ur - ul, pr - pl
    slow = xp.fabs(u - a) * (dp - r * a * du) / (2 * aa)
    still = xp.fabs(u) * (dr - dp / aa)
    fast = xp.fabs(u + a) * (dp + r * a * du) / (2 * aa)
    jumps = [
        slow + still + fast,
        slow * (u - a) + still * u + fast * (u + a),
        slow * (h - u * a) + still * 0.5 * u * u + fast * (h + u * a),
    ]
    fluxes = [
        rl * ul + rr * ur,
        rl * ul * ul + pl + rr * ur * ur + pr,
        rl * ul * hl + rr * ur * hr,
    ]
    return [0.5 * (f - j) for f, j in zip(fluxes, jumps, strict=True)]


PROGRAMS = (
    Small("heart dipole, 8 × 8", heart_dipole, np.linspace(-0.5, 0.9, 8)),
    Small("robot arm, 12 × 6", robot_arm, np.linspace(0.1, 1.1, 6)),
    Small("Roe flux, 3 × 6", roe_flux, np.array([1.0, 0.3, 2.5, 0.8, -0.1, 2.0])),
)


@dataclass(frozen=True)
class Way:
    """A way to the Jacobian: the library, by its name in a setting, and its call."""

    title: str
    library: str
    make: Callable[[Small], Call]


def measure(setting: Setting) -> Table:
    """Time Jacobians of small programs, a call."""
    ways = {way.title: way for way in _ways() if way.library in setting.modules}
    times = {program.name: _times(setting, ways, program) for program in PROGRAMS}
    table = compared(
        "The Jacobian of a small program: µs a call",
        {title: title for title in ways},
        times,
        1e-6,
        ours=next(iter(ways)),
    )
    table.notes.append(_counts())
    return table


def _ways() -> Iterator[Way]:
    for mode in ("eliminate", "forward", "reverse"):
        make = functools.partial(_wengert, mode)
        yield Way(f"wengert jit, {mode}", "wengert jit", make)
    for mode in ("jacfwd", "jacrev"):
        yield Way(f"JAX jit, {mode}", "jax", functools.partial(_jax, mode))
    yield Way(Casadi.title, "casadi", functools.partial(_casadi, Casadi))
    yield Way(
        CasadiCompiled.title, "casadi C", functools.partial(_casadi, CasadiCompiled)
    )


def _times(
    setting: Setting, ways: Mapping[str, Way], program: Small
) -> dict[str, Timing]:
    jacobian = importlib.import_module("wengert").jacobian
    expected = jacobian(program.stacked(np))(program.point)
    calls: dict[str, Call] = {}
    missing: dict[str, Timing] = {}
    for title, way in ways.items():
        if way.library in setting.present:
            calls[title] = way.make(program)
            verify(title, calls[title](), expected)
        else:
            missing[title] = Timing(why=NOT_INSTALLED)
    return {**missing, **interleaved(calls, setting.effort)}


def _wengert(mode: str, program: Small) -> Call:
    lib = importlib.import_module("wengert")
    compiled = lib.jit(lib.jacobian(program.stacked(np), mode=mode))
    compiled.compile(program.point)
    return lambda: compiled(program.point)


def _jax(mode: str, program: Small) -> Call:
    jax, xp = importlib.import_module("jax"), importlib.import_module("jax.numpy")
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    compiled = jax.jit(getattr(jax, mode)(program.stacked(xp)))
    return lambda: np.asarray(compiled(program.point))


def _casadi(library: type[Casadi], program: Small) -> Call:
    lib = importlib.import_module("casadi")
    x = lib.SX.sym("x", program.point.size)
    y = lib.vertcat(*program.outputs(lib, [x[i] for i in range(x.numel())]))
    # Column-major: its transpose, read by rows, is the Jacobian.
    matrix = lib.densify(lib.jacobian(y, x)).T
    return library().call(x, matrix, program.point, (y.numel(), x.numel()))


def _counts() -> str:
    lib = importlib.import_module("wengert")
    counts = []
    for program in PROGRAMS:
        report = lib.accumulation(program.stacked(np))(program.point)
        shown = [
            f"{name} {report.order(name).multiplications}"
            for name in ("forward", "reverse", "Markowitz")
        ]
        best = report.taken
        counts.append(
            f"{program.name}: {', '.join(shown)}, {best.name} {best.multiplications}"
        )
    return f"Multiplications of partial derivatives. {'; '.join(counts)}."
