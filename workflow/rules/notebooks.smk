"""Notebooks: for reading. Each is executed from its plain-text source and written twice, into notebooks/ (to read on a code host) and into results/.

Inputs: notebooks/<name>.py, the published tables. Outputs: executed notebooks and their HTML. A notebook is an end, never an input.
"""


rule execute_notebook:
    input:
        source=project("notebooks/{notebook}.py"),
        tables=[f"{RESULTS}/{path}" for path in STUDY.tables],
        raw=list(register_tables().values()),
        style=project("workflow/report/style.css"),
        code=code("execute_notebook"),
        package=sorted(str(path) for path in (BASE / "workflow" / "coalitions").rglob("*.py")),
    output:
        beside=f"{config.get('notebooks', 'notebooks')}/{{notebook}}.ipynb",
        executed=f"{RESULTS}/notebooks/{{notebook}}.ipynb",
        page=f"{RESULTS}/notebooks/{{notebook}}.html",
    params:
        raw=RAW,
        results=RESULTS,
    log:
        f"{RESULTS}/logs/execute_notebook/{{notebook}}.log",
    script:
        "../scripts/execute_notebook.py"
