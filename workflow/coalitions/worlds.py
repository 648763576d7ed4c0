"""The two worlds of the validation and what is true in them: parameters solved for the smallest effects of the claims, and the truth of every claim.

In the world `all-true` every claim with a smallest effect of interest is true by `effect` times that; in the world `none-true` every effect is zero. Where the estimand is an
explicit function of the parameters the truth is computed from them (`FORMULA`); where it is not (operations that meet in theatres, likeness in standard deviations of a draw) it
is zero in the world `none-true` by symmetry and, in the world `all-true`, the mean estimate over many other registers of the same process and size (`AVERAGED`), so that its
bias is zero by construction.
"""

import math
from dataclasses import replace

import numpy as np
from scipy.optimize import brentq
from scipy.signal import fftconvolve
from scipy.special import gammaln

from coalitions import simulation
from coalitions.simulation import DAYS_PER_YEAR, FIRST, HALT, World, WorldError

NAMES = ("all-true", "none-true")
DAY_YEAR = 1 / DAYS_PER_YEAR
# What makes the claims on theatres and on likeness true in the world `all-true`: shares of launches, chosen so that the truth is between one and three smallest effects.
TO_EMPTY, TWINS, BESIDE, AFTER, ALIKE = 0.85, 0.15, 0.42, 0.14, 0.055
LATER_AHC_SHARE = 0.27  # of coalitions among launches from 1990 to 2014 in the world `all-true`
UN_TRUE = ((FIRST, 20 / 45), (1990, 44 / 25))
AVERAGED = ("stop-gap", "duplication", "fragmentation", "gap-filling", "exclusive")
NO_TRUTH = {"hormuz": "the overlap by chance depends on how many states have a navy in the register that is drawn", "un-halt": "without a later launch the rate ratio has no bound"}
FORMULA, SYMMETRY, SIMULATED, NONE = "formula", "zero by symmetry", "mean of many registers", "none"


def known() -> set[str]:
    """Claims of which the synthetic worlds say what is true."""
    return {*FORMULAS, *AVERAGED, *NO_TRUTH}


def worlds(claims: dict, sesoi: dict, cutoff: str, effect: float) -> dict[str, World]:
    """The worlds `all-true` and `none-true` by name.

    Parameters: claims by id with their `primary` specification; smallest effects on the scale of theta by id; the last day observed; how many smallest effects are true in the
    first. Raises WorldError if the process cannot give such effects.
    """
    if known() != set(claims):
        nothing, more = sorted(set(claims) - known()), sorted(known() - set(claims))
        raise WorldError(f"the synthetic worlds know nothing of the claims {nothing}, or know more: {more}; coalitions.worlds must say what is true")
    aim = {name: effect * value for name, value in sesoi.items() if value is not None}
    days = {
        name: round(claims[name]["primary"][key] * DAYS_PER_YEAR) for name, key in (("short-lived", "tau_years"), ("africa-ct", "tau_years"), ("easily-dissolved", "horizon_years"))
    }
    same = scale_for(4.6, days["short-lived"])
    factor = claims["maritime-steady"]["primary"]["pace_factor"]
    null = World(
        "none-true", cutoff, scale=tuple((kind, same) for kind in ("ahc", "african-ct", "un", "regional")), gulf_growth=math.log(factor),
        gulf_from=claims["maritime-steady"]["primary"]["pace_since"],
        european_from=(claims["european-led"]["primary"]["base_from"], claims["european-led"]["primary"]["later_from"]),
    )  # fmt: skip
    world = replace(
        null, name="all-true", growth=aim["growth"], veto_effect=aim["gridlock"], gulf_growth=0.0, un_rates=(*UN_TRUE, (HALT + 1, 0.0)), un_later=False, across=True, apart=True,
        western=0.5 + aim["proponents"], unclear=0.5 + aim["legal-ambiguity"], kept_out=0.5 + aim["red-sea"] / 2,
        to_empty=TO_EMPTY, twins=TWINS, beside=BESIDE, after=AFTER, alike=ALIKE,
        members=(("ahc", 6), ("un", round(6 * math.exp(aim["small"])))),
    )  # fmt: skip
    world = _lengths(world, aim, days)
    world = _coming_and_going(world, aim, claims)
    null = replace(null, european_after=null.european_before * _pace(null))
    world = replace(world, european_after=world.european_before * math.exp(aim["european-led"]) * _pace(world))
    other = _solved(lambda mean: delay_truth(world, 60.0, mean, claims["fast"]["primary"]["horizon_days"]) - aim["fast"], 60.0, 2000.0, "delays of the United Nations")
    more = _solved(lambda beyond: math.log(mean_tasks(beyond) / mean_tasks(1.0)) - aim["task-specific"], 0.0, 8.0, "tasks of the United Nations")
    return {"all-true": replace(world, delay=(("ahc", 60.0), ("un", other), ("regional", 60.0)), tasks=(("ahc", 1.0), ("un", more), ("regional", 1.0))), "none-true": null}


