"""How long concurrent pairs in theatres take beside polars, duckdb and R's data.table: `python benchmarks/overlap.py`.

Simulated spells in whole days, fifty to a theatre on average and about two pairs for each, at 10^4, 10^5 and 10^6 spells. All are timed in the same run on the same spells, without
reading them: medians of three runs in seconds of the clock, after one that does not count; polars, duckdb and data.table use as many threads as they like. `arrays` is the sweep
alone, giving positions; `ours` is `pairs.concurrent`, with names and days of the overlap, in order. Who is not installed (`pip install polars duckdb`; in Debian the
package r-cran-data.table) has a dash. data.table is given numbers instead of names, and only ours sorts its result.
`equal` says whether all found as many pairs with as many days in common. Nothing here is asserted: machines differ.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

from coalitions import pairs

SIZES = (10_000, 100_000, 1_000_000)
RUNS = 3
MINUTES = 5
# duckdb takes the three inequalities for a range join and the tie-break as a filter: `a.id < b.id` would make the join quadratic.
SQL = """
select a.operation_id as operation_a, b.operation_id as operation_b, a.theatre, greatest(a.start, b.start) as overlap_start, least(a.stop, b.stop) as overlap_end
from spells a join spells b on a.theatre = b.theatre and a.start <= b.stop and b.start <= a.stop and (b.id - a.id) > 0
"""
IN_R = """
suppressPackageStartupMessages(library(data.table))
given <- commandArgs(TRUE)
d <- as.data.table(matrix(readBin(given[1], "integer", file.size(given[1]) / 4), ncol = 4))
setnames(d, c("id", "theatre", "start", "stop"))
task <- function() {
  spells <- copy(d)
  setkey(spells, theatre, start, stop)
  found <- foverlaps(spells, spells, type = "any", nomatch = NULL)
  found <- found[id < i.id]
  found[, `:=`(overlap_start = pmax(start, i.start), overlap_end = pmin(stop, i.stop))]
  found
}
found <- task()
cat("value", nrow(found), sprintf("%.0f", sum(as.numeric(found$overlap_end - found$overlap_start + 1))), "\\n")
for (run in seq_len(as.integer(given[2]))) cat("seconds", system.time(task())[["elapsed"]], "\\n")
"""


def simulated(n: int, seed: int = 1) -> pd.DataFrame:
    """Spells of operations in theatres: number, name, theatre, first and last day."""
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 28_000, n)
    theatre = rng.integers(0, max(n // 50, 1), n)
    frame = pd.DataFrame({"id": np.arange(n, dtype=np.int32), "operation_id": np.array([f"op-{i:07d}" for i in range(n)], dtype=object), "place": theatre})
    frame["theatre"] = np.array([f"t-{i:05d}" for i in range(max(n // 50, 1))], dtype=object)[theatre]
    last = start + np.ceil(rng.exponential(1150, n)).astype(np.int64)
    return frame.assign(start=np.datetime64("1946-01-01", "ns") + start.astype("timedelta64[D]"), end=np.datetime64("1946-01-01", "ns") + last.astype("timedelta64[D]"))


def arrays(spells: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The sweep alone on whole numbers, each theatre on a stretch of the line of its own."""
    start, end = (spells[name].to_numpy().astype("datetime64[D]").astype(np.int64) for name in ("start", "end"))
    shift = spells["place"].to_numpy() * (int(end.max() - start.min()) + 2) - start.min()
    return pairs.overlapping(start + shift, end + shift)


