"""Run autograd's own tests on wengert, and print how many pass.

    python scripts/compat_autograd.py [VERSION] [--real] [-- PYTEST ARGUMENTS]

The source distribution comes by pip into a temporary folder; nothing of it stays. With
--real, the tests run on autograd itself, which must then be installed. pytest and SciPy
are needed, and xarray for some of the tests, which are skipped without it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFTEST = """
import numpy
import pytest
{install}

@pytest.fixture(autouse=True)
def seed():
    numpy.random.seed(42)
"""
INSTALL = "import wengert.compat.autograd\nwengert.compat.autograd.install()"


def main() -> int:
    """Fetch, run, and return pytest's exit status."""
    ours, _, theirs = (" ".join(sys.argv[1:])).partition("-- ")
    words = ours.split()
    real = "--real" in words
    version = next((word for word in words if word[0].isdigit()), "1.9.1")
    with tempfile.TemporaryDirectory() as folder:
        fetch(version, folder)
        tests = Path(folder) / f"autograd-{version}" / "tests"
        install = "" if real else INSTALL
        (tests / "conftest.py").write_text(CONFTEST.format(install=install))
        # Without the distribution's own settings, which ask for plugins.
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                   "-c", os.devnull, "--rootdir", str(tests), "--tb=line",
                   "-W", "ignore", *theirs.split()]  # fmt: skip
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        return subprocess.call(
            command, cwd=tests, env={**os.environ, "PYTHONPATH": path}
        )


def fetch(version: str, folder: str) -> None:
    """Download and unpack a source distribution."""
    subprocess.check_call(
        [sys.executable, "-m", "pip", "download", f"autograd=={version}", "--quiet",
         "--no-deps", "--no-binary", ":all:", "--dest", folder],
    )  # fmt: skip
    (archive,) = Path(folder).glob("*.tar.gz")
    with tarfile.open(archive) as unpacked:
        unpacked.extractall(folder, filter="data")


if __name__ == "__main__":
    sys.exit(main())
