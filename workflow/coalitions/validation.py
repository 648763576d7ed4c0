"""Does the machinery find the truth? Estimates and verdicts of every claim in synthetic registers whose truth is known, and what they come to over many of them.

The bias, the coverage of intervals and the shares of verdicts are those of the primary specification. Every replicate has its own seed: the tables are the same however many jobs
make them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from coalitions import panels, simulation, worlds
from coalitions.claims import VERDICTS, holm, smallest_effect, verdict
from coalitions.estimands import Panels
from coalitions.proportions import wilson_limits
from coalitions.registry import ESTIMANDS
from coalitions.simulation import World

NEEDS_DRAWS = ("duplication_excess",)  # estimands whose interval is one of permutations
REPLICATE_COLUMNS = ["world", "replicate", "claim", "theta", "lower", "upper", "p", "verdict", "reason"]
COVERAGE_COLUMNS = [
    "world", "claim", "true_theta", "truth_from", "truth_se", "sesoi", "replicates", "estimable", "mean_theta", "bias", "bias_se", "sd_theta", "mean_half_width",
    "coverage", "coverage_lower", "coverage_upper", "nominal", "reason",
]  # fmt: skip
VERDICT_COLUMNS = ["world", "claim", "verdict", "share", "share_lower", "share_upper", "replicates", "reading"]
ERROR_COLUMNS = ["world", "claim", "replicates", "rejected", "rejected_lower", "rejected_upper", "rejected_holm", "rejected_holm_lower", "rejected_holm_upper", "level"]
FAMILY = "any"  # the name of the row of a whole family of claims
TRUTH_SEED, STUDY_SEED = 90, 91
FEW_DRAWS = 99
ROUNDING = 1e-9  # limits this close to the truth cover it


@dataclass(frozen=True)
class Study:
    """A validation: claims (`estimand`, `primary`, `sesoi`) by id, the two worlds by name, settings of panels and estimands, and seed."""

    claims: dict
    worlds: dict[str, World]
    settings: dict
    seed: int

    @classmethod
    def of(cls, content: dict) -> "Study":
        """From plain values: `claims`, `scopes`, `cutoff`, `first_year`, `confidence`, `seed`, `effect`, `permutations`.

        A claim of which the synthetic worlds say nothing is not studied until `worlds` says what is true of it. Of the inclusion rules those are kept that primary specifications
        name, and `broad`: panels under the others would not be read.
        """
        claims = {name: claim for name, claim in content["claims"].items() if name in worlds.known()}
        wanted = {claim["primary"].get("scope", "broad") for claim in claims.values()} | {"broad"}
        rules = {name: rule for name, rule in content["scopes"].items() if name in wanted}
        settings = {key: content[key] for key in ("cutoff", "first_year", "confidence", "permutations")} | {"scopes": rules, "within_years": []}
        both = worlds.worlds(claims, {name: smallest_effect(claim) for name, claim in claims.items()}, content["cutoff"], content["effect"])
        return cls(claims, both, settings, content["seed"])

    def panels(self, register: dict[str, pd.DataFrame]) -> Panels:
        """The panels of a register under the rules of the study."""
        return panels_of(register, self.settings["scopes"], self.settings["first_year"], pd.Timestamp(self.settings["cutoff"]))


def panels_of(register: dict[str, pd.DataFrame], rules: dict[str, str], first_year: int, cutoff: pd.Timestamp) -> Panels:
    """The panels that estimands read, made from a register by the functions that make the published ones."""
    operations = panels.operations(register, rules, cutoff)
    members = panels.memberships(register, operations, cutoff)
    years = panels.system_years(operations, members, register["states"], list(rules), first_year, cutoff)
    tables = {name: register[name] for name in ("states", "vetoes", "theatres", "organisation_members")}
    return Panels(operations=operations, memberships=members, spells=panels.spells(operations, cutoff), system_years=years, **tables)


def estimated(data: Panels, claims: dict, settings: dict, seed: int) -> list[dict]:
    """Estimate and verdict of each claim's primary specification: `claim, theta, lower, upper, p, verdict, reason`.

    Parameters: panels; claims by id; settings of the estimands (`cutoff`, `confidence`, `scopes`, `within_years`, `permutations` of those that need draws); seed of those draws.
    """
    rows = []
    for name, claim in claims.items():
        own = settings | {"seed": seed, "details": False, "permutations": settings["permutations"] if claim["estimand"] in NEEDS_DRAWS else 0}
        found = ESTIMANDS[claim["estimand"]](data, claim["primary"], own)
        numbers = {key: np.nan if getattr(found, key) is None else float(getattr(found, key)) for key in ("theta", "lower", "upper", "p")}
        rows.append({"claim": name} | numbers | {"verdict": verdict(found, smallest_effect(claim)), "reason": found.reason or None})
    return rows


def replicates(study: Study, world: str, numbers: range) -> pd.DataFrame:
    """The replicates of the given numbers in a world, a row per claim (`REPLICATE_COLUMNS`)."""
    rows = []
    for number in numbers:
        stream = [study.seed, STUDY_SEED, worlds.NAMES.index(world), number]
        data = study.panels(simulation.drawn(study.worlds[world], np.random.default_rng(stream)))
        own = int(np.random.SeedSequence(stream).generate_state(1)[0])
        rows += [{"world": world, "replicate": number} | row for row in estimated(data, study.claims, study.settings, own)]
    return pd.DataFrame(rows, columns=REPLICATE_COLUMNS).astype({"reason": object})


def averaged(study: Study, numbers: range) -> pd.DataFrame:
    """Estimates from other registers of the world `all-true`, of those claims whose truth there has no formula and is their mean: `replicate, claim, theta`.

    Few permutations do: an expected share is their mean, and no interval is asked for.
    """
    world, rows = study.worlds["all-true"], []
    sources = worlds.truths(world, study.claims)
    wanted = {name: claim for name, claim in study.claims.items() if sources[name][1] == worlds.SIMULATED}
    for number in numbers:
        data = study.panels(simulation.drawn(world, np.random.default_rng([study.seed, TRUTH_SEED, number])))
        rows += [{"replicate": number, "claim": row["claim"], "theta": row["theta"]} for row in estimated(data, wanted, study.settings | {"permutations": FEW_DRAWS}, number)]
    return pd.DataFrame(rows, columns=["replicate", "claim", "theta"])


def tables(study: Study, drawn: pd.DataFrame, big: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables `coverage`, `verdicts` and `errors` of a study from those of `replicates` and `averaged`, whatever the order of their rows."""
    drawn, big = drawn.sort_values(["world", "replicate", "claim"], ignore_index=True), big.sort_values(["replicate", "claim"], ignore_index=True)
    truth = truth_table(study.worlds, study.claims, big)
    return {
        "coverage": coverage_table(drawn, truth, study.claims, study.settings["confidence"]), "verdicts": verdict_table(drawn, study.claims),
        "errors": error_table(drawn, study.claims, study.settings["confidence"]),
    }  # fmt: skip


