"""Rows of the tables that the report quotes, and how numbers are printed in them.

A line that a model could not estimate is quoted with its reason in the place of its interval: the reader sees that something is missing, and why.
"""

import re

import numpy as np
import pandas as pd
from markupsafe import Markup

from coalitions import dates
from coalitions.figures.style import NAMES

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~^$@&\"':=%/])")
RELIABLE = 2 / 3  # below this alpha a variable is not reliably coded (Krippendorff 2019, ch. 12)


def escaped(text) -> str:
    """Text as Markdown source that means just that text: every punctuation mark is escaped, line breaks become spaces."""
    if isinstance(text, Markup):
        return str(text)
    return _SPECIAL.sub(r"\\\1", re.sub(r"[ \t\n\r\f\v\u0085\u2028\u2029]+", " ", str(text)))


def number(value, digits: int = 2) -> str:
    """A number with `digits` decimals and a real minus sign; an en dash if it is missing."""
    if value is None or pd.isna(value):
        return "–"
    return f"{round(float(value), digits) + 0.0:,.{digits}f}".replace("-", "−").replace(",", "\u202f")


def count(value) -> str:
    """A whole number."""
    return number(value, 0)


def counted(value, one: str, many: str = "") -> str:
    """A number of things in words that fit it: `no theatres`, `1 theatre`, `12 theatres`. `many`: the plural, where it is more than an added s."""
    return f"{count(value) if value else 'no'} {one if value == 1 else many or one + 's'}"


def years_long(value) -> str:
    """A time in years, with a decimal below ten."""
    return f"{number(value, 1 if value < 10 else 0)} years"


def percent(value) -> str:
    """A share as whole per cent."""
    return "–" if value is None or pd.isna(value) else f"{100 * value:.0f}\u202f%"


def p_value(value) -> str:
    """A p-value with three decimals, or below the smallest of them."""
    if value is None or pd.isna(value):
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def p_says(value) -> str:
    """A p-value as part of a sentence: `p = 0.386`, `p < 0.001`."""
    said = p_value(value)
    return f"p {said}" if said.startswith("<") else f"p = {said}"


def tested(claim: str, quotation: str) -> Markup:
    """A sentence of the brief as Markdown with the words in bold that the claim tests, if its name is among them (claim `short-lived`: often **short-lived** coalitions)."""
    found = re.search(r"\b" + r"[\s-]".join(map(re.escape, claim.split("-"))) + r"\b", quotation, re.I)
    if not found:
        return Markup(escaped(quotation))
    return Markup(f"{escaped(quotation[: found.start()])}**{escaped(found[0])}**{escaped(quotation[found.end() :])}")


def agreeing(verdict: dict) -> str:
    """The share of specifications with the verdict of the primary one, of a row of verdicts.csv; none where the primary one gives no verdict that they could share."""
    return percent(None if verdict["reported"] == "not-estimable" else verdict["same_verdict"])


def days_apart(agreement: list[dict], disagreements: list[dict]) -> dict[tuple[str, str], tuple[float, float]]:
    """Median and ninetieth percentile of the days between the two dates of a case, by round and variable.

    Parameters: rows of agreement.csv and of disagreements.csv. Cases with one date in both codings are no days apart; a date that is known to the month or year counts by its
    middle day, as in alpha.
    """
    found = {}
    for row in agreement:
        if row["level"] == "interval" and row["both_coded"]:
            pairs = [(d["first"], d["second"]) for d in disagreements if (d["round"], d["variable"]) == (row["round"], row["variable"])]
            apart = [abs((dates.middle(str(a)) - dates.middle(str(b))).astype("int64")) for a, b in pairs if not (pd.isna(a) or pd.isna(b))]
            every = [0] * (int(row["both_coded"]) - len(apart)) + apart
            found[row["round"], row["variable"]] = (float(np.median(every)), float(np.percentile(every, 90)))
    return found


def agreement_rows(agreement: list[dict], disagreements: list[dict]) -> list[list[str]]:
    """Rows of the agreement of two codings: round, variable, cases, share equal, of dates the share that is compatible and the days apart, alpha and its interval."""
    apart = days_apart(agreement, disagreements)
    nothing = (None, None)
    return [
        [
            a["round"], a["variable"], count(a["both_coded"]), percent(a["agreement"]), percent(a["compatible"]),
            *(count(d) for d in apart.get((a["round"], a["variable"]), nothing)),
            number(a["alpha"]), interval(a["alpha_lower"], a["alpha_upper"]),
        ]
        for a in agreement
    ]  # fmt: skip


def unreliable(agreement: list[dict]) -> list[dict]:
    """Rows of agreement.csv of the variables whose alpha lies below `RELIABLE` in the last round in which they were tried."""
    return [row for row in {a["variable"]: a for a in agreement}.values() if row["alpha"] < RELIABLE]


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


MOST_ACTIVE = 3  # ranks of a period that the report shows


def year(value) -> str:
    """A year, without a space for thousands; an en dash if there is none."""
    return "–" if value is None or pd.isna(value) else f"{int(value)}"


