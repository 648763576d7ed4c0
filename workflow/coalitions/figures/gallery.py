"""Which function draws which figure."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import diagnostics, forest, growth, incidence, lexis, rmst, sequels, starts, subgroups, survival, timeline, transitions, turnover, verdicts


def dates(path: str) -> tuple[str, ...]:
    """The columns of a published table that hold days, of those that figures read."""
    return ("start", "end") if path in ("panels/operations.csv", "panels/spells.csv") else ()


def draw(name: str, tables: list[pd.DataFrame], theatres: dict[str, str], scope: str, cutoff: pd.Timestamp) -> tuple[Figure, pd.DataFrame]:
    """The figure `name` and its numbers, from the published tables that `catalogue.FIGURES` lists for it, in that order.

    Raises KeyError for a figure that does not exist.
    """
    return {
        "fig01_members_and_ahcs_over_time": lambda: growth.plot(tables[0], scope),
        "fig02_survival": lambda: survival.plot(tables[0], tables[1], scope),
        "fig03_timeline": lambda: timeline.plot(tables[0], theatres, cutoff),
        "fig04_verdicts": lambda: verdicts.plot(tables[0], tables[1]),
        "fig05_incidence": lambda: incidence.plot(tables[0], scope),
        "fig06_forest": lambda: forest.plot(tables[0], tables[1], tables[2], scope),
        "fig07_rmst": lambda: rmst.plot(tables[0], scope),
        "fig08_starts": lambda: starts.plot(tables[0], tables[1], scope),
        "fig09_sequels": lambda: sequels.plot(tables[0], scope),
        "fig10_lexis": lambda: lexis.plot(tables[0], scope, cutoff),
        "fig11_diagnostics": lambda: diagnostics.plot(tables[0], scope),
        "fig12_turnover": lambda: turnover.plot(tables[0], tables[1], scope),
        "fig13_transitions": lambda: transitions.plot(tables[0], scope),
        "fig14_africa": lambda: subgroups.plot(tables[0], scope),
    }[name]()
