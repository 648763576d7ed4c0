"""The numbers of LIMITATIONS.md: what is thin in the register and in the tests, as Markdown tables."""

import pandas as pd
from markupsafe import Markup

from coalitions.figures.style import NAMES
from coalitions.quoted import count, number, p_value, percent
from coalitions.report import pipe_table

LEADING = ("organisation_members", "vetoes")


def tables(raw: dict[str, pd.DataFrame], results: dict[str, pd.DataFrame], scope: str) -> dict[str, Markup]:
    """The tables by the name of their place in LIMITATIONS.md.

    Parameters: tables of the register as text, by name; published tables by path; the primary scope.
    """
    operations, summary = results["panels/operations.csv"], results["duration/summary.csv"]
    primary = summary[summary["scope"] == scope].set_index("arrangement")
    named = set(raw["memberships"]["operation_id"])
    coverage, events = [], []
    for kind, name in NAMES.items():
        mine = operations[operations["arrangement"] == kind]
        precise = mine["start_text"].dropna().str.fullmatch(r"\d{4}-\d\d-\d\d")
        coverage.append(
            [name, count(len(mine)), count(mine[f"scope_{scope}"].sum()), count(mine["operation_id"].isin(named).sum()), percent(precise.mean()),
             count((mine["status"] == "unknown").sum()), count((mine["confidence"] == "low").sum())]
        )  # fmt: skip
        events.append([name, count(primary.loc[kind, "n"]), count(primary.loc[kind, "events"]), count(primary.loc[kind, "n"] - primary.loc[kind, "events"])])
    gaps = results["checks/gaps.csv"].groupby(["field", "gap"]).size().sort_values(ascending=False, kind="stable").reset_index(name="operations")
    years = pd.to_numeric(raw["sources"]["year"].replace("", None))
    decades = (years // 10 * 10).value_counts().sort_index()
    kinds = raw["sources"]["kind"].value_counts().sort_index()
    titles = raw["sources"].set_index("source_id")["title"]
    leading = []
    for table in LEADING:
        most = raw[table]["source_id"].value_counts()
        leading.append([table, count(len(raw[table])), titles[most.index[0]], percent(most.iloc[0] / len(raw[table]))])
    return {
        "coverage": pipe_table(
            ["Arrangement", "Operations", f"In scope {scope}", "Members named", "Start known to the day", "End unknown", "Low confidence"], coverage, "lrrrrrr"
        ),
        "gaps": pipe_table(["Field", "What is thin", "Operations"], [[g["field"], g["gap"], count(g["operations"])] for g in gaps.to_dict("records")], "llr"),
        "excluded": pipe_table(["Why", "Candidates"], [[kind, count(n)] for kind, n in raw["excluded"]["kind"].value_counts().sort_index().items()], "lr"),
        "agreement": pipe_table(
            ["Round", "Variable", "Coded by both", "Agreement", "Alpha", "Interval"],
            [[a["round"], a["variable"], count(a["both_coded"]), percent(a["agreement"]), number(a["alpha"]), f"{number(a['alpha_lower'])} to {number(a['alpha_upper'])}"]
             for a in results["reliability/agreement.csv"].to_dict("records")],
            "llrrrr",
        ),
        "sources": pipe_table(["Kind", "Works"], [[kind, count(n)] for kind, n in kinds.items()], "lr"),
        "decades": pipe_table(["Published in the decade of", "Works"], [[f"{int(d)}", count(n)] for d, n in decades.items()] + [["no year", count(years.isna().sum())]], "lr"),
        "leading": pipe_table(["Table", "Rows", "Work behind most rows", "Share"], leading, "lrlr"),
        "events": pipe_table(["Arrangement", "Spells", "Ends", "Censored"], events, "lrrr"),
        "claims": pipe_table(
            ["Claim", "Units", "Events", "p", "p after Holm", "Specifications", "of them not estimable"],
            [[v["claim"], count(v["n"]), count(v["events"]), p_value(v["p"]), p_value(v["p_holm"]), count(v["specifications"]), count(v["not_estimable"])]
             for v in results["claims/verdicts.csv"].to_dict("records")],
            "lrrrrrr",
        ),
    }  # fmt: skip
