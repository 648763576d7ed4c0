"""Concurrent pairs and duplication against counting day by day, navies drawn by lot against the exact distribution, and what cannot be said."""

import itertools

import numpy as np
import pandas as pd
import pytest

from coalitions import overlap, proportions

CUTOFF = pd.Timestamp("2026-06-30")


def operations(rows: list[dict]) -> pd.DataFrame:
    """Operations panel from rows with `operation_id`, `start`, `end` (empty: ongoing) and what differs from the defaults."""
    base = {
        "arrangement": "ahc",
        "theatre": "AFG",
        "tasks": "stabilisation",
        "region": "asia",
        "parent_id": None,
        "successor_id": None,
        "organisation": None,
        "domain": "land",
        "name": "X",
    }
    frame = pd.DataFrame([base | row for row in rows])
    frame["start"], frame["end"] = pd.to_datetime(frame["start"]), pd.to_datetime(frame["end"])
    frame["status"] = frame.get("status", pd.Series(index=frame.index, dtype=object)).fillna(pd.Series(np.where(frame["end"].isna(), "ongoing", "ended"), index=frame.index))
    frame["theatres"] = frame.get("theatres", frame["theatre"])
    frame["theatres"] = frame["theatres"].fillna(frame["theatre"])
    return frame.assign(chain_id=frame.get("chain_id", frame["operation_id"]).fillna(frame["operation_id"]), deployed=frame["start"].notna().astype(int), scope_all=1)


def members(rows: list[tuple], end: str = "2026-06-30") -> pd.DataFrame:
    """Memberships from (operation, state, role) or (operation, state, role, joined, left)."""
    frame = pd.DataFrame([row if len(row) == 5 else (*row, "2020-01-01", end) for row in rows], columns=["operation_id", "state", "role", "joined", "left"])
    frame["joined"], frame["left"] = pd.to_datetime(frame["joined"]), pd.to_datetime(frame["left"])
    return frame.assign(counted=(frame["role"] != "supporter").astype(int), duration_days=(frame["left"] - frame["joined"]).dt.days + 1)


def states(names: str, region: str = "europe", entry: str = "1900-01-01", leave: str = "") -> pd.DataFrame:
    """The register's table of states, as text."""
    return pd.DataFrame({"state": names.split(), "region": region, "entry": entry, "exit": leave})


ORGANISATIONS = pd.DataFrame(
    {"organisation": ["EU", "EU", "NATO"], "state": ["DEU", "GBR", "NOR"], "joined": ["1958-01-01", "1973-01-01", "1949-04-04"], "left": ["", "2020-01-31", ""]}
)


# ---- Duplication


def pair(**second):
    return operations([{"operation_id": "a-2000", "start": "2000-01-01", "end": "2000-01-10"}, {"operation_id": "b-2000", "start": "2000-01-06", "end": "2000-01-25"} | second])


def shares(frame, **choice):
    held = overlap.field(frame, "all", CUTOFF)
    return dict(zip(held.names, overlap.covered(held.start[None, :], held.end[None, :], *held.pairs(**({"same_task": "strict"} | choice)))[0, 0], strict=True))


def test_the_days_that_two_operations_share_are_duplicated_in_both():
    assert shares(pair()) == {"a-2000": 5, "b-2000": 5}


@pytest.mark.parametrize("second", [
    {"theatre": "BIH"}, {"tasks": "mine-clearance"}, {"parent_id": "a-2000"}, {"chain_id": "a-2000"}, {"start": "2000-01-11"}, {"start": None, "end": None},
], ids=["elsewhere", "another task", "task force", "younger name", "the day after", "never deployed"])  # fmt: skip
def test_what_is_no_duplicate(second):
    assert set(shares(pair(**second)).values()) == {0}


def test_two_tasks_of_a_group_are_the_same_in_the_broad_sense_only():
    frame = pair(tasks="evacuation")
    assert set(shares(frame).values()) == {0}
    assert set(shares(frame, same_task="broad").values()) == {5}


def test_counterparts_and_hand_overs_can_be_left_out():
    frame = pair(arrangement="un")
    assert shares(frame, counterpart="ahc") == {"a-2000": 0, "b-2000": 5}
    assert shares(frame, counterpart="organisation") == {"a-2000": 5, "b-2000": 0}
    assert shares(frame, focal="ahc") == {"a-2000": 5, "b-2000": 0}
    frame.loc[0, "successor_id"] = "b-2000"
    assert set(shares(frame, handover_overlap="dropped").values()) == {0}


