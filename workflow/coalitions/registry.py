"""All estimands by name, for who wants them all; a job loads the one that it needs with `estimands.load`."""

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
