"""Estimands on how coalitions end, how fast they start, how long African ones last and what follows them. Their form is that of `coalitions.estimands`.

Each reads the published panels only and is oriented: positive means that the claim is true. `ESTIMANDS_DURATION` holds them by name.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from coalitions import competing, delays, gaptimes, rmst, sequels, subgroups, survival
from coalitions.estimands import Estimate, Panels, normal_limits, not_estimable
from coalitions.survival import DAYS_PER_YEAR, NotEstimable

FEWEST = 5  # spells in a group, or theatres, below which nothing is compared
# Columns of the operations panel that say what follows in a theatre.
FOLLOWED = [*gaptimes.COLUMNS, "theatre", "theatres"]
OWN_DECISION = {
    "completed": ("completed",),
    "completed-or-withdrawn": ("completed", "withdrawn"),
    "any-but-handed-over": ("completed", "withdrawn", "collapsed"),
}


def _inside(frame: pd.DataFrame, scope: str, nested: str = "as-scope") -> pd.Series:
    """Who is in a scope; with `included` also the task forces of an umbrella."""
    inside = frame[f"scope_{scope}"] == 1
    return inside | ((frame["nested"] == 1) & (frame["scope_broad"] == 1)) if nested == "included" else inside


def _compared(frame: pd.DataFrame, comparator: str) -> tuple[pd.DataFrame, np.ndarray]:
    """AHCs and their comparator, in a fixed order, and which rows are AHCs."""
    kinds = ("un", "regional") if comparator == "both" else (comparator,)
    frame = frame[frame["arrangement"].isin(("ahc", *kinds))]
    return frame, (frame["arrangement"] == "ahc").to_numpy()


def _too_few(mine: np.ndarray, what: str, one: str = "AHC", other: str = "comparator") -> str:
    """Why two groups are too small to be compared; empty if they are not."""
    n = int(mine.sum()), int((~mine).sum())
    return f"fewer than five {what} in a group ({n[0]} {one}, {n[1]} {other})" if min(n) < FEWEST else ""


def _welch(few: survival.Mean, many: survival.Mean, confidence: float) -> tuple[dict, float, float]:
    """Limits, statistic and p of `many` minus `few` in years from Student's t, its standard error and degrees of freedom (Welch 1947, Satterthwaite 1946)."""
    one, other = (mean.se**2 * mean.n / (mean.n - 1) / DAYS_PER_YEAR**2 for mean in (few, many))
    theta, se = (many.estimate - few.estimate) / DAYS_PER_YEAR, float(np.sqrt(one + other))
    df = (one + other) ** 2 / (one**2 / (few.n - 1) + other**2 / (many.n - 1))
    t = float(stdtrit(df, 0.5 + confidence / 2))
    limits = {"theta": float(theta), "lower": float(theta - t * se), "upper": float(theta + t * se), "statistic": float(theta / se), "p": float(2 * stdtr(df, -abs(theta / se)))}
    return limits, se, float(df)


def _ways(frame: pd.DataFrame) -> dict[str, int]:
    """How many spells ended in which way, in alphabetical order."""
    return {str(name): int(n) for name, n in frame.loc[frame["ended"] == 1, "ended_how"].fillna("not-known").value_counts().sort_index().items()}


# ---- easily-dissolved --------------------------------------------------------------------------------------------------------------------------------------------


def _incidence(data: Panels, time: np.ndarray, cause: np.ndarray, confidence: float) -> pd.DataFrame:
    """`competing.cumulative_incidence` with two causes, which follows from days and causes alone: made once for like ones, whatever the horizon or the other group."""
    key = ("incidence", time.tobytes(), cause.tobytes(), confidence)
    return data.of_world(key, lambda: competing.cumulative_incidence(time, cause, confidence=confidence, causes=2))


