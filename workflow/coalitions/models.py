"""Duration models by arrangement, under every inclusion rule: Cox, proportional hazards, accelerated failure time, ways of ending, restricted means, shares, discrete time.

Every factor has a declared reference level, the first of `LEVELS`. Said aloud:

- tasks are one factor: war (a task of war) before maritime security before peace (with everything else) before training (nothing but training or advice; reform of the
  security sector is a task of peace); the legal basis is the Security Council or not, and a basis that sources do not tell is not the Security Council;
- size is the logarithm of the members at peak. It is known of every coalition and of half of the others: models with size take the spells that have it, those without take all;
- a term without variation within a scope is left out of its model and has its reason. Spells of a level at which none has ended are taken out with it: its coefficient would be
  infinite, and the likelihood then tends to that of the other spells. A model that cannot be fitted has a line per term with the reason. Nothing is dropped in silence;
- standard errors are clustered by primary theatre; estimates of Cox and discrete models are log hazard ratios (above 0: ends sooner), of accelerated models log time ratios.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from coalitions import aft, competing, cox, discrete, frailty, rmst, survival
from coalitions.panels import PEACE, WAR
from coalitions.survival import DAYS_PER_YEAR, NotEstimable, SurvivalInputError

LEVELS = {
    "arrangement": ("un", "ahc", "regional"),
    "domain": ("land", "maritime", "civilian", "air or multi"),
    "task": ("peace", "war", "training", "maritime security"),
    "era": ("to 1989", "1990-2001", "2002-2013", "from 2014"),
    "legal basis": ("other", "unsc"),
}
SIZE = "size: log members"
AT_SEA = ("maritime-security", "counter-piracy", "counter-narcotics")
TRAINING = ("training-advice",)
ERAS = (1990, 2002, 2014)
# By model: factors, whether size is in it, column of the strata.
MODELS = {
    "unadjusted": (("arrangement",), False, None),
    "adjusted": (tuple(LEVELS), False, None),
    "adjusted, size": (tuple(LEVELS), True, None),
    "stratified by region": (tuple(LEVELS), False, "region"),
}
PLAIN = ("unadjusted", "adjusted")
FRAILTY, VARIANCE = "shared frailty by theatre", "variance of the frailty"
TRANSFORM = "km"
TURN = 2  # years at which an effect may change
ALPHA = 0.05
ENDINGS = ("completed", "handed-over", "withdrawn or collapsed")
UNTOLD = "not told"
GROUPED = {
    "completed": "completed", "handed-over": "handed-over", "renamed": "handed-over", "withdrawn": "withdrawn or collapsed", "collapsed": "withdrawn or collapsed",
}  # fmt: skip
AGAINST = {"ahc minus un": ("ahc", "un"), "ahc minus regional": ("ahc", "regional")}
GRAY = {"ahc, un, regional": ("ahc", "un", "regional"), "ahc, un": ("ahc", "un"), "ahc, regional": ("ahc", "regional")}
LONGEST = 3
CURVE_STEP, CURVE_END = 0.5, 25  # years
MEMBERS, OTHERS, VETOES = "members (log)", "others in theatre (log)", "vetoes in year (ten)"
POLYNOMIAL = ("time", "time squared", "time cubed")
STREAM = 4  # of the seed: apart from those of other tables

ESTIMATES = ["estimate", "se", "lower", "upper", "statistic", "p"]
COLUMNS = {
    "cox": ["scope", "model", "term", "n", "events", *ESTIMATES, "warning", "reason"],
    "ph_test": ["scope", "model", "term", "transform", "n", "events", *ESTIMATES[:4], "statistic", "df", "p", "reason"],
    "aft": ["scope", "model", "family", "term", "n", "events", *ESTIMATES, "scale", "aic", "reason"],
    "cif": ["scope", "arrangement", "ending", "time_days", "n_at_risk", "n_event", "n_censored", "survival", "incidence", "ci_lower", "ci_upper"],
    "ends": ["scope", "ending", "model", "term", "n", "events", *ESTIMATES[:4], "statistic", "df", "p", "reason"],
    "rmst": [
        "scope", "model", "term", "tau_years", "dropped", "spell_id", "n", "events", "mean_group", "mean_reference", *ESTIMATES[:4], "p", "permutation_p", "draws", "reason",
    ],
    "within": ["scope", "model", "term", "within_years", "n", "n_at_risk", *ESTIMATES[:4], "p", "reason"],
    "discrete": ["scope", "model", "term", "n", "events", *ESTIMATES, "reason"],
    "diagnostics": ["scope", "model", "kind", "term", "spell_id", "time_days", "value", "expected", "reason"],
}  # fmt: skip
TEXTS = {"scope", "model", "family", "term", "transform", "ending", "arrangement", "spell_id", "kind", "warning", "reason"}


# ---- The design ----------------------------------------------------------------------------------------------------------------------------------------------------


def task_group(tasks: str) -> str:
    """The kind of tasks (joined by +): war, maritime security, training, or peace and everything else."""
    held = set(tasks.split("+"))
    if held & set(WAR):
        return "war"
    if held & set(AT_SEA):
        return "maritime security"
    return "training" if held & set(TRAINING) and not held & set(PEACE) else "peace"


def factors(spells: pd.DataFrame) -> pd.DataFrame:
    """The level of every factor of `LEVELS`, by spell; missing where the column that it is made of is missing (the legal basis excepted: see above)."""
    years = spells["start"].dt.year
    eras = [years < ERAS[0], years < ERAS[1], years < ERAS[2], years >= ERAS[2]]
    return pd.DataFrame(
        {
            "arrangement": spells["arrangement"],
            "domain": spells["domain"].replace({"air": "air or multi", "multi": "air or multi"}),
            "task": spells["tasks"].map(task_group, na_action="ignore"),
            "era": pd.Series(np.select(eras, list(LEVELS["era"]), default=""), index=spells.index).where(years.notna()),
            "legal basis": np.where(spells["legal_basis"] == "unsc", "unsc", "other"),
        }
    )


def terms_of(factor: str) -> list[str]:
    """Terms of a factor: its levels without the reference."""
    return [f"{factor}: {level}" for level in LEVELS[factor][1:]]


def design(spells: pd.DataFrame) -> pd.DataFrame:
    """A 0/1 column per term, rows and index of the spells, and `SIZE`; missing where the value is not known or has no level.

    Raises SurvivalInputError for a value that no factor has a level for.
    """
    columns, held = {}, factors(spells)
    for factor, levels in LEVELS.items():
        unknown = sorted(set(held[factor].dropna()) - set(levels))
        if unknown:
            raise SurvivalInputError(f"{factor} has no level {unknown[0]!r}; there are {', '.join(levels)}")
        for level in levels[1:]:
            columns[f"{factor}: {level}"] = (held[factor] == level).astype(float).where(held[factor].notna())
    peak = pd.to_numeric(spells["n_members_peak"]).astype(float)
    return pd.DataFrame(columns | {SIZE: np.log(peak.where(peak > 0))}, index=spells.index)


def specified(model: str) -> list[str]:
    """The terms of a model of `MODELS`."""
    held, size, _ = MODELS[model]
    return [term for factor in held for term in terms_of(factor)] + ([SIZE] if size else [])


def cases(spells: pd.DataFrame, model: str) -> tuple[pd.DataFrame, pd.DataFrame | NotEstimable, dict[str, str]]:
    """Spells of a model, their design without terms that do not vary, and why a term is left out, by term. NotEstimable if a covariate, a theatre or a stratum is missing."""
    terms, strata = specified(model), MODELS[model][2]
    if spells.empty:
        return spells, NotEstimable("no spells"), {}
    columns = design(spells)
    if SIZE in terms:
        spells, columns = spells[columns[SIZE].notna()], columns[columns[SIZE].notna()]
        if spells.empty:
            return spells, NotEstimable("no spell of known size"), {}
    columns = columns[terms]
    for term in terms:
        if columns[term].isna().any():
            return spells, NotEstimable(f"{term.split(':')[0]} is missing for {int(columns[term].isna().sum())} spell(s)"), {}
    for name in ["theatre", *([strata] if strata else [])]:
        if spells[name].isna().any():
            return spells, NotEstimable(f"{name} is missing for {int(spells[name].isna().sum())} spell(s)"), {}
    kept, columns, out = without_separated(spells["ended"], columns)
    return spells[kept], columns if len(columns.columns) else NotEstimable("no term varies: one group only"), out


def without_separated(event: pd.Series, columns: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame, dict[str, str]]:
    """Which lines stay when those of levels without an event go, the design without these levels and without constants, and why a term is left out."""
    keep, out = np.ones(len(columns), dtype=bool), {}
    died = event.to_numpy() == 1
    for term in [term for term in columns if ": " in term and term != SIZE and died.any()]:
        mine = (columns[term].to_numpy() == 1) & keep
        if mine.any() and not died[mine].any():
            keep &= ~mine
            out[term] = f"separated: none has ended ({int(mine.sum())} line(s) of this level are taken out)"
    columns = columns[keep].drop(columns=list(out))
    out |= {term: "left out: all have the same value" for term in columns if columns[term].nunique() == 1}
    return keep, columns.drop(columns=[term for term in out if term in columns]), out


def attempt(function, *arguments, **named):
    """The result, or NotEstimable with the words of a refusal (a spell of zero days, a missing value): tables give reasons, they do not crash."""
    try:
        return function(*arguments, **named)
    except SurvivalInputError as error:
        return NotEstimable(str(error))


def tidy(rows: list[dict], name: str) -> pd.DataFrame:
    """The table `name` of rows, its columns in order; what is missing is NaN, texts that are missing None."""
    frame = pd.DataFrame(rows, columns=COLUMNS[name])
    for column in frame:
        frame[column] = frame[column].astype(object).where(frame[column].notna(), None) if column in TEXTS else pd.to_numeric(frame[column]).astype(float)
    whole = [column for column in ("n", "events", "time_days", "n_at_risk", "n_event", "n_censored", "dropped", "draws") if column in frame and frame[column].notna().all()]
    return frame.astype(dict.fromkeys(whole, "int64"))


def fitted_rows(result, terms: list[str], left_out: dict[str, str], confidence: float | None = None) -> list[dict]:
    """A line per term of a model: its estimates, or the reason why there are none. `result` has `table()` or is NotEstimable."""
    if isinstance(result, NotEstimable):
        return [{"term": term, "reason": left_out.get(term) or result.reason} for term in terms]
    table = (result.table() if confidence is None else result.table(confidence)).set_index("term")
    rows = []
    for term in terms:
        if term not in table.index:
            rows.append({"term": term, "reason": left_out.get(term, "not in the model")})
            continue
        line = table.loc[term, ESTIMATES].astype(float)
        known = bool(np.isfinite(line).all())
        rows.append({"term": term} | (line.to_dict() if known else {"reason": "no finite standard error"}))
    return rows


def scoped(spells: pd.DataFrame, scope: str) -> pd.DataFrame:
    """Spells of a scope, in the order of their names: no estimate may depend on the order of rows."""
    return spells[spells[f"scope_{scope}"] == 1].sort_values("spell_id", ignore_index=True)


# ---- Cox -----------------------------------------------------------------------------------------------------------------------------------------------------------


def cox_model(spells: pd.DataFrame, model: str, confidence: float):
    """Cox model (Efron, clustered by theatre) of spells: (spells used, design, left out, CoxModel or NotEstimable)."""
    used, columns, out = cases(spells, model)
    if isinstance(columns, NotEstimable):
        return used, None, out, columns
    strata = MODELS[model][2]
    arguments = {"strata": used[strata].to_numpy() if strata else None, "cluster": used["theatre"].to_numpy(), "confidence": confidence}
    return used, columns, out, attempt(cox.fit, used["duration_days"].to_numpy(), used["ended"].to_numpy(), columns, **arguments)


def cox_table(spells: pd.DataFrame, scopes: list[str], confidence: float = 0.95) -> pd.DataFrame:
    """Cox models of `MODELS` under every scope, and the adjusted one with a shared frailty: log hazard ratios; a `warning` where events per parameter are few."""
    rows = []
    for scope in scopes:
        for model in MODELS:
            used, _, out, result = cox_model(scoped(spells, scope), model, confidence)
            head = {"scope": scope, "model": model, "n": len(used), "events": int(used["ended"].sum())}
            head["warning"] = "; ".join(result.warnings) or None if isinstance(result, cox.CoxModel) else None
            rows += [head | row for row in fitted_rows(result, specified(model), out)]
        rows += frailty_rows(scoped(spells, scope), scope, confidence)
    return tidy(rows, "cox")


def frailty_rows(spells: pd.DataFrame, scope: str, confidence: float) -> list[dict]:
    """Lines of the adjusted model with a gamma frailty shared by the spells of a theatre, and of the variance of the frailty (profile limits, likelihood ratio test).

    A check on the clustered variance: given the frailty, hazard ratios compare operations in one theatre, and in theatres that are equally prone to see operations end.
    """
    used, columns, out = cases(spells, "adjusted")
    head = {"scope": scope, "model": FRAILTY, "n": len(used), "events": int(used["ended"].sum()), "warning": None}
    result = columns
    if not isinstance(columns, NotEstimable):
        arguments = used["duration_days"].to_numpy(), used["ended"].to_numpy(), columns, used["theatre"].to_numpy()
        result = attempt(frailty.fit, *arguments, confidence=confidence)
    rows = [head | row for row in fitted_rows(result, specified("adjusted"), out)]
    if isinstance(result, NotEstimable):
        return [*rows, head | {"term": VARIANCE, "reason": result.reason}]
    variance = {"estimate": result.theta, "lower": result.theta_lower, "upper": result.theta_upper, "statistic": result.ratio, "p": result.p}
    return [row | {"warning": "; ".join(result.warnings) or None} for row in [*rows, head | {"term": VARIANCE} | variance]]


def ph_table(spells: pd.DataFrame, scopes: list[str], confidence: float = 0.95) -> pd.DataFrame:
    """Score tests of proportional hazards by factor, by term and as a whole (transform `km`); where arrangement fails, its effect before and after two years.

    The model of the latter is the name of the tested one with `, time interaction`; spells are cut at two years, and `change` is the difference of the two log hazard ratios.
    """
    rows = []
    for scope in scopes:
        for model in PLAIN:
            used, columns, out, result = cox_model(scoped(spells, scope), model, confidence)
            head = {"scope": scope, "model": model, "transform": TRANSFORM, "n": len(used), "events": int(used["ended"].sum())}
            names = [*(name for factor in MODELS[model][0] for name in (factor, *(terms_of(factor) if len(LEVELS[factor]) > 2 else ()))), "GLOBAL"]
            if isinstance(result, NotEstimable):
                rows += [head | {"term": name, "reason": out.get(name) or result.reason} for name in names]
                continue
            groups = {factor: [term for term in terms_of(factor) if term in result.terms] for factor in MODELS[model][0]}
            groups |= {term: [term] for term in result.terms if len(LEVELS[term.split(":")[0]]) > 2}
            tested = cox.ph_test(result, TRANSFORM, {name: held for name, held in groups.items() if held}).set_index("term")
            for name in names:
                if name not in tested.index:
                    rows.append(head | {"term": name, "reason": out.get(name, "left out: all have the same value")})
                    continue
                rows.append(head | {"term": name} | tested.loc[name, ["statistic", "df", "p", "reason"]].to_dict())
            p = tested.loc["arrangement", "p"] if "arrangement" in tested.index else np.nan
            if p < ALPHA:
                rows += [head | {"model": f"{model}, time interaction", "transform": None} | row for row in interaction_rows(used, columns, confidence)]
    return tidy(rows, "ph_test")


def interaction_rows(used: pd.DataFrame, columns: pd.DataFrame, confidence: float) -> list[dict]:
    """Log hazard ratios of arrangement before and after two years, and their difference."""
    terms = [term for term in terms_of("arrangement") if term in columns]
    early, late = ({term: f"{term}, {words}" for term in terms} for words in ("to two years", "after two years"))
    names = [name for term in terms for name in (early[term], late[term], f"{term}, change")]
    episodes = cox.split(used["duration_days"].to_numpy(), used["ended"].to_numpy(), columns, cuts=[round(TURN * DAYS_PER_YEAR)])
    parts = {names[term]: episodes.design[term] * (episodes.interval == number) for number, names in enumerate((early, late)) for term in terms}
    whole = pd.concat([pd.DataFrame(parts), episodes.design.drop(columns=terms)], axis=1)
    theatre = used["theatre"].to_numpy()[episodes.position]
    result = attempt(cox.fit, episodes.time, episodes.event, whole, entry=episodes.entry, cluster=theatre, confidence=confidence)
    if isinstance(result, NotEstimable):
        return [{"term": name, "reason": result.reason} for name in names]
    rows, z = fitted_rows(result, [*early.values(), *late.values()], {}), ndtri(0.5 + confidence / 2)
    covariance = pd.DataFrame(result.covariance, index=result.terms, columns=result.terms)
    for term in terms:
        one, other = early[term], late[term]
        estimate = result.params[other] - result.params[one]
        se = float(np.sqrt(covariance.loc[other, other] + covariance.loc[one, one] - 2 * covariance.loc[one, other]))
        rows.append({"term": f"{term}, change", "estimate": estimate, "se": se, "lower": estimate - z * se, "upper": estimate + z * se})
        rows[-1] |= {"statistic": estimate / se, "p": 2 * ndtr(-abs(estimate / se))}
    return [row | {"df": 1} for row in sorted(rows, key=lambda row: names.index(row["term"]))]


def diagnostics_table(spells: pd.DataFrame, scopes: list[str], confidence: float = 0.95) -> pd.DataFrame:
    """What the adjusted Cox model does not say of itself, by spell.

    Kinds: `scaled Schoenfeld` (of arrangement, at each end: the log hazard ratio at that time, `expected` the constant one of the model), `Cox-Snell` (`value`: cumulative hazard
    of the residuals, which is the residual itself, `expected`, if the model holds), `deviance` (ended earlier than expected above zero) and `dfbeta` (of arrangement: how far the
    coefficient moves when the spell is left out, approximately; in both `expected` is 0). A model that cannot be fitted has one line with the reason.
    """
    frames = []
    for scope in scopes:
        used, _, _, result = cox_model(scoped(spells, scope), "adjusted", confidence)
        head = {"scope": scope, "model": "adjusted"}
        if isinstance(result, NotEstimable):
            frames.append(pd.DataFrame([head | {"kind": "none", "reason": result.reason}]))
            continue
        names, time = used["spell_id"].to_numpy(), used["duration_days"].to_numpy()
        event = used["ended"].to_numpy()
        terms = [term for term in terms_of("arrangement") if term in result.terms]
        apart, moved = cox.residuals(result, "scaled_schoenfeld"), cox.residuals(result, "dfbeta")
        at = apart.index.to_numpy()
        for term in terms:
            parts = {"kind": "scaled Schoenfeld", "term": term, "spell_id": names[at], "time_days": time[at], "value": apart[term].to_numpy(), "expected": result.params[term]}
            frames.append(pd.DataFrame(head | parts))
            frames.append(pd.DataFrame(head | {"kind": "dfbeta", "term": term, "spell_id": names, "time_days": time, "value": moved[term].to_numpy(), "expected": 0.0}))
        cumulative = event - cox.residuals(result, "martingale").to_numpy()
        hazard = nelson_aalen(cumulative, event)
        for kind, value, expected in (("Cox-Snell", hazard, cumulative), ("deviance", cox.residuals(result, "deviance").to_numpy(), 0.0)):
            frames.append(pd.DataFrame(head | {"kind": kind, "spell_id": names, "time_days": time, "value": value, "expected": expected}))
    rows = pd.concat(frames, ignore_index=True).reindex(columns=COLUMNS["diagnostics"])
    return tidy(rows.to_dict("records"), "diagnostics")


def nelson_aalen(time: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Cumulative hazard at each time (any number, ties to ten digits are ties), in the order given: the sum of events over those at risk."""
    distinct, place = np.unique(np.round(time, 10), return_inverse=True)
    leave = np.bincount(place, minlength=len(distinct))
    return np.cumsum(np.bincount(place, weights=event, minlength=len(distinct)) / (len(time) - np.cumsum(leave) + leave))[place]


