"""Duration models on small panels: reference levels, numbers of rows, and a reason wherever there is no estimate."""

import numpy as np
import pandas as pd
import pytest
from lifelines import LogLogisticAFTFitter, LogNormalAFTFitter, WeibullAFTFitter

from coalitions import aft, discrete, models
from coalitions.figures import forest, incidence, rmst
from coalitions.survival import NotEstimable, SurvivalInputError

SCOPES = ["strict"]
SETTINGS = {"tau_years": [2, 5], "within_years": [1, 3], "permutations": 50}
STUDY = {"scopes": {"strict": "True"}, "survival": SETTINGS, "confidence": 0.95, "seed": 1}


def panel(n=120, seed=3):
    """Spells with every level of every factor, in ten theatres."""
    rng = np.random.default_rng(seed)
    start = pd.to_datetime(rng.integers(1970, 2020, n).astype(str)) + pd.to_timedelta(rng.integers(0, 365, n), unit="D")
    time = rng.integers(1, 2500, n)
    ended = (rng.random(n) < 0.75).astype(int)
    how = rng.choice(["completed", "handed-over", "withdrawn", "collapsed"], n)
    names = [f"op-{i:03d}-2000" for i in range(n)]
    return pd.DataFrame(
        {
            "spell_id": names,
            "operation_ids": names,
            "arrangement": np.resize(["ahc", "un", "regional"], n),
            "domain": rng.choice(["land", "maritime", "civilian", "air", "multi"], n),
            "tasks": rng.choice(["interposition", "counterterrorism", "training-advice", "maritime-security", "policing+stabilisation"], n),
            "legal_basis": rng.choice(["unsc", "treaty", None], n),
            "n_members_peak": np.where(rng.random(n) < 0.8, rng.integers(2, 40, n), np.nan),
            "theatre": rng.choice(list("abcdefghij"), n),
            "region": rng.choice(["africa", "asia"], n),
            "start": start,
            "end": pd.Series(start + pd.to_timedelta(time - 1, unit="D")).where(pd.Series(ended == 1)),
            "duration_days": time,
            "ended": ended,
            "ended_how": np.where(ended == 1, how, None),
            "scope_strict": 1,
        }
    )


def by_year(spells):
    """Operation-years, the same by theatre, and some vetoes."""
    rows = []
    for spell in spells.itertuples():
        last = (spell.start + pd.Timedelta(days=int(spell.duration_days) - 1)).year
        rows += [
            {"operation_id": spell.spell_id, "year": year, "theatre": spell.theatre, "n_members": 5.0 + year % 7, "scope_strict": 1} for year in range(spell.start.year, last + 1)
        ]
    years = pd.DataFrame(rows)
    vetoes = pd.DataFrame({"date": ["1980-01-07", "1980-01-07", "1999-05-01", "2011-02-01"], "draft": ["S/1", "S/1", "S/2", "S/3"]})
    return years.drop(columns="theatre"), years.drop(columns="n_members"), vetoes


def reasons(table):
    """Reasons of the lines without an estimate; fails if one has none."""
    missing = table[table["estimate"].isna()]
    assert missing["reason"].notna().all()
    assert len(missing)
    return " | ".join(sorted(set(missing["reason"])))


def test_reference_levels_have_no_column_and_every_spell_has_one_level_of_each_factor():
    spells = panel()
    columns, held = models.design(spells), models.factors(spells)
    for factor, levels in models.LEVELS.items():
        assert f"{factor}: {levels[0]}" not in columns
        assert [c for c in columns if c.startswith(f"{factor}: ")] == models.terms_of(factor)
        reference = (held[factor] == levels[0]).to_numpy()
        assert ((columns[models.terms_of(factor)].sum(axis=1) == 0).to_numpy() == reference).all()
    assert (columns.index == spells.index).all()
    assert columns[models.SIZE].isna().equals(spells["n_members_peak"].isna())


@pytest.mark.parametrize(
    ("tasks", "group"),
    [
        ("interposition+counterterrorism", "war"),
        ("counter-piracy+policing", "maritime security"),
        ("training-advice", "training"),
        ("training-advice+policing", "peace"),
        ("evacuation", "peace"),
    ],
)
def test_a_task_group_is_the_first_that_holds(tasks, group):
    assert models.task_group(tasks) == group


@pytest.mark.parametrize(("year", "era"), [(1989, "to 1989"), (1990, "1990-2001"), (2001, "1990-2001"), (2002, "2002-2013"), (2014, "from 2014")])
def test_eras_change_at_the_turn_of_the_year(year, era):
    spells = panel(3).assign(start=pd.Timestamp(year, 6, 1))
    assert set(models.factors(spells)["era"]) == {era}


