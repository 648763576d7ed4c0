"""Estimands on duplication and on the coalitions of Hormuz and the Red Sea. Their form is that of `coalitions.estimands`.

Each reads the published panels and the register's lists of states and organisations and is oriented: positive means that the claim is true.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from coalitions import overlap
from coalitions.estimands import Estimate, Panels, not_estimable
from coalitions.overlap import DAYS_PER_MONTH, FEWEST
from coalitions.proportions import wilson_limits
from coalitions.survival import DAYS_PER_YEAR

DRAWS = 199  # permutations of the specifications that are drawn without `settings["permutations"]`: the inference needs them
WEIGHTED_DRAWS = 999


# ---- duplication -------------------------------------------------------------------------------------------------------------------------------------------------


def duplication_excess(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Share of the time of AHCs that another, unrelated operation with the same task in the same theatre duplicates, minus its mean under permuted starts.

    Specification: `scope`, `same_task` (`strict`: a task; `broad`: a group of tasks), `counterpart` (`any`, `ahc`, `organisation`), `shuffled` (`all`: every operation exchanges
    its start; `coalitions`: AHCs only), `shuffled_within` (`region-era`, `region-decade`), `handover_overlap` (`kept`, `dropped`).
    The permutation test is the primary inference: with `permutations` 0 it runs with 199 draws. The interval is the observed share minus the quantiles of the null, so that it
    leaves out zero where the observed share lies outside the interval of the null; p is two-sided. It has the spread of chance in the timing only.
    """
    unit = "share of operation-months"
    cutoff, draws = pd.Timestamp(settings["cutoff"]), settings.get("permutations") or DRAWS
    laid = data.of_structure(("overlap layout", spec["scope"]), lambda: overlap.layout(data.operations, spec["scope"]))
    held = data.once(("overlap", spec["scope"], cutoff), lambda: overlap.field(data.operations, spec["scope"], cutoff, laid))
    ahc = held.arrangement == "ahc"
    n, days = int(ahc.sum()), held.end - held.start + 1
    exposure = float(days[ahc].sum() / DAYS_PER_YEAR)
    if n < FEWEST:
        return not_estimable(f"fewer than five AHCs in the scope ({n})", unit, n, 0, exposure)
    pairs = data.of_structure(  # no date but that some start after the cut-off
        ("overlap pairs", *(spec[name] for name in ("same_task", "counterpart", "handover_overlap")), held.row.tobytes()),
        lambda: held.pairs(spec["same_task"], spec["counterpart"], spec["handover_overlap"], "ahc"),
    )
    if not len(pairs[0]):
        return not_estimable("no AHC shares a theatre and a task with another operation at any time", unit, n, 0, exposure)
    key = ("overlap starts", spec["scope"], spec["shuffled"], spec["shuffled_within"], draws, settings["seed"], cutoff)
    start, end = data.once(key, lambda: overlap.permuted_starts(held, spec["shuffled"], spec["shuffled_within"], draws, settings["seed"]))
    seen = overlap.covered(held.start[None, :], held.end[None, :], *pairs)[0, 0]
    observed = float(seen[ahc].sum() / days[ahc].sum())
    null = overlap.covered(start, end, *pairs)[0][:, ahc].sum(axis=1) / (end - start + 1)[:, ahc].sum(axis=1)
    if np.ptp(null) < 1e-12:
        return not_estimable("every permutation of the starts gives the same share: there is no chance to compare with", unit, n, int((seen[ahc] > 0).sum()), exposure)
    chance = overlap.against_chance(observed, null, settings["confidence"])
    details = {"observed_share": observed, "expected_share": chance.expected, "null_lower": chance.lower, "null_upper": chance.upper, "null_sd": float(null.std()), "draws": draws}
    if settings.get("details", True):
        _, se, low, high = overlap.ratio_limits(seen[ahc], days[ahc], held.theatre[ahc], settings["confidence"])
        details |= {"observed_se": se, "observed_lower": low, "observed_upper": high, "duplicated_months": float(seen[ahc].sum() / DAYS_PER_MONTH)}
        details |= {"operation_months": float(days[ahc].sum() / DAYS_PER_MONTH), "duplicated_operations": int((seen[ahc] > 0).sum()), "operations": n}
        details |= _by_counterpart(held, spec, days, ahc)
        details |= _task_chance(data, held, spec, settings, draws, days, ahc, cutoff)
    return Estimate(
        observed - chance.expected, observed - chance.upper, observed - chance.lower, unit, n, int((seen[ahc] > 0).sum()), exposure,
        f"permutation of starts within region and {spec['shuffled_within'].split('-')[1]} ({draws} draws)", (observed - chance.expected) / details["null_sd"], chance.p,
        records=sorted(held.names[ahc].tolist()), details=details,
    )  # fmt: skip


