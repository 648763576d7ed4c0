"""Applying inclusion rules: who is in."""

import pandas as pd
import pytest

from coalitions.inclusion import ScopeError
from coalitions.scopes import select

FRAME = pd.DataFrame(
    {
        "flag": [1, 0, 1, 0],
        "kind": ["political", None, "observer", "observer"],
        "peak": pd.array([10, None, 3, 0], dtype="Float64"),
        "years": [0.5, float("nan"), 2.0, 3.0],
        "text": ["=cmd", "", "a'b", "😀"],
    },
    index=[4, 8, 1, 2],
)


@pytest.mark.parametrize(
    ("rule", "inside"),
    [
        ("True", [1, 1, 1, 1]),
        ("False", [0, 0, 0, 0]),
        ("flag", [1, 0, 1, 0]),
        ("not flag", [0, 1, 0, 1]),
        ("flag == 1 and kind == 'observer'", [0, 0, 1, 0]),
        ("flag or kind == 'observer'", [1, 0, 1, 1]),
        ("flag and True", [1, 0, 1, 0]),
        ("flag or flag or flag", [1, 0, 1, 0]),
        ("not (flag and kind == 'political')", [0, 1, 1, 1]),
        ("kind == 'observer'", [0, 0, 1, 1]),
        ("kind != 'observer'", [1, 0, 0, 0]),
        ("not kind == 'political'", [0, 1, 1, 1]),
        ("kind in ('political', 'observer')", [1, 0, 1, 1]),
        ("kind in ()", [0, 0, 0, 0]),
        ("peak > 3", [1, 0, 0, 0]),
        ("peak >= 3", [1, 0, 1, 0]),
        ("peak < 3", [0, 0, 0, 1]),
        ("peak <= 3", [0, 0, 1, 1]),
        ("peak", [1, 0, 1, 0]),
        ("years < 2.5", [1, 0, 1, 0]),
        ("years != 2", [1, 0, 0, 1]),
        ("text == '=cmd'", [1, 0, 0, 0]),
        ('text == "a\'b"', [0, 0, 1, 0]),
        ("text in ('😀',)", [0, 0, 0, 1]),
    ],
)
def test_a_rule_selects_the_rows_that_it_describes(rule, inside):
    chosen = select(FRAME, rule)
    assert chosen.tolist() == [bool(x) for x in inside]
    assert chosen.dtype == bool
    assert chosen.index.equals(FRAME.index)


def test_a_missing_value_makes_a_comparison_false_also_with_not_in():
    assert select(FRAME, "kind not in ('observer',)").tolist() == [True, False, False, False]


def test_a_name_that_is_no_column_is_refused_by_its_name():
    with pytest.raises(ScopeError, match="colour, size"):
        select(FRAME, "size > 3 and colour == 'red' and flag")


def test_a_comparison_of_text_with_a_number_is_a_scope_error():
    with pytest.raises(ScopeError):
        select(FRAME, "kind > 3")


def test_a_rule_over_no_rows_selects_none():
    assert select(FRAME.iloc[:0], "flag and kind == 'observer'").tolist() == []
    assert select(FRAME.iloc[:0], "True").tolist() == []
