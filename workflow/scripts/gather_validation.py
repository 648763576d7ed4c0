import _bootstrap  # noqa: F401
import pandas as pd

from coalitions import io, schema, validation
from coalitions.faults import raise_all
from coalitions.figures import style
from coalitions.figures import validation as figure

study = validation.Study.of(snakemake.params.study)
replicates, truths = (pd.concat([io.read_table(path) for path in paths], ignore_index=True) for paths in (snakemake.input.replicates, snakemake.input.truths))
tables, described = validation.tables(study, replicates, truths), schema.panel_tables(io.read_yaml(snakemake.input.schema), {}, [], [])
raise_all([fault for name, frame in tables.items() for fault in schema.check_panel(frame, name, described[f"validation/{name}.csv"])])
for name, frame in tables.items():
    io.write_table(frame, snakemake.output[name])
style.save(figure.plot(tables["coverage"], tables["verdicts"]), *(snakemake.output[form] for form in ("svg", "png", "pdf")))
