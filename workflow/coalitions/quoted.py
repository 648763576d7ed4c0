"""Rows of the tables that the report quotes, and how numbers are printed in them.

A line that a model could not estimate is quoted with its reason in the place of its interval: the reader sees that something is missing, and why.
"""

import re

import numpy as np
import pandas as pd

from coalitions.figures.style import NAMES

# Tables of durations that the report quotes, primary scope.
MODELS = ("cox", "ph_test", "aft", "discrete", "ends", "rmst", "within", "starts", "recurrence", "transitions", "leaving", "turnover")


def number(value, digits: int = 2) -> str:
    """A number with `digits` decimals and a real minus sign; an en dash if it is missing."""
    if value is None or pd.isna(value):
        return "–"
    return f"{round(float(value), digits) + 0.0:,.{digits}f}".replace("-", "−").replace(",", "\u202f")


def count(value) -> str:
    """A whole number."""
    return number(value, 0)


def percent(value) -> str:
    """A share as whole per cent."""
    return "–" if value is None or pd.isna(value) else f"{100 * value:.0f}\u202f%"


def p_value(value) -> str:
    """A p-value with three decimals, or below the smallest of them."""
    if value is None or pd.isna(value):
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def interval(lower, upper, digits: int = 2) -> str:
    """Limits in brackets."""
    return f"[{number(lower, digits)}, {number(upper, digits)}]"


def said_or(row: dict, otherwise: str) -> str:
    """The reason why a line of a table of models has no estimate, or what is to be printed if it has one."""
    return row["reason"] if isinstance(row["reason"], str) else otherwise


def ratio(row: dict) -> list[str]:
    """The ratio and its interval from a line with a log ratio; Gray's test has neither, a model that cannot be fitted its reason."""
    if pd.isna(row["estimate"]):
        return [number(None), said_or(row, number(None))]
    return [number(np.exp(row["estimate"])), said_or(row, interval(np.exp(row["lower"]), np.exp(row["upper"])))]


def limits(row: dict, digits: int = 2) -> str:
    """The interval of a line, or the reason why it has none."""
    return said_or(row, interval(row["lower"], row["upper"], digits))


def percent_limits(row: dict) -> str:
    """The interval of a share in per cent, or the reason why it has none."""
    return said_or(row, f"[{percent(row['lower'])}, {percent(row['upper'])}]")


def silence(models: dict[str, list[dict]]) -> list[list[str]]:
    """What the data could not give: table, model, how many lines have no estimate, and the reason without its numbers, in the order of the tables."""
    found: dict[tuple[str, str, str], int] = {}
    for name, rows in models.items():
        for row in rows:
            if isinstance(row["reason"], str) and pd.isna(row.get("estimate", row.get("statistic"))) and pd.isna(row.get("statistic")):
                key = name, str(row.get("model") or row.get("arrangement")), re.sub(r" \(\d+[^)]*\)", "", row["reason"])
                found[key] = found.get(key, 0) + 1
    return [[name, model, count(lines), reason] for (name, model, reason), lines in found.items()]


