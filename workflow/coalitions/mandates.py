"""Who leads ad hoc coalitions, when they are launched, on what they rest and how many tasks they have: shares, rates and counts under every inclusion rule.

Said aloud:

- a launch is a deployed operation without an older name that deployed (chains `merged`), or any deployed operation (`single`); a chain is in a scope if one of its names is;
- lead states are those with the role `lead` that did not join later than the start or, where all of them did, those; memberships of organisations are those of the day of the
  start, the day of leaving not counted;
- a draft that several states vetoed is one draft (`veto_id` without its state); a draft on a crisis has a theatre, those that refused a new member of the United Nations have none;
- intervals of shares are Wilson's (1927), their differences Newcombe's (1998); rates in two periods are compared given their sum (exact, Clopper and Pearson 1934); regressions
  of yearly counts have HAC standard errors (`glm`), all other regressions robust ones (`robust`).
"""

import numpy as np
import pandas as pd
from scipy.special import betainc, betaincinv, ndtr, ndtri

from coalitions import dates, glm, robust
from coalitions.counts import poisson_limits
from coalitions.panels import ARRANGEMENTS
from coalitions.proportions import wilson_limits
from coalitions.survival import DAYS_PER_YEAR, NotEstimable

FEWEST = 5  # units in a group below which nothing is compared
NAMED = ("USA", "GBR", "FRA", "DEU")
NEIGHBOURS = ("GBR", "NOR", "CHE", "ISL")
PROPONENTS = ("united-states", "named", "named-eu-nato", "western")
EUROPEANS = ("eu", "eu-and-neighbours", "eu-or-nato")
UNITED_STATES, OTHER_NAMED, OTHER_WESTERN, OTHERS, NO_LEAD = "United States", "United Kingdom, France, Germany", "other members of OECD, EU, NATO", "others", "no recorded lead"
CLASSES = (UNITED_STATES, OTHER_NAMED, OTHER_WESTERN, OTHERS, NO_LEAD)
LED_BY = {"United States": "USA", "United Kingdom": "GBR", "France": "FRA", "Germany": "DEU"}
LATER_FROM, BASE_FROM = "2022-03-21", 1999  # adoption of the Strategic Compass; first year of the earlier period
LAGS = (0, 1, 2)
FIRST_COUNCIL_YEAR = 1946
LEGAL = ("unsc", "treaty", "host-consent", "self-defence", "contested")
DOCUMENTS = ("treaty", "resolution", "mou", "invitation", "declaration", "none")
SILENT = "no source"
UNCLEAR_DOCUMENTS = {"none": ("none",), "declaration": ("none", "declaration"), "memorandum": ("none", "declaration", "mou")}
UNCLEAR = ("legal-contested", "document-none", "document-declaration", "document-memorandum", "either-none", "either-declaration", "both-declaration")
FAMILIES = {
    "monitoring": ("ceasefire-monitoring", "interposition", "border-monitoring", "verification"),
    "war and defence": ("territorial-enforcement", "counterterrorism", "counterinsurgency", "no-fly-zone", "deterrence"),
    "security at sea": ("maritime-security", "counter-piracy", "counter-narcotics", "embargo-enforcement"),
    "public order": ("stabilisation", "civilian-protection", "policing"),
    "relief": ("humanitarian-security", "evacuation", "search-recovery", "mine-clearance"),
    "institutions": ("training-advice", "security-sector-reform", "disarmament", "electoral-support", "transitional-administration", "rule-of-law", "mediation"),
}
FAMILY_OF = {task: family for family, tasks in FAMILIES.items() for task in tasks}
NOT_MILITARY = ("policing", "security-sector-reform", "electoral-support", "transitional-administration", "rule-of-law", "mediation")
GROUPINGS = ("listed", "families", "military")
ADJUSTMENTS = ("none", "era", "era-and-domain")
ERAS = (1990, 2010)
COLUMNS = {
    "leadership": ["scope", "model", "decade", "term", "n", "events", "estimate", "se", "lower", "upper", "statistic", "p", "reason"],
    "european_led": ["scope", "europeans", "lead", "term", "n", "events", "exposure_years", "estimate", "lower", "upper", "p", "reason"],
    "gridlock": ["scope", "model", "drafts", "lag_years", "term", "n", "events", "estimate", "se", "lower", "upper", "statistic", "p", "reason"],
    "vetoes": ["scope", "year", "exposure_years", "vetoed_drafts", "vetoed_on_crises", "ahc_launches"],
    "legal": ["scope", "model", "decade", "term", "n", "events", "estimate", "se", "lower", "upper", "statistic", "p", "reason"],
    "tasks_per_mandate": ["scope", "task_grouping", "model", "term", "n", "events", "estimate", "se", "lower", "upper", "statistic", "p", "reason"],
}
NUMBERS = ("lag_years", "exposure_years", "estimate", "se", "lower", "upper", "statistic", "p")
ALL = "all"


class MandateInputError(ValueError):
    """Records of which nothing should be said: the message names what is missing or unknown."""


