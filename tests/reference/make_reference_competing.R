# Reference inputs and expected numbers for workflow/coalitions/competing.py, rmst.py and gaptimes.py.
#
# Made with R 4.2.2, survival 3.5.3 and cmprsk 2.2.11.
# Run with `Rscript make_reference_competing.R` from any folder: the files cr_* in data/ and expected/ beside this script are written anew.
#
# Inputs are columns of data sets of survival (LGPL-2 or later), thinned by the rules said below to fewer than 400 rows, and simulated samples with a seed.
# Numbers have 15 significant digits; NA stands for a value that R does not give.

suppressPackageStartupMessages({
  library(survival)
  library(cmprsk)
})

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
for (folder in c("data", "expected")) dir.create(file.path(here, folder), showWarnings = FALSE)

write_table <- function(frame, folder, name) {
  text <- as.data.frame(lapply(frame, function(column) {
    if (!is.numeric(column)) return(as.character(column))
    out <- formatC(column, digits = 15, format = "g", width = 1)
    out[is.na(column)] <- NA
    out
  }), check.names = FALSE)
  write.table(text, file.path(here, folder, paste0("cr_", name, ".csv")), sep = ",", row.names = FALSE, quote = FALSE, na = "NA", eol = "\n")
}
save_data <- function(frame, name) {
  stopifnot(nrow(frame) < 400)
  write_table(frame, "data", name)
}
save_expected <- function(rows, name) write_table(if (is.data.frame(rows)) rows else do.call(rbind, unname(rows)), "expected", name)
every <- function(frame, k) frame[seq(1, nrow(frame), by = k), ]

# ---- Samples: entry, time, cause (0 censored) --------------------------------------------------------------------------------------------------------------------

# Monoclonal gammopathy, every fourth patient without missing values: 1 malignancy, 2 death; months, so many ties.
known <- every(mgus2[complete.cases(mgus2[, c("age", "sex", "hgb", "creat", "mspike")]), ], 4)
mgus2_spells <- with(known, data.frame(
  entry = 0, time = ifelse(pstat == 1, ptime, futime), cause = ifelse(pstat == 1, 1, 2 * death), sex = sex, band = cut(mspike, c(-1, 0.7, 1.5, 9), c("low", "mid", "high")),
  decade = 10 * floor(dxyr / 10), age = age, male = as.integer(sex == "M"), hgb = hgb, creat = creat, mspike = mspike
))
mgus2_spells <- mgus2_spells[mgus2_spells$time > 0, ]

# The same patients with age in days as the time scale: left truncation at diagnosis, many entries at the same age.
truncated_spells <- with(mgus2_spells, data.frame(entry = 365 * age, time = 365 * age + 30 * time, cause = cause, sex = sex))
truncated_spells <- truncated_spells[truncated_spells$entry > 365 * 45, ] # the few youngest would leave early risk sets of one

# Liver transplants, every third patient of known age and blood group: 1 transplanted, 2 dead, 3 withdrawn; days, one added so that none is 0.
known <- every(transplant[complete.cases(transplant), ], 3)
transplant_spells <- with(known, data.frame(
  entry = 0, time = futime + 1, cause = c(censored = 0, ltx = 1, death = 2, withdraw = 3)[as.character(event)], abo = abo, sex = sex, period = 3 * floor(year / 3),
  age = age, male = as.integer(sex == "m"), year = year - 1990, type_o = as.integer(abo == "O")
))

