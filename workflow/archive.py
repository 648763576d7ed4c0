"""Builds the replication archive: `python workflow/archive.py [target folder]`; `make archive` calls it after the pipeline.

It holds the project as it stands, the published results, a README for replicators on the template of the social science data editors, an RO-Crate and a manifest. The same
files give the same bytes. Works without git; where git is there, files that it does not track are named.
"""

import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pypandoc
import typst

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

from coalitions import faults, io, replication, schema  # noqa: E402
from coalitions.registry import ESTIMANDS  # noqa: E402

NAME = "variable-geometry"


def entries(root: Path) -> Iterator[tuple[str, str]]:
    """Paths below the project that .gitignore does not leave out, with their kind (file, link, other). Links are never followed."""
    lines = [*(root / ".gitignore").read_text(encoding="utf-8").splitlines(), ".git"]
    folders = [root]
    while folders:
        for entry in os.scandir(folders.pop()):
            path = Path(entry.path).relative_to(root).as_posix()
            if path in replication.MADE or replication.ignored(lines, path):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))
            else:
                yield path, "link" if entry.is_symlink() else "file" if entry.is_file(follow_symlinks=False) else "other"


def untracked(root: Path, paths: set[str]) -> list[str]:
    """Those of the paths that git does not track; none where the project is no checkout or git is not there."""
    with contextlib.suppress(FileNotFoundError):
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True)
        if listed.returncode == 0 and listed.stdout:
            return sorted(paths - set(listed.stdout.split("\0")))
    return []


def outputs(root: Path) -> dict[str, str]:
    """Rule by output, as snakemake sees the project."""
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "workflow/profiles/default", "--summary"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"snakemake --summary failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return replication.made_by(done.stdout)