# ---- Shares and rates ------------------------------------------------------------------------------------------------------------------------------------------


def share(count: int, n: int, confidence: float = 0.95) -> dict:
    """`n`, `events`, `estimate` and Wilson's limits of a share; the reason if there is nothing of which it would be one."""
    head = {"n": int(n), "events": int(count)}
    if n == 0:
        return head | {"reason": "no launch"}
    lower, upper = wilson_limits(count, n, confidence)
    return head | {"estimate": count / n, "lower": lower, "upper": upper}


def half_test(count: int, n: int) -> tuple[float, float]:
    """Score statistic of a share against one half and its two-sided p: the test whose inversion is Wilson's interval."""
    z = (count / n - 0.5) / np.sqrt(0.25 / n)
    return float(z), float(2 * ndtr(-abs(z)))


def share_difference(count: int, n: int, count_before: int, n_before: int, confidence: float = 0.95) -> dict:
    """Later share minus earlier: `estimate`, Newcombe's (1998) limits from Wilson's, and the two-sided `p` of the pooled score test (1 if all or none are events)."""
    now, then = count / n, count_before / n_before
    (l1, u1), (l2, u2) = wilson_limits(count, n, confidence), wilson_limits(count_before, n_before, confidence)
    pooled = (count + count_before) / (n + n_before)
    se = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / n_before))
    z = (now - then) / se if se > 0 else 0.0
    lower = now - then - np.hypot(now - l1, u2 - then)
    return {"estimate": now - then, "lower": float(lower), "upper": float(now - then + np.hypot(u1 - now, then - l2)), "p": float(2 * ndtr(-abs(z)))}


def rate_ratio(before: int, exposure_before: float, after: int, exposure_after: float, confidence: float = 0.95) -> dict:
    """Ratio of two rates, later over earlier, given the sum of the counts: `estimate`, exact limits (Clopper and Pearson 1934) and central two-sided `p`.

    Without an event in a period the ratio is 0 or has no upper limit (infinity). Raises ValueError without any event or exposure.
    """
    if before + after == 0 or min(exposure_before, exposure_after) <= 0:
        raise ValueError("no event, or a period of no length: there is no ratio of rates")
    tail = (1 - confidence) / 2
    scale = exposure_before / exposure_after
    low = 0.0 if after == 0 else float(betaincinv(after, before + 1, tail))
    high = 1.0 if before == 0 else float(betaincinv(after + 1, before, 1 - tail))
    expected = exposure_after / (exposure_before + exposure_after)
    fewer = 1.0 if before == 0 else 1 - float(betainc(after + 1, before, expected))  # P(at most so many after)
    more = 1.0 if after == 0 else float(betainc(after, before + 1, expected))
    odds = [np.inf if value == 1 else value / (1 - value) for value in (low, after / (before + after), high)]
    return {"estimate": odds[1] * scale, "lower": odds[0] * scale, "upper": odds[2] * scale, "p": min(1.0, 2 * min(fewer, more))}


def logistic_trend(events: np.ndarray, year: np.ndarray, confidence: float = 0.95, groups=None) -> dict:
    """Change of the log odds per decade: `n`, `events`, `estimate`, robust `se`, limits, `statistic`, `p`, or the `reason`."""
    y, x = np.asarray(events, dtype=float), np.asarray(year, dtype=float)
    head = {"n": len(y), "events": int(y.sum())}
    if len(y) < FEWEST or min(y.sum(), len(y) - y.sum()) < FEWEST:
        return head | {"reason": f"fewer than five with or without ({int(y.sum())} of {len(y)})"}
    fit = robust.regression(y, np.column_stack([np.ones(len(y)), (x - x.mean()) / 10]), "binomial", groups=groups)
    if isinstance(fit, NotEstimable):
        return head | {"reason": fit.reason}
    return head | normal(fit.params[1], fit.se[1], confidence)


def normal(estimate: float, se: float, confidence: float) -> dict:
    """`estimate`, `se`, normal limits, `statistic` and two-sided `p`."""
    z = ndtri(0.5 + confidence / 2)
    p = float(2 * ndtr(-abs(estimate / se)))
    return {"estimate": float(estimate), "se": float(se), "lower": float(estimate - z * se), "upper": float(estimate + z * se), "statistic": float(estimate / se), "p": p}


# ---- Launches and who leads them -------------------------------------------------------------------------------------------------------------------------------


def launches(operations: pd.DataFrame, merged: bool = True, arrangement: str = "ahc") -> pd.DataFrame:
    """Deployed operations of an arrangement that have a start, by name, those without an older deployed name if `merged` (then in a scope if one name of the chain is).

    Parameters: panel of operations. Raises MandateInputError if an operation occurs twice.
    """
    if operations["operation_id"].duplicated().any():
        raise MandateInputError(f"operation {operations.loc[operations['operation_id'].duplicated(), 'operation_id'].iloc[0]} occurs twice in operations")
    frame = operations[(operations["deployed"] == 1) & (operations["arrangement"] == arrangement) & operations["start"].notna()]
    if merged:
        scopes = [name for name in frame.columns if name.startswith("scope_")]
        widest = frame.groupby("chain_id")[scopes].max()
        frame = frame[~frame["predecessor_id"].isin(frame["operation_id"])]
        frame = frame.assign(**{name: frame["chain_id"].map(widest[name]) for name in scopes})
    return frame.sort_values("operation_id", ignore_index=True)


