"""The gallery shows every example, and each example draws what it promises."""

import builtins
import sys

import pytest

from examples import picture
from tests.house.files import ROOT

PAGE = ROOT / "docs" / "gallery.md"


@pytest.mark.parametrize("name", picture.GALLERY)
def test_the_gallery_shows_each_example_and_its_picture(name):
    text = PAGE.read_text(encoding="utf-8")
    assert f"(pictures/{name}.png)" in text and f"(../examples/{name}.py)" in text
    shown = PAGE.parent / "pictures" / f"{name}.png"
    assert 5_000 < shown.stat().st_size < 150_000


def test_without_matplotlib_the_sentence_says_what_to_install(tmp_path, monkeypatch):
    original = builtins.__import__

    def without(name, *args, **kwargs):
        if name.partition(".")[0] == "matplotlib":
            raise ImportError(name=name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SystemExit, match=r"matplotlib is missing.*wengert\[plot\]"):
        with picture.canvas(tmp_path / "x.png", 1):
            raise AssertionError("there is nothing to draw on")


def test_the_command_line_reaches_the_example(monkeypatch, tmp_path):
    said = {}
    arguments = [str(tmp_path), "--quick", "--file", "a.txt"]
    monkeypatch.setattr(sys, "argv", ["example", *arguments])
    picture.command(lambda **options: said.update(options), "doc", file="numbers")
    assert said["folder"] == tmp_path and said["quick"] is True
    assert said["file"].name == "a.txt"


def test_fewer_colours_make_a_smaller_picture(tmp_path):
    pytest.importorskip("matplotlib")
    np = pytest.importorskip("numpy")
    noise = np.random.default_rng(0).random((100, 100, 3))
    for name, colours in (("all", None), ("few", 16)):
        with picture.canvas(tmp_path / f"{name}.png", 1, colours=colours) as (axes,):
            axes.imshow(noise)
    sizes = [(tmp_path / f"{name}.png").stat().st_size for name in ("all", "few")]
    assert sizes[1] < sizes[0] / 2
