"""The published duration tables beside R's `survival` and `cmprsk`: `make crosscheck-r` calls it. R is needed here only, never to make or to read the results.

crosscheck.R estimates everything again from the published spells alone; this compares the two number by number and writes crosscheck/comparison.csv and crosscheck/summary.md.
0 if every number agrees to `TOLERANCE` or differs for a reason of `REASONS`, 1 if not, 2 if R or a package of it is missing.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from coalitions import io  # noqa: E402

TOLERANCE = 1e-6
NOTHING = 1e-12  # numbers this close are equal: zeros that are sums of rounding errors (not so for p, which may be small)
KEY = ["table", "scope", "model", "term", "at", "quantity"]
NO_PACKAGE = 3  # exit code of crosscheck.R


@dataclass(frozen=True)
class Layout:
    """Which columns of a published table say what a number is of, which are numbers, and which are left out of the comparison and why (empty: none)."""

    model: tuple[str, ...]
    term: tuple[str, ...]
    at: tuple[str, ...]
    numbers: tuple[str, ...]
    left_out: str = ""


WALD = ("estimate", "se", "lower", "upper", "statistic", "p")
SIZE = ("n", "events")
COUNTS = ("n_at_risk", "n_event", "n_censored")
LAYOUTS = {
    "km": Layout(("arrangement",), (), ("time_days",), (*COUNTS, "survival", "ci_lower", "ci_upper")),
    "summary": Layout(("arrangement",), (), (), (*SIZE, "median_years", "median_lower", "median_upper", "rmst_*", "mean_calendar_years")),
    "logrank": Layout(("model",), (), (), (*SIZE, "statistic", "df", "p"), "permutation p (drawn at random)"),
    "cox": Layout(("model",), ("term",), (), (*SIZE, *WALD)),
    "ph_test": Layout(("model",), ("term",), (), (*SIZE, *WALD[:5], "df", "p")),
    "aft": Layout(("model", "family"), ("term",), (), (*SIZE, *WALD, "scale", "aic")),
    "cif": Layout(("arrangement",), ("ending",), ("time_days",), (*COUNTS, "survival", "incidence", "ci_lower", "ci_upper")),
    "ends": Layout(("ending", "model"), ("term",), (), (*SIZE, *WALD[:5], "df", "p")),
    "rmst": Layout(("model",), ("term",), ("tau_years", "dropped"), (*SIZE, "mean_group", "mean_reference", *WALD[:4], "p"), "permutation p (drawn at random)"),
    "within": Layout(("model",), ("term",), ("within_years",), ("n", "n_at_risk", *WALD[:4], "p")),
    "diagnostics": Layout(("model", "kind"), ("term",), ("spell_id",), ("value", "expected")),
}


@dataclass(frozen=True)
class Reason:
    """Why numbers may differ: of a table, with a quantity and a model that match the patterns as a whole, in one way (`differs`, `only ours` or `only R's`)."""

    table: str
    quantity: str
    how: str
    text: str
    model: str = ".*"
    ours: float | None = None  # only where ours is this number


REASONS = (
    Reason("km", "ci_(lower|upper)", "only ours", "before the first end survival is 1 and R has no log-log limits; ours are (1, 1)", ours=1.0),
    Reason("cif", "ci_(lower|upper)", "only ours", "before the first end of a kind its incidence is 0 and R has no log-log limits; ours are (0, 0)", ours=0.0),
    Reason("summary", "median_lower", "only ours", "R has no lower limit where survival falls to 0; ours is the time of that fall (tests/reference/README.md, 6)"),
    Reason(
        "ends",
        "statistic|df|p",
        "only ours",
        "cmprsk has no test with a group that is never at risk of the ending; ours goes without that group (competing.gray_test)",
        model=".*Gray's test",
    ),
    Reason("cox", "upper", "only ours", "coxph stops at so large a variance of the frailty; ours goes on", model="shared frailty by theatre"),
)


# ---- Both sides in one form ------------------------------------------------------------------------------------------------------------------------------------------


def word(value) -> str:
    """A part of a key as text: numbers as short as R writes them, nothing for what is missing."""
    if pd.isna(value):
        return ""
    return f"{value:.15g}" if isinstance(value, (int, float, np.number)) else str(value)


def joined(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    """Columns as one text, joined by ` / `."""
    parts = [frame[column].map(word) for column in columns]
    result = parts[0] if parts else pd.Series("", index=frame.index)
    for part in parts[1:]:
        result = result + " / " + part
    return result


def long(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """A published table as one number a line: `KEY`, `ours` (NaN if missing) and `reason` (why, None if the table gives no reason)."""
    layout = LAYOUTS[table]
    patterns = [re.escape(number).replace(r"\*", ".*") for number in layout.numbers]
    numbers = [column for column in frame if any(re.fullmatch(pattern, column) for pattern in patterns)]
    head = pd.DataFrame({"table": table, "scope": frame["scope"], **{name: joined(frame, getattr(layout, name)) for name in ("model", "term", "at")}})
    head["reason"] = frame["reason"].astype(object).where(frame["reason"].notna(), None) if "reason" in frame else None
    parts = [head.assign(quantity=number, ours=pd.to_numeric(frame[number]).astype(float)) for number in numbers]
    return pd.concat(parts, ignore_index=True)[[*KEY, "ours", "reason"]]


def compared(ours: pd.DataFrame, theirs: pd.DataFrame, reasons: tuple[Reason, ...] = REASONS) -> pd.DataFrame:
    """Both sides by key, with `absolute` and `relative` difference, `how` they stand to each other and the `known` reason.

    `how`: `equal`, `differs`, `only ours`, `only R's`, `refused` (ours is missing and the published table says why), `none` (neither has it). The relative difference is that
    over the larger of the two in size, 0 where both are zero but for rounding.
    """
    for name, frame in (("published tables", ours), ("numbers of R", theirs)):
        twice = frame.duplicated(KEY)
        if twice.any():
            raise ValueError(f"the {name} have a key twice: {' | '.join(frame.loc[twice, KEY].iloc[0])}")
    table = refusals(ours.merge(theirs.rename(columns={"value": "r"}), how="outer", on=KEY))
    mine, other = table["ours"].to_numpy(dtype=float), table["r"].to_numpy(dtype=float)
    absolute, largest = np.abs(mine - other), np.maximum(np.abs(mine), np.abs(other))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where((largest == 0) | ((absolute <= NOTHING) & (table["quantity"] != "p")), 0.0, absolute / largest)
    told = table["reason"].notna().to_numpy()
    has, had = ~np.isnan(mine), ~np.isnan(other)
    choices = [has & had & (relative <= TOLERANCE), has & had, has, had & told, had, told]
    table["absolute"], table["relative"] = absolute, relative
    table["how"] = np.select(choices, ["equal", "differs", "only ours", "refused", "only R's", "refused"], "none")
    table["known"] = known(table, reasons)
    return table.sort_values(KEY, ignore_index=True)


def refusals(table: pd.DataFrame) -> pd.DataFrame:
    """With the reason of a refused diagnosis, which stands in one line of kind `none`, in all lines that R has of it; lines of that kind go."""
    single = table["model"].str.endswith(" / none")
    why = table[single].drop_duplicates(["table", "scope"]).set_index(["table", "scope"])["reason"]
    for (name, scope), reason in why.items():
        table.loc[(table["table"] == name) & (table["scope"] == scope), "reason"] = reason
    return table[~single].reset_index(drop=True)


def known(table: pd.DataFrame, reasons: tuple[Reason, ...]) -> pd.Series:
    """The first of the reasons that fits each line that is not equal; None if none does."""
    result = pd.Series([None] * len(table), index=table.index, dtype=object)
    for reason in reversed(reasons):
        fits = (table["table"] == reason.table) & (table["how"] == reason.how)
        fits &= table["quantity"].str.fullmatch(reason.quantity) & table["model"].str.fullmatch(reason.model)
        if reason.ours is not None:
            fits &= table["ours"] == reason.ours
        result[fits] = reason.text
    return result


def apart(table: pd.DataFrame) -> pd.Series:
    """Lines in which the two do not say the same."""
    return table["how"].isin(["differs", "only ours", "only R's"])


# ---- What is said ----------------------------------------------------------------------------------------------------------------------------------------------------


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """A line per table: numbers that both have, the largest relative difference of those without a known reason, how many differ, only one side has, or are refused here."""
    rows = []
    for name in LAYOUTS:
        lines = table[table["table"] == name]
        both, unlike = lines[lines["how"].isin(["equal", "differs"])], lines[apart(lines)]
        largest = both.loc[both["known"].isna(), "relative"].max() if len(both) else np.nan
        counts = {"above 1e-6": int((both["how"] == "differs").sum()), "only ours": int((lines["how"] == "only ours").sum()), "only R's": int((lines["how"] == "only R's").sum())}
        rows.append(
            {"table": name, "compared": len(both), "largest relative difference": largest}
            | counts
            | {"with a known reason": int(unlike["known"].notna().sum()), "without": int(unlike["known"].isna().sum()), "refused here": int((lines["how"] == "refused").sum())}
        )
    return pd.DataFrame(rows)


def markdown(frame: pd.DataFrame) -> str:
    """A table in Markdown, columns of one width."""
    cells = [[f"{value:.1e}" if isinstance(value, float) else str(value) for value in row] for row in frame.itertuples(index=False)]
    lines = [list(frame.columns), *cells]
    widths = [max(len(line[i]) for line in lines) for i in range(len(frame.columns))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines) + "\n"


def words(table: pd.DataFrame, versions: str) -> str:
    """The summary as Markdown: counts by table, known reasons with the number of lines that each explains, and lines without a reason."""
    left_out = [f"{name}: {layout.left_out}" for name, layout in LAYOUTS.items() if layout.left_out]
    text = f"# Published numbers beside R\n\n{versions}. Left out: {'; '.join(left_out)}.\n\n{markdown(summary(table))}"
    lines = table[apart(table)]
    for (name, how, reason), part in lines[lines["known"].notna()].groupby(["table", "how", "known"], sort=True):
        text += f"\n- {name}, {len(part)} {'lines' if len(part) > 1 else 'line'} ({how}; {', '.join(sorted(set(part['quantity'])))}): {reason}"
    for (name, reason), part in table[(table["how"] == "refused") & table["r"].notna()].groupby(["table", "reason"], sort=True):
        text += f"\n- {name}, {len(part)} lines refused here for which R has a number: {reason}"
    open_ = lines[lines["known"].isna()].sort_values("relative", ascending=False)
    if len(open_):
        text += f"\n\n{len(open_)} without a known reason, the largest first:\n\n" + markdown(open_[[*KEY, "ours", "r", "relative"]].head(20).map(word))
    return text.rstrip("\n") + "\n"


# ---- Running ---------------------------------------------------------------------------------------------------------------------------------------------------------


def in_r(spells: Path, output: Path, config: dict) -> tuple[int, str]:
    """Exit code and messages of crosscheck.R."""
    horizons = [",".join(f"{year:g}" for year in config["survival"][name]) for name in ("tau_years", "within_years")]
    command = ["Rscript", "--vanilla", str(ROOT / "workflow" / "crosscheck.R"), str(spells), str(output), str(config["confidence"]), *horizons]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    return done.returncode, done.stderr.strip()


def main() -> int:
    """Run R, compare, write and print."""
    config, folder = io.read_yaml(ROOT / "config" / "config.yaml"), ROOT / "crosscheck"
    results = ROOT / config["results"]
    if shutil.which("Rscript") is None:
        print("Rscript is not there: install R with the packages survival and cmprsk. Nothing else of the project needs it.", file=sys.stderr)
        return 2
    missing = [name for name in ("panels/spells.csv", *(f"duration/{name}.csv" for name in LAYOUTS)) if not (results / name).exists()]
    if missing:
        print(f"Not there: {', '.join(missing)} (in {config['results']}). Run make first.", file=sys.stderr)
        return 2
    folder.mkdir(exist_ok=True)
    code, messages = in_r(results / "panels" / "spells.csv", folder / "r.csv", config)
    (folder / "r.log").write_text(messages + "\n", encoding="utf-8")  # fits that R refused among them
    if code == NO_PACKAGE:
        print(f"{messages}. Install the packages survival and cmprsk of R.", file=sys.stderr)
        return 2
    if code:
        print(f"R stopped:\n{messages}", file=sys.stderr)
        return 1
    theirs = pd.read_csv(folder / "r.csv", dtype=dict.fromkeys(KEY, str), keep_default_na=False, na_values={"value": [""]}, encoding="utf-8")
    ours = pd.concat([long(io.read_table(results / "duration" / f"{name}.csv"), name) for name in LAYOUTS], ignore_index=True)
    table = compared(ours, theirs)
    io.write_table(table[[*KEY, "ours", "r", "absolute", "relative", "how", "known", "reason"]], folder / "comparison.csv")
    text = words(table, messages.splitlines()[-1])
    (folder / "summary.md").write_text(text, encoding="utf-8")
    print(text, end="")
    return int((apart(table) & table["known"].isna()).any())


if __name__ == "__main__":
    sys.exit(main())