# Simulated: exponential times of two causes without a tie, three covariates, eighty clusters; and a short one of few days, all ties, in which nobody is left at the end.
set.seed(20260630)
n <- 320
x <- data.frame(x1 = rnorm(n), x2 = rbinom(n, 1, 0.4), x3 = round(rexp(n), 3))
first <- rexp(n, exp(-6 + 0.5 * x$x1 - 0.6 * x$x2))
second <- rexp(n, exp(-6.3 + 0.3 * x$x3))
gone <- runif(n, 0, 900)
end <- pmin(first, second, gone)
simulated_spells <- data.frame(
  entry = 0, time = rank(end) * 3 + 1, cause = ifelse(end == first, 1, ifelse(end == second, 2, 0)), group = c("a", "b", "c")[1 + rbinom(n, 2, plogis(x$x1))],
  stratum = rbinom(n, 1, 0.5), cluster = sample(80, n, TRUE), x
)
n <- 150
ties_spells <- data.frame(entry = 0, time = sample(12, n, TRUE, prob = 12:1), cause = sample(0:3, n, TRUE, prob = c(4, 3, 2, 1)), group = sample(1:3, n, TRUE), stratum = sample(1:2, n, TRUE))
ties_spells <- rbind(ties_spells, data.frame(entry = 0, time = 13, cause = c(1, 2, 1, 3), group = c(1, 2, 3, 1), stratum = c(1, 2, 1, 2)))
ties_spells$x1 <- ties_spells$group + round(rnorm(nrow(ties_spells)), 2)
ties_spells$x2 <- as.integer(ties_spells$stratum == 1)
# A group that has left before anything happens.
leavers_spells <- rbind(ties_spells[ties_spells$time > 2, 1:5], data.frame(entry = 0, time = c(1, 2, 2), cause = 0, group = 4, stratum = 1))

samples <- list(mgus2 = mgus2_spells, truncated = truncated_spells, transplant = transplant_spells, simulated = simulated_spells, ties = ties_spells, leavers = leavers_spells)
for (name in names(samples)) save_data(samples[[name]], name)

# ---- Cumulative incidence ----------------------------------------------------------------------------------------------------------------------------------------

curves <- list()
cmprsk_curves <- list()
for (name in setdiff(names(samples), "leavers")) {
  s <- samples[[name]]
  k <- max(s$cause)
  s$state <- factor(s$cause, 0:k)
  for (level in c(0.95, 0.9)) {
    for (type in c("log-log", "plain")) {
      fit <- if (all(s$entry == 0)) survfit(Surv(time, state) ~ 1, data = s, conf.type = type, conf.int = level)
      else survfit(Surv(entry, time, state) ~ 1, data = cbind(s, id = seq_len(nrow(s))), id = id, conf.type = type, conf.int = level)
      times <- fit$time %in% s$time # with entry the curve also has the days of entry
      for (cause in 1:k) {
        column <- match(as.character(cause), fit$states)
        line <- data.frame(
          sample = name, level = level, interval = type, cause = cause, time_days = fit$time, n_at_risk = fit$n.risk[, 1], n_event = fit$n.event[, column],
          survival = fit$pstate[, 1], incidence = fit$pstate[, column], std_err = fit$std.err[, column], ci_lower = fit$lower[, column], ci_upper = fit$upper[, column]
        )[times, ]
        curves[[paste(name, level, type, cause)]] <- every(line, if (level == 0.95 && type == "log-log") 2 else 13) # every other time of one, every thirteenth of the rest
      }
    }
  }
  if (all(s$entry == 0)) {
    fit <- cuminc(s$time, s$cause)
    times <- sort(unique(s$time))
    values <- timepoints(fit, times)
    for (cause in 1:k) {
      cmprsk_curves[[paste(name, cause)]] <- every(data.frame(sample = name, cause = cause, time_days = times, incidence = values$est[cause, ], variance = values$var[cause, ]), 2)
    }
  }
}
save_expected(curves, "curves")
save_expected(cmprsk_curves, "curves_cmprsk")

# ---- Gray's test -------------------------------------------------------------------------------------------------------------------------------------------------

