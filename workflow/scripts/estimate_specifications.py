import _bootstrap  # noqa: F401

from coalitions import claims, estimands, io

params = snakemake.params
panels = estimands.Panels(**io.read_panels(params.tables, snakemake.input.tables))
specs = claims.part(claims.grid(params.claim), int(snakemake.wildcards.part), params.parts)
io.write_table(claims.estimated(estimands.load(params.claim["estimand"]), specs, panels, params.settings), snakemake.output[0])
