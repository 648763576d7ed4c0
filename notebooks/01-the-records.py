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
# # The records
#
# Everything that this project says rests on one register of multinational security operations, coded by hand. Before you believe a
# survival curve, look at what it is made of: what was coded, how precisely, and from what. This notebook opens the register and follows a record to its sources.
#
# Read it here, or work with it: `make notebooks` opens it with the libraries of the project. It only reads; nothing downstream depends on it.

# %%
import json
import os
import sys
from pathlib import Path

import pandas as pd

root = next(
    folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "Snakefile").exists()
)
sys.path.insert(0, str(root / "workflow"))
raw = Path(os.environ.get("COALITIONS_RAW", root / "data" / "raw"))
results = Path(os.environ.get("COALITIONS_RESULTS", root / "results"))

from coalitions import io, notebook
from coalitions.figures import style

pd.set_option("display.max_colwidth", None, "display.float_format", notebook.number)
config = io.read_yaml(root / "config" / "config.yaml")
config |= json.loads(os.environ.get("COALITIONS_CONFIG", "{}"))
scope = config["primary_scope"]

# %% [markdown]
# ## What is a record?
#
# One row is one operation. Who commands decides its type: an **ad hoc coalition** (a lead state or a committee of the contributors), the **United Nations**, or a
# **regional** organisation or alliance. The codebook (`data/raw/CODEBOOK.md`) says how an arrangement that changes command becomes two rows, and what keeps a candidate out.
# The register holds borderline cases too; which of its rows an analysis counts is said by **inclusion rules** over its columns. This table counts all of them but those that
# were decided and never deployed, as they have no start.