tests <- list(
  c("mgus2", "sex", ""), c("mgus2", "band", ""), c("mgus2", "sex", "band"), c("mgus2", "band", "decade"), c("transplant", "abo", ""), c("transplant", "abo", "sex"),
  c("transplant", "sex", "period"), c("simulated", "group", ""), c("simulated", "group", "stratum"), c("ties", "group", ""), c("ties", "group", "stratum"), c("ties", "stratum", "group")
)
rows <- list()
for (test in tests) {
  s <- samples[[test[1]]]
  for (rho in c(0, 1, 0.5)) {
    fit <- if (test[3] == "") cuminc(s$time, s$cause, s[[test[2]]], rho = rho) else cuminc(s$time, s$cause, s[[test[2]]], s[[test[3]]], rho = rho)
    stopifnot(all(fit$Tests[, "stat"] >= 0))
    rows[[paste(c(test, rho), collapse = " ")]] <- data.frame(
      sample = test[1], group = test[2], strata = if (test[3] == "") "none" else test[3], rho = rho, cause = as.integer(rownames(fit$Tests)), statistic = fit$Tests[, "stat"],
      df = fit$Tests[, "df"], p = pchisq(fit$Tests[, "stat"], fit$Tests[, "df"], lower.tail = FALSE)
    )
  }
}
# With a group that leaves early cmprsk has no test; without it, it has the one that the kernel is to give.
s <- leavers_spells[leavers_spells$group != 4, ]
stopifnot(all(cuminc(leavers_spells$time, leavers_spells$cause, leavers_spells$group)$Tests[, "stat"] == -1))
fit <- cuminc(s$time, s$cause, s$group)$Tests
rows$leavers <- data.frame(sample = "leavers", group = "group", strata = "none", rho = 0, cause = 1:3, statistic = fit[, 1], df = fit[, 3], p = pchisq(fit[, 1], fit[, 3], lower.tail = FALSE))
save_expected(rows, "gray")

# ---- Fine and Gray -----------------------------------------------------------------------------------------------------------------------------------------------

# Influence of every spell on the score, eta + psi of Fine and Gray (1999), summed as the formula says; for clusters (Zhou et al. 2012), which crr does not have.
influence_of <- function(time, cause, x, of, beta) {
  n <- length(time)
  x <- as.matrix(x)
  effect <- exp(drop(x %*% beta))
  free <- sapply(time, function(t) { # Kaplan-Meier of the censoring just before t
    u <- sort(unique(time[cause == 0 & time < t]))
    prod(1 - vapply(u, function(v) sum(time == v & cause == 0) / sum(time >= v), 0))
  })
  at <- which(cause == of)
  weight <- outer(seq_len(n), at, function(i, j) ifelse(time[i] >= time[j], 1, ifelse(cause[i] != of & cause[i] != 0, free[j] / free[i], 0)))
  total <- colSums(weight * effect)
  mean_x <- t(weight * effect) %*% x / total
  eta <- psi <- matrix(0, n, ncol(x))
  eta[at, ] <- x[at, , drop = FALSE] - mean_x
  for (j in seq_along(at)) eta <- eta - sweep(x, 2, mean_x[j, ]) * (weight[, j] * effect / total[j])
  for (u in sort(unique(time[cause == 0]))) {
    q <- rep(0, ncol(x))
    before <- which(time < u & cause != of & cause != 0)
    for (j in which(time[at] >= u)) q <- q + colSums(sweep(x[before, , drop = FALSE], 2, mean_x[j, ]) * (weight[before, j] * effect[before] / total[j]))
    y <- sum(time >= u)
    here <- time == u & cause == 0
    psi[here, ] <- psi[here, ] + rep(q / y, each = sum(here))
    psi[time >= u, ] <- psi[time >= u, ] - rep(q * sum(here) / y^2, each = sum(time >= u))
  }
  eta + psi
}

