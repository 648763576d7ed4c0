"""Validation: does the machinery of the claims find the truth in synthetic registers in which every claim or none is true? `make validate` runs it; nothing of `make` depends on it.

Inputs: the configuration alone. Outputs: the folder validation, from which workflow/validate.py publishes the study to results/validation.
"""

STUDIED = dict(config["validation"])
SYNTHETIC = {
    "claims": {
        name: {key: claim[key] for key in ("estimand", "primary", "sesoi")}
        for name, claim in STUDY.claims.items()
    },
    "scopes": config["scopes"],
    **{key: config[key] for key in ("cutoff", "first_year", "confidence", "seed")},
    **{
        key: STUDIED[key]
        for key in ("replicates", "effect", "permutations", "truth_registers")
    },
}


REPLICATE_PARTS = replicates_of(STUDIED["replicates"])
TRUTH_PARTS = replicates_of(STUDIED["truth_registers"])


wildcard_constraints:
    world="all-true|none-true",
    part=r"\d+",


rule draw_replicates:
    input:
        code=code("draw_replicates"),
    output:
        "validation/replicates/{world}/{part}.csv",
    log:
        "validation/logs/draw_replicates/{world}/{part}.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study=SYNTHETIC,
        numbers=lambda wildcards: REPLICATE_PARTS[wildcards.part],
    script:
        "../scripts/draw_replicates.py"


rule draw_truths:
    input:
        code=code("draw_truths"),
    output:
        "validation/truths/{part}.csv",
    log:
        "validation/logs/draw_truths/{part}.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study=SYNTHETIC,
        numbers=lambda wildcards: TRUTH_PARTS[wildcards.part],
    script:
        "../scripts/draw_truths.py"


rule gather_validation:
    input:
        replicates=expand(
            "validation/replicates/{world}/{part}.csv",
            world=["all-true", "none-true"],
            part=REPLICATE_PARTS,
        ),
        truths=expand("validation/truths/{part}.csv", part=TRUTH_PARTS),
        schema=project("workflow/schemas/validation.yaml"),
        code=code("gather_validation"),
    output:
        coverage="validation/study/coverage.csv",
        verdicts="validation/study/verdicts.csv",
        errors="validation/study/errors.csv",
        svg="validation/study/coverage.svg",
        png="validation/study/coverage.png",
        pdf="validation/study/coverage.pdf",
    log:
        "validation/logs/gather_validation.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study=SYNTHETIC,
    script:
        "../scripts/gather_validation.py"
