import _bootstrap  # noqa: F401

from coalitions import duration, io, schema, subgroups
from coalitions.faults import raise_all

study = snakemake.params.study
spells = io.read_table(snakemake.input.spells, dates=("start", "end"))
tables = schema.published_tables(io.read_yaml(snakemake.input.panels), io.read_yaml(snakemake.input.schema), study)
results = duration.estimates(spells, list(study["scopes"]), study["survival"], study["confidence"], study["seed"])
results["subgroup_km"] = subgroups.curves(spells, list(study["scopes"]), study["confidence"])
raise_all([fault for name, frame in results.items() for fault in schema.check_panel(frame, f"duration/{name}.csv", tables[f"duration/{name}.csv"])])
for name, frame in results.items():
    io.write_table(frame, snakemake.output[name])
