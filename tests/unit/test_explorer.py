"""The explorer: nothing of the register is missing, and nothing of it can run."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from coalitions import build, explorer, page

ROOT = Path(__file__).resolve().parents[2]
RULES = {"strict": "deployed and not nested and (military or monitoring)", "broad": "True"}
HOSTILE = "</script><img src=x onerror=alert(1)><!-- <script>"


@pytest.fixture
def panels(register, cutoff):
    return build.all_panels(register, RULES, 1945, cutoff)["operations"]


@pytest.fixture
def content(register, panels, schema):
    return explorer.content(register, panels, schema, RULES, "2026-06-30")


def rows(content, table):
    return [dict(zip(content["tables"][table]["columns"], row, strict=True)) for row in content["tables"][table]["rows"]]


def test_every_row_of_every_table_is_there_as_it_is_written(content, register):
    assert set(content["tables"]) == set(register)
    for name, frame in register.items():
        assert rows(content, name) == frame.to_dict("records")
    assert "1987-07~" in [row["start"] for row in rows(content, "operations")]


def test_every_operation_can_be_drawn_and_has_its_evidence(content, register):
    ids = {row["operation_id"] for row in rows(content, "operations")}
    assert set(content["drawn"]) == ids == set(register["operations"]["operation_id"])
    assert {row["operation_id"] for row in rows(content, "evidence")} == set(register["evidence"]["operation_id"])
    assert {row["source_id"] for row in rows(content, "evidence")} <= {row["source_id"] for row in rows(content, "sources")}


def test_bars_have_the_days_region_and_rules_of_the_panel(content, panels):
    drawn = dict(zip((*explorer.DRAWN, "rules"), content["drawn"]["gulf-watch-1987"], strict=True))
    assert (drawn["region"], drawn["theatre"], drawn["n_members_peak"], drawn["end_latest"]) == ("middle-east", "hormuz-gulf", 2, None)
    assert drawn["start_earliest"] < "1987-07-31" <= drawn["start_latest"]  # about July
    assert drawn["rules"] == ["strict", "broad"]
    assert content["drawn"]["paper-force-2015"][-1] == ["broad"]


def test_values_are_explained_and_flags_are_known(content):
    assert content["words"]["operations"]["status"]["never-deployed"]
    assert content["columns"]["evidence"]["value"]
    assert {"military", "nested"} <= set(content["flags"])


def told(register, *lines):
    """The register with these lines of evidence on the status (operation, value, year of the source) and no others."""
    sources = [{**dict.fromkeys(register["sources"].columns, ""), "source_id": f"s{i}", "year": year} for i, (_, _, year) in enumerate(lines)]
    said = [{"operation_id": operation, "field": "status", "value": value, "source_id": f"s{i}", "note": ""} for i, (operation, value, _) in enumerate(lines)]
    return register | {"sources": pd.DataFrame(sources), "evidence": pd.DataFrame(said, columns=register["evidence"].columns)}


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        ([("2024-02-20", "2024"), ("2023-05", "2023"), ("unknown", "2026")], ["2024-02-20", "day", "s0", "2024-02-20"]),
        ([("2024-02-20", "2024"), ("ongoing", "2024")], ["2024-02-20", "day", "s0", "2024-02-20"]),  # the date says more than its year
        ([("2024-02-20", "2024"), ("ongoing", "2025")], ["2025", "source", "s1", "2025-12-31"]),
        ([("2025-12", "2025"), ("2026", "2025")], ["2025-12", "day", "s0", "2025-12-31"]),  # a year after the source is a plan
        ([("2026-07", "2026"), ("ongoing", "2024")], ["2024", "source", "s1", "2024-12-31"]),  # after the cut-off
        ([("2026", "2026"), ("2026-01-09", "2026")], ["2026", "day", "s0", "2026-06-30"]),
        ([("ongoing", ""), ("unknown", "2025")], None),
    ],
)
def test_an_operation_without_an_end_has_the_day_on_which_it_was_last_seen(register, lines, seen):
    for operation in ("beta-force-2003", "gulf-watch-1987"):  # ongoing; end unknown
        found = explorer.last_seen(told(register, *[(operation, *line) for line in lines]), "2026-06-30")
        assert found == ({operation: seen} if seen else {})


def test_what_is_over_is_not_last_seen(register):
    assert explorer.last_seen(told(register, ("alpha-force-2001", "2003-01", "2003")), "2026-06-30") == {}


def test_the_day_last_seen_is_on_the_page(register, panels, schema):
    told_of = register | {"evidence": pd.concat([register["evidence"], register["evidence"].tail(1).assign(operation_id="beta-force-2003", field="status", value="2003-09")])}
    assert explorer.content(told_of, panels, schema, RULES, "2026-06-30")["seen"]["beta-force-2003"][:2] == ["2003-09", "day"]


def test_a_panel_of_another_register_is_refused(register, panels, schema):
    with pytest.raises(ValueError, match="alpha-force-2001"):
        explorer.content(register, panels[panels["operation_id"] != "alpha-force-2001"], schema, RULES, "2026-06-30")


def whole(content):
    read = {name: (ROOT / "workflow" / "report" / name).read_text(encoding="utf-8") for name in ("explorer.html", "style.css", "explorer.css", "explorer.js")}
    return page.filled(read.pop("explorer.html"), read | {"content": page.inert(content), "library": page.inert("library"), "look": page.inert("look")})


def test_a_hostile_register_changes_no_element_of_the_page(register, panels, schema, content):
    calm = whole(content)
    for name, column in (("operations", "name"), ("operations", "note"), ("evidence", "value"), ("sources", "title"), ("sources", "url"), ("states", "name")):
        register[name][column] = HOSTILE
    wild = whole(explorer.content(register, panels, schema, RULES, "2026-06-30"))
    tags = r"</?[a-zA-Z!][^>]*>"
    body = [text[: text.index('<script type="application/json" id="content">')] + text[text.index('<script type="application/json" id="library">') :] for text in (calm, wild)]
    assert re.findall(tags, body[0]) == re.findall(tags, body[1])
    held = wild.split('id="content">')[1].split("</script>")[0]
    assert "<" not in held
    assert {row["name"] for row in rows(json.loads(held), "operations")} == {HOSTILE}


def test_the_page_has_the_same_bytes_whatever_the_order_of_the_panel(register, panels, schema, content):
    again = explorer.content(register, panels.iloc[::-1], schema, RULES, "2026-06-30")
    assert whole(again) == whole(content)


def test_the_script_of_the_explorer_never_writes_markup_of_the_register():
    """Text goes in by textContent and append; the one place that writes markup, a cell of the tables, writes what the library has escaped."""
    script = (ROOT / "workflow" / "report" / "explorer.js").read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", script)
    markup = [line for line in script.splitlines() if re.search(r"`<(a|div)", line)]
    assert all(not re.search(r"\$\{(?!safe\(|text\()", re.sub(r".*?`<", "`<", part)) for line in markup for part in re.findall(r"`<[^`]*`", line))


def test_the_library_is_in_the_installed_package():
    from importlib.resources import files

    text = (files("itables") / "html" / "dt_bundle.js").read_text(encoding="utf-8")
    assert re.search(r"export\{[^}]* as default", text)
