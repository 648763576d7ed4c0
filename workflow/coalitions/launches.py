"""Launches, ends and operations at work by arrangement: shares, trends of rates, breaks, the hazard of closing, and the pace of maritime launches, under every inclusion rule.

A launch is the first day of an arrangement: a younger name of the same arrangement is none (`chains` single: it is one). Operations that never deployed are left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from coalitions import arrivals, counts, glm, panels, proportions, structural
from coalitions.panels import ARRANGEMENTS
from coalitions.survival import DAYS_PER_YEAR, NotEstimable

COMPARATORS = {"un": ("un",), "regional": ("regional",), "both": ("un", "regional")}
FAMILIES = ("poisson", "negative-binomial")
STARTS = (1945, 1990, 2000)
BREAKS = (1990, 2001, 2011, 2014)  # last years of an earlier period
FEWEST = 5
CALM_DAYS = 730  # a launch is a first response if nobody had worked in the theatre for so long
SPAN = 5
KINDS = {
    "multidimensional": ("multidimensional", "transitional-administration"), "with-police": ("multidimensional", "transitional-administration", "police-justice"),
    "any-peacekeeping": None, "with-political": None,
}  # fmt: skip
WATERS = {"gulf-red-sea": ("hormuz-gulf", "red-sea-aden"), "with-indian-ocean": ("hormuz-gulf", "red-sea-aden", "western-indian-ocean")}
MARITIME_SINCE = (1987, 2001)
COLUMNS = {
    "launches": ["scope", "chains", "outcome", "span", "first_year", "last_year", "arrangement", "n", "events", "estimate", "lower", "upper", "ac_lower", "ac_upper", "reason"],
    "launch_rates": ["scope", "model", "arrangement", "comparator", "since", "break_after", "term", "n", "events", "estimate", "se", "lower", "upper", "statistic", "p", "reason"],
    "breaks": [
        "scope", "series", "model", "since", "break_after", "n", "events", "before", "after", "estimate", "se", "lower", "upper", "statistic", "p", "permutation_p", "draws",
        "reason",
    ],
    "closing_hazard": ["scope", "kinds", "model", "term", "events", "exposure_years", "estimate", "lower", "upper", "p", "reason"],
    "arrivals": [
        "scope", "waters", "task_forces", "since", "model", "n", "exposure_years", "estimate", "lower", "upper", "statistic", "p", "draws", "reason",
    ],
    "maritime_starts": ["scope", "waters", "task_forces", "operation_id", "name", "acronym", "start", "theatres"],
}  # fmt: skip
NUMBERS = ("estimate", "se", "lower", "upper", "ac_lower", "ac_upper", "before", "after", "statistic", "p", "permutation_p", "exposure_years")


def estimates(operations: pd.DataFrame, spells: pd.DataFrame, scopes: list[str], cutoff: pd.Timestamp, first_year: int, confidence: float, draws: int, seed: int) -> dict:
    """Tables `launches`, `launch_rates`, `breaks`, `closing_hazard`, `arrivals` and `maritime_starts` (columns: `COLUMNS`).

    Parameters: operations panel; spells; names of inclusion rules; the last day observed; first year of the series; confidence level; shuffles of a series; seed.
    """
    units = {"merged": spells, "single": panels.spells(operations, cutoff, merge=False)}
    tables: dict[str, list] = {name: [] for name in COLUMNS}
    years = np.arange(first_year, cutoff.year + 1)
    for scope in scopes:
        for chains, frame in units.items():
            tables["launches"] += share_rows(frame[frame[f"scope_{scope}"] == 1], years, cutoff, confidence, {"scope": scope, "chains": chains})
        inside = spells[spells[f"scope_{scope}"] == 1]
        series = by_year(inside, years)
        exposure = observed_part(years, cutoff)
        tables["launch_rates"] += rate_rows(series, years, exposure, confidence, scope)
        tables["breaks"] += break_rows(series, years, exposure, confidence, scope, draws, seed)
        tables["closing_hazard"] += closing_rows(inside, cutoff, confidence, scope)
    for scope in scopes:
        for waters in WATERS:
            for task_forces in ("one", "several"):
                keys = {"scope": scope, "waters": waters, "task_forces": task_forces}
                found = maritime_starts(operations, scope, waters, "any", task_forces)
                tables["maritime_starts"] += found[["operation_id", "name", "acronym", "start", "theatres"]].assign(**keys).to_dict("records")
                for since in MARITIME_SINCE:
                    tables["arrivals"] += arrival_rows(found["start"], since, cutoff, confidence, draws, seed, keys)
    return {name: _table(rows, COLUMNS[name]) for name, rows in tables.items()}


def _table(rows: list[dict], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns)
    kinds = {name: float for name in NUMBERS if name in columns} | ({"reason": object} if "reason" in columns else {})
    kinds |= dict.fromkeys([name for name in ("break_after", "draws") if name in columns], "Int64")
    if not len(frame) and "start" in columns:
        kinds["start"] = "datetime64[ns]"
    return frame.astype(kinds)


# ---- counts ------------------------------------------------------------------------------------------------------------------------------------------------------


def days(values: pd.Series) -> np.ndarray:
    """Days since 1970 as floats, missing where there is none."""
    known = values.notna().to_numpy()
    return np.where(known, values.to_numpy().astype("datetime64[D]").astype(np.int64).astype(float), np.nan)


def day(text: str | pd.Timestamp) -> int:
    """Days since 1970."""
    return int(np.datetime64(pd.Timestamp(text), "D").astype(np.int64))


def by_year(spells: pd.DataFrame, years: np.ndarray) -> dict[str, np.ndarray]:
    """Launches in each of some consecutive years, by arrangement. Parameters: `arrangement` and `start` of spells; the years."""
    start = spells["start"].dt.year.to_numpy() - years[0]
    kind = spells["arrangement"].to_numpy()
    chosen = (start >= 0) & (start < len(years))
    return {name: np.bincount(start[chosen & (kind == name)].astype(int), minlength=len(years)) for name in ARRANGEMENTS}


def observed_part(years: np.ndarray, cutoff: pd.Timestamp) -> np.ndarray:
    """The part of each year that is observed: 1, less in the year of the cut-off."""
    first = np.array([day(f"{year}-01-01") for year in years])
    last = np.array([day(f"{year}-12-31") for year in years])
    return np.clip(day(cutoff) - first + 1, 0, last - first + 1) / (last - first + 1)


def last_day(spells: pd.DataFrame) -> np.ndarray:
    """Last day at work that is observed (days since 1970): `duration_days` counts the first day and the last."""
    return days(spells["start"]) + spells["duration_days"].to_numpy(dtype=float) - 1


def first_responders(operations: pd.DataFrame, calm: int = CALM_DAYS) -> set[str]:
    """Operations that started in a main theatre where no operation of another family had worked for so many days.

    Parameters: operations panel; days. A family is an umbrella with its task forces and all their names. Two that start on one day can both be first. Every deployed operation
    of the register can have been there before, in whichever of its theatres, whatever the inclusion rule.
    """
    frame = operations[operations["deployed"] == 1]
    family = frame["operation_id"].map(panels.family_of(operations))
    start = days(frame["start"])
    here = pd.DataFrame({"operation_id": frame["operation_id"], "theatre": frame["theatre"], "family": family, "start": start})
    there = pd.DataFrame({"place": frame["theatres"].str.split("+"), "other": family, "since": start, "until": last_day(frame)}).explode("place")
    met = here.merge(there, left_on="theatre", right_on="place")
    busy = met[(met["family"] != met["other"]) & (met["since"] < met["start"]) & (met["until"] >= met["start"] - calm)]
    return set(frame["operation_id"]) - set(busy["operation_id"])


# ---- launches ----------------------------------------------------------------------------------------------------------------------------------------------------


def share_rows(spells: pd.DataFrame, years: np.ndarray, cutoff: pd.Timestamp, confidence: float, keys: dict) -> list[dict]:
    """Shares of launches and of operations at work, by arrangement, year and five-year period.

    Parameters: spells of a scope; the years; the last day observed; confidence level; columns that are the same in every row.
    `n` are all launches (or operations at work on any day) of the period, `events` those of the arrangement; Wilson's limits, and Agresti and Coull's beside them. An operation
    that works in several periods counts in each, so that shares at work of neighbouring periods are not independent.
    """
    rows = []
    start, kind = spells["start"].dt.year.to_numpy(), spells["arrangement"].to_numpy()
    last = last_day(spells).astype("int64").astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    spans = {"year": [(y, y) for y in years], "five-years": [(y, min(y + SPAN - 1, years[-1])) for y in range(years[0] - years[0] % SPAN, years[-1] + 1, SPAN)]}
    for span, periods in spans.items():
        for first, final in periods:
            held = {"launches": (start >= first) & (start <= final), "active": (start <= final) & (last >= first)}
            for outcome, mask in held.items():
                n = int(mask.sum())
                head = keys | {"outcome": outcome, "span": span, "first_year": max(first, int(years[0])), "last_year": int(final), "n": n}
                for name in ARRANGEMENTS:
                    events = int((mask & (kind == name)).sum())
                    if not n:
                        reason = "no launch" if outcome == "launches" else "no operation at work"
                        rows.append(head | {"arrangement": name, "events": events, "reason": reason})
                        continue
                    (low, high), (ac_low, ac_high) = proportions.wilson(events, n, confidence), proportions.agresti_coull(events, n, confidence)
                    rows.append(
                        head | {
                            "arrangement": name, "events": events, "estimate": events / n, "lower": float(low), "upper": float(high), "ac_lower": float(ac_low),
                            "ac_upper": float(ac_high), "reason": None,
                        }
                    )  # fmt: skip
    return rows


# ---- rates -------------------------------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """Log of a rate ratio, or of a ratio of rate ratios, after a year against before, with its HAC standard error; events in each cell in the order of `step`."""

    estimate: float
    se: float
    lags: int
    events: tuple[int, ...]


def step(series: Iterable[np.ndarray], exposure: np.ndarray, after: np.ndarray, lags: int | None = None) -> Step | NotEstimable:
    """Log rate ratio after against before of the first series, less that of the second if there is one.

    Parameters: one or two series of counts per year, in order of time; exposure of each year; which years are after; lags, by default Newey-West's.
    The Poisson model with a rate for each series and period has the observed rates as estimates. Its covariance is that of Newey and West (1987); contributions of the two series
    are summed by year first (Driscoll and Kraay 1998), as one year may be full of crises for both. Not estimable if a cell has no launch, or a period fewer than five years: a rate
    fits a single year without error, and its variance would seem to be 0.
    """
    exposure, after = np.asarray(exposure, dtype=float), np.asarray(after, dtype=bool)
    if min(after.sum(), (~after).sum()) < FEWEST:
        return NotEstimable(f"fewer than five years in a period ({int((~after).sum())} before, {int(after.sum())} after)")
    influence, estimate, events = np.zeros(len(after)), 0.0, []
    for sign, values in zip((1, -1), series, strict=False):
        for direction, mask in ((-1, ~after), (1, after)):
            total, time = float(values[mask].sum()), float(exposure[mask].sum())
            events.append(int(total))
            if total == 0:
                return NotEstimable("no launch in one of the periods")
            rate = total / time
            estimate += sign * direction * np.log(rate)
            influence[mask] += sign * direction * (values[mask] - rate * exposure[mask]) / total
    lags = glm.newey_west_lags(len(after)) if lags is None else lags
    variance = influence @ influence + 2 * sum((1 - k / (lags + 1)) * (influence[k:] @ influence[:-k]) for k in range(1, lags + 1))
    if not variance > 0:
        return NotEstimable("no positive variance")
    return Step(float(estimate), float(np.sqrt(variance)), lags, tuple(events))


def rate_rows(series: dict[str, np.ndarray], years: np.ndarray, exposure: np.ndarray, confidence: float, scope: str) -> list[dict]:
    """Trends of launches per decade by arrangement (`glm.count_model`), and ratios of rate ratios (`step`): AHCs against others, after a year against before.

    Parameters: launches by arrangement and year; the years; the observed part of each; confidence level; name of the scope.
    """
    rows = []
    for since in STARTS:
        chosen = years >= since
        time, part = years[chosen], pd.Series(exposure[chosen])
        for name in ARRANGEMENTS:
            values = pd.Series(series[name][chosen])
            design = pd.DataFrame({"decade": (time - time.mean()) / 10})
            for family in FAMILIES:
                head = {"scope": scope, "model": family, "arrangement": name, "since": since, "term": "decade", "n": len(time), "events": int(values.sum())}
                model = glm.count_model(values, design, part, family)
                if isinstance(model, NotEstimable):
                    rows.append(head | {"reason": model.reason})
                    continue
                rows.append(head | _normal(float(model.params["decade"]), float(model.se["decade"]), confidence))
        for comparator, kinds in COMPARATORS.items():
            other = sum(series[kind] for kind in kinds)[chosen]
            for year in BREAKS:
                if year < since:
                    continue
                result = step((series["ahc"][chosen], other), exposure[chosen], time > year)
                head = {
                    "scope": scope, "model": "ratio of rate ratios", "arrangement": "ahc", "comparator": comparator, "since": since, "break_after": year,
                    "term": "arrangement x period", "n": len(time), "events": int(series["ahc"][chosen].sum() + other.sum()),
                }  # fmt: skip
                rows.append(head | ({"reason": result.reason} if isinstance(result, NotEstimable) else _normal(result.estimate, result.se, confidence)))
    return rows


def _normal(estimate: float, se: float, confidence: float) -> dict:
    z = ndtri(0.5 + confidence / 2)
    p = float(2 * ndtr(-abs(estimate / se)))
    return {"estimate": estimate, "se": se, "lower": estimate - z * se, "upper": estimate + z * se, "statistic": estimate / se, "p": p, "reason": None}


# ---- breaks ------------------------------------------------------------------------------------------------------------------------------------------------------


def break_rows(series: dict[str, np.ndarray], years: np.ndarray, exposure: np.ndarray, confidence: float, scope: str, draws: int, seed: int) -> list[dict]:
    """Launches of each arrangement and the share of AHCs before and after each year of `BREAKS`, and one search for a break at an unknown year.

    Parameters as `rate_rows`; shuffles of a series and their seed. Models: `rate ratio, HAC` and `rate ratio, exact` (log scale; limits by Clopper-Pearson on the conditional
    share, p twice the smaller tail), `share difference` (Newcombe; p of Fisher), `search` (largest F of a change in the mean of whole years, p of Hansen and of shuffled years; for
    the share those years that have a launch). Searches use all years from the first; the others those from `since` on.
    """
    rows = []
    everything = sum(series.values())
    for since in STARTS[:2]:
        chosen = years >= since
        for year in BREAKS:
            if year < since:
                continue
            after = years[chosen] > year
            for name in ARRANGEMENTS:
                head = {"scope": scope, "series": f"{name}_launches", "since": since, "break_after": year, "n": int(chosen.sum()), "events": int(series[name][chosen].sum())}
                rows += _rates_around(series[name][chosen], exposure[chosen], after, confidence, head)
            ahc, total = series["ahc"][chosen], everything[chosen]
            head = {"scope": scope, "series": "ahc_share", "model": "share difference", "since": since, "break_after": year, "n": int(total.sum()), "events": int(ahc.sum())}
            if not (total[after].sum() and total[~after].sum()):
                rows.append(head | {"reason": "no launch in one of the periods"})
                continue
            d = proportions.difference(int(ahc[~after].sum()), int(total[~after].sum()), int(ahc[after].sum()), int(total[after].sum()), confidence)
            rows.append(
                head | {"before": d.before, "after": d.after, "estimate": d.estimate, "lower": d.lower, "upper": d.upper, "statistic": d.statistic, "p": d.fisher_p, "reason": None}
            )
    whole = exposure == 1
    held = whole & (everything > 0)
    shares = series["ahc"] / np.maximum(everything, 1)
    searched = {f"{name}_launches": (series[name][whole], years[whole]) for name in ARRANGEMENTS} | {"ahc_share": (shares[held], years[held])}
    for number, (name, (values, time)) in enumerate(searched.items()):
        total = everything if name == "ahc_share" else series[name.removesuffix("_launches")]
        head = {"scope": scope, "series": name, "model": "search", "since": int(years[0]), "n": len(values), "events": int(total[whole].sum()), "draws": draws}
        if len(values) < structural.SHORTEST or np.ptp(values) == 0:
            rows.append(head | {"reason": f"fewer than {structural.SHORTEST} years, or all alike"})
            continue
        found = structural.search(values, draws, [seed, number])
        before, after = found.mean_before, found.mean_after
        rows.append(
            head | {
                "break_after": int(time[found.before - 1]), "before": before, "after": after, "estimate": after - before, "statistic": found.statistic, "p": found.p,
                "permutation_p": found.permutation_p, "reason": None if np.isfinite(found.statistic) else "the break fits without error",
            }
        )  # fmt: skip
        if not np.isfinite(found.statistic):
            rows[-1]["statistic"] = np.nan
    return rows


def _rates_around(values: np.ndarray, exposure: np.ndarray, after: np.ndarray, confidence: float, head: dict) -> list[dict]:
    """Two rows on the log rate ratio of a series: with a HAC standard error and exact."""
    count, time = [int(values[mask].sum()) for mask in (~after, after)], [float(exposure[mask].sum()) for mask in (~after, after)]
    rates = {"before": count[0] / time[0] if time[0] else np.nan, "after": count[1] / time[1] if time[1] else np.nan}
    robust = step((values,), exposure, after)
    rows = [head | rates | {"model": "rate ratio, HAC"} | ({"reason": robust.reason} if isinstance(robust, NotEstimable) else _normal(robust.estimate, robust.se, confidence))]
    if not (all(time) and all(count)):
        return [*rows, head | rates | {"model": "rate ratio, exact", "reason": "no launch in one of the periods"}]
    estimate, lower, upper, p = rate_ratio(count[0], time[0], count[1], time[1], confidence)
    return [*rows, head | rates | {"model": "rate ratio, exact", "estimate": np.log(estimate), "lower": np.log(lower), "upper": np.log(upper), "p": p, "reason": None}]


def rate_ratio(before: int, years_before: float, after: int, years_after: float, confidence: float = 0.95) -> tuple[float, float, float, float]:
    """Rate after over rate before with exact limits and twice the smaller exact tail (Przyborowski and Wilenski 1940). `before` must be positive."""
    found = counts.so_few(before, years_before, after, years_after, confidence)
    few = found.p_conditional
    # So many: the tail of so few seen from the other period.
    many = counts.so_few(after, years_after, before, years_before, confidence).p_conditional if after else 1.0
    return found.ratio, found.lower, found.upper, float(min(1.0, 2 * min(few, many)))


# ---- closing hazard ----------------------------------------------------------------------------------------------------------------------------------------------


def of_kind(spells: pd.DataFrame, kinds: str) -> pd.DataFrame:
    """UN spells of some kinds (`KINDS`; a chain by its oldest name) whose end is known or still to come: one of unknown end has no time at risk."""
    frame = spells[(spells["arrangement"] == "un") & (spells["status"] != "unknown")]
    if KINDS[kinds]:
        return frame[frame["un_kind"].isin(KINDS[kinds])]
    return frame if kinds == "with-political" else frame[frame["un_kind"] != "political"]


def at_risk(spells: pd.DataFrame, first: int, last: int) -> tuple[int, float]:
    """Ends and operation-years between two days (since 1970, both included)."""
    start, finish = days(spells["start"]), last_day(spells)
    time = np.clip(np.minimum(finish, last) - np.maximum(start, first) + 1, 0, None)
    events = (spells["ended"].to_numpy() == 1) & (finish >= first) & (finish <= last)
    return int(events.sum()), float(time.sum() / DAYS_PER_YEAR)


def closing_rows(spells: pd.DataFrame, cutoff: pd.Timestamp, confidence: float, scope: str) -> list[dict]:
    """Ends of UN operations per operation-year by period (exact Poisson limits), and rate ratios of each period against the one before (exact).

    Parameters: spells of a scope; the last day observed; confidence level; name of the scope. Periods end with the years of `BREAKS`; `2015-` is also compared with 1991 to 2014.
    """
    rows = []
    edges = [1944, *BREAKS, cutoff.year]
    periods = [(a + 1, b) for a, b in pairwise(edges)]
    for kinds in KINDS:
        frame = of_kind(spells, kinds)
        cells = {}
        for first, last in [*periods, (BREAKS[0] + 1, BREAKS[-1])]:
            events, time = at_risk(frame, day(f"{first}-01-01"), min(day(f"{last}-12-31"), day(cutoff)))
            cells[first, last] = (events, time)
            head = {"scope": scope, "kinds": kinds, "model": "rate", "term": f"{first}-{last}", "events": events, "exposure_years": time}
            if time == 0:
                rows.append(head | {"reason": "no operation at work"})
                continue
            low, high = counts.poisson_limits(events, time, confidence)
            rows.append(head | {"estimate": events / time, "lower": low, "upper": high, "reason": None})
        for earlier, later in [*pairwise(periods), ((BREAKS[0] + 1, BREAKS[-1]), periods[-1])]:
            (few, short), (many, long) = cells[earlier], cells[later]
            term = f"{later[0]}-{later[1]} over {earlier[0]}-{earlier[1]}"
            head = {"scope": scope, "kinds": kinds, "model": "rate ratio", "term": term, "events": few + many, "exposure_years": short + long}
            if not few or not many or not long:
                rows.append(head | {"reason": "no end in one of the periods"})
                continue
            estimate, low, high, p = rate_ratio(few, short, many, long, confidence)
            rows.append(head | {"estimate": estimate, "lower": low, "upper": high, "p": p, "reason": None})
    return rows


# ---- maritime launches -------------------------------------------------------------------------------------------------------------------------------------------


def maritime_starts(operations: pd.DataFrame, scope: str, waters: str, waters_by: str, task_forces: str, families: dict[str, str] | None = None) -> pd.DataFrame:
    """First starts of maritime AHCs in some waters, in order of time: rows of the operations panel.

    Parameters: operations panel; inclusion rule; `WATERS`; whether `any` theatre counts or the `primary` one; whether the task forces of an umbrella are `one` launch or
    `several`; `panels.family_of(operations)`, if at hand. Task forces are eligible whatever the rule, as many umbrellas have no forces of their own. A younger name is no launch.
    """
    frame = operations[(operations["arrangement"] == "ahc") & (operations["deployed"] == 1) & (operations["domain"] == "maritime")]
    frame = frame[(frame[f"scope_{scope}"] == 1) | (frame["nested"] == 1)]
    wanted = set(WATERS[waters])
    places = frame["theatre" if waters_by == "primary" else "theatres"]
    frame = frame[np.array([bool(wanted & set(str(text).split("+"))) for text in places], dtype=bool)]
    family = frame["chain_id"] if task_forces == "several" else frame["operation_id"].map(panels.family_of(operations) if families is None else families)
    return frame.assign(family=family).sort_values(["start", "operation_id"]).drop_duplicates("family")


def arrival_rows(starts: pd.Series, since: int, cutoff: pd.Timestamp, confidence: float, draws: int, seed: int, keys: dict) -> list[dict]:
    """Rows on the pace of starts since a year: launches per year (exact limits), Laplace's test, log rate ratio per decade, unevenness of the gaps.

    Parameters: days of starts; first year; the last day observed; confidence level; draws of the standard of unevenness (0: no p) and their seed; columns that are the same in
    every row.
    `dispersion`: the estimate is the coefficient of variation of the gaps (one for a Poisson process), the statistic Greenwood's, p that of gaps at least as uneven.
    """
    origin = day(f"{since}-01-01")
    length = day(cutoff) + 1 - origin
    times = days(starts) - origin
    times = times[(times >= 0) & (times < length)]
    years = length / DAYS_PER_YEAR
    head = keys | {"since": since, "n": len(times), "exposure_years": years}
    low, high = counts.poisson_limits(len(times), years, confidence)
    rows = [head | {"model": "launches per year", "estimate": len(times) / years, "lower": low, "upper": high, "reason": None}]
    if len(times) < FEWEST:
        reason = f"fewer than five launches ({len(times)})"
        return rows + [head | {"model": model, "reason": reason} for model in ("laplace", "log rate ratio per decade", "dispersion")]
    found, decade = arrivals.pace(times, length, confidence), 10 * DAYS_PER_YEAR
    slope = [bound * decade if np.isfinite(bound) else np.nan for bound in (found.slope, found.lower, found.upper)]
    rows.append(head | {"model": "laplace", "statistic": found.laplace, "p": found.p, "reason": None})
    rows.append(head | {"model": "log rate ratio per decade", "estimate": slope[0], "lower": slope[1], "upper": slope[2], "p": found.p, "reason": None})
    gaps = arrivals.spacing(times, length, arrivals.null_spacings(len(times), draws, seed))
    p = gaps.p_clustered if draws else np.nan
    rows.append(head | {"model": "dispersion", "estimate": gaps.variation, "statistic": gaps.greenwood, "p": p, "draws": draws, "reason": None})
    return rows
