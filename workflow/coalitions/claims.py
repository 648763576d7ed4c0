"""From estimates to verdicts: one rule for every claim, its multiverse, its robustness grade."""

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import ndtri

from coalitions import influence, spread
from coalitions.catalogue import DATES_INSIDE
from coalitions.draws import redrawer
from coalitions.estimands import ESTIMATED, Estimate, Panels, plain

TYPES = dict.fromkeys(("theta", "lower", "upper", "statistic", "p", "holds"), float) | {"reason": object}
# An estimate that equals the smallest effect but for its last digits has reached it, whoever rounds: published numbers have ten digits.
TOLERANCE = 1e-9
VERDICTS = ("supported", "contradicted", "negligible", "inconclusive", "not-estimable")


def smallest_effect(claim: dict) -> float | None:
    """The smallest effect of interest on the scale of theta: its logarithm for a ratio; None for a claim of fact."""
    sesoi = claim["sesoi"]
    if sesoi is None:
        return None
    return float(np.log(sesoi["value"])) if sesoi["scale"] == "ratio" else float(sesoi["value"])


def verdict(estimate: Estimate, sesoi: float | None) -> str:
    """The verdict rule.

    With a smallest effect of interest delta and an oriented theta with limits [L, U]: supported if L > 0 and theta >= delta; contradicted if U < 0 and
    theta <= -delta; negligible if -delta < L and U < delta; inconclusive otherwise. Without one (a claim of fact): supported if the fact holds, contradicted if it
    does not, inconclusive if the data cannot decide.
    """
    if sesoi is None and estimate.holds is None:
        return "not-estimable" if estimate.theta is None else "inconclusive"
    if sesoi is None:
        return "supported" if estimate.holds else "contradicted"
    if estimate.theta is None:
        return "not-estimable"
    reached = sesoi * (1 - TOLERANCE)
    if estimate.lower > 0 and estimate.theta >= reached:
        return "supported"
    if estimate.upper < 0 and estimate.theta <= -reached:
        return "contradicted"
    if -reached < estimate.lower and estimate.upper < reached:
        return "negligible"
    return "inconclusive"


def grade(*shares: tuple[float, float]) -> str:
    """Robustness from shares of equal sign and equal verdict, one pair for each kind of variation (specifications, draws of dates, coders).

    A if in each at least 90 % share the sign and 75 % the verdict, B if in each at least 75 % share the sign, C below.
    """
    if all(sign >= 0.9 and verdict >= 0.75 for sign, verdict in shares):
        return "A"
    return "B" if all(sign >= 0.75 for sign, _ in shares) else "C"


def specifications(claim: dict) -> list[dict]:
    """The primary specification first, then every other combination of the claim's dimensions, in a fixed order."""
    return [claim["primary"], *[spec for spec in grid(claim) if spec != claim["primary"]]]


def specification_text(spec: dict) -> str:
    """A specification as `name=value` pairs in alphabetical order, joined by semicolons: its identity."""
    return "; ".join(f"{name}={spec[name]}" for name in sorted(spec))


def minimum_detectable(estimate: Estimate, confidence: float, power: float = 0.8) -> float | None:
    """Smallest effect that such data would show with the given power: (z for the interval + z for the power) x standard error."""
    if estimate.theta is None or estimate.lower is None or estimate.upper is None:
        return None
    z = ndtri(0.5 + confidence / 2)
    return float((z + ndtri(power)) * (estimate.upper - estimate.lower) / (2 * z))


def grid(claim: dict) -> list[dict]:
    """Every combination of the claim's dimensions, in the order of their values: the same whichever of them is the primary one."""
    names = list(claim["dimensions"])
    return [claim["primary"] | dict(zip(names, values, strict=True)) for values in itertools.product(*claim["dimensions"].values())]


def part(specs: list[dict], number: int, parts: int) -> list[dict]:
    """The specifications of one of several jobs: neighbours stay together, as they share what is made once."""
    bounds = np.linspace(0, len(specs), parts + 1).round().astype(int)
    return specs[bounds[number] : bounds[number + 1]]


