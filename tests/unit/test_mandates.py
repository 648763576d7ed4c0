"""Who leads, when coalitions are launched, on what they rest, how many tasks they have: tiny cases by hand, order of rows, awkward records and refusals."""

import numpy as np
import pandas as pd
import pytest

from coalitions import mandates
from coalitions.figures import leadership, legal, tasks, vetoes
from coalitions.survival import NotEstimable

CUTOFF = pd.Timestamp("2026-06-30")
EUROPE = frozenset({"GBR", "FRA", "DEU", "NOR", "POL"})
ORGANISATIONS = pd.DataFrame(
    [("EU", "FRA", "1958-01-01", ""), ("EU", "POL", "2004-05-01", ""), ("EU", "GBR", "1973-01-01", "2020-01-31"), ("NATO", "NOR", "1949-08-24", ""), ("NATO", "USA", "1949", ""),
     ("OECD", "JPN", "1964-04-28", ""), ("AU", "NGA", "1963", ""), ("NATO", "POL", "1999-03-12", ""), ("EU", "DEU", "", "")],
    columns=["organisation", "state", "joined", "left"],
)  # fmt: skip


def operations(n: int = 4) -> pd.DataFrame:
    """`n` coalitions of the strict scope in years from 2000, in theatres of their own."""
    frame = pd.DataFrame({"operation_id": [f"a{i}" for i in range(n)], "start": pd.to_datetime([f"{2000 + i}-06-01" for i in range(n)])})
    return frame.assign(
        chain_id=frame["operation_id"], predecessor_id=pd.Series(np.nan, index=frame.index, dtype=object), arrangement="ahc", deployed=1, legal_basis="unsc", founding_document="treaty", theatre=[f"T{i}" for i in range(n)],
        scope_strict=1, scope_broad=1,
    )  # fmt: skip


def members(*rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["operation_id", "state", "role"])
    return frame.assign(counted=(frame["role"] != "supporter").astype(int), joined_later=0)


def led(frame, memberships):
    return mandates.leadership(mandates.launches(frame), memberships, mandates.organisation_spells(ORGANISATIONS), EUROPE).set_index("operation_id")


# ---- launches and leaders


def test_a_chain_is_one_launch_and_in_a_scope_if_one_of_its_names_is():
    frame = operations(3)
    frame.loc[1, ["predecessor_id", "chain_id"]] = ["a0", "a0"]
    frame.loc[0, "scope_strict"] = 0
    merged, single = mandates.launches(frame), mandates.launches(frame, merged=False)
    assert (merged["operation_id"].tolist(), merged["scope_strict"].tolist()) == (["a0", "a2"], [1, 1])
    assert (single["operation_id"].tolist(), single["scope_strict"].tolist()) == (["a0", "a1", "a2"], [0, 1, 1])


def test_never_deployed_and_other_arrangements_are_no_launches_and_a_younger_name_of_them_is():
    frame = operations(4)
    frame.loc[0, "deployed"] = 0
    frame.loc[1, ["predecessor_id", "chain_id"]] = ["a0", "a0"]
    frame.loc[2, "arrangement"] = "un"
    frame.loc[3, "start"] = pd.NaT
    assert mandates.launches(frame)["operation_id"].tolist() == ["a1"]


def test_an_operation_that_occurs_twice_is_refused():
    with pytest.raises(mandates.MandateInputError, match="a0 occurs twice"):
        mandates.launches(pd.concat([operations(1), operations(1)]))


@pytest.mark.parametrize(("state", "day", "member"), [
    ("POL", "2004-04-30", False), ("POL", "2004-05-01", True), ("GBR", "2020-01-30", True), ("GBR", "2020-01-31", False), ("DEU", "1950-01-01", True), ("XXX", "2010-01-01", False),
])  # fmt: skip
def test_membership_is_that_of_the_day_and_a_state_without_any_has_none(state, day, member):
    pairs = pd.DataFrame({"state": [state], "start": pd.to_datetime([day])}, index=[7])
    found = mandates.affiliations(pairs, mandates.organisation_spells(ORGANISATIONS))
    assert bool(found.loc[7, "EU"]) is member