def trend_rows(trends: dict[str, list[dict]]) -> dict[str, list[list[str]]]:
    """Rows of launches, breaks, leadership, vetoes, mandates and tasks, from the records of trends/*.csv of the primary scope by name."""
    return {
        "rows_of_leadership": [
            [m["term"], count(m["events"]), count(m["n"]), percent(m["estimate"]), percent_limits(m)]
            for m in trends["leadership"]
            if m["model"] == "led" and m["decade"] == "all"
        ],
        "rows_of_leadership_trend": [[m["term"], *ratio(m), p_value(m["p"])] for m in trends["leadership"] if m["model"] == "trend"],
        "rows_of_european": [
            [m["europeans"], m["lead"], m["term"], count(m["events"]), number(m["estimate"]), limits(m), p_value(m["p"])] for m in trends["european_led"]
        ],
        "rows_of_gridlock": [
            [m["model"], m["drafts"], count(m["lag_years"]), count(m["events"]), *ratio(m), p_value(m["p"])] for m in trends["gridlock"] if m["term"] == "vetoed draft"
        ],
        "rows_of_authorised": [
            [m["term"], count(m["events"]), count(m["n"]), percent(m["estimate"]), percent_limits(m)]
            for m in trends["gridlock"]
            if m["model"] == "authorised" and m["term"] != "trend"
        ],
        "rows_of_legal": [
            [m["model"].replace("_", " "), m["term"], count(m["events"]), count(m["n"]), percent(m["estimate"]), percent_limits(m)]
            for m in trends["legal"]
            if m["decade"] == "all" and not m["model"].startswith("trend")
        ],
        "rows_of_tasks": [
            [m["task_grouping"], NAMES[m["term"]], count(m["n"]), number(m["estimate"]), limits(m)] for m in trends["tasks_per_mandate"] if m["model"] == "mean"
        ],
        "rows_of_task_ratios": [
            [m["task_grouping"], m["model"], NAMES[m["term"]], count(m["n"]), *ratio(m), p_value(m["p"])]
            for m in trends["tasks_per_mandate"]
            if m["model"].startswith("ratio")
        ],
        "rows_of_shares": shares_by_period(trends["launches"]),
        "rows_of_launch_rates": [
            [NAMES[m["arrangement"]], m["model"], year(m["since"]), count(m["events"]), *ratio(m), p_value(m["p"])]
            for m in trends["launch_rates"]
            if m["model"] in ("poisson", "negative-binomial") and m["term"] == "decade"
        ],
        "rows_of_ratio": [
            [m["comparator"], year(m["since"]), year(m["break_after"]), *ratio(m), p_value(m["p"])] for m in trends["launch_rates"] if m["model"] == "ratio of rate ratios"
        ],
        "rows_of_breaks": [
            [
                m["series"], m["model"], year(m["break_after"]), number(m["before"]), number(m["after"]), number(m["estimate"]), limits(m), p_value(m["p"]),
                p_value(m["permutation_p"]),
            ]
            for m in trends["breaks"]
        ],
        "rows_of_closing": [
            [m["term"], count(m["events"]), count(m["exposure_years"]), number(m["estimate"]), limits(m)]
            for m in trends["closing_hazard"]
            if m["kinds"] == "any-peacekeeping" and m["model"] == "rate"
        ],
        "rows_of_closing_ratio": [
            [m["term"], count(m["events"]), number(m["estimate"]), limits(m), p_value(m["p"])]
            for m in trends["closing_hazard"]
            if m["kinds"] == "any-peacekeeping" and m["model"] == "rate ratio"
        ],
        "rows_of_arrivals": [
            [m["task_forces"], year(m["since"]), m["model"], count(m["n"]), number(m["estimate"]), limits(m), number(m["statistic"]), p_value(m["p"])]
            for m in trends["arrivals"]
            if m["waters"] == "gulf-red-sea"
        ],
    }  # fmt: skip


def shares_by_period(launches: list[dict]) -> list[list[str]]:
    """Shares of launches in periods of five years, chains merged: a row per period with share and interval of each arrangement."""
    chosen = [m for m in launches if (m["chains"], m["span"], m["outcome"]) == ("merged", "five-years", "launches")]
    found: dict[tuple, dict] = {}
    for m in chosen:
        found.setdefault((m["first_year"], m["last_year"], m["n"]), {})[m["arrangement"]] = m
    return [[f"{year(a)}-{year(b)}", count(n), *(cell for kind in NAMES for cell in (percent(of[kind]["estimate"]), percent_limits(of[kind])))] for (a, b, n), of in found.items()]


