# Reference inputs and expected numbers for the panel regression kernel workflow/coalitions/fixedeffects.py.
#
# Made with R 4.2.2 and sandwich 3.0.2. Run with `Rscript make_reference_panel.R` from any folder: data/panel_* and expected/panel_* beside this script are written anew.
#
# Inputs are columns of data sets that come with R (GPL-2 or later). Models are `lm` with a dummy for every unit and period; the variance is sandwich::vcovCL(type = "HC1", cadjust = TRUE),
# and beside it the formula written out. Numbers have 15 significant digits.

suppressPackageStartupMessages(library(sandwich))

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
write_table <- function(frame, folder, name) {
  text <- as.data.frame(lapply(frame, function(column) if (is.numeric(column)) formatC(column, digits = 15, format = "g", width = 1) else as.character(column)), check.names = FALSE)
  write.table(text, file.path(here, folder, paste0("panel_", name, ".csv")), sep = ",", row.names = FALSE, quote = FALSE, eol = "\n")
}

# Weight of chickens by age and diet (ChickWeight): unbalanced, as some chickens die. The term is a diet that is switched in the middle, so that it varies within units.
chick <- as.data.frame(ChickWeight)
chick <- data.frame(y = chick$weight, unit = as.integer(as.character(chick$Chick)), period = as.integer(chick$Time), x = (as.integer(chick$Diet) - 2) * (chick$Time > 10), z = chick$Time^2 * as.integer(chick$Diet))
chick <- chick[chick$unit <= 30, ]
# Orange trees and loblolly pines by age: balanced, few units.
orange <- as.data.frame(Orange)
orange <- data.frame(y = orange$circumference, unit = as.integer(as.character(orange$Tree)), period = as.integer(orange$age), x = as.integer(orange$Tree) * log(orange$age), z = (orange$age > 800) * (as.integer(orange$Tree) %% 2))
pine <- as.data.frame(Loblolly)
pine <- data.frame(y = pine$height, unit = as.integer(as.character(pine$Seed)), period = as.integer(pine$age), x = as.integer(pine$Seed) * pine$age, z = sqrt(pine$age) * (as.integer(pine$Seed) %% 3))

rows <- list()
for (name in c("chick", "orange", "pine")) {
  frame <- get(name)
  stopifnot(nrow(frame) < 400, !anyNA(frame))
  write_table(frame, "data", name)
  for (effects in c("unit", "unit+period")) {
    model <- lm(if (effects == "unit") y ~ x + z + factor(unit) else y ~ x + z + factor(unit) + factor(period), data = frame)
    cov <- vcovCL(model, cluster = frame$unit, type = "HC1", cadjust = TRUE)
    # The same written out.
    design <- model.matrix(model)
    bread <- solve(crossprod(design))
    sums <- rowsum(design * residuals(model), frame$unit)
    g <- nrow(sums); n <- nrow(design); k <- ncol(design)
    plain <- g / (g - 1) * (n - 1) / (n - k) * bread %*% crossprod(sums) %*% bread
    stopifnot(all.equal(unname(cov[2:3, 2:3]), unname(plain[2:3, 2:3]), tolerance = 1e-8))
    test <- coef(model)[2:3] %*% solve(cov[2:3, 2:3]) %*% coef(model)[2:3] / 2
    rows[[length(rows) + 1]] <- data.frame(
      data = name, effects = effects, x = coef(model)[["x"]], z = coef(model)[["z"]], var_x = cov["x", "x"], var_z = cov["z", "z"], cov_xz = cov["x", "z"],
      n = n, rank = k, clusters = g, p_x = 2 * pt(-abs(coef(model)[["x"]]) / sqrt(cov["x", "x"]), g - 1), f = test[1], p_f = pf(test[1], 2, g - 1, lower.tail = FALSE)
    )
  }
}
write_table(do.call(rbind, rows), "expected", "models")
