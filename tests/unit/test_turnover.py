"""Membership spells on a register made by hand: what is an event, what is exposure, and a reason wherever there is no estimate."""

import io

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from coalitions import models, turnover
from coalitions.counts import poisson_limits
from coalitions.survival import SurvivalInputError

# Days are counted on both ends. big-2001 goes on to 2010; alone-2005 has one member; quiet-2005 loses nobody before it ends.
MEMBERSHIPS = """
membership_id,operation_id,state,role,arrangement,counted,joined,left,dates_known,joined_later,left_early,ended,duration_days,scope_strict,scope_broad
big-2001.aaa.1,big-2001,AAA,lead,ahc,1,2001-01-01,2010-12-31,1,0,0,1,3652,1,1
big-2001.bbb.1,big-2001,BBB,contributor,ahc,1,2001-01-01,2001-12-31,1,0,1,1,365,1,1
big-2001.bbb.2,big-2001,BBB,contributor,ahc,1,2009-12-31,2010-12-31,1,1,0,1,366,1,1
big-2001.ccc.1,big-2001,CCC,contributor,ahc,1,2001-01-01,2009-12-31,1,0,1,1,3287,1,1
big-2001.ddd.1,big-2001,DDD,supporter,ahc,0,2001-01-01,2002-12-31,1,0,1,1,730,1,1
big-2001.eee.1,big-2001,EEE,contributor,ahc,1,2001-01-01,2010-12-31,0,0,0,1,3652,1,1
alone-2005.aaa.1,alone-2005,AAA,lead,ahc,1,2005-01-01,,1,0,0,0,731,0,1
quiet-2005.aaa.1,quiet-2005,AAA,lead,ahc,1,2005-03-01,2005-03-10,1,0,0,1,10,0,1
quiet-2005.ccc.1,quiet-2005,CCC,contributor,ahc,1,2005-03-01,2005-03-10,1,0,0,1,10,0,1
eurofor-2002.bbb.1,eurofor-2002,BBB,contributor,regional,1,2002-01-01,2002-06-30,1,0,1,1,181,1,1
"""
OPERATIONS = """
operation_id,domain,tasks,region,n_members_peak
big-2001,land,policing+counterterrorism,asia,4
alone-2005,maritime,maritime-security,africa,1
quiet-2005,land,training-advice,europe,2
eurofor-2002,land,policing,europe,5
"""
STATES = """
state,region
AAA,americas
BBB,asia
BBB,asia
CCC,europe
DDD,europe
EEE,europe
"""
SCOPES = ["strict", "broad"]


def table(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text.strip()))


@pytest.fixture
def memberships() -> pd.DataFrame:
    return table(MEMBERSHIPS)


@pytest.fixture
def operations() -> pd.DataFrame:
    return table(OPERATIONS)


@pytest.fixture
def states() -> pd.DataFrame:
    return table(STATES)


@pytest.fixture
def spells(memberships, operations, states) -> pd.DataFrame:
    return turnover.leaving(memberships, operations, states)


def made(seed: int = 1, operations: int = 30, members: int = 8):
    """Panels of many coalitions: leads stay, some coalitions are left by many."""
    rng = np.random.default_rng(seed)
    ids = [f"op-{i:02d}-2000" for i in range(operations)]
    held = pd.DataFrame({"operation_id": ids, "domain": rng.choice(["land", "maritime"], operations), "region": rng.choice(["asia", "africa"], operations)})
    held["tasks"], held["n_members_peak"] = rng.choice(["counterterrorism", "policing"], operations), rng.integers(3, 20, operations)
    rows = []
    for name in ids:
        prone, life = rng.gamma(1, 1), int(rng.integers(300, 3000))
        for i in range(members):
            exact = int(rng.exponential(4000 / max(prone, 0.05)) * (6 if i == 0 else 1)) + 1
            early = int(exact < life)
            rows.append(
                {
                    "membership_id": f"{name}.s{i}.1", "operation_id": name, "state": f"S{i}", "role": "lead" if i == 0 else "contributor", "arrangement": "ahc", "counted": 1,
                    "joined": "2001-05-01", "dates_known": 1, "joined_later": int(i == 7), "left_early": early, "duration_days": min(exact, life), "scope_strict": 1, "scope_broad": 1,
                }
            )  # fmt: skip
    homes = pd.DataFrame({"state": [f"S{i}" for i in range(members)], "region": np.resize(["asia", "africa", "europe"], members)})
    return pd.DataFrame(rows), held, homes


