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
# # From a sentence to a verdict
#
# A sentence of the brief is not yet a test. Somebody has to say what it would mean in records, which number would answer it, how large the number would have to be to matter,
# and what would change their mind. This notebook follows one claim from its sentence to its verdict, shows the rule that makes every verdict, and takes apart what the verdict
# rests on: choices, dates, coders, and single operations.
#
# The claim is *short-lived*, whose estimate the notebook on duration makes step by step. Put the name of another claim into the next cell, run all cells again, and you read
# the file of that one.

# %%
import os
import sys
from pathlib import Path

import pandas as pd

root = next(
    folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "Snakefile").exists()
)
sys.path.insert(0, str(root / "workflow"))
results = Path(os.environ.get("COALITIONS_RESULTS", root / "results"))

from coalitions import claims, io, notebook
from coalitions.estimands import Estimate
from coalitions.figures import rule

pd.set_option("display.max_colwidth", None, "display.float_format", notebook.number)
pd.set_option("display.max_rows", 80)

chosen = "short-lived"
claim = io.read_json(results / "claims" / f"{chosen}.json")


def published(name: str) -> pd.DataFrame:
    """A published table of the claims."""
    return io.read_table(results / "claims" / f"{name}.csv")


# %% [markdown]
# ## What was written down first
#
# The entry in `config/claims.yaml` was written before the result was looked at; what was changed afterwards, and why, is in `CHANGELOG.md`. It quotes the brief, says how the
# words are **read**, names the **estimand** (what is estimated, from what) and its direction, and the **smallest effect of interest**: below it an effect may be there and
# still not be worth the brief's word. It also says what **threatens** the answer, and what would **falsify** the claim.

# %%
size = claim["sesoi"] or {"value": 0, "scale": "none", "reason": "A claim of fact needs none."}
entry = {
    "the brief says": claim["claim"]["quotation"],
    "where": claim["claim"]["where"],
    "read as": claim["reading"],
    "estimand": claim["estimand"],
    "direction": claim["orientation"],
    "smallest effect of interest": f"{size['value']:g} ({size['scale']}). {size['reason']}",
    "primary specification": claims.specification_text(claim["primary"]),
    "falsified if": claim["falsified_if"],
} | {f"threat {number}": text for number, text in enumerate(claim["threats"], start=1)}
pd.Series(entry).to_frame(chosen)

# %% [markdown]
# The estimate (`theta`) is **oriented**: positive means that the claim is true, whatever it is about. With its interval and the smallest effect it is all that the rule needs.
# A ratio is taken as its logarithm, and its smallest effect too.

# %%
estimate = claim["estimate"]
delta = claims.smallest_effect(claim)
shown = ("theta", "lower", "upper", "unit", "n", "events", "test", "p", "reason")
pd.Series({name: estimate[name] for name in shown} | {"smallest effect": delta}).to_frame(chosen)

# %% [markdown]
# ## The rule
#
# One rule makes the verdict of every claim:
#
# - **supported**: the interval lies above zero and the estimate reaches the smallest effect;
# - **contradicted**: the same on the other side;
# - **negligible**: the whole interval is nearer to zero than the smallest effect. This is an answer: what there is would not matter;
# - **inconclusive**: everything else. This is no answer, and no evidence against the claim: the data would allow too much.
#
# A claim of **fact** (something happened, or did not) has no smallest effect; it is supported if the fact holds, contradicted if it does not, and inconclusive if the data cannot
# decide. A claim without an estimate is **not estimable**.

# %%
verdict = claims.verdict(Estimate(**estimate), delta)
assert verdict == claim["verdict"]
verdict

# %% [markdown]
# As a picture: across is the size of an estimate, up is how uncertain it is. Precise estimates are at the bottom, where the rule can tell everything apart; with wide intervals
# all that is left is *inconclusive*, unless the effect is very large. The points are the claims, coloured by their verdicts. The zones are drawn for intervals that reach as
# far down as up; a claim whose interval does not can lie a little beyond a border, and then its colour is right.

# %%
verdicts = published("verdicts")
rule.zones(verdicts)

# %% [markdown]
# ## All verdicts
#
# `verdict` is that of the primary specification; `reported` is what the report says. The two differ where there is an estimate and its **grade**, which is explained below, is
# the lowest: where even the sign depends on which defensible choice is made, the claim is reported as **mixed**. `sesoi` is the smallest effect of interest.

