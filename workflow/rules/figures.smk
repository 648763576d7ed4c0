"""Figures: each from published tables, with the numbers that it shows beside it.

Inputs: tables under results/, the style. Outputs: results/figures/<name>.{svg,png,pdf,csv}.
"""


rule draw_figure:
    input:
        tables=lambda wildcards: [
            f"{RESULTS}/{path}" for path in STUDY.figures[wildcards.figure]
        ],
        theatres=f"{RAW}/theatres.csv",
        code=code("draw_figure"),
    output:
        svg=f"{RESULTS}/figures/{{figure}}.svg",
        png=f"{RESULTS}/figures/{{figure}}.png",
        pdf=f"{RESULTS}/figures/{{figure}}.pdf",
        data=f"{RESULTS}/figures/{{figure}}.csv",
    log:
        f"{RESULTS}/logs/draw_figure/{{figure}}.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={key: config[key] for key in ("primary_scope", "cutoff")},
    script:
        "../scripts/draw_figure.py"