def line(frame: pd.DataFrame, **named) -> pd.Series:
    for name, value in named.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


# ---- Spells --------------------------------------------------------------------------------------------------------------------------------------------------------


def test_every_membership_has_a_row_and_the_first_reason_that_excludes_it(spells, memberships):
    assert spells["membership_id"].tolist() == sorted(memberships["membership_id"])
    excluded = spells.set_index("membership_id")["excluded"].dropna().to_dict()
    assert excluded == {"big-2001.ddd.1": turnover.SUPPORTER, "big-2001.eee.1": turnover.UNDATED, "eurofor-2002.bbb.1": turnover.OTHERS}


def test_only_leaving_a_coalition_that_goes_on_is_an_event(spells):
    events = spells[spells["excluded"].isna() & (spells["event"] == 1)]
    assert events["membership_id"].tolist() == ["big-2001.bbb.1", "big-2001.ccc.1"]
    assert events["time"].tolist() == [365, 3287]


def test_covariates_are_those_of_the_role_the_state_and_the_operation(spells):
    row = spells.set_index("membership_id").loc
    assert row["big-2001.bbb.2", list(turnover.TERMS)].tolist() == [0, 1, 1, np.log(4), 0, 1]  # back in its own region, in a war
    assert row["alone-2005.aaa.1", list(turnover.TERMS)].tolist() == [1, 0, 0, 0, 1, 0]
    assert row["quiet-2005.ccc.1", [turnover.REGION, turnover.SEA, turnover.WARLIKE]].tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    "tasks", ["counterterrorism", "maritime-security+embargo-enforcement", "maritime-security", "training-advice", "policing+stabilisation", "no-fly-zone+policing"]
)
def test_a_task_of_war_is_that_of_the_duration_models(memberships, operations, states, tasks):
    spells = turnover.leaving(memberships, operations.assign(tasks=tasks), states)
    assert (spells[turnover.WARLIKE] == float(models.task_group(tasks) == "war")).all()


def test_what_is_not_known_stays_unknown(memberships, operations, states):
    spells = turnover.leaving(memberships, operations.assign(n_members_peak=[np.nan, 1, 2, 5], tasks=[np.nan, *["policing"] * 3]), states[states["state"] != "CCC"])
    row = spells.set_index("membership_id").loc
    assert np.isnan(row["big-2001.ccc.1", list(turnover.TERMS)].astype(float)).tolist() == [False, False, True, True, False, True]
    found = turnover.cox_table(spells, ["broad"])
    assert line(found, term=turnover.UNTOLD)["n"] == 5  # four of the large coalition, and the other spell of the state
    assert line(found, term=turnover.UNTOLD)["events"] == 2


def test_bad_panels_are_refused_by_name(memberships, operations, states):
    with pytest.raises(SurvivalInputError, match="memberships has no column left_early"):
        turnover.leaving(memberships.drop(columns="left_early"), operations, states)
    with pytest.raises(SurvivalInputError, match=r"quiet-2005\.aaa\.1 is of an operation"):
        turnover.leaving(memberships, operations[operations["operation_id"] != "quiet-2005"], states)
    with pytest.raises(SurvivalInputError, match="big-2001 occurs twice"):
        turnover.leaving(memberships, pd.concat([operations, operations.head(1)]), states)
    with pytest.raises(SurvivalInputError, match="state BBB has two regions"):
        turnover.leaving(memberships, operations, states.assign(region=["americas", "asia", "africa", "europe", "europe", "europe"]))


# ---- Curves --------------------------------------------------------------------------------------------------------------------------------------------------------


def test_the_curve_of_staying_is_that_by_hand(spells):
    curve = turnover.curve_table(spells, ["strict"])
    whole = curve[curve["group"] == "all"]
    assert whole["time_days"].tolist() == [365, 366, 3287, 3652]
    assert whole[["n_at_risk", "n_event", "n_censored"]].to_numpy().tolist() == [[4, 1, 0], [3, 0, 1], [2, 1, 0], [1, 0, 1]]
    assert_allclose(whole["survival"], [3 / 4, 3 / 4, 3 / 8, 3 / 8])
    lead = curve[curve["group"] == "lead"]
    assert lead["survival"].tolist() == [1.0]
    others = curve[curve["group"] == "others"]
    assert others["survival"].iloc[-1] == 0
    assert others["reason"].iloc[-1] == "no interval: nobody is left"


