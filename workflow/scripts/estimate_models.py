import _bootstrap  # noqa: F401

from coalitions import io, models, schema
from coalitions.faults import raise_all

study = snakemake.params.study
spells = io.read_table(snakemake.input.spells, dates=("start", "end"))
operation_years, places = io.read_table(snakemake.input.operation_years), io.read_table(snakemake.input.places)
tables = schema.published_tables(io.read_yaml(snakemake.input.panels), io.read_yaml(snakemake.input.schema), study)
results = models.estimates(spells, operation_years, places, io.read_raw(snakemake.input.vetoes), study)
raise_all([fault for name, frame in results.items() for fault in schema.check_panel(frame, f"duration/{name}.csv", tables[f"duration/{name}.csv"])])
for name, frame in results.items():
    io.write_table(frame, snakemake.output[name])