# ---- Accelerated failure time --------------------------------------------------------------------------------------------------------------------------------------


def aft_table(spells: pd.DataFrame, scopes: list[str], confidence: float = 0.95) -> pd.DataFrame:
    """Weibull, log-logistic and log-normal models, unadjusted and adjusted: log time ratios clustered by theatre, the scale of the error, Akaike's criterion."""
    rows = []
    for scope in scopes:
        for model in PLAIN:
            used, columns, out = cases(scoped(spells, scope), model)
            head = {"scope": scope, "model": model, "n": len(used), "events": int(used["ended"].sum())}
            for family in aft.FAMILIES:
                result = columns
                if not isinstance(columns, NotEstimable):
                    result = attempt(aft.fit, used["duration_days"].to_numpy(), used["ended"].to_numpy(), columns, family, used["theatre"].to_numpy())
                fit = {} if isinstance(result, NotEstimable) else {"scale": result.scale, "aic": result.aic}
                rows += [head | {"family": family} | fit | row for row in fitted_rows(result, [*specified(model), "Intercept"], out, confidence)]
    return tidy(rows, "aft")


# ---- Ways of ending ------------------------------------------------------------------------------------------------------------------------------------------------


def endings(spells: pd.DataFrame) -> tuple[np.ndarray, tuple[str, ...]]:
    """Cause of every spell's end (0: censored) and the names of causes 1, 2, ...: `ENDINGS`, and `not told` if an end has no way.

    A spell whose last name was changed (`renamed`, its younger name not in the register) went on in other hands and counts as handed over.
    """
    ended = spells["ended"].to_numpy() == 1
    names = spells["ended_how"].map(GROUPED).fillna(UNTOLD).to_numpy(dtype=object)
    known = (*ENDINGS, UNTOLD) if (names[ended] == UNTOLD).any() else ENDINGS
    return np.array([known.index(name) + 1 if over else 0 for name, over in zip(names, ended, strict=True)], dtype=np.int64), known


