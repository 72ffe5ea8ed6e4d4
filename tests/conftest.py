"""Settings of all tests; being here also makes the helpers beside it (builders, strategies, ...) importable."""

from hypothesis import settings

# Time limits per example fail on a busy machine, not on slow code.
settings.register_profile("fieldops", deadline=None)
settings.load_profile("fieldops")
