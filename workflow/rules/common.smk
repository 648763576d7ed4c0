"""What every rule file uses: the validated configuration, names of tables and figures, and the code that a script depends on.

The configuration is checked before any job starts; all its faults are reported at once.
"""

import os
import sys
from calendar import timegm
from pathlib import Path
from time import strptime

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
# The same bytes on every run: no clock, no hash seed, no locale, no race between threads.
os.environ |= {
    "SOURCE_DATE_EPOCH": str(timegm(strptime(config["cutoff"], "%Y-%m-%d"))),
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
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
