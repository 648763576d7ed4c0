import _bootstrap  # noqa: F401
from pathlib import Path

import pypandoc

from coalitions import codebook, io, schema

study = snakemake.params.study
register = io.read_yaml(snakemake.input.schema)
tables = schema.published_tables(io.read_yaml(snakemake.input.panels), register, study)
seen = {Path(path).name: codebook.observed(io.read_raw(path)) for path in snakemake.input.raw}
seen |= {name: codebook.observed(io.read_table(path)) for name, path in zip(snakemake.params.tables, snakemake.input.tables, strict=True)}
text = codebook.text(register, tables, study["scopes"], seen)
io.write_text(text, snakemake.output.md)
io.write_text(schema.package_text(schema.panels_package(tables)), snakemake.output.package)
page = pypandoc.convert_text(text, "html5", "markdown", extra_args=["--standalone", "--embed-resources", "--toc", f"--css={snakemake.input.style}"])
io.write_text(page, snakemake.output.html)
