import _bootstrap  # noqa: F401
import pandas as pd

from coalitions import io, launches, mandates, schema, trends
from coalitions.faults import raise_all

study, cutoff = snakemake.params.study, pd.Timestamp(snakemake.params.study["cutoff"])
scopes, confidence = list(study["scopes"]), study["confidence"]
operations = io.read_table(snakemake.input.operations, dates=("start", "end"))
spells = io.read_table(snakemake.input.spells, dates=("start", "end"))
system_years = io.read_table(snakemake.input.system_years)
members = io.read_table(snakemake.input.memberships, dates=("joined", "left"))
vetoes, organisations, states = (io.read_raw(snakemake.input[name]) for name in ("vetoes", "organisation_members", "states"))
tables = schema.published_tables(io.read_yaml(snakemake.input.panels), io.read_yaml(snakemake.input.schema), study)
results = trends.estimates(operations, system_years, scopes, confidence, snakemake.params.halt_since)
results |= launches.estimates(operations, spells, scopes, cutoff, study["first_year"], confidence, study["survival"]["permutations"], study["seed"])
results |= mandates.estimates(operations, spells, members, system_years, vetoes, organisations, states, scopes, cutoff, confidence)
raise_all([fault for name, frame in results.items() for fault in schema.check_panel(frame, f"trends/{name}.csv", tables[f"trends/{name}.csv"])])
for name, frame in results.items():
    io.write_table(frame, snakemake.output["vetoes_by_year" if name == "vetoes" else name])