def test_an_operation_with_an_unknown_end_is_at_work_on_its_first_day():
    assert shares(pair(end=None, status="unknown")) == {"a-2000": 1, "b-2000": 1}


def random_field(seed, n=40):
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2000-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D")
    rows = [
        {
            "operation_id": f"op-{i:02d}", "start": start[i], "end": start[i] + pd.Timedelta(days=int(rng.integers(0, 300))), "arrangement": str(rng.choice(["ahc", "un", "regional"])),
            "theatre": "A", "theatres": "+".join(rng.choice(list("ABCD"), int(rng.integers(1, 3)), replace=False)),
            "tasks": "+".join(rng.choice(["stabilisation", "evacuation", "mediation"], int(rng.integers(1, 3)), replace=False)),
        }
        for i in range(n)
    ]  # fmt: skip
    return operations(rows)


def day_by_day(frame, window=None):
    """Duplicated days of each operation, by looking at every day of every pair."""
    found = {}
    for a in frame.itertuples():
        days = set()
        for b in frame.itertuples():
            if a.operation_id != b.operation_id and set(a.theatres.split("+")) & set(b.theatres.split("+")) and set(a.tasks.split("+")) & set(b.tasks.split("+")):
                days |= set(pd.date_range(max(a.start, b.start), min(a.end, b.end)))
        found[a.operation_id] = len([day for day in days if window is None or window[0] <= day <= window[1]])
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_union_of_overlaps_is_what_counting_days_gives(seed):
    frame = random_field(seed)
    assert shares(frame) == day_by_day(frame)
    held = overlap.field(frame, "all", CUTOFF)
    window = (pd.Timestamp("2000-06-01"), pd.Timestamp("2001-05-31"))
    days = [tuple(int(np.datetime64(day, "D").astype(int)) for day in window)]
    clipped = overlap.covered(held.start[None, :], held.end[None, :], *held.pairs("strict"), windows=days)[0, 0]
    assert dict(zip(held.names, clipped, strict=True)) == day_by_day(frame, window)


def test_many_draws_at_once_are_each_draw_alone():
    held = overlap.field(random_field(1), "all", CUTOFF)
    start, end = overlap.permuted_starts(held, "all", "region-decade", 20, 1)
    pairs = held.pairs("broad")
    together = overlap.covered(start, end, *pairs)[0]
    for draw in range(20):
        np.testing.assert_array_equal(together[draw], overlap.covered(start[[draw]], end[[draw]], *pairs)[0, 0])


def test_permuted_starts_stay_in_their_region_and_era_and_keep_durations():
    frame = random_field(2)
    frame.loc[:19, "region"] = "africa"
    frame.loc[::4, "start"] -= pd.Timedelta(days=12 * 365)
    held = overlap.field(frame, "all", CUTOFF)
    start, end = overlap.permuted_starts(held, "all", "region-era", 50, 1)
    for stratum in np.unique(held.stratum["region-era"]):
        mine = held.stratum["region-era"] == stratum
        assert (np.sort(start[:, mine], axis=1) == np.sort(held.start[mine])).all()
    assert (end - start == held.end - held.start).all()
    only = overlap.permuted_starts(held, "coalitions", "region-era", 50, 1)[0]
    others = held.arrangement != "ahc"
    assert (only[:, others] == held.start[others]).all()
    assert (only[:, ~others] != held.start[~others]).any()


def test_what_runs_past_the_cut_off_is_cut_there():
    frame = operations([{"operation_id": "long-2014", "start": "2014-01-01", "end": None}, {"operation_id": "young-2025", "start": "2025-06-30", "end": "2025-07-30"}])
    held = overlap.field(frame, "all", CUTOFF)
    assert overlap.permuted_starts(held, "all", "region-era", 30, 1)[1].max() == held.cutoff


def test_a_table_has_a_line_for_every_group_and_says_why_one_is_empty():
    table = overlap.duplication_table(random_field(3), ["all"], CUTOFF, 50, 1, 0.95)
    assert list(table.columns) == overlap.COLUMNS["duplication"]
    assert len(table) == 2 * 2 * 3 * (1 + 3)
    whole = table.query("decade == 'all' and model == 'starts' and same_task == 'strict' and arrangement == 'ahc'").iloc[0]
    assert whole["expected_lower"] <= whole["expected"] <= whole["expected_upper"]
    assert whole["excess"] == pytest.approx(whole["estimate"] - whole["expected"])
    assert (table["estimate"].isna() <= table["reason"].notna()).all()
    assert table.query("decade == '2020'")["reason"].str.contains("fewer than five").all()


