"""What there is to choose from in the configuration: estimands with the tables that they read, values of dimensions, figures with the tables that they show.

Plain data, loaded at every parse of the Snakefile: the functions behind the names are in `registry` and `figures.gallery`.
"""

# What a claim can be estimated by, with the tables that it reads beside operations, spells and system years; the functions are in coalitions.registry, whose libraries are too slow
# to load for every parse of the Snakefile.
ESTIMANDS = {
    "incidence_difference": (), "launch_halt": (), "launch_trend": (), "recurrence_difference": (), "restricted_subgroup_difference": (), "rmst_difference": (), "start_delay": (),
}  # fmt: skip
# Tables that every estimand can read: they are made anew in draws of dates and under the second coding.
ALWAYS = ("operations", "spells", "system_years")
# Columns that hold days, of the tables that estimands read.
DAYS = {
    "operations": ("start", "end", "start_earliest", "start_latest", "end_earliest", "end_latest"), "spells": ("start", "end"),
    "memberships": ("joined", "left"), "concurrent_pairs": ("overlap_start", "overlap_end"),
}  # fmt: skip
# What the dimensions of the multiverse may hold: words that estimands know, or the smallest number allowed.
ADMISSIBLE = {
    "comparator": ("un", "regional", "both"), "chains": ("merged", "single"), "nested": ("as-scope", "included"), "family": ("poisson", "negative-binomial"),
    "denominator": ("year", "state-year"), "outcome": ("launches", "active_any_day", "active_1_july", "active_year_end"),
    "kinds": ("multidimensional", "with-police", "any-peacekeeping", "with-political"), "tau_years": 0.1,
    "exclude": 0, "since": 1945, "base_from": 1945, "halt_since": 1946,
    "ends": ("completed", "completed-or-withdrawn", "any-but-handed-over"), "horizon_years": 0.1, "clock": ("decision", "request", "trigger"),
    "domain": ("all", "land", "maritime"),
    "never_deployed": ("kept", "dropped"), "horizon_days": 1, "two_state": ("kept", "dropped"), "io_umbrella": ("kept", "dropped"), "sea_based": ("kept", "dropped"),
    "counter_tasks": ("counterterrorism", "counterterrorism-or-insurgency"), "recurrence_years": 0.1, "handovers": ("counted", "passed-over"), "ends_in": ("primary", "all"),
    "next_from": ("register", "scope"),
}  # fmt: skip
# Columns of the operations panel that are made after the rules are applied.
LATER = {"chain_id", "scope_*"}
# Figures by name, with the published tables that they show.
FIGURES = {
    "fig01_members_and_ahcs_over_time": ["panels/system_years.csv"],
    "fig02_survival": ["duration/km.csv", "panels/spells.csv"],
    "fig03_timeline": ["panels/operations.csv"],
    "fig04_verdicts": ["claims/verdicts.csv", "claims/multiverse.csv"],
    "fig05_incidence": ["duration/cif.csv"],
    "fig06_forest": ["duration/cox.csv", "duration/discrete.csv", "duration/aft.csv"],
    "fig07_rmst": ["duration/rmst.csv"],
    "fig08_starts": ["duration/start_curves.csv", "duration/starts.csv"],
    "fig09_sequels": ["duration/gap_curves.csv"],
    "fig10_lexis": ["panels/spells.csv"],
    "fig11_diagnostics": ["duration/diagnostics.csv"],
    "fig12_turnover": ["duration/staying.csv", "duration/turnover.csv"],
    "fig13_transitions": ["duration/transitions.csv"],
    "fig14_africa": ["duration/subgroup_km.csv"],
}
# Folders of published tables in the order in which they are made.
STAGES = ("panels", "duration", "fragmentation", "trends", "claims")