def test_a_group_without_spells_has_a_line_with_its_reason(spells):
    curve = turnover.curve_table(spells[spells["role"] == "lead"], SCOPES)
    for scope in SCOPES:
        assert line(curve, scope=scope, group="others")["reason"] == "no spells"
    assert turnover.curve_table(spells.head(0), SCOPES)["reason"].eq("no spells").all()


# ---- Models --------------------------------------------------------------------------------------------------------------------------------------------------------


def test_every_model_has_a_line_per_term_and_every_exclusion_its_count(spells):
    found = turnover.cox_table(spells, SCOPES)
    terms = list(turnover.TERMS)
    excluded = [turnover.OTHERS, turnover.SUPPORTER, turnover.UNDATED, turnover.UNTOLD]
    for scope in SCOPES:
        inside = found[found["scope"] == scope]
        assert inside["model"].tolist() == [*[turnover.CLUSTERED] * 6, *[turnover.FRAILTY] * 7, *[turnover.WITHOUT] * 6, *[turnover.EXCLUDED] * 4]
        assert inside["term"].tolist() == [*terms, *terms, turnover.VARIANCE, *terms, *excluded]
        assert inside.loc[inside["estimate"].isna(), "reason"].notna().all()
        counts = inside[inside["model"] == turnover.EXCLUDED].set_index("term")["n"]
        assert counts.to_dict() == dict(zip(excluded, [1, 1, 1, 0], strict=True))
        assert len(turnover.used(spells, scope)) + counts.drop(turnover.UNTOLD).sum() == (spells[f"scope_{scope}"] == 1).sum()


def test_a_coalition_without_early_leavers_has_its_reason(spells):
    quiet = spells[spells["operation_id"] == "quiet-2005"]
    found = turnover.cox_table(quiet, ["broad"])
    fitted = found[found["model"] != turnover.EXCLUDED]
    assert fitted["events"].eq(0).all()
    assert line(found, model=turnover.FRAILTY, term=turnover.VARIANCE)["reason"] == "no events: nobody left a coalition that went on"
    assert line(found, model=turnover.CLUSTERED, term=turnover.LEAD)["reason"] == "no events: nobody left a coalition that went on"
    assert line(found, model=turnover.CLUSTERED, term=turnover.SIZE)["reason"] == "left out: all have the same value"


def test_levels_that_nobody_left_are_taken_out_with_their_spells(spells):
    mine = turnover.used(spells, "strict")
    kept, out = turnover.estimable(mine)
    assert out[turnover.LEAD].startswith("separated: nobody left (1 spell(s)")
    assert kept["role"].tolist() == ["contributor", "contributor"]  # the one who came back is separated too
    assert out[turnover.LATE].startswith("separated")
    assert out[turnover.SIZE] == "left out: all have the same value"


def test_models_of_many_coalitions_are_estimated_and_their_frailty_is_found():
    memberships, operations, states = made()
    found = turnover.cox_table(turnover.leaving(memberships, operations, states), ["strict"])
    fitted = found[found["model"] != turnover.EXCLUDED]
    assert fitted["estimate"].notna().all()
    assert fitted["reason"].isna().all()
    for model in (turnover.CLUSTERED, turnover.FRAILTY):
        assert line(found, model=model, term=turnover.LEAD)["upper"] < 0
    variance = line(found, term=turnover.VARIANCE)
    assert 0 < variance["lower"] < 1 < variance["upper"]
    assert variance["p"] < 0.01


def test_a_model_whose_events_are_of_one_coalition_says_so():
    memberships, operations, states = made()
    often = memberships["operation_id"].isin(["op-00-2000", "op-01-2000", "op-02-2000"])
    memberships["left_early"] = np.where(often & (memberships["state"] != "S0"), 1, 0)
    memberships.loc[memberships["membership_id"] == "op-05-2000.s0.1", "left_early"] = 1
    found = turnover.cox_table(turnover.leaving(memberships, operations, states), ["strict"])
    warnings = found.loc[found["model"] == turnover.CLUSTERED, "warning"]
    assert warnings.str.contains("7 of 22 events are of op-00-2000").all()
    rest = found[found["model"] == turnover.WITHOUT]
    assert rest["events"].eq(15).all()
    assert rest["warning"].str.startswith("without op-00-2000; ").all()