def test_leaders_are_read_by_definition_and_by_any_every_or_member():
    table = led(
        operations(4), members(("a0", "USA", "lead"), ("a0", "NGA", "lead"), ("a1", "NGA", "lead"), ("a1", "JPN", "contributor"), ("a2", "FRA", "lead"), ("a2", "POL", "lead"))
    )
    assert table["western_any"].tolist() == [1, 0, 1, 0]
    assert table["western_every"].tolist() == [0, 0, 1, 0]
    assert table["western_member"].tolist() == [1, 1, 1, 0]
    assert table["named_eu_nato_member"].tolist() == [1, 0, 1, 0]
    assert table["eu_every"].tolist() == [0, 0, 0, 0]  # Poland in 2002
    assert table["eu_or_nato_every"].tolist() == [0, 0, 1, 0]
    assert table["class"].tolist() == ["United States", "others", "United Kingdom, France, Germany", "no recorded lead"]
    assert table["n_leads"].tolist() == [2, 1, 2, 0]


def test_hosts_supporters_and_leads_that_joined_later_do_not_lead_the_launch():
    memberships = members(("a0", "USA", "supporter"), ("a0", "FRA", "host"), ("a0", "NOR", "lead"), ("a0", "NGA", "lead"))
    memberships.loc[2, "joined_later"] = 1
    row = led(operations(1), memberships).loc["a0"]
    assert (row["western_any"], row["western_member"], row["n_leads"], row["n_members"], row["class"]) == (0, 1, 1, 2, "others")


def test_leads_that_all_came_later_lead_the_launch():
    memberships = members(("a0", "USA", "lead"), ("a0", "NGA", "contributor")).assign(joined_later=[1, 0])
    row = led(operations(1), memberships).loc["a0"]
    assert (row["western_any"], row["n_leads"], row["class"]) == (1, 1, "United States")


def test_an_operation_without_members_has_no_recorded_lead():
    row = led(operations(1), members()).loc["a0"]
    assert (row["n_leads"], row["n_members"], row["class"], row["western_every"]) == (0, 0, "no recorded lead", 0)


def test_leadership_does_not_depend_on_the_order_of_rows():
    memberships = members(("a0", "USA", "lead"), ("a1", "NGA", "lead"), ("a2", "FRA", "lead"), ("a2", "NGA", "contributor"))
    shuffled = operations(4).sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(led(operations(4), memberships), led(shuffled, memberships.sample(frac=1, random_state=2)))


def test_classes_of_a_decade_add_up_to_one_and_a_decade_without_a_launch_has_no_lines():
    frame = operations(4)
    frame.loc[3, "start"] = pd.Timestamp("2021-01-01")
    launched = mandates.launches(frame)
    table = mandates.leadership_table(launched, mandates.leadership(launched, members(("a0", "USA", "lead")), mandates.organisation_spells(ORGANISATIONS)), ["strict"], 0.95)
    assert set(table["decade"]) == {"all", "2000s", "2020s"}
    assert table[table["model"] == "class"].groupby("decade")["estimate"].sum().tolist() == pytest.approx([1, 1, 1])
    assert (table.loc[table["model"] == "trend", "reason"].str.startswith("fewer than five")).all()


# ---- European-led launches


