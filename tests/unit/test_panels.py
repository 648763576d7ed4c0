"""From the register to panels: durations, chains, members, years."""

import numpy as np
import pandas as pd
import pytest

from coalitions import build
from coalitions import panels as make

T = pd.Timestamp


def operation(register, name, /, **cells):
    """Change cells of an operation."""
    frame = register["operations"]
    for column, value in cells.items():
        frame.loc[frame["operation_id"] == name, column] = value


def member(register, name, state, role="contributor", joined="", left="", known="sourced"):
    """A further spell of a state."""
    register["memberships"].loc[register["memberships"].index.max() + 1] = [name, state, role, joined, left, known, ""]


def spans(register, name, start, end, /, **cells):
    """Give an operation another start and end."""
    operation(register, name, start=start, end=end, status="ended", ended_how="completed", **cells)


class Built:
    """The panels of a register, each built when it is asked for."""

    def __init__(self, register, rules, first_year, cutoff):
        self.register, self.rules, self.first_year, self.cutoff = register, rules, first_year, cutoff
        self.operations = make.operations(register, rules, cutoff)

    def __getitem__(self, name):
        scopes = list(self.rules)
        if name == "operations":
            return self.operations
        if name == "spells":
            return make.spells(self.operations, self.cutoff)
        members = make.memberships(self.register, self.operations, self.cutoff)
        if name == "memberships":
            return members
        if name == "operation_years":
            return make.operation_years(self.operations, members, self.cutoff)
        if name == "member_years":
            return make.member_years(members, scopes, self.cutoff)
        return make.system_years(self.operations, members, self.register["states"], scopes, self.first_year, self.cutoff)


@pytest.fixture
def built(register, rules, cutoff):
    """Builds the panels of the (changed) register."""
    return lambda first_year=1985, rules=rules, cutoff=cutoff: Built(register, rules, first_year, cutoff)


def row(frame, key):
    """The row of a panel with this key in its first column."""
    return frame.set_index(frame.columns[0]).loc[key]


# durations


def test_a_duration_counts_the_first_and_the_last_day(register, built):
    spans(register, "eurofor-2002", "2002-05-21", "2002-05-23")
    assert row(built()["operations"], "eurofor-2002")["duration_days"] == 3


def test_an_operation_of_one_day_lasts_one_day(register, built):
    spans(register, "eurofor-2002", "2002-05-21", "2002-05-21")
    assert row(built()["operations"], "eurofor-2002")["duration_days"] == 1
    assert row(built()["operations"], "eurofor-2002")["duration_years"] == pytest.approx(1 / 365.25)


@pytest.mark.parametrize(
    ("start", "end", "days"), [("2000-02-28", "2000-03-01", 3), ("2001-02-28", "2001-03-01", 2), ("2004-01-01", "2004-12-31", 366), ("1999-12-31", "2000-01-01", 2)]
)
def test_durations_know_leap_years(start, end, days, register, built):
    spans(register, "eurofor-2002", start, end)
    assert row(built()["operations"], "eurofor-2002")["duration_days"] == days


def test_a_month_is_drawn_to_its_middle_with_its_first_and_last_day_beside(register, built):
    spans(register, "eurofor-2002", "2002-05", "2004-02")
    found = row(built()["operations"], "eurofor-2002")
    assert [found[c] for c in ("start_earliest", "start", "start_latest")] == [T("2002-05-01"), T("2002-05-16"), T("2002-05-31")]
    assert [found[c] for c in ("end_earliest", "end", "end_latest")] == [T("2004-02-01"), T("2004-02-15"), T("2004-02-29")]
    assert found["duration_days"] == (T("2004-02-15") - T("2002-05-16")).days + 1
    assert (found["start_text"], found["end_text"]) == ("2002-05", "2004-02")


def test_an_end_whose_middle_lies_before_the_start_is_moved_to_the_start(register, built):
    spans(register, "eurofor-2002", "2002-05-21", "2002-05")
    found = row(built()["operations"], "eurofor-2002")
    assert (found["end"], found["duration_days"]) == (T("2002-05-21"), 1)
    assert found["end_latest"] == T("2002-05-31")


