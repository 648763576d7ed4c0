import _bootstrap  # noqa: F401
import pandas as pd

from coalitions import io, network, schema
from coalitions.catalogue import DAYS
from coalitions.faults import raise_all

study, settings = snakemake.params.study, snakemake.params.study["fragmentation"]
panels = {name: io.read_table(snakemake.input[name], dates=DAYS[name]) for name in ("operations", "spells", "memberships")}
raw = {name: io.read_raw(snakemake.input[name]) for name in ("states", "organisation_members", "published_counts")}
tables = schema.published_tables(io.read_yaml(snakemake.input.panels), io.read_yaml(snakemake.input.schema), study)
draws = settings["networks"], settings["permutations"], study["seed"]
results = network.estimates(panels, raw, list(study["scopes"]), study["first_year"], pd.Timestamp(study["cutoff"]), study["confidence"], *draws)
raise_all([fault for name, frame in results.items() for fault in schema.check_panel(frame, f"fragmentation/{name}.csv", tables[f"fragmentation/{name}.csv"])])
for name, frame in results.items():
    io.write_table(frame, snakemake.output[name])
