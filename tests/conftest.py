"""What holds for all tests."""

from hypothesis import settings

# How long an example takes is a matter for bench/, not for a test on a busy machine.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
