# Reference numbers for Cox regression with a shared gamma frailty, workflow/coalitions/frailty.py.
#
# Made with R 4.2.2 and survival 3.5.3. Run with `Rscript make_reference_frailty.R` from any folder: expected/frailty_* beside this script are written anew. Inputs are data/cox_*.csv
# of make_reference_cox.R. Numbers have 15 significant digits.
#
# Models at fixed theta, and with theta estimated in two ways: by R's own outer loop (`em`, eps far below the default), and by maximising the integrated likelihood of fits at fixed theta
# with optimize() (`profile`), as the outer loop stops on the change of the likelihood, which is flat there.
#
# The inner loop of a sparse frailty is no Newton step (it leaves out the information between clusters) and stops on the change of the likelihood, six digits before the maximum. At fixed
# theta estimates are therefore those of sparse = FALSE; the standard errors of sparse = TRUE are those of a fit that goes on as long as it can.

suppressPackageStartupMessages(library(survival))

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
dir.create(file.path(here, "expected"), showWarnings = FALSE)
save_expected <- function(rows, name) {
  frame <- do.call(rbind, rows)
  text <- as.data.frame(lapply(frame, function(column) {
    if (!is.numeric(column)) return(as.character(column))
    out <- formatC(column, digits = 15, format = "g", width = 1)
    out[is.na(column)] <- NA
    out
  }), check.names = FALSE)
  write.table(text, file.path(here, "expected", paste0("frailty_", name, ".csv")), sep = ",", row.names = FALSE, quote = FALSE, na = "NA", eol = "\n")
}

model <- function(sample, terms, cluster, ties = "efron", strata = "") list(sample = sample, terms = strsplit(terms, " ")[[1]], cluster = cluster, ties = ties, strata = strata)
models <- list(
  kidney = model("kidney", "age female", "id"), kidney_disease = model("kidney", "age female GN AN PKD", "id"), # the second is the textbook's case of no variance left
  kidney_breslow = model("kidney", "age female", "id", "breslow"),
  rats = model("rats", "treated", "litter"), rats_strata = model("rats", "treated", "litter", strata = "male"),
  # entry times, ties, entries at event times
  cgd = model("cgd", "interferon age steroids", "id"), cgd_breslow = model("cgd", "interferon age", "id", "breslow"), cgd_centre = model("cgd", "interferon age steroids", "centre"),
  bladder = model("bladder", "thiotepa number size", "id"), bladder_strata = model("bladder", "thiotepa number", "id", strata = "enum"),
  lung = model("lung", "age female ecog", "centre")
)
tight <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 200, outer.max = 50)
long <- coxph.control(eps = 1e-16, toler.chol = 1e-17, iter.max = 300)

fit_of <- function(m, how, sparse, control = tight) {
  frame <- read.csv(file.path(here, "data", paste0("cox_", m$sample, ".csv")))
  frame$unit <- frame[[m$cluster]]
  frame$stratum <- if (m$strata == "") 0 else frame[[m$strata]]
  left <- if (all(frame$entry == 0)) "Surv(time, event)" else "Surv(entry, time, event)"
  right <- c(m$terms, if (m$strata != "") "strata(stratum)", sprintf("frailty(unit, distribution = 'gamma', sparse = %s, %s)", sparse, how))
  formula <- as.formula(paste(left, "~", paste(right, collapse = " + ")))
  environment(formula) <- environment()
  suppressWarnings(coxph(formula, frame, ties = m$ties, control = control)) # of steps that were halved; convergence is checked by the gradient in the tests
}
integrated <- function(fit) fit$history[[1]]$c.loglik
at <- function(m, theta, sparse = FALSE, control = tight) fit_of(m, paste("theta =", format(theta, digits = 17)), sparse, control)

overall <- list()
coefficients <- list()
frailties <- list()
keep <- function(name, way, theta, fit) {
  m <- models[[name]]
  full <- if (theta > 1e-6) at(m, theta) else fit
  sparse <- if (theta > 1e-6) at(m, theta, TRUE, long) else fit
  key <- paste(name, way, theta)
  k <- length(m$terms)
  overall[[key]] <<- data.frame(
    model = name, way = way, theta = theta, sample = m$sample, cluster = m$cluster, ties = m$ties, strata = m$strata, n = fit$n, events = fit$nevent,
    partial = fit$loglik[2], integrated = integrated(fit)
  )
  coefficients[[key]] <<- data.frame(
    model = name, way = way, theta = theta, term = m$terms, estimate = unname(coef(fit)[1:k]), se = sqrt(diag(as.matrix(sparse$var)))[1:k], full_se = sqrt(diag(as.matrix(full$var)))[1:k]
  )
  if (way == "fixed") {
    ids <- sort(unique(read.csv(file.path(here, "data", paste0("cox_", m$sample, ".csv")))[[m$cluster]]))
    frailties[[key]] <<- data.frame(model = name, theta = theta, cluster = ids, frailty = exp(unname(coef(fit)[-(1:k)])))
  }
}

for (name in names(models)) {
  m <- models[[name]]
  for (theta in c(0.1, 0.5, 1.5)) keep(name, "fixed", theta, at(m, theta))
  em <- fit_of(m, "eps = 1e-10", TRUE)
  keep(name, "em", em$history[[1]]$theta, em)
  plain <- at(m, 0, TRUE)
  found <- optimize(function(x) integrated(at(m, exp(x))), log(c(1e-4, 20)), maximum = TRUE, tol = 1e-9)
  if (found$objective > integrated(plain) + 1e-7) keep(name, "profile", exp(found$maximum), at(m, exp(found$maximum)))
  else keep(name, "profile", 0, plain)
}
save_expected(overall, "models")
save_expected(coefficients, "coefficients")
save_expected(frailties, "frailties")