def test_an_ongoing_operation_is_observed_to_the_cut_off(panels, cutoff):
    found = row(panels["operations"], "beta-force-2003")
    assert found["duration_days"] == (cutoff - T("2003-08-11")).days + 1
    assert found["ended"] == 0
    assert pd.isna(found["end"])


def test_an_operation_with_unknown_end_is_observed_on_its_first_day_only(panels):
    found = row(panels["operations"], "gulf-watch-1987")
    assert (found["duration_days"], found["ended"]) == (1, 0)
    years = panels["operation_years"].query("operation_id == 'gulf-watch-1987'")
    assert years[["year", "days_active", "launched", "closed"]].to_numpy().tolist() == [[1987, 1, 1, 0]]


def test_a_case_that_never_deployed_has_no_duration_and_is_in_no_other_panel(panels):
    found = row(panels["operations"], "paper-force-2015")
    assert found["deployed"] == 0
    assert pd.isna(found["duration_days"])
    assert not panels["spells"]["operation_ids"].str.contains("paper").any()
    for name in ("memberships", "operation_years"):
        assert "paper-force-2015" not in set(panels[name]["operation_id"])


# what is derived


def test_empty_text_is_missing_and_flags_are_numbers(panels):
    found = row(panels["operations"], "gulf-watch-1987")
    assert pd.isna(found["acronym"])
    assert pd.isna(found["contributors_peak"])
    assert panels["operations"]["military"].dtype == "int64"


def test_tasks_decide_what_is_a_peace_operation_and_what_monitors(register, built):
    register["tasks"].loc[30] = ["alpha-force-2001", "counterterrorism"]
    register["tasks"].loc[31] = ["beta-force-2003", "verification"]
    found = built()["operations"].set_index("operation_id")
    assert found["peace_operation"].to_dict() == {"alpha-force-2001": 0, "beta-force-2003": 1, "eurofor-2002": 1, "gulf-watch-1987": 0, "paper-force-2015": 0, "unmat-1999": 1}
    assert found["monitoring"].sum() == found.loc["beta-force-2003", "monitoring"] == 1
    assert found.loc["alpha-force-2001", "n_tasks"] == 2


def test_theatre_and_region_are_those_of_the_primary_theatre(panels):
    assert row(panels["operations"], "gulf-watch-1987")[["theatre", "region"]].tolist() == ["hormuz-gulf", "middle-east"]


def test_scopes_are_flags_of_the_rules(panels):
    found = panels["operations"].set_index("operation_id")
    assert found["scope_broad"].tolist() == [1] * 6
    assert found.index[found["scope_strict"] == 1].tolist() == ["alpha-force-2001", "beta-force-2003", "gulf-watch-1987", "unmat-1999"]


def test_a_rule_that_names_no_column_stops_the_panels(built):
    with pytest.raises(ValueError, match="colour"):
        built(rules={"strict": "colour == 'red'", "broad": "True"})


# chains


def test_a_renamed_chain_is_one_spell_from_its_oldest_start_to_its_youngest_end(panels, cutoff):
    found = row(panels["spells"], "alpha-force-2001")
    assert found["operation_ids"] == "alpha-force-2001+beta-force-2003"
    assert (found["start"], found["name"]) == (T("2001-12-20"), "Alpha Force")
    assert (found["status"], found["ended"]) == ("ongoing", 0)
    assert found["duration_days"] == (cutoff - T("2001-12-20")).days + 1
    assert found["n_tasks"] == 2
    assert len(panels["spells"]) == 4


def test_unmerged_every_name_is_a_spell(panels, cutoff):
    found = make.spells(panels["operations"], cutoff, merge=False)
    assert found["spell_id"].tolist() == ["alpha-force-2001", "beta-force-2003", "eurofor-2002", "gulf-watch-1987", "unmat-1999"]
    assert row(found, "alpha-force-2001")["duration_days"] == (T("2003-08-10") - T("2001-12-20")).days + 1


def test_a_chain_is_in_a_scope_if_one_of_its_names_is(register, built):
    operation(register, "beta-force-2003", nested="1", parent_id="gulf-watch-1987")
    assert row(built()["spells"], "alpha-force-2001")["scope_strict"] == 1