def truth_table(both: dict[str, World], claims: dict, drawn: pd.DataFrame) -> pd.DataFrame:
    """`world, claim, true_theta, truth_from, truth_se`. Parameters: worlds by name; claims; table of `averaged`. The standard error is that of that mean."""
    rows = []
    for name, world in both.items():
        for claim, (theta, source) in worlds.truths(world, claims).items():
            se = 0.0 if theta is not None else np.nan
            if source == worlds.SIMULATED:
                values = drawn.loc[drawn["claim"] == claim, "theta"].dropna()
                theta, se = values.mean(), values.std(ddof=1) / np.sqrt(len(values))
            rows.append({"world": name, "claim": claim, "true_theta": np.nan if theta is None else theta, "truth_from": source, "truth_se": se})
    return pd.DataFrame(rows)


def coverage_table(drawn: pd.DataFrame, truth: pd.DataFrame, claims: dict, confidence: float) -> pd.DataFrame:
    """One row per world and claim (`COVERAGE_COLUMNS`).

    Parameters: table of `replicates`; `truth_table`; claims; confidence level. Bias, spread and half widths are over the estimable replicates with both limits; `bias_se` is the
    Monte Carlo error of the bias, that of a simulated truth included; limits of the coverage are Wilson's. An open limit of the interval covers everything on its side.
    """
    rows = []
    for line in truth.itertuples():
        mine = drawn[(drawn["world"] == line.world) & (drawn["claim"] == line.claim)]
        known = mine[mine["theta"].notna()]
        theta, n = known["theta"], len(known)
        sesoi = smallest_effect(claims[line.claim])
        row = {
            "world": line.world,
            "claim": line.claim,
            "true_theta": line.true_theta,
            "truth_from": line.truth_from,
            "truth_se": line.truth_se,
            "replicates": len(mine),
            "estimable": n,
        }
        row |= {"sesoi": np.nan if sesoi is None else sesoi, "nominal": confidence, "reason": None}
        if n:
            row |= {"mean_theta": theta.mean(), "sd_theta": theta.std(ddof=1) if n > 1 else np.nan, "mean_half_width": ((known["upper"] - known["lower"]) / 2).mean()}
        if np.isnan(line.true_theta):
            row["reason"] = worlds.NO_TRUTH.get(line.claim, "there is no true value")
        elif not n:
            row["reason"] = "no replicate could be estimated"
        else:
            inside = int((~(known["lower"] > line.true_theta + ROUNDING) & ~(known["upper"] < line.true_theta - ROUNDING)).sum())
            lower, upper = wilson_limits(inside, n, 0.95)
            row |= {"bias": theta.mean() - line.true_theta, "bias_se": float(np.hypot(theta.std(ddof=1) / np.sqrt(n), line.truth_se))}
            row |= {"coverage": inside / n, "coverage_lower": float(lower), "coverage_upper": float(upper)}
        rows.append(row)
    floats = [name for name in COVERAGE_COLUMNS if name not in ("world", "claim", "truth_from", "replicates", "estimable", "reason")]
    return pd.DataFrame(rows, columns=COVERAGE_COLUMNS).astype(dict.fromkeys(floats, float) | {"reason": object})


