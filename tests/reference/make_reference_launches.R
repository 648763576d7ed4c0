# Reference numbers for shares, steps of rates, slopes and breaks: proportions.py, launches.py, estimands_launches.py and structural.py in workflow/coalitions.
#
# Made with R 4.2.2, sandwich 3.0.2 and strucchange 1.5.3. Run with `Rscript make_reference_launches.R` from any folder: expected/launch_*.csv beside this script are written anew.
# Inputs are small samples written out below and data sets of R (datasets: Nile, discoveries). Numbers have 15 significant digits.

suppressPackageStartupMessages({
  library(sandwich)
  library(strucchange)
})
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
save <- function(frame, name) {
  text <- as.data.frame(lapply(frame, function(column) if (is.numeric(column)) formatC(column, digits = 15, format = "g", width = 1) else column))
  write.table(text, file.path(here, "expected", paste0(name, ".csv")), sep = ",", row.names = FALSE, quote = FALSE, eol = "\n")
}

# Shares: Wilson's limits (prop.test without continuity correction), Newcombe's from them, Agresti and Caffo's, Fisher's exact p, and the score p (chi-square without correction).
cases <- data.frame(x1 = c(56, 9, 6, 5, 0, 62, 3, 10), n1 = c(70, 10, 7, 56, 10, 216, 40, 10), x2 = c(48, 3, 2, 0, 0, 34, 20, 2), n2 = c(80, 10, 7, 29, 12, 66, 40, 20))
rows <- lapply(seq_len(nrow(cases)), function(i) with(cases[i, ], {
  w1 <- suppressWarnings(prop.test(x1, n1, correct = FALSE)$conf.int)
  w2 <- suppressWarnings(prop.test(x2, n2, correct = FALSE)$conf.int)
  p1 <- x1 / n1; p2 <- x2 / n2; d <- p2 - p1
  a1 <- (x1 + 1) / (n1 + 2); a2 <- (x2 + 1) / (n2 + 2)
  half <- qnorm(0.975) * sqrt(a1 * (1 - a1) / (n1 + 2) + a2 * (1 - a2) / (n2 + 2))
  score <- suppressWarnings(prop.test(c(x1, x2), c(n1, n2), correct = FALSE)$p.value)
  data.frame(x1, n1, x2, n2, w1_lower = w1[1], w1_upper = w1[2], lower = d - sqrt((p2 - w2[1])^2 + (w1[2] - p1)^2), upper = d + sqrt((w2[2] - p2)^2 + (p1 - w1[1])^2),
             caffo_lower = a2 - a1 - half, caffo_upper = a2 - a1 + half, p = ifelse(is.nan(score), 1, score), fisher_p = fisher.test(matrix(c(x1, n1 - x1, x2, n2 - x2), 2))$p.value)
}))
save(do.call(rbind, rows), "launch_shares")

# Steps: Poisson regression on a dummy, and on type x period with the influences summed by year, Newey-West without prewhitening or correction.
one <- as.numeric(discoveries)
set.seed(8)
other <- rpois(length(one), 2)
years <- seq_along(one)
after <- as.numeric(years > 60)
exposure <- rep(1, length(one)); exposure[length(one)] <- 0.5
fit <- glm(one ~ after + offset(log(exposure)), family = poisson, control = list(epsilon = 1e-14))
se <- sqrt(NeweyWest(fit, lag = 4, prewhite = FALSE, adjust = FALSE)["after", "after"])
both <- data.frame(y = c(one, other), type = rep(c(1, 0), each = length(one)), after = rep(after, 2), exposure = rep(exposure, 2))
pair <- glm(y ~ type * after + offset(log(exposure)), family = poisson, data = both, control = list(epsilon = 1e-14))
scores <- estfun(pair)
summed <- scores[both$type == 1, ] + scores[both$type == 0, ]
meat <- crossprod(summed)
for (k in 1:4) {
  lagged <- crossprod(summed[-seq_len(k), ], summed[seq_len(nrow(summed) - k), ])
  meat <- meat + (1 - k / 5) * (lagged + t(lagged))
}
covariance <- vcov(pair) %*% meat %*% vcov(pair)
save(data.frame(model = c("one", "both"), estimate = c(coef(fit)["after"], coef(pair)["type:after"]), se = c(se, sqrt(covariance[4, 4]))), "launch_steps")
save(data.frame(one, other, after, exposure), "launch_series")

# Slope of a short series with Newey-West errors.
y <- c(16, 16, 16, 15, 14, 14, 13, 12, 12, 12, 11, 11)
x <- seq_along(y)
line <- lm(y ~ x)
save(data.frame(slope = coef(line)["x"], se = sqrt(NeweyWest(line, lag = 2, prewhite = FALSE, adjust = FALSE)["x", "x"])), "launch_slope")

# The largest F of a change in mean (15 per cent trimming) with Hansen's p, and rate ratios with exact limits.
searched <- list(nile = as.numeric(Nile), discoveries = one, twenty = c(0, 1, 0, 2, 1, 0, 0, 3, 1, 0, 2, 4, 3, 5, 2, 3, 4, 1, 6, 3))
found <- lapply(names(searched), function(name) {
  series <- searched[[name]]
  test <- sctest(Fstats(series ~ 1, from = 0.15))
  data.frame(series = name, statistic = test$statistic, p = test$p.value, before = Fstats(series ~ 1, from = 0.15)$breakpoint, values = paste(series, collapse = " "))
})
save(do.call(rbind, found), "launch_breaks")
ratios <- data.frame(before = c(47, 3, 12), years_before = c(364.5, 10, 180), after = c(6, 9, 30), years_after = c(167.25, 8, 171.5))
limits <- t(sapply(seq_len(nrow(ratios)), function(i) with(ratios[i, ], {
  test <- poisson.test(c(after, before), c(years_after, years_before))
  tails <- sapply(c("less", "greater"), function(side) poisson.test(c(after, before), c(years_after, years_before), alternative = side)$p.value)
  c(test$estimate, test$conf.int, min(1, 2 * min(tails)))
})))
save(cbind(ratios, setNames(as.data.frame(limits), c("ratio", "lower", "upper", "p"))), "launch_ratios")
