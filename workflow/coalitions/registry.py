"""All estimands by name. The modules that hold them import `estimands` for its types, so that the registry stands above them."""

from coalitions import estimands, estimands_duration

ESTIMANDS = estimands.ESTIMANDS | estimands_duration.ESTIMANDS_DURATION
