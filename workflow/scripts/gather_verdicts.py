import _bootstrap  # noqa: F401
import pandas as pd

from coalitions import claims, io, schema
from coalitions.faults import raise_all

tables = schema.published_tables(io.read_yaml(snakemake.input.panels), io.read_yaml(snakemake.input.schema), snakemake.params.study)
results = {
    "verdicts": claims.verdict_table([io.read_json(path) for path in snakemake.input.results]),
    "multiverse": pd.concat([io.read_table(path) for path in snakemake.input.multiverses], ignore_index=True),
}
raise_all([fault for name, frame in results.items() for fault in schema.check_panel(frame, f"claims/{name}.csv", tables[f"claims/{name}.csv"])])
for name, frame in results.items():
    io.write_table(frame, snakemake.output[name])
