"""What do the gradients of GradBench's programs cost, small, middle and large?"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from benchmarks.gradbench import PROGRAMS
from benchmarks.gradbench.case import Case
from benchmarks.library import Call, Library
from benchmarks.setting import Setting
from benchmarks.table import Table, compared, ratio
from benchmarks.timing import Timing
from benchmarks.verify import verify

__all__ = ["QUESTIONS", "measure", "question"]

COMPILED = "value, wengert jit"
# Loops of Python that `torch.compile` would unroll, for many minutes.
UNROLLED = ("lstm", "ode")

NOTES = {
    "gmm": "ADBench's mixture of Gaussians: value and gradient.",
    "lstm": "ADBench's network of diagonal LSTM cells: value and gradient. For JAX, "
    "the loop over characters is `scan`; a loop in Python would compile for minutes.",
    "ba": "ADBench's bundle adjustment. Timed is all from cameras, points and weights "
    "to SciPy's sparse matrix: what each observation depends on is gathered, the "
    "blocks of 2 × 15 are computed by reverse mode (CasADi chooses its own), and put "
    "into a pattern that is known from before. The matrix is SciPy's for all, and "
    "gathering NumPy's, but that wengert jit and JAX compile it too. The value alone "
    "is that of the residuals, and gathers too.",
    "ode": "Runge and Kutta's classical method: the gradient of the sum of all "
    "components, since the last one, GradBench's, is zero where n > 4 s. For JAX, the "
    "loop is `scan`.",
    "llsq": "The powers of t are a part of f. What runs f operation by operation makes "
    "them each time, by NumPy's `vander`; what traces f once keeps them; C++ and "
    "CasADi multiply as they go.",
    "lse": "log Σ exp x, the maximum subtracted.",
}


def measure(setting: Setting, name: str) -> Table:
    """Time one program at its sizes."""
    times = {}
    for case in cases(PROGRAMS[name], setting.effort.quick):
        times[case.label] = timed(setting, name, case)
    titles = {"value": "NumPy, value alone"}
    if "wengert jit" in setting.present:
        titles[COMPILED] = COMPILED
    titles |= setting.titles
    table = compared(
        f"{name}, gradient: ms a call" if name != "ba" else "ba, Jacobian: ms a call",
        titles,
        times,
        1e-3,
        ours=setting.ours,
    )
    above = [ratio(found[setting.ours], primal(found)) for found in times.values()]
    table.notes += [NOTES[name], f"{setting.ours} over its primal: {', '.join(above)}."]
    return table


def cases(program: ModuleType, quick: bool) -> list[Case]:
    """Make the program at all sizes, or at the least one."""
    return [
        program.case(*size) for size in (program.SIZES[:1] if quick else program.SIZES)
    ]


def primal(found: dict[str, Timing]) -> Timing:
    """Give the time of f alone: compiled, if it was."""
    return found.get(COMPILED, found["value"])


def timed(setting: Setting, name: str, case: Case) -> dict[str, Timing]:
    """Time one program at one size."""
    ask, value = QUESTIONS.get(name, question), VALUES.get(name, of_value)
    others = {"value": value(setting.libraries["wengert"], case)}
    if "wengert jit" in setting.present:
        others[COMPILED] = value(setting.libraries["wengert jit"], case)
        verify(COMPILED, others[COMPILED](), others["value"]())
    return setting.measure(
        functools.partial(ask, case=case),
        expected(name, case),
        others,
        without={"torch.compile": "not run"} if name in UNROLLED else None,
    )


def expected(name: str, case: Case) -> Any:
    """Give the right answer."""
    if name != "ba":
        return case.program.by_hand(case.x)
    scene = case.x
    entries = scene.entries(case.program.by_hand(scene.gathered()))
    return scene.jacobian(entries, scene.pattern())


def question(library: Library, case: Case) -> Call:
    """Ask for value and gradient."""
    return library.gradient(case.program, case.x)


def of_value(library: Library, case: Case) -> Call:
    """Ask for the value alone."""
    return library.value(case.program, case.x)


def jacobian(library: Library, case: Case) -> Call:
    """Ask for the sparse Jacobian of bundle adjustment."""
    scene = case.x
    pattern, entries = scene.pattern(), library.entries(case.program, scene)
    return lambda: scene.jacobian(entries(), pattern)


def of_residuals(library: Library, case: Case) -> Call:
    """Ask for the residuals of bundle adjustment."""
    scene = case.x
    z = scene.gathered()
    residuals = library.value(case.program, z)

    def call() -> Any:
        scene.gathered(out=z)
        return residuals()

    return call


QUESTIONS = {"ba": jacobian}
VALUES = {"ba": of_residuals}
