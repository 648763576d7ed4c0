"""Checks: the codebook and data package of the results, and the manifest of every artefact.

Inputs: schemas; every published file. Outputs: results/codebook.{md,html}, results/datapackage.json, results/MANIFEST.sha256.
"""


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
    log:
        f"{RESULTS}/logs/write_codebook.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={key: config[key] for key in ("scopes", "survival")},
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
    conda:
        "../../envs/coalitions.yaml"
    script:
        "../scripts/write_manifest.py"