def test_a_level_that_nobody_has_heard_of_is_refused_by_name():
    with pytest.raises(SurvivalInputError, match="domain has no level 'space'"):
        models.design(panel(6).assign(domain="space"))


def test_every_table_has_a_line_for_each_term_its_columns_and_no_gap_without_reason():
    spells = panel(240)
    found = models.estimates(spells, *by_year(spells), STUDY)
    assert set(found) == set(models.COLUMNS)
    for name, table in found.items():
        assert list(table.columns) == models.COLUMNS[name]
    assert len(found["cox"]) == sum(len(models.specified(model)) for model in models.MODELS) + len(models.specified("adjusted")) + 1  # the last: with a frailty, its variance
    assert len(found["aft"]) == len(aft.FAMILIES) * sum(len(models.specified(model)) + 1 for model in models.PLAIN)
    assert len(found["ends"]) == len(models.ENDINGS) * (len(models.GRAY) + 2 * sum(len(models.specified(model)) for model in models.PLAIN))
    assert len(found["within"]) == (3 + len(models.AGAINST)) * len(SETTINGS["within_years"])
    rmst_rows = found["rmst"]["model"].value_counts()
    assert rmst_rows["difference"] == len(models.AGAINST) * 2
    assert rmst_rows["without the longest"] == rmst_rows["without the longest coalitions"] == len(models.AGAINST) * 2 * models.LONGEST
    for name in ("cox", "aft", "discrete", "within"):
        table = found[name]
        assert not (table["estimate"].isna() & table["reason"].isna()).any()
    assert found["cox"]["estimate"].notna().all()
    assert found["discrete"]["estimate"].notna().all()
    sizes = found["cox"].groupby("model")["n"].first()
    assert sizes["adjusted"] == 240
    assert sizes["adjusted, size"] == spells["n_members_peak"].notna().sum()


def test_the_order_of_rows_changes_nothing():
    spells = panel()
    years = by_year(spells)
    mixed = spells.sample(frac=1, random_state=5)
    one, other = models.estimates(spells, *years, STUDY), models.estimates(mixed, *(table.sample(frac=1, random_state=6) for table in years), STUDY)
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, other[name], rtol=1e-9)


def test_incidences_sum_to_one_minus_survival_and_do_not_fall():
    table = models.cif_table(panel(), SCOPES)
    for _, curve in table.groupby("arrangement"):
        total = curve.groupby("time_days")["incidence"].sum()
        survival = curve.groupby("time_days")["survival"].first()
        assert np.allclose(total, 1 - survival)
        assert all((lines.sort_values("time_days")["incidence"].diff().dropna() >= 0).all() for _, lines in curve.groupby("ending"))


def test_renamed_is_handed_over_and_an_end_of_no_known_way_is_not_dropped():
    spells = panel(9).assign(ended=1, ended_how=["renamed", None, *["completed"] * 7])
    cause, names = models.endings(spells)
    assert names == (*models.ENDINGS, models.UNTOLD)
    assert [names[c - 1] for c in cause[:3]] == ["handed-over", "not told", "completed"]


def test_a_spell_of_zero_days_is_refused_with_a_reason():
    spells = panel().assign(duration_days=lambda s: s["duration_days"].where(s.index != 4, 0))
    for table in (models.cox_table(spells, SCOPES), models.aft_table(spells, SCOPES), models.within_table(spells, SCOPES, [1])):
        assert "lasts at least one day" in reasons(table)
    table = models.rmst_table(spells, SCOPES, SETTINGS)
    assert "lasts at least one day" in reasons(table)
    assert table["term"].tolist().count("ahc minus un") >= len(SETTINGS["tau_years"])


def test_a_group_of_which_none_has_ended_is_taken_out_with_its_reason():
    spells = panel()
    spells.loc[spells["arrangement"] == "regional", ["ended", "ended_how", "end"]] = [0, None, pd.NaT]
    table = models.cox_table(spells, SCOPES).query("model == 'adjusted'").set_index("term")
    assert table.loc["arrangement: regional", "reason"].startswith("separated: none has ended (40 line(s)")
    assert np.isfinite(table.loc["arrangement: ahc", "estimate"])
    assert (table["n"] == 80).all()
    assert "separated" in reasons(models.aft_table(spells, SCOPES))
    years = by_year(spells)
    assert "separated" in reasons(models.discrete_table(spells, SCOPES, *years))


