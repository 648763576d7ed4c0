import _bootstrap  # noqa: F401
from pathlib import Path

from coalitions import io

root = Path(snakemake.output[0]).parent
lines = sorted(f"{io.sha256(path)}  {Path(path).relative_to(root).as_posix()}" for path in snakemake.input.artefacts)
io.write_text("\n".join(sorted(lines, key=lambda line: line[66:])) + "\n", snakemake.output[0])
