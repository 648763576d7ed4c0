"""From estimates to verdicts: one rule for every claim, its multiverse, its robustness grade."""

import itertools

import numpy as np
import pandas as pd
from scipy.special import ndtri

from coalitions.draws import redrawer
from coalitions.estimands import Estimate, Panels
from coalitions.registry import DATES_INSIDE, ESTIMANDS

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
    if estimate.lower > 0 and estimate.theta >= sesoi:
        return "supported"
    if estimate.upper < 0 and estimate.theta <= -sesoi:
        return "contradicted"
    if -sesoi < estimate.lower and estimate.upper < sesoi:
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
    names = list(claim["dimensions"])
    primary = claim["primary"]
    combinations = [primary | dict(zip(names, values, strict=True)) for values in itertools.product(*claim["dimensions"].values())]
    return [primary, *[spec for spec in combinations if spec != primary]]


def specification_text(spec: dict) -> str:
    """A specification as `name=value` pairs in alphabetical order, joined by semicolons: its identity."""
    return "; ".join(f"{name}={spec[name]}" for name in sorted(spec))


def minimum_detectable(estimate: Estimate, confidence: float, power: float = 0.8) -> float | None:
    """Smallest effect that such data would show with the given power: (z for the interval + z for the power) x standard error."""
    if estimate.theta is None or estimate.lower is None or estimate.upper is None:
        return None
    z = ndtri(0.5 + confidence / 2)
    return float((z + ndtri(power)) * (estimate.upper - estimate.lower) / (2 * z))


def run(name: str, claim: dict, data: Panels, settings: dict, second: Panels | None = None) -> tuple[dict, pd.DataFrame]:
    """A claim's result (for its JSON file) and its multiverse (one row per specification).

    Parameters: id; entry of `config/claims.yaml`; panels; settings `cutoff`, `confidence`, `within_years`, `permutations`, `date_draws`, `seed`; panels as the
    second coder would have them.
    Permutations are drawn for the primary specification only.
    """
    estimand = ESTIMANDS[claim["estimand"]]
    sesoi = smallest_effect(claim)
    plain = settings | {"permutations": 0, "details": False}  # the multiverse keeps estimates; details are for the primary specification
    rows, primary = [], None
    for number, spec in enumerate(specifications(claim)):
        estimate = estimand(data, spec, plain if number else settings)
        primary = primary or estimate
        rows.append(
            {
                "claim": name, "specification": number, "dimensions": specification_text(spec), "primary": int(number == 0), "theta": estimate.theta, "lower": estimate.lower,
                "upper": estimate.upper, "unit": estimate.unit, "n": estimate.n, "events": estimate.events, "exposure_years": estimate.exposure_years,
                "statistic": estimate.statistic, "p": estimate.p,
                "verdict": verdict(estimate, sesoi), "reason": estimate.reason or None,
            }
        )  # fmt: skip
    multiverse = pd.DataFrame(rows).astype({"theta": float, "lower": float, "upper": float, "statistic": float, "p": float, "reason": object})
    checked = robustness(multiverse, primary, sesoi)
    shares = [(checked["same_sign"], checked["same_verdict"])]
    dates = "inside the estimate" if claim["estimand"] in DATES_INSIDE else "drawn" if settings.get("date_draws") else "as recorded"
    drawn = date_draws(claim, data, primary, sesoi, plain) if dates == "drawn" else None
    coders = under_second_coding(claim, second, primary, sesoi, plain) if second is not None else None
    shares += [(part["same_sign"], part["same_verdict"]) for part in (drawn, coders) if part]
    result = {
        "id": name, **{key: claim[key] for key in ("claim", "reading", "estimand", "orientation", "sesoi", "primary", "figure", "table", "threats", "falsified_if")},
        "estimate": primary.as_dict(), "verdict": verdict(primary, sesoi), "minimum_detectable_effect": minimum_detectable(primary, settings["confidence"]) if sesoi else None,
        "multiverse": checked, "uncertain_dates": dates, "date_draws": drawn, "coders": coders, "grade": grade(*shares),
        "settings": {key: settings[key] for key in ("cutoff", "confidence", "permutations", "seed")},
    }  # fmt: skip
    return result, multiverse


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


def date_draws(claim: dict, data: Panels, primary: Estimate, sesoi: float | None, settings: dict) -> dict:
    """The primary specification under draws of every uncertain date: shares with the same sign and verdict, and the spread of theta."""
    rng = np.random.default_rng([settings["seed"], 1])
    draw = redrawer(data, pd.Timestamp(settings["cutoff"]))
    found = [ESTIMANDS[claim["estimand"]](draw(rng), claim["primary"], settings) for _ in range(settings["date_draws"])]
    theta = [e.theta for e in found if e.theta is not None]
    spread = np.percentile(theta, [2.5, 50, 97.5]).tolist() if theta else [None] * 3
    return {"draws": len(found), **_like(primary, found, sesoi), "theta_lower": spread[0], "theta_median": spread[1], "theta_upper": spread[2]}


def under_second_coding(claim: dict, second: Panels, primary: Estimate, sesoi: float | None, settings: dict) -> dict:
    """The primary specification with the second coder's values for the cases that were coded twice."""
    estimate = ESTIMANDS[claim["estimand"]](second, claim["primary"], settings)
    return {"theta": estimate.theta, "lower": estimate.lower, "upper": estimate.upper, "verdict": verdict(estimate, sesoi), **_like(primary, [estimate], sesoi)}


def _like(primary: Estimate, others: list[Estimate], sesoi: float | None) -> dict:
    """Shares of other estimates with the sign and the verdict of the primary one; for a claim of fact the sign is the verdict."""
    own = verdict(primary, sesoi)
    same = float(np.mean([verdict(e, sesoi) == own for e in others])) if others else 0.0
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
