"""What must hold of dates whatever their precision."""

import calendar

import edtf
import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from coalitions import dates


@st.composite
def texts(draw, about=True):
    """A date in the notation of the codebook."""
    year, month = draw(st.integers(1900, 2100)), draw(st.integers(1, 12))
    day = draw(st.integers(1, calendar.monthrange(year, month)[1]))
    text = f"{year:04d}-{month:02d}-{day:02d}"[: draw(st.sampled_from([4, 7, 10]))]
    return text + ("~" if about and draw(st.booleans()) else "")


@given(texts())
def test_bounds_contain_the_middle(text):
    first, last = dates.bounds(text)
    assert first <= dates.middle(text) <= last


@given(texts())
def test_the_middle_is_as_far_from_both_ends_or_a_day_nearer_to_the_first(text):
    first, last = dates.bounds(text.rstrip("~"))
    before, after = (dates.middle(text) - first).astype(int), (last - dates.middle(text)).astype(int)
    assert after - before in (0, 1)


@given(texts(), st.integers(0, 2**32 - 1))
def test_bounds_contain_every_draw(text, seed):
    frame = dates.expand(pd.Series([text] * 20))
    drawn = dates.draw(frame["earliest"], frame["latest"], np.random.default_rng(seed))
    assert ((drawn >= frame["earliest"]) & (drawn <= frame["latest"])).all()


@given(texts(about=False))
def test_about_widens_by_one_unit_on_both_sides(text):
    first, last = dates.bounds(text)
    wide_first, wide_last = dates.bounds(text + "~")
    assert dates.bounds(str(wide_first)[: len(text)])[0] == wide_first
    assert dates.bounds(str(first - 1)[: len(text)])[0] == wide_first
    assert dates.bounds(str(last + 1)[: len(text)])[1] == wide_last


@given(texts(about=False))
def test_more_precise_dates_lie_within_less_precise_ones(text):
    first, last = dates.bounds(text)
    for length in (4, 7):
        if len(text) > length:
            outer_first, outer_last = dates.bounds(text[:length])
            assert outer_first <= first <= last <= outer_last


def strict(text):
    """Strict bounds of the edtf library."""
    parsed = edtf.parse_edtf(text)
    return tuple(np.datetime64(f"{day.tm_year:04d}-{day.tm_mon:02d}-{day.tm_mday:02d}") for day in (parsed.lower_strict(), parsed.upper_strict()))


@given(texts(about=False))
def test_bounds_are_the_strict_bounds_of_the_edtf_library(text):
    assert dates.bounds(text) == strict(text)


@given(texts(about=False))
def test_bounds_of_about_contain_the_strict_bounds_of_the_edtf_library(text):
    first, last = dates.bounds(text + "~")
    lower, upper = strict(text + "~")
    assert first < lower <= upper < last


@given(st.text(max_size=12) | st.text("0123456789-~", max_size=11))
def test_any_text_is_either_a_date_with_bounds_or_refused_as_a_value(text):
    try:
        first, last = dates.bounds(text)
    except ValueError:
        assert not dates.is_date(text)
    else:
        assert dates.is_date(text)
        assert first <= last
