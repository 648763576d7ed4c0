"""What every rule file uses: the validated configuration, names of tables and figures, and the code that a script depends on.

The configuration is checked before any job starts; all its faults are reported at once.
"""

import sys
from pathlib import Path

import yaml

BASE = Path(workflow.basedir)
sys.path.insert(0, str(BASE / "workflow"))

from coalitions import provenance as _provenance
from coalitions.configuration import checked as _checked



def _read(path):
    return yaml.safe_load((BASE / path).read_text(encoding="utf-8"))


STUDY = _checked(
    config,
    _read("config/claims.yaml"),
    _read("config/multiverse.yaml"),
    {name: _read(f"workflow/schemas/{name}.schema.yaml") for name in ("config", "claims", "multiverse")},
    _read("workflow/schemas/panels.yaml"),
)
RAW, RESULTS = config["register"], config["results"]
TABLES = list(_read("workflow/schemas/register.yaml")["tables"])
PANELS = [path.removeprefix("panels/").removesuffix(".csv") for path in STUDY.tables if path.startswith("panels/")]
CLAIMS = list(STUDY.claims)
FIGURES = list(STUDY.figures)
NOTEBOOKS = sorted(path.stem for path in (BASE / "notebooks").glob("*.py"))


wildcard_constraints:
    claim="|".join(CLAIMS),
    figure="|".join(FIGURES),
    notebook="|".join(NOTEBOOKS),





def code(script):
    """The package modules that a script depends on, as inputs of its rule."""
    return [str(path) for path in _provenance.closure(BASE / "workflow" / "scripts" / f"{script}.py", BASE / "workflow" / "coalitions")]


def project(path):
    """A file of the project, wherever snakemake was started."""
    return str(BASE / path)


def register_tables():
    """The tables of the register, by name."""
    return {name: f"{RAW}/{name}.csv" for name in TABLES}
