"""Report: one Markdown source, composed by strict templates from results, converted to HTML, PDF and Word.

Inputs: results, figures, the study of `make validate` if it was published, the words in workflow/report. Outputs: results/report.
"""

REPORTED = [
    "panels/operations.csv",
    "panels/system_years.csv",
    "duration/summary.csv",
    "duration/logrank.csv",
    "fragmentation/effective_number_by_year.csv",
    "trends/mann_kendall.csv",
    "trends/un_launches.csv",
    "claims/verdicts.csv",
    "checks/gaps.csv",
    "checks/reconciliation.csv",
    "reliability/agreement.csv",
    *(f"{part}/{name}.csv" for part, names in QUOTED.items() for name in names),
]


rule compose_report:
    input:
        tables=[f"{RESULTS}/{path}" for path in REPORTED],
        claims=expand(f"{RESULTS}/claims/{{claim}}.json", claim=CLAIMS),
        register=f"{RESULTS}/checks/register.json",
        study=study_of_machinery("csv"),
        template=project("workflow/report/report.md.j2"),
        captions=project("workflow/report/captions.yaml"),
        answers=project("workflow/report/answers.yaml"),
        code=code("compose_report"),
    output:
        text=f"{RESULTS}/report/report.md",
        captions=f"{RESULTS}/figures/captions.json",
    log:
        f"{RESULTS}/logs/compose_report.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        tables=REPORTED,
        config=dict(config),
    script:
        "../scripts/compose_report.py"


rule convert_report:
    input:
        text=f"{RESULTS}/report/report.md",
        figures=expand(
            f"{RESULTS}/figures/{{figure}}.{{form}}",
            figure=FIGURES,
            form=["svg", "png"],
        ),
        study=study_of_machinery("svg", "png"),
        bibliography=project("workflow/report/references.bib"),
        filter=project("workflow/report/number.lua"),
        style=project("workflow/report/style.css"),
        tables=project("workflow/report/tables.html"),
        layout=project("workflow/report/typst.yaml"),
        code=code("convert_report"),
    output:
        html=f"{RESULTS}/report/report.html",
        pdf=f"{RESULTS}/report/report.pdf",
        docx=f"{RESULTS}/report/report.docx",
    log:
        f"{RESULTS}/logs/convert_report.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        cutoff=config["cutoff"],
    script:
        "../scripts/convert_report.py"