def truths(world: World, claims: dict) -> dict[str, tuple[float | None, str]]:
    """The true theta of each claim and where it comes from (`FORMULA`, `SYMMETRY`, `SIMULATED`: to be had from many registers, `NONE`: there is no such number)."""
    spec = {name: claim["primary"] for name, claim in claims.items()}
    null = world.name == "none-true"
    result = {}
    for name in claims:
        if name in NO_TRUTH and not null:
            result[name] = (None, NONE)
        elif name in AVERAGED:
            result[name] = (0.0, SYMMETRY) if null else (None, SIMULATED)
        elif name in ("hormuz", "un-halt"):
            result[name] = (0.0, SYMMETRY)
        else:
            result[name] = (float(FORMULAS[name](world, spec[name])), FORMULA)
    return result


# ---- Formulas ----------------------------------------------------------------------------------------------------------------------------------------------------


def restricted_mean(scale: float, days: int) -> float:
    """Mean days at work up to `days`, in years: the sum of the probabilities to be still at work."""
    return float(simulation.surviving(np.arange(days), scale).sum()) * DAY_YEAR


def scale_for(years: float, days: int) -> float:
    """The Weibull scale (days) that gives a restricted mean."""
    return _solved(lambda scale: restricted_mean(scale, days) - years, 20.0, 80000.0, "a restricted mean")


def african_share(world: World) -> float:
    """Expected share of African counterterrorism coalitions among all."""
    at_sea = world.size * world.gulf / simulation.expected(world, "ahc", f"{FIRST}-01-01", world.cutoff)
    return (1 - at_sea) * simulation.REGIONS["africa"] / sum(simulation.REGIONS.values()) * world.african_ct


def over_within(world: World, group: str, days: int) -> float:
    """Probability that an operation of a group is over within so many days, its first counted."""
    return 1 - float(simulation.surviving(days, dict(world.scale)[group]))


def _short(world: World, spec: dict) -> float:
    days, part = round(spec["tau_years"] * DAYS_PER_YEAR), african_share(world)
    mean = {group: restricted_mean(scale, days) for group, scale in world.scale}
    return mean["un"] - (part * mean["african-ct"] + (1 - part) * mean["ahc"])


def _africa(world: World, spec: dict) -> float:
    days = round(spec["tau_years"] * DAYS_PER_YEAR)
    return restricted_mean(world.of("scale", "ahc"), days) - restricted_mean(world.of("scale", "african-ct"), days)


def _dissolved(world: World, spec: dict) -> float:
    days, part = round(spec["horizon_years"] * DAYS_PER_YEAR), african_share(world)
    ahc = part * over_within(world, "african-ct", days) + (1 - part) * over_within(world, "ahc", days)
    return world.of("dissolved", "ahc") * ahc - world.of("dissolved", "un") * over_within(world, "un", days)


def delay_truth(world: World, one: float, other: float, days: int) -> float:
    """Difference of restricted mean delays with exponential waits of these means, in whole days; the same share never starts."""
    waited = [float(np.exp(-np.arange(1, days + 1) / mean).sum()) for mean in (one, other)]
    return (1 - world.never) * (waited[1] - waited[0])


def mean_tasks(beyond: float) -> float:
    """Mean number of tasks of a Poisson number beyond the first."""
    k = np.arange(60)
    mass = np.exp(k * math.log(beyond) - beyond - gammaln(k + 1)) if beyond > 0 else (k == 0).astype(float)
    return float(mass @ simulation.task_number(k))


def un_slope(world: World, first: str, last: str) -> float:
    """Minus the least-squares slope of the expected number of UN operations at work over the days of a window, per year."""
    years = simulation.years_of(world)
    born = np.repeat(simulation.rates(world, "un") / DAYS_PER_YEAR, simulation._days_in(years))
    at_work = fftconvolve(born, simulation.surviving(np.arange(simulation.LONGEST + 1), world.of("scale", "un")))[: len(born)]
    origin = simulation._number(f"{FIRST}-01-01")
    window = at_work[simulation._number(first) - origin : simulation._number(last) - origin + 1]
    day = np.arange(len(window)) - (len(window) - 1) / 2
    return -float(day @ window / (day @ day)) * DAYS_PER_YEAR


def _window(world: World, spec: dict) -> tuple[str, str]:
    return f"{spec['drawdown_from']}-01-01", world.cutoff if spec["through"] == "cutoff" else "2023-12-31"


def _share(world: World, first: str, last: str) -> float:
    count = {kind: simulation.expected(world, kind, first, last) for kind in simulation.KINDS}
    return count["ahc"] / sum(count.values())


def _shift(world: World, spec: dict) -> float:
    return _share(world, f"{spec['break_after'] + 1}-01-01", world.cutoff) - _share(world, f"{spec['since']}-01-01", f"{spec['break_after']}-12-31")


