"""Runs the pipeline: `python workflow/build.py [snakemake arguments]`; `make` calls it.

It shows progress, frees the lock that a killed run left behind (never that of a run that is still alive), and ends by saying where the report is and how long it took.
"""

import fcntl
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

from coalitions import io  # noqa: E402
from coalitions.configuration import ConfigError, overrides  # noqa: E402

OVERRIDES = ".snakemake/overrides.json"
HEADER = re.compile(
    r"^(Using workflow specific profile|SNAKEMAKE$|=+$|"
    r"  (Date|Workflow ID|Platform|Host|User|Snakemake version|Python version|Command|Snakefile|Base directory|Run directory|Working directory|Config file\(s\)|Config MD5): )"
)
NOISE = re.compile(
    r"^(Select jobs to execute|Execute \d+ jobs|\[\w{3} \w{3} +\d+ |Assuming unrestricted|host: |Building DAG|Using shell: |"
    r"Provided cores|Rules claiming|Complete log|Elapsed time|\[IPKernelApp\]|$)"
)
TABLE = re.compile(r"^(Job stats:|job +count|-{5,}|[a-z_]+ +\d+$)")
DONE, STEP = re.compile(r"^Finished jobid: \d+ \(Rule: (\w+)\)"), re.compile(r"^(\d+) of (\d+) steps")


def typed(arguments: list[str]) -> list[str]:
    """The arguments with what follows `--config` as a file: snakemake takes the numbers in a nested setting of its command line for text, and knows no dotted keys.

    Raises ConfigError for a setting that is not of the form key=value.
    """
    if "--config" not in arguments:
        return arguments
    begins = arguments.index("--config") + 1
    ends = next((i for i in range(begins, len(arguments)) if arguments[i].startswith("-")), len(arguments))
    io.write_json(overrides(arguments[begins:ends]), ROOT / OVERRIDES)
    return [*arguments[: begins - 1], "--configfile", OVERRIDES, *arguments[ends:]]


def command(arguments: list[str]) -> list[str]:
    """The snakemake command of this project."""
    return [sys.executable, "-m", "snakemake", "--quiet", "rules", "--workflow-profile", "workflow/profiles/default", *arguments]


def stream(arguments: list[str]) -> tuple[int, int]:
    """Run snakemake, print one line per finished job, pass on everything unexpected. Returns (exit code, finished jobs)."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # imports would be compiled anew in every job
    process = subprocess.Popen(command(arguments), cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    rule, finished = "", 0
    try:
        for line in process.stdout:
            line = line.rstrip("\n")
            if match := DONE.match(line):
                rule = match[1]
            elif match := STEP.match(line):
                finished = int(match[1])
                print(f"  [{match[1]:>3}/{match[2]}] {rule}", flush=True)
            elif not any(pattern.match(line) for pattern in (HEADER, NOISE, TABLE)):
                print(line, flush=True)
        return process.wait(), finished
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        return 130, finished


def main(arguments: list[str]) -> int:
    """Run; the exit code is snakemake's."""
    began = time.monotonic()
    (ROOT / ".snakemake").mkdir(exist_ok=True)
    with (ROOT / ".snakemake" / "alive").open("w") as alive:
        try:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another run of this pipeline is under way in this folder; wait for it to end.", file=sys.stderr)
            return 1
        locks = ROOT / ".snakemake" / "locks"
        if locks.exists() and any(locks.iterdir()):
            print("A run was killed here; its lock is freed and its unfinished jobs run again.")
            stream(["--unlock"])
        try:
            code, finished = stream(typed(arguments))
        except ConfigError as error:
            print(error, file=sys.stderr)
            return 1
    took = time.monotonic() - began
    if code:
        print(f"The run stopped after {took:.0f} s; what it could not make is said above.", file=sys.stderr)
    elif not arguments or arguments[0] == "--config":
        report = next((a.split("=", 1)[1] for a in arguments if a.startswith("results=")), "results")
        said = "Nothing is to do" if not finished else f"{finished} jobs in {took:.0f} s"
        print(f"{said}. The report is {ROOT / report / 'report' / 'report.html'} (also .pdf and .docx).")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
