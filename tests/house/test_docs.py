"""Examples run, links lead somewhere, and no file names a folder of one machine."""

import doctest
import re
from pathlib import Path

import pytest

from tests.house.files import PACKAGE, ROOT, files, module_name, opened, relative

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS

SOURCES = files(PACKAGE, (".py",))
PAGES = files(suffixes=(".md",))
# Pages on parts that need a library which only an extra installs.
NEEDS = {"symbolic.md": "sympy"}
# A machine's own folders; in two halves, so that this file passes its own test.
FOLDERS = re.compile(r"(?<![\w.*-])/" + r"(?:work|root|tmp/peers|home/\w+)/")

# ----- the checks -----


def failures(examples: list[doctest.DocTest]) -> str:
    """Run examples and give what the failing ones print."""
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    for example in examples:
        runner.run(example, out=said.append)
    return "".join(said)


def page_examples(text: str, name: str) -> list[doctest.DocTest]:
    """Collect the `>>>` examples of a Markdown page, which share their names."""
    # The fence after an example would count as its output; a blank line ends it.
    text = re.sub(r"^\s*```.*$", "", text, flags=re.MULTILINE)
    return [doctest.DocTestParser().get_doctest(text, {}, name, name, 0)]


def broken_links(text: str, folder: Path) -> list[str]:
    """Name the relative links of a Markdown page that lead nowhere."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    targets = re.findall(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)", text)
    targets += re.findall(r"^\[[^\]]+\]:\s*(\S+)", text, flags=re.MULTILINE)
    return [
        target
        for target in targets
        if not re.match(r"[a-z][a-z+.-]*:|#", target)
        and not (folder / target.split("#")[0]).exists()
    ]


def long_entries(text: str) -> list[str]:
    """Name the entries of a glossary that take more than three lines."""
    entries = re.findall(r"^\* .*\n(?:  .*\n)*", text, flags=re.MULTILINE)
    return [entry.splitlines()[0] for entry in entries if entry.count("\n") > 3]


def machine_paths(text: str) -> list[str]:
    """Give the lines that hold an absolute path of one machine."""
    return [line.strip() for line in text.splitlines() if FOLDERS.search(line)]


# ----- the tests -----


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_examples_in_docstrings_run(path):
    module = opened(module_name(path))
    finder = doctest.DocTestFinder(exclude_empty=True)
    assert failures(finder.find(module, module.__name__)) == ""


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_examples_in_pages_run(path):
    if library := NEEDS.get(path.name):
        pytest.importorskip(library)
    text = path.read_text(encoding="utf-8")
    assert failures(page_examples(text, relative(path))) == ""


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_links_lead_somewhere(path):
    assert broken_links(path.read_text(encoding="utf-8"), path.parent) == []


def test_no_file_names_a_folder_of_one_machine():
    found = {}
    for path in files():
        try:
            lines = machine_paths(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue  # a picture
        if lines:
            found[relative(path)] = lines
    assert found == {}


def test_readme_shows_an_example_that_runs():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(page_examples(text, "README.md")[0].examples) >= 3


def test_glossary_defines_each_term_in_three_lines():
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert long_entries(text) == []


# ----- the tester is tested -----


def test_a_wrong_example_is_seen():
    def wrong():
        """Add.

        >>> 1 + 1
        3
        """

    found = failures(doctest.DocTestFinder().find(wrong, "wrong", globs={}))
    assert "Expected:\n    3\nGot:\n    2" in found


def test_a_wrong_example_on_a_page_is_seen():
    page = "Text\n\n```python\n>>> x = 2\n>>> x + 1\n{}\n```\n\n```\n>>> x\n2\n```\n"
    assert failures(page_examples(page.format(3), "page")) == ""
    assert "Expected:\n    4" in failures(page_examples(page.format(4), "page"))


def test_a_broken_link_is_seen(tmp_path):
    (tmp_path / "there.md").write_text("")
    page = (
        "[a](there.md) [b](there.md#part) [c](gone.md) ![d](gone.svg 'title')\n"
        "[e](#part) "
        "[f](https://example.org/gone.md) `[g](code.md)` [h][i]\n[i]: gone/i.md\n"
    )
    assert broken_links(page, tmp_path) == ["gone.md", "gone.svg", "gone/i.md"]


def test_a_machine_path_is_seen():
    slash = "/"
    wrong = [f"cd {slash}work/main", f"'{slash}root/x'", f"({slash}home/me/x)"]
    right = [
        f"network{slash}root/x",
        f"https://example.org{slash}work/x",
        f"a{slash}work/b",
        f"*{slash}root/*",
    ]
    assert machine_paths("\n".join(wrong + right)) == wrong


def test_a_long_entry_is_seen():
    assert long_entries("* **a**: 1\n  2\n  3\n* **b**: 1\n") == []
    assert long_entries("# T\n\n* **a**: 1\n  2\n  3\n  4\n") == ["* **a**: 1"]
