"""Who is in coalitions with whom: the network of states on 1 July of four years, every state in the same place in all of them."""

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from coalitions import network
from coalitions.figures import style

EARLIER = (1955, 1985, 2005)  # and the last year observed
LABELS = 8  # states of most ties, named in each panel
STEPS = 300
TIES = {1: ("#DCE6EE", 0.3), 2: ("#A9C3D8", 0.45), 3: ("#6A96B8", 0.6)}  # tone and width of a line by the AHCs in common; the last for more, too
FLOOR = 0.8  # of the distance of two states that share many AHCs; a single one in common adds one
COLUMNS = ["year", "state", "x", "y", "operations", "degree", "weighted_degree", "eigenvector", "labelled"]


def places(pairs: pd.DataFrame) -> pd.DataFrame:
    """One place per state for all dates, so that distances are those along ties of states that share an AHC at any of the dates (stress majorisation, Gansner et al. 2005).

    Parameter: table of `network.on_july`. A tie is the shorter the more AHCs two states share; states without a chain of ties between them are as far apart as any others. The
    search begins on a spiral in the order of names and goes downhill alone: unlike forces it does not magnify the last digit, so that every machine finds the same places.
    Returns `state, x, y`, between -1 and 1.
    """
    states = sorted(set(pairs["state"]))
    if len(states) < 2:
        return pd.DataFrame({"state": states, "x": 0.0, "y": 0.0})
    _, _, matrix = network.incidence(pairs.assign(operation_id=pairs["operation_id"] + " " + pairs["year"].astype(str)))
    weights = network.projection(matrix)
    lengths = np.divide(1.0, np.sqrt(weights), out=np.full(weights.shape, np.inf), where=weights > 0)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(states)))
    graph.add_weighted_edges_from((int(i), int(j), float(lengths[i, j])) for i, j in zip(*np.nonzero(np.triu(weights)), strict=True))
    wanted = np.asarray(nx.floyd_warshall_numpy(graph, nodelist=range(len(states))), dtype=float)
    # States of one clique are equally far from each other; a floor keeps the middle, where many are tied often, from falling into one point.
    wanted = FLOOR + wanted
    known = np.isfinite(wanted)
    wanted[~known] = wanted[known].max()
    np.fill_diagonal(wanted, 0.0)
    force = np.divide(1.0, wanted**2, out=np.zeros_like(wanted), where=wanted > 0)
    laplacian = np.diag(force.sum(axis=1)) - force
    inverse = np.linalg.inv(laplacian + 1.0 / len(states)) - 1.0 / len(states)
    turn = np.arange(len(states)) * np.pi * (3 - np.sqrt(5))
    at = np.column_stack([np.cos(turn), np.sin(turn)]) * np.sqrt(np.arange(1, len(states) + 1) / len(states))[:, None]
    for _ in range(STEPS):
        apart = np.sqrt(((at[:, None, :] - at[None, :, :]) ** 2).sum(axis=2))
        pull = -np.divide(force * wanted, apart, out=np.zeros_like(apart), where=apart > 1e-12)
        np.fill_diagonal(pull, -pull.sum(axis=1) + pull.diagonal())
        at = inverse @ (pull @ at)
    at -= (at.max(axis=0) + at.min(axis=0)) / 2
    at = np.round(at / np.abs(at).max(axis=0), 6)
    # Ranks take more than half of the way: the middle of the picture, where most are, is drawn apart.
    even = np.argsort(np.argsort(at, axis=0, kind="stable"), axis=0) / (len(states) - 1) * 2 - 1
    at = np.round(0.4 * at + 0.6 * even, 3)
    return pd.DataFrame({"state": states, "x": at[:, 0], "y": at[:, 1]})


def plot(memberships: pd.DataFrame, states: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Four networks: a dot is a state, its area the common AHCs summed over other states, a line at least one common AHC, darker the more; pale dots are states of
    other years; the states of most ties are named.

    Parameters: panel of memberships; table network_states; scope. Returns the figure and `year, state, x, y, operations, degree, weighted_degree, eigenvector, labelled`.
    """
    mine = states[states["scope"] == scope]
    last = int(mine["year"].max()) if len(mine) else None
    years = [*[year for year in EARLIER if last and year < last], *([last] if last else [])]
    inside = memberships[memberships[f"scope_{scope}"] == 1]
    pairs = network.on_july(inside, years)
    where = places(pairs).set_index("state")
    narrow = style.narrow(width)
    figure = style.new(width, style.PAGE if narrow else 6.2)
    grid = figure.subplots(*((4, 1) if narrow else (2, 2))).ravel()
    shown = []
    for panel, year in zip(grid, [*years, *[None] * (4 - len(years))], strict=True):
        panel.set_axis_off()
        if year is None:
            style.say(panel, "no coalition at work")
            continue
        now = mine[mine["year"] == year].join(where, on="state", how="inner").reset_index(drop=True).sort_values("state")
        names, operations, matrix = network.incidence(pairs[pairs["year"] == year])
        weights = network.projection(matrix) if len(names) else np.zeros((0, 0))
        at = where.loc[names, ["x", "y"]].to_numpy(dtype=float)
        one, other = np.nonzero(np.triu(weights))
        absent = where.drop(index=now["state"])
        panel.scatter(absent["x"], absent["y"], s=2.5, color=style.PALE, linewidth=0, zorder=2)
        heavy = weights[one, other]
        for shared, (tone, wide) in TIES.items():  # one path for all ties of a weight: thousands of lines would be thousands of elements
            chosen = np.flatnonzero(heavy >= shared if shared == max(TIES) else heavy == shared)
            ends = np.stack([at[one[chosen]], at[other[chosen]]], axis=1).reshape(-1, 2)
            if len(ends):
                path = Path(ends, np.tile([Path.MOVETO, Path.LINETO], len(chosen)))
                panel.add_patch(PathPatch(path, facecolor="none", edgecolor=tone, linewidth=wide, zorder=1 + shared / 10))
        panel.scatter(now["x"], now["y"], s=4 + 0.55 * now["weighted_degree"], color=style.COLOURS["ahc"], edgecolor="white", linewidth=0.4, zorder=3)
        named = now.sort_values(["weighted_degree", "state"], ascending=[False, True]).head(LABELS)
        named = named[named["weighted_degree"] > 0]
        for (label, x, y), height in zip(named[["state", "x", "y"]].itertuples(index=False), style.apart(named[["x", "y"]].to_numpy(dtype=float), 0.085, 0.22), strict=True):
            if abs(height - y) > 0.03:
                panel.plot([x, x + 0.05], [y, height], color=style.INK, linewidth=0.4, zorder=3.5)
            panel.text(x + 0.055, height, label, fontsize=6.5, va="center", zorder=4, fontweight="bold", color=style.INK, bbox=style.BEHIND)
        panel.set_title(f"{year}: {len(names)} states, {len(operations)} coalitions")
        panel.set_xlim(-1.05, 1.15)
        panel.set_ylim(-1.05, 1.05)
        shown.append(now.assign(labelled=now["state"].isin(named["state"]).astype("int64")))
    data = pd.concat(shown) if shown else pd.DataFrame(columns=COLUMNS)
    return figure, data[COLUMNS].sort_values(["year", "state"]).reset_index(drop=True)
