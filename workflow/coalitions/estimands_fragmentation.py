"""Estimands on what coalitions do to the number of those who respond, and on where they go. Their form is that of `coalitions.estimands`.

Each is oriented: positive means that the claim is true. `ESTIMANDS_FRAGMENTATION` holds them by name, `catalogue.ESTIMANDS` the tables that each reads beside the usual ones.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from coalitions import entries, fixedeffects, gapfilling
from coalitions.estimands import Estimate, Panels, not_estimable
from coalitions.survival import NotEstimable

FIRST_YEAR = 1945
AHC = entries.ARRANGEMENTS.index("ahc")
# Columns of the operations panel that a layout is made from; walking through all of them, operation after operation, takes most of the time.
PLACED = ["operation_id", "arrangement", "organisation", "parent_id", "chain_id", "deployed", "theatres"]


def _lines(data: Panels, cutoff: pd.Timestamp) -> tuple[entries.Layout, entries.Lines]:
    """Layout and dated lines of the operations panel; the layout is shared by draws of dates."""
    held = data.of_structure(("entries layout",), lambda: entries.layout(data.operations[PLACED]))
    return held, data.once(("entries lines", cutoff), lambda: entries.dated(held, data.operations, cutoff))


# ---- fragmentation -----------------------------------------------------------------------------------------------------------------------------------------------


def entry_effect(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Change of the effective number of others in a theatre after its first AHC entry, against theatres without an AHC: positive if others come too.

    Entry adds a provider by arithmetic, so that the coalition is not in the outcome: 0 means that it came on top of the others, minus that they gave way, plus that more came.
    Specification: `scope`; `since` (first year of entries; the panel begins five years before it); `diversity_index` (`simpson`, `shannon`), `diversity_of` (`providers`,
    `operations`); `others` (`un-and-regional`, or `all-but-entrant`: later coalitions too); `event_estimator` (`interaction-weighted`, `two-way`); `resolution` (`year`, `month`:
    mean of the months); `places` (`all`, `land`: countries only); `post_years` (theta is the mean effect of the years 1 to that after the entry; the year of the entry is split
    and left out). Only full years count. In the details: the effect with coalitions counted, the joint test of the leads, the other estimator, the same around the first UN and
    the first regional entry, and a permutation p (years of entry shuffled over all theatres of the sample, studentised), if permutations are asked for.
    """
    unit = f"effective {spec['diversity_of']}"
    cutoff = pd.Timestamp(settings["cutoff"])
    held, lines = _lines(data, cutoff)
    last, n_theatres = entries.last_full_year(cutoff), len(held.theatres)
    scope = spec["scope"]
    mine = data.once(("entries of", scope, cutoff), lambda: lines.where((data.operations[f"scope_{scope}"] == 1).to_numpy()[held.row]))
    if not len(mine.theatre):
        return not_estimable("no operation of the scope deployed", unit)
    present = np.bincount(mine.theatre, minlength=n_theatres) > 0
    if spec["places"] == "land":
        land = data.of_world(("land",), lambda: set(data.theatres.loc[data.theatres["kind"] == "land", "theatre"]))
        present = present & np.isin(held.theatres.astype(str), sorted(land))

    def entered(kind: int) -> tuple[np.ndarray, np.ndarray]:
        return data.once(("entered", kind, scope, cutoff), lambda: entries.first_entries(mine, kind, n_theatres))

    def numbers(kind: int, others: str) -> np.ndarray:
        """Outcome by theatre and year: `all`, everything but the entrants, or other arrangements."""

        def make() -> dict[str, np.ndarray]:
            kept = {"all": np.ones(len(mine.kind), dtype=bool), "all-but-entrant": ~entered(kind)[1], "un-and-regional": mine.kind != kind}[others]
            return entries.yearly(mine.where(kept), spec["diversity_of"], FIRST_YEAR, last, n_theatres, spec["resolution"])

        return data.once(("numbers", kind, others, scope, spec["diversity_of"], spec["resolution"], cutoff), make)[spec["diversity_index"]]

    def study(kind: int, others: str, estimator: str) -> entries.Effects | NotEstimable:
        entry = entered(kind)[0]
        treated, controls, begin = entries.sample(entry, present, spec["since"], FIRST_YEAR, last)
        y = numbers(kind, others)[:, begin - FIRST_YEAR :]
        if estimator == "interaction-weighted":
            return entries.interaction_weighted(y, entry, treated, controls, begin)
        key = ("two-way design", kind, scope, spec["since"], spec["places"], cutoff)
        return entries.two_way_effects(y, entry, treated, controls, begin, data.once(key, lambda: entries.two_way_design(entry, treated, controls, begin, y.shape[1])))

    entry = entered(AHC)[0]
    treated, controls, begin = entries.sample(entry, present, spec["since"], FIRST_YEAR, last)
    size = {"n": int(treated.sum() + controls.sum()), "events": int(treated.sum()), "exposure_years": float((treated | controls).sum() * (last - begin + 1))}
    effects = study(AHC, spec["others"], spec["event_estimator"])
    if isinstance(effects, NotEstimable):
        return not_estimable(effects.reason, unit, **size)
    found = entries.mean_effect(effects, 1, spec["post_years"])
    if isinstance(found, NotEstimable):
        return not_estimable(found.reason, unit, **size)
    limits = fixedeffects.limits(*found, effects.df, settings["confidence"])
    theta = limits.pop("estimate")
    details = {"se": limits.pop("se"), "df": effects.df, "n_entered": int(treated.sum()), "n_never_entered": int(controls.sum()), "first_year": begin, "last_year": last}
    if settings.get("details", True):
        details |= _beside(study, effects, spec)
        outcome, at = numbers(AHC, spec["others"]), entry[treated] - FIRST_YEAR
        spans = [outcome[theatre, year + 1 : year + 1 + spec["post_years"]] for theatre, year in zip(np.flatnonzero(treated), at, strict=True)]
        after = [span.mean() for span in spans if len(span)]
        details |= {"mean_before": float(outcome[treated, at - 1].mean()), "mean_after": float(np.mean(after)) if after else None}
    if settings.get("permutations"):
        rng = np.random.default_rng(settings["seed"])
        shuffled = _permuted(numbers(AHC, spec["others"])[:, begin - FIRST_YEAR :], entry, treated | controls, begin, spec, limits["statistic"], settings["permutations"], rng)
        details |= {"permutation_p": shuffled[0], "permutations": settings["permutations"], "permutations_undefined": shuffled[1]}
    places = np.flatnonzero(treated)
    rows = np.unique(held.row[(data.operations[f"scope_{scope}"] == 1).to_numpy()[held.row] & np.isin(held.theatre, places)])
    name = {"interaction-weighted": "interaction-weighted event study", "two-way": "two-way fixed effects event study"}[spec["event_estimator"]]
    return Estimate(
        theta=theta, unit=unit, **size, test=f"{name}, variance by theatre, t interval", records=sorted(data.operations["operation_id"].to_numpy(dtype=object)[rows]),
        details=details, **limits,
    )  # fmt: skip


