"""Estimands on who leads coalitions, when they are launched, on what they rest, how many tasks they have and what they turn into. Their form is that of `coalitions.estimands`.

`ESTIMANDS_MANDATES` holds them by name, `catalogue.ESTIMANDS` the tables that each reads beside operations, spells and system-years.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from coalitions import glm, mandates, robust, transitions
from coalitions.estimands import Estimate, Panels, not_estimable
from coalitions.proportions import wilson_limits
from coalitions.survival import DAYS_PER_YEAR, NotEstimable

FEWEST = mandates.FEWEST
READINGS = {"any-lead": "any", "every-lead": "every", "any-member": "member"}
TURN = 2014  # first year of the later period of transitions


def _led(data: Panels, merged: bool) -> tuple[pd.DataFrame, dict]:
    """AHC launches, and who leads them as arrays by name (`leadership`); made once for each panel."""

    def make():
        spells = data.of_world(("organisation-spells",), lambda: mandates.organisation_spells(data.organisation_members))
        european = data.of_world(("european-states",), lambda: mandates.european_states(data.states))
        launched = mandates.launches(data.operations, merged)
        held = mandates.leadership(launched, data.memberships, spells, european)
        return launched, {name: held[name].to_numpy() for name in held} | {"start": launched["start"].to_numpy(), "year": launched["start"].dt.year.to_numpy()}

    return data.once(("led", merged), make)


def _majority(flag: np.ndarray, unit: str, confidence: float) -> dict:
    """Theta (share minus one half) with Wilson's limits, and the score test that they invert."""
    n, events = len(flag), int(flag.sum())
    lower, upper = wilson_limits(events, n, confidence)
    statistic, p = mandates.half_test(events, n)
    limits = {"theta": events / n - 0.5, "lower": float(lower) - 0.5, "upper": float(upper) - 0.5, "statistic": statistic, "p": p}
    return limits | {"unit": unit, "n": n, "events": events, "exposure_years": 0.0, "test": "share against one half, Wilson's interval, score test"}


# ---- proponents --------------------------------------------------------------------------------------------------------------------------------------------------


