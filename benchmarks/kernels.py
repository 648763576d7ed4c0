"""How long the estimators take beside R's `survival` and `cmprsk`: `make benchmark-kernels`.

Simulated spells in whole days, with ties, censoring, three ways of ending, four groups and four covariates, at 350, 10^4, 10^5 and 10^6; then many fits and permutations on the
published spells. Both sides are timed in the same run, each inside its own process and on the same data, without reading it: medians of three runs, in seconds of processor time of
one thread, so that other work on the machine counts little. R has a minute for each task, and is not asked for more spells where that was too short; without Rscript only ours are
shown. `apart` is the largest relative difference between what the two computed (that of `finegray` comes from ends and censorings on one day: it counts the former as gone when the
latter happen, `crr` and ours do not). Nothing here is asserted: machines differ.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is there: seconds of two threads would count twice

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

from coalitions import competing, cox, gaptimes, io, models, rmst, survival

SIZES = (350, 10_000, 100_000, 1_000_000)
RUNS = 3
MINUTE = 60
TAU = 3653
FITS, DRAWS = 2_000, 10_000
COLUMNS = ("entry", "time", "event", "cause", "group", "a", "b", "c", "d")
COVARIATES = list("abcd")
TERMS = ["arrangement: ahc", "arrangement: regional", "domain: maritime", "legal basis: unsc"]  # of the fits on the published spells

# By task: what is timed, and numbers of its result. A part of many fits or draws is timed and scaled up (`scale` of the task here).
IN_R = """
suppressPackageStartupMessages({ library(survival); library(cmprsk) })
given <- commandArgs(TRUE)
d <- as.data.frame(matrix(readBin(given[1], "double", file.size(given[1]) / 8), ncol = 9))
names(d) <- c("entry", "time", "event", "cause", "group", "a", "b", "c", "d")
tau <- as.numeric(given[4])
x <- as.matrix(d[, c("a", "b", "c", "d")])
d$state <- factor(d$cause, 0:3)
mean_of <- function(d) summary(survfit(Surv(time, event) ~ 1, d), rmean = tau)$table[c("rmean", "se(rmean)")]
tasks <- list(
  km = list(function() survfit(Surv(time, event) ~ 1, d, conf.type = "log-log"), function(r) c(sum(r$surv), sum(r$lower, na.rm = TRUE), sum(r$upper, na.rm = TRUE))),
  log_rank = list(function() survdiff(Surv(time, event) ~ group, d), function(r) r$chisq),
  rmst = list(function() mean_of(d), function(r) r),
  cox = list(function() coxph(Surv(time, event) ~ a + b + c + d, d), function(r) c(coef(r), sqrt(diag(vcov(r))))),
  cox_entry = list(function() coxph(Surv(entry, time, event) ~ a + b + c + d, d), function(r) c(coef(r), sqrt(diag(vcov(r))))),
  aalen_johansen = list(function() survfit(Surv(time, state) ~ 1, d, conf.type = "log-log"), function(r) c(colSums(r$pstate)[-1], colSums(r$std.err)[-1])),
  gray = list(function() cuminc(d$time, d$cause, d$group), function(r) r$Tests[, "stat"]),
  crr = list(function() crr(d$time, d$cause, x, variance = TRUE), function(r) c(r$coef, sqrt(diag(r$var)))),
  finegray = list(function() {
    wide <- finegray(Surv(time, state) ~ a + b + c + d, d, etype = "1")
    coxph(Surv(fgstart, fgstop, fgstatus) ~ a + b + c + d, wide, weights = fgwt, ties = "breslow")
  }, function(r) coef(r)),
  fits = list(function() for (i in 1:200) r <<- coxph(Surv(time, event) ~ a + b + c + d, d), function(.) coef(r)),
  bare_fits = list(function() {
    y <- Surv(d$time, d$event)
    for (i in 1:200) r <<- coxph.fit(x, y, NULL, NULL, NULL, coxph.control(), NULL, "efron", NULL, nocenter = NULL)
  }, function(.) r$coefficients),
  log_rank_draws = list(function() for (i in 1:500) survdiff(Surv(time, event) ~ sample(group), d), function(.) numeric()),
  rmst_draws = list(function() {
    d <- d[d$group < 2, ]
    for (i in 1:250) {
      group <- sample(d$group)
      for (one in 0:1) mean_of(d[group == one, ])
    }
  }, function(.) numeric())
)
r <- NULL
task <- tasks[[given[2]]]
used <- function(expression) { t <- system.time(expression); t[["user.self"]] + t[["sys.self"]] }
once <- used(result <- task[[1]]())
cat("once", once, "\\n")
cat("value", format(task[[2]](result), digits = 15), "\\n")
times <- max(1, ceiling(0.1 / max(once, 0.001))) # its clock has thousandths only
for (run in seq_len(as.integer(given[3]))) cat("seconds", used(for (i in seq_len(times)) task[[1]]()) / times, "\\n")
"""


@dataclass(frozen=True)
class Task:
    """A line of the table: name, what we compute, numbers of it, the task in R (empty: none) and by how much its seconds are scaled up."""

    name: str
    ours: Callable
    numbers: Callable
    r: str = ""
    scale: float = 1.0


def simulated(n: int, seed: int = 1) -> pd.DataFrame:
    """Spells with covariates, a cause of the end (0: censored), a group and a day of entry."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4))
    x[:, 1] = x[:, 1] > 0
    x = np.round(x, 3)
    lives = np.ceil(rng.exponential(2000 * np.exp(-x @ [0.5, -0.3, 0.2, 0]))).astype(np.int64)
    censored = np.ceil(rng.uniform(0, 8000, n)).astype(np.int64)
    days = np.minimum(lives, censored)
    cause = np.where(lives <= censored, 1 + (rng.random(n) + 0.2 * (x[:, 0] > 0) > 0.6) + (rng.random(n) > 0.8), 0)
    begun = np.floor(rng.uniform(0, days) * (rng.random(n) < 0.5)).astype(np.int64)
    frame = pd.DataFrame({"entry": begun, "time": days, "event": (cause > 0).astype(np.int64), "cause": cause, "group": rng.integers(0, 4, n)})
    return frame.assign(**dict(zip(COVARIATES, x.T, strict=True)))