def test_taking_out_a_separated_level_is_the_limit_of_the_likelihood():
    spells = panel()
    spells.loc[spells["arrangement"] == "regional", ["ended", "ended_how"]] = [0, None]
    one = models.cox_table(spells, SCOPES).query("model == 'unadjusted' and term == 'arrangement: ahc'")["estimate"].item()
    two = models.cox_table(spells[spells["arrangement"] != "regional"], SCOPES).query("model == 'unadjusted' and term == 'arrangement: ahc'")["estimate"].item()
    assert one == pytest.approx(two, abs=1e-10)


def test_without_any_end_every_model_says_so():
    spells = panel().assign(ended=0, ended_how=None, end=pd.NaT)
    for table in (models.cox_table(spells, SCOPES), models.aft_table(spells, SCOPES), models.discrete_table(spells, SCOPES, *by_year(spells))):
        assert table["estimate"].isna().all()
        assert "no events" in reasons(table)
    assert "no events" in " ".join(models.ends_table(spells, SCOPES)["reason"].dropna())
    assert models.ph_table(spells, SCOPES)["reason"].notna().all()


def test_a_reference_of_which_none_has_ended_is_not_estimable():
    spells = panel()
    spells.loc[spells["arrangement"] == "un", ["ended", "ended_how"]] = [0, None]
    table = models.cox_table(spells, SCOPES).query("model == 'unadjusted'")
    assert table["estimate"].isna().all()
    assert "no finite estimate" in reasons(table)


def test_a_group_of_one_and_a_group_of_none_give_reasons_not_numbers_from_nowhere():
    spells = panel()
    one = pd.concat([spells[spells["arrangement"] != "un"], spells[spells["arrangement"] == "un"].head(1).assign(duration_days=100, ended=0, ended_how=None)])
    table = models.rmst_table(one, SCOPES, SETTINGS).query("term == 'ahc minus un' and model == 'difference'")
    assert "still running" in reasons(table)
    assert "a group is not observed so long" in reasons(models.within_table(one, SCOPES, [1]))
    none = spells[spells["arrangement"] == "ahc"]
    assert "1 groups instead of two" in reasons(models.rmst_table(none, SCOPES, SETTINGS))
    assert "all have the same value" in reasons(models.cox_table(none, SCOPES).query("model == 'unadjusted'"))
    assert "no spells" in reasons(models.within_table(none, SCOPES, [1]))


@pytest.mark.parametrize(("column", "word"), [("domain", "domain"), ("tasks", "task"), ("start", "era"), ("theatre", "theatre")])
def test_a_missing_covariate_is_a_reason_and_no_silent_drop(column, word):
    spells = panel()
    spells.loc[7, column] = None
    table = models.cox_table(spells, SCOPES).query("model == 'adjusted'")
    assert table["estimate"].isna().all()
    assert table["reason"].str.contains(f"{word} is missing for 1 spell").all()
    if column != "start":
        assert f"{word} is missing" in reasons(models.discrete_table(spells, SCOPES, *by_year(panel())))


def test_a_scope_without_spells_gives_reasons_everywhere_and_figures_without_curves():
    spells = panel().assign(scope_strict=0)
    found = models.estimates(spells, *(table.assign(scope_strict=0) if "scope_strict" in table else table for table in by_year(panel())), STUDY)
    for name in ("cox", "aft", "ph_test", "ends", "rmst", "within", "discrete"):
        assert found[name]["reason"].eq("no spells").all(), name
    assert found["cif"].empty
    incidence.plot(found["cif"], "strict")
    rmst.plot(found["rmst"], "strict")
    _, data = forest.plot(found["cox"], found["discrete"], found["aft"], "strict")
    assert data["reason"].eq("no spells").all()


def test_an_effect_that_changes_at_two_years_is_found_and_its_change_is_the_difference():
    rng = np.random.default_rng(8)
    spells = panel(600)
    early = rng.exponential(np.where(spells["arrangement"] == "ahc", 400, 2000))
    late = 730 + rng.exponential(np.where(spells["arrangement"] == "ahc", 3000, 800))
    spells["duration_days"] = np.maximum(1, np.where(early < 730, early, late).astype(int))
    spells["ended"] = 1
    table = models.ph_table(spells, SCOPES).query("model == 'unadjusted, time interaction'").set_index("term")["estimate"]
    assert table["arrangement: ahc, to two years"] == pytest.approx(np.log(2000 / 400), abs=0.35)
    assert table["arrangement: ahc, after two years"] == pytest.approx(np.log(800 / 3000), abs=0.35)
    assert table["arrangement: ahc, change"] == pytest.approx(table["arrangement: ahc, after two years"] - table["arrangement: ahc, to two years"])


