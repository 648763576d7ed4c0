"""Assess: how far independent coders agree, and our counts beside those that others published.

Inputs: codings and published counts of the register, panels. Outputs: results/reliability, results/checks/reconciliation.csv.
"""


rule assess_register:
    input:
        verified=f"{RESULTS}/checks/register.json",
        codings=f"{RAW}/codings.csv",
        published_counts=f"{RAW}/published_counts.csv",
        operations=f"{RESULTS}/panels/operations.csv",
        operation_years=f"{RESULTS}/panels/operation_years.csv",
        memberships=f"{RESULTS}/panels/memberships.csv",
        concurrent_pairs=f"{RESULTS}/panels/concurrent_pairs.csv",
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        code=code("assess_register"),
    output:
        agreement=f"{RESULTS}/reliability/agreement.csv",
        disagreements=f"{RESULTS}/reliability/disagreements.csv",
        reconciliation=f"{RESULTS}/checks/reconciliation.csv",
    log:
        f"{RESULTS}/logs/assess_register.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={
            key: config[key]
            for key in (
                "scopes",
                "survival",
                "reliability",
                "confidence",
                "seed",
                "cutoff",
            )
        },
    script:
        "../scripts/assess_register.py"
