"""The guards of the register: each kind of fault alone, several at once, corrections, hostile text, gaps."""

import pandas as pd
import pytest

from coalitions import register as guards

ALPHA, BETA, GULF, UNMAT, EURO, PAPER = range(2, 8)  # lines of operations.csv
HOSTILE = ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "a | b", "`code`", "back\\slash", "two\nlines", "😀", "{{ 7 * 7 }}", "\u202egnp", "' OR 1=1 --"]


_CHECKED = {}


@pytest.fixture(autouse=True)
def unchanged_tables_are_checked_once(monkeypatch):
    """The form of a table depends on its cells alone: what an earlier test has had checked is not checked again."""
    check = getattr(guards, "_table_faults", None)
    if check is None:
        return

    def remembered(name, frame, *schema):
        key = (name, tuple(frame.columns), tuple(frame.index), frame.to_csv(index=False))
        if key not in _CHECKED:
            _CHECKED[key] = list(check(name, frame, *schema))
        return _CHECKED[key]

    monkeypatch.setattr(guards, "_table_faults", remembered)


def put(register, table, line, /, **cells):
    """Change cells of a line."""
    for column, value in cells.items():
        register[table].loc[line, column] = value


def add(register, table, /, **cells):
    """A new line at the end of a table; cells that are not given are empty. Returns its number."""
    frame = register[table]
    line = len(frame) + 2
    frame.loc[line] = {column: cells.get(column, "") for column in frame.columns}
    return line


def drop(register, table, *lines):
    """Remove lines; the others keep their numbers."""
    register[table].drop(index=list(lines), inplace=True)


def say(register, operation, field, value):
    """Evidence for a value, so that only the guard under test speaks."""
    add(register, "evidence", operation_id=operation, field=field, value=value, source_id="src-official")


def correct(register, **cells):
    """A correction of the empty note of Alpha Force, unless cells say otherwise."""
    base = {"table": "operations", "key": "alpha-force-2001", "column": "note", "expected": "", "new": "x", "reason": "checked", "source_id": "src-un", "decided_on": "2026-11-01"}
    add(register, "corrections", **(base | cells))


def found(register, schema, cutoff):
    """Places and texts of all faults; each has a remedy."""
    return described(guards.verified(register, schema, cutoff)[1])


def described(faults):
    assert all(fault.remedy for fault in faults)
    assert all(fault.fault for fault in faults)
    return [(f.file, f.row, f.column, f.value) for f in faults], [f.fault for f in faults]


def test_the_tiny_register_has_no_fault(register, schema, cutoff):
    assert found(register, schema, cutoff) == ([], [])