def test_rates_before_and_after_and_a_period_without_a_launch():
    frame = operations(6)
    frame["start"] = pd.to_datetime(["2000-01-01", "2010-01-01", "2022-03-20", "2022-03-21", "2024-01-01", "1998-12-31"])
    launched = mandates.launches(frame)
    memberships = members(*[(f"a{i}", "FRA", "lead") for i in range(6)], ("a1", "NGA", "lead"))
    held = mandates.leadership(launched, memberships, mandates.organisation_spells(ORGANISATIONS), EUROPE)
    table = mandates.european_table(launched, held, ["strict"], CUTOFF, 0.95).set_index(["europeans", "lead", "term"])
    assert table.loc[("eu", "any-lead", "rate before"), "events"] == 3
    assert table.loc[("eu", "every-lead", "rate before"), "events"] == 2
    assert table.loc[("eu", "every-lead", "rate after"), "events"] == 2
    years = table.loc[("eu", "every-lead", "rate before"), "exposure_years"], table.loc[("eu", "every-lead", "rate after"), "exposure_years"]
    assert years == pytest.approx((8480 / 365.25, 1563 / 365.25))
    assert table.loc[("eu", "every-lead", "rate ratio"), "estimate"] == pytest.approx(years[0] / years[1])
    none = mandates.european_table(launched, held, ["strict"], CUTOFF, 0.95, later_from="2025-01-01").set_index(["europeans", "lead", "term"])
    assert none.loc[("eu", "any-lead", "rate ratio"), "reason"] == "no such launch in a period (5 before, 0 after)"


def test_a_ratio_of_rates_turns_over_with_its_periods():
    there, back = mandates.rate_ratio(6, 20, 3, 5), mandates.rate_ratio(3, 5, 6, 20)
    assert there["estimate"] == pytest.approx(2)
    assert (1 / there["lower"], 1 / there["upper"], there["p"]) == pytest.approx((back["upper"], back["lower"], back["p"]))
    assert mandates.rate_ratio(4, 10, 0, 5)["lower"] == 0
    assert np.isinf(mandates.rate_ratio(0, 10, 4, 5)["upper"])
    with pytest.raises(ValueError, match="no event"):
        mandates.rate_ratio(0, 10, 0, 5)


# ---- vetoes

VETOES = pd.DataFrame({
    "veto_id": ["veto-1950-01-01-1-suhh", "veto-2001-01-01-1-chn", "veto-2001-01-01-1-rus", "veto-2001-02-01-1-usa", "veto-2003-02-01-1-usa"],
    "date": ["1950-01-01", "2001-01-01", "2001-01-01", "2001-02-01", "2003-02-01"], "theatre": ["", "T0", "T0", "PSE", "T3"],
})  # fmt: skip


def system_years(launched, first: int = 1945, last: int = 2026) -> pd.DataFrame:
    frame = pd.DataFrame({"year": range(first, last + 1)})
    count = launched["start"].dt.year.value_counts()
    return frame.assign(scope="strict", exposure_years=np.where(frame["year"] == 2026, 0.5, 1.0), ahc_launches=frame["year"].map(count).fillna(0).astype(int))


def test_a_draft_that_two_states_vetoed_is_one_draft():
    drafts = mandates.vetoed_drafts(VETOES)
    assert len(drafts) == 4
    assert mandates.drafts_by_year(drafts, np.array([1950, 2000, 2001, 2003])).tolist() == [1, 0, 2, 1]
    assert mandates.drafts_by_year(drafts, np.array([1950, 2001]), "crisis").tolist() == [0, 2]


def test_lags_look_back_and_leave_out_years_before_the_council_and_a_part_of_a_year_without_a_lag():
    drafts, frame = mandates.vetoed_drafts(VETOES), system_years(operations(4))
    years, design = mandates.veto_design(frame, drafts, "strict", 1945, 2, "all", trend=True)
    assert (years["year"].min(), years["year"].max()) == (1948, 2026)
    assert design.loc[years["year"] == 2003, "vetoed draft"].tolist() == [2]
    assert design["decade"].mean() == pytest.approx(0)
    years, design = mandates.veto_design(frame, drafts, "strict", 2000, 0, "all", trend=False)
    assert (years["year"].min(), years["year"].max(), list(design)) == (2000, 2025, ["vetoed draft"])