# ---- Rates ---------------------------------------------------------------------------------------------------------------------------------------------------------


def test_rates_are_events_over_years_of_membership_by_hand(spells):
    found = turnover.rates_table(spells, SCOPES)
    assert found.groupby(["scope", "model"])["term"].agg(list).tolist() == [["2000s", "2010s", "all"]] * 4
    # strict, to 2009: AAA 3287, BBB 365 and 1, CCC 3287 days; in 2010 AAA and BBB 365 each
    row = line(found, scope="strict", model=turnover.LEFT, term="2000s")
    assert (row["events"], row["n"], row["operations"]) == (2, 4, 1)
    assert_allclose(row["exposure_years"], (3287 + 365 + 1 + 3287) / 365.25)
    assert_allclose(row["estimate"], 100 * 2 / row["exposure_years"])
    assert_allclose((row["lower"], row["upper"]), 100 * np.array(poisson_limits(2, row["exposure_years"])))
    late = line(found, scope="strict", model=turnover.LEFT, term="2010s")
    assert (late["events"], late["n"], late["estimate"], late["lower"]) == (0, 2, 0, 0)
    assert_allclose(late["exposure_years"], 730 / 365.25)
    joins = found[(found["scope"] == "strict") & (found["model"] == turnover.JOINED)]
    assert joins["events"].tolist() == [1, 0, 1]
    whole = line(found, scope="broad", model=turnover.LEFT, term="all")
    assert_allclose(whole["exposure_years"], (3652 + 365 + 366 + 3287 + 731 + 10 + 10) / 365.25)
    assert (whole["n"], whole["operations"]) == (7, 3)


def test_a_decade_or_a_scope_without_members_has_its_reason(spells):
    early = spells[(spells["operation_id"] == "quiet-2005") | (spells["membership_id"] == "big-2001.bbb.2")]
    found = turnover.rates_table(early.assign(scope_strict=(early["operation_id"] == "quiet-2005").astype(int)), SCOPES)
    assert line(found, scope="strict", model=turnover.LEFT, term="2010s")["reason"] == "no years of membership"
    none = turnover.rates_table(spells.assign(scope_strict=0), ["strict"])
    assert none["reason"].eq("no years of membership").all()
    assert len(turnover.rates_table(spells.head(0), ["strict"])) == 2


# ---- All -----------------------------------------------------------------------------------------------------------------------------------------------------------


def test_all_tables_have_their_columns_and_do_not_depend_on_the_order_of_rows(memberships, operations, states):
    for panels in ((memberships, operations, states), made()):
        one = turnover.estimates(*panels, SCOPES)
        assert {name: list(frame) for name, frame in one.items()} == turnover.COLUMNS
        other = turnover.estimates(*(panel.sample(frac=1, random_state=3) for panel in panels), SCOPES)
        for name in one:
            pd.testing.assert_frame_equal(one[name], other[name])


def test_a_register_without_coalitions_gives_reasons_only(memberships, operations, states):
    found = turnover.estimates(memberships.assign(arrangement="regional"), operations, states, SCOPES)
    assert found["staying"]["reason"].eq("no spells").all()
    assert found["leaving"].query("model != 'excluded'")["reason"].notna().all()
    assert found["turnover"]["reason"].eq("no years of membership").all()


def test_the_panels_of_the_tiny_register_are_read_as_they_are(panels):
    states = pd.DataFrame({"state": ["FRA", "DEU", "USA", "SUHH", "RUS"], "region": ["europe", "europe", "americas", "europe", "europe"]})
    found = turnover.estimates(panels["memberships"], panels["operations"], states, ["strict", "broad"])
    counts = found["leaving"].query("model == 'excluded' and scope == 'broad'").set_index("term")["n"]
    assert (counts[turnover.SUPPORTER], counts[turnover.UNDATED]) == (1, 1)
    assert line(found["turnover"], scope="broad", model=turnover.JOINED, term="all")["events"] == 2  # Germany in 2002, the United States in 2010
    assert line(found["turnover"], scope="broad", model=turnover.LEFT, term="all")["events"] == 2
