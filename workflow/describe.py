"""Renews what is generated outside results/: `make describe` calls it, and tests hold all of it true.

These are data/raw/datapackage.json, from the schema, the verdict table of the README, from the results, and the tables of LIMITATIONS.md, from the register and the results.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

from coalitions import io, limits, quoted, report, schema  # noqa: E402

THIN = ("panels/operations.csv", "duration/summary.csv", "checks/gaps.csv", "reliability/agreement.csv", "claims/verdicts.csv")


def filled(text: str, tables: dict[str, str]) -> str:
    """A text with each table between its marks, `<!-- name -->` and `<!-- /name -->`. Raises ValueError if a table has no place, or a place no table."""
    places = re.findall(r"^<!-- (\w+) -->$", text, re.M)
    if sorted(places) != sorted(tables):
        raise ValueError(f"the text has places for {sorted(places)}, and there are {sorted(tables)}")
    for name, table in tables.items():
        text = re.sub(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", lambda _, table=table: f"\n{table}\n\n", text, count=1, flags=re.S)
    return text


def data_package() -> str:
    """The Frictionless description of the register."""
    return schema.package_text(schema.register_package(io.read_yaml(ROOT / "workflow" / "schemas" / "register.yaml")))


def readme() -> str:
    """The README with the verdicts as they are in results/claims/verdicts.csv."""
    rows = [
        [
            v["claim"], quoted.tested(v["claim"], v["quotation"]), v["reported"], v["grade"], quoted.agreeing(v), quoted.number(v["theta"]),
            quoted.interval(v["lower"], v["upper"]), quoted.number(v["sesoi"]), v["unit"],
        ]
        for v in io.read_table(ROOT / "results" / "claims" / "verdicts.csv").to_dict("records")
    ]  # fmt: skip
    heads = ["Claim", "The brief says", "Verdict", "Grade", "Same verdict", "Estimate", "95 % interval", "Smallest effect", "Unit"]
    table = report.pipe_table(heads, rows, "llllrrrrl")
    return filled((ROOT / "README.md").read_text(encoding="utf-8"), {"verdicts": table})


def limitations() -> str:
    """LIMITATIONS.md with its tables as register and results have them."""
    results = {path: io.read_table(ROOT / "results" / path) for path in THIN}
    scope = io.read_yaml(ROOT / "config" / "config.yaml")["primary_scope"]
    return filled((ROOT / "LIMITATIONS.md").read_text(encoding="utf-8"), limits.tables(io.read_register(ROOT / "data" / "raw"), results, scope))


if __name__ == "__main__":
    io.write_text(data_package(), ROOT / "data" / "raw" / "datapackage.json")
    io.write_text(readme(), ROOT / "README.md")
    io.write_text(limitations(), ROOT / "LIMITATIONS.md")
