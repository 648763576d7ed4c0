"""Report: one Markdown source, composed by strict templates from results, converted to HTML, PDF and Word; beside it the explorer of the register.

Inputs: results, figures, the study of `make validate` if it was published, the words in workflow/report, the tables of the register. Outputs: results/report.
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
    "reliability/disagreements.csv",
    "claims/choices.csv",
    "fragmentation/network_years.csv",
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
        afterwards=project("workflow/report/afterwards.yaml"),
        formulas=project("workflow/report/formulas.yaml"),
        citation=project("CITATION.cff"),
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
        untestable=STUDY.untestable,
        dimensions={
            name: one["description"]
            for name, one in _read("config/multiverse.yaml")["dimensions"].items()
        },
    script:
        "../scripts/compose_report.py"


rule convert_report:
    input:
        text=f"{RESULTS}/report/report.md",
        figures=expand(
            f"{RESULTS}/figures/{{figure}}.{{form}}",
            figure=FIGURES + CURVES,
            form=["svg", "png"],
        ),
        study=study_of_machinery("svg", "png"),
        bibliography=project("workflow/report/references.bib"),
        filter=project("workflow/report/number.lua"),
        style=project("workflow/report/style.css"),
        page=project("workflow/report/page.html"),
        behaviour=project("workflow/report/report.js"),
        layout=project("workflow/report/typst.yaml"),
        word=project("workflow/report/word.yaml"),
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


rule explore_register:
    input:
        **register_tables(),
        panel=f"{RESULTS}/panels/operations.csv",
        schema=project("workflow/schemas/register.yaml"),
        page=project("workflow/report/explorer.html"),
        style=project("workflow/report/style.css"),
        look=project("workflow/report/explorer.css"),
        behaviour=project("workflow/report/explorer.js"),
        code=code("explore_register"),
    output:
        f"{RESULTS}/report/explorer.html",
    log:
        f"{RESULTS}/logs/explore_register.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        tables=TABLES,
        study={key: config[key] for key in ("scopes", "cutoff")},
    script:
        "../scripts/explore_register.py"
