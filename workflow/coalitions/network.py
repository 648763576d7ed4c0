"""The network of states and ad hoc coalitions on 1 July of each year, sizes of operations by arrangement, and likeness within coalitions: tables under every inclusion rule.

Said aloud:

- a state is tied to an AHC of which it is a counted member (no mere supporter) on 1 July; two states are tied as often as they are members of the same AHC (weighted projection).
  Only AHCs: members of other arrangements are not coded completely. AHCs without a member on that day, and states without an AHC, are not in the network;
- density is memberships over states times AHCs; the largest component is that of the projection; Jaccard is the states in both over those in either, mean over pairs of AHCs;
- modularity is Barber's (2007) of the bipartite network: memberships within modules beyond those expected from the numbers of AHCs of a state and of members of an AHC. Modules are
  found by merging the modules of AHCs from one module each as long as modularity grows, with his alternating assignment (BRIM) before and after; in whole numbers, so that ties are
  ties, and broken in the order of names. A larger network is less modular by chance: beside it stands the mean of networks with the same numbers drawn by lot (curveball of
  Strona et al. 2014), and how many of their standard deviations lie between;
- core-periphery fit is the correlation of Borgatti and Everett (2000) between the projection (tied or not) and a core in which all are tied beside a periphery in which none are;
  ties between both are left out. The core is the one with fewest exceptions, exact by Lip's (2011) argument: the states of most ties, ties broken by name;
- eigenvector centrality (Bonacich 1987) of the weighted projection, length one, no sign: it lies in the components of the largest eigenvalue alone; if several share it, it is the
  part of equal weights that lies in their common space.
"""

import networkx as nx
import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from coalitions import estimands_network, likeness, sizes
from coalitions.estimands import Panels

NONE, SINGLE = "no coalition at work", "one coalition at work: no pair, no partition"
NO_LOT = "every network with these numbers is as modular: no spread"
TOP = 10  # states listed by period
YEAR_SHOWN = 1975  # of which others published the most active states
FEWEST = estimands_network.FEWEST
COLUMNS = {
    "network_years": [
        "scope", "year", "states", "operations", "memberships", "density", "components", "largest_share", "mean_jaccard", "modules", "modularity", "modularity_by_lot",
        "modularity_sd", "modularity_z", "core_size", "core_fit", "reason",
    ],
    "network_states": ["scope", "year", "state", "operations", "degree", "weighted_degree", "eigenvector", "rank"],
    "most_active": ["scope", "period", "first_year", "last_year", "rank", "state", "name", "n_ahc", "n_ahc_led", "theirs", "difference"],
    "composition": ["scope", "size_at", "counted_members", "model", "term", "n", "n_reference", "estimate", "lower", "upper", "statistic", "p", "reason"],
    "likeness": [
        "scope", "pool", "likeness", "n", "n_theatres", "observed", "expected", "estimate", "se", "lower", "upper", "statistic", "p", "permutation_p", "draws", "share_more_alike",
        "not_compared", "reason",
    ],
    "likeness_coalitions": ["operation_id", "pool", "likeness", "members", "left_out", "pool_states", "observed", "expected", "sd_draw", "sd_pairs", "estimate", "reason"],
}  # fmt: skip


# ---- Network -----------------------------------------------------------------------------------------------------------------------------------------------------


