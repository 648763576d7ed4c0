"""The estimands that claims are tested by. A claim has no code of its own: it names one of these and a specification.

An estimand is a function (panels, specification, settings) -> Estimate. `theta` is oriented: positive means that the claim is true.
"""

import importlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from coalitions import catalogue, counts, glm, panels, survival
from coalitions.survival import DAYS_PER_YEAR, NotEstimable

MULTIDIMENSIONAL = ("multidimensional", "transitional-administration")


class Panels:
    """What estimands read, as attributes: published panels (`operations`, `spells`, `system_years`, `memberships`, ...) and tables of the register (`states`, `vetoes`, ...).

    Each is a table, or a function that makes it when it is first read. `structure` holds what many specifications and draws of dates share, as it depends on no date;
    `world` what depends on no operation, so that panels with fewer or other operations share it as well.
    """

    def __init__(self, structure: dict | None = None, world: dict | None = None, **tables):
        self._tables = tables
        self._made: dict = {}
        self.structure = {} if structure is None else structure
        self.world = {} if world is None else world

    def __getattr__(self, name: str) -> pd.DataFrame:
        """The table of that name. AttributeError names those that there are."""
        tables = self.__dict__.get("_tables", {})
        if name not in tables:
            raise AttributeError(f"no table {name!r} among {', '.join(sorted(tables))}: the estimand must declare it in catalogue.ESTIMANDS")
        if callable(tables[name]):
            tables[name] = tables[name]()
        return tables[name]

    def redrawn(self, **tables) -> "Panels":
        """The same with other dates in some tables; what depends on no date is shared."""
        return Panels(self.structure, self.world, **(self._tables | tables))

    def apart(self, **tables) -> "Panels":
        """The same with other operations in some tables; what was made from operations is not shared."""
        return Panels(None, self.world, **(self._tables | tables))

    def holds(self, name: str) -> bool:
        """Whether there is a table of that name."""
        return name in self._tables

    def once(self, key: tuple, make: Callable):
        """What many specifications share (a table, a curve), made at the first of them."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def of_structure(self, key: tuple, make: Callable):
        """The same for what depends on no date: draws of dates share it, too."""
        if key not in self.structure:
            self.structure[key] = make()
        return self.structure[key]

    def of_world(self, key: tuple, make: Callable):
        """The same for what depends on no operation (states, organisations, vetoes, a null distribution)."""
        if key not in self.world:
            self.world[key] = make()
        return self.world[key]

    def each_of_world(self, key: tuple, each: list, make: Callable[[list[int]], Iterable]) -> list:
        """A value for every one of `each` (all that it follows from, hashable), which panels of the same world share: `make` gets the positions of those that are not known yet."""
        known = self.of_world(key, dict)
        new = [at for at, one in enumerate(each) if one not in known]
        if new:
            known |= zip([each[at] for at in new], make(new), strict=True)
        return [known[one] for one in each]

    def spells_of(self, merged: bool, cutoff: pd.Timestamp) -> pd.DataFrame:
        """The published spells, or those in which every name of an arrangement is a spell of its own (made once)."""
        return self.spells if merged else self.once(("single", cutoff), lambda: panels.spells(self.operations, cutoff, merge=False))


# What an estimate is kept as in tables, in this order.
ESTIMATED = ("theta", "lower", "upper", "unit", "n", "events", "exposure_years", "statistic", "p", "holds", "reason")


@dataclass(frozen=True)
class Estimate:
    """One estimate with everything that a verdict rests on. A missing `theta` comes with a `reason`.

    `unit` is the unit of theta; `exposure` the time at risk in years; `records` the operations that the estimate rests on; `details` further numbers by name.
    """

    theta: float | None
    lower: float | None
    upper: float | None
    unit: str
    n: int
    events: int
    exposure_years: float
    test: str
    statistic: float | None
    p: float | None
    reason: str = ""
    holds: bool | None = None
    records: list[str] = field(default_factory=list)
    details: dict = field(default_factory=dict)

    def as_dict(self) -> dict:
        """The estimate as plain values."""
        return asdict(self)

    def as_row(self) -> dict:
        """The estimate as a row of a table: `ESTIMATED`, `holds` as a number, None where there is no reason."""
        row = {name: getattr(self, name) for name in ESTIMATED}
        return row | {"holds": None if self.holds is None else float(self.holds), "reason": self.reason or None}


def plain(settings: dict) -> dict:
    """Settings of the estimates that stand beside a primary one: without permutations, without details."""
    return settings | {"permutations": 0, "details": False}


def load(name: str) -> Callable:
    """The function of an estimand, from the module that the catalogue names; nothing else of the estimands is loaded. KeyError if there is none of that name."""
    modules = {held: module for module, names in catalogue.ESTIMAND_MODULES.items() for held in names}
    return getattr(importlib.import_module(f"coalitions.{modules[name]}"), name)


def not_estimable(reason: str, unit: str, n: int = 0, events: int = 0, exposure_years: float = 0.0) -> Estimate:
    """An estimate that the data cannot give, with the reason."""
    return Estimate(None, None, None, unit, n, events, exposure_years, "", None, None, reason)


def normal_limits(theta: float, se: float, confidence: float) -> dict:
    """Normal limits, the statistic and its two-sided p, as fields of an Estimate."""
    z = ndtri(0.5 + confidence / 2)
    return {"theta": float(theta), "lower": float(theta - z * se), "upper": float(theta + z * se), "statistic": float(theta / se), "p": float(2 * ndtr(-abs(theta / se)))}


def rmst_difference(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Restricted mean survival time of the comparator minus that of AHCs at tau, in years: positive if AHCs live shorter.

    Specification: `scope`, `comparator` (`un`, `regional`, `both`), `tau_years`, `chains` (`merged`, `single`), `nested` (`as-scope`, `included`), `exclude` (how many
    of the longest-lived AHCs are left out).
    The interval is the normal one from both variances; p is two-sided. A permutation p (labels shuffled) stands beside it in the details of the primary specification.
    """
    unit = "years of restricted mean survival time"
    cutoff = pd.Timestamp(settings["cutoff"])
    frame = data.spells_of(spec["chains"] == "merged", cutoff)
    inside = frame[f"scope_{spec['scope']}"] == 1
    if spec["nested"] == "included":
        inside |= (frame["nested"] == 1) & (frame["scope_broad"] == 1)
    frame = frame[inside]
    comparators = ("un", "regional") if spec["comparator"] == "both" else (spec["comparator"],)
    frame = frame[frame["arrangement"].isin(("ahc", *comparators))]
    ahc = frame["arrangement"] == "ahc"
    if spec["exclude"]:
        longest = frame[ahc].sort_values(["duration_days", "spell_id"], ascending=[False, True]).head(spec["exclude"]).index
        frame, ahc = frame.drop(longest), ahc.drop(longest)
    tau = round(spec["tau_years"] * DAYS_PER_YEAR)
    exposure = float(frame["duration_days"].clip(upper=tau).sum() / DAYS_PER_YEAR)
    n, events = len(frame), int(frame["ended"].sum())
    if ahc.sum() < 5 or (~ahc).sum() < 5:
        return not_estimable(f"fewer than five spells in a group ({int(ahc.sum())} AHC, {int((~ahc).sum())} comparator)", unit, n, events, exposure)
    time, event = frame["duration_days"].to_numpy(dtype=float), frame["ended"].to_numpy()

    def difference(mask) -> float | NotEstimable:
        one, other = survival.restricted_mean(time[mask], event[mask], tau), survival.restricted_mean(time[~mask], event[~mask], tau)
        return (one, other)

    one, other = difference(ahc.to_numpy())
    for result in (one, other):
        if isinstance(result, NotEstimable):
            return not_estimable(result.reason, unit, n, events, exposure)
    theta = (other.estimate - one.estimate) / DAYS_PER_YEAR
    se = float(np.hypot(one.se, other.se)) / DAYS_PER_YEAR
    if se == 0:
        return not_estimable("no spell ends before the horizon: the difference has no variance", unit, n, events, exposure)
    details = {
        "rmst_ahc_years": one.estimate / DAYS_PER_YEAR, "rmst_comparator_years": other.estimate / DAYS_PER_YEAR,
        "n_ahc": one.n, "n_comparator": other.n, "events_ahc": int(event[ahc].sum()), "events_comparator": int(event[~ahc].sum()), "se": se, "tau_days": tau,
    }  # fmt: skip
    for name, mask in (("ahc", ahc), ("comparator", ~ahc)) if settings.get("details", True) else ():
        curve = survival.kaplan_meier(time[mask], event[mask])
        median = survival.quantile(curve)[0] / DAYS_PER_YEAR
        details[f"median_{name}_years"] = None if np.isnan(median) else median
        for years in settings["within_years"]:
            details[f"over_within_{years}_years_{name}"] = 1 - survival.survival_at(curve, round(years * DAYS_PER_YEAR))[0]
    rank = survival.log_rank(time, event, np.where(ahc, "ahc", "comparator")) if settings.get("details", True) else NotEstimable("not asked for")
    if not isinstance(rank, NotEstimable):
        details |= {"log_rank_statistic": rank.statistic, "log_rank_df": rank.df, "log_rank_p": rank.p}
    if settings.get("permutations"):

        def permuted(mask) -> float:
            one, other = difference(mask)
            return np.nan if isinstance(one, NotEstimable) or isinstance(other, NotEstimable) else other.estimate - one.estimate

        rng = np.random.default_rng(settings["seed"])
        details["permutation_p"] = survival.permuted_p(permuted, ahc.to_numpy(), settings["permutations"], rng)
        details["permutations"] = settings["permutations"]
    return Estimate(
        unit=unit, n=n, events=events, exposure_years=exposure, test="difference of restricted means, normal interval", records=sorted(frame["spell_id"]), details=details,
        **normal_limits(theta, se, settings["confidence"]),
    )  # fmt: skip


