"""Around a life: how long an operation takes to start, who leaves it early, and what follows it, under every inclusion rule.

Inputs: panels of operations and memberships, the register's states. Outputs: results/duration.
"""


rule estimate_histories:
    input:
        operations=f"{RESULTS}/panels/operations.csv",
        memberships=f"{RESULTS}/panels/memberships.csv",
        states=f"{RAW}/states.csv",
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        code=code("estimate_histories"),
    output:
        starts=f"{RESULTS}/duration/starts.csv",
        start_curves=f"{RESULTS}/duration/start_curves.csv",
        recurrence=f"{RESULTS}/duration/recurrence.csv",
        gap_curves=f"{RESULTS}/duration/gap_curves.csv",
        transitions=f"{RESULTS}/duration/transitions.csv",
        staying=f"{RESULTS}/duration/staying.csv",
        leaving=f"{RESULTS}/duration/leaving.csv",
        turnover=f"{RESULTS}/duration/turnover.csv",
    log:
        f"{RESULTS}/logs/estimate_histories.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={
            key: config[key]
            for key in ("scopes", "survival", "confidence", "cutoff", "seed")
        },
    script:
        "../scripts/estimate_histories.py"