# Each case: what is changed; file, line, column and value of the one fault that must come; words of it.
FORM = {
    "type of a count": (lambda r: put(r, "operations", ALPHA, contributors_peak="many"), ("operations.csv", ALPHA, "contributors_peak", "many"), "integer"),
    "fraction of a count": (lambda r: put(r, "operations", ALPHA, personnel_peak="3.5"), ("operations.csv", ALPHA, "personnel_peak", "3.5"), "integer"),
    "negative count": (lambda r: put(r, "operations", ALPHA, contributors_peak="-3"), ("operations.csv", ALPHA, "contributors_peak", "-3"), "minimum"),
    "flag other than 0 and 1": (lambda r: put(r, "operations", ALPHA, military="2"), ("operations.csv", ALPHA, "military", "2"), "enum"),
    "empty flag": (lambda r: put(r, "operations", ALPHA, military=""), ("operations.csv", ALPHA, "military", ""), "required"),
    "empty name": (lambda r: put(r, "operations", ALPHA, name=""), ("operations.csv", ALPHA, "name", ""), "required"),
    "word outside a vocabulary": (lambda r: put(r, "operations", ALPHA, domain="space"), ("operations.csv", ALPHA, "domain", "space"), "enum"),
    "date in another notation": (lambda r: put(r, "operations", ALPHA, start="20 December 2001"), ("operations.csv", ALPHA, "start", "20 December 2001"), "pattern"),
    "month that does not exist": (lambda r: put(r, "operations", ALPHA, start="2001-13"), ("operations.csv", ALPHA, "start", "2001-13"), "pattern"),
    "state in small letters": (lambda r: put(r, "memberships", 2, state="fra"), ("memberships.csv", 2, "state", "fra"), "pattern"),
    "address without http": (lambda r: put(r, "sources", 2, url="javascript:alert(1)"), ("sources.csv", 2, "url", "javascript:alert(1)"), "pattern"),
    "code of a state": (lambda r: put(r, "states", 2, iso3="FR"), ("states.csv", 2, "iso3", "FR"), "pattern"),
    "unknown task": (lambda r: put(r, "tasks", 2, task="tourism"), ("tasks.csv", 2, "task", "tourism"), "enum"),
    "unknown role": (lambda r: put(r, "memberships", 2, role="boss"), ("memberships.csv", 2, "role", "boss"), "enum"),
    "repeated key": (lambda r: add(r, "tasks", operation_id="alpha-force-2001", task="stabilisation"), ("tasks.csv", 10, "operation_id+task", ""), "the same as in the row"),
    "reference to no operation": (
        lambda r: put(r, "operations", ALPHA, successor_id="nowhere-2000"),
        ("operations.csv", ALPHA, "successor_id", "nowhere-2000"),
        "no row of operations.csv",
    ),
    "task of no operation": (
        lambda r: add(r, "tasks", operation_id="nowhere-2000", task="policing"),
        ("tasks.csv", 10, "operation_id", "nowhere-2000"),
        "no row of operations.csv",
    ),
    "theatre that is not listed": (lambda r: put(r, "operation_theatres", 2, theatre="XXX"), ("operation_theatres.csv", 2, "theatre", "XXX"), "no row of theatres.csv"),
    "source that is not listed": (lambda r: put(r, "evidence", 2, source_id="hearsay"), ("evidence.csv", 2, "source_id", "hearsay"), "no row of sources.csv"),
    "column with another name": (lambda r: r.update(vetoes=r["vetoes"].rename(columns={"draft": "paper"})), ("vetoes.csv", 1, "", ""), "columns are"),
    "columns in another order": (lambda r: r.update(tasks=r["tasks"][["task", "operation_id"]]), ("tasks.csv", 1, "", ""), "columns are"),
    "table that is missing": (lambda r: r.pop("vetoes"), ("vetoes.csv", 0, "", ""), "the table is missing"),
    "table that nobody knows": (lambda r: r.update(gossip=r["tasks"]), ("gossip.csv", 0, "", ""), "no such table"),
}


def _nested(register, line, parent="beta-force-2003"):
    put(register, "operations", line, nested="1", parent_id=parent)


def _fork(register):
    put(register, "operations", PAPER, predecessor_id="alpha-force-2001")


def _two_spells(register, left, joined, known="sourced"):
    put(register, "memberships", 3, left=left, dates=known)
    return add(register, "memberships", operation_id="alpha-force-2001", state="DEU", role="contributor", joined=joined, dates="sourced")


def _evidenced(field, line, value, operation):
    def change(register):
        put(register, "operations", line, **{field: value})
        say(register, operation, field, value)

    return change


