"""Checks: the codebook and data package of the results, and the manifest of every artefact.

Inputs: schemas; every published file. Outputs: results/codebook.{md,html}, results/datapackage.json, results/MANIFEST.sha256.
"""


def artefacts():
    """Every published file, in a fixed order."""
    named = [
        f"{RESULTS}/checks/register.json",
        f"{RESULTS}/checks/gaps.csv",
        f"{RESULTS}/panels/theatre_operation_years.csv",
        f"{RESULTS}/figures/captions.json",
        f"{RESULTS}/codebook.md",
        f"{RESULTS}/codebook.html",
        f"{RESULTS}/datapackage.json",
        *(f"{RESULTS}/report/report.{form}" for form in ("md", "html", "pdf", "docx")),
    ]
    panels = [f"{RESULTS}/panels/{name}.{form}" for name in PANELS for form in ("csv", "dta", "parquet")]
    tables = [f"{RESULTS}/{path}" for path in STUDY.tables if not path.startswith(("panels/", "checks/"))]
    claims = [f"{RESULTS}/claims/{claim}.json" for claim in CLAIMS] + [f"{RESULTS}/claims/multiverse/{claim}.csv" for claim in CLAIMS]
    figures = [f"{RESULTS}/figures/{figure}.{form}" for figure in FIGURES for form in ("svg", "png", "pdf", "csv")]
    notebooks = [f"{RESULTS}/notebooks/{name}.{form}" for name in NOTEBOOKS for form in ("ipynb", "html")]
    return named + panels + tables + claims + figures + notebooks


rule write_codebook:
    input:
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        style=project("workflow/report/style.css"),
        code=code("write_codebook"),
    output:
        md=f"{RESULTS}/codebook.md",
        html=f"{RESULTS}/codebook.html",
        package=f"{RESULTS}/datapackage.json",
    params:
        study={key: config[key] for key in ("scopes", "survival")},
    log:
        f"{RESULTS}/logs/write_codebook.log",
    script:
        "../scripts/write_codebook.py"


rule write_manifest:
    input:
        artefacts=artefacts(),
        code=code("write_manifest"),
    output:
        f"{RESULTS}/MANIFEST.sha256",
    log:
        f"{RESULTS}/logs/write_manifest.log",
    script:
        "../scripts/write_manifest.py"
