import _bootstrap  # noqa: F401

from coalitions import claims, io
from coalitions.catalogue import ALWAYS, DAYS
from coalitions.estimands import Panels


first = {
    name: io.read_table(path, dates=DAYS.get(name, ())) if "/panels/" in path else io.read_raw(path)
    for name, path in zip(snakemake.params.tables, snakemake.input.first, strict=True)
}
second = {name: io.read_table(path, dates=DAYS.get(name, ())) for name, path in zip(ALWAYS, snakemake.input.second, strict=True)}
panels = Panels(**first)
result, multiverse = claims.run(snakemake.wildcards.claim, snakemake.params.claim, panels, snakemake.params.settings, panels.apart(**second))
result["provenance"] = {name: io.sha256(path) for name, path in zip(snakemake.params.tables, snakemake.input.first, strict=True)}
io.write_json(result, snakemake.output.result)
io.write_table(multiverse, snakemake.output.multiverse)
