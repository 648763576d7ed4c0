# The published duration tables, estimated again in R from the published spells alone: `make crosscheck-r` (workflow/crosscheck_r.py) runs this and compares.
#
# Rscript crosscheck.R SPELLS OUTPUT CONFIDENCE TAUS YEARS: panels/spells.csv; the csv to write; the confidence level; horizons of restricted means and of shares that are over,
# in years, joined by commas. Needs R with the packages survival and cmprsk; nothing else of the project is read.
#
# Estimates are those of survival and cmprsk. What these do not have is written out here from the formulas: the clustered variance of Fine-Gray (its influences are first held to
# the variance that cmprsk prints), the maximum over the variance of a frailty, differences of restricted means and of shares. Fits are iterated far beyond the defaults, so that
# numbers are those of the maximum.
# The output has one number a line: table, scope, model, term, at, quantity, value; `model` and `term` are joined by " / " where a table has several such columns.

for (package in c("survival", "cmprsk")) {
  if (!requireNamespace(package, quietly = TRUE)) {
    message("missing R package: ", package)
    quit(status = 3)
  }
}
suppressPackageStartupMessages({
  library(survival)
  library(cmprsk)
})

given <- commandArgs(TRUE)
level <- as.numeric(given[3])
taus <- as.numeric(strsplit(given[4], ",")[[1]])
years <- as.numeric(strsplit(given[5], ",")[[1]])
z <- qnorm(0.5 + level / 2)
YEAR <- 365.25
CURVE <- seq(0.5, 25, 0.5)
LONGEST <- 3

spells <- read.csv(given[1], na.strings = "", stringsAsFactors = FALSE, encoding = "UTF-8")
spells$start <- as.Date(spells$start)
spells <- spells[order(spells$spell_id, method = "radix"), ]

# ---- Output ------------------------------------------------------------------------------------------------------------------------------------------------------

found <- list()
save_numbers <- function(table, scope, model, term, at, values) {
  for (quantity in names(values)) {
    key <- data.frame(table = table, scope = scope, model = model, term = term, at = as.character(at), quantity = quantity)
    found[[length(found) + 1]] <<- cbind(key, value = as.numeric(values[[quantity]]))
  }
}
wald <- function(estimate, se) {
  estimate <- unname(estimate)
  list(estimate = estimate, se = se, lower = estimate - z * se, upper = estimate + z * se, statistic = estimate / se, p = 2 * pnorm(-abs(estimate / se)))
}
# A fit that R refuses gives no numbers; that ours are then also missing is seen in the comparison.
attempt <- function(expression, what) tryCatch(expression, error = function(e) {
  message(what, ": ", conditionMessage(e))
  NULL
})

# ---- Factors: levels with the reference first, as the head of workflow/coalitions/models.py says -------------------------------------------------------------------

LEVELS <- list(
  arrangement = c("un", "ahc", "regional"), domain = c("land", "maritime", "civilian", "air or multi"), task = c("peace", "war", "training", "maritime security"),
  era = c("to 1989", "1990-2001", "2002-2013", "from 2014"), `legal basis` = c("other", "unsc")
)
SIZE <- "size: log members"
WAR <- c("territorial-enforcement", "counterterrorism", "counterinsurgency", "no-fly-zone", "embargo-enforcement")
PEACE <- c(
  "ceasefire-monitoring", "border-monitoring", "verification", "interposition", "stabilisation", "civilian-protection", "policing", "disarmament", "electoral-support",
  "transitional-administration", "rule-of-law", "security-sector-reform"
)
AT_SEA <- c("maritime-security", "counter-piracy", "counter-narcotics")
TRAINING <- c("training-advice", "security-sector-reform")
MODELS <- list(
  unadjusted = list(factors = "arrangement", size = FALSE, strata = NULL), adjusted = list(factors = names(LEVELS), size = FALSE, strata = NULL),
  `adjusted, size` = list(factors = names(LEVELS), size = TRUE, strata = NULL), `stratified by region` = list(factors = names(LEVELS), size = FALSE, strata = "region")
)
PLAIN <- c("unadjusted", "adjusted")

