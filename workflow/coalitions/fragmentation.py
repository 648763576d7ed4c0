"""Tables on fragmentation under every inclusion rule: effective numbers by month, within and between theatres, their trend, what follows a first entry, who works beside another,
and who is launched into a gap."""

import numpy as np
import pandas as pd

from coalitions import diversity, entries, fixedeffects, gapfilling
from coalitions.survival import NotEstimable

FIRST_YEAR = 1945
SINCE = (1945, 1990, 2000)
TREND_SINCE = (1990, 2000)
POST_YEARS = 5
FEWEST = 5
ARRANGEMENTS = entries.ARRANGEMENTS
# Share of operations of international organisations that ran beside another of them, with the years of the count: Balas (2011), also in the register's `published_counts`.
BALAS, BALAS_YEARS = 0.60, (1978, 2009)
LINE = ["n", "events", "estimate", "se", "lower", "upper", "statistic", "p", "reason"]
COLUMNS = {
    "effective_number_monthly": [
        "scope", "month", "n_theatres", "n_operations", "n_providers", "system_providers_simpson", "system_providers_shannon", "system_operations_simpson",
        "mean_providers_simpson", "mean_providers_shannon", "mean_operations_simpson", "mean_operations_shannon",
    ],
    "decomposition": ["scope", "year", "index", "weights", "n_theatres", "n_providers", "within_theatres", "between_theatres", "whole_system"],
    "trend": ["scope", "since", "outcome", "model", "term", "n_theatres", *LINE],
    "event_study": ["scope", "since", "entrant", "outcome", "model", "term", "n_theatres", *LINE],
    "simultaneity": ["scope", "units", "beside", "of", "decade", "n_theatres", "n", "events", "estimate", "se", "lower", "upper", "published", "reason"],
    "gap_filling": ["scope", "arrangement", "occupants", "gap_window", "date_strata", "n_theatres", "n", "events", "observed", "expected", "estimate", "se", "lower", "upper",
                    "statistic", "p", "permutation_z", "reason"],
}  # fmt: skip
NUMBERS = ("estimate", "se", "lower", "upper", "statistic", "p", "observed", "expected", "permutation_z", "published")


def estimates(operations: pd.DataFrame, years: pd.DataFrame, pairs: pd.DataFrame, scopes: list[str], cutoff: pd.Timestamp, confidence: float) -> dict[str, pd.DataFrame]:
    """Tables `effective_number_monthly`, `decomposition`, `trend`, `event_study`, `simultaneity`, `gap_filling`.

    Parameters: operations panel (days as datetime); `panels.theatre_operation_years`; concurrent pairs (days as datetime, `related`); names of inclusion rules; the last day
    observed; confidence level.
    """
    chains = years.assign(operation_id=years["operation_id"].map(operations.set_index("operation_id")["chain_id"]))
    held = entries.layout(operations)
    lines = entries.dated(held, operations, cutoff)
    return {
        "effective_number_monthly": monthly(held, lines, operations, scopes, cutoff),
        "decomposition": decomposition(years, scopes),
        "trend": trend(diversity.by_theatre_year(chains, scopes), scopes, entries.last_full_year(cutoff), confidence),
        "event_study": event_study(held, lines, operations, scopes, cutoff, confidence),
        "simultaneity": simultaneity(operations, pairs, scopes, cutoff, confidence),
        "gap_filling": gap_filling(held, lines, operations, scopes, confidence),
    }


def _shaped(rows: list[dict], name: str) -> pd.DataFrame:
    """Rows as the table of that name, numbers as numbers."""
    frame = pd.DataFrame(rows, columns=COLUMNS[name])
    return frame.astype({c: float for c in NUMBERS if c in frame} | ({"reason": object} if "reason" in frame else {}))


