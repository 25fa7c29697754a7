"""Bad input of every sort: status 2, one clear reason, nothing on standard output."""

import sys

import pytest

BROKEN = {
    "syntax.py": "def f(x:\n",
    "indented.py": "def f(x):\nreturn x\n",
    "null.py": "x = 1\0",
    "latin.py": b"name = '\xe9'\n",
    "imports.py": "import nothing_of_this_name\n",
    "raises.py": "\n1 / 0\n",
    "leaves.py": "exit(3)\n",
    "good.py": """
import numpy as np; from scipy import special

value = 3

def ratio(x): return x / 0

def raising(x):
    raise ValueError("not\\nthis way")

def silent(x):
    raise KeyError

def unknown(x):
    return special.zetac(x).sum()

def leaking(x):
    return np.float64(str(float(x)))

def nothing(x):
    x + 1

def text(x):
    return "high"

def leaving(x):
    raise SystemExit

def complicated(x):
    return x * 1j

def endless(x):
    return endless(x)

def product(A, v):
    return A @ v
""",
}


@pytest.fixture(autouse=True)
def broken(own_folder):
    for name, text in BROKEN.items():
        data = text if isinstance(text, bytes) else text.encode()
        (own_folder / name).write_bytes(data)


AT = ("--at", "x=1")
CASES = [
    # ----- the words -----
    (["dif", "x", *AT], "there is no command 'dif'; did you mean diff?"),
    (["frobnicate"], "there is no command 'frobnicate'; the commands are explain, "),
    (["x**2", *AT], "name a command first: wengert diff 'x**2' --at …"),
    (["--at", "x=1"], ""),
    (["diff"], "missing: WHAT (see wengert diff --help)"),
    (["diff", *AT], "missing: WHAT"),
    (["diff", "x", "--at"], "--at: expected one argument"),
    (["diff", "x", "y", *AT], "'y' is one word too many; put a formula in quotes"),
    (["diff", "x", *AT, "--ordr", "2"], "no option --ordr; did you mean --order?"),
    (["diff", "x", *AT, "--seed", "x"], "there is no option --seed (see wengert diff"),
    (["diff", "x", *AT, "--order", "0"], "--order: '0' is no whole number from 1 to 9"),
    (["diff", "x", *AT, "--order", "two"], "--order: 'two' is no whole number"),
    (["diff", "x", *AT, "--digits", "18"], "--digits: '18' is no whole number from 1"),
    (["check", "x", *AT, "--rtol", "-1"], "--rtol: '-1' is no number ≥ 0"),
    (["check", "x", *AT, "--atol", "small"], "--atol: 'small' is no number ≥ 0"),
    (["explain", "x", *AT, "--lines", "-1"], "--lines: '-1' is no whole number 0 or"),
    (["explain", "x", *AT, "--format", "pdf"], "--format: invalid choice: 'pdf'"),
    (["graph", "x", *AT, "--format", "png"], "--format: invalid choice: 'png'"),
    # ----- the formula -----
    (["diff", "sine(x)", *AT],
     "'sine' is no known function; did you mean 'sin'? (column 1)\n  sine(x)\n  ^"),
    (["diff", "1 + x^2", *AT],
     "`^` is not allowed; use ** for powers (column 6)\n  1 + x^2\n       ^"),
    (["diff", "-x +* 2", *AT], "(column 5)\n  -x +* 2\n      ^"),
    (["diff", "x +", *AT], "the formula stops too early"),
    (["diff", "", *AT], "nothing is written here"),
    (["diff", "2 + 3"], "'2 + 3' has no variable to differentiate by"),
    (["diff", "x[0.5]", *AT], "only a whole number stands here"),
    (["diff", "x[0]", *AT], "(column 1)"),
    (["diff", "dot(A, v)", "--at", "A=[[1,2],[3,4]],v=[1,2,3]"], "not aligned"),
    (["explain", "v + w", "--at", "v=[1,2],w=[1,2,3]"], "could not be broadcast"),
    # ----- the point -----
    (["diff", "x*y"], "no value for x, y; write --at x=…,y=…"),
    (["diff", "x*y", *AT], "no value for y; write --at x=…,y=…"),
    (["diff", "x", "--at", "x=1,z=2"], "--at: 'z' is no variable here (variables: x)"),
    (["diff", "x", "--at", "x=two"], "--at: 'two' is no number (column 3)"),
    (["diff", "x", "--at", "2"], "--at: write name=value"),
    (["diff", "x", "--at", "x=1,x=2"], "--at: x is given twice"),
    (["diff", "x", "--at", "x=1/0"], "--at: this comes to inf"),
    (["diff", "x", "--at", "x=[1,[2]]"], "--at: the rows of an array must have equal"),
    (["diff", "x", "--at", "pi=3"], "--at: pi is a constant"),
    (["diff", "x*y", "--at", "x=1,y=2", "--wrt", "z"],
     "--wrt: no variable 'z' (variables: x, y)"),
    (["diff", "x", *AT, "--wrt", ","], "--wrt: name at least one variable"),
    (["diff", "x*y", "--at", "x=1,y=2", "--order", "3"], "needs one variable that is"),
    (["diff", "sum(v)", "--at", "v=[1,2]", "--order", "3"], "needs one variable that"),
    (["explain", "x", *AT, "--seed", "y"], "--seed: no variable 'y' (variables: x)"),
    (["explain", "x", *AT, "--seed", "x=a"], "--seed: 'a' is no number"),
    (["explain", "x", *AT, "--seed", "x=[1,2]"], "the seed of x has shape (2,)"),
    (["explain", "x", *AT, "--seed", ""], "--seed: name a variable"),
    (["explain", "x*y", "--at", "x=1,y=2", "--wrt", "x", "--seed", "y"],
     "--seed: no variable 'y' (variables: x)"),
    # ----- the output -----
    (["explain", "x", *AT, "-o", "no/such/folder.txt"],
     "cannot write no/such/folder.txt: No such file or directory"),
    (["explain", "x", *AT, "-o", ".", "--format", "text"], "cannot write .: Is a dir"),
    (["explain", "x", *AT, "-o", "a.pdf"],
     "--output: the ending of a.pdf tells no format; let it be one of .txt, .md"),
    (["graph", "x", *AT, "-o", "a.png"], "the ending of a.png tells no format"),
    (["graph", "x", *AT, "-o", "a"], "the ending of a tells no format"),
    (["graph", "x", *AT], "where to? write --output graph.svg, or --format svg, dot"),
    (["graph", "x", *AT, "-o", "-"], "where to?"),
    # ----- the file -----
    (["diff", "gone.py:f", *AT], "cannot read gone.py: No such file or directory"),
    (["diff", "gone.py", *AT], "cannot read gone.py: no such file"),
    (["diff", "good.py", *AT], "say which function of good.py, as in good.py:ratio "),
    (["diff", "good.py:", *AT], "say which function of good.py, as in good.py:ratio "),
    (["diff", "good.py:a b", *AT], "'good.py:a b' does not name a function"),
    (["diff", "good.py:rato", *AT], "good.py has no 'rato'; did you mean ratio?"),
    (["diff", "good.py:zzz", *AT], "good.py has no 'zzz' (functions there: ratio, "),
    (["diff", "good.py:ratio.x", *AT], "good.py has no 'ratio.x'"),
    (["diff", "good.py:value", *AT], "value in good.py is no function but a value"),
    (["diff", "syntax.py:f", *AT], "syntax.py:1: SyntaxError: '(' was never closed"),
    (["diff", "indented.py:f", *AT], "indented.py:2: IndentationError: expected an"),
    (["diff", "null.py:f", *AT], "null bytes"),
    (["diff", "latin.py:f", *AT], "latin.py"),
    (["diff", "imports.py:f", *AT],
     "imports.py:1: ModuleNotFoundError: No module named 'nothing_of_this_name'"),
    (["diff", "raises.py:f", *AT], "raises.py:2: ZeroDivisionError: division by zero"),
    (["diff", "leaves.py:f", *AT], "the file left Python by exit(3)"),
    # ----- the function -----
    (["diff", "good.py:raising", *AT],
     "good.py:9 in raising: ValueError: not this way"),
    (["diff", "good.py:silent", *AT], "good.py:12 in silent: KeyError"),
    (["diff", "good.py:unknown", "--at", "x=[1,2]"], "scipy.special.zetac"),
    (["diff", "good.py:leaking", *AT], "good.py:18 in leaking"),
    (["diff", "good.py:nothing", *AT], "Did it forget to return?"),
    (["explain", "good.py:nothing", *AT], "Did it forget to return?"),
    (["check", "good.py:nothing", *AT], "returned no floating number"),
    (["compare", "good.py:nothing", *AT], "nothing returned None: no number"),
    (["diff", "good.py:text", *AT], "'high'"),
    (["compare", "good.py:text", *AT], "'high'"),
    (["diff", "good.py:leaving", *AT], "the file left Python by exit(None)"),
    (["diff", "good.py:complicated", *AT], "complex"),
    (["diff", "good.py:endless", *AT], "RecursionError"),
    (["diff", "good.py:product", "--at", "A=[[1,2],[3,4]],v=[1,2,3]"],
     "good.py:36 in product: ValueError: matmul"),
    (["diff", "good.py:product", *AT],
     "--at: good.py:product has no parameter 'x' (parameters: A, v)"),
    (["diff", "good.py:product", "--at", "A=[1]"],
     "no value for v; write --at A=…,v=…"),
    (["diff", "good.py:ratio"], "no value for x; write --at x=…"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "reason"), CASES, ids=lambda value: str(value)[:60])
