import _bootstrap  # noqa: F401

from coalitions import claims, estimands, io

days = {"operations": ("start", "end", "start_earliest", "start_latest", "end_earliest", "end_latest"), "spells": ("start", "end"), "system_years": ()}
first = estimands.Panels(*(io.read_table(snakemake.input[name], dates=columns) for name, columns in days.items()))
second = estimands.Panels(*(io.read_table(snakemake.input[f"second_{name}"], dates=columns) for name, columns in days.items()))
result, multiverse = claims.run(snakemake.wildcards.claim, snakemake.params.claim, first, snakemake.params.settings, second)
result["provenance"] = {name: io.sha256(snakemake.input[name]) for name in days}
io.write_json(result, snakemake.output.result)
io.write_table(multiverse, snakemake.output.multiverse)
