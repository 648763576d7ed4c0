"""Figures: each from published tables, with the numbers that it shows beside it. One job draws the figures of a stage, as loading the libraries takes longer than a drawing.

Specification curves are drawn one by one, as there is one for each claim. A figure is drawn across two columns of a journal, and for one column if it is legible there
(`figures/widths.py`).

Inputs: tables under results/, the style. Outputs: results/figures/<name>.{svg,png,pdf,csv} and <name>_single.{svg,png,pdf}.
"""

for _stage, _figures in STUDY.stages.items():

    rule:
        name:
            f"draw_{_stage}_figures"
        input:
            tables=sorted(
                {
                    f"{RESULTS}/{path}"
                    for figure in _figures
                    for path in STUDY.figures[figure]
                }
            ),
            theatres=f"{RAW}/theatres.csv",
            states=f"{RAW}/states.csv",
            code=code("draw_figures"),
        output:
            published_as(_figures),
        log:
            f"{RESULTS}/logs/draw_{_stage}_figures.log",
        conda:
            "../../envs/coalitions.yaml"
        params:
            study={key: config[key] for key in ("primary_scope", "cutoff", "results")},
            figures={figure: STUDY.figures[figure] for figure in _figures},
        script:
            "../scripts/draw_figures.py"


rule draw_specification_curve:
    input:
        result=lambda wildcards: f"{RESULTS}/claims/{claim_of(wildcards.curve)}.json",
        multiverse=lambda wildcards: f"{RESULTS}/claims/multiverse/{claim_of(wildcards.curve)}.csv",
        code=code("draw_specification_curve"),
    output:
        svg=f"{RESULTS}/figures/{{curve}}.svg",
        png=f"{RESULTS}/figures/{{curve}}.png",
        pdf=f"{RESULTS}/figures/{{curve}}.pdf",
        data=f"{RESULTS}/figures/{{curve}}.csv",
    log:
        f"{RESULTS}/logs/draw_specification_curve/{{curve}}.log",
    conda:
        "../../envs/coalitions.yaml"
    script:
        "../scripts/draw_specification_curve.py"