def test_the_reason_is_said(refused, words, reason):
    said = refused(*words)
    assert reason in said
    # One line, and for a formula or a point also that text and a caret below.
    assert said.count("\n") in ((0, 2) if "(column" in said else (0,))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_file_that_may_not_be_written(refused, own_folder):
    (own_folder / "a.txt").mkdir()
    assert "cannot write a.txt" in refused("explain", "x", *AT, "-o", "a.txt")


def test_nothing_is_written_where_something_is_wrong(refused, own_folder):
    refused("explain", "sine(x)", *AT, "-o", "a.txt")
    refused("explain", "good.py:raising", *AT, "-o", "a.txt")
    assert not (own_folder / "a.txt").exists()


def test_a_traceback_is_shown_on_request(run):
    ran = run("diff", "good.py:raising", *AT, "--traceback")
    assert ran.status == 2
    assert ran.err.startswith("Traceback") and 'good.py", line 9' in ran.err
    assert ran.err.endswith("in raising: ValueError: not this way\n")


# ----- strangers' text -----

HOSTILE = [
    "__import__('os').system('touch pwned')",
    "open('pwned', 'w')",
    'exec("open(chr(112), chr(119))")',
    "eval(x)",
    "().__class__.__bases__[0].__subclasses__()",
    "x.__class__",
    "x.tofile",
    "x.dump(pwned)",
    "sin.__globals__",
    "sin.__self__",
    "lambda: 0",
    "[x for x in y]",
    "(x := 1)",
    "f'{x}'",
    "`touch pwned`",
    "$(touch pwned)",
    "x; import os",
    "x\nimport os",
    "import os",
    "del x",
    "print(x)",
    "globals()",
    "__builtins__",
    "_",
    "9**9**9**9",
    "10**10**10 * x",
    "(" * 5000 + "x" + ")" * 5000,
    "-" * 3000 + "x",
    "x" * 100_000,
    "\0",
    "\ud800",
    "x if x else y",
    "not x",
    "x.py",
    "evil.py",
    "evil.py(x)",
    "*x",
    "sum(**x)",
    "x[y]",
    "x[__import__('os')]",
    "{x}",
    "...",
    "sin(x)(x)",
    "'a' * 10",
    "b'a'",
    "@",
    "yield x",
    "await x",
]


@pytest.fixture
def evil(own_folder):
    (own_folder / "evil.py").write_text("open('pwned', 'w')\ndef f(x): return x\n")
    yield
    assert not (own_folder / "pwned").exists()


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:40])
@pytest.mark.usefixtures("evil")
def test_no_text_is_ever_executed(refused, text):
    refused("diff", text, "--at", "x=1")
    refused("explain", text)
    refused("diff", "x", "--at", text)
    refused("diff", "x", "--at", f"x={text}")
    refused("diff", "x", "--at", "x=1", "--wrt", text)
    refused("explain", "x", "--at", "x=1", "--seed", text)
    refused("explain", "x", "--at", "x=1", "--seed", f"x={text}")


@pytest.mark.parametrize(
    "text", ["evil.py:f", "/evil.py:f", " evil.py:f", "x)\nevil.py:f"]
)
@pytest.mark.usefixtures("evil")
def test_text_in_parentheses_is_never_a_file(refused, text):
    refused("diff", f"({text})", "--at", "x=1")
