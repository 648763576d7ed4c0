# Reference inputs and expected numbers for the Cox regression kernel workflow/coalitions/cox.py.
#
# Made with R 4.2.2 and survival 3.5.3. Run with `Rscript make_reference_cox.R` from any folder: data/cox_* and expected/cox_* beside this script are written anew.
#
# Inputs are columns of data sets that come with survival (LGPL-2 or later) and small samples written out below. Numbers have 15 significant digits; NA stands for a value that R does not give.
# Fits are iterated far beyond R's default tolerance, so that the numbers are those of the maximum.

suppressPackageStartupMessages(library(survival))

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
for (folder in c("data", "expected")) dir.create(file.path(here, folder), showWarnings = FALSE)

write_table <- function(frame, folder, name) {
  text <- as.data.frame(lapply(frame, function(column) {
    if (!is.numeric(column)) return(as.character(column))
    out <- formatC(column, digits = 15, format = "g", width = 1)
    out[is.na(column)] <- NA
    out
  }), check.names = FALSE)
  write.table(text, file.path(here, folder, paste0("cox_", name, ".csv")), sep = ",", row.names = FALSE, quote = FALSE, na = "NA", eol = "\n")
}
save_data <- function(frame, name) {
  stopifnot(nrow(frame) < 400, !anyNA(frame))
  write_table(frame, "data", name)
}
save_expected <- function(rows, name) write_table(if (is.matrix(rows)) as.data.frame(rows) else if (is.data.frame(rows)) rows else do.call(rbind, rows), "expected", name)
dummies <- function(factor) {
  wide <- model.matrix(~factor)[, -1, drop = FALSE]
  colnames(wide) <- sub("^factor", "", colnames(wide))
  wide
}

# ---- Samples: entry, time, event, then covariates, strata and clusters -------------------------------------------------------------------------------------------------

complete <- lung[!is.na(lung$ph.ecog) & !is.na(lung$ph.karno) & !is.na(lung$inst), ]
samples <- list(
  lung = with(complete, data.frame(
    entry = 0, time = time, event = status - 1, age = age, female = sex - 1, ecog = ph.ecog, karno = ph.karno, heavy = round(exp(age / 5)), centre = inst
  )),
  veteran = with(veteran, data.frame(entry = 0, time = time, event = status, treatment = trt - 1, karno = karno, months = diagtime, age = age, prior = prior / 10, cell = as.character(celltype), dummies(celltype))),
  # Stanford heart transplants, in half days (one patient was transplanted and died within a day); left truncated episodes.
  heart = with(heart, data.frame(entry = 2 * start, time = 2 * stop, event = event, age = age, year = year, surgery = surgery, transplant = as.integer(transplant) - 1, id = id)),
  # Monoclonal gammopathy with age as the time scale: early risk sets are small.
  mgus = with(mgus, data.frame(entry = round(age * 365.25), time = round(age * 365.25) + futime, event = death, male = as.integer(sex == "male"), year = dxyr, late = as.integer(dxyr >= 70))),
  # Recurrence and death of the same patients.
  colon = with(colon[1:300, ], data.frame(
    entry = 0, time = time, event = status, lev = as.integer(rx == "Lev"), lev_5fu = as.integer(rx == "Lev+5FU"), male = sex, age = age, nodes4 = node4, kind = etype, id = id
  )),
  kidney = with(kidney, data.frame(entry = 0, time = time, event = status, age = age, female = sex - 1, dummies(disease), id = id)),
  rats = with(rats, data.frame(entry = 0, time = time, event = status, treated = rx, male = as.integer(sex == "m"), litter = litter)),
  # Infections of one patient after the other, in episodes.
  cgd = with(cgd, data.frame(
    entry = tstart, time = tstop, event = status, interferon = as.integer(treat == "rIFN-g"), age = age, steroids = steroids, autosomal = as.integer(inherit == "autosomal"), centre = as.integer(center), id = id
  )),
  bladder = with(bladder2, data.frame(entry = start, time = stop, event = event, thiotepa = rx - 1, number = number, size = size, enum = enum, id = id)),
  # Entry on the day of an event, ties among those that enter, a first risk set of one, a spell that is never compared, one that leaves before the first event.
  awkward = data.frame(
    entry = c(0, 0, 0, 4, 4, 9, 9, 2, 0, 15, 15, 4, 9, 0, 22), time = c(4, 9, 15, 9, 20, 15, 22, 4, 1, 22, 18, 15, 15, 9, 30), event = c(1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0),
    x = c(0.5, -1, 2, 0.3, 1.7, -0.4, 0, 1, 5, 0.9, -2, 0.2, 1.1, -0.7, 3), z = c(1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1), id = c(1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8)
  )
)
for (name in names(samples)) save_data(samples[[name]], name)

