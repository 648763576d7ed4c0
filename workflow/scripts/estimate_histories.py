import _bootstrap  # noqa: F401
import pandas as pd

from coalitions import delays, io, schema, sequels, transitions, turnover
from coalitions.faults import raise_all

study, cutoff = snakemake.params.study, pd.Timestamp(snakemake.params.study["cutoff"])
settings, confidence, scopes = study["survival"], study["confidence"], list(study["scopes"])
operations = io.read_table(snakemake.input.operations, dates=("start", "end", "start_earliest", "start_latest"))
tables = schema.published_tables(io.read_yaml(snakemake.input.panels), io.read_yaml(snakemake.input.schema), study)
results = delays.estimates(operations, study["scopes"], cutoff, settings["start_horizon_days"], confidence)
results |= sequels.estimates(operations, scopes, cutoff, settings["recurrence_years"], confidence)
results |= transitions.estimates(operations, scopes, cutoff, confidence, settings["permutations"], study["seed"])
memberships = io.read_table(snakemake.input.memberships, dates=("joined",))
results |= turnover.estimates(memberships, operations, io.read_raw(snakemake.input.states), scopes, confidence)
raise_all([fault for name, frame in results.items() for fault in schema.check_panel(frame, f"duration/{name}.csv", tables[f"duration/{name}.csv"])])
for name, frame in results.items():
    io.write_table(frame, snakemake.output[name])