def cif_table(spells: pd.DataFrame, scopes: list[str], confidence: float = 0.95) -> pd.DataFrame:
    """Aalen-Johansen incidence of every way of ending by arrangement, at every day on which a spell of it leaves (log-log intervals). A group without spells has no line.

    Raises SurvivalInputError for times that no estimator should accept.
    """
    frames = []
    for scope in scopes:
        inside = scoped(spells, scope)
        cause, names = endings(inside)
        for kind in LEVELS["arrangement"]:
            mine = (inside["arrangement"] == kind).to_numpy()
            if mine.any():
                curve = competing.cumulative_incidence(inside.loc[mine, "duration_days"].to_numpy(), cause[mine], confidence=confidence, causes=len(names))
                curve["ending"] = curve["cause"].map(dict(enumerate(names, start=1)))
                frames.append(curve.assign(scope=scope, arrangement=kind))
    return pd.concat(frames, ignore_index=True)[COLUMNS["cif"]] if frames else tidy([], "cif")


def ends_table(spells: pd.DataFrame, scopes: list[str], confidence: float = 0.95) -> pd.DataFrame:
    """By way of ending: Gray's tests between arrangements; cause-specific Cox and Fine-Gray models side by side, unadjusted and adjusted (clustered by theatre).

    In each model the spells of a level at which none has ended in this way are taken out (see the head of this module); adjusted models have the covariates of the adjusted
    Cox model.
    """
    rows = []
    for scope in scopes:
        inside = scoped(spells, scope)
        cause, names = endings(inside)
        time = inside["duration_days"].to_numpy()
        gray = {}
        for label, kinds in GRAY.items():
            among = inside["arrangement"].isin(kinds).to_numpy()
            tests = attempt(competing.gray_test, time[among], cause[among], inside.loc[among, "arrangement"].to_numpy()) if among.any() else NotEstimable("no spells")
            gray[label] = (among, tests)
        for number, ending in enumerate(names, start=1):
            head = {"scope": scope, "ending": ending}
            for label, (among, tests) in gray.items():
                test = tests if isinstance(tests, NotEstimable) else tests.get(number, NotEstimable("no such end"))
                row = head | {"model": "Gray's test", "term": label, "n": int(among.sum()), "events": int((cause[among] == number).sum())}
                rows.append(row | ({"reason": test.reason} if isinstance(test, NotEstimable) else {"statistic": test.statistic, "df": test.df, "p": test.p}))
            for model in PLAIN:
                rows += [head | row for row in ending_models(inside, cause, number, model, confidence)]
    return tidy(rows, "ends")


