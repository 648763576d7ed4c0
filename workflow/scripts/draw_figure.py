import _bootstrap  # noqa: F401
import pandas as pd

from coalitions import io
from coalitions.figures import gallery, style

tables = [io.read_table(path, dates=gallery.DATES) if path.endswith("operations.csv") or path.endswith("spells.csv") else io.read_table(path) for path in snakemake.input.tables]
names = io.read_raw(snakemake.input.theatres).set_index("theatre")["name"].to_dict()
study = snakemake.params.study
figure, data = gallery.draw(snakemake.wildcards.figure, tables, names, study["primary_scope"], pd.Timestamp(study["cutoff"]))
style.save(figure, snakemake.output.svg, snakemake.output.png, snakemake.output.pdf)
io.write_table(data, snakemake.output.data)
