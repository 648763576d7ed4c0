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
# The brief says that ad hoc coalitions replace the operations of international organisations, that they fill gaps, and that duplication and a fragmented response can follow.
# Each of these words can mean several things. This notebook takes them one by one, says what would have to be true, and shows the number that the pipeline made.
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
# *Replaced* could mean a larger share of launches. A share also rises if the others launch less. Here are both: shares of launches in periods of five years (`n` launches in
# all; the last period ends at the cut-off), and launches a year before and after the year at which the claim *replacement* divides time, in its primary specification.

# %%
shares = published("trends/launches").query(
    "chains == 'merged' and outcome == 'launches' and span == 'five-years' and first_year >= 1985"
)
shares.pivot(index=["first_year", "last_year", "n"], columns="arrangement", values="estimate")[
    list(style.NAMES)
].rename(columns=style.NAMES)

# %%
replacement = io.read_json(results / "claims" / "replacement.json")
primary, details = replacement["primary"], replacement["estimate"]["details"]
rates = {
    f"launches a year from {primary['since']} to {primary['break_after']}": "rate_before",
    f"launches a year after {primary['break_after']}": "rate_after",
}
pd.DataFrame(
    {
        name: [details.get(f"{kind}_{rate}") for rate in rates.values()]
        for kind, name in style.NAMES.items()
    },
    index=list(rates),
)

# %% [markdown]
# The last question is what is at work. An operation of twenty years is one launch and a long presence; shares of the operations at work on the first of July tell how much of the
# response is in whose hands. With few operations at work, as in the early decades, one more or less moves the shares a lot.

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
# Two providers of which one does nearly everything are hardly two. A **provider** is who commands: the United Nations, each organisation, each coalition. An **effective number**
# (here the inverse of Simpson's index) is the number of equally large providers that would be as diverse as those observed; days at work are the weights. It can be taken for the
# average theatre and for the whole system, and the second is the product of the first and of the effective number of theatres that differ in who serves them. So the system can
# fragment while no theatre does.

# %%
parts = (
    published("fragmentation/decomposition")
    .query("index == 'simpson' and weights == 'equal' and n_theatres > 1")
    .set_index("year")[["n_theatres", "within_theatres", "between_theatres", "whole_system"]]
)
parts[parts.index % 10 == 5]

# %%
figure = style.new(7, 3)
axes = figure.subplots()
for column, kind in (("whole_system", "ahc"), ("within_theatres", "un")):
    axes.plot(parts.index, parts[column], color=style.COLOURS[kind], label=column.replace("_", " "))
axes.set_ylabel("Effective number of providers")
axes.set_ylim(0, None)
axes.legend()
figure

# %% [markdown]
# ## What happens when a coalition comes?
#
# A coalition that enters a theatre adds a provider by arithmetic. What can be found out is what the *others* do, operations of the United Nations and of regional
# organisations. An **event study** compares each theatre with itself in the year before its first coalition (which is zero by definition), and with theatres that no coalition
# has entered. The years before are as instructive as those after: if others were on the rise already, the crisis draws everyone, and what comes after cannot be put down to the
# coalition.

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
# %% [markdown]
# *Mean after* is the mean of the first years after the entry; *leads* tests all years before it together, and has a p but no estimate.

# %%
study[study["term"].isin(["mean after", "leads"])].set_index("term")[
    ["n_theatres", "events", "estimate", "lower", "upper", "p"]
]

# %% [markdown]
# ## Beside one another
#
# Balas, whose article is among the references of the report, counted how many operations of organisations ran beside another of them. The same count from this register, for
# the same years, beside the published share:

# %%
beside = published("fragmentation/simultaneity").query("units == 'operations'")
columns = ["n", "events", "estimate", "lower", "upper"]
beside.dropna(subset=["published"]).set_index(["of", "beside", "decade"])[[*columns, "published"]]

# %% [markdown]
# And for all years, beside any other operation, coalitions included:

# %%
beside.query("beside == 'any' and decade == 'all'").set_index("of")[columns]

