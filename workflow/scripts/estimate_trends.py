import _bootstrap  # noqa: F401

from coalitions import io, schema, trends
from coalitions.faults import raise_all

study = snakemake.params.study
operations = io.read_table(snakemake.input.operations, dates=("start", "end"))
system_years = io.read_table(snakemake.input.system_years)
tables = schema.published_tables(io.read_yaml(snakemake.input.panels), io.read_yaml(snakemake.input.schema), study)
results = trends.estimates(operations, system_years, list(study["scopes"]), study["confidence"], snakemake.params.halt_since)
raise_all([fault for name, frame in results.items() for fault in schema.check_panel(frame, f"trends/{name}.csv", tables[f"trends/{name}.csv"])])
for name, frame in results.items():
    io.write_table(frame, snakemake.output[name])