def test_theatre_years_hold_launches_and_the_vetoes_on_the_theatre_itself():
    drafts, frame = mandates.vetoed_drafts(VETOES), operations(4)
    frame.loc[3, "theatre"] = np.nan  # an operation without a theatre is in no theatre-year
    years, _ = mandates.veto_design(system_years(frame), drafts, "strict", 2000, 1, "all", trend=True)
    y, x = mandates.theatre_design(frame, years, drafts, "strict", 1, trend=True)
    assert (y.shape, x.shape) == ((3, 27), (3, 27, 2))
    assert (y.sum(axis=1).tolist(), y[0, 0]) == ([1, 1, 1], 1)
    assert (x[:, :, 0].sum(), x[0, 2, 0]) == (1, 1)  # T0 in 2001, read in 2002; nothing on T1 and T2
    assert mandates.theatre_design(frame.iloc[:0], years, drafts, "strict", 1, trend=True)[0].size == 0


def test_the_table_of_vetoes_has_every_year_also_those_without_a_launch():
    table = mandates.veto_years(system_years(operations(4)), VETOES, ["strict"])
    assert len(table) == 82
    assert table.loc[table["year"] == 2001, ["vetoed_drafts", "vetoed_on_crises", "ahc_launches"]].to_numpy().tolist() == [[2, 2, 1]]


def test_the_table_of_gridlock_says_why_a_line_is_empty():
    table = mandates.gridlock_table(operations(4), system_years(operations(4)), VETOES.iloc[:0], ["strict"], 0.95)
    lines = table[table["term"] == "vetoed draft"]
    assert set(lines["reason"]) == {"no vetoed draft", "a term does not vary within the units that have events"}
    assert table.loc[(table["model"] == "authorised") & (table["term"] == "all"), ["n", "events", "estimate"]].to_numpy().tolist() == [[4, 4, 1]]


# ---- mandates


@pytest.mark.parametrize(("which", "silent", "expected"), [
    ("legal-contested", "dropped", [1, 0, np.nan, 0]), ("legal-contested", "unclear", [1, 0, 1, 0]), ("legal-contested", "clear", [1, 0, 0, 0]),
    ("document-none", "dropped", [0, 0, 1, np.nan]), ("document-declaration", "dropped", [0, 1, 1, np.nan]), ("document-memorandum", "clear", [1, 1, 1, 0]),
    ("either-none", "dropped", [1, 0, np.nan, np.nan]), ("either-declaration", "clear", [1, 1, 1, 0]), ("both-declaration", "unclear", [0, 0, 1, 0]),
    ("either-none", "undecided", [1, 0, 1, np.nan]), ("both-declaration", "undecided", [0, 0, np.nan, 0]), ("legal-contested", "undecided", [1, 0, np.nan, 0]),
])  # fmt: skip
def test_mandates_are_unclear_as_asked_and_silence_is_treated_as_said(which, silent, expected):
    basis = pd.Series(["contested", "unsc", None, "treaty"], name="legal_basis")
    document = pd.Series(["mou", "declaration", "none", None], name="founding_document")
    np.testing.assert_array_equal(mandates.unclear(basis, document, which, silent), expected)


def test_an_unknown_value_is_refused_by_name():
    with pytest.raises(mandates.MandateInputError, match="legal_basis has the unknown value 'vague'"):
        mandates.unclear(pd.Series(["vague"], name="legal_basis"), pd.Series(["mou"], name="founding_document"), "either-none")


def test_shares_of_legal_bases_count_silence_as_a_kind_of_its_own():
    frame = operations(4)
    frame.loc[0, "legal_basis"] = np.nan
    table = mandates.legal_table(mandates.launches(frame), ["strict"], 0.95).set_index(["model", "decade", "term"])
    assert table.loc[("legal_basis", "all", "no source"), "estimate"] == 0.25
    assert table.loc[("legal_basis", "all", "unsc"), "estimate"] == 0.75
    assert table.loc[("unclear", "all", "legal-contested"), "n"] == 3
    assert table.loc[("trend: unclear", "all", "either-none"), "reason"] == "fewer than five with or without (0 of 3)"


