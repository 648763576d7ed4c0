"""Reading and writing: whole files, neutral cells, strict JSON."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from coalitions import io


def write_half(path):
    with io.replacing(path) as partial:
        partial.write_text("half of the new")
        raise RuntimeError("half way")


def test_a_failed_write_leaves_the_old_file_and_no_partial_one(tmp_path):
    path = tmp_path / "table.csv"
    io.write_text("old", path)
    with pytest.raises(RuntimeError, match="half way"):
        write_half(path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]


def test_a_failed_first_write_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError, match="half way"):
        write_half(tmp_path / "new.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_write_makes_its_folder_keeps_the_suffix_and_leaves_one_readable_file(tmp_path):
    path = tmp_path / "a" / "b" / "figure.svg"
    with io.replacing(path) as partial:
        assert partial.parent == path.parent
        assert partial.suffix == ".svg"
        partial.write_text("x")
        assert not path.exists()
    assert path.read_text() == "x"
    assert path.stat().st_mode & 0o777 == 0o644
    assert len(list(path.parent.iterdir())) == 1


def test_refused_json_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.json"
    io.write_json({"a": 1}, path)
    with pytest.raises(ValueError):
        io.write_json({"a": float("nan")}, path)
    assert io.read_json(path) == {"a": 1}
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), np.nan, np.float64("inf"), [1.0, float("nan")], {"a": {"b": np.float32("nan")}}])
def test_json_refuses_what_is_not_json(value, tmp_path):
    with pytest.raises(ValueError):
        io.write_json({"x": value}, tmp_path / "a.json")


def test_json_is_sorted_rounded_and_plain(tmp_path):
    value = {"b": np.float64(1 / 3), "a": [np.int64(2), np.bool_(True), None, "é"], "c": pd.Timestamp("2003-05-01"), "d": np.datetime64("2003-05-02"), 1: (True, 0.1 + 0.2)}
    io.write_json(value, tmp_path / "a.json")
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"1": [True, 0.3], "a": [2, True, None, "é"], "b": 0.3333333333, "c": "2003-05-01", "d": "2003-05-02"}
    assert list(json.loads(text)) == ["1", "a", "b", "c", "d"]
    assert "é" in text
    assert text.endswith("}\n")


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "-", "--1", "=1"])
def test_a_cell_that_a_spreadsheet_would_execute_is_written_as_text(cell):
    assert io.neutral(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-5", "-5.25", "-1e3", "+5", "Operation = peace", "a-b", "", "<script>", "😀", None, 5, -5.0])
def test_a_harmless_cell_is_left_alone(cell):
    assert io.neutral(cell) == cell


def test_csv_text_has_neutral_cells_iso_days_rounded_numbers_and_lf():
    frame = pd.DataFrame(
        {"name": ["=cmd", 'a "b", c', "two\nlines", None], "day": pd.to_datetime(["2003-05-01", None, "2004-02-29", "1945-01-01"]), "x": [1 / 3, np.nan, 1e-20, 12345678901.5]}
    )
    text = io.to_csv_text(frame)
    assert text == 'name,day,x\n\'=cmd,2003-05-01,0.3333333333\n"a ""b"", c",,\n"two\nlines",2004-02-29,1e-20\n,1945-01-01,1.23456789e+10\n'


@pytest.mark.parametrize("dtype", ["string", "category"])
def test_every_kind_of_text_column_is_neutralised(dtype):
    assert io.to_csv_text(pd.DataFrame({"a": pd.Series(["=cmd"], dtype=dtype)})) == "a\n'=cmd\n"


def test_rounding_keeps_ten_significant_digits_at_any_size_and_leaves_the_rest_alone():
    frame = pd.DataFrame({"x": [1 / 3, 2e10 / 3, 2e-10 / 3, np.nan, np.inf], "n": [1, 2, 3, 4, 5], "t": list("abcde")})
    result = io.rounded(frame)
    assert result["x"].tolist()[:3] == [0.3333333333, 6666666667.0, 6.666666667e-11]
    assert np.isnan(result["x"][3])
    assert result["x"][4] == np.inf
    assert result[["n", "t"]].equals(frame[["n", "t"]])
    assert frame["x"][0] == 1 / 3


def test_rounding_knows_nullable_floats():
    result = io.rounded(pd.DataFrame({"x": pd.array([1 / 3, None], dtype="Float64")}))
    assert result["x"][0] == 0.3333333333
    assert pd.isna(result["x"][1])


def test_the_text_na_is_text_and_only_an_empty_cell_is_missing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("code,n,day\nNA,1,2003-05-01\nnull,,\n,3,2004-01-01\n")
    frame = io.read_table(path, dates=("day",))
    assert frame["code"].tolist()[:2] == ["NA", "null"]
    assert pd.isna(frame["code"][2])
    assert frame["n"].isna().tolist() == [False, True, False]
    assert frame["day"][0] == pd.Timestamp("2003-05-01")


def test_a_table_that_was_written_is_read_back_the_same(tmp_path):
    frame = pd.DataFrame({"code": ["NA", "é", "a,b"], "x": [0.1, np.nan, -3.0], "day": pd.to_datetime(["2003-05-01", None, "1950-01-01"])})
    io.write_table(frame, tmp_path / "a.csv")
    pd.testing.assert_frame_equal(io.read_table(tmp_path / "a.csv", dates=("day",)), frame)


def test_raw_cells_are_text_as_they_stand_and_the_index_is_the_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("\ufeffid,note\r\n007, NA \r\nx,\r\n".encode())
    frame = io.read_raw(path)
    assert list(frame.columns) == ["id", "note"]
    assert frame.index.tolist() == [2, 3]
    assert frame.to_numpy().tolist() == [["007", " NA "], ["x", ""]]


def test_an_empty_line_does_not_shift_the_line_numbers(tmp_path):
    (tmp_path / "a.csv").write_text("id,note\n\nx,y\n")
    assert io.read_raw(tmp_path / "a.csv").query("id == 'x'").index.tolist() == [3]


def test_a_cell_of_two_lines_does_not_shift_the_line_numbers(tmp_path):
    (tmp_path / "a.csv").write_text('id,note\nx,"two\nlines"\ny,z\n')
    assert io.read_raw(tmp_path / "a.csv").query("id == 'y'").index.tolist() == [4]


def test_a_surplus_cell_never_moves_the_others(tmp_path):
    (tmp_path / "a.csv").write_text("id,note\nx,Paris, France\n")
    try:
        frame = io.read_raw(tmp_path / "a.csv")
    except ValueError:
        return
    assert frame["id"].tolist() == ["x"]


def test_yaml_cannot_build_objects(tmp_path):
    (tmp_path / "a.yaml").write_text("a: !!python/object/apply:os.getcwd []\n")
    with pytest.raises(Exception, match="could not determine a constructor"):
        io.read_yaml(tmp_path / "a.yaml")


def test_the_checksum_is_that_of_the_bytes(tmp_path):
    io.write_text("é\n", tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_bytes() == b"\xc3\xa9\n"
    assert io.sha256(tmp_path / "a.txt") == hashlib.sha256(b"\xc3\xa9\n").hexdigest()
