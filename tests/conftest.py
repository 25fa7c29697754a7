"""What all tests share: passes check every Graph that they make, and compiled code
is kept in a cache that is not the user's."""

import os

import pytest

from tests.counts import show
from wengert.graph.check import Checking

Checking.on = True


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Keep compiled code in a folder of this run, child processes included."""
    before = os.environ.get("WENGERT_CACHE_DIR")
    os.environ["WENGERT_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["WENGERT_CACHE_DIR"]
    else:
        os.environ["WENGERT_CACHE_DIR"] = before


def pytest_terminal_summary(terminalreporter):
    # Here, since the process that prints loads no other file of this name where the
    # tests run in processes of their own.
    show(terminalreporter)
