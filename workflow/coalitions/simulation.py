"""Synthetic registers in which the claims are true by a known amount, or in which none is: what the machinery of the claims is tried on.

A world is a set of parameters; `drawn` gives a register in the register's own tables, so that panels and estimates are made from it as from the real one. Sizes are those of the
real register under the scope `strict` (about 129 coalitions, 70 operations of the United Nations and 150 of regional organisations; six African counterterrorism coalitions, six
launches in the Gulf and the Red Sea, a seventh of launches European-led). What is made, said aloud:

- launches are Poisson processes with a rate for each arrangement and year; that of coalitions grows by a constant factor per decade and by one for each draft vetoed the year
  before;
- how long an operation works is Weibull (many short, few long) and ends after forty years at the latest; the way of ending does not depend on it;
- organisations and coalitions go to any theatre with the same probability, unless the world says that coalitions look for empty theatres, and that coalitions and
  organisations come to theatres in which a coalition has just started (with one of its tasks; regional ones stay at least as long) or ended: what makes `gap-filling`,
  `fragmentation`, `duplication` and `stop-gap` true;
- the states of the world and their organisations do not change; members of a coalition are drawn by lot, unless the world says that some are drawn from the bloc of the lead state;
- the operations that claims name (Hormuz, Red Sea) stand outside the scope `strict`, in waters of their own, so that they move no other claim.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.special import gammaln

from coalitions.register import Register

DAYS_PER_YEAR = 365.25
FIRST, BREAK, HALT = 1945, 1990, 2014  # first year; first year of the present pace of organisations; last year before the United Nations stops
SHAPE, LONGEST = 0.7, 14610  # of the Weibull distribution; days after which everything has ended
MULTIDIMENSIONAL = 0.2, 0.9  # share of the launches of the United Nations before 1990, and since
KINDS = ("ahc", "un", "regional")
# Land theatres by region; those at sea have a region of their own, so that no date is permuted between both.
REGIONS = {"africa": 30, "europe": 20, "asia": 20, "americas": 18, "middle-east": 12}
SOON, LATER = 365, 1096  # days after a start, or an end, within which an organisation comes beside a coalition, or after it
# Others come beside coalitions that will work longer than LONG days so many times (STAYING) as often. The share that goes to one coalition is inverse to how many are expected, not
# to how many there are, and is bounded (FEWEST_A_YEAR expected a year): then it is the same in registers of every size.
LONG, STAYING, FEWEST_A_YEAR = 1500, 4.0, 1.8
GULF = ("hormuz-gulf", "red-sea-aden")
NAMED_WATERS = "named-waters"
TASKS = (
    "stabilisation", "ceasefire-monitoring", "civilian-protection", "training-advice", "humanitarian-security", "policing", "disarmament", "interposition", "verification",
    "electoral-support", "border-monitoring", "security-sector-reform", "maritime-security", "mine-clearance", "deterrence", "rule-of-law", "evacuation", "territorial-enforcement",
    "embargo-enforcement", "mediation", "counter-narcotics", "no-fly-zone", "counter-piracy", "transitional-administration", "search-recovery",
)  # fmt: skip
# States by class: in the European Union, in the OECD or NATO without being in it, others. Blocs of others by size.
EUROPEAN, WESTERN, OTHERS = 27, 45, 88
BLOCS = {"AU": 44, "OAS": 22, "LAS": 12, "ASEAN": 10}
ORGANISATION_OF = {"ahc": "", "un": "UN", "regional": "AU"}
COLUMNS = {
    "operations": [
        "operation_id", "name", "acronym", "arrangement", "organisation", "parent_id", "predecessor_id", "successor_id", "triggered", "trigger", "requested", "decided", "start",
        "end", "status", "ended_how", "domain", "military", "multidimensional", "un_kind", "legal_basis", "authorising_resolution", "founding_document", "contributors_peak",
        "personnel_peak", "nested", "two_state", "diplomatic", "training_only", "standing_body", "io_umbrella", "confidence", "note",
    ],
    "tasks": ["operation_id", "task"],
    "theatres": ["theatre", "name", "kind", "region"],
    "operation_theatres": ["operation_id", "theatre", "primary"],
    "memberships": ["operation_id", "state", "role", "joined", "left", "dates", "note"],
    "states": ["state", "name", "iso3", "iso3166_3", "cow_code", "gw_number", "region", "entry", "exit", "former", "note"],
    "organisation_members": ["organisation", "state", "joined", "left", "source_id", "note"],
    "vetoes": ["veto_id", "date", "state", "draft", "subject", "theatre", "source_id"],
}  # fmt: skip


class WorldError(ValueError):
    """A world that cannot be: the message says which probability or rate would leave its range."""


@dataclass(frozen=True)
class World:
    """The parameters of a synthetic register. Rates are per year, times in days unless said otherwise.

    `growth`: log of the factor per decade by which launches of coalitions grow; `veto_effect`: log of that per vetoed draft; `un_rates`, `regional_rates`: (first year, rate) in
    order; `un_later`: whether multidimensional operations are launched after 2014; `scale`: scale of the Weibull distribution by group (`ahc`, `african-ct`, `un`, `regional`);
    `dissolved`: share of ends by own decision, by arrangement; `handed_over`: share of ends that are a hand-over, to the other kind if `across`; `delay`: mean days from decision
    to start; `tasks`: mean number of tasks beyond the first; `members`: median number of contributors; `gulf`: launches in the Gulf and the Red Sea since 1987 in all;
    `gulf_growth`: log of the factor per decade by which they grow; `western`, `european_before`, `european_after`: shares of launches led by states of the OECD, NATO or EU, and
    of the EU; `unclear`: share of unclear mandates; `kept_out`: share of European states that stay out of US command in the Red Sea; `apart`: whether the two coalitions of
    Hormuz share no member. `to_empty`: share of coalitions that look for an empty theatre; `twins`: share of those that go where another has just started; `beside`, `after`:
    shares of launches of organisations that go where a coalition has just started, or has just ended; `alike`: share of coalitions whose members are of the bloc of the lead.
    `size`: how many times the real register (rates and theatres).
    """

    name: str
    cutoff: str
    ahc_rate: float = 129 / 81.5
    growth: float = 0.0
    vetoes: float = 3.0
    veto_effect: float = 0.0
    un_rates: tuple = ((FIRST, 70 / 81.5),)
    regional_rates: tuple = ((FIRST, 14 / 45), (BREAK, 136 / 36.5))
    un_later: bool = True
    scale: tuple = ()
    dissolved: tuple = (("ahc", 0.6), ("un", 0.6), ("regional", 0.6))
    handed_over: float = 0.15
    across: bool = False
    unknown_end: float = 0.05
    african_ct: float = 0.17
    decided: tuple = (("ahc", 0.7), ("un", 1.0), ("regional", 0.8))
    delay: tuple = (("ahc", 60.0), ("un", 60.0), ("regional", 60.0))
    never: float = 0.03
    tasks: tuple = (("ahc", 1.0), ("un", 1.0), ("regional", 1.0))
    members: tuple = (("ahc", 6), ("un", 6))
    gulf: float = 6.0
    gulf_from: int = 1987
    gulf_growth: float = 0.0
    western: float = 0.5
    european_before: float = 1 / 7
    european_after: float = 1 / 7
    european_from: tuple = (1999, "2022-03-21")
    unclear: float = 0.5
    silent: float = 1 / 3
    kept_out: float = 0.5
    apart: bool = False
    to_empty: float = 0.0
    twins: float = 0.0
    beside: float = 0.0
    after: float = 0.0
    alike: float = 0.0
    size: int = 1

    def of(self, what: str, kind: str):
        """The value of a parameter that differs by group."""
        return dict(getattr(self, what))[kind]


# ---- Expected numbers --------------------------------------------------------------------------------------------------------------------------------------------


def years_of(world: World) -> np.ndarray:
    """Calendar years from the first to that of the cut-off."""
    return np.arange(FIRST, int(world.cutoff[:4]) + 1)


def observed_days(world: World) -> np.ndarray:
    """Days of each year that are observed: all, fewer in the year of the cut-off."""
    years = years_of(world)
    return np.minimum((np.datetime64(world.cutoff) - _new_year(years)).astype(int) + 1, _days_in(years))


def rates(world: World, kind: str) -> np.ndarray:
    """Expected launches per year of 365.25 days, by calendar year; of coalitions with vetoes at their mean effect."""
    years = years_of(world)
    if kind == "ahc":
        shape = np.exp(world.growth * (years - years.mean()) / 10)
        return world.size * world.ahc_rate * shape * observed_days(world).sum() / (shape @ observed_days(world))
    steps = world.un_rates if kind == "un" else world.regional_rates
    since = np.searchsorted([year for year, _ in steps], years, side="right") - 1
    return world.size * np.array([rate for _, rate in steps])[since]


def expected(world: World, kind: str, first: str, last: str) -> float:
    """Expected launches from the first to the last day, both included."""
    years = years_of(world)
    begin, stop = np.maximum(_new_year(years), np.datetime64(first)), np.minimum(_new_year(years + 1), np.datetime64(last) + 1)
    return float(rates(world, kind) @ np.clip((stop - begin).astype(int), 0, None)) / DAYS_PER_YEAR


def surviving(days, scale: float) -> np.ndarray:
    """Probability that an operation works for at least so many days after its first."""
    days = np.asarray(days, dtype=float)
    return np.where(days <= LONGEST, np.exp(-((days / scale) ** SHAPE)), 0.0)


def gulf_rate(world: World, day: np.ndarray) -> np.ndarray:
    """Expected launches per day in the Gulf and the Red Sea; days since 1970."""
    origin, last = _number(f"{world.gulf_from}-01-01"), _number(world.cutoff) + 1
    b, span = world.gulf_growth / (10 * DAYS_PER_YEAR), last - origin
    mass = span if b == 0 else math.expm1(b * span) / b
    return np.where(day >= origin, world.size * world.gulf * np.exp(b * (day - origin)) / mass, 0.0)


def _new_year(years) -> np.ndarray:
    return (np.asarray(years) - 1970).astype("datetime64[Y]").astype("datetime64[D]")


def _days_in(years) -> np.ndarray:
    return (_new_year(np.asarray(years) + 1) - _new_year(years)).astype(int)


def _number(day: str) -> int:
    return int(np.datetime64(day, "D").astype(int))


# ---- States ------------------------------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class States:
    """The states of the synthetic world: codes, class (0 EU, 1 other western, 2 other), bloc, and the tables `states` and `organisation_members`."""

    code: np.ndarray
    kind: np.ndarray
    bloc: np.ndarray
    tables: dict


@lru_cache(maxsize=1)
def states() -> States:
    """A world of 160 states that never changes; the United States is the only one with a name that the estimands know."""
    total = EUROPEAN + WESTERN + OTHERS
    code = np.array([f"Q{chr(65 + i // 26)}{chr(65 + i % 26)}" for i in range(total)], dtype=object)
    kind = np.repeat([0, 1, 2], [EUROPEAN, WESTERN, OTHERS])
    code[EUROPEAN] = "USA"
    bloc = np.concatenate([np.repeat("EU", EUROPEAN), np.repeat("OECD", WESTERN), np.repeat(list(BLOCS), list(BLOCS.values()))]).astype(object)
    home = {"EU": "europe", "OECD": "americas", "AU": "africa", "OAS": "americas", "LAS": "middle-east", "ASEAN": "asia"}
    region = np.array([home[name] for name in bloc], dtype=object)
    region[EUROPEAN + 1 : EUROPEAN + 16] = "europe"
    blank = {"iso3": "", "iso3166_3": "", "entry": "", "exit": "", "former": "0", "note": ""}
    frame = pd.DataFrame({"state": code, "name": [f"State {name}" for name in code], "cow_code": "1", "gw_number": "1", "region": region} | blank)[COLUMNS["states"]]
    member = {"EU": kind == 0, "OECD": (kind == 1) | (np.arange(total) < 20), "NATO": (np.arange(total) < 22) | ((kind == 1) & (region == "europe")) | (code == "USA")}
    member |= {name: bloc == name for name in BLOCS} | {"ECOWAS": (bloc == "AU") & (np.arange(total) % 3 == 0), "SADC": (bloc == "AU") & (np.arange(total) % 3 == 1)}
    rows = [(name, state) for name, mask in member.items() for state in code[mask]]
    organisations = pd.DataFrame(rows, columns=["organisation", "state"]).assign(joined="1945-01-01", left="", source_id="synthetic", note="")
    return States(code, kind, bloc, {"states": frame, "organisation_members": organisations[COLUMNS["organisation_members"]]})


@lru_cache(maxsize=4096)
def lead_rule(m: int, european: float, western: float) -> tuple[float, float]:
    """Probabilities of choosing a lead of the EU if there is one and, failing that, another western lead if there is one, so that of all coalitions of `m` states drawn by lot a
    share `european` has a lead of the EU and a share `western` one of either. Raises WorldError where no choice gives these shares."""
    size = (EUROPEAN, WESTERN, OTHERS)

    def all_in(*chosen: int) -> float:
        n, total = sum(size[i] for i in chosen), sum(size)
        return float(np.exp(gammaln(n + 1) - gammaln(n - m + 1) - gammaln(total + 1) + gammaln(total - m + 1))) if n >= m else 0.0

    e, w, o = all_in(0), all_in(1), all_in(2)
    ew, eo, wo = all_in(0, 1) - e - w, all_in(0, 2) - e - o, all_in(1, 2) - w - o
    ewo = 1 - e - w - o - ew - eo - wo
    a = (european - e) / (ew + eo + ewo)
    b = (western - european - w - (1 - a) * ew) / (wo + (1 - a) * ewo)
    if not (0 <= a <= 1 and 0 <= b <= 1):
        raise WorldError(f"coalitions of {m} drawn by lot cannot be led by the EU in {european:.3f} and by western states in {western:.3f} of all cases")
    return a, b


# ---- The register ------------------------------------------------------------------------------------------------------------------------------------------------


def drawn(world: World, rng: np.random.Generator) -> Register:
    """A register drawn from a world: the tables that panels and estimands read, as text, every date to the day but a tenth of the decisions (to the month)."""
    drafts = rng.poisson(world.vetoes, len(years_of(world)))
    drafts[0] = 0  # the Council begins in 1946
    events = _events(world, drafts, rng)
    _place(world, events, rng)
    frame, tasks = _operations(world, events, rng)
    members, named, places = _members(world, frame, rng)
    frame = pd.concat([frame, named], ignore_index=True)
    register = dict(states().tables)
    register["operations"] = _text(frame, COLUMNS["operations"]).sort_values("operation_id", ignore_index=True)
    register["tasks"] = pd.concat([tasks, pd.DataFrame({"operation_id": named["operation_id"], "task": "maritime-security"})], ignore_index=True)[COLUMNS["tasks"]]
    held = pd.DataFrame({"operation_id": frame["operation_id"][: len(frame) - len(named)], "theatre": frame["theatre"][: len(frame) - len(named)]})
    register["operation_theatres"] = pd.concat([held, places], ignore_index=True).assign(primary="1")[COLUMNS["operation_theatres"]]
    register["theatres"] = _theatres(world)
    register["memberships"] = members
    year = np.repeat(years_of(world), drafts)
    number = np.arange(len(year))
    register["vetoes"] = pd.DataFrame({"veto_id": [f"veto-{y}-{i}-usa" for y, i in zip(year, number, strict=True)], "date": [f"{y}-01-15" for y in year]}).assign(
        state="USA", draft="", subject="", theatre="", source_id="synthetic"
    )[COLUMNS["vetoes"]]
    return register


def _events(world: World, drafts: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Launches in order of time: kind (position in `KINDS`), first day (since 1970), and uniform draws for what follows."""
    years, observed = years_of(world), observed_days(world)
    last_year = np.concatenate([[0, world.vetoes], drafts[1:-1]])[: len(years)]
    factor = np.exp(world.veto_effect * last_year - world.vetoes * math.expm1(world.veto_effect))
    factor[:2] = 1.0  # nothing could be vetoed the year before
    kinds, days = [], []
    for position, kind in enumerate(KINDS):
        count = rng.poisson(rates(world, kind) * observed / DAYS_PER_YEAR * (factor if kind == "ahc" else 1.0))
        year = np.repeat(np.arange(len(years)), count)
        days.append(_new_year(years)[year].astype(int) + np.floor(rng.random(len(year)) * observed[year]).astype(int))
        kinds.append(np.full(len(year), position))
    kind, day = np.concatenate(kinds), np.concatenate(days)
    order = np.lexsort((rng.random(len(day)), day))
    return {"kind": kind[order], "start": day[order]}


