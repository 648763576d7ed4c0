"""Which modules a script depends on."""

import ast
from pathlib import Path

import pytest

from coalitions.provenance import closure, imported

WORKFLOW = Path(__file__).resolve().parents[2] / "workflow"
MODULES = {"", "io", "dates", "panels", "figures", "figures.style"}


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("from coalitions import io", {"", "io"}),
        ("from coalitions import io as files, dates", {"", "io", "dates"}),
        ("import coalitions", {""}),
        ("import coalitions.dates as d", {"dates"}),
        ("from coalitions.dates import bounds", {"dates"}),
        ("from coalitions.figures import style", {"figures", "figures.style"}),
        ("from coalitions.figures.style import NAMES", {"figures.style"}),
        ("def f():\n    from coalitions import io", {"", "io"}),
        ("import pandas, coalitionsx\nfrom coalitionsx import io", set()),
        ("'from coalitions import io'", set()),
        ("from coalitions import nothing", {""}),
    ],
)
def test_imports_of_the_package_are_found_in_every_form(source, modules):
    assert imported(source, MODULES) == modules


@pytest.fixture
def package(tmp_path):
    """A package in which a imports b, b imports c from a folder, and c imports a again; d stands alone."""
    root = tmp_path / "coalitions"
    (root / "sub").mkdir(parents=True)
    texts = {"__init__": "", "a": "from coalitions import b", "b": "from coalitions.sub.c import f", "sub/__init__": "", "sub/c": "import coalitions.a", "d": ""}
    for name, text in texts.items():
        (root / f"{name}.py").write_text(text)
    return root


def needs(package, source):
    script = package.parent / "script.py"
    script.write_text(source)
    return [path.relative_to(package).as_posix() for path in closure(script, package)]


def test_the_closure_goes_through_modules_and_stops_in_a_circle(package):
    assert needs(package, "from coalitions import a") == ["__init__.py", "a.py", "b.py", "sub/__init__.py", "sub/c.py"]


def test_a_module_that_is_not_needed_is_no_input(package):
    assert needs(package, "from coalitions.d import x") == ["__init__.py", "d.py"]


def test_a_script_without_the_package_needs_nothing_of_it(package):
    assert needs(package, "import pandas") == []


@pytest.mark.parametrize("script", sorted(path.stem for path in (WORKFLOW / "scripts").glob("[a-z]*.py")))
def test_every_module_that_a_script_of_the_project_loads_is_in_its_closure(script):
    found = {path.relative_to(WORKFLOW / "coalitions").as_posix() for path in closure(WORKFLOW / "scripts" / f"{script}.py", WORKFLOW / "coalitions")}
    named = imported((WORKFLOW / "scripts" / f"{script}.py").read_text(encoding="utf-8"), {Path(p).stem for p in found})
    assert all(f"{name}.py" in found for name in named if name)


def test_no_module_imports_relatively_which_the_closure_would_not_see():
    relative = [
        path.name
        for path in (WORKFLOW / "coalitions").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []
