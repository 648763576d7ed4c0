import _bootstrap  # noqa: F401

from coalitions import claims, estimands, io

data = estimands.Panels(
    io.read_table(snakemake.input.operations, dates=("start", "end")),
    io.read_table(snakemake.input.spells, dates=("start", "end")),
    io.read_table(snakemake.input.system_years),
)
result, multiverse = claims.run(snakemake.wildcards.claim, snakemake.params.claim, data, snakemake.params.settings)
result["provenance"] = {name: io.sha256(snakemake.input[name]) for name in ("operations", "spells", "system_years")}
io.write_json(result, snakemake.output.result)
io.write_table(multiverse, snakemake.output.multiverse)
