"""Renews what is generated outside results/: `make describe` calls it, and tests hold both true.

These are data/raw/datapackage.json, from the schema, and the verdict table of the README, from the results.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

from coalitions import io, report, schema  # noqa: E402

MARKS = re.compile(r"(<!-- verdicts -->\n).*?(<!-- /verdicts -->)", re.S)


def data_package() -> str:
    """The Frictionless description of the register."""
    return schema.package_text(schema.register_package(io.read_yaml(ROOT / "workflow" / "schemas" / "register.yaml")))


def readme() -> str:
    """The README with the verdicts as they are in results/claims/verdicts.csv."""
    rows = [
        [v.claim, v.quotation, v.reported, v.grade, report.number(v.theta), report.interval(v.lower, v.upper), v.unit]
        for v in io.read_table(ROOT / "results" / "claims" / "verdicts.csv").itertuples()
    ]
    table = report.pipe_table(["Claim", "The brief says", "Verdict", "Grade", "Estimate", "95 % interval", "Unit"], rows, "llllrrl")
    return MARKS.sub(lambda match: f"{match[1]}\n{table}\n\n{match[2]}", (ROOT / "README.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    io.write_text(data_package(), ROOT / "data" / "raw" / "datapackage.json")
    io.write_text(readme(), ROOT / "README.md")
