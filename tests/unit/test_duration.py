"""Duration tables, also for groups from which little can be learnt."""

import numpy as np
import pandas as pd
import pytest

from coalitions import duration
from coalitions.survival import SurvivalInputError

SETTINGS = {"tau_years": [1, 5], "permutations": 19}


def spells(**groups):
    """Spells by arrangement: pairs of days and ended."""
    rows = [(kind, days, ended) for kind, pairs in groups.items() for days, ended in pairs]
    frame = pd.DataFrame(rows, columns=["arrangement", "duration_days", "ended"])
    return frame.assign(start=pd.Timestamp("2000-07-01"), scope_broad=1, scope_none=0)


def estimates(frame, scopes=("broad",), **settings):
    return duration.estimates(frame, list(scopes), SETTINGS | settings, 0.95, 7)


GROUP = [(100, 1), (200, 1), (300, 0), (400, 1)]
LATER = [(1000, 1), (2000, 1), (3000, 1)]


def test_each_group_has_a_curve_and_a_line_and_each_comparison_a_test():
    found = estimates(spells(ahc=GROUP, un=LATER))
    assert found["summary"][["scope", "arrangement", "n", "events"]].to_numpy().tolist() == [["broad", "ahc", 4, 3], ["broad", "un", 3, 3]]
    assert found["km"].groupby("arrangement").size().to_dict() == {"ahc": 4, "un": 3}
    assert found["logrank"]["model"].tolist() == list(duration.COMPARISONS)


def test_a_group_in_which_nothing_ended_has_no_median_and_no_mean_beyond_its_spells():
    found = estimates(spells(ahc=[(100, 0), (200, 0)], un=LATER))["summary"].set_index("arrangement").loc["ahc"]
    assert found["events"] == 0
    assert np.isnan(found["median_years"])
    assert np.isnan(found["rmst_1"])
    assert (estimates(spells(ahc=[(100, 0), (200, 0)], un=LATER))["km"].query("arrangement == 'ahc'")["survival"] == 1).all()


def test_tests_without_an_event_say_so():
    found = estimates(spells(ahc=[(100, 0), (200, 0)], un=[(50, 0)]))["logrank"].set_index("model")
    assert found.loc["ahc, un", "reason"] == "no events"
    assert found.loc["ahc, regional", "reason"] == "only one group"
    assert found[["statistic", "p", "permutation_p"]].isna().all().all()


def test_a_group_of_one_has_its_own_duration_as_median_and_can_be_compared():
    found = estimates(spells(ahc=[(731, 1)], un=LATER))
    line = found["summary"].set_index("arrangement").loc["ahc"]
    assert line["median_years"] == pytest.approx(731 / 365.25)
    assert (line["rmst_1"], line["rmst_5"]) == (pytest.approx(365 / 365.25), pytest.approx(731 / 365.25))
    assert 0 < found["logrank"].set_index("model").loc["ahc, un", "p"] < 1


def test_a_comparison_of_nobody_says_that_there_are_no_spells():
    found = estimates(spells(ahc=GROUP))["logrank"].set_index("model")
    assert found.loc["un, regional", "reason"] == "no spells"
    assert found.loc["un, regional", ["n", "events"]].tolist() == [0, 0]


def test_a_scope_without_spells_has_tests_with_reasons_and_no_curve():
    found = estimates(spells(ahc=GROUP, un=LATER), scopes=("broad", "none"))
    assert set(found["km"]["scope"]) == {"broad"}
    assert found["logrank"].query("scope == 'none'")["reason"].tolist() == ["no spells"] * 4


def test_no_spell_at_all_gives_empty_curves():
    assert estimates(spells(ahc=GROUP), scopes=("none",))["km"].empty


@pytest.mark.parametrize("days", [0, -1, 1.5, np.nan])
def test_a_duration_that_cannot_be_is_refused(days):
    with pytest.raises(SurvivalInputError, match=r"at position 1|not after entry"):
        estimates(spells(ahc=[(10, 1), (days, 1)], un=LATER))


def test_an_event_coded_one_and_two_is_refused():
    with pytest.raises(SurvivalInputError, match="0 or 1"):
        estimates(spells(ahc=[(10, 1), (20, 2)]))


def test_permutations_repeat_with_their_seed_and_can_be_left_out():
    frame = spells(ahc=GROUP, un=LATER)
    pd.testing.assert_frame_equal(estimates(frame)["logrank"], estimates(frame)["logrank"])
    assert estimates(frame, permutations=0)["logrank"]["permutation_p"].isna().all()


def test_calendar_years_touched_are_counted_with_both_ends():
    found = estimates(spells(ahc=[(184, 1), (185, 1)]))["summary"]
    assert found["mean_calendar_years"].tolist() == [1.5]


def test_columns_are_those_of_the_published_tables(panel_schema):
    found = estimates(spells(ahc=GROUP, un=LATER))
    assert list(found["km"].columns) == panel_schema["tables"]["duration/km.csv"]["columns"]
    assert list(found["logrank"].columns) == panel_schema["tables"]["duration/logrank.csv"]["columns"]