def published() -> pd.DataFrame:
    """The published spells of the primary scope in the same form: groups are coalitions (0), the United Nations (1) and regional operations (2)."""
    config = io.read_yaml(ROOT / "config" / "config.yaml")
    spells = models.scoped(io.read_table(ROOT / config["results"] / "panels" / "spells.csv", dates=("start", "end")), config["primary_scope"])
    group = spells["arrangement"].map({"ahc": 0, "un": 1, "regional": 2})
    frame = pd.DataFrame({"entry": 0, "time": spells["duration_days"], "event": spells["ended"], "cause": 0, "group": group})
    return frame.assign(**dict(zip(COVARIATES, models.design(spells)[TERMS].to_numpy().T, strict=True)))


def operations(n: int, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Operations with dates, a tenth of them with a successor, and their theatres, fifty to a theatre on average."""
    rng = np.random.default_rng(seed)
    days = rng.integers(0, 28_000, n)
    names = np.array([f"op-{i:07d}" for i in range(n)], dtype=object)
    start = pd.Timestamp("1946-01-01") + pd.to_timedelta(np.sort(days), unit="D")
    end = start + pd.to_timedelta(np.ceil(rng.exponential(1500, n)), unit="D")
    theatre = rng.integers(0, max(n // 50, 2), n)
    frame = pd.DataFrame({"operation_id": names, "chain_id": names, "arrangement": rng.choice(["ahc", "un", "regional"], n), "start": start, "end": end, "deployed": 1})
    frame["status"] = np.where(end <= pd.Timestamp("2026-06-30"), "ended", "ongoing")
    frame["end"] = frame["end"].where(frame["status"] == "ended")
    following = frame.groupby(theatre)["operation_id"].shift(-1)
    frame["successor_id"] = following.where(rng.random(n) < 0.1).astype(object)
    return frame, pd.DataFrame({"operation_id": names, "theatre": [f"t-{i}" for i in theatre], "primary": 1})


# ---- What is timed -------------------------------------------------------------------------------------------------------------------------------------------------


def coefficients(model) -> list[float]:
    """Coefficients and their standard errors (model-based)."""
    return [*model.coefficients, *model.naive_se]


def tasks(d: pd.DataFrame) -> list[Task]:
    """Estimators on simulated spells."""
    entry, days, event, cause, group = (d[name].to_numpy() for name in COLUMNS[:5])
    design, pool = d[COVARIATES], operations(len(d))
    curve = lambda: survival.kaplan_meier(days, event)  # noqa: E731
    incidence = lambda: competing.cumulative_incidence(days, cause)  # noqa: E731
    shares = lambda: competing.fine_gray(days, cause, design, 1)  # noqa: E731
    sums = lambda table, column: table.groupby("cause")[column].sum().tolist()  # noqa: E731
    return [
        Task("Kaplan-Meier with intervals", curve, lambda r: [r[name].fillna(0).sum() for name in ("survival", "ci_lower", "ci_upper")], "km"),
        Task("log-rank, 4 groups", lambda: survival.log_rank(days, event, group), lambda r: [r.statistic], "log_rank"),
        Task("restricted mean with variance", lambda: survival.restricted_mean(days, event, TAU), lambda r: [r.estimate, r.se], "rmst"),
        Task("Cox, Efron, 4 covariates", lambda: cox.fit(days, event, design), coefficients, "cox"),
        Task("the same with entry", lambda: cox.fit(days, event, design, entry), coefficients, "cox_entry"),
        Task("Aalen-Johansen, 3 causes", incidence, lambda r: [*sums(r, "incidence"), *sums(r, "std_err")], "aalen_johansen"),
        Task("Gray's test, 4 groups, 3 causes", lambda: competing.gray_test(days, cause, group), lambda r: [test.statistic for test in r.values()], "gray"),
        Task("Fine-Gray, 4 covariates; crr", shares, lambda r: [*r.coefficients, *np.sqrt(np.diag(r.covariance))], "crr"),
        Task("the same; finegray and coxph", shares, lambda r: [*r.coefficients], "finegray"),
        Task("gap times in theatres", lambda: gaptimes.gaps(*pool, "2026-06-30"), lambda r: []),
    ]


def register_tasks(d: pd.DataFrame) -> list[Task]:
    """Many fits and permutations on the published spells."""
    days, event, group = (d[name].to_numpy() for name in ("time", "event", "group"))
    design, pair = d[COVARIATES], group < 2
    prepared = cox.prepare(days, event)
    shared = lambda: [cox.fit_prepared(prepared, design) for _ in range(FITS)][-1]  # noqa: E731
    single = lambda: [cox.fit(days, event, design) for _ in range(FITS)][-1]  # noqa: E731
    rng = np.random.default_rng(1)
    return [
        Task(f"{FITS} Cox fits one by one", single, lambda r: list(r.coefficients), "fits", FITS / 200),
        Task(f"{FITS} Cox fits, risk sets shared; coxph.fit", shared, lambda r: list(r.coefficients), "bare_fits", FITS / 200),
        Task(f"{DRAWS} permutations of the log-rank", lambda: survival.permuted_log_rank_p(days, event, group, DRAWS, rng), lambda r: [], "log_rank_draws", DRAWS / 500),
        Task(f"{DRAWS} permutations of restricted means", lambda: rmst.difference(days[pair], event[pair], group[pair], TAU, DRAWS, rng), lambda r: [], "rmst_draws", DRAWS / 250),
    ]


def timed(call: Callable) -> tuple[float, object]:
    """Median seconds of processor time of some calls, after one that does not count, and what the last one gave."""
    call()
    seconds = []
    for _ in range(RUNS):
        start = time.process_time()
        result = call()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds), result


def in_r(script: Path, data: Path, task: str) -> tuple[float | None, list[float]]:
    """Median seconds of a task in R (None if not one run ends within the minute), and its numbers."""
    try:
        done = subprocess.run(["Rscript", "--vanilla", str(script), str(data), task, str(RUNS), str(TAU)], capture_output=True, timeout=MINUTE)
        if done.returncode:
            print(done.stderr.decode().strip(), file=sys.stderr)
        output = done.stdout
    except subprocess.TimeoutExpired as late:
        output = late.stdout or b""
    lines = [line.split() for line in output.decode().splitlines()]
    seconds = [float(line[1]) for line in lines if line[0] == "seconds"] or [float(line[1]) for line in lines if line[0] == "once"]
    return statistics.median(seconds) if seconds else None, [float(word) for line in lines if line[0] == "value" for word in line[1:]]


def line(task: Task, n: int, script: Path | None, data: Path, given_up: set[str]) -> str:
    """A line of the table; a task that R did not end in time is added to those given up."""
    seconds, result = timed(task.ours)
    text = f"{task.name:42}{n:>9}{seconds:>10.4f}"
    if script is None or not task.r:
        return text
    if task.r in given_up:
        return f"{text}{'-':>10}"
    other, values = in_r(script, data, task.r)
    if other is None:
        given_up.add(task.r)
        return f"{text}{f'> {MINUTE}':>10}"
    numbers = task.numbers(result)
    apart = f"{np.abs(np.array(numbers) / np.array(values) - 1).max():>10.0e}" if values and len(values) == len(numbers) else ""
    return f"{text}{other * task.scale:>10.4f}{other * task.scale / max(seconds, 1e-9):>8.1f}{apart}"


def main() -> None:
    """Time and print."""
    has_r = shutil.which("Rscript") is not None
    print("" if has_r else "Rscript is not there: only ours are timed.\n", end="")
    print(f"{'task':42}{'n':>9}{'ours, s':>10}{'R, s':>10}{'ratio':>8}{'apart':>10}")
    given_up: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="variable-geometry-") as folder:
        script, data = Path(folder) / "time.R", Path(folder) / "spells.bin"
        script.write_text(IN_R, encoding="utf-8")
        for frame, make in [(published(), register_tasks), *((simulated(n), tasks) for n in SIZES)]:
            frame[list(COLUMNS)].to_numpy(dtype=float).ravel(order="F").tofile(data)
            for task in make(frame):
                print(line(task, len(frame), script if has_r else None, data, given_up), flush=True)


if __name__ == "__main__":
    main()