def monthly(held: entries.Layout, lines: entries.Lines, operations: pd.DataFrame, scopes: list[str], cutoff: pd.Timestamp) -> pd.DataFrame:
    """Effective numbers by month: of the whole system, where an operation counts once whatever its theatres, and the mean over theatres with an operation at work.

    Weights are days at work in the month; names of a chain are one operation. Months without any operation have zeros, and no mean. `month` is `YYYY-MM`.
    """
    months = [str(m) for m in np.arange(np.datetime64(f"{FIRST_YEAR}-01"), np.datetime64(cutoff, "M") + 1)]
    edges = entries.month_edges(FIRST_YEAR, cutoff.year)[: len(months) + 1]
    first_line = np.unique(held.row, return_index=True)[1]
    parts = []
    for scope in scopes:
        inside = (operations[f"scope_{scope}"] == 1).to_numpy()[held.row]
        mine, n_theatres = lines.where(inside), len(held.theatres)
        alone = lines.where(inside & np.isin(np.arange(len(held.row)), first_line))
        once = entries.Lines(np.zeros_like(alone.theatre), alone.provider, alone.chain, alone.kind, alone.start, alone.last)
        local = {of: entries.effective(mine, of, edges, n_theatres) for of in ("providers", "operations")}
        whole = {of: entries.effective(once, of, edges, 1) for of in ("providers", "operations")}
        busy = local["providers"]["count"] > 0
        theatres = busy.sum(axis=0)
        part = {"n_theatres": theatres, "n_operations": whole["operations"]["count"][0].astype(int), "n_providers": whole["providers"]["count"][0].astype(int)}
        for of, index in (("providers", "simpson"), ("providers", "shannon"), ("operations", "simpson"), ("operations", "shannon")):
            part[f"system_{of}_{index}"] = whole[of][index][0]
            part[f"mean_{of}_{index}"] = np.where(theatres > 0, local[of][index].sum(axis=0) / np.maximum(theatres, 1), np.nan)
        parts.append(pd.DataFrame(part).assign(scope=scope, month=months))
    return pd.concat(parts, ignore_index=True)[COLUMNS["effective_number_monthly"]] if parts else pd.DataFrame(columns=COLUMNS["effective_number_monthly"])


def decomposition(years: pd.DataFrame, scopes: list[str]) -> pd.DataFrame:
    """Effective number of providers of the system (gamma) as the product of that within theatres (alpha) and the effective number of distinct theatres (beta), after Jost (2007).

    Parameters: `panels.theatre_operation_years`; scopes. Rows by scope, year, `index` (`simpson`, `shannon`) and `weights` of theatres (`equal`; `days` at work). The inverse
    Simpson is given for equal weights only: with others its alpha is not independent of beta (Jost 2007), and gamma can fall below alpha. Beta lies between 1 (all theatres have
    the same providers in the same shares) and the number of theatres (none in common). Here an operation counts in each of its theatres.
    """
    parts = []
    for scope in scopes:
        chosen = years[years[f"scope_{scope}"] == 1]
        days = chosen.groupby(["year", "theatre", "provider"], as_index=False)["days_active"].sum()
        place = days.groupby(["year", "theatre"])["days_active"].transform("sum")
        theatres = days.groupby("year")["theatre"].transform("nunique")
        share = days["days_active"] / place
        for index, weights in (("simpson", "equal"), ("shannon", "equal"), ("shannon", "days")):
            weight = 1 / theatres if weights == "equal" else place / days.groupby("year")["days_active"].transform("sum")
            pooled = (weight * share).groupby([days["year"], days["provider"]]).sum()
            if index == "simpson":
                # Order 2: mean of the concentrations weighted by the squares of the weights, which are alike.
                concentration = (weight**2 * share**2).groupby(days["year"]).sum() * theatres.groupby(days["year"]).first()
                within, whole = 1 / concentration, 1 / (pooled**2).groupby(level=0).sum()
            else:
                within = np.exp(-(weight * share * np.log(share)).groupby(days["year"]).sum())
                whole = np.exp(-(pooled * np.log(pooled)).groupby(level=0).sum())
            part = pd.DataFrame({"within_theatres": within, "between_theatres": whole / within, "whole_system": whole})
            part["n_theatres"], part["n_providers"] = days.groupby("year")["theatre"].nunique(), days.groupby("year")["provider"].nunique()
            parts.append(part.rename_axis("year").reset_index().assign(scope=scope, index=index, weights=weights))
    frame = pd.concat(parts)[COLUMNS["decomposition"]] if parts else pd.DataFrame(columns=COLUMNS["decomposition"])
    return frame.sort_values(["scope", "year", "index", "weights"], ignore_index=True)


