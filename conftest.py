"""For all tests: Hypothesis sets no time limits, as machines are shared and their speed is not what is tested."""

from hypothesis import settings

settings.register_profile("untimed", parent=settings.default, deadline=None)
settings.load_profile("untimed")