# ---- tasks


def test_every_task_of_the_vocabulary_has_a_family():
    from pathlib import Path

    from coalitions import io

    vocabulary = io.read_yaml(Path(__file__).resolve().parents[2] / "workflow" / "schemas" / "register.yaml")["vocabularies"]["task"]
    assert set(vocabulary) == set(mandates.FAMILY_OF)
    assert set(mandates.NOT_MILITARY) < set(vocabulary)


@pytest.mark.parametrize(("grouping", "expected"), [("listed", [3, 1, np.nan]), ("families", [2, 1, np.nan]), ("military", [2, 0, np.nan])])
def test_tasks_are_counted_as_listed_by_family_or_without_civilian_ones(grouping, expected):
    counted = mandates.task_counts(pd.Series(["interposition+verification+policing", "rule-of-law", None]), grouping)
    np.testing.assert_array_equal(counted, expected)


def test_an_unknown_task_is_refused():
    with pytest.raises(mandates.MandateInputError, match="'gardening' is in no family"):
        mandates.task_counts(pd.Series(["gardening"]), "listed")


def ratio(ahc, other, adjust="none", domain="land", theatre=None):
    count = np.array([*ahc, *other], dtype=float)
    start = pd.Series(pd.to_datetime([f"{1980 + 4 * i}-01-01" for i in range(len(count))]))
    theatre = [f"T{i}" for i in range(len(count))] if theatre is None else theatre
    domains = pd.Series([domain] * len(count)) if isinstance(domain, str) else pd.Series(domain)
    return mandates.task_ratio(count, np.arange(len(count)) < len(ahc), theatre, adjust, start, domains, 0.95)


def test_the_ratio_of_tasks_is_that_of_the_means():
    assert ratio([1, 2, 3, 1, 2], [4, 5, 3, 2, 4])["estimate"] == pytest.approx(np.log(9 / 18))
    assert ratio([4, 5, 3, 2, 4], [1, 2, 3, 1, 2])["estimate"] == pytest.approx(np.log(2))


def test_operations_without_a_theatre_stand_for_themselves():
    every = ratio([1, 2, 3, 1, 2], [4, 5, 3, 2, 4])
    assert ratio([1, 2, 3, 1, 2], [4, 5, 3, 2, 4], theatre=[None] * 10)["se"] == pytest.approx(every["se"])


def test_a_domain_without_any_task_is_left_out_as_its_coefficient_is_infinite():
    domain = ["land"] * 5 + ["maritime"] + ["land"] * 6
    found = ratio([1, 2, 3, 1, 2, 0], [4, 5, 3, 2, 4, 1], "era-and-domain", domain)
    assert np.isfinite(found["estimate"])


@pytest.mark.parametrize(("ahc", "other", "theatre", "reason"), [
    ([1, 2, 3, 1], [4, 5, 3, 2, 4], None, "fewer than five operations in a group (4 AHC, 5 comparator)"),
    ([1, 2, 3, 1, 2], [4, 5, 3, 2, 4], ["A", "B"] * 5, "operations in 2 theatres: too few for a variance by theatre"),
    ([0] * 5, [0] * 5, None, "no events"),
])  # fmt: skip
def test_ratios_that_cannot_be_had_come_with_the_reason(ahc, other, theatre, reason):
    assert ratio(ahc, other, theatre=theatre) == NotEstimable(reason)


def spells() -> pd.DataFrame:
    frame = pd.DataFrame({"arrangement": ["ahc"] * 6 + ["un"] * 6 + ["regional"] * 2, "tasks": ["policing", "interposition+policing"] * 6 + ["mediation", None]})
    return frame.assign(
        spell_id=[f"s{i}" for i in range(14)], theatre=[f"T{i}" for i in range(14)], domain="land", start=pd.to_datetime([f"{1990 + i}-01-01" for i in range(14)]), scope_strict=1
    )