def trend(theatre_years: pd.DataFrame, scopes: list[str], last: int, confidence: float) -> pd.DataFrame:
    """Trend per decade of effective numbers within theatres: least squares with theatre effects, variance clustered by theatre (`fixedeffects`).

    Parameters: `diversity.by_theatre_year`; scopes; the last full year; confidence. Theatre-years with an operation at work count (`at-work`), or all years from `since` of every
    theatre that had one (`all-years`: 0 without an operation). `n` are theatre-years, `events` those with more than one (effective number above 1).
    """
    rows = []
    for scope in scopes:
        mine = theatre_years[(theatre_years["scope"] == scope) & (theatre_years["year"] <= last)]
        for since in TREND_SINCE:
            busy = mine[mine["year"] >= since]
            grid = pd.MultiIndex.from_product([sorted(busy["theatre"].unique()), range(since, last + 1)], names=["theatre", "year"])
            for outcome in ("providers_simpson", "providers_shannon", "operations_simpson", "operations_shannon"):
                zeros = busy.set_index(["theatre", "year"])[outcome].reindex(grid, fill_value=0.0).reset_index()
                for model, frame in (("at-work", busy), ("all-years", zeros)):
                    head = {"scope": scope, "since": since, "outcome": outcome, "model": model, "term": "decade", "n_theatres": frame["theatre"].nunique()}
                    head |= {"n": len(frame), "events": int((frame[outcome] > 1 + 1e-9).sum())}
                    fit = fixedeffects.two_way(frame[outcome], (frame["year"] - since) / 10, frame["theatre"])
                    rows.append(head | ({"reason": fit.reason} if isinstance(fit, NotEstimable) else _line((fit.params[0], fit.cov[0, 0] ** 0.5), fit.df, confidence)))
    return _shaped(rows, "trend")


def _line(found: tuple[float, float] | NotEstimable, df: int | None, confidence: float) -> dict:
    """An estimate with its limits, or the reason why there is none."""
    if isinstance(found, NotEstimable):
        return {"reason": found.reason}
    if not found[1] > 1e-12:
        return {"estimate": float(found[0]), "reason": "no variance"}
    return fixedeffects.limits(*found, df, confidence) | {"reason": None}


def event_study(held: entries.Layout, lines: entries.Lines, operations: pd.DataFrame, scopes: list[str], cutoff: pd.Timestamp, confidence: float) -> pd.DataFrame:
    """Effective number of providers (inverse Simpson, by year) around the first entry of an arrangement into a theatre, by year since the entry.

    `entrant` is the arrangement that enters; `outcome`: `others` (providers of other arrangements), `all-but-entrant` (all but those who entered first), `all` (with the entrant,
    who adds to it by arithmetic); `model`: an estimator of `entries`. `term`: the year since the entry (`-1` is the reference), `mean after` (of the years 1 to 5), and `leads`
    (joint test of the years before: the F in `statistic`). `n_theatres` are the theatres in which the term is observed, `n` theatre-years, `events` the theatres entered.
    """
    last, n_theatres, rows = entries.last_full_year(cutoff), len(held.theatres), []
    for scope in scopes:
        mine = lines.where((operations[f"scope_{scope}"] == 1).to_numpy()[held.row])
        present = np.bincount(mine.theatre, minlength=n_theatres) > 0
        for kind, entrant in enumerate(ARRANGEMENTS):
            entry, first_in = entries.first_entries(mine, kind, n_theatres)
            for outcome, kept in (("others", mine.kind != kind), ("all-but-entrant", ~first_in), ("all", np.ones(len(mine.kind), dtype=bool))):
                numbers = entries.yearly(mine.where(kept), "providers", FIRST_YEAR, last, n_theatres)["simpson"]
                for since in SINCE if entrant == "ahc" else (1990,):
                    treated, controls, begin = entries.sample(entry, present, since, FIRST_YEAR, last)
                    for model, estimator in entries.ESTIMATORS.items():
                        if entrant != "ahc" and model == "two-way":
                            continue
                        head = {"scope": scope, "since": since, "entrant": entrant, "outcome": outcome, "model": model}
                        effects = estimator(numbers[:, begin - FIRST_YEAR :], entry, treated, controls, begin)
                        rows += [head | line for line in _study_lines(effects, int(treated.sum()), confidence)]
    return _shaped(rows, "event_study")


