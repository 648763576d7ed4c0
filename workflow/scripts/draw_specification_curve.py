import _bootstrap  # noqa: F401

from coalitions import io
from coalitions.figures import specification_curve, style

figure, data = specification_curve.plot(io.read_json(snakemake.input.result), io.read_table(snakemake.input.multiverse))
style.save(figure, snakemake.output.svg, snakemake.output.png, snakemake.output.pdf)
io.write_table(data, snakemake.output.data)
