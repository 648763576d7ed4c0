"""Estimands on the size of coalitions and on how alike their members are. Their form is that of `coalitions.estimands`.

Each reads published panels and the register's tables and is oriented: positive means that the claim is true. `ESTIMANDS_NETWORK` holds them by
name, `catalogue.ESTIMANDS` their tables.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr, stdtrit

from coalitions import likeness, sizes
from coalitions.estimands import Estimate, Panels, not_estimable

FEWEST = 5  # operations in a group, coalitions or theatres, below which nothing is compared


# ---- small -------------------------------------------------------------------------------------------------------------------------------------------------------


def members_with(spells: pd.DataFrame, memberships: pd.DataFrame, size_at: str) -> pd.Series:
    """States by spell, mere supporters counted as well: the largest number on one day, or (`launch`) those that did not join later.

    Parameters: panels of spells and memberships; `peak` or `launch`. At launch the oldest name counts, at the peak the largest of its names; spells without a member are missing.
    """
    frame = memberships[["operation_id", "state", "joined", "duration_days", "joined_later"]]
    if size_at == "launch":
        count = frame[frame["joined_later"] == 0].groupby("operation_id")["state"].nunique()
    else:
        last = pd.to_datetime(frame["joined"]) + pd.to_timedelta(frame["duration_days"], unit="D")  # the day after
        # A state may be supporter and contributor in turn, or have two spells that overlap: it counts once on a day.
        spans = frame.assign(first=pd.to_datetime(frame["joined"]), last=last).sort_values(["operation_id", "state", "first", "last"], kind="stable")
        reach = spans.groupby(["operation_id", "state"])["last"].cummax()
        before = reach.groupby([spans["operation_id"], spans["state"]]).shift(1)
        spans["first"] = spans["first"].where(~(before > spans["first"]), before)
        spans = spans[spans["last"] > spans["first"]]
        steps = pd.concat([spans[["operation_id"]].assign(day=spans["first"], step=1), spans[["operation_id"]].assign(day=spans["last"], step=-1)])
        count = steps.groupby(["operation_id", "day"])["step"].sum().groupby(level=0).cumsum().groupby(level=0).max()
    names = spells.set_index("spell_id")["operation_ids"].str.split("+")
    if size_at == "launch":
        return names.str[0].map(count).astype(float)
    return names.explode().map(count).astype(float).groupby(level=0).max().reindex(names.index)


def source_sizes(spells: pd.DataFrame, operations: pd.DataFrame) -> pd.Series:
    """Contributors at the peak as a source gives them, by spell: the largest of its names."""
    given = operations.set_index("operation_id")["contributors_peak"].astype(float)
    names = spells.set_index("spell_id")["operation_ids"].str.split("+")
    return names.explode().map(given).groupby(level=0).max().reindex(names.index)


def sizes_of(data: Panels, size_at: str, counted_members: str) -> np.ndarray:
    """Size of every spell of the panel in its order, NaN where it is not known; of other arrangements contributors always, however those of AHCs are counted."""
    spells = data.spells
    own = spells["n_members_launch" if size_at == "launch" else "n_members_peak"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    if counted_members == "contributors":
        return own
    key = ("sizes", size_at, counted_members)
    if counted_members == "source-only":
        other = data.of_structure(key, lambda: source_sizes(spells, data.operations)).reindex(spells["spell_id"]).to_numpy()
    else:
        held = data.of_structure(key, lambda: members_with(spells, data.memberships, size_at)).reindex(spells["spell_id"]).to_numpy()
        other = np.fmax(own, held)
    return np.where(spells["arrangement"].to_numpy() == "ahc", other, own)


def size_ratio(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Logarithm of the ratio of sizes, comparator over AHC: positive if AHCs have fewer members.

    Specification: `scope`, `comparator`, `size_at` (`peak`, `launch`), `counted_members` (of AHCs: `contributors`, `with-supporters`, `source-only`: the number of a source,
    which is one of the peak), `size_by` (`median-ratio`: medians with the exact bootstrap; `hodges-lehmann`: median of the ratios of all pairs), `domain` (`all`, `land`,
    `maritime`), `since` (starts from this year). Renamed chains are one spell. Spells whose size is not known are left out, and counted in the details.
    """
    unit = "log ratio of contributors, comparator over AHC"
    frame = data.spells
    kinds = ("un", "regional") if spec["comparator"] == "both" else (spec["comparator"],)
    chosen = (frame[f"scope_{spec['scope']}"] == 1).to_numpy() & frame["arrangement"].isin(("ahc", *kinds)).to_numpy() & (frame["start"].dt.year >= spec["since"]).to_numpy()
    if spec["domain"] != "all":
        chosen = chosen & (frame["domain"] == spec["domain"]).to_numpy()
    if spec["counted_members"] == "source-only" and spec["size_at"] == "launch":
        return not_estimable("sources give the number of contributors at the peak, not at launch", unit)
    size = data.once(("sizes", spec["size_at"], spec["counted_members"]), lambda: sizes_of(data, spec["size_at"], spec["counted_members"]))
    is_ahc = (frame["arrangement"] == "ahc").to_numpy()
    used = chosen & (size > 0)
    ahc, other = np.sort(size[used & is_ahc]), np.sort(size[used & ~is_ahc])
    n = len(ahc) + len(other)
    if min(len(ahc), len(other)) < FEWEST:
        return not_estimable(f"fewer than five operations of known size in a group ({len(ahc)} AHC, {len(other)} comparator)", unit, n)
    if len(np.unique(ahc)) == 1 and len(np.unique(other)) == 1:
        return not_estimable("all operations of a group are of one size: the ratio has no variance", unit, n)
    if spec["size_by"] == "median-ratio":
        result, test, statistic = sizes.ratio_of_medians(other, ahc, settings["confidence"]), "ratio of medians, exact bootstrap percentiles", None
    else:
        result = sizes.hodges_lehmann(np.log(other), np.log(ahc), settings["confidence"])
        test, statistic = f"Hodges-Lehmann of logarithms, Mann-Whitney ({result.method})", result.u
    details = {"ratio": float(np.exp(-result.estimate)), "ratio_lower": float(np.exp(-result.upper)), "ratio_upper": float(np.exp(-result.lower))}
    details |= {"n_ahc": len(ahc), "n_comparator": len(other)}
    if settings.get("details", True):
        shift = sizes.hodges_lehmann(other, ahc, settings["confidence"])
        details |= {"shift": shift.estimate, "shift_lower": shift.lower, "shift_upper": shift.upper, "mann_whitney_u": shift.u, "mann_whitney_p": shift.p}
        details["probability_ahc_smaller"] = shift.u / (len(ahc) * len(other))
        for name, sample, mask in (("ahc", ahc, is_ahc), ("comparator", other, ~is_ahc)):
            low, high = sizes.median_interval(sample, settings["confidence"])
            details |= {f"median_{name}": float(np.median(sample)), f"median_{name}_lower": low, f"median_{name}_upper": high, f"largest_{name}": float(sample[-1])}
            details[f"unknown_{name}"] = int((chosen & mask).sum()) - len(sample)
    return Estimate(
        result.estimate, result.lower, result.upper, unit, n, 0, 0.0, test, statistic, result.p, records=sorted(frame.loc[used, "spell_id"]), details=details,
    )  # fmt: skip


