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
# # How long do coalitions last?
#
# The brief calls ad hoc coalitions *short-lived* and *easily dissolved*. This notebook answers step by step, for a reader who knows regression but not survival analysis.
# What is estimated here is estimated by the function that the pipeline calls and compared with the published table; the rest is read from such a table. Nothing here is a second
# version of the truth.
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

from coalitions import competing, io, models, notebook, rmst, survival
from coalitions.figures import style
from coalitions.survival import DAYS_PER_YEAR

pd.set_option("display.max_colwidth", None, "display.float_format", notebook.number)
config = io.read_yaml(root / "config" / "config.yaml")
config |= json.loads(os.environ.get("COALITIONS_CONFIG", "{}"))
scope = config["primary_scope"]


def published(name: str) -> pd.DataFrame:
    """A published table of durations, primary scope."""
    return io.read_table(results / "duration" / f"{name}.csv").query("scope == @scope")


# %% [markdown]
# ## A spell, and what it means that it is not over
#
# The unit is a **spell**: an arrangement at work from its first day to its last. Many are at work still, and of some nobody reports the end. Their length is not known; what is
# known is that they have lasted so long *already*: to the cut-off, or, where the end is unknown, for their first day and no more. Such a spell is **censored**. There are three
# easy ways to get this wrong: to leave out what is not over (the longest lives are the ones that go), to take the last day observed for the end (long lives are cut), or to
# count calendar years touched (a week around New Year is two years, and a few lives of decades carry the mean).

# %%
spells = (
    io.read_table(results / "panels" / "spells.csv", dates=("start", "end"))
    .query(f"scope_{scope} == 1")
    .sort_values("spell_id")
    .reset_index(drop=True)
)
years = spells["duration_days"] / DAYS_PER_YEAR
touched = published("summary").set_index("arrangement")["mean_calendar_years"]
naive = pd.DataFrame(
    {
        "spells": spells.groupby("arrangement").size(),
        "ended": spells.groupby("arrangement")["ended"].sum(),
        "mean of those that ended": years[spells["ended"] == 1]
        .groupby(spells["arrangement"])
        .mean(),
        "mean, last day taken for the end": years.groupby(spells["arrangement"]).mean(),
        "mean of calendar years touched": touched,
    }
)
naive.rename(index=style.NAMES)

# %% [markdown]
# ## The survival curve
#
# Kaplan and Meier's idea: ask, on each day on which something ends, what share of those *still at work that day* ends, and multiply the shares that go on. Days are counted
# from each operation's own start, so that operations of all times stand beside one another. A censored spell counts among those at risk up to its last observed day and says
# nothing afterwards. Here are the first days of the curve for coalitions, with the numbers that it is made of: from one line to the next, those at risk become fewer by the
# ends and by the censored.

# %%
ahc = spells[spells["arrangement"] == "ahc"]
curve = survival.kaplan_meier(ahc["duration_days"], ahc["ended"])
by_hand = curve[["time_days", "n_at_risk", "n_event", "n_censored"]].assign(
    goes_on=1 - curve["n_event"] / curve["n_at_risk"]
)
by_hand["survival"] = by_hand["goes_on"].cumprod()
check = published("km").query("arrangement == 'ahc'")["survival"]
assert np.allclose(by_hand["survival"], check)
by_hand.head(8).set_index("time_days")

# %%
figure = style.new(7, 3.2)
axes = figure.subplots()
for kind, name in style.NAMES.items():
    group = spells[spells["arrangement"] == kind]
    line = survival.kaplan_meier(group["duration_days"], group["ended"])
    axes.step(
        [0, *line["time_days"] / DAYS_PER_YEAR],
        [1, *line["survival"]],
        where="post",
        color=style.COLOURS[kind],
        label=name,
    )
axes.set_xlim(0, 25)
axes.set_ylim(0, 1)
axes.set_xlabel("Years since the start")
axes.set_ylabel("Share still at work")
axes.legend()
figure