# %% [markdown]
# To run beside another is not to duplicate it. An operation-month counts as **duplicated** if another, unrelated operation with the same task works in the same theatre. Crises
# bring operations together whatever their tasks, so the share is set against chance, in two ways. *starts*: the operations of a region and era exchange their starts, many
# times; are those with the same task together more often than such a lottery of dates makes them? *tasks*: they stay where and when they are and exchange their tasks; do those
# that meet share tasks more often than others? `excess` is the share that chance does not give, and the smallest p that so many draws can show is one over their number and one
# more.

# %%
double = published("fragmentation/duplication").query("decade == 'all' and same_task == 'strict'")
double.set_index(["model", "arrangement"])[
    ["n", "estimate", "expected", "expected_lower", "expected_upper", "excess", "p", "draws"]
]

# %% [markdown]
# ## Filling gaps
#
# A launch is into a **gap** if no operation of another arrangement is at work in its theatre: on that day, in the year before it, or in the year before and the year after
# (`gap_window`). Theatres are empty for much of the time, so that a launch into an empty one says little. What counts is the difference (`estimate`) between the share that was
# `observed` and the share that is `expected` when launches of a region exchange their dates; above zero, gaps are sought.

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
# *Small* needs a comparison: with the United Nations, with regional organisations, or with both? The first lines are medians of contributors at the peak. The others compare
# coalitions with the arrangement of their line: the ratio of the medians, and the Hodges-Lehmann shift, by how many contributors a coalition typically has more than one of
# them. Only operations whose size is known are counted, `n_reference` of those compared with.

# %%
sizes = published("fragmentation/composition").query(
    "size_at == 'peak' and counted_members == 'contributors'"
)
sizes = sizes.sort_values("model", key=lambda model: model != "median", kind="stable")
sizes.set_index(["term", "model"])[["n", "n_reference", "estimate", "lower", "upper", "p"]]

# %% [markdown]
# *Exclusive* needs a pool: who could have joined? The `world`, the `region` of the theatre, or the states that were `active` in some operation of that year. Two states are
# alike if they belong to the same organisations, lie in the same region, or have the same allies. `observed` is the mean dissimilarity of pairs of members, `expected` that of
# as many states drawn by lot from the pool, and `estimate` the difference in standard deviations of the draw: above zero, members are more alike than chance makes them.

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
# And are more of them launched where the Security Council is blocked? A **rate ratio** above one says that launches are more frequent with each vetoed draft of that year, or
# of a year or two before (`lag_years`). Drafts *all* and *crisis* (those on a crisis in some theatre) take the whole system by year; *own-theatre* asks, with a constant for
# each theatre, whether the coalition comes where the draft was about. These answer different questions: a crisis brings both vetoes and coalitions to its theatre, so that the
# last ratio is also a measure of crises. Poisson and negative binomial differ in how much more than chance counts may scatter.

# %%
vetoes = published("trends/gridlock").query("term == 'vetoed draft'").copy()
vetoes["rate_ratio"], vetoes["low"], vetoes["high"] = (
    np.exp(vetoes[name]) for name in ("estimate", "lower", "upper")
)
vetoes = vetoes.sort_values(["drafts", "model", "lag_years"], kind="stable")
vetoes.set_index(["drafts", "model", "lag_years"])[["events", "rate_ratio", "low", "high", "p"]]

# %% [markdown]
# ## What the verdicts make of it
#
# The claims whose tables are those of this notebook. `theta` is the estimate, turned so that positive means that the claim is true; `sesoi` is the smallest effect that would
# matter (a claim of fact has none); `same_sign` and `same_verdict` are shares of all specifications that somebody could defend, and the grade says how well sign and verdict
# hold in them. The notebook *From a sentence to a verdict* explains each.

# %%
entries = io.read_yaml(root / "config" / "claims.yaml")["claims"]
here = ("trends", "fragmentation")
about = [name for name, entry in entries.items() if entry["table"].startswith(here)]
columns = ["theta", "lower", "upper", "sesoi", "reported", "grade", "same_sign", "same_verdict"]
verdicts = io.read_table(results / "claims" / "verdicts.csv").set_index("claim")
verdicts.loc[about, columns]

# %% [markdown]
# ## To try
#
# - Which of the numbers above would you have taken for *replaced*, and which does the claim take? Does the answer depend on it?
# - In the event study, take `all` instead of `others` as the outcome. How much of the jump is arithmetic?
# - Is there a claim whose interval leaves out zero and that is reported as *inconclusive* or *mixed* all the same? Why?