def rows(known: dict) -> dict[str, list[list[str]]]:
    """Rows of every quoted table by name, as text, from the values of the report (`report.values`)."""
    taus = known["config"]["survival"]["tau_years"]
    return {
        "rows_of_verdicts": [
            [v["claim"], v["quotation"], v["reported"], v["grade"], number(v["theta"]), interval(v["lower"], v["upper"]), number(v["sesoi"])] for v in known["verdicts"]
        ],
        "rmst_header": [f"Restricted mean to {tau:g} years" for tau in taus],
        "rows_of_summary": [
            [
                NAMES[s["arrangement"]], count(s["n"]), count(s["events"]), number(s["median_years"], 1), interval(s["median_lower"], s["median_upper"], 1),
                *(f"{number(s[f'rmst_{tau:g}'], 1)} {interval(s[f'rmst_{tau:g}_lower'], s[f'rmst_{tau:g}_upper'], 1)}" for tau in taus), number(s["mean_calendar_years"], 1),
            ]
            for s in known["summary"]
        ],
        "rows_of_logrank": [[t["model"], number(t["statistic"]), count(t["df"]), p_value(t["p"]), p_value(t["permutation_p"])] for t in known["logrank"]],
        "rows_of_cox": [
            [m["model"], m["term"], count(m["n"]), count(m["events"]), *ratio(m), p_value(m["p"])]
            for m in known["models"]["cox"]
            if m["term"].startswith("arrangement: ")
        ],
        "rows_of_turn": [
            [m["model"], m["term"], *ratio(m), p_value(m["p"])]
            for m in known["models"]["ph_test"]
            if m["model"].endswith("time interaction")
        ],
        "rows_of_ph": [
            [m["model"], m["term"], said_or(m, number(m["statistic"])), count(m["df"]), p_value(m["p"])]
            for m in known["models"]["ph_test"]
            if m["term"] in ("arrangement", "GLOBAL")
        ],
        "rows_of_ends": [
            [m["ending"], m["model"], m["term"], count(m["events"]), *ratio(m), p_value(m["p"])]
            for m in known["models"]["ends"]
            if m["term"] in ("arrangement: ahc", "ahc, un")
        ],
        "rows_of_rmst": [
            [
                m["term"], f"{m['tau_years']:g}", count(m["dropped"]), number(m["estimate"]), said_or(m, interval(m["lower"], m["upper"])),
                p_value(m["p"]), p_value(m["permutation_p"]),
            ]
            for m in known["models"]["rmst"]
            if m["model"] in ("difference", "without the longest") and m["dropped"] in (0, 3)
        ],
        "rows_of_within": [
            [NAMES.get(m["term"], m["term"]), f"{m['within_years']:g}", number(m["estimate"]), said_or(m, interval(m["lower"], m["upper"])), p_value(m["p"])]
            for m in known["models"]["within"]
        ],
        "rows_of_scopes": [[name, *(count(known["by_scope"][name][kind]) for kind in NAMES), rule] for name, rule in known["rules"].items()],
        "rows_of_agreement": [
            [a["round"], a["variable"], count(a["both_coded"]), percent(a["agreement"]), percent(a["compatible"]), number(a["alpha"]), interval(a["alpha_lower"], a["alpha_upper"])]
            for a in known["agreement"]
        ],
        "rows_of_reconciliation": [[r["what"], count(r["theirs"]), count(r["ours"]), count(r["difference"]), r["reason_for_difference"]] for r in known["reconciliation"]],
        "rows_of_gaps": [[g["field"], g["gap"], count(g["operations"])] for g in known["gaps"]],
        "rows_of_starts": [
            [m["clock"], NAMES.get(m["term"], m["term"]), m["model"], count(m["events"]), count(m["without_date"]), number(m["estimate"], 0), limits(m, 0), p_value(m["p"])]
            for m in known["models"]["starts"]
            if m["never_deployed"] == "kept" and (m["term"] in NAMES or m["model"] == "difference of restricted means")
        ],
        "rows_of_recurrence": [
            [NAMES[m["arrangement"]], m["handovers"], f"{m['within_years']:g}", count(m["n"]), count(m["n_at_risk"]), percent(m["estimate"]), percent_limits(m)]
            for m in known["models"]["recurrence"]
        ],
        "rows_of_leaving": [
            [m["model"], m["term"], count(m["n"]), count(m["events"]), *ratio(m), p_value(m["p"])]
            for m in known["models"]["leaving"]
            if m["model"] != "excluded" and m["term"] != "variance of the frailty"
        ],
        "rows_of_excluded_spells": [[m["term"], count(m["n"])] for m in known["models"]["leaving"] if m["model"] == "excluded"],
        "rows_of_turnover": [[m["model"], m["term"], count(m["events"]), count(m["exposure_years"]), number(m["estimate"]), limits(m)] for m in known["models"]["turnover"]],
        "rows_of_change": [
            [NAMES[m["from"]], m["kind"], count(m["n"]), said_or(m, number(m["statistic"])), p_value(m["p"])]
            for m in known["models"]["transitions"]
            if m["model"] == "change" and m["chains"] == "merged"
        ],
        "rows_of_silence": silence(known["models"]),
    }  # fmt: skip
