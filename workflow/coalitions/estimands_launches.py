"""Estimands on the coming and going of operations: is the UN drawing down, do coalitions take its place, is the pace of maritime ones steady. Form: `coalitions.estimands`.

Each is oriented: positive means that the claim is true. `ESTIMANDS_LAUNCHES` holds them by name.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from coalitions import arrivals, counts, glm, launches, panels, proportions
from coalitions.estimands import Estimate, Panels, normal_limits, not_estimable
from coalitions.launches import ARRANGEMENTS, COMPARATORS, FEWEST
from coalitions.survival import DAYS_PER_YEAR, NotEstimable

BRIEF = "2023-12-31"  # the last full year before the brief
GREENWOOD_DRAWS = 2000  # of the standard of evenness, in every specification


def _last_day(spec: dict, settings: dict) -> int:
    """The last day that counts (days since 1970): the cut-off, or the end of the last full year before the brief."""
    last = launches.day(settings["cutoff"])
    return min(last, launches.day(BRIEF)) if spec["through"] == "brief" else last


# ---- un-drawdown -------------------------------------------------------------------------------------------------------------------------------------------------


def active_slope(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Minus the slope of the number of UN operations at work, in operations per year: positive if there are fewer and fewer.

    Specification: `kinds` (as in `launch_halt`), `drawdown_from` (first year of the window), `through` (`cutoff`, or `brief`: the end of 2023), `slope`:
    `least-squares`: over every day of the window. The number at work is the running sum of launches and ends, a random walk around its trend, for which errors of a regression
    that takes days or years as independent are far too small; the slope is a weighted sum of launches and ends, and its variance the sum of their squared weights, as of Poisson
    processes. `least-squares-hac`: over the counts of 1 July, Newey-West, t with n - 2 degrees of freedom. `theil-sen`: median slope of these counts, limits of Sen (1968) with the
    variance of Hamed and Rao where it is larger. `net-flow`: ends less launches per year, Poisson variance. Renamed missions are one; those of unknown end are left out.
    """
    unit = "operations at work fewer per year"
    first, last = launches.day(f"{spec['drawdown_from']}-01-01"), _last_day(spec, settings)
    spells = data.spells
    frame = data.once(("un spells", spec["kinds"]), lambda: launches.of_kind(spells, spec["kinds"]))
    start, finish = launches.days(frame["start"]), launches.last_day(frame)
    inside = (start <= last) & (finish >= first)
    frame, start, finish = frame[inside], start[inside], finish[inside]
    length = last - first + 1
    if length < 2:
        return not_estimable(f"nothing after {spec['drawdown_from']} is observed", unit)
    begun, over = start > first, (frame["ended"].to_numpy() == 1) & (finish < last)
    n, events = len(frame), int(begun.sum() + over.sum())
    exposure = float((np.minimum(finish, last) - np.maximum(start, first) + 1).sum() / DAYS_PER_YEAR)
    if events < FEWEST:
        return not_estimable(f"fewer than five launches and ends in the window ({events})", unit, n, events, exposure)
    years = length / DAYS_PER_YEAR
    found = _slope(spec["slope"], start, finish, begun, over, first, last, settings["confidence"])
    if isinstance(found, NotEstimable):
        return not_estimable(found.reason, unit, n, events, exposure)
    details = {"launches": int(begun.sum()), "ends": int(over.sum()), "years": years, "first_year": int(spec["drawdown_from"])}
    details |= {"at_work_first": int(((start <= first) & (finish >= first)).sum()), "at_work_last": int(((start <= last) & (finish >= last)).sum())}
    if settings.get("details", True):
        details |= _closing(data, spec["kinds"], first, last, settings["confidence"])
        unknown = spells[(spells["arrangement"] == "un") & (spells["status"] == "unknown")]
        details["unknown_end"] = len(unknown)
        for way in ("least-squares", "least-squares-hac", "theil-sen", "net-flow"):
            other = _slope(way, start, finish, begun, over, first, last, settings["confidence"])
            if not isinstance(other, NotEstimable):
                details |= {f"{way.replace('-', '_')}": other[0]["theta"], f"{way.replace('-', '_')}_lower": other[0]["lower"], f"{way.replace('-', '_')}_upper": other[0]["upper"]}
        details["closed"] = sorted(frame["spell_id"].to_numpy()[over])
    return Estimate(unit=unit, n=n, events=events, exposure_years=exposure, test=found[1], records=sorted(frame["spell_id"]), details=details, **found[0])