# ---- exclusive ---------------------------------------------------------------------------------------------------------------------------------------------------


def _world(data: Panels) -> likeness.World:
    return data.of_world(("world",), lambda: likeness.World(data.states, data.organisation_members))


def _members(data: Panels, members_at: str, host_members: str) -> dict[str, list[str]]:
    """`likeness.member_sets` of the columns that it reads."""
    columns = ["operation_id", "state", "role", "counted", "joined_later"]
    return data.of_structure(("members", members_at, host_members), lambda: likeness.member_sets(data.memberships[columns], members_at, host_members))


def _active(data: Panels) -> dict[int, set[str]]:
    return data.of_structure(("active",), lambda: likeness.active_states(data.memberships))


def lines_of(data: Panels, frame: pd.DataFrame, members: dict[str, list[str]], active: dict[int, set[str]], pool: str, measure: str) -> pd.DataFrame:
    """`likeness.lines`, each line made once for all panels in which a coalition has the same members in the same world.

    Parameters: panels; `coalitions`; `member_sets`; `active_states` (read for the pool `active` only); pool; measure. A line follows from what its key holds, and from nothing else
    of the register: draws of dates move few coalitions into another stretch of days, and without one operation the others stay as they are.
    """
    world = _world(data)
    starts = frame["start"].to_numpy().astype("datetime64[D]")
    names, theatres, regions = (frame[name].fillna("").tolist() for name in ("operation_id", "theatre", "region"))
    sets = [frozenset(active.get(year, ())) for year in frame["start"].dt.year.tolist()] if pool == "active" else [None] * len(frame)
    keys = [
        (name, world.epoch(day), theatre, region, tuple(members.get(name, ())), there)
        for name, day, theatre, region, there in zip(names, starts, theatres, regions, sets, strict=True)
    ]  # fmt: skip

    def made(new: list[int]):
        return likeness.lines(frame.iloc[new], members, world, active, pool, measure).itertuples(index=False, name=None)

    table = pd.DataFrame(data.each_of_world(("likeness lines", pool, measure), keys, made), columns=likeness.LINES)
    return table.astype(dict.fromkeys(("pool", "observed", "expected", "sd_draw", "sd_pairs"), float) | {"reason": object})


