import _bootstrap  # noqa: F401
import re
import subprocess
import tempfile
from pathlib import Path

import pandas as pd
import pypandoc
import typst

from coalitions import page
from coalitions.io import read_yaml, replacing, write_text

source, words = Path(snakemake.input.text), Path(snakemake.input.filter).parent
text = {name: Path(snakemake.input[name]).read_text(encoding="utf-8") for name in ("style", "behaviour")}
figures = [Path(path) for path in [*snakemake.input.figures, *snakemake.input.study]]
drawings = {path.stem: path.read_text(encoding="utf-8") for path in figures if path.suffix == ".svg"}
bitmaps = {path.stem: page.lean_png(path.read_bytes()) for path in figures if path.suffix == ".png"}
common = ["--citeproc", f"--lua-filter={snakemake.input.filter}"]
with tempfile.TemporaryDirectory() as folder:
    # references.bib and pictures are found there: a path in the command would end up in the Word file
    places = f"--resource-path={folder}:{source.parent}:{source.parents[1]}:{words}"
    form = ["--standalone", f"--template={snakemake.input.page}", "--section-divs", "--shift-heading-level-by=1", "--toc", "--toc-depth=2", "--mathml"]
    html = pypandoc.convert_file(str(source), "html5", extra_args=[*common, places, *form])
    write_text(page.pictured(page.filled(page.scoped(html), {"style.css": text["style"], "report.js": text["behaviour"]}), drawings, bitmaps), snakemake.output.html)
    (Path(folder) / "figures").mkdir()
    for name, content in bitmaps.items():
        (Path(folder) / "figures" / f"{name}.png").write_bytes(content)
    template = subprocess.run([pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"], check=True, capture_output=True).stdout
    reference = Path(folder) / "reference.docx"
    reference.write_bytes(page.word_template(template, read_yaml(snakemake.input.word)))
    with replacing(snakemake.output.docx) as partial:
        pypandoc.convert_file(str(source), "docx", outputfile=str(partial), extra_args=[*common, places, "--toc", f"--reference-doc={reference}"])
    layout = pypandoc.convert_file(str(source), "typst", extra_args=[*common, places, "--standalone", f"--metadata-file={snakemake.input.layout}"])
with replacing(snakemake.output.pdf) as partial:
    typesetting = source.with_suffix(".typ")
    typesetting.write_text(re.sub(r'image\("(figures|validation)/', r'image("../\1/', layout), encoding="utf-8")
    stamp = int(pd.Timestamp(snakemake.params.cutoff, tz="UTC").timestamp())
    typst.compile(str(typesetting), output=str(partial), root=str(source.parents[1].resolve()), ignore_system_fonts=True, timestamp=stamp)
    typesetting.unlink()
