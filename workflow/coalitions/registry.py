"""All estimands by name. The modules that hold them import `estimands` for its types, so that the registry stands above them."""

from coalitions import estimands, estimands_duration

ESTIMANDS = estimands.ESTIMANDS | estimands_duration.ESTIMANDS_DURATION
# Estimands that take imprecise dates in as intervals: draws of dates could not move them, and a share of draws would say nothing.
DATES_INSIDE = frozenset({"start_delay"})
