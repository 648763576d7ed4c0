import _bootstrap  # noqa: F401
import pandas as pd

from coalitions import io, validation
from coalitions.figures import style
from coalitions.figures import validation as figure

study = validation.Study.of(snakemake.params.study)
replicates, large = (pd.concat([io.read_table(path) for path in paths], ignore_index=True) for paths in (snakemake.input.replicates, snakemake.input.large))
tables = validation.tables(study, replicates, large)
for name, frame in tables.items():
    io.write_table(frame, snakemake.output[name])
style.save(figure.plot(tables["coverage"], tables["verdicts"]), *(snakemake.output[form] for form in ("svg", "png", "pdf")))
