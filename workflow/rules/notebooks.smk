"""Notebooks: for reading. Each is executed from its plain-text source and written twice, into notebooks/ (to read on a code host) and into results/.

Inputs: notebooks/<name>.py, the published tables, the settings of the run. Outputs: executed notebooks and their HTML. A notebook is an end, never an input.
"""


rule execute_notebook:
    input:
        source=project("notebooks/{notebook}.py"),
        tables=[f"{RESULTS}/{path}" for path in STUDY.tables],
        raw=list(register_tables().values()),
        settings=[
            project(f"{path}.yaml")
            for path in (
                "config/claims",
                "config/multiverse",
                "workflow/schemas/register",
                "workflow/schemas/panels",
            )
        ],
        styles=[
            project("workflow/report/style.css"),
            project("workflow/report/notebook.css"),
        ],
        code=code("execute_notebook"),
        imports=lambda wildcards: needs(f"notebooks/{wildcards.notebook}.py"),
    output:
        beside=f"{config.get('notebooks', 'notebooks')}/{{notebook}}.ipynb",
        executed=f"{RESULTS}/notebooks/{{notebook}}.ipynb",
        page=f"{RESULTS}/notebooks/{{notebook}}.html",
    log:
        f"{RESULTS}/logs/execute_notebook/{{notebook}}.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        folders=lambda wildcards: {"COALITIONS_RAW": RAW, "COALITIONS_RESULTS": RESULTS},
        study=lambda wildcards: dict(config),
    script:
        "../scripts/execute_notebook.py"