def pins(root: Path) -> list[list[str]]:
    """Direct dependencies with their versions in the lock; a version for each interpreter where they differ."""
    direct = re.findall(r"^([A-Za-z0-9_.-]+)", (root / "envs" / "requirements.in").read_text(encoding="utf-8"), re.M)
    locked = re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", (root / "envs" / "requirements.lock").read_text(encoding="utf-8"), re.M)
    plain = [(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in locked]
    return [[name, ", ".join(sorted({v for n, v in plain if n == re.sub(r"[-_.]+", "-", name).lower()}))] for name in direct]


def known(root: Path, files: int, size: float) -> dict:
    """What the README for replicators is made from; see `replication.values`."""
    config, register = io.read_yaml(root / "config" / "config.yaml"), io.read_yaml(root / "workflow" / "schemas" / "register.yaml")
    workflow = root / "workflow"
    tables = schema.published_tables(io.read_yaml(workflow / "schemas" / "panels.yaml"), register, config)
    included = re.findall(r'include: "workflow/rules/(\w+)\.smk"', (root / "Snakefile").read_text(encoding="utf-8"))
    rules = {name: (workflow / "rules" / f"{name}.smk").read_text(encoding="utf-8") for name in included if name != "common"}
    sources = {path.stem: path.read_text(encoding="utf-8") for path in (workflow / "scripts").glob("*.py")}
    modules = {path.relative_to(workflow / "coalitions").with_suffix("").as_posix().replace("/", ".") for path in (workflow / "coalitions").rglob("*.py")}
    captions = io.read_json(root / "results" / "figures" / "captions.json")
    drawing = dict(re.findall(r'"(\w+)": lambda: (\w+\.\w+)\(', (workflow / "coalitions" / "figures" / "gallery.py").read_text(encoding="utf-8")))
    return {
        "citation": io.read_yaml(root / "CITATION.cff"), "register": register, "checked": io.read_json(root / "results" / "checks" / "register.json"),
        "source_kinds": io.read_raw(root / "data" / "raw" / "sources.csv")["kind"], "tables": tables,
        "table_rows": {path: len(io.read_table(root / "results" / path)) for path in tables},
        "programs": replication.programs(rules, outputs(root), sources, modules), "captions": captions,
        "drawn": {name: f"figures.{drawing[name]}" if name in drawing else "figures.gallery" for name in captions},
        "claims": io.read_yaml(root / "config" / "claims.yaml")["claims"],
        "estimands": {name: f"{f.__module__.removeprefix('coalitions.')}.{f.__name__}" for name, f in ESTIMANDS.items()},
        "report": (root / "results" / "report" / "report.md").read_text(encoding="utf-8"), "pins": pins(root),
        "python": re.search(r'target-version = "py(\d)(\d+)"', (root / "pyproject.toml").read_text(encoding="utf-8")).expand(r"\1.\2"),
        "measured": io.read_yaml(root / "benchmarks" / "measured.yaml"), "files": files, "size": size, "cutoff": config["cutoff"], "seed": config["seed"],
    }  # fmt: skip


def pdf(text: str, layout: Path, day: str) -> bytes:
    """A Markdown text as PDF, dated `day`."""
    typesetting = pypandoc.convert_text(text, "typst", "markdown", extra_args=["--standalone", f"--metadata-file={layout}"])
    with tempfile.TemporaryDirectory(prefix=f"{NAME}-") as folder:
        source = Path(folder) / "readme.typ"
        source.write_text(typesetting, encoding="utf-8")
        return typst.compile(str(source), ignore_system_fonts=True, timestamp=int(pd.Timestamp(day, tz="UTC").timestamp()))


def contents(root: Path) -> dict[str, bytes]:
    """Every file of the archive by path. Raises InputError with every file that may not go in, and every way in which the snapshot is not what its manifest says."""
    found = dict(entries(root))
    files = {path: (root / path).read_bytes() for path, kind in sorted(found.items()) if kind == "file"}
    sums = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    manifest = replication.manifest_of(files.get("results/MANIFEST.sha256", b"").decode("utf-8"))
    published = {path.removeprefix("results/"): value for path, value in sums.items() if path.startswith("results/") and path != "results/MANIFEST.sha256"}
    published = {path: value for path, value in published.items() if not path.startswith("validation/")}  # an input of the report, with a record of its own
    faults.raise_all([*replication.entry_faults(found), *replication.snapshot_faults(manifest, published)])
    citation = io.read_yaml(root / "CITATION.cff")
    text = replication.readme(
        (root / "workflow" / "report" / "replication.md.j2").read_text(encoding="utf-8"), known(root, len(files) + len(replication.MADE), sum(map(len, files.values())) / 1e6)
    )
    made = {"REPLICATION-README.md": text.encode("utf-8"), "REPLICATION-README.pdf": pdf(text, root / "workflow" / "report" / "typst.yaml", str(citation["date-released"]))}
    described = {path: (len(content), hashlib.sha256(content).hexdigest()) for path, content in (files | made).items()}
    crate = replication.crate_of(described, json.loads(files["results/ro-crate-metadata.json"]), json.loads(files["data/raw/datapackage.json"]), citation)
    made["ro-crate-metadata.json"] = (json.dumps(crate, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")
    made["MANIFEST.sha256"] = replication.manifest_text({path: hashlib.sha256(content).hexdigest() for path, content in (files | made).items()}).encode("utf-8")
    return files | made


def main(root: Path, folder: Path) -> int:
    """Write the archive and say what it is; 0 if it could be built."""
    try:
        inside = contents(root)
    except faults.InputError as error:
        print(error, file=sys.stderr)
        return 1
    for path in untracked(root, set(inside) - set(replication.MADE)):
        print(f"  not under version control, but in the archive: {path}", file=sys.stderr)
    citation = io.read_yaml(root / "CITATION.cff")
    name = f"{NAME}-{citation['version']}"
    executable = {path for path in inside if (root / path).exists() and (root / path).stat().st_mode & 0o100}
    content = replication.zipped(inside, executable, name, str(citation["date-released"]))
    with io.replacing(folder / f"{name}.zip") as partial:
        partial.write_bytes(content)
    print(f"{folder / name}.zip: {len(inside)} files, {len(content) / 1e6:.1f} MB")
    print(f"sha256 of the archive   {hashlib.sha256(content).hexdigest()}")
    print(f"sha256 of its manifest  {hashlib.sha256(inside['MANIFEST.sha256']).hexdigest()} (the same wherever the contents are; compression differs between systems)")
    return 0


if __name__ == "__main__":
    sys.exit(main(ROOT, Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "archive"))
