import _bootstrap  # noqa: F401
from pathlib import Path

from coalitions import crate, io, schema

root = Path(snakemake.output[0]).parent
citation = io.read_yaml(snakemake.input.citation)
tables = schema.published_tables(io.read_yaml(snakemake.input.panels), io.read_yaml(snakemake.input.schema), snakemake.params.study)
said = crate.published(tables, snakemake.params.figures, io.read_json(snakemake.input.captions), snakemake.params.claims)
files = {Path(path).relative_to(root).as_posix(): Path(path) for path in snakemake.input.artefacts}
parts = [crate.file_entity(name, path.stat().st_size, io.sha256(path), said.get(name)) for name, path in sorted(files.items())]
parts.append(crate.file_entity("MANIFEST.sha256", None, None, said["MANIFEST.sha256"]))
about = {
    "name": f"{citation['title']}: results", "description": "Panels, estimates, verdicts, figures and the report, as the pipeline made them.",
    "license": {"@id": crate.DATA_LICENCE["@id"]}, "mainEntity": {"@id": "claims/verdicts.csv"},
}  # fmt: skip
io.write_json(crate.graph(about, parts, {}, citation), snakemake.output[0])
