"""Checks: the codebook and data package of the results, the research object that describes every artefact, and the manifest of them all.

Inputs: schemas; every published file. Outputs: results/codebook.{md,html}, results/datapackage.json, results/ro-crate-metadata.json, results/MANIFEST.sha256.
"""


rule write_codebook:
    input:
        raw=list(register_tables().values()),
        tables=[f"{RESULTS}/{path}" for path in STUDY.tables],
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
        tables=list(STUDY.tables),
    script:
        "../scripts/write_codebook.py"


rule write_crate:
    input:
        artefacts=[path for path in artefacts() if not path.endswith(CRATE)],
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        citation=project("CITATION.cff"),
        captions=f"{RESULTS}/figures/captions.json",
        code=code("write_crate"),
    output:
        f"{RESULTS}/{CRATE}",
    log:
        f"{RESULTS}/logs/write_crate.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={key: config[key] for key in ("scopes", "survival")},
        figures=STUDY.figures,
        claims={name: entry["claim"] for name, entry in STUDY.claims.items()},
    script:
        "../scripts/write_crate.py"


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
