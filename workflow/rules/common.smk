"""What the rules share: the validated configuration, names of tables and figures, and the code that a script depends on.

The configuration is checked before any job starts; all its faults are reported at once.
"""

import os
import sys
from calendar import timegm
from math import prod
from pathlib import Path
from time import strptime

import yaml

BASE = Path(workflow.basedir)
sys.path.insert(0, str(BASE / "workflow"))

from coalitions import provenance as _provenance
from coalitions.catalogue import (
    ALWAYS,
    ESTIMAND_MODULES,
    ESTIMANDS,
    QUOTED,
    RECODED,
    REGISTER_TABLES,
)
from coalitions.configuration import checked as _checked
from coalitions.configuration import claim_settings
from coalitions.figures import widths as _widths


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
CURVES = [f"spec_{claim.replace('-', '_')}" for claim in CLAIMS]
CRATE = "ro-crate-metadata.json"
NOTEBOOKS = sorted(path.stem for path in (BASE / "notebooks").glob("*.py"))


wildcard_constraints:
    claim="|".join(CLAIMS),
    figure="|".join(FIGURES),
    curve="|".join(CURVES),
    notebook="|".join(NOTEBOOKS),
    part="[0-9]+",


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
            if name in REGISTER_TABLES
            else f"{RESULTS}/panels/{name}.csv"
        )
        for name in names
    }


def code_of(claim, script):
    """The package modules that a script of a claim depends on: its own, and those of the claim's estimand, which it loads by name."""
    estimand = STUDY.claims[claim]["estimand"]
    home = next(m for m, names in ESTIMAND_MODULES.items() if estimand in names)
    return sorted({*code(script), *needs(f"workflow/coalitions/{home}.py")})


def claim_of(curve):
    """The claim whose specification curve has this name."""
    return CLAIMS[CURVES.index(curve)]


def estimated_by(claim):
    """What estimates of a claim depend on: not its words, nor its smallest effect of interest."""
    return {
        key: STUDY.claims[claim][key] for key in ("estimand", "primary", "dimensions")
    }


def multiverse_of(claim):
    """The same without the values of the primary specification that the dimensions hold anyway: another of them as primary reruns no specification."""
    held = estimated_by(claim)
    return held | {
        "primary": {
            k: v for k, v in held["primary"].items() if k not in held["dimensions"]
        }
    }


def parts_of(claim):
    """Numbers of the jobs that a claim's specifications are split into."""
    specifications = prod(
        len(values) for values in STUDY.claims[claim]["dimensions"].values()
    )
    return range(-(-specifications // config["multiverse"]["specifications_per_job"]))


def second_coding(name):
    """A panel as the second coder would have it."""
    return f"{RESULTS}/reliability/second_coding/{name}.csv"


def second_coding_of(claim):
    """The panels that a claim's estimand reads, as the second coder would have them, by name."""
    return {name: second_coding(name) for name in tables_of(claim) if name in RECODED}


def study_of_machinery(*forms):
    """Files of the study that `make validate` publishes. No rule makes them, and where they are missing the report says that the study was not made."""
    folder = BASE / "results" / "validation"
    return sorted(str(path) for form in forms for path in folder.glob(f"*.{form}"))


def replicates_of(total):
    """Numbers of the first replicate of the study on synthetic registers and of that after the last one, by part, for the jobs of the configuration."""
    jobs = min(config["validation"]["jobs"], total)
    return {
        str(part): (part * total // jobs, (part + 1) * total // jobs)
        for part in range(jobs)
    }


def published_as(figures):
    """Files of figures: every form in which a figure is drawn, and the numbers that all of them show."""
    return [
        f"{RESULTS}/figures/{path}"
        for figure in figures
        for path in (
            *(
                f"{drawn}.{form}"
                for drawn in _widths.forms(figure)
                for form in ("svg", "png", "pdf")
            ),
            f"{figure}.csv",
        )
    ]


def artefacts():
    """Every published file, in a fixed order."""
    named = [
        f"{RESULTS}/checks/register.json",
        f"{RESULTS}/panels/theatre_operation_years.csv",
        *map(second_coding, RECODED),
        f"{RESULTS}/figures/captions.json",
        f"{RESULTS}/codebook.md",
        f"{RESULTS}/codebook.html",
        f"{RESULTS}/datapackage.json",
        f"{RESULTS}/{CRATE}",
        *(f"{RESULTS}/report/report.{form}" for form in ("md", "html", "pdf", "docx")),
        f"{RESULTS}/report/explorer.html",
    ]
    panels = [
        f"{RESULTS}/panels/{name}.{form}"
        for name in PANELS
        for form in ("csv", "dta", "parquet")
    ]
    tables = [
        f"{RESULTS}/{path}" for path in STUDY.tables if not path.startswith("panels/")
    ]
    claims = [
        f"{RESULTS}/claims/{path}"
        for claim in CLAIMS
        for path in (f"{claim}.json", f"multiverse/{claim}.csv")
    ]
    figures = published_as(FIGURES + CURVES)
    notebooks = [
        f"{RESULTS}/notebooks/{name}.{form}"
        for name in NOTEBOOKS
        for form in ("ipynb", "html")
    ]
    return named + panels + tables + claims + figures + notebooks