def _study_lines(effects: entries.Effects | NotEstimable, entered: int, confidence: float) -> list[dict]:
    terms = [str(int(r)) for r in entries.RELATIVE] + ["mean after", "leads"]
    if isinstance(effects, NotEstimable):
        return [{"term": term, "n_theatres": 0, "n": 0, "events": entered, "reason": effects.reason} for term in terms]
    lines, where = [], {int(r): i for i, r in enumerate(effects.relative)}
    for r in entries.RELATIVE:
        head = {"term": str(int(r)), "n_theatres": entered, "n": effects.n, "events": entered}
        if r == -1:
            lines.append(head | {"estimate": 0.0, "reason": "reference"})
        elif int(r) not in where:
            lines.append(head | {"n_theatres": 0, "reason": "fewer than five theatres are observed in this year"})
        else:
            i = where[int(r)]
            lines.append(head | {"n_theatres": int(effects.treated[i])} | _line((effects.estimate[i], effects.cov[i, i] ** 0.5), effects.df, confidence))
    head = {"n_theatres": entered, "n": effects.n, "events": entered}
    lines.append(head | {"term": terms[-2]} | _line(entries.mean_effect(effects, 1, POST_YEARS), effects.df, confidence))
    test = entries.pre_trend(effects)
    lines.append(head | {"term": "leads"} | ({"reason": test.reason} if isinstance(test, NotEstimable) else {"statistic": test[0], "p": test[2], "reason": None}))
    return lines