def estimated(estimand: Callable, specs: list[dict], data: Panels, settings: dict) -> pd.DataFrame:
    """Estimates of specifications, one row each: `dimensions` (their text), theta, its limits, unit, n, events, exposure, test statistic, p, `holds`, reason.

    No permutations are drawn and no details made: these are for the primary specification.
    """
    settings = plain(settings)
    return pd.DataFrame([{"dimensions": specification_text(spec), **estimand(data, spec, settings).as_row()} for spec in specs], columns=["dimensions", *ESTIMATED]).astype(TYPES)


def stressed(claim: dict, estimand: Callable, data: Panels, settings: dict, second: Panels | None = None) -> dict:
    """The primary specification and what could move it: `estimate`, `plain` (as those that follow), `date_draws`, `coders`, `left_out` (plain rows), `uncertain_dates`.

    Parameters: entry of `config/claims.yaml` (its estimand, primary specification and nothing else is read); panels; settings `cutoff`, `confidence`, `within_years`,
    `permutations`, `date_draws`, `seed`; panels as the second coder would have them. What imprecise dates do is `drawn`, `inside the estimate`, or `as recorded`.
    """
    spec, beside = claim["primary"], plain(settings)
    primary = estimand(data, spec, settings)
    dates = "inside the estimate" if claim["estimand"] in DATES_INSIDE else "drawn" if settings.get("date_draws") else "as recorded"
    draws = []
    if dates == "drawn":
        rng, draw = np.random.default_rng([settings["seed"], 1]), redrawer(data, pd.Timestamp(settings["cutoff"]))
        draws = [estimand(draw(rng), spec, beside).as_row() for _ in range(settings["date_draws"])]
    return {
        "estimate": primary.as_dict(), "plain": estimand(data, spec, beside).as_row(), "uncertain_dates": dates, "date_draws": draws,
        "coders": estimand(second, spec, beside).as_row() if second is not None else None,
        "left_out": influence.left_out(estimand, data, spec, primary, beside),
    }  # fmt: skip


def judged(name: str, claim: dict, stress: dict, estimates: pd.DataFrame, settings: dict, names: dict[str, str] | None = None) -> tuple[dict, pd.DataFrame, pd.DataFrame]:
    """A claim's result (for its JSON file), its multiverse (one row per specification) and its estimates with a unit left out.

    Parameters: id; entry of `config/claims.yaml`; what `stressed` gave; what `estimated` gave for `grid`, in any order; settings `confidence` and those that are
    to be noted; names of operations and theatres by identifier, for reading. No estimate is made here: a new smallest effect of interest needs this alone.
    """
    sesoi, primary = smallest_effect(claim), Estimate(**stress["estimate"])
    order = {specification_text(spec): number for number, spec in enumerate(specifications(claim))}
    frame = estimates.assign(claim=name, specification=estimates["dimensions"].map(order)).sort_values("specification", ignore_index=True)
    check_estimated(frame, order, name)
    # The primary specification was estimated with permutations and details as well: that estimate stands.
    frame = pd.concat([pd.DataFrame([frame.iloc[0].to_dict() | primary.as_row()]).astype(TYPES), frame.iloc[1:]], ignore_index=True)
    frame["primary"] = (frame["specification"] == 0).astype("int64")
    frame["verdict"] = [verdict(_estimate(row), sesoi) for row in frame.to_dict("records")]
    multiverse = frame[["claim", "specification", "dimensions", "primary", *(c for c in ESTIMATED if c not in ("holds", "reason")), "verdict", "reason"]]
    checked = robustness(multiverse, primary, sesoi)
    drawn = under_draws(primary, stress["date_draws"], sesoi) if stress["date_draws"] else None
    coders = under_second_coding(primary, stress["coders"], sesoi) if stress["coders"] else None
    shares = [(part["same_sign"], part["same_verdict"]) for part in (checked, drawn, coders) if part and part["same_sign"] is not None]
    without = without_each(name, primary, stress["left_out"], sesoi, names or {}, stress["plain"]["theta"])
    result = {
        "id": name, **{key: claim[key] for key in ("claim", "reading", "estimand", "orientation", "sesoi", "primary", "figure", "table", "threats", "falsified_if")},
        "estimate": primary.as_dict(), "verdict": verdict(primary, sesoi), "minimum_detectable_effect": minimum_detectable(primary, settings["confidence"]) if sesoi else None,
        "multiverse": checked, "uncertain_dates": stress["uncertain_dates"], "date_draws": drawn, "coders": coders, "leave_one_out": summary_of(without), "grade": grade(*shares),
        "settings": {key: settings[key] for key in ("cutoff", "confidence", "permutations", "seed")},
    }  # fmt: skip
    return result, multiverse, without


