"""How long the pipeline takes, and where the time goes: `make benchmark`.

Times a cold run, a run with nothing to do and a run after one edited record in a clean copy, each beside the same Python work done in one process without Snakemake
(one_process.py). Prints a table and writes benchmarks/out/pipeline.json. Nothing here is asserted: machines differ.
"""

import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".snakemake", "__pycache__", ".*_cache", ".hypothesis", "tests", "out", "what-if")
RUNS = int(os.environ.get("RUNS", "3"))


def timed(project: Path) -> float:
    """Seconds of one call of the pipeline."""
    start = time.perf_counter()
    subprocess.run([sys.executable, str(project / "workflow" / "build.py")], check=True, capture_output=True)
    return time.perf_counter() - start


def cold(project: Path) -> float:
    """Seconds of a run from nothing."""
    for name in ("results", ".snakemake"):
        shutil.rmtree(project / name, ignore_errors=True)
    return timed(project)


def edited(project: Path, number: int) -> float:
    """Seconds of a run after the end of one operation has moved by a day."""
    operations, evidence = (project / "data" / "raw" / f"{name}.csv" for name in ("operations", "evidence"))
    day = re.search(r"interfet-1999.*?(2000-02-\d\d)", operations.read_text(encoding="utf-8"))[1]
    for path in (operations, evidence):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line.replace(day, f"2000-02-{10 + number}") if line.startswith("interfet-1999") else line for line in lines), encoding="utf-8")
    return timed(project)


def main() -> None:
    """Run, print, write."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory(prefix="variable-geometry-") as folder:
        project = Path(folder) / "project"
        shutil.copytree(ROOT, project, ignore=lambda path, names: LEFT_OUT(path, names) | ({"results"} if Path(path) == ROOT else set()))
        runs = {
            "cold": [cold(project) for _ in range(RUNS)],
            "nothing to do": [timed(project) for _ in range(RUNS)],
            "one edited record": [edited(project, i) for i in range(RUNS)],
        }
        plain = []
        for number in range(RUNS):
            out = Path(folder) / f"plain{number}"
            (out / "figures").mkdir(parents=True)
            done = subprocess.run([sys.executable, str(ROOT / "benchmarks" / "one_process.py"), str(out)], check=True, capture_output=True, text=True, env=environment)
            plain.append(json.loads(done.stdout.splitlines()[-1]))
    stages = {name: statistics.median(run[name] for run in plain) for name in plain[0]}
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; medians of {RUNS} runs, seconds")
    print("\nWithout Snakemake, one process:")
    for name, seconds in stages.items():
        print(f"  {name:20}{seconds:8.2f}")
    print("\nThe pipeline:                      ratio to one process")
    for name, seconds in runs.items():
        print(f"  {name:20}{statistics.median(seconds):8.2f}{statistics.median(seconds) / stages['all']:10.2f}")
    target = ROOT / "benchmarks" / "out" / "pipeline.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"machine": platform.platform(), "cores": os.cpu_count(), "runs": runs, "one_process": plain}, indent=2) + "\n")


if __name__ == "__main__":
    main()
