"""How alike the members of a coalition are, against as many states drawn by lot from those that might have come.

Said aloud:

- likeness of two states on a day: the organisations that both belong to over those that either belongs to (Jaccard), the UN left out as nearly all belong to it; or the same world
  region; or the mean of both; or the first among organisations whose treaty pledges common defence. Two states without any organisation share nothing. Dissimilarity is one minus
  likeness, dispersion of a coalition the mean dissimilarity of its pairs;
- the day is that of the start. Members that are not in the state system on that day (no number of the Correlates of War or of Gleditsch and Ward) are left out and counted;
- drawn are as many states as there are members, without replacement. Mean and variance of the dispersion of such a draw are exact: they are the moments of a statistic of pairs
  under sampling without replacement (Mantel 1967; Mielke and Berry 2007), from three sums over the pool;
- pools: `world` (all states of the day), `region` (those of the region of the main theatre, with the members from elsewhere), `active` (those with a counted membership in some
  operation of that year, members of other arrangements as far as they are coded);
- a coalition counts once, under its oldest name. One member, or a pool of which everybody is drawn or in which all pairs are equal, gives nothing to compare: it has its reason.
"""

import numpy as np
import pandas as pd

from coalitions import dates

UNIVERSAL = ("UN",)
ALLIANCES = ("CSTO", "ECOWAS", "EU", "GCC", "LAS", "NATO", "OAS")  # common defence is pledged in their treaties (of the EU since 2009, taken as one organisation)
POOLS = ("world", "region", "active")
MEASURES = ("organisations", "regions", "both", "alliances")
ONE, ALIKE = "fewer than two members in the state system", "every draw is as dispersed: nothing to compare with"
LINES = ["operation_id", "theatre", "members", "left_out", "pool", "observed", "expected", "sd_draw", "sd_pairs", "reason"]
_FIRST, _LAST = np.datetime64("1700-01-01"), np.datetime64("2250-01-01")


class World:
    """Which states there are on a day, with region and organisations.

    Parameters: the register's `states` (`state`, `cow_code`, `gw_number`, `region`, `entry`, `exit`) and `organisation_members` (`organisation`, `state`, `joined`, `left`), all
    text; an empty date is open. Between two changes (`epoch`) the world is the same; what is made of it is kept.
    """

    def __init__(self, states: pd.DataFrame, organisation_members: pd.DataFrame):
        known = states[(states["cow_code"] != "") | (states["gw_number"] != "")].reset_index(drop=True)
        self._state, self._region = known["state"].to_numpy(dtype=str), known["region"].to_numpy(dtype=str)
        self._entry, self._exit = _days(known["entry"], _FIRST), _days(known["exit"], _LAST)
        held = organisation_members[~organisation_members["organisation"].isin(UNIVERSAL)].reset_index(drop=True)
        self.organisations = np.unique(held["organisation"].to_numpy(dtype=str))
        self._organisation = np.searchsorted(self.organisations, held["organisation"].to_numpy(dtype=str))
        self._member = held["state"].to_numpy(dtype=str)
        self._joined, self._left = _days(held["joined"], _FIRST), _days(held["left"], _LAST)
        day = np.timedelta64(1, "D")
        self._changes = np.unique(np.concatenate([self._entry, self._exit + day, self._joined, self._left + day]))
        self._kept: dict = {}

    def epoch(self, day: np.datetime64) -> int:
        """Number of the stretch of days between two changes."""
        return int(np.searchsorted(self._changes, day, side="right"))

    def on(self, day: np.datetime64) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """States of the day in alphabetical order, their regions, and which of the organisations (columns) each belongs to."""
        epoch = self.epoch(day)
        if epoch not in self._kept:
            there = np.flatnonzero((self._entry <= day) & (self._exit >= day))
            names, first = np.unique(self._state[there], return_index=True)
            belongs = np.zeros((len(names), len(self.organisations)), dtype=bool)
            if len(names):
                at = np.minimum(np.searchsorted(names, self._member), len(names) - 1)
                now = (self._joined <= day) & (self._left >= day) & (names[at] == self._member)
                belongs[at[now], self._organisation[now]] = True
            self._kept[epoch] = names, self._region[there][first], belongs
        return self._kept[epoch]

    def moments(self, day: np.datetime64, measure: str) -> tuple[int, float, float, float]:
        """`pool_moments` of all states of the day."""
        key = (self.epoch(day), measure)
        if key not in self._kept:
            self._kept[key] = pool_moments(self.dissimilarity(day, None, measure))
        return self._kept[key]

    def dissimilarity(self, day: np.datetime64, chosen: np.ndarray | None, measure: str) -> np.ndarray:
        """Dissimilarity of all pairs of the states of the day, or of those at the positions `chosen`: between 0 and 1, 0 in the diagonal."""
        _, region, belongs = self.on(day)
        if chosen is not None:
            region, belongs = region[chosen], belongs[chosen]
        if measure == "alliances":
            belongs = belongs[:, np.isin(self.organisations, ALLIANCES)]
        result = np.zeros((len(region), len(region)))
        if measure in ("organisations", "alliances", "both"):
            has = belongs.astype(float)
            both, size = has @ has.T, has.sum(axis=1)
            either = size[:, None] + size[None, :] - both
            result = 1 - np.divide(both, either, out=np.zeros_like(both), where=either > 0)
        if measure in ("regions", "both"):
            apart = (region[:, None] != region[None, :]).astype(float)
            result = apart if measure == "regions" else (result + apart) / 2
        np.fill_diagonal(result, 0.0)
        return result