def fragmentation_rows(tables: dict[str, list[dict]], red_sea: dict) -> dict[str, list[list[str]]]:
    """Rows of overlap and duplication, from the records of fragmentation/*.csv of the primary scope by name; `red_sea`: primary specification of that claim."""
    like = ("europe", "us_command", "us_operations", "joined_until")
    study = ("entrant", "outcome", "model", "since")
    return {
        "rows_of_overlap": [
            [
                m["pair"], count(m["n"]), count(m["overlap_months"]), percent(m["share_same_task"]), number(m["mean_jaccard"]), count(m["n_jaccard"]),
                said_or(m, percent(m["share_common_command"])),
            ]
            for m in tables["overlap"]
            if str(m["decade"]) == "all"
        ],
        "rows_of_duplication": [
            [
                NAMES.get(m["arrangement"], m["arrangement"]), f"{m['model']} exchanged", count(m["n"]), count(m["operation_months"]), percent(m["estimate"]), percent_limits(m),
                percent(m["expected"]), f"[{percent(m['expected_lower'])}, {percent(m['expected_upper'])}]", p_value(m["p"]),
            ]
            for m in tables["duplication"]
            if str(m["decade"]) == "all" and m["same_task"] == "strict"
        ],
        "rows_of_fragmentation_trend": [
            [year(m["since"]), f"{m['outcome']}, {m['model']}", count(m["n"]), count(m["n_theatres"]), number(m["estimate"]), limits(m), p_value(m["p"])] for m in tables["trend"]
        ],
        "rows_of_entries": [
            [
                m["entrant"], m["outcome"], m["model"], year(m["since"]), count(m["events"]), number(m["estimate"]), limits(m),
                p_value(next((lead["p"] for lead in tables["event_study"] if lead["term"] == "leads" and all(lead[k] == m[k] for k in study)), None)),
            ]
            for m in tables["event_study"]
            if m["term"] == "mean after"
        ],
        "rows_of_gap_filling": [
            [
                NAMES.get(m["arrangement"], m["arrangement"]), m["occupants"], m["gap_window"], count(m["n"]), percent(m["observed"]), percent(m["expected"]),
                number(m["estimate"]), limits(m),
            ]
            for m in tables["gap_filling"]
            if m["date_strata"] == "region"
        ],
        "rows_of_most_active": [
            [m["period"], count(m["rank"]), m["name"], count(m["n_ahc"]), count(m["n_ahc_led"]), count(m["theirs"]), count(m["difference"])]
            for m in tables["most_active"]
            if m["rank"] <= MOST_ACTIVE or not pd.isna(m["theirs"])
        ],
        "rows_of_composition": [
            [m["size_at"], m["counted_members"], m["model"], m["term"], count(m["n"]), count(m["n_reference"]), number(m["estimate"]), limits(m), p_value(m["p"])]
            for m in tables["composition"]
        ],
        "rows_of_likeness": [
            [m["pool"], m["likeness"], count(m["n"]), number(m["observed"]), number(m["expected"]), number(m["estimate"]), limits(m), p_value(m["permutation_p"])]
            for m in tables["likeness"]
        ],
        "rows_of_red_sea": [
            [m["participants"], m["lists"], count(m["n"]), count(m["events"]), percent(m["estimate"]), percent_limits(m)]
            for m in tables["red_sea"]
            if all(str(m[name]) == str(red_sea.get(name, m[name])) for name in like)
        ],
    }  # fmt: skip


def choice_rows(claim: dict, choices: list[dict], dimensions: dict[str, str]) -> list[list[str]]:
    """Rows of the choices of a claim, in the order of their part in the spread: what is chosen, how often each value (that of the primary specification in bold) gives the
    primary verdict, part of the spread. `choices`: rows of choices.csv; `dimensions`: what each dimension of the multiverse means, by name.
    """
    mine: dict[str, list[dict]] = {}
    for row in choices:
        if row["claim"] == claim["id"]:
            mine.setdefault(row["dimension"], []).append(row)
    share = {part["dimension"]: part["share"] for part in claim.get("spread") or []}
    said = {
        name: Markup(", ").join(
            Markup(f"{'**' if primary else ''}{escaped(row['value'])}{'**' if primary else ''} {escaped(percent(row['share_same_verdict']))}")
            for row, primary in ((row, str(row["value"]) == str(claim["primary"].get(name))) for row in found)
        )
        for name, found in mine.items()
    }
    order = sorted(mine, key=lambda name: -(share.get(name) or 0))
    return [[dimensions.get(name, name.replace("_", " ")), said[name], percent(share.get(name))] for name in order]


def rows(known: dict) -> dict[str, list[list[str]]]:
    """Rows of every quoted table by name, as text, from the values of the report (`report.values`)."""
    taus = known["config"]["survival"]["tau_years"]
    red_sea = next((claim["primary"] for claim in known["claims"] if claim["id"] == "red-sea"), {})
    return trend_rows(known["trends"]) | fragmentation_rows(known["fragmentation"], red_sea) | {
        "rows_of_verdicts": [
            [
                Markup(f"[{v['claim']}](#claim-{v['claim']})"), tested(v["claim"], v["quotation"]), Markup(f"[{v['reported']}]{{.{v['reported']}}}"), v["grade"],
                agreeing(v), number(v["theta"]), interval(v["lower"], v["upper"]), number(v["sesoi"]),
            ]
            for v in known["verdicts"]
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
        "rows_of_agreement": agreement_rows(known["agreement"], known["disagreements"]),
        "rows_of_choices": {claim["id"]: choice_rows(claim, known["choices"], known["dimensions"]) for claim in known["claims"]},
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
