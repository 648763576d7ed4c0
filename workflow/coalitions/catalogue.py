"""What there is to choose from in the configuration: estimands with the tables that they read, values of dimensions, figures with the tables that they show.

Plain data, loaded at every parse of the Snakefile: the functions behind the names are in `registry` and `figures.gallery`.
"""

# What a claim can be estimated by, with the tables that it reads beside operations, spells and system years; the functions are in the modules below,
# whose libraries are too slow to load for every parse of the Snakefile.
ESTIMANDS = {
    "incidence_difference": (), "launch_halt": (), "launch_trend": (), "recurrence_difference": (), "restricted_subgroup_difference": (), "rmst_difference": (),
    "start_delay": (),
    "active_slope": (), "share_shift": (), "steady_pace": (),
    "proponent_share": ("memberships", "organisation_members", "states"), "european_rate_ratio": ("memberships", "organisation_members", "states"),
    "veto_rate_ratio": ("vetoes",), "unclear_share": (), "task_ratio": (), "transition_share": (),
    "entry_effect": ("theatres",), "gap_share": (), "size_ratio": ("memberships",), "coalition_likeness": ("memberships", "states", "organisation_members"),
    "duplication_excess": (), "coalition_overlap": ("memberships", "states", "organisation_members"), "command_choice": ("memberships", "states", "organisation_members"),
}  # fmt: skip
# The module of the package that holds each estimand: a job loads the one that it needs, and an edited module reruns the claims that use it.
ESTIMAND_MODULES = {
    "estimands": ("launch_halt", "launch_trend", "rmst_difference"),
    "estimands_duration": ("incidence_difference", "recurrence_difference", "restricted_subgroup_difference", "start_delay"),
    "estimands_launches": ("active_slope", "share_shift", "steady_pace"),
    "estimands_mandates": ("european_rate_ratio", "proponent_share", "task_ratio", "transition_share", "unclear_share", "veto_rate_ratio"),
    "estimands_overlap": ("coalition_overlap", "command_choice", "duplication_excess"),
    "estimands_fragmentation": ("entry_effect", "gap_share"),
    "estimands_network": ("coalition_likeness", "size_ratio"),
}
# Estimands that take imprecise dates in as intervals: draws of dates could not move them, and a share of draws would say nothing.
DATES_INSIDE = ("start_delay",)
# Tables that every estimand can read: they are made anew in draws of dates and under the second coding.
ALWAYS = ("operations", "spells", "system_years")
# Panels that the second coding changes: memberships that last as long as their operation follow its dates.
RECODED = (*ALWAYS, "memberships")
# Tables that estimands read from the register itself.
REGISTER_TABLES = ("organisation_members", "states", "theatres", "vetoes")
# Columns that hold days, of the tables that estimands read.
DAYS = {
    "operations": ("start", "end", "start_earliest", "start_latest", "end_earliest", "end_latest"), "spells": ("start", "end"),
    "memberships": ("joined", "left"), "concurrent_pairs": ("overlap_start", "overlap_end"),
}  # fmt: skip
# What the dimensions of the multiverse may hold: words that estimands know, or the smallest number allowed.
ADMISSIBLE = {
    "comparator": ("un", "regional", "both"), "chains": ("merged", "single"), "nested": ("as-scope", "included"), "political": ("as-scope", "included"),
    "family": ("poisson", "negative-binomial"),
    "denominator": ("year", "state-year"), "outcome": ("launches", "active_any_day", "active_1_july", "active_year_end"),
    "kinds": ("multidimensional", "with-police", "any-peacekeeping", "with-political"), "tau_years": 0.1,
    "exclude": 0, "since": 1945, "base_from": 1945, "halt_since": 1946,
    "ends": ("completed", "completed-or-withdrawn", "any-but-handed-over"), "horizon_years": 0.1, "clock": ("decision", "request", "trigger"),
    "domain": ("all", "land", "maritime"),
    "never_deployed": ("kept", "dropped"), "horizon_days": 1, "two_state": ("kept", "dropped"), "io_umbrella": ("kept", "dropped"), "sea_based": ("kept", "dropped"),
    "counter_tasks": ("counterterrorism", "counterterrorism-or-insurgency"), "recurrence_years": 0.1, "handovers": ("counted", "passed-over"), "ends_in": ("primary", "all"),
    "next_from": ("register", "scope"),
    "slope": ("least-squares", "least-squares-hac", "theil-sen", "net-flow"), "drawdown_from": 1945, "through": ("cutoff", "brief"), "break_after": 1945,
    "share_of": ("launches", "active", "first-responses"), "waters": ("gulf-red-sea", "with-indian-ocean"), "waters_by": ("any", "primary"), "task_forces": ("one", "several"),
    "pace_since": 1945, "pace_factor": 1.01, "steadiness": ("rate", "rate-and-spacing"),
    "proponents": ("united-states", "named", "named-eu-nato", "western"), "led": ("any-lead", "every-lead", "any-member"), "unknown_lead": ("not-led", "dropped"),
    "later_from": ("2022-03-21", "2022-01-01", "2020-01-01"), "europeans": ("eu", "eu-and-neighbours", "eu-or-nato"), "european_lead": ("every-lead", "any-lead"),
    "european_per": ("year", "launch"), "lag_years": 0, "drafts": ("all", "crisis", "own-theatre"), "trend": ("linear", "none"),
    "unclear": ("legal-contested", "document-none", "document-declaration", "document-memorandum", "either-none", "either-declaration", "both-declaration"),
    "silent": ("dropped", "undecided", "unclear", "clear"), "task_grouping": ("listed", "families", "military"), "multidimensional": ("kept", "dropped"),
    "task_adjust": ("none", "era", "era-and-domain"), "transition": ("handed-over", "next-in-theatre"),
    "same_task": ("strict", "broad"), "counterpart": ("any", "ahc", "organisation"), "shuffled": ("all", "coalitions"), "shuffled_within": ("region-era", "region-decade"),
    "handover_overlap": ("kept", "dropped"), "roles": ("contributors", "with-supporters"), "overlap_time": ("while-both", "ever"), "navies": ("ever", "twenty-years"),
    "navy_weights": ("equal", "experience"), "participants": ("either", "named", "navies"), "europe": ("region", "eu", "eu-or-nato"), "us_command": ("vessels", "with-staff"),
    "lists": ("verified", "announced"), "us_operations": ("named", "all-us-led"), "joined_until": 1946,
    "diversity_index": ("simpson", "shannon"), "diversity_of": ("providers", "operations"), "others": ("un-and-regional", "all-but-entrant"),
    "event_estimator": ("interaction-weighted", "two-way"), "resolution": ("year", "month"), "places": ("all", "land"), "post_years": 1,
    "gap_window": ("at-launch", "year-before", "year-around"), "date_strata": ("region", "region-era"), "gap_place": ("primary", "all"), "occupants_from": ("register", "scope"),
    "size_at": ("peak", "launch"), "counted_members": ("contributors", "with-supporters", "source-only"), "size_by": ("median-ratio", "hodges-lehmann"),
    "eligible_pool": ("world", "region", "active"), "likeness": ("organisations", "regions", "both", "alliances"), "members_at": ("launch", "ever"),
    "host_members": ("kept", "dropped"), "standardised_by": ("draws", "pairs"),
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
    "fig15_launch_shares": ["trends/launches.csv", "panels/system_years.csv"],
    "fig16_members_normalised": ["panels/system_years.csv"],
    "fig17_maritime_starts": ["trends/maritime_starts.csv", "trends/arrivals.csv"],
    "fig18_leadership": ["trends/leadership.csv", "trends/european_led.csv"],
    "fig19_vetoes": ["trends/vetoes.csv", "trends/gridlock.csv"],
    "fig20_legal": ["trends/legal.csv"],
    "fig21_tasks": ["trends/tasks_per_mandate.csv"],
    "fig22_theatres": ["panels/operations.csv"],
    "fig23_duplication": ["fragmentation/duplication.csv"],
    "fig24_hormuz": ["fragmentation/gulf_members.csv", "panels/operations.csv"],
    "fig25_red_sea": ["fragmentation/gulf_members.csv", "panels/operations.csv"],
    "fig26_effective_numbers": ["fragmentation/effective_number_by_year.csv", "fragmentation/effective_number.csv"],
    "fig27_event_study": ["fragmentation/event_study.csv"],
    "fig28_simultaneity": ["fragmentation/simultaneity.csv"],
    "fig29_gap_filling": ["fragmentation/gap_filling.csv"],
    "fig30_network": ["panels/memberships.csv", "fragmentation/network_states.csv"],
    "fig31_network_measures": ["fragmentation/network_years.csv"],
    "fig32_sizes": ["panels/spells.csv", "fragmentation/composition.csv"],
    "fig33_theatres_map": ["panels/operations.csv"],
}
# Folders of published tables in the order in which they are made.
STAGES = ("panels", "duration", "fragmentation", "trends", "claims")
# Tables that the report quotes, by the folder that they are in; the lines of the primary scope, where a table has scopes.
QUOTED = {
    "duration": ("cox", "ph_test", "aft", "discrete", "ends", "rmst", "within", "starts", "recurrence", "transitions", "leaving", "turnover"),
    "trends": ("launches", "launch_rates", "breaks", "closing_hazard", "arrivals", "leadership", "european_led", "gridlock", "legal", "tasks_per_mandate"),
    "fragmentation": (
        "overlap",
        "duplication",
        "red_sea",
        "trend",
        "event_study",
        "simultaneity",
        "gap_filling",
        "decomposition",
        "most_active",
        "composition",
        "likeness",
    ),
}