def _days(texts: pd.Series, empty: np.datetime64) -> np.ndarray:
    points = dates.expand(texts)["point"].to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(points), empty, points)


def pool_moments(matrix: np.ndarray) -> tuple[int, float, float, float]:
    """Number of states, and sums over pairs of the dissimilarity, of its square, and of products of two pairs with one state in common (each unordered pair of pairs twice).

    Parameter: symmetric matrix with an empty diagonal.
    """
    rows = matrix.sum(axis=1)
    squares = float((matrix**2).sum()) / 2
    return len(matrix), float(rows.sum()) / 2, squares, float((rows**2).sum()) - 2 * squares


def draw_moments(moments: tuple[int, float, float, float], m: int) -> tuple[float, float]:
    """Mean and standard deviation of the mean dissimilarity of the pairs of `m` states drawn without replacement from a pool (`pool_moments`).

    The second moment is that of a sum over pairs: pairs with themselves, with one state in common, and without. NaN if fewer than two are drawn or there are.
    """
    n, total, squares, common = moments
    if m < 2 or n < m:
        return np.nan, np.nan
    pairs = m * (m - 1) / 2
    two = m * (m - 1) / (n * (n - 1))
    three = two * (m - 2) / (n - 2) if n > 2 else 0.0
    four = three * (m - 3) / (n - 3) if n > 3 else 0.0
    second = two * squares + three * common + four * (total**2 - squares - common)
    mean = two * total
    variance = max(second - mean**2, 0.0)
    return mean / pairs, float(np.sqrt(variance)) / pairs if variance > 1e-9 * max(mean**2, 1e-12) else 0.0


def dispersion(matrix: np.ndarray) -> float:
    """Mean dissimilarity of the pairs of a coalition; NaN below two members."""
    m = len(matrix)
    return float(matrix.sum()) / (m * (m - 1)) if m > 1 else np.nan


def coalitions(operations: pd.DataFrame) -> pd.DataFrame:
    """The AHCs that deployed, each under its oldest name, in the order of their names: `operation_id`, `start`, `theatre`, `region`, `scope_*`. Parameter: panel of operations."""
    frame = operations[(operations["arrangement"] == "ahc") & (operations["deployed"] == 1) & operations["predecessor_id"].isna() & operations["start"].notna()]
    kept = ["operation_id", "start", "theatre", "region", *[name for name in frame if name.startswith("scope_")]]
    return frame[kept].sort_values("operation_id", ignore_index=True)


def member_sets(memberships: pd.DataFrame, members_at: str, host_members: str) -> dict[str, list[str]]:
    """States by operation: counted members at `launch` or `ever`, hosts `kept` or `dropped`. Parameter: panel of memberships."""
    frame = memberships[memberships["counted"] == 1]
    if members_at == "launch":
        frame = frame[frame["joined_later"] == 0]
    if host_members == "dropped":
        frame = frame[frame["role"] != "host"]
    return {name: sorted(set(states)) for name, states in frame.groupby("operation_id")["state"]}


def active_states(memberships: pd.DataFrame) -> dict[int, set[str]]:
    """States with a counted membership in some operation, by calendar year. Parameter: panel of memberships."""
    frame = memberships[memberships["counted"] == 1]
    first = pd.to_datetime(frame["joined"])
    last = (first + pd.to_timedelta(frame["duration_days"] - 1, unit="D")).dt.year
    years: dict[int, set[str]] = {}
    for state, begin, end in zip(frame["state"], first.dt.year, last, strict=True):
        for year in range(int(begin), int(end) + 1):
            years.setdefault(year, set()).add(state)
    return years


def pool_of(world: World, day: np.datetime64, pool: str, region: str, members: np.ndarray, active: set[str]) -> np.ndarray | None:
    """Positions of the pool among the states of the day; None for all of them. `members` are positions and always in it."""
    names, regions, _ = world.on(day)
    if pool == "world":
        return None
    inside = regions == region if pool == "region" else np.isin(names, sorted(active))
    inside[members] = True
    return np.flatnonzero(inside)


