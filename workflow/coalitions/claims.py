"""From estimates to verdicts: one rule for every claim, its multiverse, its robustness grade."""

import itertools

import numpy as np
import pandas as pd
from scipy.special import ndtri

from coalitions.estimands import ESTIMANDS, Estimate, Panels

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
    theta <= -delta; negligible if -delta < L and U < delta; inconclusive otherwise. Without one (a claim of fact): supported if the fact holds, else contradicted.
    """
    if sesoi is None:
        return "not-estimable" if estimate.holds is None else ("supported" if estimate.holds else "contradicted")
    if estimate.theta is None:
        return "not-estimable"
    if estimate.lower > 0 and estimate.theta >= sesoi:
        return "supported"
    if estimate.upper < 0 and estimate.theta <= -sesoi:
        return "contradicted"
    if -sesoi < estimate.lower and estimate.upper < sesoi:
        return "negligible"
    return "inconclusive"


def grade(same_sign: float, same_verdict: float) -> str:
    """Robustness: A if at least 90 % of specifications share the sign and 75 % the verdict, B if at least 75 % share the sign, C below."""
    if same_sign >= 0.9 and same_verdict >= 0.75:
        return "A"
    return "B" if same_sign >= 0.75 else "C"


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


def run(name: str, claim: dict, data: Panels, settings: dict) -> tuple[dict, pd.DataFrame]:
    """A claim's result (for its JSON file) and its multiverse (one row per specification).

    Parameters: id; entry of `config/claims.yaml`; panels; settings `cutoff`, `confidence`, `within_years`, `permutations`, `seed`.
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
    result = {
        "id": name, **{key: claim[key] for key in ("claim", "reading", "estimand", "orientation", "sesoi", "primary", "figure", "table", "threats", "falsified_if")},
        "estimate": primary.as_dict(), "verdict": verdict(primary, sesoi), "minimum_detectable_effect": minimum_detectable(primary, settings["confidence"]) if sesoi else None,
        "multiverse": robustness(multiverse, primary, sesoi), "settings": {key: settings[key] for key in ("cutoff", "confidence", "permutations", "seed")},
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
        "grade": grade(same_sign, same_verdict), "theta_min": float(known.min()) if len(known) else None, "theta_median": float(known.median()) if len(known) else None,
        "theta_max": float(known.max()) if len(known) else None,
    }  # fmt: skip


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
        reported = "mixed" if m["grade"] == "C" else r["verdict"]
        rows.append(
            {
                "claim": r["id"], "quotation": r["claim"]["quotation"], "verdict": r["verdict"], "reported": reported, "grade": m["grade"], "theta": e["theta"],
                "lower": e["lower"], "upper": e["upper"], "unit": e["unit"], "sesoi": smallest_effect(r), "n": e["n"], "events": e["events"], "p": p[i], "p_holm": adjusted.get(i),
                "specifications": m["specifications"], "same_sign": m["same_sign"], "same_verdict": m["same_verdict"], "not_estimable": m["not_estimable"],
            }
        )  # fmt: skip
    floats = ["theta", "lower", "upper", "sesoi", "p", "p_holm"]
    return pd.DataFrame(rows).astype(dict.fromkeys(floats, float))