@pytest.mark.parametrize("order", [["a", "b", "c"], ["c", "b", "a"], ["b", "c", "a"]])
def test_a_chain_of_three_names_goes_by_the_oldest_in_whatever_order_they_stand(order):
    older = {"a": "", "b": "a", "c": "b"}
    assert make.chain_of(pd.DataFrame({"operation_id": order, "predecessor_id": [older[n] for n in order]})) == {"a": "a", "b": "a", "c": "a"}


def test_missing_predecessors_are_no_chain():
    assert make.chain_of(pd.DataFrame({"operation_id": ["a", "b"], "predecessor_id": [np.nan, None]})) == {"a": "a", "b": "b"}


def test_the_oldest_name_of_a_chain_is_the_predecessor_even_if_its_start_is_known_to_the_month(register, built):
    operation(register, "alpha-force-2001", start="2001-12", end="2001-12-09")
    operation(register, "beta-force-2003", start="2001-12-10")
    found = row(built()["spells"], "alpha-force-2001")
    assert (found["name"], found["status"]) == ("Alpha Force", "ongoing")


# members


def test_supporters_are_listed_but_not_counted(panels):
    assert row(panels["memberships"], "alpha-force-2001.usa.1")["counted"] == 0
    assert "USA" not in set(panels["member_years"].query("year == 2002")["state"])
    assert panels["operation_years"].query("operation_id == 'alpha-force-2001' and year == 2002")["n_members"].tolist() == [2]
    assert row(panels["operations"], "alpha-force-2001")["n_members_launch"] == 1


def test_an_empty_joined_or_left_is_the_start_or_end_of_the_operation(panels):
    found = row(panels["memberships"], "alpha-force-2001.fra.1")
    assert (found["joined"], found["left"], found["ended"], found["joined_later"], found["left_early"]) == (T("2001-12-20"), T("2003-08-10"), 1, 0, 0)


def test_a_spell_that_still_runs_is_censored_at_the_cut_off(panels, cutoff):
    found = row(panels["memberships"], "beta-force-2003.usa.1")
    assert (found["ended"], found["joined_later"]) == (0, 1)
    assert found["duration_days"] == (cutoff - T("2010-05-06")).days + 1


def test_coming_late_and_leaving_early_are_seen_with_their_bounds(panels):
    found = row(panels["memberships"], "alpha-force-2001.deu.1")
    assert [found[c] for c in ("joined_earliest", "joined", "joined_latest")] == [T("2002-03-01"), T("2002-03-16"), T("2002-03-31")]
    assert (found["joined_later"], found["left_early"]) == (1, 1)


def test_a_spell_with_unknown_end_is_drawn_to_the_end_with_bounds_over_the_whole_operation(panels, cutoff):
    found = row(panels["memberships"], "beta-force-2003.rus.1")
    assert found["dates_known"] == 0
    assert (found["left_earliest"], found["left_latest"]) == (T("2003-08-11"), cutoff)
    assert found["duration_days"] == row(panels["operations"], "beta-force-2003")["duration_days"]


def test_a_spell_with_unknown_beginning_may_have_begun_on_any_day(register, built):
    member(register, "alpha-force-2001", "RUS", known="joined-unknown")
    found = row(built()["memberships"], "alpha-force-2001.rus.1")
    assert (found["joined_earliest"], found["joined"], found["joined_latest"]) == (T("2001-12-20"), T("2001-12-20"), T("2003-08-10"))


def test_a_spell_in_an_operation_with_unknown_end_is_observed_on_its_first_day(panels):
    assert row(panels["memberships"], "gulf-watch-1987.suhh.1")["duration_days"] == 1


def test_a_state_that_comes_back_has_two_spells_and_counts_once_a_year(register, built):
    member(register, "alpha-force-2001", "DEU", joined="2003-01-15")
    found = built()
    assert {"alpha-force-2001.deu.1", "alpha-force-2001.deu.2"} <= set(found["memberships"]["membership_id"])
    assert found["member_years"].query("scope == 'broad' and state == 'DEU' and year == 2003")["n_ahc"].tolist() == [2]
    assert found["operation_years"].query("operation_id == 'alpha-force-2001' and year == 2003")["n_members"].tolist() == [2]


