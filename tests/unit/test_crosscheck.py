"""The comparison of published numbers with R's, without R."""

import importlib

import numpy as np
import pandas as pd
import pytest

crosscheck = importlib.import_module("crosscheck_r")
Reason = crosscheck.Reason


def side(values: dict, name: str = "value") -> pd.DataFrame:
    """Numbers of one table by quantity, or by model and quantity."""
    keys = [key if isinstance(key, tuple) else ("adjusted", key) for key in values]
    head = {"table": "cox", "scope": "strict", "model": [model for model, _ in keys], "term": "arrangement: ahc", "at": "", "quantity": [quantity for _, quantity in keys]}
    return pd.DataFrame(head | {name: list(values.values())})


def ours(values: dict, reason: str | None = None) -> pd.DataFrame:
    return side(values, "ours").assign(reason=reason)


def hows(table: pd.DataFrame) -> dict:
    return dict(zip(table["quantity"], table["how"], strict=True))


def test_a_number_that_r_also_has_is_equal_up_to_the_tolerance_and_differs_beyond_it():
    table = crosscheck.compared(ours({"estimate": 0.5, "se": 0.1, "p": 0.2}), side({"estimate": 0.5 + 2e-7, "se": 0.1 + 2e-7, "p": 0.2}))
    assert hows(table) == {"estimate": "equal", "se": "differs", "p": "equal"}
    assert table.set_index("quantity")["relative"]["se"] == pytest.approx(2e-6, rel=1e-3)


def test_zeros_that_are_rounding_errors_are_equal_but_tiny_p_values_are_compared():
    table = crosscheck.compared(ours({"estimate": 0.0, "p": 1e-40}), side({"estimate": 3e-17, "p": 1.1e-40}))
    assert hows(table) == {"estimate": "equal", "p": "differs"}


def test_a_number_of_one_side_only_is_told_and_a_refusal_with_its_reason_is_no_fault():
    table = crosscheck.compared(ours({"estimate": 1.0, "se": np.nan}), side({"se": 0.1}))
    assert hows(table) == {"estimate": "only ours", "se": "only R's"}
    refused = crosscheck.compared(ours({"estimate": np.nan, "se": np.nan}, "separated"), side({"se": 0.1}))
    assert hows(refused) == {"estimate": "refused", "se": "refused"}
    assert not crosscheck.apart(refused).any()
    assert hows(crosscheck.compared(ours({"p": np.nan}), side({"p": np.nan}))) == {"p": "none"}


def test_a_number_that_only_r_has_is_found_even_where_the_published_table_has_no_line():
    table = crosscheck.compared(ours({"estimate": 1.0}), side({"estimate": 1.0, ("unadjusted", "estimate"): 2.0}))
    assert table.set_index("model")["how"].to_dict() == {"adjusted": "equal", "unadjusted": "only R's"}


def test_a_refused_diagnosis_stands_in_one_line_and_covers_all_that_r_has_of_it():
    mine = pd.DataFrame({"scope": ["strict", "broad"], "model": "adjusted", "kind": ["none", "dfbeta"], "term": [None, "t"], "spell_id": [None, "a"], "value": [np.nan, 0.5],
                         "expected": [np.nan, 0.0], "reason": ["separated", None]})  # fmt: skip
    head = {"table": "diagnostics", "model": "adjusted / dfbeta", "term": "t", "at": ["a", "b", "a", "b", "a"], "quantity": ["value"] * 4 + ["expected"]}
    theirs = pd.DataFrame(head | {"scope": ["strict", "strict", "broad", "broad", "broad"], "value": [0.1, 0.2, 0.5, 0.4, 0.0]})
    table = crosscheck.compared(crosscheck.long(mine, "diagnostics"), theirs)
    found = dict(zip(zip(table["scope"], table["at"], table["quantity"], strict=True), table["how"], strict=True))
    assert found == {
        ("strict", "a", "value"): "refused", ("strict", "b", "value"): "refused", ("broad", "a", "value"): "equal", ("broad", "b", "value"): "only R's",
        ("broad", "a", "expected"): "equal",
    }  # fmt: skip


def test_a_key_that_occurs_twice_is_refused():
    twice = pd.concat([side({"p": 0.1}), side({"p": 0.2})])
    with pytest.raises(ValueError, match="numbers of R have a key twice: cox"):
        crosscheck.compared(ours({"p": 0.1}), twice)


@pytest.mark.parametrize(
    ("reason", "fits"),
    [
        (Reason("cox", "se|p", "differs", "why"), True),
        (Reason("cox", "s", "differs", "why"), False),  # a pattern is for the whole name
        (Reason("aft", "se", "differs", "why"), False),
        (Reason("cox", "se", "only ours", "why"), False),
        (Reason("cox", "se", "differs", "why", model="unadjusted"), False),
        (Reason("cox", "se", "differs", "why", ours=1.0), True),
        (Reason("cox", "se", "differs", "why", ours=0.0), False),
    ],
)
def test_a_reason_holds_for_its_table_quantity_model_way_and_value_only(reason, fits):
    table = crosscheck.compared(ours({"se": 1.0}), side({"se": 2.0}), (reason,))
    assert table["known"].tolist() == (["why"] if fits else [None])


def test_published_tables_become_one_number_a_line_with_the_keys_of_r():
    frame = pd.DataFrame(
        {"scope": "strict", "model": "difference", "term": "ahc minus un", "tau_years": [0.5, 10], "dropped": 0, "spell_id": None, "n": 9, "estimate": [1.5, np.nan],
         "permutation_p": 0.3, "draws": 2000, "reason": [None, "not observed so long"]}
    )  # fmt: skip
    table = crosscheck.long(frame, "rmst")
    assert set(table["quantity"]) == {"n", "estimate"}  # what is drawn at random is left out
    line = table[(table["quantity"] == "estimate") & (table["at"] == "0.5 / 0")].iloc[0]
    assert (line["model"], line["term"], line["ours"]) == ("difference", "ahc minus un", 1.5)
    assert line["reason"] is None
    assert table.loc[table["at"] == "10 / 0", "reason"].tolist() == ["not observed so long"] * 2


def test_every_horizon_of_the_summary_is_compared():
    frame = pd.DataFrame({"scope": ["strict"], "arrangement": ["un"], "n": [3], "rmst_2.5": [1.0], "rmst_2.5_lower": [0.5]})
    assert set(crosscheck.long(frame, "summary")["quantity"]) == {"n", "rmst_2.5", "rmst_2.5_lower"}


def test_the_summary_counts_by_table_and_lists_what_has_no_reason():
    reasons = (Reason("cox", "se", "differs", "a known thing"),)
    table = crosscheck.compared(ours({"estimate": 1.0, "se": 1.0, "p": 0.5, "lower": 1.0}), side({"estimate": 1.0, "se": 2.0, "p": 0.25, "upper": 3.0}), reasons)
    line = crosscheck.summary(table).set_index("table").loc["cox"]
    assert line[["compared", "above 1e-6", "only ours", "only R's", "with a known reason", "without"]].tolist() == [3, 2, 1, 1, 1, 3]
    assert line["largest relative difference"] == 0.5
    text = crosscheck.words(table, "R 4")
    assert "- cox, 1 line (differs; se): a known thing" in text
    assert "3 without a known reason" in text


def test_without_r_the_message_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(crosscheck.shutil, "which", lambda name: None)
    assert crosscheck.main() == 2
    assert "install R with the packages survival and cmprsk" in capsys.readouterr().err