# ---- Models --------------------------------------------------------------------------------------------------------------------------------------------------------------

model <- function(sample, terms, ties = "efron", strata = "", cluster = "", offset = "") {
  list(sample = sample, terms = strsplit(terms, " ")[[1]], ties = ties, strata = strata, cluster = cluster, offset = offset)
}
cells <- "smallcell adeno large"
models <- list(
  lung = model("lung", "age female ecog karno"), lung_breslow = model("lung", "age female ecog karno", "breslow"), lung_one = model("lung", "female"),
  lung_strata = model("lung", "age karno", strata = "female"), lung_cluster = model("lung", "age female ecog", cluster = "centre"), lung_heavy = model("lung", "heavy female"),
  veteran = model("veteran", paste("treatment karno months age prior", cells)), veteran_strata = model("veteran", "treatment karno prior", strata = "cell"),
  veteran_breslow = model("veteran", "treatment karno age", "breslow"), veteran_offset = model("veteran", "treatment age", offset = "karno"),
  heart = model("heart", "age year surgery transplant"), heart_breslow = model("heart", "age year surgery transplant", "breslow"), heart_cluster = model("heart", "age year transplant", cluster = "id"),
  heart_strata = model("heart", "age transplant", strata = "surgery", cluster = "id"),
  mgus = model("mgus", "male year"), mgus_strata = model("mgus", "male year", strata = "late"),
  colon = model("colon", "lev lev_5fu male age nodes4", cluster = "id"), colon_strata = model("colon", "lev lev_5fu nodes4", strata = "kind", cluster = "id"),
  colon_breslow = model("colon", "lev lev_5fu nodes4", "breslow", strata = "kind", cluster = "id"),
  kidney = model("kidney", "age female GN AN PKD", cluster = "id"), rats = model("rats", "treated male", cluster = "litter"), rats_strata = model("rats", "treated", strata = "litter"),
  cgd = model("cgd", "interferon age steroids autosomal", cluster = "id"), cgd_breslow = model("cgd", "interferon age", "breslow", strata = "centre", cluster = "id"),
  bladder = model("bladder", "thiotepa number size", cluster = "id"), bladder_strata = model("bladder", "thiotepa number size", strata = "enum", cluster = "id"),
  awkward = model("awkward", "x z"), awkward_breslow = model("awkward", "x z", "breslow"), awkward_cluster = model("awkward", "x z", cluster = "id"), awkward_strata = model("awkward", "x", strata = "z", cluster = "id")
)
with_residuals <- c("lung", "lung_breslow", "lung_strata", "heart", "heart_breslow", "colon_strata", "bladder", "bladder_strata", "awkward", "awkward_breslow", "awkward_strata")
with_baseline <- c("lung", "lung_breslow", "lung_strata", "veteran_strata", "heart", "mgus", "awkward", "awkward_breslow", "bladder_strata", "cgd_breslow")
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 60)

