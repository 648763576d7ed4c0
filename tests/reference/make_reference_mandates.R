# Reference numbers for regressions with robust variance (workflow/coalitions/robust.py), shares and ratios of rates (workflow/coalitions/mandates.py).
#
# Made with R 4.2.2, MASS 7.3.58.2 and sandwich 3.0.2. Run with `Rscript make_reference_mandates.R` from any folder: data/robust_* and expected/robust_* beside this script are written
# anew. Inputs are data sets of MASS (GPL-2 or GPL-3) and numbers written out here. Numbers have 15 significant digits.
#
# Variance: vcovCL(type = "HC0", cadjust = TRUE), which is the sandwich of scores summed by cluster times G / (G - 1). A Poisson regression with a dummy for each unit has the coefficients
# of the conditional likelihood and, clustered by unit, its variance.

suppressPackageStartupMessages({library(MASS); library(sandwich)})

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
save <- function(frame, folder, name) {
  dir.create(file.path(here, folder), showWarnings = FALSE)
  text <- as.data.frame(lapply(frame, function(column) {
    if (!is.numeric(column)) return(as.character(column))
    out <- formatC(column, digits = 15, format = "g", width = 1)
    out[is.infinite(column)] <- "inf"
    out
  }), check.names = FALSE)
  write.table(text, file.path(here, folder, paste0("robust_", name, ".csv")), sep = ",", row.names = FALSE, quote = FALSE, eol = "\n")
}
tight <- glm.control(epsilon = 1e-14, maxit = 100)
lines <- function(name, fit, cluster, terms) {
  se <- sqrt(diag(vcovCL(fit, cluster = cluster, type = "HC0", cadjust = TRUE)))
  data.frame(model = name, term = terms, estimate = unname(coef(fit)[terms]), se = unname(se[terms]))
}

# Days absent from school (MASS::quine), clustered by the combination of age and learner; epileptic seizures by patient and period (MASS::epil); low birth weight (MASS::birthwt).
quine <- data.frame(days = quine$Days, male = as.numeric(quine$Sex == "M"), slow = as.numeric(quine$Lrn == "SL"), group = paste(quine$Age, quine$Lrn, quine$Eth))
epil <- data.frame(y = epil$y, treated = as.numeric(epil$trt == "progabide"), fourth = epil$V4, period = epil$period, subject = epil$subject)
low <- data.frame(low = birthwt$low, age = birthwt$age, smoke = birthwt$smoke, race = birthwt$race)
epil$weeks <- ifelse(epil$period == 1, 1.5, 2) # an exposure that differs between periods
epil$after <- epil$treated * (epil$period > 2) # a term that varies within units
save(quine, "data", "quine"); save(epil, "data", "epil"); save(low, "data", "low")

rows <- list()
fit <- glm(days ~ male + slow, poisson, quine, control = tight)
rows[[1]] <- lines("poisson", fit, NULL, c("(Intercept)", "male", "slow"))
rows[[2]] <- lines("poisson by group", fit, quine$group, c("(Intercept)", "male", "slow"))
fit <- glm(y ~ treated + offset(log(weeks)), poisson, epil, control = tight)
rows[[3]] <- lines("poisson with exposure", fit, epil$subject, c("(Intercept)", "treated"))
fit <- glm(low ~ age + smoke, binomial, low, control = tight)
rows[[4]] <- lines("logistic", fit, NULL, c("(Intercept)", "age", "smoke"))
fit <- glm(y ~ 0 + after + period + factor(subject) + offset(log(weeks)), poisson, subset(epil, ave(y, subject, FUN = sum) > 0), control = tight)
rows[[5]] <- lines("within", fit, subset(epil, ave(y, subject, FUN = sum) > 0)$subject, c("after", "period"))
save(do.call(rbind, rows), "expected", "models")

# Ratios of rates, later over earlier, and shares.
cases <- list(c(6, 23.2, 3, 4.3), c(10, 20, 1, 4), c(0, 5, 4, 5), c(7, 10, 0, 3), c(40, 50, 30, 12.5))
rows <- lapply(cases, function(x) {
  two <- binom.test(x[3], x[1] + x[3], x[4] / (x[2] + x[4])) # its interval is Clopper and Pearson's; its p is not central
  less <- binom.test(x[3], x[1] + x[3], x[4] / (x[2] + x[4]), alternative = "less")$p.value
  greater <- binom.test(x[3], x[1] + x[3], x[4] / (x[2] + x[4]), alternative = "greater")$p.value
  limits <- two$conf.int / (1 - two$conf.int) * x[2] / x[4]
  data.frame(before = x[1], years_before = x[2], after = x[3], years_after = x[4], estimate = (x[3] / x[4]) / (x[1] / x[2]), lower = limits[1], upper = limits[2], p = min(1, 2 * less, 2 * greater))
})
save(do.call(rbind, rows), "expected", "rate_ratios")
cases <- list(c(60, 100), c(0, 9), c(5, 5), c(20, 90), c(1, 40))
rows <- lapply(cases, function(x) {
  test <- suppressWarnings(prop.test(x[1], x[2], 0.5, correct = FALSE))
  data.frame(count = x[1], n = x[2], lower = test$conf.int[1], upper = test$conf.int[2], p = test$p.value)
})
save(do.call(rbind, rows), "expected", "shares")
# Newcombe's worked cases (1998, table II, method 10): 56/70 - 48/80, 9/10 - 3/10, 10/10 - 0/20, with four decimals in print; computed here from Wilson's limits.
wilson <- function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE)$conf.int)
rows <- lapply(list(c(56, 70, 48, 80), c(9, 10, 3, 10), c(10, 10, 0, 20), c(5, 56, 0, 29)), function(x) {
  a <- wilson(x[1], x[2]); b <- wilson(x[3], x[4]); p <- x[1] / x[2]; q <- x[3] / x[4]
  test <- suppressWarnings(prop.test(c(x[1], x[3]), c(x[2], x[4]), correct = FALSE))
  data.frame(count = x[1], n = x[2], count_before = x[3], n_before = x[4], lower = p - q - sqrt((p - a[1])^2 + (b[2] - q)^2), upper = p - q + sqrt((a[2] - p)^2 + (q - b[1])^2), p = test$p.value)
})
save(do.call(rbind, rows), "expected", "differences")