task_group <- function(tasks) {
  held <- strsplit(tasks, "+", fixed = TRUE)[[1]]
  if (any(held %in% WAR)) return("war")
  if (any(held %in% AT_SEA)) return("maritime security")
  if (any(held %in% TRAINING) && !any(held %in% PEACE)) "training" else "peace"
}
held <- data.frame(
  arrangement = spells$arrangement, domain = ifelse(spells$domain %in% c("air", "multi"), "air or multi", spells$domain), task = vapply(spells$tasks, task_group, ""),
  era = LEVELS$era[1 + findInterval(as.integer(format(spells$start, "%Y")), c(1990, 2002, 2014))], `legal basis` = ifelse(spells$legal_basis %in% "unsc", "unsc", "other"),
  check.names = FALSE
)
columns <- do.call(cbind, lapply(names(LEVELS), function(name) {
  stopifnot(held[[name]] %in% LEVELS[[name]])
  sapply(setNames(LEVELS[[name]][-1], paste0(name, ": ", LEVELS[[name]][-1])), function(one) as.numeric(held[[name]] == one))
}))
columns <- cbind(columns, ifelse(spells$n_members_peak %in% 0, NA, log(pmax(spells$n_members_peak, 1))))
colnames(columns)[ncol(columns)] <- SIZE
rownames(columns) <- NULL
factor_of <- function(terms) sub(": .*", "", terms)

# Spells of a level at which none has ended go, and columns that do not vary.
without_separated <- function(rows, x, event) {
  gone <- character()
  keep <- rep(TRUE, nrow(x))
  for (term in setdiff(colnames(x), SIZE)) {
    mine <- x[, term] == 1 & keep
    if (any(event == 1) && any(mine) && !any(event[mine] == 1)) {
      keep <- keep & !mine
      gone <- c(gone, term)
    }
  }
  x <- x[keep, setdiff(colnames(x), gone), drop = FALSE]
  list(rows = rows[keep], x = x[, apply(x, 2, function(column) length(unique(column)) > 1), drop = FALSE])
}
# Rows (of the spells), design and all terms of a model in a scope; the design has no column if none varies.
cases <- function(scope, model) {
  rows <- which(spells[[paste0("scope_", scope)]] == 1)
  terms <- colnames(columns)[factor_of(colnames(columns)) %in% MODELS[[model]]$factors]
  if (MODELS[[model]]$size) {
    rows <- rows[!is.na(columns[rows, SIZE])]
    terms <- c(terms, SIZE)
  }
  used <- if (length(rows)) without_separated(rows, columns[rows, terms, drop = FALSE], spells$ended[rows]) else list(rows = rows, x = columns[rows, 0])
  c(used, list(terms = terms))
}
fits <- function(used) ncol(used$x) > 0
sizes_of <- function(terms, event) list(n = rep(length(event), length(terms)), events = rep(sum(event), length(terms)))

# ---- Curves, summary, log-rank -------------------------------------------------------------------------------------------------------------------------------------

km <- function(rows) survfit(Surv(duration_days, ended) ~ 1, spells[rows, ], conf.type = "log-log", conf.int = level)
among <- function(scope, kinds) which(spells[[paste0("scope_", scope)]] == 1 & spells$arrangement %in% kinds)
# Restricted mean and its standard error in days; none where the last spell is censored before tau (R would carry the curve on).
restricted <- function(rows, tau) {
  time <- spells$duration_days[rows]
  if (max(time) < tau && min(km(rows)$surv) > 0) return(c(NA, NA))
  if (tau < min(time)) return(c(tau, 0)) # R stops
  unname(summary(km(rows), rmean = tau)$table[c("rmean", "se(rmean)")])
}