def reading(world: str, found: str) -> str:
    """What a verdict is in a world: `right` (supported where the claim is true), `wrong` (a finding against the truth), `open` (no finding)."""
    if world == "all-true":
        return {"supported": "right", "contradicted": "wrong", "negligible": "wrong"}.get(found, "open")
    return {"supported": "wrong", "contradicted": "wrong", "negligible": "right"}.get(found, "open")


def verdict_table(drawn: pd.DataFrame, claims: dict) -> pd.DataFrame:
    """Share of replicates by world, claim and verdict, with Wilson limits and what the verdict is in that world (`VERDICT_COLUMNS`). A fact that is refused in the world
    `none-true` is right."""
    rows = []
    for world in worlds.NAMES:
        for claim in claims:
            mine = drawn[(drawn["world"] == world) & (drawn["claim"] == claim)]
            for name in VERDICTS:
                count, n = int((mine["verdict"] == name).sum()), len(mine)
                lower, upper = wilson_limits(count, n, 0.95)
                what = "right" if claims[claim]["sesoi"] is None and (world, name) == ("none-true", "contradicted") else reading(world, name)
                rows.append(
                    {
                        "world": world,
                        "claim": claim,
                        "verdict": name,
                        "share": count / n,
                        "share_lower": float(lower),
                        "share_upper": float(upper),
                        "replicates": n,
                        "reading": what,
                    }
                )
    return pd.DataFrame(rows, columns=VERDICT_COLUMNS)


def error_table(drawn: pd.DataFrame, claims: dict, confidence: float) -> pd.DataFrame:
    """Share of replicates whose p is at most one minus the confidence, raw and adjusted by Holm over the claims of the replicate that have one (`ERROR_COLUMNS`).

    One row per world and claim with p in any replicate, and one for the family (`any`: at least one claim rejected, claims of fact left out: their p is not one of theta being
    zero). In the world `none-true` these are errors of the first kind, in the world `all-true` power.
    """
    level, rows = 1 - confidence, []
    effects = [name for name, claim in claims.items() if claim["sesoi"] is not None]
    for world in worlds.NAMES:
        table = drawn[(drawn["world"] == world) & drawn["claim"].isin(effects)].pivot(index="replicate", columns="claim", values="p")
        p = table.to_numpy()
        adjusted = np.full(p.shape, np.nan)
        for line in range(len(p)):
            known = np.flatnonzero(~np.isnan(p[line]))
            adjusted[line, known] = holm(p[line, known].tolist())
        both = {name: (p[:, i], adjusted[:, i]) for i, name in enumerate(table.columns)}
        lowest = [np.fmin.reduce(values, axis=1) for values in (p, adjusted)]
        for name in (*[c for c in claims if c in both], FAMILY):
            raw, family = lowest if name == FAMILY else both[name]
            kept = ~np.isnan(raw)
            n = int(kept.sum())
            row = {"world": world, "claim": name, "replicates": n, "level": level}
            for part, values in (("rejected", raw), ("rejected_holm", family)):
                count = int((values[kept] <= level + 1e-12).sum())
                lower, upper = wilson_limits(count, n, 0.95) if n else (np.nan, np.nan)
                row |= {part: count / n if n else np.nan, f"{part}_lower": float(lower), f"{part}_upper": float(upper)}
            rows.append(row)
    return pd.DataFrame(rows, columns=ERROR_COLUMNS)