def incidence_difference(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Cumulative incidence of a dissolution by the coalition's own decision, AHC minus comparator: positive if AHCs are dissolved more often within the horizon.

    Specification: `scope`, `comparator`, `ends` (which ways of ending are a dissolution: `completed`, `completed-or-withdrawn`, `any-but-handed-over`), `horizon_years`, `chains`,
    `nested`. Ends of any other kind, and of no known kind, compete; a spell that only changed its name is censored. Aalen-Johansen with delta variance, normal interval;
    Gray's test of the whole curves in the details.
    """
    unit = "difference of cumulative incidence"
    frame = data.spells_of(spec["chains"] == "merged", pd.Timestamp(settings["cutoff"]))
    frame, ahc = _compared(frame[_inside(frame, spec["scope"], spec["nested"])], spec["comparator"])
    days = round(spec["horizon_years"] * DAYS_PER_YEAR)
    time = frame["duration_days"].to_numpy(dtype=np.int64)
    ended = ((frame["ended"] == 1) & (frame["ended_how"] != "renamed")).to_numpy()
    own = ended & frame["ended_how"].isin(OWN_DECISION[spec["ends"]]).to_numpy()
    cause = np.where(own, 1, np.where(ended, 2, 0))
    n, events, exposure = len(frame), int((own & (time <= days)).sum()), float(np.minimum(time, days).sum() / DAYS_PER_YEAR)
    if reason := _too_few(ahc, "spells"):
        return not_estimable(reason, unit, n, events, exposure)
    curves = [_incidence(data, time[mask], cause[mask], settings["confidence"]) for mask in (ahc, ~ahc)]
    result = competing.difference_at(*curves, days, 1, settings["confidence"])
    if isinstance(result, NotEstimable):
        return not_estimable(result.reason, unit, n, events, exposure)
    details = {"se": result.se, "horizon_days": days, "n_ahc": int(ahc.sum()), "n_comparator": int((~ahc).sum())}
    if settings.get("details", True):
        for name, mask, curve in (("ahc", ahc, curves[0]), ("comparator", ~ahc, curves[1])):
            lines = competing.at(curve, days).set_index("cause")
            details |= {f"dissolved_{name}": float(lines.loc[1, "incidence"]), f"dissolved_{name}_lower": float(lines.loc[1, "ci_lower"])}
            details |= {f"dissolved_{name}_upper": float(lines.loc[1, "ci_upper"]), f"ended_otherwise_{name}": float(lines.loc[2, "incidence"])}
            details |= {f"at_risk_{name}": int((time[mask] >= days).sum()), f"ways_of_ending_{name}": _ways(frame[mask])}
        details["renamed_only"] = int(((frame["ended"] == 1) & ~ended).sum())
        gray = competing.gray_test(time, cause, np.where(ahc, "ahc", "comparator"))[1]
        if not isinstance(gray, NotEstimable):
            details |= {"gray_statistic": gray.statistic, "gray_df": gray.df, "gray_p": gray.p}
    return Estimate(
        unit=unit, n=n, events=events, exposure_years=exposure, test="difference of Aalen-Johansen incidences, delta variance", records=sorted(frame["spell_id"]), details=details,
        **normal_limits(result.estimate, result.se, settings["confidence"]),
    )  # fmt: skip


# ---- fast --------------------------------------------------------------------------------------------------------------------------------------------------------


def waits_of(data: Panels, clock: str, cutoff: pd.Timestamp) -> pd.DataFrame:
    """`delays.waits` of the operations panel: `operation_id, arrangement, least, most, middle, waiting, imprecise, early` of the operations whose clock has a date.

    A wait follows from the dates of its own operation alone, so that panels with fewer operations share what was made of the same dates.
    """
    date, columns = delays.CLOCKS[clock], ["least", "most", "middle", "waiting", "imprecise", "early"]
    stamps = [date, "deployed", "start_earliest", "start", "start_latest"]
    frame = data.operations
    frame = frame.loc[frame["predecessor_id"].isna() & frame[date].notna(), ["operation_id", "arrangement", "predecessor_id", *stamps]]
    keys = list(zip(*(frame[name].to_numpy().tolist() for name in stamps), strict=True))

    def made(new: list[int]) -> list[tuple | None]:
        waits = delays.waits(frame.iloc[new], clock, cutoff)
        lines = dict(zip(waits.index, zip(*(waits[name].tolist() for name in columns), strict=True), strict=True))
        return [lines.get(frame.index[at]) for at in new]  # None: the clock starts after the cut-off

    lines = data.each_of_world(("waits", clock, cutoff), keys, made)
    held = [at for at, line in enumerate(lines) if line is not None]
    values = np.array([lines[at] for at in held], dtype=float).reshape(len(held), len(columns))
    found = frame.iloc[held][["operation_id", "arrangement"]].assign(**dict(zip(columns, values.T, strict=True)))
    return found.astype({"waiting": bool, "imprecise": int, "early": int})


def _turnbull(data: Panels, least: np.ndarray, most: np.ndarray) -> delays.Delays | NotEstimable:
    """`delays.turnbull`, which follows from the delays alone, whoever had them and in whatever order: made once for like ones."""
    order = np.lexsort((most, least))
    return data.of_world(("turnbull", least[order].tobytes(), most[order].tobytes()), lambda: delays.turnbull(least, most))


def start_delay(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Restricted mean of the days from a clock's date to the start, comparator minus AHC: positive if AHCs start sooner.

    Specification: `clock` (`decision`, `request`, `trigger`), `scope`, `comparator`, `domain` (`all`, `land`, `maritime`), `never_deployed` (`kept`: whoever would be in the scope
    had it deployed waits until the cut-off; `dropped`), `horizon_days`. Delays between dates of a month or a year are interval-censored (`turnbull`); starts before the
    date count as zero days and are counted in the details. Operations without the clock's date are left out, and counted there. Settings: `scopes`, the inclusion rules, if
    never-deployed cases are kept.
    """
    unit = "days of restricted mean delay"
    cutoff, tau = pd.Timestamp(settings["cutoff"]), int(spec["horizon_days"])
    frame = data.operations
    key = ("eligible", spec["scope"], spec["never_deployed"])
    inside = data.once(key, lambda: delays.eligible(frame, spec["scope"], settings["scopes"][spec["scope"]] if spec["never_deployed"] == "kept" else None))
    if spec["domain"] != "all":
        inside = inside & (frame["domain"] == spec["domain"])
    known = data.once(("waits", spec["clock"], cutoff), lambda: waits_of(data, spec["clock"], cutoff))
    operations, frame = frame, known[inside.reindex(known.index)]
    frame, ahc = _compared(frame, spec["comparator"])
    least, most = frame["least"].to_numpy(), frame["most"].to_numpy()
    n, events = len(frame), int((~frame["waiting"]).sum())
    exposure = float(np.minimum(frame["middle"], tau).sum() / DAYS_PER_YEAR)
    if reason := _too_few(ahc, f"operations with a dated {spec['clock']}"):
        return not_estimable(reason, unit, n, events, exposure)
    curves = [_turnbull(data, least[mask], most[mask]) for mask in (ahc, ~ahc)]
    means = [curve if isinstance(curve, NotEstimable) else delays.restricted_mean_delay(curve, tau) for curve in curves]
    for mean in means:
        if isinstance(mean, NotEstimable):
            return not_estimable(mean.reason, unit, n, events, exposure)
    (one, one_se, one_least, one_most), (other, other_se, other_least, other_most) = means
    theta, se = other - one, float(np.hypot(one_se, other_se))
    if se < 1e-9:
        return not_estimable("all delays of a group are alike: the difference has no variance", unit, n, events, exposure)
    details = {"se": se, "horizon_days": tau, "theta_least": other_least - one_most, "theta_most": other_most - one_least}
    if settings.get("details", True):
        _, eligible_ahc = _compared(operations[inside & operations["predecessor_id"].isna()], spec["comparator"])
        for name, mask, of_all, mean, curve in (("ahc", ahc, eligible_ahc, one, curves[0]), ("comparator", ~ahc, ~eligible_ahc, other, curves[1])):
            group = frame[mask]
            details |= {f"mean_{name}_days": mean, f"median_{name}_days": delays.median_delay(curve)[0], f"n_{name}": len(group)}
            details |= {f"without_date_{name}": int(of_all.sum()) - len(group), f"started_before_{name}": int(group["early"].sum())}
            details |= {f"imprecise_{name}": int(group["imprecise"].sum()), f"not_started_{name}": int(group["waiting"].sum())}
        middle = [survival.restricted_mean(frame["middle"][mask] + 1, (~frame["waiting"][mask]).astype(int), tau + 1) for mask in (ahc, ~ahc)]  # the kernel takes no day 0
        if not any(isinstance(mean, NotEstimable) for mean in middle):
            details["theta_middle_days"] = middle[1].estimate - middle[0].estimate
    return Estimate(
        unit=unit, n=n, events=events, exposure_years=exposure, test="difference of restricted mean delays (Turnbull), observed information",
        records=sorted(frame["operation_id"]), details=details, **normal_limits(theta, se, settings["confidence"]),
    )  # fmt: skip


# ---- africa-ct ---------------------------------------------------------------------------------------------------------------------------------------------------


def restricted_subgroup_difference(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Restricted mean survival time at tau of other AHCs minus that of African counterterrorism AHCs, in years: positive if the African ones live shorter.

    Specification: `scope`, `two_state`, `io_umbrella`, `sea_based` (each `kept` or `dropped`, in both groups), `counter_tasks` (`counterterrorism` or
    `counterterrorism-or-insurgency`), `tau_years`, `chains`. African: the region of the primary theatre is Africa.
    The interval is Welch's (variances times n / (n - 1), t with Satterthwaite's degrees of freedom): with six cases a normal one covers four fifths, this one seven
    eighths. Neither is right with so few; the permutation p in the details (labels shuffled, studentised, the observed labelling counted as a draw) has its level
    whatever n.
    """
    unit = "years of restricted mean survival time"
    frame = data.spells_of(spec["chains"] == "merged", pd.Timestamp(settings["cutoff"]))
    frame = frame[_inside(frame, spec["scope"]) & (frame["arrangement"] == "ahc")]
    for name, borderline in (("two_state", frame["two_state"] == 1), ("io_umbrella", frame["io_umbrella"] == 1), ("sea_based", frame["domain"] == "maritime")):
        if spec[name] == "dropped":
            frame = frame[~borderline.reindex(frame.index)]
    african = subgroups.african(frame, spec["counter_tasks"]).to_numpy(dtype=bool)
    tau = round(spec["tau_years"] * DAYS_PER_YEAR)
    time, event = frame["duration_days"].to_numpy(dtype=np.int64), frame["ended"].to_numpy(dtype=np.int64)
    n, events, exposure = len(frame), int(event[time <= tau].sum()), float(np.minimum(time, tau).sum() / DAYS_PER_YEAR)
    if reason := _too_few(african, "coalitions", "African counterterrorism", "other"):
        return not_estimable(reason, unit, n, events, exposure)
    group = np.where(african, "African counterterrorism", "other")
    draws = settings.get("permutations", 0)
    rng = np.random.default_rng(settings["seed"]) if draws else None
    result = rmst.difference(time, event, group, tau, draws, rng, settings["confidence"], reference="African counterterrorism")
    if isinstance(result, NotEstimable):
        return not_estimable(result.reason, unit, n, events, exposure)
    limits, se, df = _welch(result.other, result.one, settings["confidence"])
    details = {"se": se, "df": df, "tau_days": tau, "n_african": int(african.sum()), "n_other": int((~african).sum())}
    if draws:
        details |= {"permutation_p": result.permutation_p, "permutations": draws, "permutations_undefined": result.undefined}
    if settings.get("details", True):
        for name, mask, mean in (("african", african, result.other), ("other", ~african, result.one)):
            curve = survival.kaplan_meier(time[mask], event[mask])
            median = survival.quantile(curve)[0] / DAYS_PER_YEAR
            details |= {f"rmst_{name}_years": mean.estimate / DAYS_PER_YEAR, f"events_{name}": int(event[mask].sum()), f"median_{name}_years": None if np.isnan(median) else median}
            details[f"ways_of_ending_{name}"] = _ways(frame[mask])
        details["african_coalitions"] = sorted(frame["spell_id"][african])
    return Estimate(
        unit=unit, n=n, events=events, exposure_years=exposure, test="difference of restricted means, Welch's t interval", records=sorted(frame["spell_id"]), details=details,
        **limits,
    )  # fmt: skip


# ---- stop-gap ----------------------------------------------------------------------------------------------------------------------------------------------------


def recurrence_difference(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Probability that the next operation in the theatre has started so many years after an end, AHC minus comparator: positive if AHCs are followed more often.

    Specification: `scope` and `comparator` of what ended, `recurrence_years`, `handovers` (whether a successor by hand-over is a next one: `counted`, `passed-over`), `ends_in`
    (`primary`: an end counts once, in the main theatre of its operation; `all`: once in each of its theatres), `next_from` (who can be next: `register` or `scope`).
    One minus Kaplan-Meier of the gap (`gaptimes`); the influences of both groups are summed by theatre before they are squared, as both end in the same theatres.
    """
    unit = "difference of the share followed"
    cutoff = pd.Timestamp(settings["cutoff"])
    operations = data.once(("followed", spec["scope"]), lambda: data.operations[[*FOLLOWED, f"scope_{spec['scope']}"]])
    inside = _inside(operations, spec["scope"])
    pool = operations[inside] if spec["next_from"] == "scope" else operations
    pool = pool[pool["deployed"] == 1]
    days = round(spec["recurrence_years"] * DAYS_PER_YEAR)
    if not (inside & (operations["deployed"] == 1)).any():
        return not_estimable("no operation of the scope deployed", unit)
    key = ("gaps", spec["scope"] if spec["next_from"] == "scope" else None, spec["handovers"], cutoff)
    frame = data.once(key, lambda: gaptimes.gaps_in(data.of_structure(key[:2], lambda: sequels.theatre_layout(pool)), pool, cutoff, spec["handovers"] == "counted"))
    frame = sequels.counted(frame, pool, inside, spec["ends_in"])
    frame, ahc = _compared(frame, spec["comparator"])
    time, event = frame["gap_days"].to_numpy(dtype=np.int64), frame["followed"].to_numpy(dtype=np.int64)
    n, events, exposure = len(frame), int(event[time <= days].sum()), float(np.minimum(time, days).sum() / DAYS_PER_YEAR)
    if reason := _too_few(ahc, "ends"):
        return not_estimable(reason, unit, n, events, exposure)
    theatre = np.unique(frame["theatre"].to_numpy(dtype=str), return_inverse=True)[1]
    if theatre.max() + 1 < FEWEST:
        return not_estimable(f"ends in {theatre.max() + 1} theatres: too few for a variance by theatre", unit, n, events, exposure)
    influence, alone = np.zeros(n), {}
    for name, mask, sign in (("ahc", ahc, 1), ("comparator", ~ahc, -1)):
        result = followed_within(time[mask], event[mask], days)
        if isinstance(result, NotEstimable):
            return not_estimable(f"{'AHC' if name == 'ahc' else name}: {result.reason}", unit, n, events, exposure)
        alone[name] = result[0]
        influence[mask] = sign * result[1]
    theta, se = alone["ahc"] - alone["comparator"], float(np.sqrt((np.bincount(theatre, weights=influence) ** 2).sum()))
    if se < 1e-12:
        return not_estimable("no end is followed within the horizon: the difference has no variance", unit, n, events, exposure)
    details = {"se": se, "horizon_days": days, "theatres": int(theatre.max() + 1), "n_ahc": int(ahc.sum()), "n_comparator": int((~ahc).sum())}
    if settings.get("details", True):
        for name, mask in (("ahc", ahc), ("comparator", ~ahc)):
            group, within = frame[mask], (event[mask] == 1) & (time[mask] <= days)
            kinds = group.loc[within, "next_arrangement"].value_counts().sort_index()
            details |= {f"followed_{name}": float(alone[name]), f"handed_over_{name}": int(group.loc[within, "handed_over"].sum())}
            details |= {f"at_risk_{name}": int((time[mask] >= days).sum()), f"others_still_there_{name}": int((group["n_still_there"] > 0).sum())}
            details[f"next_{name}"] = {str(kind): int(number) for kind, number in kinds.items()}
    records = sorted({part for names in frame["operation_ids"] for part in names.split("+")})
    return Estimate(
        unit=unit, n=n, events=events, exposure_years=exposure, test="difference of recurrence (Kaplan-Meier of the gap), variance by theatre", records=records, details=details,
        **normal_limits(theta, se, settings["confidence"]),
    )  # fmt: skip


def followed_within(time: np.ndarray, event: np.ndarray, days: int) -> tuple[float, np.ndarray] | NotEstimable:
    """Share followed within so many days, one minus Kaplan-Meier, and the influence of each end on it (as in `gaptimes.clustered_survival`).

    Not estimable if the last end is observed for less, or if all are followed: such a share has no influence to square.
    """
    curve = survival.kaplan_meier(time, event)
    distinct, alive = curve["time_days"].to_numpy(), curve["survival"].to_numpy()
    if days > distinct[-1] and alive[-1] > 0:
        return NotEstimable(f"no end is observed for {days} days")
    last = int(np.searchsorted(distinct, days, side="right"))
    value = 1.0 if last == 0 else float(alive[last - 1])
    if value <= 0:
        return NotEstimable(f"every end is followed within {days} days: the share has no variance")
    n, d = curve["n_at_risk"].to_numpy(float), curve["n_event"].to_numpy(float)
    left = np.where(n > d, n - d, np.inf)
    hazard, position = np.append(0.0, np.cumsum(d / (n * left))), np.searchsorted(distinct, time)
    influence = np.where((event == 1) & (time <= days), (1 / left)[position], 0.0) - hazard[np.minimum(position + 1, last)]
    return 1 - value, value * influence


ESTIMANDS_DURATION: dict[str, Callable[[Panels, dict, dict], Estimate]] = {
    "incidence_difference": incidence_difference,
    "start_delay": start_delay,
    "restricted_subgroup_difference": restricted_subgroup_difference,
    "recurrence_difference": recurrence_difference,
}
