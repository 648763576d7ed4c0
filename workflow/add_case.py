"""Adds a case to the register: `make new-case` prints a template, `make add-case CASE=file.yaml` checks it, adds its rows and shows what it moves.

Nothing is written unless the whole register with the new case is without a fault; every fault is reported at once.
"""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

import pandas as pd  # noqa: E402

from coalitions import casefile, comparison, io, register  # noqa: E402
from coalitions.faults import InputError  # noqa: E402
from compare_results import NothingToCompareError, compared, of_folder  # noqa: E402


def main(arguments: list[str]) -> int:
    """0 if the case was added."""
    if arguments == ["--template"]:
        print(casefile.TEMPLATE, end="")
        return 0
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        print("Name a case file: make add-case CASE=file.yaml (make new-case prints a template).", file=sys.stderr)
        return 2
    config, schema = io.read_yaml(ROOT / "config" / "config.yaml"), io.read_yaml(ROOT / "workflow" / "schemas" / "register.yaml")
    folder = ROOT / config["register"]
    try:
        old = io.read_register(folder)
        new = casefile.rows(io.read_yaml(arguments[0]), old["sources"], f"{datetime.now(UTC):%Y-%m-%d}")
        tables = casefile.added(old, new, {name: table["primaryKey"] for name, table in schema["tables"].items()})
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 1
    verified, faults = register.verified(tables, schema, pd.Timestamp(config["cutoff"]))
    if faults:
        print(f"{InputError(faults)}\nNothing was written. Lines are those of the tables with the case added.")
        return 1
    try:
        before = of_folder({}, "before")
    except NothingToCompareError:
        before = None
    for name in new:
        io.write_text(tables[name].to_csv(index=False, lineterminator="\n"), folder / f"{name}.csv")
    name = new["operations"][0]["operation_id"]
    print(f"{name} is in the register: " + ", ".join(f"{len(items)} row(s) of {table}" for table, items in new.items()))
    gaps = register.gaps(verified)
    for gap in gaps[gaps["operation_id"] == name].itertuples():
        print(f"  gap: {gap.field}: {gap.gap}")
    if code := subprocess.run([sys.executable, str(ROOT / "workflow" / "build.py")], check=False).returncode:
        return code
    if before is not None:
        print(f"\n{comparison.text(compared(before, of_folder({}, f'with {name}')))}", end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
