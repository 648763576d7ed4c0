import _bootstrap  # noqa: F401

from coalitions import claims, estimands, io

params = snakemake.params
panels = estimands.Panels(**io.read_panels(params.tables, snakemake.input.tables))
second = panels.apart(**io.read_panels(params.second, snakemake.input.second))
result = claims.stressed(params.claim, estimands.load(params.claim["estimand"]), panels, params.settings, second)
io.write_json(result, snakemake.output[0])
