# Reference inputs and expected numbers for the statistical kernels in workflow/coalitions.
#
# Made with R 4.2.2, survival 3.5.3, MASS 7.3.58.2, sandwich 3.0.2 and the datasets package of R 4.2.2.
# Run with `Rscript make_reference.R` from any folder: data/ and expected/ beside this script are written anew.
#
# Inputs are columns of data sets that come with R (datasets: GPL-2 or later), survival (LGPL-2 or later) and MASS (GPL-2 or GPL-3), and a few small samples written out below.
# Numbers have 15 significant digits; NA stands for a value that R does not give.

suppressPackageStartupMessages({
  library(survival)
  library(MASS)
  library(sandwich)
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
  write.table(text, file.path(here, folder, paste0(name, ".csv")), sep = ",", row.names = FALSE, quote = FALSE, na = "NA", eol = "\n")
}
save_data <- function(frame, name) {
  stopifnot(nrow(frame) < 400)
  write_table(frame, "data", name)
}
save_expected <- function(rows, name) write_table(if (is.data.frame(rows)) rows else do.call(rbind, rows), "expected", name)

# ---- Samples of spells -------------------------------------------------------------------------------------------------------------------------------------------

lung_spells <- with(lung[!is.na(lung$ph.ecog), ], data.frame(entry = 0, time = time, event = status - 1, sex = sex, ecog = ph.ecog))
veteran_spells <- with(veteran, data.frame(entry = 0, time = time, event = status, cell = celltype, treatment = trt, age_over_60 = as.integer(age > 60)))
deaths <- colon[colon$etype == 2, ][1:300, ]
colon_spells <- with(deaths, data.frame(entry = 0, time = time, event = status, arm = gsub("[+]", "_", rx), extent = extent))
aml_spells <- with(aml, data.frame(entry = 0, time = time, event = status, arm = x))
# Stanford heart transplants, in half days (one patient was transplanted and died within a day).
heart_spells <- with(heart, data.frame(entry = 2 * start, time = 2 * stop, event = event, transplant = transplant, surgery = surgery))
# Monoclonal gammopathy with age as the time scale: left truncation at the age of diagnosis.
mgus_spells <- with(mgus, data.frame(entry = round(age * 365.25), time = round(age * 365.25) + futime, event = death, sex = sex, late = as.integer(dxyr >= 70)))

samples <- list(lung = lung_spells, veteran = veteran_spells, colon = colon_spells, aml = aml_spells, heart = heart_spells, mgus = mgus_spells)
for (name in names(samples)) save_data(samples[[name]], name)

# Small samples for the awkward cases.
small <- rbind(
  data.frame(sample = "flat", entry = 0, time = c(2, 4, 4, 7, 9, 11, 13, 20), event = c(1, 1, 1, 1, 0, 1, 1, 1)), # S is 0.5 from 7 until 11
  data.frame(sample = "flat_to_the_end", entry = 0, time = c(3, 5, 8, 9, 12, 15), event = c(1, 1, 1, 0, 0, 0)), # S stays at 0.5
  data.frame(sample = "no_upper_limit", entry = 0, time = c(5, 8, 8, 12, 16, 20, 25, 31, 31, 40), event = c(1, 1, 0, 1, 0, 1, 1, 0, 0, 0)),
  data.frame(sample = "no_median", entry = 0, time = c(10, 20, 30, 40, 50, 60), event = c(1, 0, 0, 1, 0, 0)),
  data.frame(sample = "censored", entry = 0, time = c(3, 3, 9), event = 0),
  data.frame(sample = "one_event", entry = 0, time = 17, event = 1),
  data.frame(sample = "one_time", entry = 0, time = c(6, 6, 6, 6), event = 1),
  data.frame(sample = "drop_to_zero", entry = 0, time = c(4, rep(9, 24)), event = 1), # the lower limit is above 0.5 until S is 0
  data.frame(sample = "event_before_censoring", entry = 0, time = c(5, 5, 5, 8, 8, 12), event = c(0, 1, 0, 1, 0, 0)),
  data.frame(sample = "early_zero", entry = c(0, 0, 6, 7, 7, 9), time = c(3, 5, 12, 15, 18, 20), event = c(1, 1, 1, 0, 1, 1)), # the first risk set dies out at 5
  data.frame(sample = "entry_at_event", entry = c(0, 0, 0, 4, 4, 9, 9, 2), time = c(4, 9, 15, 9, 20, 15, 22, 4), event = c(1, 1, 0, 1, 1, 1, 0, 1)) # entry on the day of an event
)
save_data(small, "small")
for (name in unique(small$sample)) samples[[name]] <- small[small$sample == name, c("entry", "time", "event")]

# Curves by sample, and by group of three of them.
parts <- data.frame(
  part = c("lung_1", "lung_2", "heart_1", paste0("veteran_", levels(veteran$celltype))), sample = c("lung", "lung", "heart", rep("veteran", 4)),
  column = c("sex", "sex", "transplant", rep("cell", 4)), value = c("1", "2", "1", levels(veteran$celltype))
)
groups <- list()
for (i in seq_len(nrow(parts))) {
  whole <- samples[[parts$sample[i]]]
  groups[[parts$part[i]]] <- whole[as.character(whole[[parts$column[i]]]) == parts$value[i], ]
}
save_expected(parts, "parts")
all_samples <- c(samples, groups)

curve_of <- function(s, level = 0.95) {
  if (all(s$entry == 0)) survfit(Surv(time, event) ~ 1, data = s, conf.type = "log-log", conf.int = level)
  else survfit(Surv(entry, time, event) ~ 1, data = s, conf.type = "log-log", conf.int = level)
}

# ---- Kaplan-Meier curves, quantiles, survival at a time ----------------------------------------------------------------------------------------------------------

# The rule by which print(survfit) finds the median and its limits, written for any p: the first time at which a curve is at or below p, or the middle of the stretch on
# which it is exactly p. quantile(survfit) differs where a limit is not monotone and where the curve ends at p.
first_below <- function(y, time, p, tolerance = sqrt(.Machine$double.eps)) {
  keep <- !is.na(y) & y < p + tolerance
  if (!any(keep)) return(NA_real_)
  time <- time[keep]
  y <- y[keep]
  if (abs(y[1] - p) < tolerance && any(y < y[1])) (time[1] + time[min(which(y < y[1]))]) / 2 else time[1]
}

curves <- list()
quantiles <- list()
points <- list()
for (name in names(all_samples)) {
  for (level in c(0.95, 0.9)) {
    fit <- curve_of(all_samples[[name]], level)
    line <- summary(fit, times = fit$time)
    if (level == 0.95) {
      curves[[name]] <- data.frame(
        sample = name, time_days = fit$time, n_at_risk = fit$n.risk, n_event = fit$n.event, n_censored = fit$n.censor,
        survival = fit$surv, std_err = fit$surv * fit$std.err, ci_lower = fit$lower, ci_upper = fit$upper
      )
      stopifnot(isTRUE(all.equal(line$surv, fit$surv)), isTRUE(all.equal(line$std.err, fit$surv * fit$std.err)))
    }
    printed <- summary(fit)$table # what print(survfit) shows
    label <- formatC(level, format = "g")
    quantiles[[paste(name, label, "print")]] <- data.frame(
      sample = name, level = level, p = 0.5, source = "print", estimate = printed[["median"]],
      lower = printed[[paste0(label, "LCL")]], upper = printed[[paste0(label, "UCL")]]
    )
    rule <- function(p) c(first_below(fit$surv, fit$time, p), first_below(fit$lower, fit$time, p), first_below(fit$upper, fit$time, p))
    stopifnot(identical(rule(0.5), as.numeric(printed[c("median", paste0(label, c("LCL", "UCL")))])))
    for (p in c(0.25, 0.5, 0.75, 0.9)) { # p is the survival, R's probability is that of the event
      crossed <- rule(p)
      quantiles[[paste(name, label, p, "rule")]] <- data.frame(sample = name, level = level, p = p, source = "rule", estimate = crossed[1], lower = crossed[2], upper = crossed[3])
      q <- quantile(fit, probs = 1 - p)
      quantiles[[paste(name, label, p)]] <- data.frame(
        sample = name, level = level, p = p, source = "quantile", estimate = q$quantile[[1]], lower = q$lower[[1]], upper = q$upper[[1]]
      )
    }
    if (level == 0.95) {
      times <- sort(unique(round(c(0.5 * min(fit$time), quantile(fit$time, c(0, 0.1, 0.33, 0.5, 0.8, 1)), max(fit$time) + 10))))
      at <- summary(fit, times = times, extend = TRUE)
      points[[name]] <- data.frame(sample = name, days = times, survival = at$surv, ci_lower = at$lower, ci_upper = at$upper)
    }
  }
}
save_expected(curves, "curves")
save_expected(quantiles, "quantiles")
save_expected(points, "survival_at")

# ---- Restricted means --------------------------------------------------------------------------------------------------------------------------------------------

means <- list()
for (name in names(all_samples)) {
  s <- all_samples[[name]]
  fit <- curve_of(s)
  last <- max(fit$time)
  for (tau in sort(unique(round(c(min(fit$time), quantile(fit$time, c(0.25, 0.5, 0.75), type = 1), 0.9 * last, last, 1.2 * last))))) {
    if (tau < min(fit$time)) next # R refuses
    printed <- summary(fit, rmean = tau)$table
    means[[paste(name, tau)]] <- data.frame(
      sample = name, tau_days = tau, estimate = printed[["rmean"]], se = printed[["se(rmean)"]], n = nrow(s), events = sum(s$event[s$time <= tau]),
      known = as.integer(last >= tau || min(fit$surv) == 0) # R carries the last value of the curve on to tau in either case
    )
  }
}
save_expected(means, "restricted_means")

# ---- Log-rank tests ----------------------------------------------------------------------------------------------------------------------------------------------
# Without entry: survdiff. With entry: the score test of the exact partial likelihood (coxph, ties = "exact"), whose information is the hypergeometric variance;
# observed and expected then come from the martingale residuals at coefficients of 0. Where there is no entry the two are compared here.

tests <- list(
  c("lung", "sex", ""), c("lung", "sex", "ecog"), c("lung", "ecog", ""), c("lung", "ecog", "sex"),
  c("veteran", "treatment", ""), c("veteran", "treatment", "cell"), c("veteran", "cell", ""), c("veteran", "cell", "treatment"), c("veteran", "age_over_60", "cell"),
  c("colon", "arm", ""), c("colon", "arm", "extent"), c("colon", "extent", "arm"),
  c("aml", "arm", ""),
  c("heart", "transplant", ""), c("heart", "transplant", "surgery"), c("heart", "surgery", ""),
  c("mgus", "sex", ""), c("mgus", "sex", "late"), c("mgus", "late", "sex")
)
ranks <- list()
counts_by_group <- list()
cox_score <- function(s) {
  response <- if (all(s$entry == 0)) Surv(s$time, s$event) else Surv(s$entry, s$time, s$event)
  exact <- suppressWarnings(coxph(response ~ factor(s$group) + strata(s$stratum), ties = "exact"))
  null <- coxph(response ~ factor(s$group) + strata(s$stratum), ties = "breslow", init = rep(0, length(unique(s$group)) - 1), iter = 0)
  observed <- tapply(s$event, s$group, sum)
  list(statistic = unname(exact$score), observed = observed, expected = observed - tapply(residuals(null, "martingale"), s$group, sum))
}
for (test in tests) {
  s <- samples[[test[1]]]
  s$group <- s[[test[2]]]
  s$stratum <- if (test[3] == "") 0 else s[[test[3]]]
  score <- cox_score(s)
  df <- length(unique(s$group)) - 1
  source <- "coxph"
  if (all(s$entry == 0)) {
    fit <- if (test[3] == "") survdiff(Surv(time, event) ~ group, data = s) else survdiff(Surv(time, event) ~ group + strata(stratum), data = s)
    total <- function(x) if (is.matrix(x)) rowSums(x) else x
    stopifnot(isTRUE(all.equal(fit$chisq, score$statistic, tolerance = 1e-9)), isTRUE(all.equal(as.vector(total(fit$exp)), as.vector(score$expected), tolerance = 1e-9)))
    score <- list(statistic = fit$chisq, observed = setNames(total(fit$obs), names(score$observed)), expected = total(fit$exp))
    source <- "survdiff"
  }
  key <- data.frame(sample = test[1], group = test[2], strata = if (test[3] == "") "none" else test[3])
  ranks[[paste(test, collapse = " ")]] <- data.frame(key, source = source, statistic = score$statistic, df = df, p = pchisq(score$statistic, df, lower.tail = FALSE))
  counts_by_group[[paste(test, collapse = " ")]] <- data.frame(key, label = names(score$observed), observed = as.vector(score$observed), expected = as.vector(score$expected))
}
save_expected(ranks, "log_rank")
save_expected(counts_by_group, "log_rank_groups")

# A third group that leaves before the first event takes no degree of freedom.
early <- with(aml, data.frame(entry = 0, time = c(time, 1, 2, 4), event = c(status, 0, 0, 0), arm = c(as.character(x), rep("Zero", 3))))
save_data(early, "early_leavers")
fit <- survdiff(Surv(time, event) ~ arm, data = early)
save_expected(data.frame(statistic = fit$chisq, df = sum(fit$exp > 0) - 1, p = pchisq(fit$chisq, sum(fit$exp > 0) - 1, lower.tail = FALSE)), "early_leavers")

# A difference beyond all doubt: the p-value must not be rounded to 0.
far <- data.frame(entry = 0, time = c(1:150, 1001:1150), event = 1, arm = rep(c("a", "b"), each = 150))
save_data(far, "far_apart")
fit <- survdiff(Surv(time, event) ~ arm, data = far)
save_expected(data.frame(statistic = fit$chisq, df = 1, p = pchisq(fit$chisq, 1, lower.tail = FALSE)), "far_apart")

# ---- Permutation log-rank, by enumeration ------------------------------------------------------------------------------------------------------------------------
# Scores are the martingale residuals of the null Cox model; the covariance is that of the sums of scores over all orders of seven spells, not a formula.

orders <- function(v) if (length(v) <= 1) matrix(v, 1) else do.call(rbind, lapply(seq_along(v), function(i) cbind(v[i], orders(v[-i]))))
every <- orders(1:7)
seven <- data.frame(
  set = rep(c("ties", "order", "censored"), each = 7),
  time = c(9, 13, 13, 23, 5, 8, 8, 1, 2, 3, 10, 11, 12, 13, 3, 6, 6, 9, 14, 20, 25),
  event = c(1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 0),
  two = c("a", "a", "a", "a", "b", "b", "b", "a", "a", "a", "b", "b", "b", "b", "b", "a", "b", "a", "a", "b", "a"),
  three = c("x", "x", "x", "y", "y", "z", "z", "x", "x", "y", "y", "y", "z", "z", "x", "y", "x", "z", "y", "z", "x")
)
save_data(seven, "seven")
permuted <- list()
for (set in unique(seven$set)) {
  s <- seven[seven$set == set, ]
  scores <- residuals(coxph(Surv(time, event) ~ 1, data = s, ties = "breslow"), "martingale")
  shuffled <- matrix(scores[every], nrow(every))
  for (grouping in c("two", "three")) {
    member <- sapply(head(sort(unique(s[[grouping]])), -1), function(g) as.numeric(s[[grouping]] == g))
    sums <- shuffled %*% member
    covariance <- crossprod(sums) / nrow(sums) # the scores sum to 0 and with them the mean over orders
    statistic <- rowSums((sums %*% solve(covariance)) * sums)
    observed <- drop(crossprod(member, scores))
    observed <- drop(observed %*% solve(covariance) %*% observed)
    extreme <- sum(statistic >= observed - 1e-9)
    stopifnot(min(abs(statistic[abs(statistic - observed) > 1e-9] - observed)) > 1e-6) # no near tie on which rounding could decide
    permuted[[paste(set, grouping)]] <- data.frame(
      set = set, grouping = grouping, orders = nrow(every), statistic = observed, extreme = extreme, p = (1 + extreme) / (1 + nrow(every))
    )
  }
}
save_expected(permuted, "permuted_log_rank")

# ---- Mann-Kendall with the correction of Hamed and Rao -----------------------------------------------------------------------------------------------------------
# Detrended values are rounded to ten decimals before they are ranked, so that values equal in arithmetic are tied.

series <- list(
  lake_huron = as.numeric(LakeHuron), discoveries = as.numeric(discoveries), nile = as.numeric(Nile), new_haven = as.numeric(nhtemp),
  drivers = as.numeric(aggregate(UKDriverDeaths, FUN = sum)), accidents = as.numeric(accdeaths), quine_days = quine$Days,
  # Sen's slope of `walk` is not a binary fraction: its detrended values are tied in arithmetic, not in floating point, and a lag is significant or not with them.
  walk = c(2, 3, 1, 0, 2, 5, 8, 9, 7, 6, 7, 10, 9, 11, 13, 14, 13, 16, 19, 17, 18, 19, 18, 16),
  fall = c(8, 7, 7, 5, 6, 5, 5, 3, 4, 2, 2, 1, 1, 0), alternating = rep(c(1, 4, 2, 5), 8), four = c(3, 1, 4, 1), constant = rep(2, 9)
)
long <- do.call(rbind, lapply(names(series), function(name) data.frame(series = name, step = seq_along(series[[name]]), value = series[[name]])))
for (name in names(series)) save_data(long[long$series == name, c("step", "value")], paste0("series_", name))

kendall <- list()
for (name in names(series)) {
  x <- series[[name]]
  n <- length(x)
  t <- seq_len(n)
  later <- outer(t, t, function(i, j) j > i)
  s <- sum(sign(outer(x, x, function(a, b) b - a))[later])
  slope <- median((outer(x, x, function(a, b) b - a) / outer(t, t, function(a, b) b - a))[later])
  ties <- as.numeric(table(x))
  variance <- (n * (n - 1) * (2 * n + 5) - sum(ties * (ties - 1) * (2 * ties + 5))) / 18
  if (s != 0) { # R's own test of Kendall's tau, with continuity correction and ties
    own <- suppressWarnings(cor.test(t, x, method = "kendall", exact = FALSE, continuity = TRUE))
    stopifnot(isTRUE(all.equal(unname(own$statistic), (s - sign(s)) / sqrt(variance), tolerance = 1e-10)))
  }
  detrended <- round(x - slope * (t - mean(t)), 10)
  stopifnot(all(diff(sort(unique(detrended))) > 1e-6)) # rounding made no tie of its own
  ranks_of <- rank(detrended)
  rho <- if (length(unique(ranks_of)) > 1) acf(ranks_of, lag.max = n - 1, plot = FALSE)$acf[-1] else rep(0, n - 1)
  lag <- seq_len(n - 1)
  significant <- abs(rho) > qnorm(0.975) / sqrt(n)
  correction <- 1 + 2 / (n * (n - 1) * (n - 2)) * sum(((n - lag) * (n - lag - 1) * (n - lag - 2) * rho)[significant])
  z <- if (variance * correction > 0) (s - sign(s)) / sqrt(variance * correction) else 0
  kendall[[name]] <- data.frame(
    series = name, n = n, s = s, plain_variance = variance, variance = variance * correction, correction = correction, z = z, p = 2 * pnorm(-abs(z)),
    tau = s / (n * (n - 1) / 2), slope = slope, ties = n - length(unique(x)), lags_kept = sum(significant)
  )
}
save_expected(kendall, "mann_kendall")

# ---- Exact Poisson comparisons -----------------------------------------------------------------------------------------------------------------------------------

rates <- list()
cases <- rbind(
  c(20, 10, 1, 5), c(37, 24, 2, 11.42), c(5, 3, 0, 4), c(1, 10, 0, 1), c(12, 7.5, 12, 7.5), c(3, 8, 9, 6), c(150, 45, 61, 30.25), c(62, 20, 4, 12),
  c(1000, 50, 700, 50), c(7, 1, 1, 30)
)
for (i in seq_len(nrow(cases))) {
  before <- cases[i, 1]; years_before <- cases[i, 2]; after <- cases[i, 3]; years_after <- cases[i, 4]
  for (level in c(0.95, 0.9)) {
    ratio <- poisson.test(c(after, before), c(years_after, years_before), conf.level = level)
    one_sided <- binom.test(after, before + after, years_after / (years_before + years_after), alternative = "less")
    rates[[paste(i, level)]] <- data.frame(
      before = before, years_before = years_before, after = after, years_after = years_after, level = level,
      ratio = unname(ratio$estimate), lower = ratio$conf.int[1], upper = ratio$conf.int[2], p_conditional = one_sided$p.value,
      p_plug_in = ppois(after, before / years_before * years_after)
    )
  }
}
save_expected(rates, "so_few")
limits <- list()
for (count in c(0, 1, 2, 5, 17, 100, 1234)) {
  for (years in c(1, 0.25, 12.5)) {
    for (level in c(0.95, 0.9, 0.99)) {
      interval <- poisson.test(count, years, conf.level = level)$conf.int
      limits[[paste(count, years, level)]] <- data.frame(events = count, years = years, level = level, lower = interval[1], upper = interval[2])
    }
  }
}
save_expected(limits, "poisson_limits")

# ---- Count regressions with Newey-West covariance ----------------------------------------------------------------------------------------------------------------
# `se` is sandwich::NeweyWest with the expected information as bread; `se_observed` has the observed information instead (the two are one for the Poisson model).
# Dispersion: glm.nb, then the profile likelihood maximised once more, to more digits.

seatbelts <- as.data.frame(Seatbelts)
seatbelts <- data.frame(count = seatbelts$DriversKilled, exposure = seatbelts$kms / 1000, trend = (seq_len(192) - 96.5) / 120, law = seatbelts$law)
by_year <- data.frame(count = as.numeric(discoveries), exposure = 1, trend = (1860:1959 - 1909.5) / 10)
days <- data.frame(count = quine$Days, exposure = ifelse(quine$Sex == "F", 1, 1.25), aboriginal = as.numeric(quine$Eth == "A"), slow = as.numeric(quine$Lrn == "SL"))
fall <- data.frame(count = series$fall, exposure = seq(0.75, 2.05, by = 0.1), trend = -6.5:6.5 / 10) # less dispersed than Poisson
models <- list(seatbelts = seatbelts, discoveries = by_year, quine = days, fall = fall)
for (name in names(models)) save_data(models[[name]], paste0("model_", name))

precise <- glm.control(epsilon = 1e-14, maxit = 200)
fits <- list()
for (name in names(models)) {
  frame <- models[[name]]
  formula <- reformulate(c(setdiff(names(frame), c("count", "exposure")), "offset(log(exposure))"), "count")
  default_lags <- floor(4 * (nrow(frame) / 100)^(2 / 9))
  for (family in c("poisson", "negative-binomial")) {
    alpha <- 0
    fit <- glm(formula, family = poisson, data = frame, control = precise)
    if (family == "negative-binomial" && name != "fall") {
      start <- glm.nb(formula, data = frame, control = precise)
      at <- function(log_alpha) glm(formula, family = negative.binomial(exp(-log_alpha)), data = frame, control = precise)
      slope <- function(log_alpha) { # derivative of the likelihood in theta, at the maximum over the coefficients
        theta <- exp(-log_alpha); mu <- fitted(at(log_alpha)); y <- frame$count
        sum(digamma(theta + y) - digamma(theta) + log(theta) + 1 - log(theta + mu) - (y + theta) / (mu + theta))
      }
      root <- uniroot(slope, -log(start$theta) + c(-0.01, 0.01), tol = 1e-13)$root
      stopifnot(abs(root + log(start$theta)) < 1e-6)
      alpha <- exp(root)
      fit <- at(root)
    }
    y <- frame$count
    mu <- fitted(fit)
    x <- model.matrix(fit)
    expected_information <- crossprod(x, x * (mu / (1 + alpha * mu)))
    observed_information <- crossprod(x, x * (mu * (1 + alpha * y) / (1 + alpha * mu)^2))
    score <- x * ((y - mu) / (1 + alpha * mu))
    for (lags in unique(c(default_lags, 0, 3))) {
      meat <- crossprod(score)
      for (l in seq_len(lags)) {
        moved <- crossprod(score[-seq_len(l), , drop = FALSE], score[seq_len(nrow(score) - l), , drop = FALSE])
        meat <- meat + (1 - l / (lags + 1)) * (moved + t(moved))
      }
      by_hand <- function(information) sqrt(diag(solve(information) %*% meat %*% solve(information)))
      # sandwich wants the object of glm.nb, whose dispersion has fewer digits: for the negative binomial it checks the hand computation, which is what is written
      own <- sqrt(diag(NeweyWest(if (alpha == 0) fit else start, lag = lags, prewhite = FALSE, adjust = FALSE)))
      stopifnot(isTRUE(all.equal(own, by_hand(expected_information), tolerance = 1e-6)))
      fits[[paste(name, family, lags)]] <- data.frame(
        model = name, family = family, lags = lags, default_lags = default_lags, alpha = alpha, term = sub("(Intercept)", "const", names(coef(fit)), fixed = TRUE),
        estimate = unname(coef(fit)), se = unname(if (alpha == 0) own else by_hand(expected_information)), se_observed = unname(by_hand(observed_information)),
        n = nrow(frame), events = sum(y)
      )
    }
  }
}
save_expected(fits, "count_models")
save_expected(data.frame(n = 4:400, lags = floor(4 * (4:400 / 100)^(2 / 9))), "newey_west_lags")

# ---- Holm and Hill -----------------------------------------------------------------------------------------------------------------------------------------------

p_sets <- list(
  plain = c(0.01, 0.04, 0.03, 0.005), tied = c(0.02, 0.02, 0.02, 0.5, 0.001), capped = c(0.9, 0.4, 0.6), tiny = c(1e-18, 3e-7, 0.2, 0, 1), one = 0.03,
  many = c(0.049, 0.012, 0.3, 0.0004, 0.77, 0.051, 0.012, 0.0089, 0.26, 0.93, 1e-5, 0.031)
)
save_expected(lapply(names(p_sets), function(name) data.frame(set = name, p = p_sets[[name]], adjusted = p.adjust(p_sets[[name]], "holm"))), "holm")

weight_sets <- list(
  equal = rep(1, 7), one = 5, uneven = c(365, 200, 40, 3), zeros = c(0, 10, 0, 30, 60), quine = as.numeric(table(quine$Age)),
  discoveries = as.numeric(discoveries), small = c(1e-9, 1, 2)
)
hill <- lapply(names(weight_sets), function(name) {
  share <- prop.table(weight_sets[[name]])
  share <- share[share > 0]
  data.frame(set = name, order = 1:2, effective = c(prod(share^-share), sum(share^2)^(1 / (1 - 2))))
})
save_expected(hill, "effective_numbers")
save_data(do.call(rbind, lapply(names(weight_sets), function(name) data.frame(set = name, weight = weight_sets[[name]]))), "weights")
