"""Cox regression on integer days: Newton, Efron or Breslow ties, (entry, time] risk sets, strata, clustered variance, score test of proportional hazards.

Written out because the libraries are wrong or slow where this project needs them (entries at event times, robust variance under Efron, no full score test, separation
reported as a coefficient of 28); R's `survival` arbitrates in `tests/reference`. Conventions, said aloud:

- time is an integer number of days at the exit from observation, `event` 1 (ended) or 0 (censored), `entry` the day of entry, 0 if absent; at risk on (entry, time];
- ties are Efron's (1977) unless Breslow's (1974) are asked for; a missing value is refused, never dropped; rows are matched by position, not by index;
- covariates are centred and scaled inside; everything that is returned is on the scale of the design;
- coefficients are log hazard ratios; the robust variance is that of Lin and Wei (1989), the sum over clusters of squared dfbeta, without small-sample correction;
- a likelihood without a finite maximum (monotone, "separation") gives `NotEstimable` that names the covariates, not a large number.

How it computes. Distinct event times of all strata are numbered 0, 1, ... stratum after stratum. A row is at risk at the numbers from its `first` up to but without its `last`,
so a sum over a risk set is a reversed cumulative sum over rows by `last`, begun anew in each stratum, less one over late entrants by `first`. That difference loses digits where
risk sets are tiny beside what has not yet entered: then the same sums are taken over a binary tree of intervals, without any subtraction. The expected number of events w of a
row is its risk times the hazard over its numbers; the gradient is X'(event - w), and the information X' diag(w) X less the products of the risk-set means: no second moments by
event time are needed.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr, ndtri

from coalitions.survival import NotEstimable, SurvivalInputError, check_times, kaplan_meier

EVENTS_PER_PARAMETER = 10.0  # below this a model carries a warning (Peduzzi et al. 1995)
REFUSED_EVENTS_PER_PARAMETER = 1.0  # below this it is not fitted
MAX_ITERATIONS = 50
MAX_EPISODES = 50_000_000
_LOST = 1e6  # sums that are, over the events, so many times smaller than what is subtracted from them are taken again without subtraction
_ONE_BY_ONE = 2000  # up to so many strata cumulative sums are taken stratum by stratum
_FLAT = 1e-10  # information, relative to that of an independent covariate, that counts as none
_TRANSFORMS = ("km", "identity", "rank", "log")
_RESIDUALS = ("martingale", "deviance", "schoenfeld", "scaled_schoenfeld", "score", "dfbeta", "dfbetas")


# ---- Risk sets -----------------------------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prepared:
    """Spells with their risk sets, for any number of fits: see `prepare`. Arrays are in the order of exit; `order` holds the positions of the input."""

    time: np.ndarray
    event: np.ndarray
    entry: np.ndarray
    order: np.ndarray
    first: np.ndarray  # number of the first event time at risk
    last: np.ndarray  # number after the last one
    starts: np.ndarray  # by event time: the first row that leaves there
    deaths: np.ndarray  # rows with an event
    ties: np.ndarray  # by event time: number of events
    event_time: np.ndarray  # by event time: the day
    bounds: np.ndarray  # by stratum: number of its first event time, and the number of all
    stratum: np.ndarray  # by row: code of the stratum
    strata: list | None  # labels
    cluster: np.ndarray | None  # by row: code of the cluster
    _trees: dict = field(default_factory=dict, repr=False, compare=False)

    @property
    def n(self) -> int:
        """Number of spells."""
        return len(self.time)

    @property
    def events(self) -> int:
        """Number of events."""
        return len(self.deaths)

    @cached_property
    def late(self) -> np.ndarray:
        """Rows that are not at risk from the first number of their stratum on."""
        if self.strata is None:
            return np.flatnonzero(self.first)
        return np.flatnonzero((self.first > self.bounds[self.stratum]) & (self.last > self.first))

    @cached_property
    def late_first(self) -> np.ndarray:
        """Their first numbers."""
        return self.first[self.late]

    @cached_property
    def ever(self) -> np.ndarray | None:
        """Rows that are at risk at some event; None if all are."""
        inside = self.last > self.first
        return None if inside.all() else inside

    @cached_property
    def tie_starts(self) -> np.ndarray:
        """By event time: position of its first event among the events."""
        return np.cumsum(self.ties) - self.ties

    @cached_property
    def share(self) -> np.ndarray:
        """By event: the share of the tied risk that Efron takes out, 0, 1/d, ..., (d - 1)/d."""
        return (np.arange(self.events) - np.repeat(self.tie_starts, self.ties)) / np.repeat(self.ties, self.ties)

    @cached_property
    def tied(self) -> bool:
        """Whether two events share a day and a stratum."""
        return bool((self.ties > 1).any())

    def running(self, values: np.ndarray) -> np.ndarray:
        """Cumulative sums over event times (last axis), begun anew in each stratum; no stratum is subtracted from another."""
        if self.strata is None:
            return np.cumsum(values, axis=-1)
        out = np.array(values, dtype=float)
        if len(self.bounds) <= _ONE_BY_ONE:
            for i, j in pairwise(self.bounds.tolist()):
                np.cumsum(values[..., i:j], axis=-1, out=out[..., i:j])
            return out
        begin = np.repeat(self.bounds[:-1], np.diff(self.bounds))
        step, longest, number = 1, int(np.diff(self.bounds).max()), np.arange(len(begin))
        while step < longest:
            out[..., step:] += np.where(number[:-step] >= begin[step:], out[..., :-step], 0)
            step *= 2
        return out

    def remaining(self, values: np.ndarray) -> np.ndarray:
        """The same from the end of each stratum backwards."""
        if self.strata is None:
            return values[..., ::-1].cumsum(axis=-1)[..., ::-1]
        return self._backwards.running(values[..., ::-1])[..., ::-1]

    @cached_property
    def _backwards(self) -> "Prepared":
        return replace(self, bounds=self.bounds[-1] - self.bounds[::-1])

    @property
    def tree(self) -> tuple[int, np.ndarray, np.ndarray]:
        """Number of leaves, and rows with the nodes of the binary tree that make up their numbers at risk."""
        if "tree" not in self._trees:
            size = 1 << max(0, len(self.ties) - 1).bit_length()
            left, right, row = self.first + size, self.last + size, np.arange(self.n)
            rows, nodes = [], []
            while len(row):
                inside = left < right
                left, right, row = left[inside], right[inside], row[inside]
                odd = (left & 1) == 1
                rows.append(row[odd])
                nodes.append(left[odd])
                left = left + odd
                odd = (right & 1) == 1
                right = right - odd
                rows.append(row[odd])
                nodes.append(right[odd])
                left, right = left >> 1, right >> 1
            self._trees["tree"] = size, np.concatenate(rows), np.concatenate(nodes)
        return self._trees["tree"]

    def at_risk_sum(self, values: np.ndarray, scale: np.ndarray, careful: bool) -> tuple[np.ndarray, bool]:
        """By event time: sums of `scale` and of `scale` times each line of `values` over the risk set, and whether `careful` sums are needed for them."""
        k = len(self.ties)
        if careful:
            return np.stack([self._tree_sum(scale), *(self._tree_sum(scale * line) for line in values)]), True
        if values.size > 200_000:  # line by line, in the cache
            left = np.empty((len(values) + 1, k))
            product = np.empty(self.n)
            left[0] = np.add.reduceat(scale, self.starts)
            for j, line in enumerate(values, start=1):
                np.add.reduceat(np.multiply(scale, line, out=product), self.starts, out=left[j])
        else:
            left = np.add.reduceat(np.concatenate((scale[None], scale * values)), self.starts, axis=1)
        sums = self.remaining(left)
        if not len(self.late):
            return sums, False
        entering, risk = self.late_first, scale[self.late]
        to_come = np.empty_like(sums)
        to_come[0] = np.bincount(entering, risk, k + 1)[1:]
        for j, line in enumerate(values, start=1):
            to_come[j] = np.bincount(entering, risk * line[self.late], k + 1)[1:]
        to_come = self.remaining(to_come)
        sums = sums - to_come
        if not (sums[0].min() > 0 and self.ties @ (to_come[0] / sums[0]) < _LOST * self.events):
            return self.at_risk_sum(values, scale, True)
        return sums, False

    def between(self, values: np.ndarray, careful: bool) -> np.ndarray:
        """By row: sums over the event times at which it is at risk of a quantity by event time."""
        if careful:
            size, rows, nodes = self.tree
            tree = np.zeros(2 * size)
            tree[size : size + len(values)] = values
            width = size
            while width > 1:
                tree[width // 2 : width] = tree[width : 2 * width : 2] + tree[width + 1 : 2 * width : 2]
                width //= 2
            return np.bincount(rows, tree[nodes], self.n)
        running = np.concatenate(([0.0], self.running(values)))
        sums = running[self.last]
        if len(self.late):
            sums[self.late] -= running[self.late_first]
        return sums

    def _tree_sum(self, values: np.ndarray) -> np.ndarray:
        size, rows, nodes = self.tree
        tree = np.bincount(nodes, values[rows], 2 * size)
        width = 1
        while width < size:
            tree[2 * width : 4 * width] += np.repeat(tree[width : 2 * width], 2)
            width *= 2
        return tree[size : size + len(self.ties)]

    def at_risk_max(self, values: np.ndarray) -> np.ndarray:
        """By event time: the largest value in the risk set."""
        if self.strata is None and not len(self.late):
            return np.maximum.accumulate(np.maximum.reduceat(values, self.starts)[::-1])[::-1]
        size, rows, nodes = self.tree
        tree = np.full(2 * size, -np.inf)
        np.maximum.at(tree, nodes, values[rows])
        width = 1
        while width < size:
            tree[2 * width : 4 * width] = np.maximum(tree[2 * width : 4 * width], np.repeat(tree[width : 2 * width], 2))
            width *= 2
        return tree[size : size + len(self.ties)]

    def always_largest(self, values: np.ndarray) -> bool:
        """Whether at every event those that end have the largest value of their risk set: the likelihood then rises for ever with the coefficient."""
        least = np.minimum.reduceat(values[self.deaths], self.tie_starts)
        return bool((least >= self.at_risk_max(values) - 1e-12).all())


def _codes(labels, name: str, n: int) -> tuple[np.ndarray, list]:
    labels = np.asarray(labels)
    if len(labels) != n:
        raise SurvivalInputError(f"{name} has {len(labels)} values for {n} spells")
    if pd.isna(labels).any():
        raise SurvivalInputError(f"{name} is missing at position {int(np.argmax(pd.isna(labels)))}")
    codes, values = pd.factorize(labels, sort=True)
    return codes, values.tolist()


def _stable_order(key: np.ndarray) -> np.ndarray:
    """Stable order of keys >= 0, by sixteen bits at a time (numpy sorts those by counting)."""
    order = np.argsort((key & 0xFFFF).astype(np.uint16), kind="stable")
    key = key >> 16
    while key.any():
        order = order[np.argsort((key & 0xFFFF).astype(np.uint16)[order], kind="stable")]
        key = key >> 16
    return order


def prepare(time, event, entry=None, strata=None, cluster=None) -> Prepared | NotEstimable:
    """Risk sets of spells, found once for many fits: `fit_prepared(prepared, design)`.

    Parameters: time and entry in whole days; event 1/0; strata and cluster: labels, one per spell, missing ones refused. Not estimable without events.
    """
    time, event, entry = check_times(time, event, entry)
    n = len(time)
    stratum, labels = (np.zeros(n, dtype=np.int64), None) if strata is None else _codes(strata, "stratum", n)
    codes = None if cluster is None else _codes(cluster, "cluster", n)[0]
    died = event == 1
    if not died.any():
        return NotEstimable("no events")
    span = int(time.max()) + 1
    out, into = (time, entry) if labels is None else (stratum * span + time, stratum * span + entry)
    top = span * (1 if labels is None else len(labels))
    if top < 4 * n + 100_000:
        there = np.bincount(out[died], minlength=top)
        key = np.flatnonzero(there)
        before = np.cumsum(there > 0)
        last, first = before[out], before[into] if labels is not None or entry.any() else np.zeros(n, dtype=np.int64)
    else:
        key = np.unique(out[died])
        last, first = np.searchsorted(key, out, side="right"), np.searchsorted(key, into, side="right")
    never = last == first
    last, first = np.where(never, 0, last), np.where(never, 0, first)
    order = _stable_order(2 * last - event)  # by exit, events before those that are censored from there on
    last, event = last[order], event[order]
    deaths = np.flatnonzero(event)
    starts = np.searchsorted(last, np.arange(1, len(key) + 1))
    ties = np.bincount(last[deaths] - 1, minlength=len(key))
    bounds = np.searchsorted(key, span * np.arange((1 if labels is None else len(labels)) + 1))
    return Prepared(
        time[order], event, entry[order], order, first[order], last, starts, deaths, ties, key % span, bounds, stratum[order], labels, None if codes is None else codes[order]
    )  # fmt: skip


# ---- The likelihood ------------------------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Point:
    """The likelihood at some coefficients. By event time: sums and means; by row: risk (up to a constant), expected number of events."""

    log_likelihood: float
    gradient: np.ndarray
    information: np.ndarray
    risk: np.ndarray
    shift: float
    expected: np.ndarray
    total: np.ndarray  # of risk over the risk set
    sums: np.ndarray  # of z times risk over the risk set, divided by the total
    dying: np.ndarray | None  # the same over the events there, if ties are Efron's
    hazard: tuple  # sums over tied events of 1/den and share/den, den being the total less the share of the dying
    weights: tuple  # the same with den divided by the total
    squares: tuple  # of 1/den^2, share/den^2, share^2/den^2, likewise: no square can overflow
    careful: bool


def _expected(data: Prepared, risk: np.ndarray, hazard: tuple, careful: bool) -> np.ndarray:
    rows = risk * data.between(hazard[0], careful)
    if hazard[1] is not None:
        rows[data.deaths] -= risk[data.deaths] * np.repeat(hazard[1], data.ties)
    return rows


def _products(z: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Sums of products of covariates, weighted by `rows`, in blocks that stay in the cache."""
    block = 16_384
    return sum((z[:, i : i + block] * rows[i : i + block]) @ z[:, i : i + block].T for i in range(0, len(rows), block))