# %%
columns = ["theta", "lower", "upper", "unit", "sesoi", "verdict", "grade", "reported"]
verdicts.set_index("claim")[columns]

# %%
pd.crosstab(verdicts["verdict"], verdicts["grade"], margins=True)

# %% [markdown]
# ## One choice after another
#
# The primary specification is one of many that somebody could defend. The **multiverse** takes every combination of the choices that the entry names and estimates each.
# How many agree with the primary one?

# %%
multiverse = published("multiverse")
mine = multiverse[multiverse["claim"] == chosen]
counts = mine["verdict"].value_counts().rename("specifications").to_frame()
counts.assign(share=counts["specifications"] / len(mine))

# %% [markdown]
# And which choice makes the difference? If a choice did not matter, the estimates under each of its values would have the same mean. A regression of the estimates on all
# choices at once says how much of their whole variance the choices explain, each by itself added to the others. That sum is divided among them: a choice gets what it adds when
# it is taken in, averaged over all **orders** in which the choices can be taken in (the shares of Lindeman, Merenda and Gold). The average is needed because combinations that
# cannot be estimated are missing, so that choices overlap and the order matters; where none is missing, a share is simply the part of the variance that lies between the means
# of a choice's values. What the choices do not explain when each acts by itself is left to their **interactions**. The table also has the values with the lowest and the
# highest mean.

# %%
spread = published("spread").query("claim == @chosen")
spread.drop(columns="claim").set_index("dimension")

# %%
figure, by_choice = rule.choices(mine, delta, spread["dimension"].tolist())
figure

# %%
by_choice.set_index(["dimension", "value"])[
    ["specifications", "estimated", "theta_min", "theta_median", "theta_max", "same_verdict"]
]

# %% [markdown]
# Some combinations cannot be estimated. They are counted, with the reason (# stands for numbers that differ from case to case) and an example, and left out of the shares. If
# this claim has none, the table shows those of other claims.

# %%
infeasible = published("infeasible").sort_values("specifications", ascending=False, kind="stable")
own = infeasible[infeasible["claim"] == chosen]
(own if len(own) else infeasible).head(8).set_index("claim")[
    ["specifications", "reason", "example"]
]

# %% [markdown]
# ## Other dates, another coder
#
# A date that is known to the month could be any of its days. The primary specification is estimated again and again with every uncertain date drawn within its bounds; between
# *lower* and *upper* lie the middle nineteen of twenty such estimates. Some operations were coded twice; the estimate is made with the second coder's values, too.

# %%
draws, coders = claim["date_draws"] or {}, claim["coders"] or {}
table = pd.DataFrame(
    {
        "as published": [estimate["theta"], claim["verdict"]],
        "dates drawn: median": [draws.get("theta_median"), ""],
        "dates drawn: lower": [draws.get("theta_lower"), ""],
        "dates drawn: upper": [draws.get("theta_upper"), ""],
        "second coder": [coders.get("theta"), coders.get("verdict", "")],
    },
    index=["theta", "verdict"],
).T
table.assign(
    drawn=[draws.get("draws", "") if name.startswith("dates") else "" for name in table.index]
)

# %% [markdown]
# ## One operation less
#
# Does the answer hang on one famous case? Each operation is left out in turn, then each theatre with all its operations. The line is the estimate with all of them; a point in
# colour is one whose absence would turn the verdict (for many claims there is none). The table has those that move the estimate most.

# %%
without = published("leave_one_out").query("claim == @chosen")
rule.left_out(without, estimate["theta"], delta)

# %%
farthest = without.assign(size=without["shift"].abs()).sort_values(
    ["kind", "size", "left_out"], ascending=[True, False, True]
)
farthest.groupby("kind").head(5).set_index(["kind", "left_out"])[
    ["name", "theta", "lower", "upper", "shift", "verdict", "flips"]
]

# %% [markdown]
# The same for every claim that has an estimate: how many operations, or theatres, would each alone turn its verdict?

# %%
flips = published("leave_one_out").groupby(["claim", "kind"])["flips"].agg(["size", "sum"])
flips.rename(columns={"size": "left out", "sum": "turn the verdict"}).unstack("kind", fill_value=0)

# %% [markdown]
# ## The grade
#
# Up to three kinds of variation, two shares each: how many share the sign, and how many the verdict, of the primary specification. A grade is that of the weakest kind. For a
# claim of fact the sign is the verdict.