curves_of <- function(scope) {
  for (kind in LEVELS$arrangement) {
    rows <- among(scope, kind)
    if (!length(rows)) next
    fit <- km(rows)
    values <- list(n_at_risk = fit$n.risk, n_event = fit$n.event, n_censored = fit$n.censor, survival = fit$surv, ci_lower = fit$lower, ci_upper = fit$upper)
    save_numbers("km", scope, kind, "", fit$time, values)
    table <- summary(fit)$table
    limits <- grep("LCL|UCL", names(table))
    medians <- as.list(setNames(table[c("median", names(table)[limits])] / YEAR, c("median_years", "median_lower", "median_upper")))
    values <- c(list(n = table["records"], events = table["events"]), medians)
    for (tau in taus) {
      mean <- restricted(rows, round(tau * YEAR)) / YEAR
      values[paste0("rmst_", tau, c("", "_lower", "_upper"))] <- c(mean[1], mean[1] - z * mean[2], mean[1] + z * mean[2])
    }
    last <- spells$start[rows] + spells$duration_days[rows] - 1
    values$mean_calendar_years <- mean(as.integer(format(last, "%Y")) - as.integer(format(spells$start[rows], "%Y")) + 1)
    save_numbers("summary", scope, kind, "", "", values)
  }
}

log_rank_of <- function(scope) {
  for (kinds in list(c("ahc", "un", "regional"), c("ahc", "un"), c("ahc", "regional"), c("un", "regional"))) {
    rows <- among(scope, kinds)
    name <- paste(kinds, collapse = ", ")
    save_numbers("logrank", scope, name, "", "", sizes_of(name, spells$ended[rows]))
    test <- attempt(survdiff(Surv(duration_days, ended) ~ arrangement, spells[rows, ]), paste("log-rank", scope))
    if (is.null(test) || !sum(test$obs)) next
    df <- sum(test$exp > 0) - 1
    save_numbers("logrank", scope, name, "", "", list(statistic = test$chisq, df = df, p = pchisq(test$chisq, df, lower.tail = FALSE)))
  }
}

# ---- Cox -----------------------------------------------------------------------------------------------------------------------------------------------------------

tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
cox_of <- function(rows, x, event = spells$ended[rows], strata = NULL) {
  d <- data.frame(time = spells$duration_days[rows], event = event, theatre = spells$theatre[rows])
  d$x <- x
  if (is.null(strata)) return(coxph(Surv(time, event) ~ x, d, cluster = theatre, control = tight, x = TRUE, y = TRUE))
  d$stratum <- spells[rows, strata]
  coxph(Surv(time, event) ~ x + strata(stratum), d, cluster = theatre, control = tight, x = TRUE, y = TRUE)
}

cox_models_of <- function(scope) {
  for (model in names(MODELS)) {
    used <- cases(scope, model)
    save_numbers("cox", scope, model, used$terms, "", sizes_of(used$terms, spells$ended[used$rows]))
    fit <- if (fits(used)) attempt(cox_of(used$rows, used$x, strata = MODELS[[model]]$strata), paste("Cox", scope, model))
    if (!is.null(fit)) save_numbers("cox", scope, model, colnames(used$x), "", wald(coef(fit), sqrt(diag(fit$var))))
  }
}

