"""The example in C finds the minimum."""

import shutil

from examples.c_gradient import main


def test_the_minimiser_in_c_finds_all_ones(tmp_path):
    said = main(tmp_path)
    assert (tmp_path / "rosenbrock.c").is_file()
    if shutil.which("cc") is not None:
        assert said == " ".join(["1.000000"] * 6)
