"""Fragmentation and trends: effective numbers of providers and operations; series, trends and UN launches over calendar time.

Inputs: panels. Outputs: results/fragmentation, results/trends.
"""


rule estimate_fragmentation:
    input:
        years=f"{RESULTS}/panels/theatre_operation_years.csv",
        operations=f"{RESULTS}/panels/operations.csv",
        concurrent_pairs=f"{RESULTS}/panels/concurrent_pairs.csv",
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        code=code("estimate_fragmentation"),
    output:
        effective_number=f"{RESULTS}/fragmentation/effective_number.csv",
        effective_number_by_year=f"{RESULTS}/fragmentation/effective_number_by_year.csv",
        effective_number_monthly=f"{RESULTS}/fragmentation/effective_number_monthly.csv",
        decomposition=f"{RESULTS}/fragmentation/decomposition.csv",
        trend=f"{RESULTS}/fragmentation/trend.csv",
        event_study=f"{RESULTS}/fragmentation/event_study.csv",
        simultaneity=f"{RESULTS}/fragmentation/simultaneity.csv",
        gap_filling=f"{RESULTS}/fragmentation/gap_filling.csv",
    log:
        f"{RESULTS}/logs/estimate_fragmentation.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={
            key: config[key] for key in ("scopes", "survival", "confidence", "cutoff")
        },
    script:
        "../scripts/estimate_fragmentation.py"


rule estimate_trends:
    input:
        operations=f"{RESULTS}/panels/operations.csv",
        spells=f"{RESULTS}/panels/spells.csv",
        system_years=f"{RESULTS}/panels/system_years.csv",
        memberships=f"{RESULTS}/panels/memberships.csv",
        vetoes=f"{RAW}/vetoes.csv",
        organisation_members=f"{RAW}/organisation_members.csv",
        states=f"{RAW}/states.csv",
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        code=code("estimate_trends"),
    output:
        mann_kendall=f"{RESULTS}/trends/mann_kendall.csv",
        launch_trend=f"{RESULTS}/trends/launch_trend.csv",
        un_launches=f"{RESULTS}/trends/un_launches.csv",
        launches=f"{RESULTS}/trends/launches.csv",
        launch_rates=f"{RESULTS}/trends/launch_rates.csv",
        breaks=f"{RESULTS}/trends/breaks.csv",
        closing_hazard=f"{RESULTS}/trends/closing_hazard.csv",
        arrivals=f"{RESULTS}/trends/arrivals.csv",
        maritime_starts=f"{RESULTS}/trends/maritime_starts.csv",
        leadership=f"{RESULTS}/trends/leadership.csv",
        european_led=f"{RESULTS}/trends/european_led.csv",
        gridlock=f"{RESULTS}/trends/gridlock.csv",
        vetoes_by_year=f"{RESULTS}/trends/vetoes.csv",
        legal=f"{RESULTS}/trends/legal.csv",
        tasks_per_mandate=f"{RESULTS}/trends/tasks_per_mandate.csv",
    log:
        f"{RESULTS}/logs/estimate_trends.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={
            key: config[key]
            for key in (
                "scopes",
                "survival",
                "confidence",
                "cutoff",
                "first_year",
                "seed",
            )
        },
        halt_since=(
            STUDY.claims["un-halt"]["primary"]["halt_since"]
            if "un-halt" in STUDY.claims
            else 2014
        ),
    script:
        "../scripts/estimate_trends.py"