def _beside(study: Callable, effects: entries.Effects, spec: dict) -> dict:
    """What stands beside the estimate: leads, the other estimator, coalitions counted, and the first entries of the others."""
    details = {"effects": {str(int(r)): float(e) for r, e in zip(effects.relative, effects.estimate, strict=True)}}
    test = entries.pre_trend(effects)
    names = ("pre_trend_f", "pre_trend_leads", "pre_trend_p")
    details |= dict(zip(names, test, strict=True)) if not isinstance(test, NotEstimable) else dict.fromkeys(names) | {"pre_trend_reason": test.reason}
    own = spec["event_estimator"]
    other = next(name for name in entries.ESTIMATORS if name != own)
    runs = {
        "with_coalitions": (AHC, "all", own), "other_estimator": (AHC, spec["others"], other), "all_but_entrant": (AHC, "all-but-entrant", own),
        "around_un_entry": (1, "un-and-regional", own), "around_regional_entry": (2, "un-and-regional", own),
    }  # fmt: skip
    for name, run in runs.items():
        beside = study(*run)
        mean = beside if isinstance(beside, NotEstimable) else entries.mean_effect(beside, 1, spec["post_years"])
        details |= {f"theta_{name}": None, f"se_{name}": None} if isinstance(mean, NotEstimable) else {f"theta_{name}": mean[0], f"se_{name}": mean[1]}
    return details


