# Reference numbers for what drives a multiverse, workflow/coalitions/spread.py.
#
# Made with R 4.2.2, MASS 7.3.58.2. Run with `Rscript make_reference_spread.R` from any folder: data/spread_* and expected/spread_* beside this script are written anew. Numbers have 15
# significant digits.
#
# `shares`: the variance of log(days + 1) of MASS::quine (GPL-2 or GPL-3; unbalanced, two cells are empty) by four factors: sequential sums of squares of anova(lm), averaged over all
# orders of the factors (Lindeman, Merenda and Gold 1980); a second set without the boys of the first form, and a balanced one (datasets::warpbreaks), where every order gives the same.
# `benjamini_hochberg`: p.adjust(p, "BH").

suppressPackageStartupMessages(library(MASS))

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
save <- function(frame, folder, name) {
  text <- as.data.frame(lapply(frame, function(column) if (is.numeric(column)) formatC(column, digits = 15, format = "g", width = 1) else as.character(column)))
  text[] <- lapply(text, trimws)
  write.table(text, file.path(here, folder, paste0("spread_", name, ".csv")), sep = ",", row.names = FALSE, quote = FALSE, na = "NA", eol = "\n")
}

orders <- function(x) if (length(x) < 2) list(x) else unlist(lapply(seq_along(x), function(i) lapply(orders(x[-i]), function(rest) c(x[i], rest))), recursive = FALSE)
shares <- function(name, frame, terms) {
  sums <- rowMeans(sapply(orders(terms), function(order) {
    table <- anova(lm(reformulate(order, "theta"), data = frame))
    table[terms, "Sum Sq"]
  }))
  total <- sum((frame$theta - mean(frame$theta))^2)
  data.frame(set = name, dimension = c(terms, "interactions"), share = c(sums, total - sum(sums)) / total)
}

factors <- c("Eth", "Sex", "Age", "Lrn")
quine <- data.frame(theta = log(quine$Days + 1), lapply(quine[factors], as.character))
fewer <- subset(quine, !(Sex == "M" & Age == "F1"))
breaks <- data.frame(theta = warpbreaks$breaks, wool = as.character(warpbreaks$wool), tension = as.character(warpbreaks$tension))
save(quine, "data", "quine")
save(breaks, "data", "warpbreaks")
save(rbind(shares("quine", quine, factors), shares("fewer", fewer, factors), shares("warpbreaks", breaks, c("wool", "tension"))), "expected", "shares")

p_sets <- list(
  plain = c(0.01, 0.04, 0.03, 0.005), tied = c(0.02, 0.02, 0.02, 0.5, 0.001), capped = c(0.9, 0.4, 0.6), tiny = c(1e-18, 3e-7, 0.2, 0, 1), one = 0.03, missing = c(0.03, NA, 0.01, NA, 0.2),
  many = c(0.049, 0.012, 0.3, 0.0004, 0.77, 0.051, 0.012, 0.0089, 0.26, 0.93, 1e-5, 0.031)
)
save(do.call(rbind, lapply(names(p_sets), function(name) data.frame(set = name, p = p_sets[[name]], adjusted = p.adjust(p_sets[[name]], "BH")))), "expected", "benjamini_hochberg")
