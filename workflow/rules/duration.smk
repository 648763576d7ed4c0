"""Duration: survival curves, medians, restricted means and log-rank tests by arrangement, under every inclusion rule.

Inputs: the spells panel. Outputs: results/duration.
"""


rule estimate_duration:
    input:
        spells=f"{RESULTS}/panels/spells.csv",
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        code=code("estimate_duration"),
    output:
        km=f"{RESULTS}/duration/km.csv",
        summary=f"{RESULTS}/duration/summary.csv",
        logrank=f"{RESULTS}/duration/logrank.csv",
        subgroup_km=f"{RESULTS}/duration/subgroup_km.csv",
    log:
        f"{RESULTS}/logs/estimate_duration.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={key: config[key] for key in ("scopes", "survival", "confidence", "seed")},
    script:
        "../scripts/estimate_duration.py"
