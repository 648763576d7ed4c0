# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Is the response to crises fragmented, and are coalitions replacing others?
#
# The brief says that ad hoc coalitions replace the operations of international organisations, that they fill gaps, duplicate one another and fragment the response. Each of
# these words can mean several things. This notebook takes them one by one, says what would have to be true, and shows the number that the pipeline made.
#
# Read it here, or work with it: `make notebooks` opens it. It only reads; nothing downstream depends on it.

# %%
import json
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd

root = next(
    folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "Snakefile").exists()
)
sys.path.insert(0, str(root / "workflow"))
results = Path(os.environ.get("COALITIONS_RESULTS", root / "results"))

from coalitions import io, notebook
from coalitions.figures import style

pd.set_option("display.max_colwidth", None, "display.float_format", notebook.number)
config = io.read_yaml(root / "config" / "config.yaml")
config |= json.loads(os.environ.get("COALITIONS_CONFIG", "{}"))
scope = config["primary_scope"]


def published(path: str) -> pd.DataFrame:
    """A published table, primary scope where it has scopes."""
    table = io.read_table(results / f"{path}.csv")
    return table.query("scope == @scope") if "scope" in table else table


# %% [markdown]
# ## Who launches?
#
# *Replaced* could mean a larger share of launches. A share also rises if the others launch less. Here are both: shares of launches in periods of five years, and launches as
# such.

# %%
shares = published("trends/launches").query(
    "chains == 'merged' and outcome == 'launches' and span == 'five-years' and first_year >= 1985"
)
shares.pivot(index=["first_year", "last_year", "n"], columns="arrangement", values="estimate")[
    list(style.NAMES)
].rename(columns=style.NAMES)

# %%
replacement = io.read_json(results / "claims" / "replacement.json")["estimate"]["details"]
names = {
    kind: (replacement.get(f"{kind}_rate_before"), replacement.get(f"{kind}_rate_after"))
    for kind in style.NAMES
}
pd.DataFrame(names, index=["launches a year before the break", "after it"]).rename(
    columns=style.NAMES
)

# %% [markdown]
# The last question is what is at work. An operation of twenty years is one launch and a long presence; the share of days at work tells how much of the response is in whose
# hands.

# %%
years = published("panels/system_years").query("exposure_years == 1").set_index("year")
figure = style.new(7, 3)
axes = figure.subplots()
at_work = years[[f"{kind}_active_1_july" for kind in style.NAMES]]
share = at_work.div(at_work.sum(axis=1).replace(0, np.nan), axis=0)
for kind, name in style.NAMES.items():
    axes.step(
        share.index,
        share[f"{kind}_active_1_july"],
        where="mid",
        color=style.COLOURS[kind],
        label=name,
    )
axes.set_ylabel("Share of operations at work")
axes.legend(ncols=3)
figure

# %% [markdown]
# ## Fragmented: how many providers is that?
#
# Two providers of which one does nearly everything are hardly two. An **effective number** is the number of equally large providers that would be as diverse as those
# observed; days at work are the weights. It can be taken for each theatre and for the whole system, and the second is the product of the first and of the number of theatres
# that differ in who serves them. So the system can fragment while no theatre does.

# %%
parts = (
    published("fragmentation/decomposition")
    .query("index == 'simpson' and weights == 'equal' and n_theatres > 1")
    .set_index("year")
)
parts.loc[
    parts.index % 10 == 5, ["n_theatres", "within_theatres", "between_theatres", "whole_system"]
]

# %% [markdown]
# ## What happens when a coalition comes?
#
# A coalition that enters a theatre adds a provider by arithmetic. What can be found out is what the *others* do. An **event study** compares each theatre with itself in the
# year before its first coalition, and with theatres that no coalition has entered. The years before are as instructive as those after: if others were on the rise already,
# the crisis draws everyone, and the coalition is no cause.

# %%
study = published("fragmentation/event_study").query(
    "entrant == 'ahc' and outcome == 'others' and model == 'interaction-weighted'"
)
study = study[study["since"] == study["since"].min()]
numbered = (
    study[study["term"].astype(str).str.fullmatch(r"-?\d+")]
    .assign(year=lambda rows: rows["term"].astype(int))
    .sort_values("year")
)
figure = style.new(7, 3)
axes = figure.subplots()
axes.errorbar(
    numbered["year"],
    numbered["estimate"],
    [numbered["estimate"] - numbered["lower"], numbered["upper"] - numbered["estimate"]],
    fmt="o",
    color=style.COLOURS["un"],
)
axes.axhline(0, color=style.INK, linewidth=0.6, linestyle=":")
axes.set_xlabel("Years since the first coalition entered")
axes.set_ylabel("Change of the effective number of others")
figure