# The adjusted model with a gamma frailty shared in a theatre: fits of coxph at given variances of the frailty, whose integrated likelihood is maximised here (the outer loop of
# coxph stops on the change of the likelihood, which is flat there). Limits are those of the profile likelihood, the ratio has half of the tail of chi-square.
frailty_of <- function(scope) {
  used <- cases(scope, "adjusted")
  name <- "shared frailty by theatre"
  terms <- c(used$terms, "variance of the frailty")
  save_numbers("cox", scope, name, terms, "", sizes_of(terms, spells$ended[used$rows]))
  values <- if (fits(used)) attempt(frailty_values(used), paste(scope, name))
  if (is.null(values)) return(invisible())
  save_numbers("cox", scope, name, colnames(used$x), "", values$terms)
  save_numbers("cox", scope, name, "variance of the frailty", "", values$variance)
}
frailty_values <- function(used) {
  d <- data.frame(time = spells$duration_days[used$rows], event = spells$ended[used$rows], theatre = spells$theatre[used$rows])
  d$x <- used$x
  control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 200)
  at <- function(theta) suppressWarnings(coxph(Surv(time, event) ~ x + frailty(theatre, distribution = "gamma", sparse = FALSE, theta = theta), d, control = control))
  likelihood <- function(theta) tryCatch(at(theta)$history[[1]]$c.loglik, error = function(e) -1e10) # coxph stops where a large variance leaves an effect undetermined
  none <- coxph(Surv(time, event) ~ x, d, control = control)
  grid <- c(0.003, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1, 1.5, 2.5, 5, 10)
  first <- which.max(vapply(grid, likelihood, 0))
  best <- optimize(likelihood, c(grid[max(first - 1, 1)], grid[min(first + 1, length(grid))]), maximum = TRUE, tol = 1e-4)$maximum
  if (likelihood(best) <= none$loglik[2] + 1e-9) best <- 0
  for (turn in if (best > 0) 1:2) { # Newton by differences of the fourth order: the place of a maximum is found to half the digits only
    h <- best / 100
    l <- vapply(best + c(-2, -1, 0, 1, 2) * h, likelihood, 0)
    best <- best - h * sum(c(1, -8, 0, 8, -1) * l) / sum(c(-1, 16, -30, 16, -1) * l)
  }
  fit <- if (best > 0) at(best) else none
  top <- if (best > 0) likelihood(best) else none$loglik[2]
  k <- ncol(used$x)
  above <- function(theta) likelihood(theta) - top + qchisq(level, 1) / 2
  low <- if (none$loglik[2] - top + qchisq(level, 1) / 2 >= 0) 0 else uniroot(above, c(1e-3 * best, best), tol = 1e-13)$root
  at_root <- function(root) if (abs(above(root)) < 1e-6) root else NA # not where coxph stopped
  high <- uniroot(above, c(max(best, 1e-6), max(2 * best, 0.05)), extendInt = "downX", tol = 1e-13)$root
  ratio <- 2 * (top - none$loglik[2])
  variance <- list(estimate = best, lower = low, upper = at_root(high), statistic = ratio, p = if (best > 0) pchisq(ratio, 1, lower.tail = FALSE) / 2 else 1)
  list(terms = wald(coef(fit)[1:k], sqrt(diag(fit$var))[1:k]), variance = variance)
}

ph_tests_of <- function(scope) {
  for (model in PLAIN) {
    used <- cases(scope, model)
    d <- data.frame(time = spells$duration_days[used$rows], event = spells$ended[used$rows], theatre = spells$theatre[used$rows])
    factors <- MODELS[[model]]$factors
    single <- unlist(lapply(factors, function(name) if (length(LEVELS[[name]]) > 2) paste0(name, ": ", LEVELS[[name]][-1])))
    names <- c(factors, single, "GLOBAL")
    save_numbers("ph_test", scope, model, names, "", sizes_of(names, d$event))
    if (!fits(used)) next
    groups <- unique(factor_of(colnames(used$x)))
    for (i in seq_along(groups)) d[[paste0("g", i)]] <- used$x[, factor_of(colnames(used$x)) == groups[i], drop = FALSE]
    formula <- as.formula(paste("Surv(time, event) ~", paste0("g", seq_along(groups), collapse = " + ")))
    fit <- attempt(coxph(formula, d, cluster = theatre, control = tight, x = TRUE, y = TRUE), paste("zph", scope, model))
    if (is.null(fit)) next
    whole <- attempt(cox.zph(fit, "km")$table, paste("zph", scope, model))
    apart <- attempt(cox.zph(fit, "km", terms = FALSE)$table, paste("zph", scope, model))
    if (is.null(whole) || is.null(apart)) next
    save_tests(scope, model, groups, whole[seq_along(groups), , drop = FALSE])
    kept <- colnames(used$x) %in% single
    save_tests(scope, model, colnames(used$x)[kept], apart[which(kept), , drop = FALSE])
    save_tests(scope, model, "GLOBAL", whole["GLOBAL", , drop = FALSE])
    if (groups[1] == "arrangement" && whole[1, 3] < 0.05) interaction_of(scope, model, used, list(n = nrow(d), events = sum(d$event)))
  }
}
save_tests <- function(scope, model, names, table) {
  p <- pchisq(table[, 1], table[, 2], lower.tail = FALSE)
  save_numbers("ph_test", scope, model, names, "", list(statistic = table[, 1], df = table[, 2], p = p))
}