def _means_product(sums, dying, squares) -> np.ndarray:
    """Sum over events of the outer products of the means that they are compared with."""
    a, b, c = squares
    if dying is None:
        return (sums * a) @ sums.T
    return (sums * a - dying * b) @ sums.T - (sums * b - dying * c) @ dying.T


def _at(data: Prepared, z: np.ndarray, beta: np.ndarray, offset, efron: bool, careful: bool) -> _Point:
    """Log likelihood, gradient and information at `beta` for covariates `z` (one line per term)."""
    eta = beta @ z
    if offset is not None:
        eta = eta + offset
    shift = float(eta.max())
    eta -= shift
    risk = np.exp(eta)
    sums, careful = data.at_risk_sum(z, risk, careful)
    total = sums[0]
    sums = sums[1:] / total
    log_total = data.ties @ np.log(total)
    if efron and data.tied:
        risk_dying = risk[data.deaths]
        dying = np.empty_like(sums)
        for line, found in zip(z, dying, strict=True):  # line by line, in the cache
            np.add.reduceat(risk_dying * line[data.deaths], data.tie_starts, out=found)
        dying /= total
        share = data.share
        rest = 1 - share * np.repeat(np.add.reduceat(risk_dying, data.tie_starts) / total, data.ties)
        log_total += np.log(rest).sum()
        inverse = 1 / rest
        part = share * inverse
        weights = np.add.reduceat(inverse, data.tie_starts), np.add.reduceat(part, data.tie_starts)
        squares = tuple(np.add.reduceat(one * other, data.tie_starts) for one, other in ((inverse, inverse), (part, inverse), (part, part)))
        hazard = weights[0] / total, weights[1] / total
    else:
        dying, weights, squares = None, (data.ties, None), (data.ties, None, None)
        hazard = data.ties / total, None
    expected = _expected(data, risk, hazard, careful)
    if not careful and len(data.late) and not risk[data.late] @ data.running(hazard[0])[data.late_first - 1] < _LOST * data.events:
        return _at(data, z, beta, offset, efron, True)
    gradient = z @ (data.event - expected)
    information = _products(z, expected) - _means_product(sums, dying, squares)
    return _Point(float(eta[data.deaths].sum() - log_total), gradient, information, risk, shift, expected, total, sums, dying, hazard, weights, squares, careful)


