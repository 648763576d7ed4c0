"""All panels of one register, in the order of the published columns."""

import pandas as pd

from coalitions import pairs, panels
from coalitions.register import Register

OPERATION_COLUMNS = [
    "start_text", "end_text", "start_earliest", "start_latest", "end_earliest", "end_latest", "ended", "deployed", "duration_days", "duration_years",
    "n_members_launch", "n_members_peak", "n_tasks", "tasks", "monitoring", "peace_operation", "theatre", "theatres", "region",
]  # fmt: skip


def all_panels(register: Register, rules: dict[str, str], first_year: int, cutoff: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """The published panels by name: operations, spells, memberships, operation_years, member_years, theatre_years, system_years, concurrent_pairs.

    Parameters: a verified and corrected register; inclusion rules by name; first year of the series; the last day observed.
    """
    scopes = list(rules)
    flags = [f"scope_{name}" for name in scopes]
    operations = panels.operations(register, rules, cutoff)
    operations = operations[[*register["operations"].columns, *OPERATION_COLUMNS, *flags, "chain_id"]]
    places = register["operation_theatres"]
    members = panels.memberships(register, operations, cutoff)
    years = panels.operation_years(operations, members, cutoff)
    return {
        "operations": operations,
        "spells": _ordered(panels.spells(operations, cutoff), flags),
        "memberships": members[[*[c for c in members.columns if c not in flags], *flags]],
        "operation_years": years[["operation_id", "year", "days_active", "arrangement", "active_1_july", "active_year_end", "launched", "closed", "n_members", *flags]],
        "member_years": panels.member_years(members, scopes, cutoff),
        "theatre_years": panels.theatre_years(operations, places, scopes, cutoff),
        "system_years": panels.system_years(operations, members, register["states"], scopes, first_year, cutoff),
        "concurrent_pairs": concurrent_pairs(register, operations, members, cutoff),
    }


def concurrent_pairs(register: Register, operations: pd.DataFrame, members: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Pairs of deployed operations at work in the same theatre on the same day, described."""
    frame = operations[operations["deployed"] == 1]
    frame = frame.assign(end=panels.observed_end(frame, cutoff))[["operation_id", "start", "end"]]
    frame = register["operation_theatres"][["operation_id", "theatre"]].merge(frame, on="operation_id")
    return pairs.described(pairs.concurrent(frame), operations, register["tasks"], members)


def theatre_operation_years(register: Register, built: dict[str, pd.DataFrame], cutoff: pd.Timestamp) -> pd.DataFrame:
    """Operation, theatre and year with days at work and provider, in a fixed order: the raw material of effective numbers."""
    frame = panels.theatre_operation_years(built["operations"], register["operation_theatres"], cutoff)
    return frame.sort_values(["operation_id", "theatre", "year"], ignore_index=True)


def _ordered(spells: pd.DataFrame, flags: list[str]) -> pd.DataFrame:
    names = [
        "spell_id", "operation_ids", "name", "acronym", "arrangement", "organisation", "domain", "military", "multidimensional",
        "un_kind", "monitoring", "legal_basis", "theatre", "region",
        "nested", "two_state", "diplomatic", "training_only", "standing_body", "io_umbrella", "start_earliest", "start", "start_latest", "end_earliest", "end", "end_latest",
        "status", "ended",
        "ended_how", "duration_days", "duration_years", "n_members_launch", "n_members_peak", "n_tasks", "tasks", "theatres",
    ]  # fmt: skip
    return spells[[*names, *flags]]
