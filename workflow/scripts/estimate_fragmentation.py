import _bootstrap  # noqa: F401

from coalitions import diversity, io, schema
from coalitions.faults import raise_all

study = snakemake.params.study
years = io.read_table(snakemake.input.years)
tables = schema.published_tables(io.read_yaml(snakemake.input.panels), io.read_yaml(snakemake.input.schema), study)
theatre_years = diversity.by_theatre_year(years, list(study["scopes"]))
results = {"effective_number": theatre_years, "effective_number_by_year": diversity.by_year(theatre_years, years, list(study["scopes"]))}
raise_all([f for name, frame in results.items() for f in schema.check_panel(frame, f"fragmentation/{name}.csv", tables[f"fragmentation/{name}.csv"])])
for name, frame in results.items():
    io.write_table(frame, snakemake.output[name])
