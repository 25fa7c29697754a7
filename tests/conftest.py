"""What all tests share: passes check every Graph that they make, and compiled code
is kept in a cache that is not the user's."""

import os

import pytest

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