def _permuted(y, entry, used, first, spec, statistic, draws, rng) -> tuple[float, int]:
    """Two-sided p of the studentised mean effect if years of entry (and never) are shuffled over the theatres, the observed one counted; and draws that give none."""
    y, entry = y[used], entry[used]
    hits = undefined = 0
    for _ in range(draws):
        drawn = rng.permutation(entry)
        effects = entries.ESTIMATORS[spec["event_estimator"]](y, drawn, drawn > 0, drawn == 0, first)
        mean = effects if isinstance(effects, NotEstimable) else entries.mean_effect(effects, 1, spec["post_years"])
        if isinstance(mean, NotEstimable):
            undefined += 1
        else:
            hits += abs(mean[0] / mean[1]) >= abs(statistic) - 1e-12
    return (hits + 1) / (draws - undefined + 1), undefined


# ---- gap-filling -------------------------------------------------------------------------------------------------------------------------------------------------


def gap_share(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Share of AHC launches into a theatre without an operation of an organisation, minus the share expected under permuted start dates: positive if coalitions fill gaps.

    Specification: `scope` and `since` of the launches; `comparator` (who fills a theatre: `un`, `regional`, `both`); `gap_window` (`at-launch`, `year-before`, `year-around`);
    `date_strata` (dates are permuted within the `region` of the primary theatre, or within `region-era`); `gap_place` (`primary`: the primary theatre is empty; `all`: each is);
    `occupants_from` (`register`: any operation of the register fills a theatre; `scope`). A new name of an older coalition is no launch.
    The expected share is exact (`gapfilling.shares`); limits and p are of the deviations summed by theatre. Beside them, in the details, the z of the permutation distribution
    and, if permutations are asked for, its Monte Carlo p.
    """
    unit = "difference of the share launched into a gap"
    cutoff, operations = pd.Timestamp(settings["cutoff"]), data.operations
    held, lines = _lines(data, cutoff)
    kinds = ("un", "regional") if spec["comparator"] == "both" else (spec["comparator"],)
    chosen = data.once(("launched", spec["scope"], spec["since"]), lambda: gapfilling.launched(operations, "ahc", spec["scope"], spec["since"]))
    from_scope = spec["scope"] if spec["occupants_from"] == "scope" else None
    occupants = data.once(("occupying", kinds, from_scope), lambda: gapfilling.occupying(operations, kinds, from_scope))
    found = gapfilling.launches(held, lines, operations, chosen, occupants, spec["gap_window"], spec["date_strata"], spec["gap_place"])
    n = len(found.rows)
    into = int(found.empty[np.arange(n), found.when].sum()) if n else 0
    result = gapfilling.shares(found.empty, found.when, found.stratum, found.theatre, settings["confidence"])
    if isinstance(result, NotEstimable):
        return not_estimable(result.reason, unit, n, into)
    details = {
        "share_into_gap": result.observed, "share_expected": result.expected, "se": result.se, "df": result.df, "launches": n, "launches_with_date_to_swap": result.n,
        "launches_alone": result.alone, "launches_that_can_differ": result.moved, "theatres": result.theatres, "permutation_sd": result.permutation_sd,
        "permutation_z": result.permutation_z,
    }  # fmt: skip
    if settings.get("details", True):
        for kind, name in (("un", "un"), ("regional", "regional")):
            others = gapfilling.occupying(operations, tuple(k for k in entries.ARRANGEMENTS if k != kind), from_scope)
            beside = gapfilling.launches(
                held, lines, operations, gapfilling.launched(operations, kind, spec["scope"], spec["since"]), others, spec["gap_window"], spec["date_strata"], spec["gap_place"]
            )
            theirs = gapfilling.shares(beside.empty, beside.when, beside.stratum, beside.theatre, settings["confidence"])
            held_back = isinstance(theirs, NotEstimable)
            details |= {f"share_into_gap_{name}": None if held_back else theirs.observed, f"share_expected_{name}": None if held_back else theirs.expected}
    if settings.get("permutations"):
        counts = np.bincount(found.stratum)[found.stratum] > 1
        rng = np.random.default_rng(settings["seed"])
        details["permutation_p"] = gapfilling.permuted(found.empty[counts], found.when[counts], found.stratum[counts], settings["permutations"], rng)
        details["permutations"] = settings["permutations"]
    return Estimate(
        theta=result.difference, lower=result.lower, upper=result.upper, unit=unit, n=result.n, events=into, exposure_years=0.0,
        test="share against permuted start dates, variance by theatre, t interval", statistic=result.statistic, p=result.p,
        records=sorted(operations["operation_id"].to_numpy(dtype=object)[found.rows]), details=details,
    )  # fmt: skip


ESTIMANDS_FRAGMENTATION: dict[str, Callable[[Panels, dict, dict], Estimate]] = {"entry_effect": entry_effect, "gap_share": gap_share}