def simultaneity(operations: pd.DataFrame, pairs: pd.DataFrame, scopes: list[str], cutoff: pd.Timestamp, confidence: float) -> pd.DataFrame:
    """Share of operations, and of operation-years, that ran beside another one of the scope in a theatre on the same day.

    Parameters: operations panel; concurrent pairs (`related` pairs, an umbrella and its task force or names of a chain, are not beside each other); scopes; last day; confidence.
    `units`: `operations` or `operation-years`. `beside`: `any` other, one of another arrangement (`other-arrangement`), or a UN or regional one (`organisations`). `of`:
    arrangement of the operation, `organisations` (UN and regional) or `all`. `decade` of the year (operation-years) or of the start (operations), the years of Balas (2011), or
    `all`.
    Limits: logit of the share, its variance summed over primary theatres. `published`: Balas's share, on the line that counts as he did (his unit is the conflict).
    """
    frame = operations[operations["deployed"] == 1]
    last = frame["end"].fillna(frame["start"].where(frame["status"] == "unknown", cutoff))
    begin, finish = frame["start"].dt.year.to_numpy(), last.dt.year.to_numpy()
    index = np.repeat(np.arange(len(frame)), finish - begin + 1)
    start_of = np.repeat(np.cumsum(finish - begin + 1) - (finish - begin + 1), finish - begin + 1)
    year = begin[index] + np.arange(len(index)) - start_of
    apart = pairs[pairs["related"] == 0]
    spans = (apart["overlap_end"].dt.year - apart["overlap_start"].dt.year + 1).to_numpy()
    each = np.repeat(np.arange(len(apart)), spans)
    pair_year = apart["overlap_start"].dt.year.to_numpy()[each] + np.arange(len(each)) - np.repeat(np.cumsum(spans) - spans, spans)
    long = apart.iloc[each].assign(year=pair_year)
    theatre, ids, kind = frame["theatre"].fillna("").to_numpy(dtype=str), frame["operation_id"].to_numpy(dtype=object), frame["arrangement"].to_numpy(dtype=object)
    rows = []
    for scope in scopes:
        members = set(frame.loc[frame[f"scope_{scope}"] == 1, "operation_id"])
        inside = np.array([name in members for name in ids], dtype=bool)
        scoped = long[long["operation_a"].isin(members) & long["operation_b"].isin(members)]
        sides = [scoped[["operation_a", "arrangement_a", "operation_b", "arrangement_b", "year"]], scoped[["operation_b", "arrangement_b", "operation_a", "arrangement_a", "year"]]]
        both = pd.concat([side.set_axis(["operation", "own", "other", "theirs", "year"], axis=1) for side in sides])
        for beside, chosen in (("any", both), ("other-arrangement", both[both["own"] != both["theirs"]]), ("organisations", both[both["theirs"] != "ahc"])):
            busy_years = set(zip(chosen["operation"], chosen["year"], strict=True))
            busy = {name for name, _ in busy_years}
            units = {
                "operations": (inside, theatre, kind, begin, np.array([name in busy for name in ids], dtype=bool)),
                "operation-years": (inside[index], theatre[index], kind[index], year, np.array([pair in busy_years for pair in zip(ids[index], year, strict=True)], dtype=bool)),
            }
            for unit, (mask, places, kinds, when, hit) in units.items():
                periods = {"all": (FIRST_YEAR, cutoff.year)} | {str(d): (d, d + 9) for d in range(FIRST_YEAR // 10 * 10, cutoff.year + 1, 10)}
                periods["{}-{}".format(*BALAS_YEARS)] = BALAS_YEARS
                for arrangement in ("all", "organisations", *ARRANGEMENTS):
                    of_kind = mask & np.isin(kinds, {"all": ARRANGEMENTS, "organisations": ARRANGEMENTS[1:]}.get(arrangement, (arrangement,)))
                    for decade, (first, last_year) in periods.items():
                        now = of_kind & (when >= first) & (when <= last_year)
                        head = {"scope": scope, "units": unit, "beside": beside, "of": arrangement, "decade": decade, "n_theatres": len(np.unique(places[now]))}
                        like = unit == "operations" and beside == arrangement == "organisations" and (first, last_year) == BALAS_YEARS
                        head |= {"n": int(now.sum()), "events": int(hit[now].sum()), "published": BALAS if like else np.nan}
                        rows.append(head | _share(hit[now], places[now], confidence))
    return _shaped(rows, "simultaneity")


def _share(hit: np.ndarray, place: np.ndarray, confidence: float) -> dict:
    """A share with logit limits from the variance summed by place (t, one degree of freedom less than there are places)."""
    places = np.unique(place, return_inverse=True)[1]
    groups = int(places.max()) + 1 if len(place) else 0
    if len(hit) < FEWEST or groups < FEWEST:
        return {"estimate": float(hit.mean()) if len(hit) else np.nan, "reason": f"fewer than five units or theatres ({len(hit)} in {groups} theatres)"}
    share = float(hit.mean())
    if share in (0.0, 1.0):
        return {"estimate": share, "reason": "all or none: no variance"}
    se = float(np.sqrt(groups / (groups - 1) * (np.bincount(places, weights=hit - share) ** 2).sum())) / len(hit)
    if se < 1e-12:
        return {"estimate": share, "reason": "all theatres are alike: no variance"}
    logit = fixedeffects.limits(np.log(share / (1 - share)), se / (share * (1 - share)), groups - 1, confidence)
    return {"estimate": share, "se": se, "lower": float(1 / (1 + np.exp(-logit["lower"]))), "upper": float(1 / (1 + np.exp(-logit["upper"]))), "reason": None}


def gap_filling(held: entries.Layout, lines: entries.Lines, operations: pd.DataFrame, scopes: list[str], confidence: float) -> pd.DataFrame:
    """Share of launches into a primary theatre without an operation of another arrangement, against permuted start dates (`gapfilling`).

    `arrangement` that is launched; `occupants`: `others` (both other arrangements, any operation of the register), for AHCs also `un` and `regional` alone; `gap_window`;
    `date_strata`. `n` are launches with a date to swap, `events` those of them into a gap.
    """
    rows = []
    for scope in scopes:
        for arrangement in ARRANGEMENTS:
            chosen = gapfilling.launched(operations, arrangement, scope, FIRST_YEAR)
            for occupants in ("others", "un", "regional") if arrangement == "ahc" else ("others",):
                kinds = tuple(k for k in ARRANGEMENTS if k != arrangement) if occupants == "others" else (occupants,)
                there = gapfilling.occupying(operations, kinds, None)
                for window in gapfilling.WINDOWS:
                    for strata in ("region", "region-era"):
                        head = {"scope": scope, "arrangement": arrangement, "occupants": occupants, "gap_window": window, "date_strata": strata}
                        found = gapfilling.launches(held, lines, operations, chosen, there, window, strata, "primary")
                        result = gapfilling.shares(found.empty, found.when, found.stratum, found.theatre, confidence)
                        if isinstance(result, NotEstimable):
                            rows.append(head | {"n_theatres": len(np.unique(found.theatre)), "n": len(found.rows), "events": 0, "reason": result.reason})
                            continue
                        line = {"observed": result.observed, "expected": result.expected, "estimate": result.difference, "permutation_z": result.permutation_z, "reason": None}
                        line |= {name: getattr(result, name) for name in ("se", "lower", "upper", "statistic", "p", "n")}
                        rows.append(head | line | {"n_theatres": result.theatres, "events": round(result.observed * result.n)})
    return _shaped(rows, "gap_filling")