def _by_counterpart(held: overlap.Field, spec: dict, days: np.ndarray, ahc: np.ndarray) -> dict:
    """The observed share by who duplicates: another AHC, the United Nations, a regional organisation."""
    found = {}
    focal, other = held.pairs(spec["same_task"], "any", spec["handover_overlap"], "ahc")
    for kind in overlap.ARRANGEMENTS:
        mine = held.arrangement[other] == kind
        seen = overlap.covered(held.start[None, :], held.end[None, :], focal[mine], other[mine])[0, 0]
        found[f"share_with_{kind}"] = float(seen[ahc].sum() / days[ahc].sum())
    return found


def _task_chance(data: Panels, held: overlap.Field, spec: dict, settings: dict, draws: int, days: np.ndarray, ahc: np.ndarray, cutoff: pd.Timestamp) -> dict:
    """The same share against exchanged lists of tasks (any counterpart), and the share with any unrelated operation in the theatre whatever its task."""
    window = [(int(held.start.min()), held.cutoff)]
    null, _ = overlap.null_of_tasks(held, spec["same_task"], draws, settings["seed"], window)
    seen = overlap.covered(held.start[None, :], held.end[None, :], *held.pairs(spec["same_task"], focal="ahc"))[0, 0]
    beside = overlap.covered(held.start[None, :], held.end[None, :], *np.nonzero(held.together & ahc[:, None]))[0, 0]
    total = days[ahc].sum()
    chance = overlap.against_chance(float(seen[ahc].sum() / total), null[0][:, ahc].sum(axis=1) / total, settings["confidence"])
    return {
        "beside_any_share": float(beside[ahc].sum() / total), "expected_share_tasks": chance.expected, "null_lower_tasks": chance.lower, "null_upper_tasks": chance.upper,
        "permutation_p_tasks": chance.p,
    }  # fmt: skip


# ---- hormuz ------------------------------------------------------------------------------------------------------------------------------------------------------