def test_the_peak_is_the_largest_number_at_one_time_not_of_all_time(register, built):
    operation(register, "alpha-force-2001", contributors_peak="1")
    member(register, "alpha-force-2001", "USA", joined="2003-02-01")
    assert row(built()["operations"], "alpha-force-2001")["n_members_peak"] == 2


def test_a_larger_number_of_a_source_is_the_peak(panels):
    assert row(panels["operations"], "alpha-force-2001")["n_members_peak"] == 3


@pytest.mark.parametrize(("name", "peak"), [("beta-force-2003", 3), ("gulf-watch-1987", 2), ("paper-force-2015", 2)])
def test_named_members_are_the_peak_where_no_source_gives_a_number(name, peak, panels):
    assert row(panels["operations"], name)["n_members_peak"] == peak


def test_a_state_that_came_back_after_an_unknown_end_counts_once_in_the_peak(register, built):
    operation(register, "beta-force-2003", contributors_peak="1")
    member(register, "beta-force-2003", "RUS", joined="2015-01-01")
    assert row(built()["operations"], "beta-force-2003")["n_members_peak"] == 3


def test_a_spell_ends_with_its_operation_even_if_it_is_known_to_the_month(register, built):
    operation(register, "alpha-force-2001", end="2003-12-05")
    register["memberships"].loc[3, "left"] = "2003-12"
    assert row(built()["memberships"], "alpha-force-2001.deu.1")["left"] == T("2003-12-05")


def test_an_operation_whose_members_are_not_coded_has_no_number_of_them(panels):
    assert pd.isna(row(panels["operations"], "eurofor-2002")["n_members_launch"])
    assert row(panels["operations"], "unmat-1999")["n_members_peak"] == 30
    assert panels["operation_years"].query("operation_id == 'eurofor-2002'")["n_members"].isna().all()


# years


def test_years_are_cut_at_new_year_and_add_up_to_the_duration(register, built):
    spans(register, "eurofor-2002", "1999-12-31", "2001-01-01")
    years = built()["operation_years"].query("operation_id == 'eurofor-2002'")
    assert years[["year", "days_active", "active_1_july", "active_year_end", "launched", "closed"]].to_numpy().tolist() == [
        [1999, 1, 0, 1, 1, 0],
        [2000, 366, 1, 1, 0, 0],
        [2001, 1, 0, 0, 0, 1],
    ]


def test_days_of_every_operation_add_up_to_its_duration(panels):
    days = panels["operation_years"].groupby("operation_id")["days_active"].sum()
    durations = panels["operations"].set_index("operation_id")["duration_days"].dropna()
    assert days.to_dict() == durations.to_dict()


def test_a_leap_year_has_366_days_and_the_year_of_the_cut_off_ends_there(panels):
    years = panels["operation_years"].query("operation_id == 'beta-force-2003'").set_index("year")["days_active"]
    assert (years[2004], years[2005], years[2026]) == (366, 365, 181)


@pytest.mark.parametrize(
    ("start", "end", "july", "december"),
    [("2003-07-01", "2003-07-01", 1, 0), ("2003-07-02", "2003-12-30", 0, 0), ("2003-01-01", "2003-06-30", 0, 0), ("2003-12-31", "2003-12-31", 0, 1)],
)
def test_the_first_of_july_and_the_last_of_december_are_single_days(start, end, july, december, register, built):
    spans(register, "eurofor-2002", start, end)
    found = built()["operation_years"].query("operation_id == 'eurofor-2002' and year == 2003")
    assert found[["active_1_july", "active_year_end"]].to_numpy().tolist() == [[july, december]]


def test_member_years_count_coalitions_and_those_that_a_state_leads(panels):
    found = panels["member_years"].query("scope == 'broad' and state == 'FRA'").set_index("year")
    assert found.loc[2003, ["n_ahc", "n_ahc_led"]].tolist() == [2, 2]
    assert found.loc[2004, ["n_ahc", "n_ahc_led"]].tolist() == [1, 1]
    assert "SUHH" in set(panels["member_years"].query("year == 1987")["state"])


