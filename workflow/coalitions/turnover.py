"""Who leaves early: survival of membership spells in coalitions that go on, and rates of joining and leaving.

Said aloud:

- the event is that a state left before the operation ended (`left_early` of the panel: its last possible day of leaving is before the first possible day of the end). A
  membership that ends with its operation, or is still running at the cut-off, is censored: the question is who leaves a coalition that goes on, not how long coalitions last.
  Ends of operations are therefore taken as uninformative about who would have left later; a coalition that is dissolved because its members are about to leave hides them;
- time is days of membership, from the day of joining (both counted); a state that leaves and comes back has two spells;
- coalitions (AHCs) only: members of other arrangements are coded for some of them only. Mere supporters are no members. A spell whose first or last day no source gives is left
  out of every estimate and counted in a line of the table `leaving`. States that slipped away unnoticed are likely among them: the estimates are of departures that somebody
  recorded;
- members of one coalition leave together: intervals of curves and of the Cox model are clustered by operation, and a second Cox model gives every operation a frailty of its
  own (`coalitions.frailty`), whose variance is one of its lines. Estimates are log hazard ratios: above 0, leaves sooner. Given the frailty they compare members of one
  coalition, and members of coalitions that are equally prone to be left. A third model leaves out the operation that most have left, as one coalition can hold a third of all
  departures;
- rates are per 100 years of membership with exact limits (Garwood 1936), which know nothing of states that leave together: where `events` come from few `operations`, they are
  too narrow.
"""

import numpy as np
import pandas as pd

from coalitions import cox, frailty, gaptimes
from coalitions.counts import poisson_limits
from coalitions.panels import WAR
from coalitions.survival import DAYS_PER_YEAR, NotEstimable, SurvivalInputError, kaplan_meier

LEAD, LATE, REGION, SEA, WARLIKE, SIZE = "role: lead", "joined: later", "region: same as theatre", "domain: maritime", "task: war", "size: log members"
TERMS = (LEAD, LATE, REGION, SIZE, SEA, WARLIKE)
VARIANCE = "variance of the frailty"
CLUSTERED, FRAILTY, WITHOUT, EXCLUDED = "clustered by operation", "shared frailty by operation", "clustered, without the operation of most events", "excluded"
OTHERS, SUPPORTER, UNDATED, UNTOLD = "member of another arrangement", "supporter, no contributor", "first or last day not known", "a covariate is not known"
GROUPS = ("all", "lead", "others")
JOINED, LEFT = "joined after the launch", "left early"
PER = 100.0  # member-years
CONCENTRATED = 0.25  # of the events in one operation: the model says so

ESTIMATES = ["estimate", "se", "lower", "upper", "statistic", "p"]
COLUMNS = {
    "staying": ["scope", "group", "time_days", "n_at_risk", "n_event", "n_censored", "survival", "std_err", "ci_lower", "ci_upper", "reason"],
    "leaving": ["scope", "model", "term", "n", "events", *ESTIMATES, "warning", "reason"],
    "turnover": ["scope", "model", "term", "n", "events", "operations", "exposure_years", "estimate", "lower", "upper", "reason"],
}
TEXTS = {"scope", "group", "model", "term", "warning", "reason"}
NEEDED = {
    "memberships": ("membership_id", "operation_id", "state", "role", "arrangement", "counted", "joined", "dates_known", "joined_later", "left_early", "duration_days"),
    "operations": ("operation_id", "domain", "tasks", "region", "n_members_peak"),
    "states": ("state", "region"),
}


# ---- Spells --------------------------------------------------------------------------------------------------------------------------------------------------------


