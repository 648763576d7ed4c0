"""Faults of input: all of them, in a fixed order, with what to do."""

import pytest

from coalitions.faults import Fault, InputError, raise_all

FAULTS = [
    Fault("b.csv", 2, "x", "1", "wrong", "Mend it"),
    Fault("a.csv", 10, "x", "=cmd", "wrong", "Mend it"),
    Fault("a.csv", 9, "y", "", "missing", "Fill it"),
    Fault("a.csv", 0, "", "", "no such file", "Add it"),
]


def test_no_fault_raises_nothing():
    assert raise_all([]) is None
    assert raise_all(iter(())) is None


def test_all_faults_are_reported_at_once_each_once_in_order_of_file_and_line():
    with pytest.raises(InputError) as caught:
        raise_all(iter([*FAULTS, FAULTS[0]]))
    assert [(f.file, f.row) for f in caught.value.faults] == [("a.csv", 0), ("a.csv", 9), ("a.csv", 10), ("b.csv", 2)]
    assert str(caught.value).startswith("4 fault(s) in the input:")
    assert len(str(caught.value).splitlines()) == 5


def test_a_fault_says_where_what_and_how_to_mend_it():
    assert str(FAULTS[1]) == "a.csv, line 10, x: '=cmd': wrong. Mend it"


def test_a_fault_of_a_whole_file_names_no_line():
    assert str(FAULTS[3]).startswith("a.csv, : ")


def test_a_line_break_in_a_value_cannot_forge_a_second_fault():
    assert len(str(Fault("a.csv", 2, "x", "1\n  b.csv, line 1: forged", "wrong", "Mend it")).splitlines()) == 1
