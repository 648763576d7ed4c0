"""Which modules of the package a script depends on, directly or through other modules."""

import ast
from functools import cache
from pathlib import Path


def imported(source: str, modules: set[str]) -> set[str]:
    """Modules of the package (dotted names below `coalitions`) that a source text imports; `modules` are those that exist."""
    return set(_named(source) & modules)


@cache  # every rule asks for nearly the same modules
def _named(source: str) -> frozenset[str]:
    """Whatever a source text imports from the package: modules and names in them."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "coalitions":
            stem = node.module.removeprefix("coalitions").lstrip(".")
            found.add(stem)
            found |= {f"{stem}.{alias.name}".lstrip(".") for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("coalitions").lstrip(".") for alias in node.names if alias.name.split(".")[0] == "coalitions"}
    return frozenset(found)


def reached(source: str, sources: dict[str, str], without: frozenset[str] = frozenset()) -> set[str]:
    """Modules that a source text needs, directly or through other modules, with the packages that hold them.

    Parameters: source text; source texts of the modules of the package by dotted name ("" is the package itself); modules that are left out with what only they need.
    """
    names = set(sources) - without
    todo, seen = imported(source, names), set()
    while todo:
        name = todo.pop()
        seen.add(name)
        parents = {".".join(name.split(".")[:i]) for i in range(name.count(".") + 1)} & names
        todo |= (parents | imported(sources[name], names)) - seen
    return seen


def module_name(path: str) -> str:
    """Dotted name of a module from its path relative to the package; that of a folder for its `__init__.py`."""
    return ".".join(part for part in path.removesuffix(".py").split("/") if part != "__init__")


def closure(script: Path, package: Path) -> list[Path]:
    """Files of the package that a script needs, in alphabetical order; packages' `__init__.py` included.

    A rule declares them as inputs, so that an edit of a function reruns exactly the jobs that can be affected.
    """
    files = {module_name(path.relative_to(package).as_posix()): path for path in sorted(package.rglob("*.py"))}
    sources = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    return sorted(files[name] for name in reached(Path(script).read_text(encoding="utf-8"), sources))