def _means(data: Prepared, point: _Point) -> np.ndarray:
    """By event time: the mean that each event there is compared with, averaged over tied events."""
    if point.dying is None:
        return point.sums
    return (point.sums * point.weights[0] - point.dying * point.weights[1]) / data.ties


def _score_rows(data: Prepared, z: np.ndarray, point: _Point) -> np.ndarray:
    """Score residuals (one line per term): each row's part in the gradient, its events less its expected events, with Efron's weights for ties."""
    a, b, c = point.squares
    means = np.repeat(_means(data, point), data.ties, axis=1)
    rows = np.empty_like(z)
    for j in range(len(z)):
        over = point.sums[j] * a if point.dying is None else point.sums[j] * a - point.dying[j] * b
        mean = data.between(over / point.total, point.careful)
        if point.dying is not None:
            mean[data.deaths] -= np.repeat((point.sums[j] * b - point.dying[j] * c) / point.total, data.ties)
        rows[j] = point.risk * mean - z[j] * point.expected
        rows[j, data.deaths] += z[j, data.deaths] - means[j]
    return rows


# ---- Models --------------------------------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class CoxModel:
    """A fitted Cox model. `coefficients` are log hazard ratios per unit of the covariate; `warnings` say what to be careful about.

    `naive_covariance` comes from the information, `robust_covariance` from clusters (None without); `covariance`, `se`, intervals and Wald tests take the robust one if there
    is one. `log_likelihood_null` is that with all coefficients 0 (and the offset); `score_statistic` the score test there.
    """

    terms: list[str]
    coefficients: np.ndarray
    naive_covariance: np.ndarray
    robust_covariance: np.ndarray | None
    log_likelihood_null: float
    log_likelihood: float
    score_statistic: float
    n: int
    events: int
    clusters: int | None
    ties: str
    confidence: float
    iterations: int
    warnings: tuple[str, ...]
    _data: Prepared = field(repr=False)
    _z: np.ndarray = field(repr=False)
    _centre: np.ndarray = field(repr=False)
    _scale: np.ndarray = field(repr=False)
    _offset: np.ndarray | None = field(repr=False)
    _careful: bool = field(repr=False)

    @property
    def covariance(self) -> np.ndarray:
        """Covariance of the coefficients: robust if there are clusters."""
        return self.naive_covariance if self.robust_covariance is None else self.robust_covariance

    @property
    def params(self) -> pd.Series:
        """Coefficients by term."""
        return pd.Series(self.coefficients, index=self.terms)

    @property
    def se(self) -> pd.Series:
        """Standard errors by term: robust if there are clusters."""
        return pd.Series(np.sqrt(np.diag(self.covariance)), index=self.terms)

    @property
    def naive_se(self) -> pd.Series:
        """Model-based standard errors by term."""
        return pd.Series(np.sqrt(np.diag(self.naive_covariance)), index=self.terms)

    @cached_property
    def _point(self) -> _Point:
        return _at(self._data, self._z, self.coefficients * self._scale, self._offset, self.ties == "efron", self._careful)

    def table(self) -> pd.DataFrame:
        """One line per term: `term, estimate, se, naive_se, lower, upper, hazard_ratio, hazard_ratio_lower, hazard_ratio_upper, statistic, p` (Wald; z and its two-sided p)."""
        estimate, se = self.coefficients, np.sqrt(np.diag(self.covariance))
        margin = ndtri(0.5 + self.confidence / 2) * se
        lower, upper = estimate - margin, estimate + margin
        statistic = estimate / se
        return pd.DataFrame(
            {
                "term": self.terms, "estimate": estimate, "se": se, "naive_se": np.sqrt(np.diag(self.naive_covariance)), "lower": lower, "upper": upper,
                "hazard_ratio": np.exp(estimate), "hazard_ratio_lower": np.exp(lower), "hazard_ratio_upper": np.exp(upper),
                "statistic": statistic, "p": 2 * ndtr(-np.abs(statistic)),
            }
        )  # fmt: skip

    def tests(self) -> pd.DataFrame:
        """Tests that all coefficients are 0: `test, statistic, df, p` for `likelihood ratio`, `wald`, `score` and, with clusters, `robust score`.

        With clusters Wald's is robust; the likelihood ratio and the plain score test assume independent spells. The robust score test is missing with fewer clusters than terms.
        """
        k = len(self.terms)
        root = np.sqrt(np.diag(self.covariance))
        ratio = self.coefficients / root
        wald = ratio @ np.linalg.pinv(self.covariance / np.outer(root, root), hermitian=True, rcond=1e-12) @ ratio
        found = {"likelihood ratio": 2 * (self.log_likelihood - self.log_likelihood_null), "wald": wald, "score": self.score_statistic}
        if self.robust_covariance is not None:
            null = _at(self._data, self._z, np.zeros(k), self._offset, self.ties == "efron", self._careful)
            scores = _by_cluster(self._data, _score_rows(self._data, self._z, null))
            meat, total = scores @ scores.T, scores.sum(axis=1)
            found["robust score"] = total @ np.linalg.solve(meat, total) if np.linalg.matrix_rank(meat, hermitian=True) == k else np.nan
        values = np.array(list(found.values()), dtype=float)
        return pd.DataFrame({"test": list(found), "statistic": values, "df": k, "p": chdtrc(k, np.maximum(values, 0))})


