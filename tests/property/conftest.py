"""How hard Hypothesis looks: HYPOTHESIS_PROFILE is fast (while working), ci (the same examples every time) or nightly."""

import os

from hypothesis import HealthCheck, settings

# No deadlines: generated code is compiled in the middle of an example, and machines are shared.
settings.register_profile("fast", max_examples=25, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, database=None, print_blob=True)
settings.register_profile(
    "nightly", max_examples=100_000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