def ending_models(inside: pd.DataFrame, cause: np.ndarray, number: int, model: str, confidence: float) -> list[dict]:
    """Lines of the cause-specific Cox and the Fine-Gray model of one way of ending, with the covariates of a model of `MODELS`."""
    used, columns, out = cases(inside.assign(_cause=cause), model)
    words = "" if model == "unadjusted" else f", {model}"
    if not isinstance(columns, NotEstimable):
        kept, columns, more = without_separated((used["_cause"] == number).astype(np.int64), columns)
        used, out = used[kept], out | {term: reason.replace("none has ended", "none has ended in this way") for term, reason in more.items()}
        columns = columns if len(columns.columns) else NotEstimable("no term varies: one group only")
    hit, size = (used["_cause"] == number).to_numpy().astype(np.int64), {"n": len(used), "events": int((used["_cause"] == number).sum())}
    results = {"cause-specific Cox": columns, "Fine-Gray": columns}
    if not isinstance(columns, NotEstimable):
        time, theatre = used["duration_days"].to_numpy(), used["theatre"].to_numpy()
        results = {
            "cause-specific Cox": attempt(cox.fit, time, hit, columns, cluster=theatre, confidence=confidence),
            "Fine-Gray": attempt(competing.fine_gray, time, used["_cause"].to_numpy(), columns, number, theatre),
        }
    rows = []
    for name, result in results.items():
        level = confidence if isinstance(result, competing.FineGray) else None
        rows += [size | {"model": name + words} | row for row in fitted_rows(result, specified(model), out, level)]
    return rows