# %% [markdown]
# ## One number for a curve
#
# The **median** is the day by which half are over. It says nothing about what happens before or after. The **restricted mean** is the area under the curve up to a horizon: the
# years at work that an operation has, on average, within that horizon. It uses the whole curve up to there, has a plain unit, and needs no assumption about its shape; the
# claim *short-lived* is tested by it. The horizon has to be said, as an operation that lasts for decades counts only up to it. In the table, `rmst` with a number is the
# restricted mean with that horizon in years.

# %%
columns = [
    "arrangement",
    "n",
    "events",
    "median_years",
    "rmst_5",
    "rmst_10",
    "rmst_20",
    "mean_calendar_years",
]
published("summary")[columns].set_index("arrangement").rename(index=style.NAMES)

# %%
tau = round(10 * DAYS_PER_YEAR)
pair = spells[spells["arrangement"].isin(["ahc", "un"])]
arguments = (
    pair["duration_days"].to_numpy(),
    pair["ended"].to_numpy(),
    pair["arrangement"].to_numpy(dtype=object),
)
difference = rmst.difference(*arguments, tau, reference="un")
line = (
    published("rmst")
    .query("model == 'difference' and term == 'ahc minus un' and tau_years == 10")
    .iloc[0]
)
assert np.isclose(difference.difference / DAYS_PER_YEAR, line["estimate"])
line[["estimate", "lower", "upper", "p", "permutation_p"]].astype(float).to_frame(
    "coalitions minus United Nations, years"
)

# %% [markdown]
# The interval comes from the variance of both areas. Beside it stands a **permutation** p: the labels of the two groups are shuffled many times, and the difference that
# was seen is compared with those that chance alone makes. With few spells that is the safer number.
#
# How much hangs on a few lives of decades? Leave out the longest spells of both groups together, one more in each line, and see how the difference moves. Then leave out as
# many of the longest coalitions, and see what that does to their mean of calendar years.

# %%
steps = published("rmst").query(
    "model == 'without the longest' and term == 'ahc minus un' and tau_years == 10"
)
left_out = steps[["dropped", "spell_id", "estimate", "lower", "upper"]].set_index("dropped")
left_out

# %%
span = (
    spells["end"]
    .fillna(spells["start"] + pd.to_timedelta(spells["duration_days"] - 1, unit="D"))
    .dt.year
    - spells["start"].dt.year
    + 1
)
longest = years[spells["arrangement"] == "ahc"].nlargest(len(left_out)).index
coalitions = spells["arrangement"] == "ahc"
pd.Series(
    {
        "all coalitions": span[coalitions].mean(),
        "without the longest": span[coalitions].drop(longest).mean(),
    },
    name="mean calendar years",
).to_frame()

# %% [markdown]
# ## Are the curves different at all?
#
# The **log-rank test** compares, on each day with an end, how many ends each group has with how many it would have if all were alike, and adds the differences up. It asks
# about the whole curve and gives every end the same weight. Where curves cross, early and late differences cancel out, and it finds little.

# %%
published("logrank")[["model", "n", "events", "statistic", "df", "p", "permutation_p"]].set_index(
    "model"
)

# %% [markdown]
# ## Regression: who ends next?
#
# Coalitions and United Nations operations differ in much besides who commands. A **Cox model** compares like with like. On each day with an end it looks at all who are at
# risk that day and asks how probable it was that *this one* ended, given the covariates of all. A coefficient is the logarithm of a **hazard ratio**: above one, the end
# comes sooner. Nothing is said about the shape of the hazard over time, only that the ratio stays the same. Operations in one theatre are not independent, so the standard
# errors are clustered by theatre.
#
# Each level is compared with the one of its kind that has no line; the next cell names these. The restricted means compared the groups as they are; this ratio compares
# operations that are alike in the covariates. Where the two disagree, it can be the covariates (look for what goes with a long life whoever commands), or that the ratio does
# not stay the same, which the next section tests.

# %%
used, design, left_out_terms, model = models.cox_model(spells, "adjusted", config["confidence"])
table = model.table().set_index("term")
shown = table[["estimate", "se", "lower", "upper", "p"]].assign(
    hazard_ratio=np.exp(table["estimate"])
)
check = published("cox").query("model == 'adjusted'").set_index("term")["estimate"]
assert np.allclose(check.loc[shown.index], shown["estimate"])
shown

