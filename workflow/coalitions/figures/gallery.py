"""Which function draws which figure."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import (
    comembership,
    diagnostics,
    duplication,
    effective_numbers,
    event_study,
    forest,
    gap_filling,
    growth,
    incidence,
    launches,
    leadership,
    legal,
    lexis,
    maritime_starts,
    members_normalised,
    network_measures,
    rmst,
    sequels,
    simultaneity,
    sizes,
    starts,
    subgroups,
    survival,
    tasks,
    theatres,
    theatres_map,
    timeline,
    transitions,
    turnover,
    verdicts,
    vetoes,
    waters,
    widths,
)


def dates(path: str) -> tuple[str, ...]:
    """The columns of a published table that hold days, of those that figures read."""
    return {
        "panels/operations.csv": ("start", "end"),
        "panels/spells.csv": ("start", "end"),
        "fragmentation/gulf_members.csv": ("joined", "left"),
        "panels/memberships.csv": ("joined", "left"),
    }.get(path, ())


def draw(name: str, tables: list[pd.DataFrame], names: dict[str, dict[str, str]], scope: str, cutoff: pd.Timestamp, width: float = widths.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """The figure `name` and its numbers, from the published tables that `catalogue.FIGURES` lists for it, in that order.

    `width` is that of a page or of one column, in inches. Raises KeyError for a figure that does not exist, ValueError for one that has no form for one column.
    """
    if widths.narrow(width) and name in widths.WIDE_ONLY:
        raise ValueError(f"{name} is not drawn for one column: {widths.WIDE_ONLY[name]}")
    return {
        "fig01_members_and_ahcs_over_time": lambda: growth.plot(tables[0], scope, width=width),
        "fig02_survival": lambda: survival.plot(tables[0], tables[1], scope, width=width),
        "fig03_timeline": lambda: timeline.plot(tables[0], names["theatres"], cutoff),
        "fig04_verdicts": lambda: verdicts.plot(tables[0], tables[1], width=width),
        "fig05_incidence": lambda: incidence.plot(tables[0], scope, width=width),
        "fig06_forest": lambda: forest.plot(tables[0], tables[1], tables[2], scope, width=width),
        "fig07_rmst": lambda: rmst.plot(tables[0], scope, width=width),
        "fig08_starts": lambda: starts.plot(tables[0], tables[1], scope, width=width),
        "fig09_sequels": lambda: sequels.plot(tables[0], scope, width=width),
        "fig10_lexis": lambda: lexis.plot(tables[0], scope, cutoff, width=width),
        "fig11_diagnostics": lambda: diagnostics.plot(tables[0], scope, width=width),
        "fig12_turnover": lambda: turnover.plot(tables[0], tables[1], scope, width=width),
        "fig13_transitions": lambda: transitions.plot(tables[0], scope, width=width),
        "fig14_africa": lambda: subgroups.plot(tables[0], scope, width=width),
        "fig15_launch_shares": lambda: launches.plot(tables[0], tables[1], scope, width=width),
        "fig16_members_normalised": lambda: members_normalised.plot(tables[0], scope, width=width),
        "fig17_maritime_starts": lambda: maritime_starts.plot(tables[0], tables[1], scope, cutoff, width=width),
        "fig18_leadership": lambda: leadership.plot(tables[0], tables[1], scope, width=width),
        "fig19_vetoes": lambda: vetoes.plot(tables[0], tables[1], scope, width=width),
        "fig20_legal": lambda: legal.plot(tables[0], scope, width=width),
        "fig21_tasks": lambda: tasks.plot(tables[0], scope, width=width),
        "fig22_theatres": lambda: theatres.plot(tables[0], scope, cutoff),
        "fig23_duplication": lambda: duplication.plot(tables[0], scope, width=width),
        "fig24_hormuz": lambda: waters.plot(tables[0], tables[1], names["states"], "hormuz", cutoff, width=width),
        "fig26_effective_numbers": lambda: effective_numbers.plot(tables[0], tables[1], scope, width=width),
        "fig27_event_study": lambda: event_study.plot(tables[0], scope, width=width),
        "fig28_simultaneity": lambda: simultaneity.plot(tables[0], scope, width=width),
        "fig29_gap_filling": lambda: gap_filling.plot(tables[0], scope, width=width),
        "fig30_network": lambda: comembership.plot(tables[0], tables[1], scope, width=width),
        "fig31_network_measures": lambda: network_measures.plot(tables[0], scope, width=width),
        "fig32_sizes": lambda: sizes.plot(tables[0], tables[1], scope, width=width),
        "fig33_theatres_map": lambda: theatres_map.plot(tables[0], names["theatres"], scope),
        "fig25_red_sea": lambda: waters.plot(tables[0], tables[1], names["states"], "red-sea", cutoff, width=width),
    }[name]()