def in_polars(spells: pd.DataFrame) -> Callable[[], tuple[int, int]]:
    """The task in polars, as a function that gives the number of pairs and of days in common."""
    pl = import_module("polars")
    days = lambda name: spells[name].to_numpy().astype("datetime64[D]")  # noqa: E731
    texts = {name: spells[name].tolist() for name in ("operation_id", "theatre")}
    frame = pl.DataFrame({"id": spells["id"].to_numpy(), **texts, "start": days("start"), "stop": days("end")})

    def task() -> tuple[int, int]:
        other = frame.rename({"theatre": "theatre_b", "id": "id_b", "operation_id": "operation_b", "start": "start_b", "stop": "stop_b"})
        meet = (pl.col("id") < pl.col("id_b")) & (pl.col("start") <= pl.col("stop_b")) & (pl.col("start_b") <= pl.col("stop"))
        found = frame.lazy().join(other.lazy(), left_on="theatre", right_on="theatre_b").filter(meet)
        found = found.with_columns(overlap_start=pl.max_horizontal("start", "start_b"), overlap_end=pl.min_horizontal("stop", "stop_b")).collect()
        return len(found), int((found["overlap_end"] - found["overlap_start"]).dt.total_days().sum()) + len(found)

    return task


def in_duckdb(spells: pd.DataFrame) -> Callable[[], tuple[int, int]]:
    """The same in duckdb."""
    duckdb = import_module("duckdb")
    connection = duckdb.connect()
    connection.register("given", spells)
    connection.execute('create table spells as select id::integer as id, operation_id, theatre, start::date as start, "end"::date as stop from given')

    def task() -> tuple[int, int]:
        connection.execute(f"create or replace table found as {SQL}")
        return tuple(int(value) for value in connection.execute("select count(*), coalesce(sum(overlap_end - overlap_start + 1), 0) from found").fetchone())

    return task


def timed(task: Callable) -> tuple[float, object]:
    """Median seconds of some calls, after one that does not count, and what the last one gave."""
    task()
    seconds = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        result = task()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds), result


def in_r(spells: pd.DataFrame, folder: Path) -> tuple[float, tuple[int, int]] | None:
    """The same in data.table (`foverlaps`); None if R or the package is not there, or it takes too long."""
    if shutil.which("Rscript") is None:
        return None
    script, data = folder / "overlap.R", folder / "spells.bin"
    script.write_text(IN_R, encoding="utf-8")
    days = [(spells[name].to_numpy().astype("datetime64[D]").astype(np.int64)) for name in ("start", "end")]
    np.stack([spells["id"], spells["place"], *days]).astype("<i4").tofile(data)
    try:
        done = subprocess.run(["Rscript", str(script), str(data), str(RUNS)], capture_output=True, text=True, timeout=60 * MINUTES)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        return None
    lines = [line.split() for line in done.stdout.splitlines()]
    values = next(tuple(int(word) for word in line[1:]) for line in lines if line[0] == "value")
    return statistics.median(float(line[1]) for line in lines if line[0] == "seconds"), values


def main() -> None:
    """Time and print."""
    print(f"{'spells':>9}{'pairs':>10}{'arrays, s':>11}{'ours, s':>10}{'polars, s':>11}{'duckdb, s':>11}{'data.table, s':>15}{'equal':>7}")
    with tempfile.TemporaryDirectory(prefix="variable-geometry-") as folder:
        for n in SIZES:
            spells = simulated(n)
            alone, _ = timed(lambda spells=spells: arrays(spells))
            seconds, found = timed(lambda spells=spells: pairs.concurrent(spells))
            mine = (len(found), int(found["overlap_days"].sum()))
            del found
            others = [timed(make(spells)) if find_spec(name) else None for name, make in (("polars", in_polars), ("duckdb", in_duckdb))]
            others.append(in_r(spells, Path(folder)))
            shown = [f"{other[0]:.3f}" if other else "-" for other in others]
            equal = all(other[1] == mine for other in others if other)
            print(f"{n:>9}{mine[0]:>10}{alone:>11.3f}{seconds:>10.3f}{shown[0]:>11}{shown[1]:>11}{shown[2]:>15}{('yes' if equal else 'NO') if any(others) else '-':>7}", flush=True)


if __name__ == "__main__":
    main()
