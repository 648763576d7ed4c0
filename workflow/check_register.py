"""Every fault of the register at once, and where coding is thin: `python workflow/check_register.py [folder]`; `make check-register` calls it."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

import pandas as pd  # noqa: E402

from coalitions import io, register  # noqa: E402


def main(arguments: list[str]) -> int:
    """Print faults, or the report of gaps if there is none; 1 if there are faults."""
    config = io.read_yaml(ROOT / "config" / "config.yaml")
    folder = Path(arguments[0]) if arguments else ROOT / config["register"]
    schema = io.read_yaml(ROOT / "workflow" / "schemas" / "register.yaml")
    tables = {path.stem: io.read_raw(path) for path in sorted(folder.glob("*.csv"))}
    verified, faults = register.verified(tables, schema, pd.Timestamp(config["cutoff"]))
    for fault in sorted(faults, key=lambda f: (f.file, f.row, f.column)):
        print(fault)
    if faults:
        print(f"{len(faults)} fault(s).")
        return 1
    gaps = register.gaps(verified)
    print(f"No faults in {len(verified['operations'])} operations. {len(gaps)} gaps:")
    print(gaps.groupby(["field", "gap"]).size().rename("operations").sort_values(ascending=False).to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
