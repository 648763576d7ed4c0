"""Verify: the register is read strictly; every fault is reported at once, and nothing downstream starts before it is clean.

Inputs: the tables of the register, their schema. Outputs: rows and checksums by table, and the report of gaps.
"""


rule verify_register:
    input:
        **register_tables(),
        schema=project("workflow/schemas/register.yaml"),
        code=code("verify_register"),
    output:
        report=f"{RESULTS}/checks/register.json",
        gaps=f"{RESULTS}/checks/gaps.csv",
    log:
        f"{RESULTS}/logs/verify_register.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        tables=TABLES,
        cutoff=config["cutoff"],
    script:
        "../scripts/verify_register.py"
