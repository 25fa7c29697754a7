"""Generated pages are true."""

import importlib.util

from tests.house.files import ROOT


def coverage():
    path = ROOT / "scripts" / "pages" / "coverage.py"
    spec = importlib.util.spec_from_file_location("coverage_page", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_coverage_page_is_true():
    page = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert coverage().is_true(page), "run `make docs-pages`"


def test_a_stale_page_is_seen():
    page = coverage().page()
    assert not coverage().is_true(page.replace("| `sin` |", "| `sine` |"))
    assert not coverage().is_true(page.replace("partials", "own"))
