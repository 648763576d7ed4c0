"""Dates as precise as their source."""

import numpy as np
import pandas as pd
import pytest

from coalitions import dates

D = np.datetime64


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2003", "2003-01-01", "2003-12-31"),
        ("2003-05", "2003-05-01", "2003-05-31"),
        ("2003-05-01", "2003-05-01", "2003-05-01"),
        ("2003~", "2002-01-01", "2004-12-31"),
        ("2003-05~", "2003-04-01", "2003-06-30"),
        ("2003-01~", "2002-12-01", "2003-02-28"),
        ("2003-12~", "2003-11-01", "2004-01-31"),
        ("2003-05-01~", "2003-04-30", "2003-05-02"),
        ("2004-02", "2004-02-01", "2004-02-29"),
        ("2003-02", "2003-02-01", "2003-02-28"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("2000-02", "2000-02-01", "2000-02-29"),
        ("2004-02-29~", "2004-02-28", "2004-03-01"),
    ],
)
def test_bounds_are_the_first_and_last_day_that_a_date_can_mean(text, first, last):
    assert dates.bounds(text) == (D(first), D(last))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2003", "2003-07-02"),
        ("2004", "2004-07-01"),
        ("2003-02", "2003-02-14"),
        ("2004-02", "2004-02-15"),
        ("2003-04", "2003-04-15"),
        ("2003-05", "2003-05-16"),
        ("2003-05-09", "2003-05-09"),
    ],
)
def test_the_middle_is_the_earlier_of_two_middle_days(text, day):
    assert dates.middle(text) == D(day)


@pytest.mark.parametrize("text", ["2003", "2004-02", "2003-05-01"])
def test_about_widens_the_bounds_but_leaves_the_middle(text):
    assert dates.middle(text + "~") == dates.middle(text)
    assert dates.bounds(text + "~")[0] < dates.bounds(text)[0]
    assert dates.bounds(text + "~")[1] > dates.bounds(text)[1]


@pytest.mark.parametrize("text", ["2003-02-29", "2003-02-30", "1900-02-29", "2003-04-31", "2003-02-30~"])
def test_a_day_that_does_not_exist_is_no_date_though_it_is_well_formed(text):
    assert dates.PATTERN.match(text)
    assert not dates.is_date(text)
    with pytest.raises(ValueError, match="is not a date"):
        dates.bounds(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "03",
        "2003-5",
        "2003-13",
        "2003-00",
        "2003-05-00",
        "2003-05-32",
        "2003/05",
        "c. 2003",
        "~2003",
        "2003~~",
        "2003?",
        " 2003",
        "2003 ",
        "2003\n",
        "2003-05-01T00:00",
        "٢٠٠٣",
    ],
)
def test_what_is_not_in_the_notation_is_refused_with_an_example_of_it(text):
    assert not dates.is_date(text)
    with pytest.raises(ValueError, match="2003-05-01"):
        dates.bounds(text)


def test_the_middle_of_what_is_no_date_is_refused_too():
    with pytest.raises(ValueError):
        dates.middle("2003~~")


def test_expand_keeps_the_index_and_leaves_an_empty_text_missing():
    frame = dates.expand(pd.Series(["2003-05", "", "2004-02-29"], index=[7, 3, 5]))
    assert list(frame.index) == [7, 3, 5]
    assert list(frame.columns) == ["earliest", "point", "latest"]
    assert frame.loc[7].tolist() == [pd.Timestamp("2003-05-01"), pd.Timestamp("2003-05-16"), pd.Timestamp("2003-05-31")]
    assert frame.loc[3].isna().all()
    assert (frame.dtypes == "datetime64[ns]").all()


def test_expand_of_an_empty_column_has_days_as_its_type():
    assert (dates.expand(pd.Series([], dtype=object)).dtypes == "datetime64[ns]").all()


def test_expand_refuses_text_that_is_no_date():
    with pytest.raises(ValueError, match="soon"):
        dates.expand(pd.Series(["2003", "soon"]))


@pytest.mark.parametrize("text", ["3003", "0203-01-01"])
def test_a_year_that_the_clock_of_pandas_cannot_hold_is_refused_not_turned_into_another(text):
    with pytest.raises(ValueError):
        dates.expand(pd.Series([text]))


def test_a_draw_lies_between_its_bounds_and_reaches_both():
    earliest, latest = pd.Series(pd.to_datetime(["2003-05-01"] * 200)), pd.Series(pd.to_datetime(["2003-05-03"] * 200))
    drawn = dates.draw(earliest, latest, np.random.default_rng(1))
    assert set(drawn) == set(pd.date_range("2003-05-01", "2003-05-03"))


def test_a_draw_is_missing_where_a_bound_is_and_repeats_with_its_seed():
    earliest, latest = pd.Series(pd.to_datetime(["2003-05-01", None, "2003-01-01"])), pd.Series(pd.to_datetime(["2003-05-01", "2004-01-01", "2003-12-31"]))
    one, two = (dates.draw(earliest, latest, np.random.default_rng(5)) for _ in range(2))
    assert one[0] == pd.Timestamp("2003-05-01")
    assert pd.isna(one[1])
    assert one.equals(two)
