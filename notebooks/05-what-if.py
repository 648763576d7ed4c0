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
# # What if?
#
# A verdict rests on choices: what counts as a coalition, when one ended, how a mission is called, which effect is worth a word. Here you change such a choice and see at
# once which verdicts move. The functions are those of the pipeline, and they run on the whole register.
#
# **Everything happens in memory.** No cell writes a file; the register and the settings on disk stay as they are. The last section says how to make a change for good.

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

from coalitions import claims, configuration, io, notebook, register, whatif
from coalitions.figures import rule

pd.set_option("display.max_colwidth", None, "display.float_format", notebook.number)

# %% [markdown]
# ## From the register to the verdicts in four calls
#
# The settings are checked as the pipeline checks them, the register gets its recorded corrections, panels are built from it, and every claim is estimated once, in its
# **primary** specification.

# %%
folder = root / "workflow" / "schemas"
schemas = {
    name: io.read_yaml(folder / f"{name}.schema.yaml")
    for name in ("config", "claims", "multiverse")
}
forms = io.read_yaml(folder / "panels.yaml"), io.read_yaml(folder / "register.yaml")
config = io.read_yaml(root / "config" / "config.yaml")
config |= json.loads(os.environ.get("COALITIONS_CONFIG", "{}"))
entries, choices = (
    io.read_yaml(root / "config" / f"{name}.yaml") for name in ("claims", "multiverse")
)


def verdicts_under(config: dict, records: dict) -> pd.DataFrame:
    """The verdict of every claim under these settings and records."""
    study = configuration.checked(config, entries, choices, schemas, forms[0])
    return whatif.verdicts_of(
        whatif.panels_of(records, config), study.claims, whatif.settings_of(config)
    )


records, faults = register.corrected(io.read_register(raw), forms[1])
assert not faults
before = verdicts_under(config, records)
before.set_index("claim")[["verdict", "theta", "lower", "upper", "sesoi", "n"]]

# %% [markdown]
# Are these the published verdicts? Estimates that need a draw of permutations are made with fewer of them here, so that a last digit can differ; a verdict should not.

# %%
published = io.read_table(results / "claims" / "verdicts.csv").set_index("claim")
both = before.set_index("claim").join(published[["verdict", "theta"]], rsuffix=" published")
farthest = ((both["theta"] - both["theta published"]) / both["sesoi"]).abs().max()
same = both["verdict"] == both["verdict published"]
pd.DataFrame(
    {
        "claims": [len(both)],
        "same verdict": [int(same.sum())],
        "farthest estimate, in smallest effects": [farthest],
    },
    index=["here and published"],
)

# %% [markdown]
# One thing is left out: the **grade**. It needs every other specification, every draw of dates and the second coder's values, which is what the pipeline takes its time for.
# So *mixed*, which comes from the grade and not from the rule, does not appear here.
#
# ## A scope
#
# An inclusion rule is an expression over the columns of the table of operations. This is the rule of the primary scope; what if standing bodies, which the brief would hardly
# call ad hoc, were out? Mind what such a rule does: a standing body is one that was meant to last, so that a claim on duration is then asked of coalitions that were chosen for
# having a limit.

# %%
scope = config["primary_scope"]
narrowed = f"({config['scopes'][scope]}) and not standing_body"
narrower = config | {"scopes": config["scopes"] | {scope: narrowed}}
pd.DataFrame({scope: {"rule": config["scopes"][scope], "what if": narrowed}})

# %%
after = verdicts_under(narrower, records)
whatif.moved(before, after).set_index("claim")

# %% [markdown]
# The table has the claims that move at all; `turned` says whether the verdict is another one. `shift` counts in smallest effects of interest: a shift of one is one that the
# claim's entry calls worth a word. A verdict can turn with a small shift, where an estimate lies near a border, and stay with a large one. The picture shows both estimates in
# that unit. Between the dotted lines an effect is too small to matter.

# %%
rule.moves(before, after)

# %% [markdown]
# The published scopes are rules of the same kind. Every one is a part of the multiverse, so that nothing has to be estimated: these are the lines that differ from the primary
# specification in the scope alone.

# %%
study = configuration.checked(config, entries, choices, schemas, forms[0])
multiverse = io.read_table(results / "claims" / "multiverse.csv").set_index(
    ["claim", "dimensions"]
)["verdict"]
by_scope = {
    name: {
        other: multiverse.get((name, claims.specification_text(claim["primary"] | {"scope": other})), "")
        for other in config["scopes"]
    }
    for name, claim in study.claims.items()
    if "scope" in claim["primary"]
}  # fmt: skip
pd.DataFrame(by_scope).T

# %% [markdown]
# ## A date
#
# First a date that one would think matters: the end of the coalition with the longest life that is over. What if it were still at work?

# %%
units = io.read_table(results / "panels" / "spells.csv")
over = units[
    (units["arrangement"] == "ahc") & (units[f"scope_{scope}"] == 1) & (units["ended"] == 1)
].nlargest(1, "duration_days")
youngest = over["operation_ids"].str.split("+").str[-1]
longest = records["operations"]["operation_id"].isin(youngest)
still_there = whatif.edited(records, "operations", longest, end="", status="ongoing", ended_how="")
over[["operation_ids", "name", "start", "end", "duration_years"]].set_index("operation_ids")

# %%
whatif.moved(before, verdicts_under(config, still_there)).set_index("claim")

