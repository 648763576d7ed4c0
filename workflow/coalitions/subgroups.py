"""Coalitions by what the brief says of some of them: African counterterrorism coalitions against all others."""

import pandas as pd

from coalitions import survival

COUNTER = {"counterterrorism": ("counterterrorism",), "counterterrorism-or-insurgency": ("counterterrorism", "counterinsurgency")}
PRIMARY = "counterterrorism-or-insurgency"
NAMES = {True: "African counterterrorism", False: "other coalitions"}
COLUMNS = ["scope", "subgroup", "time_days", "n_at_risk", "n_event", "n_censored", "survival", "ci_lower", "ci_upper"]


def african(spells: pd.DataFrame, counter_tasks: str) -> pd.Series:
    """Which spells have their main theatre in Africa and one of the tasks of `COUNTER[counter_tasks]` (0/1 as bool, index of the spells)."""
    wanted = set(COUNTER[counter_tasks])
    return ((spells["region"] == "africa") & spells["tasks"].map(lambda text: bool(wanted & set(str(text).split("+"))))).astype(bool)


def curves(spells: pd.DataFrame, scopes: list[str], confidence: float) -> pd.DataFrame:
    """Kaplan-Meier curves of both kinds of coalitions under every inclusion rule (log-log limits); a kind without spells has no line. Parameters: spells panel; scopes; level."""
    frames = []
    for scope in scopes:
        inside = spells[(spells[f"scope_{scope}"] == 1) & (spells["arrangement"] == "ahc")]
        mine = african(inside, PRIMARY)
        for one, name in NAMES.items():
            group = inside[mine == one]
            if len(group):
                curve = survival.kaplan_meier(group["duration_days"].to_numpy(float), group["ended"], confidence=confidence)
                frames.append(curve.drop(columns="std_err").assign(scope=scope, subgroup=name))
    return pd.concat(frames, ignore_index=True)[COLUMNS] if frames else pd.DataFrame(columns=COLUMNS)
