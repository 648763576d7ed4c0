"""All estimands by name. The modules that hold them import `estimands` for its types, so that the registry stands above them."""

from coalitions import estimands, estimands_duration, estimands_fragmentation, estimands_launches, estimands_mandates, estimands_network, estimands_overlap

ESTIMANDS = (
    estimands.ESTIMANDS
    | estimands_duration.ESTIMANDS_DURATION
    | estimands_launches.ESTIMANDS_LAUNCHES
    | estimands_mandates.ESTIMANDS_MANDATES
    | estimands_overlap.ESTIMANDS_OVERLAP
    | estimands_fragmentation.ESTIMANDS_FRAGMENTATION
    | estimands_network.ESTIMANDS_NETWORK
)
# Estimands that take imprecise dates in as intervals: draws of dates could not move them, and a share of draws would say nothing.
DATES_INSIDE = frozenset({"start_delay"})
