import _bootstrap  # noqa: F401
import pandas as pd

from coalitions import claims, io, overlap, schema
from coalitions.catalogue import DAYS
from coalitions.faults import raise_all

study, cutoff = snakemake.params.study, pd.Timestamp(snakemake.params.study["cutoff"])
operations, pairs, members = (io.read_table(snakemake.input[name], dates=DAYS[name]) for name in ("operations", "concurrent_pairs", "memberships"))
states, organisations = io.read_raw(snakemake.input.states), io.read_raw(snakemake.input.organisation_members)
hormuz = tuple(snakemake.params.claims["hormuz"]["primary"][name] for name in ("us_led", "european_led"))
red_sea = claims.specifications(snakemake.params.claims["red-sea"])
tables = schema.published_tables(io.read_yaml(snakemake.input.panels), io.read_yaml(snakemake.input.schema), study)
settings = (list(study["scopes"]), cutoff, study["fragmentation"]["permutations"], study["seed"], study["confidence"])
results = overlap.estimates(operations, pairs, members, states, organisations, *settings, hormuz, red_sea)
raise_all([fault for name, frame in results.items() for fault in schema.check_panel(frame, f"fragmentation/{name}.csv", tables[f"fragmentation/{name}.csv"])])
for name, frame in results.items():
    io.write_table(frame, snakemake.output[name])
