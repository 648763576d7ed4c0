"""What the report says of the study on synthetic registers (`coalitions.validation`), if there is one: numbers for its sentences and rows for its table."""

import numpy as np
import pandas as pd

from coalitions.proportions import wilson_limits
from coalitions.quoted import count, number, percent

FAMILY = "any"  # the row of the whole family in the table of errors
NO_FINDING = "not-estimable"


def values(tables: dict[str, pd.DataFrame]) -> dict | None:
    """Values for the template; None without the tables `coverage`, `verdicts` and `errors`.

    `short_true`, `short_null`: claims whose interval covers less than it promises (the whole interval of its coverage lies below), worst first; `misleading`: claims with a verdict
    against the truth in more replicates than one minus the confidence, beyond Monte Carlo error; `weak`: claims that are supported in fewer than half of the registers in which
    they are true; `thin`: those that a tenth or more of the registers cannot estimate.
    """
    if not {"coverage", "verdicts", "errors"} <= set(tables):
        return None
    coverage, verdicts, errors = tables["coverage"], tables["verdicts"], tables["errors"]
    nominal = float(coverage["nominal"].iloc[0])
    level = 1 - nominal
    shares = verdicts.pivot_table(index=["world", "claim"], columns="verdict", values="share", aggfunc="first")
    wrong = verdicts[verdicts["reading"] == "wrong"].groupby(["world", "claim"])["share"].sum()
    count_of = (
        verdicts[verdicts["reading"] == "wrong"].assign(wrong=lambda f: f["share"] * f["replicates"]).groupby(["world", "claim"]).agg({"wrong": "sum", "replicates": "first"})
    )
    worst = {key: wilson_limits(round(row["wrong"]), round(row["replicates"]), nominal)[0] for key, row in count_of.iterrows()}
    family = errors[errors["claim"] == FAMILY].set_index("world")
    claims, rows, lines = list(dict.fromkeys(coverage["claim"])), [], coverage.set_index(["world", "claim"])
    for claim in claims:
        true, null = lines.loc[("all-true", claim)], lines.loc[("none-true", claim)]
        rows.append(
            [
                claim, number(true["true_theta"], 3), number(true["mean_theta"], 3), percent(true["coverage"]), percent(null["coverage"]),
                percent(shares.loc[("all-true", claim), "supported"]), percent(wrong.get(("all-true", claim))), percent(wrong.get(("none-true", claim))),
                percent(shares.loc[("all-true", claim), NO_FINDING]),
            ]
        )  # fmt: skip
    short = {world: _short(coverage[coverage["world"] == world], nominal) for world in ("all-true", "none-true")}
    misleading = [(world, claim) for (world, claim), low in worst.items() if low > level]
    known = coverage[(coverage["world"] == "all-true") & coverage["sesoi"].notna()]
    ratio = known["true_theta"] / known["sesoi"]
    return {
        "replicates": int(coverage["replicates"].max()), "nominal": nominal, "rows": rows, "short_true": short["all-true"], "short_null": short["none-true"],
        "median_coverage_true": float(coverage.loc[coverage["world"] == "all-true", "coverage"].median()),
        "median_coverage_null": float(coverage.loc[coverage["world"] == "none-true", "coverage"].median()),
        "least_effect": float(ratio.min()), "most_effect": float(ratio.max()),
        "misleading": [{"claim": claim, "world": world, "share": float(wrong[(world, claim)])} for world, claim in misleading],
        "weak": [{"claim": c, "share": float(shares.loc[("all-true", c), "supported"])} for c in claims if shares.loc[("all-true", c), "supported"] < 0.5],
        "thin": [{"claim": c, "share": float(shares.loc[("all-true", c), NO_FINDING])} for c in claims if shares.loc[("all-true", c), NO_FINDING] >= 0.1],
        "family_raw": float(family.loc["none-true", "rejected"]), "family_holm": float(family.loc["none-true", "rejected_holm"]),
        "family_lower": float(family.loc["none-true", "rejected_holm_lower"]), "family_upper": float(family.loc["none-true", "rejected_holm_upper"]), "claims": count(len(claims)),
    }  # fmt: skip


def _short(coverage: pd.DataFrame, nominal: float) -> list[dict]:
    """Claims whose coverage lies below the nominal one with its whole interval, the lowest first."""
    low = coverage[np.nan_to_num(coverage["coverage_upper"], nan=1.0) < nominal].sort_values(["coverage", "claim"])
    return [{"claim": line.claim, "coverage": float(line.coverage)} for line in low.itertuples()]