@pytest.mark.parametrize(("family", "fitter"), [("Weibull", WeibullAFTFitter), ("log-logistic", LogLogisticAFTFitter), ("log-normal", LogNormalAFTFitter)])
def test_accelerated_models_equal_lifelines_or_have_the_higher_likelihood(family, fitter):
    spells = panel(300)
    columns = models.design(spells)[models.terms_of("arrangement")]
    ours = aft.fit(spells["duration_days"], spells["ended"], columns, family)
    theirs = fitter().fit(columns.assign(days=spells["duration_days"], ended=spells["ended"]), "days", "ended")
    params, errors = theirs.params_.iloc[:-1].droplevel(0), theirs.standard_errors_.iloc[:-1].droplevel(0)
    assert ours.coefficients.to_numpy() == pytest.approx(params.reindex(ours.coefficients.index).to_numpy(), abs=2e-3)
    assert np.sqrt(np.diag(ours.covariance)) == pytest.approx(errors.reindex(ours.coefficients.index).to_numpy(), abs=2e-3)
    assert ours.log_likelihood >= theirs.log_likelihood_ - 1e-9
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=1e-3)


def test_accelerated_models_recover_known_time_ratios_and_scale():
    rng = np.random.default_rng(2)
    x = pd.DataFrame({"a": rng.integers(0, 2, 20_000), "b": rng.normal(size=20_000)})
    error = np.log(rng.exponential(size=20_000))
    time = np.ceil(np.exp(8 + 0.7 * x["a"] - 0.3 * x["b"] + 0.8 * error))
    event = (time < 8000).astype(int)
    model = aft.fit(np.minimum(time, 8000), event, x, "Weibull")
    assert model.coefficients.to_numpy() == pytest.approx([0.7, -0.3, 8], abs=0.03)
    assert model.scale == pytest.approx(0.8, abs=0.02)


def test_discrete_time_guards_name_what_is_wrong():
    y = np.array([0, 1] * 20)
    theatre = np.repeat(list("abcdefgh"), 5)
    x = pd.DataFrame({"a": np.resize([0, 0, 0, 1, 1], 40).astype(float)})
    assert isinstance(discrete.fit(y, x, theatre), discrete.DiscreteModel)
    assert discrete.fit(y * 0, x, theatre) == NotEstimable("no events")
    assert discrete.fit(y, x.assign(c=1.0), theatre) == NotEstimable("c is constant")
    assert discrete.fit(y, x.assign(c=x["a"] * 2), theatre) == NotEstimable("a term is a combination of the others")
    assert discrete.fit(y, pd.DataFrame({"z": y.astype(float)}), theatre).reason.startswith("separated")
    with pytest.raises(SurvivalInputError):
        discrete.fit(y, x.assign(a=np.nan), theatre)


def test_others_in_the_theatre_do_not_count_the_spell_itself_nor_a_name_twice():
    spells = panel(3).assign(theatre="a", start=pd.Timestamp("2000-01-01"), duration_days=400, ended=0, end=pd.NaT)
    spells.loc[0, "operation_ids"] = "op-000-2000+younger-2000"
    years, places, vetoes = by_year(spells)
    places = pd.concat([places, places[places["operation_id"] == "op-000-2000"].assign(operation_id="younger-2000")])
    whole = models.spell_years(spells, years, vetoes)
    assert models.others_in_theatre(whole, places, "strict").tolist() == [2.0] * 6
    assert whole.groupby("spell_id")["years"].apply(list).tolist() == [[0, 1]] * 3


def test_vetoes_are_counted_by_draft():
    spells = panel(3).assign(start=pd.Timestamp("1980-02-01"), duration_days=10)
    assert models.spell_years(spells, *by_year(spells)[::2])["vetoes"].tolist() == [1, 1, 1]


def test_the_cumulative_hazard_of_residuals_takes_ties_together():
    assert models.nelson_aalen(np.array([2.0, 1.0, 1.0, 3.0]), np.array([0, 1, 1, 1])) == pytest.approx([0.5, 0.5, 0.5, 1.5])


def test_diagnostics_have_a_line_per_spell_and_a_model_that_cannot_be_fitted_its_reason():
    spells = panel(240)
    table = models.diagnostics_table(spells, SCOPES)
    sizes = table.groupby(["kind", table["term"].fillna("")]).size()
    assert sizes[("Cox-Snell", "")] == sizes[("deviance", "")] == sizes[("dfbeta", "arrangement: ahc")] == 240
    assert sizes[("scaled Schoenfeld", "arrangement: ahc")] == spells["ended"].sum()
    silent = models.diagnostics_table(spells.assign(ended=0), SCOPES)
    assert len(silent) == len(SCOPES)
    assert silent["reason"].notna().all()
