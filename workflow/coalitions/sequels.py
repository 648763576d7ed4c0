"""What follows an operation in its theatre: how soon and how often the next one starts, by the arrangement that ended, under every inclusion rule.

Who can be the next one: any operation of the register that deployed. An end counts once, in the main theatre of the youngest name of its arrangement.
"""

import numpy as np
import pandas as pd

from coalitions import gaptimes, survival
from coalitions.panels import ARRANGEMENTS
from coalitions.survival import DAYS_PER_YEAR

HANDOVERS = {"counted": True, "passed-over": False}
FEWEST = 5
COLUMNS = {
    "recurrence": [
        "scope", "handovers", "arrangement", "within_years", "n", "events", "n_at_risk", "handed_over", "n_theatres", "estimate", "se", "lower", "upper", "reason",
    ],
    "gap_curves": ["scope", "handovers", "arrangement", "time_days", "n_at_risk", "n_event", "n_censored", "followed", "ci_lower", "ci_upper"],
}  # fmt: skip


def theatre_layout(operations: pd.DataFrame) -> gaptimes.Layout:
    """The layout of the operations panel in every theatre (`theatres`, joined by +)."""
    held = [text.split("+") if isinstance(text, str) else [text] for text in operations["theatres"].tolist()]
    count = np.array([len(row) for row in held], dtype=np.int64)
    names, main = (np.repeat(operations[name].to_numpy(dtype=object), count) for name in ("operation_id", "theatre"))
    place = np.array([name for row in held for name in row], dtype=object)
    places = pd.DataFrame({"operation_id": names, "theatre": place, "primary": (place == main).astype(int)})
    return gaptimes.layout(operations, places)


def counted(gaps: pd.DataFrame, pool: pd.DataFrame, inside: pd.Series, ends_in: str = "primary") -> pd.DataFrame:
    """The gaps whose end counts: of a chain with a name among `inside`, in the main theatre of its youngest name (`all`: in each theatre), and not on the last day observed.

    Parameters: table of `gaptimes.gaps`; the operations that it was made from; which of them are in the scope (same index); `primary` or `all`.
    """
    chains = set(pool["chain_id"].to_numpy()[inside.reindex(pool.index).to_numpy(dtype=bool)])
    kept = (gaps["gap_days"] > 0).to_numpy() & np.array([chain in chains for chain in gaps["chain_id"].tolist()], dtype=bool)
    if ends_in != "all":
        main = dict(zip(pool["operation_id"].tolist(), pool["theatre"].tolist(), strict=True))
        youngest = [names.rpartition("+")[2] for names in gaps["operation_ids"].tolist()]
        kept &= np.array([theatre == main.get(name) for theatre, name in zip(gaps["theatre"].tolist(), youngest, strict=True)], dtype=bool)
    return gaps[kept]


def estimates(operations: pd.DataFrame, scopes: list[str], cutoff: pd.Timestamp, years: list[float], confidence: float) -> dict[str, pd.DataFrame]:
    """Tables `recurrence` and `gap_curves`.

    Parameters: operations panel; names of inclusion rules; the last day observed; horizons in years; confidence level.
    `recurrence`: probability that a next operation has started within the horizon, one minus Kaplan-Meier, variance summed by theatre; `events` and `handed_over` are those of
    any time. `gap_curves`: the same at every day on which a gap ends. `handovers` says whether a successor by hand-over is a next one.
    """
    pool = operations[operations["deployed"] == 1]
    held, rows, curves = theatre_layout(pool), [], []
    for handovers, wanted in HANDOVERS.items():
        gaps = gaptimes.gaps_in(held, pool, cutoff, wanted)
        for scope in scopes:
            frame = counted(gaps, pool, pool[f"scope_{scope}"] == 1)
            for kind in ARRANGEMENTS:
                group = frame[frame["arrangement"] == kind]
                head = {"scope": scope, "handovers": handovers, "arrangement": kind}
                size = {"n": len(group), "events": int(group["followed"].sum()), "handed_over": int(group["handed_over"].sum()), "n_theatres": group["theatre"].nunique()}
                if len(group) < FEWEST or size["n_theatres"] < FEWEST:
                    reason = f"fewer than five ends or theatres ({len(group)} ends in {size['n_theatres']} theatres)"
                    rows += [head | {"within_years": horizon} | size | {"n_at_risk": 0, "reason": reason} for horizon in years]
                    continue
                time, event, theatre = (group[name].to_numpy() for name in ("gap_days", "followed", "theatre"))
                days = [round(horizon * DAYS_PER_YEAR) for horizon in years]
                at = gaptimes.clustered_survival(time, event, theatre, days, confidence)
                for horizon, line in zip(years, at.itertuples(), strict=True):
                    reason = "no end is observed so long" if np.isnan(line.survival) else "all or none are followed: no variance" if not line.std_err > 0 else None
                    rows.append(
                        head | {"within_years": horizon} | size | {
                            "n_at_risk": int((time >= line.days).sum()), "estimate": 1 - line.survival, "se": line.std_err, "lower": 1 - line.ci_upper, "upper": 1 - line.ci_lower,
                            "reason": reason,
                        }
                    )  # fmt: skip
                curve = survival.kaplan_meier(time, event)
                limits = gaptimes.clustered_survival(time, event, theatre, curve["time_days"].to_numpy(), confidence)
                shown = curve[["time_days", "n_at_risk", "n_event", "n_censored"]].assign(followed=1 - curve["survival"])
                curves.append(shown.assign(ci_lower=1 - limits["ci_upper"].to_numpy(), ci_upper=1 - limits["ci_lower"].to_numpy(), **head))
    table = pd.DataFrame(rows, columns=COLUMNS["recurrence"]).astype(dict.fromkeys(("estimate", "se", "lower", "upper"), float) | {"reason": object})
    shown = pd.concat(curves, ignore_index=True)[COLUMNS["gap_curves"]] if curves else pd.DataFrame(columns=COLUMNS["gap_curves"])
    return {"recurrence": table, "gap_curves": shown}
