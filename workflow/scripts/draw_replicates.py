import _bootstrap  # noqa: F401

from coalitions import io, validation

study = validation.Study.of(snakemake.params.study)
io.write_table(validation.replicates(study, snakemake.wildcards.world, range(*snakemake.params.numbers)), snakemake.output[0])
