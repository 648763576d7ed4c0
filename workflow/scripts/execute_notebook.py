import _bootstrap  # noqa: F401
import json
import os
from pathlib import Path

import jupytext
import nbformat
import pypandoc
from nbclient import NotebookClient

from coalitions import io, notebook

os.environ |= {name: str(Path.cwd() / folder) for name, folder in snakemake.params.folders.items()}
os.environ["COALITIONS_CONFIG"] = json.dumps(snakemake.params.study)
book = notebook.numbered(jupytext.read(snakemake.input.source))
where = {"metadata": {"path": str(Path(snakemake.input.source).parent)}}
client = NotebookClient(book, timeout=300, kernel_name="python3", record_timing=False, coalesce_streams=True, resources=where)
text = nbformat.writes(notebook.scrubbed(client.execute())) + "\n"
for path in (snakemake.output.beside, snakemake.output.executed):
    io.write_text(text, path)
look = ["--standalone", "--embed-resources", *(f"--css={path}" for path in snakemake.input.styles), f"--metadata=pagetitle:{notebook.title(book)}", "--metadata=lang:en"]
page = pypandoc.convert_text(text, "html5", "ipynb", extra_args=look)
io.write_text(page, snakemake.output.page)
