"""The benchmarks run, check their results, and write tables of the right form.

No test looks at a time: that is for a quiet machine, `make bench`.
"""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from benchmarks.library import Library, Unable
from benchmarks.machine import machine, versions
from benchmarks.programs import (
    Program,
    chain,
    elementwise,
    rosenbrock,
    rosenbrock_hessian,
)
from benchmarks.setting import NOT_INSTALLED, Setting
from benchmarks.table import Table, cell, compared, number
from benchmarks.timing import Effort, Timing, interleaved
from benchmarks.verify import WrongResult, verify
from tests.house.files import ROOT

TIME = re.compile(r"[\d.]+ \+\d+%")


def run(*options, path=None):
    """Run the benchmarks as people do; give what they print."""
    command = [sys.executable, ROOT / "benchmarks" / "run.py", *options]
    environment = {**os.environ, "PYTHONPATH": str(path or "")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def tables(page):
    """Read the Markdown tables of a page: title → rows of cells."""
    found = {}
    for line in page.splitlines():
        if line.startswith("## "):
            found[line[3:]] = rows = []
        elif line.startswith("| "):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


# ----- whole runs -----


def test_a_quick_run_prints_tables(tmp_path):
    output = tmp_path / "results.md"
    options = ["--quick", "--without-peers", "--only=chain", "--only=rosenbrock"]
    printed = run(*options, f"--output={output}")
    written = output.read_text(encoding="utf-8")
    assert written.strip() in printed
    found = tables(written)
    assert [title.split(":")[0] for title in found] == [
        "Value and gradient of a chain of 20 ufunc calls",
        "Value and gradient of Rosenbrock's function with slices",
    ]
    for rows in found.values():
        head, rule, *body = rows
        assert head[:3] in (["", "8 doubles", "ratio"], ["", "n = 2", "ratio"])
        assert all(set(cell) <= set("-:") for cell in rule)
        assert all(len(row) == len(head) for row in body)
        names = [row[0] for row in body]
        assert names[0] == "NumPy, value alone" and names[-1] == "goal for wengert"
        ours = body[names.index("wengert")]
        assert all(TIME.fullmatch(cell) for cell in ours[1::2])
        assert any(set(row[2::2]) == {"1.00"} for row in body)


def test_peers_that_are_not_installed_are_named(tmp_path):
    # A finder that hides them, whether they are installed or not.
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as util\n"
        "find = util.find_spec\n"
        "hidden = {'autograd', 'torch', 'jax'}\n"
        "util.find_spec = lambda name, *rest: (\n"
        "    None if name in hidden else find(name, *rest))\n"
    )
    printed = run("--quick", "--only=second-order", path=tmp_path)
    (rows,) = tables(printed).values()
    cells = {row[0]: row[1:] for row in rows[2:]}
    for name in ("autograd", "PyTorch", "JAX jit"):
        assert cells[name] == [NOT_INSTALLED, "–"] * 2


def test_a_partial_run_leaves_the_kept_results_alone():
    kept = ROOT / "benchmarks" / "RESULTS.md"
    before = kept.read_bytes() if kept.exists() else None
    printed = run("--quick", "--without-peers", "--only=elementwise")
    assert "Written to" not in printed
    assert (kept.read_bytes() if kept.exists() else None) == before


# ----- parts -----


@pytest.mark.parametrize("program", [chain(20), rosenbrock(), elementwise()])
def test_derivatives_by_hand_are_right(program):
    x = np.linspace(-1.2, 0.9, 8)
    f = program.write(np)
    value, gradient = program.by_hand(x)
    assert value == pytest.approx(f(x), rel=1e-14)
    step = 1e-20j  # the complex step: exact to rounding
    for i, unit in enumerate(np.eye(8)):
        assert gradient[i] == pytest.approx(f(x + step * unit).imag / 1e-20, rel=1e-12)


def test_the_hessian_by_hand_is_right():
    x = np.linspace(-1.2, 0.9, 8)
    by_hand, hessian = rosenbrock().by_hand, rosenbrock_hessian(x)
    for i, unit in enumerate(np.eye(8)):
        column = (by_hand(x + 1e-5 * unit)[1] - by_hand(x - 1e-5 * unit)[1]) / 2e-5
        np.testing.assert_allclose(hessian[:, i], column, rtol=1e-7, atol=1e-6)