# %% [markdown]
# *Short-lived* counts a life up to its horizon. Of a life that was longer than that, no later end changes anything. The plain mean of all lengths, which one might have quoted
# instead, has no horizon and moves:

# %%
means = {}
for name, held in (("as coded", records), ("still at work", still_there)):
    lives = whatif.panels_of(held, config).spells
    lives = lives[(lives["arrangement"] == "ahc") & (lives[f"scope_{scope}"] == 1)]
    means[name] = lives["duration_years"].mean()
pd.Series(means, name="mean length of coalitions, years").to_frame()

# %% [markdown]
# Now a date on which a claim rests: the start of the last multidimensional operation that the United Nations launched. What if it had come a year later?

# %%
operations = io.read_table(results / "panels" / "operations.csv", dates=("start",))
launched = operations[
    (operations["arrangement"] == "un")
    & (operations["deployed"] == 1)
    & operations["predecessor_id"].isna()
    & (operations["multidimensional"] == 1)
]
last = launched.nlargest(1, "start")
moved_start = str(last["start"].dt.year.max() + 1)
later = whatif.edited(
    records,
    "operations",
    records["operations"]["operation_id"].isin(last["operation_id"]),
    start=moved_start,
)
last[["operation_id", "name", "start_text"]].assign(what_if=moved_start).set_index("operation_id")

# %%
whatif.moved(before, verdicts_under(config, later)).set_index("claim")

# %% [markdown]
# A claim of fact can hang on one day of one record. That is why each such day has to have its sources, and why the pipeline would not accept what
# was just done in memory. This is what its guard of the evidence says of it:

# %%
refused = register.check_evidence(later)
pd.DataFrame(refused, columns=["file", "row", "column", "value", "fault", "remedy"])[
    ["file", "row", "column", "value", "fault", "remedy"]
]

# %% [markdown]
# ## A coding rule
#
# A rule of the codebook touches many records at once. Here are three that somebody could defend:
#
# - *supporters count*: a state that only pays, lends a base or signs is a contributor;
# - *new name, new operation*: an arrangement that is renamed ends, and another begins;
# - *police are multidimensional*: police-and-justice missions of the United Nations count among its multidimensional operations.

# %%
members, coded = records["memberships"], records["operations"]
police = {"un_kind": "multidimensional", "multidimensional": "1"}
edits = {
    "supporters count": ("memberships", members["role"] == "supporter", {"role": "contributor"}),
    "new name, new operation": (
        "operations",
        coded["predecessor_id"] != "",
        {"predecessor_id": ""},
    ),
    "police are multidimensional": ("operations", coded["un_kind"] == "police-justice", police),
}
touched = {name: int(rows.sum()) for name, (table, rows, values) in edits.items()}
pd.Series(touched, name="records changed").to_frame()

# %%
under = {}
for name, (table, rows, values) in edits.items():
    changed = whatif.edited(records, table, rows, **values)
    under[name] = whatif.moved(before, verdicts_under(config, changed))
pd.concat(under, names=["rule", ""]).droplevel(1).set_index("claim", append=True)[
    ["verdict_before", "verdict_after", "theta_before", "theta_after", "shift", "turned"]
]

# %% [markdown]
# ## A smallest effect of interest
#
# The last choice needs no estimate: the same interval is held against another border. The rule says where a verdict turns. An estimate whose interval leaves out zero gives a
# decided verdict for every smallest effect **up to** its own size (`effect_up_to`; empty where the interval holds zero); it is negligible for every one **above** the farther
# limit of its interval (`negligible_above`); between the two it is inconclusive. Claims of fact and claims without an interval are not in the table.

# %%
turning = whatif.turning_points(before).set_index("claim")
turning

# %% [markdown]
# The strip shows it for every claim, for smallest effects from a fraction to a multiple of that of the entry. A claim whose colour changes near the middle hangs on that number.

# %%
rule.turning(before)

# %% [markdown]
# To choose a border after seeing the estimate is to choose the verdict. The entries were written before, with a reason each (`CHANGELOG.md` has what was changed afterwards);
# if you think that another is right, say why, and look here what would follow.
#
# ## For good
#
# What you changed here is gone when the kernel stops. To make a change that lasts, edit the file that holds the choice and let the pipeline run:
#
# | Edit | to change |
# |:--|:--|
# | `config/config.yaml` | an inclusion rule, the cut-off, the primary scope |
# | `config/claims.yaml` | a claim's reading, its primary specification, its smallest effect of interest |
# | `data/raw/*.csv` | a record, with its line of evidence; or a row of `corrections.csv` that says what was wrong, and why |
#
# | Then run | which gives |
# |:--|:--|
# | `make check-register` | every fault of the register at once, before anything runs |
# | `make verdicts` | the verdicts, what moved in them and why |
# | `make` | panels, estimates, claims, report: what the change touches, and nothing else |
# | `make compare` | which results moved since the last commit (where the project is under git) |
#
# For one run, without editing: `make CONFIG="primary_scope=broad"`. A new case: `make new-case > case.yaml`, fill it in, `make add-case CASE=case.yaml`.
#
# ## To try
#
# - Write an inclusion rule that turns *short-lived*. Would you defend it?
# - *Coalitions that lasted a few days are more easily forgotten than long ones*, says a threat in the entry of *short-lived*. How many coalitions of one month would have to be
#   missing before the verdict turned? Copy a record as often as you need, with a new identifier, in every table that names it.
# - Find the smallest change of the records (one cell, then two) that turns *fast*.
