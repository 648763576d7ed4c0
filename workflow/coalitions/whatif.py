"""What if: a register, an inclusion rule or a smallest effect that is changed in memory, taken through panels to the verdicts of the primary specifications.

Nothing here writes. A change that is to stay is made in `data/raw` or `config/` and goes through the pipeline, which also runs every other specification.
"""

import numpy as np
import pandas as pd

from coalitions import build
from coalitions.claims import smallest_effect, verdict
from coalitions.configuration import claim_settings
from coalitions.estimands import Panels, plain
from coalitions.register import Register
from coalitions.registry import ESTIMANDS

ESTIMATED = ("theta", "lower", "upper", "n", "events")


def settings_of(config: dict) -> dict:
    """The settings of estimands from the content of config.yaml, as the pipeline has them for a specification of the multiverse: no permutations beside the estimate, no details.

    What needs draws to have an estimate at all (duplication, a null of weighted navies) makes fewer of them than for the published primary specification.
    """
    return plain(claim_settings(config))


def edited(register: Register, table: str, rows: pd.Series, **values: str) -> Register:
    """The register with other values (text, as in the csv) in some rows of one table; the one that is given stays as it is.

    Parameters: register; name of a table; a mask over its rows; new values by column. Raises KeyError for a column that the table does not have.
    """
    frame = register[table].copy()
    if unknown := sorted(set(values) - set(frame.columns)):
        raise KeyError(f"{table}.csv has no column {', '.join(unknown)}")
    for column, value in values.items():
        frame.loc[rows, column] = value
    return register | {table: frame}


def panels_of(register: Register, config: dict) -> Panels:
    """What estimands read, from a corrected register and the content of config.yaml (`scopes`, `first_year`, `cutoff`): the panels, and the register's tables beside them.

    Raises ScopeError if an inclusion rule cannot be read.
    """
    return Panels(**(register | build.all_panels(register, config["scopes"], config["first_year"], pd.Timestamp(config["cutoff"]))))


def under_scope(claims: dict, scope: str) -> dict:
    """Claims with another scope in their primary specification; those without a scope (facts about the United Nations) stay as they are."""
    return {name: claim | {"primary": claim["primary"] | ({"scope": scope} if "scope" in claim["primary"] else {})} for name, claim in claims.items()}


def verdicts_of(data: Panels, claims: dict, settings: dict) -> pd.DataFrame:
    """The primary specification of every claim: `claim, verdict, theta, lower, upper, unit, sesoi, n, events, reason`.

    Parameters: panels; entries of claims.yaml by name; settings of estimands. The scale of `theta`, its limits and `sesoi` is `unit`; `reason` says why there is no theta.
    """
    rows = []
    for name, claim in claims.items():
        e, sesoi = ESTIMANDS[claim["estimand"]](data, claim["primary"], settings), smallest_effect(claim)
        rows.append((name, verdict(e, sesoi), e.theta, e.lower, e.upper, e.unit, sesoi, e.n, e.events, e.reason or None))
    frame = pd.DataFrame(rows, columns=["claim", "verdict", "theta", "lower", "upper", "unit", "sesoi", "n", "events", "reason"])
    return frame.astype(dict.fromkeys(("theta", "lower", "upper", "sesoi"), float) | {"reason": object})


def moved(before: pd.DataFrame, after: pd.DataFrame, tolerance: float = 1e-9) -> pd.DataFrame:
    """Claims that a change moves, those whose verdict turns first, then by the size of the shift.

    Parameters: two tables of `verdicts_of`; relative difference below which numbers are the same.
    Returns `claim, verdict_before, verdict_after, theta_before, theta_after, shift, n_before, n_after, turned`; `shift` counts in smallest effects of interest and is missing
    for a claim of fact or without theta.
    """
    both = before.merge(after, on="claim", how="inner", suffixes=("_before", "_after"), validate="1:1")
    same = [np.isclose(both[f"{name}_before"], both[f"{name}_after"], rtol=tolerance, atol=tolerance, equal_nan=True) for name in ESTIMATED]
    both["turned"] = (both["verdict_before"] != both["verdict_after"]).astype("int64")
    both["shift"] = (both["theta_after"] - both["theta_before"]) / both["sesoi_before"]
    both["size"] = both["shift"].abs().fillna(0.0)
    found = both[~np.logical_and.reduce(same) | (both["turned"] == 1)].sort_values(["turned", "size", "claim"], ascending=[False, False, True], ignore_index=True)
    return found[["claim", "verdict_before", "verdict_after", "theta_before", "theta_after", "shift", "n_before", "n_after", "turned"]]


def turning_points(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Smallest effects of interest at which the verdict of an estimate turns, from the rule itself: `claim, sesoi, verdict, effect_up_to, negligible_above`.

    Parameter: a table with `claim, verdict, theta, lower, upper, sesoi`. An estimate whose interval leaves out zero is supported (or contradicted, by its sign) by every
    smallest effect up to `effect_up_to`, the size of theta; it is negligible for every one above `negligible_above`, the farther of its limits. Between the two, and below
    where the interval holds zero, it is inconclusive. Claims of fact and claims without theta or a limit are left out.
    """
    frame = verdicts.dropna(subset=["theta", "lower", "upper", "sesoi"]).reset_index(drop=True)
    decided = (frame["lower"] > 0) | (frame["upper"] < 0)
    farther = np.maximum(frame["lower"].abs(), frame["upper"].abs())
    return frame[["claim", "sesoi", "verdict"]].assign(effect_up_to=frame["theta"].abs().where(decided), negligible_above=farther)
