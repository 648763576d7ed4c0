import _bootstrap  # noqa: F401
from importlib.resources import files
from pathlib import Path

from coalitions import explorer, io, page, register
from coalitions.faults import raise_all

study, schema = snakemake.params.study, io.read_yaml(snakemake.input.schema)
raw, faults = register.corrected({name: io.read_raw(snakemake.input[name]) for name in snakemake.params.tables}, schema)
raise_all(faults)
content = explorer.content(raw, io.read_table(snakemake.input.panel), schema, study["scopes"], study["cutoff"])
parts = {name: Path(snakemake.input[name]).read_text(encoding="utf-8") for name in ("style", "look", "behaviour")}
library = files("itables") / "html"
text = page.filled(
    Path(snakemake.input.page).read_text(encoding="utf-8"),
    {
        "style.css": parts["style"],
        "explorer.css": parts["look"],
        "explorer.js": parts["behaviour"],
        "content": page.inert(content),
        "library": page.inert((library / "dt_bundle.js").read_text(encoding="utf-8")),
        "look": page.inert((library / "dt_bundle.css").read_text(encoding="utf-8")),
    },
)
io.write_text(text, snakemake.output[0])