frame_of <- function(m) {
  frame <- samples[[m$sample]]
  frame$stratum <- if (m$strata == "") 0 else frame[[m$strata]]
  frame$unit <- if (m$cluster == "") seq_len(nrow(frame)) else frame[[m$cluster]]
  frame$shift <- if (m$offset == "") 0 else -0.03 * frame[[m$offset]]
  frame
}
fit_of <- function(m, frame = frame_of(m), terms = m$terms) {
  left <- if (all(frame$entry == 0)) "Surv(time, event)" else "Surv(entry, time, event)"
  right <- c(terms, if (m$strata != "") "strata(stratum)", if (m$offset != "") "offset(shift)")
  formula <- as.formula(paste(left, "~", paste(right, collapse = " + ")))
  environment(formula) <- environment()
  # a robust variance by cluster leaves the model-based one in naive.var
  fit <- if (m$cluster == "") coxph(formula, frame, ties = m$ties, control = tight, x = TRUE, y = TRUE)
  else coxph(formula, frame, ties = m$ties, control = tight, cluster = unit, x = TRUE, y = TRUE)
  stopifnot(max(abs(colSums(as.matrix(residuals(fit, "score", weighted = FALSE)) %*% (if (is.null(fit$naive.var)) fit$var else fit$naive.var)))) < 1e-9)
  fit
}

overall <- list()
coefficients <- list()
zph <- list()
baselines <- list()
for (name in names(models)) {
  m <- models[[name]]
  frame <- frame_of(m)
  fit <- fit_of(m, frame)
  naive <- if (is.null(fit$naive.var)) fit$var else fit$naive.var
  overall[[name]] <- data.frame(
    model = name, sample = m$sample, ties = m$ties, strata = m$strata, cluster = m$cluster, offset = m$offset, n = fit$n, events = fit$nevent,
    loglik_null = fit$loglik[1], loglik = fit$loglik[2], lr = 2 * diff(fit$loglik), wald = fit$wald.test, score = fit$score, robust_score = if (is.null(fit$rscore)) NA else fit$rscore,
    concordant = fit$concordance[["concordant"]], discordant = fit$concordance[["discordant"]], tied_risk = fit$concordance[["tied.x"]], concordance = fit$concordance[["concordance"]]
  )
  coefficients[[name]] <- data.frame(model = name, term = m$terms, estimate = unname(coef(fit)), naive_se = sqrt(diag(naive)), se = sqrt(diag(fit$var)))
  for (transform in c("km", "identity", "rank", "log")) {
    table <- tryCatch(cox.zph(fit, transform = transform, terms = FALSE)$table, error = function(e) NULL) # times in half days or of age can be too large for R's solve()
    if (is.null(table)) next
    zph[[paste(name, transform)]] <- data.frame(model = name, transform = transform, term = rownames(table), statistic = table[, 1], df = table[, 2], p = table[, 3])
  }
  if (name %in% with_baseline) {
    hazard <- basehaz(fit, centered = FALSE)
    curve <- survfit(fit, se.fit = FALSE)
    baselines[[name]] <- data.frame(
      model = name, stratum = if (is.null(hazard$strata)) "" else sub("^.*=", "", as.character(hazard$strata)), time_days = hazard$time, n_at_risk = curve$n.risk, n_event = curve$n.event,
      cumulative_hazard = hazard$hazard
    )
  }
  if (name %in% with_residuals) {
    wide <- function(kind) {
      values <- as.matrix(residuals(fit, kind, weighted = FALSE))
      if (ncol(values) == 1) matrix(values, dimnames = list(NULL, m$terms)) else values
    }
    columns <- data.frame(martingale = unname(residuals(fit, "martingale")), deviance = unname(residuals(fit, "deviance")))
    for (kind in c("score", "dfbeta", "dfbetas")) {
      values <- wide(kind)
      colnames(values) <- paste(kind, m$terms, sep = ".")
      columns <- cbind(columns, values)
    }
    save_expected(columns, paste0("residuals_", name))
    events <- list(schoenfeld = wide("schoenfeld"), scaled_schoenfeld = wide("scaledsch"))
    for (kind in names(events)) colnames(events[[kind]]) <- paste(kind, m$terms, sep = ".")
    save_expected(do.call(cbind, unname(events)), paste0("events_", name))
  }
}
save_expected(overall, "models")
save_expected(coefficients, "coefficients")
save_expected(baselines, "baseline")

