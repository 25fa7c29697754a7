"""What is public is listed, sorted and explained."""

import ast
import importlib
import re
import types
from collections.abc import Iterable

import pytest

from tests.house.files import PACKAGE, files, module_name, opened, relative

SOURCES = files(PACKAGE, (".py",))
PACKAGES = [path for path in SOURCES if path.name == "__init__.py"]
FOLDERS = sorted({path.parent for path in SOURCES})


def wrong_names(module: types.ModuleType) -> list[str]:
    """Say what is wrong with the `__all__` of a package."""
    names = getattr(module, "__all__", None)
    if names is None:
        return [f"{module.__name__} has no __all__"]
    wrong = [f"{name} is listed and missing" for name in names if not has(module, name)]
    # In a namespace that mirrors another library's, plainly sorted.
    if list(names) not in (in_order(names), sorted(set(names))):
        wrong.append(f"__all__ is not sorted, or holds a name twice: {names}")
    unlisted = [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and name not in {*names, "TYPE_CHECKING", "opener"}
        and belongs(value, module)
    ]
    return wrong + [f"{name} is public and not listed" for name in unlisted]


def in_order(names: Iterable[str]) -> list[str]:
    """Sort as Ruff's RUF022 does, which also repairs it: CONSTANTS, Classes, others."""

    def key(name: str) -> tuple[int, list[tuple[bool, int, str]]]:
        kind = 0 if len(name) > 1 and name.isupper() else 1 if name[0].isupper() else 2
        parts = re.findall(r"\d+|\D+", name)  # log2 before log10
        digits = [(not part.isdigit(), part) for part in parts]
        return kind, [(text, 0 if text else int(part), part) for text, part in digits]

    return sorted(set(names), key=key)


def has(module: types.ModuleType, name: str) -> bool:
    if hasattr(module, name):
        return True
    try:  # a package within, which no one has imported yet
        importlib.import_module(f"{module.__name__}.{name}")
    except ModuleNotFoundError:
        return False
    return True


def belongs(value: object, module: types.ModuleType) -> bool:
    """Tell a package's own names from modules and from what other libraries define."""
    if isinstance(value, types.ModuleType):
        return False
    home = getattr(value, "__module__", None) or module.__name__
    return home.split(".")[0] == "wengert"


def wrong_code(source: str) -> list[str]:
    """Say what stands in `wengert/__init__.py` beside imports and `__all__`.

    What is opened on first use is an import too: `__getattr__ = opener(…)`, and for the
    type checker `if TYPE_CHECKING:`.
    """
    imports = (ast.Import, ast.ImportFrom)
    wrong = []
    for number, node in enumerate(ast.parse(source).body):
        docstring = number == 0 and isinstance(node, ast.Expr)
        listed = (
            isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        )
        late = (
            isinstance(node, ast.Assign)
            and ast.unparse(node).startswith("__getattr__ = opener(")
            or isinstance(node, ast.If)
            and ast.unparse(node.test) == "TYPE_CHECKING"
            and all(isinstance(line, imports) for line in node.body)
        )
        if not (docstring or listed or late or isinstance(node, imports)):
            wrong.append(f"line {node.lineno}: {ast.unparse(node)[:60]}")
    return wrong


def undocumented(source: str) -> list[str]:
    """Name what is public in a file and has no docstring.

    Public is what the file's `__all__` lists, or, without one, what starts with no
    underscore; of a public class its methods too, save those that Python's own manual
    or a base class explains.
    """
    tree = ast.parse(source)
    listed = public_names(tree)
    missing = [] if ast.get_docstring(tree) else ["the file itself"]
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if node.name.startswith("_") if listed is None else node.name not in listed:
            continue
        if not ast.get_docstring(node) and not is_exempt(node):
            missing.append(node.name)
        if isinstance(node, ast.ClassDef):
            missing += [
                f"{node.name}.{method.name}"
                for method in node.body
                if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef))
                and not method.name.startswith("_")
                and not ast.get_docstring(method)
                and not is_exempt(method)
            ]
    return missing


def public_names(tree: ast.Module) -> set[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return None


def is_exempt(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
    overridden = decorators & {"override", "overload", "typing.overload"}
    setter = any(name.endswith((".setter", ".deleter")) for name in decorators)
    return bool(overridden) or setter


# ----- the tests -----


@pytest.mark.parametrize("folder", FOLDERS, ids=relative)
def test_every_folder_is_a_package(folder):
    assert (folder / "__init__.py").is_file()


@pytest.mark.parametrize("path", PACKAGES, ids=relative)
def test_public_names_are_listed_sorted_and_importable(path):
    assert wrong_names(opened(module_name(path))) == []


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_modules_list_what_they_have(path):
    module = opened(module_name(path))
    names = getattr(module, "__all__", [])
    assert [name for name in names if not has(module, name)] == []
    assert list(names) in (in_order(names), sorted(set(names)))


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_public_things_have_docstrings(path):
    assert undocumented(path.read_text(encoding="utf-8")) == []


def test_the_front_door_holds_no_code():
    source = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    assert wrong_code(source) == []


# ----- the tester is tested -----


def module_of(source: str) -> types.ModuleType:
    module = types.ModuleType("wengert.made_up")
    exec(source, module.__dict__)
    return module


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f(): pass", "no __all__"),
        ("__all__ = ['f', 'g']\ndef f(): pass", "g is listed and missing"),
        ("__all__ = ['g', 'f']\ndef f(): pass\ndef g(): pass", "not sorted"),
        ("__all__ = ['f', 'f']\ndef f(): pass", "twice"),
        ("__all__ = ['f']\ndef f(): pass\ndef g(): pass", "g is public and not listed"),
    ],
)
def test_a_wrong_list_is_seen(source, message):
    found = wrong_names(module_of(source))
    assert len(found) == 1 and message in found[0], found


def test_a_right_list_passes():
    source = "import json\n__all__ = ['F', 'f']\ndef f(): pass\nclass F: pass\n_g = 1"
    assert wrong_names(module_of(source)) == []
    names = ["LEAF", "PAGES", "Graph", "X", "grad", "log2", "log10", "where"]
    assert in_order(reversed(names)) == names


@pytest.mark.parametrize(
    "source", ["x = 1", "def f(): pass", "for x in y: pass", "import a\n'text'", "f()"]
)
def test_code_at_the_front_door_is_seen(source):
    assert len(wrong_code(f'"""Doc."""\nimport numpy\n{source}\n')) == 1


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = 1", ["the file itself"]),
        ('"""D."""\ndef f(): pass\ndef _g(): pass', ["f"]),
        ('"""D."""\n__all__ = ["f"]\ndef f(): pass\ndef g(): pass', ["f"]),
        (
            '"""D."""\nclass A:\n  def f(self): pass\n  def __len__(self): pass',
            ["A", "A.f"],
        ),
        ('"""D."""\nclass A:\n  "D."\n  @overload\n  def f(self): pass', []),
        ('"""D."""\nclass A:\n  "D."\n  @f.setter\n  def f(self, x): pass', []),
        ('"""D."""\nasync def f(): pass', ["f"]),
    ],
)
def test_a_missing_docstring_is_seen(source, names):
    assert undocumented(source) == names
