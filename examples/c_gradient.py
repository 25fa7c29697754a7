"""The gradient of Rosenbrock's function as C, in a minimiser written in C.

Run it: it writes the files into a folder (default `out/c`), compiles them if there is a
C compiler, and lets a program in C descend to the minimum, all ones.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from wengert import to_c, value_and_grad

MINIMISER = """\
#include "rosenbrock.h"

#include <stdio.h>
#include <stdlib.h>

enum { N = 6 };

/* Go downhill with momentum, in steps that shrink where the value grows. */
int main(void)
{
    double x[N], v[N] = {0}, y, g[N], last = 1e300, step = 1e-3;
    void *work = malloc(ROSENBROCK_WORK + 1);
    for (int i = 0; i < N; i++) x[i] = i % 2 ? 1.0 : -1.2;
    for (int turn = 0; turn < 100000; turn++) {
        if (rosenbrock(x, &y, g, work)) return 1;
        if (y > last) {
            for (int i = 0; i < N; i++) v[i] = 0;
            step *= 0.9;
        }
        last = y;
        for (int i = 0; i < N; i++) {
            v[i] = 0.95 * v[i] - step * g[i];
            x[i] += v[i];
        }
    }
    for (int i = 0; i < N; i++) printf("%.6f ", x[i]);
    printf("\\n");
    free(work);
    return 0;
}
"""


def rosenbrock(x):
    """Be the banana-shaped valley that every minimiser is tried on."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def main(folder: Path = Path("out/c")) -> str:
    """Write the files, and give what the minimiser prints."""
    source = to_c(value_and_grad(rosenbrock), np.linspace(-1, 1, 6), folder=folder)
    (folder / "minimise.c").write_text(MINIMISER, encoding="utf-8")
    print(f"wrote {folder}: {source.name}.h, {source.name}.c, minimise.c")
    compiler = shutil.which("cc")
    if compiler is None:
        return "no C compiler here"
    files = ["rosenbrock.c", "minimise.c", "-lm", "-o", "minimise"]
    subprocess.run([compiler, "-std=c99", "-O3", *files], cwd=folder, check=True)
    done = subprocess.run(
        [folder.resolve() / "minimise"], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


if __name__ == "__main__":
    print(main(*map(Path, sys.argv[1:])))