def _place(world: World, events: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Gives every launch its theatre, in order of time, its length, and the coalition that it follows or stands beside (adds `theatre`, `region`, `african_ct`, `length`,
    `host`)."""
    kind, start = events["kind"], events["start"]
    n, names = len(start), list(REGIONS)
    sizes = np.array(list(REGIONS.values())) * world.size
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    region_of = np.repeat(np.arange(len(names)), sizes)
    u = rng.random((n, 6))
    exponential = rng.exponential(size=n)
    year = start.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    per_day = rates(world, "ahc")[year - FIRST] / DAYS_PER_YEAR
    gulf = (kind == 0) & (u[:, 0] < gulf_rate(world, start) / per_day)
    theatre, african_ct, length, host = np.full(n, -1), np.zeros(n, dtype=bool), np.zeros(n, dtype=int), np.full(n, -1)
    free_from = np.full(sizes.sum(), np.iinfo(np.int64).min)  # first day without an organisation
    open_from = np.full((n, 2), np.iinfo(np.int64).max)  # of coalitions on land: start, and day after the end
    scales = dict(world.scale)
    mean_weight = 1 + (STAYING - 1) * float(surviving(LONG + 1, scales["ahc"]))
    most = np.maximum(per_day - gulf_rate(world, start), world.size * FEWEST_A_YEAR / DAYS_PER_YEAR)  # expected launches a day of coalitions on land
    for i in range(n):
        t, group = start[i], KINDS[kind[i]]
        if gulf[i]:
            theatre[i] = len(region_of) + int(u[i, 1] < 0.5)
        else:
            fresh, gone = (np.flatnonzero((open_from[:i, column] <= t) & (open_from[:i, column] > t - reach)) for column, reach in ((0, SOON), (1, LATER)))
            gone = gone[:0] if kind[i] == 0 else gone
            beside = (world.twins if kind[i] == 0 else world.beside) * np.where(length[fresh] > LONG, STAYING, 1.0) / (mean_weight * most[i] * SOON)
            share = np.append(beside, np.full(len(gone), world.after / (most[i] * LATER)))
            at = int(np.searchsorted(np.cumsum(share) / max(1.0, share.sum()), u[i, 2], side="right"))
            if at < len(share):
                near = np.append(fresh, gone)[at]
                theatre[i], host[i] = theatre[near], near if at < len(fresh) else -1
            elif kind[i] == 0:
                r = int(region_of[int(u[i, 1] * len(region_of))])
                choice = np.arange(bounds[r], bounds[r + 1])
                if u[i, 5] < world.to_empty and len(empty := choice[free_from[choice] <= t]):
                    choice = empty
                theatre[i] = choice[int(u[i, 3] * len(choice))]
            else:
                theatre[i] = int(u[i, 1] * len(region_of))
            african_ct[i] = kind[i] == 0 and names[region_of[theatre[i]]] == "africa" and u[i, 4] < world.african_ct
        scale = scales["african-ct" if african_ct[i] else group]
        length[i] = int(min(scale * exponential[i] ** (1 / SHAPE), LONGEST))
        if kind[i] == 2 and host[i] >= 0:
            length[i] = max(length[i], start[host[i]] + length[host[i]] - t)  # it stays as long as the coalition
        if kind[i] == 0 and not gulf[i]:
            open_from[i] = t, t + length[i] + 1
        elif kind[i] != 0:
            free_from[theatre[i]] = max(free_from[theatre[i]], t + length[i] + 1)
    codes = np.array([*_codes(world), *GULF], dtype=object)
    events |= {"theatre": codes[theatre], "african_ct": african_ct, "length": length, "host": host, "gulf": gulf}


def _codes(world: World) -> list[str]:
    return [f"{chr(65 + i // 676)}{chr(65 + i // 26 % 26)}{chr(65 + i % 26)}" for i in range(sum(REGIONS.values()) * world.size)]


def _theatres(world: World) -> pd.DataFrame:
    regions = [name for name, count in REGIONS.items() for _ in range(count * world.size)]
    land = pd.DataFrame({"theatre": _codes(world), "kind": "land", "region": regions})
    sea = pd.DataFrame({"theatre": [*GULF, NAMED_WATERS], "kind": "sea", "region": "oceania"})
    frame = pd.concat([land, sea], ignore_index=True)
    return frame.assign(name="Theatre " + frame["theatre"])[COLUMNS["theatres"]]


def _operations(world: World, events: dict[str, np.ndarray], rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The launches, and those that never deployed, as rows of `operations` (with `theatre`, `size`), and their tasks."""
    kinds = np.array(KINDS, dtype=object)
    never = np.concatenate(
        [
            np.full(rng.poisson(expected(world, kind, f"{FIRST}-01-01", world.cutoff) * world.of("decided", kind) * world.never / (1 - world.never)), i)
            for i, kind in enumerate(KINDS[:2])
        ]
    )
    n, m = len(events["start"]), len(never)
    kind = np.concatenate([events["kind"], never])
    first, last = _number(f"{FIRST}-01-01"), _number(world.cutoff)
    start = np.concatenate([events["start"], first + np.floor(rng.random(m) * (last - 731 - first)).astype(int)])  # of those that never deployed: the decision
    total, deployed, group = n + m, np.arange(n + m) < n, kinds[kind]
    year = start.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    end = start + np.concatenate([events["length"], np.zeros(m, dtype=int)])
    u = rng.random((total, 8))
    unknown = (u[:, 0] < world.unknown_end) & (kind != 1)
    status = np.select([~deployed, unknown, end <= last], ["never-deployed", "unknown", "ended"], "ongoing").astype(object)
    own, over = np.array([world.of("dissolved", k) for k in KINDS])[kind], world.handed_over
    how = np.select([u[:, 1] < own / 2, u[:, 1] < own, u[:, 1] < own + over], ["completed", "withdrawn", "handed-over"], "collapsed").astype(object)
    wait = np.floor(rng.exponential(np.array([world.of("delay", k) for k in KINDS])[kind])).astype(int)
    dated = np.where(deployed, u[:, 2] < np.array([world.of("decided", k) for k in KINDS])[kind], True)
    decided = _dates(np.where(deployed, start - wait, start))
    decided = np.where(u[:, 3] < 0.1, [text[:7] for text in decided], decided)
    multi = np.where(year < BREAK, *MULTIDIMENSIONAL) * np.where(world.un_later | (year <= HALT), 1.0, 0.0)
    multi = (kind == 1) & (u[:, 4] < multi)
    vague, silent = u[:, 5] < world.unclear, (u[:, 6] < world.silent) & (kind == 0)
    spread = np.round(np.exp(np.log(np.array([*(world.of("members", k) for k in KINDS[:2]), 8])[kind]) + 0.8 * rng.standard_normal(total))).astype(int)
    size = np.clip(spread, 3, 60)
    given = (kind == 0) | (u[:, 7] < 0.72)
    names = np.array([f"{group[i]}-{i:05d}-{year[i]}" for i in range(total)], dtype=object)
    frame = pd.DataFrame(
        {
            "operation_id": names, "name": names, "arrangement": group, "organisation": [ORGANISATION_OF[k] for k in group], "decided": np.where(dated, decided, ""),
            "start": np.where(deployed, _dates(start), ""), "end": np.where(status == "ended", _dates(end), ""), "status": status,
            "ended_how": np.where(status == "ended", how, ""),
            "domain": np.where(np.append(events["gulf"], np.zeros(m, dtype=bool)) | ((kind == 0) & (rng.random(total) < 0.15)), "maritime", "land"), "military": "1",
            "multidimensional": multi.astype(int).astype(str), "un_kind": np.where(kind == 1, np.where(multi, "multidimensional", "traditional"), ""),
            "legal_basis": np.where(silent, "", "unsc"), "founding_document": np.where(silent, "", np.where(vague & (kind == 0), "declaration", "resolution")),
            "contributors_peak": np.where(given, size.astype(str), ""), "confidence": "high", "size": size, "day": start, "last": end,
            "theatre": np.concatenate([events["theatre"], np.full(m, "AAA", dtype=object)]),
        }
    )  # fmt: skip
    frame["successor_id"] = _successors(world, frame, kind)
    return frame, _tasks(world, events, kind, names, rng)


def _successors(world: World, frame: pd.DataFrame, kind: np.ndarray) -> np.ndarray:
    """For each hand-over the operation that starts nearest to its end: of the other kind (coalition or organisation) in a world with transitions `across`, else of its own."""
    result, day, last = np.full(len(frame), "", dtype=object), frame["day"].to_numpy(), frame["last"].to_numpy()
    names, deployed = frame["operation_id"].to_numpy(), (frame["status"] != "never-deployed").to_numpy()
    coalition = kind == 0
    for i in np.flatnonzero((frame["ended_how"] == "handed-over").to_numpy()):
        heirs = np.flatnonzero(deployed & (coalition != coalition[i] if world.across else kind == kind[i]) & (np.arange(len(frame)) != i))
        if len(heirs):
            result[i] = names[heirs[np.argmin(np.abs(day[heirs] - last[i]))]]
    return result


def _tasks(world: World, events: dict[str, np.ndarray], kind: np.ndarray, names: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Tasks drawn without replacement, the common ones more often; an operation beside a coalition shares its first task; African counterterrorism is one of the tasks."""
    total, n = len(kind), len(events["start"])
    count = task_number(rng.poisson(np.array([world.of("tasks", k) for k in KINDS])[kind]))
    weight = 1 / np.arange(1, len(TASKS) + 1) ** 0.7
    order = np.argsort(-(np.log(weight) + rng.gumbel(size=(total, len(TASKS)))), axis=1)
    for i in np.flatnonzero(events["host"] >= 0):  # in order of time, and hosts are coalitions: nobody's first task is changed after it was shared
        first = order[events["host"][i], 0]
        at = int(np.flatnonzero(order[i] == first)[0])
        order[i, [0, at]] = order[i, [at, 0]]
    tasks = np.array(TASKS, dtype=object)[order]
    tasks[:n][events["african_ct"], 0] = "counterterrorism"
    row, column = np.nonzero(np.arange(len(TASKS)) < count[:, None])
    return pd.DataFrame({"operation_id": names[row], "task": tasks[row, column]})


def task_number(beyond: np.ndarray) -> np.ndarray:
    """Number of tasks: the first, and so many beyond it, twelve at most."""
    return np.minimum(1 + beyond, 12)


def _members(world: World, frame: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Members of coalitions, and the operations that claims name with their members and theatre."""
    held = states()
    total = len(held.code)
    ops, chosen, roles, navies = [], [], [], set()
    later = frame["day"].to_numpy() >= _number(world.european_from[1])
    for name, size, late, status, domain, day in zip(
        frame["operation_id"], frame["size"], later, frame["status"], frame["domain"], frame["day"], strict=True
    ):  # fmt: skip
        if not name.startswith("ahc"):
            continue
        european = world.european_after if late else world.european_before
        members = _coalition(world, int(size), european, rng)
        ops += [name] * len(members)
        chosen += members.tolist()
        roles += ["lead"] + ["contributor"] * (len(members) - 1)
        if domain == "maritime" and status != "never-deployed" and day < _number("2019-11-07"):
            navies |= set(members.tolist())
    pool = np.array(sorted(navies))
    if len(pool) < 25:  # too few maritime coalitions by chance
        pool = np.arange(total)
    one = rng.choice(pool, 11, replace=False)
    other = rng.choice(np.setdiff1d(pool, one) if world.apart else pool, 9, replace=False)
    other = np.roll(other, 1) if other[0] == one[0] else other  # no common lead
    usa = int(np.flatnonzero(held.code == "USA")[0])
    europe = np.flatnonzero((held.tables["states"]["region"] == "europe").to_numpy())
    asked = rng.choice(europe, 12, replace=False)
    out = rng.random(12) < world.kept_out
    named = {
        "imsc-2019": ("ahc", "", "2019-11-07", one), "emasoh-agenor-2020": ("ahc", "", "2020-01-20", other),
        "prosperity-guardian-2023": ("ahc", "", "2023-12-18", np.append(usa, asked[~out])), "eunavfor-aspides-2024": ("regional", "EU", "2024-02-19", asked[out]),
    }  # fmt: skip
    for name, (kind, _, _, members) in named.items():
        ops += [name] * len(members)
        chosen += members.tolist()
        roles += ["lead" if i == 0 and kind == "ahc" else "contributor" for i in range(len(members))]
    table = pd.DataFrame({"operation_id": ops, "state": held.code[chosen], "role": roles}).assign(joined="", left="", dates="sourced", note="")
    extra = pd.DataFrame(
        [
            {"operation_id": name, "name": name, "arrangement": kind, "organisation": organisation, "start": start, "status": "ongoing", "domain": "maritime", "military": "1",
             "multidimensional": "0", "diplomatic": "1", "confidence": "high"}
            for name, (kind, organisation, start, _) in named.items()
        ]
    )  # fmt: skip
    return table[COLUMNS["memberships"]], extra, pd.DataFrame({"operation_id": list(named), "theatre": NAMED_WATERS})


def _coalition(world: World, size: int, european: float, rng: np.random.Generator) -> np.ndarray:
    """Positions of the members of a coalition, the lead first: drawn by lot from all states, or the bloc of the lead before others."""
    held = states()
    if world.alike and rng.random() < world.alike:
        kind = int(np.searchsorted(np.cumsum([european, world.western - european]), rng.random(), side="right"))
        lead = int(rng.choice(np.flatnonzero(held.kind == kind)))
        order = rng.permutation(len(held.code))
        order = order[order != lead]
        order = order[np.argsort(held.bloc[order] != held.bloc[lead], kind="stable")]
        return np.append(lead, order[: size - 1])
    members = rng.choice(len(held.code), size, replace=False)
    a, b = lead_rule(size, european, world.western)
    u, kind = rng.random(2), held.kind[members]
    has = [bool((kind == k).any()) for k in range(3)]
    if has[0] and (u[0] < a or not (has[1] or has[2])):
        wanted = 0
    elif has[1] and (u[1] < b or not has[2]):
        wanted = 1
    else:
        wanted = 2
    at = int(np.flatnonzero(kind == wanted)[0])
    members[[0, at]] = members[[at, 0]]
    return members


def _dates(days: np.ndarray) -> np.ndarray:
    return np.datetime_as_string(np.asarray(days).astype("datetime64[D]")).astype(object)


def _text(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    flags = dict.fromkeys(("nested", "two_state", "diplomatic", "training_only", "standing_body", "io_umbrella"), "0")
    return frame.reindex(columns=columns).fillna(flags).fillna("").astype(object)


def larger(world: World, times: int) -> World:
    """The same world with so many times the launches and theatres: large samples of the same process."""
    return replace(world, size=world.size * times)