def test_nothing_depends_on_the_order_of_rows():
    frame = random_field(4)
    turned = frame.iloc[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(*(overlap.duplication_table(part, ["all"], CUTOFF, 20, 1, 0.95) for part in (frame, turned)))


def test_a_scope_without_operations_has_reasons_only():
    table = overlap.duplication_table(random_field(1).assign(scope_none=0), ["none"], CUTOFF, 10, 1, 0.95)
    assert table["reason"].notna().all()
    assert overlap.duplication_table(random_field(1).iloc[:0], ["all"], CUTOFF, 10, 1, 0.95)["reason"].notna().all()


def test_lists_of_tasks_exchanged_between_operations_that_all_have_the_same_change_nothing():
    frame = random_field(5).assign(tasks="stabilisation")
    table = overlap.duplication_table(frame, ["all"], CUTOFF, 20, 1, 0.95).query("model == 'tasks' and decade == 'all'")
    assert table["excess"].abs().max() == pytest.approx(0)
    assert (table["p"] == 1).all()


def test_a_share_with_one_cluster_has_no_limits():
    assert overlap.ratio_limits(np.array([1.0, 2.0]), np.array([2.0, 4.0]), np.array(["A", "A"]), 0.95) == (0.5, None, None, None)


def test_the_variance_between_clusters_by_hand():
    # Share 1/2, residuals 1 and -1: variance 2 / (2 - 1) * 2 / 16.
    share, se, low, high = overlap.ratio_limits(np.array([2.0, 0.0]), np.array([2.0, 2.0]), np.array(["A", "B"]), 0.95)
    assert (share, se) == (0.5, pytest.approx(0.5))
    assert (low, high) == (0, 1)


def test_the_observed_value_is_one_of_the_draws():
    chance = overlap.against_chance(1.0, np.array([0.0, 0.1, -0.1]), 0.95)
    assert (chance.p, chance.draws, chance.observed) == (0.25, 3, 1.0)


# ---- Concurrent pairs


def test_pairs_are_counted_once_in_each_decade_that_they_touch():
    frame = operations([
        {"operation_id": "a-1999", "start": "1999-12-01", "end": "2000-01-10"}, {"operation_id": "b-1999", "start": "1999-12-31", "end": "2000-02-01", "arrangement": "un", "organisation": "UN"},
        {"operation_id": "c-1999", "start": "1999-12-31", "end": "2000-01-01"},
    ])  # fmt: skip
    found = pd.DataFrame(
        {
            "operation_a": ["a-1999", "a-1999", "a-1999"], "operation_b": ["b-1999", "b-1999", "c-1999"], "theatre": ["AFG", "PAK", "AFG"],
            "overlap_start": pd.to_datetime("1999-12-31"), "overlap_end": pd.to_datetime(["2000-01-10", "2000-01-10", "2000-01-01"]), "arrangement_a": "ahc",
            "arrangement_b": ["un", "un", "ahc"], "related": [0, 0, 1], "shared_tasks": [1, 1, 1], "members_jaccard": pd.array([None, None, 0.5], dtype="Float64"),
        }
    )  # fmt: skip
    table = overlap.overlap_table(found, frame, members([("a-1999", "FRA", "lead")]), ["all"], CUTOFF).set_index(["pair", "decade"])
    assert table.loc[("ahc-un", "all"), "n"] == 1
    assert table.loc[("ahc-un", "all"), "overlap_months"] * overlap.DAYS_PER_MONTH == pytest.approx(11)
    assert table.loc[("ahc-un", "1990"), "overlap_months"] * overlap.DAYS_PER_MONTH == pytest.approx(1)
    assert table.loc[("ahc-un", "all"), ["share_same_task", "n_command", "share_common_command"]].tolist() == [1, 1, 0]
    assert table.loc[("ahc-ahc", "all"), ["n", "n_related", "reason"]].tolist() == [0, 1, "no unrelated pair"]
    assert (table["reason"].isna() == (table["n"] > 0)).all()


def test_no_pair_at_all_gives_reasons():
    empty = pd.DataFrame(
        {
            name: []
            for name in ("operation_a", "operation_b", "theatre", "overlap_start", "overlap_end", "arrangement_a", "arrangement_b", "related", "shared_tasks", "members_jaccard")
        }
    )
    empty = empty.astype({"overlap_start": "datetime64[ns]", "overlap_end": "datetime64[ns]"})
    table = overlap.overlap_table(empty, pair(), members([("a-2000", "FRA", "lead")]), ["all"], CUTOFF)
    assert len(table) == len(overlap.PAIRS)
    assert table["reason"].notna().all()


# ---- Coalitions in the same waters


def test_a_state_counts_as_european_only_while_it_exists_and_belongs():
    known = pd.concat([states("DEU GBR NOR"), states("YUCS", leave="2003-02-04"), states("XKX", entry="2008-02-17"), states("USA", "americas")])
    day = pd.Timestamp("2024-01-01")
    assert overlap.europeans(known, ORGANISATIONS, "region", day) == {"DEU", "GBR", "NOR", "XKX"}
    assert overlap.europeans(known, ORGANISATIONS, "region", pd.Timestamp("1999-01-01")) == {"DEU", "GBR", "NOR", "YUCS"}
    assert overlap.europeans(known, ORGANISATIONS, "eu", day) == {"DEU"}
    assert overlap.europeans(known, ORGANISATIONS, "eu", pd.Timestamp("2019-01-01")) == {"DEU", "GBR"}
    assert overlap.europeans(known, ORGANISATIONS, "eu-or-nato", day) == {"DEU", "NOR"}


def test_kinds_of_command():
    frame = operations(
        [{"operation_id": name, "start": "2020-01-01", "end": None, "organisation": who} for name, who in [("a", None), ("b", None), ("c", "EU"), ("d", None), ("e", None)]]
    )
    led = members([("a", "USA", "lead"), ("a", "GBR", "lead"), ("b", "FRA", "lead"), ("e", "JPN", "lead")])
    assert overlap.commanded_by(frame, led, {"FRA", "GBR"}).tolist() == ["us-led", "european-led", "european-led", "unknown", "other"]


@pytest.mark.parametrize(("pool", "one", "other"), [(10, 3, 4), (5, 4, 4), (6, 6, 2)])
def test_the_distribution_of_shared_states_is_that_of_every_possible_draw(pool, one, other):
    counts = [len(set(a) & set(b)) for a in itertools.combinations(range(pool), one) for b in itertools.combinations(range(pool), other)]
    shared, mass = overlap.hypergeometric(pool, one, other)
    assert [np.mean([c == k for c in counts]) for k in shared] == pytest.approx(mass)
    assert set(counts) == set(shared.tolist())


def test_draws_with_equal_weights_agree_with_the_exact_distribution():
    found = overlap.drawn_overlaps(np.ones(12), 5, 4, 20_000, np.random.default_rng(1))
    assert found.mean() == pytest.approx(5 * 4 / 12, abs=0.03)


def test_navies_of_experience_are_drawn_more_often():
    weights = np.array([50.0] * 3 + [1.0] * 30)
    alike = 3 * 3 / 33  # states that two draws share if all weights are equal
    assert overlap.drawn_overlaps(weights, 3, 3, 2000, np.random.default_rng(1)).mean() > 5 * alike


def test_two_coalitions_without_a_common_member():
    found = overlap.overlap_of(pd.DataFrame({"state": list("AB")}), pd.DataFrame({"state": list("CD")}), {"E": 2, "A": 1}, "equal", 0, 1)
    # Of five navies; the second pair of two avoids the first with probability 3/10.
    assert (found.observed, len(found.navies), found.p) == (0, 5, pytest.approx(0.3))
    assert found.expected == pytest.approx(0.6 / 3 + 0.1)
    assert overlap.overlap_of(pd.DataFrame({"state": []}), pd.DataFrame({"state": ["A"]}), {}, "equal", 0, 1) is None


def test_navies_are_the_states_of_earlier_maritime_operations():
    frame = operations([
        {"operation_id": "old-1987", "start": "1987-01-01", "end": "1989-01-01", "domain": "maritime"}, {"operation_id": "sea-2010", "start": "2010-01-01", "end": None, "domain": "maritime"},
        {"operation_id": "land-2010", "start": "2010-01-01", "end": None}, {"operation_id": "later-2022", "start": "2022-01-01", "end": None, "domain": "maritime"},
        {"operation_id": "empty-2011", "start": "2011-01-01", "end": None, "domain": "maritime"},
    ])  # fmt: skip
    who = members([
        ("old-1987", "SUHH", "contributor", "1987-01-01", "1989-01-01"), ("old-1987", "ITA", "lead", "1987-01-01", "1989-01-01"), ("sea-2010", "FRA", "lead", "2010-01-01", "2026-06-30"),
        ("sea-2010", "DEU", "supporter", "2010-01-01", "2026-06-30"), ("land-2010", "AUT", "lead", "2010-01-01", "2026-06-30"), ("later-2022", "NOR", "lead", "2022-01-01", "2026-06-30"),
    ])  # fmt: skip
    known = pd.concat([states("FRA DEU ITA NOR AUT"), states("SUHH", leave="1991-12-25")])
    assert overlap.navies_of(frame, who, known, pd.Timestamp("2020-01-01")) == {"FRA": 1, "ITA": 1}
    assert overlap.navies_of(frame, who, known, pd.Timestamp("2020-01-01"), 20) == {"FRA": 1}


def gulf():
    frame = operations([
        {"operation_id": "sentinel-2019", "start": "2019-11-07", "end": None, "theatre": "hormuz-gulf", "domain": "maritime"},
        {"operation_id": "agenor-2020", "start": "2020-01-30", "end": "2021-06-30", "theatre": "hormuz-gulf", "domain": "maritime"},
        {"operation_id": "aspides-2024", "start": "2024-02-19", "end": None, "theatre": "red-sea-aden", "organisation": "EU", "arrangement": "regional", "domain": "maritime"},
    ])  # fmt: skip
    who = members([
        ("sentinel-2019", "USA", "lead", "2019-11-07", "2026-06-30"), ("sentinel-2019", "GBR", "lead", "2019-11-07", "2026-06-30"), ("sentinel-2019", "AUS", "contributor", "2019-11-07", "2019-12-31"),
        ("agenor-2020", "FRA", "lead", "2020-01-30", "2021-06-30"), ("agenor-2020", "DEU", "supporter", "2020-01-30", "2021-06-30"),
    ])  # fmt: skip
    return frame, who, pd.concat([states("FRA DEU GBR NOR"), states("USA AUS", "other")])


def test_members_of_a_crisis_by_command_and_operations_without_members():
    table = overlap.gulf_members(*gulf(), ORGANISATIONS, CUTOFF)
    assert table.query("case == 'hormuz'")["operation_id"].unique().tolist() == ["agenor-2020", "sentinel-2019"]
    assert table.query("case == 'red-sea'")[["operation_id", "command", "reason"]].to_numpy().tolist() == [["aspides-2024", "european-led", "members are not coded"]]
    assert table.set_index("state").loc["DEU", ["european", "counted"]].tolist() == [1, 0]


def test_overlap_by_half_year_and_specification():
    table = overlap.hormuz_table(*gulf(), ("sentinel-2019", "agenor-2020"), CUTOFF, 99, 1, 0.95)
    days = table[table["model"] == "on the day"]
    assert days["day"].dt.strftime("%Y-%m-%d").tolist() == ["2020-07-01", "2021-01-01"]
    whole = table[table["model"] == "overlap"].set_index(["roles", "overlap_time", "navies", "navy_weights"])
    assert whole.loc[("contributors", "while-both", "ever", "equal"), ["n_us_led", "n_european_led", "n_shared"]].tolist() == [2, 1, 0]
    assert whole.loc[("with-supporters", "ever", "ever", "equal"), ["n_us_led", "n_european_led"]].tolist() == [3, 2]
    assert len(whole) == 16


@pytest.mark.parametrize(("names", "reason"), [
    (("nowhere-2019", "agenor-2020"), "is not an operation of the register"), (("agenor-2020", "aspides-2024"), "never at work at the same time"),
])  # fmt: skip
def test_coalitions_that_cannot_be_compared(names, reason):
    table = overlap.hormuz_table(*gulf(), names, CUTOFF, 9, 1, 0.95)
    assert len(table) == 1
    assert reason in table["reason"].iloc[0]


def test_wilson_and_the_sign_test():
    # The 1927 interval of 9 of 10: 0.596 to 0.982 (R: prop.test(9, 10, correct = FALSE)); binom.test(9, 10): 0.02148.
    assert proportions.wilson_limits(9, 10, 0.95) == pytest.approx((0.5958500, 0.9821238), abs=1e-6)
    assert overlap.exact_half(9, 10) == pytest.approx(0.021484375)
    assert overlap.exact_half(5, 10) == 1


def test_every_task_of_the_codebook_has_a_group(root):
    text = (root / "data" / "raw" / "tasks.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert {line.split(",")[1] for line in text} <= set(overlap.GROUP_OF)