def _pace(world: World) -> float:
    """Launches of coalitions per year in the earlier period of the claim on European-led ones over those in the later one."""
    base, later = f"{world.european_from[0]}-01-01", world.european_from[1]
    eve = str(np.datetime64(later) - 1)
    length = [(np.datetime64(stop) - np.datetime64(start)).astype(int) + 1 for start, stop in ((base, eve), (later, world.cutoff))]
    return float(simulation.expected(world, "ahc", base, eve) / length[0] / (simulation.expected(world, "ahc", later, world.cutoff) / length[1]))


FORMULAS = {
    "growth": lambda world, spec: world.growth,
    "gridlock": lambda world, spec: world.veto_effect,
    "short-lived": _short,
    "easily-dissolved": _dissolved,
    "africa-ct": _africa,
    "fast": lambda world, spec: delay_truth(world, world.of("delay", "ahc"), world.of("delay", "un"), spec["horizon_days"]),
    "un-drawdown": lambda world, spec: un_slope(world, *_window(world, spec)),
    "replacement": _shift,
    "maritime-steady": lambda world, spec: math.log(spec["pace_factor"]) - abs(world.gulf_growth),
    "proponents": lambda world, spec: world.western - 0.5,
    "european-led": lambda world, spec: math.log(world.european_after / world.european_before / _pace(world)),
    "legal-ambiguity": lambda world, spec: world.unclear - 0.5,
    "task-specific": lambda world, spec: math.log(mean_tasks(world.of("tasks", "un")) / mean_tasks(world.of("tasks", "ahc"))),
    "transitions": lambda world, spec: world.handed_over if world.across else 0.0,
    "red-sea": lambda world, spec: 2 * world.kept_out - 1,
    "small": lambda world, spec: math.log(world.of("members", "un") / world.of("members", "ahc")),
}


# ---- Solving -----------------------------------------------------------------------------------------------------------------------------------------------------


def _lengths(world: World, aim: dict, days: dict) -> World:
    """Lengths and ways of ending of the world `all-true`."""
    part, other = african_share(world), 4.6
    african = other - aim["africa-ct"]
    un = part * african + (1 - part) * other + aim["short-lived"]
    scale = (
        ("ahc", scale_for(other, days["africa-ct"])),
        ("african-ct", scale_for(african, days["africa-ct"])),
        ("un", scale_for(un, days["short-lived"])),
        ("regional", world.of("scale", "regional")),
    )
    world = replace(world, scale=scale)
    horizon = days["easily-dissolved"]
    ahc = part * over_within(world, "african-ct", horizon) + (1 - part) * over_within(world, "ahc", horizon)
    least = 0.5
    most = (aim["easily-dissolved"] + least * over_within(world, "un", horizon)) / ahc
    if most + world.handed_over > 1:
        raise WorldError(f"{most:.2f} of the ends of coalitions would have to be by own decision, and {world.handed_over:.2f} are handed over")
    return replace(world, dissolved=(("ahc", most), ("un", least), ("regional", 0.6)))


def _coming_and_going(world: World, aim: dict, claims: dict) -> World:
    """Rates of organisations of the world `all-true`: those of the United Nations after 2014 from the slope, those of regional organisations from the shares."""
    window = _window(world, claims["un-drawdown"]["primary"])
    flat = un_slope(world, *window)
    per_rate = un_slope(replace(world, un_rates=(*UN_TRUE, (HALT + 1, 1.0))), *window) - flat
    later = (aim["un-drawdown"] - flat) / per_rate
    if later < 0:
        raise WorldError(f"without any launch after {HALT} the United Nations draw down by {flat:.2f} a year, less than {aim['un-drawdown']:.2f}")
    world = replace(world, un_rates=(*UN_TRUE, (HALT + 1, later)))
    spec = claims["replacement"]["primary"]
    periods = ((f"{spec['since']}-01-01", f"{spec['break_after']}-12-31"), (f"{spec['break_after'] + 1}-01-01", world.cutoff))
    regional = []
    for (first, last), share in zip(periods, (LATER_AHC_SHARE, LATER_AHC_SHARE + aim["replacement"]), strict=True):
        years = ((np.datetime64(last) - np.datetime64(first)).astype(int) + 1) * DAY_YEAR
        ahc, un = (simulation.expected(world, kind, first, last) for kind in ("ahc", "un"))
        regional.append(float(ahc / share - ahc - un) / years)
    if min(regional) < 0:
        raise WorldError(f"regional organisations would have to launch {min(regional):.2f} operations a year")
    return replace(world, regional_rates=(world.regional_rates[0], (spec["since"], regional[0]), (spec["break_after"] + 1, regional[1])))


def _solved(function, low: float, high: float, what: str) -> float:
    if function(low) * function(high) > 0:
        raise WorldError(f"no value between {low:g} and {high:g} gives {what}")
    return float(brentq(function, low, high, xtol=1e-10))
