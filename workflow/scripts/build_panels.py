import _bootstrap  # noqa: F401
import pandas as pd

from coalitions import build, io, labelled, recoded, register, schema
from coalitions.catalogue import RECODED
from coalitions.faults import raise_all

study = snakemake.params.study
cutoff = pd.Timestamp(study["cutoff"])
raw, faults = register.corrected({name: io.read_raw(snakemake.input[name]) for name in snakemake.params.tables}, io.read_yaml(snakemake.input.schema))
raise_all(faults)
tables = schema.published_tables(io.read_yaml(snakemake.input.panels), io.read_yaml(snakemake.input.schema), study)
panels = build.all_panels(raw, study["scopes"], study["first_year"], cutoff)
raise_all([fault for name, frame in panels.items() for fault in schema.check_panel(frame, f"panels/{name}.csv", tables[f"panels/{name}.csv"])])
for name, frame in panels.items():
    table = tables[f"panels/{name}.csv"]
    io.write_table(frame, snakemake.output[f"{name}_csv"])
    labelled.write_stata(frame, table["columns"], table["title"], snakemake.output[f"{name}_dta"], cutoff)
    labelled.write_parquet(frame, table["columns"], snakemake.output[f"{name}_parquet"])
second = build.all_panels(recoded.second(raw), study["scopes"], study["first_year"], cutoff)
for name in RECODED:
    io.write_table(second[name], snakemake.output[f"second_{name}"])
io.write_table(build.theatre_operation_years(raw, panels, cutoff), snakemake.output.providers)
