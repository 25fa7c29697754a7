"""A file imports from its own package and from lower floors: never up, never sideways.

Third-party libraries stand only where the table allows them, and an import stands
inside a function only where an optional or slow library is loaded on first use, so that
`import wengert` costs NumPy and little more.
"""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import pytest

from tests.house.files import PACKAGE, ROOT, files, relative

# ----- the table: packages of one floor, from the lowest -----

# Files in one set are one package: they may import each other.
FLOORS: list[list[set[str]]] = [
    [{"errors", "expression", "garbage", "lazily", "tree"}],
    [{"graph"}, {"numeric"}],
    [{"primitives"}],
    [{"trace"}],
    [{"analysis"}, {"engines"}, {"passes"}, {"transforms"}],
    [{"numpy"}, {"operators"}, {"scipy"}],
    [{"explanation"}, {"implicit"}, {"ode"}, {"optimize"}, {"symbolic"}],
    [{"nn"}],
    [{"__init__", "__main__", "cli", "compat", "imperative"}],
]

# package → packages beside it that it may import, each with its reason.
SIDEWAYS: dict[str, dict[str, str]] = {
    "operators": {"scipy": "a sparse Jacobian of traced values is an Entries"},
    "symbolic": {"explanation": "lines of formulas are named as in a lecture's tables"},
    "optimize": {"implicit": "a pytree as one vector is the Form of both"},
}

# package, or one of its folders → third-party libraries it may import at its top.
LIBRARIES: dict[str, set[str]] = {
    "expression": {"numpy"},
    "tree": {"numpy"},
    "graph": {"numpy"},
    "numeric": {"numpy"},
    "primitives": {"numpy", "scipy"},
    "trace": {"numpy"},
    "analysis": {"numpy", "scipy"},
    "engines": {"numpy"},
    "engines/c": {"numpy"},
    "engines/cupy": {"cupy", "numpy"},
    "engines/dask": {"dask", "numpy"},
    "engines/llvm": {"llvmlite", "numpy", "scipy"},
    "engines/sympy": {"numpy", "sympy"},
    "passes": {"numpy", "scipy"},
    "transforms": {"numpy", "scipy"},
    "explanation": {"numpy"},
    "numpy": {"numpy"},
    "operators": {"numpy"},
    "operators/sparse": {"numpy", "scipy"},
    "scipy": {"numpy", "scipy"},
    "implicit": {"numpy", "scipy"},
    "ode": {"numpy", "scipy"},
    "nn": {"numpy", "scipy"},
    "optimize": {"numpy", "scipy"},
    "symbolic": {"numpy", "sympy"},
    "cli": {"numpy"},
    "compat": {"numpy", "scipy"},
    "imperative": {"numpy"},
}

# The one list of exemptions: package → what it may import inside a function, to load it
# on first use. Names of wengert's own packages stand here too (`wengert.engines`).
LAZY: dict[str, set[str]] = {
    "tree": {"optree"},
    "primitives": {"scipy"},
    "trace": {"scipy"},
    "operators": {"scipy"},
    "engines": {"wengert.engines"},
    "explanation": {"fast_sugiyama", "matplotlib", "rich"},
    "optimize": {"rich"},
    "nn": {"matplotlib"},
    "cli": {"rich"},
    "compat": {"autograd", "pymanopt"},
}

# Packages that may open a module by its name with importlib: engines by theirs, the
# user's file on the command line, the rows of scipy.special when one is met, what
# stands in for NumPy in a second run, its submodules, and what stands in for a module
# of another library when that is imported.
BY_NAME = {"cli", "compat", "engines", "lazily", "numpy", "trace"}

# Modules that `import wengert` must not load.
SLOW = {"fast_sugiyama", "llvmlite", "matplotlib", "optree", "rich", "scipy", "sympy"}

# ----- the check -----


def floor_of(package: str) -> int | None:
    for number, packages in enumerate(FLOORS):
        if any(package in together for together in packages):
            return number
    return None


def package_of(module: str) -> str:
    """Give the package of the table that `wengert.a.b` belongs to."""
    return (module.split(".") + ["__init__"])[1]