def coalition_overlap(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Jaccard overlap of two coalitions that random draws of navies give, minus the observed one: positive if they share fewer members than by chance.

    Specification: `us_led`, `european_led` (operations), `roles` (`contributors`, `with-supporters`), `overlap_time` (`while-both`: members on a day on which both work; `ever`),
    `navies` (who can be drawn: states that took part in a maritime operation before, `ever` or in the last `twenty-years`, and the members themselves), `navy_weights` (`equal`:
    exact hypergeometric distribution; `experience`: draws in proportion to earlier operations plus one, 999 if `permutations` is 0).
    `holds`: both worked at the same time, no state led both, and they share fewer members than expected, with a probability of at most one minus the confidence; if only that
    probability is larger, the data cannot decide (None): half of all pairs share fewer than expected. p is one-sided: so small an overlap or a smaller one. The interval is that of
    the null minus the observed overlap.
    """
    unit = "Jaccard index, expected minus observed"
    cutoff, names = pd.Timestamp(settings["cutoff"]), (spec["us_led"], spec["european_led"])
    operations, members = data.operations[["operation_id", "domain", "deployed", "start", "end", "status"]], data.memberships
    window = overlap.both_at_work(operations, names, cutoff)
    if isinstance(window, str):
        apart = window.endswith("at the same time")  # a fact that speaks against the claim, not a gap of the register
        result = not_estimable(window, unit)
        return Estimate(**(result.as_dict() | {"holds": False, "records": sorted(names)})) if apart else result
    exposure = ((window[1] - window[0]).days + 1) / DAYS_PER_YEAR
    theirs = [data.of_structure(("members of", name), lambda name=name: members[members["operation_id"] == name]) for name in names]
    sides = [overlap.members_at(each, name, spec["roles"], window if spec["overlap_time"] == "while-both" else None) for each, name in zip(theirs, names, strict=True)]
    first = operations.set_index("operation_id").loc[list(names), "start"].min()
    pool = data.once(("navies", first, spec["navies"]), lambda: overlap.navies_of(operations, members, data.states, first, overlap.NAVIES[spec["navies"]]))
    draws = settings.get("permutations") or WEIGHTED_DRAWS
    found = overlap.overlap_of(*sides, pool, spec["navy_weights"], draws, settings["seed"])
    n = len(set(sides[0]["state"]) | set(sides[1]["state"]))
    if found is None:
        return not_estimable(f"no member of {names[0] if sides[0].empty else names[1]} is coded", unit, n, 0, exposure)
    leads = [set(each.loc[each["role"] == "lead", "state"]) for each in theirs]
    low, high = found.limits(settings["confidence"])
    details = {
        "observed_jaccard": found.observed, "expected_jaccard": found.expected, "null_lower": low, "null_upper": high,
        "n_us_led": len(found.one), "n_european_led": len(found.other), "n_shared": len(found.shared), "n_navies": len(found.navies),
        "draws": found.draws, "common_leads": sorted(leads[0] & leads[1]), "months_together": exposure * 12,
    }  # fmt: skip
    if settings.get("details", True):
        european = overlap.europeans(data.states, data.organisation_members, "region", first)
        details |= {"shared": sorted(found.shared), "us_led_members": sorted(found.one), "european_led_members": sorted(found.other)}
        details |= {"europeans_in_us_led": sorted(found.one & european), "europeans_in_european_led": sorted(found.other & european)}
        details |= {"n_europeans_in_us_led": len(found.one & european), "n_europeans_in_european_led": len(found.other & european)}
        drawn = found.values * (len(found.one) + len(found.other)) / (1 + found.values)  # the index back to a number of states
        details |= {"expected_shared": float(drawn @ found.weights)}
        details |= {"first_day_together": f"{window[0]:%Y-%m-%d}", "last_day_together": f"{window[1]:%Y-%m-%d}"}
    separate = bool(not leads[0] & leads[1] and found.observed < found.expected)
    test = "hypergeometric overlap of two random draws of navies" if not found.draws else f"draws of navies by experience ({found.draws})"
    return Estimate(
        found.expected - found.observed, low - found.observed, high - found.observed, unit, n, len(found.shared), float(exposure), test, None, found.p,
        holds=None if separate and found.p > 1 - settings["confidence"] else separate, records=sorted(names), details=details,
    )  # fmt: skip


# ---- red-sea -----------------------------------------------------------------------------------------------------------------------------------------------------


def command_choice(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Share of European states without a vessel under US command minus the share with one: positive if more stayed out than went in.

    Specification: that of `overlap.command_choice_of`. Wilson limits of the share, carried over to the difference; the test is the exact sign test. Not estimable with
    `participants` = `either` where the members of the European-led operation are not coded; the details then hold what the two other questions give.
    """
    unit = "share that stayed out minus share that went in"
    tables = (data.operations, data.memberships, data.states, data.organisation_members)
    found = overlap.command_choice_of(*tables, spec)
    n, k = len(found.stayed_out) + len(found.went_in), len(found.stayed_out)
    known = data.operations.set_index("operation_id")
    names = sorted(name for name in (spec["us_led"], spec["european_led"]) if name in known.index)
    days = known.loc[spec["us_led"], "duration_days"] if spec["us_led"] in known.index else None
    exposure = 0.0 if days is None or pd.isna(days) else float(days / DAYS_PER_YEAR)
    details = {"n_stayed_out": k, "n_went_in": len(found.went_in)}
    if settings.get("details", True):
        details |= {"stayed_out": found.stayed_out, "went_in": found.went_in}
        for question in ("named", "navies"):
            other = overlap.command_choice_of(*tables, spec | {"participants": question})
            size = len(other.stayed_out) + len(other.went_in)
            details |= {f"n_{question}": size, f"n_{question}_went_in": len(other.went_in), f"{question}_went_in": other.went_in}
            details[f"share_stayed_out_{question}"] = len(other.stayed_out) / size if size else None
            limits = wilson_limits(len(other.stayed_out), size, settings["confidence"]) if size else (None, None)
            details |= {f"{question}_lower": limits[0], f"{question}_upper": limits[1]}
    reason = found.reason or (f"fewer than five European states ({n})" if n < FEWEST else "")
    if reason:
        empty = not_estimable(reason, unit, n, len(found.went_in), exposure)
        return Estimate(**(empty.as_dict() | {"records": names, "details": details}))
    lower, upper = wilson_limits(k, n, settings["confidence"])
    details |= {"share_stayed_out": k / n, "share_lower": lower, "share_upper": upper}
    return Estimate(
        2 * k / n - 1, 2 * lower - 1, 2 * upper - 1, unit, n, len(found.went_in), exposure, "Wilson interval, exact sign test", (2 * k - n) / float(np.sqrt(n)),
        overlap.exact_half(k, n), records=names, details=details,
    )  # fmt: skip


ESTIMANDS_OVERLAP: dict[str, Callable[[Panels, dict, dict], Estimate]] = {
    "duplication_excess": duplication_excess,
    "coalition_overlap": coalition_overlap,
    "command_choice": command_choice,
}
# Tables that each reads.