def lines(frame: pd.DataFrame, members: dict[str, list[str]], world: World, active: dict[int, set[str]], pool: str, measure: str) -> pd.DataFrame:
    """One row per coalition: dispersion observed and expected by lot, standard deviations of the draw and of the pairs of the pool, or the reason why there is nothing to compare.

    Parameters: `coalitions`; `member_sets`; the world; `active_states`; one of `POOLS`; one of `MEASURES`. Returns the columns `LINES`.
    """
    rows = []
    for row in frame.itertuples():
        day = np.datetime64(row.start, "D")
        names = world.on(day)[0]
        mine = members.get(row.operation_id, [])
        at = np.flatnonzero(np.isin(names, mine))
        line = {"operation_id": row.operation_id, "theatre": row.theatre, "members": len(at), "left_out": len(mine) - len(at)}
        if len(at) < 2:
            rows.append(line | {"reason": ONE})
            continue
        chosen = pool_of(world, day, pool, row.region, at, active.get(row.start.year, set()))
        moments = world.moments(day, measure) if chosen is None else pool_moments(world.dissimilarity(day, chosen, measure))
        n, total, squares, _ = moments
        expected, sd = draw_moments(moments, len(at))
        pairs = n * (n - 1) / 2
        spread = float(np.sqrt(max(squares / pairs - (total / pairs) ** 2, 0.0)))
        line |= {"pool": n, "observed": dispersion(world.dissimilarity(day, at, measure)), "expected": expected, "sd_draw": sd, "sd_pairs": spread}
        rows.append(line | {"reason": None if sd > 1e-9 else ALIKE})
    table = pd.DataFrame(rows, columns=LINES)
    numbers = ["pool", "observed", "expected", "sd_draw", "sd_pairs"]
    return table.astype(dict.fromkeys(numbers, float) | {"reason": object})


def standardised(table: pd.DataFrame, by: str = "draws") -> np.ndarray:
    """Expected minus observed dispersion over the standard deviation of `draws` or of `pairs`; positive if members are more alike than by lot. Parameter: rows of `lines`."""
    return ((table["expected"] - table["observed"]) / table["sd_draw" if by == "draws" else "sd_pairs"]).to_numpy()


def drawn(
    frame: pd.DataFrame, members: dict[str, list[str]], world: World, active: dict[int, set[str]], pool: str, measures: tuple[str, ...], draws: int, seed: int
) -> dict[str, np.ndarray]:
    """Dispersions of coalitions drawn by lot: for each measure an array of coalitions (rows of `frame`) and draws; rows without anything to compare are NaN.

    Each coalition has a stream of its own, from the seed and its start, size and pool, so that its draws do not depend on which other coalitions there are.
    """
    result = {measure: np.full((len(frame), draws), np.nan) for measure in measures}
    for position, row in enumerate(frame.itertuples()):
        day = np.datetime64(row.start, "D")
        at = np.flatnonzero(np.isin(world.on(day)[0], members.get(row.operation_id, [])))
        if len(at) < 2:
            continue
        chosen = pool_of(world, day, pool, row.region, at, active.get(row.start.year, set()))
        size, m = len(world.on(day)[0]) if chosen is None else len(chosen), len(at)
        rng = np.random.default_rng([seed, POOLS.index(pool), *row.operation_id.encode()])
        picks = np.argpartition(rng.random((draws, size)), m - 1, axis=1)[:, :m] if m < size else np.tile(np.arange(size), (draws, 1))
        for measure in measures:
            matrix = world.dissimilarity(day, chosen, measure)
            if m <= size // 3:
                result[measure][position] = matrix[picks[:, :, None], picks[:, None, :]].sum(axis=(1, 2)) / (m * (m - 1))
            else:  # large shares of the pool: a product with indicators is shorter than all pairs
                inside = np.zeros((draws, size))
                np.put_along_axis(inside, picks, 1.0, axis=1)
                result[measure][position] = ((inside @ matrix) * inside).sum(axis=1) / (m * (m - 1))
    return result


def mean_by_theatre(values: np.ndarray, theatre: np.ndarray) -> tuple[float, float, int]:
    """Mean, its standard error from sums by theatre (with the factor G / (G - 1)), and the number of theatres G."""
    code = np.unique(theatre, return_inverse=True)[1]
    groups = int(code.max()) + 1
    mean = float(values.mean())
    sums = np.bincount(code, weights=(values - mean) / len(values))
    factor = groups / (groups - 1) if groups > 1 else np.nan
    return mean, float(np.sqrt(factor * (sums**2).sum())), groups