def on_july(memberships: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    """State and AHC on 1 July of each year: `year, operation_id, state, scope_*`, each pair once, in the order of names.

    Parameters: panel of memberships (`operation_id, state, arrangement, counted, joined, duration_days, scope_*`); years. A spell is at work from `joined` for `duration_days`.
    """
    frame = memberships[(memberships["arrangement"] == "ahc") & (memberships["counted"] == 1)]
    first = pd.to_datetime(frame["joined"])
    last = first + pd.to_timedelta(frame["duration_days"] - 1, unit="D")
    scopes = [name for name in frame if name.startswith("scope_")]
    parts = []
    for year in years:
        day = pd.Timestamp(year, 7, 1)
        parts.append(frame.loc[(first <= day) & (last >= day), ["operation_id", "state", *scopes]].assign(year=year))
    pairs = pd.concat(parts) if parts else frame.head(0).assign(year=0)
    pairs = pairs.drop_duplicates(["year", "operation_id", "state"]).sort_values(["year", "operation_id", "state"], ignore_index=True)
    return pairs[["year", "operation_id", "state", *scopes]]


def incidence(pairs: pd.DataFrame) -> tuple[list[str], list[str], np.ndarray]:
    """States and operations in the order of names, and the 0/1 matrix of states (rows) by operations. Parameter: `state`, `operation_id`."""
    states, at = np.unique(pairs["state"].to_numpy(dtype=str), return_inverse=True)
    operations, where = np.unique(pairs["operation_id"].to_numpy(dtype=str), return_inverse=True)
    matrix = np.zeros((len(states), len(operations)), dtype=np.int64)
    matrix[at, where] = 1
    return states.tolist(), operations.tolist(), matrix


def projection(matrix: np.ndarray) -> np.ndarray:
    """In how many operations each two states meet: weighted projection of a 0/1 matrix of states by operations, the diagonal empty."""
    weights = matrix @ matrix.T
    np.fill_diagonal(weights, 0)
    return weights


def components(matrix: np.ndarray) -> list[np.ndarray]:
    """Positions of the states of each component of the bipartite network, which are those of its projection. Parameter: 0/1 matrix of states by operations."""
    graph = nx.Graph()
    graph.add_nodes_from(("state", i) for i in range(matrix.shape[0]))
    graph.add_edges_from((("state", int(i)), ("operation", int(j))) for i, j in zip(*np.nonzero(matrix), strict=True))
    found = [np.array(sorted(i for kind, i in part if kind == "state")) for part in nx.connected_components(graph)]
    return sorted(found, key=lambda at: int(at[0]))


def modules(matrix: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Barber's modularity of the best partition found, and the module of each state and of each operation (numbered by their first operation).

    Parameter: 0/1 matrix of states by operations, each with at least one membership. The search begins twice, with a module for each operation and with one for each state; of two
    equally good ends the first. All sums are of whole numbers, exact as floats: E times membership minus product of both numbers of ties.
    """
    edges = int(matrix.sum())
    excess = (edges * matrix - np.outer(matrix.sum(axis=1), matrix.sum(axis=0))).astype(float)
    total, of_states, of_operations = _search(excess, np.arange(matrix.shape[1]))
    other, mine, theirs = _search(excess.T, np.arange(matrix.shape[0]))
    if other > total:
        total, of_states, of_operations = other, theirs, mine
    # A module of states without an operation comes last: its states are alone in it.
    order = list(dict.fromkeys([*of_operations.tolist(), *of_states.tolist()]))
    number = np.zeros(max(order) + 1, dtype=np.int64)
    number[order] = np.arange(len(order))
    return total / edges**2, number[of_states], number[of_operations]


def _search(excess: np.ndarray, of_columns: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
    """Assignment and merging in turn as long as modularity grows: the sum of the excess within modules, modules of rows and of columns."""
    best, kept = None, (of_columns, of_columns)
    while True:
        of_rows, of_columns = _alternate(excess, of_columns)
        of_rows, of_columns = _merged(excess, of_rows, of_columns)
        of_rows, of_columns = _alternate(excess, of_columns)
        total = int(excess[of_rows[:, None] == of_columns[None, :]].sum())
        if best is not None and total <= best:
            return best, *kept
        best, kept = total, (of_rows, of_columns)


def _onehot(labels: np.ndarray) -> np.ndarray:
    held = np.zeros((len(labels), int(labels.max()) + 1))
    held[np.arange(len(labels)), labels] = 1
    return held


def _alternate(excess: np.ndarray, of_operations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """States to their best module, then operations, until modularity grows no more (BRIM); of equally good modules the first."""
    before, columns = None, np.arange(excess.shape[1])
    while True:
        of_states = (excess @ _onehot(of_operations)).argmax(axis=1)
        gain = excess.T @ _onehot(of_states)
        of_operations = gain.argmax(axis=1)
        total = int(gain[columns, of_operations].sum())
        if before is not None and total <= before:
            return of_states, of_operations
        before = total


def _merged(excess: np.ndarray, of_states: np.ndarray, of_operations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two modules whose union gains most are merged, as long as there is a gain; of equal gains the first."""
    used = np.zeros(int(max(of_states.max(), of_operations.max())) + 1, dtype=np.int64)
    used[of_states] = used[of_operations] = 1
    number, size = used.cumsum() - 1, int(used.sum())
    of_states, of_operations = number[of_states], number[of_operations]
    one, other = np.zeros((len(of_states), size)), np.zeros((len(of_operations), size))
    one[np.arange(len(of_states)), of_states] = other[np.arange(len(of_operations)), of_operations] = 1
    block = one.T @ excess @ other
    above = np.triu(np.ones((size, size)), 1)
    label = np.arange(size)
    while size:
        gain = (block + block.T) * above
        best = int(gain.argmax())
        i, j = divmod(best, size)
        if not gain[i, j] > 0:
            break
        block[i] += block[j]
        block[:, i] += block[:, j]
        block[j], block[:, j] = 0, 0
        label[label == j] = i
    return label[of_states], label[of_operations]


def shuffled(matrix: np.ndarray, rng: np.random.Generator, trades: int) -> np.ndarray:
    """A 0/1 matrix with the same sums of rows and columns, drawn by trades between columns (curveball, Strona et al. 2014)."""
    columns = [set(np.flatnonzero(column).tolist()) for column in matrix.T]
    if len(columns) > 1:
        picks = rng.integers(0, len(columns), size=(trades, 2))
        for a, b in picks.tolist():
            if a == b:
                continue
            one, other = columns[a] - columns[b], columns[b] - columns[a]
            if not one or not other:
                continue
            pool = np.array(sorted(one | other))
            rng.shuffle(pool)
            pool, shared = pool.tolist(), columns[a] & columns[b]
            columns[a], columns[b] = shared.union(pool[: len(one)]), shared.union(pool[len(one) :])
    result = np.zeros_like(matrix)
    for position, rows in enumerate(columns):
        result[sorted(rows), position] = 1
    return result


def modularity_by_lot(matrix: np.ndarray, draws: int, seed: list[int]) -> np.ndarray:
    """Modularity of so many networks with the same numbers of ties, drawn with five trades per operation between two draws, after as many as there are operations times five."""
    rng = np.random.default_rng(seed)
    found, now = np.empty(draws), matrix
    for draw in range(draws):
        now = shuffled(now, rng, 5 * matrix.shape[1])
        found[draw] = modules(now)[0]
    return found


def core_periphery(adjacency: np.ndarray) -> tuple[int, float]:
    """Size of the core and fit of Borgatti and Everett; NaN if all pairs that count are tied, or none.

    Parameter: 0/1 matrix of ties, nodes in the order of names. The core of size k with fewest exceptions is that of the k nodes of most ties (Lip 2011): exceptions are
    k (k - 1) / 2 plus all ties minus the ties of the core's nodes; of cores with as few exceptions the smallest.
    """
    n = len(adjacency)
    if n < 3:
        return 0, np.nan
    degree = adjacency.sum(axis=1)
    order = np.lexsort((np.arange(n), -degree))
    size = np.arange(1, n)
    exceptions = size * (size - 1) // 2 + int(degree.sum()) // 2 - np.cumsum(degree[order])[:-1]
    k = int(size[exceptions.argmin()])
    core, rest = order[:k], order[k:]
    pairs_core, pairs_rest = k * (k - 1) // 2, (n - k) * (n - k - 1) // 2
    tied_core, tied_rest = int(adjacency[np.ix_(core, core)].sum()) // 2, int(adjacency[np.ix_(rest, rest)].sum()) // 2
    cells, tied = pairs_core + pairs_rest, tied_core + tied_rest
    spread = float(tied * (cells - tied)) * float(pairs_core * pairs_rest)
    if spread <= 0:
        return k, np.nan
    return k, float((cells * tied_core - tied * pairs_core) / np.sqrt(spread))


def eigenvector(weights: np.ndarray, parts: list[np.ndarray]) -> np.ndarray:
    """Eigenvector centrality of a weighted projection, of length one; all zero without a tie. Parameters: `projection`; its `components`.

    Each component is solved alone; those whose largest eigenvalue is that of the network share the centrality, each weighted by the sum of its own vector.
    """
    result, solved = np.zeros(len(weights)), []
    for at in parts:
        if len(at) > 1:
            values, vectors = np.linalg.eigh(weights[np.ix_(at, at)].astype(float))
            solved.append((float(values[-1]), at, np.abs(vectors[:, -1])))  # Perron: of one sign, and alone with its eigenvalue within a component
    if not solved:
        return result
    top = max(value for value, _, _ in solved)
    for value, at, vector in solved:
        if value > top * (1 - 1e-9):
            result[at] = vector * vector.sum()
    return result / np.sqrt((result**2).sum())


def year_measures(pairs: pd.DataFrame, draws: int, seed: list[int]) -> dict:
    """Measures of one network, the columns of `network_years` but scope and year. Parameters: `state`, `operation_id`; networks drawn by lot; seed."""
    if pairs.empty:
        return {"states": 0, "operations": 0, "memberships": 0, "components": 0, "modules": 0, "core_size": 0, "reason": NONE}
    states, operations, matrix = incidence(pairs)
    parts = components(matrix)
    size, fit = core_periphery((projection(matrix) > 0).astype(np.int64))
    edges = int(matrix.sum())
    row = {
        "states": len(states), "operations": len(operations), "memberships": edges, "density": edges / (len(states) * len(operations)), "components": len(parts),
        "largest_share": max(map(len, parts)) / len(states), "core_size": size, "core_fit": fit,
    }  # fmt: skip
    if len(operations) < 2:
        return row | {"modules": 1, "reason": SINGLE}
    shared = matrix.T @ matrix
    number = np.diag(shared)
    one, other = np.triu_indices(len(operations), 1)
    jaccard = shared[one, other] / (number[one] + number[other] - shared[one, other])
    value, _, of_operations = modules(matrix)
    row |= {"mean_jaccard": float(jaccard.mean()), "modules": len(set(of_operations.tolist())), "modularity": value}
    if draws:
        lots = modularity_by_lot(matrix, draws, seed)
        sd = float(lots.std(ddof=1)) if draws > 1 else 0.0
        row |= {"modularity_by_lot": float(lots.mean()), "modularity_sd": sd}
        row |= {"modularity_z": (value - float(lots.mean())) / sd} if sd > 1e-12 else {"reason": NO_LOT}
    return row


def state_measures(pairs: pd.DataFrame) -> pd.DataFrame:
    """`state, operations, degree` (other states with a common AHC), `weighted_degree` (common AHCs summed over them), `eigenvector`, `rank` (by it; ties share the best rank)."""
    names, _, matrix = incidence(pairs)
    weights = projection(matrix)
    frame = pd.DataFrame({"state": names, "operations": matrix.sum(axis=1), "degree": (weights > 0).sum(axis=1), "weighted_degree": weights.sum(axis=1)})
    frame["eigenvector"] = eigenvector(weights, components(matrix))
    frame["rank"] = frame["eigenvector"].round(9).rank(method="min", ascending=False).astype(int)
    return frame


def observed_years(first_year: int, cutoff: pd.Timestamp) -> list[int]:
    """Years whose 1 July is observed."""
    return [year for year in range(first_year, cutoff.year + 1) if pd.Timestamp(year, 7, 1) <= cutoff]


def network_tables(pairs: pd.DataFrame, scopes: list[str], years: list[int], draws: int, seed: int) -> dict[str, pd.DataFrame]:
    """Tables `network_years` and `network_states`. Parameters: `on_july`; names of inclusion rules; years; networks drawn by lot per year; seed.

    The same pairs under two inclusion rules are measured once.
    """
    known: dict = {}
    rows, states = [], []
    for scope in scopes:
        by_year = dict(list(pairs[pairs[f"scope_{scope}"] == 1].groupby("year")))
        for year in years:
            mine = by_year.get(year, pairs.head(0))
            key = (year, *zip(mine["operation_id"], mine["state"], strict=True))
            if key not in known:
                known[key] = year_measures(mine, draws, [seed, year]), state_measures(mine) if len(mine) else None
            measures, of_states = known[key]
            rows.append({"scope": scope, "year": year} | measures)
            if of_states is not None:
                states.append(of_states.assign(scope=scope, year=year))
    table = pd.DataFrame(rows, columns=COLUMNS["network_years"])
    whole = ["year", "states", "operations", "memberships", "components", "modules", "core_size"]
    numbers = [name for name in table if name not in {*whole, "scope", "reason"}]
    table = table.astype(dict.fromkeys(whole, "int64") | dict.fromkeys(numbers, float))
    table["reason"] = table["reason"].astype(object).where(table["reason"].notna(), None)
    held = pd.concat(states, ignore_index=True)[COLUMNS["network_states"]] if states else pd.DataFrame(columns=COLUMNS["network_states"])
    return {"network_years": table, "network_states": held}


# ---- Most active -------------------------------------------------------------------------------------------------------------------------------------------------


def most_active(memberships: pd.DataFrame, states: pd.DataFrame, published: pd.DataFrame, scopes: list[str], first_year: int, cutoff: pd.Timestamp) -> pd.DataFrame:
    """The states in most AHCs by decade and in the year that others published: `TOP` ranks (ties share the best rank, and stay in), and every state with a published number.

    Parameters: panel of memberships; the register's `states` (`state`, `name`) and `published_counts` (those of the measure `coalitions-of-state`); names of inclusion rules; first
    year; the last day observed. A state counts in every year that its counted membership touches. `theirs` and `difference` (ours minus theirs) where a number was published.
    """
    frame = memberships[(memberships["arrangement"] == "ahc") & (memberships["counted"] == 1)]
    begin = pd.to_datetime(frame["joined"])
    end = (begin + pd.to_timedelta(frame["duration_days"] - 1, unit="D")).dt.year
    begin = begin.dt.year
    names = states.drop_duplicates("state", keep="last").set_index("state")["name"]
    told = published[published["measure"] == "coalitions-of-state"]
    decades = [(f"{year}s", max(year, first_year), min(year + 9, cutoff.year)) for year in range(first_year // 10 * 10, cutoff.year + 1, 10)]
    single = sorted({YEAR_SHOWN} | {int(row.first_year) for row in told.itertuples() if row.first_year == row.last_year})
    rows = []
    for scope in scopes:
        inside = frame[f"scope_{scope}"] == 1
        for period, first, last in [*decades, *[(str(year), year, year) for year in single]]:
            mine = frame[inside & (begin <= last) & (end >= first)]
            count = mine.groupby("state")["operation_id"].nunique()
            led = mine[mine["role"] == "lead"].groupby("state")["operation_id"].nunique()
            theirs = {row.state: float(row.value) for row in told.itertuples() if (int(row.first_year), int(row.last_year)) == (first, last)}
            count = count.reindex(sorted({*count.index, *theirs}), fill_value=0)
            rank = count.rank(method="min", ascending=False).astype(int)
            head = {"scope": scope, "period": period, "first_year": first, "last_year": last}
            for state in sorted(count.index, key=lambda name: (rank[name], name)):
                if rank[state] <= TOP or state in theirs:
                    row = {"rank": int(rank[state]), "state": state, "name": names.get(state, state), "n_ahc": int(count[state]), "n_ahc_led": int(led.get(state, 0))}
                    other = theirs.get(state, np.nan)
                    rows.append(head | row | {"theirs": other, "difference": count[state] - other})
    return pd.DataFrame(rows, columns=COLUMNS["most_active"]).astype({"theirs": float, "difference": float})


# ---- Composition -------------------------------------------------------------------------------------------------------------------------------------------------

MEDIAN, SHIFT, RATIO = "median", "Hodges-Lehmann shift, Mann-Whitney", "ratio of medians"


def composition(data: Panels, scopes: list[str], confidence: float) -> pd.DataFrame:
    """Sizes by arrangement: medians, and of AHCs beside UN, regional and both the Hodges-Lehmann shift (AHC minus reference) and the ratio of medians (AHC over reference).

    Parameters: panels of operations, spells and memberships; names of inclusion rules; confidence level. `statistic` is Mann-Whitney's U of the AHCs. A group of fewer than five
    spells of known size has its reason.
    """
    spells = data.spells
    kind = spells["arrangement"].to_numpy(dtype=str)
    rows = []
    for scope in scopes:
        inside = (spells[f"scope_{scope}"] == 1).to_numpy()
        for size_at in ("launch", "peak"):
            for counted in ("contributors", "with-supporters", "source-only"):
                if (size_at, counted) == ("launch", "source-only"):
                    continue  # sources give peaks
                size = data.once(("sizes", size_at, counted), lambda at=size_at, who=counted: estimands_network.sizes_of(data, at, who))
                groups = {name: np.sort(size[inside & (kind == name) & (size > 0)]) for name in ("ahc", "un", "regional")}
                groups["both"] = np.sort(np.concatenate([groups["un"], groups["regional"]]))
                head = {"scope": scope, "size_at": size_at, "counted_members": counted}
                for term, sample in groups.items():
                    if term == "both":
                        continue
                    row = head | {"model": MEDIAN, "term": term, "n": len(sample)}
                    if len(sample) < FEWEST:
                        rows.append(row | {"reason": f"fewer than five operations of known size ({len(sample)})"})
                        continue
                    low, high = sizes.median_interval(sample, confidence)
                    rows.append(row | {"estimate": float(np.median(sample)), "lower": low, "upper": high})
                for term in ("un", "regional", "both"):
                    one, other = groups["ahc"], groups[term]
                    size_of = {"term": term, "n": len(one), "n_reference": len(other)}
                    if min(len(one), len(other)) < FEWEST:
                        reason = f"fewer than five operations of known size in a group ({len(one)} AHC, {len(other)} reference)"
                        rows += [head | {"model": model, "reason": reason} | size_of for model in (SHIFT, RATIO)]
                        continue
                    shift, ratio = sizes.hodges_lehmann(one, other, confidence), sizes.ratio_of_medians(one, other, confidence)
                    rows.append(head | {"model": SHIFT, "estimate": shift.estimate, "lower": shift.lower, "upper": shift.upper, "statistic": shift.u, "p": shift.p} | size_of)
                    limits = {name: float(np.exp(getattr(ratio, name))) for name in ("estimate", "lower", "upper")}
                    rows.append(head | {"model": RATIO, "p": ratio.p} | limits | size_of)
    table = pd.DataFrame(rows, columns=COLUMNS["composition"])
    table["reason"] = table["reason"].astype(object).where(table["reason"].notna(), None)
    return table.astype({"n": "int64"} | dict.fromkeys(("n_reference", "estimate", "lower", "upper", "statistic", "p"), float))


# ---- Likeness ----------------------------------------------------------------------------------------------------------------------------------------------------


def likeness_tables(data: Panels, scopes: list[str], confidence: float, draws: int, seed: int) -> dict[str, pd.DataFrame]:
    """Tables `likeness` (mean over coalitions by scope, pool and measure) and `likeness_coalitions` (one line per coalition, pool and measure); members at launch, hosts kept.

    Parameters: panels of operations and memberships, the register's states and organisation_members; names of inclusion rules; confidence level; draws by lot (0 leaves them out);
    seed. `permutation_p`: how often coalitions whose members are all drawn by lot are on average as far from what is expected. `share_more_alike`: of the coalitions.
    """
    frame = likeness.coalitions(data.operations)
    world = likeness.World(data.states, data.organisation_members)
    members, active = likeness.member_sets(data.memberships, "launch", "kept"), likeness.active_states(data.memberships)
    found, each = {}, []
    for pool in likeness.POOLS:
        lots = likeness.drawn(frame, members, world, active, pool, likeness.MEASURES, draws, seed) if draws else {}
        for measure in likeness.MEASURES:
            table = likeness.lines(frame, members, world, active, pool, measure)
            values = likeness.standardised(table)
            if draws:
                with np.errstate(divide="ignore", invalid="ignore"):
                    lots[measure] = (table["expected"].to_numpy()[:, None] - lots[measure]) / table["sd_draw"].to_numpy()[:, None]
            found[pool, measure] = table, values, lots.get(measure)
            each.append(table.rename(columns={"pool": "pool_states"}).assign(pool=pool, likeness=measure, estimate=np.where(table["reason"].isna(), values, np.nan)))
    rows = []
    for scope in scopes:
        inside = (frame[f"scope_{scope}"] == 1).to_numpy()
        for (pool, measure), (table, values, lot) in found.items():
            used = inside & table["reason"].isna().to_numpy()
            head = {"scope": scope, "pool": pool, "likeness": measure, "n": int(used.sum()), "not_compared": int((inside & ~used).sum()), "draws": draws}
            rows.append(head | _mean(table[used], values[used], None if lot is None else lot[used], confidence))
    table = pd.DataFrame(rows, columns=COLUMNS["likeness"])
    texts = {"scope", "pool", "likeness", "reason"}
    table["reason"] = table["reason"].astype(object).where(table["reason"].notna(), None)
    table = table.astype({name: float for name in table if name not in texts | {"n", "not_compared", "draws"}})
    coalitions = pd.concat(each).sort_values(["operation_id", "pool", "likeness"], ignore_index=True)[COLUMNS["likeness_coalitions"]]
    return {"likeness": table, "likeness_coalitions": coalitions}


def _mean(chosen: pd.DataFrame, values: np.ndarray, lot: np.ndarray | None, confidence: float) -> dict:
    n = len(chosen)
    if n < FEWEST:
        return {"reason": f"fewer than five coalitions that can be compared ({n})"}
    mean, se, theatres = likeness.mean_by_theatre(values, chosen["theatre"].to_numpy(dtype=str))
    row = {
        "n_theatres": theatres,
        "observed": float(chosen["observed"].mean()),
        "expected": float(chosen["expected"].mean()),
        "estimate": mean,
        "share_more_alike": float((values > 0).mean()),
    }
    if lot is not None:
        row["permutation_p"] = float((1 + (np.abs(lot.mean(axis=0)) >= abs(mean) - 1e-12).sum()) / (1 + lot.shape[1]))
    if theatres < FEWEST or se < 1e-12:
        return row | {"reason": f"coalitions in {theatres} theatres: too few for a variance by theatre" if theatres < FEWEST else "all are equally alike: no variance"}
    t = float(stdtrit(theatres - 1, 0.5 + confidence / 2))
    return row | {"se": se, "lower": mean - t * se, "upper": mean + t * se, "statistic": mean / se, "p": float(2 * stdtr(theatres - 1, -abs(mean / se)))}


# ---- All ---------------------------------------------------------------------------------------------------------------------------------------------------------


def estimates(
    panels: dict[str, pd.DataFrame], register: dict[str, pd.DataFrame], scopes: list[str], first_year: int, cutoff: pd.Timestamp, confidence: float = 0.95,
    draws: int = 20, permutations: int = 500, seed: int = 0,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """All tables by name: `network_years`, `network_states`, `most_active`, `composition`, `likeness`, `likeness_coalitions`.

    Parameters: panels `operations`, `spells`, `memberships` (days as datetimes); the register's `states`, `organisation_members` and `published_counts` (text; numbers of the last
    may be text); names of inclusion rules; first year of the series; the last day observed; confidence level; networks drawn by lot per year; draws of members by lot; seed.
    """
    data = Panels(**{name: panels[name] for name in ("operations", "spells", "memberships")}, **{name: register[name] for name in ("states", "organisation_members")})
    published = register["published_counts"]
    published = published.assign(**{name: pd.to_numeric(published[name]) for name in ("value", "first_year", "last_year")})
    years = observed_years(first_year, cutoff)
    pairs = on_july(panels["memberships"], years)
    return {
        **network_tables(pairs, scopes, years, draws, seed),
        "most_active": most_active(panels["memberships"], register["states"], published, scopes, first_year, cutoff),
        "composition": composition(data, scopes, confidence),
        **likeness_tables(data, scopes, confidence, permutations, seed),
    }
