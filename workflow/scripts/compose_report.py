import _bootstrap  # noqa: F401
from importlib.metadata import version
from pathlib import Path

import coalitions
from coalitions import io, report

tables = {
    name: io.read_table(path, dates=[d for d in ("start", "end") if name == "trends/un_launches.csv" and d == "start"])
    for name, path in zip(snakemake.params.tables, snakemake.input.tables, strict=True)
}
claims = [io.read_json(path) for path in snakemake.input.claims]
versions = {"project": coalitions.__version__} | {name: version(name) for name in ("numpy", "pandas", "scipy", "statsmodels", "snakemake")}
words = {name: io.read_yaml(snakemake.input[name]) for name in ("citation", "formulas", "afterwards")}
study = {Path(path).stem: io.read_table(path) for path in snakemake.input.study}
words |= {name: snakemake.params[name] for name in ("untestable", "dimensions")}
known = report.values(snakemake.params.config, claims, tables, io.read_json(snakemake.input.register), versions, **words, study=study)
templates = {"report.md.j2": Path(snakemake.input.template).read_text(encoding="utf-8")}
text, captions = report.compose(templates, io.read_yaml(snakemake.input.captions), io.read_yaml(snakemake.input.answers), known)
io.write_text(text, snakemake.output.text)
io.write_json(captions, snakemake.output.captions)
