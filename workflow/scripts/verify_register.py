import _bootstrap  # noqa: F401
import pandas as pd

from coalitions import io, register
from coalitions.faults import raise_all

tables = {name: io.read_raw(snakemake.input[name]) for name in snakemake.params.tables}
schema = io.read_yaml(snakemake.input.schema)
verified, faults = register.verified(tables, schema, pd.Timestamp(snakemake.params.cutoff))
raise_all(faults)
hashes = {name: {"rows": len(tables[name]), "sha256": io.sha256(snakemake.input[name])} for name in sorted(tables)}
io.write_table(register.gaps(verified), snakemake.output.gaps)
io.write_json({"cutoff": snakemake.params.cutoff, "corrections": len(tables["corrections"]), "tables": hashes}, snakemake.output.report)