# ---- Restricted means and shares -----------------------------------------------------------------------------------------------------------------------------------


def rmst_table(spells: pd.DataFrame, scopes: list[str], settings: dict, confidence: float = 0.95, seed: int = 0) -> pd.DataFrame:
    """Differences of restricted means, in years: coalitions minus the United Nations, and minus regional operations.

    Parameters: spells; scopes; settings `tau_years` and `permutations`; confidence level; seed. Models: `difference` at each tau with a permutation p (studentised);
    `without the longest` of both groups and `without the longest coalitions`, `dropped` of them (the last one is `spell_id`); `curve`, every half year.
    """
    rows = []
    for place, scope in enumerate(scopes):
        inside = scoped(spells, scope)
        for number, (label, kinds) in enumerate(AGAINST.items()):
            pair = inside[inside["arrangement"].isin(kinds)].reset_index(drop=True)
            time, event, group = pair["duration_days"].to_numpy(), pair["ended"].to_numpy(), pair["arrangement"].to_numpy(dtype=object)
            head = {"scope": scope, "term": label, "n": len(pair), "events": int(event.sum()), "dropped": 0, "draws": 0}
            fault = NotEstimable("no spells") if pair.empty else attempt(rmst.two_groups, group, len(pair), kinds[1])
            fault = fault if isinstance(fault, NotEstimable) else attempt(survival.check_times, time, event)
            for position, tau in enumerate(settings["tau_years"]):
                days, line = round(tau * DAYS_PER_YEAR), head | {"model": "difference", "tau_years": tau, "draws": settings["permutations"]}
                rng = np.random.default_rng([seed, STREAM, place, number, position])
                result = fault
                if not isinstance(fault, NotEstimable):
                    result = rmst.difference(time, event, group, days, settings["permutations"], rng, confidence, kinds[1])
                rows.append(line | _difference(result))
                if isinstance(fault, NotEstimable):
                    continue
                for model, of in (("without the longest", None), ("without the longest coalitions", kinds[0])):
                    steps = rmst.dropping(time, event, group, days, LONGEST, of, confidence, kinds[1]).iloc[1:]
                    left = event.sum() - event[steps["position"].to_numpy(dtype=int)].cumsum()
                    for (_, found), events in zip(steps.iterrows(), left, strict=True):
                        gone = {"model": model, "tau_years": tau, "dropped": found["dropped"], "spell_id": pair["spell_id"].iloc[int(found["position"])]}
                        rows.append(head | gone | {"n": len(pair) - found["dropped"], "events": int(events)} | _years(found))
            if not isinstance(fault, NotEstimable):
                taus = np.arange(CURVE_STEP, CURVE_END + CURVE_STEP / 2, CURVE_STEP)
                curve = rmst.curve_of_differences(time, event, group, [round(tau * DAYS_PER_YEAR) for tau in taus], confidence, kinds[1])
                rows += [head | {"model": "curve", "tau_years": tau} | _years(found) for tau, (_, found) in zip(taus, curve.iterrows(), strict=True)]
    return tidy(rows, "rmst")


