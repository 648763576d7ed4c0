"""Duration tables: survival curves, a summary and log-rank tests by arrangement, under every inclusion rule."""

import numpy as np
import pandas as pd

from coalitions import survival
from coalitions.panels import ARRANGEMENTS
from coalitions.survival import NotEstimable

COMPARISONS = {
    "ahc, un, regional": ("ahc", "un", "regional"),
    "ahc, un": ("ahc", "un"),
    "ahc, regional": ("ahc", "regional"),
    "un, regional": ("un", "regional"),
}


def estimates(spells: pd.DataFrame, scopes: list[str], settings: dict, confidence: float, seed: int) -> dict[str, pd.DataFrame]:
    """Tables `km`, `summary` and `logrank`.

    Parameters: spells panel; names of inclusion rules; settings `tau_years` and `permutations`; confidence level; seed (each test draws its own stream).
    A group without spells has no line; a test that cannot be made has a line with its reason.
    """
    curves, rows, tests = [], [], []
    for position, scope in enumerate(scopes):
        inside = spells[spells[f"scope_{scope}"] == 1]
        for arrangement in ARRANGEMENTS:
            group = inside[inside["arrangement"] == arrangement]
            if group.empty:
                continue
            curve = survival.kaplan_meier(group["duration_days"].to_numpy(float), group["ended"], confidence=confidence)
            curves.append(curve.drop(columns="std_err").assign(scope=scope, arrangement=arrangement))
            rows.append({"scope": scope, "arrangement": arrangement} | survival.summary(group, settings["tau_years"], confidence))
        for number, (name, kinds) in enumerate(COMPARISONS.items()):
            rng = np.random.default_rng([seed, position, number])
            tests.append({"scope": scope, "model": name} | log_rank_row(inside[inside["arrangement"].isin(kinds)], settings["permutations"], rng))
    names = ["scope", "arrangement", "time_days", "n_at_risk", "n_event", "n_censored", "survival", "ci_lower", "ci_upper"]
    km = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=names)
    columns = ["scope", "model", "n", "events", "statistic", "df", "p", "permutation_p", "draws", "reason"]
    logrank = pd.DataFrame(tests)[columns].astype({"reason": object})
    logrank["df"] = logrank["df"].astype("Float64")
    return {"km": km[names], "summary": pd.DataFrame(rows), "logrank": logrank}


def log_rank_row(spells: pd.DataFrame, draws: int, rng: np.random.Generator) -> dict:
    """A log-rank test between arrangements as a table row; the permutation p comes from shuffled labels (0 draws leave it out)."""
    time, event = spells["duration_days"].to_numpy(float), spells["ended"].to_numpy()
    row = {"n": len(spells), "events": int(event.sum()), "statistic": np.nan, "df": np.nan, "p": np.nan, "permutation_p": np.nan, "draws": draws, "reason": None}
    if spells.empty:
        return row | {"reason": "no spells"}
    result = survival.log_rank(time, event, spells["arrangement"])
    if isinstance(result, NotEstimable):
        return row | {"reason": result.reason}
    row |= {"statistic": result.statistic, "df": result.df, "p": result.p}
    if draws:
        row["permutation_p"] = survival.permuted_log_rank_p(time, event, spells["arrangement"], draws, rng)
    return row