# %%
kinds = {"specifications": claim["multiverse"], "draws of dates": draws, "second coder": coders}
shares = pd.DataFrame(
    {name: [part["same_sign"], part["same_verdict"]] for name, part in kinds.items() if part},
    index=["same sign", "same verdict"],
).T.dropna()
assert claims.grade(*shares.itertuples(index=False, name=None)) == claim["grade"]
shares.assign(grade=[claims.grade(pair) for pair in shares.itertuples(index=False, name=None)])

# %% [markdown]
# *A* asks that nearly all share the sign and most the verdict; *B* that most share the sign; *C* is what is left, and makes a verdict *mixed*. A claim that is *inconclusive*
# with an *A* is firmly inconclusive: nothing that one could defend makes the data say more.
#
# ## What could have been found?
#
# *Inconclusive* can mean that there is nothing, or that these data could not have shown it. The **minimum detectable effect** is the one that data with this standard error
# would show four times in five. Where it exceeds the smallest effect of interest, an effect that matters could well have been missed, and more records are the only remedy.

# %%
files = {name: io.read_json(results / "claims" / f"{name}.json") for name in verdicts["claim"]}
power = verdicts.set_index("claim")[["verdict", "sesoi", "unit"]].assign(
    detectable=pd.Series({k: f["minimum_detectable_effect"] for k, f in files.items()}, dtype=float)
)
power["detectable / smallest"] = power["detectable"] / power["sesoi"]
power.dropna(subset=["detectable"]).sort_values("detectable / smallest")[
    ["detectable / smallest", "detectable", "sesoi", "unit", "verdict"]
]

# %% [markdown]
# ## Many claims, many chances
#
# Among many tests some are significant by luck. **Holm's** adjustment takes the smallest p times the number of claims that have one, the next times one less, and so on, never
# less than the one before and never more than one: with it, the chance of even one false discovery among all claims stays at the level. The verdict rule does not use p; the
# columns show whether a supported claim would survive.

# %%
p = verdicts.dropna(subset=["p"]).set_index("claim")[["verdict", "p", "p_holm"]].sort_values("p")
p.assign(times=p["p_holm"] / p["p"])

# %%
tested = multiverse[(multiverse["primary"] == 0) & multiverse["p"].notna()]
level = 1 - claim["settings"]["confidence"]
small = {name: (tested[name] < level).groupby(tested["claim"]).mean() for name in ("p", "p_bh")}
pd.DataFrame(small).rename(columns={"p": "share below the level", "p_bh": "after adjustment"})

# %% [markdown]
# The second table is about specifications: of each claim's, how many are below the level before and after **Benjamini and Hochberg's** adjustment over all of them? It is no
# test of the claim. Specifications use the same records again and again and are far from independent.
#
# ## What has no answer
#
# *Not estimable* is a result with a reason: a group is empty, or nothing happened in a period, so that no number could be had. It is not *inconclusive*, which has a number.

# %%
silent = verdicts[verdicts["verdict"] == "not-estimable"]["claim"]
pd.Series(
    {name: files[name]["estimate"]["reason"] for name in silent}, name="reason", dtype=object
).to_frame()

# %% [markdown]
# And some sentences cannot be tested with records of this kind at all. They are listed with what they would need, so that a silence is not taken for an answer.

# %%
untestable = io.read_yaml(root / "config" / "claims.yaml").get("untestable", {})
pd.DataFrame(
    {
        name: {
            "the brief says": item["claim"]["quotation"],
            "why not": item["reason"],
            "it would need": item["needs"],
        }
        for name, item in untestable.items()
    }
).T

# %% [markdown]
# ## To try
#
# - Take a claim that is *mixed*. Which single choice would you have to fix to make it *supported*, or *contradicted*? Is there a reason for that choice in the words of the
#   brief?
# - Take a claim that is *inconclusive*. Is its interval wide for want of records, or because operations differ so much? What would narrow it?
# - Write the entry of a claim of your own: a sentence, a reading, an estimand of the list, a direction, a smallest effect and its reason, and what would change your mind. Write
#   all of it before you look at a number. Then add it to `config/claims.yaml` and run `make`.
# - The next notebook changes a rule, a date or a border and shows which verdicts move. Before you run it, guess which will.
