import _bootstrap  # noqa: F401
import pandas as pd

from coalitions import diversity, fragmentation, io, schema
from coalitions.catalogue import DAYS
from coalitions.faults import raise_all

study, cutoff = snakemake.params.study, pd.Timestamp(snakemake.params.study["cutoff"])
scopes, years = list(study["scopes"]), io.read_table(snakemake.input.years)
operations, pairs = (io.read_table(snakemake.input[name], dates=DAYS[name]) for name in ("operations", "concurrent_pairs"))
tables = schema.published_tables(io.read_yaml(snakemake.input.panels), io.read_yaml(snakemake.input.schema), study)
theatre_years = diversity.by_theatre_year(years, scopes)
results = {"effective_number": theatre_years, "effective_number_by_year": diversity.by_year(theatre_years, years, scopes)}
results |= fragmentation.estimates(operations, years, pairs, scopes, cutoff, study["confidence"])
raise_all([f for name, frame in results.items() for f in schema.check_panel(frame, f"fragmentation/{name}.csv", tables[f"fragmentation/{name}.csv"])])
for name, frame in results.items():
    io.write_table(frame, snakemake.output[name])
