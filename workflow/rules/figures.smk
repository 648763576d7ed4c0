"""Figures: each from published tables, with the numbers that it shows beside it. One job draws the figures of a stage, as loading the libraries takes longer than a drawing.

Inputs: tables under results/, the style. Outputs: results/figures/<name>.{svg,png,pdf,csv}.
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
            expand(
                f"{RESULTS}/figures/{{figure}}.{{form}}",
                figure=_figures,
                form=["svg", "png", "pdf", "csv"],
            ),
        log:
            f"{RESULTS}/logs/draw_{_stage}_figures.log",
        conda:
            "../../envs/coalitions.yaml"
        params:
            study={key: config[key] for key in ("primary_scope", "cutoff", "results")},
            figures={figure: STUDY.figures[figure] for figure in _figures},
        script:
            "../scripts/draw_figures.py"
