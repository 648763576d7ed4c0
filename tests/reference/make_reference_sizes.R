# Reference numbers for two samples of sizes, workflow/coalitions/sizes.py.
#
# Made with R 4.2.2. Run with `Rscript make_reference_sizes.R` from any folder: expected/sizes_*.csv beside this script are written anew. Numbers have 15 significant digits.
#
# `wilcox`: wilcox.test, exact without ties below fifty, else with correction for ties and continuity. Its asymptotic limits come from a search for a root; sizes.py takes order
# statistics as for the exact ones, so that only p and U are compared there, and the exact estimate and limits.
# `medians`: the distribution of the median of a resample, from all resamples.

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
save_expected <- function(frame, name) {
  text <- as.data.frame(lapply(frame, function(column) if (is.numeric(column)) formatC(column, digits = 15, format = "g", width = 1) else column))
  write.table(text, file.path(here, "expected", paste0("sizes_", name, ".csv")), sep = ",", row.names = FALSE, quote = FALSE, na = "NA", eol = "\n")
}

samples <- list(
  small = list(c(3, 8, 21, 40), c(2, 5, 7, 9, 11)), equal = list(c(1.5, 4.2, 6.1, 9.9, 12.4, 15), c(2, 3.1, 7.7, 8.8, 20, 31)),
  wide = list(seq(1, 90, by = 2.5), sqrt(2) * (1:30)), ties = list(c(2, 3, 3, 3, 5, 8, 8, 12), c(3, 5, 5, 9, 14, 23, 23, 40, 51)),
  many = list(rep(c(2, 3, 4, 5, 6, 9, 15), c(10, 20, 18, 9, 6, 4, 2)), rep(c(3, 5, 8, 13, 23, 30, 52), c(4, 6, 8, 12, 11, 9, 3))), apart = list(1:6, 11:18)
)
rows <- lapply(names(samples), function(name) {
  x <- samples[[name]][[1]]
  y <- samples[[name]][[2]]
  test <- suppressWarnings(wilcox.test(x, y, conf.int = TRUE))
  exact <- max(length(x), length(y)) < 50 && !anyDuplicated(c(x, y))
  data.frame(name = name, one = paste(format(x, digits = 17, trim = TRUE), collapse = "+"), other = paste(format(y, digits = 17, trim = TRUE), collapse = "+"),
    method = ifelse(exact, "exact", "asymptotic"), u = unname(test$statistic), p = test$p.value, estimate = unname(test$estimate), lower = test$conf.int[1], upper = test$conf.int[2])
})
save_expected(do.call(rbind, rows), "wilcox")

resampled <- list(odd = c(2, 3, 3, 7, 11), even = c(2, 3, 3, 5, 9, 14), two = c(4, 10), alike = c(5, 5, 5, 5))
rows <- lapply(names(resampled), function(name) {
  x <- resampled[[name]]
  medians <- apply(expand.grid(rep(list(x), length(x))), 1, median)
  counts <- table(medians)
  data.frame(name = name, sample = paste(x, collapse = "+"), value = as.numeric(names(counts)), mass = as.numeric(counts) / length(medians))
})
save_expected(do.call(rbind, rows), "medians")
