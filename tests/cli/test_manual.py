"""The outputs in docs/cli.md are true, except for the times."""

import re
import shlex
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text("utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [
    tuple(part.split("\n", 1)) for block in BLOCKS for part in block.split("$ ")[1:]
]
MODEL = re.search(r"^```python\n# model.py\n(.*?)^```$", PAGE, re.M | re.S)[1]


def without_times(text):
    """Leave out what differs from machine to machine: costs, and rounding errors; and
    the method that takes part only where an extra is installed."""
    text = re.sub(r"^symbolic\b.*\n", "", text, flags=re.MULTILINE)
    costs = r" +(?:[\d,]+|–) +[\d.,]+ [kM]?B +[\d,]+\.\d$"
    text = re.sub(costs, "", text, flags=re.MULTILINE)
    inexact = r"^((?:complex step|\w+ difference|extrapolation).*?)  +[-\d].*$"
    text = re.sub(inexact, r"\1", text, flags=re.MULTILINE)
    return re.sub(" +", " ", text)


@pytest.mark.parametrize(("command", "shown"), COMMANDS, ids=lambda text: text[:70])
def test_outputs_are_true(run, own_folder, command, shown):
    (own_folder / "model.py").write_text(MODEL)
    name, *words = shlex.split(command)
    assert name == "wengert"
    ran = run(*words)
    said = ran.out + ran.err
    if words[0] == "compare":
        said, shown = without_times(said), without_times(shown)
    if shown.endswith("...\n"):
        shown = shown.removesuffix("...\n")
        assert said.startswith(shown)
    else:
        assert said == shown


def test_every_command_is_shown():
    assert {shlex.split(command)[1] for command, _ in COMMANDS} == {
        "c", "explain", "graph", "diff", "check", "compare", "python",
        "formula", "smoothness",
    }  # fmt: skip
    assert len(COMMANDS) >= 15
