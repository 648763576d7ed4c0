import _bootstrap  # noqa: F401
import os
from pathlib import Path

import jupytext
import nbformat
import pypandoc
from nbclient import NotebookClient

from coalitions import io, notebook

root = Path.cwd()
os.environ |= {"COALITIONS_RAW": str(root / snakemake.params.raw), "COALITIONS_RESULTS": str(root / snakemake.params.results)}
book = notebook.numbered(jupytext.read(snakemake.input.source))
client = NotebookClient(book, timeout=300, kernel_name="python3", record_timing=False, coalesce_streams=True, resources={"metadata": {"path": str(Path(snakemake.input.source).parent)}})
text = nbformat.writes(notebook.scrubbed(client.execute())) + "\n"
for path in (snakemake.output.beside, snakemake.output.executed):
    io.write_text(text, path)
page = pypandoc.convert_text(text, "html5", "ipynb", extra_args=["--standalone", "--embed-resources", f"--css={snakemake.input.style}", f"--metadata=pagetitle:{snakemake.wildcards.notebook}"])
io.write_text(page, snakemake.output.page)