def coalition_likeness(data: Panels, spec: dict, settings: dict) -> Estimate:
    """Standardised dispersion of the members of AHCs below that of states drawn by lot, mean over coalitions: positive if members are more alike.

    Specification: `scope`, `eligible_pool` (`world`, `region`, `active`), `likeness` (`organisations`, `regions`, `both`, `alliances`), `members_at` (`launch`, `ever`),
    `host_members` (`kept`, `dropped`), `standardised_by` (`draws`: the standard deviation of so many states drawn; `pairs`: that of pairs of states), `since`.
    The moments of the draw are exact, so that no permutation is needed for the estimate (`coalitions.likeness`). The interval is Student's t from the variance between theatres;
    `events` are the coalitions that are more alike than expected. In the details the p of the null hypothesis that all members are drawn by lot, from its exact mean and variance
    and, if permutations are asked for, from draws.
    """
    unit = "standard deviations below the draw"
    frame = data.once(("coalitions",), lambda: likeness.coalitions(data.operations))
    if frame.empty:
        return not_estimable("no coalition deployed", unit)
    world, members = _world(data), _members(data, spec["members_at"], spec["host_members"])
    active = _active(data) if spec["eligible_pool"] == "active" else {}
    key = ("likeness", spec["eligible_pool"], spec["likeness"], spec["members_at"], spec["host_members"])
    table = data.once(key, lambda: lines_of(data, frame, members, active, spec["eligible_pool"], spec["likeness"]))
    inside = ((frame[f"scope_{spec['scope']}"] == 1) & (frame["start"].dt.year >= spec["since"])).to_numpy()
    used = inside & table["reason"].isna().to_numpy()
    n = int(used.sum())
    if n < FEWEST:
        return not_estimable(f"fewer than five coalitions that can be compared ({n})", unit, n)
    chosen = table[used]
    values = likeness.standardised(chosen, spec["standardised_by"])
    theta, se, theatres = likeness.mean_by_theatre(values, chosen["theatre"].to_numpy(dtype=str))
    events = int((values > 0).sum())
    if theatres < FEWEST:
        return not_estimable(f"coalitions in {theatres} theatres: too few for a variance by theatre", unit, n, events)
    if se < 1e-12:
        return not_estimable("all coalitions are equally alike: the mean has no variance", unit, n, events)
    t = float(stdtrit(theatres - 1, 0.5 + settings["confidence"] / 2))
    spread = np.ones(n) if spec["standardised_by"] == "draws" else (chosen["sd_draw"] / chosen["sd_pairs"]).to_numpy()
    by_lot = float(np.sqrt((spread**2).sum()) / n)  # standard deviation of the mean if members were drawn by lot
    details = {"se": se, "theatres": theatres, "z_by_lot": theta / by_lot, "p_by_lot": float(2 * ndtr(-abs(theta / by_lot))), "share_more_alike": events / n}
    if settings.get("details", True):
        details |= {"observed": float(chosen["observed"].mean()), "expected": float(chosen["expected"].mean()), "mean_members": float(chosen["members"].mean())}
        details |= {"median_standardised": float(np.median(values)), "members_left_out": int(table.loc[inside, "left_out"].sum())}
        reasons = table.loc[inside, "reason"].dropna().value_counts().sort_index()
        details["not_compared"] = {str(reason): int(number) for reason, number in reasons.items()}
        order = np.lexsort((chosen["operation_id"].to_numpy(dtype=str), values))
        details |= {"least_alike": chosen["operation_id"].iloc[order[:5]].tolist(), "most_alike": chosen["operation_id"].iloc[order[::-1][:5]].tolist()}
    if draws := settings.get("permutations", 0):
        lots = likeness.drawn(frame[used], members, world, active, spec["eligible_pool"], (spec["likeness"],), draws, settings["seed"])[spec["likeness"]]
        scale = chosen["sd_draw" if spec["standardised_by"] == "draws" else "sd_pairs"].to_numpy()
        means = ((chosen["expected"].to_numpy()[:, None] - lots) / scale[:, None]).mean(axis=0)
        details |= {"permutation_p": float((1 + (np.abs(means) >= abs(theta) - 1e-12).sum()) / (1 + draws)), "permutations": draws}
    return Estimate(
        theta, theta - t * se, theta + t * se, unit, n, events, 0.0, "mean of standardised dispersions, t interval, variance by theatre", theta / se,
        float(2 * stdtr(theatres - 1, -abs(theta / se))), records=chosen["operation_id"].tolist(), details=details,
    )  # fmt: skip


ESTIMANDS_NETWORK: dict[str, Callable[[Panels, dict, dict], Estimate]] = {"size_ratio": size_ratio, "coalition_likeness": coalition_likeness}
