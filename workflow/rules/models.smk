"""Models of duration: Cox, proportional hazards, accelerated failure time, ways of ending, restricted means, shares, discrete time, under every inclusion rule.

Inputs: the spells panel, operation-years, operations by theatre and year, the register's vetoes. Outputs: results/duration.
"""


rule estimate_models:
    input:
        spells=f"{RESULTS}/panels/spells.csv",
        operation_years=f"{RESULTS}/panels/operation_years.csv",
        places=f"{RESULTS}/panels/theatre_operation_years.csv",
        vetoes=f"{RAW}/vetoes.csv",
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        code=code("estimate_models"),
    output:
        cox=f"{RESULTS}/duration/cox.csv",
        ph_test=f"{RESULTS}/duration/ph_test.csv",
        aft=f"{RESULTS}/duration/aft.csv",
        cif=f"{RESULTS}/duration/cif.csv",
        ends=f"{RESULTS}/duration/ends.csv",
        rmst=f"{RESULTS}/duration/rmst.csv",
        within=f"{RESULTS}/duration/within.csv",
        discrete=f"{RESULTS}/duration/discrete.csv",
        diagnostics=f"{RESULTS}/duration/diagnostics.csv",
    log:
        f"{RESULTS}/logs/estimate_models.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={key: config[key] for key in ("scopes", "survival", "confidence", "seed")},
    script:
        "../scripts/estimate_models.py"