def check_estimated(frame: pd.DataFrame, order: dict[str, int], name: str) -> None:
    """Every specification of a claim was estimated, once, and no other. Raises ValueError with what is missing or too many."""
    missing = sorted(set(order) - set(frame["dimensions"]))
    many = sorted(frame.loc[frame["dimensions"].duplicated() | frame["specification"].isna(), "dimensions"])
    if missing or many:
        said = [f"{len(names)} {what}, such as {names[0]}" for names, what in ((missing, "not estimated"), (many, "too many or unknown")) if names]
        raise ValueError(f"claim {name}: specifications {'; '.join(said)}; remove results/claims/estimates/{name} and run again")


def _estimate(row: dict) -> Estimate:
    """What a verdict rests on, from a plain row."""
    theta, lower, upper, holds = (None if row[key] is None or np.isnan(row[key]) else row[key] for key in ("theta", "lower", "upper", "holds"))
    return Estimate(theta, lower, upper, "", 0, 0, 0.0, "", None, None, holds=None if holds is None else bool(holds))


def run(name: str, claim: dict, estimand: Callable, data: Panels, settings: dict, second: Panels | None = None) -> tuple[dict, pd.DataFrame, pd.DataFrame]:
    """`estimated`, `stressed` and `judged` at once: a claim's result, its multiverse and its estimates with a unit left out."""
    return judged(name, claim, stressed(claim, estimand, data, settings, second), estimated(estimand, grid(claim), data, settings), settings)


def without_each(name: str, primary: Estimate, rows: list[dict], sesoi: float | None, names: dict[str, str], base: float | None) -> pd.DataFrame:
    """Estimates with one unit left out: `claim, kind, left_out, name, theta, lower, upper, n, shift, verdict, flips, reason`.

    `shift` is what leaving the unit out adds to theta, against `base`, the estimate made without permutations as these are; `flips` is 1 if the verdict is another one, and 0
    if there is none without the unit.
    """
    floats = dict.fromkeys(("theta", "lower", "upper", "shift"), float)
    columns = ["claim", "kind", "left_out", "name", "theta", "lower", "upper", "n", "shift", "verdict", "flips", "reason"]
    own, lines = verdict(primary, sesoi), []
    for row in rows:
        shift = None if row["theta"] is None or base is None else row["theta"] - base
        found = verdict(_estimate(row), sesoi)
        lines.append(
            row | {"claim": name, "name": names.get(row["left_out"], row["left_out"]), "shift": shift, "verdict": found, "flips": int(found not in (own, "not-estimable"))}
        )
    return pd.DataFrame(lines, columns=columns).astype(floats | {"n": "int64", "flips": "int64", "reason": object})