def _difference(result) -> dict:
    """A line of the table of restricted means from a Difference, in years."""
    if isinstance(result, NotEstimable):
        return {"reason": result.reason}
    days = {"mean_group": result.one.estimate, "mean_reference": result.other.estimate, "estimate": result.difference}
    days |= {name: getattr(result, name) for name in ("se", "lower", "upper")}
    return {name: value / DAYS_PER_YEAR for name, value in days.items()} | {"p": result.p, "permutation_p": result.permutation_p}


def _years(found: pd.Series) -> dict:
    """The same from a line of `rmst.dropping` or `rmst.curve_of_differences`."""
    if found["reason"]:
        return {"reason": found["reason"]}
    names = {"mean_group": "mean_group", "mean_reference": "mean_reference", "estimate": "difference", "se": "se", "lower": "lower", "upper": "upper"}
    return {name: found[column] / DAYS_PER_YEAR for name, column in names.items()} | {"p": found["p"]}


def within_table(spells: pd.DataFrame, scopes: list[str], years: list[float], confidence: float = 0.95) -> pd.DataFrame:
    """Shares of spells that are over within so many years (one minus Kaplan-Meier, log-log intervals) by arrangement, and their differences (normal intervals)."""
    rows = []
    horizons = [round(year * DAYS_PER_YEAR) for year in years]
    for scope in scopes:
        inside = scoped(spells, scope)
        for label, kinds in _groups().items():
            group = inside[inside["arrangement"].isin(kinds)]
            time, event, names = group["duration_days"].to_numpy(), group["ended"].to_numpy(), group["arrangement"].to_numpy(dtype=object)
            single = len(kinds) == 1
            if group.empty:
                table = NotEstimable("no spells")
            elif single:
                table = attempt(rmst.shares_over, time, event, names, horizons, confidence)
            else:
                table = attempt(rmst.share_differences, time, event, names, horizons, confidence, kinds[1])
            for position, year in enumerate(years):
                head = {"scope": scope, "model": "share" if single else "difference", "term": label, "within_years": year, "n": len(group)}
                head["n_at_risk"] = int((time >= horizons[position]).sum())
                rows.append(head | _share(table if isinstance(table, NotEstimable) else table.iloc[position], single))
    return tidy(rows, "within")


