"""The program as a shell starts it: statuses, signals, pipes, colours, letters."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wengert.cli import main
from wengert.cli.manual import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
WORDS = [sys.executable, "-m", "wengert"]
DIFF = ["diff", "x*sin(x)", "--at", "x=2"]


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **more}


def start(*words, **more):
    done = subprocess.run(
        [*WORDS, *words], env=environment(**more), capture_output=True, timeout=60
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_python_m_wengert(good):
    assert start(*DIFF) == (0, good(*DIFF), "")


def test_bad_input_has_status_2():
    status, out, err = start("diff", "sine(x)", "--at", "x=1")
    assert (status, out) == (2, "")
    assert err.startswith("wengert: error: 'sine' is no known function")


def test_a_failed_check_has_status_1():
    assert start("check", "abs(x)", "--at", "x=0", "--order", "2")[0] == 1


def test_help(good):
    out = good("--help")
    for command in COMMANDS:
        assert f"wengert {command}" in out
    assert good("-h") == good() == out
    assert "log1p" in out and "path.py:name" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_has_examples(good, command):
    out = good(command, "--help")
    assert out.startswith(f"usage: wengert {command} WHAT --at POINT")
    assert out.count(f"  wengert {command} ") >= 2
    assert max(map(len, out.splitlines())) <= 90


@pytest.mark.parametrize("command", COMMANDS)
def test_the_examples_of_the_help_run(run, own_folder, command):
    (own_folder / "model.py").write_text("def loss(w):\n    return w @ w\n")
    examples = [
        line.strip()
        for line in run(command, "--help").out.splitlines()
        if line.startswith(f"  wengert {command} ")
    ]
    for example in examples:
        words = shell_words(example)[1:]
        ran = run(*words)
        # |x| has no derivative at 0, of which `compare` makes a lesson.
        finds = command == "smoothness" and "x=0" in example
        assert ran.status == finds, (example, ran.err)


def shell_words(line):
    done = subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {line}"], capture_output=True, check=True
    )
    return done.stdout.decode().splitlines()


def test_version(good):
    assert good("--version").startswith("wengert ")


def test_main_reads_the_words_of_the_process(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["wengert", *DIFF])
    assert main() == 0
    assert capsys.readouterr().out.startswith("x*sin(x)\n")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_interrupted(own_folder):
    (own_folder / "f.py").write_text(
        "def f(x):\n    print('started', flush=True)\n    while True: pass\n"
    )
    process = subprocess.Popen(
        [*WORDS, "diff", "f.py:f", "--at", "x=1"],
        env=environment(),
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stderr.readline() == b"started\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30)[1] == b""
        assert process.returncode == 130
    finally:
        process.kill()  # it would run for ever, where the signal is ignored


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_reader_that_goes_away():
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [*WORDS, *DIFF], env=environment(), stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    assert process.communicate(timeout=30)[1] == b""
    assert process.returncode == 141


def test_a_terminal_without_greek_letters():
    status, out, err = start(*DIFF, PYTHONIOENCODING="ascii")
    assert (status, err) == (0, "")
    assert "?y/?x = " in out


def on_a_terminal(*words, **more):
    """Run in a pseudo-terminal, and give what appears on it."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*WORDS, *words],
        env=environment(**{"TERM": "xterm-256color", **more}),
        stdout=theirs,
        stderr=theirs,
        stdin=subprocess.DEVNULL,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux: the other end is closed
            part = b""
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait(timeout=30) == 0
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")
def test_colours_are_for_terminals_only(good):
    plain = good(*DIFF)
    shown = on_a_terminal(*DIFF)
    assert "\x1b[1mx*sin(x)\x1b[0m" in shown and "\x1b[36m1.818594854\x1b[0m" in shown
    assert "".join(part.split("m", 1)[-1] for part in shown.split("\x1b[")) == plain
    assert on_a_terminal(*DIFF, NO_COLOR="1") == plain
    assert on_a_terminal(*DIFF, TERM="dumb") == plain


@pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")
def test_forms_for_programs_have_no_colours(good):
    words = ("explain", "x*sin(x)", "--at", "x=2", "--format", "markdown")
    assert on_a_terminal(*words) == good(*words)


def test_nothing_slow_is_loaded_before_it_is_needed():
    script = "import sys, wengert.cli; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.decode().split()}
    slow = {"fast_sugiyama", "llvmlite", "matplotlib", "optree", "rich", "scipy"}
    assert not slow & loaded


@pytest.mark.slow
def test_it_starts_without_what_is_slow_to_load():
    program = (
        "import sys\n"
        "from wengert.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "slow = {'scipy', 'llvmlite', 'sympy', 'matplotlib'} & set(sys.modules)\n"
        "assert not slow, slow"
    )
    command = [sys.executable, "-c", program, *DIFF]
    subprocess.run(command, env=environment(), check=True, stdout=subprocess.DEVNULL)
