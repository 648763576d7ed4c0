# Expected numbers for the small kernels of workflow/coalitions/overlap.py.
#
# Made with R 4.2.2 (stats only). Run with `Rscript make_reference_overlap.R` from any folder: expected/overlap_*.csv beside this script are written anew.
# Numbers have 15 significant digits.

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
write_table <- function(frame, name) {
  text <- as.data.frame(lapply(frame, function(column) formatC(column, digits = 15, format = "g", width = 1)))
  write.table(text, file.path(here, "expected", paste0(name, ".csv")), sep = ",", quote = FALSE, row.names = FALSE)
}

# Shared members of two random draws of navies.
cases <- list(c(68, 13, 7), c(11, 4, 3), c(9, 9, 2), c(150, 40, 60), c(12, 8, 7))
write_table(do.call(rbind, lapply(cases, function(k) {
  shared <- max(0, k[2] + k[3] - k[1]):min(k[2], k[3])
  data.frame(pool = k[1], one = k[2], other = k[3], shared = shared, mass = dhyper(shared, k[2], k[1] - k[2], k[3]))
})), "overlap_hypergeometric")

# Wilson limits (score test without correction) and the exact sign test.
splits <- rbind(c(0, 5), c(3, 9), c(9, 10), c(11, 22), c(19, 22), c(22, 22), c(140, 301))
write_table(do.call(rbind, apply(splits, 1, function(s) {
  limits <- suppressWarnings(prop.test(s[1], s[2], correct = FALSE))$conf.int
  data.frame(k = s[1], n = s[2], lower = limits[1], upper = limits[2], p = binom.test(s[1], s[2])$p.value)
})), "overlap_shares")

# Expected number of shared members if both sides are drawn one after another in proportion to weights: the sum of squared inclusion probabilities, by enumeration.
weights <- c(5, 4, 2, 1, 1, 1)
chance <- function(order) { left <- sum(weights); p <- 1; for (i in order) { p <- p * weights[i] / left; left <- left - weights[i] }; p }
included <- function(size) {
  orders <- as.matrix(expand.grid(rep(list(seq_along(weights)), size)))
  orders <- orders[apply(orders, 1, function(o) !anyDuplicated(o)), , drop = FALSE]
  p <- apply(orders, 1, chance)
  sapply(seq_along(weights), function(i) sum(p[apply(orders == i, 1, any)]))
}
write_table(data.frame(one = 3, other = 2, expected = sum(included(3) * included(2))), "overlap_weighted")
