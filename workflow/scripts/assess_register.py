import _bootstrap  # noqa: F401
import pandas as pd

from coalitions import io, reconciliation, reliability, schema
from coalitions.faults import raise_all

study = snakemake.params.study
days = {"operations": ("start", "end"), "memberships": ("joined", "left"), "concurrent_pairs": ("overlap_start", "overlap_end"), "operation_years": ()}
panels = {name: io.read_table(snakemake.input[name], dates=columns) for name, columns in days.items()}
codings = io.read_raw(snakemake.input.codings)
counts = io.read_raw(snakemake.input.published_counts)
results = {
    "reliability/agreement.csv": reliability.agreement(codings, study["reliability"]["draws"], study["confidence"], study["seed"]),
    "reliability/disagreements.csv": reliability.disagreements(codings),
    "checks/reconciliation.csv": reconciliation.table(
        counts, panels["operations"], panels["operation_years"], panels["memberships"], panels["concurrent_pairs"], pd.Timestamp(study["cutoff"])
    ),
}
tables = schema.published_tables(io.read_yaml(snakemake.input.panels), io.read_yaml(snakemake.input.schema), study)
raise_all([fault for path, frame in results.items() for fault in schema.check_panel(frame, path, tables[path])])
for path, frame in results.items():
    io.write_table(frame, snakemake.output[path.split("/")[1].removesuffix(".csv")])