def _groups() -> dict[str, tuple[str, ...]]:
    return {kind: (kind,) for kind in LEVELS["arrangement"]} | AGAINST


def _share(found, single: bool) -> dict:
    """Estimates of a line of `rmst.shares_over` or `rmst.share_differences`, or why they are missing."""
    if isinstance(found, NotEstimable):
        return {"reason": found.reason}
    estimate = found["share"] if single else found["difference"]
    if pd.isna(estimate):
        return {"reason": "a group is not observed so long"}
    if pd.isna(found["se"]) or pd.isna(found["lower"]):
        return {"estimate": estimate, "reason": "no standard error: all or none are over"}
    return {"estimate": estimate, "se": found["se"], "lower": found["lower"], "upper": found["upper"]} | ({} if single else {"p": found["p"]})


# ---- Discrete time -------------------------------------------------------------------------------------------------------------------------------------------------


def spell_years(spells: pd.DataFrame, operation_years: pd.DataFrame, vetoes: pd.DataFrame) -> pd.DataFrame:
    """A row per spell and calendar year at work: `spell_id, year, years` (since the first), `event` (it ended in the year), `n_members`, `vetoes` (drafts vetoed in the year).

    Parameters: spells panel; panel of operation-years, whose names are merged into spells; the register's vetoes (`date`, `draft`; one per state and draft).
    """
    pairs = spells[["spell_id", "operation_ids"]].assign(operation_id=spells["operation_ids"].str.split("+")).explode("operation_id")
    years = operation_years.merge(pairs[["operation_id", "spell_id"]], on="operation_id", validate="many_to_one")
    years = years.groupby(["spell_id", "year"], as_index=False)["n_members"].max().merge(spells.drop(columns="n_members", errors="ignore"), on="spell_id", validate="many_to_one")
    years["years"] = years["year"] - years["start"].dt.year
    years["event"] = ((years["ended"] == 1) & (years["end"].dt.year == years["year"])).astype(int)
    drafts = vetoes.assign(year=pd.to_numeric(vetoes["date"].str[:4])).drop_duplicates(["date", "draft"]).groupby("year").size()
    years["vetoes"] = years["year"].map(drafts).fillna(0).astype(int)
    return years.sort_values(["spell_id", "year"], ignore_index=True)


