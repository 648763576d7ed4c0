"""Panels: operations, spells, memberships, years and pairs, each as csv, labelled Stata and Parquet.

Inputs: the verified register. Outputs: results/panels, and the operation-theatre-years with their provider, from which effective numbers are computed.
"""


rule build_panels:
    input:
        **register_tables(),
        verified=f"{RESULTS}/checks/register.json",
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        code=code("build_panels"),
    output:
        **{
            f"{name}_{suffix}": f"{RESULTS}/panels/{name}.{suffix}"
            for name in PANELS
            for suffix in ("csv", "dta", "parquet")
        },
        **{f"second_{name}": second_coding(name) for name in RECODED},
        providers=f"{RESULTS}/panels/theatre_operation_years.csv",
    log:
        f"{RESULTS}/logs/build_panels.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        tables=TABLES,
        study={
            key: config[key] for key in ("scopes", "survival", "first_year", "cutoff")
        },
    script:
        "../scripts/build_panels.py"