def _by_cluster(data: Prepared, rows: np.ndarray) -> np.ndarray:
    return np.stack([np.bincount(data.cluster, line) for line in rows])


def _design(design: pd.DataFrame, n: int) -> tuple[list[str], np.ndarray]:
    """Names and values (one line per term) of a design, or SurvivalInputError."""
    terms = [str(column) for column in design.columns]
    if not terms:
        raise SurvivalInputError("the design has no columns")
    if len(set(terms)) < len(terms):
        raise SurvivalInputError(f"the design has two columns {next(term for term in terms if terms.count(term) > 1)}")
    if len(design) != n:
        raise SurvivalInputError(f"the design has {len(design)} rows for {n} spells")
    try:
        x = design.to_numpy(dtype=float).T
    except (TypeError, ValueError):
        raise SurvivalInputError("the design is not a number everywhere: missing values are not allowed, and categories must be 0/1 columns") from None
    if not np.isfinite(x).all():
        term, position = (int(i) for i in np.argwhere(~np.isfinite(x))[0])
        raise SurvivalInputError(f"{terms[term]} is missing or infinite at position {position}")
    return terms, x


def _standardised(data: Prepared, terms: list[str], x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | NotEstimable:
    """Covariates in order of exit, centred and scaled over the rows that are at risk at some event, with centre and scale."""
    z = np.ascontiguousarray(np.take(x, data.order, axis=1))
    used = z if data.ever is None else z[:, data.ever]
    centre = used.mean(axis=1)
    z -= centre[:, None]
    used = z if data.ever is None else z[:, data.ever]
    scale = np.sqrt(np.einsum("ij,ij->i", used, used) / used.shape[1])
    constant = scale <= 1e-13 * np.abs(centre)
    if constant.any():
        return NotEstimable(f"{_listed(terms, constant)} does not vary among the spells that are at risk at some event")
    z /= scale[:, None]
    if data.ever is not None:
        z[:, ~data.ever] = 0  # never compared with anything; their values must not decide about the range of the exponential
    return z, centre, scale


def _listed(terms: list[str], chosen) -> str:
    return ", ".join(term for term, one in zip(terms, chosen, strict=True) if one)


def _flat(terms: list[str], information: np.ndarray, events: int) -> NotEstimable | None:
    """Covariates about which the null model has no information: constant in every risk set, or a linear combination of others."""
    size = np.diag(information)
    constant = ~(size > _FLAT * events)
    if constant.any():
        return NotEstimable(f"{_listed(terms, constant)} does not vary within any risk set in which an event happens")
    root = np.sqrt(size)
    correlation = information / np.outer(root, root)
    try:
        if (np.diag(np.linalg.cholesky(correlation)) ** 2 > _FLAT).all():
            return None
    except np.linalg.LinAlgError:
        pass
    for j in range(1, len(terms)):
        weight = np.linalg.lstsq(correlation[:j, :j], correlation[:j, j], rcond=1e-12)[0]
        if 1 - correlation[:j, j] @ weight <= 2 * _FLAT:
            return NotEstimable(f"{terms[j]} is a linear combination of {_listed(terms[:j], np.abs(weight) > 1e-6)}")
    return NotEstimable(f"the covariates {', '.join(terms)} are collinear")


def _separated(data: Prepared, terms: list[str], z: np.ndarray, point: _Point) -> NotEstimable | None:
    """Covariates of which, at every event, those that end have the largest (or smallest) value in the risk set."""
    apart = z[:, data.deaths] - np.repeat(point.sums, data.ties, axis=1)  # of one sign only if separated: quick, and nearly always the end of it
    for sign, words, candidates in ((1, "largest", apart.min(axis=1) >= -1e-9), (-1, "smallest", apart.max(axis=1) <= 1e-9)):
        for j in np.flatnonzero(candidates):
            if data.always_largest(sign * z[j]):
                return NotEstimable(f"monotone likelihood: at every event {terms[j]} is {words} among the spells at risk, so its coefficient has no finite estimate")
    return None


def _drifting(terms: list[str], z: np.ndarray, direction: np.ndarray, iteration: int) -> NotEstimable:
    """Words for a likelihood that keeps rising along a direction."""
    reach = np.abs(direction) * np.ptp(z, axis=1)
    named = _listed(terms, reach >= 0.1 * reach.max())
    return NotEstimable(f"monotone likelihood: after {iteration} iterations it still rises with {named}, whose coefficients have no finite estimate")


def _stuck(terms: list[str], z: np.ndarray, point: _Point, size: np.ndarray, iteration: int) -> NotEstimable:
    """Words for a maximum that was not found: the likelihood has become flat in some direction, or something else."""
    values, vectors = np.linalg.eigh(point.information / np.outer(size, size))
    if values[0] < 1e-5:
        return _drifting(terms, z, vectors[:, 0] / size, iteration)
    return NotEstimable(f"the likelihood did not converge in {iteration} iterations")


def _maximum(data: Prepared, terms, z, start: _Point, offset, efron: bool):
    """Newton with step halving from 0: coefficients, the likelihood there, iterations; or NotEstimable."""
    beta, point, size, before = np.zeros(len(terms)), start, np.sqrt(np.diag(start.information)), np.inf
    for iteration in range(1, MAX_ITERATIONS + 1):
        try:
            np.linalg.cholesky(point.information)
            step = np.linalg.solve(point.information, point.gradient)
        except np.linalg.LinAlgError:
            return _stuck(terms, z, point, size, iteration)
        gain = float(point.gradient @ step)
        if gain < 1e-20 or before < 1e-12:  # the gain is squared with every step: what is left after so small a one is rounding
            return beta, point, iteration
        if gain < 1e-8 and np.abs(step @ z).max() > 0.1:
            return _drifting(terms, z, step, iteration)
        for _ in range(40):
            new = _at(data, z, beta + step, offset, efron, point.careful)
            if new.log_likelihood >= point.log_likelihood - 1e-13 - 1e-12 * abs(point.log_likelihood) and np.isfinite(new.information).all():
                break
            step = step / 2
        else:
            if gain < 1e-9:
                return beta, point, iteration
            return _stuck(terms, z, point, size, iteration)
        beta, point, before = beta + step, new, gain
    return _stuck(terms, z, point, size, MAX_ITERATIONS)


def fit_prepared(
    data: Prepared | NotEstimable, design: pd.DataFrame, ties: str = "efron", offset=None, confidence: float = 0.95,
    events_per_parameter: float = EVENTS_PER_PARAMETER, refused_events_per_parameter: float = REFUSED_EVENTS_PER_PARAMETER,
) -> CoxModel | NotEstimable:  # fmt: skip
    """Cox model on prepared spells.

    Parameters: what `prepare` gave (with its strata and clusters); design without constant, one numeric column per term, rows in the order of the spells; `efron` or `breslow`;
    offset on the scale of the log hazard; level of the intervals; events per parameter below which the model carries a warning, and below which it is refused.
    Raises SurvivalInputError for missing values. Not estimable without events, with too few of them, with a covariate that is constant in all risk sets or collinear, or if
    the likelihood has no finite maximum: the reason names the covariate.
    """
    if ties not in ("efron", "breslow"):
        raise ValueError(f"ties must be efron or breslow, not {ties}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1, not {confidence}")
    if isinstance(data, NotEstimable):
        return data
    terms, x = _design(design, data.n)
    if offset is not None:
        offset = np.asarray(offset, dtype=float)
        if offset.shape != (data.n,) or not np.isfinite(offset).all():
            raise SurvivalInputError("the offset must be a finite number for every spell")
        offset = offset[data.order]
    if data.events < refused_events_per_parameter * len(terms):
        return NotEstimable(f"{data.events} events for {len(terms)} parameters: fewer than {refused_events_per_parameter:g} per parameter")
    scaled = _standardised(data, terms, x)
    if isinstance(scaled, NotEstimable):
        return scaled
    z, centre, scale = scaled
    efron = ties == "efron"
    with np.errstate(divide="ignore", invalid="ignore"):
        start = _at(data, z, np.zeros(len(terms)), offset, efron, False)
    if not np.isfinite(start.log_likelihood):
        return NotEstimable("the offset spans more than the exponential function can hold")
    fault = _flat(terms, start.information, data.events) or _separated(data, terms, z, start)
    if fault is not None:
        return fault
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # a step too far is halved
        found = _maximum(data, terms, z, start, offset, efron)
    if isinstance(found, NotEstimable):
        return found
    beta, point, iterations = found
    inverse = np.linalg.inv(point.information)
    units = np.outer(scale, scale)
    robust, clusters, notes = None, None, []
    if data.events < events_per_parameter * len(terms):
        notes.append(f"{data.events} events for {len(terms)} parameters: fewer than {events_per_parameter:g} per parameter")
    if data.cluster is not None:
        influence = inverse @ _by_cluster(data, _score_rows(data, z, point))
        robust, clusters = influence @ influence.T / units, influence.shape[1]
        if clusters <= len(terms):
            notes.append(f"{clusters} clusters for {len(terms)} parameters: the robust covariance is singular")
    score = float(start.gradient @ np.linalg.solve(start.information, start.gradient))
    return CoxModel(
        terms, beta / scale, inverse / units, robust, start.log_likelihood, point.log_likelihood, score, data.n, data.events, clusters, ties, confidence, iterations,
        tuple(notes), data, z, centre, scale, offset, point.careful,
    )  # fmt: skip


def fit(
    time, event, design: pd.DataFrame, entry=None, strata=None, cluster=None, ties: str = "efron", offset=None, confidence: float = 0.95,
    events_per_parameter: float = EVENTS_PER_PARAMETER, refused_events_per_parameter: float = REFUSED_EVENTS_PER_PARAMETER,
) -> CoxModel | NotEstimable:  # fmt: skip
    """Cox model of spells: `prepare` and `fit_prepared` in one call; see there for parameters, errors and what is not estimable."""
    return fit_prepared(prepare(time, event, entry, strata, cluster), design, ties, offset, confidence, events_per_parameter, refused_events_per_parameter)


# ---- After the fit -------------------------------------------------------------------------------------------------------------------------------------------------


def residuals(model: CoxModel, kind: str = "martingale") -> pd.Series | pd.DataFrame:
    """Residuals of a model, as R's `residuals.coxph` defines them under the same ties (Therneau and Grambsch 2000).

    `martingale` and `deviance`: one value per spell. `score` (part in the gradient), `dfbeta` (change of the coefficients without the spell, approximately) and `dfbetas` (in
    model-based standard errors): a column per term. `schoenfeld` (covariate less its mean over the risk set) and `scaled_schoenfeld` (coefficient plus the former times events
    times covariance): a line per event, by stratum and time, indexed by the position of the spell. The others are in the order of the spells.
    """
    if kind not in _RESIDUALS:
        raise ValueError(f"residuals must be one of {', '.join(_RESIDUALS)}, not {kind}")
    data, z, point = model._data, model._z, model._point
    if kind in ("martingale", "deviance"):
        sorted_rows = data.event - point.expected
        if kind == "deviance":
            with np.errstate(divide="ignore", invalid="ignore"):
                inner = sorted_rows + np.where(data.event == 1, np.log(np.where(data.event == 1, point.expected, 1)), 0)
            sorted_rows = np.sign(sorted_rows) * np.sqrt(np.maximum(-2 * inner, 0))
        rows = np.empty(data.n)
        rows[data.order] = sorted_rows
        return pd.Series(rows, name=kind)
    if kind in ("schoenfeld", "scaled_schoenfeld"):
        apart = (z[:, data.deaths] - np.repeat(_means(data, point), data.ties, axis=1)) * model._scale[:, None]
        if kind == "scaled_schoenfeld":
            apart = model.coefficients[:, None] + model.events * (model.naive_covariance @ apart)
        return pd.DataFrame(apart.T, index=pd.Index(data.order[data.deaths], name="position"), columns=model.terms)
    scores = _score_rows(data, z, point) * model._scale[:, None]
    if kind != "score":
        scores = model.naive_covariance @ scores
    if kind == "dfbetas":
        scores = scores / np.sqrt(np.diag(model.naive_covariance))[:, None]
    rows = np.empty((data.n, len(model.terms)))
    rows[data.order] = scores.T
    return pd.DataFrame(rows, columns=model.terms)


def baseline(model: CoxModel) -> pd.DataFrame:
    """Cumulative baseline hazard at all covariates 0 and offset 0, at every distinct exit time of each stratum.

    Returns `time_days, n_at_risk, n_event, hazard, cumulative_hazard`, with `stratum` in front if there are strata. Ties as in the model (Efron or Breslow), as R's
    `basehaz(centered = FALSE)`. Where covariates are far from 0 the hazard at 0 extrapolates and can be huge, even infinite, or tiny: centre them.
    """
    data, point = model._data, model._point
    with np.errstate(over="ignore"):
        step = np.exp(np.log(point.hazard[0]) - (point.shift + model.coefficients @ model._centre))
    frames = []
    for code in range(1 if data.strata is None else len(data.strata)):
        mine = data.stratum == code
        time = np.sort(data.time[mine])
        distinct, before = np.unique(time, return_index=True)
        not_yet = mine.sum() - np.searchsorted(np.sort(data.entry[mine]), distinct, side="left")
        events = np.bincount(np.searchsorted(distinct, data.time[mine & (data.event == 1)]), minlength=len(distinct))
        hazard = np.zeros(len(distinct))
        numbers = np.unique(data.last[mine & (data.event == 1)]) - 1
        hazard[events > 0] = step[numbers]
        frame = pd.DataFrame(
            {"time_days": distinct, "n_at_risk": mine.sum() - before - not_yet, "n_event": events, "hazard": hazard, "cumulative_hazard": np.cumsum(hazard)}
        )  # fmt: skip
        frames.append(frame if data.strata is None else frame.assign(stratum=data.strata[code])[["stratum", *frame.columns]])
    return pd.concat(frames, ignore_index=True)


def _clock(data: Prepared, transform) -> np.ndarray:
    """Transformed time by event time, before centring."""
    days = data.event_time
    if callable(transform):
        return np.asarray(transform(days.astype(float)), dtype=float)
    if transform == "identity":
        return days.astype(float)
    if transform == "log":
        return np.log(days)
    if transform == "rank":
        exits = np.sort(data.time)
        return (np.searchsorted(exits, days, side="left") + 1 + np.searchsorted(exits, days, side="right")) / 2
    if transform == "km":
        curve = kaplan_meier(data.time, data.event, data.entry)
        before = np.searchsorted(curve["time_days"], days, side="left")
        return 1 - np.concatenate(([1.0], curve["survival"]))[before]
    raise ValueError(f"transform must be one of {', '.join(_TRANSFORMS)} or a function of days, not {transform}")


def ph_test(model: CoxModel, transform="km", groups: dict[str, list[str]] | None = None) -> pd.DataFrame:
    """Score test of proportional hazards: that no coefficient changes with transformed time (the full score test of R's `cox.zph` from survival 3.0 on).

    Not the older approximation from scaled Schoenfeld residuals (Grambsch and Therneau 1994; lifelines, survival before 3.0): its numbers differ. Independent spells are assumed,
    clusters or not.
    Parameters: `km` (1 less Kaplan-Meier just before t, over all strata), `identity`, `rank` (of exit times), `log`, or a function of an array of days; `groups`: columns that are
    tested together by name (the dummies of a factor), by default each column by itself.
    Returns `term, statistic, df, p, reason`, the last line `GLOBAL`; a test that the data cannot give is missing with its reason.
    """
    data, z, point = model._data, model._z, model._point
    groups = {term: [term] for term in model.terms} if groups is None else groups
    unknown = [column for columns in groups.values() for column in columns if column not in model.terms]
    if unknown:
        raise ValueError(f"no such term: {unknown[0]}")
    clock = _clock(data, transform)
    clock = clock - np.repeat(clock, data.ties).mean()
    spread = np.abs(clock).max()
    k = len(model.terms)
    reason = "all events happen at one time" if spread == 0 else "the transformed time is not finite" if not np.isfinite(spread) else None
    information, gradient = np.zeros((2 * k, 2 * k)), np.zeros(k)
    if reason is None:
        clock = clock / spread
        blocks = []
        for power in range(3):
            weight = clock**power
            hazard, squares = (tuple(None if part is None else part * weight for part in parts) for parts in (point.hazard, point.squares))
            rows = _expected(data, point.risk, hazard, point.careful)
            blocks.append(_products(z, rows) - _means_product(point.sums, point.dying, squares))
        information = np.block([[blocks[0], blocks[1]], [blocks[1], blocks[2]]])
        gradient = (z[:, data.deaths] - np.repeat(_means(data, point), data.ties, axis=1)) @ np.repeat(clock, data.ties)
    lines = []
    for name, columns in [*groups.items(), ("GLOBAL", model.terms)]:
        at = [model.terms.index(column) for column in columns]
        keep = [*range(k), *(k + j for j in at)]
        line = {"term": name, "statistic": np.nan, "df": len(at), "p": np.nan, "reason": reason}
        if reason is None:
            part = information[np.ix_(keep, keep)]
            root = np.sqrt(np.maximum(np.diag(part), 1e-300))
            score = np.concatenate((np.zeros(k), gradient[at])) / root
            part = part / np.outer(root, root)
            if np.linalg.eigvalsh(part)[0] <= 1e-10:
                line["reason"] = "too few events to tell a change over time from the covariates"
            else:
                statistic = float(score @ np.linalg.solve(part, score))
                line |= {"statistic": statistic, "p": float(chdtrc(len(at), statistic))}
        lines.append(line)
    return pd.DataFrame(lines).astype({"reason": object})


# ---- Concordance ---------------------------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Concordance:
    """Pairs of an event and a spell that outlasts it: how often the model gave the former the higher risk. `value` counts tied risks half; NaN without pairs."""

    value: float
    concordant: int
    discordant: int
    tied_risk: int


def _below(ranks: np.ndarray, length: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """How many of the first `length` of `ranks` are below `limit`, for many pairs of the two at once (wavelet matrix: one pass per bit)."""
    found, left, right = np.zeros(len(length), dtype=np.int64), np.zeros_like(length), length
    for bit in reversed(range(max(int(ranks.max(initial=0)), int(limit.max(initial=0))).bit_length())):
        low = (ranks >> bit & 1) == 0
        lows = np.concatenate(([0], np.cumsum(low)))
        low_left, low_right, above = lows[left], lows[right], (limit >> bit & 1) == 1
        found += np.where(above, low_right - low_left, 0)
        left, right = np.where(above, lows[-1] + left - low_left, low_left), np.where(above, lows[-1] + right - low_right, low_right)
        ranks = np.concatenate((ranks[low], ranks[~low]))
    return found


def concordance(model: CoxModel) -> Concordance:
    """Harrell's concordance within strata, with (entry, time] risk sets; a spell censored on the day of an event outlasts it, two events on one day are no pair (as R)."""
    data = model._data
    eta = model.coefficients * model._scale @ model._z + (0 if model._offset is None else model._offset)
    risk = np.unique(np.round(eta, 10), return_inverse=True)[1]
    number = data.last[data.deaths] - 1
    mine = risk[data.deaths]
    after = data.n - (data.starts + data.ties)[number]  # rows that leave later, or there without event
    entering = np.flatnonzero(data.first)  # in later strata too: all that leave later are counted above
    waiting, firsts = entering[np.argsort(-data.first[entering], kind="stable")], np.sort(data.first[entering])
    late = len(entering) - np.searchsorted(firsts, number, side="right")  # rows that enter later
    counts = []
    for limit in (mine, mine + 1):
        counts.append(_below(risk[::-1], after, limit) - _below(risk[waiting], late, limit))
    lower, tied = int(counts[0].sum()), int((counts[1] - counts[0]).sum())
    pairs = int((after - late).sum())
    return Concordance((lower + tied / 2) / pairs if pairs else float("nan"), lower, pairs - lower - tied, tied)


# ---- Effects that change with time ---------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Episodes:
    """Spells cut into episodes: arrays for `fit`. `position` is that of the spell (cluster on it, or index strata with it)."""

    position: np.ndarray
    time: np.ndarray
    event: np.ndarray
    entry: np.ndarray
    interval: np.ndarray  # how many cut points lie before the episode
    design: pd.DataFrame


def split(time, event, design: pd.DataFrame, entry=None, cuts=None) -> Episodes:
    """Spells cut at days (R's `survSplit`), by default at every day on which one ends; covariates are carried along, the event stays with the last episode.

    A model of the episodes equals that of the spells. Raises SurvivalInputError if there would be more than 50 million episodes: give cut points.
    """
    time, event, entry = check_times(time, event, entry)
    if len(design) != len(time):
        raise SurvivalInputError(f"the design has {len(design)} rows for {len(time)} spells")
    cuts = np.unique(time[event == 1] if cuts is None else np.asarray(cuts))
    if (cuts % 1 != 0).any():
        raise SurvivalInputError("cut points must be whole days")
    cuts = cuts.astype(np.int64)
    low, high = np.searchsorted(cuts, entry, side="right"), np.searchsorted(cuts, time, side="left")
    pieces = high - low + 1
    if pieces.sum() > MAX_EPISODES:
        raise SurvivalInputError(f"{pieces.sum()} episodes are more than {MAX_EPISODES}: give fewer cut points")
    position = np.repeat(np.arange(len(time)), pieces)
    ends = np.cumsum(pieces) - 1
    interval = np.arange(len(position)) - np.repeat(ends - pieces + 1, pieces) + np.repeat(low, pieces)
    starts_at, stops_at = np.concatenate(([0], cuts))[interval], np.concatenate((cuts, [0]))[interval]
    starts_at[ends - pieces + 1], stops_at[ends] = entry, time
    happened = np.zeros(len(position), dtype=np.int64)
    happened[ends] = event
    return Episodes(position, stops_at, happened, starts_at, interval, design.iloc[position].reset_index(drop=True))


def time_interaction(time, event, design: pd.DataFrame, term: str, function, entry=None, cuts=None, name: str | None = None) -> Episodes:
    """Episodes with one more column: `term` times `function` of days, for an effect that changes with time (R's `tt()` and `survSplit`).

    Without cut points spells are cut at every day on which one ends and the function is given that day: exact for any function. With cut points the function is given the cut
    point before the episode (0 before the first), so that the effect is constant between them. `function` takes and gives an array; the column is called `name`, by default
    `<term>:time`. The coefficient of `term` is then the effect where the function is 0, that of the new column its change per unit of the function.
    """
    if term not in design.columns:
        raise SurvivalInputError(f"the design has no column {term}")
    episodes = split(time, event, design, entry, cuts)
    if cuts is None:
        day = np.unique(np.asarray(time)[np.asarray(event) == 1])  # an episode that ends in censoring is at risk at no event: any finite value does
        clock = np.append(day, day[-1:] if len(day) else 0)[np.minimum(episodes.interval, len(day))]
    else:
        clock = np.concatenate(([0], np.unique(np.asarray(cuts))))[episodes.interval]
    column = name or f"{term}:time"
    if column in design.columns:
        raise SurvivalInputError(f"the design already has a column {column}")
    values = np.asarray(function(clock.astype(float)), dtype=float)
    return Episodes(
        episodes.position, episodes.time, episodes.event, episodes.entry, episodes.interval, episodes.design.assign(**{column: episodes.design[term].to_numpy(float) * values})
    )  # fmt: skip
