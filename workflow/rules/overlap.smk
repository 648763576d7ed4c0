"""Overlap: concurrent pairs, duplication against chance, the coalitions of Hormuz and the commands of the Red Sea.

Inputs: panels, the register's states and members of organisations. Outputs: results/fragmentation.
"""


rule estimate_overlap:
    input:
        operations=f"{RESULTS}/panels/operations.csv",
        concurrent_pairs=f"{RESULTS}/panels/concurrent_pairs.csv",
        memberships=f"{RESULTS}/panels/memberships.csv",
        states=f"{RAW}/states.csv",
        organisation_members=f"{RAW}/organisation_members.csv",
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        code=code("estimate_overlap"),
    output:
        overlap=f"{RESULTS}/fragmentation/overlap.csv",
        duplication=f"{RESULTS}/fragmentation/duplication.csv",
        gulf_members=f"{RESULTS}/fragmentation/gulf_members.csv",
        hormuz=f"{RESULTS}/fragmentation/hormuz.csv",
        red_sea=f"{RESULTS}/fragmentation/red_sea.csv",
    log:
        f"{RESULTS}/logs/estimate_overlap.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={
            key: config[key]
            for key in (
                "scopes",
                "survival",
                "fragmentation",
                "confidence",
                "cutoff",
                "seed",
            )
        },
        claims={name: STUDY.claims.get(name) for name in ("hormuz", "red-sea")},
    script:
        "../scripts/estimate_overlap.py"