# Effects of arrangement before and after two years, and their difference.
interaction_of <- function(scope, model, used, size) {
  terms <- colnames(used$x)
  mine <- factor_of(terms) == "arrangement"
  d <- data.frame(time = spells$duration_days[used$rows], event = spells$ended[used$rows], theatre = spells$theatre[used$rows], row = seq_along(used$rows))
  d <- survSplit(Surv(time, event) ~ ., d, cut = round(2 * YEAR), episode = "part")
  x <- used$x[d$row, , drop = FALSE]
  d$x <- cbind(x[, mine, drop = FALSE] * (d$part == 1), x[, mine, drop = FALSE] * (d$part == 2), x[, !mine, drop = FALSE])
  fit <- attempt(coxph(Surv(tstart, time, event) ~ x, d, cluster = theatre, control = tight), paste("interaction", scope, model))
  if (is.null(fit)) return(invisible())
  k <- sum(mine)
  b <- unname(coef(fit))
  v <- fit$var
  name <- paste0(model, ", time interaction")
  for (i in seq_len(k)) {
    lines <- list(`to two years` = wald(b[i], sqrt(v[i, i])), `after two years` = wald(b[k + i], sqrt(v[k + i, k + i])))
    lines$change <- wald(b[k + i] - b[i], sqrt(v[i, i] + v[k + i, k + i] - 2 * v[i, k + i]))
    for (words in names(lines)) save_numbers("ph_test", scope, name, paste0(terms[mine][i], ", ", words), "", c(size, lines[[words]], list(df = 1)))
  }
}

diagnostics_of <- function(scope) {
  used <- cases(scope, "adjusted")
  fit <- if (fits(used)) attempt(cox_of(used$rows, used$x), paste("residuals", scope))
  if (is.null(fit)) return(invisible())
  id <- spells$spell_id[used$rows]
  event <- spells$ended[used$rows]
  died <- which(event == 1)[order(spells$duration_days[used$rows][event == 1])]
  apart <- as.matrix(residuals(fit, "scaledsch"))
  moved <- as.matrix(residuals(fit, "dfbeta"))
  for (i in which(factor_of(colnames(used$x)) == "arrangement")) {
    term <- colnames(used$x)[i]
    save_numbers("diagnostics", scope, "adjusted / scaled Schoenfeld", term, id[died], list(value = apart[, i], expected = rep(unname(coef(fit)[i]), length(died))))
    save_numbers("diagnostics", scope, "adjusted / dfbeta", term, id, list(value = moved[, i], expected = 0 * moved[, i]))
  }
  cumulative <- unname(event - residuals(fit, "martingale"))
  place <- round(cumulative, 10) # ties but for rounding are ties
  curve <- survfit(Surv(place, event) ~ 1, timefix = FALSE)
  hazard <- cumsum(curve$n.event / curve$n.risk)[match(place, curve$time)]
  save_numbers("diagnostics", scope, "adjusted / Cox-Snell", "", id, list(value = hazard, expected = cumulative))
  save_numbers("diagnostics", scope, "adjusted / deviance", "", id, list(value = unname(residuals(fit, "deviance")), expected = 0 * cumulative))
}

# ---- Accelerated failure time --------------------------------------------------------------------------------------------------------------------------------------