def test_the_table_of_tasks_has_a_line_for_each_arrangement_or_its_reason_and_leaves_out_mandates_without_a_task():
    table = mandates.tasks_table(spells(), ["strict"], 0.95).set_index(["task_grouping", "model", "term"])
    assert table.loc[("listed", "mean", "ahc"), ["n", "events", "estimate"]].tolist() == [6, 9, 1.5]
    assert table.loc[("listed", "mean", "regional"), "reason"] == "1 operations"
    assert table.loc[("listed", "ratio", "un"), "estimate"] == pytest.approx(0)
    assert table.loc[("listed", "ratio", "regional"), "reason"] == "fewer than five operations in a group (6 AHC, 1 comparator)"
    assert table.loc[("families", "has a task", "ahc: monitoring"), "estimate"] == 0.5


# ---- figures and the whole


def every_table():
    frame = operations(8)
    memberships = members(("a0", "USA", "lead"), ("a1", "FRA", "lead"), ("a2", "NGA", "lead"), ("a3", "POL", "lead"))
    return mandates.estimates(frame, spells(), memberships, system_years(frame), VETOES, ORGANISATIONS, pd.DataFrame({"state": ["FRA"], "region": ["europe"]}), ["strict"], CUTOFF)


def test_all_tables_have_their_columns_and_every_empty_estimate_its_reason():
    tables = every_table()
    assert {name: list(table) for name, table in tables.items()} == mandates.COLUMNS
    for name, table in tables.items():
        if "estimate" in table:
            silent = table[table["estimate"].isna()]
            assert silent["reason"].notna().all(), name


def test_tables_do_not_depend_on_the_order_of_rows():
    frame, held, memberships = operations(8), spells(), members(("a0", "USA", "lead"), ("a1", "FRA", "lead"), ("a1", "NGA", "lead"))
    years, states = system_years(frame), pd.DataFrame({"state": ["FRA"], "region": ["europe"]})
    there = mandates.estimates(frame, held, memberships, years, VETOES, ORGANISATIONS, states, ["strict"], CUTOFF)
    mixed = [table.sample(frac=1, random_state=5) for table in (frame, held, memberships, years, VETOES, ORGANISATIONS)]
    back = mandates.estimates(*mixed, states, ["strict"], CUTOFF)
    for name in there:
        pd.testing.assert_frame_equal(there[name], back[name])


def test_a_register_without_coalitions_gives_reasons_only():
    frame = operations(4).assign(arrangement="un")
    tables = mandates.estimates(
        frame, spells().iloc[6:], members(("a0", "USA", "lead")), system_years(frame.iloc[:0]), VETOES, ORGANISATIONS, pd.DataFrame({"state": [], "region": []}), ["strict"], CUTOFF
    )
    for name in ("leadership", "legal", "gridlock"):
        assert tables[name]["estimate"].isna().all(), name
        assert tables[name]["reason"].notna().all(), name
    assert tables["european_led"].loc[tables["european_led"]["term"] == "rate ratio", "reason"].notna().all()


@pytest.mark.parametrize("empty", [False, True])
def test_figures_are_drawn_with_tables_and_without(empty):
    tables = {name: table.iloc[:0] if empty else table for name, table in every_table().items()}
    drawn = [
        leadership.plot(tables["leadership"], tables["european_led"], "strict"), vetoes.plot(tables["vetoes"], tables["gridlock"], "strict"), legal.plot(tables["legal"], "strict"),
        tasks.plot(tables["tasks_per_mandate"], "strict"),
    ]  # fmt: skip
    for (figure, data), module in zip(drawn, (leadership, vetoes, legal, tasks), strict=True):
        figure.draw_without_rendering()
        assert list(data) == module.COLUMNS
        assert data.empty is empty
        assert isinstance(data.index, pd.RangeIndex)