def organisation_spells(organisation_members: pd.DataFrame) -> pd.DataFrame:
    """Spells of states in the EU, NATO and the OECD: `organisation, state, joined, left` as days; without a date from ever, or for ever."""
    frame = organisation_members[organisation_members["organisation"].isin(("EU", "NATO", "OECD"))]
    joined, left = dates.expand(frame["joined"])["point"], dates.expand(frame["left"])["point"]
    ever = {"joined": joined.fillna(pd.Timestamp(1900, 1, 1)), "left": left.fillna(pd.Timestamp(2200, 1, 1))}
    return frame[["organisation", "state"]].assign(**ever).reset_index(drop=True)


def affiliations(pairs: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    """For each row of `pairs` (`state`, `start`; any index) whether the state is a member of the EU, NATO, OECD on that day (columns by name, bool).

    Parameters: pairs; table of `organisation_spells`.
    """
    base = pairs[["state", "start"]].reset_index(drop=True).rename_axis("row").reset_index()
    joined = base.merge(spells, on="state")
    joined = joined[(joined["joined"] <= joined["start"]) & (joined["start"] < joined["left"])]
    result = pd.DataFrame({name: np.isin(base["row"], joined.loc[joined["organisation"] == name, "row"]) for name in ("EU", "NATO", "OECD")})
    return result.set_index(pairs.index)


def leadership(launched: pd.DataFrame, memberships: pd.DataFrame, spells: pd.DataFrame, european: frozenset | set = frozenset()) -> pd.DataFrame:
    """For each launch (same order) who leads it: one column per definition and reading, 1/0.

    Parameters: table of `launches`; panel of memberships (`operation_id, state, role, counted, joined_later`); table of `organisation_spells`; states of Europe.
    Returns `n_leads`, `n_members` (hosts and supporters not counted), and for each of `PROPONENTS` and `EUROPEANS` (with `-` as `_`) `<name>_any`, `<name>_every` (all lead
    states), `<name>_member` (any member); `led_usa`, `led_gbr`, ...; `led_other_western` (a lead state of the OECD, EU or NATO beyond the four), `led_others`; `class`, the first
    of `CLASSES` that a lead state is of.
    """
    frame = memberships[memberships["operation_id"].isin(launched["operation_id"]) & (memberships["counted"] == 1) & (memberships["role"] != "host")]
    frame = frame[["operation_id", "state", "role", "joined_later"]].reset_index(drop=True)
    place = pd.Series(np.arange(len(launched)), index=launched["operation_id"])
    at = place[frame["operation_id"]].to_numpy()
    frame["start"] = launched["start"].to_numpy()[at] if len(frame) else pd.Series(dtype="datetime64[ns]")
    member = affiliations(frame, spells)
    state, eu, nato, oecd = frame["state"], member["EU"].to_numpy(), member["NATO"].to_numpy(), member["OECD"].to_numpy()
    named = state.isin(NAMED).to_numpy()
    kinds = {
        "united-states": (state == "USA").to_numpy(), "named": named, "named-eu-nato": named | eu | nato, "western": named | eu | nato | oecd, "eu": eu,
        "eu-and-neighbours": eu | state.isin(NEIGHBOURS).to_numpy(), "eu-or-nato": eu | (nato & state.isin(list(european)).to_numpy()),
    }  # fmt: skip

    def number(mask) -> np.ndarray:
        return np.bincount(at[mask], minlength=len(launched))

    lead = (frame["role"] == "lead").to_numpy()
    from_start = lead & (frame["joined_later"] == 0).to_numpy()
    lead = from_start | (lead & (number(from_start) == 0)[at])  # where nobody led from the start, whoever led first came days later
    leads, result = number(lead), {"operation_id": launched["operation_id"].to_numpy()}
    result |= {"n_leads": leads, "n_members": number(np.ones(len(frame), dtype=bool))}
    for name, mask in kinds.items():
        key, of = name.replace("-", "_"), number(lead & mask)
        result |= {f"{key}_any": (of > 0).astype(int), f"{key}_every": ((of == leads) & (leads > 0)).astype(int), f"{key}_member": (number(mask) > 0).astype(int)}
    for code in LED_BY.values():
        result[f"led_{code.lower()}"] = (number(lead & (state == code).to_numpy()) > 0).astype(int)
    result["led_other_western"] = (number(lead & kinds["western"] & ~named) > 0).astype(int)
    result["led_others"] = (number(lead & ~kinds["western"]) > 0).astype(int)
    first = [result["led_usa"], result["named_any"], result["led_other_western"], leads > 0]
    result["class"] = np.select([np.asarray(mask, dtype=bool) for mask in first], CLASSES[:4], CLASSES[4])
    return pd.DataFrame(result)


def decade_of(start: pd.Series) -> pd.Series:
    """The decade of a day as text: `1990s`."""
    return (start.dt.year // 10 * 10).astype(int).astype(str) + "s"


def leadership_table(launched: pd.DataFrame, led: pd.DataFrame, scopes: list[str], confidence: float) -> pd.DataFrame:
    """Table `leadership`: who leads launches, by decade and in all. Parameters: tables of `launches` and `leadership`; names of inclusion rules; confidence level.

    Lines of model `led` are shares of launches with such a lead state (a launch with two kinds of lead states counts twice), of `class` those of the first of `CLASSES`, which add
    up to one, of `trend` changes of log odds per decade with robust errors. Launches without a recorded lead are in every denominator.
    """
    rows, decades = [], decade_of(launched["start"])
    terms = {name: led[f"led_{code.lower()}"] for name, code in LED_BY.items()}
    terms |= {OTHER_WESTERN: led["led_other_western"], OTHERS: led["led_others"], "any proponent": led["western_any"], "only proponents": led["western_every"]}
    for scope in scopes:
        inside = (launched[f"scope_{scope}"] == 1).to_numpy()
        for decade in (ALL, *sorted(set(decades[inside]))):
            mine = inside if decade == ALL else inside & (decades == decade).to_numpy()
            head = {"scope": scope, "decade": decade}
            rows += [head | {"model": "led", "term": name} | share(values[mine].sum(), mine.sum(), confidence) for name, values in terms.items()]
            rows += [head | {"model": "class", "term": name} | share((led["class"][mine] == name).sum(), mine.sum(), confidence) for name in CLASSES]
        year = (launched["start"].dt.year + (launched["start"].dt.dayofyear - 1) / 365.25).to_numpy()
        rows += [{"scope": scope, "decade": ALL, "model": "trend", "term": name} | logistic_trend(values[inside], year[inside], confidence) for name, values in terms.items()]
    return _tidy(rows, "leadership")


def periods(base_from: int, later_from: str, cutoff) -> tuple[pd.Timestamp, pd.Timestamp, float, float]:
    """First days of the earlier and the later period, and the length of both in years to the last day observed."""
    base, later, last = pd.Timestamp(base_from, 1, 1), pd.Timestamp(later_from), pd.Timestamp(cutoff)
    return base, later, (later - base).days / DAYS_PER_YEAR, ((last - later).days + 1) / DAYS_PER_YEAR


def european_table(launched: pd.DataFrame, led: pd.DataFrame, scopes: list[str], cutoff, confidence: float, base_from=BASE_FROM, later_from=LATER_FROM) -> pd.DataFrame:
    """Table `european_led`: European-led launches per year before and after a day, with exact limits, and their ratio. `n` is launches of all AHCs in the period.

    Parameters: tables of `launches` and `leadership`; names of inclusion rules; last day observed; confidence level; first year of the earlier, first day of the later period.
    """
    base, later, years_before, years_after = periods(base_from, later_from, cutoff)
    before, after = ((launched["start"] >= base) & (launched["start"] < later)).to_numpy(), (launched["start"] >= later).to_numpy()
    rows = []
    for scope in scopes:
        inside = (launched[f"scope_{scope}"] == 1).to_numpy()
        for europeans in EUROPEANS:
            for lead in ("every", "any"):
                mine = inside & (led[f"{europeans.replace('-', '_')}_{lead}"] == 1).to_numpy()
                head = {"scope": scope, "europeans": europeans, "lead": f"{lead}-lead"}
                count = []
                for term, period, years in (("rate before", before, years_before), ("rate after", after, years_after)):
                    count.append(int((mine & period).sum()))
                    lower, upper = poisson_limits(count[-1], years, confidence)
                    line = {"term": term, "n": int((inside & period).sum()), "events": count[-1], "exposure_years": years, "estimate": count[-1] / years}
                    rows.append(head | line | {"lower": lower, "upper": upper})
                line = head | {"term": "rate ratio", "n": int((inside & (before | after)).sum()), "events": sum(count), "exposure_years": years_before + years_after}
                if min(count) == 0:
                    rows.append(line | {"reason": f"no such launch in a period ({count[0]} before, {count[1]} after)"})
                else:
                    rows.append(line | rate_ratio(count[0], years_before, count[1], years_after, confidence))
    return _tidy(rows, "european_led")


# ---- Vetoes ----------------------------------------------------------------------------------------------------------------------------------------------------


def vetoed_drafts(vetoes: pd.DataFrame) -> pd.DataFrame:
    """Drafts that were vetoed: `draft_id`, `year`, `theatre` ('' if on no crisis). Parameters: the register's `vetoes` (a row for each state that voted against)."""
    frame = pd.DataFrame({"draft_id": vetoes["veto_id"].str.rsplit("-", n=1).str[0], "year": vetoes["date"].str[:4].astype(int), "theatre": vetoes["theatre"].fillna("")})
    return frame.sort_values(["draft_id", "theatre"]).drop_duplicates("draft_id", keep="last").reset_index(drop=True)


def drafts_by_year(drafts: pd.DataFrame, years: np.ndarray, which: str = "all") -> np.ndarray:
    """Number of vetoed drafts in each year, `all` or those on a `crisis`. Parameters: table of `vetoed_drafts`; years."""
    counted = drafts[drafts["theatre"] != ""] if which == "crisis" else drafts
    return counted["year"].value_counts().reindex(years, fill_value=0).to_numpy()


def veto_design(system_years: pd.DataFrame, drafts: pd.DataFrame, scope: str, since: int, lag: int, which: str, trend: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Years of the series of launches and vetoes, and the design of its regression (`vetoed draft`, and `decade` with a trend).

    Years whose vetoes would lie before the first year of the Council are left out, and without a lag the year that is observed in part: its vetoes are those of a part, too.
    """
    years = system_years[(system_years["scope"] == scope) & (system_years["year"] >= max(since, FIRST_COUNCIL_YEAR + lag))].sort_values("year")
    if lag == 0:
        years = years[years["exposure_years"] == 1]
    years = years.reset_index(drop=True)
    design = pd.DataFrame({"vetoed draft": drafts_by_year(drafts, years["year"].to_numpy() - lag, which).astype(float)})
    if trend and len(years):
        design["decade"] = (years["year"] - years["year"].mean()) / 10
    return years, design


def theatre_design(operations: pd.DataFrame, years: pd.DataFrame, drafts: pd.DataFrame, scope: str, lag: int, trend: bool) -> tuple[np.ndarray, np.ndarray]:
    """Launches of AHCs by primary theatre and year, and for each the vetoed drafts on that theatre so many years before (and the decade): arrays for `robust.within`.

    Parameters: panel of operations; years of `veto_design`; table of `vetoed_drafts`. Theatres without a launch say nothing and are left out.
    """
    frame = operations[(operations["deployed"] == 1) & (operations["arrangement"] == "ahc") & (operations[f"scope_{scope}"] == 1) & operations["start"].notna()]
    year, first, span = frame["start"].dt.year, int(years["year"].min()) if len(years) else 0, len(years)
    frame = frame[(year >= first) & (year < first + span) & frame["theatre"].notna()]
    theatres = sorted(frame["theatre"].unique())
    place = {name: number for number, name in enumerate(theatres)}
    y, x = np.zeros((len(theatres), span)), np.zeros((len(theatres), span))
    np.add.at(y, (frame["theatre"].map(place).to_numpy(dtype=int), frame["start"].dt.year.to_numpy() - first), 1)
    own = drafts[drafts["theatre"].isin(theatres) & drafts["year"].between(first - lag, first - lag + span - 1)]
    np.add.at(x, (own["theatre"].map(place).to_numpy(dtype=int), own["year"].to_numpy() + lag - first), 1)
    terms = [x]
    if trend and span:
        terms.append(np.tile(((years["year"] - years["year"].mean()) / 10).to_numpy(), (len(theatres), 1)))
    return y, np.stack(terms, axis=2)


def gridlock_table(operations: pd.DataFrame, system_years: pd.DataFrame, vetoes: pd.DataFrame, scopes: list[str], confidence: float, since: int = 1945) -> pd.DataFrame:
    """Table `gridlock`: AHC launches on vetoed drafts (log rate ratios), and the share of AHCs whose legal basis is the Council, by decade.

    Parameters: panels of operations and system-years; the register's `vetoes`; names of inclusion rules; confidence level; first year.
    Models: `poisson` and `negative-binomial` of years with a trend, HAC errors; `theatre constants`: theatre-years, vetoes on the theatre's own crisis, errors by theatre;
    `authorised`: shares of AHC launches with a known legal basis, by decade, and their `trend` (log odds per decade).
    """
    rows, drafts, launched = [], vetoed_drafts(vetoes), launches(operations)
    for scope in scopes:
        for lag in LAGS:
            for which in ("all", "crisis"):
                years, design = veto_design(system_years, drafts, scope, since, lag, which, trend=True)
                for family in ("poisson", "negative-binomial"):
                    head = {"scope": scope, "model": family, "drafts": which, "lag_years": lag, "n": len(years), "events": int(years["ahc_launches"].sum())}
                    model = glm.count_model(years["ahc_launches"], design, years["exposure_years"], family) if design["vetoed draft"].any() else NotEstimable("no vetoed draft")
                    if isinstance(model, NotEstimable):
                        rows.append(head | {"term": "vetoed draft", "reason": model.reason})
                        continue
                    rows += [head | {"term": term} | normal(model.params[term], model.se[term], confidence) for term in design]
            years, design = veto_design(system_years, drafts, scope, since, lag, "all", trend=True)
            y, x = theatre_design(operations, years, drafts, scope, lag, trend=True)
            head = {"scope": scope, "model": "theatre constants", "drafts": "own-theatre", "lag_years": lag, "n": y.size, "events": int(y.sum())}
            fit = robust.within(y, x, years["exposure_years"]) if y.size else NotEstimable("no launch")
            if isinstance(fit, NotEstimable):
                rows.append(head | {"term": "vetoed draft", "reason": fit.reason})
            else:
                rows += [head | {"term": term} | normal(fit.params[i], fit.se[i], confidence) for i, term in enumerate(design)]
        mine = launched[(launched[f"scope_{scope}"] == 1) & launched["legal_basis"].notna()]
        decades, council = decade_of(mine["start"]), mine["legal_basis"] == "unsc"
        for decade in (ALL, *sorted(decades.unique())):
            held = council if decade == ALL else council[decades == decade]
            rows.append({"scope": scope, "model": "authorised", "term": decade} | share(held.sum(), len(held), confidence))
        rows.append({"scope": scope, "model": "authorised", "term": "trend"} | logistic_trend(council, mine["start"].dt.year, confidence))
    return _tidy(rows, "gridlock")


def veto_years(system_years: pd.DataFrame, vetoes: pd.DataFrame, scopes: list[str]) -> pd.DataFrame:
    """Table `vetoes`: launches of AHCs and vetoed drafts by year. Parameters: panel of system-years; the register's `vetoes`; names of inclusion rules."""
    drafts = vetoed_drafts(vetoes)
    frame = system_years[system_years["scope"].isin(scopes)].sort_values(["scope", "year"], ignore_index=True)
    year = frame["year"].to_numpy()
    by_year = {which: pd.Series(drafts_by_year(drafts, np.unique(year), which), index=np.unique(year)) for which in ("all", "crisis")}
    frame = frame.assign(vetoed_drafts=by_year["all"].loc[year].to_numpy(), vetoed_on_crises=by_year["crisis"].loc[year].to_numpy())
    order = {name: place for place, name in enumerate(scopes)}
    return frame.sort_values(["scope", "year"], key=lambda c: c.map(order) if c.name == "scope" else c, ignore_index=True)[COLUMNS["vetoes"]]


# ---- Legal basis and founding documents ------------------------------------------------------------------------------------------------------------------------


def unclear(legal_basis: pd.Series, founding_document: pd.Series, which: str, silent: str = "dropped") -> np.ndarray:
    """Whether a mandate is unclear: 1, 0, or NaN where it is left out.

    Parameters: coded values (missing: no source gives one); one of `UNCLEAR` (`legal-contested`; `document-...`: no document, none but a declaration, none but a declaration or
    memorandum; `either-...`: contested basis or such a document; `both-...`: both); `silent`: `dropped` (a mandate is left out if one of the values that it takes is missing),
    `undecided` (only if the value that is known does not decide: one that is unclear by its basis is unclear under `either-...` whatever its document; Kleene 1952),
    `unclear` or `clear` (a missing value counts as such). Raises MandateInputError for an unknown value.

    Leaving out all with a missing value is unbiased if silence has nothing to do with clarity; keeping those that one value decides uses more cases but, under `either-...`,
    keeps only unclear ones of the half known.
    """
    kind, _, documents = which.partition("-")
    parts = []
    for needed, values, bad, known in (
        (kind != "document", legal_basis, ("contested",), LEGAL),
        (kind != "legal", founding_document, UNCLEAR_DOCUMENTS.get(documents, ()), DOCUMENTS),
    ):
        if not needed:
            continue
        strange = values.notna() & ~values.isin(known)
        if strange.any():
            raise MandateInputError(f"{values.name} has the unknown value {values[strange].iloc[0]!r}")
        filled = {"dropped": np.nan, "undecided": np.nan, "unclear": 1.0, "clear": 0.0}[silent]
        parts.append(np.where(values.isna().to_numpy(), filled, values.isin(bad).to_numpy(dtype=float)))
    held = np.array(parts)
    decisive = 0.0 if kind == "both" else 1.0
    result = held.min(axis=0) if kind == "both" else held.max(axis=0)
    result = np.where(np.isnan(held).any(axis=0), np.nan, result)
    return np.where((held == decisive).any(axis=0), decisive, result) if silent == "undecided" else result


def legal_table(launched: pd.DataFrame, scopes: list[str], confidence: float) -> pd.DataFrame:
    """Table `legal`: shares of AHC launches by legal basis and by founding document, `no source` among them, and of unclear mandates, by decade and in all, with trends.

    Parameters: table of `launches`; names of inclusion rules; confidence level. Lines of model `unclear` leave out mandates on which sources are silent. `trend: ...` are changes
    of log odds per decade of the share that the term names, among launches with a known value.
    """
    rows, decades, year = [], decade_of(launched["start"]), launched["start"].dt.year.to_numpy()
    values = {name: launched[name].fillna(SILENT) for name in ("legal_basis", "founding_document")}
    known = {"legal_basis": (*LEGAL, SILENT), "founding_document": (*DOCUMENTS, SILENT)}
    vague = {which: unclear(launched["legal_basis"], launched["founding_document"], which) for which in UNCLEAR}
    for scope in scopes:
        inside = (launched[f"scope_{scope}"] == 1).to_numpy()
        for decade in (ALL, *sorted(set(decades[inside]))):
            mine = inside if decade == ALL else inside & (decades == decade).to_numpy()
            head = {"scope": scope, "decade": decade}
            for model, column in values.items():
                rows += [head | {"model": model, "term": term} | share((column[mine] == term).sum(), mine.sum(), confidence) for term in known[model]]
            for which, flag in vague.items():
                held = flag[mine & ~np.isnan(flag)]
                rows.append(head | {"model": "unclear", "term": which} | share(int(held.sum()), len(held), confidence))
        head = {"scope": scope, "decade": ALL}
        for model, column in values.items():
            sourced = inside & (column != SILENT).to_numpy()
            rows += [
                head | {"model": f"trend: {model}", "term": term} | logistic_trend((column[sourced] == term).to_numpy(), year[sourced], confidence) for term in known[model][:-1]
            ]
            rows.append(head | {"model": f"trend: {model}", "term": SILENT} | logistic_trend((column[inside] == SILENT).to_numpy(), year[inside], confidence))
        for which, flag in vague.items():
            held = inside & ~np.isnan(flag)
            rows.append(head | {"model": "trend: unclear", "term": which} | logistic_trend(flag[held], year[held], confidence))
    return _tidy(rows, "legal")


# ---- Tasks -----------------------------------------------------------------------------------------------------------------------------------------------------


def task_counts(tasks: pd.Series, grouping: str) -> np.ndarray:
    """Tasks of each mandate, NaN where none is recorded. Parameters: tasks joined by +; `listed` (as in the codebook), `families` (of `FAMILIES`), `military` (without those of
    `NOT_MILITARY`; 0 if it has no other). Raises MandateInputError for an unknown task."""
    known = tasks.dropna().unique()
    sets = {text: set(text.split("+")) for text in known}
    strange = sorted(set().union(*sets.values()) - set(FAMILY_OF))
    if strange:
        raise MandateInputError(f"task {strange[0]!r} is in no family of tasks")
    if grouping == "families":
        count = {text: len({FAMILY_OF[task] for task in held}) for text, held in sets.items()}
    else:
        count = {text: len(held - set(NOT_MILITARY)) if grouping == "military" else len(held) for text, held in sets.items()}
    return tasks.map(count).to_numpy(dtype=float)


def task_ratio(count: np.ndarray, ahc: np.ndarray, theatre, adjust: str, start: pd.Series, domain: pd.Series, confidence: float) -> dict | NotEstimable:
    """Log ratio of the mean number of tasks, AHC over others: Poisson regression with variance by theatre (`normal`'s keys), adjusted for nothing, `era` or `era-and-domain`.

    Parameters: tasks of each operation; which are AHCs; primary theatres (missing: a theatre of its own); starts and domains. Operations of a domain that has no task at all are
    left out: their coefficient would be infinite. Not estimable: groups below five, or a model that has no maximum.
    """
    n = int(ahc.sum()), int((~ahc).sum())
    if min(n) < FEWEST:
        return NotEstimable(f"fewer than five operations in a group ({n[0]} AHC, {n[1]} comparator)")
    columns, kept = [np.ones(len(count)), ahc.astype(float)], np.ones(len(count), dtype=bool)
    if adjust != "none":
        era = np.searchsorted(ERAS, start.dt.year.to_numpy(), side="right")
        columns += [(era == level).astype(float) for level in np.unique(era)[1:]]
    if adjust == "era-and-domain":
        names = domain.fillna("unknown").to_numpy(dtype=str)
        for name in np.unique(names[names != "land"]):
            mine = names == name
            if count[mine].sum() == 0:
                kept &= ~mine
            else:
                columns.append(mine.astype(float))
    design = np.column_stack(columns)[kept]
    design = design[:, (design != 0).any(axis=0)]
    own = np.where(pd.isna(theatre), [f"none {i}" for i in range(len(count))], np.asarray(theatre, dtype=object)).astype(str)
    groups = own[kept]
    if len(set(groups)) < FEWEST:
        return NotEstimable(f"operations in {len(set(groups))} theatres: too few for a variance by theatre")
    fit = robust.regression(count[kept], design, "poisson", groups=groups)
    return fit if isinstance(fit, NotEstimable) else normal(fit.params[1], fit.se[1], confidence)


def tasks_table(spells: pd.DataFrame, scopes: list[str], confidence: float) -> pd.DataFrame:
    """Table `tasks_per_mandate`: tasks per operation by arrangement, ratios between AHCs and others, and shares of operations with a task of each family.

    Parameters: panel of spells (chains merged: the tasks of all names); names of inclusion rules; confidence level. Models: `mean` (`events` tasks of `n` operations, log-normal
    limits, variance by theatre), `ratio` (log ratio AHC over the arrangement that the term names), `ratio, era` and `ratio, era-and-domain` (adjusted), `has a task` (term:
    arrangement and family; Wilson's limits).
    """
    rows, counts = [], {grouping: task_counts(spells["tasks"], grouping) for grouping in GROUPINGS}
    held = spells["tasks"].fillna("").map(lambda text: {FAMILY_OF[task] for task in text.split("+") if task})
    recorded = spells["tasks"].notna().to_numpy()
    for scope in scopes:
        inside = (spells[f"scope_{scope}"] == 1).to_numpy() & recorded
        kinds = {kind: inside & (spells["arrangement"] == kind).to_numpy() for kind in ARRANGEMENTS}
        for grouping, count in counts.items():
            head = {"scope": scope, "task_grouping": grouping}
            for kind, mine in kinds.items():
                rows.append(head | {"model": "mean", "term": kind} | _mean_tasks(count[mine], spells["theatre"][mine], confidence))
            for other in ("un", "regional"):
                mine = kinds["ahc"] | kinds[other]
                frame, ahc = spells[mine], kinds["ahc"][mine]
                for adjust in ADJUSTMENTS:
                    found = task_ratio(count[mine], ahc, frame["theatre"], adjust, frame["start"], frame["domain"], confidence)
                    line = head | {"model": "ratio" if adjust == "none" else f"ratio, {adjust}", "term": other, "n": int(mine.sum()), "events": int(count[mine].sum())}
                    rows.append(line | ({"reason": found.reason} if isinstance(found, NotEstimable) else found))
        for kind, mine in kinds.items():
            for family in FAMILIES:
                has = int(held[mine].map(lambda names, family=family: family in names).sum())
                line = share(has, int(mine.sum()), confidence)
                line |= {"reason": "no operation"} if "reason" in line else {}
                rows.append({"scope": scope, "task_grouping": "families", "model": "has a task", "term": f"{kind}: {family}"} | line)
    return _tidy(rows, "tasks_per_mandate")


def _mean_tasks(count: np.ndarray, theatre, confidence: float) -> dict:
    """Mean number of tasks with limits of its logarithm, variance by theatre."""
    line = {"n": len(count), "events": int(count.sum())}
    if len(count) < FEWEST:
        return line | {"reason": f"{len(count)} operations"}
    own = np.where(pd.isna(theatre), [f"none {i}" for i in range(len(count))], np.asarray(theatre, dtype=object)).astype(str)
    fit = robust.regression(count, np.ones((len(count), 1)), "poisson", groups=own)
    if isinstance(fit, NotEstimable):
        return line | {"estimate": float(count.mean()), "reason": fit.reason}
    found = normal(fit.params[0], fit.se[0], confidence)
    return line | {"se": found["se"] * float(count.mean())} | {name: float(np.exp(found[name])) for name in ("estimate", "lower", "upper")}


# ---- All -------------------------------------------------------------------------------------------------------------------------------------------------------


def european_states(states: pd.DataFrame) -> frozenset:
    """States whose region is Europe. Parameters: the register's `states`."""
    return frozenset(states.loc[states["region"] == "europe", "state"])


def _tidy(rows: list[dict], table: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS[table])
    for column in frame:
        if column in NUMBERS:
            frame[column] = pd.to_numeric(frame[column]).astype(float)
        elif column in ("n", "events"):
            frame[column] = frame[column].astype("int64")
        else:
            frame[column] = frame[column].astype(object).where(frame[column].notna(), None)
    return frame


def estimates(
    operations: pd.DataFrame, spells: pd.DataFrame, memberships: pd.DataFrame, system_years: pd.DataFrame, vetoes: pd.DataFrame, organisation_members: pd.DataFrame,
    states: pd.DataFrame, scopes: list[str], cutoff, confidence: float = 0.95,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """All tables by name: `leadership`, `european_led`, `gridlock`, `vetoes`, `legal`, `tasks_per_mandate` (columns: `COLUMNS`).

    Parameters: panels of operations, spells, memberships and system-years; the register's `vetoes`, `organisation_members` and `states` (text); names of inclusion rules; the last
    day observed; confidence level. A line that cannot be estimated has its reason. Raises MandateInputError for an operation that occurs twice and for unknown coded values.
    """
    launched = launches(operations)
    led = leadership(launched, memberships, organisation_spells(organisation_members), european_states(states))
    return {
        "leadership": leadership_table(launched, led, scopes, confidence),
        "european_led": european_table(launched, led, scopes, cutoff, confidence),
        "gridlock": gridlock_table(operations, system_years, vetoes, scopes, confidence),
        "vetoes": veto_years(system_years, vetoes, scopes),
        "legal": legal_table(launched, scopes, confidence),
        "tasks_per_mandate": tasks_table(spells, scopes, confidence),
    }
