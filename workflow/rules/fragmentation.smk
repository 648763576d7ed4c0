"""Fragmentation and trends: effective numbers of providers and operations; series, trends and UN launches over calendar time.

Inputs: panels. Outputs: results/fragmentation, results/trends.
"""


rule estimate_fragmentation:
    input:
        years=f"{RESULTS}/panels/theatre_operation_years.csv",
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        code=code("estimate_fragmentation"),
    output:
        effective_number=f"{RESULTS}/fragmentation/effective_number.csv",
        effective_number_by_year=f"{RESULTS}/fragmentation/effective_number_by_year.csv",
    log:
        f"{RESULTS}/logs/estimate_fragmentation.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={key: config[key] for key in ("scopes", "survival")},
    script:
        "../scripts/estimate_fragmentation.py"


rule estimate_trends:
    input:
        operations=f"{RESULTS}/panels/operations.csv",
        system_years=f"{RESULTS}/panels/system_years.csv",
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        code=code("estimate_trends"),
    output:
        mann_kendall=f"{RESULTS}/trends/mann_kendall.csv",
        launch_trend=f"{RESULTS}/trends/launch_trend.csv",
        un_launches=f"{RESULTS}/trends/un_launches.csv",
    log:
        f"{RESULTS}/logs/estimate_trends.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={key: config[key] for key in ("scopes", "survival", "confidence")},
        halt_since=(
            STUDY.claims["un-halt"]["primary"]["halt_since"]
            if "un-halt" in STUDY.claims
            else 2014
        ),
    script:
        "../scripts/estimate_trends.py"