def imported(node: ast.AST, path: str) -> Iterator[str]:
    """Give the modules that one statement imports, as absolute names."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if node.level:
            folders = PurePosixPath(path).parts[: -node.level]
            module = ".".join((*folders, module)).rstrip(".")
        if module == "wengert":  # from wengert import graph
            yield from (
                f"wengert.{alias.name}" if floor_of(alias.name) is not None else module
                for alias in node.names
            )
        else:
            yield module
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
        "__import__",
        "import_module",
        "importlib.import_module",
    ):
        yield "importlib.import_module"


def within(tree: ast.Module, holds: Callable[[ast.AST], bool]) -> set[ast.AST]:
    """Collect what stands inside of those nodes for which `holds` is true."""
    return {
        inner
        for node in ast.walk(tree)
        if holds(node)
        for inner in ast.walk(node)
        if inner is not node
    }


def is_function(node: ast.AST) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))


def is_for_types(node: ast.AST) -> bool:
    """Tell `if TYPE_CHECKING:`, below which nothing is imported when a program runs."""
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def violations(path: str, source: str) -> list[str]:
    """Say what is wrong with the imports of one file of wengert.

    Parameters
    ----------
    path : str
        From the root: `wengert/graph/build.py`.
    source : str
        What stands in the file.
    """
    package = PurePosixPath(path).with_suffix("").parts[1]
    if floor_of(package) is None:
        return [f"{path}: package {package!r} has no floor; give it one in the table"]
    tree = ast.parse(source)
    late, for_types = within(tree, is_function), within(tree, is_for_types)
    return [
        f"{path}:{getattr(node, 'lineno', 0)}: {problem}"
        for node in ast.walk(tree)
        for module in imported(node, path)
        for problem in problems(path, module, node in late, node in for_types)
    ]


def problems(path: str, module: str, late: bool, for_types: bool) -> Iterator[str]:
    """Say what is wrong with one import; `late` ones stand inside a function."""
    parts = PurePosixPath(path).with_suffix("").parts
    package, folder = parts[1], "/".join(parts[1:3])
    library, lazy = module.split(".")[0], LAZY.get(package, set())
    libraries = LIBRARIES.get(folder, LIBRARIES.get(package, set()))
    if module == "importlib.import_module":
        if package not in BY_NAME:
            yield f"{package} opens a module by its name"
        return
    if library == "wengert":
        other = package_of(module)
        if problem := direction(package, other):
            yield problem
        allowed_late = f"wengert.{other}" in lazy
    else:
        allowed_late = library in lazy
        known = library in sys.stdlib_module_names or library in libraries
        if not (known or ((late or for_types) and allowed_late)):
            yield f"{library} is not for {folder}"
            return
    if late and not allowed_late:
        yield f"{module} is imported inside a function"


def direction(package: str, other: str) -> str | None:
    """Say what is wrong with an import of one package from another, if anything."""
    floor, other_floor = floor_of(package), floor_of(other)
    assert floor is not None
    if other_floor is None:
        return f"package {other!r} has no floor; give it one in the table"
    if other_floor > floor:
        return f"{package} (floor {floor}) imports upward from {other} ({other_floor})"
    together = any({package, other} <= packages for packages in FLOORS[floor])
    if other_floor == floor and not together and other not in SIDEWAYS.get(package, {}):
        return f"{package} imports sideways from {other}, both on floor {floor}"
    return None


# ----- the tests -----

SOURCES = files(PACKAGE, (".py",))


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_imports_go_down(path):
    assert violations(relative(path), path.read_text(encoding="utf-8")) == []


def test_import_of_wengert_loads_numpy_alone():
    script = (
        "import sys, wengert; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not SLOW & set(done.stdout.split())


# ----- the tester is tested -----

WRONG = [
    ("graph/build.py", "from wengert.trace.tracer import Tracer", "upward"),
    ("graph/build.py", "import wengert.operators", "upward"),
    ("graph/build.py", "from wengert import trace", "upward"),
    ("graph/build.py", "from wengert import grad", "upward"),
    ("graph/build.py", "from ..primitives import forms", "upward"),
    ("graph/__init__.py", "from ..primitives import forms", "upward"),
    ("engines/llvm/emit.py", "from ...operators import compile", "upward"),
    ("errors.py", "from .graph import types", "upward"),
    ("graph/build.py", "from wengert.numeric import check", "sideways"),
    ("numeric/check.py", "from wengert.graph import types", "sideways"),
    ("passes/prune.py", "from wengert.transforms import forward", "sideways"),
    ("operators/gradient.py", "from ..numpy import linalg", "sideways"),
    ("graph/build.py", "import scipy", "scipy is not for graph"),
    ("errors.py", "import numpy as np", "numpy is not for errors"),
    ("numeric/check.py", "from scipy.special import erf", "scipy is not for"),
    ("engines/numpy/plan.py", "import llvmlite", "llvmlite is not for engines/numpy"),
    ("explanation/draw.py", "import rich", "rich is not for explanation"),
    ("tree.py", "import optree", "optree is not for tree"),
    ("graph/build.py", "import left_pad", "left_pad is not for"),
    ("graph/build.py", "def f():\n    import json", "json is imported inside"),
    ("graph/build.py", "f = lambda: __import__('json')", "by its name"),
    ("graph/build.py", "import importlib\nimportlib.import_module(n)", "by its name"),
    ("primitives/forms.py", "def f():\n    import rich", "rich is not for primitives"),
    ("trace/tracer.py", "def f():\n    from wengert import graph", "inside a function"),
    ("trace/tracer.py", "class A:\n  def f(self):\n    import re", "re is imported"),
    ("graph/build.py", "try:\n    import scipy\nexcept E:\n    pass", "scipy is not"),
    ("graph/a.py", "if TYPE_CHECKING:\n    import rich", "rich is not for"),
    ("graph/a.py", "if TYPE_CHECKING:\n    from wengert.trace import T", "upward"),
    ("misc/helpers.py", "import numpy", "'misc' has no floor"),
    ("graph/build.py", "from wengert.misc import helpers", "'misc' has no floor"),
]


@pytest.mark.parametrize(("path", "source", "message"), WRONG)
def test_a_wrong_import_is_seen(path, source, message):
    found = violations(f"wengert/{path}", source)
    assert len(found) == 1 and message in found[0], found


RIGHT = [
    ("graph/build.py", "import json\nimport numpy as np\nfrom wengert import errors"),
    ("graph/build.py", "from .types import ArrayType\nfrom ..errors import GraphError"),
    ("graph/build.py", "from wengert.graph.types import ArrayType"),
    ("expression/point.py", "from wengert.errors import ExpressionError"),
    ("engines/llvm/emit.py", "import llvmlite\nfrom ..numpy import interpret"),
    ("engines/__init__.py", "import importlib\nimportlib.import_module(name)"),
    ("tree.py", "def flatten(x):\n    import optree"),
    ("tree.py", "if TYPE_CHECKING:\n    import optree"),
    ("numpy/__init__.py", "import numpy\nfrom wengert.trace import tracer"),
    ("__init__.py", "from wengert.operators import grad\nfrom wengert import numpy"),
    ("cli.py", "from wengert.imperative import tensor\ndef main():\n    import rich"),
]


@pytest.mark.parametrize(("path", "source"), RIGHT)
def test_a_right_import_passes(path, source):
    assert violations(f"wengert/{path}", source) == []
