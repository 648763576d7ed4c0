"""Settings of the property tests: the same examples on every machine, few enough to be quick."""

from hypothesis import HealthCheck, settings

settings.register_profile("house", max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
