"""Many C sources, compiled together into one library, and called from Python."""

from __future__ import annotations

import ctypes
import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from wengert.engines import open_engine
from wengert.engines.c import source_of
from wengert.graph import ArrayType, Literal
from wengert.passes import prune, simplify
from wengert.passes.uniform import broadcast_uniform

STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")

needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")


def compiled(command, folder):
    """Run the C compiler; what it says is an error."""
    done = subprocess.run(
        ["cc", *STRICT, *command], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[:4000]
    assert not done.stderr


def run_main(source, folder, *flags):
    """Compile a source and the program that checks it; give what that prints."""
    source.write(folder)
    files = [f"{source.name}.c", f"{source.name}_main.c", "-lm", "-o", source.name]
    compiled(["-O1", *flags, *files], folder)
    return subprocess.run(
        [folder / source.name], capture_output=True, text=True, timeout=60
    )


def type_of_output(atom):
    return ArrayType.of(atom.value) if isinstance(atom, Literal) else atom.type


class Batch:
    """Graphs that are written as C, compiled together, and run."""

    def __init__(self, folder):
        self.folder = folder
        self.cases = []

    def __len__(self):
        return len(self.cases)

    def add(self, graph, arrays, label=""):
        """Enter a Graph and an array for each input."""
        graph = prune(simplify(broadcast_uniform(graph)))
        arrays = [np.ascontiguousarray(x) for x in arrays]
        name = f"f{len(self.cases)}"
        inputs = [f"x{k}" for k in range(len(graph.inputs))]
        outputs = [f"out{k}" for k in range(len(graph.outputs))]
        numbers = [x if x.ndim else x[()] for x in map(np.asarray, arrays)]
        numbers = [
            x.reshape(var.type.shape)[()]
            for x, var in zip(numbers, graph.inputs, strict=True)
        ]
        source = source_of(graph, numbers, name=name, inputs=inputs, outputs=outputs)
        self.cases.append((source, graph, numbers, label))

    def run_mains(self, *flags):
        """Compile the programs that check the sources as one, and run it."""
        lines, calls = [], []
        for source, *_, label in self.cases:
            source.write(self.folder)
            text = source.main.replace("int main(void)", "static int check(void)")
            for name in set(re.findall(r"static (?:const )?\w+ (\w+)", text)):
                text = re.sub(rf"\b{name}\b", f"{source.name}_{name}", text)
            lines += [f'#include "{source.name}.c"', text]
            said = json.dumps(str(label)[:60])
            calls.append(f"    if ({source.name}_check()) return puts({said}), 1;")
        lines += ["int main(void)", "{", *calls, "    return 0;", "}", ""]
        (self.folder / "mains.c").write_text("\n".join(lines))
        compiled(["-O1", *flags, "mains.c", "-lm", "-o", "mains"], self.folder)
        return subprocess.run(
            [self.folder / "mains"], capture_output=True, text=True, timeout=120
        )

    def run(self, *flags):
        """Compile all; give label, results of C, and results of NumPy, of each."""
        for source, *_ in self.cases:
            source.write(self.folder)
        whole = "".join(f'#include "{source.name}.c"\n' for source, *_ in self.cases)
        (self.folder / "all.c").write_text(whole)
        compiled(
            ["-O1", *flags, "-shared", "-fPIC", "all.c", "-lm", "-o", "all.so"],
            self.folder,
        )
        library = ctypes.CDLL(str(self.folder / "all.so"))
        for source, graph, numbers, label in self.cases:
            with np.errstate(all="ignore"):
                expected = open_engine("numpy").compile(graph)(*numbers)
            yield label, call(library, source, graph, numbers), expected


def call(library, source, graph, numbers):
    """Call one function of a library; the code must be 0."""
    types = [type_of_output(atom) for atom in graph.outputs]
    # Bytes around each output show what is written outside of it.
    outputs = [np.full(t.size * t.dtype.itemsize + 128, 0xA5, np.uint8) for t in types]
    size = int(source.header.split("_WORK ")[1].split()[0])
    work = np.full(size + 64, 0xA5, np.uint8)
    start = -work.ctypes.data % 64
    arrays = [np.ascontiguousarray(x) for x in numbers]
    pointers = [ctypes.c_void_p(x.ctypes.data) for x in arrays]
    pointers += [ctypes.c_void_p(y.ctypes.data + 64) for y in outputs]
    pointers.append(ctypes.c_void_p(work.ctypes.data + start))
    assert getattr(library, source.name)(*pointers) == 0
    for y in outputs:
        assert (y[:64] == 0xA5).all() and (y[-64:] == 0xA5).all()
    return [
        y[64:-64].view(t.dtype).reshape(t.shape)
        for y, t in zip(outputs, types, strict=True)
    ]


def check_close(label, results, expected, rtol=1e-12):
    """Compare norm by norm; integers, bools, infinities and nans exactly."""
    for y, wanted in zip(results, expected, strict=True):
        wanted = np.asarray(wanted)
        assert y.dtype == wanted.dtype and y.shape == wanted.shape, label
        if wanted.dtype.kind != "f":
            np.testing.assert_array_equal(y, wanted, err_msg=str(label))
            continue
        finite = np.isfinite(wanted)
        scale = np.max(np.abs(wanted), initial=0, where=finite)
        tolerance = max(rtol, 64 * np.finfo(wanted.dtype).eps) * scale
        np.testing.assert_array_equal(y[~finite], wanted[~finite], err_msg=str(label))
        difference = np.max(np.abs(y - wanted), initial=0, where=finite)
        assert difference <= tolerance, (label, y, wanted)