def leaving(memberships: pd.DataFrame, operations: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """One row per membership spell, in the order of their names: time, event, covariates, and why it is left out.

    Parameters: panels of memberships and operations; the register's states (`state`, `region`; a state may have several periods of one region).
    Returns `membership_id, operation_id, state, role, joined` (day), `time` (days of membership), `event` (1: left before the operation ended), `joined_later`, `TERMS` (0/1, the
    logarithm of the members at peak; missing where not known), `excluded` (the first reason that holds, None for spells that are used), `scope_*`.
    Raises SurvivalInputError if a column is missing, an operation is not in the panel or twice, or a state has two regions.
    """
    for name, frame in (("memberships", memberships), ("operations", operations), ("states", states)):
        missing = [column for column in NEEDED[name] if column not in frame]
        if missing:
            raise SurvivalInputError(f"{name} has no column {', '.join(missing)}")
    if operations["operation_id"].duplicated().any():
        raise SurvivalInputError(f"operation {operations.loc[operations['operation_id'].duplicated(), 'operation_id'].iloc[0]} occurs twice in operations")
    spells = memberships.sort_values("membership_id", ignore_index=True)
    strangers = ~spells["operation_id"].isin(operations["operation_id"])
    if strangers.any():
        raise SurvivalInputError(f"membership {spells.loc[strangers, 'membership_id'].iloc[0]} is of an operation that the panel of operations does not have")
    home = states.groupby("state")["region"].nunique()
    if (home > 1).any():
        raise SurvivalInputError(f"state {home.index[home > 1][0]} has two regions")
    home = states.drop_duplicates("state").set_index("state")["region"]
    held = operations.set_index("operation_id").loc[spells["operation_id"]].reset_index(drop=True)
    region, peak = spells["state"].map(home), pd.to_numeric(held["n_members_peak"]).astype(float)
    result = spells[["membership_id", "operation_id", "state", "role"]].copy()
    result["joined"] = pd.to_datetime(spells["joined"])
    result["time"], result["event"], result["joined_later"] = spells["duration_days"], spells["left_early"], spells["joined_later"]
    result[LEAD] = (spells["role"] == "lead").astype(float)
    result[LATE] = spells["joined_later"].astype(float)
    result[REGION] = (region == held["region"]).astype(float).where(region.notna() & held["region"].notna())
    result[SIZE] = np.log(peak.where(peak > 0))
    result[SEA] = (held["domain"] == "maritime").astype(float).where(held["domain"].notna())
    warlike = held["tasks"].map(lambda tasks: float(bool(set(tasks.split("+")) & set(WAR))), na_action="ignore")  # the war of models.task_group, which comes first there
    result[WARLIKE] = pd.to_numeric(warlike).astype(float)
    reasons = [spells["arrangement"] != "ahc", spells["counted"] != 1, spells["dates_known"] != 1]
    result["excluded"] = pd.Series(np.select(reasons, [OTHERS, SUPPORTER, UNDATED], default=""), dtype=object).replace("", None)
    return result.join(spells[[name for name in spells if name.startswith("scope_")]])


def used(spells: pd.DataFrame, scope: str) -> pd.DataFrame:
    """Spells of a scope (rows of `leaving`) that no rule excludes."""
    return spells[(spells[f"scope_{scope}"] == 1) & spells["excluded"].isna()].reset_index(drop=True)


def tidy(rows: list[dict], name: str) -> pd.DataFrame:
    """The table `name` of rows, its columns in order; numbers that are missing are NaN, texts None; counts that are all known are integers."""
    frame = pd.DataFrame(rows, columns=COLUMNS[name])
    for column in frame:
        frame[column] = frame[column].astype(object).where(frame[column].notna(), None) if column in TEXTS else pd.to_numeric(frame[column]).astype(float)
    whole = [column for column in ("n", "events", "operations") if column in frame and frame[column].notna().all()]
    return frame.astype(dict.fromkeys(whole, "int64"))


# ---- Curves --------------------------------------------------------------------------------------------------------------------------------------------------------


def curve_table(spells: pd.DataFrame, scopes: list[str], confidence: float = 0.95) -> pd.DataFrame:
    """Kaplan-Meier of staying, for all members, leads and others: a line per day on which a spell of the group ends, intervals log-log and clustered by operation.

    Parameters: rows of `leaving`; scopes; confidence level. Returns the columns of `COLUMNS["staying"]`; a group without spells has one line with the reason.
    """
    rows = []
    for scope in scopes:
        inside = used(spells, scope)
        for group in GROUPS:
            mine = inside if group == "all" else inside[(inside[LEAD] == 1) == (group == "lead")]
            head = {"scope": scope, "group": group}
            if mine.empty:
                rows.append(head | {"n_at_risk": 0, "n_event": 0, "n_censored": 0, "reason": "no spells"})
                continue
            time, event = mine["time"].to_numpy(), mine["event"].to_numpy()
            curve = kaplan_meier(time, event, confidence=confidence)
            limits = gaptimes.clustered_survival(time, event, mine["operation_id"].to_numpy(), curve["time_days"].to_numpy(), confidence)
            curve[["std_err", "ci_lower", "ci_upper"]] = limits[["std_err", "ci_lower", "ci_upper"]].to_numpy()
            curve["reason"] = np.where(curve["std_err"].isna(), "no interval: nobody is left", None)
            rows += [head | row for row in curve.to_dict("records")]
    return tidy(rows, "staying")


# ---- Models --------------------------------------------------------------------------------------------------------------------------------------------------------


def estimable(spells: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Spells without those of a level at which nobody left (their coefficient would be infinite), and why a term is left out (this, or that it does not vary)."""
    out = {}
    for term in TERMS:
        mine = spells[term] == 1
        if term != SIZE and mine.any() and spells["event"].any() and not spells.loc[mine, "event"].any():
            out[term] = f"separated: nobody left ({int(mine.sum())} spell(s) of this level are taken out)"
            spells = spells[~mine]
    out |= {term: "left out: all have the same value" for term in TERMS if term not in out and spells[term].nunique() < 2}
    return spells.reset_index(drop=True), out


def cox_table(spells: pd.DataFrame, scopes: list[str], confidence: float = 0.95) -> pd.DataFrame:
    """Cox models of leaving early (Efron): variance clustered by operation, a shared gamma frailty by operation, and the first without the operation of most events; a line per
    term, and a line per reason of exclusion.

    Parameters: rows of `leaving`; scopes; confidence level. Returns the columns of `COLUMNS["leaving"]`. The line `variance of the frailty` has profile likelihood limits, and the
    likelihood ratio with its p (mixture) against no variance; it has no standard error. Lines of `excluded` have `n` spells and `events` early departures among them.
    """
    rows = []
    for scope in scopes:
        inside = used(spells, scope)
        told = inside[inside[list(TERMS)].notna().all(axis=1)]
        most = told.groupby("operation_id")["event"].sum()
        rest, without = told, None
        if most.max() > 0:
            without = str(most.idxmax())
            rest = told[told["operation_id"] != without]
        for model, fit, chosen in ((CLUSTERED, _clustered, told), (FRAILTY, _shared, told), (WITHOUT, _clustered, rest)):
            frame, out = estimable(chosen)
            result = _attempt(fit, frame, [term for term in TERMS if term not in out], confidence)
            notes = [f"without {without}"] if model == WITHOUT and without else []
            if not isinstance(result, NotEstimable):
                notes += _warnings(result, frame)
            head = {"scope": scope, "model": model, "n": len(frame), "events": int(frame["event"].sum()), "warning": "; ".join(notes) or None}
            rows += [head | row for row in _lines(result, (*TERMS, VARIANCE) if model == FRAILTY else TERMS, out)]
        rows += _excluded(spells[spells[f"scope_{scope}"] == 1], scope, inside[~inside.index.isin(told.index)])
    return tidy(rows, "leaving")


def _attempt(fit, frame: pd.DataFrame, terms: list[str], confidence: float):
    """The result, or NotEstimable with the words of a refusal: tables give reasons, they do not crash."""
    if frame.empty:
        return NotEstimable("no spells")
    if not frame["event"].any():
        return NotEstimable("no events: nobody left a coalition that went on")
    if not terms:
        return NotEstimable("no term varies")
    try:
        return fit(frame, terms, confidence)
    except SurvivalInputError as error:
        return NotEstimable(str(error))


def _clustered(frame: pd.DataFrame, terms: list[str], confidence: float):
    return cox.fit(frame["time"].to_numpy(), frame["event"].to_numpy(), frame[terms], cluster=frame["operation_id"].to_numpy(), confidence=confidence)


def _shared(frame: pd.DataFrame, terms: list[str], confidence: float):
    return frailty.fit(frame["time"].to_numpy(), frame["event"].to_numpy(), frame[terms], frame["operation_id"].to_numpy(), confidence=confidence)


def _warnings(result, frame: pd.DataFrame) -> list[str]:
    """What to be careful about: few events, and many of them in one operation."""
    by = frame.groupby("operation_id")["event"].sum()
    notes = list(result.warnings)
    if by.max() > CONCENTRATED * by.sum():
        notes.append(f"{int(by.max())} of {int(by.sum())} events are of {by.idxmax()}")
    return notes


def _lines(result, names: tuple[str, ...], out: dict[str, str]) -> list[dict]:
    """A line per name: its estimates, or the reason why there are none."""
    if isinstance(result, NotEstimable):
        return [{"term": term, "reason": out.get(term) or result.reason} for term in names]
    table, rows = result.table().set_index("term"), []
    for term in names:
        if term == VARIANCE:
            reason = None if np.isfinite(result.theta_upper) else "no upper limit: the likelihood is too flat"
            rows.append(
                {"term": term, "estimate": result.theta, "lower": result.theta_lower, "upper": result.theta_upper, "statistic": result.ratio, "p": result.p, "reason": reason}
            )
        elif term not in table.index:
            rows.append({"term": term, "reason": out[term]})
        else:
            line = table.loc[term, ESTIMATES].astype(float)
            rows.append({"term": term} | (line.to_dict() if np.isfinite(line).all() else {"reason": "no finite standard error"}))
    return rows


def _excluded(inside: pd.DataFrame, scope: str, untold: pd.DataFrame) -> list[dict]:
    counts = {reason: inside[inside["excluded"] == reason] for reason in (OTHERS, SUPPORTER, UNDATED)} | {UNTOLD: untold}
    head = {"scope": scope, "model": EXCLUDED, "reason": "a count of spells that no model has"}
    return [head | {"term": reason, "n": len(lines), "events": int(lines["event"].sum())} for reason, lines in counts.items()]


# ---- Rates ---------------------------------------------------------------------------------------------------------------------------------------------------------


def rates_table(spells: pd.DataFrame, scopes: list[str], confidence: float = 0.95) -> pd.DataFrame:
    """Joins after the launch and early departures per 100 years of membership, by calendar decade and overall (`all`), with exact Poisson limits.

    Parameters: rows of `leaving`; scopes; confidence level. Returns the columns of `COLUMNS["turnover"]`: `n` spells at risk in the decade, in so many `operations`, and their
    `exposure_years`. A departure falls on the last day of membership, a join on its first. The decades are those of all spells that are used under any scope; one without
    exposure has its reason.
    """
    whole = spells[spells["excluded"].isna()]
    last = whole["joined"] + pd.to_timedelta(whole["time"] - 1, unit="D")
    decades = [] if whole.empty else list(range(whole["joined"].dt.year.min() // 10 * 10, last.dt.year.max() + 1, 10))
    spans = {f"{year}s": (pd.Timestamp(year, 1, 1), pd.Timestamp(year + 9, 12, 31)) for year in decades}
    spans["all"] = (whole["joined"].min(), last.max())
    rows = []
    for scope in scopes:
        inside = used(spells, scope)
        joined = inside["joined"]
        left = joined + pd.to_timedelta(inside["time"] - 1, unit="D")
        for model, happened, day in ((JOINED, inside["joined_later"] == 1, joined), (LEFT, inside["event"] == 1, left)):
            for term, (first, final) in spans.items():
                days = (left.clip(upper=final) - joined.clip(lower=first)).dt.days + 1 if len(inside) else pd.Series(dtype=float)
                present = days > 0
                years = float(days[present].sum()) / DAYS_PER_YEAR
                row = {"scope": scope, "model": model, "term": term, "n": int(present.sum()), "operations": inside.loc[present, "operation_id"].nunique()}
                row |= {"events": int((happened & (day >= first) & (day <= final)).sum()), "exposure_years": years}
                rows.append(row | _rate(row["events"], years, confidence))
    return tidy(rows, "turnover")


def _rate(events: int, years: float, confidence: float) -> dict:
    if years <= 0:
        return {"reason": "no years of membership"}
    lower, upper = poisson_limits(events, years, confidence)
    return {"estimate": PER * events / years, "lower": PER * lower, "upper": PER * upper}


# ---- All -----------------------------------------------------------------------------------------------------------------------------------------------------------


def estimates(memberships: pd.DataFrame, operations: pd.DataFrame, states: pd.DataFrame, scopes: list[str], confidence: float = 0.95) -> dict[str, pd.DataFrame]:
    """All tables by name: `staying` (curves), `leaving` (Cox models and exclusions), `turnover` (rates). Parameters and errors: `leaving`; scopes; confidence level."""
    spells = leaving(memberships, operations, states)
    return {
        "staying": curve_table(spells, scopes, confidence),
        "leaving": cox_table(spells, scopes, confidence),
        "turnover": rates_table(spells, scopes, confidence),
    }
