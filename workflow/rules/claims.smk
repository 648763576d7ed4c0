"""Claims: one job per claim estimates its primary specification and its multiverse; the verdicts are gathered in one table.

Inputs: the panels and tables of the register that the claim's estimand reads, config/claims.yaml, config/multiverse.yaml. Outputs: results/claims.
"""


rule test_claim:
    input:
        first=lambda wildcards: list(tables_of(wildcards.claim).values()),
        second=[second_coding(name) for name in ALWAYS],
        code=code("test_claim"),
    output:
        result=f"{RESULTS}/claims/{{claim}}.json",
        multiverse=f"{RESULTS}/claims/multiverse/{{claim}}.csv",
    log:
        f"{RESULTS}/logs/test_claim/{{claim}}.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        claim=lambda wildcards: STUDY.claims[wildcards.claim],
        tables=lambda wildcards: list(tables_of(wildcards.claim)),
        settings={
            "cutoff": config["cutoff"],
            "confidence": config["confidence"],
            "seed": config["seed"],
            "within_years": config["survival"]["within_years"],
            "permutations": config["survival"]["permutations"],
            "scopes": config["scopes"],
            "date_draws": config["robustness"]["date_draws"],
        },
    script:
        "../scripts/test_claim.py"


rule gather_verdicts:
    input:
        results=expand(f"{RESULTS}/claims/{{claim}}.json", claim=CLAIMS),
        multiverses=expand(f"{RESULTS}/claims/multiverse/{{claim}}.csv", claim=CLAIMS),
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        code=code("gather_verdicts"),
    output:
        verdicts=f"{RESULTS}/claims/verdicts.csv",
        multiverse=f"{RESULTS}/claims/multiverse.csv",
    log:
        f"{RESULTS}/logs/gather_verdicts.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={key: config[key] for key in ("scopes", "survival")},
    script:
        "../scripts/gather_verdicts.py"