# Factors tested as a whole.
v <- coxph(Surv(time, event) ~ treatment + karno + cell, transform(samples$veteran, cell = factor(cell, levels(veteran$celltype))), control = tight)
for (transform in c("km", "log")) {
  table <- cox.zph(v, transform = transform)$table
  zph[[paste("factor", transform)]] <- data.frame(model = "veteran_factor", transform = transform, term = rownames(table), statistic = table[, 1], df = table[, 2], p = table[, 3])
}
save_expected(zph, "zph")

# ---- Effects that change with time ---------------------------------------------------------------------------------------------------------------------------------------

changing <- list()
keep <- function(name, fit) changing[[name]] <<- data.frame(model = name, term = names(coef(fit)), estimate = unname(coef(fit)), se = sqrt(diag(fit$var)), loglik = fit$loglik[2])
keep("veteran_log", coxph(Surv(time, event) ~ treatment + karno + tt(karno), samples$veteran, tt = function(x, t, ...) x * log(t + 20), ties = "efron", control = tight))
pieces <- survSplit(Surv(time, event) ~ treatment + karno, samples$veteran, cut = c(60, 180), episode = "interval", start = "from")
pieces$moved <- pieces$karno * c(0, 60, 180)[pieces$interval]
keep("veteran_cuts", coxph(Surv(from, time, event) ~ treatment + karno + moved, pieces, control = tight))
save_data(pieces[, c("from", "time", "event", "interval", "karno")], "veteran_pieces")
heart_days <- samples$heart
ends <- sort(unique(heart_days$time[heart_days$event == 1]))
cut <- survSplit(Surv(entry, time, event) ~ ., heart_days, cut = ends, start = "entry", end = "time", event = "event")
cut$moved <- cut$age * sqrt(cut$time)
keep("heart_sqrt", coxph(Surv(entry, time, event) ~ age + transplant + moved, cut, cluster = id, control = tight))
save_expected(changing, "changing")

# ---- Monotone likelihoods ------------------------------------------------------------------------------------------------------------------------------------------------
# What R says about them is kept; the kernel refuses them.

base <- data.frame(entry = 0, time = c(3, 5, 5, 8, 11, 14, 20, 21, 25, 30, 31, 40), event = c(1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0), x = c(1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1))
separated <- rbind(
  cbind(base, sample = "no_event_in_a_group", z = c(0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0), w = 0),
  cbind(base, sample = "ordered", z = 12:1, w = 0),
  cbind(base, sample = "all_reference_survive", z = c(1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0), w = c(0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0)), # the reference category has no event: both dummies drift
  # the later entrants' extreme value is not at risk with the others
  cbind(transform(base, entry = c(0, 0, 0, 0, 0, 0, 0, 20, 20, 20, 20, 20)), sample = "with_entry", z = c(7, 6, 6, 1, 5, 4, 0, 99, 98, 7, 97, 3), w = 0),
  cbind(base, sample = "fine", z = c(0, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0), w = 0)
)
save_data(separated, "separated")
warned <- list()
for (name in unique(separated$sample)) {
  s <- separated[separated$sample == name, ]
  text <- ""
  formula <- if (any(s$w != 0)) Surv(entry, time, event) ~ x + z + w else Surv(entry, time, event) ~ x + z
  fit <- withCallingHandlers(coxph(formula, s), warning = function(w) {
    text <<- conditionMessage(w)
    invokeRestart("muffleWarning")
  })
  warned[[name]] <- data.frame(sample = name, warned = as.integer(text != ""), text = gsub(",", ";", text), z = coef(fit)[["z"]])
}
save_expected(warned, "separated")