def test_theatre_years_have_no_row_for_a_theatre_without_an_operation_at_work(panels):
    found = panels["theatre_years"].query("scope == 'broad'")
    assert set(found["theatre"]) == {"AFG", "TLS", "KWT", "hormuz-gulf"}
    assert found.query("theatre == 'KWT'")["year"].tolist() == [1987]


def test_a_theatre_year_counts_operations_providers_and_days(panels):
    found = panels["theatre_years"].query("scope == 'broad' and theatre == 'TLS' and year == 2002").iloc[0]
    assert (found["n_operations"], found["n_providers"], found["n_un"], found["n_regional"], found["n_ahc"]) == (2, 2, 1, 1, 0)
    assert found["operation_days"] == 140 + 225


def test_both_names_of_a_chain_are_one_provider(panels):
    found = panels["theatre_years"].query("scope == 'broad' and theatre == 'AFG' and year == 2003").iloc[0]
    assert (found["n_operations"], found["n_providers"]) == (2, 1)


def test_system_years_hold_every_year_of_the_series_also_those_without_an_operation(panels, cutoff):
    found = panels["system_years"].query("scope == 'broad'")
    assert found["year"].tolist() == list(range(1985, cutoff.year + 1))
    empty = found.set_index("year").loc[1990].drop(["scope", "states_in_system", "exposure_years"])
    assert empty.tolist() == [0] * len(empty)


def test_system_years_before_the_first_operation_are_zeros_not_missing(built):
    found = built(first_year=1945)["system_years"]
    assert len(found) == 2 * (2026 - 1945 + 1)
    assert not found.isna().any().any()


def test_launches_closures_and_members_of_the_system(panels):
    found = panels["system_years"].query("scope == 'broad'").set_index("year")
    assert found.loc[2003, ["ahc_launches", "ahc_closures", "ahc_active_any_day", "ahc_active_1_july", "ahc_active_year_end"]].tolist() == [1, 1, 2, 1, 1]
    assert found.loc[2002, ["un_closures", "regional_launches"]].tolist() == [1, 1]
    assert found.loc[2003, ["ahc_memberships_any_day", "ahc_distinct_states_any_day", "ahc_memberships_1_july", "ahc_distinct_states_1_july"]].tolist() == [4, 3, 1, 1]
    assert found.loc[2010, ["ahc_memberships_any_day", "ahc_memberships_1_july"]].tolist() == [4, 3]


def test_the_year_of_the_cut_off_counts_with_its_observed_part(panels, built):
    assert panels["system_years"].query("year == 2026")["exposure_years"].unique().tolist() == [pytest.approx(181 / 365)]
    assert set(panels["system_years"].query("year < 2026")["exposure_years"]) == {1.0}
    assert built(cutoff=T("2028-12-31"))["system_years"].query("year == 2028")["exposure_years"].unique().tolist() == [1.0]


@pytest.mark.parametrize(("year", "number"), [(1940, 3), (1948, 3), (1950, 4), (1990, 4), (1991, 4), (1992, 4), (2010, 4)])
def test_states_count_while_they_are_in_the_system_and_only_if_they_have_a_number(year, number, register):
    assert make.states_in_system(register["states"], pd.Index([year])) == [number]


def test_an_operation_without_members_does_not_stop_the_panels(register, built):
    register["memberships"] = register["memberships"].iloc[:0]
    found = built()
    assert found["memberships"].empty
    assert found["system_years"]["ahc_memberships_any_day"].sum() == 0
    assert found["operation_years"]["n_members"].isna().all()


def test_the_order_of_the_register_does_not_matter(register, rules, cutoff, panels):
    for name in register:
        register[name] = register[name].iloc[::-1]
    for name, frame in build.all_panels(register, rules, 1985, cutoff).items():
        columns = [c for c in frame.columns if c != "membership_id"]
        pd.testing.assert_frame_equal(frame[columns], panels[name][columns])


def test_hostile_names_pass_into_the_panels_as_they_stand(register, built):
    operation(register, "eurofor-2002", name="=cmd|'x'!A0", note="two\nlines | <b>")
    found = row(built()["operations"], "eurofor-2002")
    assert found[["name", "note"]].tolist() == ["=cmd|'x'!A0", "two\nlines | <b>"]