# %%
pd.Series(
    {factor: levels[0] for factor, levels in models.LEVELS.items()}, name="compared with"
).to_frame()

# %% [markdown]
# One risk set, opened: the coalition whose length is nearest to the median of those that ended, and how its hazard compares with those of all that were still at work at that
# age. The likelihood of the model is the product of such shares (ends at the same age share theirs, after Efron).

# %%
risk = np.exp(design.to_numpy() @ model.params.reindex(design.columns).to_numpy())
ended = used[(used["ended"] == 1) & (used["arrangement"] == "ahc")]
one = ended.iloc[(ended["duration_days"] - ended["duration_days"].median()).abs().argmin()]
at_risk = (used["duration_days"] >= one["duration_days"]).to_numpy()
share = risk[used.index.get_loc(one.name)] / risk[at_risk].sum()
pd.Series(
    {
        "operation": one["spell_id"],
        "years at work": one["duration_days"] / DAYS_PER_YEAR,
        "at risk that day": at_risk.sum(),
        "share if all were alike": 1 / at_risk.sum(),
        "share": share,
    }
).to_frame("")

# %% [markdown]
# ## Does the ratio stay the same?
#
# The assumption can be tested. The rows *arrangement* say whether coalitions, the United Nations and regional organisations keep their distance over time (*GLOBAL*: whether
# all covariates do); a small p means that they do not, and that a single hazard ratio is an average over a time that nobody chose. The remedy is to say what the ratio is up to
# some age and after it, as the second table does; its lines *change* are the later ratio over the earlier one.

# %%
tests = published("ph_test")
tests[tests["term"].isin(["arrangement", "GLOBAL"])][
    ["model", "term", "statistic", "df", "p"]
].set_index(["model", "term"])

# %%
turn = tests[
    tests["model"].str.endswith("time interaction")
    & tests["term"].str.startswith("arrangement: ahc")
]
turn.assign(
    hazard_ratio=np.exp(turn["estimate"]), low=np.exp(turn["lower"]), high=np.exp(turn["upper"])
)[["model", "term", "hazard_ratio", "low", "high", "p"]].set_index(["model", "term"])

# %% [markdown]
# ## The same question in other words
#
# An **accelerated failure time** model says how much longer or shorter, instead of how much more probable. A **discrete-time** model is a regression of zeros and ones, a
# row per operation and calendar year, with a curve of time among the covariates; it takes up what changes from year to year, such as other operations in the theatre. If
# the answer hung on one kind of model, these would show it. Mind the signs: a shorter life is a time ratio below one and a hazard ratio above one, so that their logarithms have
# opposite signs.

# %%
other = [
    published("aft")
    .query("term == 'arrangement: ahc'")
    .assign(scale_of="log time ratio")[
        ["model", "family", "scale_of", "estimate", "lower", "upper"]
    ],
    published("discrete")
    .query("term == 'arrangement: ahc'")
    .assign(family="cloglog by year", scale_of="log hazard ratio")[
        ["model", "family", "scale_of", "estimate", "lower", "upper"]
    ],
]
pd.concat(other).set_index(["scale_of", "family", "model"])

# %% [markdown]
# ## How they end
#
# *Easily dissolved* is about the way of ending. Ways of ending compete: what was handed over can no longer be completed. Treating the other ways as censored would ask how many
# would be completed in a world without hand-overs. The **cumulative incidence** asks how many are, in this one; over all ways it adds up to the share that is over. The second
# table shows what the wrong way does to the sum.

# %%
cause, names = models.endings(ahc)
incidence = competing.cumulative_incidence(
    ahc["duration_days"].to_numpy(), cause, causes=len(names)
)
five_years = competing.at(incidence, round(5 * DAYS_PER_YEAR))
check = published("cif").query("arrangement == 'ahc'").groupby("ending")["incidence"].max()
assert np.allclose(incidence.groupby("cause")["incidence"].max(), check.reindex(names))
five_years.assign(ending=five_years["cause"].map(dict(enumerate(names, start=1))))[
    ["ending", "incidence", "ci_lower", "ci_upper"]
].set_index("ending")

