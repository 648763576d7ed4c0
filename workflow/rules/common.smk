"""What the rules share: the validated configuration, names of tables and figures, and the code that a script depends on.

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
from coalitions.catalogue import ALWAYS, ESTIMANDS, QUOTED
from coalitions.configuration import checked as _checked


def _read(path):
    return yaml.safe_load((BASE / path).read_text(encoding="utf-8"))


STUDY = _checked(
    config,
    _read("config/claims.yaml"),
    _read("config/multiverse.yaml"),
    {
        name: _read(f"workflow/schemas/{name}.schema.yaml")
        for name in ("config", "claims", "multiverse")
    },
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
PANELS = [
    path.removeprefix("panels/").removesuffix(".csv")
    for path in STUDY.tables
    if path.startswith("panels/")
]
CLAIMS = list(STUDY.claims)
FIGURES = list(STUDY.figures)
NOTEBOOKS = sorted(path.stem for path in (BASE / "notebooks").glob("*.py"))


wildcard_constraints:
    claim="|".join(CLAIMS),
    figure="|".join(FIGURES),
    notebook="|".join(NOTEBOOKS),


def needs(path):
    """The package modules that a file of the project imports, directly or through other modules."""
    return [
        str(module)
        for module in _provenance.closure(BASE / path, BASE / "workflow" / "coalitions")
    ]


def code(script):
    """The package modules that a script depends on, as inputs of its rule."""
    return needs(f"workflow/scripts/{script}.py")


def project(path):
    """A file of the project, wherever snakemake was started."""
    return str(BASE / path)


def register_tables():
    """The tables of the register, by name."""
    return {name: f"{RAW}/{name}.csv" for name in TABLES}


def tables_of(claim):
    """The tables that a claim's estimand reads, by name: of the register, or panels."""
    names = (*ALWAYS, *ESTIMANDS[STUDY.claims[claim]["estimand"]])
    return {
        name: (
            f"{RAW}/{name}.csv"
            if name in TABLES and name not in ALWAYS + ("memberships",)
            else f"{RESULTS}/panels/{name}.csv"
        )
        for name in names
    }


def second_coding(name):
    """A panel as the second coder would have it."""
    return f"{RESULTS}/reliability/second_coding/{name}.csv"


def study_of_machinery(*forms):
    """Files of the study that `make validate` publishes. No rule makes them, and where they are missing the report says that the study was not made."""
    folder = BASE / "results" / "validation"
    return sorted(str(path) for form in forms for path in folder.glob(f"*.{form}"))


def parts_of(total):
    """Numbers of the first replicate of the study on synthetic registers and of that after the last one, by part, for the jobs of the configuration."""
    jobs = min(config["validation"]["jobs"], total)
    return {
        str(part): (part * total // jobs, (part + 1) * total // jobs)
        for part in range(jobs)
    }


def artefacts():
    """Every published file, in a fixed order."""
    named = [
        f"{RESULTS}/checks/register.json",
        f"{RESULTS}/panels/theatre_operation_years.csv",
        *(
            f"{RESULTS}/reliability/second_coding/{name}.csv"
            for name in ("operations", "spells", "system_years")
        ),
        f"{RESULTS}/figures/captions.json",
        f"{RESULTS}/codebook.md",
        f"{RESULTS}/codebook.html",
        f"{RESULTS}/datapackage.json",
        *(f"{RESULTS}/report/report.{form}" for form in ("md", "html", "pdf", "docx")),
    ]
    panels = [
        f"{RESULTS}/panels/{name}.{form}"
        for name in PANELS
        for form in ("csv", "dta", "parquet")
    ]
    tables = [
        f"{RESULTS}/{path}" for path in STUDY.tables if not path.startswith("panels/")
    ]
    claims = [f"{RESULTS}/claims/{claim}.json" for claim in CLAIMS] + [
        f"{RESULTS}/claims/multiverse/{claim}.csv" for claim in CLAIMS
    ]
    figures = [
        f"{RESULTS}/figures/{figure}.{form}"
        for figure in FIGURES
        for form in ("svg", "png", "pdf", "csv")
    ]
    notebooks = [
        f"{RESULTS}/notebooks/{name}.{form}"
        for name in NOTEBOOKS
        for form in ("ipynb", "html")
    ]
    return named + panels + tables + claims + figures + notebooks
