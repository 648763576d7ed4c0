import _bootstrap  # noqa: F401
import re
from pathlib import Path

import pandas as pd
import pypandoc
import typst

from coalitions.io import replacing

source, words = Path(snakemake.input.text), Path(snakemake.input.filter).parent
places = ":".join(str(path) for path in (source.parent, source.parents[1], words))  # references.bib is found there: a path in the command would end up in the Word file
common = ["--citeproc", f"--lua-filter={snakemake.input.filter}", f"--resource-path={places}"]
page = ["--standalone", "--embed-resources", "--toc", "--toc-depth=1", f"--css={snakemake.input.style}", f"--include-in-header={snakemake.input.tables}", "--mathml"]
with replacing(snakemake.output.html) as partial:
    pypandoc.convert_file(str(source), "html5", outputfile=str(partial), extra_args=[*common, *page])
with replacing(snakemake.output.docx) as partial:
    pypandoc.convert_file(str(source), "docx", outputfile=str(partial), extra_args=[*common, "--toc"])
layout = pypandoc.convert_file(str(source), "typst", extra_args=[*common, "--standalone", f"--metadata-file={snakemake.input.layout}"])
with replacing(snakemake.output.pdf) as partial:
    typesetting = source.with_suffix(".typ")
    typesetting.write_text(re.sub(r'image\("(figures|validation)/', r'image("../\1/', layout), encoding="utf-8")
    stamp = int(pd.Timestamp(snakemake.params.cutoff, tz="UTC").timestamp())
    typst.compile(str(typesetting), output=str(partial), root=str(source.parents[1].resolve()), ignore_system_fonts=True, timestamp=stamp)
    typesetting.unlink()
