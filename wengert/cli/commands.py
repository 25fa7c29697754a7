"""The nine commands: each takes a target and the options, and gives what to write."""

from __future__ import annotations

import argparse
import dataclasses
import html
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from wengert.cli.code import write_c, write_python
from wengert.cli.derivatives import derivatives, show_derivatives
from wengert.cli.formulas import write_formula
from wengert.cli.options import InputError
from wengert.cli.target import Target, read_point
from wengert.explanation import Explanation
from wengert.explanation import explain as explained
from wengert.explanation import smoothness as examined
from wengert.explanation.comparison import compare as compared
from wengert.expression.vocabulary import suggest
from wengert.numeric import Report
from wengert.operators import check_grads

__all__ = ["COMMANDS", "Answer"]


class Answer(NamedTuple):
    """What a command found.

    Parameters
    ----------
    text : str
        To be written.
    status : int
        The exit status: 1 where a check failed.
    styles : mapping or None
        Patterns to colour on a terminal; None for a form that is read by programs.
    note : str
        What to say on standard error beside it.
    """

    text: str
    status: int = 0
    styles: Mapping[str, str] | None = None
    note: str = ""


def explain(target: Target, options: argparse.Namespace) -> Answer:
    """Write the tables of the three sweeps."""
    seed = None if options.seed is None else _seed(options.seed, target)
    explanation = _explained(target, seed)
    write = getattr(explanation, options.format)
    text = write(options.digits, options.lines or None)
    styles = {r"(?m)^\S[^\n]*$": "bold"} if options.format == "text" else None
    return Answer(_headed(text, target, options.format), styles=styles)


def graph(target: Target, options: argparse.Namespace) -> Answer:
    """Draw both sweeps."""
    return Answer(_explained(target, None).graph(options.format))


def diff(target: Target, options: argparse.Namespace) -> Answer:
    """Write the value and the derivatives."""
    found = derivatives(target, options.order)
    note = ""
    if not all(np.all(np.isfinite(value)) for _, value in found):
        note = _first_nan(target)
    return Answer(show_derivatives(target, found, options.digits), styles={}, note=note)


def check(target: Target, options: argparse.Namespace) -> Answer:
    """Write the report of a check; the status is 1 if it failed."""
    report = check_grads(
        target.restricted(),
        *target.point,
        order=options.order,
        rtol=options.rtol,
        atol=options.atol,
    )
    text = str(_with_names(report, target.chosen))
    return Answer(text, 0 if report else 1, styles={})


def compare(target: Target, options: argparse.Namespace) -> Answer:
    """Write the derivative by every method."""
    write = getattr(compared(target.restricted())(*target.point), options.format)
    return Answer(
        write(options.digits), styles={} if options.format == "text" else None
    )


def smoothness(target: Target, options: argparse.Namespace) -> Answer:
    """Write where the function is not smooth; the status is 1 if there is such."""
    report = examined(target.restricted(), tolerance=options.tolerance)(*target.point)
    if target.expression is not None:  # a formula has no lines of Python
        found = [dataclasses.replace(f, source=None) for f in report]
        title = f"f({', '.join(target.names)})"
        report = dataclasses.replace(report, title=title, findings=tuple(found))
    text = _headed(getattr(report, options.format)(), target, options.format)
    return Answer(
        text, 0 if report else 1, styles={} if options.format == "text" else None
    )


def c(target: Target, options: argparse.Namespace) -> Answer:
    """Write files of C code."""
    return Answer(write_c(target, options))


def python(target: Target, options: argparse.Namespace) -> Answer:
    """Write the value and the derivatives as NumPy code."""
    return Answer(write_python(target, options))


def formula(target: Target, options: argparse.Namespace) -> Answer:
    """Write the value and the derivatives as formulas."""
    return Answer(write_formula(target, options))


COMMANDS: Mapping[str, Callable[[Target, argparse.Namespace], Answer]] = {
    "explain": explain,
    "graph": graph,
    "diff": diff,
    "check": check,
    "compare": compare,
    "smoothness": smoothness,
    "c": c,
    "python": python,
    "formula": formula,
}


def _explained(target: Target, seed: Any) -> Explanation:
    explanation = explained(target.merged(), target.wrt, seed)(*target.values)
    return explanation if target.expression is None else _without_lines(explanation)


def _without_lines(explanation: Explanation) -> Explanation:
    """Forget which line of Python an operation stands in: a formula has none."""
    sweeps = explanation.sweeps
    bare = {
        equation: dataclasses.replace(equation, source=None)
        for equation in sweeps.graph.equations
    }
    accumulations = [
        step if step.equation is None
        else dataclasses.replace(step, equation=bare[step.equation])
        for step in sweeps.accumulations
    ]  # fmt: skip
    graph = dataclasses.replace(sweeps.graph, equations=tuple(bare.values()))
    return dataclasses.replace(
        explanation,
        sweeps=dataclasses.replace(
            sweeps, graph=graph, accumulations=tuple(accumulations)
        ),
    )


def _seed(text: str, target: Target) -> dict[str, Any]:
    """Read `x2`, `x1,x2` or `x1=1,x2=-1`: the tangents of the variables."""
    if "=" in text:
        seed = read_point(text, None, "--seed")
    else:
        seed = {name.strip(): 1.0 for name in text.split(",") if name.strip()}
    for name in seed:
        if name not in target.chosen:
            hint = suggest(name, target.chosen)
            known = ", ".join(target.chosen)
            raise InputError(f"--seed: no variable {name!r}{hint} (variables: {known})")
    if not seed:
        raise InputError("--seed: name a variable, as in --seed x1")
    return seed


def _headed(text: str, target: Target, form: str) -> str:
    """Put the formula above tables that call it f."""
    if target.expression is None:
        return text
    heading = f"f({', '.join(target.names)}) = {' '.join(target.title.split())}"
    above = {
        "text": f"{heading}\n\n",
        "markdown": f"`{heading}`\n\n",
        "latex": f"% {heading}\n",
        "html": f"<p><code>{html.escape(heading)}</code></p>\n",
    }
    return above[form] + text


def _first_nan(target: Target) -> str:
    found = _explained(target, None).first_nan()
    return "" if found is None else str(found)


def _with_names(report: Report, names: tuple[str, ...]) -> Report:
    """Put the user's names for what a check calls `x`, or `args[0]`, `args[1]` …."""

    def renamed(argument: str) -> str:
        if len(names) == 1:
            return re.sub(r"\bx\b", lambda _: names[0], argument)
        return re.sub(r"\bargs\[(\d+)\]", lambda m: names[int(m[1])], argument)

    return Report(
        report.function,
        tuple(
            dataclasses.replace(record, argument=renamed(record.argument))
            for record in report.records
        ),
    )
