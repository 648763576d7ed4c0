"""Every fault of the register at once, and where coding is thin: `python workflow/check_register.py [folder]`; `make check-register` calls it."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

import pandas as pd  # noqa: E402

from coalitions import io, register  # noqa: E402
from coalitions.faults import InputError, raise_all  # noqa: E402


def main(arguments: list[str]) -> int:
    """Print faults, or the report of gaps if there is none; 1 if there are faults."""
    config = io.read_yaml(ROOT / "config" / "config.yaml")
    folder = Path(arguments[0]) if arguments else ROOT / config["register"]
    schema = io.read_yaml(ROOT / "workflow" / "schemas" / "register.yaml")
    try:
        verified, faults = register.verified(io.read_register(folder), schema, pd.Timestamp(config["cutoff"]))
        raise_all(faults)
    except InputError as error:
        print(error)
        return 1
    gaps = register.gaps(verified)
    print(f"No faults in {len(verified['operations'])} operations. {len(gaps)} gaps:")
    print(gaps.groupby(["field", "gap"]).size().rename("operations").sort_values(ascending=False).to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
