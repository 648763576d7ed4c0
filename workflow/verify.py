"""Does a rebuild give the published results? `python workflow/verify.py`; `make verify` calls it.

Copies the project without its results (but with the study of `make validate`, which the report reads) into a new folder, runs the pipeline there from nothing and compares with
the snapshot in results/.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

from coalitions import compare, io  # noqa: E402

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".snakemake", "__pycache__", ".*_cache", ".hypothesis", "out", "what-if", "archive")


def published(folder: Path) -> dict[str, bytes]:
    """Artefacts of a results folder by path, as far as its manifest names them, and the manifest."""
    names = [line[66:] for line in (folder / "MANIFEST.sha256").read_text(encoding="utf-8").splitlines()]
    return {name: (folder / name).read_bytes() for name in [*names, "MANIFEST.sha256"] if (folder / name).exists()}


def broken(folder: Path) -> list[str]:
    """Artefacts of the snapshot that are missing or do not have the checksum of its manifest."""
    lines = (folder / "MANIFEST.sha256").read_text(encoding="utf-8").splitlines()
    return [line[66:] for line in lines if not (folder / line[66:]).exists() or io.sha256(folder / line[66:]) != line[:64]]


def main() -> int:
    """0 if the rebuild gives the published results; prints every artefact that differs."""
    snapshot, began = ROOT / "results", time.monotonic()
    if not (snapshot / "MANIFEST.sha256").exists():
        print("There is no published snapshot: results/MANIFEST.sha256 is missing.", file=sys.stderr)
        return 1
    for name in (damaged := broken(snapshot)):
        print(f"  results/{name}: is not what the manifest of the snapshot says")
    with tempfile.TemporaryDirectory(prefix="variable-geometry-") as folder:
        copy = Path(folder) / "project"
        shutil.copytree(ROOT, copy, ignore=lambda path, names: LEFT_OUT(path, names) | ({"results"} if Path(path) == ROOT else set()))
        if (study := snapshot / "validation").exists():  # what `make validate` publishes is an input of the report: no rule of the pipeline makes it
            shutil.copytree(study, copy / "results" / "validation")
        print("Rebuilding in a clean copy ...", flush=True)
        if subprocess.run([sys.executable, str(copy / "workflow" / "build.py")], cwd=copy).returncode:
            return 1
        found = compare.differences(published(snapshot), published(copy / "results"))
    for difference in found:
        mark = "tolerated" if difference.tolerated else "FAILS"
        print(f"  {mark}: results/{difference.path}: {difference.what} (largest relative difference {difference.largest:.3g})")
    failed = damaged or [d for d in found if not d.tolerated]
    verdict = "is NOT what a rebuild gives" if failed else ("equals the rebuild in every number, not in every byte" if found else "equals the rebuild byte for byte")
    print(f"The published snapshot {verdict} ({time.monotonic() - began:.0f} s).")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
