"""The printed forms of T1 and T2, kept as files.

After a change that is meant: WENGERT_GOLDEN=1 python -m pytest tests/explain
"""

import os
from pathlib import Path

import numpy as np
import pytest

from wengert.explanation import explain

GOLDEN = Path(__file__).parent / "golden"
FORMS = {"txt": "text", "md": "markdown", "tex": "latex", "html": "html"}


def t1(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def t2(x1, x2):
    v1 = x1 / x2
    v2 = np.sin(v1)
    v3 = np.exp(x2)
    v4 = v1 - v3
    v5 = v2 + v4
    return v5 * v4


POINTS = {t1: (2, 5), t2: (1.5, 0.5)}


@pytest.mark.parametrize("f", POINTS)
@pytest.mark.parametrize("ending", FORMS)
def test_printed(f, ending):
    printed = getattr(explain(f)(*POINTS[f]), FORMS[ending])().rstrip("\n") + "\n"
    path = GOLDEN / f"{f.__name__}.{ending}"
    if os.environ.get("WENGERT_GOLDEN"):
        path.write_text(printed, encoding="utf-8")
    assert printed == path.read_text(encoding="utf-8")