FAMILIES <- c(Weibull = "weibull", `log-logistic` = "loglogistic", `log-normal` = "lognormal")
# Fitted twice, the second time from the first: one more Newton step. A smaller tolerance can make survreg halve its steps until it runs out of iterations.
survival_regression <- function(d, dist) {
  fit <- function(init = NULL) {
    survreg(Surv(time, event) ~ x, d, dist = dist, cluster = theatre, robust = TRUE, init = init, control = survreg.control(rel.tolerance = 1e-12, maxiter = 200))
  }
  first <- fit()
  fit(c(coef(first), log(first$scale)))
}
aft_of <- function(scope) {
  for (model in PLAIN) {
    used <- cases(scope, model)
    d <- data.frame(time = spells$duration_days[used$rows], event = spells$ended[used$rows], theatre = spells$theatre[used$rows])
    d$x <- used$x
    names <- c(used$terms, "Intercept")
    for (family in names(FAMILIES)) {
      name <- paste(model, family, sep = " / ")
      save_numbers("aft", scope, name, names, "", sizes_of(names, d$event))
      if (!fits(used)) next
      fit <- attempt(survival_regression(d, FAMILIES[[family]]), paste("AFT", scope, name))
      if (is.null(fit)) next
      p <- ncol(used$x) + 1
      order <- c(2:p, 1)
      save_numbers("aft", scope, name, names, "", list(scale = rep(fit$scale, length(names)), aic = rep(2 * (p + 1) - 2 * fit$loglik[2], length(names))))
      save_numbers("aft", scope, name, c(colnames(used$x), "Intercept"), "", wald(coef(fit)[order], sqrt(diag(fit$var))[order]))
    }
  }
}

# ---- Ways of ending ------------------------------------------------------------------------------------------------------------------------------------------------

GROUPED <- c(completed = "completed", `handed-over` = "handed-over", renamed = "handed-over", withdrawn = "withdrawn or collapsed", collapsed = "withdrawn or collapsed")
ENDINGS <- c("completed", "handed-over", "withdrawn or collapsed")
way <- ifelse(spells$ended == 1, unname(GROUPED[spells$ended_how]), "censored")
way[is.na(way)] <- "not told"
endings_of <- function(scope) c(ENDINGS, if (any(way[spells[[paste0("scope_", scope)]] == 1] == "not told")) "not told")

incidence_of <- function(scope) {
  names <- endings_of(scope)
  for (kind in LEVELS$arrangement) {
    rows <- among(scope, kind)
    if (!length(rows)) next
    state <- factor(way[rows], c("censored", names))
    fit <- survfit(Surv(spells$duration_days[rows], state) ~ 1, conf.type = "log-log", conf.int = level)
    for (ending in names) {
      column <- match(ending, fit$states)
      counts <- list(n_at_risk = fit$n.risk[, 1], n_event = fit$n.event[, column], n_censored = rowSums(as.matrix(fit$n.censor)))
      curve <- list(survival = fit$pstate[, 1], incidence = fit$pstate[, column], ci_lower = fit$lower[, column], ci_upper = fit$upper[, column])
      save_numbers("cif", scope, kind, ending, fit$time, c(counts, curve))
    }
  }
}

gray_of <- function(scope) {
  for (kinds in list(c("ahc", "un", "regional"), c("ahc", "un"), c("ahc", "regional"))) {
    rows <- among(scope, kinds)
    cause <- match(way[rows], endings_of(scope), nomatch = 0)
    label <- paste(kinds, collapse = ", ")
    names <- endings_of(scope)
    for (i in seq_along(names)) save_numbers("ends", scope, paste0(names[i], " / Gray's test"), label, "", sizes_of(label, as.integer(cause == i)))
    tests <- attempt(cuminc(spells$duration_days[rows], cause, spells$arrangement[rows])$Tests, paste("Gray", scope))
    if (is.null(tests)) next
    for (line in which(tests[, "stat"] >= 0)) { # -1 is the word of cmprsk for none
      values <- list(statistic = tests[line, "stat"], df = tests[line, "df"], p = pchisq(tests[line, "stat"], tests[line, "df"], lower.tail = FALSE))
      save_numbers("ends", scope, paste0(names[as.integer(rownames(tests)[line])], " / Gray's test"), label, "", values)
    }
  }
}