def test_a_wrong_result_is_seen():
    right = (1.0, np.array([1.0, 2.0]))
    verify("it", (1.0, np.array([1.0, 2.0 + 1e-11])), right)
    with pytest.raises(WrongResult, match="relative error 1.0e-09"):
        verify("it", (1.0, np.array([1.0, 2.0 + 2e-9])), right)
    with pytest.raises(WrongResult, match="float32"):
        verify("it", (1.0, np.array([1.0, 2.0], np.float32)), right)
    with pytest.raises(WrongResult):
        verify("it", (np.nan, right[1]), right)


def test_a_wrong_entry_is_seen_beside_large_ones():
    right = np.array([1e6, 1e-3, 0.0])
    verify("it", np.array([1e6, 1e-3 + 1e-10, 1e-8]), right)
    for wrong in ([1e6, 0.0, 0.0], [1e6, 1.01e-3, 0.0], [1e6, 1e-3, 1e-4]):
        with pytest.raises(WrongResult):
            verify("it", np.array(wrong), right)


def test_sparse_arrays_are_compared_by_their_values():
    right = csr_matrix(np.array([[0.0, 2.0], [3.0, 0.0]]))
    verify("it", right.copy(), right)
    with pytest.raises(WrongResult):
        verify("it", right * 1.001, right)


def test_every_call_has_its_turns():
    told = []
    effort = Effort(rounds=3, turn=0.0)
    times = interleaved({"a": lambda: told.append("a"), "b": lambda: told.append("b")},
                        effort)  # fmt: skip
    assert "".join(told[-6:]) == "ababab"
    assert all(time.best > 0 and time.spread >= 0 for time in times.values())


def test_the_best_round_counts():
    assert Timing.of([2.0, 4.0, 3.0]) == Timing(2.0, 0.5)
    assert Timing(2.0, 0.5).per(4) == Timing(0.5, 0.5)


def test_libraries_are_set_beside_wengert():
    times = {"n": {"wengert": Timing(2e-6, 0.04), "a": Timing(5e-6, 0.0),
                   "b": Timing(why=NOT_INSTALLED)}}  # fmt: skip
    titles = {"wengert": "wengert", "a": "A", "b": "B"}
    assert compared("T", titles, times, 1e-6, {"n": 1.5}).markdown() == (
        "## T\n\n"
        "|                  |             n | ratio |\n"
        "| ---------------- | ------------: | ----: |\n"
        "| wengert          |      2.00 +4% |  1.00 |\n"
        "| A                |      5.00 +0% |  2.50 |\n"
        "| B                | not installed |     – |\n"
        "| goal for wengert | ≤ 1.5: missed |       |\n"
    )


def test_what_is_timed_once_says_so():
    assert cell(Timing(2.0), 1.0) == "2.00 once"


def test_a_library_says_why_it_has_no_time():
    setting = Setting(Effort(rounds=1, turn=0.0), peers=False)
    nothing = Program(lambda xp: lambda x: x, lambda x: x)

    def ask(library):
        raise Unable("too long")

    found = setting.measure(ask, 1.0)
    assert {time.why for time in found.values()} == {"too long"}
    assert setting.measure(ask, 1.0, without={"wengert": "no"})["wengert"].why == "no"
    for unable in (Library().gradient, Library().value, Library().blocks):
        with pytest.raises(Unable, match="not written"):
            unable(nothing, 1.0)


@pytest.mark.parametrize(
    "row", ["small-call", "llsq", "ba", "training", "loop", "taylor"]
)
def test_rows_of_compiled_programs_run(row):
    printed = run("--quick", "--without-peers", f"--only={row}")
    ((_, _, *body),) = tables(printed).values()
    ours = next(row for row in body if row[0] == "wengert")
    assert all(TIME.fullmatch(cell) for cell in ours[1::2])


def test_notes_stand_below_the_table():
    table = Table("T", ["", "n"], [["a", "1"]], ["One.", "Two."])
    assert table.markdown().endswith("| a   |   1 |\n\nOne.\n\nTwo.\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.01234, "0.0123"), (0.9996, "1.00"), (1.0, "1.00"), (12.34, "12.3"),
     (123.4, "123"), (12345.6, "12300")],
)  # fmt: skip
def test_numbers_have_three_digits(value, text):
    assert number(value) == text


def test_the_machine_is_named_without_its_folders():
    assert "cores" in machine() and "/home" not in machine()
    assert versions(["numpy", "no-such-library"]) == (
        f"CPython {sys.version.split()[0]}, numpy {np.__version__}, "
        "no-such-library not installed"
    )