def summary_of(without: pd.DataFrame) -> dict | None:
    """By kind of unit: how many were left out, the range of theta, the unit that moves theta most, every unit without which the verdict is another one, and
    those without which there is no estimate (`needed`).

    None if no unit was left out.
    """
    if without.empty:
        return None
    found = {}
    for kind, rows in without.groupby("kind", sort=True):
        moved = rows.dropna(subset=["shift"])
        most = moved.loc[moved["shift"].abs().idxmax()] if len(moved) else None
        found[f"{kind}s"] = {
            "left_out": len(rows), "theta_min": float(moved["theta"].min()) if len(moved) else None, "theta_max": float(moved["theta"].max()) if len(moved) else None,
            "most": {key: most[key] for key in ("left_out", "name", "theta", "shift")} if most is not None else None,
            "needed": rows.loc[rows["verdict"] == "not-estimable", ["left_out", "name"]].to_dict("records"),
            "flips": rows.loc[rows["flips"] == 1, ["left_out", "name", "theta", "verdict"]].astype(object).where(lambda f: f.notna(), None).to_dict("records"),
        }  # fmt: skip
    return found


def robustness(multiverse: pd.DataFrame, primary: Estimate, sesoi: float | None) -> dict:
    """How many specifications share the sign and the verdict of the primary one; the grade; the range of theta.

    Specifications that are not estimable are counted and left out of both shares. For a claim of fact the sign is the verdict.
    """
    usable = multiverse[multiverse["verdict"] != "not-estimable"]
    own = multiverse["verdict"].iloc[0]
    same_verdict = float((usable["verdict"] == own).mean()) if len(usable) else 0.0
    same_sign = same_verdict
    if sesoi is not None and len(usable) and primary.theta is not None:
        same_sign = float((np.sign(usable["theta"]) == np.sign(primary.theta)).mean())
    known = usable["theta"].dropna()
    return {
        "specifications": len(multiverse), "not_estimable": int(len(multiverse) - len(usable)), "same_sign": same_sign, "same_verdict": same_verdict,
        "theta_min": float(known.min()) if len(known) else None, "theta_median": float(known.median()) if len(known) else None,
        "theta_max": float(known.max()) if len(known) else None,
    }  # fmt: skip


def under_draws(primary: Estimate, rows: list[dict], sesoi: float | None) -> dict:
    """The primary specification under draws of every uncertain date: shares with the same sign and verdict, and the spread of theta."""
    theta = [row["theta"] for row in rows if row["theta"] is not None]
    lower, median, upper = np.percentile(theta, [2.5, 50, 97.5]).tolist() if theta else [None] * 3
    return {"draws": len(rows), **_like(primary, rows, sesoi), "theta_lower": lower, "theta_median": median, "theta_upper": upper}


def under_second_coding(primary: Estimate, row: dict, sesoi: float | None) -> dict:
    """The primary specification with the second coder's values for the cases that were coded twice."""
    return {key: row[key] for key in ("theta", "lower", "upper")} | {"verdict": verdict(_estimate(row), sesoi), **_like(primary, [row], sesoi)}


def _like(primary: Estimate, rows: list[dict], sesoi: float | None) -> dict:
    """Shares of other estimates with the sign and the verdict of the primary one; for a claim of fact the sign is the verdict.

    Estimates that the data cannot give are left out, as in the multiverse; the shares are None if none is left.
    """
    own, others = verdict(primary, sesoi), [_estimate(row) for row in rows]
    others = [e for e in others if verdict(e, sesoi) != "not-estimable"]
    if not others:
        return {"same_sign": None, "same_verdict": None}
    same = float(np.mean([verdict(e, sesoi) == own for e in others]))
    if sesoi is None or primary.theta is None:
        return {"same_sign": same, "same_verdict": same}
    signs = [e.theta is not None and np.sign(e.theta) == np.sign(primary.theta) for e in others]
    return {"same_sign": float(np.mean(signs)), "same_verdict": same}


