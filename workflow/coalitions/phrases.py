"""What sentences of the report say of the results beside the tables: numbers, and which way they go, so that no sentence holds whatever the data say.

Everything is missing (None, or an empty list) where a table does not give it, and the template then leaves the sentence out.
"""

import re

import pandas as pd

TURN = re.compile(r", to (.+) years$")  # how the table of proportional hazards names the years at which an effect may change
MOST = re.compile(r"(\d+) of (\d+) events are of ([\w-]+)")  # how the table of departures names the operation that holds many of them


def values(known: dict, operations: pd.DataFrame, system: pd.DataFrame) -> dict:
    """Values for the template.

    Parameters: those of the report (`scope`, `rules`, `summary`, `models`, `trends`, `fragmentation`, `network_years`, `latest`); the panel of operations;
    years of the system of the primary scope.
    """
    scope, fragmentation, models = known["scope"], known["fragmentation"], known["models"]
    counted = operations[operations[f"scope_{scope}"] == 1]
    mandated = counted.assign(unsc=counted["legal_basis"] == "unsc").groupby("arrangement")["unsc"].mean()
    return {
        "size_known": _size_known(fragmentation["composition"], known["summary"]),
        "mandated": {kind: float(share) for kind, share in mandated.items()},
        "turn": next((found[1] for row in models["ph_test"] if (found := TURN.search(str(row["term"])))), None),
        "without_date": [
            {"clock": row["clock"], "number": int(row["without_date"])}
            for row in models["starts"]
            if (row["never_deployed"], row["model"], row["term"]) == ("kept", "restricted mean", "ahc")
        ],
        "leaving_most": _most(models["leaving"]),
        "breaks": sorted({int(row["break_after"]) for row in known["trends"]["breaks"] if row["model"] != "search"}),
        "states_then": system.iloc[0][["year", "states_in_system"]].to_dict(),
        "network": _network(known["network_years"], int(known["latest"]["year"])),
        "medians": _medians(fragmentation["composition"]),
        "likeness": _likeness(fragmentation["likeness"]),
        "un_operations": [
            {
                "operation_id": o.operation_id, "name": o.name, "kind": o.un_kind, "year": int(str(o.start)[:4]),
                "scopes": [s for s in known["rules"] if getattr(o, f"scope_{s}") == 1],
            }
            for o in operations[(operations["arrangement"] == "un") & (operations["deployed"] == 1)].sort_values(["start", "operation_id"]).itertuples(index=False)
        ],
    }  # fmt: skip


def _size_known(composition: list[dict], summary: list[dict]) -> dict | None:
    """Share of the operations of the primary scope whose number of contributors at peak is known: `ahc`, and `others` together."""
    known = {row["term"]: row["n"] for row in composition if (row["size_at"], row["counted_members"], row["model"]) == ("peak", "contributors", "median")}
    every = {row["arrangement"]: row["n"] for row in summary}
    others = [kind for kind in every if kind != "ahc"]
    if "ahc" not in every or not others or not sum(every[kind] for kind in others):
        return None
    return {"ahc": known.get("ahc", 0) / every["ahc"], "others": sum(known.get(kind, 0) for kind in others) / sum(every[kind] for kind in others)}


def _most(leaving: list[dict]) -> dict | None:
    """The operation that holds many of the departures, if the table warns of one: `events`, `of`, `operation_id`."""
    found = next((match for row in leaving if (match := MOST.search(str(row.get("warning"))))), None)
    return {"events": int(found[1]), "of": int(found[2]), "operation_id": found[3]} if found else None


def _network(years: list[dict], last: int, after: int = 1990) -> dict | None:
    """The network in the first year with two coalitions from `after` on, and in the last full year, with members per coalition; None if there are no two such years."""
    usable = [row | {"members": row["memberships"] / row["operations"]} for row in years if after <= row["year"] <= last and row["operations"] > 1]
    return {"then": usable[0], "now": usable[-1]} if len(usable) > 1 else None


def _medians(composition: list[dict]) -> list[dict]:
    """Median numbers of contributors by time and arrangement (`at`, `ahc`, `un`, `regional`; missing where too few are known)."""
    found: dict[str, dict] = {}
    for row in composition:
        if row["counted_members"] == "contributors" and row["model"] == "median":
            found.setdefault(row["size_at"], {"at": row["size_at"]})[row["term"]] = row["estimate"]
    return [found[at] for at in ("peak", "launch") if at in found]


def _likeness(rows: list[dict]) -> dict[str, list[dict]]:
    """Comparisons of the members of coalitions with states drawn by lot: those in which they are more alike (`more`), less (`less`), and those that leave it open (`open`)."""
    found: dict[str, list[dict]] = {"more": [], "less": [], "open": []}
    for row in rows:
        if row["estimate"] == row["estimate"]:
            found["more" if row["lower"] > 0 else "less" if row["upper"] < 0 else "open"].append(row)
    return found