# Influence of every spell on the Fine-Gray score: eta + psi, equations 7 and 8 of Fine and Gray (1999), summed as they stand; clusters sum it (Zhou et al. 2012), which crr does
# not.
influence_of <- function(time, cause, x, of, beta) {
  effect <- exp(drop(x %*% beta))
  lost <- sort(unique(time[cause == 0]))
  ratio <- vapply(lost, function(u) 1 - sum(time == u & cause == 0) / sum(time >= u), 0)
  free <- vapply(time, function(t) prod(ratio[lost < t]), 0) # Kaplan-Meier of the censoring just before t
  at <- which(cause == of)
  weight <- outer(seq_along(time), at, function(i, j) ifelse(time[i] >= time[j], 1, ifelse(cause[i] != of & cause[i] != 0, free[j] / free[i], 0)))
  total <- colSums(weight * effect)
  mean_x <- t(weight * effect) %*% x / total
  eta <- psi <- matrix(0, length(time), ncol(x))
  eta[at, ] <- x[at, , drop = FALSE] - mean_x
  for (j in seq_along(at)) eta <- eta - sweep(x, 2, mean_x[j, ]) * (weight[, j] * effect / total[j])
  for (u in lost) {
    before <- which(time < u & cause != of & cause != 0)
    later <- which(time[at] >= u)
    part <- sweep(weight[before, later, drop = FALSE] * effect[before], 2, total[later], "/")
    q <- drop(rowSums(part) %*% x[before, , drop = FALSE]) - drop(colSums(part) %*% mean_x[later, , drop = FALSE])
    y <- sum(time >= u)
    here <- time == u & cause == 0
    psi[here, ] <- psi[here, ] + rep(q / y, each = sum(here))
    psi[time >= u, ] <- psi[time >= u, ] - rep(q * sum(here) / y^2, each = sum(time >= u))
  }
  eta + psi
}
fine_gray_of <- function(rows, x, cause, number) {
  time <- spells$duration_days[rows]
  fit <- crr(time, cause, x, failcode = number, gtol = 1e-13, maxiter = 50)
  bread <- solve(fit$inf)
  step <- drop(bread %*% fit$score) # what rounding keeps its search from
  if (max(abs(step)) > 1e-6) stop("crr did not converge")
  beta <- fit$coef + step
  influence <- influence_of(time, cause, x, number, beta)
  stopifnot(isTRUE(all.equal(bread %*% crossprod(influence) %*% bread, fit$var, tolerance = 1e-6, check.attributes = FALSE)))
  wald(beta, sqrt(diag(bread %*% crossprod(rowsum(influence, spells$theatre[rows])) %*% bread)))
}

ending_models_of <- function(scope) {
  for (number in seq_along(endings_of(scope))) {
    ending <- endings_of(scope)[number]
    for (model in PLAIN) {
      used <- cases(scope, model)
      terms <- used$terms
      if (fits(used)) used <- without_separated(used$rows, used$x, as.integer(way[used$rows] == ending))
      words <- if (model == "unadjusted") "" else paste0(", ", model)
      hit <- as.integer(way[used$rows] == ending)
      time_model <- paste0(ending, " / cause-specific Cox", words)
      share_model <- paste0(ending, " / Fine-Gray", words)
      for (name in c(time_model, share_model)) save_numbers("ends", scope, name, terms, "", sizes_of(terms, hit))
      if (!fits(used)) next
      fit <- attempt(cox_of(used$rows, used$x, hit), paste(scope, time_model))
      if (!is.null(fit)) save_numbers("ends", scope, time_model, colnames(used$x), "", wald(coef(fit), sqrt(diag(fit$var))))
      values <- attempt(fine_gray_of(used$rows, used$x, match(way[used$rows], endings_of(scope), nomatch = 0), number), paste(scope, share_model))
      if (!is.null(values)) save_numbers("ends", scope, share_model, colnames(used$x), "", values)
    }
  }
}

# ---- Restricted means and shares -----------------------------------------------------------------------------------------------------------------------------------