def holm(p_values: list[float]) -> list[float]:
    """Holm-adjusted p-values (Holm 1979), in the order given."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    adjusted = np.minimum(1, np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p)))))
    result = np.empty(len(p))
    result[order] = adjusted
    return result.tolist()


def family(
    study: dict[str, dict], stresses: dict[str, dict], estimates: dict[str, pd.DataFrame], settings: dict, names: dict[str, str]
) -> tuple[dict[str, dict], dict[str, pd.DataFrame]]:
    """Every claim judged, and what can be said of all of them together.

    Parameters: claims by id, with what `stressed` and `estimated` gave for each; settings; names of operations and theatres by identifier.
    Returns results by id (with `reported`, `p_holm` and `spread`) and the tables `verdicts`, `multiverse` (with `p_bh`), `leave_one_out`, `spread`, `choices`, `infeasible`.
    p-values of the primary specifications are adjusted by Holm, those of all others together by Benjamini and Hochberg.
    """
    judgements = {name: judged(name, claim, stresses[name], estimates[name], settings, names) for name, claim in study.items()}
    results = {name: result for name, (result, _, _) in judgements.items()}
    verdicts = verdict_table(list(results.values()))
    multiverse = pd.concat([frame for _, frame, _ in judgements.values()], ignore_index=True)
    others = multiverse["primary"] == 0
    multiverse["p_bh"] = np.nan
    multiverse.loc[others, "p_bh"] = spread.benjamini_hochberg(multiverse.loc[others, "p"].to_numpy())
    spreads, choices = [], []
    for (name, claim), reported, p_holm in zip(study.items(), verdicts["reported"], verdicts["p_holm"], strict=True):
        mine, dimensions = judgements[name][1], list(claim["dimensions"])
        parts = spread.spread(mine, dimensions)
        results[name] |= {"reported": reported, "p_holm": None if np.isnan(p_holm) else float(p_holm), "spread": spread.shares(parts)}
        parts.insert(0, "claim", name)
        spreads.append(parts)
        choices.append(spread.verdict_drivers(mine, dimensions, claim["sesoi"] is None))
    tables = {
        "verdicts": verdicts, "multiverse": multiverse[[c for c in multiverse if c not in ("verdict", "reason")] + ["verdict", "reason"]],
        "leave_one_out": pd.concat([frame for _, _, frame in judgements.values()], ignore_index=True),
        "spread": pd.concat(spreads, ignore_index=True), "choices": pd.concat(choices, ignore_index=True), "infeasible": spread.infeasible(multiverse),
    }  # fmt: skip
    return results, tables


def verdict_table(results: list[dict]) -> pd.DataFrame:
    """One row per claim, in the order of the config: estimate, verdict, robustness, p raw and Holm-adjusted over the claims that have one."""
    p = [r["estimate"]["p"] for r in results]
    known = [i for i, value in enumerate(p) if value is not None and not np.isnan(value)]
    adjusted = dict(zip(known, holm([p[i] for i in known]), strict=True))
    rows = []
    for i, r in enumerate(results):
        e, m = r["estimate"], r["multiverse"]
        reported = "mixed" if r["grade"] == "C" and r["verdict"] != "not-estimable" else r["verdict"]
        dates, coders = r["date_draws"] or {}, r["coders"] or {}
        rows.append(
            {
                "claim": r["id"], "quotation": r["claim"]["quotation"], "verdict": r["verdict"], "reported": reported, "grade": r["grade"], "theta": e["theta"],
                "lower": e["lower"], "upper": e["upper"], "unit": e["unit"], "sesoi": smallest_effect(r), "n": e["n"], "events": e["events"], "p": p[i], "p_holm": adjusted.get(i),
                "specifications": m["specifications"], "same_sign": m["same_sign"], "same_verdict": m["same_verdict"], "not_estimable": m["not_estimable"],
                "date_draws_same_verdict": dates.get("same_verdict"), "second_coding_verdict": coders.get("verdict"),
            }
        )  # fmt: skip
    floats = ["theta", "lower", "upper", "sesoi", "p", "p_holm", "date_draws_same_verdict"]
    return pd.DataFrame(rows).astype(dict.fromkeys(floats, float) | {"second_coding_verdict": object})