def launch_trend(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Log rate ratio per decade of AHC launches per year; positive if there are more and more.

    Specification: `scope`, `since` (first year), `family` (`poisson`, `negative-binomial`), `denominator` (`year`: launches per year; `state-year`: per state of the
    system and year),
    `outcome` (`launches`, `active_any_day`, `active_1_july`, `active_year_end`). HAC standard errors; the year of the cut-off counts with the part of it that is observed.
    Beside it, in the details: Mann-Kendall tests of operations at work, memberships and distinct member states.
    """
    unit = "log rate ratio per decade"
    years = data.system_years
    years = years[(years["scope"] == spec["scope"]) & (years["year"] >= spec["since"])].sort_values("year").reset_index(drop=True)
    launches = years[f"ahc_{spec['outcome']}"]
    exposure = years["exposure_years"] if spec["outcome"] == "launches" else pd.Series(1.0, index=years.index)
    cutoff = pd.Timestamp(settings["cutoff"])
    if spec["outcome"] != "launches":  # a year counts if its day of reckoning is observed
        month, day = {"active_1_july": (7, 1)}.get(spec["outcome"], (12, 31))
        seen = (pd.to_datetime({"year": years["year"], "month": month, "day": day}) <= cutoff).to_numpy()
        years, launches, exposure = years[seen], launches[seen], exposure[seen]
    if years.empty:
        return not_estimable("no year of the series is observed", unit)
    if spec["denominator"] == "state-year":
        exposure = exposure * years["states_in_system"] / 100
    total, observed = int(launches.sum()), float(years["exposure_years"].sum())
    decades = pd.DataFrame({"decade": (years["year"] - years["year"].mean()) / 10})
    model = glm.count_model(launches, decades, exposure, spec["family"])
    if isinstance(model, NotEstimable):
        return not_estimable(model.reason, unit, len(years), total, observed)
    theta, se = float(model.params["decade"]), float(model.se["decade"])
    limits = normal_limits(theta, se, settings["confidence"])
    details = {"rate_ratio_per_decade": np.exp(theta), "rate_ratio_lower": np.exp(limits["lower"]), "rate_ratio_upper": np.exp(limits["upper"]), "se": se}
    details |= {"alpha": model.alpha, "hac_lags": model.lags, "first_year": int(years["year"].iloc[0]), "last_year": int(years["year"].iloc[-1])}
    for name in ("ahc_active_1_july", "ahc_memberships_1_july", "ahc_distinct_states_1_july") if settings.get("details", True) else ():
        series = years[pd.to_datetime({"year": years["year"], "month": 7, "day": 1}) <= cutoff]
        if len(series) < 4:
            continue
        test = counts.mann_kendall(series[name])
        details[f"mann_kendall_{name}"] = {"z": test.z, "p": test.p, "tau": test.tau, "slope_per_year": test.slope, "correction": test.correction}
    frame = data.operations
    records = frame[(frame["arrangement"] == "ahc") & (frame[f"scope_{spec['scope']}"] == 1) & (frame["start"].dt.year >= spec["since"])]
    return Estimate(
        unit=unit, n=len(years), events=total, exposure_years=observed, records=sorted(records["operation_id"]),
        test=f"{spec['family']} regression, larger of HAC ({model.lags} lags) and model-based error",
        details=details, **limits,
    )  # fmt: skip


def launch_halt(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Launches of a kind of UN operation after a year, and how improbable so few are at the earlier rate.

    Specification: `kinds` (`multidimensional`: multidimensional and transitional administrations; `with-police`: also police-and-justice missions; `any-peacekeeping`:
    all but political missions;
    `with-political`: political missions too), `halt_since` (launches after this year count as later), `base_from` (first year of the base rate). A renamed mission is not a launch.
    `holds` is true if there was none; theta is minus the log rate ratio where it exists.
    """
    unit = "log rate ratio, earlier over later"
    frame = data.operations
    frame = frame[(frame["arrangement"] == "un") & (frame["deployed"] == 1) & frame["predecessor_id"].isna()]
    kinds = {"multidimensional": MULTIDIMENSIONAL, "with-police": (*MULTIDIMENSIONAL, "police-justice")}
    if spec["kinds"] in kinds:
        frame = frame[frame["un_kind"].isin(kinds[spec["kinds"]])]
    elif spec["kinds"] == "any-peacekeeping":
        frame = frame[frame["un_kind"] != "political"]
    year = frame["start"].dt.year
    before, after = frame[(year >= spec["base_from"]) & (year <= spec["halt_since"])], frame[year > spec["halt_since"]]
    years_before = spec["halt_since"] - spec["base_from"] + 1
    years_after = ((pd.Timestamp(settings["cutoff"]) - pd.Timestamp(spec["halt_since"] + 1, 1, 1)).days + 1) / DAYS_PER_YEAR
    n = len(before) + len(after)
    if years_after <= 0:
        return not_estimable(f"nothing after {spec['halt_since']} is observed", unit, n, n, float(years_before))
    if not len(before):
        return not_estimable("no launch in the base period", unit, n, n, years_before + years_after)
    result = counts.so_few(len(before), years_before, len(after), years_after, settings["confidence"])
    theta = -np.log(result.ratio) if result.ratio > 0 else None
    details = {
        "launches_before": len(before), "launches_after": len(after), "years_before": years_before, "years_after": years_after, "rate_before": result.rate_before,
        "expected_after": result.rate_before * years_after, "rate_ratio": result.ratio, "rate_ratio_upper": result.upper, "p_plug_in": result.p_plug_in,
    }  # fmt: skip
    if settings.get("details", True):
        last = frame.sort_values("start").iloc[-1]
        details["later"] = [f"{row.operation_id} ({row.un_kind}, {row.start:%Y-%m-%d})" for row in after.sort_values("start").itertuples()]
        details |= {"last_launch": last["operation_id"], "last_launch_name": last["name"], "last_launch_year": int(last["start"].year)}
    upper = -np.log(result.lower) if result.lower > 0 else None
    return Estimate(
        theta, -np.log(result.upper), upper, unit, n, n, years_before + years_after, "exact conditional Poisson, one-sided", None, result.p_conditional,
        holds=len(after) == 0, records=sorted(after["operation_id"]) + sorted(before["operation_id"]), details=details,
    )  # fmt: skip


ESTIMANDS: dict[str, Callable[[Panels, dict, dict], Estimate]] = {
    "rmst_difference": rmst_difference,
    "launch_trend": launch_trend,
    "launch_halt": launch_halt,
}