AGAINST <- list(`ahc minus un` = c("ahc", "un"), `ahc minus regional` = c("ahc", "regional"))
difference_of <- function(rows, kinds, tau) {
  means <- lapply(kinds, function(kind) restricted(rows[spells$arrangement[rows] == kind], round(tau * YEAR)) / YEAR)
  values <- wald(means[[1]][1] - means[[2]][1], sqrt(means[[1]][2]^2 + means[[2]][2]^2))
  size <- list(n = length(rows), events = sum(spells$ended[rows]))
  if (is.na(values$estimate)) return(size)
  c(size, list(mean_group = means[[1]][1], mean_reference = means[[2]][1]), values[names(values) != "statistic"])
}
restricted_means_of <- function(scope) {
  for (term in names(AGAINST)) {
    kinds <- AGAINST[[term]]
    rows <- among(scope, kinds)
    if (!all(kinds %in% spells$arrangement[rows])) {
      for (tau in taus) save_numbers("rmst", scope, "difference", term, paste(tau, 0, sep = " / "), sizes_of(term, spells$ended[rows]))
      next
    }
    for (tau in taus) {
      save_numbers("rmst", scope, "difference", term, paste(tau, 0, sep = " / "), difference_of(rows, kinds, tau))
      for (model in c("without the longest", "without the longest coalitions")) {
        candidates <- if (model == "without the longest") rows else rows[spells$arrangement[rows] == "ahc"]
        of <- spells[candidates, ]
        longest <- candidates[order(-of$duration_days, of$ended, of$arrangement == "ahc", of$spell_id, method = "radix")]
        for (k in seq_len(min(LONGEST, length(longest)))) {
          left <- setdiff(rows, longest[1:k])
          both <- all(kinds %in% spells$arrangement[left])
          save_numbers("rmst", scope, model, term, paste(tau, k, sep = " / "), if (both) difference_of(left, kinds, tau) else sizes_of(term, spells$ended[left]))
        }
      }
    }
    for (tau in CURVE) save_numbers("rmst", scope, "curve", term, paste(tau, 0, sep = " / "), difference_of(rows, kinds, tau))
  }
}

shares_of <- function(scope) {
  for (year in years) {
    days <- round(year * YEAR)
    known <- list()
    for (kind in LEVELS$arrangement) {
      rows <- among(scope, kind)
      values <- list(n = length(rows), n_at_risk = sum(spells$duration_days[rows] >= days))
      at <- if (length(rows)) summary(km(rows), times = days, extend = TRUE)
      if (!is.null(at) && (days <= max(spells$duration_days[rows]) || at$surv <= 0)) {
        known[[kind]] <- c(1 - at$surv, at$std.err)
        values <- c(values, list(estimate = 1 - at$surv, se = at$std.err, lower = 1 - at$upper, upper = 1 - at$lower))
      }
      save_numbers("within", scope, "share", kind, year, values)
    }
    for (term in names(AGAINST)) {
      rows <- among(scope, AGAINST[[term]])
      values <- list(n = length(rows), n_at_risk = sum(spells$duration_days[rows] >= days))
      pair <- known[AGAINST[[term]]]
      if (!any(vapply(pair, is.null, TRUE))) values <- c(values, wald(pair[[1]][1] - pair[[2]][1], sqrt(pair[[1]][2]^2 + pair[[2]][2]^2)))
      save_numbers("within", scope, "difference", term, year, values[names(values) != "statistic"])
    }
  }
}

# ---- All -----------------------------------------------------------------------------------------------------------------------------------------------------------

for (scope in sub("scope_", "", grep("^scope_", names(spells), value = TRUE))) {
  curves_of(scope)
  log_rank_of(scope)
  cox_models_of(scope)
  frailty_of(scope)
  ph_tests_of(scope)
  diagnostics_of(scope)
  aft_of(scope)
  incidence_of(scope)
  gray_of(scope)
  ending_models_of(scope)
  restricted_means_of(scope)
  shares_of(scope)
}
result <- do.call(rbind, found)
result$value <- ifelse(is.na(result$value), "", formatC(result$value, digits = 15, format = "g", width = 1))
write.csv(result, given[2], row.names = FALSE, quote = c(1:6), na = "", fileEncoding = "UTF-8")
message("R ", getRversion(), ", survival ", packageVersion("survival"), ", cmprsk ", packageVersion("cmprsk"))