def proponent_share(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Share of AHC launches that proponents of the liberal order lead, minus one half: positive if they lead the majority.

    Specification: `scope`, `proponents` (which states: `united-states`, `named`, `named-eu-nato`, `western`), `led` (`any-lead`: a lead state is one, `every-lead`: all are,
    `any-member`: a member is one), `unknown_lead` (a launch without a recorded lead is `not-led` by one, or `dropped`; for `any-member` one without members), `since`, `chains`.
    Wilson's interval; the details have the share of each of the four, and the change of the log odds per decade.
    """
    unit = "share of launches minus one half"
    launched, led = _led(data, spec["chains"] == "merged")
    inside = (launched[f"scope_{spec['scope']}"] == 1).to_numpy() & (led["year"] >= spec["since"])
    unknown = inside & ((led["n_members"] if spec["led"] == "any-member" else led["n_leads"]) == 0)
    if spec["unknown_lead"] == "dropped":
        inside &= ~unknown
    flag = led[f"{spec['proponents'].replace('-', '_')}_{READINGS[spec['led']]}"][inside]
    if len(flag) < FEWEST:
        return not_estimable(f"fewer than five launches ({len(flag)})", unit, len(flag), int(flag.sum()))
    details = {"share": float(flag.mean()), "unknown": int(unknown.sum())}
    if settings.get("details", True):
        lower, upper = wilson_limits(int(flag.sum()), len(flag), settings["confidence"])
        details |= {"share_lower": float(lower), "share_upper": float(upper)}
        details |= {f"led_{name}": float(led[f"led_{name}"][inside].mean()) for name in ("usa", "gbr", "fra", "deu")}
        details |= {f"share_{name.replace('-', '_')}": float(led[f"{name.replace('-', '_')}_any"][inside].mean()) for name in mandates.PROPONENTS}
        details["every_lead"] = float(led["western_every"][inside].mean())
        trend = mandates.logistic_trend(flag, led["year"][inside], settings["confidence"])
        details |= {f"trend_{name}": value for name, value in trend.items() if name not in ("n", "events")}
        details["odds_ratio_per_decade"] = float(np.exp(trend["estimate"])) if "estimate" in trend else None
    return Estimate(records=sorted(led["operation_id"][inside]), details=details, **_majority(flag, unit, settings["confidence"]))


# ---- european-led ------------------------------------------------------------------------------------------------------------------------------------------------


def european_rate_ratio(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Log ratio of the rates of European-led AHC launches, later over earlier: positive if they become more frequent.

    Specification: `scope`, `base_from` (first year of the earlier period), `later_from` (first day of the later one), `europeans` (`eu`, `eu-and-neighbours`, `eu-or-nato`, on the
    day of the launch), `european_lead` (`every-lead`, `any-lead`), `european_per` (`year`; `launch`: per launch of any AHC, the exact interval is then on the safe side), `chains`.
    Exact interval given the sum of the counts. A launch without a recorded lead is not European-led. Not estimable if a period has no such launch: the ratio then
    has one limit only, which is in the details.
    """
    unit = "log rate ratio, later over earlier"
    launched, led = _led(data, spec["chains"] == "merged")
    base, later, years_before, years_after = mandates.periods(spec["base_from"], spec["later_from"], settings["cutoff"])
    inside = (launched[f"scope_{spec['scope']}"] == 1).to_numpy() & (led["start"] >= base.to_datetime64())
    if years_after <= 0 or years_before <= 0:
        return not_estimable(f"one of the periods from {base.year} and from {spec['later_from']} has no length", unit)
    after = led["start"] >= later.to_datetime64()
    european = inside & (led[f"{spec['europeans'].replace('-', '_')}_{READINGS[spec['european_lead']]}"] == 1)
    counts = [int((european & period).sum()) for period in (~after, after)]
    of_all = [int((inside & period).sum()) for period in (~after, after)]
    exposure = [float(n) for n in of_all] if spec["european_per"] == "launch" else [years_before, years_after]
    n, events, years = sum(of_all), sum(counts), years_before + years_after
    if events == 0 or min(exposure) == 0:
        return not_estimable(f"no European-led launch, or none of any AHC in a period ({counts[0]} and {of_all[0]} before {spec['later_from']})", unit, n, events, years)
    found = mandates.rate_ratio(counts[0], exposure[0], counts[1], exposure[1], settings["confidence"])
    details = {"launches_before": counts[0], "launches_after": counts[1], "years_before": years_before, "years_after": years_after, "all_before": of_all[0], "all_after": of_all[1]}
    ratios = {"rate_ratio": found["estimate"], "rate_ratio_lower": found["lower"], "rate_ratio_upper": found["upper"]}
    details |= {name: value if np.isfinite(value) else None for name, value in ratios.items()} | {"p_exact": found["p"]}
    if settings.get("details", True):
        details |= {"rate_before": counts[0] / years_before, "rate_after": counts[1] / years_after, "expected_after": counts[0] / years_before * years_after}
        details |= {f"share_{name}": count / of if of else None for name, count, of in zip(("before", "after"), counts, of_all, strict=True)}
        details |= {"without_lead": int((inside & (led["n_leads"] == 0)).sum()), "later": sorted(led["operation_id"][european & after])}
    records = sorted(led["operation_id"][european])
    if min(counts) == 0:
        reason = f"a period has no European-led launch ({counts[0]} before {spec['later_from']}, {counts[1]} since)"
        return replace(not_estimable(reason, unit, n, events, years), records=records, details=details)
    limits = [float(np.log(found[name])) for name in ("estimate", "lower", "upper")]
    return Estimate(*limits, unit, n, events, years, "exact conditional ratio of Poisson rates", None, found["p"], records=records, details=details)


# ---- gridlock ----------------------------------------------------------------------------------------------------------------------------------------------------


def veto_rate_ratio(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Log rate ratio of AHC launches for each draft that was vetoed so many years before: positive if launches follow vetoes.

    Specification: `scope`, `since`, `family` (`poisson`, `negative-binomial`), `lag_years`, `drafts` (`all`; `crisis`: those with a theatre; `own-theatre`: theatre-years, vetoes
    on the theatre of the launch, a constant for each theatre), `trend` (`linear`, `none`). HAC standard errors; by theatre for `own-theatre`, which is Poisson only: its
    errors hold under overdispersion. The details have the share of AHCs whose legal basis is the Council.
    """
    unit = "log rate ratio per vetoed draft"
    drafts = data.of_world(("vetoed-drafts",), lambda: mandates.vetoed_drafts(data.vetoes))
    own, trend = spec["drafts"] == "own-theatre", spec["trend"] == "linear"
    years, design = mandates.veto_design(data.system_years, drafts, spec["scope"], spec["since"], spec["lag_years"], "all" if own else spec["drafts"], trend)
    n, events, observed = len(years), int(years["ahc_launches"].sum()), float(years["exposure_years"].sum())
    if own and spec["family"] != "poisson":
        return not_estimable("theatre-years have a constant for each theatre, which leave no negative binomial likelihood", unit, n, events, observed)
    if not n or not design["vetoed draft"].any():
        return not_estimable("no vetoed draft in the years of the series", unit, n, events, observed)
    if own:
        y, x = mandates.theatre_design(data.operations, years, drafts, spec["scope"], spec["lag_years"], trend)
        of_both = int((x[:, :, 0].any(axis=1)).sum())
        if of_both < FEWEST:
            return not_estimable(f"vetoes on {of_both} of the theatres with launches: too few for a variance by theatre", unit, n, events, observed)
        fit = robust.within(y, x, years["exposure_years"])
        if isinstance(fit, NotEstimable):
            return not_estimable(fit.reason, unit, y.size, int(y.sum()), observed)
        found, details = (
            mandates.normal(fit.params[0], fit.se[0], settings["confidence"]),
            {"theatres": fit.groups, "theatres_with_vetoes": of_both, "launches_after_own_veto": int(y[x[:, :, 0] > 0].sum())},
        )
        n, events, test = y.size, int(y.sum()), f"Poisson regression with {fit.groups} theatre constants, variance by theatre"
    else:
        model = glm.count_model(years["ahc_launches"], design, years["exposure_years"], spec["family"])
        if isinstance(model, NotEstimable):
            return not_estimable(model.reason, unit, n, events, observed)
        found, details = mandates.normal(model.params["vetoed draft"], model.se["vetoed draft"], settings["confidence"]), {"alpha": model.alpha, "hac_lags": model.lags}
        test = f"{spec['family']} regression, larger of HAC ({model.lags} lags) and model-based error"
    ratios = [("rate_ratio", "estimate"), ("rate_ratio_lower", "lower"), ("rate_ratio_upper", "upper")]
    details |= {"se": found["se"]} | {name: float(np.exp(found[part])) for name, part in ratios}
    frame = data.operations
    frame = frame[(frame["arrangement"] == "ahc") & (frame["deployed"] == 1) & (frame[f"scope_{spec['scope']}"] == 1) & (frame["start"].dt.year >= years["year"].min())]
    if settings.get("details", True):
        details |= {"vetoed_drafts": int(design["vetoed draft"].sum()), "drafts_per_year": float(design["vetoed draft"].mean()), "first_year": int(years["year"].min())}
        known = frame["legal_basis"].notna()
        council = int((frame["legal_basis"] == "unsc").sum())
        details |= {"known_basis": int(known.sum()), "authorised": council, "authorised_share": council / int(known.sum()) if known.any() else None}
    return Estimate(
        found["estimate"], found["lower"], found["upper"], unit, n, events, observed, test, found["statistic"], found["p"], records=sorted(frame["operation_id"]), details=details
    )


# ---- legal-ambiguity ---------------------------------------------------------------------------------------------------------------------------------------------


def unclear_share(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Share of AHCs with an unclear mandate minus one half: positive if they are the majority.

    Specification: `scope`, `unclear` (what is unclear: `mandates.UNCLEAR`), `silent` (an AHC on which sources are silent is `dropped`, is left out only if what is known leaves it
    `undecided`, or the missing value counts as `unclear` or `clear`), `since`, `chains` (a chain has the basis and document of its oldest name). Wilson's interval. The details
    have the share if all silent values were clear, and if all were unclear: the bounds that no treatment of silence can leave (Manski 1989).
    """
    unit = "share of AHCs minus one half"
    merged = spec["chains"] == "merged"
    launched = data.once(("ahc-launches", merged), lambda: mandates.launches(data.operations, merged))
    basis, document, year = launched["legal_basis"], launched["founding_document"], data.once(("ahc-years", merged), lambda: launched["start"].dt.year.to_numpy())
    inside = (launched[f"scope_{spec['scope']}"] == 1).to_numpy() & (year >= spec["since"])

    def flags(silent: str) -> np.ndarray:
        return data.once(("unclear", merged, spec["unclear"], silent), lambda: mandates.unclear(basis, document, spec["unclear"], silent))

    flag = flags(spec["silent"])
    used = inside & ~np.isnan(flag)
    held = flag[used]
    if len(held) < FEWEST:
        return not_estimable(f"fewer than five AHCs with a known mandate ({len(held)})", unit, len(held), int(held.sum()))
    details = {"share": float(held.mean()), "left_out": int(inside.sum()) - len(held)}
    if settings.get("details", True):
        lower, upper = wilson_limits(int(held.sum()), len(held), settings["confidence"])
        details |= {"share_lower": float(lower), "share_upper": float(upper)}
        details |= {"share_least": float(flags("clear")[inside].mean()), "share_most": float(flags("unclear")[inside].mean())}
        details |= {"without_basis": int(basis[inside].isna().sum()), "without_document": int(document[inside].isna().sum()), "n_ahc": int(inside.sum())}
        details |= {"contested": int((basis[inside] == "contested").sum()), "by_declaration": int((document[inside] == "declaration").sum())}
        details |= {"no_document": int((document[inside] == "none").sum()), "council": int((basis[inside] == "unsc").sum())}
        trend = mandates.logistic_trend(held, year[used], settings["confidence"])
        details |= {f"trend_{name}": value for name, value in trend.items() if name not in ("n", "events")}
    return Estimate(records=sorted(launched["operation_id"][used]), details=details, **_majority(held, unit, settings["confidence"]))


# ---- task-specific -----------------------------------------------------------------------------------------------------------------------------------------------


def task_ratio(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Log ratio of the mean number of tasks, comparator over AHC: positive if AHCs have fewer.

    Specification: `scope`, `comparator`, `task_grouping` (`listed`, `families`, `military`), `multidimensional` (multidimensional operations `kept` or `dropped`), `task_adjust`
    (`none`, `era`, `era-and-domain`), `chains` (merged: tasks of all names). Poisson regression, variance by primary theatre. Operations without a recorded task are left out and
    counted in the details.
    """
    unit = "log ratio of tasks per mandate"
    merged = spec["chains"] == "merged"
    frame = data.spells_of(merged, pd.Timestamp(settings["cutoff"]))
    count = data.once(("task-counts", merged, spec["task_grouping"]), lambda: mandates.task_counts(frame["tasks"], spec["task_grouping"]))
    kinds = ("un", "regional") if spec["comparator"] == "both" else (spec["comparator"],)
    inside = ((frame[f"scope_{spec['scope']}"] == 1) & frame["arrangement"].isin(("ahc", *kinds))).to_numpy()
    if spec["multidimensional"] == "dropped":
        inside &= (frame["multidimensional"] != 1).to_numpy()
    silent = inside & np.isnan(count)
    inside &= ~silent
    frame, count = frame[inside], count[inside]
    ahc = (frame["arrangement"] == "ahc").to_numpy()
    n, events = len(frame), int(count.sum())
    exposure = float(frame["duration_days"].sum() / DAYS_PER_YEAR)
    found = mandates.task_ratio(count, ahc, frame["theatre"], spec["task_adjust"], frame["start"], frame["domain"], settings["confidence"])
    if isinstance(found, NotEstimable):
        return not_estimable(found.reason, unit, n, events, exposure)
    details = {"se": found["se"], "n_ahc": int(ahc.sum()), "n_comparator": int((~ahc).sum()), "ratio": float(np.exp(found["estimate"]))}
    if settings.get("details", True):
        details |= {"ratio_lower": float(np.exp(found["lower"])), "ratio_upper": float(np.exp(found["upper"])), "without_tasks": int(silent.sum())}
        for name, mask in (("ahc", ahc), ("comparator", ~ahc)):
            details |= {f"mean_{name}": float(count[mask].mean()), f"median_{name}": float(np.median(count[mask])), f"single_task_{name}": float((count[mask] == 1).mean())}
    return Estimate(
        -found["estimate"], -found["upper"], -found["lower"], unit, n, events, exposure, "Poisson regression, variance by theatre", -found["statistic"], found["p"],
        records=sorted(frame["spell_id"]), details=details,
    )  # fmt: skip


# ---- transitions -------------------------------------------------------------------------------------------------------------------------------------------------


def transition_share(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Share of ends of AHCs and organisations' operations that are a transition between the two, in either direction. `holds` if there is one in each direction.

    Specification: `scope` of what ended, `transition` (`handed-over`: of all ends, those handed over; `next-in-theatre`: of the ends observed for two years, those after which
    the other kind starts in the theatre within that time), `comparator` (which organisations: `un`, `regional`, `both`), `since` (first year of ends), `chains`. Wilson's interval,
    ends as independent. The details have each direction and the change from 2014 on.
    """
    unit = "share of ends"
    merged, cutoff = spec["chains"] == "merged", pd.Timestamp(settings["cutoff"])
    kinds = ("un", "regional") if spec["comparator"] == "both" else (spec["comparator"],)
    find = transitions.handed_over if spec["transition"] == "handed-over" else transitions.next_in_theatre
    ends = data.once((spec["transition"], merged), lambda: find(data.operations, cutoff, merged))
    members = data.once(("scope-names", spec["scope"]), lambda: set(data.operations.loc[data.operations[f"scope_{spec['scope']}"] == 1, "operation_id"]))

    def inside(what: str, names: pd.Series) -> np.ndarray:
        """Which ends have a name in the scope."""
        key = ("ends-in-scope", what, merged, spec["scope"])
        return data.once(key, lambda: names.map(lambda text: not members.isdisjoint(text.split("+"))).to_numpy(dtype=bool))

    ends = ends[inside(spec["transition"], ends["operation_ids"])]
    ends = ends[ends["from"].isin(("ahc", *kinds)) & (ends["to"] != transitions.UNKNOWN) & (pd.to_datetime(ends["end"]).dt.year >= spec["since"])]
    whole = ends[["unit", "end", "from"]].drop_duplicates("unit")
    if spec["transition"] == "handed-over":  # shares are of all ends, handed over or not
        spells = data.spells_of(merged, cutoff)
        spells = spells[inside("spells", spells["operation_ids"])]
        spells = spells[(spells["ended"] == 1) & (spells["end"] <= cutoff) & spells["arrangement"].isin(("ahc", *kinds)) & (spells["end"].dt.year >= spec["since"])]
        whole = spells[["spell_id", "end", "arrangement"]].set_axis(["unit", "end", "from"], axis=1)
        ends = ends[ends["unit"].isin(whole["unit"])]
    to, back = (ends["from"] == "ahc") & ends["to"].isin(kinds), ends["from"].isin(kinds) & (ends["to"] == "ahc")
    crossing = set(ends.loc[to | back, "unit"])
    n, events = len(whole), int(whole["unit"].isin(crossing).sum())
    if n < FEWEST:
        return not_estimable(f"fewer than five ends ({n})", unit, n, events)
    lower, upper = wilson_limits(events, n, settings["confidence"])
    details = {"to_organisation": int(ends.loc[to, "unit"].nunique()), "from_organisation": int(ends.loc[back, "unit"].nunique())}
    if settings.get("details", True):
        mine = (whole["from"] == "ahc").to_numpy()
        crossed, late = whole["unit"].isin(crossing).to_numpy(), (pd.to_datetime(whole["end"]).dt.year >= TURN).to_numpy()
        for name, group in (("ahc", mine), ("organisation", ~mine)):
            details |= {f"ends_{name}": int(group.sum()), f"crossing_{name}": int((group & crossed).sum())}
            details[f"share_{name}"] = float(crossed[group].mean()) if group.any() else None
            limits = wilson_limits(int((group & crossed).sum()), int(group.sum()), settings["confidence"]) if group.any() else (None, None)
            details |= {f"share_{name}_lower": None if limits[0] is None else float(limits[0]), f"share_{name}_upper": None if limits[1] is None else float(limits[1])}
        details |= {"turn": TURN, "ends_before": int((~late).sum()), "ends_after": int(late.sum())}
        if min(late.sum(), (~late).sum()) >= FEWEST:
            change = mandates.share_difference(int((crossed & late).sum()), int(late.sum()), int((crossed & ~late).sum()), int((~late).sum()), settings["confidence"])
            details |= {"share_before": float(crossed[~late].mean()), "share_after": float(crossed[late].mean())}
            details |= {"change": change["estimate"], "change_lower": change["lower"], "change_upper": change["upper"], "change_p": change["p"]}
    return Estimate(
        events / n, float(lower), float(upper), unit, n, events, 0.0, "share of ends, Wilson's interval", None, None,
        holds=bool(to.any() and back.any()), records=sorted(set(whole["unit"])), details=details,
    )  # fmt: skip


ESTIMANDS_MANDATES: dict[str, Callable[[Panels, dict, dict], Estimate]] = {
    "proponent_share": proponent_share,
    "european_rate_ratio": european_rate_ratio,
    "veto_rate_ratio": veto_rate_ratio,
    "unclear_share": unclear_share,
    "task_ratio": task_ratio,
    "transition_share": transition_share,
}