def _slope(way: str, start, finish, begun, over, first: int, last: int, confidence: float) -> tuple[dict, str] | NotEstimable:
    """Minus the slope per year with limits, and what was done. Days since 1970; `begun` and `over` say which launches and ends lie in the window after its first day."""
    length = last - first + 1
    signed = np.concatenate((np.ones(int(begun.sum())), -np.ones(int(over.sum()))))
    if way in ("least-squares", "net-flow"):
        step = np.concatenate((start[begun], finish[over] + 1)) - first  # the first day on which the number is another
        weight = 6 * step * (length - step) / (length * (length**2 - 1.0)) * DAYS_PER_YEAR if way == "least-squares" else np.full(len(step), DAYS_PER_YEAR / length)
        text = "least-squares slope over days, variance of launches and ends" if way == "least-squares" else "ends less launches per year, Poisson variance"
        return normal_limits(-float(signed @ weight), float(np.sqrt((weight**2).sum())), confidence), text
    moments = np.array([launches.day(f"{year}-07-01") for year in range(1970 + int(first // 365.25) - 1, 1970 + int(last // 365.25) + 2)])
    moments = moments[(moments >= first) & (moments <= last)]
    if len(moments) < FEWEST:
        return NotEstimable(f"fewer than five counts of 1 July ({len(moments)})")
    y = ((start[:, None] <= moments) & (finish[:, None] >= moments)).sum(axis=0).astype(float)
    x, n = np.arange(len(y), dtype=float), len(y)
    if np.ptp(y) == 0:
        return NotEstimable("the number at work is the same in every year: no variance")
    if way == "theil-sen":
        i, j = np.triu_indices(n, 1)
        slopes = np.sort((y[j] - y[i]) / (j - i))
        test = counts.mann_kendall(y)
        variance = test.variance / test.correction * max(test.correction, 1.0)
        reach = ndtri(0.5 + confidence / 2) * np.sqrt(variance)
        low = int(np.clip(np.floor((len(slopes) - reach) / 2), 0, len(slopes) - 1))
        high = int(np.clip(np.ceil((len(slopes) + reach) / 2), 0, len(slopes) - 1))
        z = 0.0 if test.s == 0 else (test.s - np.sign(test.s)) / np.sqrt(variance)
        limits = {"theta": -float(np.median(slopes)), "lower": -float(slopes[high]), "upper": -float(slopes[low]), "statistic": -float(z), "p": float(2 * ndtr(-abs(z)))}
        return limits, "Theil-Sen slope of counts of 1 July, limits of Sen"
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    score = centred * (y - y.mean() - slope * centred)
    lags = glm.newey_west_lags(n)
    meat = score @ score + 2 * sum((1 - k / (lags + 1)) * (score[k:] @ score[:-k]) for k in range(1, lags + 1))
    se = float(np.sqrt(max(meat, 0)) / (centred @ centred))
    if se < 1e-12:
        return NotEstimable("the counts lie on a line: no variance")
    t = float(stdtrit(n - 2, 0.5 + confidence / 2))
    limits = {"theta": -slope, "lower": -slope - t * se, "upper": -slope + t * se, "statistic": -slope / se, "p": float(2 * stdtr(n - 2, -abs(slope / se)))}
    return limits, f"least-squares slope of counts of 1 July, HAC ({lags} lags)"


def _closing(data: Panels, kinds: str, first: int, last: int, confidence: float) -> dict:
    """Ends per operation-year in the window and from 1990 until it begins, and their ratio with exact limits."""
    frame = launches.of_kind(data.spells, kinds)
    early, late = launches.at_risk(frame, launches.day("1990-01-01"), first - 1), launches.at_risk(frame, first, last)
    details = {"ends_before": early[0], "operation_years_before": early[1], "operation_years_after": late[1]}
    if not (early[0] and late[0]):
        return details
    ratio, lower, upper, p = launches.rate_ratio(early[0], early[1], late[0], late[1], confidence)
    details |= {"closing_rate_before": early[0] / early[1], "closing_rate_after": late[0] / late[1], "closing_ratio": ratio, "closing_ratio_lower": lower}
    return details | {"closing_ratio_upper": upper, "closing_ratio_p": p}


# ---- replacement -------------------------------------------------------------------------------------------------------------------------------------------------


def share_shift(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Share of AHCs after a break minus that before: positive if AHCs gain.

    Specification: `scope`, `political` (`as-scope`; `included`: special political missions of the United Nations that monitor or have soldiers count whatever the scope says,
    as those of regional organisations do), `comparator` (the share is that among AHCs and these), `since` (first year of the earlier period), `break_after` (its last year),
    `chains`, `share_of`:
    `launches`: of launches, limits of Newcombe, p of the pooled score test. `first-responses`: of launches into a main theatre in which no operation of the register (of another
    umbrella) had worked for two years; the same limits. `active`: of operation-days, ratio estimator, variance by operation, as one operation works for long and in both periods.
    Details: Agresti and Caffo's limits, Fisher's p (the permutation p of the shares), rates of each type, ratio of rate ratios (HAC), first responses, operation-days.
    """
    unit = "difference of the share of AHCs"
    cutoff = pd.Timestamp(settings["cutoff"])
    units = data.once(("launch units", spec["chains"], cutoff), lambda: _units(data.spells_of(spec["chains"] == "merged", cutoff)))
    kinds = COMPARATORS[spec["comparator"]]
    inside = _within(units, spec) & np.isin(units["kind"], ("ahc", *kinds))
    edges = [launches.day(f"{spec['since']}-01-01"), launches.day(f"{spec['break_after']}-12-31"), launches.day(cutoff)]
    if not edges[0] < edges[1] < edges[2]:
        return not_estimable(f"no year from {spec['since']} to {spec['break_after']} and after it is observed", unit)
    if spec["share_of"] == "active":
        result = _active_shift(units, inside, edges, settings["confidence"])
    else:
        if spec["share_of"] == "first-responses":
            inside = inside & _first(data, units)
        result = _launch_shift(units, inside, edges, settings["confidence"])
    if isinstance(result, Estimate):
        return result
    if settings.get("details", True):
        result["details"] |= _rates(data, units, spec, edges, settings)
    return Estimate(**result)


def _units(frame: pd.DataFrame) -> dict:
    """What the shares need of spells, as arrays."""
    frame = frame[frame["start"].notna()]
    scopes = {name.removeprefix("scope_"): (frame[name] == 1).to_numpy() for name in frame.columns if name.startswith("scope_")}
    political = (frame["un_kind"] == "political") & (frame["nested"] == 0) & (frame["diplomatic"] == 0) & ((frame["military"] == 1) | (frame["monitoring"] == 1))
    return {
        "id": frame["spell_id"].to_numpy(dtype=object), "kind": frame["arrangement"].to_numpy(dtype=object), "start": launches.days(frame["start"]),
        "last": launches.last_day(frame), "scopes": scopes, "political": political.to_numpy(), "held": {},
    }  # fmt: skip


def _within(units: dict, spec: dict) -> np.ndarray:
    """Which spells a specification counts."""
    inside = units["scopes"][spec["scope"]]
    return inside | units["political"] if spec["political"] == "included" else inside


def _first(data: Panels, units: dict) -> np.ndarray:
    """Which spells were first responses; a spell starts with its oldest name."""
    if "first" not in units["held"]:
        found = data.once(("first responders",), lambda: launches.first_responders(data.operations))
        units["held"]["first"] = np.array([name in found for name in units["id"]], dtype=bool)
    return units["held"]["first"]


def _launch_shift(units: dict, inside: np.ndarray, edges: list[int], confidence: float) -> dict | Estimate:
    """The difference of shares of launches in the periods that `edges` bound, as the fields of an estimate; not estimable if one has fewer than five."""
    unit = "difference of the share of AHCs"
    start, ahc = units["start"], units["kind"] == "ahc"
    before, after = inside & (start >= edges[0]) & (start <= edges[1]), inside & (start > edges[1]) & (start <= edges[2])
    n = [int(before.sum()), int(after.sum())]
    events = [int((before & ahc).sum()), int((after & ahc).sum())]
    exposure = (edges[2] - edges[0] + 1) / DAYS_PER_YEAR
    if min(n) < FEWEST:
        return not_estimable(f"fewer than five launches in a period ({n[0]} before, {n[1]} after)", unit, sum(n), sum(events), exposure)
    d = proportions.difference(events[0], n[0], events[1], n[1], confidence)
    details = {
        "share_before": d.before, "share_after": d.after, "n_before": n[0], "n_after": n[1], "ahc_before": events[0], "ahc_after": events[1],
        "agresti_caffo_lower": d.caffo_lower, "agresti_caffo_upper": d.caffo_upper, "fisher_p": d.fisher_p,
    }  # fmt: skip
    return {
        "theta": d.estimate, "lower": d.lower, "upper": d.upper, "unit": unit, "n": sum(n), "events": sum(events), "exposure_years": exposure,
        "test": "difference of shares, Newcombe's hybrid score interval, score test", "statistic": d.statistic, "p": d.p, "records": sorted(units["id"][before | after]),
        "details": details,
    }  # fmt: skip


def _active_shift(units: dict, inside: np.ndarray, edges: list[int], confidence: float) -> dict | Estimate:
    """The difference of shares of operation-days, variance by operation (linearised ratios), as the fields of an estimate."""
    unit = "difference of the share of AHCs"
    ahc = (units["kind"] == "ahc").astype(float)
    bounds = ((edges[0], edges[1]), (edges[1] + 1, edges[2]))
    days = [np.where(inside, np.clip(np.minimum(units["last"], b) - np.maximum(units["start"], a) + 1, 0, None), 0.0) for a, b in bounds]
    worked = [int((d > 0).sum()) for d in days]
    exposure = float(sum(d.sum() for d in days) / DAYS_PER_YEAR)
    either = (days[0] + days[1]) > 0
    n, events = int(either.sum()), int((either & (ahc == 1)).sum())
    if min(worked) < FEWEST:
        return not_estimable(f"fewer than five operations at work in a period ({worked[0]} before, {worked[1]} after)", unit, n, events, exposure)
    share = [float(d @ ahc / d.sum()) for d in days]
    influence = (ahc - share[1]) * days[1] / days[1].sum() - (ahc - share[0]) * days[0] / days[0].sum()
    se = float(np.sqrt(influence @ influence * n / (n - 1)))
    if se < 1e-12:
        return not_estimable("operations at work are all of one type: no variance", unit, n, events, exposure)
    details = {"share_before": share[0], "share_after": share[1], "n_before": worked[0], "n_after": worked[1], "se": se}
    return {
        "unit": unit, "n": n, "events": events, "exposure_years": exposure, "test": "difference of shares of operation-days, variance by operation", "details": details,
        "records": sorted(units["id"][either]), **normal_limits(share[1] - share[0], se, confidence),
    }  # fmt: skip


def _rates(data: Panels, units: dict, spec: dict, edges: list[int], settings: dict) -> dict:
    """Launches per year of each type before and after with exact ratios, the ratio of rate ratios, and the shares of first responses and of operation-days."""
    confidence, kinds = settings["confidence"], COMPARATORS[spec["comparator"]]
    inside, start = _within(units, spec), units["start"]
    time = [(edges[1] - edges[0] + 1) / DAYS_PER_YEAR, (edges[2] - edges[1]) / DAYS_PER_YEAR]
    details: dict = {}
    for name in ARRANGEMENTS:
        mine = inside & (units["kind"] == name)
        count = [int((mine & (start >= edges[0]) & (start <= edges[1])).sum()), int((mine & (start > edges[1]) & (start <= edges[2])).sum())]
        details |= {f"{name}_rate_before": count[0] / time[0], f"{name}_rate_after": count[1] / time[1]}
        if all(count):
            ratio, lower, upper, p = launches.rate_ratio(count[0], time[0], count[1], time[1], confidence)
            details |= {f"{name}_rate_ratio": ratio, f"{name}_rate_ratio_lower": lower, f"{name}_rate_ratio_upper": upper, f"{name}_rate_ratio_p": p}
    cutoff = pd.Timestamp(settings["cutoff"])
    years = np.arange(spec["since"], cutoff.year + 1)
    frame = pd.DataFrame({"arrangement": units["kind"][inside], "start": start[inside].astype("int64").astype("datetime64[D]").astype("datetime64[ns]")})
    series = launches.by_year(frame, years)
    found = launches.step((series["ahc"], sum(series[kind] for kind in kinds)), launches.observed_part(years, cutoff), years > spec["break_after"])
    if not isinstance(found, NotEstimable):
        limits = normal_limits(found.estimate, found.se, confidence)
        details |= {"ratio_of_rate_ratios": float(np.exp(found.estimate)), "ratio_of_rate_ratios_lower": float(np.exp(limits["lower"]))}
        details |= {"ratio_of_rate_ratios_upper": float(np.exp(limits["upper"])), "ratio_of_rate_ratios_p": limits["p"], "hac_lags": found.lags}
    compared = inside & np.isin(units["kind"], ("ahc", *kinds))
    for name, result in (("first", _launch_shift(units, compared & _first(data, units), edges, confidence)), ("active", _active_shift(units, compared, edges, confidence))):
        if isinstance(result, Estimate):
            details[f"{name}_reason"] = result.reason
            continue
        details |= {f"{name}_difference": result["theta"], f"{name}_lower": result["lower"], f"{name}_upper": result["upper"], f"{name}_p": result["p"]}
        details |= {f"{name}_{key}": result["details"][key] for key in ("share_before", "share_after", "n_before", "n_after")}
    return details


# ---- maritime-steady ---------------------------------------------------------------------------------------------------------------------------------------------


def steady_pace(data: Panels, spec: dict, settings: dict) -> Estimate:
    """How much steadier than `pace_factor` per decade the rate of maritime AHC launches is: log factor minus the absolute log rate ratio per decade.

    Specification: `scope`, `waters`, `waters_by`, `task_forces` (see `launches.maritime_starts`), `pace_since` (first year), `through`, `pace_factor`, `steadiness`.
    The claim holds if a trend beyond the factor can be ruled out in both directions (the whole interval of the rate ratio lies within it) and, with `rate-and-spacing`, the gaps
    are no more uneven than those of a Poisson process (Greenwood's statistic against draws whose number is fixed, in every specification). It fails if the whole interval lies
    beyond the factor or the gaps are too uneven. Otherwise the launches are too few to tell, and `holds` is missing, with the reason. Statistic and p are Laplace's.
    """
    unit = "log factor per decade to spare"
    origin = launches.day(f"{spec['pace_since']}-01-01")
    length = _last_day(spec, settings) + 1 - origin
    families = data.of_structure(("launches", "families"), lambda: panels.family_of(data.operations))
    key = ("maritime", *(spec[name] for name in ("scope", "waters", "waters_by", "task_forces")))
    frame = data.once(key, lambda: launches.maritime_starts(data.operations, spec["scope"], spec["waters"], spec["waters_by"], spec["task_forces"], families))
    times = launches.days(frame["start"]) - origin
    chosen = (times >= 0) & (times < length)
    frame, times = frame[chosen], times[chosen]
    n, exposure = len(times), max(length, 0) / DAYS_PER_YEAR
    if n < FEWEST:
        return not_estimable(f"fewer than five launches ({n})", unit, n, n, exposure)
    found = arrivals.pace(times, length, settings["confidence"])
    decade, margin = 10 * DAYS_PER_YEAR, float(np.log(spec["pace_factor"]))
    slope, low, high = (bound * decade for bound in (found.slope, found.lower, found.upper))
    if not np.isfinite([slope, low, high]).all():
        return not_estimable("all launches lie at one end of the window: the trend has no limit", unit, n, n, exposure)
    least, most = (0.0 if low <= 0 <= high else min(abs(low), abs(high))), max(abs(low), abs(high))
    seed = settings["seed"]
    null = data.of_world(("launches", "greenwood", n, seed), lambda: arrivals.null_spacings(n, GREENWOOD_DRAWS, seed))
    gaps = arrivals.spacing(times, length, null)
    clustered = spec["steadiness"] == "rate-and-spacing" and gaps.p_clustered < 1 - settings["confidence"]
    holds = False if clustered or least > margin else True if most < margin else None
    reason = "" if holds is not None else f"{n} launches cannot tell a steady pace from one that changes by a factor of {spec['pace_factor']} per decade"
    details = {
        "rate_ratio_per_decade": float(np.exp(slope)), "rate_ratio_lower": float(np.exp(low)), "rate_ratio_upper": float(np.exp(high)), "laplace": found.laplace,
        "laplace_p": found.p, "launches_per_year": n / exposure, "greenwood": gaps.greenwood, "clustered_p": gaps.p_clustered, "regular_p": gaps.p_regular, "draws": gaps.draws,
        "gap_variation": None if np.isnan(gaps.variation) else gaps.variation, "factor": spec["pace_factor"],
    }  # fmt: skip
    if settings.get("details", True):
        lower, upper = counts.poisson_limits(n, exposure, settings["confidence"])
        details |= {"launches_per_year_lower": lower, "launches_per_year_upper": upper, "first_year": int(spec["pace_since"])}
        details["launches"] = [f"{row.operation_id} ({row.start:%Y-%m-%d})" for row in frame.itertuples()]
    return Estimate(
        margin - abs(slope), margin - most, margin - least, unit, n, n, exposure, "log-linear rate within a factor per decade (score interval); Laplace's test of a constant rate",
        found.laplace, found.p, reason=reason, holds=holds, records=sorted(frame["operation_id"]), details=details,
    )  # fmt: skip


ESTIMANDS_LAUNCHES: dict[str, Callable[[Panels, dict, dict], Estimate]] = {"active_slope": active_slope, "share_shift": share_shift, "steady_pace": steady_pace}
# Tables that each reads beside operations, spells and system years.