CONTENT = {
    # check_days_exist
    "day that does not exist": (lambda r: put(r, "operations", ALPHA, start="2001-02-30"), ("operations.csv", ALPHA, "start", "2001-02-30"), "no such day"),
    "day of a veto that does not exist": (lambda r: put(r, "vetoes", 2, date="1981-02-29"), ("vetoes.csv", 2, "date", "1981-02-29"), "no such day"),
    "day of reading that does not exist": (lambda r: put(r, "sources", 2, date_read="2026-11-31"), ("sources.csv", 2, "date_read", "2026-11-31"), "no such day"),
    "day of entry that does not exist": (lambda r: put(r, "states", 3, entry="1949-02-29~"), ("states.csv", 3, "entry", "1949-02-29~"), "no such day"),
    "day of joining that does not exist": (lambda r: put(r, "memberships", 3, joined="2002-06-31"), ("memberships.csv", 3, "joined", "2002-06-31"), "no such day"),
    "day of coding that does not exist": (lambda r: put(r, "codings", 2, coded_on="2026-09-31"), ("codings.csv", 2, "coded_on", "2026-09-31"), "no such day"),
    "day of membership in an organisation that does not exist": (
        lambda r: put(r, "organisation_members", 2, joined="1958-02-29"), ("organisation_members.csv", 2, "joined", "1958-02-29"), "no such day",
    ),
    # check_nothing_after
    "spell after the cut-off": (lambda r: put(r, "memberships", 8, joined="2026-07"), ("memberships.csv", 8, "joined", "2026-07"), "after the cut-off 2026-06-30"),
    # check_status
    "ended without an end": (lambda r: put(r, "operations", EURO, end=""), ("operations.csv", EURO, "end", ""), "ended without an end"),
    "ended without a way of ending": (lambda r: put(r, "operations", EURO, ended_how=""), ("operations.csv", EURO, "ended_how", ""), "without a way of ending"),
    "ongoing with an end": (_evidenced("end", BETA, "2020", "beta-force-2003"), ("operations.csv", BETA, "end", "2020"), "has an end but status ongoing"),
    "unknown with a way of ending": (lambda r: put(r, "operations", GULF, ended_how="withdrawn"), ("operations.csv", GULF, "ended_how", "withdrawn"), "has a way of ending but status unknown"),
    "never deployed with a start": (_evidenced("start", PAPER, "2015-06", "paper-force-2015"), ("operations.csv", PAPER, "start", "2015-06"), "never deployed, yet has a start"),
    "deployed without a start": (lambda r: put(r, "operations", UNMAT, start=""), ("operations.csv", UNMAT, "start", ""), "deployed without a start"),
    # check_order
    "end before the start": (_evidenced("end", EURO, "2002-04", "eurofor-2002"), ("operations.csv", EURO, "end", "2002-04"), "lies before start 2002-05-21"),
    "left before it joined": (lambda r: put(r, "memberships", 3, left="2002-02"), ("memberships.csv", 3, "left", "2002-02"), "lies before joined 2002-03"),
    "exit before entry": (lambda r: put(r, "states", 7, exit="2007"), ("states.csv", 7, "exit", "2007"), "lies before entry 2008-02-17"),
    # check_identifiers
    "id of another year": (_evidenced("start", EURO, "2001-05-21", "eurofor-2002"), ("operations.csv", EURO, "operation_id", "eurofor-2002"), "does not end in 2001"),
    "UN without an organisation": (lambda r: put(r, "operations", UNMAT, organisation=""), ("operations.csv", UNMAT, "organisation", ""), "organisation is for un and regional"),
    "coalition with an organisation": (lambda r: put(r, "operations", ALPHA, organisation="NATO"), ("operations.csv", ALPHA, "organisation", "NATO"), "organisation is for un and regional"),
    "UN without a kind": (lambda r: put(r, "operations", UNMAT, un_kind=""), ("operations.csv", UNMAT, "un_kind", ""), "un_kind is for UN operations"),
    "regional with a UN kind": (lambda r: put(r, "operations", EURO, un_kind="observer"), ("operations.csv", EURO, "un_kind", "observer"), "un_kind is for UN operations"),
    "nested without a parent": (lambda r: put(r, "operations", GULF, nested="1"), ("operations.csv", GULF, "parent_id", ""), "a nested operation has a parent"),
    "parent without being nested": (lambda r: put(r, "operations", GULF, parent_id="beta-force-2003"), ("operations.csv", GULF, "parent_id", "beta-force-2003"), "a nested operation has a parent"),
    # check_chains
    "fork in a chain of names": (_fork, ("operations.csv", PAPER, "predecessor_id", "alpha-force-2001"), "both continue it"),
    "older name that was not renamed": (lambda r: put(r, "operations", ALPHA, ended_how="completed"), ("operations.csv", BETA, "predecessor_id", "alpha-force-2001"), "it ended as completed"),
    # check_parts
    "no primary theatre": (lambda r: put(r, "operation_theatres", 4, primary="0"), ("operation_theatres.csv", 0, "primary", "gulf-watch-1987"), "0 primary theatres"),
    "two primary theatres": (lambda r: put(r, "operation_theatres", 5, primary="1"), ("operation_theatres.csv", 0, "primary", "gulf-watch-1987"), "2 primary theatres"),
    "no task": (lambda r: drop(r, "tasks", 5), ("tasks.csv", 0, "operation_id", "gulf-watch-1987"), "no task"),
    "coalition without members": (lambda r: drop(r, "memberships", 11, 12), ("memberships.csv", 0, "operation_id", "paper-force-2015"), "an AHC without members"),
    "two states by flag, more by members": (lambda r: put(r, "operations", BETA, two_state="1"), ("operations.csv", BETA, "two_state", "1"), "4 states contributed"),
    "two states by flag, more by a source": (lambda r: put(r, "operations", PAPER, contributors_peak="20"), ("operations.csv", PAPER, "two_state", "1"), "20 states contributed"),
    # check_member_spells
    "joined before the start": (lambda r: put(r, "memberships", 2, joined="2001-11"), ("memberships.csv", 2, "joined", "2001-11"), "joined before the operation started"),
    "left after the end": (lambda r: put(r, "memberships", 3, left="2003-09"), ("memberships.csv", 3, "left", "2003-09"), "left after the operation ended"),
    "state that is not listed": (lambda r: put(r, "memberships", 2, state="ZZZ"), ("memberships.csv", 2, "state", "ZZZ"), "no such state in states.csv"),
    "former state after its exit": (lambda r: put(r, "memberships", 2, state="SUHH"), ("memberships.csv", 2, "state", "SUHH"), "the state did not exist then"),
    "state before its entry": (lambda r: put(r, "memberships", 9, state="RUS", left="1991-12-25"), ("memberships.csv", 9, "state", "RUS"), "the state did not exist then"),
    "two spells that overlap": (lambda r: _two_spells(r, "2002-12-31", "2002-12-30"), ("memberships.csv", 13, "joined", "2002-12-30"), "two spells overlap"),
    # check_evidence
    "start that no source gives": (lambda r: put(r, "operations", ALPHA, start="2001-12-21"), ("operations.csv", ALPHA, "start", "2001-12-21"), "they say 2001-12, 2001-12-20"),
    "request that no source gives": (lambda r: put(r, "operations", EURO, requested="2002-01"), ("operations.csv", EURO, "requested", "2002-01"), "no source in evidence.csv says so"),
    "more precise than its source": (lambda r: put(r, "operations", ALPHA, triggered="2001-10-03"), ("operations.csv", ALPHA, "triggered", "2001-10-03"), "they say 2001-10"),
    "coalition without a source of members": (lambda r: drop(r, "evidence", 7), ("evidence.csv", 0, "field", "alpha-force-2001"), "no evidence for the member list"),
    "source that nothing cites": (lambda r: add(r, "sources", source_id="src-idle", title="T", kind="news", date_read="2026"), ("sources.csv", 5, "source_id", "src-idle"), "nothing cites it"),
    # check_states
    "two periods of one key that overlap": (
        lambda r: add(r, "states", state="FRA", name="France", region="europe", entry="1946", former="0"), ("states.csv", 8, "entry", "1946"), "FRA: two periods overlap",
    ),
}  # fmt: skip
CORRECTIONS = {
    "correction of no table": (lambda r: correct(r, table="rumours"), ("corrections.csv", 2, "table", "rumours"), "no table of the register"),
    "correction of a correction": (lambda r: correct(r, table="corrections"), ("corrections.csv", 2, "table", "corrections"), "no table of the register"),
    "correction of no column": (lambda r: correct(r, column="colour"), ("corrections.csv", 2, "column", "colour"), "no such column"),
    "correction of no row": (lambda r: correct(r, key="nowhere-2000"), ("corrections.csv", 2, "key", "nowhere-2000"), "0 rows of operations.csv have this key"),
    "correction that expects another value": (lambda r: correct(r, expected="old"), ("corrections.csv", 2, "expected", "old"), "not the expected value"),
}  # fmt: skip
CORRECTED_FORM = {
    "correction without a source": (lambda r: correct(r, source_id="hearsay"), ("corrections.csv", 2, "source_id", "hearsay"), "no row of sources.csv"),
    "correction to a word outside the vocabulary": (lambda r: correct(r, column="domain", expected="land", new="space"), ("operations.csv", ALPHA, "domain", "space"), "enum"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORM)
def test_a_fault_of_form_is_found_alone_with_its_place(name, register, schema, cutoff):
    change, place, words = FORM[name]
    change(register)
    places, texts = found(register, schema, cutoff)
    assert places == [place]
    assert words in texts[0]


@pytest.mark.parametrize("name", CONTENT)
def test_a_fault_of_content_is_found_alone_with_its_place(name, register, cutoff):
    change, place, words = CONTENT[name]
    change(register)
    places, texts = described(guards.domain_faults(register, cutoff))
    assert places == [place]
    assert words in texts[0]


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_fault_of_a_correction_is_found_alone_with_its_place(name, register, schema):
    change, place, words = CORRECTIONS[name]
    change(register)
    places, texts = described(guards.corrected(register, schema)[1])
    assert places == [place]
    assert words in texts[0]


@pytest.mark.parametrize("name", CORRECTED_FORM)
def test_the_form_of_corrections_and_of_what_they_make_is_checked(name, register, schema, cutoff):
    change, place, words = CORRECTED_FORM[name]
    change(register)
    places, texts = found(register, schema, cutoff)
    assert places == [place]
    assert words in texts[0]


def test_a_start_after_the_cut_off_is_found(register, schema, cutoff):
    _evidenced("start", BETA, "2026-07-01", "beta-force-2003")(register)
    places, texts = found(register, schema, cutoff)
    assert ("operations.csv", BETA, "start", "2026-07-01") in places
    assert any("after the cut-off" in text for text in texts)


def test_an_end_after_the_cut_off_is_found_and_one_on_it_is_not(register, schema):
    put(register, "operations", BETA, status="ended", ended_how="completed", end="2026-06-30")
    say(register, "beta-force-2003", "end", "2026-06-30")
    assert found(register, schema, pd.Timestamp("2026-06-30")) == ([], [])
    assert found(register, schema, pd.Timestamp("2026-06-29"))[0] == [("operations.csv", BETA, "end", "2026-06-30")]


def test_a_circle_of_names_is_a_fault_of_each_of_its_names(register, schema, cutoff):
    put(register, "operations", ALPHA, predecessor_id="beta-force-2003")
    places, texts = found(register, schema, cutoff)
    circle = [place for place, text in zip(places, texts, strict=True) if "circle" in text]
    assert circle == [("operations.csv", ALPHA, "predecessor_id", "beta-force-2003"), ("operations.csv", BETA, "predecessor_id", "alpha-force-2001")]


def test_an_operation_that_is_its_own_predecessor_is_a_circle(register, schema, cutoff):
    put(register, "operations", GULF, predecessor_id="gulf-watch-1987")
    assert any("circle" in text for text in found(register, schema, cutoff)[1])


@pytest.mark.parametrize(
    ("left", "joined", "known"), [("2002-12-31", "2002-12-31", "sourced"), ("2002-12", "2002-12", "sourced"), ("2002-12-31", "2003-02", "sourced"), ("", "2003-02", "left-unknown")]
)
def test_spells_that_need_not_overlap_are_no_fault(left, joined, known, register, cutoff):
    _two_spells(register, left, joined, known)
    assert guards.domain_faults(register, cutoff) == []


def test_a_spell_without_an_end_overlaps_a_later_one_unless_its_end_is_said_to_be_unknown(register, schema, cutoff):
    line = _two_spells(register, "", "2003-02")
    assert found(register, schema, cutoff)[0] == [("memberships.csv", line, "joined", "2003-02")]


def test_a_nested_operation_with_its_parent_is_no_fault(register, schema, cutoff):
    _nested(register, GULF)
    assert found(register, schema, cutoff) == ([], [])


def test_a_data_set_need_not_be_cited_and_a_source_cited_by_a_correction_is(register, schema, cutoff):
    add(register, "sources", source_id="src-correction", title="T", kind="official", date_read="2026-11-22")
    correct(register, source_id="src-correction")
    assert found(register, schema, cutoff) == ([], [])


def test_several_faults_of_content_are_all_reported_at_once(register, schema, cutoff):
    chosen = [
        "ended without a way of ending",
        "UN without a kind",
        "no task",
        "coalition without members",
        "left before it joined",
        "source that nothing cites",
        "two periods of one key that overlap",
    ]
    for name in chosen:
        CONTENT[name][0](register)
    assert set(found(register, schema, cutoff)[0]) == {CONTENT[name][1] for name in chosen}


def test_several_faults_of_form_are_all_reported_at_once(register, schema, cutoff):
    chosen = [
        "type of a count",
        "word outside a vocabulary",
        "unknown role",
        "address without http",
        "task of no operation",
        "source that is not listed",
        "column with another name",
    ]
    for name in chosen:
        FORM[name][0](register)
    assert set(found(register, schema, cutoff)[0]) == {FORM[name][1] for name in chosen}


def test_several_days_that_do_not_exist_are_all_reported_before_any_other_guard_reads_them(register, cutoff):
    chosen = [name for name in CONTENT if name.startswith("day ")]
    for name in [*chosen, "no task"]:
        CONTENT[name][0](register)
    assert set(described(guards.domain_faults(register, cutoff))[0]) == {CONTENT[name][1] for name in chosen}


def test_a_fault_names_the_line_of_the_file_whatever_was_removed_before(register, schema, cutoff):
    drop(register, "evidence", 5)
    put(register, "evidence", 7, source_id="hearsay")
    assert found(register, schema, cutoff)[0] == [("evidence.csv", 7, "source_id", "hearsay")]


def test_hostile_text_is_data(register, schema, cutoff):
    for text in HOSTILE:
        add(register, "excluded", name=text, kind="duplicate", reason=text)
        add(register, "sources", source_id=f"src-hostile-{len(register['sources'])}", title=text, author=text, kind="dataset", date_read="2026")
        add(register, "evidence", operation_id="alpha-force-2001", field="tasks", value=text, source_id="src-un", note=text)
    put(register, "operations", ALPHA, name=HOSTILE[0], note=HOSTILE[1], trigger=HOSTILE[2], acronym=HOSTILE[3])
    verified, faults = guards.verified(register, schema, cutoff)
    assert faults == []
    assert verified["excluded"]["reason"].tolist()[1:] == HOSTILE
    assert verified["operations"].loc[ALPHA, ["name", "note", "trigger", "acronym"]].tolist() == HOSTILE[:4]


def test_hostile_text_where_a_word_of_a_vocabulary_belongs_is_named_as_it_stands(register, schema, cutoff):
    lines = [add(register, "excluded", name=f"case {number}", kind=text, reason="none") for number, text in enumerate(HOSTILE)]
    assert found(register, schema, cutoff)[0] == [("excluded.csv", line, "kind", text) for line, text in zip(lines, HOSTILE, strict=True)]


def test_a_pattern_is_matched_against_the_whole_cell(register, schema, cutoff):
    put(register, "vetoes", 2, theatre="AFG <script>")
    assert found(register, schema, cutoff)[0] == [("vetoes.csv", 2, "theatre", "AFG <script>")]


def test_a_line_break_at_the_end_of_a_key_is_a_fault(register, schema, cutoff):
    put(register, "vetoes", 2, veto_id="veto-1\n")
    assert found(register, schema, cutoff)[0] == [("vetoes.csv", 2, "veto_id", "veto-1\n")]


@pytest.mark.parametrize(("column", "value"), [("contributors_peak", "1_000"), ("nested", "01"), ("nested", " 0"), ("nested", "\u0660")])
def test_a_number_is_written_in_plain_digits(column, value, register, schema, cutoff):
    put(register, "operations", ALPHA, **{column: value})
    assert found(register, schema, cutoff)[0] == [("operations.csv", ALPHA, column, value)]


def test_a_mistyped_year_far_in_the_future_is_after_the_cut_off(register, schema, cutoff):
    put(register, "memberships", 8, joined="3010-05-06")
    assert any("after the cut-off" in text for text in found(register, schema, cutoff)[1])


def test_a_correction_changes_its_cell_and_nothing_else(register, schema, cutoff):
    correct(register, column="personnel_peak", expected="400", new="450")
    verified, faults = guards.verified(register, schema, cutoff)
    assert faults == []
    assert verified["operations"].loc[ALPHA, "personnel_peak"] == "450"
    assert register["operations"].loc[ALPHA, "personnel_peak"] == "400"
    verified["operations"].loc[ALPHA, "personnel_peak"] = "400"
    assert all(verified[name].equals(register[name]) for name in register)


def test_a_correction_finds_a_row_by_several_key_columns_of_which_one_is_empty(register, schema, cutoff):
    correct(register, table="memberships", key="alpha-force-2001|FRA|", column="role", expected="lead", new="staff-only")
    verified, faults = guards.verified(register, schema, cutoff)
    assert faults == []
    assert verified["memberships"].loc[2, "role"] == "staff-only"


def test_corrections_are_applied_before_the_guards_look(register, schema, cutoff):
    put(register, "operations", EURO, ended_how="")
    correct(register, key="eurofor-2002", column="ended_how", expected="", new="completed")
    assert found(register, schema, cutoff) == ([], [])


def test_every_correction_that_matches_nothing_is_reported(register, schema, cutoff):
    correct(register, key="nowhere-2000")
    correct(register, column="colour")
    correct(register, expected="old", column="name")
    assert [place[:3] for place in found(register, schema, cutoff)[0]] == [("corrections.csv", 2, "key"), ("corrections.csv", 3, "column"), ("corrections.csv", 4, "expected")]


def test_a_correction_to_something_that_is_no_date_is_a_fault_not_a_crash(register, schema, cutoff):
    correct(register, column="start", expected="2001-12-20", new="soon")
    assert found(register, schema, cutoff)[0] == [("operations.csv", ALPHA, "start", "soon")]


def test_a_correction_of_an_empty_table_is_a_fault_not_a_crash(register, schema, cutoff):
    drop(register, "codings", 2)
    correct(register, table="codings", key="coder-a|alpha-force-2001|domain", column="value", expected="land", new="air")
    assert found(register, schema, cutoff)[0] == [("corrections.csv", 2, "key", "coder-a|alpha-force-2001|domain")]


def test_a_register_of_the_wrong_form_is_given_back_as_it_came(register, schema, cutoff):
    put(register, "operations", ALPHA, domain="space", start="2001-02-30")
    correct(register)
    verified, faults = guards.verified(register, schema, cutoff)
    assert verified is register
    assert [f.column for f in faults] == ["domain"]


def test_gaps_say_where_coding_must_go_on(register):
    gaps = set(guards.gaps(register).itertuples(index=False, name=None))
    assert {
        ("gulf-watch-1987", "start", "known to the month"),
        ("gulf-watch-1987", "end", "end unknown"),
        ("gulf-watch-1987", "confidence", "low"),
        ("gulf-watch-1987", "members", "two or fewer named"),
        ("beta-force-2003", "start", "one source"),
        ("beta-force-2003", "decided", "empty"),
        ("eurofor-2002", "end", "known to the month"),
    } <= gaps
    assert ("alpha-force-2001", "start", "one source") not in gaps
    assert not any(operation == "paper-force-2015" and field == "members" for operation, field, _ in gaps)
    assert not any(operation == "unmat-1999" and gap == "one source" for operation, _, gap in gaps)


def test_gaps_of_nothing_still_have_their_columns(register):
    assert list(guards.gaps({name: frame.iloc[:0] for name, frame in register.items()}).columns) == ["operation_id", "field", "gap"]
