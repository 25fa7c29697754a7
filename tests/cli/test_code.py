"""The command `c`: what it writes compiles, and agrees with NumPy."""

import shutil
import subprocess

import pytest

from tests.engines.c.compiling import STRICT

MODEL = "def loss(w, n: int):\n    return (w**n).sum()\n"


@pytest.fixture
def checked(good, own_folder):
    """Give a function that runs the command, and compiles and runs what it wrote."""

    def checked(*words):
        out = good("c", *words)
        if shutil.which("cc") is not None:
            *_, code, main, _, _, _ = out.split()
            command = ["cc", *STRICT, code, main, "-lm"]
            subprocess.run(command, check=True, cwd=own_folder)
            done = subprocess.run(["./a.out"], cwd=own_folder, capture_output=True)
            assert done.stdout == b"ok\n"
        return out

    return checked


@pytest.mark.parametrize("order", ["0", "1", "2"])
def test_formulas(checked, own_folder, order):
    checked("x**2 * sum(v)", "--at", "x=3,v=[1,2]", "--order", order)
    header = (own_folder / "f.h").read_text()
    assert ("out_gradient_1" in header) == (order > "0")
    assert ("out_hessian_0_1" in header) == (order > "1")


def test_a_function_of_a_file(checked, own_folder):
    (own_folder / "model.py").write_text(MODEL)
    words = ["model.py:loss", "--at", "w=[1,2,3],n=3"]
    assert checked(*words).startswith("wrote loss.h\n")
    checked(*words, "--name", "slope", "--folder", "new/folder")
    header = (own_folder / "new" / "folder" / "slope.h").read_text()
    assert "const double *w,\n    double *out_value,\n    double *out_grad" in header


def test_an_array_has_a_jacobian(checked):
    checked("v * v[0]", "--at", "v=[1,2,3]")


def test_refusals(refused, own_folder):
    (own_folder / "file").write_text("")
    words = ["c", "x**2", "--at", "x=1"]
    assert "cannot be named 'if'" in refused(*words, "--name", "if")
    assert "from 0 to 2" in refused(*words, "--order", "3")
    assert refused(*words, "--folder", "file/within").startswith("cannot write ")


def test_python(good, own_folder):
    assert good("python", "x**2 * z", "--at", "x=3,z=1") == "wrote f.py\n"
    namespace = {}
    exec((own_folder / "f.py").read_text(), namespace)
    value, gradient = namespace["f"](3.0, 2.0)
    assert (value, *gradient) == (18, 12, 9)
