"""Claims: estimates in jobs of their own, then one job that judges them all.

For each claim one job estimates the primary specification and what could move it (permutations, draws of dates, the second coding, each record left out), others its
multiverse in parts. A new smallest effect of interest, or new words, reruns the judging alone; another primary specification spares the multiverse.

Inputs: the panels and tables of the register that the claim's estimand reads, config/claims.yaml, config/multiverse.yaml. Outputs: results/claims.
"""

SETTINGS = claim_settings(config)
ESTIMATES = f"{RESULTS}/claims/estimates"


rule estimate_specifications:
    input:
        tables=lambda wildcards: list(tables_of(wildcards.claim).values()),
        code=lambda wildcards: code_of(wildcards.claim, "estimate_specifications"),
    output:
        f"{ESTIMATES}/{{claim}}/{{part}}.csv",
    log:
        f"{RESULTS}/logs/estimate_specifications/{{claim}}-{{part}}.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        claim=lambda wildcards: multiverse_of(wildcards.claim),
        tables=lambda wildcards: list(tables_of(wildcards.claim)),
        parts=lambda wildcards: len(parts_of(wildcards.claim)),
        settings=SETTINGS,
    script:
        "../scripts/estimate_specifications.py"


rule stress_claim:
    input:
        tables=lambda wildcards: list(tables_of(wildcards.claim).values()),
        second=lambda wildcards: list(second_coding_of(wildcards.claim).values()),
        code=lambda wildcards: code_of(wildcards.claim, "stress_claim"),
    output:
        f"{ESTIMATES}/{{claim}}/primary.json",
    log:
        f"{RESULTS}/logs/stress_claim/{{claim}}.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        claim=lambda wildcards: estimated_by(wildcards.claim),
        tables=lambda wildcards: list(tables_of(wildcards.claim)),
        second=lambda wildcards: list(second_coding_of(wildcards.claim)),
        settings=SETTINGS,
    script:
        "../scripts/stress_claim.py"


rule judge_claims:
    input:
        stresses=expand(f"{ESTIMATES}/{{claim}}/primary.json", claim=CLAIMS),
        parts=[f"{ESTIMATES}/{c}/{part}.csv" for c in CLAIMS for part in parts_of(c)],
        tables=sorted({path for c in CLAIMS for path in tables_of(c).values()}),
        theatres=f"{RAW}/theatres.csv",
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        code=sorted({p for c in CLAIMS for p in code_of(c, "judge_claims")}),
    output:
        results=expand(f"{RESULTS}/claims/{{claim}}.json", claim=CLAIMS),
        multiverses=expand(f"{RESULTS}/claims/multiverse/{{claim}}.csv", claim=CLAIMS),
        tables=[f"{RESULTS}/{p}" for p in STUDY.tables if p.startswith("claims/")],
    log:
        f"{RESULTS}/logs/judge_claims.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        claims={claim: STUDY.claims[claim] for claim in CLAIMS},
        read={claim: tables_of(claim) for claim in CLAIMS},
        modules={
            c: [str(Path(p).relative_to(BASE)) for p in code_of(c, "stress_claim")]
            for c in CLAIMS
        },
        settings=SETTINGS,
        study={key: config[key] for key in ("scopes", "survival")},
    script:
        "../scripts/judge_claims.py"
