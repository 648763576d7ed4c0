import _bootstrap  # noqa: F401
from pathlib import Path

import pandas as pd

from coalitions import claims, io, schema
from coalitions.faults import raise_all

params, given = snakemake.params, snakemake.input
hashes = {path: io.sha256(path) for path in given.tables}
code = {path[path.rindex("workflow/coalitions/") :]: io.sha256(path) for path in given.code}
operations = io.read_table(next(path for path in given.tables if path.endswith("/operations.csv")))
names = operations.set_index("operation_id")["name"].to_dict() | io.read_raw(given.theatres).set_index("theatre")["name"].to_dict()
stresses = {Path(path).parent.name: io.read_json(path) for path in given.stresses}
estimates = {claim: pd.concat([io.read_table(path) for path in given.parts if Path(path).parent.name == claim]) for claim in params.claims}
results, tables = claims.family(params.claims, stresses, estimates, params.settings, names)
for claim, path, multiverse in zip(params.claims, snakemake.output.results, snakemake.output.multiverses, strict=True):
    inputs, modules = {name: hashes[table] for name, table in params.read[claim].items()}, {name: code[name] for name in params.modules[claim]}
    provenance = {"inputs": inputs, "code": modules, "config": io.digest([params.claims[claim], params.settings])}
    io.write_json(results[claim] | {"provenance": provenance}, path)
    io.write_table(tables["multiverse"][tables["multiverse"]["claim"] == claim], multiverse)
known = schema.published_tables(io.read_yaml(given.panels), io.read_yaml(given.schema), params.study)
named = {f"claims/{name}.csv": frame for name, frame in tables.items()}
raise_all([fault for name, frame in named.items() for fault in schema.check_panel(frame, name, known[name])])
for path in snakemake.output.tables:
    io.write_table(named["claims/" + Path(path).name], path)
