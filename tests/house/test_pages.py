"""Generated pages are true."""

import importlib.util

from tests.house.files import ROOT


def script(name):
    path = ROOT / "scripts" / "pages" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"{name}_page", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def coverage():
    return script("coverage")


def test_the_coverage_page_is_true():
    page = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert coverage().is_true(page), "run `make docs-pages`"


def test_a_stale_page_is_seen():
    page = coverage().page()
    assert not coverage().is_true(page.replace("| `sin` |", "| `sine` |"))
    assert not coverage().is_true(page.replace("partials", "own"))


def test_the_conventions_page_is_true():
    page = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")
    assert script("conventions").is_true(page), "run `make docs-pages`"


def test_a_stale_page_of_conventions_is_seen():
    conventions = script("conventions")
    assert not conventions.is_true(conventions.page().replace("| 0.5, 0.5 |", "| 1 |"))


def test_the_page_of_native_code_is_true():
    page = (ROOT / "docs" / "native.md").read_text(encoding="utf-8")
    assert script("native").is_true(page), "run `make docs-pages`"


def test_a_stale_page_of_native_code_is_seen():
    native = script("native")
    page = native.page()
    assert not native.is_true(page.replace("| `sin` | itself |", "| `sin` | NumPy |"))
    assert "| `sin` | itself | yes |  |" in page and "| `gamma` | itself | no |" in page
    assert native.standing(native.PRIMITIVES["sin"]).word == native.ITSELF
    assert native.standing(native.PRIMITIVES["norm2"]).word == native.WRITTEN
    assert native.standing(native.PRIMITIVES["sort"]).word == native.NUMPY


def test_the_page_of_matrix_calculus_is_true():
    page = (ROOT / "docs" / "matrix_calculus.md").read_text(encoding="utf-8")
    assert script("matrix_calculus").is_true(page), "run `make docs-pages`"


def test_a_stale_page_of_matrix_calculus_is_seen():
    page = (ROOT / "docs" / "matrix_calculus.md").read_text(encoding="utf-8")
    assert "| log det X | gradient by X | X⁻ᵀ |" in page
    assert not script("matrix_calculus").is_true(page.replace("X⁻ᵀ |", "X⁻¹ |"))