# %%
study[study["term"].isin(["mean after", "leads"])].set_index("term")[
    ["n_theatres", "events", "estimate", "lower", "upper", "p"]
]

# %% [markdown]
# ## Beside one another
#
# Balas counted how many operations of organisations ran beside another. The same count from this register, and the same for coalitions:

# %%
beside = published("fragmentation/simultaneity").query(
    "units == 'operations' and beside == 'any' and decade == 'all'"
)
beside.set_index("of")[["n", "events", "estimate", "lower", "upper"]]

# %% [markdown]
# To run beside another is not to duplicate it. An operation-month counts as **duplicated** if another, unrelated operation with the same task works in the same theatre.
# Crises bring operations together whatever their tasks, so the share is set against chance: the operations of a region and era exchange their starts, many times.

# %%
double = published("fragmentation/duplication").query("decade == 'all' and same_task == 'strict'")
double.set_index(["model", "arrangement"])[
    ["n", "estimate", "expected", "expected_lower", "expected_upper", "excess", "p"]
]

# %% [markdown]
# ## Filling gaps
#
# Most theatres are empty most of the time, so that a launch into an empty one says little. What counts is the difference from dates drawn anew within the region.

# %%
gaps = published("fragmentation/gap_filling").query(
    "date_strata == 'region' and occupants == 'others'"
)
gaps.set_index(["arrangement", "gap_window"])[
    ["n", "observed", "expected", "estimate", "lower", "upper"]
]

# %% [markdown]
# ## Small and exclusive?
#
# *Small* needs a comparison: with the United Nations, or with regional organisations? *Exclusive* needs a pool: who could have joined? Dissimilarity is that of pairs of
# members; by lot, as many states are drawn from the pool of that year.

# %%
sizes = published("fragmentation/composition").query(
    "size_at == 'peak' and counted_members == 'contributors'"
)
sizes.set_index(["model", "term"])[["n", "n_reference", "estimate", "lower", "upper", "p"]]

# %%
alike = published("fragmentation/likeness").set_index(["pool", "likeness"])
alike[["n", "observed", "expected", "estimate", "lower", "upper", "permutation_p"]]

# %% [markdown]
# ## Who leads, and what vetoes have to do with it
#
# The brief says that the *main proponents* of liberal internationalism promote coalitions. What can be counted is who leads them: the share of coalitions with such a lead
# state. A coalition can have several, so that the shares do not add up to one.

# %%
led = published("trends/leadership").query("model == 'led' and decade == 'all'").set_index("term")
led[["n", "events", "estimate", "lower", "upper"]]

# %% [markdown]
# And are more of them launched where the Security Council is blocked? A **rate ratio** above one says that launches are more frequent in the year of a vetoed draft, or a year
# or two after it. *All* takes the whole system by year; *own theatre* asks, with a constant for each theatre, whether the coalition comes where the draft was about. These
# answer different questions: a crisis brings both vetoes and coalitions to its theatre, so that the second ratio is also a measure of crises.

# %%
vetoes = published("trends/gridlock").query("term == 'vetoed draft'").copy()
vetoes["rate_ratio"], vetoes["low"], vetoes["high"] = (
    np.exp(vetoes[name]) for name in ("estimate", "lower", "upper")
)
vetoes.set_index(["model", "drafts", "lag_years"])[["events", "rate_ratio", "low", "high", "p"]]

# %% [markdown]
# ## What the verdicts make of it

# %%
verdicts = io.read_table(results / "claims" / "verdicts.csv").set_index("claim")
about = [
    "un-drawdown", "replacement", "maritime-steady", "proponents", "european-led", "gridlock", "gap-filling", "fragmentation", "duplication",
    "hormuz", "red-sea", "small", "exclusive", "task-specific", "legal-ambiguity", "transitions",
]  # fmt: skip
verdicts.loc[
    [name for name in about if name in verdicts.index],
    [
        "theta",
        "lower",
        "upper",
        "sesoi",
        "reported",
        "grade",
        "specifications",
        "same_sign",
        "same_verdict",
    ],
]
