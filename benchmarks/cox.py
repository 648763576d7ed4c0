"""How long the Cox kernel takes beside R's `survival::coxph`: `python benchmarks/cox.py`.

Simulated spells with tied days, censoring and four covariates, with and without left truncation, at 350, 10^4, 10^5 and 10^6; then many fits at 350 on one set of spells. Both
are timed inside their own process on the same data, without reading it: medians of user and system seconds, so that other work on the machine counts little. Without Rscript only
ours are shown. Nothing here is asserted: machines differ.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

from coalitions import cox

SIZES = {350: 31, 10_000: 15, 100_000: 7, 1_000_000: 5}  # spells: repetitions
FITS = 2_000
R_FITS = 200  # as many fits are timed in R and scaled up

IN_R = """
suppressPackageStartupMessages(library(survival))
given <- commandArgs(TRUE)
folder <- given[1]; runs <- as.integer(given[2]); fits <- as.integer(given[3])
m <- matrix(readBin(file.path(folder, "spells.bin"), "double", file.size(file.path(folder, "spells.bin")) / 8), ncol = 7, byrow = FALSE)
d <- data.frame(entry = m[, 1], time = m[, 2], event = m[, 3], a = m[, 4], b = m[, 5], c = m[, 6], d = m[, 7])
used <- function(expression) { t <- system.time(expression); t[["user.self"]] + t[["sys.self"]] }
fit <- if (all(d$entry == 0)) function() coxph(Surv(time, event) ~ a + b + c + d, d) else function() coxph(Surv(entry, time, event) ~ a + b + c + d, d)
model <- coxph(formula(fit()), d, control = coxph.control(eps = 1e-13))
if (fits == 0) cat(format(c(median(replicate(runs, used(fit()))), coef(model)), digits = 15)) else {
  x <- m[, 4:7]; y <- Surv(d$time, d$event); bare <- coxph.control()
  many <- replicate(3, used(for (i in seq_len(fits)) fit()))
  plain <- replicate(3, used(for (i in seq_len(fits)) coxph.fit(x, y, NULL, NULL, NULL, bare, NULL, "efron", NULL, nocenter = NULL)))
  cat(median(many), median(plain))
}
"""


def simulated(n: int, entry: bool, seed: int = 1) -> dict:
    """Spells in days with their covariates."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4))
    x[:, 1] = x[:, 1] > 0
    lives = np.ceil(rng.exponential(2000 * np.exp(-x @ [0.5, -0.3, 0.2, 0]))).astype(np.int64)
    censored = np.ceil(rng.uniform(0, 8000, n)).astype(np.int64)
    time_days = np.minimum(lives, censored)
    begun = np.floor(rng.uniform(0, time_days) * (rng.random(n) < 0.5)).astype(np.int64) if entry else np.zeros(n, dtype=np.int64)
    return {"time": time_days, "event": (lives <= censored).astype(np.int64), "entry": begun, "design": pd.DataFrame(x, columns=list("abcd"))}


def median(call, runs: int) -> float:
    """Median seconds of processor time of some calls, after one that does not count."""
    call()
    seconds = []
    for _ in range(runs):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def in_r(data: dict, runs: int, fits: int = 0) -> list[float]:
    """What R prints about the same spells: seconds, then coefficients; or seconds of many fits."""
    with tempfile.TemporaryDirectory() as folder:
        np.column_stack([data["entry"], data["time"], data["event"], data["design"]]).astype(float).ravel(order="F").tofile(Path(folder) / "spells.bin")
        script = Path(folder) / "time.R"
        script.write_text(IN_R, encoding="utf-8")
        done = subprocess.run(["Rscript", str(script), folder, str(runs), str(fits)], check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.split()]


def main() -> None:
    """Time and print."""
    has_r = shutil.which("Rscript") is not None
    print(f"{'spells':>9} {'entry':>6} {'ours':>9} {'coxph':>9} {'ratio':>6}   largest relative difference of a coefficient")
    for n, runs in SIZES.items():
        for entry in (False, True):
            data = simulated(n, entry)
            ours = median(lambda data=data: cox.fit(**data), runs)
            line = f"{n:>9} {'yes' if entry else 'no':>6} {ours:>9.4f}"
            if has_r:
                seconds, *coefficients = in_r(data, min(runs, 5))
                apart = np.abs(cox.fit(**data).coefficients / np.array(coefficients) - 1).max()
                line += f" {seconds:>9.4f} {seconds / ours:>6.1f}   {apart:.0e}"
            print(line)
    data = simulated(350, False)
    design = data["design"]
    prepared = cox.prepare(data["time"], data["event"])
    shared = median(lambda: [cox.fit_prepared(prepared, design) for _ in range(FITS)], 3)
    print(f"{FITS} fits of 350 spells, risk sets shared: {shared:.2f} s")
    whole = median(lambda: [cox.fit(data["time"], data["event"], design) for _ in range(FITS)], 3)
    print(f"{FITS} fits of 350 spells, one by one: {whole:.2f} s")
    if has_r:
        formula, bare = (seconds * FITS / R_FITS for seconds in in_r(data, 1, R_FITS))
        print(f"the same in R: coxph {formula:.2f} s ({formula / shared:.1f} times ours), its bare coxph.fit on matrices {bare:.2f} s ({bare / shared:.1f} times)")


if __name__ == "__main__":
    main()