# %%
operations = io.read_table(
    results / "panels" / "operations.csv",
    dates=("start", "end", "start_earliest", "start_latest", "end_earliest", "end_latest"),
)
decade = (operations["start"].dt.year // 10 * 10).astype("Int64").rename("decade of start")
by_decade = pd.crosstab(decade, operations["arrangement"])[["ahc", "un", "regional"]]
by_decade.loc["all"] = by_decade.sum()
by_decade.rename(columns=style.NAMES)

# %% [markdown]
# ## One record, to its sources
#
# The brief tells the story of two coalitions in the Strait of Hormuz. Here is what the register knows of them: the rows themselves, their members, and the evidence
# for each date. Where sources disagree, each has its own line; the choice is made by the order of preference in the codebook and explained in the note. A cell is empty where no
# source was found to fill it.

# %%
evidence = io.read_raw(raw / "evidence.csv").merge(io.read_raw(raw / "sources.csv"), on="source_id")
members = io.read_raw(raw / "memberships.csv")
hormuz = operations[operations["operation_id"].isin(["imsc-2019", "emasoh-agenor-2020"])]
fields = ["name", "decided", "start_text", "end_text", "status", "legal_basis", "founding_document"]
hormuz.set_index("operation_id")[[*fields, "confidence", "note"]].T.fillna("")

# %%
names = io.read_raw(raw / "states.csv").drop_duplicates("state", keep="last")
names = names.set_index("state")["name"]
listed = members[members["operation_id"].isin(hormuz["operation_id"])]
listed.assign(state=listed["state"].map(names)).pivot_table(
    index="state",
    columns="operation_id",
    values="role",
    aggfunc=lambda roles: ", ".join(dict.fromkeys(roles)),
).fillna("")

# %% [markdown]
# An operation whose end no source reports is *ongoing* at the cut-off if it was seen at work recently enough (the codebook says how recently), and *unknown* otherwise. The lines
# of *status* say when it was last seen, which can be years before the cut-off.

# %%
trail = evidence[
    evidence["operation_id"].isin(hormuz["operation_id"])
    & evidence["field"].isin(["start", "end", "decided", "status"])
]
trail = trail.sort_values(["operation_id", "field", "value"])
trail.set_index(["operation_id", "field", "value"])[["author", "title", "kind"]]

# %% [markdown]
# ## How precise are the dates?
#
# A date is written as precisely as its source has it. A month is a month: the panels keep its first and last day beside the middle one, and the verdicts are tried under other
# days within these bounds (the notebook on claims shows how far that moves one).

# %%
length = {4: "year", 7: "month", 10: "day"}
written = {end: operations[f"{end}_text"].dropna().str.rstrip("~") for end in ("start", "end")}
precision = pd.concat(
    {
        end: pd.crosstab(text.str.len().map(length), operations.loc[text.index, "arrangement"])
        for end, text in written.items()
    },
    axis=1,
    names=["", ""],
)
precision = precision.reindex(["day", "month", "year"]).fillna(0).astype(int)
precision.rename_axis("known to the").rename(columns=style.NAMES)

# %% [markdown]
# ## From what?
#
# Every start, end and decision that is filled in has at least one line of evidence whose value is the value in the register, or the pipeline stops. Kinds of sources differ in
# weight; an encyclopaedia is a beginning, not an end. First the lines of evidence for starts by the kind of their source, then operations by how many sources speak of their
# start.

# %%
starts = evidence[evidence["field"] == "start"].merge(
    operations[["operation_id", "arrangement"]], on="operation_id"
)
kinds = pd.crosstab(starts["kind"], starts["arrangement"])[["ahc", "un", "regional"]]
kinds.loc[kinds.sum(axis=1).sort_values(ascending=False).index].rename(columns=style.NAMES)

# %%
per_start = (
    starts.groupby(["arrangement", "operation_id"])["source_id"]
    .nunique()
    .clip(upper=3)
    .map({1: "one", 2: "two", 3: "three or more"})
)
pd.crosstab(
    per_start.index.get_level_values("arrangement").map(style.NAMES),
    per_start.to_numpy(),
    rownames=["sources for the start"],
    colnames=[""],
).reindex(columns=["one", "two", "three or more"])

# %% [markdown]
# ## Who takes part?
#
# Members of ad hoc coalitions are coded with their roles; a state that only pays, lends a base or signs is a supporter and does not count as a member. These are the states
# that took part in the most coalitions of the primary inclusion rule, and in how many of them each had the lead at some time, alone or with others.

# %%
ahc = operations[(operations["arrangement"] == "ahc") & (operations[f"scope_{scope}"] == 1)][
    "operation_id"
]
counted = members[members["operation_id"].isin(ahc) & (members["role"] != "supporter")]
# A state can have several spells in one coalition, which is then counted once.
led = counted[counted["role"] == "lead"].groupby("state")["operation_id"].nunique()
most = counted.groupby("state")["operation_id"].nunique().to_frame("coalitions")
most = most.assign(led=led.reindex(most.index, fill_value=0), name=most.index.map(names))
most.sort_values(["coalitions", "led"], ascending=False)[["name", "coalitions", "led"]].head(15)

# %% [markdown]
# And how many operations were at work in each year? The figure, too, counts the operations of the primary inclusion rule, and years that are observed as a whole.

# %%
figure = style.new(7, 3.2)
axes = figure.subplots()
years = io.read_table(results / "panels" / "system_years.csv").query(
    "scope == @scope and exposure_years == 1"
)
for kind, name in style.NAMES.items():
    axes.step(years["year"], years[f"{kind}_active_1_july"], where="mid", color=style.COLOURS[kind])
    axes.annotate(
        name,
        (years["year"].iloc[-1], years[f"{kind}_active_1_july"].iloc[-1]),
        xytext=(4, 0),
        textcoords="offset points",
        color=style.COLOURS[kind],
        va="center",
        annotation_clip=False,
    )
axes.set_ylabel("At work on the first of July")
figure

# %% [markdown]
# ## What is missing?
#
# The pipeline reports what is empty or thin, by field. None of these is an error; each is a place where a source could help, although some fields are rightly empty (nobody had
# to request an operation). `results/checks/gaps.csv` names every case.

# %%
gaps = io.read_table(results / "checks" / "gaps.csv")
gaps.groupby(["field", "gap"]).size().rename("operations").sort_values(ascending=False).to_frame()

# %% [markdown]
# Candidates that were considered and left out are listed with the reason, so that an omission can be told from a decision.

# %%
excluded = io.read_raw(raw / "excluded.csv")
words = io.read_yaml(root / "workflow" / "schemas" / "register.yaml")["vocabularies"]
counts = excluded.groupby("kind").size().rename("candidates").to_frame()
counts.assign(meaning=counts.index.map(words["excluded_kind"]))

# %% [markdown]
# ## To try
#
# - Put the identifiers of two other operations into the cell on Hormuz. Do you agree with the dates that were taken, given the evidence?
# - Which operation with a start that is known to the year only would you look up first, and where?
# - Find a candidate among those left out (`excluded.csv`) that you would have counted. Which sentence of the codebook decides?
