"""Which estimates and verdicts moved since a revision, and why: `python workflow/compare_results.py [revision] [--markdown] [--json FILE] [--config key=value ...]`.

`make compare BASE=<revision>` calls it. It reads the revision (default: HEAD) through git, the files as they are now, and runs nothing. Exit 2: nothing to compare with.
"""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

import yaml  # noqa: E402

from coalitions import comparison, io, movements  # noqa: E402
from coalitions.catalogue import ESTIMAND_MODULES  # noqa: E402
from coalitions.configuration import ConfigError, overridden, overrides  # noqa: E402


class NothingToCompareError(Exception):
    """There is no revision, or no results in it; the message says so in one line."""


def git(*arguments: str, given: bytes | None = None) -> bytes:
    """What git prints; NothingToCompareError with the first line of its complaint if it fails."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, input=given, capture_output=True)
    except FileNotFoundError:
        raise NothingToCompareError("git is not installed, so that no revision can be read.") from None
    if done.returncode:
        raise NothingToCompareError(done.stderr.decode("utf-8", "replace").strip().split("\n")[0] or f"git {arguments[0]} failed")
    return done.stdout


def of_revision(revision: str) -> dict:
    """The state of the project at a revision. Raises NothingToCompareError."""
    try:
        git("rev-parse", "--git-dir")
    except NothingToCompareError as error:
        raise NothingToCompareError(f"This project is not a git checkout, so that there is no revision to compare with ({error}).") from None
    try:
        if revision.startswith("-"):
            raise NothingToCompareError
        commit = git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
    except NothingToCompareError:
        shallow = git("rev-parse", "--is-shallow-repository").strip() == b"true"
        raise NothingToCompareError(f"There is no revision {revision!r} here{'; this clone is shallow: git fetch --unshallow' if shallow else ''}.") from None
    blobs = {}
    for entry in git("ls-tree", "-r", "-z", commit).decode("utf-8", "replace").split("\0"):
        about, _, path = entry.partition("\t")  # mode, type, object; the path is relative to the project
        if path and about.split()[1] == "blob":
            blobs[path] = about.split()[2]
    if "config/config.yaml" not in blobs:
        raise NothingToCompareError(f"{revision} does not hold this project (config/config.yaml is not in it).")
    config = yaml.safe_load(git("cat-file", "blob", blobs["config/config.yaml"]))
    known_as = movements.known_as(config)
    wanted = {name: blobs[path] for path in blobs if (name := known_as(path))}
    if movements.VERDICTS not in wanted:
        raise NothingToCompareError(f"{revision} holds no results ({config['results']}/claims/verdicts.csv is not in it).")
    stream, files = git("cat-file", "--batch", given="\n".join(wanted.values()).encode() + b"\n"), {}
    for name in wanted:
        head, _, stream = stream.partition(b"\n")
        if head.endswith(b"missing"):
            raise NothingToCompareError(f"{revision} is not wholly here (a partial clone?): {name} is missing.")
        size = int(head.split()[2])
        files[name], stream = stream[:size], stream[size + 1 :]
    return {"name": f"{revision} ({commit[:7]})" if not commit.startswith(revision) else commit[:7], "files": files, "config": config}


def of_folder(changes: dict, name: str = "now") -> dict:
    """The state of the project as it is in its folder, with settings of one run in the place of those of config.yaml. Raises NothingToCompareError if it has no results."""
    config = overridden(io.read_yaml(ROOT / "config" / "config.yaml"), changes)
    folders = {"config", "workflow", "envs", "Snakefile", config["register"], config["results"]}
    files = io.read_files(ROOT, folders, movements.known_as(config))
    if movements.VERDICTS not in files:
        raise NothingToCompareError(f"There are no results yet ({config['results']}/claims/verdicts.csv is missing): make.")
    return {"name": name, "files": files, "config": config}


def compared(before: dict, after: dict) -> dict:
    """The comparison of two states (see `comparison.compared`), with what only this project's files and functions say: keys of tables, homes of estimands."""
    register, panels = (io.read_yaml(ROOT / "workflow" / "schemas" / f"{name}.yaml") for name in ("register", "panels"))
    keys = {
        "register": {name: table["primaryKey"] for name, table in register["tables"].items()},
        "results": {path: table["key"] for path, table in panels["tables"].items()},
    }
    homes = {name: module for module, names in ESTIMAND_MODULES.items() for name in names}
    return comparison.compared(before, after, keys, homes)


def main(arguments: list[str]) -> int:
    """0 after a comparison, whatever it found; 2 if there is nothing to compare with."""
    parser = argparse.ArgumentParser(prog="make compare", description="Which estimates and verdicts moved since a revision, and why.")
    parser.add_argument("revision", nargs="?", default="HEAD")
    parser.add_argument("--markdown", action="store_true", help="for a change request")
    parser.add_argument("--json", metavar="FILE", help="write everything that was found, too")
    parser.add_argument("--config", nargs="+", default=[], metavar="KEY=VALUE", help="settings with which the results were made")
    chosen = parser.parse_args(arguments)
    try:
        found = compared(of_revision(chosen.revision), of_folder(overrides(chosen.config)))
    except (NothingToCompareError, ConfigError) as error:
        print(error, file=sys.stderr)
        return 2
    if chosen.json:
        io.write_json(found, chosen.json)
    print((comparison.markdown if chosen.markdown else comparison.text)(found), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