def others_in_theatre(years: pd.DataFrame, places: pd.DataFrame, scope: str) -> np.ndarray:
    """By spell-year: other spells of the scope at work in the same year in its primary theatre.

    Parameters: `spell_years`; panel of operations by theatre and year; scope.
    """
    chains = years.assign(operation_id=years["operation_ids"].str.split("+")).explode("operation_id")[["operation_id", "spell_id"]].drop_duplicates()
    there = places[places[f"scope_{scope}"] == 1].merge(chains, on="operation_id").drop_duplicates(["spell_id", "theatre", "year"])
    counts = there.groupby(["theatre", "year"]).size().rename("number").reset_index()
    own = there[["spell_id", "theatre", "year"]].assign(own=1)
    found = years[["spell_id", "theatre", "year"]].merge(counts, how="left", on=["theatre", "year"]).merge(own, how="left", on=["spell_id", "theatre", "year"])
    return (found["number"].fillna(0) - found["own"].fillna(0)).to_numpy()


def discrete_table(spells: pd.DataFrame, scopes: list[str], operation_years: pd.DataFrame, places: pd.DataFrame, vetoes: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Complementary log-log models of the end in a calendar year, with a cubic of time: `unadjusted`, `adjusted` (with others in the theatre and vetoes of the year), and
    `coalitions` (their members in the year besides).

    Parameters: spells; scopes; panels of operation-years and of operations by theatre and year; the register's vetoes; confidence level. Every year counts in full: first and last
    years are parts of a year, which the polynomial takes up.
    """  # fmt: skip
    whole = spell_years(spells, operation_years, vetoes)
    rows = []
    for scope in scopes:
        inside = whole[whole[f"scope_{scope}"] == 1].reset_index(drop=True)
        varying = pd.DataFrame({OTHERS: np.log1p(others_in_theatre(inside, places, scope)), VETOES: inside["vetoes"] / 10})
        varying[MEMBERS] = np.log(inside["n_members"].astype(float).where(inside["n_members"] > 0))
        coalitions = (inside["arrangement"] == "ahc").to_numpy()
        held = [term for factor in LEVELS for term in terms_of(factor)]
        plans = {
            "unadjusted": (np.ones(len(inside), dtype=bool), terms_of("arrangement")),
            "adjusted": (np.ones(len(inside), dtype=bool), [*held, OTHERS, VETOES]),
            "coalitions": (coalitions, [*held[len(terms_of("arrangement")) :], MEMBERS, OTHERS, VETOES]),
        }
        for model, (mask, terms) in plans.items():
            lines = inside[mask]
            result, out = discrete_model(lines, varying[mask], terms)
            n = len(lines) if isinstance(result, NotEstimable) else result.n
            head = {"scope": scope, "model": model, "n": n, "events": int(lines["event"].sum())}
            rows += [head | row for row in fitted_rows(result, [*terms, *POLYNOMIAL], out, confidence)]
    return tidy(rows, "discrete")


def discrete_model(lines: pd.DataFrame, varying: pd.DataFrame, terms: list[str]):
    """The model of some spell-years, or NotEstimable; and why terms are left out."""
    if lines.empty:
        return NotEstimable("no spells"), {}
    columns = pd.concat([design(lines), varying], axis=1)[terms]
    gaps = [term for term in terms if columns[term].isna().any()]
    if gaps or lines["theatre"].isna().any():
        name = gaps[0].split(":")[0] if gaps else "theatre"
        return NotEstimable(f"{name} is missing for {int((columns[gaps[0]] if gaps else lines['theatre']).isna().sum())} spell-year(s)"), {}
    kept, columns, out = without_separated(lines["event"], columns)
    lines = lines[kept]
    time = discrete.polynomial(lines["years"]).set_index(columns.index)
    return attempt(discrete.fit, lines["event"], pd.concat([columns, time], axis=1), lines["theatre"].to_numpy()), out


# ---- All ---------------------------------------------------------------------------------------------------------------------------------------------------------


def estimates(spells: pd.DataFrame, operation_years: pd.DataFrame, places: pd.DataFrame, vetoes: pd.DataFrame, study: dict) -> dict[str, pd.DataFrame]:
    """All tables by name. `study` has `scopes`, `survival` (`tau_years`, `within_years`, `permutations`), `confidence` and `seed`."""
    scopes, settings, confidence = list(study["scopes"]), study["survival"], study["confidence"]
    return {
        "cox": cox_table(spells, scopes, confidence),
        "ph_test": ph_table(spells, scopes, confidence),
        "aft": aft_table(spells, scopes, confidence),
        "cif": cif_table(spells, scopes, confidence),
        "ends": ends_table(spells, scopes, confidence),
        "rmst": rmst_table(spells, scopes, settings, confidence, study["seed"]),
        "within": within_table(spells, scopes, settings["within_years"], confidence),
        "discrete": discrete_table(spells, scopes, operation_years, places, vetoes, confidence),
        "diagnostics": diagnostics_table(spells, scopes, confidence),
    }