models <- list(
  list("mgus2", 1, c("age", "male", "mspike"), ""), list("mgus2", 2, c("age", "male", "hgb", "creat"), "age"), list("mgus2", 1, "mspike", "decade"),
  list("transplant", 1, c("age", "male", "year", "type_o"), "age"), list("transplant", 2, c("age", "year"), "period"), list("simulated", 1, c("x1", "x2", "x3"), "cluster"),
  list("simulated", 2, c("x1", "x2", "x3"), "cluster"), list("ties", 1, c("x1", "x2"), "group"), list("ties", 2, "x1", ""), list("ties", 3, "x2", "")
)
fits <- list()
covariances <- list()
predictions <- list()
for (number in seq_along(models)) {
  model <- models[[number]]
  s <- samples[[model[[1]]]]
  x <- as.matrix(s[, model[[3]], drop = FALSE])
  fit <- crr(s$time, s$cause, x, failcode = model[[2]], gtol = 1e-13, maxiter = 50)
  stopifnot(max(abs(fit$score)) < 1e-7)
  influence <- influence_of(s$time, s$cause, x, model[[2]], fit$coef)
  bread <- solve(fit$inf)
  plain <- bread %*% crossprod(influence) %*% bread
  stopifnot(isTRUE(all.equal(plain, fit$var, tolerance = 1e-8, check.attributes = FALSE)))
  clustered <- if (model[[4]] == "") plain * NA else bread %*% crossprod(rowsum(influence, s[[model[[4]]]])) %*% bread
  key <- data.frame(model = number, sample = model[[1]], cause = model[[2]], cluster = if (model[[4]] == "") "none" else model[[4]])
  fits[[number]] <- data.frame(key, term = model[[3]], estimate = unname(fit$coef), se = sqrt(diag(fit$var)), cluster_se = sqrt(diag(clustered)), loglik = fit$loglik, loglik_null = fit$loglik.null)
  pairs <- expand.grid(row = seq_along(model[[3]]), column = seq_along(model[[3]]))
  covariances[[number]] <- data.frame(model = number, pairs, value = as.vector(fit$var), clustered = as.vector(clustered))
  values <- colMeans(x)
  curve <- predict(fit, cov1 = matrix(values, 1))
  curve <- every(data.frame(model = number, days = curve[, 1], incidence = curve[, 2]), 10)
  predictions[[number]] <- curve
}
save_expected(fits, "fine_gray")
save_expected(covariances, "fine_gray_covariances")
save_expected(predictions, "fine_gray_predictions")

# ---- Restricted means of two groups ------------------------------------------------------------------------------------------------------------------------------
# Means and standard errors of survfit; difference and ratio by the formulas of survRM2 (Royston and Parmar 2013, Uno et al. 2014).

lung_spells <- with(lung[!is.na(lung$inst), ], data.frame(time = time, event = status - 1, sex = sex, institution = inst))
save_data(lung_spells, "lung")
rows <- list()
for (test in list(list("lung", lung_spells$time, lung_spells$event, lung_spells$sex), list("mgus2", mgus2_spells$time, as.integer(mgus2_spells$cause > 0), mgus2_spells$sex))) {
  labels <- sort(unique(as.character(test[[4]])))
  fits <- lapply(labels, function(label) survfit(Surv(test[[2]], test[[3]]) ~ 1, subset = test[[4]] == label))
  for (tau in round(quantile(test[[2]], c(0.2, 0.5, 0.8, 0.95)))) {
    means <- sapply(fits, function(fit) summary(fit, rmean = tau)$table[c("rmean", "se(rmean)")])
    se <- sqrt(sum(means[2, ]^2))
    difference <- means[1, 1] - means[1, 2]
    log_ratio <- log(means[1, 1] / means[1, 2])
    log_se <- sqrt(sum((means[2, ] / means[1, ])^2))
    z <- qnorm(0.975)
    rows[[paste(test[[1]], tau)]] <- data.frame(
      sample = test[[1]], tau_days = tau, group = labels[1], reference = labels[2], difference = difference, se = se, lower = difference - z * se, upper = difference + z * se,
      p = 2 * pnorm(-abs(difference / se)), ratio = exp(log_ratio), ratio_lower = exp(log_ratio - z * log_se), ratio_upper = exp(log_ratio + z * log_se), ratio_p = 2 * pnorm(-abs(log_ratio / log_se))
    )
  }
}
save_expected(rows, "rmst")

# ---- Kaplan-Meier with clusters ----------------------------------------------------------------------------------------------------------------------------------

fit <- survfit(Surv(time, event) ~ 1, data = lung_spells, cluster = institution, conf.type = "log-log")
line <- summary(fit, times = c(100, 200, 300, 450, 700))
save_expected(data.frame(days = line$time, survival = line$surv, std_err = line$std.err, ci_lower = line$lower, ci_upper = line$upper), "clustered")
