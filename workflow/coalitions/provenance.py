"""Which modules of the package a script depends on, directly or through other modules."""

import ast
from pathlib import Path


def imported(source: str, modules: set[str]) -> set[str]:
    """Modules of the package (dotted names below `coalitions`) that a source text imports; `modules` are those that exist."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "coalitions":
            stem = node.module.removeprefix("coalitions").lstrip(".")
            found.add(stem)
            found |= {f"{stem}.{alias.name}".lstrip(".") for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("coalitions").lstrip(".") for alias in node.names if alias.name.split(".")[0] == "coalitions"}
    return found & modules


def closure(script: Path, package: Path) -> list[Path]:
    """Files of the package that a script needs, in alphabetical order; packages' `__init__.py` included.

    A rule declares them as inputs, so that an edit of a function reruns exactly the jobs that can be affected.
    """
    files = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        files[".".join(part for part in parts if part != "__init__")] = path
    names = set(files)
    todo, seen = imported(Path(script).read_text(encoding="utf-8"), names), set()
    while todo:
        name = todo.pop()
        seen.add(name)
        parents = {".".join(name.split(".")[:i]) for i in range(name.count(".") + 1)} & names
        todo |= (parents | imported(files[name].read_text(encoding="utf-8"), names)) - seen
    return sorted(files[name] for name in seen)
