import _bootstrap  # noqa: F401
import pandas as pd

from coalitions import io
from coalitions.figures import gallery, style, widths

study, folder = snakemake.params.study, f"{snakemake.params.study['results']}/figures"
names = {
    "theatres": io.read_raw(snakemake.input.theatres).set_index("theatre")["name"].to_dict(),
    "states": io.read_raw(snakemake.input.states).drop_duplicates("state", keep="last").set_index("state")["name"].to_dict(),
}
for name, shown in snakemake.params.figures.items():
    tables = [io.read_table(f"{study['results']}/{path}", dates=gallery.dates(path)) for path in shown]
    for drawn, width in widths.forms(name).items():
        figure, data = gallery.draw(name, tables, names, study["primary_scope"], pd.Timestamp(study["cutoff"]), width)
        style.save(figure, *(f"{folder}/{drawn}.{form}" for form in ("svg", "png", "pdf")))
    io.write_table(data, f"{folder}/{name}.csv")