# %%
wrong = {}
for number, name in enumerate(names, start=1):
    alone = survival.kaplan_meier(ahc["duration_days"], (cause == number).astype(int))
    wrong[name] = 1 - survival.survival_at(alone, round(5 * DAYS_PER_YEAR))[0]
total = pd.Series(wrong).sum(), five_years["incidence"].sum()
pd.Series(
    {
        "other ways censored: sum over all ways": total[0],
        "cumulative incidence: sum over all ways": total[1],
    },
    name="within five years",
).to_frame()

# %% [markdown]
# ## How fast they start, and what follows
#
# A decision in March and a start on a day of May are between one and three months apart. Such delays are **intervals**, and Turnbull's estimate takes them as they are. An
# operation that was decided and never came is one that still waits. The table is in days, by three clocks: from the decision, from the first formal request, and from the event
# that triggered the operation; `horizon_days` is the horizon of the restricted mean. Each clock has the operations whose date is known, which for requests are few.

# %%
starts = published("starts").query("never_deployed == 'kept'")
starts = starts[starts["model"].isin(["restricted mean", "median"])]
starts.set_index(["clock", "model", "horizon_days", "term"])[["n", "estimate"]].unstack("term")

# %% [markdown]
# The time from an end to the next start in the same theatre is a survival time, too, censored where nothing has followed yet. The table has the share of ends that another start
# follows within so many years. With hand-overs *counted*, an operation that takes over is the next one; with hand-overs *passed-over*, the wait is for one that does not.

# %%
published("recurrence").set_index(["handovers", "arrangement", "within_years"])[
    ["n", "estimate", "lower", "upper"]
]

# %% [markdown]
# ## From estimates to a verdict
#
# Each claim has a smallest effect of interest (`sesoi`), set before its result was seen, and one rule makes the verdict of every claim from its interval. Estimates are turned
# so that positive means *the claim is true*: for *short-lived* it is the restricted mean of the United Nations minus that of coalitions, the other way round than above. A
# grade says how far the verdict holds when defensible choices change, when uncertain dates are drawn anew, and under the second coder's values; `same_sign` and `same_verdict`
# are shares of all specifications. What is `reported` is the verdict, or *mixed* where the grade is the lowest. The notebook *From a sentence to a verdict* is about this.

# %%
entries = io.read_yaml(root / "config" / "claims.yaml")["claims"]
about = [name for name, entry in entries.items() if entry["table"].startswith("duration")]
columns = ["theta", "lower", "upper", "unit", "sesoi", "reported", "grade"]
verdicts = io.read_table(results / "claims" / "verdicts.csv").set_index("claim")
verdicts.loc[about, [*columns, "same_sign", "same_verdict"]]

# %% [markdown]
# Every defensible specification of *short-lived*, sorted by its estimate, with its interval; where they lie above zero, coalitions live shorter.

# %%
specifications = (
    io.read_table(results / "claims" / "multiverse.csv")
    .query("claim == 'short-lived' and verdict != 'not-estimable'")
    .sort_values("theta")
    .reset_index(drop=True)
)
figure = style.new(7, 2.8)
axes = figure.subplots()
axes.fill_between(
    specifications.index,
    specifications["lower"],
    specifications["upper"],
    color=style.PALE,
    linewidth=0,
    step="mid",
)
axes.plot(specifications.index, specifications["theta"], color=style.INK, linewidth=1)
chosen = specifications["primary"] == 1
axes.plot(
    specifications.index[chosen],
    specifications.loc[chosen, "theta"],
    "o",
    color=style.COLOURS["ahc"],
    label="primary specification",
)
axes.axhline(0, color=style.INK, linewidth=0.5, linestyle=":")
axes.set_xlabel("Specifications of short-lived, by estimate")
axes.set_ylabel("Years that coalitions live shorter")
axes.legend()
figure

# %% [markdown]
# ## To try
#
# - Draw the survival curves for land operations only, or for those that started since the end of the Cold War. What happens to the numbers at risk?
# - Take another horizon for the restricted mean. Between which two horizons does the sign of the difference change, if it does?
# - Censor the operations with an unknown end at the cut-off instead of on their first day. How far does the difference move, and which of the two is nearer to the truth?
